//! What `run.json` says of an account, against the answers of signing in.

use crate::cloud::{Replay, Shared};
use shoseki_collect::{Plan, Reader, Scope};
use shoseki_model::{Gap, Population, Target};
use std::sync::Arc;

/// The account as a cloud, after its own words were checked; with the gaps that
/// signing in left.
pub(crate) fn replay(
    shared: &Arc<Shared>,
    target: &Target,
    reader: &'static dyn Reader,
) -> (Replay, Vec<Gap>) {
    let works_in = shared.index.identified.get(&target.account).cloned();
    let replay = Replay {
        shared: Arc::clone(shared),
        target: target.clone(),
        reader,
        home: reader.home(target),
        works_in,
    };
    let found = reader.examine(replay.place(), &|r| replay.answer(r));
    for message in found.problems {
        shared
            .problems
            .tell("run.json", target.account.clone(), message);
    }
    (replay, found.gaps)
}

/// The populations of an account that was not reached: all that were planned,
/// and nothing known of them. `gap` says why.
pub(crate) fn unread(plan: &Plan, t: &Target, gap: &str) -> Vec<Population> {
    let mut out = Vec::new();
    for planned in plan.at(&t.cloud, &t.level).types {
        let regions = match planned.scope {
            Scope::Global => vec!["global".to_owned()],
            Scope::Region => t.regions.clone(),
        };
        out.extend(regions.into_iter().map(|region| Population {
            r#type: planned.r#type.clone(),
            cloud: t.cloud.clone(),
            account: t.account.clone(),
            region,
            count: 0,
            complete: false,
            query: Vec::new(),
            gaps: vec![gap.to_owned()],
        }));
    }
    out
}
