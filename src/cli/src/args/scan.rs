//! `scan`: what is read.

use super::{AwsReach, AzureReach, CloudArg, Format, GcpReach, SealWith, Selection, Sending};
use clap::{Args, ValueEnum};
use shoseki_model::Severity;
use std::path::PathBuf;

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
