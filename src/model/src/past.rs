//! What a provider's own history says of earlier states: back-filled, never seen
//! by a scan.

use crate::{Observed, ResourceRef, Severity, Text, Verdict};
use serde::{Deserialize, Serialize};

/// The name of AWS Config as a source.
pub const AWS_CONFIG: &str = "aws-config";

/// What a back-fill asked for, as `run.json` keeps it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Backfill {
    /// Where the states come from: `aws-config`.
    pub source: String,
    /// First moment, RFC 3339 in UTC.
    pub from: String,
    /// First moment after it.
    pub to: String,
    /// Resource types.
    pub types: Vec<String>,
}

/// A line of `history.jsonl.zst`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "record", rename_all = "kebab-case")]
pub enum Past {
    /// A type that was asked for.
    Asked(PastScope),
    /// Where a rule stood on a resource by a recorded item.
    State(Box<PastState>),
    /// A time of which the source says nothing.
    Gap(PastGap),
}

/// A type in an account and region that the source was asked about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PastScope {
    /// Account.
    pub account: String,
    /// Region that was asked.
    pub region: String,
    /// Resource type.
    pub r#type: String,
    /// Resources that the source knows, the deleted included.
    pub resources: u64,
    /// Whether the list of them reached its end.
    pub complete: bool,
    /// Exchanges that listed.
    pub query: Vec<String>,
}

/// A state of a rule on a resource that follows from one recorded item.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PastState {
    /// Id of the finding, that of a scan's.
    pub id: String,
    /// Rule id.
    pub rule: String,
    /// Severity of the rule.
    pub severity: Severity,
    /// The resource.
    pub resource: ResourceRef,
    /// Region of the population that counts it in scans.
    pub scope: String,
    /// When the source captured the item; `now` meant this in the rule.
    pub captured: String,
    /// First moment of the asked time at which the item holds.
    pub from: String,
    /// First moment after it: the next item, the end of what was recorded without
    /// a break, or one millisecond where no length is known.
    pub to: String,
    /// The source's own word of the item, `ResourceDiscovered`.
    pub status: String,
    /// The verdict; missing: the resource had been deleted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub verdict: Option<Verdict>,
    /// What was recorded.
    pub observed: Vec<Observed>,
    /// Why, in words; missing where there is no verdict.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<Text>,
    /// Gaps that kept it from being judged.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub gaps: Vec<String>,
    /// Exchange that holds the item.
    pub exchange: String,
}

/// Why a source says nothing of a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PastCause {
    /// Recording was stopped.
    RecorderOff,
    /// Before the last known start or stop of recording: whether it was on is not
    /// known, so that items show moments and no lengths.
    RecorderUnknown,
    /// Nothing records.
    NoRecorder,
    /// The last recording event failed.
    RecorderFailing,
    /// The recorder does not record the type.
    TypeNotRecorded,
    /// Longer ago than items are kept.
    BeyondRetention,
    /// The state of recording, or the items, could not be read.
    NotRead,
    /// The resource was known and its configuration not recorded.
    ResourceNotRecorded,
}

/// A time of which the source says nothing, or moments alone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PastGap {
    /// Account.
    pub account: String,
    /// Region.
    pub region: String,
    /// Resource type.
    pub r#type: String,
    /// The one resource that is meant, as the source names it; missing: all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resource: Option<String>,
    /// First moment.
    pub from: String,
    /// First moment after it.
    pub to: String,
    /// Why.
    pub cause: PastCause,
}
