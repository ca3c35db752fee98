//! A long list in pages, as each cloud parts it.

use super::{azure, gcp};
use crate::request::Asked;
use serde_json::{Map, Value, json};

/// Members that are lists and not what a list is about.
const NOT_ENTRIES: [&str; 6] = [
    "failedLocations",
    "missingZones",
    "unreachable",
    "unreachables",
    "warnings",
    "scopedWarnings",
];

/// The page of `whole` that a request asks for, with at most `size` entries and a
/// way to the next; answers that are no lists stay whole.
pub(crate) fn page(asked: &Asked, mut whole: Value, size: usize) -> Value {
    let size = size.max(1);
    let Value::Object(o) = &mut whole else {
        return whole;
    };
    match asked.cloud {
        "gcp" if gcp::has_pages(&asked.call) => google(asked, o, size),
        "azure" if asked.call.starts_with("arg:") => rows(asked, o, size),
        "azure" => linked(asked, o, size),
        _ => {}
    }
    whole
}

/// Where the page begins.
fn start(asked: &Asked, name: &str) -> usize {
    let token = asked.value(name).and_then(|t| t.strip_prefix("page-"));
    token.and_then(|n| n.parse().ok()).unwrap_or(0)
}

/// Cuts a list, and says whether there is more.
fn cut(list: &mut Vec<Value>, from: usize, size: usize) -> Option<usize> {
    let more = (from + size < list.len()).then_some(from + size);
    let page = list.iter().skip(from).take(size).cloned().collect();
    *list = page;
    more
}

fn linked(asked: &Asked, o: &mut Map<String, Value>, size: usize) {
    let Some(link) = azure::link(&asked.call) else {
        return;
    };
    let Some(Value::Array(list)) = o.get_mut("value") else {
        return;
    };
    if let Some(next) = cut(list, start(asked, "$skiptoken"), size) {
        let service = asked.call.split(':').next().unwrap_or_default();
        let host = match service {
            "graph" => "https://graph.microsoft.com",
            // The path begins with the host.
            "vault" => "https:/",
            _ => "https://management.azure.com",
        };
        let query = asked.values.iter().filter(|(k, _)| {
            // Options of the query; the other names are of the path.
            k.starts_with('$') && *k != "$skiptoken" || *k == "api-version"
        });
        let query: Vec<String> = query
            .filter_map(|(k, v)| Some(format!("{k}={}", coded(v.first()?))))
            .chain([format!("$skiptoken=page-{next}")])
            .collect();
        let path: Vec<String> = asked.path.split('/').map(coded).collect();
        let url = format!("{host}{}?{}", path.join("/"), query.join("&"));
        o.insert(link.to_owned(), url.into());
    }
}

fn coded(text: &str) -> String {
    text.bytes()
        .map(|b| match b {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' | b'$' => {
                char::from(b).to_string()
            }
            _ => format!("%{b:02X}"),
        })
        .collect()
}

fn rows(asked: &Asked, o: &mut Map<String, Value>, size: usize) {
    let Some(Value::Array(list)) = o.get_mut("data") else {
        return;
    };
    let from = start(asked, "$skipToken");
    let next = cut(list, from, size);
    let count = list.len();
    o.insert("count".to_owned(), count.into());
    if let Some(next) = next {
        o.insert("resultTruncated".to_owned(), "true".into());
        o.insert("$skipToken".to_owned(), format!("page-{next}").into());
    }
}

fn google(asked: &Asked, o: &mut Map<String, Value>, size: usize) {
    let from = start(asked, "pageToken");
    let entries = o
        .iter_mut()
        .filter(|(k, _)| !NOT_ENTRIES.contains(&k.as_str()))
        .find_map(|(k, v)| match v {
            Value::Array(_) => Some(v),
            // Aggregated lists: scopes by name.
            Value::Object(_) if k == "items" => Some(v),
            _ => None,
        });
    let next = match entries {
        Some(Value::Array(list)) => cut(list, from, size),
        Some(Value::Object(scopes)) => {
            let mut list: Vec<Value> = std::mem::take(scopes)
                .into_iter()
                .map(|(k, v)| json!([k, v]))
                .collect();
            let next = cut(&mut list, from, size);
            for pair in list {
                if let Some(k) = pair[0].as_str() {
                    scopes.insert(k.to_owned(), pair[1].clone());
                }
            }
            next
        }
        _ => None,
    };
    if let Some(next) = next {
        o.insert("nextPageToken".to_owned(), format!("page-{next}").into());
    }
}
