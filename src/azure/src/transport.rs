//! The last step: requests leave here, guarded, with what went wrong kept apart.

use crate::clouds::AzureCloud;
use crate::guard;
use crate::operation::Service;
use async_trait::async_trait;
use azure_core::Error;
use azure_core::error::ErrorKind;
use azure_core::http::headers::Headers;
use azure_core::http::{AsyncRawResponse, Body, HttpClient, Method, Request, Url};
use shoseki_caller::{Limits, in_words, is_loopback};
use std::fmt;
use std::time::Duration;

/// How a request failed on its way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Broken {
    /// No answer in time.
    Timeout,
    /// No connection, or it broke before an answer came.
    Unreachable,
    /// The answer broke off.
    Cut,
    /// It is no reading request.
    Blocked,
}

/// [`Broken`] with words, as the source of the pipeline's error.
#[derive(Debug)]
pub struct Trouble {
    /// How.
    pub broken: Broken,
    words: String,
}

impl fmt::Display for Trouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.words)
    }
}

impl std::error::Error for Trouble {}

/// What to send where.
pub struct Wire {
    client: reqwest::Client,
    endpoint: Option<Url>,
    /// Tokens are fetched with POST, from hosts that hold no configuration.
    tokens: bool,
    cloud: AzureCloud,
    limit: Duration,
}

impl fmt::Debug for Wire {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Wire")
            .field("endpoint", &self.endpoint.as_ref().map(Url::as_str))
            .finish_non_exhaustive()
    }
}

/// Reads an endpoint that the user gave: https, or this machine.
pub fn endpoint(text: &str) -> Result<Url, String> {
    let url = Url::parse(text).map_err(|e| format!("{text}: {e}"))?;
    let sound = matches!(url.scheme(), "https") || (url.scheme() == "http" && is_loopback(text));
    match sound && url.query().is_none() {
        true => Ok(url),
        false => Err(format!(
            "{text}: an endpoint is https, or http on this machine, because tokens are sent there"
        )),
    }
}

impl Wire {
    /// For requests (`tokens`: for sign-in), where the user gave no other
    /// `endpoint` to where they say.
    pub fn new(
        limits: &Limits,
        endpoint: Option<Url>,
        cloud: AzureCloud,
        tokens: bool,
    ) -> Result<Self, reqwest::Error> {
        let mut client = reqwest::Client::builder()
            .connect_timeout(limits.connect)
            .redirect(reqwest::redirect::Policy::none());
        if endpoint.as_ref().is_some_and(|e| is_loopback(e.as_str())) {
            client = client.no_proxy();
        }
        Ok(Self {
            client: client.build()?,
            endpoint,
            tokens,
            cloud,
            limit: limits.attempt,
        })
    }

    /// The host where it is a key vault's.
    fn vault<'u>(&self, url: &'u Url) -> Option<&'u str> {
        url.host_str().filter(|h| self.cloud.is_vault(h))
    }

    /// Where a request really goes: at the user's endpoint, paths of a key vault begin
    /// with its host, because nothing else would tell which one is asked.
    pub fn address(&self, url: &Url) -> Url {
        let Some(endpoint) = &self.endpoint else {
            return url.clone();
        };
        let mut to = endpoint.clone();
        let base = endpoint.path().trim_end_matches('/');
        let vault = self.vault(url).map(|h| format!("/{h}")).unwrap_or_default();
        to.set_path(&format!("{base}{vault}{}", url.path()));
        to.set_query(url.query());
        to
    }

    fn guarded(&self, request: &Request) -> Result<(), String> {
        if self.tokens {
            return Ok(());
        }
        let url = request.url();
        let service = match url.host_str() {
            Some(h) if h == self.cloud.graph() => Service::Graph,
            Some(h) if self.cloud.is_vault(h) => Service::Vault,
            _ if url.path().eq_ignore_ascii_case(RESOURCE_GRAPH) => Service::Arg,
            _ => Service::Arm,
        };
        let method = match request.method() {
            Method::Get => "GET",
            Method::Post => "POST",
            _ => "?",
        };
        guard::by_path(service, method, url.path())
            .map_err(|why| format!("blocked: {method} {} {why}", url.path()))
    }

    async fn send(&self, request: &Request) -> Result<AsyncRawResponse, (Broken, String)> {
        let method = match request.method() {
            Method::Post => reqwest::Method::POST,
            _ => reqwest::Method::GET,
        };
        let mut out = self.client.request(method, self.address(request.url()));
        for (name, value) in request.headers().iter() {
            out = out.header(name.as_str(), value.as_str());
        }
        if let Body::Bytes(b) = request.body()
            && !b.is_empty()
        {
            out = out.body(b.clone());
        }
        let lost = |e: &reqwest::Error| match e.is_timeout() {
            true => Broken::Timeout,
            false => Broken::Unreachable,
        };
        let answer = out.send().await.map_err(|e| (lost(&e), in_words(&e)))?;
        let status = answer.status().as_u16();
        let mut headers = Headers::new();
        for (name, value) in answer.headers() {
            if let Ok(v) = value.to_str() {
                headers.insert(name.as_str().to_owned(), v.to_owned());
            }
        }
        let body = answer.bytes().await.map_err(|e| match e.is_timeout() {
            true => (Broken::Timeout, in_words(&e)),
            false => (Broken::Cut, in_words(&e)),
        })?;
        Ok(AsyncRawResponse::from_bytes(status.into(), headers, body))
    }
}

const RESOURCE_GRAPH: &str = "/providers/Microsoft.ResourceGraph/resources";

#[async_trait]
impl HttpClient for Wire {
    async fn execute_request(&self, request: &Request) -> azure_core::Result<AsyncRawResponse> {
        let told = |broken, words: String| {
            let kind = match broken {
                Broken::Blocked => ErrorKind::Other,
                Broken::Unreachable => ErrorKind::Connection,
                _ => ErrorKind::Io,
            };
            Error::new(kind, Trouble { broken, words })
        };
        if let Err(why) = self.guarded(request) {
            return Err(told(Broken::Blocked, why));
        }
        match tokio::time::timeout(self.limit, self.send(request)).await {
            Ok(Ok(answer)) => Ok(answer),
            Ok(Err((broken, words))) => Err(told(broken, words)),
            Err(_) => {
                let words = format!("no answer in {} s", self.limit.as_secs_f32());
                Err(told(Broken::Timeout, words))
            }
        }
    }
}

/// What broke, where an error of the pipeline says so.
pub fn broken(e: &(dyn std::error::Error + 'static)) -> Option<Broken> {
    let mut source = Some(e);
    while let Some(inner) = source {
        if let Some(t) = inner.downcast_ref::<Trouble>() {
            return Some(t.broken);
        }
        // Errors hand out what they wrap in two ways.
        if let Some(core) = inner.downcast_ref::<Error>()
            && let Some(t) = core.downcast_ref::<Trouble>()
        {
            return Some(t.broken);
        }
        source = inner.source();
    }
    None
}
