//! The entries of the data files, and which of them answers.

use super::{NOT_HERE, azure, gcp, pages};
use crate::fill::Filler;
use crate::request::Asked;
use crate::server::Reply;
use serde::Deserialize;
use serde_json::{Map, Value, json};
use std::sync::atomic::{AtomicBool, Ordering};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Entry {
    pub call: String,
    #[serde(default)]
    pub with: Map<String, Value>,
    #[serde(default = "ok")]
    pub status: u16,
    pub answer: Option<Value>,
    pub error: Option<Refusal>,
    first: Option<Refusal>,
    page: Option<usize>,
    #[serde(skip)]
    asked_before: AtomicBool,
    #[serde(skip)]
    pub cloud: &'static str,
    /// Folder of the file: a subscription's id, `tenant`, `any`.
    #[serde(skip)]
    pub place: String,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Refusal {
    status: u16,
    code: String,
    #[serde(default)]
    message: String,
    /// Of Google's `ErrorInfo`.
    reason: Option<String>,
    /// `retry-after`, in seconds.
    retry_after: Option<u16>,
}

fn ok() -> u16 {
    200
}

/// All entries.
#[derive(Debug, Default)]
pub(crate) struct Table {
    pub entries: Vec<Entry>,
    /// How many entries of a list a page has, where no entry says it.
    pub page: Option<usize>,
}

impl Table {
    /// Adds the entries of a file.
    pub(crate) fn load(
        &mut self,
        cloud: &'static str,
        pieces: &[&str],
        text: &str,
    ) -> Result<(), String> {
        let [_, place, _] = pieces else {
            return Err("expected cloud/place/file.yaml".to_owned());
        };
        let entries: Vec<Entry> = serde_saphyr::from_str(text).map_err(|e| e.to_string())?;
        for mut e in entries {
            if e.answer.is_some() == e.error.is_some() {
                return Err(format!("{}: give `answer` or `error`, one of them", e.call));
            }
            if cloud == "azure" && !e.call.contains(" /") {
                return Err(format!("{}: write `GET /path`", e.call));
            }
            e.cloud = cloud;
            (*place).clone_into(&mut e.place);
            self.entries.push(e);
        }
        Ok(())
    }

    /// The entry that answers.
    fn find(&self, asked: &Asked) -> Option<&Entry> {
        let weigh = |e: &Entry| {
            // Folders of Google Cloud only sort its files.
            let own = asked.cloud != "gcp" && e.place == asked.access_key;
            let placed = own || e.place == "any" || asked.cloud == "gcp";
            if e.cloud != asked.cloud || !placed || !e.fits(asked) {
                return None;
            }
            let fixed = match e.cloud {
                "azure" => {
                    let (_, operation) = asked.call.split_once(':')?;
                    let (method, _) = operation.split_once(' ')?;
                    azure::matches(&e.call, method, &asked.path)?
                }
                _ if e.call == asked.call => 0,
                _ => return None,
            };
            let open = e.with.values().filter(|v| v.to_string().contains('*'));
            Some((own, fixed, e.with.len(), usize::MAX - open.count()))
        };
        let all = self.entries.iter();
        let fitting = all.filter_map(|e| Some((weigh(e)?, e)));
        fitting.max_by_key(|(w, _)| *w).map(|(_, e)| e)
    }

    /// What a request gets.
    pub(crate) fn reply(&self, asked: &Asked, now: jiff::Timestamp) -> Reply {
        let Some(e) = self.find(asked) else {
            return undescribed(asked);
        };
        let filler = Filler {
            account: &asked.access_key,
            asked,
            now,
        };
        let before = e.asked_before.swap(true, Ordering::Relaxed);
        if let Some(first) = e.first.as_ref().filter(|_| !before) {
            return first.reply(asked.cloud, &filler);
        }
        match (&e.answer, &e.error) {
            (Some(v), _) => {
                let mut value = filler.value(v);
                if let Some(size) = self.page.or(e.page) {
                    value = pages::page(asked, value, size);
                }
                match e.status {
                    200 => Reply::Answer(value),
                    status => Reply::Status {
                        status,
                        headers: Vec::new(),
                        value,
                    },
                }
            }
            (None, Some(refusal)) => refusal.reply(asked.cloud, &filler),
            (None, None) => undescribed(asked),
        }
    }
}

impl Entry {
    /// Whether the request carries every scalar that `with` names.
    fn fits(&self, asked: &Asked) -> bool {
        fn leaves(v: &Value, out: &mut Vec<String>) {
            match v {
                Value::Object(m) => m.values().for_each(|v| leaves(v, out)),
                Value::Array(a) => a.iter().for_each(|v| leaves(v, out)),
                Value::String(s) => out.push(s.clone()),
                other => out.push(other.to_string()),
            }
        }
        self.with.iter().all(|(k, v)| {
            let mut wanted = Vec::new();
            leaves(v, &mut wanted);
            let have = asked.values.get(k);
            wanted
                .iter()
                .all(|w| have.is_some_and(|h| h.iter().any(|h| glob(w, h))))
        })
    }
}

/// Whether a text fits a pattern whose `*` stands for anything.
fn glob(pattern: &str, text: &str) -> bool {
    let Some((first, rest)) = pattern.split_once('*') else {
        return pattern == text;
    };
    let Some(mut text) = text.strip_prefix(first) else {
        return false;
    };
    let mut parts: Vec<&str> = rest.split('*').collect();
    let last = parts.pop().unwrap_or_default();
    for p in parts {
        match text.find(p).and_then(|i| text.get(i + p.len()..)) {
            Some(after) => text = after,
            None => return false,
        }
    }
    text.ends_with(last)
}

impl Refusal {
    fn reply(&self, cloud: &str, filler: &Filler<'_>) -> Reply {
        let message = filler.text(&self.message);
        let wire = super::error(cloud, self.status, &self.code, &message);
        let mut value: Value = serde_json::from_slice(&wire.body).unwrap_or_default();
        if let Some(reason) = &self.reason {
            value["error"]["details"] = json!([{
                "@type": "type.googleapis.com/google.rpc.ErrorInfo",
                "reason": reason,
                "domain": "googleapis.com",
            }]);
        }
        let after = self
            .retry_after
            .map(|s| ("retry-after".to_owned(), s.to_string()));
        Reply::Status {
            status: self.status,
            headers: after.into_iter().collect(),
            value,
        }
    }
}

/// An empty list where it is one that says so openly, and else a loud error.
fn undescribed(asked: &Asked) -> Reply {
    match asked.cloud {
        "azure" if azure::is_list(&asked.call) => Reply::Answer(json!({ "value": [] })),
        "gcp" if gcp::is_list(&asked.call) => Reply::Answer(json!({})),
        _ => Reply::Error {
            status: 404,
            code: NOT_HERE.to_owned(),
            message: format!(
                "the sandbox has no answer for {} {}",
                asked.call, asked.path
            ),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stars_stand_for_anything() {
        for (pattern, text, fits) in [
            ("a", "a", true),
            ("a*", "abc", true),
            ("*c", "abc", true),
            ("a*c*e", "abcde", true),
            ("a*c*f", "abcde", false),
            ("a", "ab", false),
        ] {
            assert_eq!(glob(pattern, text), fits, "{pattern} {text}");
        }
    }
}
