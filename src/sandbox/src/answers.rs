//! Answers as data: YAML files of `call`, `with`, `answer` or `error`.
//!
//! What follows is about AWS; see [`crate::rest`] for the other clouds. A file
//! holds a list; of the entries for a call those fit whose `with` names
//! nothing that the request has not, and the one that names most wins. Places are
//! tried from the narrowest: account and region, account, region, any. Texts may
//! leave the account, the region, the request and the time open: see `fill`.

use crate::fill::Filler;
use crate::request::Asked;
use crate::rest::{self, Table};
use crate::server::{Reply, Responder};
use rust_embed::RustEmbed;
use serde::Deserialize;
use serde_json::{Map, Value};
use std::collections::HashMap;

#[derive(RustEmbed)]
#[folder = "data"]
#[include = "**/*.yaml"]
struct DemoFiles;

/// A data file: path and text.
#[derive(Debug, Clone)]
pub struct AnswerFile {
    /// `aws/123456789012/ap-northeast-1/ec2.yaml`; the second piece is the
    /// account or `any`, the third the region or `any`.
    pub path: String,
    /// YAML.
    pub text: String,
}

/// A data file that cannot be read.
#[derive(Debug, thiserror::Error)]
#[error("{path}: {message}")]
pub struct DataError {
    /// Which file.
    pub path: String,
    /// What is wrong, with line and column.
    pub message: String,
}

/// The built-in demonstration organisation.
pub fn demo_files() -> Vec<AnswerFile> {
    let mut files: Vec<AnswerFile> = DemoFiles::iter()
        .filter_map(|path| {
            let text = String::from_utf8_lossy(&DemoFiles::get(&path)?.data).into_owned();
            Some(AnswerFile {
                path: path.into_owned(),
                text,
            })
        })
        .collect();
    files.sort_by(|a, b| a.path.cmp(&b.path));
    files
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Entry {
    pub call: String,
    #[serde(default)]
    pub with: Map<String, Value>,
    pub answer: Option<Value>,
    pub error: Option<ErrorEntry>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ErrorEntry {
    code: String,
    #[serde(default = "bad_request")]
    status: u16,
    #[serde(default)]
    message: String,
}

fn bad_request() -> u16 {
    400
}

/// Entries by account, region and call.
#[derive(Debug, Default)]
pub struct Answers {
    rest: Table,
    /// The moment that answers count from: as in a cloud at rest, it stays.
    now: jiff::Timestamp,
    entries: HashMap<(String, String, String), Vec<Entry>>,
    accounts: HashMap<String, String>,
}

impl Answers {
    /// Reads the files; all of them must be sound.
    pub fn load(files: &[AnswerFile]) -> Result<Self, DataError> {
        let mut all = Self {
            now: jiff::Timestamp::now(),
            ..Self::default()
        };
        for f in files {
            let bad = |message: String| DataError {
                path: f.path.clone(),
                message,
            };
            let pieces: Vec<&str> = f.path.split('/').collect();
            if let Some(cloud) = rest::named(pieces[0]) {
                all.rest.load(cloud, &pieces, &f.text).map_err(bad)?;
                continue;
            }
            let [_, account, region, _] = pieces[..] else {
                return Err(bad("expected cloud/account/region/file.yaml".into()));
            };
            let entries: Vec<Entry> =
                serde_saphyr::from_str(&f.text).map_err(|e| bad(e.to_string()))?;
            for e in entries {
                if e.answer.is_some() == e.error.is_some() {
                    return Err(bad(format!(
                        "{}: give `answer` or `error`, one of them",
                        e.call
                    )));
                }
                let key = (account.to_owned(), region.to_owned(), e.call.clone());
                all.entries.entry(key).or_default().push(e);
            }
        }
        Ok(all)
    }

    /// Lets requests signed with `access_key` speak for `account`.
    #[must_use]
    pub fn with_account(mut self, access_key: &str, account: &str) -> Self {
        self.accounts
            .insert(access_key.to_owned(), account.to_owned());
        self
    }

    /// Lets lists of Azure and Google Cloud come in pages of at most `entries`.
    #[must_use]
    pub fn with_pages(mut self, entries: usize) -> Self {
        self.rest.page = Some(entries);
        self
    }

    /// The entries of the clouds that are not asked as AWS is.
    #[cfg(test)]
    pub(crate) fn rest(&self) -> &Table {
        &self.rest
    }

    /// All entries, each with its `account/region`.
    #[cfg(test)]
    pub(crate) fn all(&self) -> impl Iterator<Item = (String, &Entry)> {
        self.entries
            .iter()
            .flat_map(|((a, r, _), all)| all.iter().map(move |e| (format!("{a}/{r}"), e)))
    }

    fn find(&self, account: &str, region: &str, asked: &Asked) -> Option<&Entry> {
        let key = (account.to_owned(), region.to_owned(), asked.call.clone());
        self.entries
            .get(&key)?
            .iter()
            .filter(|e| fits(e, asked))
            .max_by_key(|e| e.with.len())
    }
}

/// Whether the request carries every scalar that `with` names.
fn fits(e: &Entry, asked: &Asked) -> bool {
    fn leaves(v: &Value, out: &mut Vec<String>) {
        match v {
            Value::Object(m) => m.values().for_each(|v| leaves(v, out)),
            Value::Array(a) => a.iter().for_each(|v| leaves(v, out)),
            Value::String(s) => out.push(s.clone()),
            other => out.push(other.to_string()),
        }
    }
    e.with.iter().all(|(k, v)| {
        let mut wanted = Vec::new();
        leaves(v, &mut wanted);
        let have = asked.values.get(k);
        wanted.iter().all(|w| have.is_some_and(|h| h.contains(w)))
    })
}

impl Responder for Answers {
    fn reply(&self, asked: &Asked) -> Reply {
        if asked.cloud != "aws" {
            return self.rest.reply(asked, self.now);
        }
        let key = &asked.access_key;
        let account = match self.accounts.get(key) {
            Some(account) => account,
            // What `sts:AssumeRole` here gives out.
            None if key.len() == 12 && key.bytes().all(|b| b.is_ascii_digit()) => key,
            None => "any",
        };
        let places = [
            (account, asked.region.as_str()),
            (account, "any"),
            ("any", &asked.region),
            ("any", "any"),
        ];
        let entry = places.iter().find_map(|(a, r)| self.find(a, r, asked));
        let filler = Filler {
            account,
            asked,
            now: self.now,
        };
        match entry {
            Some(Entry {
                answer: Some(v), ..
            }) => Reply::Answer(filler.value(v)),
            Some(Entry { error: Some(e), .. }) => Reply::Error {
                status: e.status,
                code: e.code.clone(),
                message: filler.text(&e.message),
            },
            _ => Reply::Error {
                status: 501,
                code: "NotInSandbox".into(),
                message: format!("the sandbox has no answer for {}", asked.call),
            },
        }
    }
}
