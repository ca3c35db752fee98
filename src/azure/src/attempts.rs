//! Retries: how often, how long, and what the provider asks to wait for.
//!
//! A wait that one request is told holds for all requests of the same scope: the
//! provider counts them together.

use crate::transport::{Broken, Wire, broken};
use async_trait::async_trait;
use azure_core::http::headers::{HeaderName, Headers};
use azure_core::http::policies::{Policy, PolicyResult};
use azure_core::http::{Context, Request};
use jiff::Timestamp;
use shoseki_caller::{Limiter, Limits, is_loopback, scrub};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// What was seen of a call on the wire.
#[derive(Debug, Default)]
pub struct Traffic {
    /// How many times it was sent.
    pub attempts: u32,
    /// Method and address of the last.
    pub http: Option<String>,
}

/// A call on its way: found again by the policies through the context.
#[derive(Clone, Debug)]
pub struct Current(pub Arc<Call>);

/// One call.
#[derive(Debug)]
pub struct Call {
    /// What the provider counts together.
    pub scope: String,
    /// The path that must stand on the wire.
    pub path: String,
    /// When there is no more time.
    pub until: Instant,
    traffic: Mutex<Traffic>,
}

impl Call {
    /// A call that may take as long as `limits` say.
    pub fn new(scope: String, path: String, limits: &Limits) -> Self {
        Self {
            scope,
            path,
            until: Instant::now() + limits.operation,
            traffic: Mutex::default(),
        }
    }

    /// What was seen so far.
    pub fn traffic(&self) -> MutexGuard<'_, Traffic> {
        self.traffic.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Requests a second in one scope. Resource Manager refills 25 reads a second for
/// a subscription and service principal
/// (<https://learn.microsoft.com/azure/azure-resource-manager/management/request-limits-and-throttling>),
/// Resource Graph allows 15 in 5 seconds
/// (<https://learn.microsoft.com/azure/governance/resource-graph/concepts/guidance-for-throttled-requests>);
/// Microsoft Graph counts costs, of which this stays far below the limits
/// (<https://learn.microsoft.com/graph/throttling-limits>).
fn rate(scope: &str) -> u32 {
    match scope.rsplit(' ').next() {
        Some("arg") => 2,
        Some("graph") => 15,
        _ => 20,
    }
}

/// What holds requests of one scope back.
struct Gate {
    limiter: Limiter,
    closed_until: Mutex<Option<Instant>>,
}

/// All gates of a sign-in.
pub struct Gates {
    limits: Limits,
    loopback: bool,
    all: Mutex<HashMap<String, Arc<Gate>>>,
}

impl std::fmt::Debug for Gates {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Gates")
    }
}

impl Gates {
    /// Gates for requests to `endpoint`, or to the cloud.
    pub fn new(limits: &Limits, endpoint: Option<&str>) -> Self {
        Self {
            limits: limits.clone(),
            loopback: endpoint.is_some_and(is_loopback),
            all: Mutex::default(),
        }
    }

    fn gate(&self, scope: &str) -> Arc<Gate> {
        let mut all = self.all.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(all.entry(scope.to_owned()).or_insert_with(|| {
            Arc::new(Gate {
                limiter: Limiter::new(&self.limits, rate(scope), self.loopback),
                closed_until: Mutex::default(),
            })
        }))
    }

    /// Closes the gate of a scope for a while.
    pub fn close(&self, scope: &str, wait: Duration) {
        let gate = self.gate(scope);
        let mut until = gate
            .closed_until
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let new = Instant::now() + wait;
        if until.is_none_or(|u| u < new) {
            *until = Some(new);
        }
    }
}

impl Gate {
    fn opens(&self) -> Option<Instant> {
        let until = self
            .closed_until
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        until.filter(|u| *u > Instant::now())
    }
}

/// The retry policy: around everything that is done for each attempt.
#[derive(Debug)]
pub struct Attempts {
    /// How often and how long.
    pub limits: Limits,
    /// What the provider counts together.
    pub gates: Arc<Gates>,
}

#[async_trait]
impl Policy for Attempts {
    async fn send(
        &self,
        ctx: &Context,
        request: &mut Request,
        next: &[Arc<dyn Policy>],
    ) -> PolicyResult {
        let Some(Current(call)) = ctx.value::<Current>() else {
            return next[0].send(ctx, request, &next[1..]).await;
        };
        let gate = self.gates.gate(&call.scope);
        let mut attempt = 1;
        loop {
            let _place = gate.limiter.enter().await;
            while let Some(opens) = gate.opens() {
                // Waiting longer than there is time for helps nobody.
                tokio::time::sleep_until(opens.min(call.until).into()).await;
                if opens >= call.until {
                    break;
                }
            }
            let result = next[0].send(ctx, request, &next[1..]).await;
            let (again, asked) = match &result {
                Ok(answer) => {
                    let status = u16::from(answer.status());
                    let wait = wait(answer.headers());
                    if matches!(status, 429 | 503)
                        && let Some(w) = wait
                    {
                        self.gates.close(&call.scope, w);
                    }
                    (matches!(status, 408 | 429 | 500 | 502 | 503 | 504), wait)
                }
                Err(e) => {
                    let again = matches!(
                        broken(e),
                        Some(Broken::Timeout | Broken::Unreachable | Broken::Cut)
                    );
                    (again && !is_sign_in(e), None)
                }
            };
            let pause = asked.unwrap_or_default().max(self.backoff(attempt));
            let late = Instant::now() + pause >= call.until;
            if !again || attempt >= self.limits.attempts || late {
                return result;
            }
            drop(_place);
            tokio::time::sleep(pause).await;
            attempt += 1;
        }
    }
}

/// Failures to get a token are not this request's.
fn is_sign_in(e: &azure_core::Error) -> bool {
    matches!(e.kind(), azure_core::error::ErrorKind::Credential)
}

impl Attempts {
    /// Doubles, with some spread so that not all come back at once.
    fn backoff(&self, attempt: u32) -> Duration {
        let whole = self.limits.backoff * 2u32.saturating_pow(attempt.saturating_sub(1).min(8));
        let nanos = Timestamp::now().subsec_nanosecond().unsigned_abs() % 1000;
        whole / 2 + whole.mul_f64(f64::from(nanos) / 2000.0)
    }
}

/// How long the provider asks to wait.
fn wait(headers: &Headers) -> Option<Duration> {
    let text = |name: &'static str| headers.get_str(&HeaderName::from_static(name)).ok();
    for name in ["retry-after-ms", "x-ms-retry-after-ms"] {
        if let Some(ms) = text(name).and_then(|t| t.parse().ok()) {
            return Some(Duration::from_millis(ms));
        }
    }
    let after = text("retry-after")?;
    if let Ok(seconds) = after.parse() {
        return Some(Duration::from_secs(seconds));
    }
    let at = jiff::fmt::rfc2822::parse(after).ok()?.timestamp();
    let seconds = at.as_second().saturating_sub(Timestamp::now().as_second());
    Some(Duration::from_secs(u64::try_from(seconds).unwrap_or(0)))
}

/// How long Resource Graph asks to wait when its quota is used up:
/// `x-ms-user-quota-resets-after` is `hh:mm:ss`.
pub fn quota(headers: &Headers) -> Option<Duration> {
    let text = |name: &'static str| headers.get_str(&HeaderName::from_static(name)).ok();
    if text("x-ms-user-quota-remaining")?.trim() != "0" {
        return None;
    }
    let mut seconds = 0u64;
    for piece in text("x-ms-user-quota-resets-after")?.split(':') {
        seconds = seconds * 60 + piece.trim().parse::<u64>().ok()?;
    }
    Some(Duration::from_secs(seconds))
}

/// Notes each attempt, behind the token: what never left is no attempt.
#[derive(Debug)]
pub struct Sent(pub Arc<Wire>);

#[async_trait]
impl Policy for Sent {
    async fn send(
        &self,
        ctx: &Context,
        request: &mut Request,
        next: &[Arc<dyn Policy>],
    ) -> PolicyResult {
        if let Some(Current(call)) = ctx.value::<Current>() {
            if !request.url().path().eq_ignore_ascii_case(&call.path) {
                return Err(azure_core::Error::with_message(
                    azure_core::error::ErrorKind::Other,
                    format!("blocked: {} is not what was asked", request.url().path()),
                ));
            }
            let address = self.0.address(request.url());
            let text = format!("{} {address}", request.method().as_str());
            let clean = scrub(text.as_bytes()).0;
            let mut traffic = call.traffic();
            traffic.attempts += 1;
            traffic.http = Some(String::from_utf8_lossy(&clean).into_owned());
        }
        next[0].send(ctx, request, &next[1..]).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(of: &[(&'static str, &'static str)]) -> Headers {
        let mut h = Headers::new();
        for (k, v) in of {
            h.insert(*k, *v);
        }
        h
    }

    #[test]
    fn waits_are_read_in_every_form() {
        let of = |h: &[(&'static str, &'static str)]| wait(&headers(h));
        assert_eq!(of(&[]), None);
        assert_eq!(of(&[("retry-after", "7")]), Some(Duration::from_secs(7)));
        assert_eq!(
            of(&[("retry-after-ms", "70")]),
            Some(Duration::from_millis(70))
        );
        let past = of(&[("retry-after", "Wed, 21 Oct 2015 07:28:00 GMT")]);
        assert_eq!(past, Some(Duration::ZERO));
        let used_up = [
            ("x-ms-user-quota-remaining", "0"),
            ("x-ms-user-quota-resets-after", "00:01:05"),
        ];
        assert_eq!(quota(&headers(&used_up)), Some(Duration::from_secs(65)));
        assert_eq!(quota(&headers(&[("x-ms-user-quota-remaining", "3")])), None);
    }
}
