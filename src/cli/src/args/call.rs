//! `call`.

use super::{AwsReach, AzureReach, CloudArg, GcpReach, Sending};
use clap::{Args, ValueEnum};

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
