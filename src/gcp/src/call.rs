//! One call by hand: `shoseki call gcp service:method.id`.

use crate::session::Session;
use serde_json::Value;
use shoseki_collect::{Failure, Request, Trail, join_pages};
use shoseki_model::Exchange;

/// What a call brought.
pub struct Called {
    /// The answer, or why there is none; with all pages, their lists joined.
    pub outcome: Result<Value, Failure>,
    /// The exchanges with their bodies, in order; secrets are replaced.
    pub exchanges: Vec<(Exchange, Option<Vec<u8>>)>,
}

/// Makes one call; `all_pages` reads on to the end. Only methods on the reviewed
/// list are called.
pub async fn call(session: &Session, request: Request, all_pages: bool) -> Called {
    let mut exchanges = Vec::new();
    let mut request = request;
    let mut all = Value::Null;
    let mut trail = Trail::default();
    let outcome = loop {
        let asked = match session.ask(&request).await {
            Ok(asked) => asked,
            Err(failure) => break Err(failure),
        };
        let exchange = asked.exchange.id.clone();
        exchanges.push((asked.exchange, asked.body));
        match asked.outcome {
            Err(failure) => break Err(failure),
            Ok(reading) => {
                join_pages(&mut all, reading.value);
                let next = reading.next.filter(|_| all_pages);
                match request.follow(&mut trail, next, &exchange) {
                    Err(failure) => break Err(failure),
                    Ok(true) => {}
                    Ok(false) => break Ok(std::mem::take(&mut all)),
                }
            }
        }
    };
    Called { outcome, exchanges }
}
