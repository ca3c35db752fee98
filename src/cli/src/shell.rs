//! `completions` and `man`: the command line, told to shells and to readers.

use crate::args::{Cli, CompletionsArgs, ManArgs};
use crate::exit::{Exit, Failed, Result};
use crate::terminal;
use clap::CommandFactory as _;

/// `completions SHELL`.
pub fn completions(args: &CompletionsArgs) -> Result {
    let mut text = Vec::new();
    clap_complete::generate(args.shell, &mut Cli::command(), "shoseki", &mut text);
    terminal::print(&String::from_utf8_lossy(&text));
    Ok(Exit::Ok)
}

/// `man DIR`.
pub fn man(args: &ManArgs) -> Result {
    let told = |e: std::io::Error| Failed::new(Exit::Bug, format!("{}: {e}", args.dir.display()));
    std::fs::create_dir_all(&args.dir).map_err(told)?;
    clap_mangen::generate_to(Cli::command(), &args.dir).map_err(told)?;
    Ok(Exit::Ok)
}
