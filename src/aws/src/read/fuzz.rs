//! Golden answers, damaged in their structure: nothing may read as less.
#![expect(clippy::unwrap_used, reason = "tests")]

use super::tests::golden;
use super::{Paths, Received};
use crate::model::{self, Of};
use serde_json::{Map, Value, json};

fn read(whole: &Received<'_>, body: &[u8]) -> Result<Map<String, Value>, String> {
    Received { body, ..*whole }.read().map(|a| a.value)
}

/// Whether the body is a document, which can be told to be cut.
fn document(whole: &Received<'_>) -> bool {
    let members = whole.model.output(whole.operation);
    match members.iter().find(|m| m.payload) {
        Some(payload) => matches!(payload.of, Of::Shape(_)),
        None => members.iter().any(|m| m.place.is_none()),
    }
}

#[test]
fn a_dozen_answers_cut_at_every_byte_are_refused() {
    let (mut cut, mut answers) = (0, 0);
    golden(|whole, title| {
        let end = whole.body.trim_ascii_end().len();
        if !document(whole) || !(200..2500).contains(&end) || title.len() % 5 != 0 {
            return;
        }
        answers += 1;
        for to in 0..end {
            assert!(read(whole, &whole.body[..to]).is_err(), "{title} at {to}");
            cut += 1;
        }
    });
    assert!(answers >= 12 && cut > 5_000, "{answers} {cut}");
}

/// Every place in a document, as a pointer.
fn places(v: &Value, at: &str, out: &mut Vec<String>) {
    let mut below = |name: &str, v: &Value| {
        let name = name.replace('~', "~0").replace('/', "~1");
        let here = format!("{at}/{name}");
        out.push(here.clone());
        places(v, &here, out);
    };
    match v {
        Value::Object(o) => o.iter().for_each(|(k, v)| below(k, v)),
        Value::Array(l) => {
            for (i, v) in l.iter().enumerate() {
                below(&i.to_string(), v);
            }
        }
        _ => {}
    }
}

fn entries(v: &Value) -> usize {
    match v {
        Value::Array(l) => l.len() + l.iter().map(entries).sum::<usize>(),
        Value::Object(o) => o.values().map(entries).sum(),
        _ => 0,
    }
}

#[test]
fn json_of_another_shape_is_refused_and_never_shorter() {
    let mut refused = 0;
    golden(|whole, title| {
        if whole.model.protocol.is_xml() || !document(whole) {
            return;
        }
        let body: Value = serde_json::from_slice(whole.body).unwrap();
        let before = entries(&Value::Object(read(whole, whole.body).unwrap()));
        let mut all = Vec::new();
        places(&body, "", &mut all);
        for place in all.iter().step_by(1 + all.len() / 7) {
            let old = body.pointer(place).unwrap();
            for new in [json!("x"), json!(7), json!(true), json!([]), json!({})] {
                // Of the same kind: other content, which nobody can tell.
                if std::mem::discriminant(&new) == std::mem::discriminant(old) {
                    continue;
                }
                let mut damaged = body.clone();
                *damaged.pointer_mut(place).unwrap() = new.clone();
                match read(whole, damaged.to_string().as_bytes()) {
                    Err(_) => refused += 1,
                    Ok(v) => assert!(
                        entries(&Value::Object(v)) >= before - entries(old),
                        "{title} {place} {new}"
                    ),
                }
                // A list or an object is never taken for a scalar, nor one for the other.
                let scalar = |v: &Value| !v.is_array() && !v.is_object();
                if !(scalar(old) && scalar(&new)) && before > 0 && !free(whole, place) {
                    assert!(
                        read(whole, damaged.to_string().as_bytes()).is_err(),
                        "{title} {place} {new}"
                    );
                }
            }
        }
    });
    assert!(refused > 1_500, "{refused}");
}

/// Whether a place lies in a document of free form.
fn free(whole: &Received<'_>, place: &str) -> bool {
    let mut of = None;
    let mut members = whole.model.output(whole.operation);
    if let Some(Of::Shape(i)) = members.iter().find(|m| m.payload).map(|m| m.of) {
        members = whole.model.structure(i).unwrap().members.as_slice();
    }
    for name in place.split('/').skip(1) {
        let own = match of {
            None => Some(members),
            Some(Of::Scalar(_)) => return true,
            Some(Of::Shape(i)) => match &whole.model.shapes[i] {
                model::Shape::Structure(s) => Some(s.members.as_slice()),
                model::Shape::List(e) => {
                    of = Some(e.of);
                    None
                }
                model::Shape::Map(kv) => {
                    of = Some(kv.1.of);
                    None
                }
            },
        };
        if let Some(own) = own {
            let found = own.iter().find(|m| m.wire_name() == name || m.name == name);
            match found {
                Some(m) => of = Some(m.of),
                None => return true,
            }
        }
    }
    matches!(of, Some(Of::Scalar(model::Scalar::Document)))
}

fn one<'a>(service: &str, name: &'a str, body: &'a [u8], secret: &'a Paths) -> Received<'a> {
    let model = model::service(service).unwrap();
    Received {
        model,
        name,
        operation: &model.operations[name],
        status: 200,
        headers: &[],
        body,
        secret,
    }
}

#[test]
fn what_is_said_twice_is_refused() {
    let none = Paths::default();
    let twice = br#"{"TableNames":["a","b"],"TableNames":[]}"#;
    assert!(one("dynamodb", "ListTables", twice, &none).read().is_err());
    let deep = br#"{"Functions":[{"FunctionName":"a","FunctionName":"b"}]}"#;
    assert!(one("lambda", "ListFunctions", deep, &none).read().is_err());
    let topic = |second: &str| {
        format!(
            "<GetTopicAttributesResponse><GetTopicAttributesResult><Attributes>\
             <entry><key>Policy</key><value>a</value></entry>\
             <entry><key>{second}</key><value>b</value></entry>\
             </Attributes></GetTopicAttributesResult></GetTopicAttributesResponse>"
        )
    };
    let read = |second| {
        let body = topic(second);
        one("sns", "GetTopicAttributes", body.as_bytes(), &none)
            .read()
            .map(|a| a.value)
    };
    assert_eq!(read("Owner").unwrap()["Attributes"]["Owner"], "b");
    assert!(read("Policy").is_err());
}

#[test]
fn somebody_elses_answer_with_a_good_status_is_refused() {
    let none = Paths::default();
    for body in [
        &br#"{"__type":"AccessDeniedException","Message":"no"}"#[..],
        br#"{"__type":"x#AccessDeniedException","TableNames":[]}"#,
        br#"{"__type":"AccessDeniedException","LastEvaluatedTableName":null}"#,
        br#"{"message":"Internal server error"}"#,
        b"[]",
        b"null",
        b"\"\"",
        b"\x1f\x8b\x08\x00\x00\x00\x00\x00",
        b"<html><body>Sign in</body></html>",
        b" ",
    ] {
        let read = one("dynamodb", "ListTables", body, &none).read();
        assert!(read.is_err(), "{}", String::from_utf8_lossy(body));
    }
    for body in [
        &b"<html/>"[..],
        b"<!DOCTYPE html><html><head/></html>",
        b"<ok/>",
        b"<Error><Code>AccessDenied</Code></Error>",
        b"<e:Error xmlns:e=\"x\"><Code>AccessDenied</Code></e:Error>",
        b"<!-- a --><Error><Code>AccessDenied</Code></Error>",
    ] {
        let read = one("s3", "ListBuckets", body, &none).read();
        assert!(read.is_err(), "{}", String::from_utf8_lossy(body));
    }
}
