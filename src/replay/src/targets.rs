//! What `run.json` says of an account, against the answers of signing in.

use crate::cloud::{Replay, Shared};
use crate::index::Readers;
use crate::known::Known;
use shoseki_collect::{Led, Plan, Reached, Reader, Request, Scope};
use shoseki_evidence::Kind;
use shoseki_model::{Cause, Gap, Population, Sought, Target};
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

/// The gaps of a run, by id.
type Gaps = HashMap<String, Gap>;

/// The account as a cloud, after its own words were checked; with the gaps that
/// signing in left.
pub(crate) fn replay(
    shared: &Arc<Shared>,
    target: &Target,
    reader: &'static dyn Reader,
) -> (Replay, Vec<Gap>) {
    let replay = bound(shared, target, reader);
    let found = reader.examine(replay.place(), &|r| replay.answer(r));
    for message in found.problems {
        shared
            .problems
            .tell("run.json", target.account.clone(), message);
    }
    (replay, found.gaps)
}

fn bound(shared: &Arc<Shared>, target: &Target, reader: &'static dyn Reader) -> Replay {
    Replay {
        shared: Arc::clone(shared),
        target: target.clone(),
        reader,
        home: reader.home(target),
        works_in: shared.index.identified.get(&target.account).cloned(),
    }
}

/// Holds the targets against the stored lists and what the user wanted, and derives
/// why those that were not reached were not. Gives the gaps that say so.
pub(crate) fn look(
    shared: &Arc<Shared>,
    known: &mut Known,
    gaps: &Gaps,
    by: Readers<'_>,
) -> Vec<Gap> {
    let info = &shared.run.file().info;
    let mut clouds: BTreeMap<&str, Vec<&Target>> = BTreeMap::new();
    for t in &info.targets {
        clouds.entry(&t.cloud).or_default().push(t);
    }
    let tell = |record: &str, words: &str| shared.problems.tell("run.json", record, words);
    for (i, s) in info.sought.iter().enumerate() {
        if !clouds.contains_key(s.cloud.as_str()) {
            tell(&s.cloud, "it was to be read, and no target of it is there");
        }
        if info.sought[..i].iter().any(|o| o.cloud == s.cloud) {
            tell(&s.cloud, "it is said twice what of it was to be read");
        }
    }
    let mut out = Vec::new();
    for (cloud, targets) in clouds {
        // That nothing reads its answers is told where they are read.
        let Some(reader) = by.of(cloud) else { continue };
        let find = |t: &Target, r: &Request| bound(shared, t, reader).find(r);
        let said = info.sought.iter().find(|s| s.cloud == cloud);
        let sought = said.cloned().or_else(|| guessed(shared, cloud, &targets));
        match &sought {
            Some(s) => match reader.led(s, &targets, &find) {
                Ok(led) => same(&led, &targets, &tell),
                Err(why) => tell(cloud, &why),
            },
            None => known.unsaid = true,
        }
        known.unsaid |= said.is_none();
        let sought = sought.unwrap_or_default();
        for t in targets {
            let stored = known.unreached.get(&t.account).and_then(|id| gaps.get(id));
            if stored.is_some() && t.name.is_some() {
                tell(
                    &t.account,
                    "it has a name, and is said not to have been reached",
                );
            }
            match (reader.reached(t, &sought, &find), stored) {
                (Reached::Yes, Some(_)) => {
                    tell(
                        &t.account,
                        "it is said not to have been reached, and it answered",
                    );
                }
                (Reached::No(_), Some(g)) if said.is_none() && g.exchange.is_none() => {
                    known.on_its_word.insert(t.account.clone());
                }
                (Reached::No(gap), Some(_)) => out.push(*gap),
                (Reached::No(gap), None) if said.is_some() => out.push(*gap),
                (Reached::Unknown, Some(g)) => {
                    if !of_its_own(g) {
                        let file = Kind::Gaps.file();
                        let words = "no stored answer says so";
                        shared.problems.tell(file, g.id.clone(), words);
                    }
                    known.on_its_word.insert(t.account.clone());
                }
                _ => {}
            }
        }
    }
    out
}

/// What a run of an earlier version does not say: by the first list that it read.
fn guessed(shared: &Shared, cloud: &str, targets: &[&Target]) -> Option<Sought> {
    let mut sought = shared.index.lists.get(cloud)?.clone();
    if let Some(t) = targets.iter().find(|t| !t.regions_left_out.is_empty()) {
        sought.regions.clone_from(&t.regions);
    }
    Some(sought)
}

/// Compares what was to be read with the targets of the run.
fn same(led: &Led, targets: &[&Target], tell: &dyn Fn(&str, &str)) {
    for (account, level) in led {
        let words = match targets.iter().find(|t| t.account == *account) {
            None => "it was to be read, and is no target of the run",
            Some(t) if t.level != *level => "it is another kind of target",
            Some(_) => continue,
        };
        tell(account, words);
    }
    for t in targets.iter().filter(|t| !led.contains_key(&t.account)) {
        tell(
            &t.account,
            "neither a list nor the user's choice leads to it",
        );
    }
}

/// Whether a gap may rest on the run's word: nothing came back. An error of the
/// provider comes with an answer.
fn of_its_own(g: &Gap) -> bool {
    let own = g.error.as_ref().is_none_or(|e| e.code.is_empty());
    let silent = matches!(
        g.cause,
        Cause::Denied | Cause::Rejected | Cause::Timeout | Cause::Unreachable
    );
    own && silent && g.exchange.is_none()
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
