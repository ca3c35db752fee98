//! What an answer means, from its status and bytes alone: the same for one that
//! just came and for one that was stored.

use crate::errors;
use crate::guard;
use crate::model::{self, Model, Operation, Type};
use crate::operation::{Service, Spelt};
use crate::request::{NEXT_LINK, SEEN, SKIP_TOKEN, vault, with_cursor};
use crate::secrets::is_secret;
use serde_json::{Map, Value, json};
use shoseki_caller::{Marks, Named, Paths, replace, secrets};
use shoseki_collect::{Failure, Reading, Request};
use shoseki_model::{ApiError, Cause, REDACTED, parse_json};
use std::borrow::Cow;
use url::Url;

/// Words of our own in the place of the provider's; the code is empty.
pub fn said(why: impl Into<String>) -> ApiError {
    ApiError {
        code: String::new(),
        message: why.into(),
    }
}

/// A failure of our own making.
pub fn failed(cause: Cause, why: impl Into<String>) -> Failure {
    Failure {
        cause,
        error: Some(said(why)),
        status: None,
        exchange: None,
    }
}

/// The operation that `request` names, when it may be asked.
pub fn allowed(request: &Request) -> Result<Spelt<'_>, Failure> {
    let refuse = |why: String| failed(Cause::Rejected, why);
    guard::by_name(&request.service, &request.operation).map_err(refuse)?;
    Spelt::parse(&request.service, &request.operation).map_err(refuse)
}

/// What an exchange names as asked for `request`.
pub fn asked(request: &Request) -> Result<(String, Map<String, Value>), Failure> {
    allowed(request)?;
    let params = with_cursor(request.params.clone(), request.cursor.as_ref());
    Ok((format!("{}:{}", request.service, request.operation), params))
}

/// An answer as it came, secrets by their look already replaced.
pub struct Heard<'a> {
    /// What was asked.
    pub request: &'a Request,
    /// HTTP status.
    pub status: u16,
    /// Bytes.
    pub body: &'a [u8],
    /// Where the page was asked, as it was sent; the host of a next page must be
    /// one of the cloud's or this one.
    pub endpoint: Option<&'a str>,
}

/// An answer that was understood.
pub struct Understood<'a> {
    /// The answer with the next page's parameters, or what is wrong with the page.
    pub reading: Result<Reading, Failure>,
    /// The bytes to keep.
    pub body: Cow<'a, [u8]>,
    /// How many secrets were replaced in them.
    pub redacted: u64,
}

impl<'a> Heard<'a> {
    /// Reads the answer. `Err`: there is none; the bytes may be kept where the
    /// second is true, because secrets cannot be found in what cannot be read.
    pub fn read(&self) -> Result<Understood<'a>, (Box<Failure>, bool)> {
        let malformed = |why: String| (Box::new(self.failure(Cause::Malformed, said(why))), false);
        if !(200..300).contains(&self.status) {
            return Err(match errors::of_status(self.status, self.body) {
                Ok(e) => (Box::new(self.refused(e)), true),
                Err(why) => malformed(why),
            });
        }
        if self.status == 202 {
            return Err(malformed("the answer says that it comes later".to_owned()));
        }
        if self.body.is_empty() {
            return Err(malformed("the body is empty".to_owned()));
        }
        let not_json = |e: serde_json::Error| malformed(format!("the body is not JSON: {e}"));
        let first = parse_json(self.body).map_err(not_json)?;
        // An error with a good status is an error all the same.
        if first.get("error").is_some_and(Value::is_object)
            && let Some(e) = errors::told(self.body)
        {
            return Err((Box::new(self.refused(e)), true));
        }
        let paths = Paths::new(&self.secret());
        let start = Named::start(Marks::start(&paths), is_secret);
        let ranges = secrets(self.body, &start);
        let redacted = ranges.len() as u64;
        let body = replace(self.body, ranges, &format!("\"{REDACTED}\""));
        let value = match redacted {
            0 => first,
            _ => parse_json(&body).map_err(not_json)?,
        };
        let value = match self.shaped(value) {
            Ok(v) => v,
            Err(why) => return Err((malformed(why).0, true)),
        };
        let reading = match self.next(&value) {
            Ok(next) => Ok(Reading {
                value,
                next,
                holes: Vec::new(),
            }),
            Err(why) => Err(self.failure(Cause::Truncated, said(why))),
        };
        Ok(Understood {
            reading,
            body,
            redacted,
        })
    }

    /// Paths of what must not be kept: the request's, and the operation's own.
    fn secret(&self) -> Vec<String> {
        let spelt = Spelt::parse(&self.request.service, &self.request.operation);
        let own = spelt.map_or(&[][..], |s| guard::never_kept(s.method, s.path));
        let own = own.iter().map(|p| (*p).to_owned());
        self.request.secret.iter().cloned().chain(own).collect()
    }

    fn failure(&self, cause: Cause, error: ApiError) -> Failure {
        Failure {
            cause,
            error: Some(error),
            status: Some(self.status),
            exchange: None,
        }
    }

    fn refused(&self, error: ApiError) -> Failure {
        self.failure(errors::cause(&error, self.status), error)
    }

    /// The answer, held against the model: an object of nothing but strange
    /// members is somebody else's, and a list that is not there is not empty.
    fn shaped(&self, value: Value) -> Result<Value, String> {
        let Value::Object(o) = &value else {
            // A few answers are a bare list.
            return match value {
                Value::Array(l) => Ok(json!({ "value": l })),
                _ => Err("the body is JSON, but no object".to_owned()),
            };
        };
        let Some((model, op)) = model::find(&self.request.operation) else {
            return Ok(value);
        };
        if let Some(missing) = missing_list(model, op, o) {
            return Err(format!("the body has no list `{missing}`"));
        }
        let known = model.members(&op.answer);
        let strange = known.is_some_and(|m| !m.is_empty() && !o.keys().any(|k| m.contains_key(k)));
        if strange && !o.is_empty() {
            let names: Vec<_> = o.keys().take(3).map(String::as_str).collect();
            return Err(format!(
                "the body has none of the expected members, but {}",
                names.join(", ")
            ));
        }
        if o.is_empty() {
            return Err("the body is an object without members".to_owned());
        }
        Ok(value)
    }

    /// Parameters of the next page, where there is one.
    fn next(&self, value: &Value) -> Result<Option<Map<String, Value>>, String> {
        let spelt = Spelt::parse(&self.request.service, &self.request.operation)?;
        if spelt.service == Service::Arg {
            return self.next_rows(value);
        }
        let links = ["nextLink", "@odata.nextLink", "odata.nextLink"];
        let link = links.iter().find_map(|n| match &value[*n] {
            Value::Null => None,
            v => Some(v),
        });
        let Some(link) = link else { return Ok(None) };
        let link = link
            .as_str()
            .ok_or("the link to the next page is no text")?;
        if link.is_empty() {
            return Ok(None);
        }
        self.checked(link)?;
        Ok(json!({ NEXT_LINK: link }).as_object().cloned())
    }

    /// The link to the next page must lead to the same service and the same kind
    /// of thing.
    fn checked(&self, link: &str) -> Result<(), String> {
        let url = Url::parse(link).map_err(|e| format!("the link to the next page: {e}"))?;
        let spelt = Spelt::parse(&self.request.service, &self.request.operation)?;
        let of_vault = spelt.service == Service::Vault;
        let own = self.endpoint.and_then(|e| Url::parse(e).ok());
        let at_own = !of_vault && own.is_some_and(|o| o.origin() == url.origin());
        let is_there = match of_vault {
            true => url.host_str() == Some(&vault(&self.request.params)?),
            false => url.host_str().is_some_and(crate::clouds::is_official),
        };
        let official =
            url.scheme() == "https" && url.port_or_known_default() == Some(443) && is_there;
        if !at_own && !official {
            return Err(format!(
                "the link to the next page leads to another host ({})",
                url.host_str().unwrap_or_default()
            ));
        }
        let last = |path: &str| {
            let piece = path.trim_end_matches('/').rsplit('/').next();
            piece.unwrap_or_default().to_ascii_lowercase()
        };
        let wanted = last(spelt.path);
        let fits = wanted.starts_with('{') || last(url.path()) == wanted;
        match fits && guard::by_path(spelt.service, "GET", url.path()).is_ok() {
            true => Ok(()),
            false => Err(format!(
                "the link to the next page leads elsewhere ({})",
                url.path()
            )),
        }
    }

    /// The next page of a query of Resource Graph; rows that do not add up are a
    /// loss.
    fn next_rows(&self, value: &Value) -> Result<Option<Map<String, Value>>, String> {
        let rows = value["data"].as_array().ok_or("the rows are no list")?;
        let here = rows.len() as u64;
        if value["count"].as_u64().is_some_and(|n| n != here) {
            return Err("the number of rows is not the one that the page tells".to_owned());
        }
        let before = self.request.cursor.as_ref().and_then(|c| c.get(SEEN));
        let seen = before.and_then(Value::as_u64).unwrap_or(0) + here;
        let token = value[SKIP_TOKEN].as_str().filter(|t| !t.is_empty());
        let truncated = match &value["resultTruncated"] {
            Value::Bool(b) => *b,
            Value::String(s) => s.eq_ignore_ascii_case("true"),
            _ => return Err("the page does not say whether it is cut".to_owned()),
        };
        match (token, truncated) {
            (Some(t), _) => Ok(json!({ SKIP_TOKEN: t, SEEN: seen }).as_object().cloned()),
            (None, true) => Err("Resource Graph cut the result".to_owned()),
            (None, false) => match value["totalRecords"].as_u64() {
                Some(n) if n == seen => Ok(None),
                n => Err(format!(
                    "{seen} rows came, and there are {}",
                    n.map_or_else(|| "?".to_owned(), |n| n.to_string())
                )),
            },
        }
    }
}

/// The list that the model says the answer is about, where the answer lacks it.
fn missing_list<'m>(
    model: &'m Model,
    op: &'m Operation,
    o: &Map<String, Value>,
) -> Option<&'m str> {
    let members = model.members(&op.answer)?;
    let name = ["value", "data"]
        .into_iter()
        .find(|n| matches!(members.get(*n), Some(Type::List { .. })))?;
    (!o.get(name).is_some_and(Value::is_array)).then_some(name)
}
