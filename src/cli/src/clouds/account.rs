//! What signing in to one account gives.

use shoseki_collect::{Cloud, Recorder};
use shoseki_model::{Exchange, Gap, Target};
use std::sync::Arc;

/// An account, subscription, project, … of the scan.
pub enum Account {
    /// Signed in.
    Reached {
        /// As the run names it.
        target: Box<Target>,
        /// Who reads it.
        cloud: Arc<dyn Cloud>,
        /// What signing in could not see.
        gaps: Vec<Gap>,
    },
    /// Known, and not reached: the gap that says so, and the target.
    Missed(Box<(Gap, Target)>),
}

impl Account {
    /// As the run names it.
    pub fn target(&self) -> &Target {
        match self {
            Account::Reached { target, .. } => target,
            Account::Missed(m) => &m.1,
        }
    }
}

/// Keeps nothing: for calls by hand.
pub struct Forget;

impl Recorder for Forget {
    fn record(&self, _: &Exchange, _: Option<&[u8]>) -> std::io::Result<()> {
        Ok(())
    }
}
