//! Which operation an HTTP request asks for, and with what.

use serde_json::Value;
use shoseki_aws::model::{Operation, Place, Protocol, Service, service, services};
use std::collections::BTreeMap;

/// A request, understood.
#[derive(Debug, Clone)]
pub struct Asked {
    /// `aws`, `azure`, `gcp`.
    pub cloud: &'static str,
    /// As collectors write it: `s3:GetBucketPolicy`, `arm:GET /subscriptions/…`,
    /// `storage:buckets.list`.
    pub call: String,
    /// Path on the wire; for Google Cloud without the API's host.
    pub path: String,
    /// Region of the signature (AWS).
    pub region: String,
    /// What tells accounts apart: the access key id of the signature, or the
    /// subscription in the path (`tenant` where there is none).
    pub access_key: String,
    /// Scalar values in the request, below each top-level member (or wire) name.
    pub values: BTreeMap<String, Vec<String>>,
    /// How many requests came before this one.
    pub number: u64,
}

impl Asked {
    /// The first value of a member.
    pub fn value(&self, member: &str) -> Option<&str> {
        self.values
            .get(member)
            .and_then(|v| v.first())
            .map(String::as_str)
    }
}

/// `Credential=AKID/20260101/us-east-1/s3/aws4_request` of an Authorization header.
pub(crate) fn scope(authorization: &str) -> Option<(String, String, String)> {
    let start = authorization.find("Credential=")? + "Credential=".len();
    let mut parts = authorization[start..].split([',', ' ']).next()?.split('/');
    let key = parts.next()?.to_owned();
    let region = parts.nth(1)?.to_owned();
    Some((key, region, parts.next()?.to_owned()))
}

/// An HTTP request as far as it matters here.
pub(crate) struct Http<'a> {
    pub method: &'a str,
    pub path: &'a str,
    pub query: &'a str,
    pub target: Option<String>,
    pub header: &'a dyn Fn(&str) -> Option<String>,
    pub body: &'a [u8],
}

/// What a request asks for.
pub(crate) struct Understood {
    /// `elbv2`, as the CLI names it.
    pub name: &'static str,
    pub service: &'static Service,
    /// Name of the operation.
    pub operation: &'static str,
    pub model: &'static Operation,
    pub values: BTreeMap<String, Vec<String>>,
}

/// Finds the service and operation and collects the request's values.
pub(crate) fn understand(signing: &str, http: &Http<'_>) -> Option<Understood> {
    let form = decode_form(http.body);
    let get = |k: &str| form.iter().find(|(n, _)| n == k).map(|(_, v)| v.as_str());
    let candidates = services()
        .iter()
        .filter_map(|n| Some((n.as_str(), service(n)?)));
    for (name, service) in candidates.filter(|(_, s)| s.signing() == signing) {
        let mut values = BTreeMap::new();
        let found = match service.protocol {
            Protocol::Json => http
                .target
                .as_deref()
                .and_then(|t| t.rsplit_once('.'))
                .and_then(|(p, op)| {
                    (Some(p) == service.target_prefix.as_deref())
                        .then(|| service.operations.get_key_value(op))
                        .flatten()
                }),
            Protocol::Query | Protocol::Ec2 => (get("Version") == Some(&service.api))
                .then(|| service.operations.get_key_value(get("Action")?))
                .flatten(),
            Protocol::RestJson | Protocol::RestXml => rest(service, http, &mut values),
        };
        let Some((operation, model)) = found else {
            continue;
        };
        match service.protocol {
            Protocol::Query | Protocol::Ec2 => from_form(service, model, &form, &mut values),
            _ => from_json(http.body, &mut values),
        }
        return Some(Understood {
            name,
            service,
            operation,
            model,
            values,
        });
    }
    None
}

type Labels = Vec<(String, String)>;

fn rest(
    service: &'static Service,
    http: &Http<'_>,
    values: &mut BTreeMap<String, Vec<String>>,
) -> Option<(&'static String, &'static Operation)> {
    let query = decode_form(http.query.as_bytes());
    let mut best: Option<(usize, (&String, &Operation), Labels)> = None;
    for (name, op) in service
        .operations
        .iter()
        .filter(|(_, o)| o.method == http.method)
    {
        let (path, wanted) = op.uri.split_once('?').unwrap_or((&op.uri, ""));
        let Some(labels) = match_path(path, http.path) else {
            continue;
        };
        let fixed = decode_form(wanted.as_bytes());
        let has = |k: &str, v: &str| {
            query
                .iter()
                .any(|(a, b)| a == k && (v.is_empty() || b == v))
        };
        if !fixed.iter().all(|(k, v)| has(k, v)) {
            continue;
        }
        // Among several the one with the most fixed text and query wins.
        let free: usize = labels.iter().map(|(k, _)| k.len()).sum();
        let weight = path.len() - free + 100 * fixed.len();
        if best.as_ref().is_none_or(|(w, ..)| weight > *w) {
            best = Some((weight, (name, op), labels));
        }
    }
    let (_, found, labels) = best?;
    for (k, v) in labels {
        values.entry(k).or_default().push(v);
    }
    for m in service.input(found.1) {
        match m.place {
            Some(Place::Query) => {
                let all = query
                    .iter()
                    .filter(|(k, _)| k == m.wire_name())
                    .map(|(_, v)| v.clone());
                let all: Vec<String> = all.collect();
                values.entry(m.name.clone()).or_default().extend(all);
            }
            Some(Place::Header) => {
                values
                    .entry(m.name.clone())
                    .or_default()
                    .extend((http.header)(m.wire_name()));
            }
            _ => {}
        }
    }
    Some(found)
}

/// Labels of `/a/{X}/{Rest+}` in a path; `None` where it does not fit.
fn match_path(template: &str, path: &str) -> Option<Vec<(String, String)>> {
    let want: Vec<&str> = template.split('/').filter(|s| !s.is_empty()).collect();
    let have: Vec<&str> = path.split('/').filter(|s| !s.is_empty()).collect();
    let mut labels = Vec::new();
    for (i, w) in want.iter().enumerate() {
        let Some(name) = w.strip_prefix('{').and_then(|w| w.strip_suffix('}')) else {
            if have.get(i) != Some(w) {
                return None;
            }
            continue;
        };
        if let Some(name) = name.strip_suffix('+') {
            let rest = have.get(i..).filter(|r| !r.is_empty())?.join("/");
            labels.push((name.to_owned(), percent_decode(&rest)));
            return Some(labels);
        }
        labels.push((name.to_owned(), percent_decode(have.get(i)?)));
    }
    (want.len() == have.len()).then_some(labels)
}

fn from_form(
    service: &Service,
    op: &Operation,
    form: &[(String, String)],
    values: &mut BTreeMap<String, Vec<String>>,
) {
    for (key, value) in form {
        let first = key.split('.').next().unwrap_or(key).to_owned();
        values.entry(first).or_default().push(value.clone());
    }
    // Answers are written with member names; EC2 sends others.
    for m in service.input(op) {
        let mut wire = m.query.clone().unwrap_or_else(|| m.wire_name().to_owned());
        if let Some(c) = wire.get_mut(..1) {
            c.make_ascii_uppercase();
        }
        if m.name != wire
            && let Some(v) = values.get(&wire).cloned()
        {
            values.insert(m.name.clone(), v);
        }
    }
}

pub(crate) fn from_json(body: &[u8], values: &mut BTreeMap<String, Vec<String>>) {
    fn leaves(v: &Value, out: &mut Vec<String>) {
        match v {
            Value::Object(m) => m.values().for_each(|v| leaves(v, out)),
            Value::Array(a) => a.iter().for_each(|v| leaves(v, out)),
            Value::String(s) => out.push(s.clone()),
            Value::Null => {}
            other => out.push(other.to_string()),
        }
    }
    if let Ok(Value::Object(m)) = serde_json::from_slice(body) {
        for (k, v) in m {
            leaves(&v, values.entry(k).or_default());
        }
    }
}

/// Names and values of an URL-encoded form.
pub(crate) fn decode_form(body: &[u8]) -> Vec<(String, String)> {
    let Ok(text) = std::str::from_utf8(body) else {
        return Vec::new();
    };
    text.split('&')
        .filter(|p| !p.is_empty())
        .map(|p| {
            let (k, v) = p.split_once('=').unwrap_or((p, ""));
            (
                percent_decode(&k.replace('+', " ")),
                percent_decode(&v.replace('+', " ")),
            )
        })
        .collect()
}

pub(crate) fn percent_decode(s: &str) -> String {
    let b = s.as_bytes();
    let mut out = Vec::with_capacity(b.len());
    let mut i = 0;
    while i < b.len() {
        let hex = (b[i] == b'%')
            .then(|| {
                s.get(i + 1..i + 3)
                    .and_then(|h| u8::from_str_radix(h, 16).ok())
            })
            .flatten();
        match hex {
            Some(x) => {
                out.push(x);
                i += 3;
            }
            None => {
                out.push(b[i]);
                i += 1;
            }
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_yields_its_labels() {
        assert_eq!(
            match_path("/{Bucket}/{Key+}", "/b/x/y%20z"),
            Some(vec![
                ("Bucket".into(), "b".into()),
                ("Key".into(), "x/y z".into())
            ])
        );
        assert_eq!(match_path("/a/{X}", "/a"), None);
        assert_eq!(match_path("/a", "/a/b"), None);
    }

    #[test]
    fn the_signature_tells_account_region_and_service() {
        assert_eq!(
            scope("AWS4-HMAC-SHA256 Credential=AK/20260101/ap-northeast-1/iam/aws4_request, Sig"),
            Some(("AK".into(), "ap-northeast-1".into(), "iam".into()))
        );
    }
}
