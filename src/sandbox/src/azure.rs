//! Requests to Azure: Resource Manager, Resource Graph and Microsoft Graph by their
//! paths, from the same compact models that the caller uses.

use crate::request::Http;
use crate::wire::Wire;
use serde_json::{Value, json};
use shoseki_azure::{PERMISSIONS_CALL, Spelt, model, service_of};
use std::collections::BTreeMap;

/// What a request asks for.
pub(crate) struct Found {
    /// As collectors write it.
    pub call: String,
    /// The subscription in the path, else `tenant`.
    pub account: String,
    pub values: BTreeMap<String, Vec<String>>,
}

/// Finds the operation: the one with most literal pieces that fits.
pub(crate) fn understand(http: &Http<'_>) -> Option<Found> {
    let path: Vec<&str> = http.path.split('/').skip(1).collect();
    let query = decoded_pairs(http.query);
    let version = query.iter().find(|(k, _)| k == "api-version");
    let version = version.map_or("", |(_, v)| v.as_str());
    let mut best: Option<(usize, Found)> = None;
    for operation in model::operations().chain([PERMISSIONS_CALL]) {
        let service = service_of(operation);
        let Ok(spelt) = Spelt::parse(service, operation) else {
            continue;
        };
        if spelt.method != http.method || spelt.version != version {
            continue;
        }
        let Some((literal, values)) = fits(&spelt, &path) else {
            continue;
        };
        if best.as_ref().is_none_or(|(l, _)| *l < literal) {
            let call = format!("{service}:{operation}");
            let account = account(&path);
            let found = Found {
                call,
                account,
                values,
            };
            best = Some((literal, found));
        }
    }
    let (_, mut found) = best?;
    for (k, v) in query {
        found.values.entry(k).or_default().push(v);
    }
    if let Ok(body) = serde_json::from_slice::<Value>(http.body) {
        leaves(&body, "", &mut found.values);
    }
    Some(found)
}

fn account(path: &[&str]) -> String {
    let at = path
        .iter()
        .position(|p| p.eq_ignore_ascii_case("subscriptions"));
    let id = at.and_then(|i| path.get(i + 1));
    id.map_or_else(|| "tenant".to_owned(), |id| id.to_ascii_lowercase())
}

type Values = BTreeMap<String, Vec<String>>;

/// The number of literal pieces that fit, and what stands for the others.
fn fits(spelt: &Spelt<'_>, path: &[&str]) -> Option<(usize, Values)> {
    let mut template: Vec<&str> = spelt.path.split('/').skip(1).collect();
    let mut values = Values::new();
    let mut path = path;
    let name = |t: &str| Some(t.strip_prefix('{')?.strip_suffix('}')?.to_owned());
    let first = template.first().and_then(|t| name(t));
    if let Some(scope) = first.filter(|n| spelt.is_scope(n)) {
        template.remove(0);
        let cut = path.len().checked_sub(template.len()).filter(|n| *n > 0)?;
        values.insert(scope, vec![format!("/{}", path[..cut].join("/"))]);
        path = &path[cut..];
    }
    if template.len() != path.len() {
        return None;
    }
    let mut literal = 0;
    for (t, p) in template.iter().zip(path) {
        match name(t) {
            Some(name) => {
                values.insert(name, vec![decoded(p)]);
            }
            None if t.eq_ignore_ascii_case(p) => literal += 1,
            None => return None,
        }
    }
    Some((literal, values))
}

fn decoded_pairs(query: &str) -> Vec<(String, String)> {
    let pairs = query.split('&').filter(|p| !p.is_empty());
    pairs
        .map(|p| p.split_once('=').unwrap_or((p, "")))
        .map(|(k, v)| (decoded(k), decoded(v)))
        .collect()
}

/// Percent-decodes.
fn decoded(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut i = 0;
    while let Some(b) = bytes.get(i) {
        let hex = text.get(i + 1..i + 3).filter(|_| *b == b'%');
        match hex.and_then(|h| u8::from_str_radix(h, 16).ok()) {
            Some(byte) => {
                out.push(byte);
                i += 3;
            }
            None => {
                out.push(*b);
                i += 1;
            }
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}

/// Texts of a body by the name of the member that holds them.
fn leaves(v: &Value, name: &str, out: &mut Values) {
    match v {
        Value::Object(m) => m.iter().for_each(|(k, v)| leaves(v, k, out)),
        Value::Array(a) => a.iter().for_each(|v| leaves(v, name, out)),
        Value::Null => {}
        Value::String(s) => out.entry(name.to_owned()).or_default().push(s.clone()),
        other => out
            .entry(name.to_owned())
            .or_default()
            .push(other.to_string()),
    }
}

/// A value as it is.
pub(crate) fn answer(v: &Value) -> Wire {
    json_wire(200, v)
}

/// An error as all three services tell it.
pub(crate) fn error(status: u16, code: &str, message: &str) -> Wire {
    json_wire(
        status,
        &json!({"error": {"code": code, "message": message}}),
    )
}

fn json_wire(status: u16, v: &Value) -> Wire {
    Wire {
        status,
        headers: vec![("content-type".to_owned(), "application/json".to_owned())],
        body: v.to_string().into_bytes(),
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests stop at the first surprise")]
    use super::*;

    fn found(method: &str, path: &str, query: &str, body: &str) -> Option<Found> {
        understand(&Http {
            method,
            path,
            query,
            target: None,
            header: &|_| None,
            body: body.as_bytes(),
        })
    }

    #[test]
    fn operations_are_found_by_their_paths() {
        let f = found("GET", "/subscriptions/S1", "api-version=2022-12-01", "").unwrap();
        assert_eq!(
            (f.call.as_str(), f.account.as_str()),
            (
                "arm:GET /subscriptions/{subscriptionId}?api-version=2022-12-01",
                "s1"
            )
        );
        let f = found("GET", "/tenants", "api-version=2022-12-01", "").unwrap();
        assert_eq!(f.account, "tenant");
        let rows = "/providers/Microsoft.ResourceGraph/resources";
        let body = r#"{"query":"resources | order by id"}"#;
        let f = found("POST", rows, "api-version=2024-04-01", body).unwrap();
        assert!(f.call.starts_with("arg:POST "));
        assert_eq!(f.values["query"], ["resources | order by id"]);
        let f = found("GET", "/v1.0/users", "$select=id%2Cname", "").unwrap();
        assert_eq!(f.call, "graph:GET /v1.0/users");
        assert_eq!(f.values["$select"], ["id,name"]);
        assert!(found("GET", "/subscriptions/s", "api-version=1999-01-01", "").is_none());
        assert!(found("DELETE", "/tenants", "api-version=2022-12-01", "").is_none());
    }
}
