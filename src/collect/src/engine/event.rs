//! What a run tells, and what it can be told.

use shoseki_model::{Gap, Population, Resource};
use std::time::Duration;
use tokio::sync::watch;

/// Something that a run found out. Events come as they happen; a gap comes
/// before the resource or population that names it.
#[derive(Clone, Debug, PartialEq)]
pub enum Event {
    /// A resource with all parts that were asked for, seen or not.
    Resource(Box<Resource>),
    /// Something that was not seen.
    Gap(Gap),
    /// A population that is finished or given up. Exactly one for each planned
    /// type and region (`global` for global types).
    Population(Population),
    /// How far it has come.
    Progress(Progress),
}

/// How far a run has come.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Progress {
    /// Populations done.
    pub done: usize,
    /// Populations planned.
    pub of: usize,
    /// Requests sent.
    pub requests: u64,
}

/// What a run came to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Summary {
    /// Requests sent.
    pub requests: u64,
    /// Resources told.
    pub resources: u64,
    /// Gaps told.
    pub gaps: u64,
    /// Populations planned.
    pub populations: u64,
    /// Populations known to be whole.
    pub complete: u64,
    /// Whether it was stopped, by the user or because nobody listened.
    pub cancelled: bool,
}

/// How a run goes about it.
#[derive(Clone, Debug)]
pub struct Options {
    /// Requests in flight at once.
    pub requests: usize,
    /// Types × regions in work at once.
    pub scopes: usize,
    /// Resources in work at once for each of these.
    pub window: usize,
    /// Between two askings for something that is being prepared.
    pub patience: Duration,
    /// Becomes true when the run shall stop.
    pub cancel: Option<watch::Receiver<bool>>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            requests: 64,
            scopes: 64,
            window: 32,
            patience: Duration::from_secs(1),
            cancel: None,
        }
    }
}
