//! The whole caller against servers on loopback.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "tests"
)]

mod behaviour;
mod conformance;
mod paging;
mod secrets;
mod server;
mod signer;
mod signing;

use crate::signin::{Keys, Regions, SignIn, sign_in};
use crate::{Limits, Session};
use serde_json::{Map, Value};
use server::Server;
use shoseki_collect::{Recorder, Request};
use shoseki_model::Exchange;
use std::sync::{Arc, Mutex};
use std::time::Duration;

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
}

/// Short times, so that failures come soon.
fn limits() -> Limits {
    Limits {
        attempts: 3,
        backoff: Duration::from_millis(1),
        attempt: Duration::from_millis(300),
        operation: Duration::from_secs(5),
        ..Limits::default()
    }
}

fn options(server: &Server) -> SignIn {
    SignIn {
        regions: Regions::Chosen(vec!["ap-northeast-1".to_owned()]),
        endpoint: Some(server.url()),
        limits: limits(),
        keys: Some(Keys {
            id: "test".to_owned(),
            secret: "test".to_owned(),
            token: None,
        }),
        ..SignIn::default()
    }
}

async fn session(server: &Server) -> (Session, Arc<Memory>) {
    let memory = Arc::new(Memory::default());
    let session = sign_in(options(server), memory.clone()).await.unwrap();
    (session, memory)
}

fn request(call: &str, params: Value) -> Request {
    let (service, operation) = call.split_once(':').unwrap();
    Request {
        service: service.to_owned(),
        operation: operation.to_owned(),
        region: "ap-northeast-1".to_owned(),
        params: match params {
            Value::Object(params) => params,
            _ => Map::new(),
        },
        ..Request::default()
    }
}
