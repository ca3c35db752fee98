//! Nothing is sent but reading methods: checked by name before a request is
//! made, and by what stands on the wire before it leaves.

use crate::denied;
use crate::model::{Method, Service};
use crate::services::host;
use regex_lite::Regex;
use std::collections::HashSet;
use std::sync::OnceLock;

/// The reviewed list, `service:method.id`.
fn list() -> &'static HashSet<&'static str> {
    static LIST: OnceLock<HashSet<&'static str>> = OnceLock::new();
    LIST.get_or_init(|| include_str!("../allow.txt").lines().collect())
}

/// Whether `service:method` is on the reviewed list; `Err` says why not.
pub(crate) fn by_name(service: &str, method: &str) -> Result<(), String> {
    let name = format!("{service}:{method}");
    if list().contains(name.as_str()) {
        return Ok(());
    }
    if let Some(why) = denied::reason(service, method) {
        return Err(format!("{name} {why}: shoseki must not call it"));
    }
    let near = nearest(&name, list().iter().copied())
        .map(|n| format!("; did you mean {n}?"))
        .unwrap_or_default();
    Err(format!(
        "{name} is not on the list of reading methods{near}"
    ))
}

/// The name that is nearest in spelling, if any is near.
pub(crate) fn nearest<'n>(name: &str, among: impl Iterator<Item = &'n str>) -> Option<&'n str> {
    among
        // Comparing takes time by the product of both lengths.
        .filter(|n| name.len().max(n.len()) <= 200)
        .map(|n| (strsim::jaro_winkler(name, n), n))
        .filter(|(score, _)| *score > 0.85)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, n)| n)
}

/// Whether what is about to leave is `method` and no other: the verb, the API's
/// host and the path. `Err` says what is wrong with it.
pub(crate) fn by_wire(
    model: &Service,
    method: &Method,
    (http, url): (&str, &str),
    endpoint: Option<&str>,
) -> Result<(), String> {
    let base = match endpoint {
        Some(e) => format!("{}/", e.trim_end_matches('/')),
        None => "https://".to_owned(),
    };
    let rest = url.strip_prefix(&base).unwrap_or_default();
    let rest = rest.split('?').next().unwrap_or_default();
    let (at, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
    let reads = matches!(http, "GET" | "POST") && http == method.http;
    if reads
        && at == host(&model.host, path)
        && path_fits(&format!("{}{}", model.base, method.path), path)
    {
        return Ok(());
    }
    Err(format!(
        "blocked: {http} {url} is not the method that was asked for"
    ))
}

/// Whether a path is what a template gives: `{name}` is one piece, `{+name}` any.
fn path_fits(template: &str, path: &str) -> bool {
    let mut form = String::from("^");
    let mut rest = template;
    while let Some((before, after)) = rest.split_once('{') {
        form.push_str(&regex_lite::escape(before));
        let (name, after) = after.split_once('}').unwrap_or((after, ""));
        form.push_str(if name.starts_with('+') { ".+" } else { "[^/]+" });
        rest = after;
    }
    form.push_str(&regex_lite::escape(rest));
    form.push('$');
    Regex::new(&form).is_ok_and(|r| r.is_match(path))
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;
    use crate::model;

    #[test]
    fn nothing_denied_is_on_the_list() {
        assert!(list().len() > 500);
        for line in list() {
            let (service, method) = line.split_once(':').unwrap();
            assert_eq!(denied::reason(service, method), None, "{line}");
        }
        let sorted: Vec<_> = include_str!("../allow.txt").lines().collect();
        assert!(sorted.is_sorted());
    }

    #[test]
    fn every_modelled_method_is_on_the_list() {
        for service in model::services() {
            for name in model::service(&service).unwrap().methods.keys() {
                by_name(&service, name).unwrap();
            }
        }
    }

    #[test]
    fn requests_are_held_to_verb_host_and_path() {
        let check = |service: &str, name: &str, http: &str, url: &str| {
            let model = model::service(service).unwrap();
            by_wire(model, &model.methods[name], (http, url), None)
        };
        let list = |http: &str, url: &str| check("storage", "buckets.list", http, url);
        list(
            "GET",
            "https://storage.googleapis.com/storage/v1/b?project=p",
        )
        .unwrap();
        list(
            "POST",
            "https://storage.googleapis.com/storage/v1/b?project=p",
        )
        .unwrap_err();
        list("DELETE", "https://storage.googleapis.com/storage/v1/b").unwrap_err();
        list("GET", "https://storage.googleapis.com/storage/v1/b/x").unwrap_err();
        list(
            "GET",
            "https://storage.googleapis.com.evil.example/storage/v1/b",
        )
        .unwrap_err();
        let policy = |http: &str, url: &str| {
            check("cloudresourcemanager", "projects.getIamPolicy", http, url)
        };
        let host = "https://cloudresourcemanager.googleapis.com/v3/projects/p";
        policy("POST", &format!("{host}:getIamPolicy")).unwrap();
        policy("POST", &format!("{host}:setIamPolicy")).unwrap_err();
        policy("GET", &format!("{host}:getIamPolicy")).unwrap_err();
        policy("POST", &format!("{host}:setIamPolicy?x=:getIamPolicy")).unwrap_err();
    }

    #[test]
    fn refusals_say_why() {
        let secret = by_name("secretmanager", "projects.secrets.versions.access").unwrap_err();
        assert!(secret.contains("secrets"), "{secret}");
        let near = by_name("storage", "bucket.list").unwrap_err();
        assert!(near.contains("storage:buckets.list"), "{near}");
        assert!(by_name("storage", "buckets.delete").is_err());
    }
}
