//! A recorded item → settings.

use crate::load::{History, Member, Shape};
use indexmap::IndexMap;
use serde_json::{Map, Value};

/// Something that is not what the translation says, or is not there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Unseen;

/// Settings that were seen, and first names of those that were not.
pub(crate) fn settings(h: &History, item: &Value) -> (Map<String, Value>, Vec<String>) {
    let (mut seen, mut unseen) = (Map::new(), Vec::new());
    for (name, m) in &h.members {
        match member(m, item) {
            Ok(Some(v)) => drop(seen.insert(name.clone(), v)),
            Ok(None) => {}
            Err(Unseen) => unseen.push(name.clone()),
        }
    }
    (seen, unseen)
}

/// The item with its texts of JSON opened: `configuration`, and each member of
/// `supplementaryConfiguration`.
pub(crate) fn opened(item: &Value) -> Value {
    let mut out = item.clone();
    if let Some(c) = out.get_mut("configuration") {
        open(c);
    }
    if let Some(Value::Object(all)) = out.get_mut("supplementaryConfiguration") {
        all.values_mut().for_each(open);
    }
    out
}

fn open(v: &mut Value) {
    // A text inside is opened once only: what it holds is what was recorded.
    if let Value::String(s) = v
        && let Ok(inner) = shoseki_model::parse_json(s.as_bytes())
    {
        *v = inner;
    }
}

fn at<'v>(root: &'v Value, path: &str) -> Option<&'v Value> {
    let found = path.split('.').try_fold(root, |v, name| v.get(name))?;
    (!found.is_null()).then_some(found)
}

/// `None`: documented as not set.
fn member(m: &Member, around: &Value) -> Result<Option<Value>, Unseen> {
    let mut any = false;
    for path in m.paths() {
        let Some(v) = at(around, path) else { continue };
        any = true;
        if let Ok(v) = shaped(m, v) {
            return Ok(v);
        }
    }
    // Something that is there and does not fit is never "not set".
    if !any && m.absent {
        Ok(None)
    } else {
        Err(Unseen)
    }
}

fn shaped(m: &Member, v: &Value) -> Result<Option<Value>, Unseen> {
    let fits = match m.is {
        Shape::String | Shape::Json => v.is_string(),
        Shape::Integer => v.is_i64() || v.is_u64(),
        Shape::Boolean => v.is_boolean(),
        Shape::List => v.is_array(),
        Shape::Object => v.is_object(),
    };
    if !fits {
        return Err(Unseen);
    }
    if !m.values.is_empty() {
        let word = match v {
            Value::String(s) => s.clone(),
            other => other.to_string(),
        };
        let known = m.values.get(&word).ok_or(Unseen)?;
        return Ok((!known.is_null()).then(|| known.clone()));
    }
    Ok(Some(match (m.is, v) {
        (Shape::List, Value::Array(all)) => {
            let entries = all.iter().map(|e| object(&m.of, e));
            Value::Array(entries.collect::<Result<_, _>>()?)
        }
        (Shape::Object, _) => object(&m.of, v)?,
        (Shape::Json, Value::String(s)) => {
            shoseki_model::parse_json(s.as_bytes()).map_err(|_| Unseen)?
        }
        _ => v.clone(),
    }))
}

fn object(of: &IndexMap<String, Member>, v: &Value) -> Result<Value, Unseen> {
    if !v.is_object() {
        return Err(Unseen);
    }
    let mut out = Map::new();
    for (name, m) in of {
        if let Some(v) = member(m, v)? {
            out.insert(name.clone(), v);
        }
    }
    Ok(Value::Object(out))
}
