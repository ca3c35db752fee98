//! Scalars, read leniently.

use crate::model::Scalar;
use aws_smithy_types::DateTime;
use aws_smithy_types::date_time::Format;
use serde_json::Value;
use shoseki_model::parse_json;

/// The value of text from XML or a header. Text that is not of its kind stays
/// text: it was seen, and a rule that needs another type says so.
pub(crate) fn text_value(kind: Scalar, text: String) -> Value {
    let trimmed = text.trim();
    let read = match kind {
        Scalar::Boolean => match trimmed {
            "true" | "True" | "TRUE" | "1" => Some(true.into()),
            "false" | "False" | "FALSE" | "0" => Some(false.into()),
            _ => None,
        },
        Scalar::Integer | Scalar::Long => trimmed.parse::<i64>().ok().map(Value::from),
        Scalar::Float | Scalar::Double => trimmed
            .parse::<f64>()
            .ok()
            .filter(|f| f.is_finite())
            .map(Value::from),
        Scalar::Timestamp => time(trimmed).map(Value::from),
        Scalar::String | Scalar::Blob | Scalar::Document => None,
    };
    read.unwrap_or(Value::String(text))
}

/// The value of a JSON scalar; `Err` for lists and objects, which are no scalar.
pub(crate) fn json_value(kind: Scalar, v: Value) -> Result<Value, String> {
    match (kind, v) {
        (Scalar::Document, v) => Ok(v),
        (_, v @ (Value::Array(_) | Value::Object(_))) => Err(format!(
            "{} where a {kind:?} is wanted",
            if v.is_array() { "a list" } else { "an object" }
        )),
        (Scalar::Timestamp, Value::Number(n)) => {
            Ok(time(&n.to_string()).map_or(Value::Number(n), Value::from))
        }
        (Scalar::String | Scalar::Blob, v) => Ok(v),
        (_, Value::String(s)) => Ok(text_value(kind, s)),
        (_, v) => Ok(v),
    }
}

/// A time as RFC 3339 in UTC, out of seconds since 1970, ISO 8601 with or
/// without zone, or the form of HTTP headers.
fn time(s: &str) -> Option<String> {
    let parsed = epoch(s)
        .or_else(|| DateTime::from_str(s, Format::DateTimeWithOffset).ok())
        .or_else(|| DateTime::from_str(s, Format::HttpDate).ok())
        .or_else(|| {
            let zoned = format!("{}Z", s.replace(' ', "T"));
            DateTime::from_str(&zoned, Format::DateTime).ok()
        })
        .or_else(|| DateTime::from_str(&format!("{s}T00:00:00Z"), Format::DateTime).ok())?;
    parsed.fmt(Format::DateTime).ok()
}

/// Seconds since 1970, kept exact: through a binary fraction, `.123` would
/// become `.122999907`.
fn epoch(s: &str) -> Option<DateTime> {
    let plain = match s.parse::<i64>() {
        Ok(seconds) => return Some(DateTime::from_secs(seconds)),
        Err(_) if s.contains(['e', 'E']) => s.parse::<f64>().ok()?.to_string(),
        Err(_) => s.to_owned(),
    };
    let (whole, fraction) = plain.split_once('.')?;
    let negative = whole.starts_with('-');
    let whole: i64 = whole.parse().ok()?;
    if !fraction.bytes().all(|c| c.is_ascii_digit()) {
        return None;
    }
    let nanos: u32 = format!("{fraction:0<9}").get(..9)?.parse().ok()?;
    Some(if negative && nanos > 0 {
        DateTime::from_secs_and_nanos(whole - 1, 1_000_000_000 - nanos)
    } else {
        DateTime::from_secs_and_nanos(whole, nanos)
    })
}

/// Turns a URL-encoded JSON document (IAM writes policies so) into JSON; text
/// that is none stays.
pub(crate) fn policy_document(v: &mut Value) {
    let Some(text) = v.as_str() else { return };
    if let Ok(document) = parse_json(&percent_decode(text)) {
        *v = document;
    }
}

fn percent_decode(s: &str) -> Vec<u8> {
    let bytes = s.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut i = 0;
    while let Some(&b) = bytes.get(i) {
        let hex = bytes
            .get(i + 1..i + 3)
            .filter(|_| b == b'%')
            .and_then(|h| std::str::from_utf8(h).ok())
            .and_then(|h| u8::from_str_radix(h, 16).ok());
        out.push(hex.unwrap_or(b));
        i += if hex.is_some() { 3 } else { 1 };
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn times_of_all_forms_become_rfc_3339() {
        for (given, wanted) in [
            ("1709168523", "2024-02-29T01:02:03Z"),
            ("1709168523.123", "2024-02-29T01:02:03.123Z"),
            ("1.709168523123E9", "2024-02-29T01:02:03.123Z"),
            ("2024-02-29T01:02:03Z", "2024-02-29T01:02:03Z"),
            ("2024-02-29T01:02:03.000Z", "2024-02-29T01:02:03Z"),
            ("2024-02-29T10:02:03+09:00", "2024-02-29T01:02:03Z"),
            ("2024-02-29 01:02:03", "2024-02-29T01:02:03Z"),
            ("Thu, 29 Feb 2024 01:02:03 GMT", "2024-02-29T01:02:03Z"),
        ] {
            assert_eq!(time(given).as_deref(), Some(wanted), "{given}");
        }
        assert_eq!(text_value(Scalar::Timestamp, "soon".into()), json!("soon"));
    }

    #[test]
    fn scalars_of_another_kind_stay_what_they_are() {
        assert_eq!(text_value(Scalar::Integer, " 7 ".into()), json!(7));
        assert_eq!(text_value(Scalar::Boolean, "yes".into()), json!("yes"));
        assert_eq!(json_value(Scalar::Boolean, json!("true")), Ok(json!(true)));
        assert!(json_value(Scalar::String, json!([])).is_err());
    }

    #[test]
    fn policies_are_decoded() {
        let mut v = json!("%7B%22Version%22%3A%222012-10-17%22%7D");
        policy_document(&mut v);
        assert_eq!(v, json!({"Version": "2012-10-17"}));
        let mut v = json!("100%");
        policy_document(&mut v);
        assert_eq!(v, json!("100%"));
    }
}
