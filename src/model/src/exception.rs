//! Signed-off deviations, and what became of them.

use serde::{Deserialize, Serialize};

/// What an exception covers of a cloud. Patterns of `*` and `?`; an empty list
/// does not narrow, and where none narrows `everything` is said openly.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ExceptionScope {
    /// Accounts.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub accounts: Vec<String>,
    /// Regions, `global` for what has none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub regions: Vec<String>,
    /// Provider's ids of resources.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub resources: Vec<String>,
    /// All resources of all accounts and regions.
    #[serde(default, skip_serializing_if = "is_false")]
    pub everything: bool,
}

fn is_false(b: &bool) -> bool {
    !b
}

/// One exception, as its file states it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Exception {
    /// Its id.
    pub id: String,
    /// Rules, `*` and `?` allowed; where it is missing there is a control.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rule: Option<String>,
    /// The control whose rules it covers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub control: Option<String>,
    /// What it covers.
    pub scope: ExceptionScope,
    /// Who answers for it.
    pub owner: String,
    /// Who approved.
    pub approver: String,
    /// Why.
    pub reason: String,
    /// What is done instead.
    pub compensating: String,
    /// First day in Japan, `2026-04-01`.
    pub from: String,
    /// Last day in Japan.
    pub until: String,
}

/// Somebody's signed-off deviation, as a finding names it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Excepted {
    /// Id of the exception.
    pub id: String,
    /// Who answers for it.
    pub owner: String,
    /// Who approved.
    pub approver: String,
    /// Why.
    pub reason: String,
    /// What is done instead.
    pub compensating: String,
    /// First day in Japan, `2026-04-01`.
    pub from: String,
    /// Last day in Japan, `2027-03-31`.
    pub until: String,
}

/// An exception at the time of judging.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ExceptionState {
    /// Its days have come and are not over.
    InForce,
    /// Its last day is over: what it covered counts again.
    Expired,
    /// Its first day has not come: what it will cover counts still.
    Future,
}

/// What an exception did in a run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExceptionUse {
    /// The exception.
    #[serde(flatten)]
    pub exception: Exception,
    /// Where it stood.
    pub state: ExceptionState,
    /// Findings that are shown as excepted by it.
    pub covers: u64,
    /// Failed findings of its rules and scope, whether it covers them or not.
    pub matches: u64,
}

/// Whether `text` fits a pattern of literal characters, `*` and `?`.
pub fn fits(pattern: &str, text: &str) -> bool {
    let p: Vec<char> = pattern.chars().collect();
    let t: Vec<char> = text.chars().collect();
    let (mut i, mut j) = (0, 0);
    let mut back: Option<(usize, usize)> = None;
    while j < t.len() {
        match p.get(i) {
            Some('*') => {
                back = Some((i + 1, j));
                i += 1;
            }
            Some(c) if *c == '?' || *c == t[j] => {
                i += 1;
                j += 1;
            }
            _ => match back {
                Some((after, from)) => {
                    i = after;
                    j = from + 1;
                    back = Some((after, j));
                }
                None => return false,
            },
        }
    }
    p[i..].iter().all(|c| *c == '*')
}

#[cfg(test)]
mod tests {
    use super::fits;

    #[test]
    fn globs() {
        assert!(fits("aws.s3.*", "aws.s3.bucket-tls"));
        assert!(fits("*tls*", "aws.s3.bucket-tls"));
        assert!(!fits("aws.s3", "aws.s3.bucket-tls"));
        assert!(fits("aws.s?.x", "aws.s3.x"));
        assert!(fits("記録-?", "記録-甲"));
        assert!(!fits("", "x"));
    }
}
