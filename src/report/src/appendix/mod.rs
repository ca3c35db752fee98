//! The appendix of a statement (別添), filled with what was seen: one row a
//! control. The workbook and the machine-readable form are both made of these
//! rows, so that they say the same.

mod build;
mod json;
mod rules;

pub use json::betten;
pub(crate) use rules::RuleEvidence;

use crate::counts::Counts;
use crate::overview::Overview;
use crate::time::{jst_offset, utc_offset};
use indexmap::IndexMap;
use serde::Serialize;
use shoseki_model::{
    Cause, Discrepancy, Grade, Reach, State, StatedControl, Statement, Strength, Text,
};
use std::collections::HashMap;

/// What stands beside a run: what the provider states of it, how it is sealed, its
/// population lists, and the period that it is part of.
#[derive(Clone, Debug, Default)]
pub struct Beside {
    /// SHA-256 of `run.json`, which names the digest of every file of the run.
    pub run_sha256: String,
    /// The provider's statement.
    pub statement: Option<StatementFile>,
    /// Where the statement and what was seen differ.
    pub discrepancies: Vec<Discrepancy>,
    /// The seal, where there is one. It is named here, not checked.
    pub seal: Option<SealInfo>,
    /// Population lists.
    pub populations: Populations,
    /// The period, where a ledger was given.
    pub period: Option<PeriodInfo>,
}

/// A statement as it was given.
#[derive(Clone, Debug)]
pub struct StatementFile {
    /// What it says.
    pub statement: Statement,
    /// SHA-256 of its bytes.
    pub sha256: String,
}

/// A seal, by what an auditor compares.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SealInfo {
    /// Root of the Merkle tree over files and records, in hexadecimal.
    pub root: String,
    /// SHA-256 of `manifest.json`.
    pub manifest_sha256: String,
}

/// SHA-256 of population lists in their canonical form (`docs/sample.md`).
#[derive(Clone, Debug, Default)]
pub struct Populations {
    /// By rule: of the lines of all its scopes.
    pub rules: HashMap<String, String>,
    /// By rule, account and region.
    pub scopes: HashMap<(String, String, String), String>,
}

/// A period of a ledger. Times are RFC 3339 in UTC.
#[derive(Clone, Debug, Default)]
pub struct PeriodInfo {
    /// First moment that was asked for.
    pub from: String,
    /// First moment after it.
    pub to: String,
    /// Up to where it is told: now, where the period is not over.
    pub told_to: String,
    /// Promised time between scans, seconds.
    pub frequency_seconds: i64,
    /// What is granted beyond it, seconds.
    pub tolerance_seconds: i64,
    /// Head of the ledger.
    pub ledger_head: String,
    /// Runs in it.
    pub runs: u64,
    /// Times without a scan that are longer than promised: from, to, accounts.
    pub gaps: Vec<(String, String, Vec<String>)>,
    /// How controls stood, by id; several where runs of different accounts stand
    /// side by side.
    pub controls: HashMap<String, Vec<History>>,
}

/// A moment in UTC and in Japan's time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Moment {
    /// RFC 3339 in UTC.
    pub utc: String,
    /// RFC 3339, nine hours ahead.
    pub jst: String,
}

impl Moment {
    /// From RFC 3339 text.
    pub fn of(t: &str) -> Self {
        Self {
            utc: utc_offset(t),
            jst: jst_offset(t),
        }
    }
}

/// A state and how long it held.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Held {
    /// Where the control stood; `None`: no scan speaks of the time.
    pub state: Option<State>,
    /// First moment.
    pub from: Moment,
    /// The end.
    pub to: Moment,
}

/// How a control stood over time.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct History {
    /// Accounts of the runs along which it is followed.
    pub accounts: Vec<String>,
    /// Its states.
    pub intervals: Vec<Held>,
}

/// One rule behind a control.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Evidence {
    /// Rule id.
    pub rule: String,
    /// How strongly it bears.
    pub strength: Strength,
    /// What it expects.
    pub title: Text,
    /// What a pass shows, and what it does not.
    pub because: Text,
    /// Scopes whose population is whole.
    pub scopes_complete: u64,
    /// All scopes; 0 where the rule was not part of the run.
    pub scopes: u64,
    /// Resources enumerated.
    pub enumerated: u64,
    /// Their verdicts.
    #[serde(flatten)]
    pub counts: Counts,
    /// SHA-256 of the population list over all scopes.
    pub population_sha256: Option<String>,
    /// Exchanges that the findings rest on.
    pub exchanges: u64,
    /// SHA-256 of the list of these exchanges with the digests of their answers
    /// (`docs/betten.md` gives its form).
    pub exchanges_sha256: Option<String>,
}

/// Ids of findings: the first of them, and how many there are.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Ids {
    /// All of them.
    pub count: u64,
    /// The first ones.
    pub ids: Vec<String>,
    /// Those that are left out.
    pub more: u64,
}

/// Findings of the rules that state or support a control.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Findings {
    /// Seen otherwise, under no exception.
    pub fail: Ids,
    /// Not seen enough.
    pub unknown: Ids,
    /// Failed under an exception in force.
    pub excepted: Ids,
    /// Seen as expected.
    pub pass: u64,
    /// Outside the rule's scope.
    pub not_applicable: u64,
}

/// What was not seen, as far as it hurts a control.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Unseen {
    /// Why.
    pub cause: Cause,
    /// The call that failed.
    pub call: String,
    /// Permissions that it needs.
    pub permissions: Vec<String>,
    /// Resource type that is hurt.
    pub r#type: String,
    /// The part that is hidden; `None` where populations are.
    pub part: Option<String>,
    /// How many gaps.
    pub count: u64,
    /// The first of their ids.
    pub ids: Vec<String>,
}

/// A difference between the statement and what was seen.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Differs {
    /// How much it matters.
    pub severity: Grade,
    /// Stable code.
    pub code: &'static str,
    /// In words.
    pub text: Text,
}

/// For the audit body to fill in; always empty when it is written.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Audit {
    /// Whether the evidence is what it says (検証).
    pub verification: Verification,
    /// Whether what it shows answers the control (妥当性).
    pub validation: Validation,
}

/// The audit body's procedure and what came of it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Verification {
    /// The procedure, or a reference to it.
    pub procedure: Option<String>,
    /// `inquiry`, `inspection`, `observation`, `reperformance`.
    pub techniques: Vec<String>,
    /// The result.
    pub result: Option<String>,
    /// What was found.
    pub findings: Option<String>,
}

/// The audit body's judgement of the evidence.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Validation {
    /// The result.
    pub result: Option<String>,
}

/// One control.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Row {
    /// Catalogue id.
    pub control: String,
    /// Our own short words.
    pub label: Text,
    /// Whether the catalogue makes it mandatory.
    pub mandatory: bool,
    /// What the provider states; `None` where it states nothing.
    pub stated: Option<StatedControl>,
    /// Where the statement and what was seen differ.
    pub differs: Vec<Differs>,
    /// How far settings reach; `None` for an id that no mapping has.
    pub reach: Option<Reach>,
    /// Where it stands; `None`: it is not part of the run.
    pub state: Option<State>,
    /// Where several clouds were read: by what each shows alone.
    pub clouds: IndexMap<String, State>,
    /// How it stood over time.
    pub history: Vec<History>,
    /// The rules behind it.
    pub evidence: Vec<Evidence>,
    /// What they found.
    pub findings: Findings,
    /// What was not seen, the most frequent first.
    pub gaps: Vec<Unseen>,
    /// What stays for people.
    pub remains: Text,
    /// For the audit body.
    pub audit: Audit,
}

/// The whole appendix.
pub(crate) struct Appendix {
    pub(crate) overview: Overview,
    pub(crate) rows: Vec<Row>,
    pub(crate) rules: IndexMap<String, RuleEvidence>,
    pub(crate) digests: crate::outward::Digests,
}
