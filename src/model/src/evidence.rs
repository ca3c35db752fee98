//! What was asked, what came back, and what did not.

use indexmap::IndexMap;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// Who signed the requests, as the provider names the identity.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Caller {
    /// The principal, on AWS the ARN from `sts:GetCallerIdentity`.
    pub id: String,
    /// The account, subscription or project of the principal itself.
    pub account: String,
    /// Roles assumed on the way, first to last.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub via: Vec<String>,
}

/// What is scanned: an account, and how it was reached.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Target {
    /// `aws`, `azure` or `gcp`.
    pub cloud: String,
    /// AWS account id; Azure subscription or tenant id; Google Cloud project id,
    /// `folders/123`, `organizations/123`.
    pub account: String,
    /// Which kind of target it is: `account`; `subscription` or `tenant`;
    /// `project`, `folder` or `organization`.
    #[serde(default = "account_level", skip_serializing_if = "is_account")]
    pub level: String,
    /// The account's own name or alias, where it could be read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// AWS partition (`aws`, `aws-cn`, `aws-us-gov`), empty elsewhere.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub partition: String,
    /// The regions that were to be read.
    pub regions: Vec<String>,
    /// Regions known to be enabled but left out by the user's choice.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub regions_left_out: Vec<String>,
    /// The identity that read.
    pub caller: Caller,
    /// Endpoint override, where one was given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub endpoint: Option<String>,
}

/// What of a cloud was to be read: what its targets come from.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sought {
    /// `aws`, `azure` or `gcp`.
    pub cloud: String,
    /// Who was asked for the list: the AWS account or the Azure tenant that was
    /// signed in to first; empty on Google Cloud.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub from: String,
    /// All that is listed below this: `organization` on AWS; the tenant or
    /// `managementGroups/NAME` on Azure; `organizations/1` or `folders/1` on Google
    /// Cloud. `None`: no list was read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub below: Option<String>,
    /// Only these, as the user named them; empty: all that are listed, or, on AWS
    /// without a list, the account that was signed in to.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub named: Vec<String>,
    /// Regions that the user chose; empty: all that are switched on.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub regions: Vec<String>,
}

fn account_level() -> String {
    "account".to_owned()
}

fn is_account(level: &String) -> bool {
    level == "account"
}

/// Where the bytes of an answer are kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AnswerRef {
    /// SHA-256 of the stored bytes before compression.
    pub sha256: String,
    /// Their number.
    pub bytes: u64,
    /// How many secret values were replaced before storing; 0 means that the
    /// bytes are those received.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub redacted: u64,
}

fn is_zero(n: &u64) -> bool {
    *n == 0
}

/// An error as the provider told it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ApiError {
    /// The provider's code, for example `AccessDenied`.
    pub code: String,
    /// The provider's message.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub message: String,
}

/// One request and its answer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Exchange {
    /// `x` and 20 hexadecimal digits of what was asked ([`Exchange::id_of`]).
    pub id: String,
    /// `aws`, `azure` or `gcp`.
    pub cloud: String,
    /// Account that was asked.
    pub account: String,
    /// Region that was asked.
    pub region: String,
    /// Service and operation, `s3:GetBucketEncryption`.
    pub call: String,
    /// The parameters, member names as the provider's model has them.
    pub params: Map<String, Value>,
    /// Principal that signed.
    pub caller: String,
    /// Start of the first attempt, RFC 3339 in UTC.
    pub started: String,
    /// End of the last attempt, RFC 3339 in UTC.
    pub ended: String,
    /// The answer's `Date` header.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub date: Option<String>,
    /// The provider's id of the request.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request_id: Option<String>,
    /// HTTP status; `None` where no answer came.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    /// The answer's headers that carry members of the answer or of the error,
    /// names in lower case, secrets replaced. With them the answer can be read
    /// again.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub headers: BTreeMap<String, String>,
    /// How many times it was sent.
    pub attempts: u32,
    /// HTTP method and address without query secrets, for repeating by hand.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub http: Option<String>,
    /// The provider's error, where it answered with one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<ApiError>,
    /// Why there is no usable answer, where there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failure: Option<Cause>,
    /// The bytes, where any came.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answer: Option<AnswerRef>,
}

impl Exchange {
    /// The id of an exchange: what was asked, of whom, where.
    pub fn id_of(
        cloud: &str,
        account: &str,
        region: &str,
        call: &str,
        params: &Map<String, Value>,
    ) -> String {
        let params = canonical(&Value::Object(params.clone()));
        crate::short_id("x", &[cloud, account, region, call, &params])
    }
}

/// JSON with sorted keys and no white space.
fn canonical(v: &Value) -> String {
    match v {
        Value::Object(m) => {
            let mut keys: Vec<_> = m.iter().collect();
            keys.sort_by(|a, b| a.0.cmp(b.0));
            let body: Vec<_> = keys
                .into_iter()
                .map(|(k, v)| format!("{}:{}", Value::from(k.as_str()), canonical(v)))
                .collect();
            format!("{{{}}}", body.join(","))
        }
        Value::Array(a) => {
            format!(
                "[{}]",
                a.iter().map(canonical).collect::<Vec<_>>().join(",")
            )
        }
        _ => v.to_string(),
    }
}

/// Why something that was asked for was not seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Cause {
    /// The provider refused: a permission is missing or a policy forbids.
    Denied,
    /// Still throttled after all retries.
    Throttled,
    /// No answer in time.
    Timeout,
    /// No connection, or it broke.
    Unreachable,
    /// The region is not enabled for the account.
    RegionDisabled,
    /// The provider failed (5xx).
    ServerError,
    /// The provider refused the request itself (a 4xx that is neither a denial
    /// nor listed as an answer).
    Rejected,
    /// An answer came that could not be read.
    Malformed,
    /// The answer was cut: a page was lost, or a limit reached.
    Truncated,
    /// The call needs a licence that the tenant does not have.
    Unlicensed,
    /// The resource was listed and gone when asked about.
    Vanished,
    /// The scan was stopped.
    Cancelled,
    /// The source that was asked (a provider's own history) does not hold it, or
    /// in a shape that is not documented.
    NotInSource,
    /// Nobody asked: no selected rule needed it when the run was made.
    NotAsked,
}

/// Something that was asked for and not seen.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Gap {
    /// `g` and 20 hexadecimal digits, stable between runs.
    pub id: String,
    /// Why.
    pub cause: Cause,
    /// `aws`, `azure` or `gcp`.
    pub cloud: String,
    /// Account.
    pub account: String,
    /// Region.
    pub region: String,
    /// The call that failed, `s3:GetBucketEncryption`.
    pub call: String,
    /// Permissions that the call needs.
    pub permissions: Vec<String>,
    /// Resource type whose reading it hurts.
    pub r#type: String,
    /// The one resource it concerns; `None` where a population is concerned.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resource: Option<String>,
    /// The part of `settings` that it hides; `None` where a population is hidden.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub part: Option<String>,
    /// Items read before it happened, for a list that broke off.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub read: Option<u64>,
    /// The provider's own words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<ApiError>,
    /// Exchange in which it happened.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exchange: Option<String>,
}

impl Gap {
    /// The gap that a whole target was not reached; `way` is what should have led
    /// there, such as a role.
    pub fn unreached(
        cloud: &str,
        account: &str,
        (call, permission): (&str, &str),
        way: &str,
        cause: Cause,
        error: Option<ApiError>,
    ) -> Self {
        Self {
            id: crate::short_id("g", &[cloud, account, "global", call, cloud, way]),
            cause,
            cloud: cloud.to_owned(),
            account: account.to_owned(),
            region: "global".to_owned(),
            call: call.to_owned(),
            permissions: vec![permission.to_owned()],
            r#type: cloud.to_owned(),
            resource: Some(way.to_owned()),
            part: None,
            read: None,
            error,
            exchange: None,
        }
    }

    /// Whether it says that a whole target was not reached: it hurts no type, but
    /// all that the way behind it leads to.
    pub fn is_unreached(&self) -> bool {
        self.r#type == self.cloud && self.resource.is_some()
    }
}

/// One thing in the cloud with what was seen of it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Resource {
    /// `aws.s3.bucket`.
    pub r#type: String,
    /// Provider's id, an ARN where there is one.
    pub id: String,
    /// A name for people.
    pub name: String,
    /// Account that holds it.
    pub account: String,
    /// Region that holds it, `global` for what has none.
    pub region: String,
    /// Region of the population that counts it: where the list was asked,
    /// `global` for types that are asked once an account. A bucket in Tokyo is
    /// counted in `global`.
    pub scope: String,
    /// The provider's own field names. A member that is missing or null is
    /// *absent*: the provider says that it is not set.
    pub settings: Map<String, Value>,
    /// Exchanges that each part came from; the empty name is the list item.
    pub sources: IndexMap<String, Vec<String>>,
    /// Parts that were asked for and not seen, with the gap's id.
    #[serde(default, skip_serializing_if = "IndexMap::is_empty")]
    pub unseen: IndexMap<String, String>,
}

/// How many resources of a type there are in a scope, and how that is known.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Population {
    /// Resource type.
    pub r#type: String,
    /// `aws`, `azure` or `gcp`.
    pub cloud: String,
    /// Account.
    pub account: String,
    /// Region that was asked, `global` where the service has none.
    pub region: String,
    /// Resources enumerated.
    pub count: u64,
    /// Whether the enumeration reached its end.
    pub complete: bool,
    /// Exchanges that enumerated.
    pub query: Vec<String>,
    /// Why it is not complete.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub gaps: Vec<String>,
}
