//! What a rule says of a resource.

use crate::{Excepted, Text};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// The answer of a rule about a resource. There is no fifth: what could not be
/// read is `Unknown`, whatever the reason.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// What was expected was seen.
    Pass,
    /// Something else was seen.
    Fail,
    /// Not enough was seen.
    Unknown,
    /// The rule does not speak about this resource.
    NotApplicable,
}

/// How much a failed rule matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Worth knowing.
    Low,
    /// Should be mended in the normal course.
    Medium,
    /// Should be mended soon.
    High,
    /// Should be mended at once.
    Critical,
}

/// A resource as a finding names it.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct ResourceRef {
    /// Resource type.
    pub r#type: String,
    /// Provider's id.
    pub id: String,
    /// Name for people.
    pub name: String,
    /// Account.
    pub account: String,
    /// Region or `global`.
    pub region: String,
}

/// How a path was seen.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Sight {
    /// The value.
    Seen(Value),
    /// The provider says that it is not set.
    Absent,
    /// Not seen; the id of the gap, or `not-asked`.
    Unseen(String),
}

/// One observed path.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Observed {
    /// `settings.Encryption`.
    pub path: String,
    /// What was seen there.
    #[serde(flatten)]
    pub sight: Sight,
    /// Exchanges it came from.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub exchanges: Vec<String>,
}

/// A rule's verdict on one resource, with what it rests on.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Finding {
    /// `f` and 20 hexadecimal digits of rule, type, id, account, region.
    pub id: String,
    /// Rule id.
    pub rule: String,
    /// The rule's severity.
    pub severity: Severity,
    /// The verdict.
    pub verdict: Verdict,
    /// The resource.
    pub resource: ResourceRef,
    /// What was observed.
    pub observed: Vec<Observed>,
    /// Why, in words: made from what was observed.
    pub reason: Text,
    /// Gaps that kept it from being judged.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub gaps: Vec<String>,
    /// An exception that covers it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub excepted: Option<Excepted>,
}

impl Finding {
    /// The id of a finding; the same between runs.
    pub fn id_of(rule: &str, r: &ResourceRef) -> String {
        crate::short_id("f", &[rule, &r.r#type, &r.id, &r.account, &r.region])
    }
}

/// A rule over one scope: the five counts add up to `enumerated`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tally {
    /// Rule id.
    pub rule: String,
    /// Resource type.
    pub r#type: String,
    /// Account.
    pub account: String,
    /// Region or `global`, as the population has it.
    pub region: String,
    /// Resources in the population.
    pub enumerated: u64,
    /// Whether the population is known to be whole.
    pub complete: bool,
    /// Seen as expected.
    pub pass: u64,
    /// Seen otherwise.
    pub fail: u64,
    /// Not seen enough.
    pub unknown: u64,
    /// Failed, covered by an exception in force.
    pub excepted: u64,
    /// Outside the rule's scope.
    pub not_applicable: u64,
    /// Gaps of the population.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub gaps: Vec<String>,
}
