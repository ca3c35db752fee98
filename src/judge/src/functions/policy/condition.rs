//! Conditions that bind a statement to accounts, organisations, networks or
//! sources.
//!
//! Keys as the IAM user guide's "AWS global condition context keys" has them,
//! with those of single services that name an account or a network.

use ipnet::IpNet;
use serde_json::Value;
use shoseki_model::Text;
use std::net::IpAddr;

/// Whom a condition lets through.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Who {
    /// An account, 12 digits.
    Account(String),
    /// An organisation, `o-…`.
    Organisation(String),
    /// The account or the organisation of the resource itself.
    Owner,
    /// One source that does not name its account, for example a bucket.
    Source,
    /// Whoever comes through a network.
    Network,
}

/// One key under one operator.
#[derive(Clone, Debug)]
pub(super) struct Condition {
    /// The operator in lower case, without prefix and `IfExists`.
    pub operator: String,
    /// `IfExists`: holds where the key is missing.
    pub if_exists: bool,
    /// `ForAllValues`: holds where the key is missing.
    pub all_values: bool,
    /// The key in lower case.
    pub key: String,
    pub values: Vec<String>,
}

impl Condition {
    pub fn all(v: &Value) -> Result<Vec<Self>, Text> {
        let bad = || Text::new("Condition の形が正しくない", "a Condition is malformed");
        let m = match v {
            Value::Null => return Ok(Vec::new()),
            Value::Object(m) => m,
            _ => return Err(bad()),
        };
        let mut out = Vec::new();
        for (operator, keys) in m {
            let lower = operator.to_ascii_lowercase();
            let (all_values, rest) = match lower.split_once(':') {
                Some((set, rest)) => (set == "forallvalues", rest),
                None => (false, lower.as_str()),
            };
            let (operator, if_exists) = match rest.strip_suffix("ifexists") {
                Some(o) => (o, true),
                None => (rest, false),
            };
            for (key, values) in keys.as_object().ok_or_else(bad)? {
                out.push(Self {
                    operator: operator.to_owned(),
                    if_exists,
                    all_values,
                    key: key.to_ascii_lowercase(),
                    values: texts(values)?,
                });
            }
        }
        Ok(out)
    }

    /// Whom the condition lets through, where it names them: accounts,
    /// organisations, networks or sources. `None` where it does not narrow.
    pub fn named(&self) -> Option<Vec<Who>> {
        let like = matches!(
            self.operator.as_str(),
            "stringequals" | "stringequalsignorecase" | "stringlike" | "arnequals" | "arnlike"
        );
        let fits = match self.key.as_str() {
            "aws:sourceip" => self.operator == "ipaddress",
            "elasticfilesystem:accessedviamounttarget" => self.operator == "bool",
            _ => like,
        };
        if !fits || self.values.is_empty() {
            return None;
        }
        // The values are alternatives, so that each of them must narrow.
        self.values.iter().map(|v| one(&self.key, v)).collect()
    }
}

/// A text or a list of texts; numbers and booleans are written as text.
pub(super) fn texts(v: &Value) -> Result<Vec<String>, Text> {
    let one = |v: &Value| match v {
        Value::String(s) => Ok(s.clone()),
        Value::Bool(b) => Ok(b.to_string()),
        Value::Number(n) => Ok(n.to_string()),
        _ => Err(Text::new(
            "文字列の一覧であるべき箇所がそうではない",
            "something that should be a list of texts is not",
        )),
    };
    match v {
        Value::Array(a) => a.iter().map(one).collect(),
        v => Ok(vec![one(v)?]),
    }
}

/// Whom one value of a key names.
fn one(key: &str, value: &str) -> Option<Who> {
    if let Some(variable) = value.strip_prefix("${").and_then(|v| v.strip_suffix('}')) {
        return own(key, variable);
    }
    if value.contains("${") {
        return None;
    }
    match key {
        "aws:principalaccount"
        | "aws:sourceaccount"
        | "aws:sourceowner"
        | "kms:calleraccount"
        | "s3:dataaccesspointaccount"
        | "aws:vpceaccount" => account(value),
        "aws:principalorgid" | "aws:sourceorgid" | "aws:vpceorgid" => organisation(value),
        "aws:principalorgpaths" | "aws:sourceorgpaths" | "aws:vpceorgpaths" => {
            organisation(value.split_once('/')?.0)
        }
        "aws:sourcearn"
        | "aws:principalarn"
        | "s3:dataaccesspointarn"
        | "aws:sourcevpcarn"
        | "lambda:sourcefunctionarn" => arn(value),
        "aws:userid" => user(value),
        "aws:sourcevpc" | "aws:sourcevpce" => plain(value).then_some(Who::Network),
        "aws:sourceip" => narrow_range(value).then_some(Who::Network),
        "elasticfilesystem:accessedviamounttarget" => {
            value.eq_ignore_ascii_case("true").then_some(Who::Network)
        }
        _ => None,
    }
}

/// Variables that stand for the owner of the resource itself.
fn own(key: &str, variable: &str) -> Option<Who> {
    let variable = variable.to_ascii_lowercase();
    let fits = match variable.as_str() {
        "aws:resourceaccount" => matches!(
            key,
            "aws:principalaccount" | "aws:sourceaccount" | "kms:calleraccount" | "aws:vpceaccount"
        ),
        "aws:resourceorgid" => {
            matches!(
                key,
                "aws:principalorgid" | "aws:sourceorgid" | "aws:vpceorgid"
            )
        }
        _ => false,
    };
    fits.then_some(Who::Owner)
}

fn plain(s: &str) -> bool {
    !s.is_empty() && !s.contains(['*', '?'])
}

pub(super) fn is_account(s: &str) -> bool {
    s.len() == 12 && s.bytes().all(|b| b.is_ascii_digit())
}

fn account(s: &str) -> Option<Who> {
    is_account(s).then(|| Who::Account(s.to_owned()))
}

fn organisation(s: &str) -> Option<Who> {
    (s.starts_with("o-") && plain(s)).then(|| Who::Organisation(s.to_owned()))
}

/// An ARN binds to its account; one without account, or of S3, whose names are
/// unique in the world, binds where it holds no wildcard.
fn arn(s: &str) -> Option<Who> {
    let parts: Vec<&str> = s.splitn(6, ':').collect();
    let ["arn", _, service, _, owner, resource] = parts.as_slice() else {
        return None;
    };
    if is_account(owner) {
        return Some(Who::Account((*owner).to_owned()));
    }
    let bucket = *service == "s3" && matches!(*owner, "" | "*");
    let bound = plain(resource) && plain(service) && (bucket || owner.is_empty());
    bound.then_some(Who::Source)
}

/// A user's id, or a role's id with any session.
fn user(s: &str) -> Option<Who> {
    let id = s.split(':').next().unwrap_or_default();
    let unique = id.len() >= 16 && id.bytes().all(|b| b.is_ascii_alphanumeric());
    if is_account(id) {
        return Some(Who::Account(id.to_owned()));
    }
    unique.then_some(Who::Source)
}

/// Amazon S3 calls ranges public that are broader than /8, /32 for IPv6.
fn narrow_range(s: &str) -> bool {
    match (s.parse::<IpNet>(), s.parse::<IpAddr>()) {
        (Ok(IpNet::V4(n)), _) => n.prefix_len() >= 8,
        (Ok(IpNet::V6(n)), _) => n.prefix_len() >= 32,
        (Err(_), Ok(_)) => true,
        _ => false,
    }
}
