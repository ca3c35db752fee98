//! Requests to Google Cloud: `/<API's host>/<path>`.

use crate::request::{Asked, Http, decode_form, from_json, percent_decode};
use shoseki_gcp::model::{self, Method};
use std::collections::BTreeMap;

/// The method that a request is, with its values.
pub(crate) fn understand(http: &Http<'_>) -> Option<Asked> {
    let (host, path) = http.path.trim_start_matches('/').split_once('/')?;
    let serves = |s: &&model::Service| shoseki_gcp::services::host(&s.host, path) == host;
    let mut best: Option<(usize, String, Values)> = None;
    for name in model::services() {
        let Some(service) = model::service(&name).filter(serves) else {
            continue;
        };
        for (id, method) in service
            .methods
            .iter()
            .filter(|(_, m)| m.http == http.method)
        {
            let template = format!("{}{}", service.base, method.path);
            let Some((fixed, values)) = fit(&template, method, path) else {
                continue;
            };
            if best.as_ref().is_none_or(|b| fixed > b.0) {
                best = Some((fixed, format!("{name}:{id}"), values));
            }
        }
    }
    let (_, call, mut values) = best?;
    for (k, v) in decode_form(http.query.as_bytes()) {
        values.entry(k).or_default().push(v);
    }
    from_json(http.body, &mut values);
    Some(Asked {
        cloud: "gcp",
        call,
        path: format!("/{path}"),
        region: "global".to_owned(),
        access_key: "any".to_owned(),
        values,
        number: 0,
    })
}

type Values = BTreeMap<String, Vec<String>>;

/// How much of the path is fixed, and what fills the rest. `{name}` is one piece,
/// `{+name}` as many as its pattern (`^projects/[^/]+$`) says.
fn fit(template: &str, method: &Method, path: &str) -> Option<(usize, Values)> {
    let (mut wanted, mut have) = (template.trim_start_matches('/'), path);
    let mut values = Values::new();
    let mut fixed = 0;
    while let Some((before, after)) = wanted.split_once('{') {
        have = have.strip_prefix(before)?;
        fixed += before.len();
        let (name, after) = after.split_once('}')?;
        let length = match name.strip_prefix('+') {
            None => piece(have),
            Some(name) => {
                let pattern = method.params.get(name).and_then(|p| p.pattern.as_deref());
                let (length, more) = match pattern {
                    Some(p) => by_pattern(p, have)?,
                    None => (have.len().checked_sub(after.len())?, 0),
                };
                fixed += more;
                length
            }
        };
        let value = have.get(..length).filter(|v| !v.is_empty())?;
        let name = name.trim_start_matches('+').to_owned();
        values.entry(name).or_default().push(percent_decode(value));
        have = have.get(length..)?;
        wanted = after;
    }
    (wanted == have).then_some((fixed + wanted.len(), values))
}

/// The length of one piece of a path; a verb after a colon is not part of it.
fn piece(text: &str) -> usize {
    text.find(['/', ':']).unwrap_or(text.len())
}

/// How long the text is that a pattern of literals and `[^/]+` takes, and how much
/// of it is literal.
fn by_pattern(pattern: &str, text: &str) -> Option<(usize, usize)> {
    let inner = pattern.strip_prefix('^')?.strip_suffix('$')?;
    let (mut rest, mut fixed) = (text, 0);
    for (n, part) in inner.split("[^/]+").enumerate() {
        if n > 0 {
            rest = rest.get(piece(rest)..)?;
        }
        rest = match part {
            // Anything, to the end or to the verb.
            ".*" => rest.get(rest.find(':').unwrap_or(rest.len())..)?,
            _ => rest.strip_prefix(part)?,
        };
        fixed += part.len();
    }
    Some((text.len() - rest.len(), fixed))
}

fn method(call: &str) -> Option<(&str, &'static Method)> {
    let (service, id) = call.split_once(':')?;
    Some((id, model::service(service)?.methods.get(id)?))
}

/// Whether the answer of a call is a list.
pub(crate) fn is_list(call: &str) -> bool {
    let last = |id: &str| id.rsplit('.').next().unwrap_or_default().to_owned();
    method(call).is_some_and(|(id, m)| {
        let name = last(id);
        m.pages
            || ["list", "aggregatedList", "search"]
                .iter()
                .any(|l| name.starts_with(l))
    })
}

/// Whether a call brings pages.
pub(crate) fn has_pages(call: &str) -> bool {
    method(call).is_some_and(|(_, m)| m.pages)
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    fn call(method: &str, path: &str) -> Option<(String, Values)> {
        let http = Http {
            method,
            path,
            query: "",
            target: None,
            header: &|_| None,
            body: b"",
        };
        understand(&http).map(|a| (a.call, a.values))
    }

    #[test]
    fn methods_are_told_apart() {
        for (http, path, wanted) in [
            (
                "GET",
                "/storage.googleapis.com/storage/v1/b/x/iam",
                "storage:buckets.getIamPolicy",
            ),
            (
                "GET",
                "/pubsub.googleapis.com/v1/projects/p/topics",
                "pubsub:projects.topics.list",
            ),
            (
                "GET",
                "/pubsub.googleapis.com/v1/projects/p/topics/t:getIamPolicy",
                "pubsub:projects.topics.getIamPolicy",
            ),
            (
                "POST",
                "/cloudresourcemanager.googleapis.com/v3/projects/p:getIamPolicy",
                "cloudresourcemanager:projects.getIamPolicy",
            ),
            (
                "GET",
                "/cloudresourcemanager.googleapis.com/v3/projects/p",
                "cloudresourcemanager:projects.get",
            ),
        ] {
            assert_eq!(call(http, path).unwrap().0, wanted);
        }
        let (_, values) = call("GET", "/storage.googleapis.com/storage/v1/b/x%2Fy/iam").unwrap();
        assert_eq!(values["bucket"], ["x/y"]);
        assert!(call("GET", "/storage.googleapis.com/storage/v1/nothing").is_none());
    }
}
