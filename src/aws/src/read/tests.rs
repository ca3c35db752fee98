//! Golden answers, cut and mangled.
#![expect(clippy::unwrap_used, reason = "tests")]

use super::{Paths, Received};
use crate::model::{self, Of};
use serde_json::{Map, Value};

/// Calls `each` with the golden answer of every modelled operation.
pub(super) fn golden(mut each: impl FnMut(&Received<'_>, &str)) {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("conformance/golden");
    for service in model::services() {
        let Ok(text) = std::fs::read_to_string(folder.join(format!("{service}.json"))) else {
            continue;
        };
        let pairs: Map<String, Value> = serde_json::from_str(&text).unwrap();
        let model = model::service(service).unwrap();
        for (name, pair) in &pairs {
            let Some(operation) = model.operations.get(name) else {
                continue;
            };
            let body = pair["answer"]["body"].as_str().unwrap();
            let received = Received {
                model,
                name,
                operation,
                status: 200,
                headers: &[],
                body: body.as_bytes(),
                secret: &Paths::default(),
            };
            each(&received, &format!("{service}:{name}"));
        }
    }
}

#[test]
fn a_cut_answer_is_never_a_shorter_one() {
    let mut cut = 0;
    golden(|whole, title| {
        let members = whole.model.output(whole.operation);
        let document = match members.iter().find(|m| m.payload) {
            Some(payload) => matches!(payload.of, Of::Shape(_)),
            None => members.iter().any(|m| m.place.is_none()),
        };
        // A body that is one text cannot be told to be cut, but by its length.
        if !document {
            return;
        }
        whole.read().unwrap();
        let end = whole.body.trim_ascii_end().len();
        for i in 0..24 {
            let to = if i == 0 { end - 1 } else { end * i / 24 };
            let part = Received {
                body: &whole.body[..to],
                ..*whole
            };
            assert!(part.read().is_err(), "{title} cut to {to} of {end}");
            cut += 1;
        }
    });
    assert!(cut > 3000);
}

#[test]
fn mangled_answers_never_panic() {
    golden(|whole, _| {
        for i in 0..32 {
            let mut body = whole.body.to_vec();
            let at = body.len() * i / 32;
            match body.get_mut(at) {
                Some(byte) => *byte = b"<\"{[}>&0\xff "[i % 10],
                None => continue,
            }
            let mangled = Received {
                body: &body,
                ..*whole
            };
            // Whatever comes of it: no panic, and no endless loop.
            drop(mangled.read());
        }
    });
}
