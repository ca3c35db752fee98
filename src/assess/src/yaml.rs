//! YAML read into a tree that remembers where everything stands, so that all
//! that is wrong with a file is reported at once and at its place.

use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_saphyr::Spanned;
use shoseki_model::{Diagnostic, Text};
use std::fmt;

/// A place in a file: line, column and width in characters, from 1.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) line: u32,
    column: u32,
    width: u32,
}

impl Place {
    /// The same diagnostic, at this place.
    pub(crate) fn mark(self, d: Diagnostic) -> Diagnostic {
        d.at(self.line, self.column, self.width)
    }
}

/// One node with its place.
#[derive(Clone, Debug)]
pub(crate) struct Node {
    pub(crate) place: Place,
    pub(crate) value: Value,
}

/// What a node is. Numbers and the like are kept by their names only: nothing
/// in a mapping is a number, and an unquoted `10.1` must be named as such.
#[derive(Clone, Debug)]
pub(crate) enum Value {
    Text(String),
    List(Vec<Node>),
    Map(Vec<(Place, String, Node)>),
    Bool(bool),
    Other(&'static str),
}

struct Raw(Value);

fn place<T>(s: &Spanned<T>) -> Place {
    let narrow = |n: u64| u32::try_from(n).unwrap_or(u32::MAX);
    Place {
        line: narrow(s.referenced.line()),
        column: narrow(s.referenced.column()),
        width: narrow(s.referenced.span().len()).clamp(1, 200),
    }
}

impl From<Spanned<Raw>> for Node {
    fn from(s: Spanned<Raw>) -> Self {
        let mut place = place(&s);
        // A span that runs over lines is cut to its beginning.
        if !matches!(s.value.0, Value::Text(_) | Value::Bool(_) | Value::Other(_)) {
            place.width = 1;
        }
        Node {
            place,
            value: s.value.0,
        }
    }
}

impl<'de> Deserialize<'de> for Raw {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        d.deserialize_any(Reader).map(Raw)
    }
}

struct Reader;

impl<'de> Visitor<'de> for Reader {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("a YAML value")
    }
    fn visit_bool<E>(self, v: bool) -> Result<Value, E> {
        Ok(Value::Bool(v))
    }
    fn visit_i64<E>(self, _: i64) -> Result<Value, E> {
        Ok(Value::Other("a number"))
    }
    fn visit_u64<E>(self, _: u64) -> Result<Value, E> {
        Ok(Value::Other("a number"))
    }
    fn visit_f64<E>(self, _: f64) -> Result<Value, E> {
        Ok(Value::Other("a number"))
    }
    fn visit_str<E>(self, v: &str) -> Result<Value, E> {
        Ok(Value::Text(v.to_owned()))
    }
    fn visit_string<E>(self, v: String) -> Result<Value, E> {
        Ok(Value::Text(v))
    }
    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Other("nothing"))
    }
    fn visit_none<E>(self) -> Result<Value, E> {
        Ok(Value::Other("nothing"))
    }
    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Value, A::Error> {
        let mut out = Vec::new();
        while let Some(item) = seq.next_element::<Spanned<Raw>>()? {
            out.push(item.into());
        }
        Ok(Value::List(out))
    }
    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Value, A::Error> {
        let mut out = Vec::new();
        while let Some(key) = map.next_key::<Spanned<String>>()? {
            let value = map.next_value::<Spanned<Raw>>()?;
            out.push((place(&key), key.value, value.into()));
        }
        Ok(Value::Map(out))
    }
}

/// Reads one file; a syntax error ends it.
pub(crate) fn parse(file: &str, text: &str) -> Result<Node, Diagnostic> {
    let options = serde_saphyr::options! {
        alias_limits: serde_saphyr::alias_limits! {
            max_total_replayed_events: shoseki_model::ALIASED,
        },
    };
    match serde_saphyr::from_str_with_options::<Spanned<Raw>>(text, options) {
        Ok(node) => Ok(node.into()),
        Err(e) => {
            let e = e.without_snippet();
            let message = e.to_string();
            let message = message.lines().next().unwrap_or("not YAML").to_owned();
            let d = Diagnostic::file(file, "syntax", message);
            Err(match e.location() {
                Some(l) => {
                    let narrow = |n: u64| u32::try_from(n).unwrap_or(u32::MAX);
                    d.at(narrow(l.line()), narrow(l.column()), 1)
                }
                None => d,
            })
        }
    }
}

/// Where diagnostics of one file gather.
pub(crate) struct Sink<'a> {
    pub(crate) file: &'a str,
    pub(crate) out: Vec<Diagnostic>,
}

impl Sink<'_> {
    /// Adds an error at a place.
    pub(crate) fn say(
        &mut self,
        at: Place,
        code: &'static str,
        message: impl Into<String>,
        help: impl Into<Option<String>>,
    ) {
        let mut d = at.mark(Diagnostic::file(self.file, code, message));
        d.help = help.into();
        self.out.push(d);
    }

    /// The members of a map, none but `fields`. A member of another name is
    /// reported with the nearest known one.
    pub(crate) fn map<'n>(
        &mut self,
        node: &'n Node,
        what: &str,
        fields: &[&str],
    ) -> Option<Vec<(&'n str, &'n Node)>> {
        let Value::Map(members) = &node.value else {
            let message = format!("{what} must be a map");
            self.say(
                node.place,
                "wrong-shape",
                message,
                Some(format!("members: {}", fields.join(", "))),
            );
            return None;
        };
        for (at, name, _) in members {
            if !fields.contains(&name.as_str()) {
                let help = nearest(name, fields.iter().copied())
                    .map(|n| format!("did you mean {n}?"))
                    .unwrap_or_else(|| format!("members: {}", fields.join(", ")));
                self.say(
                    *at,
                    "unknown-field",
                    format!("{what} has no member {name}"),
                    help,
                );
            }
        }
        Some(members.iter().map(|(_, k, v)| (k.as_str(), v)).collect())
    }

    /// A text that is not empty.
    pub(crate) fn text<'n>(&mut self, node: &'n Node, what: &str) -> Option<&'n str> {
        match &node.value {
            Value::Text(s) if !s.trim().is_empty() => Some(s),
            Value::Text(_) => {
                self.say(node.place, "empty", format!("{what} is empty"), None);
                None
            }
            Value::Other("a number") => {
                let help = "put it in quotes".to_owned();
                self.say(
                    node.place,
                    "wrong-shape",
                    format!("{what} must be text, not a number"),
                    help,
                );
                None
            }
            _ => {
                self.say(
                    node.place,
                    "wrong-shape",
                    format!("{what} must be text"),
                    None,
                );
                None
            }
        }
    }

    /// A text in both languages, neither empty, the two not the same.
    pub(crate) fn both(&mut self, node: &Node, what: &str) -> Option<Text> {
        let members = self.map(node, what, &["ja", "en"])?;
        let mut get = |lang: &str| match members.iter().find(|m| m.0 == lang) {
            Some((_, n)) => self.text(n, &format!("{what}.{lang}")).map(str::to_owned),
            None => {
                self.say(
                    node.place,
                    "missing-field",
                    format!("{what} has no {lang}"),
                    Some("both languages are needed: { ja: …, en: … }".to_owned()),
                );
                None
            }
        };
        let (ja, en) = (get("ja"), get("en"));
        let text = Text::new(ja?, en?);
        if text.ja == text.en {
            self.say(
                node.place,
                "same-text",
                format!("{what} is the same in both languages"),
                None,
            );
        }
        Some(text)
    }

    /// A list.
    pub(crate) fn list<'n>(&mut self, node: &'n Node, what: &str) -> &'n [Node] {
        if let Value::List(items) = &node.value {
            return items;
        }
        self.say(
            node.place,
            "wrong-shape",
            format!("{what} must be a list"),
            None,
        );
        &[]
    }

    /// One of a few words.
    pub(crate) fn word<T: Copy>(
        &mut self,
        node: &Node,
        what: &str,
        words: &[(&str, T)],
    ) -> Option<T> {
        let text = self.text(node, what)?;
        if let Some((_, v)) = words.iter().find(|w| w.0 == text) {
            return Some(*v);
        }
        let all: Vec<&str> = words.iter().map(|w| w.0).collect();
        let help = match nearest(text, all.iter().copied()) {
            Some(n) => format!("did you mean {n}?"),
            None => format!("one of: {}", all.join(", ")),
        };
        self.say(
            node.place,
            "unknown-word",
            format!("{what} cannot be {text}"),
            help,
        );
        None
    }
}

/// The candidate that is most like `word`, if any is like it at all.
pub(crate) fn nearest<'c>(
    word: &str,
    candidates: impl IntoIterator<Item = &'c str>,
) -> Option<&'c str> {
    candidates
        .into_iter()
        // Comparing takes time by the product of both lengths.
        .filter(|c| word.len().max(c.len()) <= 200)
        .map(|c| (strsim::jaro_winkler(word, c), c))
        .filter(|(like, _)| *like >= 0.8)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, c)| c)
}
