//! Keys, seals, and what is handed over.

use super::{AwsReach, Sending};
use clap::{Args, ValueEnum};
use shoseki_aws::KmsKey;
use std::path::PathBuf;
use std::str::FromStr;

/// A key as it is named on the command line.
#[derive(Debug, Clone)]
pub enum KeyArg {
    /// A file of `shoseki keygen`.
    File(PathBuf),
    /// A key in AWS KMS.
    Kms(KmsKey),
}

impl FromStr for KeyArg {
    type Err = String;

    fn from_str(text: &str) -> std::result::Result<Self, String> {
        match text.split_once("://") {
            None => Ok(KeyArg::File(text.into())),
            Some(("awskms", _)) => text.parse().map(KeyArg::Kms),
            Some((other, _)) => Err(format!(
                "keys are files or awskms:///KEY, {other}:// is not known"
            )),
        }
    }
}

/// Kinds of keys.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub enum AlgorithmArg {
    /// Ed25519
    Ed25519,
    /// ECDSA over P-256 with SHA-256
    P256,
}

/// `keygen`.
#[derive(Debug, Args)]
pub struct KeygenArgs {
    /// File for the encrypted key; the public one goes beside it as FILE.pub
    #[arg(long, value_name = "FILE")]
    pub out: PathBuf,
    /// Kind of key
    #[arg(long, value_enum, default_value = "ed25519", conflicts_with = "from")]
    pub alg: AlgorithmArg,
    /// Environment variable with the passphrase [default: ask]
    #[arg(long, value_name = "NAME", conflicts_with = "from")]
    pub passphrase_env: Option<String>,
    /// Make none: write the public half of this key in AWS KMS to FILE.pub
    #[arg(long, value_name = "awskms:///KEY")]
    pub from: Option<KmsKey>,
    /// How requests to the KMS are sent.
    #[command(flatten)]
    pub sending: Sending,
    /// How to reach the KMS.
    #[command(flatten)]
    pub aws: AwsReach,
}

/// How to seal at the end of a scan.
#[derive(Debug, Clone, Default, Args)]
pub struct SealWith {
    /// Key file of `shoseki keygen`, or awskms:///KEY: seal the run at the end
    #[arg(long, value_name = "KEY")]
    pub key: Option<KeyArg>,
    /// Environment variable with the key's passphrase [default: ask]
    #[arg(long, value_name = "NAME", requires = "key")]
    pub passphrase_env: Option<String>,
    /// Time stamping authority (RFC 3161) that stamps the seal
    #[arg(long, value_name = "URL", requires = "key")]
    pub timestamp: Option<String>,
}

/// `seal`.
#[derive(Debug, Args)]
pub struct SealArgs {
    /// Run directory
    pub run: PathBuf,
    /// Key file of `shoseki keygen`, or awskms:///KEY: a key in AWS KMS by id,
    /// alias/NAME or ARN (?region=R)
    #[arg(long, value_name = "KEY")]
    pub key: KeyArg,
    /// Environment variable with the key's passphrase [default: ask]
    #[arg(long, value_name = "NAME")]
    pub passphrase_env: Option<String>,
    /// Time stamping authority (RFC 3161) that stamps the seal
    #[arg(long, value_name = "URL")]
    pub timestamp: Option<String>,
    /// How requests to the KMS are sent.
    #[command(flatten)]
    pub sending: Sending,
    /// How to reach the KMS.
    #[command(flatten)]
    pub aws: AwsReach,
}

/// `bundle`.
#[derive(Debug, Args)]
pub struct BundleArgs {
    /// Directory of a sealed run
    pub run: PathBuf,
    /// File to write
    #[arg(long, value_name = "FILE.tar.zst")]
    pub out: PathBuf,
    /// Only these findings, with what they rest on and their proofs
    #[arg(long, value_name = "ID", value_delimiter = ',')]
    pub findings: Vec<String>,
    /// Only these controls, with all findings of their rules; a chapter, section or objective takes all below it
    #[arg(long, value_name = "ID", value_delimiter = ',')]
    pub controls: Vec<String>,
    /// The redacted form: user names, e-mail addresses and values of tags become pseudonyms
    #[arg(long)]
    pub redact: bool,
    /// Hide only values that this takes in full, and disclose the others; `user:`, `email:` or `tag:` before it limits it to that kind
    #[arg(long, value_name = "[KIND:]REGEX", requires = "redact")]
    pub redact_pattern: Vec<String>,
}

/// `disclose`.
#[derive(Debug, Args)]
pub struct DiscloseArgs {
    /// Directory of the sealed run, whole
    pub run: PathBuf,
    /// Values or pseudonyms to disclose
    #[arg(required = true, value_name = "VALUE")]
    pub values: Vec<String>,
}
