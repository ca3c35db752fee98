//! Whether values and templates fit the kinds that the model asks for.

use crate::ast::Condition;
use crate::doc::At;
use crate::fields::Sink;
use crate::template::{Param, Reference, Root, Template};
use serde_json::Value;
use shoseki_model::Kind;

/// The kinds that references can name.
#[derive(Clone, Copy)]
pub(crate) struct Env<'a> {
    pub(crate) item: Option<&'a Kind>,
    pub(crate) parent: Option<&'a Kind>,
    pub(crate) each: Option<&'a Kind>,
}

impl Env<'_> {
    fn kind(&self, r: &Reference) -> Result<Kind, String> {
        let (root, why) = match r.root {
            Root::Account | Root::Region | Root::Partition => return Ok(Kind::Str),
            Root::Item => (self.item, "there is no list item to name here"),
            Root::Parent => (self.parent, "there is no parent: `over` names none"),
            Root::Each => (self.each, "there is no `each` here"),
        };
        let root = root.ok_or_else(|| why.to_owned())?;
        match &r.path {
            Some(p) => p.kind(root),
            None => Ok(root.clone()),
        }
    }
}

/// Checks a template that must give text.
pub(crate) fn template(t: &At<Template>, env: &Env<'_>, sink: &mut Sink<'_>) {
    if let Err(e) = text_fits(&t.value, env) {
        sink.error(t, "unknown-member", e);
    }
}

fn text_fits(t: &Template, env: &Env<'_>) -> Result<(), String> {
    for r in t.references() {
        let kind = env.kind(r).map_err(|e| format!("`{}`: {e}", t.as_str()))?;
        if !plain(&kind) {
            return Err(format!(
                "`{}`: {} cannot stand inside text",
                t.as_str(),
                word(&kind)
            ));
        }
    }
    Ok(())
}

/// Checks a parameter or matched value against what the model asks for.
pub(crate) fn each_fits(p: &At<Param>, kind: &Kind, env: &Env<'_>, sink: &mut Sink<'_>) {
    if let Err((code, e)) = fits(&p.value, kind, env) {
        sink.error(p, code, e);
    }
}

fn fits(p: &Param, kind: &Kind, env: &Env<'_>) -> Result<(), (&'static str, String)> {
    let wrong = |found: &str| {
        Err((
            "wrong-type",
            format!("the model asks for {}; here is {found}", word(kind)),
        ))
    };
    match (p, kind) {
        (Param::Text(t), _) => {
            let Some(r) = t.sole() else {
                text_fits(t, env).map_err(|e| ("unknown-member", e))?;
                return match kind {
                    Kind::Str | Kind::Time | Kind::Any => Ok(()),
                    _ => wrong("text"),
                };
            };
            let found = env
                .kind(r)
                .map_err(|e| ("unknown-member", format!("`{}`: {e}", t.as_str())))?;
            if same(&found, kind) {
                Ok(())
            } else {
                wrong(&format!("{} (`{}`)", word(&found), t.as_str()))
            }
        }
        (Param::Plain(_), Kind::Any) => Ok(()),
        (Param::Plain(Value::Bool(_)), Kind::Bool) => Ok(()),
        (Param::Plain(Value::Number(_)), Kind::Float) => Ok(()),
        (Param::Plain(Value::Number(n)), Kind::Int) if !n.is_f64() => Ok(()),
        (Param::Plain(Value::Bool(_)), _) => wrong("true or false"),
        (Param::Plain(_), _) => wrong("a number (put text into quotes)"),
        (Param::List(l), Kind::List(e)) => l.iter().try_for_each(|p| fits(p, e, env)),
        (Param::List(l), Kind::Any) => l.iter().try_for_each(|p| fits(p, &Kind::Any, env)),
        (Param::List(_), _) => wrong("a list"),
        (Param::Object(o), Kind::Object(m)) => o.iter().try_for_each(|(k, p)| match m.get(k) {
            Some(kind) => fits(p, kind, env),
            None => {
                let names: Vec<&str> = m.keys().map(String::as_str).collect();
                Err((
                    "unknown-parameter",
                    format!("there is no member `{k}`; there are: {}", names.join(", ")),
                ))
            }
        }),
        (Param::Object(o), Kind::Map(e)) => o.iter().try_for_each(|(_, p)| fits(p, e, env)),
        (Param::Object(o), Kind::Any) => o.iter().try_for_each(|(_, p)| fits(p, &Kind::Any, env)),
        (Param::Object(_), _) => wrong("a mapping"),
    }
}

fn same(found: &Kind, asked: &Kind) -> bool {
    match (found, asked) {
        (Kind::Any, _) | (_, Kind::Any) => true,
        (Kind::Str | Kind::Time, Kind::Str | Kind::Time) => true,
        (Kind::Int | Kind::Float, Kind::Int | Kind::Float) => true,
        (Kind::List(a), Kind::List(b)) => same(a, b),
        (Kind::Bool, Kind::Bool) => true,
        (Kind::Object(_) | Kind::Map(_), Kind::Object(_) | Kind::Map(_)) => true,
        _ => false,
    }
}

/// Checks conditions (`only`, `when`, `until`): the member exists and is a plain
/// value, and the values can be its values.
pub(crate) fn conditions(all: &[Condition], kind: &Kind, sink: &mut Sink<'_>) {
    for c in all {
        let Some((c, k)) = condition_path(c, kind, sink) else {
            continue;
        };
        if !plain(&k) {
            let asks_only_for_null = c.values.iter().all(Value::is_null);
            if !asks_only_for_null {
                let message = format!(
                    "`{}` is {}; a condition compares plain values, or null",
                    c.path.value.as_str(),
                    word(&k)
                );
                sink.error(&c.path, "wrong-type", message);
            }
            continue;
        }
        for v in &c.values {
            let ok = matches!(
                (v, &k),
                (Value::Null, _)
                    | (_, Kind::Any)
                    | (Value::Bool(_), Kind::Bool)
                    | (Value::Number(_), Kind::Int | Kind::Float)
                    | (Value::String(_), Kind::Str | Kind::Time)
            );
            if !ok {
                let message = format!(
                    "`{}` is {}, which is never {v}",
                    c.path.value.as_str(),
                    word(&k)
                );
                sink.error(&c.path, "wrong-type", message);
            }
        }
    }
}

fn word(k: &Kind) -> &'static str {
    match k {
        Kind::Any => "anything",
        Kind::Bool => "true or false",
        Kind::Int => "a whole number",
        Kind::Float => "a number",
        Kind::Str => "text",
        Kind::Time => "a time",
        Kind::List(_) => "a list",
        Kind::Map(_) => "a map",
        Kind::Object(_) => "an object",
    }
}

/// Whether a value of this kind can be compared.
pub(crate) fn plain(kind: &Kind) -> bool {
    !matches!(kind, Kind::List(_) | Kind::Map(_) | Kind::Object(_))
}

/// Used by [`conditions`] for its messages.
pub(crate) fn condition_path<'c>(
    c: &'c Condition,
    kind: &Kind,
    sink: &mut Sink<'_>,
) -> Option<(&'c Condition, Kind)> {
    match c.path.value.kind(kind) {
        Ok(k) => Some((c, k)),
        Err(e) => {
            sink.error(&c.path, "unknown-path", e);
            None
        }
    }
}

/// An object kind's members with one more.
pub(crate) fn with_member(kind: &mut Kind, name: &str, member: Kind) {
    if let Kind::Object(m) = kind {
        m.insert(name.to_owned(), member);
    }
}
