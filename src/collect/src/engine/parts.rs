//! Reading the parts of resources.

use super::answer::{Taken, hold};
use super::ctx::Ctx;
use super::line::{Hides, Line, Stopped, Trouble};
use super::shared::{Key, Whole, all_pages};
use crate::ast::{Call, Part};
use crate::path::Selected;
use crate::plan::PlannedType;
use crate::template::{Names, Param};
use futures::future::join_all;
use serde_json::{Map, Value};
use shoseki_model::{Cause, Resource};
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use tokio::sync::OnceCell;

/// An item that has a name.
#[derive(Debug)]
pub(crate) struct Entry {
    pub(crate) id: String,
    pub(crate) name: String,
    /// Region of the resource.
    pub(crate) region: String,
    /// Region where its parts are asked.
    pub(crate) asked: String,
    pub(crate) exchange: Option<String>,
    pub(crate) item: Value,
}

/// Items of one page with what they share.
pub(crate) struct Sheaf<'a> {
    pub(crate) entries: Vec<Entry>,
    planned: &'a PlannedType,
    parent: &'a Value,
    /// By part: each entry's batch.
    batches: HashMap<&'a str, Vec<Option<Arc<Batch>>>>,
}

/// What a batch brought, and the exchanges.
type Answer = (Taken, Vec<String>);

/// Items that share one call.
#[derive(Debug)]
struct Batch {
    params: Map<String, Value>,
    members: usize,
    answer: OnceCell<Result<Arc<Answer>, Trouble>>,
}

/// An entry's position and its own parameters.
type Member = (usize, Map<String, Value>);

/// A part's value and the exchanges that it came from.
type Seen = (Value, Vec<String>);

impl<'a> Sheaf<'a> {
    pub(crate) fn new(
        ctx: &Ctx,
        planned: &'a PlannedType,
        entries: Vec<Entry>,
        parent: &'a Value,
    ) -> Self {
        let mut sheaf = Self {
            entries,
            planned,
            parent,
            batches: HashMap::new(),
        };
        for p in planned.definitions() {
            if let Some(size) = &p.batch {
                let groups = sheaf.group(ctx, p, size.value);
                sheaf.batches.insert(p.name.value.as_str(), groups);
            }
        }
        sheaf
    }

    fn names<'n>(&'n self, ctx: &'n Ctx, i: usize, region: &'n str) -> Names<'n> {
        Names {
            item: &self.entries[i].item,
            parent: self.parent,
            ..ctx.names(region)
        }
    }

    /// Puts the entries that can share a call together. Those whose parameters
    /// cannot be filled in stay alone, and their own reading tells why.
    fn group(&self, ctx: &Ctx, part: &Part, size: usize) -> Vec<Option<Arc<Batch>>> {
        let mut by_region: BTreeMap<String, Vec<Member>> = BTreeMap::new();
        for i in 0..self.entries.len() {
            if !matches!(hold(&part.when, &self.entries[i].item), Ok(true)) {
                continue;
            }
            let region = self.region(ctx, part, i);
            if let Ok(region) = region
                && let Ok(params) = Line::params(&part.call, &self.names(ctx, i, &region))
            {
                by_region.entry(region).or_default().push((i, params));
            }
        }
        let mut out = vec![None; self.entries.len()];
        for members in by_region.values() {
            for chunk in members.chunks(size) {
                let batch = Arc::new(Batch {
                    params: joined(&part.call, chunk),
                    members: chunk.len(),
                    answer: OnceCell::new(),
                });
                for (i, _) in chunk {
                    out[*i] = Some(Arc::clone(&batch));
                }
            }
        }
        out
    }

    /// Where a part is asked.
    fn region(&self, ctx: &Ctx, part: &Part, i: usize) -> Result<String, String> {
        let asked = &self.entries[i].asked;
        match &part.region {
            None => Ok(asked.clone()),
            Some(t) => t
                .value
                .text(&self.names(ctx, i, asked))
                .map_err(|e| e.to_string()),
        }
    }
}

/// One set of parameters for all: the lists of one template are joined, the rest
/// is the same for all of a page.
fn joined(call: &Call, members: &[Member]) -> Map<String, Value> {
    let mut out = Map::new();
    for (_, params) in members {
        for (name, value) in params {
            match (out.get_mut(name), value) {
                (Some(Value::Array(all)), Value::Array(own)) if lists_items(call, name) => {
                    all.extend(own.iter().cloned());
                }
                (Some(_), _) => {}
                (None, v) => {
                    out.insert(name.clone(), v.clone());
                }
            }
        }
    }
    out
}

fn lists_items(call: &Call, name: &str) -> bool {
    call.with
        .value
        .iter()
        .any(|(n, p)| n.value == name && matches!(p.value, Param::List(_)) && p.value.names_item())
}

/// Reads all planned parts of entry `i` into `r`: those that look into earlier
/// ones after these, all others at once.
pub(crate) async fn read(
    ctx: &Ctx,
    sheaf: &Sheaf<'_>,
    i: usize,
    r: &mut Resource,
) -> Result<(), Stopped> {
    let collector = &sheaf.planned.collector;
    let mut left: Vec<&Part> = sheaf.planned.definitions().collect();
    while !left.is_empty() {
        let waits = |p: &Part| {
            collector
                .needs(p)
                .iter()
                .any(|n| left.iter().any(|l| l.name.value == n.name.value))
        };
        // The first never waits, for parts look only into earlier ones.
        let first = left[0].name.value.as_str();
        let (now, later): (Vec<&Part>, Vec<&Part>) = left
            .iter()
            .partition(|p| p.name.value == first || !waits(p));
        left = later;
        let done = join_all(now.iter().map(|p| one_part(ctx, sheaf, i, p, r))).await;
        for (p, seen) in now.iter().zip(done) {
            let name = p.name.value.clone();
            match seen? {
                Ok((value, sources)) => {
                    r.settings.insert(name.clone(), value);
                    r.sources.insert(name, sources);
                }
                Err(gap) => {
                    r.unseen.insert(name, gap);
                }
            }
        }
    }
    Ok(())
}

/// A part's value and sources, or the gap that hides it.
async fn one_part(
    ctx: &Ctx,
    sheaf: &Sheaf<'_>,
    i: usize,
    part: &Part,
    r: &Resource,
) -> Result<Result<Seen, String>, Stopped> {
    let needs = sheaf.planned.collector.needs(part);
    if let Some(gap) = needs.iter().find_map(|n| r.unseen.get(&n.name.value)) {
        return Ok(Err(gap.clone()));
    }
    let view = (!needs.is_empty()).then(|| Value::Object(r.settings.clone()));
    let reader = Reader {
        ctx,
        sheaf,
        i,
        part,
        item: view.as_ref().unwrap_or(&sheaf.entries[i].item),
    };
    let mut trouble = match reader.read().await {
        Ok((value, mut sources)) => {
            for n in needs {
                sources.extend(r.sources.get(&n.name.value).into_iter().flatten().cloned());
            }
            return Ok(Ok((value, sources)));
        }
        Err(t) => t,
    };
    if trouble.is(&sheaf.planned.collector.vanished) {
        trouble.cause = Cause::Vanished;
    }
    let hides = Hides {
        r#type: &sheaf.planned.r#type,
        resource: (!trouble.common).then_some(sheaf.entries[i].id.as_str()),
        part: Some(&part.name.value),
        read: None,
    };
    ctx.gap(&trouble, &hides).await.map(Err)
}

/// Reads one part of one item.
struct Reader<'a> {
    ctx: &'a Ctx,
    sheaf: &'a Sheaf<'a>,
    i: usize,
    part: &'a Part,
    /// The item, with the parts that this one looks into.
    item: &'a Value,
}

impl Reader<'_> {
    fn entry(&self) -> &Entry {
        &self.sheaf.entries[self.i]
    }

    /// What the item alone decided rests on the list's exchange.
    fn listed(&self, v: Value) -> Seen {
        (v, self.entry().exchange.iter().cloned().collect())
    }

    fn malformed(&self, exchange: Option<&String>, words: String) -> Trouble {
        Trouble::malformed(
            &self.part.call,
            &self.entry().asked,
            exchange.cloned(),
            words,
        )
    }

    async fn read(&self) -> Result<Seen, Trouble> {
        let listed = self.entry().exchange.as_ref();
        if !hold(&self.part.when, self.item).map_err(|w| self.malformed(listed, w))? {
            return Ok(self.listed(Value::Null));
        }
        let Some(each) = &self.part.each else {
            let region = self.region(&Value::Null)?;
            let batch = self.sheaf.batches.get(self.part.name.value.as_str());
            return match batch.and_then(|b| b[self.i].as_ref()) {
                Some(b) => self.batched(&region, b).await,
                None => self.ask(&region, &Value::Null).await,
            };
        };
        let found = each
            .value
            .select(self.item)
            .map_err(|e| self.malformed(listed, e.to_string()))?;
        let entries: Vec<&Value> = match found {
            Selected::Absent => Vec::new(),
            Selected::Many(l) => l,
            Selected::One(Value::Array(l)) => l.iter().collect(),
            Selected::One(v) => {
                let words = format!(
                    "{}: expected a list, the item has {}",
                    each.value.as_str(),
                    crate::path::name_of(v)
                );
                return Err(self.malformed(listed, words));
            }
        };
        let mut out = Vec::with_capacity(entries.len());
        let (_, mut sources) = self.listed(Value::Null);
        let asked = entries
            .iter()
            .map(|e| async { self.ask(&self.region(e)?, e).await });
        for answer in join_all(asked).await {
            let (value, from) = answer?;
            out.push(value);
            for x in from {
                if !sources.contains(&x) {
                    sources.push(x);
                }
            }
        }
        Ok((Value::Array(out), sources))
    }

    /// Where the call for this entry is made.
    fn region(&self, each: &Value) -> Result<String, Trouble> {
        let asked = &self.entry().asked;
        let Some(t) = &self.part.region else {
            return Ok(asked.clone());
        };
        t.value
            .text(&self.names(asked, each))
            .map_err(|e| self.malformed(self.entry().exchange.as_ref(), e.to_string()))
    }

    fn names<'n>(&'n self, region: &'n str, each: &'n Value) -> Names<'n> {
        Names {
            item: self.item,
            parent: self.sheaf.parent,
            each,
            ..self.ctx.names(region)
        }
    }

    /// One call for this item (or one entry of it), shared with all who ask the
    /// same where it names nothing of the item.
    async fn ask(&self, region: &str, each: &Value) -> Result<Seen, Trouble> {
        let (call, names) = (&self.part.call, self.names(region, each));
        let listed = self.entry().exchange.as_ref();
        let params =
            Line::params(call, &names).map_err(|e| self.malformed(listed, e.to_string()))?;
        if !self.ctx.comes_again(self.part) {
            return match all_pages(self.ctx, call, region, &params).await {
                Ok(whole) => self.pick_own(&whole, &names),
                Err(t) => self.absent(t),
            };
        }
        let shared = self.ctx.shared(Key::of(call, region, &params));
        let prepare = self.part.prepare.as_ref();
        let whole = match shared.whole(self.ctx, call, prepare, region, &params).await {
            Ok(w) => w,
            Err(t) => return self.absent(t),
        };
        let view = shared.view(&self.sheaf.planned.r#type, self.part, &whole);
        let last = whole.exchanges.last();
        let taken = view.as_ref().as_ref().map_err(|w| {
            let mut t = self.malformed(last, w.clone());
            t.common = call.shared();
            t
        })?;
        self.pick(taken, &whole.exchanges, &names, self.must())
    }

    fn pick_own(&self, whole: &Whole, names: &Names<'_>) -> Result<Seen, Trouble> {
        let last = whole.exchanges.last();
        let taken =
            Taken::of(self.part, &whole.value, false).map_err(|w| self.malformed(last, w))?;
        self.pick(&taken, &whole.exchanges, names, self.must())
    }

    /// Whether an answer must name the item. A call that takes many at once may
    /// leave one out without an error, also where it was asked for one alone.
    fn must(&self) -> bool {
        self.part.must || self.part.batch.is_some()
    }

    fn pick(
        &self,
        taken: &Taken,
        exchanges: &[String],
        names: &Names<'_>,
        must: bool,
    ) -> Result<Seen, Trouble> {
        let found = taken
            .pick(self.part, names)
            .map_err(|w| self.malformed(exchanges.last(), w))?;
        let value = match found {
            Some(v) if !must || !v.is_null() => v,
            _ if must => {
                let words = "the answer leaves this resource out".to_owned();
                let mut t = self.malformed(exchanges.last(), words);
                t.cause = Cause::Vanished;
                return Err(t);
            }
            _ if self.part.one => Value::Null,
            _ => Value::Array(Vec::new()),
        };
        Ok((value, exchanges.to_vec()))
    }

    /// An error that is an answer gives null; any other stays trouble.
    fn absent(&self, t: Trouble) -> Result<Seen, Trouble> {
        if t.call == self.part.call.name() && t.means_absent(&self.part.call) {
            return Ok((Value::Null, t.exchange.into_iter().collect()));
        }
        Err(t)
    }

    /// The item's own piece of a batch. A refused batch says nothing of its
    /// members, so each is then asked alone.
    async fn batched(&self, region: &str, batch: &Batch) -> Result<Seen, Trouble> {
        let call = &self.part.call;
        let answer = batch.answer.get_or_init(async || {
            let whole = all_pages(self.ctx, call, region, &batch.params).await?;
            let taken = Taken::of(self.part, &whole.value, true)
                .map_err(|w| self.malformed(whole.exchanges.last(), w))?;
            Ok(Arc::new((taken, whole.exchanges)))
        });
        let answer = match answer.await {
            Ok(a) => a,
            Err(t) if batch.members > 1 && (t.cause == Cause::Rejected || t.means_absent(call)) => {
                return self.ask(region, &Value::Null).await;
            }
            Err(t) => return self.absent(t.clone()),
        };
        let names = self.names(region, &Value::Null);
        self.pick(&answer.0, &answer.1, &names, self.must())
    }
}
