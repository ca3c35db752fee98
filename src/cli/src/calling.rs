//! `shoseki call`: one call by hand.

use crate::args::CallArgs;
use crate::clouds;
use crate::exit::{Exit, Failed, Result};
use serde_json::{Map, Value, json};
use shoseki_collect::{Failure, Request};
use shoseki_model::Exchange;

/// Makes one call and prints what came.
pub fn run(args: &CallArgs) -> Result {
    let params: Map<String, Value> = serde_json::from_str(&args.params)
        .map_err(|e| Failed::usage(format!("--with is not a JSON object: {e}")))?;
    let (service, operation, params) = clouds::spelt(args, params)?;
    // Known before anything is asked, so that a typing error costs no sign-in.
    let api = clouds::api(args.cloud);
    api.readable(&service, &operation).map_err(Failed::usage)?;
    if clouds::needs_model(args.cloud) {
        api.operation(&service, &operation).map_err(Failed::usage)?;
    }
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()?;
    runtime.block_on(async {
        let request = Request {
            service,
            operation,
            params,
            ..Request::default()
        };
        let called = clouds::call(args, request).await?;
        match called.outcome {
            Ok(_) if args.raw => print_raw(&called.exchanges),
            Ok(value) => {
                crate::terminal::print(&format!("{value:#}\n"));
                Ok(Exit::Ok)
            }
            Err(failure) => {
                if args.raw {
                    print_raw(&called.exchanges)?;
                }
                let message = format!("{}: {}", args.call, words(&failure));
                Err(Failed::new(Exit::Incomplete, message))
            }
        }
    })
}

fn words(failure: &Failure) -> String {
    match &failure.error {
        Some(e) if e.code.is_empty() => e.message.clone(),
        Some(e) => format!("{}: {}", e.code, e.message),
        None => format!("{:?}", failure.cause),
    }
}

/// Exchanges with the bytes received, one JSON document.
fn print_raw(exchanges: &[(Exchange, Option<Vec<u8>>)]) -> Result {
    let all: Vec<Value> = exchanges
        .iter()
        .map(|(x, body)| {
            let text = body
                .as_deref()
                .map(|b| String::from_utf8_lossy(b).into_owned());
            json!({ "exchange": x, "body": text })
        })
        .collect();
    crate::terminal::print(&format!("{:#}\n", Value::Array(all)));
    Ok(Exit::Ok)
}
