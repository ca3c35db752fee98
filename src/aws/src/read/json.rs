//! JSON bodies.

use super::scalar::{json_value, policy_document};
use crate::model::{Member, Of, Protocol, Service, Shape};
use serde_json::{Map, Value};

/// Reads the document of `members`.
pub(crate) fn read(
    model: &Service,
    members: &[Member],
    v: Value,
) -> Result<Map<String, Value>, String> {
    let Value::Object(o) = v else {
        return Err("the body is JSON, but no object".to_owned());
    };
    // Errors of some proxies and services come with a good status.
    let kind = o.get("__type").and_then(Value::as_str).unwrap_or_default();
    if ["Exception", "Error", "Fault"]
        .iter()
        .any(|e| kind.ends_with(e))
    {
        return Err(format!("the body is an error: {kind}"));
    }
    // `{}` says that nothing is set; an object of nothing but strange members is
    // somebody else's answer.
    let known = |k: &String| member(model, members, k).is_some();
    if !o.is_empty() && !o.keys().any(known) {
        let names: Vec<_> = o.keys().take(3).map(String::as_str).collect();
        return Err(format!(
            "the body has none of the expected members, but {}",
            names.join(", ")
        ));
    }
    structure(model, members, o)
}

fn member<'m>(model: &Service, members: &'m [Member], key: &str) -> Option<&'m Member> {
    // awsJson ignores locationName; restJson1 spells members by it.
    let by_wire = model.protocol == Protocol::RestJson;
    members
        .iter()
        .filter(|m| m.place.is_none())
        .find(|m| key == if by_wire { m.wire_name() } else { &m.name })
}

fn structure(
    model: &Service,
    members: &[Member],
    o: Map<String, Value>,
) -> Result<Map<String, Value>, String> {
    let mut out = Map::new();
    for (key, v) in o {
        let Some(m) = member(model, members, &key) else {
            continue;
        };
        if v.is_null() {
            continue;
        }
        let mut v = value(model, m.of, v).map_err(|e| format!("{}: {e}", m.name))?;
        if m.policy {
            policy_document(&mut v);
        }
        out.insert(m.name.clone(), v);
    }
    Ok(out)
}

fn value(model: &Service, of: Of, v: Value) -> Result<Value, String> {
    let index = match of {
        Of::Scalar(kind) => return json_value(kind, v),
        Of::Shape(index) => index,
    };
    let nullable = |of: Of, v: Value| match v {
        Value::Null => Ok(Value::Null),
        v => value(model, of, v),
    };
    match (model.shapes.get(index), v) {
        (Some(Shape::Structure(s)), Value::Object(o)) => {
            Ok(Value::Object(structure(model, &s.members, o)?))
        }
        (Some(Shape::List(e)), Value::Array(a)) => {
            a.into_iter().map(|v| nullable(e.of, v)).collect()
        }
        (Some(Shape::Map(kv)), Value::Object(o)) => o
            .into_iter()
            .map(|(k, v)| Ok((k, nullable(kv.1.of, v)?)))
            .collect::<Result<Map<_, _>, String>>()
            .map(Value::Object),
        (Some(Shape::List(_)), _) => Err("a list is wanted".to_owned()),
        (Some(_), _) => Err("an object is wanted".to_owned()),
        (None, _) => Err("the model lacks a shape".to_owned()),
    }
}
