//! Puts an answer, written as the CLI prints it, on the wire.

use crate::request::Understood;
use serde_json::{Map, Value};
use shoseki_aws::model::{Member, Of, Place, Protocol, Scalar, Service, Shape, TimeForm};

/// Status, headers and bytes of an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Wire {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

/// A successful answer.
pub(crate) fn answer(to: &Understood, value: &Value) -> Wire {
    let service = to.service;
    let members = service.output(to.model);
    let mut headers = Vec::new();
    for m in members.iter().filter(|m| m.place == Some(Place::Header)) {
        if let Some(v) = value.get(&m.name).filter(|v| !v.is_null()) {
            headers.push((m.wire_name().to_owned(), text(v)));
        }
    }
    let payload = members.iter().find(|m| m.payload);
    let body = match service.protocol {
        Protocol::Json | Protocol::RestJson => match payload {
            Some(m) if matches!(m.of, Of::Scalar(_)) => text(&value[&m.name]),
            Some(m) => to_json(service, m, &value[&m.name]).to_string(),
            None => to_json_struct(service, members, value).to_string(),
        },
        Protocol::RestXml => rest_xml(to, payload, value),
        Protocol::Ec2 | Protocol::Query => {
            let mut inner = String::new();
            xml_members(service, members, value, &mut inner);
            let (ns, n) = (service.namespace.as_deref().unwrap_or(""), to.operation);
            if service.protocol == Protocol::Ec2 {
                format!(
                    "<{n}Response xmlns=\"{ns}\"><requestId>sandbox</requestId>{inner}</{n}Response>"
                )
            } else {
                format!(
                    "<{n}Response xmlns=\"{ns}\"><{n}Result>{inner}</{n}Result><ResponseMetadata><RequestId>sandbox</RequestId></ResponseMetadata></{n}Response>"
                )
            }
        }
    };
    finish(service, 200, headers, body.into_bytes())
}

/// An error of the service.
pub(crate) fn error(to: &Understood, status: u16, code: &str, message: &str) -> Wire {
    let (c, m) = (escape(code), escape(message));
    let mut headers = Vec::new();
    let body = match to.service.protocol {
        Protocol::Json | Protocol::RestJson => {
            headers.push(("x-amzn-errortype".into(), code.to_owned()));
            serde_json::json!({ "__type": code, "message": message }).to_string()
        }
        Protocol::RestXml if to.name == "s3" => {
            format!(
                "<Error><Code>{c}</Code><Message>{m}</Message><RequestId>sandbox</RequestId></Error>"
            )
        }
        Protocol::Ec2 => {
            format!(
                "<Response><Errors><Error><Code>{c}</Code><Message>{m}</Message></Error></Errors><RequestID>sandbox</RequestID></Response>"
            )
        }
        _ => {
            format!(
                "<ErrorResponse><Error><Type>Sender</Type><Code>{c}</Code><Message>{m}</Message></Error><RequestId>sandbox</RequestId></ErrorResponse>"
            )
        }
    };
    finish(to.service, status, headers, body.into_bytes())
}

/// The answer to `sts:AssumeRole`, which is not among the reading operations: the
/// access key is the account of the role, so that later requests speak for it.
pub(crate) fn assumed_role(form: &str, may: &dyn Fn(&str) -> bool) -> Wire {
    let role = form
        .split('&')
        .find_map(|p| p.strip_prefix("RoleArn="))
        .unwrap_or("");
    let role = role.replace("%3A", ":").replace("%2F", "/");
    let account = role.split(':').nth(4).unwrap_or("").to_owned();
    let assumed = escape(
        &role
            .replace(":iam:", ":sts:")
            .replace(":role/", ":assumed-role/"),
    );
    let headers = vec![
        ("content-type".into(), "text/xml".into()),
        ("x-amzn-requestid".into(), "sandbox".into()),
    ];
    if !may(&account) {
        let role = escape(&role);
        let body = format!(
            "<ErrorResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><Error><Type>Sender</Type><Code>AccessDenied</Code><Message>User: arn:aws:iam::111111111111:user/auditor is not authorized to perform: sts:AssumeRole on resource: {role}</Message></Error><RequestId>sandbox</RequestId></ErrorResponse>"
        );
        return Wire {
            status: 403,
            headers,
            body: body.into_bytes(),
        };
    }
    let body = format!(
        "<AssumeRoleResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><AssumeRoleResult><AssumedRoleUser><AssumedRoleId>AROASANDBOX:shoseki</AssumedRoleId><Arn>{assumed}/shoseki</Arn></AssumedRoleUser><Credentials><AccessKeyId>{account}</AccessKeyId><SecretAccessKey>sandbox</SecretAccessKey><SessionToken>sandbox</SessionToken><Expiration>2099-01-01T00:00:00Z</Expiration></Credentials></AssumeRoleResult><ResponseMetadata><RequestId>sandbox</RequestId></ResponseMetadata></AssumeRoleResponse>"
    );
    Wire {
        status: 200,
        headers,
        body: body.into_bytes(),
    }
}

fn finish(
    service: &Service,
    status: u16,
    mut headers: Vec<(String, String)>,
    body: Vec<u8>,
) -> Wire {
    let kind = match service.protocol {
        Protocol::Json => {
            format!(
                "application/x-amz-json-{}",
                service.json_version.as_deref().unwrap_or("1.1")
            )
        }
        Protocol::RestJson => "application/json".into(),
        _ => "text/xml".into(),
    };
    headers.push(("content-type".into(), kind));
    headers.push(("x-amzn-requestid".into(), "sandbox".into()));
    Wire {
        status,
        headers,
        body,
    }
}

fn rest_xml(to: &Understood, payload: Option<&Member>, value: &Value) -> String {
    let service = to.service;
    let ns = service.namespace.as_deref().unwrap_or(match to.name {
        "s3" => "http://s3.amazonaws.com/doc/2006-03-01/",
        _ => "",
    });
    let shape_name = |of: Of| match of {
        Of::Shape(i) => service
            .structure(i)
            .map(|s| s.xml.clone().unwrap_or(s.name.clone())),
        Of::Scalar(_) => None,
    };
    let mut inner = String::new();
    let root = match payload {
        Some(m) if matches!(m.of, Of::Scalar(_)) => return text(&value[&m.name]),
        Some(m) => {
            xml_value(service, m, &value[&m.name], &mut inner);
            m.wire.clone().or_else(|| shape_name(m.of))
        }
        // The one answer without an element around its member.
        None if to.name == "s3" && to.operation == "GetBucketLocation" => {
            inner = escape(value["LocationConstraint"].as_str().unwrap_or(""));
            Some("LocationConstraint".into())
        }
        None => {
            xml_members(service, service.output(to.model), value, &mut inner);
            to.model.output.and_then(|i| shape_name(Of::Shape(i)))
        }
    };
    let root = root.unwrap_or_else(|| format!("{}Result", to.operation));
    format!("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<{root} xmlns=\"{ns}\">{inner}</{root}>")
}

fn shape<'s>(service: &'s Service, m: &Member) -> Option<&'s Shape> {
    match m.of {
        Of::Shape(i) => service.shapes.get(i),
        Of::Scalar(_) => None,
    }
}

fn xml_members(service: &Service, members: &[Member], value: &Value, out: &mut String) {
    for m in members.iter().filter(|m| m.place.is_none() && !m.attribute) {
        let Some(v) = value.get(&m.name).filter(|v| !v.is_null()) else {
            continue;
        };
        match (shape(service, m), v) {
            (Some(Shape::List(e)), Value::Array(items)) if m.flat => {
                for item in items {
                    element(m.wire_name(), out, |out| xml_value(service, e, item, out));
                }
            }
            (Some(Shape::Map(kv)), Value::Object(entries)) if m.flat => {
                for (k, item) in entries {
                    element(m.wire_name(), out, |out| {
                        xml_entry(service, kv, k, item, out)
                    });
                }
            }
            _ if m.policy && !v.is_string() => {
                element(m.wire_name(), out, |out| {
                    out.push_str(&url_encode(&v.to_string()))
                });
            }
            _ => {
                let name = m.wire_name();
                out.push_str(&format!("<{name}{}>", attributes(service, m, v)));
                xml_value(service, m, v, out);
                out.push_str(&format!("</{name}>"));
            }
        }
    }
}

/// The attributes of a structure's element, with their namespace: in S3
/// `xmlns:xsi="…" xsi:type="…"`.
fn attributes(service: &Service, m: &Member, v: &Value) -> String {
    let Some(Shape::Structure(s)) = shape(service, m) else {
        return String::new();
    };
    let mut out = String::new();
    for a in s.members.iter().filter(|a| a.attribute) {
        let Some(value) = v.get(&a.name).filter(|v| !v.is_null()) else {
            continue;
        };
        let name = a.wire_name();
        if let (Some((prefix, _)), Some(ns)) = (name.split_once(':'), &s.namespace) {
            out.push_str(&format!(" xmlns:{prefix}=\"{ns}\""));
        }
        out.push_str(&format!(" {name}=\"{}\"", escape(&text(value))));
    }
    out
}

fn element(name: &str, out: &mut String, inner: impl FnOnce(&mut String)) {
    out.push_str(&format!("<{name}>"));
    inner(out);
    out.push_str(&format!("</{name}>"));
}

fn xml_entry(service: &Service, kv: &(Member, Member), key: &str, item: &Value, out: &mut String) {
    element(kv.0.wire.as_deref().unwrap_or("key"), out, |out| {
        out.push_str(&escape(key))
    });
    element(kv.1.wire.as_deref().unwrap_or("value"), out, |out| {
        xml_value(service, &kv.1, item, out);
    });
}

fn xml_value(service: &Service, m: &Member, v: &Value, out: &mut String) {
    match shape(service, m) {
        None => out.push_str(&escape(&text(v))),
        Some(Shape::Structure(s)) => xml_members(service, &s.members, v, out),
        Some(Shape::List(e)) => {
            for item in v.as_array().into_iter().flatten() {
                let name = e.wire.as_deref().unwrap_or("member");
                element(name, out, |out| xml_value(service, e, item, out));
            }
        }
        Some(Shape::Map(kv)) => {
            for (k, item) in v.as_object().into_iter().flatten() {
                element("entry", out, |out| xml_entry(service, kv, k, item, out));
            }
        }
    }
}

fn to_json_struct(service: &Service, members: &[Member], value: &Value) -> Value {
    let mut out = Map::new();
    for m in members.iter().filter(|m| m.place.is_none()) {
        let Some(v) = value.get(&m.name).filter(|v| !v.is_null()) else {
            continue;
        };
        let name = match service.protocol {
            Protocol::RestJson => m.wire_name(),
            _ => &m.name,
        };
        out.insert(name.to_owned(), to_json(service, m, v));
    }
    Value::Object(out)
}

fn to_json(service: &Service, m: &Member, v: &Value) -> Value {
    match (shape(service, m), m.of, v) {
        (Some(Shape::Structure(s)), ..) => to_json_struct(service, &s.members, v),
        (Some(Shape::List(e)), _, Value::Array(items)) => {
            items.iter().map(|x| to_json(service, e, x)).collect()
        }
        (Some(Shape::Map(kv)), _, Value::Object(entries)) => {
            let of = entries
                .iter()
                .map(|(k, x)| (k.clone(), to_json(service, &kv.1, x)));
            Value::Object(of.collect())
        }
        (None, Of::Scalar(Scalar::Timestamp), Value::String(s))
            if m.time != Some(TimeForm::Iso) =>
        {
            s.parse::<jiff::Timestamp>()
                .map_or_else(|_| v.clone(), |t| t.as_second().into())
        }
        (None, Of::Scalar(Scalar::String), Value::Object(_) | Value::Array(_)) => text(v).into(),
        _ => v.clone(),
    }
}

/// Text of a scalar; a document written as an object becomes JSON text.
fn text(v: &Value) -> String {
    match v {
        Value::String(s) => s.clone(),
        Value::Null => String::new(),
        other => other.to_string(),
    }
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
