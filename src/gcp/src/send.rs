//! One request over HTTP: retries, waiting, time-outs.

use crate::errors;
use crate::request::Built;
use google_cloud_auth::credentials::{CacheableResource, Credentials};
use google_cloud_auth::errors::CredentialsError;
use http::HeaderMap;
use reqwest::Client;
use shoseki_caller::{Limits, in_words};
use shoseki_model::Cause;
use std::time::Duration;
use tokio::time::Instant;

/// What came of a request with all its attempts.
#[derive(Debug)]
pub(crate) struct Sent {
    /// How many times it left.
    pub(crate) attempts: u32,
    pub(crate) outcome: Result<Received, Broken>,
}

/// An answer as it came.
#[derive(Debug)]
pub(crate) struct Received {
    pub(crate) status: u16,
    pub(crate) date: Option<String>,
    /// The provider's id of the request.
    pub(crate) id: Option<String>,
    pub(crate) body: Vec<u8>,
}

/// Why there is no whole answer.
#[derive(Debug)]
pub(crate) struct Broken {
    pub(crate) cause: Cause,
    pub(crate) status: Option<u16>,
    pub(crate) message: String,
}

/// Sends and tries again what may pass: throttling, the provider's own failures,
/// broken connections and answers. What the last attempt came to stands.
pub(crate) async fn send(
    client: &Client,
    credentials: &Credentials,
    limits: &Limits,
    built: &Built,
) -> Sent {
    let end = Instant::now() + limits.operation;
    let mut attempts = 0;
    loop {
        let headers = match tokio::time::timeout_at(end, token(credentials)).await {
            Ok(Ok(headers)) => headers,
            Ok(Err(broken)) => {
                let outcome = Err(broken);
                return Sent { attempts, outcome };
            }
            Err(_) => {
                let outcome = Err(timeout("signing in took too long"));
                return Sent { attempts, outcome };
            }
        };
        attempts += 1;
        let left = end.saturating_duration_since(Instant::now());
        let (outcome, wait) = once(client, headers, limits.attempt.min(left), built).await;
        let wait = match wait {
            Again::No => None,
            Again::After(asked) => Some(
                asked
                    .unwrap_or(Duration::ZERO)
                    .max(backoff(limits, attempts)),
            ),
        };
        match wait {
            Some(wait) if attempts < limits.attempts && Instant::now() + wait < end => {
                tokio::time::sleep(wait).await;
            }
            _ => return Sent { attempts, outcome },
        }
    }
}

/// Whether to send again.
enum Again {
    No,
    /// After the usual wait, or at least as long as the provider asks.
    After(Option<Duration>),
}

async fn once(
    client: &Client,
    headers: HeaderMap,
    time: Duration,
    built: &Built,
) -> (Result<Received, Broken>, Again) {
    let mut request = match built.http {
        "POST" => client.post(&built.url),
        _ => client.get(&built.url),
    };
    if let Some(body) = &built.body {
        request = request
            .header("content-type", "application/json")
            .body(body.clone());
    }
    match request.headers(headers).timeout(time).send().await {
        Err(e) => (Err(broken(&e, None)), Again::After(None)),
        Ok(answer) => whole(answer).await,
    }
}

async fn whole(answer: reqwest::Response) -> (Result<Received, Broken>, Again) {
    let status = answer.status().as_u16();
    let header = |name: &str| {
        let found = answer.headers().get(name)?.to_str().ok()?;
        Some(found.to_owned())
    };
    let (date, after) = (header("date"), header("retry-after"));
    let id = header("x-guploader-uploadid").or_else(|| header("x-request-id"));
    match answer.bytes().await {
        Err(e) => (Err(broken(&e, Some(status))), Again::After(None)),
        Ok(body) => {
            let received = Received {
                status,
                date,
                id,
                body: body.to_vec(),
            };
            let again = match passes(&received) {
                true => Again::After(after.as_deref().and_then(seconds)),
                false => Again::No,
            };
            (Ok(received), again)
        }
    }
}

/// Whether the answer is one that may be another the next time.
fn passes(r: &Received) -> bool {
    let cause = errors::read(r.status, &r.body).map(|(_, cause)| cause);
    let retried = [Cause::Throttled, Cause::ServerError, Cause::Timeout];
    r.status >= 300 && cause.is_some_and(|c| retried.contains(&c))
}

/// `Retry-After` in seconds or as a date.
fn seconds(text: &str) -> Option<Duration> {
    if let Ok(s) = text.trim().parse() {
        return Some(Duration::from_secs(s));
    }
    let at = jiff::fmt::rfc2822::parse(text).ok()?.timestamp();
    let left = at.duration_since(jiff::Timestamp::now());
    Duration::try_from(left).ok()
}

/// The wait before the next attempt: doubled each time, and only some of it, so
/// that many who were throttled at once do not come back at once.
fn backoff(limits: &Limits, attempts: u32) -> Duration {
    let full = limits.backoff * 2_u32.saturating_pow(attempts.saturating_sub(1));
    let nanos = jiff::Timestamp::now().subsec_nanosecond().unsigned_abs() % 1000;
    full.min(Duration::from_secs(20)) * (500 + nanos / 2) / 1000
}

fn broken(e: &reqwest::Error, status: Option<u16>) -> Broken {
    let cause = match status {
        _ if e.is_timeout() => Cause::Timeout,
        // The answer broke off on its way.
        Some(_) => Cause::Malformed,
        None => Cause::Unreachable,
    };
    Broken {
        cause,
        // A time-out says nothing of the answer that it cut.
        status: status.filter(|_| cause == Cause::Malformed),
        message: in_words(e),
    }
}

fn timeout(message: &str) -> Broken {
    Broken {
        cause: Cause::Timeout,
        status: None,
        message: message.to_owned(),
    }
}

/// The headers that sign a request.
async fn token(credentials: &Credentials) -> Result<HeaderMap, Broken> {
    match credentials.headers(http::Extensions::new()).await {
        Ok(CacheableResource::New { data, .. }) => Ok(data),
        // Nothing was handed over that could be kept.
        Ok(CacheableResource::NotModified) => Err(Broken {
            cause: Cause::Denied,
            status: None,
            message: "the credentials gave no token".to_owned(),
        }),
        Err(e) => Err(no_token(&e)),
    }
}

fn no_token(e: &CredentialsError) -> Broken {
    Broken {
        cause: match e.is_transient() {
            true => Cause::Unreachable,
            false => Cause::Denied,
        },
        status: None,
        message: in_words(e),
    }
}
