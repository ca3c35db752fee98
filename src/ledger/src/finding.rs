//! A finding over a period.

use crate::{Moment, PastSpan};
use serde::Serialize;
use serde_json::Value;
use shoseki_model::{ResourceRef, Severity};

/// What a scan saw of a finding.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum FindingState {
    /// Something else than expected was seen.
    Fail,
    /// The same, covered by an exception in force.
    Excepted,
    /// Not enough was seen.
    Unknown,
    /// The resource was not among what was listed, and the list not whole: it
    /// may be there.
    Unlisted,
    /// What was expected was seen.
    Pass,
    /// The rule does not speak about the resource.
    NotApplicable,
    /// The population was whole and the resource, seen before, not in it.
    Gone,
    /// The population was whole and the resource, first seen later, not in it.
    NotYet,
}

impl FindingState {
    /// All of them, the gravest first.
    pub const ALL: [FindingState; 8] = [
        FindingState::Fail,
        FindingState::Excepted,
        FindingState::Unknown,
        FindingState::Unlisted,
        FindingState::Pass,
        FindingState::NotApplicable,
        FindingState::Gone,
        FindingState::NotYet,
    ];
}

/// How long a finding stood where.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Span {
    /// Where; `None`: not observed.
    pub state: Option<FindingState>,
    /// First moment.
    pub from: Moment,
    /// First moment after it.
    pub to: Moment,
}

/// A finding on one side of a change.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Side {
    /// Where it stood.
    pub state: FindingState,
    /// Severity of its rule.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub severity: Option<Severity>,
    /// What was observed, where the resource was there and values were asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub observed: Option<Value>,
    /// The exception.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub excepted: Option<Value>,
}

/// Two scans one after the other that did not see the same.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Change {
    /// Start of the scan that saw `before`.
    pub after: Moment,
    /// Start of the scan that saw `now`: it happened between the two.
    pub at: Moment,
    /// What was seen first.
    pub before: Side,
    /// What was seen then.
    pub now: Side,
    /// The two scans are further apart than was promised.
    pub across_gap: bool,
    /// The rule's file differs between the two runs.
    pub rule_changed: bool,
}

impl Change {
    /// Whether only values changed.
    pub fn is_value_only(&self) -> bool {
        self.before.state == self.now.state
    }
}

/// A time in which a finding failed.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Deviation {
    /// First moment at which it was seen (or the beginning of the period).
    pub from: Moment,
    /// First moment after it.
    pub to: Moment,
    /// Its length in seconds, as observed.
    pub seconds: i64,
    /// Start of the last scan before it that did not see it: it began after
    /// that. `None` where there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub began_after: Option<Moment>,
    /// It lasted when the period began.
    pub from_before: bool,
    /// What came then; `None`: it was no longer observed, or the period ended.
    pub then: Option<FindingState>,
    /// It was seen by the last scan, or lasted at the end of the period.
    pub open: bool,
    /// What was observed when it began, where values were asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub observed: Option<Value>,
}

/// A rule on one resource over the period.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct FindingTimeline {
    /// Finding id.
    pub id: String,
    /// Rule id.
    pub rule: String,
    /// Severity of the rule when it was last seen.
    pub severity: Severity,
    /// The resource.
    pub resource: ResourceRef,
    /// Region of the population that counts it.
    pub scope: String,
    /// First run of the ledger that saw it; `None`: it is back-filled alone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub first_seen: Option<Moment>,
    /// Last run up to the end of the period that saw it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_seen: Option<Moment>,
    /// Its states as scans saw them, whole and without overlap.
    pub intervals: Vec<Span>,
    /// States out of a provider's own history, where no scan observed anything.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub backfilled: Vec<PastSpan>,
    /// What changed.
    pub changes: Vec<Change>,
    /// When it failed.
    pub deviations: Vec<Deviation>,
}
