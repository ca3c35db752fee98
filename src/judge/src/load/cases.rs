//! The examples inside a rule.

use super::fields::{Errors, Fields, text};
use super::yaml::{Node, Yaml};
use crate::check::nearest;
use indexmap::IndexMap;
use jiff::Timestamp;
use serde_json::{Map, Value};
use shoseki_model::{Kind, Resource, TypeInfo, Verdict};

/// An example: settings, and what the rule must say of them.
#[derive(Clone, Debug, PartialEq)]
pub struct Case {
    /// Line in the file.
    pub line: u32,
    /// Column in the file.
    pub column: u32,
    /// What must come out.
    pub expect: Verdict,
    /// The time of the run.
    pub now: Timestamp,
    /// The resource that the case describes.
    pub resource: Resource,
}

const FIELDS: [&str; 8] = [
    "expect", "settings", "unseen", "account", "region", "id", "name", "now",
];

/// The verdicts as cases write them.
const VERDICTS: [(&str, Verdict); 4] = [
    ("pass", Verdict::Pass),
    ("fail", Verdict::Fail),
    ("unknown", Verdict::Unknown),
    ("not-applicable", Verdict::NotApplicable),
];

/// As a case writes it.
pub(super) fn verdict_name(v: Verdict) -> &'static str {
    VERDICTS
        .iter()
        .find(|n| n.1 == v)
        .map_or("unknown", |n| n.0)
}

/// The cases of a rule; missing ones are reported.
pub(super) fn read(
    f: &Fields<'_>,
    info: Option<&TypeInfo>,
    scoped: bool,
    errors: &mut Errors<'_>,
) -> Vec<Case> {
    let Some(node) = f.need("cases", errors) else {
        return Vec::new();
    };
    let mut said = Vec::new();
    let mut out = Vec::new();
    for n in f.list("cases", errors) {
        let Some(c) = Fields::of(n, "a case", &FIELDS, errors) else {
            continue;
        };
        let expect = verdict(&c, errors);
        said.extend(expect);
        let case = one(&c, info, errors);
        if let (Some(expect), Some((now, resource))) = (expect, case) {
            let l = n.referenced;
            let number = |n: u64| u32::try_from(n).unwrap_or(u32::MAX);
            out.push(Case {
                line: number(l.line()),
                column: number(l.column()),
                expect,
                now,
                resource,
            });
        }
    }
    for (name, v) in VERDICTS {
        if !said.contains(&v) && (scoped || v != Verdict::NotApplicable) {
            let m = format!("there is no case that gives `{name}`");
            errors.add(node.referenced, "missing-case", m);
        }
    }
    out
}

fn verdict(c: &Fields<'_>, errors: &mut Errors<'_>) -> Option<Verdict> {
    let s = c.text("expect", errors)?;
    let found = VERDICTS.iter().find(|v| v.0 == s).map(|v| v.1);
    if found.is_none() {
        let help = Some("there is: pass, fail, unknown, not-applicable".to_owned());
        let m = format!("there is no verdict `{s}`");
        errors.add_help(c.get("expect")?.referenced, "wrong-value", m, help);
    }
    found
}

fn one(
    c: &Fields<'_>,
    info: Option<&TypeInfo>,
    errors: &mut Errors<'_>,
) -> Option<(Timestamp, Resource)> {
    let mut get = |n: &str, default: &str| match c.maybe_text(n, errors) {
        Some(s) => s,
        None => default.to_owned(),
    };
    let account = get("account", "111122223333");
    let region = get("region", "ap-northeast-1");
    let id = get("id", "example");
    let name = get("name", &id);
    let now = get("now", "2026-01-01T00:00:00Z");
    let now = match now.parse::<Timestamp>() {
        Ok(t) => Some(t),
        Err(_) => {
            let here = c.get("now").map_or(c.here, |n| n.referenced);
            errors.add(here, "wrong-value", "`now` is not an RFC 3339 time");
            None
        }
    };
    let settings = settings(c, info, errors)?;
    let unseen = unseen(c, info, errors);
    // Whatever a case does not call unseen was read, and is absent where it is missing.
    let parts = info.map(|i| i.parts.as_slice()).unwrap_or_default();
    let seen = parts.iter().filter(|p| !unseen.contains_key(*p));
    let sources = seen
        .map(String::as_str)
        .chain([""])
        .map(|p| (p.to_owned(), Vec::new()))
        .collect();
    Some((
        now?,
        Resource {
            r#type: String::new(),
            id,
            name,
            account,
            scope: region.clone(),
            region,
            settings,
            sources,
            unseen,
        },
    ))
}

fn settings(
    c: &Fields<'_>,
    info: Option<&TypeInfo>,
    errors: &mut Errors<'_>,
) -> Option<Map<String, Value>> {
    let Some(node) = c.get("settings") else {
        return Some(Map::new());
    };
    let before = errors.all.len();
    if let Some(info) = info {
        fits(node, &info.settings, "settings", errors);
    }
    match node.value.json() {
        Value::Object(m) if errors.all.len() == before => Some(m),
        Value::Object(_) => None,
        _ => {
            errors.add(node.referenced, "wrong-value", "`settings` must be a map");
            None
        }
    }
}

/// Checks that an example could come from the provider.
fn fits(node: &Node, kind: &Kind, path: &str, errors: &mut Errors<'_>) {
    match (&node.value, kind) {
        (_, Kind::Any)
        | (Yaml::Null, _)
        | (Yaml::Bool(_), Kind::Bool)
        | (Yaml::Number(_), Kind::Float)
        | (Yaml::Str(_), Kind::Str | Kind::Time) => {}
        (Yaml::Number(n), Kind::Int) if n.is_i64() || n.is_u64() => {}
        (Yaml::Seq(s), Kind::List(k)) => {
            for n in s {
                fits(n, k, &format!("{path}[]"), errors);
            }
        }
        (Yaml::Map(m), Kind::Map(k)) => {
            for (name, n) in m {
                fits(n, k, &format!("{path}.{}", name.value), errors);
            }
        }
        (Yaml::Map(m), Kind::Object(members)) => {
            for (name, n) in m {
                match members.get(&name.value) {
                    Some(k) => fits(n, k, &format!("{path}.{}", name.value), errors),
                    None => errors.add_help(
                        name.referenced,
                        "unknown-path",
                        format!("{path} has no member `{}`", name.value),
                        nearest(&name.value, members.keys().map(String::as_str)),
                    ),
                }
            }
        }
        (value, kind) => {
            let m = format!("{path} is {}, this is {}", told(kind), value.told());
            errors.add(node.referenced, "wrong-type", m);
        }
    }
}

fn told(kind: &Kind) -> &'static str {
    match kind {
        Kind::Any => "anything",
        Kind::Bool => "true or false",
        Kind::Int => "a whole number",
        Kind::Float => "a number",
        Kind::Str => "a text",
        Kind::Time => "a time (RFC 3339 text)",
        Kind::List(_) => "a list",
        Kind::Map(_) | Kind::Object(_) => "a map",
    }
}

fn unseen(
    c: &Fields<'_>,
    info: Option<&TypeInfo>,
    errors: &mut Errors<'_>,
) -> IndexMap<String, String> {
    let mut out = IndexMap::new();
    for n in c.list("unseen", errors) {
        let Some(name) = text(n, "unseen", errors) else {
            continue;
        };
        if let Some(info) = info
            && !info.parts.contains(&name)
            && info.settings.member(&name).is_none()
        {
            let help = nearest(&name, info.parts.iter().map(String::as_str));
            let m = format!("settings has no part `{name}`");
            errors.add_help(n.referenced, "unknown-path", m, help);
        }
        out.insert(name, "gap".to_owned());
    }
    out
}
