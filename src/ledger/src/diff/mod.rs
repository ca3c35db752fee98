//! Two runs side by side.

mod text;

pub use text::diff_text;

use crate::Error;
use crate::canonical::{Hash, observed, sha256};
use crate::{FindingState, Side};
use serde::Serialize;
use serde_json::Value;
use shoseki_evidence::{Outcome, Run};
use shoseki_model::{Finding, Gap, Population, ResourceRef, Severity, State, Verdict, digest};
use std::collections::{BTreeMap, HashMap, HashSet};
use std::path::Path;

/// What became of a finding.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum FindingKind {
    /// Its state is another.
    Verdict,
    /// It is there now; the first run read the whole population without it.
    New,
    /// It is there now; the first run did not read the whole population.
    NewlySeen,
    /// It is there now; the first run did not judge the rule over the scope.
    NewlyAsked,
    /// It is not there now, and the population is whole.
    Gone,
    /// It is not there now, but the population is not whole: unknown.
    Unlisted,
    /// The second run did not judge the rule over the scope: nothing is known.
    NotAsked,
    /// Only what was observed is another.
    Values,
}

/// A finding that is not as before.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct FindingDiff {
    /// Finding id.
    pub id: String,
    /// What became of it.
    pub kind: FindingKind,
    /// Rule id.
    pub rule: String,
    /// Severity in the later of the runs that have it.
    pub severity: Severity,
    /// The resource.
    pub resource: ResourceRef,
    /// In the first run.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub before: Option<Side>,
    /// In the second run.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub now: Option<Side>,
    /// The rule's file differs between the runs.
    pub rule_changed: bool,
}

/// A population that is not as before; `None`: not asked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PopulationDiff {
    /// Resource type.
    pub r#type: String,
    /// Account.
    pub account: String,
    /// Region or `global`.
    pub region: String,
    /// Count and wholeness in the first run.
    pub before: Option<(u64, bool)>,
    /// In the second.
    pub now: Option<(u64, bool)>,
}

/// A gap that only one run has.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct GapDiff {
    /// Whether it is the second that has it.
    pub new: bool,
    /// The gap.
    pub gap: Gap,
}

/// A file of the packs that is not as before.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PackDiff {
    /// `rules/aws/s3/x.yaml`.
    pub path: String,
    /// SHA-256 of its text in the first run.
    pub before: Option<String>,
    /// In the second.
    pub now: Option<String>,
}

/// A control that does not stand as before.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ControlDiff {
    /// Its id.
    pub control: String,
    /// Where in the first run.
    pub before: Option<State>,
    /// Where in the second.
    pub now: Option<State>,
}

/// A run as a difference names it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Named {
    /// Run directory.
    pub run: String,
    /// Start.
    pub started: String,
    /// How it ended.
    pub outcome: Outcome,
    /// Edition of the catalogue.
    pub edition: Option<String>,
    /// Accounts.
    pub accounts: Vec<String>,
}

/// All differences of two runs.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Diff {
    /// `shoseki.diff/1`.
    pub format: &'static str,
    /// The two runs.
    pub runs: (Named, Named),
    /// Findings by what became of them.
    pub counts: BTreeMap<FindingKind, u64>,
    /// Findings that are as before.
    pub unchanged: u64,
    /// Findings, the gravest change first.
    pub findings: Vec<FindingDiff>,
    /// Controls.
    pub controls: Vec<ControlDiff>,
    /// Populations.
    pub populations: Vec<PopulationDiff>,
    /// Gaps.
    pub gaps: Vec<GapDiff>,
    /// Files of the packs.
    pub packs: Vec<PackDiff>,
}

/// What is kept of a finding of the first run.
struct Brief {
    key: Hash,
    state: FindingState,
    met: bool,
}

fn state_of(f: &Finding) -> FindingState {
    match f.verdict {
        Verdict::Pass => FindingState::Pass,
        Verdict::Fail if f.excepted.is_some() => FindingState::Excepted,
        Verdict::Fail => FindingState::Fail,
        Verdict::Unknown => FindingState::Unknown,
        Verdict::NotApplicable => FindingState::NotApplicable,
    }
}

fn key_of(f: &Finding, buffer: &mut Vec<u8>) -> Result<Hash, Error> {
    observed(&f.observed, buffer)?;
    serde_json::to_writer(&mut *buffer, &(f.verdict, &f.excepted))?;
    Ok(sha256(buffer))
}

fn side(f: &Finding, buffer: &mut Vec<u8>) -> Result<Side, Error> {
    observed(&f.observed, buffer)?;
    Ok(Side {
        state: state_of(f),
        severity: Some(f.severity),
        observed: Some(serde_json::from_slice::<Value>(buffer)?),
        excepted: f.excepted.as_ref().map(serde_json::to_value).transpose()?,
    })
}

/// Which rules a run judged where, and whether the population was whole.
struct Asked(HashMap<(String, String, String), bool>);

impl Asked {
    fn of(run: &Run) -> Result<Self, Error> {
        let mut out = HashMap::new();
        for t in run.tallies()? {
            let t = t?;
            out.insert((t.rule, t.account, t.region), t.complete);
        }
        Ok(Self(out))
    }

    /// Whether the rule was judged where the resource would be counted, and the
    /// population whole. A resource is counted in its own region or, of types
    /// asked once an account, in `global`; where both were asked, both count.
    fn whole(&self, f: &Finding) -> Option<bool> {
        let at = |region: &str| {
            let key = (
                f.rule.clone(),
                f.resource.account.clone(),
                region.to_owned(),
            );
            self.0.get(&key).copied()
        };
        match (at(&f.resource.region), at("global")) {
            (Some(a), Some(b)) => Some(a && b),
            (a, b) => a.or(b),
        }
    }
}

/// What differs from the run in `a` to the run in `b`.
///
/// # Errors
/// A run that is not finished or cannot be read.
pub fn diff(a: &Path, b: &Path) -> Result<Diff, Error> {
    let (first, second) = (Run::open(a)?, Run::open(b)?);
    let packs = packs(&first, &second)?;
    let (findings, unchanged) = findings(&first, &second, &packs)?;
    let mut counts = BTreeMap::new();
    for f in &findings {
        *counts.entry(f.kind).or_default() += 1;
    }
    Ok(Diff {
        format: "shoseki.diff/1",
        runs: (named(&first), named(&second)),
        counts,
        unchanged,
        findings,
        controls: controls(&first, &second)?,
        populations: populations(&first, &second)?,
        gaps: gaps(&first, &second)?,
        packs,
    })
}

fn named(run: &Run) -> Named {
    let file = run.file();
    Named {
        run: run.dir().display().to_string(),
        started: file.info.started.clone(),
        outcome: file.outcome,
        edition: file.info.edition.clone(),
        accounts: file
            .info
            .targets
            .iter()
            .map(|t| t.account.clone())
            .collect(),
    }
}

fn findings(
    first: &Run,
    second: &Run,
    packs: &[PackDiff],
) -> Result<(Vec<FindingDiff>, u64), Error> {
    let (asked, asked_now) = (Asked::of(first)?, Asked::of(second)?);
    let rules: HashSet<&str> = packs.iter().map(|p| p.path.as_str()).collect();
    let rule_changed = |f: &Finding| {
        let path = format!("rules/{}.yaml", f.rule.replace('.', "/"));
        rules.contains(path.as_str())
    };
    let make = |f: &Finding, kind, before, now| FindingDiff {
        id: f.id.clone(),
        kind,
        rule: f.rule.clone(),
        severity: f.severity,
        resource: f.resource.clone(),
        before,
        now,
        rule_changed: rule_changed(f),
    };
    let mut buffer = Vec::new();
    let mut known: HashMap<String, Brief> = HashMap::new();
    for f in first.findings()? {
        let f = f?;
        let brief = Brief {
            key: key_of(&f, &mut buffer)?,
            state: state_of(&f),
            met: false,
        };
        known.insert(f.id, brief);
    }
    let mut changed: HashMap<String, FindingDiff> = HashMap::new();
    let (mut out, mut unchanged) = (Vec::new(), 0);
    for f in second.findings()? {
        let f = f?;
        let key = key_of(&f, &mut buffer)?;
        match known.get_mut(&f.id) {
            Some(was) => {
                was.met = true;
                if was.key == key {
                    unchanged += 1;
                    continue;
                }
                let kind = if was.state == state_of(&f) {
                    FindingKind::Values
                } else {
                    FindingKind::Verdict
                };
                let now = side(&f, &mut buffer)?;
                changed.insert(f.id.clone(), make(&f, kind, None, Some(now)));
            }
            None => {
                let kind = match asked.whole(&f) {
                    Some(true) => FindingKind::New,
                    Some(false) => FindingKind::NewlySeen,
                    None => FindingKind::NewlyAsked,
                };
                let now = side(&f, &mut buffer)?;
                out.push(make(&f, kind, None, Some(now)));
            }
        }
    }
    // The values of the first run are read once more, for those that differ.
    for f in first.findings()? {
        let f = f?;
        if let Some(mut d) = changed.remove(&f.id) {
            d.before = Some(side(&f, &mut buffer)?);
            out.push(d);
        } else if known.get(&f.id).is_some_and(|b| !b.met) {
            let kind = match asked_now.whole(&f) {
                Some(true) => FindingKind::Gone,
                Some(false) => FindingKind::Unlisted,
                None => FindingKind::NotAsked,
            };
            let before = side(&f, &mut buffer)?;
            out.push(make(&f, kind, Some(before), None));
        }
    }
    out.sort_by(|a, b| {
        (a.kind, std::cmp::Reverse(a.severity), &a.rule, &a.id).cmp(&(
            b.kind,
            std::cmp::Reverse(b.severity),
            &b.rule,
            &b.id,
        ))
    });
    Ok((out, unchanged))
}

/// Keys of both maps whose values differ, with both.
fn differing<K: Ord + Clone, V: PartialEq + Clone>(
    a: BTreeMap<K, V>,
    b: &BTreeMap<K, V>,
) -> Vec<(K, Option<V>, Option<V>)> {
    let mut out: BTreeMap<K, (Option<V>, Option<V>)> =
        a.into_iter().map(|(k, v)| (k, (Some(v), None))).collect();
    for (k, v) in b {
        out.entry(k.clone()).or_default().1 = Some(v.clone());
    }
    out.into_iter()
        .filter(|(_, (a, b))| a != b)
        .map(|(k, (a, b))| (k, a, b))
        .collect()
}

fn controls(first: &Run, second: &Run) -> Result<Vec<ControlDiff>, Error> {
    let of = |run: &Run| -> Result<BTreeMap<String, State>, Error> {
        run.standings()?
            .map(|s| Ok(s.map(|s| (s.control, s.state))?))
            .collect()
    };
    let mut out: Vec<_> = differing(of(first)?, &of(second)?)
        .into_iter()
        .map(|(control, before, now)| ControlDiff {
            control,
            before,
            now,
        })
        .collect();
    out.sort_by_cached_key(|c| crate::period::natural(&c.control));
    Ok(out)
}

fn populations(first: &Run, second: &Run) -> Result<Vec<PopulationDiff>, Error> {
    type Of = BTreeMap<(String, String, String), (u64, bool)>;
    let of = |run: &Run| -> Result<Of, Error> {
        run.populations()?
            .map(|p| {
                let p: Population = p?;
                Ok(((p.r#type, p.account, p.region), (p.count, p.complete)))
            })
            .collect()
    };
    Ok(differing(of(first)?, &of(second)?)
        .into_iter()
        .map(|((r#type, account, region), before, now)| PopulationDiff {
            r#type,
            account,
            region,
            before,
            now,
        })
        .collect())
}

fn gaps(first: &Run, second: &Run) -> Result<Vec<GapDiff>, Error> {
    let of = |run: &Run| -> Result<BTreeMap<String, Gap>, Error> {
        run.gaps()?
            .map(|g| Ok(g.map(|g| (g.id.clone(), g))?))
            .collect()
    };
    let (a, b) = (of(first)?, of(second)?);
    let gone = a.iter().filter(|(id, _)| !b.contains_key(*id));
    let new = b.iter().filter(|(id, _)| !a.contains_key(*id));
    let one = |new: bool| {
        move |(_, gap): (&String, &Gap)| GapDiff {
            new,
            gap: gap.clone(),
        }
    };
    Ok(new.map(one(true)).chain(gone.map(one(false))).collect())
}

fn packs(first: &Run, second: &Run) -> Result<Vec<PackDiff>, Error> {
    let of = |run: &Run| -> Result<BTreeMap<String, String>, Error> {
        run.pack()?
            .map(|p| Ok(p.map(|p| (p.path, digest(p.text.as_bytes())))?))
            .collect()
    };
    Ok(differing(of(first)?, &of(second)?)
        .into_iter()
        .map(|(path, before, now)| PackDiff { path, before, now })
        .collect())
}
