//! One form for equal content, so that digests compare.

use serde::Serialize;
use serde_json::Value;
use sha2::{Digest, Sha256};
use shoseki_model::{Observed, Sight};

/// SHA-256 as bytes.
pub(crate) type Hash = [u8; 32];

/// SHA-256 of `bytes`.
pub(crate) fn sha256(bytes: &[u8]) -> Hash {
    Sha256::digest(bytes).into()
}

/// What was observed without where it came from: exchanges name the question,
/// and are in the run.
#[derive(Serialize)]
struct Seen<'a> {
    path: &'a str,
    #[serde(flatten)]
    sight: &'a Sight,
}

/// Observed values as JSON, the members of objects sorted: two answers that
/// differ in the order of members alone are equal.
pub(crate) fn observed(all: &[Observed], out: &mut Vec<u8>) -> serde_json::Result<()> {
    out.clear();
    out.push(b'[');
    for (i, o) in all.iter().enumerate() {
        if i > 0 {
            out.push(b',');
        }
        let seen = Seen {
            path: &o.path,
            sight: &o.sight,
        };
        match &o.sight {
            Sight::Seen(v) if is_deep(v) => write(&serde_json::to_value(seen)?, out)?,
            _ => serde_json::to_writer(&mut *out, &seen)?,
        }
    }
    out.push(b']');
    Ok(())
}

/// Whether members might be in another order.
fn is_deep(v: &Value) -> bool {
    match v {
        Value::Object(_) => true,
        Value::Array(a) => a.iter().any(is_deep),
        _ => false,
    }
}

fn write(v: &Value, out: &mut Vec<u8>) -> serde_json::Result<()> {
    match v {
        Value::Object(m) => {
            let mut members: Vec<_> = m.iter().collect();
            members.sort_by_key(|(k, _)| *k);
            // `path` first, as in the shallow form.
            members.sort_by_key(|(k, _)| k.as_str() != "path");
            out.push(b'{');
            for (i, (k, v)) in members.into_iter().enumerate() {
                if i > 0 {
                    out.push(b',');
                }
                serde_json::to_writer(&mut *out, k)?;
                out.push(b':');
                write(v, out)?;
            }
            out.push(b'}');
        }
        Value::Array(a) => {
            out.push(b'[');
            for (i, v) in a.iter().enumerate() {
                if i > 0 {
                    out.push(b',');
                }
                write(v, out)?;
            }
            out.push(b']');
        }
        _ => serde_json::to_writer(&mut *out, v)?,
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests stop at the first surprise")]
    use super::*;
    use proptest::prelude::*;

    fn json() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            // Zero has two signs and one value.
            any::<f64>().prop_filter_map("finite", |n| n.is_finite().then(|| (n + 0.0).into())),
            any::<String>().prop_map(Value::from),
        ];
        leaf.prop_recursive(4, 30, 5, |inner| {
            // `path` is a name with a place of its own.
            let key = prop_oneof!["[a-b]", Just("path".to_owned()), any::<String>()];
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
                prop::collection::btree_map(key, inner, 0..5)
                    .prop_map(|m| Value::Object(m.into_iter().collect())),
            ]
        })
    }

    fn turned(v: &Value) -> Value {
        match v {
            Value::Object(m) => {
                let mut all: Vec<_> = m.iter().map(|(k, v)| (k.clone(), turned(v))).collect();
                all.reverse();
                Value::Object(all.into_iter().collect())
            }
            Value::Array(a) => a.iter().map(turned).collect(),
            v => v.clone(),
        }
    }

    fn bytes(path: &str, sight: Sight, exchange: &str) -> Vec<u8> {
        let all = [Observed {
            path: path.to_owned(),
            sight,
            exchanges: vec![exchange.to_owned()],
        }];
        let mut out = Vec::new();
        observed(&all, &mut out).unwrap();
        out
    }

    proptest! {
        #[test]
        fn neither_the_order_of_members_nor_the_exchange_matters(v in json()) {
            let one = bytes("settings.a", Sight::Seen(v.clone()), "x1");
            prop_assert_eq!(one, bytes("settings.a", Sight::Seen(turned(&v)), "x2"));
        }

        #[test]
        fn other_values_have_other_bytes(a in json(), b in json()) {
            let of = |v: &Value| bytes("settings.a", Sight::Seen(v.clone()), "x1");
            prop_assert_eq!(a == b, of(&a) == of(&b));
        }

        #[test]
        fn what_was_written_reads_back(v in json(), path in any::<String>()) {
            let text = bytes(&path, Sight::Seen(v.clone()), "x1");
            let back: Vec<Observed> = serde_json::from_slice(&text).unwrap();
            prop_assert_eq!(&back[0].path, &path);
            prop_assert_eq!(&back[0].sight, &Sight::Seen(v));
        }
    }

    #[test]
    fn unseen_and_null_and_a_text_of_the_same_word_differ() {
        let unseen = bytes("p", Sight::Unseen("g1".into()), "x");
        let null = bytes("p", Sight::Seen(Value::Null), "x");
        let text = bytes("p", Sight::Seen("g1".into()), "x");
        assert!(unseen != null && null != text && unseen != text);
    }
}
