//! One call by hand: `shoseki call aws service:Operation`.

use crate::model::Operation;
use crate::page;
use crate::registry;
use crate::session::{Asked, Session};
use serde_json::Value;
use shoseki_collect::{Failure, Request, Trail};
use shoseki_model::Exchange;

/// What a call brought.
#[derive(Clone, Debug)]
pub struct Called {
    /// The answer; with all pages, their lists joined and the tokens taken out.
    pub value: Value,
    /// The exchanges with their bodies, in order; secrets are replaced.
    pub exchanges: Vec<(Exchange, Option<Vec<u8>>)>,
}

/// Why a call brought nothing usable.
#[derive(Clone, Debug, thiserror::Error)]
#[error("{}", words(.failure))]
pub struct NotCalled {
    /// The failure.
    pub failure: Failure,
    /// The exchanges so far with their bodies, the failed one last.
    pub exchanges: Vec<(Exchange, Option<Vec<u8>>)>,
}

fn words(failure: &Failure) -> String {
    match &failure.error {
        Some(e) if e.code.is_empty() => e.message.clone(),
        Some(e) => format!("{}: {}", e.code, e.message),
        None => format!("{:?}", failure.cause),
    }
}

/// Makes one call and keeps it like any other; `all_pages` reads on to the end.
/// Only operations on the reviewed list are called.
pub async fn call(
    session: &Session,
    request: Request,
    all_pages: bool,
) -> Result<Called, NotCalled> {
    let mut exchanges = Vec::new();
    let mut request = request;
    let mut all: Option<Value> = None;
    let mut trail = Trail::default();
    loop {
        let asked = match ask(session, request.clone()).await {
            Ok(asked) => asked,
            Err(failure) => return Err(NotCalled { failure, exchanges }),
        };
        let body = asked.body.as_ref().map(|b| b.bytes().to_vec());
        let exchange = asked.exchange.id.clone();
        exchanges.push((asked.exchange, body));
        let (value, next) = match asked.outcome {
            Ok(got) => got,
            Err(failure) => return Err(NotCalled { failure, exchanges }),
        };
        let operation = operation(&request);
        match (&mut all, operation) {
            (Some(all), Some(operation)) => page::merge(operation, all, value),
            (all, _) => *all = Some(value),
        }
        match request.follow(&mut trail, next.filter(|_| all_pages), &exchange) {
            Ok(true) => {}
            Ok(false) => break,
            Err(failure) => return Err(NotCalled { failure, exchanges }),
        }
    }
    let mut value = all.unwrap_or_default();
    if let (true, Some(operation)) = (all_pages, operation(&request)) {
        page::without_tokens(operation, &mut value);
    }
    Ok(Called { value, exchanges })
}

async fn ask(session: &Session, request: Request) -> Result<Asked, Failure> {
    let asked = session.ask(request).await?;
    session.keep(&asked)?;
    Ok(asked)
}

fn operation(request: &Request) -> Option<&'static Operation> {
    registry::operation(&request.service, &request.operation)
        .ok()
        .map(|(_, _, operation)| operation)
}
