//! `manifest.json`: every file of a run with its digest, what the run was, and
//! the root of the Merkle tree over files and records.

use super::error::Error;
use crate::info::{Counts, Outcome, Selection, Tool};
use crate::read::Run;
use jiff::Timestamp;
use jiff::tz::{TimeZone, offset};
use serde::{Deserialize, Serialize};
use shoseki_model::{Exchange, Target};
use std::collections::{BTreeMap, BTreeSet};

/// Format of `manifest.json`.
pub const FORMAT: &str = "shoseki.manifest/1";
/// How the tree is hashed.
pub const SCHEME: &str = "rfc6962-sha256";

/// A file with its digest.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// Path below the run directory.
    pub path: String,
    /// Size as stored.
    pub bytes: u64,
    /// SHA-256 of the bytes as stored.
    pub sha256: String,
}

/// The Merkle tree.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tree {
    /// `rfc6962-sha256`.
    pub scheme: String,
    /// Leaves: files and records.
    pub leaves: u64,
    /// Those of files.
    pub files: u64,
    /// Those of records, by the file they stand in.
    pub records: BTreeMap<String, u64>,
    /// The root, in hexadecimal.
    pub root: String,
}

/// A moment, as a machine and as a Japanese auditor wants it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Moment {
    /// RFC 3339 in UTC.
    pub utc: String,
    /// The same in Japan Standard Time, whole seconds.
    pub jst: String,
}

/// When.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Times {
    /// Start of the scan.
    pub started: Moment,
    /// End of reading.
    pub ended: Moment,
    /// What `now` meant in rules.
    pub judged_at: Moment,
}

/// How far this machine's clock and the providers' were apart, in whole seconds:
/// how far the `Date` of an answer lies outside the time from the request's
/// start to the answer's end.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClockSkew {
    /// Exchanges with a `Date`.
    pub compared: u64,
    /// The largest distance.
    pub max_seconds: i64,
    /// The median of the distances.
    pub median_seconds: i64,
}

/// `manifest.json`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Manifest {
    /// `shoseki.manifest/1`.
    pub format: String,
    /// The program that wrote the run.
    pub tool: Tool,
    /// How the run ended.
    pub outcome: Outcome,
    /// When.
    pub times: Times,
    /// What was scanned, and how it was reached.
    pub targets: Vec<Target>,
    /// Everybody who signed a request.
    pub callers: Vec<String>,
    /// What was selected.
    pub selection: Selection,
    /// Edition of the control catalogue.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub edition: Option<String>,
    /// Digests of collectors, rules, mappings and catalogues, as in `run.json`.
    pub packs: BTreeMap<String, String>,
    /// Numbers of records: what was seen, and how many populations are whole.
    pub counts: Counts,
    /// Clocks.
    pub clock_skew: ClockSkew,
    /// The tree.
    pub tree: Tree,
    /// Every file but those of the seal, by path.
    pub files: Vec<Entry>,
}

/// A moment in both clocks.
pub(super) fn moment(utc: &str) -> Result<Moment, jiff::Error> {
    let at: Timestamp = utc.parse()?;
    let jst = at.to_zoned_datetime(TimeZone::fixed(offset(9)));
    Ok(Moment {
        utc: utc.to_owned(),
        jst: jst.strftime("%Y-%m-%dT%H:%M:%S+09:00").to_string(),
    })
}

/// How far the provider's date lies outside the exchange, in whole seconds; its
/// header has no fractions. `None`: it has none that can be read.
fn skew(x: &Exchange) -> Option<i64> {
    let date = x.date.as_deref()?;
    let date = jiff::fmt::rfc2822::parse(date)
        .map(|z| z.timestamp())
        .or_else(|_| date.parse::<Timestamp>())
        .ok()?;
    let (from, to): (Timestamp, Timestamp) = (x.started.parse().ok()?, x.ended.parse().ok()?);
    let date = date.as_second();
    let before = from.as_second().saturating_sub(date);
    let after = date.saturating_sub(to.as_second());
    Some(before.max(after).max(0))
}

impl Manifest {
    /// Of a finished run, with all its files and the tree over them and the records.
    pub fn of(run: &Run, files: Vec<Entry>, tree: Tree) -> Result<Self, Error> {
        let file = run.file();
        let info = &file.info;
        let mut callers = BTreeSet::new();
        let mut skews = Vec::new();
        for x in run.exchanges()? {
            let x = x?;
            skews.extend(skew(&x));
            callers.insert(x.caller);
        }
        skews.sort_unstable();
        let at = |utc: &str| {
            moment(utc).map_err(|e| Error::unsound(&run.dir().join("run.json"), e.to_string()))
        };
        Ok(Self {
            format: FORMAT.to_owned(),
            tool: info.tool.clone(),
            outcome: file.outcome,
            times: Times {
                started: at(&info.started)?,
                ended: at(&info.ended)?,
                judged_at: at(&info.judged_at)?,
            },
            targets: info.targets.clone(),
            callers: callers.into_iter().filter(|c| !c.is_empty()).collect(),
            selection: info.selection.clone(),
            edition: info.edition.clone(),
            packs: file.packs.clone(),
            counts: file.counts,
            clock_skew: ClockSkew {
                compared: skews.len() as u64,
                max_seconds: skews.last().copied().unwrap_or(0),
                median_seconds: skews.get(skews.len() / 2).copied().unwrap_or(0),
            },
            tree,
            files,
        })
    }

    /// The bytes of `manifest.json`.
    pub(super) fn bytes(&self) -> serde_json::Result<Vec<u8>> {
        let mut out = serde_json::to_vec_pretty(self)?;
        out.push(b'\n');
        Ok(out)
    }

    /// Reads it; otherwise says what is wrong.
    pub(super) fn parse(text: &[u8]) -> Result<Self, String> {
        let manifest: Self = serde_json::from_slice(text).map_err(|e| e.to_string())?;
        if manifest.format == FORMAT {
            Ok(manifest)
        } else {
            Err(format!(
                "the format is `{}`, this program reads `{FORMAT}`",
                manifest.format
            ))
        }
    }
}
