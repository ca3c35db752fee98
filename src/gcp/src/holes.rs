//! What a list that succeeds says that it leaves out.

use serde_json::{Map, Value};
use shoseki_collect::Hole;

/// Members of answers that name places or resources which could not be read.
/// Source: the discovery documents of the services in [`crate::services`].
const UNREACHED: &[&str] = &[
    "failedLocations",
    "missingZones",
    "unreachable",
    "unreachableInstancePartitions",
    "unreachableLocations",
    "unreachables",
];

/// Members of answers that hold warnings. Source: as above.
const WARNINGS: &[&str] = &["scopedWarnings", "warning", "warnings"];

/// Warnings that leave nothing out. Source: the enumerations of `warning.code` in
/// the documents of compute (v1) and sqladmin (v1); all others may.
const HARMLESS: &[&str] = &[
    "COMPROMISED_CREDENTIALS",
    "NO_RESULTS_ON_PAGE",
    "QUOTA_INFO_UNAVAILABLE",
];

/// Whether answers of a method are lists, which alone leave something out.
pub(crate) fn lists(method: &str) -> bool {
    let last = method.rsplit('.').next().unwrap_or_default();
    ["aggregatedList", "list", "search", "fetch", "List"]
        .iter()
        .any(|l| last.starts_with(l))
}

/// All holes of an answer.
pub(crate) fn find(answer: &Map<String, Value>) -> Vec<Hole> {
    let mut out = Vec::new();
    for name in UNREACHED {
        for place in answer
            .get(*name)
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
        {
            let place = place.as_str().unwrap_or_default();
            out.push(hole(location(place), &format!("{name}: {place}")));
        }
    }
    for name in WARNINGS {
        match answer.get(*name) {
            Some(Value::Array(l)) => l.iter().for_each(|w| warned(w, "", &mut out)),
            Some(w) => warned(w, "", &mut out),
            None => {}
        }
    }
    // Aggregated lists: a warning in each scope.
    if let Some(Value::Object(scopes)) = answer.get("items") {
        for (scope, inner) in scopes {
            if let Some(w) = inner.get("warning") {
                warned(w, scope, &mut out);
            }
        }
    }
    out
}

fn warned(w: &Value, scope: &str, out: &mut Vec<Hole>) {
    // Scoped warnings have theirs one floor down.
    let (w, scope) = match w.get("warning") {
        Some(inner) => (inner, w["scopeName"].as_str().unwrap_or(scope)),
        None => (w, scope),
    };
    let code = w["code"].as_str().unwrap_or("a warning without a code");
    if HARMLESS.contains(&code) {
        return;
    }
    let region = w["region"].as_str();
    let place = region.unwrap_or_else(|| location(scope));
    let words = w["message"].as_str().unwrap_or_default();
    let words = [place, code, words];
    let said: Vec<&str> = words.into_iter().filter(|s| !s.is_empty()).collect();
    out.push(hole(place, &said.join(": ")));
}

fn hole(location: &str, message: &str) -> Hole {
    Hole {
        location: location.to_owned(),
        message: message.to_owned(),
    }
}

/// The location in a name: `projects/p/locations/us-east1` is `us-east1`, as
/// `zones/us-east1-b` is `us-east1-b`; any other name stays.
fn location(name: &str) -> &str {
    let pieces: Vec<&str> = name.split('/').collect();
    let at = pieces
        .iter()
        .rposition(|p| matches!(*p, "locations" | "regions" | "zones"));
    at.and_then(|i| pieces.get(i + 1)).copied().unwrap_or(name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Shape;
    use serde_json::json;

    fn places(answer: Value) -> Vec<String> {
        let found = answer.as_object().map(find).unwrap_or_default();
        found.into_iter().map(|h| h.location).collect()
    }

    /// A member of a list's answer by whose name it may leave something out.
    #[test]
    fn no_list_leaves_something_out_unheard() {
        let stems = [
            "unreach",
            "missing",
            "warn",
            "fail",
            "partial",
            "incomplete",
        ];
        let mut heard = 0;
        for name in crate::model::services() {
            let Some(service) = crate::model::service(&name) else {
                continue;
            };
            for (id, method) in service.methods.iter().filter(|(id, _)| lists(id)) {
                let Some(Shape::Object(members)) = service.schemas.get(&method.answer) else {
                    continue;
                };
                for member in members.keys() {
                    let told = member.to_ascii_lowercase();
                    if stems.iter().any(|s| told.contains(s)) {
                        let known = UNREACHED.iter().chain(WARNINGS).any(|k| k == member);
                        assert!(known, "{name}:{id}: {member}");
                        heard += 1;
                    }
                }
            }
        }
        assert!(heard > 50, "{heard}");
    }

    #[test]
    fn places_that_were_not_reached_are_named() {
        let none: [&str; 0] = [];
        assert_eq!(places(json!({"unreachable": [], "items": []})), none);
        assert_eq!(
            places(json!({"unreachable": ["projects/p/locations/us-east1"]})),
            ["us-east1"]
        );
        assert_eq!(
            places(json!({"missingZones": ["us-east1-b"]})),
            ["us-east1-b"]
        );
        assert_eq!(places(json!({"unreachables": ["zones/a"]})), ["a"]);
        assert_eq!(places(json!({"unreachable": [7]})), [""]);
    }

    #[test]
    fn warnings_leave_something_out_unless_known_to_be_harmless() {
        let scoped = |code: &str| json!({"items": {"zones/a": {"warning": {"code": code}}}});
        assert!(places(scoped("NO_RESULTS_ON_PAGE")).is_empty());
        assert_eq!(places(scoped("UNREACHABLE")), ["a"]);
        assert_eq!(places(scoped("SOMETHING_NEW")), ["a"]);
        assert_eq!(
            places(json!({"warning": {"code": "PARTIAL_SUCCESS"}})),
            [""]
        );
        let sql = json!({"warnings": [{"code": "REGION_UNREACHABLE", "region": "r"}]});
        assert_eq!(places(sql), ["r"]);
        assert_eq!(places(json!({"warning": {}})), [""]);
    }
}
