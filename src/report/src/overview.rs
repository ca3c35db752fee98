//! The counts of a run, taken once for every form of report.

use crate::counts::{Counts, StateCounts};
use crate::data::{ReportData, ReportError};
use crate::visible::visible;
use crate::words;
use indexmap::IndexMap;
use serde::Serialize;
use shoseki_model::{Cause, Gap, Severity, Sight, Standing, State, Strength, Verdict};
use std::collections::{BTreeMap, BTreeSet};

/// The names of the clouds that the run had as targets, each once.
pub(crate) fn clouds(data: &ReportData<'_>) -> String {
    let ids: BTreeSet<&str> = data.targets.iter().map(|t| t.cloud.as_str()).collect();
    let names: Vec<&str> = ids.into_iter().map(words::cloud).collect();
    visible(&names.join(", ")).into_owned()
}

/// How much of what was to be read was read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// Nothing could be read.
    NothingRead,
    /// Something that was asked for was not seen.
    Incomplete,
    /// All that was asked for was seen.
    Whole,
}

/// Gaps that share cause, call, permissions and what they hide.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct GapGroup {
    /// The cause.
    pub cause: Cause,
    /// The call that failed.
    pub call: String,
    /// Permissions that it needs.
    pub permissions: Vec<String>,
    /// Resource type that is hurt.
    pub r#type: String,
    /// The part that is hidden; `None` where populations are.
    pub part: Option<String>,
}

impl GapGroup {
    /// The group of a gap.
    pub fn of(g: &Gap) -> Self {
        Self {
            cause: g.cause,
            call: g.call.clone(),
            permissions: g.permissions.clone(),
            r#type: g.r#type.clone(),
            part: g.part.clone(),
        }
    }
}

/// A finding to show for many.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sample {
    /// Its id.
    pub finding: String,
    /// The resource's name.
    pub name: String,
}

/// A rule that failed somewhere.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Contradiction {
    /// Rule id.
    pub rule: String,
    /// Its severity.
    pub severity: Severity,
    /// All its verdicts.
    pub counts: Counts,
    /// Its first failed finding.
    pub sample: Option<Sample>,
    /// Controls that its failures speak against.
    pub controls: Vec<String>,
}

/// The counts of a run.
#[derive(Clone, Debug, PartialEq)]
pub struct Overview {
    /// How much was read.
    pub outcome: Outcome,
    /// Standings of all controls.
    pub states: StateCounts,
    /// Standings by chapter, in the order of the catalogue.
    pub chapters: IndexMap<String, StateCounts>,
    /// Verdicts of all findings.
    pub verdicts: Counts,
    /// Verdicts by severity.
    pub severities: BTreeMap<Severity, Counts>,
    /// Verdicts by rule, over all scopes, as the tallies have them.
    pub rules: IndexMap<String, Counts>,
    /// Rules that failed, the gravest first.
    pub contradictions: Vec<Contradiction>,
    /// Gaps with their number, by cause.
    pub gaps: BTreeMap<GapGroup, u64>,
    /// Gaps in all, those that nobody asked for left out.
    pub gap_count: u64,
    /// Populations whose enumeration reached its end.
    pub populations_whole: u64,
    /// All populations.
    pub populations: u64,
    /// Resources enumerated.
    pub resources: u64,
    /// Whether any list or value was read at all.
    pub anything_seen: bool,
    /// Accounts that were to be read and of which nothing was asked.
    pub targets_unread: u64,
}

/// Chapter of a control id: `9` of `9.4.2.2.B`.
pub fn chapter_of(control: &str) -> &str {
    control.split('.').next().unwrap_or(control)
}

/// Section of a control id: `9.4` of `9.4.2.2.B`.
pub fn section_of(control: &str) -> &str {
    match control.match_indices('.').nth(1) {
        Some((i, _)) => &control[..i],
        None => control,
    }
}

/// Counts a run: one pass over findings and gaps.
///
/// # Errors
/// When the records cannot be read.
pub fn overview(data: &ReportData<'_>) -> Result<Overview, ReportError> {
    let mut out = Overview {
        outcome: Outcome::Whole,
        states: StateCounts::default(),
        chapters: IndexMap::new(),
        verdicts: Counts::default(),
        severities: BTreeMap::new(),
        rules: IndexMap::new(),
        contradictions: Vec::new(),
        gaps: BTreeMap::new(),
        gap_count: 0,
        populations_whole: 0,
        populations: data.populations.len() as u64,
        resources: 0,
        anything_seen: false,
        targets_unread: unread(data),
    };
    for s in &data.standings {
        out.states.add(s.state);
        let chapter = chapter_of(&s.control).to_owned();
        out.chapters.entry(chapter).or_default().add(s.state);
    }
    for p in &data.populations {
        out.populations_whole += u64::from(p.complete);
        out.resources += p.count;
        // A population without a query is there by definition (the account).
        out.anything_seen |= !p.query.is_empty() && (p.complete || p.count > 0);
    }
    for t in &data.tallies {
        out.rules.entry(t.rule.clone()).or_default().add_tally(t);
    }
    for g in data.gaps.records()? {
        let g = g?;
        out.gap_count += u64::from(g.cause != Cause::NotAsked);
        *out.gaps.entry(GapGroup::of(&g)).or_default() += 1;
    }
    count_findings(data, &mut out)?;
    out.outcome = outcome(data, &out);
    Ok(out)
}

fn count_findings(data: &ReportData<'_>, out: &mut Overview) -> Result<(), ReportError> {
    let mut failed: IndexMap<String, (Severity, Sample)> = IndexMap::new();
    for f in data.findings.records()? {
        let f = f?;
        out.verdicts.add(&f);
        // What came from no answer, as the account's own id, was not read.
        let seen = |o: &shoseki_model::Observed| {
            !matches!(o.sight, Sight::Unseen(_)) && !o.exchanges.is_empty()
        };
        out.anything_seen |= f.observed.iter().any(seen);
        out.severities.entry(f.severity).or_default().add(&f);
        if !out.rules.contains_key(&f.rule) {
            out.rules.insert(f.rule.clone(), Counts::default());
        }
        if f.verdict == Verdict::Fail && f.excepted.is_none() && !failed.contains_key(&f.rule) {
            let sample = Sample {
                finding: f.id,
                name: f.resource.name,
            };
            failed.insert(f.rule, (f.severity, sample));
        }
    }
    let mut contradictions: Vec<_> = failed
        .into_iter()
        .map(|(rule, (severity, sample))| Contradiction {
            counts: out.rules.get(&rule).copied().unwrap_or_default(),
            controls: controls_of(&data.standings, &rule),
            severity,
            sample: Some(sample),
            rule,
        })
        .collect();
    contradictions.sort_by(|a, b| {
        let weight = |c: &Contradiction| (c.severity, c.counts.fail);
        weight(b).cmp(&weight(a)).then_with(|| a.rule.cmp(&b.rule))
    });
    out.contradictions = contradictions;
    Ok(())
}

/// The controls that a failure of the rule speaks against: not those for which
/// it is context, nor those that settings have no say in.
fn controls_of(standings: &[Standing], rule: &str) -> Vec<String> {
    let bears = |s: &&Standing| {
        s.state == State::Contradicted
            && s.rules
                .iter()
                .any(|r| r.rule == rule && r.strength > Strength::Context)
    };
    standings
        .iter()
        .filter(bears)
        .map(|s| s.control.clone())
        .collect()
}

/// Sign-ins that failed, and targets without a single population.
fn unread(data: &ReportData<'_>) -> u64 {
    let read = |t: &&shoseki_model::Target| {
        data.populations
            .iter()
            .any(|p| p.cloud == t.cloud && p.account == t.account)
    };
    let silent = data.targets.iter().filter(|t| !read(t)).count();
    (silent + data.run.unreached.len()) as u64
}

fn outcome(data: &ReportData<'_>, o: &Overview) -> Outcome {
    if !o.anything_seen {
        Outcome::NothingRead
    } else if o.gap_count > 0
        || o.populations_whole < o.populations
        || o.verdicts.unknown > 0
        || o.targets_unread > 0
        || data.run.ended.is_none()
        || data.run.stopped.is_some()
    {
        Outcome::Incomplete
    } else {
        Outcome::Whole
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_fall_apart_into_chapter_and_section() {
        assert_eq!(chapter_of("9.4.2.2.B"), "9");
        assert_eq!(section_of("9.4.2.2.B"), "9.4");
        assert_eq!(section_of("10.1"), "10.1");
        assert_eq!(section_of("3"), "3");
    }
}
