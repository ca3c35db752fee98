//! Generated files: `cargo xtask gen` writes them, `cargo xtask gen --check`
//! fails where one is stale; `cargo xtask site` writes the sources of the
//! documentation site.

mod aws_allow;
mod aws_models;
mod aws_trim;
mod azure_models;
mod botocore;
mod discovery;
mod fresh;
mod gcp_models;
mod gcp_trim;
mod output;
mod rule_ids;
mod site;
mod wheel;

use anyhow::Result;
use clap::{Parser, Subcommand};
use output::Output;
use std::path::PathBuf;
use std::process::ExitCode;

#[derive(Parser)]
#[command(about = "Writes and checks generated files")]
struct Args {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Write all generated files
    Gen(Gen),
    /// Write the sources of the documentation site: the pages of docs/ in both
    /// languages and the reference made from the data files
    Site(site::Site),
    /// Begin a rule or a collector: the file to fill in
    New {
        /// What to begin
        #[arg(value_enum)]
        kind: fresh::Kind,
        /// Its id, cloud.service.name
        id: String,
    },
}

#[derive(clap::Args)]
struct Gen {
    /// Change nothing; fail where a file is not what would be written
    #[arg(long)]
    check: bool,
    /// Only these generators
    #[arg(long, value_name = "NAME")]
    only: Vec<String>,
    /// botocore wheel or unpacked folder, instead of downloading it
    #[arg(long, value_name = "PATH")]
    botocore: Option<PathBuf>,
}

/// A generator: its name and what it does. It hands every file to [`Output`],
/// which writes or compares.
type Generator = (&'static str, fn(&Gen, &mut Output) -> Result<()>);

/// All generators; add yours here.
const GENERATORS: &[Generator] = &[
    ("aws-models", aws_models::generate),
    ("azure-models", azure_models::generate),
    ("gcp-models", gcp_models::generate),
    ("rule-ids", rule_ids::generate),
];

fn main() -> ExitCode {
    let done = match Args::parse().task {
        Task::Gen(args) => run(&args),
        Task::Site(args) => site::run(&args),
        Task::New { kind, id } => fresh::begin(kind, &id).map(|()| true),
    };
    match done {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(e) => {
            eprintln!("error: {e:#}");
            ExitCode::FAILURE
        }
    }
}

/// Runs the chosen generators; `false` when checking found a stale file.
fn run(args: &Gen) -> Result<bool> {
    for name in &args.only {
        if !GENERATORS.iter().any(|(n, _)| n == name) {
            let known: Vec<_> = GENERATORS.iter().map(|(n, _)| *n).collect();
            anyhow::bail!(
                "there is no generator {name}; there are: {}",
                known.join(", ")
            );
        }
    }
    let mut out = Output::new(args.check)?;
    for (name, generate) in GENERATORS {
        if args.only.is_empty() || args.only.iter().any(|n| n == name) {
            generate(args, &mut out)?;
        }
    }
    Ok(out.finish())
}
