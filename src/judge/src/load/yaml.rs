//! YAML as a tree in which every node knows its place.

use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};
use serde_saphyr::{Location, Spanned};
use shoseki_model::Diagnostic;
use std::fmt;

/// A node without its place.
#[derive(Clone, Debug)]
pub(crate) enum Yaml {
    Null,
    Bool(bool),
    Number(Number),
    Str(String),
    Seq(Vec<Node>),
    Map(Vec<(Spanned<String>, Node)>),
}

/// A node and its place.
pub(crate) type Node = Spanned<Yaml>;

impl Yaml {
    /// In words, for messages.
    pub fn told(&self) -> &'static str {
        match self {
            Yaml::Null => "nothing",
            Yaml::Bool(_) => "true or false",
            Yaml::Number(_) => "a number",
            Yaml::Str(_) => "a text",
            Yaml::Seq(_) => "a list",
            Yaml::Map(_) => "a map",
        }
    }

    /// As JSON.
    pub fn json(&self) -> Value {
        match self {
            Yaml::Null => Value::Null,
            Yaml::Bool(b) => Value::Bool(*b),
            Yaml::Number(n) => Value::Number(n.clone()),
            Yaml::Str(s) => Value::String(s.clone()),
            Yaml::Seq(s) => Value::Array(s.iter().map(|n| n.value.json()).collect()),
            Yaml::Map(m) => Value::Object(
                m.iter()
                    .map(|(k, v)| (k.value.clone(), v.value.json()))
                    .collect::<Map<_, _>>(),
            ),
        }
    }
}

/// The one document of `text`.
pub(crate) fn read(file: &str, text: &str) -> Result<Node, Diagnostic> {
    let options = serde_saphyr::options! {
        strict_booleans: true,
        alias_limits: serde_saphyr::alias_limits! {
            max_total_replayed_events: shoseki_model::ALIASED,
        },
    };
    serde_saphyr::from_str_with_options(text, options).map_err(|e| {
        let said = e.without_snippet().to_string();
        // The place is told apart; the library repeats it at the end of its words.
        let message = match said.rfind(" at line ") {
            Some(i) => said[..i].to_owned(),
            None => said,
        };
        let d = Diagnostic::file(file, "yaml", message.replace('\n', " "));
        match e.location() {
            Some(l) => at(d, l, 1),
            None => d,
        }
    })
}

/// Puts a diagnostic where `l` says.
pub(crate) fn at(d: Diagnostic, l: Location, width: u32) -> Diagnostic {
    let n = |n: u64| u32::try_from(n).unwrap_or(u32::MAX);
    d.at(n(l.line()), n(l.column()), width)
}

impl<'de> Deserialize<'de> for Yaml {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        d.deserialize_any(Any)
    }
}

struct Any;

impl<'de> Visitor<'de> for Any {
    type Value = Yaml;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("YAML")
    }

    fn visit_unit<E>(self) -> Result<Yaml, E> {
        Ok(Yaml::Null)
    }

    fn visit_none<E>(self) -> Result<Yaml, E> {
        Ok(Yaml::Null)
    }

    fn visit_bool<E>(self, v: bool) -> Result<Yaml, E> {
        Ok(Yaml::Bool(v))
    }

    fn visit_i64<E>(self, v: i64) -> Result<Yaml, E> {
        Ok(Yaml::Number(v.into()))
    }

    fn visit_u64<E>(self, v: u64) -> Result<Yaml, E> {
        Ok(Yaml::Number(v.into()))
    }

    fn visit_f64<E>(self, v: f64) -> Result<Yaml, E> {
        Ok(Number::from_f64(v).map_or_else(|| Yaml::Str(v.to_string()), Yaml::Number))
    }

    fn visit_str<E>(self, v: &str) -> Result<Yaml, E> {
        Ok(Yaml::Str(v.to_owned()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut a: A) -> Result<Yaml, A::Error> {
        let mut out = Vec::new();
        while let Some(n) = a.next_element()? {
            out.push(n);
        }
        Ok(Yaml::Seq(out))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut a: A) -> Result<Yaml, A::Error> {
        let mut out = Vec::new();
        while let Some(e) = a.next_entry()? {
            out.push(e);
        }
        Ok(Yaml::Map(out))
    }
}
