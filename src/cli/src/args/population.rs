//! `population` and `sample`.

use clap::{Args, ValueEnum};
use std::path::PathBuf;

/// Which populations.
#[derive(Debug, Clone, Default, Args)]
pub struct Of {
    /// A control by id; an objective, section or chapter takes all below it. May be given more than once
    #[arg(long, value_name = "ID")]
    pub control: Vec<String>,
    /// A rule by id, `*` and `?` allowed. May be given more than once
    #[arg(long, value_name = "GLOB")]
    pub rule: Vec<String>,
}

/// Forms of a population.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum PopulationFormat {
    /// Rules and scopes, accounts and regions, for people
    Text,
    /// The same with the exchanges that enumerated
    Json,
    /// The lists themselves, one canonical line a member
    Tsv,
}

/// `population`.
#[derive(Debug, Args)]
pub struct PopulationArgs {
    /// Run directory
    pub run: PathBuf,
    /// Which ones [default: of all rules of the run].
    #[command(flatten)]
    pub of: Of,
    /// Form of the output
    #[arg(long, value_enum, default_value = "text")]
    pub format: PopulationFormat,
}

/// `sample`.
#[derive(Debug, Args)]
pub struct SampleArgs {
    /// Run directory
    pub run: PathBuf,
    /// What to draw from; each option is a draw of its own.
    #[command(flatten)]
    pub of: Of,
    /// Items of each draw
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    pub size: u32,
    /// Text that decides the draw; chosen by the auditor after the run was made
    #[arg(long, value_name = "TEXT")]
    pub seed: String,
    /// Folder to write [default: RUN's name and -sample, here]
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
    /// Also draw members to which their rule does not apply
    #[arg(long)]
    pub with_not_applicable: bool,
    /// Begin sample.csv with a byte order mark, by which Excel knows UTF-8
    #[arg(long)]
    pub bom: bool,
}
