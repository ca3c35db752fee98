//! The command line of shoseki.

mod args;
mod backfill;
mod beside;
mod calling;
mod catalogue;
mod clouds;
mod demo;
mod ending;
mod exit;
mod handing;
mod lang;
mod ledger;
mod lint;
mod listing;
mod logging;
mod machine;
mod output;
mod packs;
mod period;
mod planning;
mod population;
mod progress;
mod record;
mod rejudge;
mod reporting;
mod roles;
mod sampling;
mod scan;
mod sealing;
mod select;
mod shell;
mod statement;
mod stored;
mod targets;
mod terminal;
mod unread;
mod verify;

use args::{Cli, Command};
use clap::Parser;
use exit::{Exit, Result};
use std::process::ExitCode;

fn main() -> ExitCode {
    let cli = Cli::parse();
    logging::start();
    match run(&cli) {
        Ok(exit) => exit.into(),
        Err(failed) => {
            if !failed.message.is_empty() {
                eprintln!("shoseki: {}", failed.message);
            }
            failed.exit.into()
        }
    }
}

fn run(cli: &Cli) -> Result<Exit> {
    let common = &cli.common;
    match &cli.command {
        Command::Lint(a) => lint::run(common, a),
        Command::Rules { what } => listing::rules(common, what),
        Command::Controls { what } => listing::controls(common, what),
        Command::Plan(a) => planning::plan(common, a),
        Command::Permissions(a) => planning::permissions(common, a),
        Command::Scan(a) => scan::run(common, a),
        Command::Backfill(a) => backfill::run(common, a),
        Command::Judge(a) => rejudge::run(common, a),
        Command::Verify(a) => verify::run(common, a),
        Command::Keygen(a) => sealing::keygen(common, a),
        Command::Seal(a) => sealing::seal(common, a),
        Command::Bundle(a) => handing::bundle(common, a),
        Command::Disclose(a) => handing::disclose(a),
        Command::Report(a) => reporting::report(common, a),
        Command::Explain(a) => reporting::explain(common, a),
        Command::Catalogue { what } => catalogue::run(common, what),
        Command::Population(a) => population::run(common, a),
        Command::Sample(a) => sampling::run(common, a),
        Command::Call(a) => calling::run(a),
        Command::Ledger { what } => ledger::run(common, what),
        Command::Period(a) => period::run(common, a),
        Command::Diff(a) => ledger::diff(common, a),
        Command::Completions(a) => shell::completions(a),
        Command::Man(a) => shell::man(a),
        Command::Statement { what } => statement::run(common, what),
    }
}
