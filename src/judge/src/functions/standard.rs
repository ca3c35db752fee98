//! Functions of the standard and of its text extension.

use crate::eval::ops;
use crate::eval::value::{V, duration_text, fault};
use jiff::Timestamp;
use regex_lite::Regex;
use shoseki_model::Text;

fn two<'s>(v: &'s [V<'_>]) -> (&'s str, &'s str) {
    let at = |i: usize| v.get(i).and_then(V::as_str).unwrap_or_default();
    (at(0), at(1))
}

fn bad<'a>(function: &str, what: &str) -> V<'a> {
    fault(Text::new(
        format!("「{function}」は {what:?} を読めない"),
        format!("`{function}` cannot read {what:?}"),
    ))
}

/// Code points of a text, elements of a list, entries of a map; 0 for what is absent.
pub(crate) fn size<'a>(v: &[V<'a>], _: Timestamp) -> V<'a> {
    let n = v.first().map_or(0, |v| match v.as_str() {
        Some(s) => s.chars().count(),
        None => v.len(),
    });
    V::Int(i64::try_from(n).unwrap_or(i64::MAX))
}

pub(crate) fn starts_with<'a>(v: &[V<'a>], _: Timestamp) -> V<'a> {
    let (a, b) = two(v);
    V::Bool(a.starts_with(b))
}

pub(crate) fn ends_with<'a>(v: &[V<'a>], _: Timestamp) -> V<'a> {
    let (a, b) = two(v);
    V::Bool(a.ends_with(b))
}

pub(crate) fn contains<'a>(v: &[V<'a>], _: Timestamp) -> V<'a> {
    let (a, b) = two(v);
    V::Bool(a.contains(b))
}

/// With a pattern that is computed; constant ones are compiled at load time.
pub(crate) fn matches<'a>(v: &[V<'a>], _: Timestamp) -> V<'a> {
    let (a, b) = two(v);
    match Regex::new(b) {
        Ok(r) => V::Bool(r.is_match(a)),
        Err(_) => bad("matches", b),
    }
}

pub(crate) fn int<'a>(v: &[V<'a>], _: Timestamp) -> V<'a> {
    const LIMIT: f64 = 9_223_372_036_854_775_808.0;
    match v.first() {
        Some(V::Int(i)) => V::Int(*i),
        Some(V::Double(d)) if *d > -LIMIT && *d < LIMIT => V::Int(d.trunc() as i64),
        Some(V::Time(t)) => V::Int(t.as_second()),
        Some(v) => match v.as_str() {
            Some(s) => s.parse().map_or_else(|_| bad("int", s), V::Int),
            None => fault(Text::new(
                "「int」の結果が範囲を超えた",
                "the result of `int` is out of range",
            )),
        },
        None => V::Null,
    }
}

pub(crate) fn double<'a>(v: &[V<'a>], _: Timestamp) -> V<'a> {
    match v.first() {
        Some(V::Int(i)) => V::Double(*i as f64),
        Some(V::Double(d)) => V::Double(*d),
        _ => {
            let s = two(v).0;
            s.parse().map_or_else(|_| bad("double", s), V::Double)
        }
    }
}

pub(crate) fn string<'a>(v: &[V<'a>], _: Timestamp) -> V<'a> {
    match v.first() {
        Some(V::Bool(b)) => V::text(b.to_string()),
        Some(V::Int(i)) => V::text(i.to_string()),
        Some(V::Double(d)) => V::text(d.to_string()),
        Some(V::Time(t)) => V::text(t.to_string()),
        Some(V::Span(d)) => V::text(duration_text(*d)),
        Some(v) => v.clone(),
        None => V::Null,
    }
}

pub(crate) fn bool<'a>(v: &[V<'a>], _: Timestamp) -> V<'a> {
    if let Some(V::Bool(b)) = v.first() {
        return V::Bool(*b);
    }
    match two(v).0 {
        "true" | "True" | "TRUE" | "t" | "1" => V::Bool(true),
        "false" | "False" | "FALSE" | "f" | "0" => V::Bool(false),
        s => bad("bool", s),
    }
}

pub(crate) fn timestamp<'a>(v: &[V<'a>], _: Timestamp) -> V<'a> {
    match v.first() {
        Some(V::Time(t)) => V::Time(*t),
        Some(V::Int(i)) => {
            Timestamp::from_second(*i).map_or_else(|_| bad("timestamp", &i.to_string()), V::Time)
        }
        _ => {
            let s = two(v).0;
            ops::time(s).map_or_else(|| bad("timestamp", s), V::Time)
        }
    }
}

pub(crate) fn duration<'a>(v: &[V<'a>], _: Timestamp) -> V<'a> {
    if let Some(V::Span(d)) = v.first() {
        return V::Span(*d);
    }
    let s = two(v).0;
    ops::duration(s).map_or_else(|| bad("duration", s), V::Span)
}

pub(crate) fn lower<'a>(v: &[V<'a>], _: Timestamp) -> V<'a> {
    V::text(two(v).0.to_ascii_lowercase())
}

pub(crate) fn upper<'a>(v: &[V<'a>], _: Timestamp) -> V<'a> {
    V::text(two(v).0.to_ascii_uppercase())
}

pub(crate) fn trim<'a>(v: &[V<'a>], _: Timestamp) -> V<'a> {
    V::text(two(v).0.trim())
}

/// With an empty separator: the characters.
pub(crate) fn split<'a>(v: &[V<'a>], _: Timestamp) -> V<'a> {
    let (a, b) = two(v);
    V::list(if b.is_empty() {
        a.chars().map(|c| V::text(c.to_string())).collect()
    } else {
        a.split(b).map(V::text).collect()
    })
}

pub(crate) fn join<'a>(v: &[V<'a>], _: Timestamp) -> V<'a> {
    let separator = v.get(1).and_then(V::as_str).unwrap_or_default();
    let mut out = String::new();
    for (i, item) in v
        .first()
        .map(V::items)
        .unwrap_or_default()
        .iter()
        .enumerate()
    {
        let Some(s) = item.as_str() else {
            return crate::eval::wrong_argument("join", crate::eval::value::kinds::STR, item);
        };
        if i > 0 {
            out.push_str(separator);
        }
        out.push_str(s);
    }
    V::text(out)
}
