//! The id of an exchange rests on one form for equal parameters: properties, and
//! what another implementation makes of them.
#![expect(clippy::unwrap_used, reason = "tests stop at the first surprise")]

use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;
use serde_json::{Map, Value};
use shoseki_model::Exchange;
use std::io::Write as _;
use std::process::{Command, Stdio};

/// Any JSON, the numbers of forms that all implementations write alike.
fn json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        (-4000_i32..4000).prop_map(|n| Value::from(f64::from(n) / 4.0)),
        any::<String>().prop_map(Value::from),
        "[\u{0}-\u{20}\"\\\\あ\u{7f}\u{2028}😀]{0,6}".prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 40, 5, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
            members(inner).prop_map(Value::Object),
        ]
    })
}

fn members(inner: impl Strategy<Value = Value>) -> impl Strategy<Value = Map<String, Value>> {
    let key = prop_oneof!["[a-cA-C.]{0,2}", any::<String>()];
    prop::collection::btree_map(key, inner, 0..6).prop_map(|m| m.into_iter().collect())
}

fn params() -> impl Strategy<Value = Map<String, Value>> {
    members(json())
}

/// The same with the members of all objects turned round.
fn turned(v: &Value) -> Value {
    match v {
        Value::Object(m) => Value::Object(turned_map(m)),
        Value::Array(a) => a.iter().map(turned).collect(),
        v => v.clone(),
    }
}

fn turned_map(m: &Map<String, Value>) -> Map<String, Value> {
    let mut all: Vec<_> = m.iter().map(|(k, v)| (k.clone(), turned(v))).collect();
    all.reverse();
    all.into_iter().collect()
}

fn id(params: &Map<String, Value>) -> String {
    Exchange::id_of("aws", "123456789012", "us-east-1", "s3:ListBuckets", params)
}

proptest! {
    #[test]
    fn the_order_of_members_does_not_matter_at_any_depth(p in params()) {
        prop_assert_eq!(id(&p), id(&turned_map(&p)));
    }

    #[test]
    fn other_parameters_have_another_id(a in params(), b in params()) {
        prop_assert_eq!(a == b, id(&a) == id(&b));
    }

    #[test]
    fn a_value_changed_in_its_place_changes_the_id(
        p in params(), key in "[a-c]", old in json(), new in json(),
    ) {
        let with = |v: &Value| {
            let mut p = p.clone();
            p.insert(key.clone(), v.clone());
            id(&p)
        };
        prop_assert_eq!(old == new, with(&old) == with(&new));
    }

    #[test]
    fn what_is_asked_where_and_of_whom_is_told_apart(
        a in prop::array::uniform4("[a-b:]{0,3}"), b in prop::array::uniform4("[a-b:]{0,3}"),
    ) {
        let of = |p: &[String; 4]| Exchange::id_of(&p[0], &p[1], &p[2], &p[3], &Map::new());
        prop_assert_eq!(a == b, of(&a) == of(&b));
    }
}

/// The ids of parameters, one a line, by Python's own JSON and SHA-256.
const PYTHON: &str = r#"
import hashlib, json, sys
for line in sys.stdin:
    text = json.dumps(json.loads(line), sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    parts = ["aws", "123456789012", "us-east-1", "s3:ListBuckets", text]
    h = hashlib.sha256()
    for part in (p.encode() for p in parts):
        h.update(len(part).to_bytes(8, "big") + part)
    print("x" + h.hexdigest()[:20])
"#;

#[test]
fn python_gives_the_same_ids() {
    let mut runner = TestRunner::deterministic();
    let all: Vec<_> = (0..500)
        .map(|_| params().new_tree(&mut runner).unwrap().current())
        .collect();
    let mut child = Command::new("python3")
        .args(["-X", "utf8", "-c", PYTHON])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let lines: String = all
        .iter()
        .map(|p| serde_json::to_string(p).unwrap() + "\n")
        .collect();
    let mut input = child.stdin.take().unwrap();
    let writer = std::thread::spawn(move || input.write_all(lines.as_bytes()));
    let out = child.wait_with_output().unwrap();
    writer.join().unwrap().unwrap();
    let theirs: Vec<&str> = std::str::from_utf8(&out.stdout).unwrap().lines().collect();
    let ours: Vec<String> = all.iter().map(id).collect();
    assert_eq!(ours, theirs);
}
