//! `backfill`.

use super::{AwsReach, AwsScope, CloudArg, Format, SealWith, Selection, Sending};
use clap::Args;
use std::path::PathBuf;

/// `backfill`.
#[derive(Debug, Args)]
pub struct BackfillArgs {
    /// The cloud whose own history is read: AWS Config on AWS
    #[arg(value_enum)]
    pub cloud: CloudArg,
    /// First day, in Japan (or an RFC 3339 time)
    #[arg(long, value_name = "DATE")]
    pub from: String,
    /// Last day, in Japan (or an RFC 3339 time, which is left out itself)
    #[arg(long, value_name = "DATE")]
    pub to: String,
    /// Ledger to which the states are added, under the name of their source
    #[arg(long, value_name = "DIR")]
    pub ledger: Option<PathBuf>,
    /// Resource types [default: all that have a translation]
    #[arg(long, value_name = "TYPE", value_delimiter = ',')]
    pub types: Vec<String>,
    /// Which rules.
    #[command(flatten)]
    pub selection: Selection,
    /// Run directory [default: shoseki-runs/TIME-aws-backfill]
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
    /// How to seal it.
    #[command(flatten)]
    pub seal: SealWith,
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
}
