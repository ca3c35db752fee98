//! Verdicts and standings, counted.

use crate::words::STATES;
use serde::Serialize;
use shoseki_model::{Finding, State, Tally, Verdict};

/// Verdicts counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Counts {
    /// Seen as expected.
    pub pass: u64,
    /// Seen otherwise, under no exception.
    pub fail: u64,
    /// Not seen enough.
    pub unknown: u64,
    /// Failed under an exception in force.
    pub excepted: u64,
    /// Outside the rule's scope.
    pub not_applicable: u64,
}

impl Counts {
    /// All of them.
    pub fn total(&self) -> u64 {
        self.pass + self.fail + self.unknown + self.excepted + self.not_applicable
    }

    pub(crate) fn add_tally(&mut self, t: &Tally) {
        self.pass += t.pass;
        self.fail += t.fail;
        self.unknown += t.unknown;
        self.excepted += t.excepted;
        self.not_applicable += t.not_applicable;
    }

    pub(crate) fn add(&mut self, f: &Finding) {
        let slot = match (f.verdict, &f.excepted) {
            (Verdict::Fail, Some(_)) => &mut self.excepted,
            (Verdict::Fail, None) => &mut self.fail,
            (Verdict::Pass, _) => &mut self.pass,
            (Verdict::Unknown, _) => &mut self.unknown,
            (Verdict::NotApplicable, _) => &mut self.not_applicable,
        };
        *slot += 1;
    }
}

/// Standings counted, in the order of [`STATES`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct StateCounts([u64; 6]);

impl StateCounts {
    /// How many are in `state`.
    pub fn of(&self, state: State) -> u64 {
        STATES
            .iter()
            .position(|&s| s == state)
            .map_or(0, |i| self.0[i])
    }

    /// All of them.
    pub fn total(&self) -> u64 {
        self.0.iter().sum()
    }

    /// Counts one more.
    pub fn add(&mut self, state: State) {
        if let Some(i) = STATES.iter().position(|&s| s == state) {
            self.0[i] += 1;
        }
    }
}
