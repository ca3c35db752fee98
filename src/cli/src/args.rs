//! The command line.

use crate::beside::BesideArgs;
use crate::catalogue::CatalogueCommand;
use crate::handing::{BundleArgs, DiscloseArgs};
use crate::ledger::{DiffArgs, LedgerCommand, PeriodArgs};
use crate::population::PopulationArgs;
use crate::sampling::SampleArgs;
use crate::sealing::{KeygenArgs, SealArgs, SealWith};
use crate::statement::StatementCommand;
use clap::{Args, Parser, Subcommand, ValueEnum};
use shoseki_model::{Lang, Severity};
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
    Backfill(Box<crate::backfill::BackfillArgs>),
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

/// How requests are sent.
#[derive(Debug, Clone, Default, Args)]
pub struct Sending {
    /// Send every request here instead of to the cloud; CLOUD=URL where several
    /// clouds are read
    #[arg(long, value_name = "[CLOUD=]URL")]
    pub endpoint: Vec<String>,
    /// Attempts for each request
    #[arg(long, value_name = "N", default_value_t = 5, value_parser = clap::value_parser!(u32).range(1..=20))]
    pub max_attempts: u32,
    /// Seconds for one attempt
    #[arg(long, value_name = "S", default_value_t = 20, value_parser = clap::value_parser!(u64).range(1..=600))]
    pub attempt_timeout: u64,
    /// Seconds for a request with all its attempts
    #[arg(long, value_name = "S", default_value_t = 60, value_parser = clap::value_parser!(u64).range(1..=3600))]
    pub operation_timeout: u64,
}

/// How to reach AWS.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "AWS")]
pub struct AwsReach {
    /// Profile of the AWS configuration files
    #[arg(long, value_name = "NAME")]
    pub profile: Option<String>,
    /// Role to assume; given more than once, one after another
    #[arg(long, value_name = "ARN")]
    pub role_arn: Vec<String>,
    /// External id for the last role
    #[arg(long, value_name = "ID", requires = "role_arn")]
    pub external_id: Option<String>,
}

/// How to reach Azure.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Azure")]
pub struct AzureReach {
    /// Tenant [default: that of the credential]
    #[arg(long, value_name = "ID")]
    pub tenant: Option<String>,
    /// Which of Azure's clouds
    #[arg(long, value_name = "NAME", default_value = "AzureCloud", value_parser = ["AzureCloud", "AzureChinaCloud", "AzureUSGovernment"])]
    pub azure_cloud: String,
    /// Way to sign in [default: the first that is set up, in this order]
    #[arg(long, value_name = "WAY", value_parser = ["environment", "workload-identity", "managed-identity", "azure-cli"])]
    pub azure_sign_in: Option<String>,
}

/// What of Azure a scan reads, beside the tenant.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Azure")]
pub struct AzureScope {
    /// Subscriptions, or `all` that can be seen [default: all]
    #[arg(long, value_name = "ID", value_delimiter = ',')]
    pub subscriptions: Vec<String>,
    /// Only subscriptions below this management group
    #[arg(long, value_name = "ID")]
    pub management_group: Option<String>,
}

/// What of AWS a scan reads.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "AWS")]
pub struct AwsScope {
    /// Regions, or `all` that are enabled [default: all]
    #[arg(long, value_name = "R", value_delimiter = ',')]
    pub regions: Vec<String>,
    /// Accounts of the organisation, or `all`, each through --member-role
    #[arg(
        long,
        value_name = "ID",
        value_delimiter = ',',
        requires = "member_role"
    )]
    pub accounts: Vec<String>,
    /// Name of the role to assume in each of --accounts
    #[arg(long, value_name = "NAME", requires = "accounts")]
    pub member_role: Option<String>,
}

/// How to reach Google Cloud.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Google Cloud")]
pub struct GcpReach {
    /// Credentials file: a service account's key, workload identity federation,
    /// … [default: Application Default Credentials]
    #[arg(long, value_name = "FILE")]
    pub credentials: Option<PathBuf>,
    /// Service account to act as; given more than once, one after another
    #[arg(long, value_name = "EMAIL")]
    pub impersonate: Vec<String>,
    /// Project whose quota is used
    #[arg(long, value_name = "PROJECT")]
    pub quota_project: Option<String>,
}

/// What of Google Cloud a scan reads.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Google Cloud")]
pub struct GcpScope {
    /// Projects, by id or number [default: GOOGLE_CLOUD_PROJECT, or the
    /// credentials' own]
    #[arg(long, value_name = "ID", value_delimiter = ',', conflicts_with_all = ["organization", "folder"])]
    pub projects: Vec<String>,
    /// An organization with all folders and projects in it
    #[arg(long, value_name = "ID", conflicts_with = "folder")]
    pub organization: Option<String>,
    /// A folder with all folders and projects in it
    #[arg(long, value_name = "ID")]
    pub folder: Option<String>,
}

/// `scan`.
#[derive(Debug, Args)]
pub struct ScanArgs {
    /// The clouds to read; all go into one run and one report
    #[arg(value_enum, required_unless_present = "demo")]
    pub clouds: Vec<CloudArg>,
    /// Read the built-in sandbox clouds: no credentials, no network
    #[arg(long, conflicts_with_all = ["profile", "role_arn", "endpoint", "accounts", "regions", "projects", "organization", "folder", "credentials"])]
    pub demo: bool,
    /// Which rules.
    #[command(flatten)]
    pub selection: Selection,
    /// Signed-off deviations (exceptions.yaml)
    #[arg(long, value_name = "FILE")]
    pub exceptions: Option<PathBuf>,
    /// Run directory [default: shoseki-runs/TIME-ACCOUNT]
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
    /// How to seal it.
    #[command(flatten)]
    pub seal: SealWith,
    /// Ledger to which the run is added at the end
    #[arg(long, value_name = "DIR")]
    pub ledger: Option<PathBuf>,
    /// Requests under way at once
    #[arg(long, value_name = "N", default_value_t = 32, value_parser = clap::value_parser!(u16).range(1..=512))]
    pub concurrency: u16,
    /// Severity from which a failed rule makes the exit code 3
    #[arg(long, value_name = "SEVERITY", default_value = "low")]
    pub fail_on: FailOn,
    /// Form of the summary on standard output
    #[arg(long, value_enum, default_value = "text")]
    pub format: Format,
    /// How requests are sent.
    #[command(flatten)]
    pub sending: Sending,
    /// How to reach AWS.
    #[command(flatten)]
    pub aws: AwsReach,
    /// What of AWS is read.
    #[command(flatten)]
    pub aws_scope: AwsScope,
    /// How to reach Azure.
    #[command(flatten)]
    pub azure: AzureReach,
    /// What of Azure is read.
    #[command(flatten)]
    pub azure_scope: AzureScope,
    /// How to reach Google Cloud.
    #[command(flatten)]
    pub gcp: GcpReach,
    /// What of Google Cloud is read.
    #[command(flatten)]
    pub gcp_scope: GcpScope,
}

/// From which severity a failure counts for the exit code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum FailOn {
    /// Never
    None,
    /// Every failure
    Low,
    /// Medium and above
    Medium,
    /// High and above
    High,
    /// Critical only
    Critical,
}

impl FailOn {
    /// The least severity that counts.
    pub fn severity(self) -> Option<Severity> {
        match self {
            FailOn::None => None,
            FailOn::Low => Some(Severity::Low),
            FailOn::Medium => Some(Severity::Medium),
            FailOn::High => Some(Severity::High),
            FailOn::Critical => Some(Severity::Critical),
        }
    }
}

/// `plan`.
#[derive(Debug, Args)]
pub struct PlanArgs {
    /// The clouds [default: all]
    #[arg(value_enum)]
    pub clouds: Vec<CloudArg>,
    /// Which rules.
    #[command(flatten)]
    pub selection: Selection,
    /// Form of the output
    #[arg(long, value_enum, default_value = "text")]
    pub format: Format,
}

/// `permissions`.
#[derive(Debug, Args)]
pub struct PermissionArgs {
    /// The cloud
    #[arg(value_enum)]
    pub cloud: CloudArg,
    /// Which rules.
    #[command(flatten)]
    pub selection: Selection,
    /// json: a policy document; text: one action a line
    #[arg(long, value_enum, default_value = "json")]
    pub format: Format,
    /// A list of documents, each small enough for a managed policy
    #[arg(long)]
    pub split: bool,
}

/// `lint`.
#[derive(Debug, Args)]
pub struct LintArgs {
    /// Also check these signed-off deviations against the rules and controls
    #[arg(long, value_name = "FILE")]
    pub exceptions: Option<PathBuf>,
    /// Form of the output
    #[arg(long, value_enum, default_value = "text")]
    pub format: Format,
}

/// `rules …`.
#[derive(Debug, Subcommand)]
pub enum RulesCommand {
    /// One line a rule
    List {
        /// Which rules.
        #[command(flatten)]
        selection: Selection,
        /// Form of the output
        #[arg(long, value_enum, default_value = "text")]
        format: Format,
    },
    /// All that a user sees of one rule
    Show {
        /// Rule id
        id: String,
        /// Form of the output
        #[arg(long, value_enum, default_value = "text")]
        format: Format,
    },
}

/// `controls …`.
#[derive(Debug, Subcommand)]
pub enum ControlsCommand {
    /// One line a control
    List {
        /// Controls by id; a chapter, section or objective takes all below it
        #[arg(long, value_name = "ID", value_delimiter = ',')]
        controls: Vec<String>,
        /// Also controls that no mapping names
        #[arg(long)]
        all: bool,
        /// Form of the output
        #[arg(long, value_enum, default_value = "text")]
        format: Format,
    },
    /// One control: its label, how far settings reach, its rules and what stays for people
    Show {
        /// Control id
        id: String,
        /// File of `catalogue import`: show the criteria's text too
        #[arg(long, value_name = "FILE")]
        texts: Option<PathBuf>,
        /// Form of the output
        #[arg(long, value_enum, default_value = "text")]
        format: Format,
    },
}

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
    /// The machine-readable appendix of a statement (別添): JSON, a row for each control
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

/// How many pages.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Pages {
    /// The first
    First,
    /// All, joined
    All,
}

/// `call`.
#[derive(Debug, Args)]
pub struct CallArgs {
    /// The cloud
    #[arg(value_enum)]
    pub cloud: CloudArg,
    /// The call: service:Operation on AWS, 'GET /path?api-version=…' on Azure,
    /// service:method on Google Cloud
    pub call: String,
    /// Parameters as a JSON object
    #[arg(long = "with", value_name = "JSON", default_value = "{}")]
    pub params: String,
    /// Region [default: the profile's]
    #[arg(long, value_name = "R")]
    pub region: Option<String>,
    /// How many pages
    #[arg(long, value_enum, default_value = "first")]
    pub pages: Pages,
    /// Print the exchange with the bytes received instead of the parsed answer
    #[arg(long)]
    pub raw: bool,
    /// How requests are sent.
    #[command(flatten)]
    pub sending: Sending,
    /// How to reach AWS.
    #[command(flatten)]
    pub aws: AwsReach,
    /// How to reach Azure.
    #[command(flatten)]
    pub azure: AzureReach,
    /// How to reach Google Cloud.
    #[command(flatten)]
    pub gcp: GcpReach,
}
