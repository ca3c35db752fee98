//! How the clouds are reached.

use clap::Args;
use std::path::PathBuf;

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
