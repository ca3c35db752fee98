//! Errors as the provider tells them, and what they mean for a reader.

use crate::model::{Protocol, Service};
use aws_smithy_types::error::metadata::{ErrorMetadata, ProvideErrorMetadata};
use aws_smithy_types::retry::{ErrorKind, ProvideErrorKind};
use roxmltree::{Document, Node};
use serde_json::Value;
use shoseki_model::{ApiError, Cause};
use std::fmt;

/// An answer that is no usable one.
#[derive(Clone, Debug)]
pub(crate) struct CallError {
    /// Code and message, for the SDK's retry classifiers too.
    meta: ErrorMetadata,
    /// HTTP status.
    pub(crate) status: u16,
    /// What is wrong, decided where the answer was read.
    pub(crate) kind: Kind,
    /// Region that the provider points to.
    pub(crate) region: Option<String>,
}

/// Kinds of unusable answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// The provider answered with an error.
    Provider,
    /// The answer could not be read.
    Malformed,
}

impl CallError {
    /// An answer that could not be read, and why.
    pub(crate) fn malformed(status: u16, why: &str) -> Self {
        Self {
            meta: ErrorMetadata::builder().message(why).build(),
            status,
            kind: Kind::Malformed,
            region: None,
        }
    }

    /// Reads the error out of an answer.
    pub(crate) fn read(
        model: &Service,
        status: u16,
        header: impl Fn(&str) -> Option<String>,
        body: &[u8],
    ) -> Self {
        let region = header("x-amz-bucket-region");
        let told = if model.protocol.is_xml() {
            xml(body)
        } else {
            json(model, &header, body)
        };
        match told {
            Some(told) => Self {
                meta: ErrorMetadata::builder()
                    .code(told.code)
                    .message(told.message)
                    .build(),
                status,
                kind: Kind::Provider,
                region: region.or(told.region),
            },
            // Answers to HEAD have no body: the status is all there is. A 5xx
            // without the provider's words is a failure all the same.
            None if body.is_empty() || status >= 500 || status == 429 => Self {
                meta: ErrorMetadata::builder().code(status.to_string()).build(),
                status,
                kind: Kind::Provider,
                region,
            },
            None => Self::malformed(
                status,
                &format!("status {status} with a body that is not in the provider's form"),
            ),
        }
    }

    /// The error as it is stored.
    pub(crate) fn api_error(&self) -> ApiError {
        ApiError {
            code: self.meta.code().unwrap_or_default().to_owned(),
            message: self.meta.message().unwrap_or_default().to_owned(),
        }
    }

    /// The cause, except where the region matters (see [`region_disabled`]).
    pub(crate) fn cause(&self) -> Cause {
        match self.kind {
            Kind::Malformed => Cause::Malformed,
            Kind::Provider => cause_of(self.meta.code().unwrap_or_default(), self.status),
        }
    }
}

impl fmt::Display for CallError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let code = self.meta.code().unwrap_or("no code");
        let message = self.meta.message().unwrap_or_default();
        write!(f, "{code} ({}): {message}", self.status)
    }
}

impl std::error::Error for CallError {}

impl ProvideErrorMetadata for CallError {
    fn meta(&self) -> &ErrorMetadata {
        &self.meta
    }
}

impl ProvideErrorKind for CallError {
    fn retryable_error_kind(&self) -> Option<ErrorKind> {
        (cause_of(self.meta.code().unwrap_or_default(), self.status) == Cause::Throttled)
            .then_some(ErrorKind::ThrottlingError)
    }

    fn code(&self) -> Option<&str> {
        self.meta.code()
    }
}

/// Codes of refusals that do not always come with status 403. Sources: the common
/// errors of each service's API reference, and the exceptions of botocore 1.44.5.
const DENIED: &[&str] = &[
    "AccessDenied",
    "AccessDeniedException",
    "AccessDeniedFault",
    "AuthFailure",
    "AuthorizationError",
    "AuthorizationErrorException",
    "ExpiredToken",
    "ExpiredTokenException",
    "Forbidden",
    "ForbiddenException",
    "IncompleteSignature",
    "IncompleteSignatureException",
    "InsufficientPrivilegesException",
    "InvalidAccessKeyId",
    "InvalidClientTokenId",
    "InvalidSignatureException",
    "MissingAuthenticationToken",
    "MissingAuthenticationTokenException",
    "NotAuthorized",
    "NotAuthorizedException",
    "OptInRequired",
    "RequestExpired",
    "SignatureDoesNotMatch",
    "UnauthorizedException",
    "UnauthorizedOperation",
    "UnrecognizedClientException",
];

/// Codes of throttling, as the SDKs have them
/// (<https://docs.aws.amazon.com/sdkref/latest/guide/feature-retry-behavior.html>).
const THROTTLED: &[&str] = &[
    "BandwidthLimitExceeded",
    "EC2ThrottledException",
    "PriorRequestNotComplete",
    "ProvisionedThroughputExceededException",
    "RequestLimitExceeded",
    "RequestThrottled",
    "RequestThrottledException",
    "SlowDown",
    "ThrottledException",
    "Throttling",
    "ThrottlingException",
    "TooManyRequestsException",
    "TransactionInProgressException",
];

/// Codes that keys get in a region that is switched off, and elsewhere when they
/// are wrong.
const UNKNOWN_KEY: &[&str] = &[
    "AuthFailure",
    "InvalidAccessKeyId",
    "InvalidClientTokenId",
    "UnrecognizedClientException",
];

fn cause_of(code: &str, status: u16) -> Cause {
    match (code, status) {
        (c, _) if THROTTLED.contains(&c) => Cause::Throttled,
        (c, _) if DENIED.contains(&c) => Cause::Denied,
        ("RequestTimeout" | "RequestTimeoutException", _) => Cause::Timeout,
        ("InternalError" | "InternalFailure" | "ServiceUnavailable", _) => Cause::ServerError,
        (_, 429) => Cause::Throttled,
        (_, 401 | 403) => Cause::Denied,
        (_, 500..) => Cause::ServerError,
        _ => Cause::Rejected,
    }
}

/// Whether an error means that the region is not switched on: the provider says
/// so, or it does not know keys that work at home.
pub(crate) fn region_disabled(code: &str, away: bool, home_works: bool) -> bool {
    match code {
        "OptInRequired" => away,
        _ => away && home_works && UNKNOWN_KEY.contains(&code),
    }
}

#[derive(Default)]
struct Told {
    code: String,
    message: String,
    region: Option<String>,
}

/// The first `<Error>` of a document: restXml (wrapped or not), awsQuery, ec2Query.
fn xml(body: &[u8]) -> Option<Told> {
    let document = Document::parse(std::str::from_utf8(body).ok()?).ok()?;
    let error = document
        .descendants()
        .find(|n| n.tag_name().name() == "Error")?;
    let text = |name: &str| {
        let child = error
            .children()
            .find(|n: &Node<'_, '_>| n.tag_name().name() == name);
        child.and_then(|n| n.text()).map(str::to_owned)
    };
    Some(Told {
        code: text("Code")?,
        message: text("Message").unwrap_or_default(),
        region: text("Region"),
    })
}

/// Code in a header or in the body; the order is botocore's.
fn json(model: &Service, header: &impl Fn(&str) -> Option<String>, body: &[u8]) -> Option<Told> {
    let v: Value = serde_json::from_slice(body).unwrap_or_default();
    let text = |names: &[&str]| {
        names
            .iter()
            .find_map(|n| v.get(n).and_then(Value::as_str))
            .map(str::to_owned)
    };
    let legacy = header("x-amzn-query-error")
        .filter(|_| model.query_compatible)
        .map(|h| h.split(';').next().unwrap_or_default().to_owned());
    let code = legacy
        .or_else(|| header("x-amzn-errortype"))
        .or_else(|| text(&["__type", "code", "Code"]))?;
    // `namespace#Code:http://…` is allowed.
    let code = code.rsplit('#').next().unwrap_or_default();
    let code = code.split(':').next().unwrap_or_default().trim();
    Some(Told {
        code: code.to_owned(),
        message: text(&["message", "Message", "errorMessage"]).unwrap_or_default(),
        region: None,
    })
}

/// Whether an answer of S3 with a good status is an error all the same.
pub(crate) fn hidden_error(model: &Service, body: &[u8]) -> bool {
    if model.protocol != Protocol::RestXml {
        return false;
    }
    let start = &body[..body.len().min(200)];
    let text = String::from_utf8_lossy(start);
    let text = text.trim_start();
    let root = match text.strip_prefix("<?xml") {
        Some(rest) => rest.split_once("?>").map_or("", |(_, r)| r).trim_start(),
        None => text,
    };
    root.starts_with("<Error>") || root.starts_with("<Error ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn causes_follow_code_before_status() {
        assert_eq!(cause_of("AccessDeniedException", 400), Cause::Denied);
        assert_eq!(cause_of("ThrottlingException", 400), Cause::Throttled);
        assert_eq!(cause_of("NoSuchBucketPolicy", 404), Cause::Rejected);
        assert_eq!(cause_of("503", 503), Cause::ServerError);
        assert_eq!(cause_of("Whatever", 403), Cause::Denied);
    }

    #[test]
    fn keys_unknown_away_from_home_mean_a_region_that_is_off() {
        assert!(region_disabled("UnrecognizedClientException", true, true));
        assert!(!region_disabled("UnrecognizedClientException", true, false));
        assert!(!region_disabled("UnrecognizedClientException", false, true));
        assert!(!region_disabled("AccessDenied", true, true));
        assert!(region_disabled("OptInRequired", true, false));
    }
}
