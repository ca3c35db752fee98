//! What all formats for other programs share: the five outcomes of a finding,
//! the controls that a rule bears on, exceptions, digests, times.

use crate::data::{ReportData, ReportError};
use crate::words::{self, Word};
use shoseki_model::{AnswerRef, Excepted, Finding, Observed, Severity, Sight, Strength, Verdict};
use std::collections::HashMap;

/// Namespace of our own properties in other people's formats.
pub const NAMESPACE: &str = "urn:shoseki:report:1";

/// A verdict, with excepted failures apart: the five outcomes that every format
/// counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Status {
    /// Seen otherwise, under no exception.
    Fail,
    /// Not seen enough.
    Unknown,
    /// Failed under an exception in force.
    Excepted,
    /// Seen as expected.
    Pass,
    /// Outside the rule's scope.
    NotApplicable,
}

/// All of them, the gravest first.
pub const STATUSES: [Status; 5] = [
    Status::Fail,
    Status::Unknown,
    Status::Excepted,
    Status::Pass,
    Status::NotApplicable,
];

impl Status {
    /// The outcome of a finding. Only a failure can be excepted.
    pub fn of(f: &Finding) -> Self {
        match (f.verdict, &f.excepted) {
            (Verdict::Fail, Some(_)) => Self::Excepted,
            (Verdict::Fail, None) => Self::Fail,
            (Verdict::Pass, _) => Self::Pass,
            (Verdict::Unknown, _) => Self::Unknown,
            (Verdict::NotApplicable, _) => Self::NotApplicable,
        }
    }

    /// The name that all formats use.
    pub fn id(self) -> &'static str {
        match self {
            Self::Fail => "fail",
            Self::Unknown => "unknown",
            Self::Excepted => "excepted",
            Self::Pass => "pass",
            Self::NotApplicable => "not-applicable",
        }
    }

    /// What people call it.
    pub fn word(self) -> Word {
        match self {
            Self::Fail => words::verdict(Verdict::Fail),
            Self::Unknown => words::verdict(Verdict::Unknown),
            Self::Excepted => words::EXCEPTED,
            Self::Pass => words::verdict(Verdict::Pass),
            Self::NotApplicable => words::verdict(Verdict::NotApplicable),
        }
    }
}

/// An exception as names and values, in the order to show them. A field that an
/// exception gains is added here, and all formats carry it.
pub fn exception(e: &Excepted) -> Vec<(&'static str, &str)> {
    vec![
        ("exception-id", &e.id),
        ("exception-owner", &e.owner),
        ("exception-approver", &e.approver),
        ("exception-reason", &e.reason),
        ("exception-compensating", &e.compensating),
        ("exception-from", &e.from),
        ("exception-until", &e.until),
    ]
}

/// The names of [`exception`], for formats with fixed columns.
pub const EXCEPTION_FIELDS: [&str; 7] = [
    "exception-id",
    "exception-owner",
    "exception-approver",
    "exception-reason",
    "exception-compensating",
    "exception-from",
    "exception-until",
];

/// Control ids by rule: those that the rule states or supports, in the order of
/// the catalogue. What is only context is not claimed.
pub fn bearing<'d>(data: &'d ReportData<'_>) -> HashMap<&'d str, Vec<&'d str>> {
    let mut out: HashMap<&str, Vec<&str>> = HashMap::new();
    for c in data.controls.values() {
        for e in &c.evidence {
            if e.strength > Strength::Context {
                let ids = out.entry(&e.rule).or_default();
                if !ids.contains(&c.id.as_str()) {
                    ids.push(&c.id);
                }
            }
        }
    }
    out
}

/// The stored name of a severity.
pub fn severity(s: Severity) -> &'static str {
    words::severity(s).en
}

/// Milliseconds since 1970 of an RFC 3339 time; 0 where it is none.
pub fn millis(t: &str) -> i64 {
    t.parse::<jiff::Timestamp>()
        .map_or(0, jiff::Timestamp::as_millisecond)
}

/// The end of the run, or its start where it has no end.
pub fn moment<'d>(data: &'d ReportData<'_>) -> &'d str {
    data.run.ended.as_deref().unwrap_or(&data.run.started)
}

/// What an observation says, in one line.
pub fn observed(o: &Observed) -> String {
    match &o.sight {
        Sight::Seen(v) => format!("{} = {v}", o.path),
        Sight::Absent => format!("{}: absent", o.path),
        Sight::Unseen(gap) => format!("{}: unseen ({gap})", o.path),
    }
}

/// Digests of the stored answers by exchange: 48 bytes an exchange, whatever it
/// holds.
pub struct Digests(HashMap<u128, [u8; 32]>);

impl Digests {
    /// One pass over the exchanges.
    pub fn read(data: &ReportData<'_>) -> Result<Self, ReportError> {
        let mut map = HashMap::new();
        for x in data.exchanges.records()? {
            let x = x?;
            if let (Some(key), Some(d)) = (number(&x.id), x.answer.as_ref().and_then(bytes)) {
                map.insert(key, d);
            }
        }
        Ok(Self(map))
    }

    /// SHA-256 of the answer in hexadecimal.
    pub fn of(&self, exchange: &str) -> Option<String> {
        let d = self.0.get(&number(exchange)?)?;
        Some(shoseki_model::hex(d))
    }
}

/// The digits of a short id (`x` and 20 hexadecimal digits) as a number.
pub fn number(id: &str) -> Option<u128> {
    u128::from_str_radix(id.get(1..)?, 16).ok()
}

fn bytes(a: &AnswerRef) -> Option<[u8; 32]> {
    let mut out = [0; 32];
    for (i, o) in out.iter_mut().enumerate() {
        *o = u8::from_str_radix(a.sha256.get(i * 2..i * 2 + 2)?, 16).ok()?;
    }
    Some(out)
}

/// Where an answer lies in the run directory.
pub fn answer_path(sha256: &str) -> String {
    format!("answers/{}/{sha256}.zst", sha256.get(..2).unwrap_or(""))
}

/// Exchanges of a finding, each once, in order.
pub fn exchanges(f: &Finding) -> Vec<&str> {
    let mut out: Vec<&str> = Vec::new();
    for x in f.observed.iter().flat_map(|o| &o.exchanges) {
        if !out.contains(&x.as_str()) {
            out.push(x);
        }
    }
    out
}

/// The cloud of a resource type: `aws` of `aws.s3.bucket`.
pub fn cloud_of(r#type: &str) -> &str {
    r#type.split('.').next().unwrap_or(r#type)
}
