//! Records held against records: sixteen bytes a record, in any order.

use crate::report::Problems;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use sha2::{Digest, Sha256};
use shoseki_evidence::{Error, Kind, Lines};
use shoseki_model::{Gap, Population, Resource, Standing, Tally};
use std::collections::HashMap;

/// A digest of a record, or of what names it.
pub(crate) type Mark = [u8; 16];

/// A kind of record that is derived.
pub(crate) trait Record: Serialize + DeserializeOwned {
    /// Where it is stored.
    const KIND: Kind;

    /// What names it among its kind.
    fn name(&self) -> String;

    /// Brings into order what may come in any.
    fn settle(&mut self) {}
}

impl Record for Resource {
    const KIND: Kind = Kind::Resources;

    fn name(&self) -> String {
        let Self {
            r#type, id, scope, ..
        } = self;
        let (account, region) = (&self.account, &self.region);
        format!("{type} {id} ({account}/{region}, {scope})")
    }
}

impl Record for Gap {
    const KIND: Kind = Kind::Gaps;

    fn name(&self) -> String {
        self.id.clone()
    }
}

impl Record for Population {
    const KIND: Kind = Kind::Populations;

    fn name(&self) -> String {
        format!("{} ({}/{})", self.r#type, self.account, self.region)
    }

    // Children of several parents are asked for at once.
    fn settle(&mut self) {
        self.query.sort();
        self.query.dedup();
        self.gaps.sort();
    }
}

impl Record for Tally {
    const KIND: Kind = Kind::Tallies;

    fn name(&self) -> String {
        format!("{} ({}/{})", self.rule, self.account, self.region)
    }
}

impl Record for Standing {
    const KIND: Kind = Kind::Standings;

    fn name(&self) -> String {
        self.control.clone()
    }
}

/// How many records are read again to say what differs.
const SHOWN: usize = 50;

/// The stored records of one kind, struck off as they are derived.
#[derive(Debug, Default)]
pub(crate) struct Ledger {
    left: HashMap<Mark, Mark>,
    /// Derived otherwise than stored: what was derived, by name.
    changed: HashMap<Mark, Option<Box<Value>>>,
    /// Derived and not stored.
    missing: Vec<String>,
    pub(crate) met: u64,
}

impl Ledger {
    /// Enters a stored record.
    pub(crate) fn enter<R: Record>(&mut self, mut record: R, problems: &Problems) {
        record.settle();
        let name = record.name();
        let content = mark(&record_value(&record));
        if self.left.insert(mark_text(&name), content).is_some() {
            problems.tell(R::KIND.file(), name, "it is there twice");
        }
    }

    /// Enters all stored records; what cannot be read is told.
    pub(crate) fn enter_all<R: Record>(&mut self, lines: Lines<R>, problems: &Problems) {
        for line in lines {
            match line {
                Ok(r) => self.enter(r, problems),
                Err(e) => problems.tell(R::KIND.file(), "", e.to_string()),
            }
        }
    }

    /// Strikes off a stored record that cannot be compared.
    pub(crate) fn pass_over<R: Record>(&mut self, record: &R) {
        self.left.remove(&mark_text(&record.name()));
    }

    /// Strikes off a derived record. `stopped`: the scan may not have come to it.
    pub(crate) fn meet<R: Record>(&mut self, mut record: R, stopped: bool) {
        record.settle();
        let name = record.name();
        let value = record_value(&record);
        let key = mark_text(&name);
        self.met += 1;
        match self.left.remove(&key) {
            Some(stored) if stored == mark(&value) => {}
            Some(_) => {
                let shown = self.changed.len() < SHOWN;
                self.changed.insert(key, shown.then(|| Box::new(value)));
            }
            None if stopped => {}
            None => self.missing.push(name),
        }
    }

    /// Tells what differs; `stored` reads the records once more, where there is
    /// something.
    pub(crate) fn settle<R: Record>(
        self,
        stored: impl Fn() -> Result<Lines<R>, Error>,
        problems: &Problems,
    ) -> Result<(), Error> {
        let file = R::KIND.file();
        for name in &self.missing {
            problems.tell(
                file,
                name.as_str(),
                "it follows from the answers and is not there",
            );
        }
        if self.left.is_empty() && self.changed.is_empty() {
            return Ok(());
        }
        for mut record in stored()?.flatten() {
            record.settle();
            let name = record.name();
            let key = mark_text(&name);
            if self.left.contains_key(&key) {
                problems.tell(file, name.as_str(), "it does not follow from the answers");
            }
            match self.changed.get(&key) {
                Some(Some(derived)) => {
                    let what = difference("", &record_value(&record), derived);
                    problems.tell(file, name.as_str(), what);
                }
                Some(None) => {
                    problems.tell(file, name.as_str(), "what follows from the answers differs")
                }
                None => {}
            }
        }
        Ok(())
    }
}

fn record_value<R: Serialize>(record: &R) -> Value {
    serde_json::to_value(record).unwrap_or_default()
}

fn mark_text(text: &str) -> Mark {
    let mut h = Sha256::new();
    h.update(text.as_bytes());
    cut(h)
}

/// A digest of a JSON value that does not depend on the order of members.
pub(crate) fn mark(value: &Value) -> Mark {
    let mut h = Sha256::new();
    feed(value, &mut h);
    cut(h)
}

fn cut(h: Sha256) -> Mark {
    let mut out = [0; 16];
    out.copy_from_slice(&h.finalize()[..16]);
    out
}

fn feed(v: &Value, h: &mut Sha256) {
    match v {
        Value::Object(m) => {
            let mut keys: Vec<_> = m.iter().collect();
            keys.sort_by(|a, b| a.0.cmp(b.0));
            h.update(b"{");
            h.update((keys.len() as u64).to_be_bytes());
            for (k, v) in keys {
                h.update((k.len() as u64).to_be_bytes());
                h.update(k.as_bytes());
                feed(v, h);
            }
        }
        Value::Array(l) => {
            h.update(b"[");
            h.update((l.len() as u64).to_be_bytes());
            l.iter().for_each(|v| feed(v, h));
        }
        other => {
            let text = other.to_string();
            h.update((text.len() as u64).to_be_bytes());
            h.update(text.as_bytes());
        }
    }
}

/// The first place in which two values differ, in words.
pub(crate) fn difference(at: &str, stored: &Value, derived: &Value) -> String {
    match (stored, derived) {
        (Value::Object(a), Value::Object(b)) => {
            for k in a.keys().chain(b.keys()) {
                let (x, y) = (&stored[k.as_str()], &derived[k.as_str()]);
                if x != y {
                    let dot = if at.is_empty() { "" } else { "." };
                    return difference(&format!("{at}{dot}{k}"), x, y);
                }
            }
        }
        (Value::Array(a), Value::Array(b)) if a.len() == b.len() => {
            if let Some(i) = (0..a.len()).find(|&i| a[i] != b[i]) {
                return difference(&format!("{at}[{i}]"), &a[i], &b[i]);
            }
        }
        _ => {}
    }
    format!(
        "{at} is {}; from the answers follows {}",
        short(stored),
        short(derived)
    )
}

fn short(v: &Value) -> String {
    let text = v.to_string();
    if text.chars().count() <= 120 {
        return text;
    }
    text.chars().take(119).collect::<String>() + "…"
}
