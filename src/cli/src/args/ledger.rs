//! Runs over time, and what a provider states of them.

use super::Format;
use clap::{Args, Subcommand, ValueEnum};
use std::path::PathBuf;

/// Where the ledger is.
#[derive(Debug, Clone, Args)]
pub struct Where {
    /// Folder of the ledger
    #[arg(long, value_name = "DIR", default_value = "shoseki-ledger")]
    pub ledger: PathBuf,
}

/// `ledger …`.
#[derive(Debug, Subcommand)]
pub enum LedgerCommand {
    /// Add a finished run; the first begins the ledger. Prints the new head
    Add {
        /// Run directories, the oldest first
        #[arg(required = true, value_name = "RUN")]
        runs: Vec<PathBuf>,
        /// Where the ledger is.
        #[command(flatten)]
        at: Where,
        /// Form of the output
        #[arg(long, value_enum, default_value = "text")]
        format: Format,
    },
    /// List the entries
    List {
        /// Where the ledger is.
        #[command(flatten)]
        at: Where,
        /// Form of the output
        #[arg(long, value_enum, default_value = "text")]
        format: Format,
    },
    /// Compute the chain and the digests of all that is stored again
    Check {
        /// Where the ledger is.
        #[command(flatten)]
        at: Where,
        /// A head that was noted elsewhere: entries after which it stood must be there
        #[arg(long, value_name = "HEX")]
        head: Option<String>,
        /// Folder of the run directories: each run.json must be the one added
        #[arg(long, value_name = "DIR")]
        runs: Option<PathBuf>,
        /// Form of the output
        #[arg(long, value_enum, default_value = "text")]
        format: Format,
    },
}

/// Formats of a period report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum PeriodFormat {
    /// A summary in 80 columns
    Text,
    /// One document with everything
    Json,
    /// One line an interval, a change or a gap
    Csv,
    /// One self-contained page with timelines, Japanese and English
    Html,
}

/// `period`.
#[derive(Debug, Args)]
pub struct PeriodArgs {
    /// First day, in Japan (or an RFC 3339 time)
    #[arg(long, value_name = "DATE", required_unless_present = "statement")]
    pub from: Option<String>,
    /// Last day, in Japan (or an RFC 3339 time, which is left out itself)
    #[arg(long, value_name = "DATE", required_unless_present = "statement")]
    pub to: Option<String>,
    /// The provider's statement, shown beside what was seen; gives the period and
    /// the frequency where they are not given
    #[arg(long, value_name = "FILE")]
    pub statement: Option<PathBuf>,
    /// Where the ledger is.
    #[command(flatten)]
    pub at: Where,
    /// Promised time between scans: 12h, 1d, 1w [default: the statement's, or 1d]
    #[arg(long, value_name = "LENGTH")]
    pub frequency: Option<String>,
    /// What is granted beyond it [default: a tenth, at least 10m]
    #[arg(long, value_name = "LENGTH")]
    pub tolerance: Option<String>,
    /// Format
    #[arg(long, value_enum, default_value = "text")]
    pub format: PeriodFormat,
    /// File [default: standard output]
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
}

/// `diff`.
#[derive(Debug, Args)]
pub struct DiffArgs {
    /// The earlier run directory
    pub run1: PathBuf,
    /// The later run directory
    pub run2: PathBuf,
    /// Form of the output
    #[arg(long, value_enum, default_value = "text")]
    pub format: Format,
}

/// `statement …`.
#[derive(Debug, Subcommand)]
pub enum StatementCommand {
    /// Tell where a statement and what was seen contradict each other
    Check(CheckArgs),
    /// Print a statement to fill in, with every control of the catalogue
    New,
}

/// `statement check`.
#[derive(Debug, Args)]
pub struct CheckArgs {
    /// The statement (statement.yaml)
    pub file: PathBuf,
    /// Run directory to hold it against
    #[arg(required_unless_present = "ledger", conflicts_with = "ledger")]
    pub run: Option<PathBuf>,
    /// Ledger to hold it against, over the period
    #[arg(long, value_name = "DIR")]
    pub ledger: Option<PathBuf>,
    /// First day, in Japan [default: the statement's]
    #[arg(long, value_name = "DATE", requires = "ledger")]
    pub from: Option<String>,
    /// Last day, in Japan [default: the statement's]
    #[arg(long, value_name = "DATE", requires = "ledger")]
    pub to: Option<String>,
    /// Form of the output
    #[arg(long, value_enum, default_value = "text")]
    pub format: Format,
}
