//! What an answer means, from its status, headers and bytes alone: the same for
//! one that just came and for one that was stored ([`reread`]).

use crate::endpoint::Partitions;
use crate::errors::{CallError, hidden_error, region_disabled};
use crate::model::{Operation, Place, Service};
use crate::read::{Answer, Paths, REDACTED, Received};
use crate::registry::{self, Loaded};
use crate::{assume, guard, page};
use serde_json::{Map, Value};
use shoseki_collect::{Failure, PageNames, Request, StoredAnswer};
use shoseki_model::{ApiError, Cause};
use std::collections::BTreeMap;

/// Headers in which errors tell their code or the region to go to.
const OF_ERRORS: [&str; 3] = [
    "x-amz-bucket-region",
    "x-amzn-errortype",
    "x-amzn-query-error",
];

/// An answer as it came.
pub(crate) struct Heard<'a> {
    pub(crate) model: &'a Service,
    pub(crate) name: &'a str,
    pub(crate) operation: &'a Operation,
    /// Further secrets, as paths in the answer.
    pub(crate) secret: &'a Paths,
    pub(crate) status: u16,
    /// Names in lower case.
    pub(crate) headers: &'a [(String, String)],
    pub(crate) body: &'a [u8],
}

/// Why an answer is no usable one.
pub(crate) struct Unread {
    pub(crate) error: Box<CallError>,
    /// Whether its bytes may be kept: where secrets are cannot be told in a body
    /// that cannot be read.
    pub(crate) keep: bool,
}

impl<'a> Heard<'a> {
    /// Reads the answer.
    pub(crate) fn read(&self) -> Result<Answer<'a>, Unread> {
        let header = |name: &str| {
            let found = self.headers.iter().find(|(k, _)| k == name);
            found.map(|(_, v)| v.clone())
        };
        if self.is_error() {
            return Err(Unread {
                error: Box::new(CallError::read(self.model, self.status, header, self.body)),
                keep: true,
            });
        }
        let received = Received {
            model: self.model,
            name: self.name,
            operation: self.operation,
            status: self.status,
            headers: self.headers,
            body: self.body,
            secret: self.secret,
        };
        received.read().map_err(|why| Unread {
            error: Box::new(CallError::malformed(self.status, &why)),
            keep: !self.operation.secret && self.secret.is_empty(),
        })
    }

    fn is_error(&self) -> bool {
        !(200..300).contains(&self.status) || hidden_error(self.model, self.body)
    }

    /// The headers that [`Heard::read`] reads, secrets replaced.
    pub(crate) fn told_in_headers(&self) -> BTreeMap<String, String> {
        let members = self.model.output(self.operation);
        let wanted = |name: &str| {
            if self.is_error() {
                return OF_ERRORS.contains(&name).then_some(false);
            }
            members.iter().find_map(|m| {
                let wire = m.wire_name().to_ascii_lowercase();
                let fits = match m.place? {
                    Place::Header => name == wire,
                    Place::Headers => name.starts_with(&wire),
                    _ => false,
                };
                fits.then(|| self.secret.covers(&m.name, m.secret))
            })
        };
        self.headers
            .iter()
            .filter_map(|(name, value)| {
                let secret = wanted(name)?;
                let value = if secret { REDACTED } else { value };
                Some((name.clone(), value.to_owned()))
            })
            .collect()
    }
}

/// The answer's members with the cursor of the next page.
pub(crate) fn paged(
    operation: &Operation,
    names: Option<&PageNames>,
    cursor: Option<&Map<String, Value>>,
    members: Map<String, Value>,
) -> Result<Read, Failure> {
    let value = Value::Object(members);
    match page::next(operation, names, cursor, &value) {
        Ok(next) => Ok((value, next)),
        Err(why) => Err(failed(Cause::Truncated, why)),
    }
}

/// An answer, and the cursor of the next page.
pub(crate) type Read = (Value, Option<Map<String, Value>>);

/// What the provider's error means. `home` is the partition's main region,
/// `works_in` one in which the keys are known to work.
pub(crate) fn refused(
    error: &CallError,
    region: &str,
    home: &str,
    works_in: Option<&str>,
) -> Failure {
    // The main region of a partition cannot be switched off.
    let away = works_in != Some(region) && home != region;
    let told = error.api_error();
    let cause = if region_disabled(&told.code, away, works_in.is_some()) {
        Cause::RegionDisabled
    } else {
        error.cause()
    };
    Failure {
        cause,
        error: Some(told),
        status: Some(error.status),
        exchange: None,
    }
}

/// Words of our own in the place of the provider's; the code is empty.
pub(crate) fn said(why: &str) -> ApiError {
    ApiError {
        code: String::new(),
        message: why.to_owned(),
    }
}

/// A failure of our own making, before or after the exchange.
pub(crate) fn failed(cause: Cause, why: String) -> Failure {
    Failure {
        cause,
        error: Some(said(&why)),
        status: None,
        exchange: None,
    }
}

/// The operation that `request` names, when it may be asked.
pub(crate) fn allowed(
    request: &Request,
) -> Result<(&'static Loaded, &'static str, &'static Operation), Failure> {
    let refuse = |why: String| failed(Cause::Rejected, why);
    guard::by_name(&request.service, &request.operation).map_err(refuse)?;
    // What a page before hands over is asked too.
    let params = page::with_cursor(request.params.clone(), request.cursor.as_ref());
    guard::by_params(&request.service, &request.operation, &params).map_err(refuse)?;
    registry::operation(&request.service, &request.operation).map_err(refuse)
}

/// What an exchange names as asked for `request`: `service:Operation`, and the
/// parameters with those of the page.
pub(crate) fn asked(request: &Request) -> Result<(String, Map<String, Value>), Failure> {
    if assume::is_assume(request) {
        return Ok((assume::ASSUME.to_owned(), request.params.clone()));
    }
    let (service, name, _) = allowed(request)?;
    let params = page::with_cursor(request.params.clone(), request.cursor.as_ref());
    Ok((format!("{}:{name}", service.key), params))
}

/// Reads a stored answer with the code that read it when it came. Sends nothing.
/// `home` is the partition's main region, `works_in` a region in which the keys
/// worked.
pub(crate) fn reread(
    request: &Request,
    answer: &StoredAnswer<'_>,
    home: &str,
    works_in: Option<&str>,
) -> Result<Read, Failure> {
    if assume::is_assume(request) {
        let (status, headers) = (answer.status, answer.headers);
        let region = &request.region;
        return Err(assume::reread(status, headers, answer.body, region, home));
    }
    let (service, name, operation) = allowed(request)?;
    let headers: Vec<(String, String)> = answer.headers.clone().into_iter().collect();
    let secret = Paths::new(&request.secret);
    let heard = Heard {
        model: service.model,
        name,
        operation,
        secret: &secret,
        status: answer.status,
        headers: &headers,
        body: answer.body,
    };
    match heard.read() {
        Ok(read) => paged(
            operation,
            request.page.as_ref(),
            request.cursor.as_ref(),
            read.value,
        )
        .map_err(|f| Failure {
            status: Some(answer.status),
            ..f
        }),
        Err(unread) => Err(refused(&unread.error, &request.region, home, works_in)),
    }
}

/// Where the global services of a region's partition are asked: `us-east-1` for
/// `ap-northeast-1`.
pub(crate) fn home_region(region: &str) -> &'static str {
    Partitions::get().home(region)
}
