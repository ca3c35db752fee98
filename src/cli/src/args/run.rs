//! Commands about a stored run: `judge`, `verify`, `report`, `explain`.

use super::{FailOn, Format};
use clap::{Args, ValueEnum};
use std::path::PathBuf;

/// `judge`.
#[derive(Debug, Args)]
pub struct JudgeArgs {
    /// Run directory
    pub run: PathBuf,
    /// Copy the run here first, and judge the copy [default: in place]
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
    /// Signed-off deviations (exceptions.yaml) [default: those stored in the run]
    #[arg(long, value_name = "FILE")]
    pub exceptions: Option<PathBuf>,
    /// Severity from which a failed rule makes the exit code 3
    #[arg(long, value_name = "SEVERITY", default_value = "low")]
    pub fail_on: FailOn,
    /// Form of the summary on standard output
    #[arg(long, value_enum, default_value = "text")]
    pub format: Format,
}

/// `verify`.
#[derive(Debug, Args)]
pub struct VerifyArgs {
    /// Run directory
    pub run: PathBuf,
    /// Public keys (PEM) of those whose seal counts; without a seal by one of
    /// them nothing is verified
    #[arg(long, value_name = "FILE")]
    pub trust: Option<PathBuf>,
    /// Certificates (PEM) of the time-stamping authorities that count
    #[arg(long, value_name = "FILE")]
    pub tsa_ca: Option<PathBuf>,
    /// Lines of `shoseki disclose`: values of a redacted run that its maker disclosed later
    #[arg(long, value_name = "FILE")]
    pub disclosed: Option<PathBuf>,
    /// Form of the statement
    #[arg(long, value_enum, default_value = "text")]
    pub format: Format,
}

/// Formats of a report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ReportFormat {
    /// One self-contained page, Japanese and English
    Html,
    /// One document with the stored records
    Json,
    /// The summary of the terminal
    Text,
    /// OSCAL assessment results (JSON)
    Oscal,
    /// OSCAL catalog: ids and our labels
    OscalCatalog,
    /// OSCAL profile: the mandatory ids
    OscalProfile,
    /// OSCAL component definition: which rule evidences which control
    OscalComponent,
    /// OSCAL assessment plan
    OscalPlan,
    /// OCSF Compliance Finding events (JSON Lines)
    Ocsf,
    /// SARIF 2.1.0
    Sarif,
    /// SARIF for GitHub's code scanning: failures and unknowns, within its limits
    SarifGithub,
    /// JUnit XML
    Junit,
    /// Markdown, for a job summary
    Markdown,
    /// Annotations of GitHub Actions
    Annotations,
    /// One line a finding (RFC 4180)
    Csv,
    /// A workbook for auditors: cover, controls, evidence, findings, populations, gaps, exceptions
    Xlsx,
    /// The machine-readable appendix (別添) of a statement: JSON, a row for each control
    Betten,
}

/// `report`.
#[derive(Debug, Args)]
pub struct ReportArgs {
    /// Run directory
    pub run: PathBuf,
    /// Format
    #[arg(long, value_enum, default_value = "html")]
    pub format: ReportFormat,
    /// File [default: standard output, for html RUN/report.html]
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
    /// File of `catalogue import`: show the criteria's texts too; for html, with --out outside the run
    #[arg(long, value_name = "FILE", requires = "out")]
    pub texts: Option<PathBuf>,
    /// Begin a CSV file with a byte order mark, as Excel wants it
    #[arg(long)]
    pub bom: bool,
    /// What stands beside the run.
    #[command(flatten)]
    pub beside: BesideArgs,
}

/// What stands beside the run, for xlsx and betten.
#[derive(Debug, Clone, Default, Args)]
pub struct BesideArgs {
    /// The provider's statement (statement.yaml); for xlsx and betten
    #[arg(long, value_name = "FILE")]
    pub statement: Option<PathBuf>,
    /// Ledger that holds the run: how controls stood over the period, for xlsx and betten;
    /// the trend of earlier runs, for html
    #[arg(long, value_name = "DIR")]
    pub ledger: Option<PathBuf>,
    /// First day of the period, in Japan [default: the statement's]
    #[arg(long, value_name = "DATE", requires = "ledger")]
    pub from: Option<String>,
    /// Last day of the period, in Japan [default: the statement's]
    #[arg(long, value_name = "DATE", requires = "ledger")]
    pub to: Option<String>,
}

/// `explain`.
#[derive(Debug, Args)]
pub struct ExplainArgs {
    /// Run directory
    pub run: PathBuf,
    /// Finding id, or the beginning of one
    pub finding: String,
    /// Form of the output
    #[arg(long, value_enum, default_value = "text")]
    pub format: Format,
}
