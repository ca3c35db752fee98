//! The whole caller against servers on loopback.
#![expect(clippy::unwrap_used, clippy::panic, reason = "tests")]

mod behaviour;
mod paging;
mod secrets;
mod signing;
mod targets;

use crate::hierarchy::by_hand;
use crate::session::Access;
use crate::signin::{SignIn, Token, sign_in};
use crate::{Limits, Reader, Session};
use serde_json::{Value, json};
use shoseki_caller::loopback::{Got, Reply, Server};
use shoseki_collect::{Failure, Place, Reader as _, Reading, Recorder, Request, StoredAnswer};
use shoseki_model::Exchange;
use std::collections::BTreeMap;
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

fn options(server: &Server) -> SignIn {
    SignIn {
        endpoint: Some(server.url()),
        // Short times, so that failures come soon.
        limits: Limits {
            attempts: 3,
            backoff: Duration::from_millis(1),
            attempt: Duration::from_millis(300),
            operation: Duration::from_secs(5),
            ..Limits::default()
        },
        token: Some(Token("test-token".to_owned())),
        ..SignIn::default()
    }
}

/// A server whose requests all go to `handler`, signing in included.
async fn start(handler: impl Fn(&Got, usize) -> Reply + Send + Sync + 'static) -> Server {
    Server::start(|_| None, handler).await
}

async fn access(server: &Server) -> (Access, Arc<Memory>) {
    let memory = Arc::new(Memory::default());
    let access = sign_in(options(server), memory.clone()).await.unwrap();
    (access, memory)
}

async fn session(server: &Server) -> (Session, Arc<Memory>) {
    let (access, memory) = access(server).await;
    (by_hand(&access), memory)
}

fn request(call: &str, params: &Value) -> Request {
    let (service, operation) = call.split_once(':').unwrap();
    Request {
        service: service.to_owned(),
        operation: operation.to_owned(),
        region: crate::HOME.to_owned(),
        params: params.as_object().unwrap().clone(),
        ..Request::default()
    }
}

fn buckets() -> Request {
    request("storage:buckets.list", &json!({"project": "p"}))
}

/// What the stored answer of the last exchange means.
fn reread(memory: &Memory, session: &Session, request: &Request) -> Result<Reading, Failure> {
    let (exchange, body) = memory.last();
    let answer = StoredAnswer {
        status: exchange.status.unwrap(),
        headers: &BTreeMap::new(),
        body: &body.unwrap(),
    };
    let at = Place {
        target: session.target(),
        home: crate::HOME,
        works_in: None,
    };
    Reader.reread(request, &answer, at)
}
