//! Errors as the provider tells them, and what they mean for a reader.

use serde_json::Value;
use shoseki_model::{ApiError, Cause, parse_json};

/// Codes of Microsoft Graph for calls that the tenant's licence does not allow.
/// Sources: <https://learn.microsoft.com/graph/api/resources/signinactivity>
/// (premium tenants), answers quoted in the documentation of the reports and of
/// Privileged Identity Management.
pub const UNLICENSED: &[&str] = &[
    "Authentication_RequestFromNonPremiumTenantOrB2CTenant",
    "AadPremiumLicenseRequired",
];

/// Words that tell a missing licence where the code does not.
const LICENCE_WORDS: &[&str] = &[
    "doesn't have premium license",
    "does not have premium license",
    "doesn't have an Azure AD Premium",
    "not licensed",
    "requires a license",
    "AAD Premium",
    "premium license",
];

const DENIED: &[&str] = &[
    "AuthenticationFailed",
    "AuthorizationFailed",
    "Authorization_RequestDenied",
    "AuthenticationFailedInvalidHeader",
    "ExpiredAuthenticationToken",
    "Forbidden",
    "InvalidAuthenticationToken",
    "InvalidAuthenticationTokenTenant",
    "LinkedAuthorizationFailed",
    "RequestDisallowedByPolicy",
    "Unauthorized",
    "UnauthorizedAccess",
    "accessDenied",
    "unauthenticated",
];

const THROTTLED: &[&str] = &[
    "RateLimiting",
    "RequestThrottled",
    "SubscriptionRequestsThrottled",
    "TenantRequestsThrottled",
    "TooManyRequests",
    "Request_ThrottledTemporarily",
    "ResourceRequestsThrottled",
    "activityLimitReached",
    "tooManyRequests",
];

/// What an error means.
pub fn cause(error: &ApiError, status: u16) -> Cause {
    let code = error.code.as_str();
    let licence = UNLICENSED.contains(&code)
        || (matches!(status, 400 | 403) && LICENCE_WORDS.iter().any(|w| error.message.contains(w)));
    match (code, status) {
        _ if licence => Cause::Unlicensed,
        (c, _) if THROTTLED.contains(&c) => Cause::Throttled,
        (c, _) if DENIED.contains(&c) => Cause::Denied,
        (_, 429) => Cause::Throttled,
        (_, 401 | 403) => Cause::Denied,
        (_, 408) => Cause::Timeout,
        (_, 500..) => Cause::ServerError,
        _ => Cause::Rejected,
    }
}

/// The error in an answer, where there is one in the provider's form:
/// `{"error": {"code", "message"}}`, some resource providers leave the wrapper out.
pub fn told(body: &[u8]) -> Option<ApiError> {
    let v = parse_json(body).ok()?;
    let inner = match &v {
        Value::Object(m) => m
            .get("error")
            .or_else(|| m.get("odata.error"))
            .unwrap_or(&v),
        _ => return None,
    };
    let text = |names: [&str; 2]| {
        names.iter().find_map(|n| match &inner[n] {
            Value::String(s) => Some(s.clone()),
            Value::Object(o) => o.get("value").and_then(Value::as_str).map(str::to_owned),
            _ => None,
        })
    };
    Some(ApiError {
        code: text(["code", "Code"])?,
        message: text(["message", "Message"]).unwrap_or_default(),
    })
}

/// The error of an answer whose status is one: in the provider's words, or the
/// status where it has none.
pub fn of_status(status: u16, body: &[u8]) -> Result<ApiError, String> {
    match told(body) {
        Some(e) => Ok(e),
        None if body.is_empty() || status >= 500 || status == 429 => Ok(ApiError {
            code: status.to_string(),
            message: String::new(),
        }),
        None => Err(format!(
            "status {status} with a body that is not in the provider's form"
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(status: u16, body: &str) -> (String, Cause) {
        let e = of_status(status, body.as_bytes()).unwrap_or_default();
        let cause = cause(&e, status);
        (e.code, cause)
    }

    #[test]
    fn causes_follow_code_and_status() {
        let arm = r#"{"error":{"code":"AuthorizationFailed","message":"no"}}"#;
        assert_eq!(of(403, arm), ("AuthorizationFailed".into(), Cause::Denied));
        let flat = r#"{"code":"ResourceNotFound","message":"none"}"#;
        assert_eq!(of(404, flat), ("ResourceNotFound".into(), Cause::Rejected));
        assert_eq!(of(429, "").1, Cause::Throttled);
        assert_eq!(of(503, "<html>").1, Cause::ServerError);
        let licence = r#"{"error":{"code":"Authentication_RequestFromNonPremiumTenantOrB2CTenant","message":"Neither tenant is B2C or tenant doesn't have premium license"}}"#;
        assert_eq!(of(403, licence).1, Cause::Unlicensed);
        assert!(of_status(404, b"<html>not json").is_err());
    }
}
