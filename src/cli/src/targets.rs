//! The targets of a scan: signing in to each.

use crate::args::{CloudArg, ScanArgs};
use crate::exit::Result;
use crate::{clouds, demo};
use shoseki_collect::{Cloud, Recorder};
use shoseki_model::{Exchange, Gap, Target};
use shoseki_sandbox::Sandbox;
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

/// The sandbox must live as long as the scan.
pub struct Reached {
    /// The accounts.
    pub accounts: Vec<Account>,
    /// The built-in cloud, where it is the target.
    pub sandbox: Option<Sandbox>,
}

/// Keeps nothing: for calls by hand.
pub struct Forget;

impl Recorder for Forget {
    fn record(&self, _: &Exchange, _: Option<&[u8]>) -> std::io::Result<()> {
        Ok(())
    }
}

/// The clouds of a scan, each once.
pub fn clouds(args: &ScanArgs) -> Vec<CloudArg> {
    let named = match args.demo {
        true if args.clouds.is_empty() => clouds::DEMO,
        _ => &args.clouds,
    };
    let mut out: Vec<CloudArg> = Vec::new();
    for c in named {
        if !out.contains(c) {
            out.push(*c);
        }
    }
    out
}

/// Signs in to every target of the scan, one cloud after the other.
pub async fn reach(args: &ScanArgs, keep: &Arc<dyn Recorder>) -> Result<Reached> {
    let sandbox = match args.demo {
        true => Some(demo::start().await?),
        false => None,
    };
    let mut accounts = Vec::new();
    for cloud in clouds(args) {
        accounts.extend(clouds::reach(cloud, args, keep, sandbox.as_ref()).await?);
    }
    Ok(Reached { accounts, sandbox })
}

/// Targets as the run names them.
pub fn named(reached: &Reached) -> Vec<Target> {
    let demo = reached.sandbox.is_some();
    let targets = reached.accounts.iter().map(Account::target);
    targets.map(|t| steady(t.clone(), demo)).collect()
}

/// The endpoint of a demonstration has a port by chance; runs name it the same.
fn steady(mut target: Target, is_demo: bool) -> Target {
    if is_demo {
        target.endpoint = Some(demo::ENDPOINT.into());
    }
    target
}
