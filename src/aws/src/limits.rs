//! How fast and how patiently the provider is asked.

use governor::clock::DefaultClock;
use governor::state::{InMemoryState, NotKeyed};
use governor::{Quota, RateLimiter};
use std::num::NonZeroU32;
use std::time::Duration;
use tokio::sync::{Semaphore, SemaphorePermit};

/// Rates, numbers of attempts and times.
#[derive(Clone, Debug)]
pub struct Limits {
    /// How many times a request is sent before its failure stands.
    pub attempts: u32,
    /// The wait before the second attempt; it doubles each time, with jitter.
    pub backoff: Duration,
    /// Time to connect.
    pub connect: Duration,
    /// Time for one attempt.
    pub attempt: Duration,
    /// Time for a request with all its attempts.
    pub operation: Duration,
    /// Requests a second to one service in one region; `None` takes the
    /// built-in table, or no limit where the endpoint is overridden to loopback.
    pub rate: Option<u32>,
    /// Requests in flight to one service in one region.
    pub concurrency: usize,
    /// Requests in flight in all; each may need a connection.
    pub flights: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            attempts: 5,
            backoff: Duration::from_millis(500),
            connect: Duration::from_secs(3),
            attempt: Duration::from_secs(20),
            operation: Duration::from_secs(60),
            rate: None,
            concurrency: 16,
            flights: 128,
        }
    }
}

/// Requests a second where it is not [`USUAL`]. Those without a source are
/// chosen with care because the provider throttles them early and publishes no
/// figure; being throttled is retried and costs only time.
const RATES: &[(&str, u32)] = &[
    // https://docs.aws.amazon.com/accounts/latest/reference/quotas.html
    ("account", 3),
    // https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/DNSLimitations.html
    ("route53", 5),
    ("apigateway", 8),
    ("apigatewayv2", 8),
    ("cloudformation", 8),
    ("cloudtrail", 10),
    ("cloudwatch", 8),
    ("config", 8),
    ("ecr", 10),
    ("eks", 8),
    ("iam", 15),
    ("lambda", 12),
    ("logs", 8),
    ("organizations", 5),
    ("route53domains", 5),
    ("sso-admin", 10),
    ("wafv2", 8),
];

/// Requests a second to any other service.
const USUAL: u32 = 20;

/// Holds back requests to one service in one region.
pub(crate) struct Limiter {
    rate: Option<RateLimiter<NotKeyed, InMemoryState, DefaultClock>>,
    flights: Semaphore,
}

impl Limiter {
    pub(crate) fn new(limits: &Limits, service: &str, loopback: bool) -> Self {
        let built_in = || {
            let known = RATES.iter().find(|(s, _)| *s == service);
            known.map_or(USUAL, |(_, rate)| *rate)
        };
        let rate = match (limits.rate, loopback) {
            (Some(rate), _) => Some(rate),
            (None, true) => None,
            (None, false) => Some(built_in()),
        };
        Self {
            rate: rate
                .and_then(NonZeroU32::new)
                .map(|r| RateLimiter::direct(Quota::per_second(r))),
            flights: Semaphore::new(limits.concurrency.max(1)),
        }
    }

    /// Waits for a place and for the rate. The place is free again when what is
    /// returned is dropped; it is `None` only if the semaphore were closed.
    pub(crate) async fn enter(&self) -> Option<SemaphorePermit<'_>> {
        let place = self.flights.acquire().await.ok();
        if let Some(rate) = &self.rate {
            rate.until_ready().await;
        }
        place
    }
}

/// Whether an address is this machine's own.
pub(crate) fn is_loopback(url: &str) -> bool {
    let rest = url.split_once("://").map_or(url, |(_, r)| r);
    let authority = rest.split(['/', '?']).next().unwrap_or_default();
    let host = match authority.strip_prefix('[') {
        Some(v6) => v6.split(']').next().unwrap_or_default(),
        None => authority.split(':').next().unwrap_or_default(),
    };
    host == "localhost"
        || host
            .parse::<std::net::IpAddr>()
            .is_ok_and(|ip| ip.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn loopback_is_told() {
        assert!(is_loopback("http://127.0.0.1:5000/x"));
        assert!(is_loopback("http://[::1]:5000"));
        assert!(is_loopback("http://localhost"));
        assert!(!is_loopback("https://127.0.0.1.example.com"));
        assert!(!is_loopback("https://s3.amazonaws.com"));
    }
}
