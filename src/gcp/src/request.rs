//! A call's parameters → method, address and body.

use crate::api::BODY;
use crate::model::{Method, Param, Place, Service};
use crate::services::host;
use regex_lite::Regex;
use serde_json::{Map, Value};

/// A request that is ready to be sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Built {
    pub(crate) http: &'static str,
    /// Where it goes, with the query.
    pub(crate) url: String,
    pub(crate) body: Option<Vec<u8>>,
}

/// Builds a request. With `endpoint`, the API's host becomes the first piece of
/// the path there. `Err` says what the parameters lack.
pub(crate) fn build(
    model: &Service,
    method: &Method,
    params: &Map<String, Value>,
    endpoint: Option<&str>,
) -> Result<Built, String> {
    let unknown = |name: &&String| {
        let body = name.as_str() == BODY && method.body.is_some();
        !body && !method.params.contains_key(name.as_str())
    };
    if let Some(name) = params.keys().find(unknown) {
        return Err(format!("there is no parameter {name}"));
    }
    let given = |name: &str| params.get(name).filter(|v| !v.is_null());
    let mut query = Vec::new();
    for (name, p) in &method.params {
        match given(name) {
            None if p.required => return Err(format!("the parameter {name} is missing")),
            Some(value) if p.place == Place::Query => query.extend(queried(name, p, value)?),
            _ => {}
        }
    }
    let path = path(model, method, params)?;
    let host = host(&model.host, &path);
    let base = match endpoint {
        Some(e) => format!("{}/{host}", e.trim_end_matches('/')),
        None => format!("https://{host}"),
    };
    let mut url = format!("{base}{path}");
    if !query.is_empty() {
        url.push('?');
        url.push_str(&query.join("&"));
    }
    let body = match method.http.as_str() {
        "GET" => None,
        _ => Some(match given(BODY) {
            Some(body) => body.to_string().into_bytes(),
            None => b"{}".to_vec(),
        }),
    };
    Ok(Built {
        http: if body.is_some() { "POST" } else { "GET" },
        url,
        body,
    })
}

fn path(model: &Service, method: &Method, params: &Map<String, Value>) -> Result<String, String> {
    let mut out = model.base.clone();
    let mut rest = method.path.as_str();
    while let Some((before, after)) = rest.split_once('{') {
        out.push_str(before);
        let (name, after) = after.split_once('}').ok_or("the model's path is odd")?;
        let (whole, name) = match name.strip_prefix('+') {
            Some(name) => (true, name),
            None => (false, name),
        };
        let value = params
            .get(name)
            .and_then(text)
            .filter(|v| !v.is_empty())
            .ok_or_else(|| format!("the parameter {name} is missing, or no text"))?;
        if let Some(p) = method.params.get(name) {
            fits(name, p, &value)?;
        }
        out.push_str(&segments(name, &value, whole)?);
        rest = after;
    }
    out.push_str(rest);
    Ok(out)
}

/// A value that fills a place in the path; with `whole`, its slashes part it.
fn segments(name: &str, value: &str, whole: bool) -> Result<String, String> {
    let pieces: Vec<&str> = match whole {
        true => value.split('/').collect(),
        false => vec![value],
    };
    if pieces.iter().any(|p| matches!(*p, "" | "." | "..")) {
        return Err(format!("the parameter {name} has an odd piece: {value}"));
    }
    let coded: Vec<String> = pieces.iter().map(|p| percent(p)).collect();
    Ok(coded.join("/"))
}

/// Whether a value is what the model's pattern asks for.
fn fits(name: &str, p: &Param, value: &str) -> Result<(), String> {
    let Some(pattern) = &p.pattern else {
        return Ok(());
    };
    match Regex::new(pattern) {
        Ok(r) if !r.is_match(value) => {
            Err(format!("the parameter {name} is {value}, not {pattern}"))
        }
        _ => Ok(()),
    }
}

fn queried(name: &str, p: &Param, value: &Value) -> Result<Vec<String>, String> {
    let values: Vec<&Value> = match value {
        Value::Array(l) if p.repeated => l.iter().collect(),
        one => vec![one],
    };
    values
        .into_iter()
        .map(|v| {
            let text = text(v).ok_or_else(|| format!("the parameter {name} is no plain value"))?;
            Ok(format!("{}={}", percent(name), percent(&text)))
        })
        .collect()
}

fn text(v: &Value) -> Option<String> {
    match v {
        Value::String(s) => Some(s.clone()),
        Value::Number(_) | Value::Bool(_) => Some(v.to_string()),
        _ => None,
    }
}

/// Everything but letters, digits and `-._~` percent-encoded (RFC 3986).
fn percent(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for b in text.bytes() {
        match b {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
                out.push(char::from(b));
            }
            _ => out.push_str(&format!("%{b:02X}")),
        }
    }
    out
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;
    use crate::api::method;
    use serde_json::json;

    fn url(
        service: &str,
        name: &str,
        params: &Value,
        endpoint: Option<&str>,
    ) -> Result<String, String> {
        let (model, _, method) = method(service, name).unwrap();
        build(model, method, params.as_object().unwrap(), endpoint).map(|b| b.url)
    }

    #[test]
    fn parameters_go_into_path_and_query() {
        assert_eq!(
            url(
                "storage",
                "buckets.list",
                &json!({"project": "p", "maxResults": 3}),
                None
            )
            .unwrap(),
            "https://storage.googleapis.com/storage/v1/b?maxResults=3&project=p"
        );
        let policy = json!({"resource": "projects/p", "body": {"options": {}}});
        assert_eq!(
            url(
                "cloudresourcemanager",
                "projects.getIamPolicy",
                &policy,
                Some("http://127.0.0.1:1/")
            )
            .unwrap(),
            "http://127.0.0.1:1/cloudresourcemanager.googleapis.com/v3/projects/p:getIamPolicy"
        );
        let tokyo = json!({"parent": "projects/p/locations/asia-northeast1"});
        let at = |endpoint| {
            let list = "projects.locations.secrets.list";
            url("secretmanager", list, &tokyo, endpoint).unwrap()
        };
        let rest = "secretmanager.asia-northeast1.rep.googleapis.com/v1/projects/p/locations/asia-northeast1/secrets";
        assert_eq!(at(None), format!("https://{rest}"));
        assert_eq!(
            at(Some("http://127.0.0.1:1")),
            format!("http://127.0.0.1:1/{rest}")
        );
        let bucket = json!({"bucket": "a/../b c"});
        assert_eq!(
            url("storage", "buckets.getIamPolicy", &bucket, None).unwrap(),
            "https://storage.googleapis.com/storage/v1/b/a%2F..%2Fb%20c/iam"
        );
    }

    #[test]
    fn odd_parameters_are_refused() {
        for (service, name, params) in [
            ("storage", "buckets.list", json!({})),
            (
                "storage",
                "buckets.list",
                json!({"project": "p", "nothing": 1}),
            ),
            ("storage", "buckets.list", json!({"project": {"a": 1}})),
            (
                "storage",
                "buckets.list",
                json!({"project": "p", "body": {}}),
            ),
            ("storage", "buckets.getIamPolicy", json!({"bucket": ".."})),
            (
                "cloudresourcemanager",
                "projects.get",
                json!({"name": "projects/.."}),
            ),
            (
                "cloudresourcemanager",
                "projects.get",
                json!({"name": "folders/1"}),
            ),
            (
                "cloudresourcemanager",
                "projects.get",
                json!({"name": "projects/a/b"}),
            ),
        ] {
            url(service, name, &params, None).unwrap_err();
        }
    }
}
