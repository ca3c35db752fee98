//! The account of one population: how many, whether all, and why not.

use super::ctx::Ctx;
use super::event::Event;
use super::line::{Hides, Stopped, Trouble};
use serde_json::Value;
use shoseki_model::Population;
use std::collections::HashMap;
use std::collections::hash_map::{DefaultHasher, Entry};
use std::hash::{Hash, Hasher};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// The population of one type in one scope.
#[derive(Debug)]
pub(crate) struct Scope {
    pub(crate) r#type: String,
    /// Region of the population, `global` for global types.
    pub(crate) label: String,
    /// Region that is asked.
    pub(crate) region: String,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    count: u64,
    broken: bool,
    told: bool,
    query: Vec<String>,
    gaps: Vec<String>,
    /// Hash of each id seen with the hash of its item: 16 bytes a resource, to
    /// keep ids unique when pages overlap.
    ids: HashMap<u64, u64>,
}

/// How an id compares with those seen before.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Sighting {
    New,
    /// The same item again: pages overlap.
    Again,
    /// Another item with the same id.
    Clash,
}

impl Scope {
    pub(crate) fn new(r#type: &str, label: &str, region: &str) -> Self {
        Self {
            r#type: r#type.to_owned(),
            label: label.to_owned(),
            region: region.to_owned(),
            state: Mutex::default(),
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Counts a resource.
    pub(crate) fn count(&self) {
        self.state().count += 1;
    }

    /// Resources counted so far.
    pub(crate) fn counted(&self) -> u64 {
        self.state().count
    }

    /// Notes an exchange that enumerated.
    pub(crate) fn asked(&self, exchange: &str) {
        let mut s = self.state();
        if s.query.last().is_none_or(|q| q != exchange) {
            s.query.push(exchange.to_owned());
        }
    }

    /// Notes an id. An equal item of another parent is another item.
    pub(crate) fn sight(&self, id: &str, item: &Value, parent: &Value) -> Sighting {
        let hash = |text: &str| {
            let mut h = DefaultHasher::new();
            text.hash(&mut h);
            h.finish()
        };
        let (id, item) = (hash(id), hash(&format!("{item}{parent}")));
        match self.state().ids.entry(id) {
            Entry::Vacant(v) => {
                v.insert(item);
                Sighting::New
            }
            Entry::Occupied(o) if *o.get() == item => Sighting::Again,
            Entry::Occupied(_) => Sighting::Clash,
        }
    }

    /// From now on the population is not whole, because of `gap`.
    fn broken_by(&self, gap: String) {
        let mut s = self.state();
        s.broken = true;
        if !s.gaps.contains(&gap) {
            s.gaps.push(gap);
        }
    }

    /// Tells the gap that keeps the population from being whole. `parent`: the
    /// one whose children could not be listed.
    pub(crate) async fn breaks(
        &self,
        ctx: &Ctx,
        t: &Trouble,
        parent: Option<&str>,
        read: Option<u64>,
    ) -> Result<(), Stopped> {
        let hides = Hides {
            r#type: &self.r#type,
            resource: parent,
            part: None,
            read,
        };
        let id = ctx.gap(t, &hides).await?;
        self.broken_by(id);
        Ok(())
    }

    /// A parent population that is not whole makes this one not whole.
    pub(crate) fn inherit(&self, parent: &Scope) {
        let (broken, gaps) = {
            let p = parent.state();
            (p.broken, p.gaps.clone())
        };
        if broken {
            self.state().broken = true;
            for g in gaps {
                self.broken_by(g);
            }
        }
    }

    /// Whether the population was told.
    pub(crate) fn told(&self) -> bool {
        self.state().told
    }

    /// Whether it is known to be whole.
    pub(crate) fn complete(&self) -> bool {
        let s = self.state();
        s.told && !s.broken
    }

    /// Tells the population; nothing is counted after that.
    pub(crate) async fn finish(&self, ctx: &Ctx) -> Result<(), Stopped> {
        let population = {
            let s = self.state();
            Population {
                r#type: self.r#type.clone(),
                cloud: ctx.cloud.name().to_owned(),
                account: ctx.cloud.account().to_owned(),
                region: self.label.clone(),
                count: s.count,
                complete: !s.broken,
                query: s.query.clone(),
                gaps: s.gaps.clone(),
            }
        };
        let done = || {
            let mut s = self.state();
            s.told = true;
            s.ids = HashMap::new();
        };
        ctx.tell(Event::Population(population), done).await
    }
}
