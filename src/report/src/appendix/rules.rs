//! What the records of a run say of each rule: one pass over findings, gaps and
//! exchanges.

use super::{Beside, Ids, Unseen};
use crate::counts::Counts;
use crate::data::{ReportData, ReportError};
use crate::outward::{self, Digests, number};
use crate::overview::GapGroup;
use indexmap::{IndexMap, IndexSet};
use shoseki_model::{Finding, Verdict};
use std::collections::{BTreeSet, HashMap};

/// Ids of findings that are named of each outcome, and ids of gaps of each group.
const NAMED: usize = 20;
const NAMED_GAPS: usize = 3;

/// What there is of one rule.
#[derive(Default)]
pub(crate) struct RuleEvidence {
    pub(crate) counts: Counts,
    pub(crate) fail: Ids,
    pub(crate) unknown: Ids,
    pub(crate) excepted: Ids,
    /// Exchanges behind its findings, by the digits of their ids.
    pub(crate) exchanges: BTreeSet<u128>,
    /// Gaps that hurt it, by the digits of their ids.
    pub(crate) gaps: BTreeSet<u128>,
    pub(crate) population_sha256: Option<String>,
    pub(crate) exchanges_sha256: Option<String>,
}

impl Ids {
    fn push(&mut self, id: &str) {
        self.count += 1;
        match self.ids.len() < NAMED {
            true => self.ids.push(id.to_owned()),
            false => self.more += 1,
        }
    }

    /// Those of another rule after these.
    pub(super) fn append(&mut self, other: &Self) {
        self.count += other.count;
        let room = NAMED - self.ids.len().min(NAMED);
        self.ids.extend(other.ids.iter().take(room).cloned());
        self.more = self.count - self.ids.len() as u64;
    }
}

impl RuleEvidence {
    fn add(&mut self, f: &Finding) {
        self.counts.add(f);
        match (f.verdict, &f.excepted) {
            (Verdict::Fail, None) => self.fail.push(&f.id),
            (Verdict::Fail, Some(_)) => self.excepted.push(&f.id),
            (Verdict::Unknown, _) => self.unknown.push(&f.id),
            _ => {}
        }
        let exchanges = outward::exchanges(f);
        self.exchanges
            .extend(exchanges.into_iter().filter_map(number));
        self.gaps.extend(f.gaps.iter().filter_map(|g| number(g)));
    }
}

/// By rule, in the order of the run's rules; rules of findings that are not there
/// come after them.
pub(super) fn read(
    data: &ReportData<'_>,
    beside: &Beside,
    digests: &Digests,
) -> Result<IndexMap<String, RuleEvidence>, ReportError> {
    let mut out: IndexMap<String, RuleEvidence> = data
        .rules
        .keys()
        .map(|id| (id.clone(), RuleEvidence::default()))
        .collect();
    for f in data.findings.records()? {
        let f = f?;
        match out.get_mut(&f.rule) {
            Some(of) => of.add(&f),
            None => out.entry(f.rule.clone()).or_default().add(&f),
        }
    }
    let mut broken: HashMap<(&str, &str, &str), &[String]> = HashMap::new();
    for p in data.populations.iter().filter(|p| !p.gaps.is_empty()) {
        broken.insert((&p.r#type, &p.account, &p.region), &p.gaps);
    }
    for t in &data.tallies {
        let of = out.entry(t.rule.clone()).or_default();
        let scope = (t.r#type.as_str(), t.account.as_str(), t.region.as_str());
        let gaps = broken.get(&scope).into_iter().copied().flatten();
        of.gaps
            .extend(gaps.chain(&t.gaps).filter_map(|g| number(g)));
    }
    for (id, of) in &mut out {
        of.population_sha256 = beside.populations.rules.get(id).cloned();
        if !of.exchanges.is_empty() {
            let lines = exchange_lines(of, digests);
            of.exchanges_sha256 = Some(shoseki_model::digest(lines.as_bytes()));
        }
    }
    Ok(out)
}

/// The exchanges of a rule, one a line in the order of their bytes: id, a space,
/// SHA-256 of the answer's stored bytes, or `-` where no answer came.
pub(crate) fn exchange_lines(of: &RuleEvidence, digests: &Digests) -> String {
    let mut out = String::with_capacity(of.exchanges.len() * 88);
    for x in &of.exchanges {
        let id = short_id('x', *x);
        let sha256 = digests.of(&id);
        out.push_str(&id);
        out.push(' ');
        out.push_str(sha256.as_deref().unwrap_or("-"));
        out.push('\n');
    }
    out
}

/// A short id from its digits.
pub(crate) fn short_id(prefix: char, digits: u128) -> String {
    format!("{prefix}{digits:020x}")
}

/// Gaps by what they have in common.
pub(super) struct Gaps {
    groups: IndexSet<GapGroup>,
    of: HashMap<u128, usize>,
}

impl Gaps {
    pub(super) fn read(data: &ReportData<'_>) -> Result<Self, ReportError> {
        let (mut groups, mut of) = (IndexSet::new(), HashMap::new());
        for g in data.gaps.records()? {
            let g = g?;
            if let Some(id) = number(&g.id) {
                of.insert(id, groups.insert_full(GapGroup::of(&g)).0);
            }
        }
        Ok(Self { groups, of })
    }

    /// What these gaps say, the most frequent group first.
    ///
    /// # Errors
    /// A gap of which there is no record.
    pub(super) fn grouped(&self, gaps: &BTreeSet<u128>) -> Result<Vec<Unseen>, ReportError> {
        let mut by: IndexMap<usize, (u64, Vec<String>)> = IndexMap::new();
        for g in gaps {
            let Some(group) = self.of.get(g) else {
                let id = short_id('g', *g);
                return Err(ReportError::read(format!(
                    "there is no record of the gap {id}"
                )));
            };
            let (count, ids) = by.entry(*group).or_default();
            *count += 1;
            if ids.len() < NAMED_GAPS {
                ids.push(short_id('g', *g));
            }
        }
        let mut out: Vec<Unseen> = by
            .into_iter()
            .filter_map(|(group, (count, ids))| {
                let g = self.groups.get_index(group)?;
                Some(Unseen {
                    cause: g.cause,
                    call: g.call.clone(),
                    permissions: g.permissions.clone(),
                    r#type: g.r#type.clone(),
                    part: g.part.clone(),
                    count,
                    ids,
                })
            })
            .collect();
        out.sort_by(|a, b| {
            let key = |u: &Unseen| (u.cause, u.call.clone(), u.r#type.clone(), u.part.clone());
            b.count.cmp(&a.count).then_with(|| key(a).cmp(&key(b)))
        });
        Ok(out)
    }
}
