//! A target that was reached: implements [`Cloud`].

use crate::answer::{Heard, allowed, failed, said};
use crate::attempts::{Attempts, Call, Current, Gates, Sent, quota};
use crate::clouds::AzureCloud;
use crate::operation::{Service, Spelt};
use crate::query;
use crate::request::{Built, NEXT_LINK, with_cursor};
use crate::transport::{Broken, Wire, broken};
use azure_core::credentials::TokenCredential;
use azure_core::error::ErrorKind;
use azure_core::http::headers::HeaderName;
use azure_core::http::policies::Policy;
use azure_core::http::policies::auth::BearerTokenAuthorizationPolicy;
use azure_core::http::{
    ClientOptions, Context, Method, Pipeline, PipelineSendOptions, RawResponse,
    Request as Outgoing, RetryOptions, Transport, Url,
};
use futures::FutureExt;
use futures::future::BoxFuture;
use serde_json::{Map, Value};
use shoseki_caller::{Limits, in_words, scrub};
use shoseki_collect::{Cloud, Failure, Page, Reading, Recorder, Request, Trail};
use shoseki_model::{AnswerRef, Cause, Exchange, Target, digest};
use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};
use tokio::sync::{OnceCell, Semaphore};

/// What all targets of a sign-in share.
pub(crate) struct Shared {
    arm: Pipeline,
    graph: Pipeline,
    vaults: Pipeline,
    pub(crate) cloud: AzureCloud,
    pub(crate) limits: Limits,
    pub(crate) endpoint: Option<String>,
    gates: Arc<Gates>,
    recorder: Arc<dyn Recorder>,
    flights: Semaphore,
    /// Why the recorder failed; nothing is asked any more.
    broken: OnceLock<String>,
}

/// A caller bound to one subscription or to the tenant.
pub struct Session {
    pub(crate) shared: Arc<Shared>,
    pub(crate) target: Target,
    /// Whether Resource Graph shows all there is, asked once.
    sees_all: OnceCell<Result<(), Failure>>,
}

/// A request with all that came of it.
pub(crate) struct Asked {
    pub(crate) exchange: Exchange,
    pub(crate) body: Option<Vec<u8>>,
    /// The answer, and the cursor of the next page.
    pub(crate) outcome: Result<Reading, Failure>,
}

/// What came back over the wire.
struct Came {
    status: u16,
    body: Vec<u8>,
    scrubbed: u64,
    date: Option<String>,
    request_id: Option<String>,
}

impl Shared {
    pub(crate) fn new(
        cloud: AzureCloud,
        limits: Limits,
        endpoint: Option<Url>,
        wire: Arc<Wire>,
        credential: Arc<dyn TokenCredential>,
        recorder: Arc<dyn Recorder>,
    ) -> Self {
        let endpoint = endpoint.map(|e| e.as_str().trim_end_matches('/').to_owned());
        let gates = Arc::new(Gates::new(&limits, endpoint.as_deref()));
        let pipeline = |host: &str| {
            let attempts: Arc<dyn Policy> = Arc::new(Attempts {
                limits: limits.clone(),
                gates: Arc::clone(&gates),
            });
            let scope = format!("https://{host}/.default");
            let token: Arc<dyn Policy> = Arc::new(BearerTokenAuthorizationPolicy::new(
                Arc::clone(&credential),
                [scope],
            ));
            let options = ClientOptions {
                per_try_policies: vec![Arc::new(Sent(Arc::clone(&wire)))],
                retry: RetryOptions::none(),
                transport: Some(Transport::new(Arc::clone(&wire) as _)),
                ..ClientOptions::default()
            };
            let version = option_env!("CARGO_PKG_VERSION");
            Pipeline::new(
                Some("shoseki"),
                version,
                options,
                vec![attempts],
                vec![token],
                None,
            )
        };
        Self {
            arm: pipeline(cloud.arm()),
            graph: pipeline(cloud.graph()),
            vaults: pipeline(cloud.vaults()),
            cloud,
            endpoint,
            gates,
            recorder,
            flights: Semaphore::new(limits.flights.max(1)),
            limits,
            broken: OnceLock::new(),
        }
    }

    /// Why the recorder failed.
    pub(crate) fn broken(&self) -> Option<&str> {
        self.broken.get().map(String::as_str)
    }
}

impl Session {
    pub(crate) fn new(shared: Arc<Shared>, target: Target) -> Self {
        Self {
            shared,
            target,
            sees_all: OnceCell::new(),
        }
    }

    /// The target and who reads.
    pub fn target(&self) -> &Target {
        &self.target
    }

    /// Asks for one page without recording it.
    pub(crate) async fn ask(&self, request: &Request) -> Result<Asked, Failure> {
        let spelt = allowed(request)?;
        if spelt.service == Service::Arg && self.target.level != "subscription" {
            let why = "Resource Graph is asked at a subscription";
            return Err(failed(Cause::Rejected, why));
        }
        let built =
            Built::new(&spelt, &request.params).map_err(|why| failed(Cause::Rejected, why))?;
        let started = now();
        let (call, sent) = self.send(&spelt, built, request.cursor.as_ref()).await?;
        let (mut exchange, came) = self.exchange(request, &call, started, sent);
        let (outcome, body, redacted) = match came {
            Err(failure) => (Err(failure), None, 0),
            Ok(came) => {
                let heard = Heard {
                    request,
                    status: came.status,
                    body: &came.body,
                    endpoint: self.shared.endpoint.as_deref(),
                };
                match heard.read() {
                    Ok(u) => (
                        u.reading,
                        Some(u.body.into_owned()),
                        u.redacted + came.scrubbed,
                    ),
                    Err((f, keep)) => (Err(*f), keep.then(|| came.body.clone()), came.scrubbed),
                }
            }
        };
        exchange.answer = body.as_ref().map(|bytes| AnswerRef {
            sha256: digest(bytes),
            bytes: bytes.len() as u64,
            redacted,
        });
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

    /// Sends a request with its attempts.
    async fn send(
        &self,
        spelt: &Spelt<'_>,
        built: Built,
        cursor: Option<&Map<String, Value>>,
    ) -> Result<(Arc<Call>, azure_core::Result<RawResponse>), Failure> {
        let shared = &self.shared;
        let unsound = |why: String| failed(Cause::Rejected, why);
        let (pipeline, host, path) = match spelt.service {
            Service::Graph => (&shared.graph, shared.cloud.graph(), built.path.as_str()),
            Service::Vault => {
                let (host, path) = built.at_vault(shared.cloud).map_err(unsound)?;
                (&shared.vaults, host, path)
            }
            _ => (&shared.arm, shared.cloud.arm(), built.path.as_str()),
        };
        let sep = if built.query.is_empty() { "" } else { "?" };
        let first = format!("https://{host}{path}{sep}{}", built.query);
        let link = cursor
            .and_then(|c| c.get(NEXT_LINK))
            .and_then(Value::as_str);
        let url = match link {
            None => Url::parse(&first).map_err(|e| unsound(format!("{first}: {e}")))?,
            Some(link) => next_page(link, host).map_err(unsound)?,
        };
        let method = match spelt.method {
            "POST" => Method::Post,
            _ => Method::Get,
        };
        let mut out = Outgoing::new(url.clone(), method);
        out.insert_header("accept", "application/json");
        if built.query.contains("$search") || built.query.contains("$count=true") {
            out.insert_header("consistencylevel", "eventual");
        }
        let scope = self.scope(spelt, host);
        if let Some(body) = built.body {
            let body = query::paged(spelt.service, body, cursor);
            out.insert_header("content-type", "application/json");
            out.set_body(body.to_string());
        }
        let call = Arc::new(Call::new(scope, url.path().to_owned(), &shared.limits));
        let _flight = shared.flights.acquire().await.ok();
        let context = Context::new().with_value(Current(Arc::clone(&call)));
        let options = PipelineSendOptions {
            skip_checks: true,
            ..PipelineSendOptions::default()
        };
        // The attempts keep to the time; this is for what they do not see.
        let limit = shared.limits.operation + shared.limits.attempt;
        let sending = pipeline.send(&context, &mut out, Some(options));
        let sent = match tokio::time::timeout(limit, sending).await {
            Ok(sent) => sent,
            Err(_) => Err(azure_core::Error::with_message(
                ErrorKind::Io,
                format!("no answer in {} s", limit.as_secs()),
            )),
        };
        if let (Service::Arg, Ok(answer)) = (spelt.service, &sent)
            && let Some(wait) = quota(answer.headers())
        {
            shared.gates.close(&call.scope, wait);
        }
        Ok((call, sent))
    }

    /// What the provider counts together.
    fn scope(&self, spelt: &Spelt<'_>, host: &str) -> String {
        let caller = &self.target.caller.account;
        match spelt.service {
            Service::Graph => format!("{caller} graph"),
            Service::Arg => format!("{caller} arg"),
            Service::Vault => host.to_owned(),
            Service::Arm => {
                let provider = spelt.path.rsplit("/providers/").next().unwrap_or_default();
                let namespace = provider.split('/').next().unwrap_or_default();
                format!("{} {namespace}", self.target.account)
            }
        }
    }

    /// The record of a call that is over, without what it meant, and what came.
    fn exchange(
        &self,
        request: &Request,
        call: &Call,
        started: String,
        sent: azure_core::Result<RawResponse>,
    ) -> (Exchange, Result<Came, Failure>) {
        let came = match sent {
            Ok(answer) => Ok(Came::of(answer)),
            Err(e) => Err(local(&e, call.traffic().attempts)),
        };
        let params = with_cursor(request.params.clone(), request.cursor.as_ref());
        let name = format!("{}:{}", request.service, request.operation);
        let target = &self.target;
        let traffic = call.traffic();
        let seen = came.as_ref().ok();
        let exchange = Exchange {
            id: Exchange::id_of("azure", &target.account, &request.region, &name, &params),
            cloud: "azure".to_owned(),
            account: target.account.clone(),
            region: request.region.clone(),
            call: name,
            params,
            caller: target.caller.id.clone(),
            started,
            ended: now(),
            date: seen.and_then(|c| c.date.clone()),
            request_id: seen.and_then(|c| c.request_id.clone()),
            status: seen.map(|c| c.status),
            headers: BTreeMap::new(),
            attempts: traffic.attempts,
            http: traffic.http.clone(),
            error: None,
            failure: None,
            answer: None,
        };
        (exchange, came)
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

    /// One page, recorded.
    pub(crate) async fn one(&self, request: &Request) -> Result<Page, Failure> {
        if let Some(why) = self.shared.broken() {
            return Err(failed(Cause::Cancelled, why.to_owned()));
        }
        let asked = self.ask(request).await?;
        self.keep(&asked)?;
        let reading = asked.outcome?;
        Ok(Page {
            value: reading.value,
            exchange: asked.exchange.id,
            next: reading.next,
            holes: Vec::new(),
        })
    }

    /// All entries of a list, and the exchange of its last page.
    pub(crate) async fn all(&self, mut request: Request) -> Result<(Vec<Value>, String), Failure> {
        let mut all = Vec::new();
        let mut trail = Trail::default();
        loop {
            let page = self.one(&request).await?;
            query::entries(&page.value, &mut all);
            if !request.follow(&mut trail, page.next, &page.exchange)? {
                return Ok((all, page.exchange));
            }
        }
    }

    /// Whether Resource Graph shows all that there is in this subscription: it
    /// leaves out silently what the caller may not read.
    pub(crate) async fn sees_all(&self) -> Result<(), Failure> {
        let found = self.sees_all.get_or_init(|| async {
            let request = query::permissions(&self.target.account);
            let (entries, exchange) = self.all(request).await?;
            query::judge(&entries, &exchange)
        });
        found.await.clone()
    }
}

impl Came {
    fn of(answer: RawResponse) -> Self {
        let (status, headers, body) = answer.deconstruct();
        let header = |name: &'static str| {
            let found = headers.get_str(&HeaderName::from_static(name)).ok()?;
            let clean = scrub(found.as_bytes()).0;
            Some(String::from_utf8_lossy(&clean).into_owned())
        };
        // Secrets by their look go first, so that what is read is what is kept.
        let bytes: &[u8] = body.as_ref();
        let (body, scrubbed) = scrub(bytes);
        Self {
            status: status.into(),
            scrubbed,
            date: header("date"),
            request_id: header("x-ms-request-id").or_else(|| header("request-id")),
            body: body.into_owned(),
        }
    }
}

/// The address of the next page: the path and query of the link, always at the
/// cloud's own host.
fn next_page(link: &str, host: &str) -> Result<Url, String> {
    let told = |e: &dyn std::fmt::Display| format!("the link to the next page: {e}");
    let mut url = Url::parse(link).map_err(|e| told(&e))?;
    let same = url.host_str().is_some_and(crate::clouds::is_official);
    if !same {
        url = Url::parse(&format!(
            "https://{host}{}{}",
            url.path(),
            url.query().map(|q| format!("?{q}")).unwrap_or_default()
        ))
        .map_err(|e| told(&e))?;
    }
    Ok(url)
}

/// Failures that are no answer of the provider.
fn local(e: &azure_core::Error, attempts: u32) -> Failure {
    let cause = match (broken(e), e.kind()) {
        (Some(Broken::Timeout), _) => Cause::Timeout,
        (Some(Broken::Unreachable), _) => Cause::Unreachable,
        (Some(Broken::Cut), _) => Cause::Malformed,
        (Some(Broken::Blocked), _) => Cause::Rejected,
        (None, ErrorKind::Credential) => Cause::Denied,
        (None, ErrorKind::Io) => Cause::Timeout,
        (None, ErrorKind::Connection) => Cause::Unreachable,
        _ if attempts == 0 => Cause::Rejected,
        _ => Cause::Malformed,
    };
    Failure {
        cause,
        error: Some(said(in_words(e))),
        status: None,
        exchange: None,
    }
}

/// The clock, as RFC 3339 in UTC.
pub(crate) fn now() -> String {
    jiff::Timestamp::now().to_string()
}

impl Cloud for Session {
    fn name(&self) -> &'static str {
        "azure"
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
        query::REGION
    }

    fn regions(&self) -> &[String] {
        &self.target.regions
    }

    fn page(&self, request: Request) -> BoxFuture<'_, Result<Page, Failure>> {
        async move {
            if query::needs_all(&request) {
                self.sees_all().await?;
            }
            self.one(&request).await
        }
        .boxed()
    }
}
