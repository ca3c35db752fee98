//! What single services want beside their models (botocore's `handlers.py`).

use crate::model::Operation;
use crate::registry::Loaded;
use serde_json::{Map, Value};
use std::borrow::Cow;

/// Route 53 answers ids as `/hostedzone/Z1` and takes `Z1`.
pub(crate) fn params<'p>(
    service: &Loaded,
    params: &'p Map<String, Value>,
) -> Cow<'p, Map<String, Value>> {
    let prefixed =
        |k: &str, v: &Value| k.ends_with("Id") && v.as_str().is_some_and(|s| s.starts_with('/'));
    if service.key != "route53" || !params.iter().any(|(k, v)| prefixed(k, v)) {
        return Cow::Borrowed(params);
    }
    let bare = |k: &String, v: &Value| match v.as_str() {
        Some(s) if prefixed(k, v) => Value::from(s.rsplit('/').next().unwrap_or(s)),
        _ => v.clone(),
    };
    Cow::Owned(
        params
            .iter()
            .map(|(k, v)| (k.clone(), bare(k, v)))
            .collect(),
    )
}

/// Headers that a service wants on every request.
pub(crate) fn headers(service: &Loaded) -> Option<(&'static str, &'static str)> {
    if service.model.query_compatible {
        Some(("x-amzn-query-mode", "true"))
    } else if service.key == "apigateway" {
        // Without it the answer is HAL, with other member names.
        Some(("accept", "application/json"))
    } else {
        None
    }
}

/// Adds the endpoint parameters that the request itself decides.
pub(crate) fn endpoint(
    service: &Loaded,
    operation: &Operation,
    params: &Map<String, Value>,
    overridden: bool,
    to: &mut Map<String, Value>,
) {
    let mut take = |name: &str| {
        if let Some(v) = params.get(name) {
            to.insert(name.to_owned(), v.clone());
        }
    };
    match service.key.as_str() {
        "s3" if operation.uri.starts_with("/{Bucket}") => take("Bucket"),
        // The account would be put before the host, which only AWS answers to.
        "s3control" if overridden => {
            to.insert("RequiresAccountId".to_owned(), false.into());
        }
        "s3control" => {
            take("AccountId");
            take("AccessPointName");
        }
        _ => {}
    }
}

/// The bucket whose region decides where a request goes.
pub(crate) fn bucket<'p>(service: &Loaded, params: &'p Map<String, Value>) -> Option<&'p str> {
    if service.key != "s3" {
        return None;
    }
    params.get("Bucket").and_then(Value::as_str)
}

/// Whether an error of S3 means that the bucket is in another region.
pub(crate) fn is_redirect(status: u16, code: &str) -> bool {
    matches!(status, 301 | 307)
        || matches!(
            code,
            "PermanentRedirect"
                | "AuthorizationHeaderMalformed"
                | "IllegalLocationConstraintException"
        )
        // HEAD has no body to say more.
        || (status == 400 && code == "400")
}
