//! The command line: every command's options. They stand below the commands, which
//! take them from here; nothing here asks a command.

mod backfill;
mod call;
mod data;
mod ledger;
mod population;
mod reach;
mod run;
mod scan;
mod seal;
mod shell;

pub use backfill::BackfillArgs;
pub use call::{CallArgs, Pages};
pub use data::{
    CatalogueCommand, ControlsCommand, ImportArgs, LintArgs, PermissionArgs, PlanArgs, RoleForm,
    RoleScope, RulesCommand,
};
pub use ledger::{DiffArgs, LedgerCommand, PeriodArgs, PeriodFormat, StatementCommand};
pub use population::{Of, PopulationArgs, PopulationFormat, SampleArgs};
pub use reach::{AwsReach, AzureReach, GcpReach, Sending};
pub use run::{BesideArgs, ExplainArgs, JudgeArgs, ReportArgs, ReportFormat, VerifyArgs};
pub use scan::{AwsScope, AzureScope, FailOn, GcpScope, ScanArgs};
pub use seal::{AlgorithmArg, BundleArgs, DiscloseArgs, KeyArg, KeygenArgs, SealArgs, SealWith};

pub use shell::{CompletionsArgs, ManArgs};

use clap::{Args, Parser, Subcommand, ValueEnum};
use shoseki_model::Lang;
use std::path::PathBuf;

/// ISMAP evidence from live cloud configuration.
///
/// Exit codes: 0 done, nothing contradicted, everything seen; 1 a bug or an
/// I/O error; 2 usage; 3 contradicted findings; 4 incomplete: something could
/// not be read; 5 both 3 and 4; 6 sign-in failed; 7 a data file, a run or an
/// answer is not sound.
#[derive(Debug, Parser)]
#[command(name = "shoseki", version, max_term_width = 100)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
    /// Options that every command takes.
    #[command(flatten)]
    pub common: Common,
}

/// Options of every command.
#[derive(Debug, Clone, Default, Args)]
pub struct Common {
    /// Language of what people read [default: from the locale]
    #[arg(long, global = true, value_enum)]
    pub lang: Option<LangArg>,
    /// A folder of collectors to add to the built-in ones
    #[arg(long, global = true, value_name = "DIR")]
    pub collectors_dir: Vec<PathBuf>,
    /// A folder of rules to add to the built-in ones
    #[arg(long, global = true, value_name = "DIR")]
    pub rules_dir: Vec<PathBuf>,
    /// A folder of mappings to add to the built-in ones
    #[arg(long, global = true, value_name = "DIR")]
    pub mappings_dir: Vec<PathBuf>,
    /// Catalogue edition [default: the newest]
    #[arg(long, global = true, value_name = "YYYY-MM")]
    pub edition: Option<String>,
    /// Print what was asked for, warnings and errors, and nothing else: no progress, no
    /// summary of what was written
    #[arg(short, long, global = true)]
    pub quiet: bool,
}

/// A language on the command line.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub enum LangArg {
    /// Japanese
    Ja,
    /// English
    En,
}

impl From<LangArg> for Lang {
    fn from(l: LangArg) -> Self {
        match l {
            LangArg::Ja => Lang::Ja,
            LangArg::En => Lang::En,
        }
    }
}

/// Form of a listing or summary.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// For people
    Text,
    /// For machines
    Json,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Read a cloud, judge it, and write evidence and a report
    Scan(Box<ScanArgs>),
    /// Read earlier states out of the provider's own history (AWS Config), labelled with
    /// their source
    Backfill(Box<BackfillArgs>),
    /// Print the calls and permissions that a scan would need, without any call
    Plan(PlanArgs),
    /// Print the least-privilege policy for the selected rules
    Permissions(PermissionArgs),
    /// Check all collectors, rules and mappings, and run the rules' cases
    Lint(LintArgs),
    /// List or show rules
    Rules {
        /// list or show
        #[command(subcommand)]
        what: RulesCommand,
    },
    /// List or show controls
    Controls {
        /// list or show
        #[command(subcommand)]
        what: ControlsCommand,
    },
    /// Import the criteria's texts from your own copy of the official workbook
    Catalogue {
        /// import
        #[command(subcommand)]
        what: CatalogueCommand,
    },
    /// Judge a stored run again, offline, with the rules at hand
    Judge(JudgeArgs),
    /// Check a stored run, offline: derive every verdict again from the stored
    /// answers, and check its seal
    Verify(VerifyArgs),
    /// Make a key that seals runs
    Keygen(KeygenArgs),
    /// Seal a stored run: manifest, signature, time stamp
    Seal(SealArgs),
    /// Write a sealed run, or some of its findings or controls with proofs, as one file
    Bundle(BundleArgs),
    /// Print what discloses single values of a redacted run: salt and value, as lines for `verify --disclosed`
    Disclose(DiscloseArgs),
    /// Write a report from a stored run
    Report(ReportArgs),
    /// Explain one finding: what was observed, where it came from, how to repeat it
    Explain(ExplainArgs),
    /// List what rules were applied to, scope by scope, with queries and digests
    Population(PopulationArgs),
    /// Draw a reproducible random sample, with the evidence of each item
    Sample(SampleArgs),
    /// Call one reading operation and print its answer
    Call(CallArgs),
    /// Keep runs in a ledger: add, list, check
    Ledger {
        /// add, list or check
        #[command(subcommand)]
        what: LedgerCommand,
    },
    /// Report a period from the ledger: what was seen when, and when nobody looked
    Period(PeriodArgs),
    /// Compare two stored runs
    Diff(DiffArgs),
    /// Print the completions of a shell
    Completions(CompletionsArgs),
    /// Write the manual pages
    Man(ManArgs),
    /// A provider's statement: begin one, or hold one against what was seen
    Statement {
        /// check or new
        #[command(subcommand)]
        what: StatementCommand,
    },
}

/// The clouds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum CloudArg {
    /// Amazon Web Services
    Aws,
    /// Microsoft Azure, with its Entra ID tenant
    Azure,
    /// Google Cloud
    Gcp,
}

impl CloudArg {
    /// As collectors and runs name it.
    pub fn name(self) -> &'static str {
        match self {
            CloudArg::Aws => "aws",
            CloudArg::Azure => "azure",
            CloudArg::Gcp => "gcp",
        }
    }
}

/// Which rules.
#[derive(Debug, Clone, Default, Args)]
pub struct Selection {
    /// Rules by id, `*` and `?` allowed; may be given more than once
    #[arg(long, value_name = "GLOB", value_delimiter = ',')]
    pub rules: Vec<String>,
    /// Controls by id; a chapter, section or objective takes all below it
    #[arg(long, value_name = "ID", value_delimiter = ',')]
    pub controls: Vec<String>,
}
