//! Nothing is sent but reading operations: checked by name before a request is
//! made, and by what stands on the wire before it leaves.

use crate::denied;
use crate::model::{Operation, Protocol, Service};
use std::collections::HashSet;
use std::sync::OnceLock;

/// The reviewed list, `service:Operation`.
fn list() -> &'static HashSet<&'static str> {
    static LIST: OnceLock<HashSet<&'static str>> = OnceLock::new();
    LIST.get_or_init(|| include_str!("../allow.txt").lines().collect())
}

/// Whether `service:operation` is on the reviewed list; `Err` says why not.
pub(crate) fn by_name(service: &str, operation: &str) -> Result<(), String> {
    let name = format!("{service}:{operation}");
    if list().contains(name.as_str()) {
        return Ok(());
    }
    if let Some(why) = denied::reason(service, operation) {
        return Err(format!("{name} {why}: shoseki must not call it"));
    }
    let near = nearest(&name, list().iter().copied())
        .map(|n| format!("; did you mean {n}?"))
        .unwrap_or_default();
    Err(format!(
        "{name} is not on the list of reading operations{near}"
    ))
}

/// Whether this is what the door of the signer is for: `kms:Sign`, and nothing
/// else whatsoever.
pub(crate) fn by_door(service: &str, operation: &str) -> Result<(), String> {
    match (service, operation) {
        ("kms", "Sign") => Ok(()),
        _ => Err(format!(
            "blocked: {service}:{operation} is not what a key is asked to do"
        )),
    }
}

/// Types whose recorded configuration holds nothing that must stay secret: what AWS
/// Config records of others copies variables and user data.
const RECORDED: [&str; 3] = [
    "AWS::EC2::SecurityGroup",
    "AWS::EC2::Volume",
    "AWS::S3::Bucket",
];

/// Whether the operation may be asked with these parameters; `Err` says why not.
pub(crate) fn by_params(
    service: &str,
    operation: &str,
    params: &serde_json::Map<String, serde_json::Value>,
) -> Result<(), String> {
    if (service, operation) != ("config", "GetResourceConfigHistory") {
        return Ok(());
    }
    let of = params.get("resourceType").and_then(|t| t.as_str());
    match of {
        Some(t) if RECORDED.contains(&t) => Ok(()),
        _ => Err(format!(
            "config:GetResourceConfigHistory is asked for {} alone: the history of other types \
             carries copies of what they hold in secret",
            RECORDED.join(", ")
        )),
    }
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

/// What is about to leave.
pub(crate) struct Wire<'a> {
    pub(crate) method: &'a str,
    pub(crate) uri: &'a str,
    pub(crate) target: Option<&'a str>,
    pub(crate) body: &'a [u8],
}

/// Whether the wire form is that of `operation` and of no other; `Err` says what
/// is wrong with it.
pub(crate) fn by_wire(
    model: &Service,
    name: &str,
    operation: &Operation,
    wire: &Wire<'_>,
) -> Result<(), String> {
    let fits = match model.protocol {
        Protocol::Json => {
            let prefix = model.target_prefix.as_deref().unwrap_or_default();
            wire.method == "POST" && wire.target == Some(format!("{prefix}.{name}").as_str())
        }
        Protocol::Query | Protocol::Ec2 => {
            let action = format!("Action={name}");
            let mut fields = wire.body.split(|b| *b == b'&');
            wire.method == "POST"
                && fields.next() == Some(action.as_bytes())
                && !fields.any(|f| f.starts_with(b"Action="))
        }
        Protocol::RestJson | Protocol::RestXml => {
            wire.method == operation.method && path_fits(&operation.uri, wire.uri)
        }
    };
    if fits && wire.target.is_none_or(|_| model.protocol == Protocol::Json) {
        return Ok(());
    }
    Err(format!(
        "blocked: {} {} is not {name} as the model has it",
        wire.method, wire.uri
    ))
}

/// Whether the address has the path and the fixed query of the template.
fn path_fits(template: &str, uri: &str) -> bool {
    let after_host = uri.split_once("://").map_or(uri, |(_, rest)| {
        rest.find(['/', '?']).map_or("", |i| &rest[i..])
    });
    let (path, query) = after_host.split_once('?').unwrap_or((after_host, ""));
    let (wanted_path, wanted_query) = template.split_once('?').unwrap_or((template, ""));
    let has = |wanted: &str| {
        let name = wanted.split('=').next().unwrap_or_default();
        query
            .split('&')
            .any(|q| q == wanted || (!wanted.contains('=') && q.split('=').next() == Some(name)))
    };
    let query_fits = wanted_query.split('&').filter(|q| !q.is_empty()).all(has);
    // S3 may have the bucket in the host.
    let bucketless = wanted_path.strip_prefix("/{Bucket}");
    query_fits
        && (ends_fit(wanted_path, path) || bucketless.is_some_and(|rest| ends_fit(rest, path)))
}

/// Whether `path` ends in what the template asks for; before it may stand the
/// path of an endpoint.
fn ends_fit(template: &str, path: &str) -> bool {
    let wanted: Vec<&str> = template.split('/').filter(|s| !s.is_empty()).collect();
    let given: Vec<&str> = path.split('/').filter(|s| !s.is_empty()).collect();
    let label = |w: &str| w.starts_with('{');
    if let Some(greedy) = wanted.iter().position(|w| w.ends_with("+}")) {
        let (before, after) = (&wanted[..greedy], &wanted[greedy + 1..]);
        return given.len() > before.len() + after.len()
            && before.iter().zip(&given).all(|(w, g)| label(w) || w == g)
            && after
                .iter()
                .rev()
                .zip(given.iter().rev())
                .all(|(w, g)| label(w) || w == g);
    }
    given.len() >= wanted.len()
        && wanted
            .iter()
            .rev()
            .zip(given.iter().rev())
            .all(|(w, g)| label(w) || w == g)
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;
    use crate::model;

    #[test]
    fn nothing_denied_is_on_the_list() {
        assert!(list().len() > 1000);
        for line in list() {
            let (service, operation) = line.split_once(':').unwrap();
            assert_eq!(denied::reason(service, operation), None, "{line}");
        }
        let sorted: Vec<_> = include_str!("../allow.txt").lines().collect();
        assert!(sorted.is_sorted());
    }

    #[test]
    fn histories_are_asked_for_reviewed_types_alone() {
        let ask = |t: serde_json::Value| {
            let params = serde_json::json!({ "resourceType": t });
            by_params(
                "config",
                "GetResourceConfigHistory",
                params.as_object().unwrap(),
            )
        };
        ask("AWS::EC2::Volume".into()).unwrap();
        for t in [
            "AWS::Lambda::Function",
            "AWS::EC2::Instance",
            "aws::ec2::volume",
        ] {
            assert!(ask(t.into()).is_err(), "{t}");
        }
        assert!(ask(serde_json::json!(["AWS::EC2::Volume"])).is_err());
        assert!(by_params("config", "GetResourceConfigHistory", &Default::default()).is_err());
        by_params("config", "ListDiscoveredResources", &Default::default()).unwrap();
    }

    #[test]
    fn every_modelled_operation_is_on_the_list() {
        for service in model::services() {
            for name in model::service(service).unwrap().operations.keys() {
                by_name(service, name).unwrap();
            }
        }
    }

    #[test]
    fn refusals_say_why() {
        let secret = by_name("secretsmanager", "GetSecretValue").unwrap_err();
        assert!(secret.contains("secrets"), "{secret}");
        let near = by_name("s3", "ListBucket").unwrap_err();
        assert!(near.contains("s3:ListBuckets"), "{near}");
        assert!(by_name("iam", "DeleteUser").is_err());
    }

    fn check(service: &str, name: &str, wire: Wire<'_>) -> Result<(), String> {
        let model = model::service(service).unwrap();
        by_wire(model, name, &model.operations[name], &wire)
    }

    fn plain<'a>(method: &'a str, uri: &'a str) -> Wire<'a> {
        Wire {
            method,
            uri,
            target: None,
            body: b"",
        }
    }

    #[test]
    fn rest_requests_are_held_to_method_and_template() {
        let get = |m, u| check("s3", "GetBucketPolicy", plain(m, u));
        get("GET", "https://b.s3.amazonaws.com/?policy").unwrap();
        get("GET", "http://127.0.0.1:5000/b?policy").unwrap();
        get("PUT", "https://b.s3.amazonaws.com/?policy").unwrap_err();
        get("DELETE", "https://b.s3.amazonaws.com/?policy").unwrap_err();
        get("GET", "https://b.s3.amazonaws.com/?acl").unwrap_err();
        let list = |m, u| check("lambda", "ListFunctions", plain(m, u));
        list("GET", "https://lambda.example/2015-03-31/functions").unwrap();
        list("POST", "https://lambda.example/2015-03-31/functions").unwrap_err();
        list("GET", "https://lambda.example/2015-03-31/other").unwrap_err();
    }

    #[test]
    fn query_and_json_requests_are_held_to_their_action() {
        let iam = |body: &[u8]| {
            let wire = Wire {
                body,
                ..plain("POST", "https://iam.amazonaws.com/")
            };
            check("iam", "ListAccountAliases", wire)
        };
        iam(b"Action=ListAccountAliases&Version=2010-05-08").unwrap();
        iam(b"Action=DeleteUser&Version=2010-05-08").unwrap_err();
        iam(b"Action=ListAccountAliases&Version=2010-05-08&Action=DeleteUser").unwrap_err();
        iam(b"Action=ListAccountAliasesX&Version=2010-05-08").unwrap_err();
        let kms = |target| {
            let wire = Wire {
                target: Some(target),
                ..plain("POST", "https://kms.example/")
            };
            check("kms", "ListKeys", wire)
        };
        kms("TrentService.ListKeys").unwrap();
        kms("TrentService.ScheduleKeyDeletion").unwrap_err();
    }
}
