//! A signed-in account: implements [`Cloud`] over the clients of its services.

use crate::answer::{allowed, failed, paged, refused};
use crate::assume::Watched;
use crate::client::{CallFailure, Client, Shared};
use crate::reader::regions_gap;
use crate::registry::Loaded;
use crate::traffic::{Call, Kept};
use crate::{page, quirks};
use aws_credential_types::provider::error::CredentialsError;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_types::service_config::ServiceConfigKey;
use futures::FutureExt;
use futures::future::BoxFuture;
use serde_json::{Map, Value};
use shoseki_caller::in_words;
use shoseki_collect::{Cloud, Failure, Page, Recorder, Request};
use shoseki_model::{AnswerRef, Cause, Exchange, Gap, Target, digest};
use std::collections::HashMap;
use std::error::Error;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use tokio::sync::Semaphore;

/// A caller bound to one account and its credentials.
pub struct Session {
    pub(crate) shared: Shared,
    pub(crate) target: Target,
    pub(crate) home: String,
    /// A region in which the keys are known to work.
    pub(crate) works_in: Option<String>,
    pub(crate) recorder: Arc<dyn Recorder>,
    /// Endpoint that the user gave; without it the environment decides.
    pub(crate) endpoint: Option<String>,
    /// What STS says to requests for the last role.
    pub(crate) watched: Watched,
    /// Why the account's regions could not be listed.
    pub(crate) regions_unknown: Option<Failure>,
    flights: Semaphore,
    clients: Mutex<HashMap<(&'static str, String), Arc<Client>>>,
    /// Regions of buckets that were found elsewhere than asked.
    buckets: Mutex<HashMap<String, String>>,
    /// Why the recorder failed; nothing is asked any more.
    broken: OnceLock<String>,
}

/// A request with all that came of it.
pub(crate) struct Asked {
    pub(crate) exchange: Exchange,
    pub(crate) body: Option<Kept>,
    /// The answer, and the cursor of the next page.
    pub(crate) outcome: Result<(Value, Option<Map<String, Value>>), Failure>,
}

impl Session {
    pub(crate) fn new(
        shared: Shared,
        target: Target,
        home: String,
        recorder: Arc<dyn Recorder>,
        endpoint: Option<String>,
    ) -> Self {
        Self {
            flights: Semaphore::new(shared.limits.flights.max(1)),
            shared,
            target,
            home,
            works_in: None,
            watched: Watched::default(),
            regions_unknown: None,
            recorder,
            endpoint,
            clients: Mutex::default(),
            buckets: Mutex::default(),
            broken: OnceLock::new(),
        }
    }

    /// The account, its regions and who reads.
    pub fn target(&self) -> &Target {
        &self.target
    }

    /// What signing in could not see: where the account's regions could not be
    /// listed, it is not known which ones the choice leaves out.
    pub fn gaps(&self) -> Vec<Gap> {
        let failure = self.regions_unknown.iter().cloned();
        failure.map(|f| regions_gap(&self.target, f)).collect()
    }

    /// Why the recorder failed. From then on every page is a failure
    /// ([`Cause::Cancelled`]); the scan must stop.
    pub fn broken(&self) -> Option<&str> {
        self.broken.get().map(String::as_str)
    }

    /// Where requests to `service` go, when not where its rules say.
    pub(crate) fn endpoint_of(&self, service: &Loaded) -> Option<String> {
        let configured = || {
            let key = ServiceConfigKey::builder()
                .service_id(&service.model.id)
                .env("AWS_ENDPOINT_URL")
                .profile("endpoint_url")
                .build()
                .ok()?;
            self.shared.sdk.service_config()?.load_config(key)
        };
        self.endpoint
            .clone()
            .or_else(configured)
            .or_else(|| self.shared.sdk.endpoint_url().map(str::to_owned))
    }

    fn client(&self, service: &'static Loaded, region: &str) -> Arc<Client> {
        let key = (service.key.as_str(), region.to_owned());
        let mut clients = self.clients.lock().unwrap_or_else(PoisonError::into_inner);
        clients
            .entry(key)
            .or_insert_with(|| {
                let endpoint = self.endpoint_of(service);
                Arc::new(Client::new(&self.shared, service, region, endpoint))
            })
            .clone()
    }

    /// Asks for one page without recording it.
    pub(crate) async fn ask(&self, request: Request) -> Result<Asked, Failure> {
        let (service, name, operation) = allowed(&request)?;
        let params = page::with_cursor(request.params, request.cursor.as_ref());
        let call = Arc::new(Call::new(service, name, operation, params, &request.secret));
        let started = now();
        let sent = self.send(call.clone(), &request.region).await;
        let (mut exchange, body) = self.exchange(&call, request.region, started);
        let outcome = match sent {
            Err(e) => Err(self.failure(&e, &exchange)),
            Ok(members) => {
                let names = request.page.as_ref();
                paged(operation, names, request.cursor.as_ref(), members)
            }
        };
        let outcome = outcome.map_err(|failure| {
            exchange.failure = Some(failure.cause);
            exchange.error = failure.error.clone();
            Failure {
                status: exchange.status,
                exchange: (exchange.attempts > 0).then(|| exchange.id.clone()),
                ..failure
            }
        });
        Ok(Asked {
            exchange,
            body,
            outcome,
        })
    }

    /// The record of a call that is over, without what it meant, and its bytes.
    pub(crate) fn exchange(
        &self,
        call: &Call,
        region: String,
        started: String,
    ) -> (Exchange, Option<Kept>) {
        let mut traffic = std::mem::take(&mut *call.traffic());
        let body = traffic.body.take();
        let mut exchange = Exchange {
            id: String::new(),
            cloud: "aws".to_owned(),
            account: self.target.account.clone(),
            region,
            call: call.title(),
            params: call.params.clone(),
            caller: self.target.caller.id.clone(),
            started,
            ended: now(),
            date: traffic.date,
            request_id: traffic.request_id,
            status: traffic.status,
            headers: traffic.headers,
            attempts: traffic.attempts,
            http: traffic.http,
            error: None,
            failure: None,
            answer: body.as_ref().map(Kept::bytes).map(|bytes| AnswerRef {
                sha256: digest(bytes),
                bytes: bytes.len() as u64,
                redacted: traffic.redacted,
            }),
        };
        exchange.identify();
        (exchange, body)
    }

    /// Sends a request; one to S3 follows its bucket to another region once.
    async fn send(&self, call: Arc<Call>, region: &str) -> Result<Map<String, Value>, CallFailure> {
        let bucket = quirks::bucket(call.service, &call.params).map(str::to_owned);
        let known = |b: &String| {
            let buckets = self.buckets.lock().unwrap_or_else(PoisonError::into_inner);
            buckets.get(b).cloned()
        };
        let found = bucket.as_ref().and_then(known);
        let first = found.unwrap_or_else(|| region.to_owned());
        let result = self.send_to(call.clone(), &first).await;
        let (Err(SdkError::ServiceError(e)), Some(bucket)) = (&result, bucket) else {
            return result;
        };
        let e = e.err();
        let elsewhere = e.region.clone().filter(|r| *r != first);
        match elsewhere.filter(|_| quirks::is_redirect(e.status, &e.api_error().code)) {
            None => result,
            Some(region) => {
                self.buckets
                    .lock()
                    .unwrap_or_else(PoisonError::into_inner)
                    .insert(bucket, region.clone());
                self.send_to(call, &region).await
            }
        }
    }

    async fn send_to(
        &self,
        call: Arc<Call>,
        region: &str,
    ) -> Result<Map<String, Value>, CallFailure> {
        let client = self.client(call.service, region);
        let _place = client.limiter.enter().await;
        let _flight = self.flights.acquire().await.ok();
        client.send(call).await
    }

    /// What an error means.
    pub(crate) fn failure(&self, e: &CallFailure, exchange: &Exchange) -> Failure {
        if let SdkError::ServiceError(s) = e {
            let works_in = self.works_in.as_deref();
            return refused(s.err(), &exchange.region, &self.home, works_in);
        }
        Failure {
            status: exchange.status,
            ..failed(local_cause(e, exchange.attempts), in_words(e))
        }
    }

    /// Keeps what was asked; a failure of the recorder ends the scan.
    pub(crate) fn keep(&self, asked: &Asked) -> Result<(), Failure> {
        // What never left needs no record.
        if asked.exchange.attempts == 0 {
            return Ok(());
        }
        self.recorder
            .record(&asked.exchange, asked.body.as_ref().map(Kept::bytes))
            .map_err(|e| {
                let why = self.broken.get_or_init(|| e.to_string());
                failed(Cause::Cancelled, why.clone())
            })
    }
}

/// Causes that are no answer of the provider.
fn local_cause(e: &CallFailure, attempts: u32) -> Cause {
    let mut source: Option<&(dyn Error + 'static)> = Some(e);
    while let Some(inner) = source {
        if inner.downcast_ref::<CredentialsError>().is_some() {
            return Cause::Denied;
        }
        source = inner.source();
    }
    match e {
        SdkError::TimeoutError(_) => Cause::Timeout,
        SdkError::DispatchFailure(d) if d.is_timeout() => Cause::Timeout,
        SdkError::DispatchFailure(_) => Cause::Unreachable,
        // The answer broke off on its way.
        SdkError::ResponseError(_) => Cause::Malformed,
        _ if attempts == 0 => Cause::Rejected,
        _ => Cause::Malformed,
    }
}

/// The clock, as RFC 3339 in UTC.
pub(crate) fn now() -> String {
    jiff::Timestamp::now().to_string()
}

/// Fills in the id of an exchange.
pub(crate) trait Identify {
    /// Sets the id to what was asked.
    fn identify(&mut self);
}

impl Identify for Exchange {
    fn identify(&mut self) {
        self.id = Exchange::id_of(
            &self.cloud,
            &self.account,
            &self.region,
            &self.call,
            &self.params,
        );
    }
}

impl Cloud for Session {
    fn name(&self) -> &'static str {
        "aws"
    }

    fn level(&self) -> &str {
        &self.target.level
    }

    fn account(&self) -> &str {
        &self.target.account
    }

    fn partition(&self) -> &str {
        &self.target.partition
    }

    fn home_region(&self) -> &str {
        &self.home
    }

    fn regions(&self) -> &[String] {
        &self.target.regions
    }

    fn page(&self, request: Request) -> BoxFuture<'_, Result<Page, Failure>> {
        async move {
            if let Some(why) = self.broken() {
                return Err(failed(Cause::Cancelled, why.to_owned()));
            }
            let asked = self.ask(request).await?;
            self.keep(&asked)?;
            let (value, next) = asked.outcome?;
            Ok(Page {
                value,
                exchange: asked.exchange.id,
                next,
                holes: Vec::new(),
            })
        }
        .boxed()
    }
}
