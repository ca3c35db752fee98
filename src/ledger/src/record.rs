//! An entry of the ledger.

use crate::canonical::{Hash, sha256};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use shoseki_evidence::Outcome;
use shoseki_model::{Backfill, Target, hex};
use std::collections::{BTreeMap, BTreeSet};

/// What a run says of itself, before it is added.
#[derive(Clone, Debug, PartialEq)]
pub struct RunRecord {
    /// Name of the run directory.
    pub run: String,
    /// SHA-256 of the bytes of `run.json`.
    pub run_sha256: String,
    /// Start, RFC 3339.
    pub started: String,
    /// End of reading, RFC 3339.
    pub ended: String,
    /// The moment that `now` meant in rules, RFC 3339.
    pub judged_at: String,
    /// How it ended.
    pub outcome: Outcome,
    /// Edition of the control catalogue.
    pub edition: Option<String>,
    /// What was scanned.
    pub targets: Vec<Target>,
    /// Glob over rule ids; `None`: all.
    pub rules: Option<String>,
    /// Selected controls; empty: all.
    pub controls: Vec<String>,
    /// Digest of each pack, as `run.json` has it.
    pub packs: BTreeMap<String, String>,
    /// What was asked, where it is a back-fill and no scan.
    pub backfill: Option<Backfill>,
}

/// One entry, as stored: its compact JSON, members in this order, is what the
/// head binds.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Entry {
    /// Number, from 1.
    pub seq: u64,
    /// Head before it, 64 hexadecimal digits; zeros for the first.
    pub previous: String,
    /// Name of the run directory.
    pub run: String,
    /// SHA-256 of its `run.json`.
    pub run_sha256: String,
    /// Start, RFC 3339 in UTC.
    pub started: String,
    /// End of reading, RFC 3339 in UTC.
    pub ended: String,
    /// The moment that `now` meant in rules.
    pub judged_at: String,
    /// How the run ended.
    pub outcome: Outcome,
    /// Edition of the control catalogue.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub edition: Option<String>,
    /// Accounts that were to be read, sorted.
    pub accounts: Vec<String>,
    /// SHA-256 of the targets with their regions, stored once.
    pub targets_sha256: String,
    /// Glob over rule ids; missing: all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rules: Option<String>,
    /// Selected controls; missing: all.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub controls: Vec<String>,
    /// Digest of each pack.
    pub packs: BTreeMap<String, String>,
    /// What was asked of which source, where it is a back-fill and no scan.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub backfill: Option<Backfill>,
    /// Findings in the run; of a back-fill the states.
    pub findings: u64,
    /// Those of which something changed, the vanished included.
    pub changed: u64,
    /// SHA-256 over the lines of what was stored for this entry.
    pub content_sha256: String,
}

/// An entry with the head after it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Listed {
    /// The entry.
    #[serde(flatten)]
    pub entry: Entry,
    /// SHA-256 of the previous head (32 bytes) and the entry's JSON.
    pub head: String,
}

/// Runs of one track are about the same: controls are followed along it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) struct Track {
    pub(crate) accounts: BTreeSet<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) rules: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) controls: Vec<String>,
}

impl Entry {
    pub(crate) fn track(&self) -> Track {
        Track {
            accounts: self.accounts.iter().cloned().collect(),
            rules: self.rules.clone(),
            controls: self.controls.clone(),
        }
    }
}

/// The head after an entry.
pub(crate) fn head(previous: &Hash, record: &str) -> Hash {
    let mut h = Sha256::new();
    h.update(previous);
    h.update(record.as_bytes());
    h.finalize().into()
}

/// Digest of a pack as `run.json` has it: over `<sha256>  <path>` lines.
pub(crate) fn pack_digest(files: &BTreeMap<String, Hash>) -> String {
    let lines: String = files
        .iter()
        .map(|(path, sha)| format!("{}  {path}\n", hex(sha)))
        .collect();
    hex(&sha256(lines.as_bytes()))
}

/// 32 bytes of 64 hexadecimal digits.
pub(crate) fn unhex(s: &str) -> Option<Hash> {
    let bytes = unhex_any(s)?;
    bytes.try_into().ok()
}

/// Bytes of lower-case hexadecimal digits.
pub(crate) fn unhex_any(s: &str) -> Option<Vec<u8>> {
    if !s.len().is_multiple_of(2) {
        return None;
    }
    let digit = |b: u8| match b {
        b'0'..=b'9' => Some(b - b'0'),
        b'a'..=b'f' => Some(b - b'a' + 10),
        _ => None,
    };
    s.as_bytes()
        .chunks_exact(2)
        .map(|p| Some(digit(p[0])? << 4 | digit(p[1])?))
        .collect()
}
