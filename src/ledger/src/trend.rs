//! The numbers of each run, for a trend.

use crate::finding::FindingState;
use crate::period::Query;
use crate::{Error, Ledger, Moment, Period, RunInPeriod};
use shoseki_evidence::Outcome;
use shoseki_report::{Counts, StateCounts, TrendPoint};
use std::collections::BTreeSet;

/// Milliseconds of a day.
const DAY: i64 = 86_400_000;

/// The runs before `until`, oldest first: those about just the given targets, where
/// any are given.
///
/// # Errors
/// A ledger that is not sound.
pub fn trend(
    ledger: &Ledger,
    until: Moment,
    targets: Option<&BTreeSet<String>>,
) -> Result<Vec<TrendPoint>, Error> {
    let query = Query {
        from: Moment(0),
        to: until,
        frequency: DAY,
        tolerance: None,
        now: until,
    };
    Period::read(ledger, query)?.trend(ledger, targets)
}

impl Period {
    /// The runs of the period, and the states that the ledger knows for the start of
    /// each; what was not observed then is not counted.
    ///
    /// # Errors
    /// A ledger that is not sound.
    pub(crate) fn trend(
        &self,
        ledger: &Ledger,
        targets: Option<&BTreeSet<String>>,
    ) -> Result<Vec<TrendPoint>, Error> {
        let same = |accounts: &[String]| {
            targets.is_none_or(|t| accounts.iter().collect::<BTreeSet<_>>() == t.iter().collect())
        };
        let mut runs: Vec<&RunInPeriod> = self.runs.iter().filter(|r| same(&r.accounts)).collect();
        runs.sort_by_key(|r| r.started);
        let starts: Vec<i64> = runs.iter().map(|r| r.started.0).collect();
        let inside = |from: Moment, to: Moment| {
            let at = |m: Moment| starts.partition_point(|s| *s < m.0);
            at(from)..at(to)
        };
        let mut states = vec![StateCounts::default(); runs.len()];
        for c in self.controls.iter().filter(|c| same(&c.accounts)) {
            for i in &c.intervals {
                if let Some(state) = i.state {
                    let of = states.get_mut(inside(i.from, i.to)).unwrap_or_default();
                    of.iter_mut().for_each(|s| s.add(state));
                }
            }
        }
        let mut counts = vec![Counts::default(); runs.len()];
        self.findings(ledger, false, &mut |f| {
            let own = targets.is_none_or(|t| t.contains(&f.resource.account));
            for i in f.intervals.iter().filter(|_| own) {
                let of = counts.get_mut(inside(i.from, i.to)).unwrap_or_default();
                of.iter_mut().for_each(|c| count(c, i.state));
            }
            Ok(())
        })?;
        let points = runs.iter().zip(states).zip(counts);
        Ok(points
            .map(|((r, states), counts)| TrendPoint {
                run: r.run.clone(),
                started: r.started.utc(),
                states,
                counts,
                incomplete: r.outcome != Outcome::Complete,
            })
            .collect())
    }
}

fn count(c: &mut Counts, state: Option<FindingState>) {
    match state {
        Some(FindingState::Fail) => c.fail += 1,
        Some(FindingState::Excepted) => c.excepted += 1,
        // What a list that is not whole no longer names may be there.
        Some(FindingState::Unknown | FindingState::Unlisted) => c.unknown += 1,
        Some(FindingState::Pass) => c.pass += 1,
        Some(FindingState::NotApplicable) => c.not_applicable += 1,
        Some(FindingState::Gone | FindingState::NotYet) | None => {}
    }
}
