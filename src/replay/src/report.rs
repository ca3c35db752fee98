//! What deriving a run again came to.

use serde::Serialize;
use std::sync::{Mutex, PoisonError};

/// Problems that are told one by one; of the rest only the number is.
const TOLD: usize = 200;

/// Something that does not follow from the stored answers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Problem {
    /// File below the run directory.
    pub file: String,
    /// The record: an id, or what names it; empty where the file as a whole is
    /// meant.
    pub record: String,
    /// What is wrong.
    pub message: String,
}

/// Numbers of records that were held against what was derived.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Compared {
    /// Accounts whose answers were read again.
    pub accounts: u64,
    /// Exchanges in the run.
    pub exchanges: u64,
    /// Resources derived.
    pub resources: u64,
    /// Gaps derived.
    pub gaps: u64,
    /// Populations derived.
    pub populations: u64,
    /// Findings derived.
    pub findings: u64,
    /// Tallies derived.
    pub tallies: u64,
    /// Standings derived.
    pub standings: u64,
    /// Lines of a back-fill's history derived.
    #[serde(skip_serializing_if = "is_zero")]
    pub history: u64,
}

fn is_zero(n: &u64) -> bool {
    *n == 0
}

/// One population.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Scope {
    /// Resource type.
    pub r#type: String,
    /// Account.
    pub account: String,
    /// Region, or `global`.
    pub region: String,
}

/// What no answer shows, so that the run's word is all there is.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Stated {
    /// Requests that were sent and to which no answer is stored.
    pub unanswered: u64,
    /// Requests that are said never to have been sent.
    pub unsent: u64,
    /// Targets that are said not to have been reached, and no stored answer says why.
    pub unreached: Vec<String>,
    /// The run is of a version that did not note what was to be read.
    pub sought_unsaid: bool,
    /// Populations whose reading was stopped: how far it came is not derivable.
    pub stopped: Vec<Scope>,
}

/// A stored exchange that the collectors do not ask for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Unasked {
    /// Its id.
    pub id: String,
    /// `service:Operation`.
    pub call: String,
    /// Account.
    pub account: String,
}

/// The outcome.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Report {
    /// What was compared.
    pub compared: Compared,
    /// What does not hold, the first of them.
    pub problems: Vec<Problem>,
    /// How many there are in all.
    pub problems_found: u64,
    /// What rests on the run's word alone.
    pub stated: Stated,
    /// Exchanges that nothing asked for, those of signing in left out.
    pub unasked: Vec<Unasked>,
    /// Exchanges of signing in and of listing the organisation.
    pub sign_in: u64,
    /// What does not follow in a redacted run because a value is hidden: not
    /// proven, and no problem.
    pub hidden: Vec<Problem>,
    /// The rules came after the answers (`shoseki judge`): what was read is
    /// taken from the records, not from the rules.
    pub rejudged: bool,
}

impl Report {
    /// Whether everything that was compared holds.
    pub fn holds(&self) -> bool {
        self.problems_found == 0
    }
}

/// Collects problems from all sides.
#[derive(Debug, Default)]
pub(crate) struct Problems(Mutex<(Vec<Problem>, u64)>);

impl Problems {
    pub(crate) fn tell(&self, file: &str, record: impl Into<String>, message: impl Into<String>) {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.1 += 1;
        if all.0.len() < TOLD {
            all.0.push(Problem {
                file: file.to_owned(),
                record: record.into(),
                message: message.into(),
            });
        }
    }

    pub(crate) fn take(&self) -> (Vec<Problem>, u64) {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        std::mem::take(&mut *all)
    }
}
