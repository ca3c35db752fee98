//! The whole caller against a server on loopback.
#![expect(clippy::unwrap_used, clippy::panic, reason = "tests")]

mod answers;
mod behaviour;
mod paging;
mod signing;
mod vaults;

use crate::signin::{SignIn, SignInError, SignedIn, Subscriptions, sign_in_with};
use crate::{Limits, Session};
use azure_core::base64::encode_url_safe;
use serde_json::{Map, Value, json};
use shoseki_caller::loopback::{Got, Reply, Server};
use shoseki_collect::{Recorder, Request};
use shoseki_model::Exchange;
use std::sync::{Arc, Mutex};
use std::time::Duration;

const TENANT: &str = "11111111-0000-4000-8000-000000000001";
const SUBSCRIPTION: &str = "22222222-0000-4000-8000-000000000002";
const ACCOUNTS: &str = "arm:GET /subscriptions/{subscriptionId}/providers/Microsoft.Storage/storageAccounts?api-version=2026-09-01";
const GRAPH_USERS: &str = "graph:GET /v1.0/users";
const ROWS: &str = "arg:POST /providers/Microsoft.ResourceGraph/resources?api-version=2024-04-01";

/// Keeps exchanges in memory.
#[derive(Default)]
struct Memory(Mutex<Vec<(Exchange, Option<Vec<u8>>)>>);

impl Recorder for Memory {
    fn record(&self, exchange: &Exchange, body: Option<&[u8]>) -> std::io::Result<()> {
        let kept = (exchange.clone(), body.map(<[u8]>::to_vec));
        self.0.lock().unwrap().push(kept);
        Ok(())
    }
}

impl Memory {
    fn last(&self) -> (Exchange, Option<Vec<u8>>) {
        self.0.lock().unwrap().last().unwrap().clone()
    }

    fn all(&self) -> Vec<(Exchange, Option<Vec<u8>>)> {
        self.0.lock().unwrap().clone()
    }
}

/// A token that says whom it speaks for.
fn token() -> String {
    let part = |v: Value| {
        encode_url_safe(v.to_string())
            .trim_end_matches('=')
            .to_owned()
    };
    let claims = json!({"tid": TENANT, "oid": "o", "appid": "app"});
    format!("{}.{}.x", part(json!({"alg": "none"})), part(claims))
}

/// What signing in asks.
fn signing_in(got: &Got) -> Option<Reply> {
    let path = got.target.split('?').next().unwrap();
    let one = json!({"subscriptionId": SUBSCRIPTION, "displayName": "main", "state": "Enabled", "tenantId": TENANT});
    let answer = match path {
        p if p.ends_with("/oauth2/v2.0/token") || p == "/metadata/identity/oauth2/token" => {
            let until = jiff::Timestamp::now().as_second() + 3600;
            json!({"access_token": token(), "token_type": "Bearer", "expires_in": 3600,
                   "ext_expires_in": 3600, "expires_on": until.to_string(), "resource": "r"})
        }
        "/tenants" => json!({"value": [{"tenantId": TENANT, "displayName": "house"}]}),
        "/subscriptions" => json!({"value": [one]}),
        p if p == format!("/subscriptions/{SUBSCRIPTION}") => one,
        _ => return None,
    };
    Some(Reply::ok(&answer.to_string()))
}

async fn server(handler: impl Fn(&Got, usize) -> Reply + Send + Sync + 'static) -> Server {
    Server::start(signing_in, handler).await
}

/// Short times, so that failures come soon.
fn limits() -> Limits {
    Limits {
        attempts: 3,
        backoff: Duration::from_millis(1),
        attempt: Duration::from_millis(400),
        operation: Duration::from_secs(5),
        ..Limits::default()
    }
}

fn options(server: &Server) -> SignIn {
    SignIn {
        subscriptions: Subscriptions::All,
        endpoint: Some(server.url()),
        limits: limits(),
        token: Some(token()),
        ..SignIn::default()
    }
}

async fn signed_in(
    options: SignIn,
    env: &[(&str, String)],
) -> (Result<SignedIn, SignInError>, Arc<Memory>) {
    let memory = Arc::new(Memory::default());
    let env: Vec<(String, String)> = env
        .iter()
        .map(|(k, v)| ((*k).to_owned(), v.clone()))
        .collect();
    let look = |name: &str| env.iter().find(|(k, _)| k == name).map(|(_, v)| v.clone());
    let signed = sign_in_with(options, memory.clone(), &look).await;
    (signed, memory)
}

/// The tenant and the subscription.
async fn sessions(server: &Server) -> (Session, Session, Arc<Memory>) {
    let (signed, memory) = signed_in(options(server), &[]).await;
    let mut all = signed
        .unwrap_or_else(|e| panic!("{e}"))
        .sessions
        .into_iter();
    (all.next().unwrap(), all.next().unwrap(), memory)
}

fn request(call: &str, params: Value) -> Request {
    let (service, operation) = call.split_once(':').unwrap();
    Request {
        service: service.to_owned(),
        operation: operation.to_owned(),
        region: "global".to_owned(),
        params: match params {
            Value::Object(params) => params,
            _ => Map::new(),
        },
        ..Request::default()
    }
}

fn accounts() -> Request {
    request(ACCOUNTS, json!({"subscriptionId": SUBSCRIPTION}))
}
