//! The run directory: everything that a scan saw, and what was made of it.
//!
//! Written while the scan goes on, complete as soon as `run.json` is there, and
//! read back by every later stage. `docs/run-format.md` describes the files for
//! those who read them with other tools; `schemas/` holds a JSON Schema for each
//! record.

mod check;
mod error;
mod files;
mod info;
mod limits;
pub mod population;
mod read;
mod rewrite;
pub mod seal;
mod stream;
mod write;

pub use check::Problem;
pub use error::Error;
pub use files::{Kind, PackFile};
pub use info::{
    Answers, Counts, FileEntry, FindingCounts, Outcome, PopulationCounts, RunFile, RunInfo,
    Selection, Tool,
};
pub use read::{Lines, Run};
pub use rewrite::JudgementWriter;
pub use write::RunWriter;

#[cfg(test)]
mod tests;
