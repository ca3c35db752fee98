//! What a report is made of.

use crate::counts::{Counts, StateCounts};
use indexmap::IndexMap;
use serde::Serialize;
use serde_json::Value;
use shoseki_model::{
    ExceptionUse, Exchange, Finding, Gap, Population, Reach, Severity, Standing, Strength, Tally,
    Target, Text,
};
use std::collections::BTreeMap;

/// Why a report could not be made.
#[derive(Debug, thiserror::Error)]
pub enum ReportError {
    /// A stored record could not be read.
    #[error("cannot read the records of the run: {0}")]
    Read(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// The report could not be written.
    #[error("cannot write the report: {0}")]
    Write(#[from] std::io::Error),
    /// A template failed.
    #[error("cannot lay out the report: {0}")]
    Layout(#[from] askama::Error),
    /// JSON could not be written.
    #[error("cannot write the report as JSON: {0}")]
    Json(#[from] serde_json::Error),
}

impl ReportError {
    /// Wraps the error of whoever reads the records.
    pub fn read(e: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self::Read(e.into())
    }
}

/// Records one after another; an error ends the report.
pub type Stream<'a, T> = Box<dyn Iterator<Item = Result<T, ReportError>> + 'a>;

/// Records that can be read from the start as often as needed.
pub trait Records<T> {
    /// Starts at the first record.
    ///
    /// # Errors
    /// When the records cannot be opened.
    fn records(&self) -> Result<Stream<'_, T>, ReportError>;
}

impl<T: Clone> Records<T> for Vec<T> {
    fn records(&self) -> Result<Stream<'_, T>, ReportError> {
        Ok(Box::new(self.iter().cloned().map(Ok)))
    }
}

/// A function that opens the records again each time.
pub struct Again<'r, T>(Box<dyn Fn() -> Result<Stream<'r, T>, ReportError> + 'r>);

impl<'r, T> Again<'r, T> {
    /// Records that `open` starts anew at each call; errors of the reader are
    /// wrapped.
    ///
    /// ```
    /// # use shoseki_report::{Again, Records};
    /// let again = Again::new(|| Ok::<_, std::io::Error>((1..4).map(Ok::<_, std::io::Error>)));
    /// assert_eq!(again.records()?.count(), 3);
    /// assert_eq!(again.records()?.count(), 3);
    /// # Ok::<(), shoseki_report::ReportError>(())
    /// ```
    pub fn new<F, I, E>(open: F) -> Self
    where
        F: Fn() -> Result<I, E> + 'r,
        I: Iterator<Item = Result<T, E>> + 'r,
        E: std::error::Error + Send + Sync + 'static,
    {
        Self(Box::new(move || {
            let records = open().map_err(ReportError::read)?;
            Ok(Box::new(records.map(|r| r.map_err(ReportError::read))))
        }))
    }
}

impl<T> Records<T> for Again<'_, T> {
    fn records(&self) -> Result<Stream<'_, T>, ReportError> {
        (self.0)()
    }
}

/// The run itself.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct RunInfo {
    /// Id of the run.
    pub id: String,
    /// Name of the tool that made it.
    pub tool: String,
    /// Its version.
    pub version: String,
    /// Edition of the catalogue, `2024-07`.
    pub edition: String,
    /// Start, RFC 3339 in UTC.
    pub started: String,
    /// End, RFC 3339 in UTC; `None` where the run did not reach its end.
    pub ended: Option<String>,
    /// What was selected, as the user gave it (`--controls 9.4.2.2.B`); empty
    /// where every rule was.
    pub selection: Vec<String>,
    /// What the run rests on: a name (`rules`, `mappings`, `findings.jsonl`)
    /// and the SHA-256 of its bytes.
    pub digests: IndexMap<String, String>,
    /// Requests made.
    pub exchanges: u64,
    /// Whether the built-in demonstration cloud was read.
    pub demo: bool,
    /// Why it was stopped early, where it was.
    pub stopped: Option<Text>,
    /// Accounts that were to be read and could not even be signed in to.
    pub unreached: Vec<Unreached>,
}

/// An account that could not be signed in to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Unreached {
    /// How the user named it: a profile, an account, a role.
    pub target: String,
    /// What happened, in the provider's words.
    pub message: String,
}

/// A rule as a reader needs it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct RuleInfo {
    /// `aws.s3.bucket-default-encryption`.
    pub id: String,
    /// What is expected.
    pub title: Text,
    /// What a failure matters.
    pub severity: Severity,
    /// Resource type that it judges.
    pub resource: String,
    /// The risk.
    pub why: Text,
    /// The remedy.
    pub fix: FixInfo,
    /// Pages of the provider or of a standard.
    pub references: Vec<String>,
}

/// How to mend a failure.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct FixInfo {
    /// In Japanese.
    pub ja: String,
    /// In English.
    pub en: String,
    /// With the provider's command line.
    pub cli: String,
    /// With Terraform.
    pub terraform: String,
}

/// A control as a reader needs it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ControlInfo {
    /// Catalogue id, `9.4.2.2.B`.
    pub id: String,
    /// Our own short words; empty where there are none yet.
    pub label: Text,
    /// How far settings can show it.
    pub reach: Reach,
    /// What stays for people; empty where nothing does.
    pub remains: Text,
    /// Whether the catalogue makes it mandatory.
    pub mandatory: bool,
    /// Rules that bear on it, most telling first.
    pub evidence: Vec<EvidenceInfo>,
}

/// How a rule bears on a control.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct EvidenceInfo {
    /// Rule id.
    pub rule: String,
    /// How strongly.
    pub strength: Strength,
    /// What a pass shows, and what it does not.
    pub because: Text,
}

/// The numbers of one run, for a trend.
#[derive(Clone, Debug, PartialEq)]
pub struct TrendPoint {
    /// Id of the run.
    pub run: String,
    /// Its start, RFC 3339 in UTC.
    pub started: String,
    /// Where the controls stood.
    pub states: StateCounts,
    /// Its findings.
    pub counts: Counts,
    /// Whether something that was asked for was not seen.
    pub incomplete: bool,
}

/// All that a report says.
pub struct ReportData<'a> {
    /// The run.
    pub run: RunInfo,
    /// `run.json` as it was stored; the JSON report prints it in place of
    /// [`ReportData::run`].
    pub run_record: Option<Value>,
    /// Accounts that were to be read.
    pub targets: Vec<Target>,
    /// Rules of the run, by id.
    pub rules: IndexMap<String, RuleInfo>,
    /// Controls by id, in the order of the catalogue.
    pub controls: IndexMap<String, ControlInfo>,
    /// The criteria's texts by control, from the user's own copy; only the HTML
    /// report shows them.
    pub texts: BTreeMap<String, String>,
    /// Standings, in the order of the catalogue.
    pub standings: Vec<Standing>,
    /// Where several clouds were read: the standings by what each shows alone.
    pub clouds: IndexMap<String, Vec<Standing>>,
    /// Tallies.
    pub tallies: Vec<Tally>,
    /// Populations.
    pub populations: Vec<Population>,
    /// Earlier runs about the same targets, oldest first, where a ledger was given;
    /// only the HTML report shows them.
    pub trend: Vec<TrendPoint>,
    /// Why there is no trend although a ledger was given.
    pub trend_unread: Option<String>,
    /// Exceptions, in the order of their file, with what each covers.
    pub exceptions: Vec<ExceptionUse>,
    /// Findings.
    pub findings: &'a dyn Records<Finding>,
    /// Gaps.
    pub gaps: &'a dyn Records<Gap>,
    /// Exchanges.
    pub exchanges: &'a dyn Records<Exchange>,
    /// The run directory, as commands should name it.
    pub run_path: String,
    /// Where the HTML report is, where one was written.
    pub report_path: Option<String>,
}
