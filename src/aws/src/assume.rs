//! Roles: where STS refuses one, its answer is kept, so that it can be read again.
//! What STS gives out are keys, and no byte of that is looked at.

use crate::answer::{failed, refused};
use crate::errors::CallError;
use crate::model;
use crate::session::{Identify as _, now};
use aws_smithy_runtime::client::defaults::default_http_client_plugin_v2;
use aws_smithy_runtime_api::client::behavior_version::BehaviorVersion;
use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpClient,
    SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::client::runtime_components::{
    RuntimeComponents, RuntimeComponentsBuilder,
};
use aws_smithy_runtime_api::client::runtime_plugin::RuntimePlugin as _;
use aws_smithy_types::body::SdkBody;
use aws_smithy_types::byte_stream::ByteStream;
use aws_types::SdkConfig;
use serde_json::Map;
use shoseki_caller::{in_words, scrub};
use shoseki_collect::{Failure, Request};
use shoseki_model::{AnswerRef, Cause, Exchange, digest};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// The call, as exchanges name it.
pub(crate) const ASSUME: &str = "sts:AssumeRole";

/// The name of our sessions.
pub(crate) const SESSION: &str = "shoseki";

/// The request for a role. Of an external id it says only that there is one.
pub(crate) fn request(role: &str, external_id: bool, region: &str) -> Request {
    let mut params = Map::new();
    params.insert("RoleArn".to_owned(), role.into());
    params.insert("RoleSessionName".to_owned(), SESSION.into());
    if external_id {
        params.insert("ExternalId".to_owned(), crate::REDACTED.into());
    }
    Request {
        service: "sts".to_owned(),
        operation: "AssumeRole".to_owned(),
        region: region.to_owned(),
        params,
        ..Request::default()
    }
}

/// Whether a request is that for a role.
pub(crate) fn is_assume(request: &Request) -> bool {
    (request.service.as_str(), request.operation.as_str()) == ("sts", "AssumeRole")
}

/// What a stored answer to the request for a role means: only refusals are kept.
pub(crate) fn reread(
    status: u16,
    headers: &BTreeMap<String, String>,
    body: &[u8],
    region: &str,
    home: &str,
) -> Failure {
    let Some(model) = model::service("sts").filter(|_| !(200..300).contains(&status)) else {
        let why = "an answer that gives out a role is never kept".to_owned();
        return failed(Cause::Malformed, why);
    };
    let header = |name: &str| headers.get(name).cloned();
    let error = CallError::read(model, status, header, body);
    refused(&error, region, home, None)
}

/// What was last seen of asking for a role.
#[derive(Debug, Default)]
struct Seen {
    attempts: u32,
    started: String,
    ended: String,
    http: String,
    date: Option<String>,
    request_id: Option<String>,
    status: Option<u16>,
    body: Option<Vec<u8>>,
    redacted: u64,
    /// Why no answer came.
    broken: Option<(Cause, String)>,
}

/// Watches what STS says to requests for a role.
#[derive(Clone, Debug, Default)]
pub(crate) struct Watched(Arc<Mutex<Seen>>);

/// A refusal as it is kept, with what it means.
pub(crate) struct Refusal {
    pub(crate) exchange: Exchange,
    pub(crate) body: Option<Vec<u8>>,
    pub(crate) failure: Failure,
}

impl Watched {
    fn seen(&self) -> MutexGuard<'_, Seen> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A configuration whose requests are watched.
    pub(crate) fn over(&self, sdk: &SdkConfig) -> SdkConfig {
        match sdk.http_client().or_else(usual) {
            None => sdk.clone(),
            Some(inner) => sdk
                .to_builder()
                .http_client(SharedHttpClient::new(Client {
                    inner,
                    watched: self.clone(),
                }))
                .build(),
        }
    }

    fn begins(&self, http: String) {
        let mut seen = self.seen();
        let (attempts, first) = (seen.attempts, std::mem::take(&mut seen.started));
        *seen = Seen {
            attempts: attempts + 1,
            started: if attempts == 0 { now() } else { first },
            http,
            ..Seen::default()
        };
    }

    fn answered(&self, answer: &HttpResponse, bytes: &[u8]) {
        let (body, redacted) = scrub(bytes);
        let header = |name: &str| answer.headers().get(name).map(str::to_owned);
        let mut seen = self.seen();
        seen.ended = now();
        seen.date = header("date");
        seen.request_id = header("x-amzn-requestid");
        seen.status = Some(answer.status().as_u16());
        seen.body = Some(body.into_owned());
        seen.redacted = redacted;
    }

    fn breaks(&self, cause: Cause, words: String) {
        let mut seen = self.seen();
        seen.ended = now();
        seen.broken = Some((cause, words));
    }

    /// The refusal of the role, if that is how asking for it ended. `asked`: as the
    /// exchange names it; `account`: whose role it is; `caller`: who asked.
    pub(crate) fn refusal(
        &self,
        asked: &Request,
        account: &str,
        caller: &str,
        home: &str,
    ) -> Option<Refusal> {
        let mut seen = std::mem::take(&mut *self.seen());
        if seen.attempts == 0 || seen.status.is_some_and(|s| (200..300).contains(&s)) {
            return None;
        }
        let failure = match (seen.status, &seen.body, seen.broken.take()) {
            (Some(status), Some(body), _) => {
                reread(status, &BTreeMap::new(), body, &asked.region, home)
            }
            (_, _, Some((cause, words))) => failed(cause, words),
            _ => failed(Cause::Timeout, "no answer came in time".to_owned()),
        };
        let mut exchange = Exchange {
            id: String::new(),
            cloud: "aws".to_owned(),
            account: account.to_owned(),
            region: asked.region.clone(),
            call: ASSUME.to_owned(),
            params: asked.params.clone(),
            caller: caller.to_owned(),
            ended: if seen.ended.is_empty() {
                now()
            } else {
                seen.ended
            },
            started: seen.started,
            date: seen.date,
            request_id: seen.request_id,
            status: seen.status,
            headers: BTreeMap::new(),
            attempts: seen.attempts,
            http: Some(seen.http),
            error: failure.error.clone(),
            failure: Some(failure.cause),
            answer: seen.body.as_ref().map(|bytes| AnswerRef {
                sha256: digest(bytes),
                bytes: bytes.len() as u64,
                redacted: seen.redacted,
            }),
        };
        exchange.identify();
        let failure = Failure {
            status: exchange.status,
            exchange: Some(exchange.id.clone()),
            ..failure
        };
        Some(Refusal {
            exchange,
            body: seen.body,
            failure,
        })
    }
}

/// The client that the SDK takes where none is configured.
fn usual() -> Option<SharedHttpClient> {
    let plugin = default_http_client_plugin_v2(BehaviorVersion::latest())?;
    let none = RuntimeComponentsBuilder::new("shoseki");
    let components = plugin.runtime_components(&none);
    components.http_client()
}

/// A client whose answers are looked at.
#[derive(Debug)]
struct Client {
    inner: SharedHttpClient,
    watched: Watched,
}

impl HttpClient for Client {
    fn http_connector(
        &self,
        settings: &HttpConnectorSettings,
        components: &RuntimeComponents,
    ) -> SharedHttpConnector {
        SharedHttpConnector::new(Connector {
            inner: self.inner.http_connector(settings, components),
            watched: self.watched.clone(),
        })
    }
}

#[derive(Debug)]
struct Connector {
    inner: SharedHttpConnector,
    watched: Watched,
}

impl HttpConnector for Connector {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let watched = self.watched.clone();
        watched.begins(format!("{} {}", request.method(), request.uri()));
        let answer = self.inner.call(request);
        HttpConnectorFuture::new(async move {
            let mut answer = answer
                .await
                .inspect_err(|e| watched.breaks(cause(e), in_words(e)))?;
            if answer.status().is_success() {
                *watched.seen() = Seen::default();
                return Ok(answer);
            }
            let body = std::mem::replace(answer.body_mut(), SdkBody::taken());
            let bytes = match ByteStream::new(body).collect().await {
                Ok(bytes) => bytes.into_bytes(),
                Err(e) => {
                    watched.breaks(Cause::Malformed, in_words(&e));
                    return Err(ConnectorError::io(e.into()));
                }
            };
            watched.answered(&answer, &bytes);
            *answer.body_mut() = SdkBody::from(bytes);
            Ok(answer)
        })
    }
}

fn cause(e: &ConnectorError) -> Cause {
    match e.is_timeout() {
        true => Cause::Timeout,
        false => Cause::Unreachable,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    #[test]
    fn an_external_id_is_not_written_down() {
        let asked = request("arn:aws:iam::1:role/R", true, "us-east-1");
        let expected = json!({
            "RoleArn": "arn:aws:iam::1:role/R", "RoleSessionName": "shoseki",
            "ExternalId": crate::REDACTED,
        });
        assert_eq!(Value::Object(asked.params), expected);
    }

    #[test]
    fn what_gives_out_a_role_is_no_refusal() {
        let none = BTreeMap::new();
        let f = reread(
            200,
            &none,
            b"<AssumeRoleResponse/>",
            "us-east-1",
            "us-east-1",
        );
        assert_eq!(f.cause, Cause::Malformed);
    }
}
