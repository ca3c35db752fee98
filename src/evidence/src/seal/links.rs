//! Whether all that records name is there, and whether numbers add up.

use super::report::{About, SealReport, problem};
use crate::check::Problem;
use crate::error::Error;
use crate::files::Kind;
use crate::read::Run;
use shoseki_model::{Finding, Gap, Population, Resource, Sight, Tally};
use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::path::Path;

/// Problems that are told; more would only repeat them.
const TOLD: usize = 100;

/// Stands for a gap where nothing was asked for; no record belongs to it.
pub(super) const NOT_ASKED: &str = "not-asked";

/// A resource in a run.
pub(super) type Key = (String, String, String, String);

pub(super) fn key(r: &Resource) -> Key {
    (
        r.r#type.clone(),
        r.id.clone(),
        r.account.clone(),
        r.region.clone(),
    )
}

pub(super) fn key_of(f: &Finding) -> Key {
    let r = &f.resource;
    (
        r.r#type.clone(),
        r.id.clone(),
        r.account.clone(),
        r.region.clone(),
    )
}

/// What is there to be named.
#[derive(Debug, Default)]
pub(super) struct Known {
    pub(super) exchanges: HashSet<String>,
    pub(super) gaps: HashSet<String>,
    pub(super) resources: HashSet<Key>,
    /// Populations that must be there: type, account, scope.
    scopes: BTreeSet<(String, String, String)>,
    pub(super) problems: Vec<Problem>,
}

impl Known {
    fn tell(&mut self, kind: Kind, message: String) {
        if self.problems.len() < TOLD {
            self.problems.push(problem(kind.file(), message));
        }
    }

    fn named(&mut self, kind: Kind, by: &str, exchanges: &[String], gaps: &[String]) {
        let lost = |known: &HashSet<String>, ids: &[String]| -> Vec<String> {
            ids.iter()
                .filter(|id| !known.contains(*id))
                .cloned()
                .collect()
        };
        for id in lost(&self.exchanges, exchanges) {
            self.tell(
                kind,
                format!("{by} rests on the exchange {id}, which is not there"),
            );
        }
        for id in lost(&self.gaps, gaps) {
            self.tell(kind, format!("{by} names the gap {id}, which is not there"));
        }
    }

    pub(super) fn resource(&mut self, r: &Resource) {
        for ids in r.sources.values() {
            self.named(Kind::Resources, &r.id, ids, &[]);
        }
        let gaps: Vec<String> = r.unseen.values().cloned().collect();
        self.named(Kind::Resources, &r.id, &[], &gaps);
        self.resources.insert(key(r));
        self.scopes
            .insert((r.r#type.clone(), r.account.clone(), r.scope.clone()));
    }

    pub(super) fn gap(&mut self, g: &Gap) {
        self.named(Kind::Gaps, &g.id, g.exchange.as_slice(), &[]);
    }

    pub(super) fn population(&mut self, p: &Population) {
        let by = format!(
            "the population {} of {} in {}",
            p.r#type, p.account, p.region
        );
        self.named(Kind::Populations, &by, &p.query, &p.gaps);
        self.scopes
            .remove(&(p.r#type.clone(), p.account.clone(), p.region.clone()));
    }

    /// What was found, after all populations.
    pub(super) fn finish(mut self) -> Vec<Problem> {
        for (r#type, account, region) in std::mem::take(&mut self.scopes) {
            let what = format!(
                "the population {} of {account} in {region} is not there",
                r#type
            );
            self.tell(Kind::Populations, what);
        }
        self.problems
    }

    pub(super) fn finding(&mut self, f: &Finding) {
        for o in &f.observed {
            self.named(Kind::Findings, &f.id, &o.exchanges, &[]);
            if let Sight::Unseen(gap) = &o.sight
                && gap != NOT_ASKED
            {
                self.named(Kind::Findings, &f.id, &[], std::slice::from_ref(gap));
            }
        }
        self.named(Kind::Findings, &f.id, &[], &f.gaps);
        if !self.resources.contains(&key_of(f)) {
            self.tell(
                Kind::Findings,
                format!("{} is of a resource that is not there", f.id),
            );
        }
    }

    pub(super) fn tally(&mut self, t: &Tally) {
        let by = format!("the tally of {} over {} in {}", t.rule, t.account, t.region);
        if adds_up(t) != Some(t.enumerated) {
            self.tell(Kind::Tallies, format!("{by} does not add up"));
        }
        self.named(Kind::Tallies, &by, &[], &t.gaps);
    }
}

fn adds_up(t: &Tally) -> Option<u64> {
    [t.fail, t.unknown, t.excepted, t.not_applicable]
        .iter()
        .try_fold(t.pass, |sum, n| sum.checked_add(*n))
}

/// Findings by rule and account, as findings and as tallies count them.
pub(super) type Numbers = BTreeMap<(String, String), u64>;

fn read(dir: &Path, known: &mut Known) -> Result<(), Error> {
    let run = Run::open(dir)?;
    for x in run.exchanges()? {
        known.exchanges.insert(x?.id);
    }
    for g in run.gaps()? {
        let g = g?;
        known.gap(&g);
        known.gaps.insert(g.id);
    }
    for r in run.resources()? {
        known.resource(&r?);
    }
    for p in run.populations()? {
        known.population(&p?);
    }
    let (mut found, mut counted) = (Numbers::new(), Numbers::new());
    for f in run.findings()? {
        let f = f?;
        known.finding(&f);
        *found.entry((f.rule, f.resource.account)).or_default() += 1;
    }
    for t in run.tallies()? {
        let t = t?;
        known.tally(&t);
        let n = counted.entry((t.rule, t.account)).or_default();
        *n = n.saturating_add(t.enumerated);
    }
    counted.retain(|_, n| *n > 0);
    if found != counted {
        known.tell(
            Kind::Tallies,
            "the tallies count other findings than there are".to_owned(),
        );
    }
    Ok(())
}

/// Of a whole run.
pub(super) fn check(dir: &Path, out: &mut SealReport) {
    let mut known = Known::default();
    if let Err(e) = read(dir, &mut known) {
        known.problems.push(problem("run.json", e.to_string()));
    }
    judge(known.finish(), out);
}

pub(super) fn judge(problems: Vec<Problem>, out: &mut SealReport) {
    out.judge(
        About::Links,
        problems,
        (
            "発見事項、リソース、母集団が挙げる取引記録と未確認事項はすべて存在し、集計は合う。",
            "Every exchange and gap that findings, resources and populations name is there, and tallies add up.",
        ),
        (
            "記録が挙げるものが欠けているか、集計が合わない。",
            "Something that records name is missing, or tallies do not add up.",
        ),
    );
}
