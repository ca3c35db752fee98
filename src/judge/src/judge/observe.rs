//! What a finding quotes.

use crate::check::first_member;
use crate::eval::value::{Undef, V};
use crate::eval::{Env, View};
use crate::load::Rule;
use jiff::Timestamp;
use serde_json::Value;
use shoseki_model::{Observed, Sight};

/// Larger values are cut: a finding quotes, the evidence holds the whole.
const MAX_BYTES: usize = 4096;

/// Each path that the rule quotes, with what was seen there and the exchanges
/// it came from.
pub(super) fn observe(rule: &Rule, view: &View<'_>, now: Timestamp) -> Vec<Observed> {
    let mut out: Vec<Observed> = Vec::with_capacity(rule.quotes.len());
    for (quote, path) in rule.quotes.iter().zip(&rule.observe) {
        let (path, sight) = match Env::new(view, now).eval(&quote.node) {
            V::Null => (path.clone(), Sight::Absent),
            V::Undef(why) => hidden(path, view, *why),
            v => (path.clone(), Sight::Seen(cut(v.json()))),
        };
        if out.iter().any(|o| o.path == path) {
            continue;
        }
        let exchanges = exchanges(&path, view);
        out.push(Observed {
            path,
            sight,
            exchanges,
        });
    }
    out
}

/// A path that was not seen, or that leads through something without members:
/// then what stands there is quoted.
fn hidden(path: &str, view: &View<'_>, why: Undef) -> (String, Sight) {
    if let Some(u) = why.unseen.into_iter().next() {
        return (path.to_owned(), Sight::Unseen(u.gap));
    }
    let first = first_member(path).unwrap_or_default();
    let sight = match view.resource.settings.get(first) {
        None | Some(Value::Null) => Sight::Absent,
        Some(v) => Sight::Seen(cut(v.clone())),
    };
    (format!("settings.{first}"), sight)
}

fn exchanges(path: &str, view: &View<'_>) -> Vec<String> {
    let sources = &view.resource.sources;
    let first = first_member(path).unwrap_or_default();
    let found = if view.is_part(first) {
        sources.get(first)
    } else {
        sources.get("")
    };
    found.cloned().unwrap_or_default()
}

fn cut(v: Value) -> Value {
    if !matches!(v, Value::String(_) | Value::Array(_) | Value::Object(_)) {
        return v;
    }
    let text = v.to_string();
    if text.len() <= MAX_BYTES {
        return v;
    }
    let end = (0..=MAX_BYTES)
        .rev()
        .find(|i| text.is_char_boundary(*i))
        .unwrap_or(0);
    Value::String(format!("{}… ({end}/{} bytes)", &text[..end], text.len()))
}
