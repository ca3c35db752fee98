//! Samples for auditors, as CSV and as a workbook.

mod book;
mod rows;

pub use book::xlsx;
pub use rows::csv;

use crate::data::RunInfo;
use crate::population::PopulationReport;
use serde::Serialize;
use shoseki_model::{Exchange, Finding, Target, Text};

/// A rule behind a draw.
#[derive(Clone, Debug, Serialize)]
pub struct DrawnRule {
    /// Rule id.
    pub rule: String,
    /// What it expects.
    pub title: Text,
}

/// One population and what was drawn from it.
#[derive(Clone, Debug, Serialize)]
pub struct Draw {
    /// Control id or rule pattern, as given.
    pub selector: String,
    /// The control's label; empty for rules.
    pub label: Text,
    /// Rules whose findings make the population.
    pub rules: Vec<DrawnRule>,
    /// Rules that are mere context for the control; their findings are not part
    /// of the population.
    pub context: Vec<String>,
    /// Rules that bear on it and were not part of the run.
    pub rules_not_run: Vec<String>,
    /// Members of the population list.
    pub population: u64,
    /// Of these, outside their rule's scope.
    pub not_applicable: u64,
    /// Members that could be drawn.
    pub frame: u64,
    /// How many were asked for.
    pub asked: u64,
    /// How many were drawn.
    pub drawn: u64,
    /// Scopes that are whole.
    pub scopes_complete: u64,
    /// All scopes.
    pub scopes: u64,
    /// Whether all of them are, and every rule was part of the run.
    pub complete: bool,
    /// SHA-256 of the population list of this draw.
    pub sha256: String,
}

/// One drawn item.
#[derive(Clone, Debug)]
pub struct Item {
    /// Which draw, from 0.
    pub draw: usize,
    /// Place in the order of keys, from 1.
    pub place: u64,
    /// The key that decided.
    pub key: String,
    /// Scope of the population that counts it.
    pub scope: String,
    /// Whether that population is whole.
    pub complete: bool,
    /// What the rule expects.
    pub title: Text,
    /// The finding.
    pub finding: Finding,
    /// Exchanges that it rests on.
    pub exchanges: Vec<Exchange>,
    /// Folder of its evidence, from the sample's folder.
    pub folder: String,
}

/// All that a sample says.
pub struct SampleData {
    /// The run.
    pub run: RunInfo,
    /// SHA-256 of `run.json`, which names the digest of every file of the run.
    pub run_sha256: String,
    /// Accounts that were to be read.
    pub targets: Vec<Target>,
    /// The seed.
    pub seed: String,
    /// Whether members outside their rule's scope could be drawn.
    pub with_not_applicable: bool,
    /// The draws.
    pub draws: Vec<Draw>,
    /// The populations behind them.
    pub population: PopulationReport,
    /// The items, in the order of draws and places.
    pub items: Vec<Item>,
}
