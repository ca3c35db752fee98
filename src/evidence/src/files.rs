//! The files of a run directory.

use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};

/// Format of `run.json`.
pub(crate) const RUN_FORMAT: &str = "shoseki.run/1";
/// Its name: a run without it is not finished.
pub(crate) const RUN_FILE: &str = "run.json";
/// Its name while the judgement is being replaced.
pub(crate) const RUN_BEFORE: &str = "run.json.before";

/// A file of records, one JSON object a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Kind {
    /// Requests and where their answers are.
    Exchanges,
    /// Resources.
    Resources,
    /// What was not seen.
    Gaps,
    /// How many there are.
    Populations,
    /// Verdicts.
    Findings,
    /// Rules over scopes.
    Tallies,
    /// Controls.
    Standings,
    /// Data files that were used.
    Pack,
    /// Earlier states out of a provider's own history: in back-fills alone.
    History,
}

impl Kind {
    /// Those of every run, in the order of the flow.
    pub const ALL: [Kind; 8] = [
        Kind::Exchanges,
        Kind::Resources,
        Kind::Gaps,
        Kind::Populations,
        Kind::Findings,
        Kind::Tallies,
        Kind::Standings,
        Kind::Pack,
    ];

    /// Those of a run: a back-fill has one more.
    pub(crate) fn of(backfill: bool) -> impl Iterator<Item = Kind> {
        let more = backfill.then_some(Kind::History);
        Kind::ALL.into_iter().chain(more)
    }

    /// Those that judging again replaces.
    pub(crate) const JUDGED: [Kind; 4] =
        [Kind::Findings, Kind::Tallies, Kind::Standings, Kind::Pack];

    pub(crate) fn index(self) -> usize {
        self as usize
    }

    /// File name.
    pub fn file(self) -> &'static str {
        match self {
            Kind::Exchanges => "exchanges.jsonl.zst",
            Kind::Resources => "resources.jsonl.zst",
            Kind::Gaps => "gaps.jsonl",
            Kind::Populations => "populations.jsonl",
            Kind::Findings => "findings.jsonl.zst",
            Kind::Tallies => "tallies.jsonl",
            Kind::Standings => "standings.jsonl",
            Kind::Pack => "pack.jsonl.zst",
            Kind::History => "history.jsonl.zst",
        }
    }

    /// Format with version, as the first line says it.
    pub fn format(self) -> &'static str {
        match self {
            Kind::Exchanges => "shoseki.exchanges/1",
            Kind::Resources => "shoseki.resources/1",
            Kind::Gaps => "shoseki.gaps/1",
            Kind::Populations => "shoseki.populations/1",
            Kind::Findings => "shoseki.findings/1",
            Kind::Tallies => "shoseki.tallies/1",
            Kind::Standings => "shoseki.standings/1",
            Kind::Pack => "shoseki.pack/1",
            Kind::History => "shoseki.history/1",
        }
    }

    pub(crate) fn compressed(self) -> bool {
        Path::new(self.file())
            .extension()
            .is_some_and(|e| e == "zst")
    }
}

/// First line of a file of records.
#[derive(Serialize, Deserialize)]
pub(crate) struct Header {
    pub(crate) format: String,
}

/// A collector, rule, mapping or catalogue file as it was used.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PackFile {
    /// `rules/aws/s3/bucket-default-encryption.yaml`; the first folder names the
    /// pack.
    pub path: String,
    /// Its text.
    pub text: String,
}

/// Where the answer with this digest is kept.
pub(crate) fn answer_path(dir: &Path, sha256: &str) -> PathBuf {
    let folder = sha256.get(..2).unwrap_or("00");
    dir.join("answers")
        .join(folder)
        .join(format!("{sha256}.zst"))
}

/// Whether it can be a digest; anything else never becomes part of a path.
pub(crate) fn is_digest(sha256: &str) -> bool {
    sha256.len() == 64
        && sha256
            .bytes()
            .all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'))
}
