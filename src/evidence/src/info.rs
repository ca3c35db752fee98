//! `run.json`: what a run was, and the digests of its files.

use serde::{Deserialize, Serialize};
use shoseki_model::{Backfill, Lang, Sought, Target, Verdict};
use std::collections::BTreeMap;

/// The program that wrote a run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tool {
    /// `shoseki`.
    pub name: String,
    /// Its version.
    pub version: String,
}

/// What the user selected.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Selection {
    /// Glob over rule ids; `None`: all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rules: Option<String>,
    /// Control ids; empty: all.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub controls: Vec<String>,
    /// Language of reports.
    pub lang: Lang,
}

/// What the writer of a run says of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RunInfo {
    /// Who wrote it.
    pub tool: Tool,
    /// Start, RFC 3339 in UTC.
    pub started: String,
    /// End of reading, RFC 3339 in UTC.
    pub ended: String,
    /// The moment that `now` meant in rules, RFC 3339 in UTC.
    pub judged_at: String,
    /// What was asked, where it is a back-fill out of a provider's own history and
    /// no scan.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub backfill: Option<Backfill>,
    /// What was to be scanned, one entry a cloud; empty in runs of versions before
    /// it was noted.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub sought: Vec<Sought>,
    /// What was scanned.
    pub targets: Vec<Target>,
    /// What was selected.
    pub selection: Selection,
    /// Edition of the control catalogue; `None` where none was used.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub edition: Option<String>,
}

/// How a run ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// Everything that was asked for was seen.
    Complete,
    /// Something was not seen: there are gaps.
    Incomplete,
    /// Nothing was seen at all.
    NothingRead,
    /// It was stopped.
    Cancelled,
}

/// Findings by verdict. An excepted one is counted by its verdict too.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct FindingCounts {
    /// Seen as expected.
    pub pass: u64,
    /// Seen otherwise.
    pub fail: u64,
    /// Not seen enough.
    pub unknown: u64,
    /// Outside the rule's scope.
    pub not_applicable: u64,
    /// Covered by an exception.
    pub excepted: u64,
}

impl FindingCounts {
    pub(crate) fn add(&mut self, verdict: Verdict, excepted: bool) {
        match verdict {
            Verdict::Pass => self.pass += 1,
            Verdict::Fail => self.fail += 1,
            Verdict::Unknown => self.unknown += 1,
            Verdict::NotApplicable => self.not_applicable += 1,
        }
        self.excepted += u64::from(excepted);
    }
}

/// Populations, and how many of them are whole.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PopulationCounts {
    /// Known to be whole.
    pub complete: u64,
    /// All that were asked for.
    pub all: u64,
}

/// Numbers of records.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counts {
    /// Requests.
    pub exchanges: u64,
    /// Resources.
    pub resources: u64,
    /// Gaps.
    pub gaps: u64,
    /// Findings.
    pub findings: FindingCounts,
    /// Populations.
    pub populations: PopulationCounts,
}

/// A file of the run with its digest.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileEntry {
    /// Name below the run directory.
    pub path: String,
    /// Size as stored.
    pub bytes: u64,
    /// SHA-256 of the bytes as stored.
    pub sha256: String,
    /// Records, the first line not counted.
    pub records: u64,
}

/// The stored answers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answers {
    /// Files; equal answers are stored once.
    pub count: u64,
    /// Their size before compression.
    pub bytes: u64,
}

/// `run.json`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RunFile {
    /// `shoseki.run/1`.
    pub format: String,
    /// How it ended.
    pub outcome: Outcome,
    /// What its writer says.
    #[serde(flatten)]
    pub info: RunInfo,
    /// Whether it was judged again (`shoseki judge`): then the rules in the pack
    /// need not be those for which the answers were asked.
    #[serde(default, skip_serializing_if = "is_false")]
    pub rejudged: bool,
    /// Digest of each pack: SHA-256 over one line `<sha256 of the file>  <path>`
    /// for each file, sorted by path, each line ended by a newline. That is what
    /// `sha256sum` prints.
    pub packs: BTreeMap<String, String>,
    /// Numbers of records.
    pub counts: Counts,
    /// Every file but `run.json` and the answers.
    pub files: Vec<FileEntry>,
    /// The answers.
    pub answers: Answers,
}

fn is_false(b: &bool) -> bool {
    !b
}
