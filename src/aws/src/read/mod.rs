//! Answers → JSON, guided by the model.
//!
//! Scalars are read leniently: a time or number in an unexpected form comes
//! through as the text that it is. Structure is read strictly: an answer that is
//! empty, cut short, or not the expected document is an error and never a
//! shorter answer, because an empty list would be taken for a fact.

mod json;
mod scalar;
mod spans;
mod xml;

use crate::model::{Member, Of, Operation, Place, Scalar, Service};
use scalar::text_value;
use serde_json::{Map, Value};
use shoseki_caller::{Marks, replace};
use shoseki_model::parse_json;
use std::borrow::Cow;

pub(crate) use shoseki_caller::Paths;

pub use shoseki_model::REDACTED;

/// An HTTP answer with a status that means success.
pub(crate) struct Received<'a> {
    pub(crate) model: &'a Service,
    pub(crate) name: &'a str,
    pub(crate) operation: &'a Operation,
    pub(crate) status: u16,
    /// Headers in lower case.
    pub(crate) headers: &'a [(String, String)],
    pub(crate) body: &'a [u8],
    /// Further secrets, as paths in the answer.
    pub(crate) secret: &'a Paths,
}

/// An answer that was understood.
#[derive(Debug)]
pub(crate) struct Answer<'a> {
    /// The members; secrets are replaced.
    pub(crate) value: Map<String, Value>,
    /// The body; secrets are replaced.
    pub(crate) body: Cow<'a, [u8]>,
    /// How many values were replaced in `body`.
    pub(crate) redacted: u64,
}

impl<'a> Received<'a> {
    /// Reads the answer; `Err` says what is wrong with it.
    pub(crate) fn read(&self) -> Result<Answer<'a>, String> {
        let members = self.model.output(self.operation);
        let marks = Marks::start(self.secret);
        let mut value = Map::new();
        for m in members {
            if let Some(v) = self.transported(m, &marks) {
                value.insert(m.name.clone(), v);
            }
        }
        let (body, redacted) = match members.iter().find(|m| m.payload) {
            Some(m) => self.payload(m, marks.enter(&m.name, m.secret), &mut value)?,
            None if members.iter().any(|m| m.place.is_none()) => {
                let inner = self.document(members, &marks)?;
                value.extend(inner.value);
                (inner.body, inner.redacted)
            }
            None => (Cow::Borrowed(self.body), 0),
        };
        Ok(Answer {
            value,
            body,
            redacted,
        })
    }

    /// The value of a member that travels in headers or status.
    fn transported(&self, m: &Member, marks: &Marks<'_>) -> Option<Value> {
        let secret = marks.enter(&m.name, m.secret).secret;
        let shown = |v: Value| if secret { REDACTED.into() } else { v };
        match m.place? {
            Place::Status => Some(self.status.into()),
            Place::Header => {
                let text = self.header(&m.wire_name().to_ascii_lowercase())?;
                Some(shown(match m.of {
                    Of::Scalar(kind) => text_value(kind, text.to_owned()),
                    Of::Shape(_) => text.split(',').map(|t| Value::from(t.trim())).collect(),
                }))
            }
            Place::Headers => {
                let prefix = m.wire.as_deref().unwrap_or_default().to_ascii_lowercase();
                let found: Map<String, Value> = self
                    .headers
                    .iter()
                    .filter_map(|(k, v)| {
                        Some((
                            k.strip_prefix(&prefix)?.to_owned(),
                            shown(v.as_str().into()),
                        ))
                    })
                    .collect();
                (!found.is_empty()).then_some(Value::Object(found))
            }
            Place::Uri | Place::Query => None,
        }
    }

    fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(k, _)| k == name)
            .map(|(_, v)| v.as_str())
    }

    /// Reads a body that is one member whole.
    fn payload(
        &self,
        m: &Member,
        marks: Marks<'_>,
        value: &mut Map<String, Value>,
    ) -> Result<(Cow<'a, [u8]>, u64), String> {
        match m.of {
            Of::Shape(i) => {
                let members = self
                    .model
                    .structure(i)
                    .map(|s| s.members.as_slice())
                    .ok_or("the model has a payload that is no structure")?;
                let inner = self.document(members, &marks)?;
                value.insert(m.name.clone(), Value::Object(inner.value));
                Ok((inner.body, inner.redacted))
            }
            Of::Scalar(_) if marks.secret && !self.body.is_empty() => {
                value.insert(m.name.clone(), REDACTED.into());
                Ok((Cow::Borrowed(REDACTED.as_bytes()), 1))
            }
            Of::Scalar(Scalar::Document) => {
                let v = parse_json(self.body).map_err(not_json)?;
                value.insert(m.name.clone(), v);
                Ok((Cow::Borrowed(self.body), 0))
            }
            Of::Scalar(kind) => {
                let v = match (kind, std::str::from_utf8(self.body)) {
                    (Scalar::Blob, _) => aws_smithy_types::base64::encode(self.body).into(),
                    (_, Ok(text)) => Value::from(text),
                    (_, Err(_)) => return Err("the body is not UTF-8".to_owned()),
                };
                if !self.body.is_empty() || kind == Scalar::Blob {
                    value.insert(m.name.clone(), v);
                } else {
                    return Err("the body is empty".to_owned());
                }
                Ok((Cow::Borrowed(self.body), 0))
            }
        }
    }

    /// Reads a body that is a document of `members`.
    fn document(&self, members: &[Member], marks: &Marks<'_>) -> Result<Answer<'a>, String> {
        if self.body.is_empty() {
            return Err("the body is empty".to_owned());
        }
        if self.model.protocol.is_xml() {
            let text = std::str::from_utf8(self.body).map_err(|_| "the body is not UTF-8")?;
            let (value, mut ranges) = xml::read(self, text, members, marks)?;
            // What was replaced by its look is not counted twice.
            ranges.retain(|r| self.body.get(r.clone()) != Some(REDACTED.as_bytes()));
            let redacted = ranges.len() as u64;
            return Ok(Answer {
                value,
                body: replace(self.body, ranges, REDACTED),
                redacted,
            });
        }
        let mut parsed: Value = parse_json(self.body).map_err(not_json)?;
        let mut body = Cow::Borrowed(self.body);
        let mut redacted = 0;
        if self.operation.secret || !self.secret.is_empty() {
            let mark = format!("\"{REDACTED}\"");
            let ranges = spans::json(self.body, self.model, members, marks);
            redacted = ranges.len() as u64;
            if redacted > 0 {
                body = replace(self.body, ranges, &mark);
                parsed = parse_json(&body).map_err(not_json)?;
            }
        }
        Ok(Answer {
            value: json::read(self.model, members, parsed)?,
            body,
            redacted,
        })
    }
}

fn not_json(e: serde_json::Error) -> String {
    format!("the body is not JSON: {e}")
}

#[cfg(test)]
mod fuzz;
#[cfg(test)]
mod tests;
