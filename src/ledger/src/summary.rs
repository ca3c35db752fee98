//! The numbers of a period, and what a reader should see first.

use crate::finding::{FindingState, FindingTimeline};
use crate::{Error, Ledger, Period};
use serde::Serialize;
use shoseki_model::Severity;
use std::collections::BTreeMap;

/// At most so many of each are kept to be listed; the numbers count all.
const LISTED: usize = 1000;

/// Numbers over all findings of a period.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Totals {
    /// Findings that were there at any time.
    pub findings: u64,
    /// By what the last scan in the period saw.
    pub last: BTreeMap<FindingState, u64>,
    /// Times in which a finding failed.
    pub deviations: u64,
    /// Those that last.
    pub open: u64,
    /// Findings with at least one.
    pub deviating: u64,
    /// Changes of state.
    pub state_changes: u64,
    /// Changes of observed values alone.
    pub value_changes: u64,
    /// Findings whose resource went away.
    pub gone: u64,
    /// Findings that were unknown or unlisted at some time.
    pub unknown: u64,
    /// Findings with states out of a provider's own history, which no other number
    /// here counts.
    pub backfilled: u64,
    /// Those of them that failed by it at some time.
    pub backfilled_failing: u64,
}

/// Totals, and the findings that matter most, gravest and longest first.
#[derive(Clone, Debug, Default)]
pub struct Summary {
    /// Numbers.
    pub totals: Totals,
    /// Findings with deviations, at most 1000.
    pub deviating: Vec<FindingTimeline>,
    /// Findings whose state changed without a deviation, at most 1000.
    pub changed: Vec<FindingTimeline>,
    /// Findings of which only values changed, at most 1000.
    pub values: Vec<FindingTimeline>,
    /// Those with back-filled states, the latest first.
    pub backfilled: Vec<FindingTimeline>,
}

/// Seconds for which a finding failed.
pub(crate) fn failed_for(f: &FindingTimeline) -> i64 {
    f.deviations.iter().map(|d| d.seconds).sum()
}

fn rank(f: &FindingTimeline) -> (std::cmp::Reverse<Severity>, std::cmp::Reverse<i64>, String) {
    (
        std::cmp::Reverse(f.severity),
        std::cmp::Reverse(failed_for(f)),
        f.id.clone(),
    )
}

fn latest(f: &FindingTimeline) -> (std::cmp::Reverse<Option<crate::Moment>>, String) {
    (
        std::cmp::Reverse(f.changes.last().map(|c| c.at)),
        f.id.clone(),
    )
}

fn captured(f: &FindingTimeline) -> (std::cmp::Reverse<Option<crate::Moment>>, String) {
    let last = f.backfilled.iter().map(|s| s.captured).max();
    (std::cmp::Reverse(last), f.id.clone())
}

fn keep<K: Ord>(
    list: &mut Vec<FindingTimeline>,
    f: FindingTimeline,
    key: impl Fn(&FindingTimeline) -> K,
) {
    list.push(f);
    if list.len() >= 2 * LISTED {
        list.sort_by_cached_key(key);
        list.truncate(LISTED);
    }
}

impl Period {
    /// Walks all findings once. `values`: listed ones with what was observed.
    ///
    /// # Errors
    /// A ledger that is not sound.
    pub fn summary(&self, ledger: &Ledger, values: bool) -> Result<Summary, Error> {
        let mut out = Summary::default();
        self.findings(ledger, values, &mut |f| {
            out.totals.add(&f);
            if !f.backfilled.is_empty() {
                keep(&mut out.backfilled, f.clone(), captured);
            }
            if !f.deviations.is_empty() {
                keep(&mut out.deviating, f, rank);
            } else if f.changes.iter().any(|c| !c.is_value_only()) {
                keep(&mut out.changed, f, latest);
            } else if !f.changes.is_empty() {
                keep(&mut out.values, f, latest);
            }
            Ok(())
        })?;
        out.deviating.sort_by_cached_key(rank);
        out.changed.sort_by_cached_key(latest);
        out.values.sort_by_cached_key(latest);
        out.backfilled.sort_by_cached_key(captured);
        for list in [
            &mut out.deviating,
            &mut out.changed,
            &mut out.values,
            &mut out.backfilled,
        ] {
            list.truncate(LISTED);
        }
        Ok(out)
    }
}

impl Totals {
    pub(crate) fn add(&mut self, f: &FindingTimeline) {
        self.backfilled += u64::from(!f.backfilled.is_empty());
        let failed = |s: &crate::PastSpan| s.state == FindingState::Fail;
        self.backfilled_failing += u64::from(f.backfilled.iter().any(failed));
        if f.first_seen.is_none() {
            // No scan saw it: it is counted among no observations.
            return;
        }
        self.findings += 1;
        let last = f.intervals.iter().rev().find_map(|s| s.state);
        if let Some(last) = last {
            *self.last.entry(last).or_default() += 1;
        }
        self.deviations += f.deviations.len() as u64;
        self.open += f.deviations.iter().filter(|d| d.open).count() as u64;
        self.deviating += u64::from(!f.deviations.is_empty());
        let values = f.changes.iter().filter(|c| c.is_value_only()).count();
        self.value_changes += values as u64;
        self.state_changes += (f.changes.len() - values) as u64;
        let any = |s: &[FindingState]| {
            f.intervals
                .iter()
                .any(|i| i.state.is_some_and(|x| s.contains(&x)))
        };
        self.gone += u64::from(any(&[FindingState::Gone]));
        self.unknown += u64::from(any(&[FindingState::Unknown, FindingState::Unlisted]));
    }
}
