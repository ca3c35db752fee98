//! Errors as the provider tells them, and what they mean for a reader.

use serde_json::Value;
use shoseki_model::{ApiError, Cause, parse_json};

/// Codes of Microsoft Graph for calls that the tenant's licence does not allow:
/// those that answers of the calls of our collectors are known to carry.
///
/// - Sign-in activity and registration details, status 403:
///   <https://github.com/microsoftgraph/microsoft-graph-docs/issues/12772>,
///   <https://github.com/MicrosoftDocs/azure-docs/pull/77948>.
/// - Schedules of Privileged Identity Management, status 400: the extraction of
///   such schedules in <https://github.com/microsoft/Microsoft365DSC>.
///
/// Conditional Access is listed without a licence, and then truly empty. Access
/// reviews are refused with status 403, no code and the words of a missing right,
/// which stays a refusal.
pub const UNLICENSED: &[&str] = &[
    "Authentication_RequestFromNonPremiumTenantOrB2CTenant",
    "AadPremiumLicenseRequired",
];

/// Words that tell a missing licence where the code does not. Sources, in order:
/// the issue 12772 above; <https://github.com/microsoft/EntraExporter/issues/61>;
/// the newer words of the same answer (code `BadRequest` or
/// `AadPremiumLicenseRequired`); Identity Protection (code `Forbidden`);
/// <https://github.com/AzureAD/AzureAD-Governance-Assessment/issues/2>.
const LICENCE_WORDS: &[&str] = &[
    "tenant doesn't have premium license",
    "The tenant needs an AAD Premium",
    "The tenant needs to have Microsoft Entra ID",
    "Your tenant is not licensed for this feature",
    "Tenant does not meet license requirement",
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
/// Microsoft Graph wraps the errors of some services once more: the code is
/// `UnknownError` and the message holds theirs as JSON
/// (<https://github.com/microsoftgraph/microsoft-graph-docs/issues/22292>).
pub fn told(body: &[u8]) -> Option<ApiError> {
    let v = parse_json(body).ok()?;
    let inner = match &v {
        Value::Object(m) => m
            .get("error")
            .or_else(|| m.get("odata.error"))
            .unwrap_or(&v),
        _ => return None,
    };
    let outer = ApiError {
        code: text(inner, ["code", "Code"])?,
        message: text(inner, ["message", "Message"]).unwrap_or_default(),
    };
    Some(unwrapped(&outer).unwrap_or(outer))
}

fn text(error: &Value, names: [&str; 2]) -> Option<String> {
    names.iter().find_map(|n| match &error[n] {
        Value::String(s) => Some(s.clone()),
        Value::Object(o) => o.get("value").and_then(Value::as_str).map(str::to_owned),
        _ => None,
    })
}

/// The error inside an error that has no code of its own.
fn unwrapped(outer: &ApiError) -> Option<ApiError> {
    if outer.code != "UnknownError" {
        return None;
    }
    let inner = parse_json(outer.message.as_bytes()).ok()?;
    Some(ApiError {
        code: text(&inner, ["errorCode", "ErrorCode"]).filter(|c| !c.is_empty())?,
        message: text(&inner, ["message", "Message"]).unwrap_or_default(),
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

    #[test]
    fn a_missing_licence_is_told_from_a_refusal() {
        let told = |status: u16, code: &str, message: &str| {
            let body = serde_json::json!({"error": {"code": code, "message": message}});
            of(status, &body.to_string())
        };
        let pim = "The tenant needs to have Microsoft Entra ID P2 or Microsoft Entra ID Governance license.";
        for (status, code, message) in [
            (400, "AadPremiumLicenseRequired", pim),
            (
                400,
                "AadPremiumLicenseRequired",
                "The tenant needs an AAD Premium 2 license.",
            ),
            (400, "BadRequest", pim),
            (
                403,
                "Forbidden",
                "Your tenant is not licensed for this feature.",
            ),
        ] {
            assert_eq!(
                told(status, code, message),
                (code.to_owned(), Cause::Unlicensed)
            );
        }
        // One more wrapper, as Privileged Identity Management has it.
        let wrapped = |code: &str| {
            serde_json::json!({"errorCode": code, "message": "m", "instanceAnnotations": []})
                .to_string()
        };
        let (licence, right) = ("AadPremiumLicenseRequired", "PermissionScopeNotGranted");
        assert_eq!(
            told(400, "UnknownError", &wrapped(licence)),
            (licence.to_owned(), Cause::Unlicensed)
        );
        assert_eq!(
            told(403, "UnknownError", &wrapped(right)),
            (right.to_owned(), Cause::Denied)
        );
        assert_eq!(told(400, "UnknownError", "plain").1, Cause::Rejected);
        // Words of licences in general are none of these.
        assert_eq!(
            told(403, "Forbidden", "a premium license may help").1,
            Cause::Denied
        );
        assert_eq!(
            told(403, "", "Attempted to perform an unauthorized operation.").1,
            Cause::Denied
        );
    }
}
