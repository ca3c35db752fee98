//! Values while an expression is evaluated: borrowed from the resource where
//! possible.

use jiff::{SignedDuration, Timestamp};
use serde_json::{Map, Value};
use shoseki_model::Text;
use std::sync::Arc;

/// A value, or why there is none.
#[derive(Clone, Debug)]
pub(crate) enum V<'a> {
    /// Absent: the provider says that it is not set.
    Null,
    Bool(bool),
    Int(i64),
    Double(f64),
    Str(&'a str),
    /// Text made on the way.
    Text(Arc<str>),
    Array(&'a [Value]),
    Object(&'a Map<String, Value>),
    /// A list made on the way.
    List(Arc<[V<'a>]>),
    /// A map made on the way, in order.
    Map(Arc<[(V<'a>, V<'a>)]>),
    Time(Timestamp),
    Span(SignedDuration),
    /// Not known: something was not seen, or an error happened.
    Undef(Box<Undef>),
}

/// Why a value is not known.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Undef {
    /// What was not seen: path and gap.
    pub unseen: Vec<Unseen>,
    /// What went wrong.
    pub errors: Vec<Text>,
}

/// A path that was not seen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Unseen {
    /// `settings.Encryption`.
    pub path: String,
    /// The gap's id, or `not-asked`.
    pub gap: String,
}

impl Undef {
    /// Both reasons, each once.
    pub fn merge(&mut self, other: Undef) {
        for u in other.unseen {
            if !self.unseen.contains(&u) {
                self.unseen.push(u);
            }
        }
        for e in other.errors {
            if !self.errors.contains(&e) {
                self.errors.push(e);
            }
        }
    }
}

/// An error value with its words in Japanese and English.
pub(crate) fn fault<'a>(text: Text) -> V<'a> {
    V::Undef(Box::new(Undef {
        unseen: Vec::new(),
        errors: vec![text],
    }))
}

/// The set of kinds that an argument may have, one bit each.
pub(crate) mod kinds {
    pub const NULL: u16 = 1;
    pub const BOOL: u16 = 2;
    pub const INT: u16 = 4;
    pub const DOUBLE: u16 = 8;
    pub const STR: u16 = 16;
    pub const LIST: u16 = 32;
    pub const MAP: u16 = 64;
    pub const TIME: u16 = 128;
    pub const SPAN: u16 = 256;
    pub const ANY: u16 = 511;

    /// The kinds in words, Japanese and English.
    pub fn told(set: u16) -> (String, String) {
        const NAMES: [(u16, &str, &str); 9] = [
            (NULL, "未設定", "absent"),
            (BOOL, "真偽値", "true or false"),
            (INT, "整数", "a whole number"),
            (DOUBLE, "小数", "a decimal number"),
            (STR, "文字列", "a text"),
            (LIST, "一覧", "a list"),
            (MAP, "項目の集まり", "a map"),
            (TIME, "時刻", "a timestamp"),
            (SPAN, "期間", "a duration"),
        ];
        let of = |n: usize| {
            let names: Vec<&str> = NAMES
                .iter()
                .filter(|k| set & k.0 != 0)
                .map(|k| if n == 0 { k.1 } else { k.2 })
                .collect();
            names.join(if n == 0 { "・" } else { " or " })
        };
        (of(0), of(1))
    }
}

impl<'a> V<'a> {
    /// The value of a piece of the provider's answer.
    pub fn of(v: &'a Value) -> V<'a> {
        match v {
            Value::Null => V::Null,
            Value::Bool(b) => V::Bool(*b),
            Value::Number(n) => number(n),
            Value::String(s) => V::Str(s),
            Value::Array(a) => V::Array(a),
            Value::Object(m) => V::Object(m),
        }
    }

    /// The same without borrowing.
    pub fn owned(v: &Value) -> V<'static> {
        match v {
            Value::Null => V::Null,
            Value::Bool(b) => V::Bool(*b),
            Value::Number(n) => number(n),
            Value::String(s) => V::text(s.as_str()),
            Value::Array(a) => V::List(a.iter().map(V::owned).collect()),
            Value::Object(m) => V::Map(
                m.iter()
                    .map(|(k, v)| (V::text(k.as_str()), V::owned(v)))
                    .collect(),
            ),
        }
    }

    /// A text of its own.
    pub fn text<'b>(s: impl Into<Arc<str>>) -> V<'b> {
        V::Text(s.into())
    }

    /// A list of its own.
    pub fn list(items: Vec<V<'a>>) -> V<'a> {
        V::List(items.into())
    }

    /// The kind's bit; an undefined value has none.
    pub fn kind(&self) -> u16 {
        match self {
            V::Null => kinds::NULL,
            V::Bool(_) => kinds::BOOL,
            V::Int(_) => kinds::INT,
            V::Double(_) => kinds::DOUBLE,
            V::Str(_) | V::Text(_) => kinds::STR,
            V::Array(_) | V::List(_) => kinds::LIST,
            V::Object(_) | V::Map(_) => kinds::MAP,
            V::Time(_) => kinds::TIME,
            V::Span(_) => kinds::SPAN,
            V::Undef(_) => 0,
        }
    }

    /// The text, where it is one.
    pub fn as_str(&self) -> Option<&str> {
        match self {
            V::Str(s) => Some(s),
            V::Text(s) => Some(s),
            _ => None,
        }
    }

    /// Number of elements of a list or a map; 0 for anything else.
    pub fn len(&self) -> usize {
        match self {
            V::Array(a) => a.len(),
            V::List(l) => l.len(),
            V::Object(m) => m.len(),
            V::Map(m) => m.len(),
            _ => 0,
        }
    }

    /// The element at `i` of a list, or the key at `i` of a map.
    pub fn item(&self, i: usize) -> Option<V<'a>> {
        match self {
            V::Array(a) => a.get(i).map(V::of),
            V::List(l) => l.get(i).cloned(),
            V::Object(m) => m.keys().nth(i).map(|k| V::Str(k)),
            V::Map(m) => m.get(i).map(|e| e.0.clone()),
            _ => None,
        }
    }

    /// All elements of a list, or all keys of a map.
    pub fn items(&self) -> Vec<V<'a>> {
        match self {
            V::Array(a) => a.iter().map(V::of).collect(),
            V::List(l) => l.to_vec(),
            V::Object(m) => m.keys().map(|k| V::Str(k)).collect(),
            V::Map(m) => m.iter().map(|e| e.0.clone()).collect(),
            _ => Vec::new(),
        }
    }

    /// The member of a map; `None` where there is none.
    pub fn member(&self, name: &str) -> Option<V<'a>> {
        match self {
            V::Object(m) => get(m, name).map(V::of),
            V::Map(m) => m
                .iter()
                .find(|e| e.0.as_str() == Some(name))
                .map(|e| e.1.clone()),
            _ => None,
        }
    }

    /// As JSON, for functions that read documents. Times become text.
    pub fn json(&self) -> Value {
        match self {
            V::Null | V::Undef(_) => Value::Null,
            V::Bool(b) => Value::Bool(*b),
            V::Int(i) => Value::from(*i),
            V::Double(d) => Value::from(*d),
            V::Str(s) => Value::from(*s),
            V::Text(s) => Value::from(&**s),
            V::Array(a) => Value::Array(a.to_vec()),
            V::Object(m) => Value::Object((*m).clone()),
            V::List(l) => Value::Array(l.iter().map(V::json).collect()),
            V::Map(m) => Value::Object(
                m.iter()
                    .map(|(k, v)| {
                        let key = match k {
                            V::Int(i) => i.to_string(),
                            V::Bool(b) => b.to_string(),
                            k => k.as_str().unwrap_or_default().to_owned(),
                        };
                        (key, v.json())
                    })
                    .collect(),
            ),
            V::Time(t) => Value::from(t.to_string()),
            V::Span(d) => Value::from(duration_text(*d)),
        }
    }
}

/// A member of an object. Small objects are searched in order: comparing a few
/// lengths costs less than hashing the name.
pub(crate) fn get<'a>(m: &'a Map<String, Value>, name: &str) -> Option<&'a Value> {
    if m.len() <= 8 {
        return m.iter().find(|(k, _)| *k == name).map(|(_, v)| v);
    }
    m.get(name)
}

/// Walks member names from `v`; `None` where one is absent, `Err` with the place
/// of the name that was asked of something without members.
pub(crate) fn walk<'a>(
    mut v: &'a Value,
    names: &[Box<str>],
) -> Result<Option<&'a Value>, (usize, &'a Value)> {
    for (i, name) in names.iter().enumerate() {
        v = match v {
            Value::Object(m) => match get(m, name) {
                Some(v) => v,
                None => return Ok(None),
            },
            Value::Null => return Ok(None),
            other => return Err((i, other)),
        };
    }
    Ok(Some(v))
}

fn number<'a>(n: &serde_json::Number) -> V<'a> {
    match n.as_i64() {
        Some(i) => V::Int(i),
        None => V::Double(n.as_f64().unwrap_or(f64::NAN)),
    }
}

/// Seconds with up to nine decimals and an `s`, as the standard prints them.
pub(crate) fn duration_text(d: SignedDuration) -> String {
    let n = d.as_nanos();
    let (sign, n) = (if n < 0 { "-" } else { "" }, n.unsigned_abs());
    let (secs, frac) = (n / 1_000_000_000, n % 1_000_000_000);
    if frac == 0 {
        return format!("{sign}{secs}s");
    }
    let frac = format!("{frac:09}");
    format!("{sign}{secs}.{}s", frac.trim_end_matches('0'))
}
