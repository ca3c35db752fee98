//! The rules of a run, those that failed first.

use crate::counts::Counts;
use crate::data::{ReportData, RuleInfo};
use crate::overview::Overview;
use shoseki_model::{Severity, Tally};
use std::collections::HashMap;

/// A rule with its counts.
pub(super) struct RuleGroup<'a> {
    pub id: &'a str,
    pub info: Option<&'a RuleInfo>,
    pub severity: Option<Severity>,
    pub counts: Counts,
    pub enumerated: u64,
    pub scopes: u64,
    pub scopes_whole: u64,
    pub controls: Vec<&'a str>,
}

/// Rules of the run, those that failed first, the gravest first. A rule's place is
/// its number in the page's data.
pub(super) fn groups<'a>(data: &'a ReportData<'_>, o: &'a Overview) -> Vec<RuleGroup<'a>> {
    let mut controls: HashMap<&str, Vec<&str>> = HashMap::new();
    for s in &data.standings {
        for r in &s.rules {
            controls.entry(&r.rule).or_default().push(&s.control);
        }
    }
    let mut tallies: HashMap<&str, Vec<&Tally>> = HashMap::new();
    for t in &data.tallies {
        tallies.entry(&t.rule).or_default().push(t);
    }
    let mut out: Vec<RuleGroup<'a>> = o
        .rules
        .iter()
        .map(|(id, counts)| {
            let info = data.rules.get(id);
            let tallies = tallies.get(id.as_str()).map_or(&[][..], Vec::as_slice);
            RuleGroup {
                id,
                info,
                severity: info.map(|i| i.severity),
                counts: *counts,
                enumerated: tallies.iter().map(|t| t.enumerated).sum(),
                scopes: tallies.len() as u64,
                scopes_whole: tallies.iter().filter(|t| t.complete).count() as u64,
                controls: controls.get(id.as_str()).cloned().unwrap_or_default(),
            }
        })
        .collect();
    out.sort_by(|a, b| {
        let key = |g: &RuleGroup<'_>| {
            (
                g.counts.fail > 0,
                g.counts.unknown > 0,
                g.severity,
                g.counts.fail,
            )
        };
        key(b).cmp(&key(a)).then_with(|| a.id.cmp(b.id))
    });
    out
}
