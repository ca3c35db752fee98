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
    /// Requests a second to one service in one region (AWS), to one subscription
    /// or to the directory (Azure), to one API (Google Cloud); `None` takes what the
    /// caller knows, or no limit where the endpoint is overridden to loopback.
    pub rate: Option<u32>,
    /// Requests in flight to one of these.
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

/// Holds back requests that the provider counts together.
pub struct Limiter {
    rate: Option<RateLimiter<NotKeyed, InMemoryState, DefaultClock>>,
    flights: Semaphore,
}

impl Limiter {
    /// `usual`: requests a second where `limits` name no rate.
    pub fn new(limits: &Limits, usual: u32, loopback: bool) -> Self {
        let rate = match (limits.rate, loopback) {
            (Some(rate), _) => Some(rate),
            (None, true) => None,
            (None, false) => Some(usual),
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
    pub async fn enter(&self) -> Option<SemaphorePermit<'_>> {
        let place = self.flights.acquire().await.ok();
        if let Some(rate) = &self.rate {
            rate.until_ready().await;
        }
        place
    }
}

/// Whether an address is this machine's own.
pub fn is_loopback(url: &str) -> bool {
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
