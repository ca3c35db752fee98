//! Values inside collector files: parameters, conditions, errors, paths.

use crate::PageNames;
use crate::ast::{Condition, ErrorMatch, Params};
use crate::doc::{At, Yaml};
use crate::fields::{Fields, Sink};
use crate::path::Path;
use crate::template::{Param, Template};
use serde_json::Value;

pub(crate) fn page(node: &At<Yaml>, sink: &mut Sink<'_>) -> Option<At<Option<PageNames>>> {
    if node.value == Yaml::Scalar(Value::Bool(false)) {
        return Some(node.with(None));
    }
    let f = Fields::of(node, "`page`", &["input", "output"], sink)?;
    let (input, output) = (f.text("input", sink), f.text("output", sink));
    Some(node.with(Some(PageNames {
        input: input?.value,
        output: output?.value,
    })))
}

pub(crate) fn params(node: &At<Yaml>, sink: &mut Sink<'_>) -> Params {
    let Yaml::Map(entries) = &node.value else {
        sink.wrong(node, "`with`", "a mapping of parameters");
        return Vec::new();
    };
    entries
        .iter()
        .filter_map(|(k, v)| Some((k.clone(), v.with(param(v, sink)?))))
        .collect()
}

pub(crate) fn param(node: &At<Yaml>, sink: &mut Sink<'_>) -> Option<Param> {
    Some(match &node.value {
        Yaml::Scalar(Value::Null) => {
            sink.error(node, "wrong-type", "a value is missing here");
            return None;
        }
        Yaml::Scalar(Value::String(s)) => Param::Text(template(&node.with(s.clone()), sink)?.value),
        Yaml::Scalar(v) => Param::Plain(v.clone()),
        Yaml::List(l) => Param::List(l.iter().map(|n| param(n, sink)).collect::<Option<_>>()?),
        Yaml::Map(m) => Param::Object(
            m.iter()
                .map(|(k, v)| Some((k.value.clone(), param(v, sink)?)))
                .collect::<Option<_>>()?,
        ),
    })
}

pub(crate) fn matches(node: &At<Yaml>, sink: &mut Sink<'_>) -> Vec<(At<Path>, At<Param>)> {
    let Yaml::Map(entries) = &node.value else {
        sink.wrong(node, "`match`", "a mapping of members");
        return Vec::new();
    };
    entries
        .iter()
        .filter_map(|(k, v)| {
            let member = path(k, sink)?;
            match param(v, sink)? {
                p @ (Param::Text(_) | Param::Plain(_)) => Some((member, v.with(p))),
                _ => {
                    sink.wrong(v, "a matched value", "text, a number, true or false");
                    None
                }
            }
        })
        .collect()
}

pub(crate) fn conditions(node: &At<Yaml>, sink: &mut Sink<'_>) -> Vec<Condition> {
    let Yaml::Map(entries) = &node.value else {
        sink.wrong(node, "a condition", "a mapping of members");
        return Vec::new();
    };
    entries
        .iter()
        .filter_map(|(k, v)| condition(k, v, sink))
        .collect()
}

pub(crate) fn condition(
    member: &At<String>,
    node: &At<Yaml>,
    sink: &mut Sink<'_>,
) -> Option<Condition> {
    let path = path(member, sink)?;
    let (not, node) = match &node.value {
        Yaml::Map(_) => {
            let f = Fields::of(node, "a condition", &["not"], sink)?;
            (true, f.need("not", sink)?)
        }
        _ => (false, node),
    };
    let nodes = match &node.value {
        Yaml::List(l) => l.iter().collect(),
        _ => vec![node],
    };
    let values = nodes
        .into_iter()
        .map(|n| match &n.value {
            Yaml::Scalar(v) => Some(v.clone()),
            _ => {
                sink.wrong(n, "a condition's value", "a plain value or null");
                None
            }
        })
        .collect::<Option<_>>()?;
    Some(Condition { path, not, values })
}

pub(crate) fn errors(node: &At<Yaml>, sink: &mut Sink<'_>) -> Vec<ErrorMatch> {
    let Yaml::List(l) = &node.value else {
        sink.wrong(node, "a list of errors", "a list of codes");
        return Vec::new();
    };
    l.iter()
        .filter_map(|n| match &n.value {
            Yaml::Map(_) => {
                let f = Fields::of(n, "an error", &["code", "message"], sink)?;
                let (code, message) = (f.text("code", sink), f.optional_text("message", sink));
                Some(ErrorMatch {
                    code: code?.value,
                    message: message.map(|m| m.value),
                })
            }
            _ => sink.text(n, "an error code").map(|t| ErrorMatch {
                code: t.value,
                message: None,
            }),
        })
        .collect()
}

pub(crate) fn path(t: &At<String>, sink: &mut Sink<'_>) -> Option<At<Path>> {
    Path::parse(&t.value)
        .map(|p| t.with(p))
        .map_err(|e| sink.error(t, "path", e))
        .ok()
}

pub(crate) fn template(t: &At<String>, sink: &mut Sink<'_>) -> Option<At<Template>> {
    Template::parse(&t.value)
        .map(|p| t.with(p))
        .map_err(|e| sink.error(t, "template", e))
        .ok()
}
