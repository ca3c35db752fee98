//! What an answer means, from its status and bytes alone: the same for one that
//! just came and for one that was stored.

use crate::api::method;
use crate::errors;
use crate::holes;
use crate::model::{Method, Service};
use crate::read::document;
use serde_json::{Map, Value};
use shoseki_caller::Paths;
use shoseki_collect::{Failure, PageNames, Reading, Request};
use shoseki_model::{ApiError, Cause};

/// A method of a service with its names.
#[derive(Clone, Copy)]
pub(crate) struct Operation {
    pub(crate) model: &'static Service,
    pub(crate) name: &'static str,
    pub(crate) method: &'static Method,
}

/// What may be kept of an answer, and what it means.
pub(crate) struct Understood {
    /// The bytes to keep; `None` where secrets cannot be told in them.
    pub(crate) body: Option<Vec<u8>>,
    /// How many secrets were replaced.
    pub(crate) redacted: u64,
    pub(crate) meaning: Result<Reading, Failure>,
}

/// The method that `request` names, where it may be called.
pub(crate) fn allowed(request: &Request) -> Result<Operation, Failure> {
    let found = method(&request.service, &request.operation);
    let (model, name, method) = found.map_err(|why| failed(Cause::Rejected, why))?;
    Ok(Operation {
        model,
        name,
        method,
    })
}

/// The parameters with those of the page.
pub(crate) fn with_cursor(request: &Request) -> Map<String, Value> {
    let mut params = request.params.clone();
    params.extend(request.cursor.clone().into_iter().flatten());
    params
}

/// Reads an answer whose bytes have been scrubbed.
pub(crate) fn understand(
    operation: Operation,
    request: &Request,
    status: u16,
    body: &[u8],
) -> Understood {
    if !(200..300).contains(&status) {
        let meaning = match errors::read(status, body) {
            Some((error, cause)) => Failure {
                cause,
                error: Some(error),
                status: Some(status),
                exchange: None,
            },
            None => malformed(
                status,
                format!("status {status} with a body that is not in the provider's form"),
            ),
        };
        return Understood {
            body: Some(body.to_vec()),
            redacted: 0,
            meaning: Err(meaning),
        };
    }
    let secret = Paths::new(&request.secret);
    match document(operation.model, operation.method, &secret, body) {
        Err(why) => Understood {
            body: (!operation.method.secret && secret.is_empty()).then(|| body.to_vec()),
            redacted: 0,
            meaning: Err(malformed(status, why)),
        },
        Ok(d) => Understood {
            body: Some(d.body.into_owned()),
            redacted: d.redacted,
            meaning: paged(operation, request.page.as_ref(), d.value).map_err(|f| Failure {
                status: Some(status),
                ..f
            }),
        },
    }
}

/// The answer with the cursor of the next page and its holes.
fn paged(
    operation: Operation,
    names: Option<&PageNames>,
    value: Map<String, Value>,
) -> Result<Reading, Failure> {
    let names = match (names, operation.method.pages) {
        (Some(n), _) => Some((n.input.as_str(), n.output.as_str())),
        (None, true) => Some(("pageToken", "nextPageToken")),
        (None, false) => None,
    };
    let holes = match holes::lists(operation.name) {
        true => holes::find(&value),
        false => Vec::new(),
    };
    let value = Value::Object(value);
    let token = names.and_then(|(input, output)| {
        let token = output.split('.').try_fold(&value, |v, key| v.get(key))?;
        Some((input.to_owned(), token.clone()))
    });
    let next = match token {
        // An empty token is how most services say that this was the last page.
        None | Some((_, Value::Null)) => None,
        Some((_, Value::String(t))) if t.is_empty() => None,
        Some((input, token @ Value::String(_))) => Some([(input, token)].into_iter().collect()),
        Some(_) => {
            let why = "the token of the next page is no text".to_owned();
            return Err(failed(Cause::Truncated, why));
        }
    };
    Ok(Reading { value, next, holes })
}

fn malformed(status: u16, why: String) -> Failure {
    Failure {
        status: Some(status),
        ..failed(Cause::Malformed, why)
    }
}

/// A failure in our own words, which have no code.
pub(crate) fn failed(cause: Cause, message: String) -> Failure {
    Failure {
        cause,
        error: Some(ApiError {
            code: String::new(),
            message,
        }),
        status: None,
        exchange: None,
    }
}

/// A failure in one line.
pub(crate) fn words(failure: &Failure) -> String {
    match &failure.error {
        Some(e) if e.code.is_empty() => e.message.clone(),
        Some(e) => format!("{}: {}", e.code, e.message),
        None => format!("{:?}", failure.cause),
    }
}
