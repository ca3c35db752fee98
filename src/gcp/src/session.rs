//! A project, folder or organization that is read: implements [`Cloud`].

use crate::answer::{Operation, allowed, failed, understand, with_cursor};
use crate::guard;
use crate::request::build;
use crate::send::{Sent, send};
use futures::FutureExt as _;
use futures::future::BoxFuture;
use google_cloud_auth::credentials::Credentials;
use shoseki_caller::{Limiter, Limits, is_loopback, scrub};
use shoseki_collect::{Cloud, Failure, Page, Reading, Recorder, Request};
use shoseki_model::{AnswerRef, Caller, Cause, Exchange, Target, digest};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use tokio::sync::Semaphore;

/// Requests a second to one API. Google counts them a minute for each project and
/// method, mostly in the hundreds; being throttled is retried and costs only time.
const RATES: &[(&str, u32)] = &[
    // https://cloud.google.com/asset-inventory/docs/quota
    ("cloudasset", 2),
    // https://cloud.google.com/resource-manager/quotas
    ("cloudresourcemanager", 10),
];

/// Requests a second to any other API.
const USUAL: u32 = 20;

/// What all targets of a scan share: who signs, and how fast.
pub(crate) struct Shared {
    pub(crate) client: reqwest::Client,
    pub(crate) credentials: Credentials,
    pub(crate) limits: Limits,
    pub(crate) endpoint: Option<String>,
    pub(crate) recorder: Arc<dyn Recorder>,
    limiters: Mutex<HashMap<String, Arc<Limiter>>>,
    flights: Semaphore,
    /// Why the recorder failed; nothing is asked any more.
    broken: OnceLock<String>,
}

impl Shared {
    pub(crate) fn new(
        client: reqwest::Client,
        credentials: Credentials,
        limits: Limits,
        endpoint: Option<String>,
        recorder: Arc<dyn Recorder>,
    ) -> Self {
        Self {
            flights: Semaphore::new(limits.flights.max(1)),
            client,
            credentials,
            limits,
            endpoint,
            recorder,
            limiters: Mutex::default(),
            broken: OnceLock::new(),
        }
    }

    /// Why the recorder failed. From then on every page is a failure
    /// ([`Cause::Cancelled`]); the scan must stop.
    pub(crate) fn broken(&self) -> Option<&str> {
        self.broken.get().map(String::as_str)
    }

    fn limiter(&self, service: &str) -> Arc<Limiter> {
        let loopback = self.endpoint.as_deref().is_some_and(is_loopback);
        let known = RATES.iter().find(|(s, _)| *s == service);
        let usual = known.map_or(USUAL, |(_, rate)| *rate);
        let mut limiters = self.limiters.lock().unwrap_or_else(PoisonError::into_inner);
        let made = limiters.entry(service.to_owned());
        made.or_insert_with(|| Arc::new(Limiter::new(&self.limits, usual, loopback)))
            .clone()
    }
}

/// Signed in, with no target yet.
pub struct Access {
    pub(crate) shared: Arc<Shared>,
    pub(crate) caller: Caller,
    /// The project that the credentials or the environment name.
    pub(crate) project: Option<String>,
}

/// A caller bound to one target.
pub struct Session {
    pub(crate) shared: Arc<Shared>,
    pub(crate) target: Target,
    /// What showed that the target is there: it is not asked again.
    pub(crate) first: Option<(Request, Page)>,
}

/// A request with all that came of it.
pub(crate) struct Asked {
    pub(crate) exchange: Exchange,
    /// The bytes to keep, secrets replaced.
    pub(crate) body: Option<Vec<u8>>,
    pub(crate) outcome: Result<Reading, Failure>,
}

/// A page out of what was read of an exchange.
pub(crate) fn page(reading: Reading, exchange: String) -> Page {
    Page {
        value: reading.value,
        exchange,
        next: reading.next,
        holes: reading.holes,
    }
}

impl Session {
    pub(crate) fn new(access: &Access, target: Target) -> Self {
        Self {
            shared: Arc::clone(&access.shared),
            target,
            first: None,
        }
    }

    /// The target and who reads it.
    pub fn target(&self) -> &Target {
        &self.target
    }

    /// Asks for one page without recording it.
    pub(crate) async fn ask(&self, request: &Request) -> Result<Asked, Failure> {
        let operation = allowed(request)?;
        let params = with_cursor(request);
        let endpoint = self.shared.endpoint.as_deref();
        let refused = |why| failed(Cause::Rejected, why);
        let built = build(operation.model, operation.method, &params, endpoint).map_err(refused)?;
        let wire = (built.http, built.url.as_str());
        guard::by_wire(operation.model, operation.method, wire, endpoint).map_err(refused)?;
        let limiter = self.shared.limiter(&request.service);
        let place = limiter.enter().await;
        let flight = self.shared.flights.acquire().await.ok();
        let started = now();
        let Shared {
            client,
            credentials,
            limits,
            ..
        } = &*self.shared;
        let sent = send(client, credentials, limits, &built).await;
        drop((place, flight));
        let mut exchange = Exchange {
            id: String::new(),
            cloud: "gcp".to_owned(),
            account: self.target.account.clone(),
            region: request.region.clone(),
            call: format!("{}:{}", request.service, operation.name),
            params,
            caller: self.target.caller.id.clone(),
            started,
            ended: now(),
            date: None,
            request_id: None,
            status: None,
            headers: std::collections::BTreeMap::new(),
            attempts: sent.attempts,
            http: Some(readable(built.http, &built.url)),
            error: None,
            failure: None,
            answer: None,
        };
        exchange.id = Exchange::id_of(
            &exchange.cloud,
            &exchange.account,
            &exchange.region,
            &exchange.call,
            &exchange.params,
        );
        Ok(heard(operation, request, exchange, sent))
    }

    /// Keeps what was asked; a failure of the recorder ends the scan.
    pub(crate) fn keep(&self, asked: &Asked) -> Result<(), Failure> {
        // What never left needs no record.
        if asked.exchange.attempts == 0 {
            return Ok(());
        }
        self.shared
            .recorder
            .record(&asked.exchange, asked.body.as_deref())
            .map_err(|e| {
                let why = self.shared.broken.get_or_init(|| e.to_string());
                failed(Cause::Cancelled, why.clone())
            })
    }
}

/// Adds what came back to the record, and says what it means.
fn heard(operation: Operation, request: &Request, mut exchange: Exchange, sent: Sent) -> Asked {
    let mut body = None;
    let outcome = match sent.outcome {
        Err(broken) => {
            exchange.status = broken.status;
            Err(failed(broken.cause, broken.message))
        }
        Ok(received) => {
            exchange.status = Some(received.status);
            exchange.date = received.date;
            exchange.request_id = received.id;
            let (clean, replaced) = scrub(&received.body);
            let understood = understand(operation, request, received.status, &clean);
            exchange.answer = understood.body.as_ref().map(|bytes| AnswerRef {
                sha256: digest(bytes),
                bytes: bytes.len() as u64,
                redacted: understood.redacted + replaced,
            });
            body = understood.body;
            understood.meaning
        }
    };
    let outcome = outcome.map_err(|failure| {
        exchange.failure = Some(failure.cause);
        exchange.error.clone_from(&failure.error);
        Failure {
            status: exchange.status,
            exchange: (exchange.attempts > 0).then(|| exchange.id.clone()),
            ..failure
        }
    });
    Asked {
        exchange,
        body,
        outcome,
    }
}

/// Method and address, for repeating by hand.
fn readable(http: &str, url: &str) -> String {
    let (clean, _) = scrub(url.as_bytes());
    format!("{http} {}", String::from_utf8_lossy(&clean))
}

/// The clock, as RFC 3339 in UTC.
fn now() -> String {
    jiff::Timestamp::now().to_string()
}

impl Cloud for Session {
    fn name(&self) -> &'static str {
        "gcp"
    }

    fn level(&self) -> &str {
        &self.target.level
    }

    fn account(&self) -> &str {
        &self.target.account
    }

    fn partition(&self) -> &str {
        ""
    }

    fn home_region(&self) -> &str {
        crate::HOME
    }

    fn regions(&self) -> &[String] {
        &self.target.regions
    }

    fn page(&self, request: Request) -> BoxFuture<'_, Result<Page, Failure>> {
        async move {
            if let Some(why) = self.shared.broken() {
                return Err(failed(Cause::Cancelled, why.to_owned()));
            }
            if let Some((_, known)) = self.first.as_ref().filter(|(r, _)| *r == request) {
                return Ok(known.clone());
            }
            let asked = self.ask(&request).await?;
            self.keep(&asked)?;
            Ok(page(asked.outcome?, asked.exchange.id))
        }
        .boxed()
    }
}
