//! From an answer to a part: take, decode, match, one. Nothing here asks anybody.

use crate::ast::{Condition, Decode, Part};
use crate::path::{Path, Selected, name_of};
use crate::template::{Names, Unfilled};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use serde_json::{Map, Value};
use shoseki_model::parse_json;
use std::collections::HashMap;

/// Adds the next page of an answer: lists grow, objects are joined, and of plain
/// values the later wins, for it is the newer.
pub fn merge(into: &mut Value, page: Value) {
    match (into, page) {
        (Value::Object(a), Value::Object(b)) => {
            for (k, v) in b {
                match a.get_mut(&k) {
                    Some(old) => merge(old, v),
                    None => {
                        a.insert(k, v);
                    }
                }
            }
        }
        (Value::Array(a), Value::Array(b)) => a.extend(b),
        (_, Value::Null) => {}
        (old, new) => *old = new,
    }
}

/// What a part takes of an answer, ready to be matched with many items.
#[derive(Debug)]
pub(crate) struct Taken {
    value: Value,
    /// Positions in the list by the matched members, where that can be.
    index: Option<HashMap<String, Vec<usize>>>,
}

impl Taken {
    /// Takes and decodes; the error says in words what is wrong with the answer.
    pub(crate) fn of(part: &Part, answer: &Value, indexed: bool) -> Result<Self, String> {
        let value = match &part.take {
            Some(p) => p
                .value
                .select(answer)
                .map_err(|e| e.to_string())?
                .to_value(),
            None => answer.clone(),
        };
        let value = match part.decode {
            None => value,
            Some(Decode::Json) => json(value)?,
            Some(Decode::Csv) => rows(value, &part.columns)?,
        };
        if (part.one || !part.r#match.is_empty()) && !matches!(value, Value::Array(_) | Value::Null)
        {
            return Err(format!(
                "expected a list, the answer has {}",
                name_of(&value)
            ));
        }
        let index = match (&value, indexed && !part.r#match.is_empty()) {
            (Value::Array(list), true) => index(part, list)?,
            _ => None,
        };
        Ok(Self { value, index })
    }

    /// The part of one item. `Ok(None)`: the answer has a list, and nothing in
    /// it is the item's.
    pub(crate) fn pick(&self, part: &Part, names: &Names<'_>) -> Result<Option<Value>, String> {
        let list = match &self.value {
            Value::Array(list) if part.one || !part.r#match.is_empty() => list,
            other => return Ok(Some(other.clone())),
        };
        let mut wanted = Vec::with_capacity(part.r#match.len());
        for (_, p) in &part.r#match {
            match p.value.value(names) {
                Ok(v) => wanted.push(v),
                // An item without the member belongs to no entry.
                Err(Unfilled::Absent(_)) => return Ok(None),
                Err(e) => return Err(e.to_string()),
            }
        }
        let found: Vec<&Value> = match &self.index {
            Some(ix) => {
                let at = ix.get(&key(wanted.iter())).map_or(&[][..], Vec::as_slice);
                at.iter().filter_map(|i| list.get(*i)).collect()
            }
            None => scan(part, list, &wanted)?,
        };
        Ok(match (part.one, found.first()) {
            (_, None) => None,
            (true, Some(first)) => Some((*first).clone()),
            (false, Some(_)) => Some(Value::Array(found.into_iter().cloned().collect())),
        })
    }
}

fn key<'v>(values: impl Iterator<Item = &'v Value>) -> String {
    values.map(Value::to_string).collect::<Vec<_>>().join("\n")
}

fn index(part: &Part, list: &[Value]) -> Result<Option<HashMap<String, Vec<usize>>>, String> {
    if part.r#match.iter().any(|(p, _)| p.value.flattens()) {
        return Ok(None);
    }
    let mut out: HashMap<String, Vec<usize>> = HashMap::new();
    'entries: for (i, entry) in list.iter().enumerate() {
        let mut values = Vec::with_capacity(part.r#match.len());
        for (p, _) in &part.r#match {
            match p.value.select(entry).map_err(|e| e.to_string())? {
                Selected::One(v) => values.push(v),
                _ => continue 'entries,
            }
        }
        out.entry(key(values.into_iter())).or_default().push(i);
    }
    Ok(Some(out))
}

fn scan<'v>(part: &Part, list: &'v [Value], wanted: &[Value]) -> Result<Vec<&'v Value>, String> {
    let mut out = Vec::new();
    for entry in list {
        let mut all = true;
        for ((p, _), want) in part.r#match.iter().zip(wanted) {
            all &= match p.value.select(entry).map_err(|e| e.to_string())? {
                Selected::Absent => false,
                Selected::One(v) => v == want,
                Selected::Many(vs) => vs.contains(&want),
            };
        }
        if all {
            out.push(entry);
        }
    }
    Ok(out)
}

fn json(v: Value) -> Result<Value, String> {
    match v {
        Value::Null => Ok(Value::Null),
        // How IAM Identity Center and OpenSearch say that there is no policy.
        Value::String(s) if s.is_empty() => Ok(Value::Null),
        Value::String(s) => parse_json(s.as_bytes())
            .map_err(|_| "the text is no JSON document, or says something twice".to_owned()),
        Value::Array(l) => l
            .into_iter()
            .map(json)
            .collect::<Result<_, _>>()
            .map(Value::Array),
        // Some callers hand documents over parsed.
        v @ Value::Object(_) => Ok(v),
        v => Err(format!(
            "expected text with JSON, the answer has {}",
            name_of(&v)
        )),
    }
}

fn rows(v: Value, columns: &[String]) -> Result<Value, String> {
    let text = match v {
        Value::Null => return Ok(Value::Null),
        Value::String(s) => s,
        v => {
            return Err(format!(
                "expected text with rows, the answer has {}",
                name_of(&v)
            ));
        }
    };
    let text = match BASE64_STANDARD.decode(text.trim()) {
        Ok(bytes) => {
            String::from_utf8(bytes).map_err(|_| "the rows are no UTF-8 text".to_owned())?
        }
        Err(_) => text,
    };
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let header = reader
        .headers()
        .map_err(|_| "the header of the rows cannot be read".to_owned())?
        .clone();
    let mut places = Vec::with_capacity(columns.len());
    for c in columns {
        match header.iter().position(|h| h == c) {
            Some(i) => places.push((c, i)),
            None => return Err(format!("the rows have no column `{c}`")),
        }
    }
    let mut out = Vec::new();
    for row in reader.records() {
        let row = row.map_err(|_| "a row differs in length from the header".to_owned())?;
        let cell = |i: usize| row.get(i).map_or(Value::Null, Value::from);
        let object: Map<_, _> = places
            .iter()
            .map(|(c, i)| ((*c).clone(), cell(*i)))
            .collect();
        out.push(Value::Object(object));
    }
    Ok(Value::Array(out))
}

/// Whether all conditions hold; the error says in words what is odd.
pub(crate) fn hold(all: &[Condition], item: &Value) -> Result<bool, String> {
    for c in all {
        let found = c.path.value.select(item).map_err(|e| e.to_string())?;
        let found = match found {
            Selected::Absent => &Value::Null,
            Selected::One(v) => v,
            Selected::Many(_) => return Err(format!("`{}` gives a list", c.path.value.as_str())),
        };
        let null_or_not = c.values.iter().all(Value::is_null);
        if !null_or_not && matches!(found, Value::Array(_) | Value::Object(_)) {
            return Err(odd(&c.path.value, found));
        }
        let listed = c.values.contains(found);
        // The author knew of these values only, so that nothing follows from none.
        if found.is_null() && !listed && !c.not {
            return Err(format!(
                "{}: the answer says nothing",
                c.path.value.as_str()
            ));
        }
        if listed == c.not {
            return Ok(false);
        }
    }
    Ok(true)
}

fn odd(path: &Path, found: &Value) -> String {
    format!(
        "{}: expected a plain value, the answer has {}",
        path.as_str(),
        name_of(found)
    )
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests stop at the first surprise")]
    use super::*;
    use serde_json::json;

    #[test]
    fn pages_join() {
        let mut v = json!({"L": [1], "O": {"I": [1], "More": true}, "T": "a"});
        merge(
            &mut v,
            json!({"L": [2], "O": {"I": [2], "More": false}, "N": 1, "T": null}),
        );
        assert_eq!(
            v,
            json!({"L": [1, 2], "O": {"I": [1, 2], "More": false}, "T": "a", "N": 1})
        );
    }

    #[test]
    fn rows_become_objects_and_a_lost_column_is_an_error() {
        let columns = ["b".to_owned()];
        let plain = json!("a,b\n1,2\n");
        assert_eq!(rows(plain, &columns).unwrap(), json!([{"b": "2"}]));
        let coded = json!(BASE64_STANDARD.encode("a,b\n1,2\n"));
        assert_eq!(rows(coded, &columns).unwrap(), json!([{"b": "2"}]));
        assert!(rows(json!("a\n1\n"), &columns).is_err());
        assert!(rows(json!("a,b\n1\n"), &columns).is_err());
        assert!(rows(json!(7), &columns).is_err());
    }

    #[test]
    fn json_text_is_read_or_refused() {
        assert_eq!(json(json!("{\"a\":1}")).unwrap(), json!({"a": 1}));
        assert_eq!(json(json!(["1", null])).unwrap(), json!([1, null]));
        assert!(json(json!("{")).is_err());
        assert!(json(json!(" ")).is_err());
        assert_eq!(json(json!("")).unwrap(), Value::Null);
    }
}
