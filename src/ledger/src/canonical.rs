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
