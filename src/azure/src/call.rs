//! One call by hand: `shoseki call azure 'GET /subscriptions/…'`.

use crate::query;
use crate::session::Session;
use serde_json::Value;
use shoseki_collect::{Failure, Request, Trail};
use shoseki_model::Exchange;

/// What a call came to.
#[derive(Clone, Debug)]
pub struct Called {
    /// The answer; with all pages, their lists joined and the links taken out.
    pub outcome: Result<Value, Failure>,
    /// The exchanges with their bodies, in order; secrets are replaced.
    pub exchanges: Vec<(Exchange, Option<Vec<u8>>)>,
}

/// Makes one call and keeps it like any other; `all_pages` reads on to the end.
pub async fn call(session: &Session, mut request: Request, all_pages: bool) -> Called {
    let mut exchanges = Vec::new();
    let mut all: Option<Value> = None;
    if query::needs_all(&request)
        && let Err(failure) = session.sees_all().await
    {
        let outcome = Err(failure);
        return Called { outcome, exchanges };
    }
    let mut trail = Trail::default();
    loop {
        let asked = match session.ask(&request).await {
            Ok(asked) => asked,
            Err(f) => {
                let outcome = Err(f);
                return Called { outcome, exchanges };
            }
        };
        let kept = session.keep(&asked);
        let exchange = asked.exchange.id.clone();
        exchanges.push((asked.exchange, asked.body));
        let reading = match kept.and(asked.outcome) {
            Ok(reading) => reading,
            Err(f) => {
                let outcome = Err(f);
                return Called { outcome, exchanges };
            }
        };
        match &mut all {
            None => all = Some(reading.value),
            Some(all) => join(all, reading.value),
        }
        match request.follow(&mut trail, reading.next.filter(|_| all_pages), &exchange) {
            Ok(true) => {}
            Ok(false) => break,
            Err(f) => {
                let outcome = Err(f);
                return Called { outcome, exchanges };
            }
        }
    }
    let mut value = all.unwrap_or_default();
    if let (true, Value::Object(o)) = (all_pages, &mut value) {
        for link in ["nextLink", "@odata.nextLink", "$skipToken"] {
            o.remove(link);
        }
    }
    Called {
        outcome: Ok(value),
        exchanges,
    }
}

/// Joins the lists of two pages.
fn join(all: &mut Value, page: Value) {
    let Value::Object(page) = page else { return };
    for (name, v) in page {
        if let (Some(Value::Array(a)), Value::Array(b)) = (all.get_mut(&name), v) {
            a.extend(b);
        }
    }
}
