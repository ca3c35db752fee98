//! What a cloud caller offers to the collector engine.

use futures::future::BoxFuture;
use serde_json::{Map, Value};
use shoseki_model::{ApiError, Cause, Exchange, Kind};

/// One request of one page.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Request {
    /// Service as collectors name it, `s3`.
    pub service: String,
    /// Operation as the provider's model names it, `ListBuckets`.
    pub operation: String,
    /// Region to ask.
    pub region: String,
    /// Parameters, without paging tokens.
    pub params: Map<String, Value>,
    /// What the page before handed over; `None` for the first page.
    pub cursor: Option<Map<String, Value>>,
    /// Paging members, where the collector names them because the model does not.
    pub page: Option<PageNames>,
    /// Paths in the answer (`Listeners[].Secret`) whose values the caller must
    /// replace before it records or returns anything.
    pub secret: Vec<String>,
}

/// What is said of a page that leads back to one before it.
pub(crate) const CIRCLE: &str = "the page hands over a token that led to a page before it";

/// The way through the pages of a list. A page that leads back to one before it is
/// found, at the latest when the circle was walked two times more (Brent's algorithm:
/// one token is remembered, and a later one ever more rarely).
#[derive(Clone, Debug, Default)]
pub struct Trail {
    at: Option<Map<String, Value>>,
    mark: Option<Map<String, Value>>,
    /// Steps since `mark`.
    steps: u64,
    /// Steps at which `mark` moves on, less one.
    span: u64,
}

impl Trail {
    /// What the page before handed over; `None` at the first page.
    pub(crate) fn at(&self) -> Option<&Map<String, Value>> {
        self.at.as_ref()
    }

    /// Goes on to the page that `next` leads to; `false`: it leads back.
    pub(crate) fn go(&mut self, next: Option<Map<String, Value>>) -> bool {
        if next.is_some() && (next == self.at || next == self.mark) {
            return false;
        }
        if self.steps == self.span {
            self.mark.clone_from(&next);
            self.span = 2 * self.span + 1;
            self.steps = 0;
        } else {
            self.steps += 1;
        }
        self.at = next;
        true
    }
}

impl Request {
    /// Goes on to the page that `next` leads to; `false`: there is none.
    /// `exchange`: that of the page which handed it over.
    ///
    /// # Errors
    /// It leads back to a page before it: reading on would never end, and to stop
    /// would be to call a part the whole.
    pub fn follow(
        &mut self,
        trail: &mut Trail,
        next: Option<Map<String, Value>>,
        exchange: &str,
    ) -> Result<bool, Failure> {
        if !trail.go(next) {
            return Err(Failure {
                cause: Cause::Truncated,
                error: Some(ApiError {
                    code: String::new(),
                    message: CIRCLE.to_owned(),
                }),
                status: None,
                exchange: Some(exchange.to_owned()),
            });
        }
        self.cursor = trail.at().cloned();
        Ok(self.cursor.is_some())
    }
}

/// The members that carry paging tokens.
#[derive(Clone, Debug, PartialEq, Eq, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PageNames {
    /// Member of the request.
    pub input: String,
    /// Path in the answer.
    pub output: String,
}

/// One page of an answer.
#[derive(Clone, Debug, PartialEq)]
pub struct Page {
    /// The parsed answer, secrets replaced.
    pub value: Value,
    /// Id of the exchange that recorded it.
    pub exchange: String,
    /// Parameters of the next page; `None` at the end.
    pub next: Option<Map<String, Value>>,
    /// What the provider says that the answer leaves out.
    pub holes: Vec<Hole>,
}

/// Something that an answer leaves out although it succeeded: a location that the
/// provider could not reach, a resource that it could not list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hole {
    /// Where, as regions are named (`asia-northeast1`, `us-central1-a`); empty
    /// where the provider does not say.
    pub location: String,
    /// The provider's words, for people.
    pub message: String,
}

/// Why there is no page.
#[derive(Clone, Debug, PartialEq)]
pub struct Failure {
    /// The cause.
    pub cause: Cause,
    /// The provider's error, where it answered with one. Codes listed as
    /// `absent` are looked up here.
    pub error: Option<ApiError>,
    /// HTTP status, where an answer came.
    pub status: Option<u16>,
    /// Exchange that recorded the failure, where anything was sent.
    pub exchange: Option<String>,
}

/// Keeps exchanges. Implemented by the evidence store; an error stops the scan.
pub trait Recorder: Send + Sync {
    /// Keeps `exchange`; `body` is what `exchange.answer` digests.
    fn record(&self, exchange: &Exchange, body: Option<&[u8]>) -> std::io::Result<()>;
}

impl<F> Recorder for F
where
    F: Fn(&Exchange, Option<&[u8]>) -> std::io::Result<()> + Send + Sync,
{
    fn record(&self, exchange: &Exchange, body: Option<&[u8]>) -> std::io::Result<()> {
        self(exchange, body)
    }
}

/// A caller bound to one target (account) and its credentials.
pub trait Cloud: Send + Sync {
    /// `aws`, `azure` or `gcp`.
    fn name(&self) -> &'static str;
    /// Which kind of target it is bound to: a level of [`Api::levels`].
    fn level(&self) -> &str;
    /// The account, subscription, tenant, project, …: `{account}` in templates.
    fn account(&self) -> &str;
    /// AWS partition, empty elsewhere.
    fn partition(&self) -> &str;
    /// Where global services are asked (`us-east-1` in the partition `aws`).
    fn home_region(&self) -> &str;
    /// Regions to read.
    fn regions(&self) -> &[String];
    /// Asks for one page. Retries, rate limits, time-outs and recording are the
    /// caller's. Never panics.
    fn page(&self, request: Request) -> BoxFuture<'_, Result<Page, Failure>>;
}

/// What the provider's model says of an operation, for checks without a call.
#[derive(Clone, Debug, PartialEq)]
pub struct OperationInfo {
    /// Members of the request.
    pub input: Kind,
    /// Request members that must be given.
    pub required: Vec<String>,
    /// The answer.
    pub output: Kind,
    /// Whether the model says how it pages.
    pub paginated: bool,
    /// Members of the answer that look like paging tokens.
    pub token_members: Vec<String>,
    /// The permission that it needs by the provider's general rule.
    pub permission: String,
}

/// The provider's operations, as far as models are at hand.
pub trait Api: Send + Sync {
    /// The cloud whose collectors it serves: `aws`, `azure` or `gcp`.
    fn cloud(&self) -> &'static str;
    /// The kinds of targets of this cloud, as collectors name them under
    /// `target`; the first is meant where they name none.
    fn levels(&self) -> &'static [&'static str];
    /// Whether an error code says that something was not seen, so that no
    /// collector may list it, whatever its message, under `absent`.
    fn never_absent(&self, code: &str) -> bool;
    /// The operation; `Err` holds a message with the nearest names.
    fn operation(&self, service: &str, operation: &str) -> Result<OperationInfo, String>;
    /// Whether the operation is on the reviewed list of reading operations;
    /// `Err` says why not.
    fn readable(&self, service: &str, operation: &str) -> Result<(), String>;
    /// Whether a call may be made with parameters of these names; `Err` says what
    /// they lack. What [`OperationInfo`] says is checked already.
    fn complete(&self, service: &str, operation: &str, given: &[&str]) -> Result<(), String> {
        let _ = (service, operation, given);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn token(n: usize) -> Option<Map<String, Value>> {
        Some(Map::from_iter([("token".to_owned(), n.into())]))
    }

    #[test]
    fn a_circle_is_found_wherever_it_begins_and_however_long_it_is() {
        for before in 0..20 {
            for around in 1..20 {
                let mut trail = Trail::default();
                let mut walked = 0;
                // Page n hands over the token of page n + 1, or that of the circle's first.
                while trail.go(token(match walked {
                    n if n < before => n,
                    n => before + (n - before) % around,
                })) {
                    walked += 1;
                    assert!(walked < 4 * (before + around), "{before}, {around}");
                }
                assert!(walked >= before + around, "{before}, {around}: {walked}");
            }
        }
    }

    #[test]
    fn a_long_way_is_no_circle() {
        let mut trail = Trail::default();
        assert!((0..10_000).all(|n| trail.go(token(n))));
        assert!(trail.go(None));
    }
}
