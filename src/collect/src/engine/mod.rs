//! The engine: asks what a plan names, and tells what came.

mod answer;
mod ctx;
mod event;
mod line;
mod parts;
mod scope;
mod shared;
mod walk;

pub use answer::merge as join_pages;
pub use event::{Event, Options, Progress, Summary};

use crate::ast::{Call, Scope as Asked};
use crate::cloud::Cloud;
use crate::plan::{Plan, PlannedType};
use ctx::Ctx;
use line::{Line, Stopped, Trouble};
use scope::Scope;
use shared::Key;
use shoseki_model::Cause;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;
use tokio::sync::mpsc;
use tokio::task::JoinSet;
use walk::Node;

/// Reads everything that `plan` names from one account. Ends when all is read,
/// when `options.cancel` becomes true, or when the receiver of `sink` is gone.
/// Failures are told as [`Event::Gap`]; none ends the run.
///
/// Must be called inside a tokio runtime. Resources in flight are bounded by
/// `options` and by the capacity of `sink`.
pub async fn run(
    plan: Arc<Plan>,
    cloud: Arc<dyn Cloud>,
    sink: mpsc::Sender<Event>,
    options: Options,
) -> Summary {
    let trees = trees(&plan, cloud.as_ref());
    let scopes: Vec<(Arc<Scope>, PlannedType)> = trees
        .iter()
        .flat_map(Node::all)
        .map(|n| (Arc::clone(&n.scope), n.planned.clone()))
        .collect();
    let mut uses = HashMap::new();
    for key in trees.iter().flat_map(|t| keys(t, cloud.as_ref())) {
        *uses.entry(key).or_insert(0) += 1;
    }
    let cancel = options.cancel.clone();
    let limit = options.scopes.max(1);
    let ctx = Arc::new(Ctx::new(cloud, sink, options, uses, repeated(&plan)));
    let mut done = Done {
        cancelled: false,
        populations: 0,
        of: scopes.len(),
    };
    let mut running = JoinSet::new();
    let stopped = tokio::select! {
        () = work(&ctx, &mut running, trees, limit, &mut done) => false,
        () = stop(cancel) => true,
    };
    done.cancelled |= stopped;
    // Waits until no task can count any more.
    running.shutdown().await;
    for (scope, planned) in &scopes {
        if !scope.told() && give_up(&ctx, scope, planned, done.cancelled).await.is_err() {
            done.cancelled = true;
        }
    }
    Summary {
        requests: ctx.requests.load(Relaxed),
        resources: ctx.resources.load(Relaxed),
        gaps: ctx.gaps.load(Relaxed),
        populations: scopes.len() as u64,
        complete: scopes.iter().filter(|(s, _)| s.complete()).count() as u64,
        cancelled: done.cancelled,
    }
}

struct Done {
    cancelled: bool,
    populations: usize,
    of: usize,
}

type Ended = (Result<(), Stopped>, usize);

/// Runs the trees, a bounded number at once.
async fn work(
    ctx: &Arc<Ctx>,
    running: &mut JoinSet<Ended>,
    trees: Vec<Node>,
    limit: usize,
    done: &mut Done,
) {
    let mut waiting = trees.into_iter();
    loop {
        while running.len() < limit {
            let Some(tree) = waiting.next() else { break };
            let ctx = Arc::clone(ctx);
            running.spawn(async move {
                let result = tree.run(&ctx).await;
                for key in keys(&tree, ctx.cloud.as_ref()) {
                    ctx.release(&key);
                }
                (result, tree.all().len())
            });
        }
        match running.join_next().await {
            None => return,
            Some(Ok((Ok(()), n))) => {
                done.populations += n;
                let progress = Progress {
                    done: done.populations,
                    of: done.of,
                    requests: ctx.requests.load(Relaxed),
                };
                if ctx.tell(Event::Progress(progress), || ()).await.is_err() {
                    done.cancelled = true;
                    return;
                }
            }
            Some(Ok((Err(Stopped), _))) => {
                done.cancelled = true;
                return;
            }
            // Its populations stay untold, and are given up below.
            Some(Err(e)) => tracing::error!("a reading task broke: {e}"),
        }
    }
}

async fn stop(cancel: Option<tokio::sync::watch::Receiver<bool>>) {
    if let Some(mut c) = cancel
        && c.wait_for(|stop| *stop).await.is_ok()
    {
        return;
    }
    std::future::pending().await
}

/// Tells a population that was never finished.
async fn give_up(
    ctx: &Ctx,
    scope: &Scope,
    planned: &PlannedType,
    cancelled: bool,
) -> Result<(), Stopped> {
    let call = planned.list.as_ref();
    let trouble = Trouble {
        cause: if cancelled {
            Cause::Cancelled
        } else {
            Cause::Malformed
        },
        call: call.map(|c| c.call.clone()).unwrap_or_default(),
        permissions: call.map(|c| c.permissions.clone()).unwrap_or_default(),
        region: scope.region.clone(),
        error: None,
        exchange: None,
        common: true,
        later: false,
    };
    let read = Some(scope.counted());
    scope.breaks(ctx, &trouble, None, read).await?;
    scope.finish(ctx).await
}

/// Calls about single items that several parts or lists of the plan make.
fn repeated(plan: &Plan) -> HashSet<String> {
    let mut once = HashSet::new();
    let parts = plan.types.iter().flat_map(PlannedType::definitions);
    let parts = parts.filter(|p| p.batch.is_none()).map(|p| &p.call);
    let lists = plan.types.iter().filter_map(|t| {
        let query = t.collector.list.query.as_ref()?;
        Some(&query.call)
    });
    parts
        .chain(lists)
        .filter(|c| !c.shared())
        .map(Call::name)
        .filter(|name| !once.insert(name.clone()))
        .collect()
}

/// Root types with their children, once for each scope.
fn trees(plan: &Plan, cloud: &dyn Cloud) -> Vec<Node> {
    let mut out = Vec::new();
    for root in plan.types.iter().filter(|t| t.over.is_none()) {
        match root.scope {
            Asked::Global => {
                let at = root.collector.at.as_deref();
                out.push(tree(
                    plan,
                    root,
                    "global",
                    at.unwrap_or(cloud.home_region()),
                ));
            }
            Asked::Region => out.extend(cloud.regions().iter().map(|r| tree(plan, root, r, r))),
        }
    }
    out
}

fn tree(plan: &Plan, t: &PlannedType, label: &str, region: &str) -> Node {
    let below = plan
        .types
        .iter()
        .filter(|c| c.over.as_ref() == Some(&t.r#type));
    Node {
        planned: t.clone(),
        scope: Arc::new(Scope::new(&t.r#type, label, region)),
        children: below.map(|c| tree(plan, c, label, region)).collect(),
    }
}

/// The shared calls of a tree, as often as they are named, where the region is
/// known beforehand.
fn keys(tree: &Node, cloud: &dyn Cloud) -> Vec<Key> {
    let mut out = Vec::new();
    for node in tree.all() {
        let region = node.scope.region.as_str();
        let names = crate::template::Names {
            account: cloud.account(),
            region,
            partition: cloud.partition(),
            item: &serde_json::Value::Null,
            parent: &serde_json::Value::Null,
            each: &serde_json::Value::Null,
        };
        let collector = &node.planned.collector;
        let list = collector.list.query.iter().map(|q| &q.call);
        let own_region = collector.list.region.is_none();
        let parts = node
            .planned
            .definitions()
            .filter(|p| own_region && p.region.is_none())
            .map(|p| &p.call);
        let shared = list.chain(parts).filter(|c: &&Call| c.shared());
        out.extend(shared.filter_map(|c| Some(Key::of(c, region, &Line::params(c, &names).ok()?))));
    }
    out
}
