//! What the models say, for checks without a call.

use crate::guard::{by_name, nearest};
use crate::model::{Member, Of, Scalar, Service, Shape};
use crate::page::is_token_name;
use crate::registry;
use shoseki_collect::{Api, OperationInfo};
use shoseki_model::Kind;

/// The embedded models.
#[derive(Clone, Copy, Debug, Default)]
pub struct Models;

/// How deep shapes are followed; below, every path is allowed.
const DEPTH: usize = 12;

/// IAM prefixes that are not the name in the signature. Source: the service
/// prefixes of
/// <https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html>.
const PREFIXES: &[(&str, &str)] = &[
    ("cloudwatch", "cloudwatch"),
    ("resourcegroupstaggingapi", "tag"),
];

/// Codes that AWS services use for refusals, throttling and failures of their
/// own. Sources: the common errors of the services' API references, and the
/// retryable codes in botocore's `retries/standard.py`.
const NEVER_ABSENT: &[&str] = &[
    "AccessDenied",
    "AccessDeniedException",
    "AuthFailure",
    "AuthorizationError",
    "AuthorizationErrorException",
    "ExpiredToken",
    "ExpiredTokenException",
    "InternalError",
    "InternalFailure",
    "InternalServerError",
    "InternalServerException",
    "InvalidClientTokenId",
    "RequestLimitExceeded",
    "RequestTimeout",
    "ServiceUnavailable",
    "SignatureDoesNotMatch",
    "SlowDown",
    "Throttling",
    "ThrottlingException",
    "TooManyRequestsException",
    "UnauthorizedOperation",
    "UnrecognizedClientException",
];

impl Api for Models {
    fn cloud(&self) -> &'static str {
        "aws"
    }

    fn levels(&self) -> &'static [&'static str] {
        &["account"]
    }

    fn never_absent(&self, code: &str) -> bool {
        NEVER_ABSENT.contains(&code)
    }

    fn operation(&self, service: &str, operation: &str) -> Result<OperationInfo, String> {
        let (loaded, name, op) = registry::operation(service, operation).map_err(|why| {
            let near = crate::model::service(service)
                .and_then(|m| nearest(operation, m.operations.keys().map(String::as_str)));
            match near {
                Some(near) if near != operation => format!("{why}; built in is {near}"),
                _ => why,
            }
        })?;
        let model = loaded.model;
        let output = model.output(op);
        Ok(OperationInfo {
            input: object(model, model.input(op), &mut Vec::new()),
            required: model
                .input(op)
                .iter()
                .filter(|m| m.required)
                .map(|m| m.name.clone())
                .collect(),
            output: object(model, output, &mut Vec::new()),
            paginated: op.pages.is_some(),
            token_members: output
                .iter()
                .map(|m| &m.name)
                .filter(|n| is_token_name(n))
                .cloned()
                .collect(),
            permission: permission(service, model, name),
        })
    }

    fn readable(&self, service: &str, operation: &str) -> Result<(), String> {
        by_name(service, operation)
    }
}

/// The IAM action by the general rule.
fn permission(service: &str, model: &Service, operation: &str) -> String {
    if matches!(service, "apigateway" | "apigatewayv2") {
        // API Gateway's actions are HTTP methods.
        return "apigateway:GET".to_owned();
    }
    let prefix = PREFIXES
        .iter()
        .find(|(s, _)| *s == service)
        .map_or(model.signing(), |(_, prefix)| prefix);
    format!("{prefix}:{operation}")
}

fn object(model: &Service, members: &[Member], above: &mut Vec<usize>) -> Kind {
    Kind::Object(
        members
            .iter()
            .map(|m| (m.name.clone(), kind(model, m, above)))
            .collect(),
    )
}

fn kind(model: &Service, m: &Member, above: &mut Vec<usize>) -> Kind {
    let index = match m.of {
        // A policy is decoded, so that its parts can be read.
        _ if m.policy => return Kind::Any,
        Of::Scalar(scalar) => return scalar_kind(scalar, m.secret),
        Of::Shape(index) => index,
    };
    if above.contains(&index) || above.len() >= DEPTH {
        return Kind::Any;
    }
    above.push(index);
    let found = match model.shapes.get(index) {
        Some(Shape::Structure(s)) => object(model, &s.members, above),
        Some(Shape::List(e)) => Kind::List(Box::new(kind(model, e, above))),
        Some(Shape::Map(kv)) => Kind::Map(Box::new(kind(model, &kv.1, above))),
        None => Kind::Any,
    };
    above.pop();
    found
}

fn scalar_kind(scalar: Scalar, secret: bool) -> Kind {
    match scalar {
        Scalar::Document => Kind::Any,
        _ if secret => Kind::Str,
        Scalar::String | Scalar::Blob => Kind::Str,
        Scalar::Boolean => Kind::Bool,
        Scalar::Integer | Scalar::Long => Kind::Int,
        Scalar::Float | Scalar::Double => Kind::Float,
        Scalar::Timestamp => Kind::Time,
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    #[test]
    fn operations_tell_members_and_permission() {
        let keys = Models.operation("kms", "ListKeys").unwrap();
        assert_eq!(keys.permission, "kms:ListKeys");
        assert!(keys.paginated);
        assert_eq!(keys.output.at("Keys[].KeyArn"), Some(&Kind::Str));
        assert_eq!(keys.output.at("Keys[].Nothing"), None);
        assert_eq!(keys.token_members, ["NextMarker"]);
        let policy = Models.operation("s3", "GetBucketPolicy").unwrap();
        assert_eq!(policy.required, ["Bucket"]);
    }

    #[test]
    fn unknown_names_get_the_nearest() {
        let wrong = Models.operation("kms", "ListKeyz").unwrap_err();
        assert!(wrong.contains("ListKeys"), "{wrong}");
        let wrong = Models.operation("iamm", "ListAccountAliases").unwrap_err();
        assert!(wrong.contains("iam"), "{wrong}");
        let unmodelled = Models.operation("waf", "ListRules").unwrap_err();
        assert!(unmodelled.contains("not built in"), "{unmodelled}");
    }
}
