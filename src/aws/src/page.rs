//! Paging: from one answer to the parameters of the next request.

use crate::model::{Operation, Paginator};
use serde_json::{Map, Value, json};
use shoseki_collect::PageNames;

/// Key under which a cursor keeps what tells a loop; no member can have it.
const LOOP: &str = "~loop";

/// Names that paging tokens have in answers, in lower case.
const TOKENS: &[&str] = &[
    "continuationtoken",
    "lastevaluatedkey",
    "marker",
    "nextcontinuationtoken",
    "nextkeymarker",
    "nextmarker",
    "nextpageid",
    "nextpagemarker",
    "nextpagetoken",
    "nexttoken",
    "paginationtoken",
];

/// Whether a member of an answer looks like a paging token.
pub(crate) fn is_token_name(name: &str) -> bool {
    TOKENS.contains(&name.to_ascii_lowercase().as_str())
}

/// The request's parameters with those of the cursor over them.
pub(crate) fn with_cursor(
    mut params: Map<String, Value>,
    cursor: Option<&Map<String, Value>>,
) -> Map<String, Value> {
    for (k, v) in cursor.into_iter().flatten() {
        if k != LOOP {
            params.insert(k.clone(), v.clone());
        }
    }
    params
}

/// The cursor of the next page; `None` at the end. `Err` says why the rest of
/// the answer cannot be read: then there is more, and it must not be passed over.
pub(crate) fn next(
    operation: &Operation,
    names: Option<&PageNames>,
    cursor: Option<&Map<String, Value>>,
    answer: &Value,
) -> Result<Option<Map<String, Value>>, String> {
    let given;
    let paginator = match (names, &operation.pages) {
        (Some(n), _) => {
            given = Paginator {
                input: vec![n.input.clone()],
                output: vec![n.output.clone()],
                ..Paginator::default()
            };
            &given
        }
        (None, Some(p)) => p,
        (None, None) => return unpaged(answer).map(|()| None),
    };
    // A flag that is missing says nothing; then the token decides.
    let flag = paginator.more.as_deref().and_then(|m| lookup(answer, m));
    let flag = flag.filter(|f| !f.is_null() && **f != "");
    let more = flag.map(|f| truth(Some(f)));
    if more == Some(false) {
        return Ok(None);
    }
    let mut next = Map::new();
    for (input, output) in paginator.input.iter().zip(&paginator.output) {
        if let Some(token) = at(answer, output).filter(|t| is_set(t)) {
            next.insert(input.clone(), token.clone());
        }
    }
    if next.is_empty() {
        return match more {
            Some(true) => Err("the answer says that there is more, but not where".to_owned()),
            _ => Ok(None),
        };
    }
    let before = cursor.and_then(|c| c.get(LOOP));
    let trace = watch(before, &Value::Object(next.clone()))?;
    next.insert(LOOP.to_owned(), trace);
    Ok(Some(next))
}

/// Tells a loop of any length while keeping one earlier token (Brent's
/// algorithm): `[token, power, steps]`.
fn watch(before: Option<&Value>, token: &Value) -> Result<Value, String> {
    let Some(before) = before else {
        return Ok(json!([token, 1, 0]));
    };
    if before[0] == *token {
        return Err("the pages go round in a loop: a paging token came twice".to_owned());
    }
    let (power, steps) = (
        before[1].as_u64().unwrap_or(1),
        before[2].as_u64().unwrap_or(0) + 1,
    );
    Ok(if steps >= power {
        json!([token, power * 2, 0])
    } else {
        json!([before[0], power, steps])
    })
}

/// Refuses an answer with a token of an operation that is not known to page.
fn unpaged(answer: &Value) -> Result<(), String> {
    let Some(top) = answer.as_object() else {
        return Ok(());
    };
    let nested = top.values().filter_map(Value::as_object);
    for object in std::iter::once(top).chain(nested) {
        // An explicit "this is all" outweighs an echoed marker.
        if object.get("IsTruncated").is_some_and(|t| !truth(Some(t))) {
            continue;
        }
        if object.get("IsTruncated").is_some() {
            return Err("the answer says IsTruncated, and how to go on is not known".to_owned());
        }
        if let Some((name, _)) = object.iter().find(|(k, v)| is_token_name(k) && is_set(v)) {
            return Err(format!(
                "the answer has more pages ({name}), and how to ask for them is not known"
            ));
        }
    }
    Ok(())
}

fn truth(v: Option<&Value>) -> bool {
    match v {
        Some(Value::Bool(b)) => *b,
        Some(Value::String(s)) => !s.is_empty() && s != "false",
        Some(Value::Null) | None => false,
        Some(_) => true,
    }
}

/// Empty text, null, false, zero and empty containers are no token (as in botocore).
fn is_set(v: &Value) -> bool {
    match v {
        Value::Null | Value::Bool(false) => false,
        Value::String(s) => !s.is_empty(),
        Value::Number(n) => n.as_f64() != Some(0.0),
        Value::Array(a) => !a.is_empty(),
        Value::Object(o) => !o.is_empty(),
        Value::Bool(true) => true,
    }
}

/// The part of JMESPath that paginators use: `A.B`, `A[-1].B`, `A || B`.
pub(crate) fn at<'v>(v: &'v Value, path: &str) -> Option<&'v Value> {
    path.split("||")
        .find_map(|alternative| lookup(v, alternative.trim()).filter(|v| is_set(v)))
}

/// `A.B` or `A[-1].B`, whatever is there.
fn lookup<'v>(v: &'v Value, path: &str) -> Option<&'v Value> {
    path.split('.')
        .try_fold(v, |v, part| match part.strip_suffix("[-1]") {
            Some(name) => v.get(name)?.as_array()?.last(),
            None => v.get(part),
        })
}

/// Adds what a later page holds to what the earlier ones hold: lists grow, maps
/// join, other members stay as they first were.
pub(crate) fn merge(operation: &Operation, all: &mut Value, page: Value) {
    let Some(pages) = &operation.pages else {
        *all = page;
        return;
    };
    for path in pages.result.iter().chain(&pages.output) {
        if path.contains(['[', '|']) {
            continue;
        }
        let pointer = format!("/{}", path.replace('.', "/"));
        let Some(new) = page.pointer(&pointer).cloned() else {
            continue;
        };
        match (all.pointer_mut(&pointer), new) {
            (Some(Value::Array(old)), Value::Array(new)) => old.extend(new),
            (Some(Value::Object(old)), Value::Object(new)) => old.extend(new),
            (Some(old), new) => *old = new,
            (None, new) => put(all, path, new),
        }
    }
}

/// Removes the paging tokens of the last page.
pub(crate) fn without_tokens(operation: &Operation, all: &mut Value) {
    for path in operation.pages.iter().flat_map(|p| &p.output) {
        let (parent, name) = path.rsplit_once('.').unwrap_or(("", path));
        let parent = if parent.is_empty() {
            Some(&mut *all)
        } else {
            all.pointer_mut(&format!("/{}", parent.replace('.', "/")))
        };
        if let Some(Value::Object(o)) = parent {
            o.remove(name);
        }
    }
}

fn put(to: &mut Value, path: &str, v: Value) {
    let mut to = to;
    let mut parts = path.split('.').peekable();
    while let Some(name) = parts.next() {
        let Value::Object(o) = to else { return };
        if parts.peek().is_none() {
            o.insert(name.to_owned(), v);
            return;
        }
        to = o.entry(name).or_insert_with(|| Value::Object(Map::new()));
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    fn operation(input: &str, output: &str, more: Option<&str>) -> Operation {
        Operation {
            pages: Some(Paginator {
                input: vec![input.to_owned()],
                output: vec![output.to_owned()],
                result: vec!["Items".to_owned()],
                more: more.map(str::to_owned),
            }),
            ..Operation::default()
        }
    }

    #[test]
    fn tokens_lead_on_and_their_absence_ends() {
        let op = operation("Marker", "NextMarker || Items[-1].Key", Some("IsTruncated"));
        let page = json!({"Items": [{"Key": "a"}, {"Key": "b"}], "IsTruncated": true});
        let next = next(&op, None, None, &page).unwrap().unwrap();
        assert_eq!(next["Marker"], "b");
        assert!(!with_cursor(Map::new(), Some(&next)).contains_key(LOOP));
        let page = json!({"Items": [{"Key": "a"}], "IsTruncated": false});
        assert_eq!(super::next(&op, None, None, &page).unwrap(), None);
    }

    #[test]
    fn more_without_a_token_is_not_the_end() {
        let op = operation("Marker", "Marker", Some("IsTruncated"));
        assert!(next(&op, None, None, &json!({"IsTruncated": true})).is_err());
    }

    #[test]
    fn a_flag_without_a_value_does_not_end_the_pages() {
        let op = operation("Marker", "Marker", Some("IsTruncated"));
        for flag in [json!(""), Value::Null] {
            let page = json!({"IsTruncated": flag, "Marker": "b"});
            assert_eq!(
                next(&op, None, None, &page).unwrap().unwrap()["Marker"],
                "b"
            );
        }
    }

    #[test]
    fn numbers_can_be_tokens() {
        let op = operation("position", "position", None);
        let next = next(&op, None, None, &json!({"position": 7}))
            .unwrap()
            .unwrap();
        assert_eq!(next["position"], 7);
    }

    #[test]
    fn loops_of_any_length_are_told() {
        let op = operation("T", "T", None);
        for length in 1..6 {
            let mut cursor: Option<Map<String, Value>> = None;
            let mut steps = 0;
            let looped = loop {
                let page = json!({"T": format!("t{}", steps % length)});
                match next(&op, None, cursor.as_ref(), &page) {
                    Ok(c) => cursor = c,
                    Err(_) => break true,
                }
                steps += 1;
                if steps > 100 {
                    break false;
                }
            };
            assert!(looped, "a loop of {length}");
        }
    }

    #[test]
    fn a_token_of_an_unpaged_operation_is_not_passed_over() {
        let op = Operation::default();
        assert!(next(&op, None, None, &json!({"NextToken": "x"})).is_err());
        assert!(next(&op, None, None, &json!({"L": {"NextMarker": "x"}})).is_err());
        assert!(next(&op, None, None, &json!({"IsTruncated": true})).is_err());
        let whole = json!({"Marker": "echo", "IsTruncated": false});
        assert_eq!(next(&op, None, None, &whole).unwrap(), None);
        let named = PageNames {
            input: "NextToken".to_owned(),
            output: "NextToken".to_owned(),
        };
        let page = json!({"NextToken": "x"});
        assert!(next(&op, Some(&named), None, &page).unwrap().is_some());
    }

    #[test]
    fn pages_merge_by_their_result() {
        let op = operation("T", "T", None);
        let mut all = json!({"Items": [1], "Total": 2, "T": "x"});
        merge(&op, &mut all, json!({"Items": [2], "Total": 9}));
        without_tokens(&op, &mut all);
        assert_eq!(all, json!({"Items": [1, 2], "Total": 2}));
    }
}
