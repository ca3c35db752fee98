//! JSON that says each thing once.

use serde::de::{Deserialize, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};
use std::fmt;

/// What stands in answers where a secret stood: it says that there was a value,
/// and nothing of what it was.
pub const REDACTED: &str = "[redacted]";

/// Reads one JSON document. Unlike plain `serde_json`, which keeps the last of
/// two members of one name, it refuses them: what the first held would be gone
/// without a word.
///
/// # Errors
/// Text that is not one whole JSON document, or an object with a name twice.
pub fn parse_json(text: &[u8]) -> Result<Value, serde_json::Error> {
    serde_json::from_slice::<Unique>(text).map(|u| u.0)
}

struct Unique(Value);

impl<'de> Deserialize<'de> for Unique {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        d.deserialize_any(Reader).map(Unique)
    }
}

struct Reader;

impl<'de> Visitor<'de> for Reader {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, v: bool) -> Result<Value, E> {
        Ok(v.into())
    }

    fn visit_i64<E>(self, v: i64) -> Result<Value, E> {
        Ok(v.into())
    }

    fn visit_u64<E>(self, v: u64) -> Result<Value, E> {
        Ok(v.into())
    }

    fn visit_f64<E: Error>(self, v: f64) -> Result<Value, E> {
        let number = Number::from_f64(v).ok_or_else(|| E::custom("a number is out of range"))?;
        Ok(Value::Number(number))
    }

    fn visit_str<E>(self, v: &str) -> Result<Value, E> {
        Ok(v.into())
    }

    fn visit_string<E>(self, v: String) -> Result<Value, E> {
        Ok(v.into())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Value, A::Error> {
        let mut out = Vec::new();
        while let Some(Unique(v)) = list.next_element()? {
            out.push(v);
        }
        Ok(Value::Array(out))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Value, A::Error> {
        let mut out = Map::new();
        while let Some(name) = map.next_key::<String>()? {
            let Unique(v) = map.next_value()?;
            if out.insert(name, v).is_some() {
                return Err(A::Error::custom("an object has a name twice"));
            }
        }
        Ok(Value::Object(out))
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests stop at the first surprise")]
    use super::*;

    #[test]
    fn it_reads_what_serde_json_reads() {
        for text in [
            "null",
            "[true, -1, 18446744073709551615, 1.5e300, \"\\u8a3c\\n\", {}]",
            "{\"b\": {\"a\": [1, 2]}, \"a\": \"\"}",
            " 1.0 ",
        ] {
            let plain: Value = serde_json::from_str(text).unwrap();
            let ours = parse_json(text.as_bytes()).unwrap();
            assert_eq!(ours.to_string(), plain.to_string());
        }
    }

    #[test]
    fn names_that_come_twice_and_broken_text_are_refused() {
        for text in [
            "{\"a\": 1, \"a\": 1}",
            "[{\"x\": {\"a\": [], \"a\": null}}]",
            "{\"a\": 1",
            "{} {}",
            "",
        ] {
            assert!(parse_json(text.as_bytes()).is_err(), "{text}");
        }
    }
}
