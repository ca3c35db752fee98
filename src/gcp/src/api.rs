//! What the models say, for checks without a call.

use crate::guard::{by_name, nearest};
use crate::model::{self, Method, Service, Shape};
use shoseki_collect::{Api, OperationInfo};
use shoseki_model::Kind;

/// The embedded models.
#[derive(Clone, Copy, Debug, Default)]
pub struct Models;

/// How deep schemas are followed; below, every path is allowed.
const DEPTH: usize = 12;

/// The member of a request that holds its body.
pub(crate) const BODY: &str = "body";

/// Prefixes of permissions that are not the service's name. Source:
/// <https://cloud.google.com/iam/docs/permissions-reference>.
const PREFIXES: &[(&str, &str)] = &[
    ("cloudresourcemanager", "resourcemanager"),
    ("sqladmin", "cloudsql"),
    ("bigtableadmin", "bigtable"),
];

/// The method `service:name`; `Err` says what to do.
pub(crate) fn method(
    service: &str,
    name: &str,
) -> Result<(&'static Service, &'static str, &'static Method), String> {
    by_name(service, name)?;
    let unmodelled = || {
        format!(
            "{service}:{name} reads, but its model is not built in: name it as a call in a \
             collector and run `cargo xtask gen`"
        )
    };
    let model = model::service(service).ok_or_else(unmodelled)?;
    let (name, method) = model.methods.get_key_value(name).ok_or_else(|| {
        let near = nearest(name, model.methods.keys().map(String::as_str));
        match near {
            Some(near) => format!("{}; built in is {near}", unmodelled()),
            None => unmodelled(),
        }
    })?;
    Ok((model, name, method))
}

/// Codes by which Google's APIs refuse, throttle and fail. Sources: `google.rpc.Code`,
/// the reasons of `google.api.ErrorReason`
/// (<https://github.com/googleapis/googleapis/blob/master/google/api/error_reason.proto>)
/// and the older reasons of
/// <https://cloud.google.com/storage/docs/json_api/v1/status-codes>.
const NEVER_ABSENT: &[&str] = &[
    "ABORTED",
    "ACCESS_TOKEN_EXPIRED",
    "ACCESS_TOKEN_SCOPE_INSUFFICIENT",
    "ACCESS_TOKEN_TYPE_UNSUPPORTED",
    "ACCOUNT_STATE_INVALID",
    "API_KEY_INVALID",
    "BILLING_DISABLED",
    "CANCELLED",
    "CONSUMER_INVALID",
    "CONSUMER_SUSPENDED",
    "CREDENTIALS_MISSING",
    "DATA_LOSS",
    "DEADLINE_EXCEEDED",
    "IAM_PERMISSION_DENIED",
    "INTERNAL",
    "LOCATION_POLICY_VIOLATED",
    "ORG_RESTRICTION_VIOLATION",
    "PERMISSION_DENIED",
    "RATE_LIMIT_EXCEEDED",
    "RESOURCE_EXHAUSTED",
    "RESOURCE_QUOTA_EXCEEDED",
    "SECURITY_POLICY_VIOLATED",
    "UNAUTHENTICATED",
    "UNAVAILABLE",
    "UNKNOWN",
    "USER_PROJECT_DENIED",
    "VPC_SERVICE_CONTROLS",
    "authError",
    "backendError",
    "dailyLimitExceeded",
    "forbidden",
    "insufficientPermissions",
    "internalError",
    "quotaExceeded",
    "rateLimitExceeded",
    "required",
    "userRateLimitExceeded",
];

impl Api for Models {
    fn cloud(&self) -> &'static str {
        "gcp"
    }

    fn levels(&self) -> &'static [&'static str] {
        &["project", "folder", "organization"]
    }

    fn never_absent(&self, code: &str) -> bool {
        NEVER_ABSENT.contains(&code)
    }

    fn operation(&self, service: &str, operation: &str) -> Result<OperationInfo, String> {
        let (model, name, method) = method(service, operation)?;
        let answer = Shape::Ref(method.answer.clone());
        let output = kind(model, &answer, &mut Vec::new());
        let mut input: indexmap::IndexMap<String, Kind> = method
            .params
            .iter()
            .map(|(name, p)| {
                let one = kind(model, &p.of, &mut Vec::new());
                let kind = match p.repeated {
                    true => Kind::List(Box::new(one)),
                    false => one,
                };
                (name.clone(), kind)
            })
            .collect();
        if let Some(body) = &method.body {
            let body = kind(model, &Shape::Ref(body.clone()), &mut Vec::new());
            input.insert(BODY.to_owned(), body);
        }
        let required = method.params.iter().filter(|(_, p)| p.required);
        let tokens = ["nextPageToken", "nextToken", "pageToken"];
        Ok(OperationInfo {
            input: Kind::Object(input),
            required: required.map(|(n, _)| n.clone()).collect(),
            token_members: tokens
                .iter()
                .filter(|t| output.member(t).is_some() && output != Kind::Any)
                .map(|t| (*t).to_owned())
                .collect(),
            output,
            paginated: method.pages,
            permission: permission(service, name),
        })
    }

    fn readable(&self, service: &str, operation: &str) -> Result<(), String> {
        by_name(service, operation)
    }
}

/// The permission by the general rule, `<service>.<resource>.<verb>`.
fn permission(service: &str, method: &str) -> String {
    let prefix = PREFIXES
        .iter()
        .find(|(s, _)| *s == service)
        .map_or(service, |(_, prefix)| prefix);
    let mut pieces = method.rsplit('.');
    let verb = match pieces.next().unwrap_or_default() {
        "aggregatedList" => "list",
        verb => verb,
    };
    match pieces.next() {
        Some(resource) => format!("{prefix}.{resource}.{verb}"),
        None => format!("{prefix}.{verb}"),
    }
}

fn kind<'m>(model: &'m Service, shape: &'m Shape, above: &mut Vec<&'m str>) -> Kind {
    match shape {
        Shape::Any => Kind::Any,
        Shape::Bool => Kind::Bool,
        Shape::Int | Shape::Long => Kind::Int,
        Shape::Float => Kind::Float,
        Shape::Str | Shape::Secret | Shape::Unless { .. } => Kind::Str,
        Shape::Time => Kind::Time,
        Shape::List(e) => Kind::List(Box::new(kind(model, e, above))),
        Shape::Map(v) => Kind::Map(Box::new(kind(model, v, above))),
        Shape::Object(members) => Kind::Object(
            members
                .iter()
                .map(|(name, of)| (name.clone(), kind(model, of, above)))
                .collect(),
        ),
        Shape::Ref(name) if above.contains(&name.as_str()) || above.len() >= DEPTH => Kind::Any,
        Shape::Ref(name) => {
            above.push(name);
            let found = kind(model, model.schema(name), above);
            above.pop();
            found
        }
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    #[test]
    fn methods_tell_parameters_answers_and_permission() {
        let list = Models.operation("storage", "buckets.list").unwrap();
        assert_eq!(list.permission, "storage.buckets.list");
        assert!(list.paginated);
        assert_eq!(list.required, ["project"]);
        assert_eq!(
            list.output
                .at("items[].iamConfiguration.uniformBucketLevelAccess.enabled"),
            Some(&Kind::Bool)
        );
        assert_eq!(
            list.output.at("items[].retentionPolicy.retentionPeriod"),
            Some(&Kind::Int)
        );
        assert_eq!(list.output.at("items[].nothing"), None);
        let policy = Models
            .operation("cloudresourcemanager", "projects.getIamPolicy")
            .unwrap();
        assert_eq!(policy.permission, "resourcemanager.projects.getIamPolicy");
        let version = "body.options.requestedPolicyVersion";
        assert_eq!(policy.input.at(version), Some(&Kind::Int));
    }

    #[test]
    fn unknown_names_get_the_nearest() {
        let wrong = Models.operation("storage", "bucket.list").unwrap_err();
        assert!(wrong.contains("buckets.list"), "{wrong}");
        let unmodelled = Models
            .operation("storage", "buckets.getStorageLayout")
            .unwrap_err();
        assert!(unmodelled.contains("not built in"), "{unmodelled}");
    }
}
