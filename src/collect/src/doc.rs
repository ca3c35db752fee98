//! YAML with positions: a tree that keeps where everything stood, so that all
//! errors of a file can be gathered instead of the first one.

use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::{Number, Value};
use serde_saphyr::Spanned;
use shoseki_model::Diagnostic;
use std::fmt;

/// A value with the line and column where it stood, both from 1.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct At<T> {
    /// The value.
    pub value: T,
    /// Line.
    pub line: u32,
    /// Column in characters.
    pub column: u32,
}

impl<T> At<T> {
    /// Another value at the same place.
    pub fn with<U>(&self, value: U) -> At<U> {
        At {
            value,
            line: self.line,
            column: self.column,
        }
    }
}

/// A YAML value whose members know their places.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Yaml {
    Scalar(Value),
    List(Vec<At<Yaml>>),
    Map(Vec<(At<String>, At<Yaml>)>),
}

impl Yaml {
    /// What the value is, for messages.
    pub(crate) fn kind(&self) -> &'static str {
        match self {
            Yaml::Scalar(Value::Null) => "nothing",
            Yaml::Scalar(Value::Bool(_)) => "true or false",
            Yaml::Scalar(Value::Number(_)) => "a number",
            Yaml::Scalar(_) => "text",
            Yaml::List(_) => "a list",
            Yaml::Map(_) => "a mapping",
        }
    }
}

fn at<T>(s: Spanned<T>) -> At<T> {
    let small = |n: u64| u32::try_from(n).unwrap_or(u32::MAX);
    At {
        line: small(s.referenced.line()),
        column: small(s.referenced.column()),
        value: s.value,
    }
}

struct Tree;

impl<'de> Visitor<'de> for Tree {
    type Value = Yaml;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a YAML value")
    }

    fn visit_bool<E>(self, v: bool) -> Result<Yaml, E> {
        Ok(Yaml::Scalar(Value::Bool(v)))
    }

    fn visit_i64<E>(self, v: i64) -> Result<Yaml, E> {
        Ok(Yaml::Scalar(v.into()))
    }

    fn visit_u64<E>(self, v: u64) -> Result<Yaml, E> {
        Ok(Yaml::Scalar(v.into()))
    }

    fn visit_f64<E>(self, v: f64) -> Result<Yaml, E> {
        Ok(Yaml::Scalar(
            Number::from_f64(v).map_or(Value::Null, Value::Number),
        ))
    }

    fn visit_str<E>(self, v: &str) -> Result<Yaml, E> {
        Ok(Yaml::Scalar(v.into()))
    }

    fn visit_unit<E>(self) -> Result<Yaml, E> {
        Ok(Yaml::Scalar(Value::Null))
    }

    fn visit_none<E>(self) -> Result<Yaml, E> {
        Ok(Yaml::Scalar(Value::Null))
    }

    fn visit_some<D: Deserializer<'de>>(self, d: D) -> Result<Yaml, D::Error> {
        d.deserialize_any(Tree)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Yaml, A::Error> {
        let mut out = Vec::new();
        while let Some(v) = seq.next_element::<Spanned<Yaml>>()? {
            out.push(at(v));
        }
        Ok(Yaml::List(out))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Yaml, A::Error> {
        let mut out = Vec::new();
        while let Some((k, v)) = map.next_entry::<Spanned<String>, Spanned<Yaml>>()? {
            out.push((at(k), at(v)));
        }
        Ok(Yaml::Map(out))
    }
}

impl<'de> Deserialize<'de> for Yaml {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        d.deserialize_any(Tree)
    }
}

/// Parses one document; a syntax error comes with its place.
pub(crate) fn parse(file: &str, text: &str) -> Result<At<Yaml>, Diagnostic> {
    let options = serde_saphyr::options! {
        strict_booleans: true,
        with_snippet: false,
        alias_limits: serde_saphyr::alias_limits! {
            max_total_replayed_events: shoseki_model::ALIASED,
        },
    };
    serde_saphyr::from_str_with_options::<Spanned<Yaml>>(text, options)
        .map(at)
        .map_err(|e| {
            let place = e.location();
            let text = e.without_snippet().to_string();
            let message = text.lines().next().unwrap_or_default().to_owned();
            let d = Diagnostic::file(file, "syntax", message);
            match place {
                Some(l) if l.line() > 0 => {
                    let small = |n: u64| u32::try_from(n).unwrap_or(u32::MAX);
                    d.at(small(l.line()), small(l.column()), 1)
                }
                _ => d,
            }
        })
}

/// Longest name for which a like one is looked for, in bytes.
const NAME: usize = 200;

/// `; did you mean …?` material: the name nearest to `wrong`, where one is near.
pub(crate) fn nearest<'a>(
    wrong: &str,
    names: impl IntoIterator<Item = &'a str>,
) -> Option<&'a str> {
    // Comparing takes time and room by the product of both lengths.
    let short = |n: &str| n.len() <= NAME;
    names
        .into_iter()
        .filter(|n| short(wrong) && short(n))
        .map(|n| {
            (
                strsim::damerau_levenshtein(&wrong.to_lowercase(), &n.to_lowercase()),
                n,
            )
        })
        .filter(|(d, n)| *d <= 1.max(wrong.len().max(n.len()) / 3))
        .min_by_key(|(d, _)| *d)
        .map(|(_, n)| n)
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests stop at the first surprise")]
    use super::*;

    #[test]
    fn places_are_kept() {
        let doc = parse("a.yaml", "list:\n  call: x\n  with: { A: [1, \"{B}\"] }\n").unwrap();
        let Yaml::Map(top) = doc.value else {
            unreachable!()
        };
        let Yaml::Map(list) = &top[0].1.value else {
            unreachable!()
        };
        assert_eq!((list[0].0.line, list[0].0.column), (2, 3));
        assert_eq!((list[0].1.line, list[0].1.column), (2, 9));
        let Yaml::Map(with) = &list[1].1.value else {
            unreachable!()
        };
        assert_eq!((with[0].0.line, with[0].0.column), (3, 11));
    }

    #[test]
    fn broken_yaml_and_doubled_keys_have_a_place() {
        assert!(parse("a.yaml", "a: [1\nb: 2").unwrap_err().line > 0);
        let twice = parse("a.yaml", "a: 1\na: 2\n").unwrap_err();
        assert_eq!((twice.code, twice.line), ("syntax", 2));
    }
}
