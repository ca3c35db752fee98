//! Enumerating: pages of a list to resources, and from these to their children.

use super::answer::hold;
use super::ctx::Ctx;
use super::event::Event;
use super::line::{Line, Stopped, Trouble};
use super::parts::{self, Entry, Sheaf};
use super::scope::{Scope, Sighting};
use super::shared::{Key, Sheet};
use crate::ast::{Call, Query};
use crate::cloud::Trail;
use crate::plan::PlannedType;
use crate::template::{Names, Template, Unfilled};
use futures::future::BoxFuture;
use futures::stream::{self, StreamExt as _};
use serde_json::{Map, Value};
use shoseki_model::{ApiError, Cause, Resource};
use std::sync::Arc;

/// A type with the types below it, in one scope.
pub(crate) struct Node {
    pub(crate) planned: PlannedType,
    pub(crate) scope: Arc<Scope>,
    pub(crate) children: Vec<Node>,
}

/// Whose children are listed.
#[derive(Clone, Copy)]
pub(crate) struct Parent<'a> {
    id: &'a str,
    region: &'a str,
    item: &'a Value,
}

impl Node {
    /// This node and all below.
    pub(crate) fn all(&self) -> Vec<&Node> {
        let below = self.children.iter().flat_map(Node::all);
        std::iter::once(self).chain(below).collect()
    }

    /// Enumerates a root type with everything below it, and tells the
    /// populations.
    pub(crate) async fn run(&self, ctx: &Ctx) -> Result<(), Stopped> {
        match &self.planned.collector.list.query {
            None => self.alone(ctx).await?,
            Some(q) => self.list(ctx, q, None).await?,
        }
        self.finish(ctx).await
    }

    fn finish<'a>(&'a self, ctx: &'a Ctx) -> BoxFuture<'a, Result<(), Stopped>> {
        Box::pin(async move {
            self.scope.finish(ctx).await?;
            for c in &self.children {
                c.scope.inherit(&self.scope);
                c.finish(ctx).await?;
            }
            Ok(())
        })
    }

    /// The one resource of an account or region.
    async fn alone(&self, ctx: &Ctx) -> Result<(), Stopped> {
        let item = Value::Object(Map::new());
        let names = ctx.names(&self.scope.region);
        match self.entry(&names, item, None) {
            Ok(e) => self.sheaf(ctx, vec![e], None).await,
            Err(words) => {
                let t = Trouble {
                    cause: Cause::Malformed,
                    call: String::new(),
                    permissions: Vec::new(),
                    region: self.scope.region.clone(),
                    error: Some(Box::new(ApiError {
                        code: "Malformed".to_owned(),
                        message: words,
                    })),
                    exchange: None,
                    common: true,
                    later: false,
                };
                self.scope.breaks(ctx, &t, None, None).await
            }
        }
    }

    /// Reads all pages; what fails breaks the population and ends the reading.
    async fn list(&self, ctx: &Ctx, q: &Query, parent: Option<Parent<'_>>) -> Result<(), Stopped> {
        let call = &q.call;
        let region = parent.map_or(self.scope.region.as_str(), |p| p.region);
        let mut names = ctx.names(region);
        if let Some(p) = &parent {
            names.parent = p.item;
        }
        let params = match Line::params(call, &names) {
            Ok(p) => p,
            Err(e) => {
                let t = Trouble::malformed(call, region, None, e.to_string());
                return self.scope.breaks(ctx, &t, parent.map(|p| p.id), None).await;
            }
        };
        let before = self.scope.counted();
        let mut source = Source::new(ctx, call, region, params);
        while let Some(sheet) = source.next(ctx).await {
            match sheet {
                Ok(sheet) => {
                    self.scope.asked(&sheet.exchange);
                    for hole in &sheet.holes {
                        let t = Trouble::left_out(call, region, &sheet.exchange, hole);
                        self.scope
                            .breaks(ctx, &t, parent.map(|p| p.id), None)
                            .await?;
                    }
                    self.page(ctx, q, region, &sheet, parent).await?;
                }
                Err(t) if t.means_absent(call) => {
                    if let Some(x) = &t.exchange {
                        self.scope.asked(x);
                    }
                    return Ok(());
                }
                Err(mut t) => {
                    if t.is(&self.planned.collector.vanished) {
                        t.cause = Cause::Vanished;
                    }
                    // Other parents' children are counted meanwhile.
                    let read = parent.is_none().then(|| self.scope.counted() - before);
                    return self.scope.breaks(ctx, &t, parent.map(|p| p.id), read).await;
                }
            }
        }
        Ok(())
    }

    /// One page of the list.
    async fn page(
        &self,
        ctx: &Ctx,
        q: &Query,
        region: &str,
        sheet: &Arc<Sheet>,
        parent: Option<Parent<'_>>,
    ) -> Result<(), Stopped> {
        let malformed =
            |words| Trouble::malformed(&q.call, region, Some(sheet.exchange.clone()), words);
        let under = parent.map(|p| p.id);
        let found = match q.items.value.select(&sheet.value) {
            Ok(f) => f.to_value(),
            Err(e) => {
                return self
                    .scope
                    .breaks(ctx, &malformed(e.to_string()), under, None)
                    .await;
            }
        };
        let items = match found {
            Value::Null => Vec::new(),
            Value::Array(l) => l,
            one @ Value::Object(_) => vec![one],
            other => {
                let words = format!(
                    "{}: expected a list, the answer has {}",
                    q.items.value.as_str(),
                    crate::path::name_of(&other)
                );
                return self.scope.breaks(ctx, &malformed(words), under, None).await;
            }
        };
        let mut entries = Vec::with_capacity(items.len());
        for item in items {
            let mut names = ctx.names(region);
            if let Some(p) = &parent {
                names.parent = p.item;
            }
            match self.item(q, item, &names, &sheet.exchange) {
                Ok(Some(e)) => entries.push(e),
                Ok(None) => {}
                Err(words) => {
                    self.scope
                        .breaks(ctx, &malformed(words), under, None)
                        .await?
                }
            }
        }
        self.sheaf(ctx, entries, parent).await
    }

    /// One item; `None` where it is not of the population, or was seen before.
    fn item(
        &self,
        q: &Query,
        item: Value,
        names: &Names<'_>,
        exchange: &str,
    ) -> Result<Option<Entry>, String> {
        let item = match (item, &q.r#as) {
            (Value::String(s), Some(name)) => Value::Object(
                [(name.value.clone(), Value::String(s))]
                    .into_iter()
                    .collect(),
            ),
            (v @ Value::Object(_), None) => v,
            (v, _) => return Err(format!("an item is {}", crate::path::name_of(&v))),
        };
        if !hold(&q.only, &item)? {
            return Ok(None);
        }
        let entry = self.entry(names, item, Some(exchange))?;
        match self.scope.sight(&entry.id, &entry.item, names.parent) {
            Sighting::New => Ok(Some(entry)),
            Sighting::Again => Ok(None),
            Sighting::Clash => Err("two different items have the same id".to_owned()),
        }
    }

    /// Names an item; the error says in words what it lacks.
    fn entry(
        &self,
        names: &Names<'_>,
        item: Value,
        exchange: Option<&str>,
    ) -> Result<Entry, String> {
        let list = &self.planned.collector.list;
        let names = Names {
            item: &item,
            ..*names
        };
        let text = |t: &Template| t.text(&names);
        let id = text(&list.id.value).map_err(|e| e.to_string())?;
        if id.is_empty() {
            return Err("the id is empty".to_owned());
        }
        let own = match list.region.as_ref().map(|r| text(&r.value)) {
            Some(Ok(r)) if !r.is_empty() => Some(r),
            // The provider does not say: asked where the list was asked.
            Some(Ok(_) | Err(Unfilled::Absent(_))) | None => None,
            Some(Err(e)) => return Err(e.to_string()),
        };
        let name = match list.name.as_ref().map(|n| text(&n.value)) {
            Some(Ok(n)) => n,
            Some(Err(Unfilled::Absent(_))) | None => last_piece(&id).to_owned(),
            Some(Err(e)) => return Err(e.to_string()),
        };
        Ok(Entry {
            id,
            name,
            region: own.clone().unwrap_or_else(|| self.scope.label.clone()),
            asked: own.unwrap_or_else(|| names.region.to_owned()),
            exchange: exchange.map(str::to_owned),
            item,
        })
    }

    /// Reads the parts of a page's items, tells the resources, and goes on to
    /// their children.
    async fn sheaf(
        &self,
        ctx: &Ctx,
        entries: Vec<Entry>,
        parent: Option<Parent<'_>>,
    ) -> Result<(), Stopped> {
        let nothing = Value::Null;
        let sheaf = Sheaf::new(
            ctx,
            &self.planned,
            entries,
            parent.map_or(&nothing, |p| p.item),
        );
        let work = (0..sheaf.entries.len()).map(|i| self.resource(ctx, &sheaf, i));
        let mut work = stream::iter(work).buffer_unordered(ctx.options.window.max(1));
        while let Some(done) = work.next().await {
            done?;
        }
        Ok(())
    }

    fn resource<'a>(
        &'a self,
        ctx: &'a Ctx,
        sheaf: &'a Sheaf<'a>,
        i: usize,
    ) -> BoxFuture<'a, Result<(), Stopped>> {
        Box::pin(async move {
            let e = &sheaf.entries[i];
            let mut r = Resource {
                r#type: self.planned.r#type.clone(),
                id: e.id.clone(),
                name: e.name.clone(),
                account: ctx.cloud.account().to_owned(),
                region: e.region.clone(),
                scope: self.scope.label.clone(),
                ..Resource::default()
            };
            if let Value::Object(m) = &e.item {
                r.settings = m.clone();
            }
            r.sources
                .insert(String::new(), e.exchange.iter().cloned().collect());
            parts::read(ctx, sheaf, i, &mut r).await?;
            ctx.tell(Event::Resource(Box::new(r)), || self.scope.count())
                .await?;
            let me = Parent {
                id: &e.id,
                region: &e.asked,
                item: &e.item,
            };
            for c in &self.children {
                if let Some(q) = &c.planned.collector.list.query {
                    c.list(ctx, q, Some(me)).await?;
                }
            }
            Ok(())
        })
    }
}

/// The last piece of an id: behind the last `/`, else behind the last `:`.
fn last_piece(id: &str) -> &str {
    let tail = id.rsplit('/').next().unwrap_or(id);
    let tail = tail.rsplit(':').next().unwrap_or(tail);
    if tail.is_empty() { id } else { tail }
}

/// Pages of a list: kept where others read them too, else let go.
struct Source<'a> {
    call: &'a Call,
    region: &'a str,
    params: Map<String, Value>,
    shared: Option<Arc<super::shared::SharedCall>>,
    trail: Trail,
    end: bool,
    /// Pages asked for.
    read: usize,
}

impl<'a> Source<'a> {
    fn new(ctx: &Ctx, call: &'a Call, region: &'a str, params: Map<String, Value>) -> Self {
        let key = Key::of(call, region, &params);
        let again = ctx.several(&key) || ctx.repeats(call);
        let shared = again.then(|| ctx.shared(key));
        Self {
            call,
            region,
            params,
            shared,
            trail: Trail::default(),
            end: false,
            read: 0,
        }
    }

    async fn next(&mut self, ctx: &Ctx) -> Option<Result<Arc<Sheet>, Trouble>> {
        if self.end {
            return None;
        }
        self.read += 1;
        let found = match &self.shared {
            Some(s) => {
                s.page(ctx, self.call, self.region, &self.params, self.read - 1)
                    .await
            }
            None => {
                let page = ctx.page(self.call, self.region, &self.params, &mut self.trail);
                Some(page.await.map(|p| {
                    self.end = p.next.is_none();
                    Arc::new(p.into())
                }))
            }
        };
        self.end |= matches!(found, None | Some(Err(_)));
        found
    }
}
