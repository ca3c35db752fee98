//! What Google's errors mean.

use serde_json::Value;
use shoseki_model::{ApiError, Cause};

/// Reasons that are neither a missing permission nor throttling, although the
/// status is that of a refusal. Source: `google.api.ErrorReason`,
/// <https://github.com/googleapis/googleapis/blob/master/google/api/error_reason.proto>.
const NOT_A_DENIAL: &[&str] = &[
    "BILLING_DISABLED",
    "CONSUMER_INVALID",
    "CONSUMER_SUSPENDED",
    "SERVICE_DISABLED",
];

/// Reasons of throttling; the older ones come with status 403. Source:
/// <https://cloud.google.com/storage/docs/json_api/v1/status-codes> and
/// `google.api.ErrorReason`.
const THROTTLED: &[&str] = &[
    "RATE_LIMIT_EXCEEDED",
    "RESOURCE_EXHAUSTED",
    "dailyLimitExceeded",
    "quotaExceeded",
    "rateLimitExceeded",
    "userRateLimitExceeded",
];

/// The error in an answer with a status that is none of success; `None` where the
/// body is not in the provider's form.
pub(crate) fn read(status: u16, body: &[u8]) -> Option<(ApiError, Cause)> {
    let told = serde_json::from_slice::<Value>(body)
        .ok()
        .and_then(|v| told(&v["error"]));
    let error = match told {
        Some(error) => error,
        // A front end's own words: the status is all there is.
        None if status >= 500 || status == 429 => ApiError {
            code: status.to_string(),
            message: String::new(),
        },
        None => return None,
    };
    let cause = cause(status, &error.code);
    Some((error, cause))
}

/// Code and message: `google.rpc.ErrorInfo` where there is one, else the status of
/// `google.rpc.Status`, else the reason of the older form.
fn told(error: &Value) -> Option<ApiError> {
    let details = error["details"].as_array().into_iter().flatten();
    let info = details
        .filter(|d| d["@type"] == "type.googleapis.com/google.rpc.ErrorInfo")
        .find_map(|d| d["reason"].as_str());
    let older = error["errors"][0]["reason"].as_str();
    let code = match (info, error["status"].as_str(), older) {
        (Some(reason), _, _) => reason,
        (_, _, Some("accessNotConfigured")) => "SERVICE_DISABLED",
        (_, Some(status), _) => status,
        (_, _, Some(reason)) => reason,
        _ => "",
    };
    let message = error["message"].as_str().unwrap_or_default();
    match (code, error["code"].as_u64()) {
        ("", Some(number)) => Some((number.to_string(), message)),
        ("", None) => None,
        _ => Some((code.to_owned(), message)),
    }
    .map(|(code, message)| ApiError {
        code,
        message: message.to_owned(),
    })
}

fn cause(status: u16, code: &str) -> Cause {
    match (code, status) {
        (c, _) if THROTTLED.contains(&c) => Cause::Throttled,
        (c, _) if NOT_A_DENIAL.contains(&c) => Cause::Rejected,
        (_, 429) => Cause::Throttled,
        ("DEADLINE_EXCEEDED", _) | (_, 408 | 504) => Cause::Timeout,
        (_, 401 | 403) => Cause::Denied,
        (_, 500..) => Cause::ServerError,
        _ => Cause::Rejected,
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;
    use serde_json::json;

    fn code(status: u16, body: &Value) -> (String, Cause) {
        let (error, cause) = read(status, body.to_string().as_bytes()).unwrap();
        (error.code, cause)
    }

    #[test]
    fn refusals_are_told_apart() {
        let info = |reason: &str| {
            json!({"error": {"code": 403, "status": "PERMISSION_DENIED", "message": "m", "details": [
                {"@type": "type.googleapis.com/google.rpc.Help"},
                {"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": reason},
            ]}})
        };
        let is = |code: &str, cause| (code.to_owned(), cause);
        for (reason, cause) in [
            ("SERVICE_DISABLED", Cause::Rejected),
            ("BILLING_DISABLED", Cause::Rejected),
            ("IAM_PERMISSION_DENIED", Cause::Denied),
            ("RATE_LIMIT_EXCEEDED", Cause::Throttled),
            ("SECURITY_POLICY_VIOLATED", Cause::Denied),
        ] {
            assert_eq!(code(403, &info(reason)), is(reason, cause));
        }
        let plain = json!({"error": {"code": 403, "status": "PERMISSION_DENIED"}});
        assert_eq!(code(403, &plain), is("PERMISSION_DENIED", Cause::Denied));
        let older = |reason: &str| json!({"error": {"code": 403, "errors": [{"reason": reason}]}});
        assert_eq!(
            code(403, &older("accessNotConfigured")),
            is("SERVICE_DISABLED", Cause::Rejected)
        );
        assert_eq!(
            code(403, &older("forbidden")),
            is("forbidden", Cause::Denied)
        );
        assert_eq!(
            code(403, &older("rateLimitExceeded")),
            is("rateLimitExceeded", Cause::Throttled)
        );
        let both = json!({"error": {"code": 404, "status": "NOT_FOUND", "errors": [{"reason": "notFound"}]}});
        assert_eq!(code(404, &both), is("NOT_FOUND", Cause::Rejected));
    }

    #[test]
    fn what_is_no_error_of_google_is_not_taken_for_one() {
        assert!(read(403, b"<html>proxy</html>").is_none());
        assert!(read(404, b"").is_none());
        assert!(read(400, br#"{"error":"invalid_grant"}"#).is_none());
        assert_eq!(read(502, b"<html>").unwrap().1, Cause::ServerError);
        assert_eq!(read(429, b"").unwrap().1, Cause::Throttled);
    }
}
