//! Checks of collectors against the provider's model, and the kinds of settings
//! that follow from it.

use crate::ast::{Call, Collector, Query};
use crate::cloud::{Api, OperationInfo};
use crate::doc::At;
use crate::fields::Sink;
use crate::fits::{Env, conditions, each_fits, template, with_member};
use crate::path::Path;
use crate::read::hint;
use crate::template::Root;
use indexmap::IndexMap;
use shoseki_model::Kind;
use std::collections::HashMap;
use std::sync::Arc;

/// Checks with the operations that it has looked up.
pub(crate) struct Checker<'a> {
    api: &'a dyn Api,
    known: HashMap<String, Result<Arc<OperationInfo>, String>>,
}

impl<'a> Checker<'a> {
    pub(crate) fn new(api: &'a dyn Api) -> Self {
        Self {
            api,
            known: HashMap::new(),
        }
    }

    pub(crate) fn info(&mut self, call: &Call) -> Result<Arc<OperationInfo>, String> {
        let api = self.api;
        self.known
            .entry(call.name())
            .or_insert_with(|| api.operation(&call.service, &call.operation).map(Arc::new))
            .clone()
    }

    /// Looks the operation up, and fills the permissions in.
    pub(crate) fn resolve(&mut self, call: &mut Call, sink: &mut Sink<'_>) {
        match self.info(call) {
            Err(e) => sink.error(&call.place, "unknown-operation", e),
            Ok(info) => {
                if let Err(e) = self.api.readable(&call.service, &call.operation) {
                    sink.error(&call.place, "not-readable", e);
                }
                call.permissions = vec![info.permission.clone()];
            }
        }
        if let Some(p) = &call.permission {
            call.permissions.clone_from(&p.value);
            if p.value.is_empty() {
                sink.error(p, "wrong-type", "`permission` names at least one action");
            }
        }
    }

    /// Checks a collector; gives the kind of `settings`.
    pub(crate) fn collector(
        &mut self,
        c: &Collector,
        parent: Option<&Collector>,
        sink: &mut Sink<'_>,
    ) -> Kind {
        if let (Some(_), crate::ast::Scope::Region) = (&c.at, c.scope) {
            sink.error(
                &c.r#type,
                "scope",
                "`at` is for types of the scope `global`",
            );
        }
        let parent = parent.map(|p| match &p.list.query {
            Some(q) => self.item(
                q,
                &mut Sink {
                    file: &p.file,
                    out: &mut Vec::new(),
                },
            ),
            None => Kind::Object(IndexMap::new()),
        });
        let env = Env {
            item: None,
            parent: parent.as_ref(),
            each: None,
        };
        let item = match &c.list.query {
            None => Kind::Object(IndexMap::new()),
            Some(q) => {
                self.query(q, &env, sink);
                self.item(q, sink)
            }
        };
        let env = Env {
            item: c.list.query.is_some().then_some(&item),
            ..env
        };
        let texts = [
            Some(&c.list.id),
            c.list.name.as_ref(),
            c.list.region.as_ref(),
        ];
        for t in texts.into_iter().flatten() {
            template(t, &env, sink);
        }
        if let Some(q) = &c.list.query {
            if !c.list.id.value.references().any(|r| r.root == Root::Item) {
                sink.error(
                    &c.list.id,
                    "template",
                    "the id names nothing of the item: all would have the same",
                );
            }
            conditions(&q.only, &item, sink);
        }
        self.parts(c, item, parent.as_ref(), sink)
    }

    /// Checks the parts in order; each may look into those before it.
    fn parts(
        &mut self,
        c: &Collector,
        item: Kind,
        parent: Option<&Kind>,
        sink: &mut Sink<'_>,
    ) -> Kind {
        let mut settings = item.clone();
        for (name, part) in &c.parts {
            if matches!(&item, Kind::Object(m) if m.contains_key(name)) {
                let message = format!("the list item has a member `{name}` already");
                let help = Some("choose another name for the part".to_owned());
                sink.push(&part.name, "part-collides", message, help);
            }
            if part.batch.is_some() && !c.needs(part).is_empty() {
                let message = "`batch` cannot look into another part";
                sink.error(&part.name, "batch", message);
            }
            let env = Env {
                item: Some(&settings),
                parent,
                each: None,
            };
            let kind = self.part(part, &env, &settings, sink);
            with_member(&mut settings, name, kind);
        }
        settings
    }

    fn query(&mut self, q: &Query, env: &Env<'_>, sink: &mut Sink<'_>) {
        self.call(&q.call, env, sink);
        let names_parent = q
            .call
            .with
            .value
            .iter()
            .flat_map(|(_, p)| p.value.templates())
            .any(|t| t.references().any(|r| r.root == Root::Parent));
        if let (Some(over), Some(_), false) = (&q.over, env.parent, names_parent) {
            sink.error(
                over,
                "template",
                "`with` names nothing of the parent: every call would be the same",
            );
        }
    }

    /// The kind of a list item.
    fn item(&mut self, q: &Query, sink: &mut Sink<'_>) -> Kind {
        let output = self
            .info(&q.call)
            .map_or_else(|_| Kind::Any, |i| i.output.clone());
        let kind = match q.items.value.kind(&output) {
            Ok(k) => k,
            Err(e) => {
                sink.error(&q.items, "unknown-path", e);
                return Kind::Any;
            }
        };
        let item = match kind {
            Kind::List(e) => *e,
            k @ (Kind::Object(_) | Kind::Any) => k,
            _ => {
                sink.error(
                    &q.items,
                    "not-a-list",
                    format!("`{}` is no list", q.items.value.as_str()),
                );
                return Kind::Any;
            }
        };
        match (item, &q.r#as) {
            (Kind::Str | Kind::Any, Some(name)) => {
                Kind::Object([(name.value.clone(), Kind::Str)].into_iter().collect())
            }
            (Kind::Object(_), Some(name)) => {
                sink.error(
                    name,
                    "as-on-objects",
                    "`as` is for lists of plain text; these items have members already",
                );
                Kind::Any
            }
            (k @ (Kind::Object(_) | Kind::Any), None) => k,
            (Kind::Str, None) => {
                let help = Some("write `as: Name`, the member that each text becomes".to_owned());
                sink.push(
                    &q.items,
                    "not-a-list",
                    "the items are plain text".to_owned(),
                    help,
                );
                Kind::Any
            }
            _ => {
                sink.error(
                    &q.items,
                    "not-a-list",
                    "the items are neither objects nor text",
                );
                Kind::Any
            }
        }
    }

    /// Parameters, paging and secrets of a call.
    pub(crate) fn call(&mut self, call: &Call, env: &Env<'_>, sink: &mut Sink<'_>) {
        let Ok(info) = self.info(call) else { return };
        for (name, param) in &call.with.value {
            match (info.input.member(&name.value), &info.input) {
                (Some(kind), _) => each_fits(param, kind, env, sink),
                (None, Kind::Object(m)) => {
                    let message = format!("`{}` has no parameter `{}`", call.name(), name.value);
                    let known = m.keys().map(String::as_str);
                    let help = hint(&name.value, known.clone()).unwrap_or_else(|| {
                        format!("there are: {}", known.collect::<Vec<_>>().join(", "))
                    });
                    sink.push(name, "unknown-parameter", message, Some(help));
                }
                (None, _) => {}
            }
        }
        let given: Vec<&str> = call
            .with
            .value
            .iter()
            .map(|(n, _)| n.value.as_str())
            .collect();
        if let Err(e) = self.api.complete(&call.service, &call.operation, &given) {
            sink.error(&call.place, "missing-parameter", e);
        }
        for name in &info.required {
            if !call.with.value.iter().any(|(n, _)| n.value == *name) {
                let message = format!("`{}` needs the parameter `{name}`", call.name());
                sink.error(&call.place, "missing-parameter", message);
            }
        }
        self.paging(call, &info, sink);
        self.absent(call, sink);
        for s in &call.secret {
            check_path(s, &info.output, sink);
        }
    }

    fn absent(&self, call: &Call, sink: &mut Sink<'_>) {
        for e in &call.absent {
            if e.message.is_none() && self.api.never_absent(&e.code) {
                let message = format!(
                    "`{}` says that something was not seen, not that it is absent",
                    e.code
                );
                let help =
                    "write `{ code: …, message: \"…\" }` where the provider uses the code for both";
                sink.push(&call.place, "absent", message, Some(help.to_owned()));
            }
        }
    }

    fn paging(&self, call: &Call, info: &OperationInfo, sink: &mut Sink<'_>) {
        match &call.page {
            None if !info.paginated && !info.token_members.is_empty() => {
                let token = &info.token_members[0];
                let message = format!(
                    "`{}` pages (it answers with `{token}`), but its model does not say how",
                    call.name()
                );
                let help = format!(
                    "write `page: {{ input: {token}, output: {token} }}`, or `page: false` if it gives all at once"
                );
                sink.push(&call.place, "needs-page", message, Some(help));
            }
            None => {}
            Some(at) => {
                let Some(p) = &at.value else { return };
                if info.paginated {
                    sink.error(
                        at,
                        "needs-page",
                        "the model says how this pages: leave `page` out",
                    );
                }
                if info.input.member(&p.input).is_none() {
                    sink.error(
                        at,
                        "unknown-parameter",
                        format!("`{}` has no parameter `{}`", call.name(), p.input),
                    );
                }
                match Path::parse(&p.output) {
                    Ok(path) => check_path(&at.with(path), &info.output, sink),
                    Err(e) => sink.error(at, "path", e),
                }
            }
        }
    }
}

pub(crate) fn check_path(path: &At<Path>, kind: &Kind, sink: &mut Sink<'_>) {
    if let Err(e) = path.value.kind(kind) {
        sink.error(path, "unknown-path", e);
    }
}
