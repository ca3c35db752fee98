//! `shoseki call aws service:Operation`.

use crate::args::{CallArgs, Pages};
use crate::exit::{Exit, Failed, Result};
use crate::targets;
use serde_json::{Map, Value, json};
use shoseki_aws::{Regions, call, sign_in};
use shoseki_collect::{Cloud, Recorder, Request};
use shoseki_model::Exchange;
use std::sync::Arc;

/// A call by hand leaves nothing behind.
struct Forget;

impl Recorder for Forget {
    fn record(&self, _: &Exchange, _: Option<&[u8]>) -> std::io::Result<()> {
        Ok(())
    }
}

/// Makes one call and prints what came.
pub fn run(args: &CallArgs) -> Result {
    let Some((service, operation)) = args.call.split_once(':') else {
        return Err(Failed::usage(format!(
            "{} is not service:Operation, such as s3:GetBucketEncryption",
            args.call
        )));
    };
    // Known before anything is asked, so that a typing error costs no sign-in.
    let api: &dyn shoseki_collect::Api = &shoseki_aws::Models;
    api.readable(service, operation).map_err(Failed::usage)?;
    api.operation(service, operation).map_err(Failed::usage)?;
    let params: Map<String, Value> = serde_json::from_str(&args.params)
        .map_err(|e| Failed::usage(format!("--with is not a JSON object: {e}")))?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()?;
    runtime.block_on(async {
        let regions = match &args.region {
            Some(r) => Regions::Chosen(vec![r.clone()]),
            None => Regions::Configured,
        };
        let how = targets::options(&args.reach, regions);
        let session = sign_in(how, Arc::new(Forget))
            .await
            .map_err(|e| targets::failed(&e))?;
        let region = session.regions().first().cloned().unwrap_or_default();
        let request = Request {
            service: service.to_owned(),
            operation: operation.to_owned(),
            region,
            params,
            ..Request::default()
        };
        match call(&session, request, args.pages == Pages::All).await {
            Ok(called) if args.raw => print_raw(&called.exchanges),
            Ok(called) => {
                crate::terminal::print(&format!("{:#}\n", called.value));
                Ok(Exit::Ok)
            }
            Err(not) => {
                if args.raw {
                    print_raw(&not.exchanges)?;
                }
                Err(Failed::new(
                    Exit::Incomplete,
                    format!("{}: {not}", args.call),
                ))
            }
        }
    })
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
