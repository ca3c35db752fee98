//! Nothing is sent but reading methods: checked by name before a request is
//! made, and by what stands on the wire before it leaves.

use crate::denied;
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
    Err(format!("{name} is not on the list of reading methods{near}"))
}

/// The name that is nearest in spelling, if any is near.
pub(crate) fn nearest<'n>(name: &str, among: impl Iterator<Item = &'n str>) -> Option<&'n str> {
    among
        .map(|n| (strsim::jaro_winkler(name, n), n))
        .filter(|(score, _)| *score > 0.85)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, n)| n)
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
    fn refusals_say_why() {
        let secret = by_name("secretmanager", "projects.secrets.versions.access").unwrap_err();
        assert!(secret.contains("secrets"), "{secret}");
        let near = by_name("storage", "bucket.list").unwrap_err();
        assert!(near.contains("storage:buckets.list"), "{near}");
        assert!(by_name("storage", "buckets.delete").is_err());
    }
}
