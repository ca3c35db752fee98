//! Golden requests and answers of every modelled operation (see
//! `conformance/make.py`), replayed through the whole caller.

use super::server::{Got, Reply, Server};
use super::{request, session};
use crate::model;
use serde_json::{Map, Value, json};
use shoseki_collect::Cloud;
use std::path::Path;
use std::sync::{Arc, Mutex};

#[tokio::test]
async fn requests_and_answers_are_botocores() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("conformance/golden");
    let next: Arc<Mutex<Reply>> = Arc::new(Mutex::new(Reply::Drop));
    let answer = next.clone();
    let server = Server::start(move |_, _| answer.lock().unwrap().clone()).await;
    let (session, _) = session(&server).await;
    let mut compared = 0;
    let mut wrong = Vec::new();
    for service in model::services() {
        let Ok(text) = std::fs::read_to_string(folder.join(format!("{service}.json"))) else {
            continue;
        };
        let golden: Map<String, Value> = serde_json::from_str(&text).unwrap();
        for (name, pair) in &golden {
            // The server answers signing in itself.
            if name == "GetCallerIdentity"
                || !model::service(service)
                    .unwrap()
                    .operations
                    .contains_key(name)
            {
                continue;
            }
            *next.lock().unwrap() = reply(&pair["answer"]);
            let title = format!("{service}:{name}");
            let mut asked = request(&title, pair["params"].clone());
            // The paging tokens of the pairs lead nowhere; they must only not
            // be taken for the end where the model cannot tell.
            asked.cursor = None;
            let before = server.got().len();
            let outcome = session.ask(asked).await.unwrap();
            compared += 1;
            let sent = server.got().into_iter().nth(before);
            match sent {
                None => wrong.push(format!("{title}: not sent: {:?}", outcome.outcome)),
                Some(sent) => wrong.extend(
                    unlike(&sent, &pair["request"]).map(|why| format!("{title}: request: {why}")),
                ),
            }
            let read = match outcome.outcome {
                Ok((value, _)) => value,
                Err(failure) if failure.cause == shoseki_model::Cause::Truncated => continue,
                Err(failure) => {
                    wrong.push(format!("{title}: answer: {failure:?}"));
                    continue;
                }
            };
            if let Some(why) = first_difference("", &pair["read"], &read) {
                wrong.push(format!("{title}: answer: {why}"));
            }
        }
    }
    assert!(
        wrong.is_empty(),
        "{} wrong of {compared}:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
    assert!(compared > 150, "only {compared} operations were compared");
    assert_eq!(session.account(), "123456789012");
}

fn reply(answer: &Value) -> Reply {
    let headers = answer["headers"].as_object().unwrap();
    Reply::Answer(
        answer["status"].as_u64().unwrap_or(200) as u16,
        headers
            .iter()
            .map(|(k, v)| (k.clone(), v.as_str().unwrap().to_owned()))
            .collect(),
        answer["body"].as_str().unwrap().to_owned(),
    )
}

/// What of a request is not as it should be.
fn unlike(sent: &Got, wanted: &Value) -> Option<String> {
    let (path, query) = sent.target.split_once('?').unwrap_or((&sent.target, ""));
    let differ = |what: &str, sent: String, wanted: String| {
        (sent != wanted).then(|| format!("{what} is {sent}, not {wanted}"))
    };
    let bare = |p: &str| decode(p).trim_end_matches('/').to_owned();
    let mut pairs: Vec<(String, String)> = form(query);
    pairs.retain(|(k, _)| k != "x-id");
    pairs.sort();
    let wanted_query: Vec<(String, String)> =
        serde_json::from_value(wanted["query"].clone()).unwrap();
    differ("method", sent.method.clone(), text(&wanted["method"]))
        .or_else(|| differ("path", bare(path), bare(&text(&wanted["path"]))))
        .or_else(|| differ("query", format!("{pairs:?}"), format!("{wanted_query:?}")))
        .or_else(|| {
            wanted["headers"].as_object()?.iter().find_map(|(k, v)| {
                // A list in a header may have blanks after its commas.
                let got = sent.header(k).unwrap_or_default().replace(", ", ",");
                differ(k, got, text(v).replace(", ", ","))
            })
        })
        .or_else(|| body_unlike(sent, wanted))
}

fn body_unlike(sent: &Got, wanted: &Value) -> Option<String> {
    if let Some(fields) = wanted["form"].as_object() {
        let mut wanted: Vec<_> = fields.iter().map(|(k, v)| (k.clone(), text(v))).collect();
        let mut got = form(&sent.body);
        wanted.sort();
        got.sort();
        let extra: Vec<_> = got.iter().filter(|p| !wanted.contains(p)).collect();
        let missing: Vec<_> = wanted.iter().filter(|p| !got.contains(p)).collect();
        return (got != wanted).then(|| format!("fields {extra:?} instead of {missing:?}"));
    }
    if !wanted["json"].is_null() {
        let got: Value = serde_json::from_str(&sent.body).unwrap_or_default();
        return first_difference("", &wanted["json"], &got);
    }
    if wanted["xml"].is_string() {
        return Some("no reading request has an XML body".to_owned());
    }
    (!matches!(sent.body.as_str(), "" | "{}")).then(|| format!("unexpected body {}", sent.body))
}

fn text(v: &Value) -> String {
    v.as_str().unwrap_or_default().to_owned()
}

fn form(s: &str) -> Vec<(String, String)> {
    s.split('&')
        .filter(|p| !p.is_empty())
        .map(|p| p.split_once('=').unwrap_or((p, "")))
        .map(|(k, v)| (decode(k), decode(v)))
        .collect()
}

fn decode(s: &str) -> String {
    let bytes = s.as_bytes();
    let mut out = Vec::new();
    let mut i = 0;
    while i < bytes.len() {
        let hex = s.get(i + 1..i + 3).filter(|_| bytes[i] == b'%');
        match hex.and_then(|h| u8::from_str_radix(h, 16).ok()) {
            Some(byte) => {
                out.push(byte);
                i += 3;
            }
            None => {
                out.push(if bytes[i] == b'+' { b' ' } else { bytes[i] });
                i += 1;
            }
        }
    }
    String::from_utf8(out).unwrap()
}

/// The first place where two values differ.
fn first_difference(path: &str, wanted: &Value, got: &Value) -> Option<String> {
    match (wanted, got) {
        (Value::Object(w), Value::Object(g)) => w
            .iter()
            .find_map(|(k, v)| {
                let missing = json!("(missing)");
                first_difference(&format!("{path}.{k}"), v, g.get(k).unwrap_or(&missing))
            })
            .or_else(|| {
                let extra = g.keys().find(|k| !w.contains_key(*k))?;
                Some(format!("{path}.{extra} should not be there"))
            }),
        (Value::Array(w), Value::Array(g)) if w.len() == g.len() => w
            .iter()
            .zip(g)
            .enumerate()
            .find_map(|(i, (w, g))| first_difference(&format!("{path}[{i}]"), w, g)),
        (Value::Number(w), Value::Number(g)) if w.as_f64() == g.as_f64() => None,
        _ if wanted == got => None,
        _ => Some(format!("{path} is {got}, not {wanted}")),
    }
}
