//! What a derivation rests on, and why it may end early.

use shoseki_collect::{Collectors, Reader};
use shoseki_judge::{Exceptions, RuleSet};
use shoseki_model::{Standing, Tally};

/// Tallies to standings; the error says in words what is wrong.
pub type Standings<'a> = &'a dyn Fn(&[Tally]) -> Result<Vec<Standing>, String>;

/// What a run is derived with: its own stored files, loaded.
pub struct Basis<'a> {
    /// Who reads the stored answers again, one a cloud.
    pub readers: &'a [&'static dyn Reader],
    /// The stored collectors.
    pub collectors: &'a Collectors,
    /// The stored rules that were selected.
    pub rules: &'a RuleSet,
    /// The stored exceptions.
    pub exceptions: &'a Exceptions,
    /// The stored mappings over the stored catalogue.
    pub standings: Standings<'a>,
}

/// Why the derivation could not go on.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A file of the run cannot be opened.
    #[error(transparent)]
    Run(#[from] shoseki_evidence::Error),
    /// `judged_at` is no time.
    #[error("run.json: judged_at: {0}")]
    Time(#[from] jiff::Error),
    /// Standings could not be made.
    #[error("standings: {0}")]
    Standings(String),
    /// The operating system refused a thread.
    #[error("{0}")]
    Io(#[from] std::io::Error),
}
