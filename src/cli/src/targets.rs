//! The targets of a scan: signing in to each.

use crate::args::{CloudArg, ScanArgs};
use crate::clouds::Account;
use crate::exit::Result;
use crate::{clouds, demo};
use shoseki_collect::Recorder;
use shoseki_model::{Sought, Target};
use shoseki_sandbox::Sandbox;
use std::sync::Arc;

/// The sandbox must live as long as the scan.
pub struct Reached {
    /// The accounts.
    pub accounts: Vec<Account>,
    /// What was to be read, one entry a cloud.
    pub sought: Vec<Sought>,
    /// The built-in cloud, where it is the target.
    pub sandbox: Option<Sandbox>,
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
    let (mut accounts, mut sought) = (Vec::new(), Vec::new());
    for cloud in clouds(args) {
        let (found, of) = clouds::reach(cloud, args, keep, sandbox.as_ref()).await?;
        accounts.extend(found);
        sought.push(of);
    }
    Ok(Reached {
        accounts,
        sought,
        sandbox,
    })
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
