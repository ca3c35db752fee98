//! Checks of parts, and their kinds.

use crate::ast::{Decode, Part, Prepare};
use crate::check::Checker;
use crate::fields::Sink;
use crate::fits::{Env, conditions, each_fits, template};
use crate::template::Param;
use shoseki_model::Kind;

impl Checker<'_> {
    pub(crate) fn part(
        &mut self,
        p: &Part,
        env: &Env<'_>,
        item: &Kind,
        sink: &mut Sink<'_>,
    ) -> Kind {
        conditions(&p.when, item, sink);
        let entry = p.each.as_ref().map(|e| match e.value.kind(item) {
            Ok(Kind::List(k)) => *k,
            Ok(Kind::Any) => Kind::Any,
            Ok(_) => {
                sink.error(
                    e,
                    "not-a-list",
                    format!("`{}` is no list", e.value.as_str()),
                );
                Kind::Any
            }
            Err(m) => {
                sink.error(e, "unknown-path", m);
                Kind::Any
            }
        });
        let env = Env {
            each: entry.as_ref(),
            ..*env
        };
        self.call(&p.call, &env, sink);
        if let Some(prepare) = &p.prepare {
            self.prepare(prepare, p, sink);
        }
        if let Some(r) = &p.region {
            template(r, &env, sink);
        }
        if p.batch.is_some() {
            batch(p, sink);
        }
        let output = self
            .info(&p.call)
            .map_or_else(|_| Kind::Any, |i| i.output.clone());
        let taken = match &p.take {
            None => output,
            Some(t) => t.value.kind(&output).unwrap_or_else(|e| {
                sink.error(t, "unknown-path", e);
                Kind::Any
            }),
        };
        let kind = matched(p, decoded(p, taken, sink), &env, sink);
        match p.each {
            Some(_) => Kind::List(Box::new(kind)),
            None => kind,
        }
    }

    fn prepare(&mut self, prepare: &Prepare, p: &Part, sink: &mut Sink<'_>) {
        let none = Env {
            item: None,
            parent: None,
            each: None,
        };
        self.call(&prepare.call, &none, sink);
        if !p.call.shared() {
            sink.error(
                &prepare.call.place,
                "prepare",
                "`prepare` is for calls that all items share",
            );
        }
        if let Ok(info) = self.info(&prepare.call) {
            conditions(&prepare.until, &info.output, sink);
        }
    }
}

fn decoded(p: &Part, taken: Kind, sink: &mut Sink<'_>) -> Kind {
    if !p.columns.is_empty() && p.decode != Some(Decode::Csv) {
        sink.error(&p.name, "decode", "`columns` is for `decode: csv`");
    }
    let text = match &taken {
        Kind::Str | Kind::Any => true,
        Kind::List(e) => matches!(**e, Kind::Str | Kind::Any) && p.decode == Some(Decode::Json),
        _ => false,
    };
    if p.decode.is_some() && !text {
        sink.error(
            &p.name,
            "decode",
            "`decode` needs text; set `take` to the member that holds it",
        );
        return Kind::Any;
    }
    match p.decode {
        None => taken,
        Some(Decode::Json) => match taken {
            Kind::List(_) => Kind::List(Box::new(Kind::Any)),
            _ => Kind::Any,
        },
        Some(Decode::Csv) => {
            if p.columns.is_empty() {
                sink.error(&p.name, "decode", "`decode: csv` needs `columns`");
            }
            let row = p.columns.iter().map(|c| (c.clone(), Kind::Str)).collect();
            Kind::List(Box::new(Kind::Object(row)))
        }
    }
}

fn matched(p: &Part, kind: Kind, env: &Env<'_>, sink: &mut Sink<'_>) -> Kind {
    if p.r#match.is_empty() && !p.one {
        return kind;
    }
    let entry = match kind {
        Kind::List(e) => *e,
        Kind::Any => Kind::Any,
        _ => {
            sink.error(
                &p.name,
                "not-a-list",
                "`match` and `one` need a list; set `take` to it",
            );
            return Kind::Any;
        }
    };
    for (path, value) in &p.r#match {
        match path.value.kind(&entry) {
            // A path through a list matches where one of its entries does.
            Ok(Kind::List(k)) if path.value.flattens() => each_fits(value, &k, env, sink),
            Ok(k) => each_fits(value, &k, env, sink),
            Err(e) => sink.error(path, "unknown-path", e),
        }
    }
    if p.one {
        entry
    } else {
        Kind::List(Box::new(entry))
    }
}

fn batch(p: &Part, sink: &mut Sink<'_>) {
    let Some(at) = &p.batch else { return };
    let is_list = |v: &Param| matches!(v, Param::List(l) if l.len() == 1 && l[0].names_item());
    let lists = p
        .call
        .with
        .value
        .iter()
        .filter(|(_, v)| is_list(&v.value))
        .count();
    let others = p
        .call
        .with
        .value
        .iter()
        .any(|(_, v)| v.value.names_item() && !is_list(&v.value));
    if lists != 1 || others {
        sink.error(at, "batch", "`batch` needs one parameter that is a list of one template of the item, and no other that names the item");
    }
    if p.r#match.is_empty() {
        sink.error(
            at,
            "batch",
            "`batch` needs `match`, to find each item's own answer",
        );
    }
    if p.each.is_some() || p.prepare.is_some() {
        sink.error(
            at,
            "batch",
            "`batch` goes with neither `each` nor `prepare`",
        );
    }
}
