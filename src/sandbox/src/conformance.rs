//! The demonstration data against the provider's models.
#![expect(clippy::unwrap_used, reason = "a test")]

use crate::answers::{Answers, demo_files};
use crate::rest::Table;
use serde_json::Value;
use shoseki_aws::model::{Member, Of, Scalar, Service, Shape, service};
use shoseki_collect::Api;
use shoseki_model::Kind;
use std::collections::BTreeSet;

/// What is wrong with `v` as a value of `m`, with the path of each fault.
fn faults(s: &Service, m: &Member, v: &Value, path: &str, out: &mut Vec<String>) {
    let mut bad = |what: &str| out.push(format!("{path}: {what}, not {v}"));
    match (m.of, v) {
        // A JSON document may be written as it reads.
        (Of::Scalar(Scalar::String), Value::String(_) | Value::Object(_) | Value::Array(_)) => {}
        (Of::Scalar(Scalar::String), _) => bad("a text"),
        (Of::Scalar(Scalar::Boolean), v) if !v.is_boolean() => bad("true or false"),
        (Of::Scalar(Scalar::Integer | Scalar::Long), v) if !v.is_i64() => bad("a whole number"),
        (Of::Scalar(Scalar::Float | Scalar::Double), v) if !v.is_number() => bad("a number"),
        (Of::Scalar(Scalar::Timestamp), v) => match v.as_str() {
            Some(t) if t.starts_with("{now") => {}
            Some(t) if t.parse::<jiff::Timestamp>().is_ok() => {}
            _ => bad("a time"),
        },
        (Of::Scalar(Scalar::Blob), v) if !v.is_string() && v.get("$base64").is_none() => {
            bad("base64, or { $base64: text }");
        }
        (Of::Scalar(_), _) => {}
        (Of::Shape(i), v) => match (&s.shapes[i], v) {
            (Shape::Structure(x), Value::Object(_)) => members(s, &x.members, v, path, out),
            (Shape::List(e), Value::Array(items)) => {
                for (n, item) in items.iter().enumerate() {
                    faults(s, e, item, &format!("{path}[{n}]"), out);
                }
            }
            (Shape::Map(kv), Value::Object(entries)) => {
                for (k, item) in entries {
                    faults(s, &kv.1, item, &format!("{path}.{k}"), out);
                }
            }
            (Shape::Structure(_), _) => bad("an object"),
            (Shape::List(_), _) => bad("a list"),
            (Shape::Map(_), _) => bad("an object"),
        },
    }
}

fn members(s: &Service, all: &[Member], v: &Value, path: &str, out: &mut Vec<String>) {
    let Some(object) = v.as_object() else {
        out.push(format!("{path}: an object, not {v}"));
        return;
    };
    for (k, item) in object {
        match all.iter().find(|m| m.name == *k) {
            Some(m) => faults(s, m, item, &format!("{path}.{k}"), out),
            None => out.push(format!("{path}: no member {k}")),
        }
    }
}

fn demo() -> Answers {
    Answers::load(&demo_files()).unwrap()
}

#[test]
fn every_answer_of_the_demo_has_the_shape_of_the_model() {
    let mut wrong = Vec::new();
    for (place, e) in demo().all() {
        let path = format!("{place} {}", e.call);
        let (name, operation) = e.call.split_once(':').unwrap();
        let Some(s) = service(name) else {
            wrong.push(format!("{path}: no such service"));
            continue;
        };
        let Some(op) = s.operations.get(operation) else {
            wrong.push(format!("{path}: no collector calls it"));
            continue;
        };
        for k in e.with.keys() {
            if !s.input(op).iter().any(|m| m.name == *k) {
                wrong.push(format!("{path}: with: no member {k}"));
            }
        }
        if let Some(v) = &e.answer {
            members(s, s.output(op), v, &path, &mut wrong);
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_operation_of_the_collectors_has_an_answer_for_anybody() {
    let files: Vec<(String, String)> = shoseki_data::collectors()
        .into_iter()
        .map(|f| (f.path, f.text))
        .collect();
    let answers = demo();
    let for_anybody: BTreeSet<&str> = answers
        .all()
        .filter(|(place, e)| place == "any/any" && e.with.is_empty())
        .map(|(_, e)| e.call.as_str())
        .collect();
    let missing: Vec<String> = shoseki_collect::load(&files, &[&shoseki_aws::Models])
        .0
        .operations("aws")
        .into_iter()
        .map(|(service, operation)| format!("{service}:{operation}"))
        .filter(|call| !for_anybody.contains(call.as_str()))
        .collect();
    assert!(
        missing.is_empty(),
        "add to data/aws/any/any: {}",
        missing.join(" ")
    );
}

/// What is wrong with `v` as a value of a kind.
fn misfits(kind: &Kind, v: &Value, path: &str, out: &mut Vec<String>) {
    let template = |s: &str| s.starts_with("{unix") || s.parse::<i64>().is_ok();
    let fits = match (kind, v) {
        (_, Value::Null) | (Kind::Any, _) => true,
        (Kind::Object(members), Value::Object(o)) => {
            for (k, v) in o {
                match members.get(k) {
                    Some(m) => misfits(m, v, &format!("{path}.{k}"), out),
                    None => out.push(format!("{path}: no member {k}")),
                }
            }
            true
        }
        (Kind::Map(of), Value::Object(o)) => {
            for (k, v) in o {
                misfits(of, v, &format!("{path}.{k}"), out);
            }
            true
        }
        (Kind::List(of), Value::Array(l)) => {
            for (n, v) in l.iter().enumerate() {
                misfits(of, v, &format!("{path}[{n}]"), out);
            }
            true
        }
        (Kind::Str | Kind::Time, Value::String(_)) | (Kind::Bool, Value::Bool(_)) => true,
        (Kind::Int, Value::Number(n)) => n.is_i64() || n.is_u64(),
        // Whole numbers of 64 bits are texts on Google Cloud.
        (Kind::Int, Value::String(s)) => template(s),
        (Kind::Float, Value::Number(_)) => true,
        _ => false,
    };
    if !fits {
        out.push(format!("{path}: not of the kind of the model: {v}"));
    }
}

/// The calls that an entry may answer, as collectors write them.
fn calls_of(cloud: &str, call: &str, all: &BTreeSet<String>) -> Vec<String> {
    match cloud {
        "azure" => all
            .iter()
            .filter(|c| crate::rest::fits_template(call, c))
            .cloned()
            .collect(),
        _ => all.iter().filter(|c| *c == call).cloned().collect(),
    }
}

#[test]
fn the_answers_of_azure_and_google_cloud_have_the_shapes_of_the_models() {
    let files: Vec<(String, String)> = shoseki_data::collectors()
        .into_iter()
        .map(|f| (f.path, f.text))
        .collect();
    let apis: [&dyn Api; 3] = [
        &shoseki_aws::Models,
        &shoseki_azure::Models,
        &shoseki_gcp::Models,
    ];
    let (collectors, _) = shoseki_collect::load(&files, &apis);
    let answers = demo();
    let table: &Table = answers.rest();
    let mut wrong = Vec::new();
    for api in &apis[1..] {
        let cloud = api.cloud();
        let all: BTreeSet<String> = collectors
            .operations(cloud)
            .into_iter()
            .map(|(service, operation)| format!("{service}:{operation}"))
            .collect();
        for e in table.entries.iter().filter(|e| e.cloud == cloud) {
            let path = format!("{cloud}/{} {}", e.place, e.call);
            let calls = calls_of(cloud, &e.call, &all);
            if calls.is_empty() && !crate::rest::is_of_sign_in(cloud, &e.call) {
                wrong.push(format!("{path}: no collector calls it"));
            }
            let Some(answer) = e.answer.as_ref().filter(|_| e.status == 200) else {
                continue;
            };
            let faults = calls.iter().map(|call| {
                let (service, operation) = call.split_once(':').unwrap();
                let mut out = Vec::new();
                let kind = api.operation(service, operation).unwrap().output;
                misfits(&kind, answer, &path, &mut out);
                out
            });
            // A short template fits several calls; the answer is one of them.
            if let Some(least) = faults.min_by_key(Vec::len) {
                wrong.extend(least);
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
