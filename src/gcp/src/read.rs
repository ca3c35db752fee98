//! Answers → JSON, guided by the model: strict in structure, lenient in scalars.
//! A document that is cut, of another form than the model's, or that names a
//! member twice is an error and never a shorter answer.

use crate::model::{Method, Service, Shape};
use serde_json::{Map, Value};
use shoseki_caller::{Marks, Paths, Step, replace, secrets};
use shoseki_model::{REDACTED, parse_json};
use std::borrow::Cow;

/// An answer that was understood.
#[derive(Debug)]
pub(crate) struct Document<'a> {
    /// The members; secrets are replaced.
    pub(crate) value: Map<String, Value>,
    /// The bytes; secrets are replaced.
    pub(crate) body: Cow<'a, [u8]>,
    /// How many were.
    pub(crate) redacted: u64,
}

/// Reads a body; `Err` says what is wrong with it.
pub(crate) fn document<'a>(
    model: &Service,
    method: &Method,
    secret: &Paths,
    body: &'a [u8],
) -> Result<Document<'a>, String> {
    let not_json = |e: serde_json::Error| format!("the body is not JSON: {e}");
    if body.is_empty() {
        return Err("the body is empty".to_owned());
    }
    let mut parsed: Value = parse_json(body).map_err(not_json)?;
    let answer = Shape::Ref(method.answer.clone());
    let mut kept = Cow::Borrowed(body);
    let mut redacted = 0;
    if method.secret || !secret.is_empty() {
        let top = Here {
            model,
            shape: Some(&answer),
            node: Some(&parsed),
            marks: Marks::start(secret),
        };
        let ranges = secrets(body, &top);
        redacted = ranges.len() as u64;
        if redacted > 0 {
            kept = replace(body, ranges, &format!("\"{REDACTED}\""));
            parsed = parse_json(&kept).map_err(not_json)?;
        }
    }
    let told = parsed.as_object().is_some_and(|o| !o.is_empty());
    match typed(model, &answer, parsed, "")? {
        // `{}` is how an empty list looks; a document of somebody else is not.
        Value::Object(value) if value.is_empty() && told => {
            Err("the body has no member of the answer's".to_owned())
        }
        Value::Object(value) => Ok(Document {
            value,
            body: kept,
            redacted,
        }),
        _ => Err("the body is no object".to_owned()),
    }
}

/// A place in the answer, on the look for secrets.
struct Here<'a> {
    model: &'a Service,
    shape: Option<&'a Shape>,
    node: Option<&'a Value>,
    marks: Marks<'a>,
}

impl<'a> Here<'a> {
    fn inner(&self, shape: Option<&'a Shape>, node: Option<&'a Value>, marks: Marks<'a>) -> Self {
        Self {
            model: self.model,
            shape,
            node,
            marks,
        }
    }

    fn resolved(&self) -> Option<&'a Shape> {
        self.shape.map(|s| self.model.resolve(s))
    }

    /// Whether a value of this shape, beside the members of this object, is secret.
    fn hides(&self, shape: Option<&Shape>) -> bool {
        match shape {
            Some(Shape::Secret) => true,
            Some(Shape::Unless { beside, values }) => {
                let told = self
                    .node
                    .and_then(|n| n.get(beside))
                    .and_then(Value::as_str);
                !told.is_some_and(|t| values.iter().any(|v| v == t))
            }
            _ => false,
        }
    }
}

impl Step for Here<'_> {
    fn secret(&self) -> bool {
        self.marks.secret
    }

    fn member(&self, key: &str) -> Self {
        let shape = match self.resolved() {
            Some(Shape::Object(members)) => members.get(key),
            Some(Shape::Map(v)) => Some(&**v),
            _ => None,
        };
        let marks = self.marks.enter(key, self.hides(shape));
        self.inner(shape, self.node.and_then(|n| n.get(key)), marks)
    }

    fn element(&self, index: usize) -> Self {
        let shape = match self.resolved() {
            Some(Shape::List(e)) => Some(&**e),
            _ => None,
        };
        let marks = self.marks.also(self.hides(shape));
        self.inner(shape, self.node.and_then(|n| n.get(index)), marks)
    }
}

/// The value as the model has it; members that the model lacks are left out.
fn typed(model: &Service, shape: &Shape, v: Value, at: &str) -> Result<Value, String> {
    let wrong = |wanted: &str| {
        let at = if at.is_empty() { "the answer" } else { at };
        Err(format!("{at}: {wanted} is wanted"))
    };
    let plain = !v.is_array() && !v.is_object();
    match (model.resolve(shape), v) {
        (Shape::Any, v) => Ok(v),
        (Shape::Object(members), Value::Object(o)) => {
            let mut out = Map::new();
            for (key, v) in o {
                let Some(of) = members.get(&key).filter(|_| !v.is_null()) else {
                    continue;
                };
                let v = typed(model, of, v, &joined(at, &key))?;
                out.insert(key, v);
            }
            Ok(Value::Object(out))
        }
        (Shape::Map(of), Value::Object(o)) => o
            .into_iter()
            .map(|(k, v)| Ok((k, nullable(model, of, v, at)?)))
            .collect::<Result<Map<_, _>, String>>()
            .map(Value::Object),
        (Shape::List(of), Value::Array(l)) => l
            .into_iter()
            .map(|v| nullable(model, of, v, at))
            .collect::<Result<_, _>>()
            .map(Value::Array),
        (Shape::Object(_) | Shape::Map(_), _) => wrong("an object"),
        (Shape::List(_), _) => wrong("a list"),
        (_, _) if !plain => wrong("a plain value"),
        (Shape::Int | Shape::Long, Value::String(s)) => {
            Ok(s.parse::<i64>().map_or(Value::String(s), Value::from))
        }
        (Shape::Float, Value::String(s)) => {
            let read = s.parse::<f64>().ok().filter(|f| f.is_finite());
            Ok(read.map_or(Value::String(s), Value::from))
        }
        (_, v) => Ok(v),
    }
}

/// A null among entries is kept: it is for the reader of the list to refuse.
fn nullable(model: &Service, shape: &Shape, v: Value, at: &str) -> Result<Value, String> {
    match v {
        Value::Null => Ok(Value::Null),
        v => typed(model, shape, v, at),
    }
}

fn joined(at: &str, key: &str) -> String {
    match at {
        "" => key.to_owned(),
        at => format!("{at}.{key}"),
    }
}
