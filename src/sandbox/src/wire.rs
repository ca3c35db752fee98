//! Puts an answer, written as the CLI prints it, on the wire.

use crate::model::{Model, Operation, tr};
use serde_json::{Map, Value};

/// Status, headers and bytes of an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wire {
    /// HTTP status.
    pub status: u16,
    /// Header names and values.
    pub headers: Vec<(String, String)>,
    /// Bytes.
    pub body: Vec<u8>,
}

const NOTHING: Value = Value::Null;

/// A successful answer.
pub fn answer(model: &Model, op: &Operation, value: &Value) -> Wire {
    let members = model.members(op.output);
    let mut headers = Vec::new();
    for m in members {
        let name = m[0].as_str().unwrap_or("");
        let (Some("h"), Some(v)) = (
            tr(m, 2, "l").and_then(Value::as_str),
            value.get(name).filter(|v| !v.is_null()),
        ) else {
            continue;
        };
        let wire = tr(m, 2, "w").and_then(Value::as_str).unwrap_or(name);
        headers.push((wire.to_owned(), scalar(v)));
    }
    let payload = members.iter().find(|m| tr(m, 2, "p").is_some());
    let body = match model.protocol.as_str() {
        "json" | "rest-json" => {
            let v = match payload {
                Some(m) => {
                    let v = &value[m[0].as_str().unwrap_or("")];
                    if m[1].is_string() {
                        return finish(model, headers, document(v).into_bytes());
                    }
                    to_json(model, &m[1], &m[2], v)
                }
                None => to_json_struct(model, members, value),
            };
            v.to_string().into_bytes()
        }
        "rest-xml" => return finish(model, headers, rest_xml(model, op, payload, value)),
        protocol => {
            let mut inner = String::new();
            xml_members(model, members, value, &mut inner);
            let ns = model.namespace.as_deref().unwrap_or("");
            let n = &op.name;
            if protocol == "ec2" {
                format!("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<{n}Response xmlns=\"{ns}\"><requestId>sandbox</requestId>{inner}</{n}Response>")
            } else {
                format!("<{n}Response xmlns=\"{ns}\"><{n}Result>{inner}</{n}Result><ResponseMetadata><RequestId>sandbox</RequestId></ResponseMetadata></{n}Response>")
            }
            .into_bytes()
        }
    };
    finish(model, headers, body)
}

/// An error of the service.
pub fn error(model: &Model, status: u16, code: &str, message: &str) -> Wire {
    let (c, m) = (escape(code), escape(message));
    let body = match (model.protocol.as_str(), model.service.as_str()) {
        ("json" | "rest-json", _) => {
            serde_json::json!({ "__type": code, "message": message }).to_string()
        }
        (_, "s3") => format!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error><Code>{c}</Code><Message>{m}</Message><RequestId>sandbox</RequestId></Error>"
        ),
        ("ec2", _) => format!(
            "<Response><Errors><Error><Code>{c}</Code><Message>{m}</Message></Error></Errors><RequestID>sandbox</RequestID></Response>"
        ),
        _ => format!(
            "<ErrorResponse><Error><Type>Sender</Type><Code>{c}</Code><Message>{m}</Message></Error><RequestId>sandbox</RequestId></ErrorResponse>"
        ),
    };
    let mut wire = finish(model, Vec::new(), body.into_bytes());
    wire.status = status;
    if model.protocol == "rest-json" {
        wire.headers
            .push(("x-amzn-errortype".into(), code.to_owned()));
    }
    wire
}

fn finish(model: &Model, mut headers: Vec<(String, String)>, body: Vec<u8>) -> Wire {
    let kind = match model.protocol.as_str() {
        "json" => format!("application/x-amz-json-{}", model.json_version),
        "rest-json" => "application/json".into(),
        _ => "text/xml".into(),
    };
    headers.push(("content-type".into(), kind));
    headers.push(("x-amzn-requestid".into(), "sandbox".into()));
    Wire {
        status: 200,
        headers,
        body,
    }
}

fn rest_xml(model: &Model, op: &Operation, payload: Option<&Value>, value: &Value) -> Vec<u8> {
    let ns = model
        .namespace
        .clone()
        .unwrap_or_else(|| match model.service.as_str() {
            "s3" => "http://s3.amazonaws.com/doc/2006-03-01/".into(),
            _ => String::new(),
        });
    let shape_name = |i: &Value| {
        let s = i
            .as_u64()
            .and_then(|i| model.shapes.get(i as usize))
            .unwrap_or(&NOTHING);
        s["x"]
            .as_str()
            .or(s["n"].as_str())
            .unwrap_or("Result")
            .to_owned()
    };
    let mut inner = String::new();
    let root = match payload {
        Some(m) if m[1].is_string() => {
            return document(&value[m[0].as_str().unwrap_or("")]).into_bytes();
        }
        Some(m) => {
            let v = &value[m[0].as_str().unwrap_or("")];
            xml_value(model, &m[1], v, &mut inner);
            tr(m, 2, "w")
                .and_then(Value::as_str)
                .map_or_else(|| shape_name(&m[1]), str::to_owned)
        }
        None if op.unwrapped => {
            inner = model.members(op.output).first().map_or(String::new(), |m| {
                escape(value[m[0].as_str().unwrap_or("")].as_str().unwrap_or(""))
            });
            "LocationConstraint".into()
        }
        None => {
            xml_members(model, model.members(op.output), value, &mut inner);
            op.output
                .map_or_else(|| format!("{}Result", op.name), |i| shape_name(&i.into()))
        }
    };
    format!("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<{root} xmlns=\"{ns}\">{inner}</{root}>")
        .into_bytes()
}

fn xml_members(model: &Model, members: &[Value], value: &Value, out: &mut String) {
    for m in members.iter().filter(|m| tr(m, 2, "l").is_none()) {
        let name = m[0].as_str().unwrap_or("");
        let Some(v) = value.get(name).filter(|v| !v.is_null()) else {
            continue;
        };
        let wire = tr(m, 2, "w").and_then(Value::as_str).unwrap_or(name);
        let flat = tr(m, 2, "f").is_some();
        let shape = m[1]
            .as_u64()
            .and_then(|i| model.shapes.get(i as usize))
            .unwrap_or(&NOTHING);
        if let (true, Some(items), Some(l)) = (flat, v.as_array(), shape.get("l")) {
            for item in items {
                element(wire, out, |out| xml_value(model, &l[0], item, out));
            }
        } else if let (true, Some(entries), Some(_)) = (flat, v.as_object(), shape.get("v")) {
            for (k, item) in entries {
                element(wire, out, |out| xml_entry(model, shape, k, item, out));
            }
        } else if tr(m, 2, "pd").is_some() && !v.is_string() {
            element(wire, out, |out| out.push_str(&url_encode(&v.to_string())));
        } else {
            element(wire, out, |out| xml_value(model, &m[1], v, out));
        }
    }
}

fn element(name: &str, out: &mut String, inner: impl FnOnce(&mut String)) {
    out.push_str(&format!("<{name}>"));
    inner(out);
    out.push_str(&format!("</{name}>"));
}

fn xml_entry(model: &Model, shape: &Value, key: &str, item: &Value, out: &mut String) {
    let kn = shape["k"]["w"].as_str().unwrap_or("key");
    let vn = shape["v"][1]["w"].as_str().unwrap_or("value");
    element(kn, out, |out| out.push_str(&escape(key)));
    element(vn, out, |out| xml_value(model, &shape["v"][0], item, out));
}

fn xml_value(model: &Model, target: &Value, v: &Value, out: &mut String) {
    let Some(shape) = target.as_u64().and_then(|i| model.shapes.get(i as usize)) else {
        out.push_str(&escape(&document(v)));
        return;
    };
    if let Some(members) = shape["m"].as_array() {
        xml_members(model, members, v, out);
    } else if let Some(l) = shape.get("l") {
        let name = l[1]["w"].as_str().unwrap_or("member");
        for item in v.as_array().into_iter().flatten() {
            element(name, out, |out| xml_value(model, &l[0], item, out));
        }
    } else {
        for (k, item) in v.as_object().into_iter().flatten() {
            element("entry", out, |out| xml_entry(model, shape, k, item, out));
        }
    }
}

fn to_json_struct(model: &Model, members: &[Value], value: &Value) -> Value {
    let mut out = Map::new();
    for m in members.iter().filter(|m| tr(m, 2, "l").is_none()) {
        let name = m[0].as_str().unwrap_or("");
        let Some(v) = value.get(name).filter(|v| !v.is_null()) else {
            continue;
        };
        let wire = match model.protocol.as_str() {
            "rest-json" => tr(m, 2, "w").and_then(Value::as_str).unwrap_or(name),
            _ => name,
        };
        out.insert(
            wire.to_owned(),
            to_json(model, &m[1], m.get(2).unwrap_or(&NOTHING), v),
        );
    }
    Value::Object(out)
}

fn to_json(model: &Model, target: &Value, traits: &Value, v: &Value) -> Value {
    let Some(shape) = target.as_u64().and_then(|i| model.shapes.get(i as usize)) else {
        return match (target.as_str(), v) {
            (Some("t"), Value::String(s)) if traits["tf"] != "d" => {
                match s.parse::<jiff::Timestamp>() {
                    Ok(t) => t.as_second().into(),
                    Err(_) => v.clone(),
                }
            }
            (Some("s"), Value::Object(_) | Value::Array(_)) => document(v).into(),
            _ => v.clone(),
        };
    };
    if let Some(members) = shape["m"].as_array() {
        to_json_struct(model, members, v)
    } else if let Some(l) = shape.get("l") {
        let items = v.as_array().map_or(&[][..], Vec::as_slice);
        items
            .iter()
            .map(|x| to_json(model, &l[0], &l[1], x))
            .collect()
    } else {
        let entries = v.as_object().into_iter().flatten();
        let e = &shape["v"];
        Value::Object(
            entries
                .map(|(k, x)| (k.clone(), to_json(model, &e[0], &e[1], x)))
                .collect(),
        )
    }
}

/// Text of a scalar; a document written as an object becomes JSON text.
fn document(v: &Value) -> String {
    match v {
        Value::String(s) => s.clone(),
        Value::Null => String::new(),
        other => other.to_string(),
    }
}

fn scalar(v: &Value) -> String {
    document(v)
}

fn escape(s: &str) -> String {
    s.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
}

fn url_encode(s: &str) -> String {
    s.bytes()
        .map(|b| match b {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => {
                (b as char).to_string()
            }
            _ => format!("%{b:02X}"),
        })
        .collect()
}
