//! Random expressions on random JSON: where the standard defines the result,
//! ours is that of the `cel` crate, errors included.
//!
//! Left out on purpose: members that do not exist, and null where a list is
//! expected, for which `rules/README.md` says something else than the standard.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use super::value::V;
use super::{Env, View};
use crate::check::bare;
use crate::syntax::parse;
use cel::objects::Key;
use cel::{Context, Program, Value as Cel};
use proptest::prelude::*;
use serde_json::{Value, json};
use shoseki_model::{Resource, TypeInfo};
use std::collections::BTreeMap;

/// A result in words, the same for both engines.
fn ours(v: &V<'_>) -> String {
    match v {
        V::Undef(_) => "error".into(),
        V::Null => "null".into(),
        V::Bool(b) => b.to_string(),
        V::Int(i) => format!("int {i}"),
        V::Double(d) => format!("double {d:?}"),
        V::Time(_) | V::Span(_) => "time".into(),
        v => match v.as_str() {
            Some(s) => format!("{s:?}"),
            None if v.kind() == super::value::kinds::LIST => {
                format!(
                    "[{}]",
                    v.items().iter().map(ours).collect::<Vec<_>>().join(", ")
                )
            }
            None => {
                let entries: BTreeMap<String, String> = v
                    .items()
                    .iter()
                    .map(|k| (ours(k), ours(&super::ops::index(v, k).unwrap())))
                    .collect();
                format!("{entries:?}")
            }
        },
    }
}

fn theirs(v: &Cel) -> String {
    match v {
        Cel::Null => "null".into(),
        Cel::Bool(b) => b.to_string(),
        Cel::Int(i) => format!("int {i}"),
        Cel::UInt(i) => format!("uint {i}"),
        Cel::Float(d) => format!("double {d:?}"),
        Cel::String(s) => format!("{:?}", s.as_str()),
        Cel::List(l) => format!("[{}]", l.iter().map(theirs).collect::<Vec<_>>().join(", ")),
        Cel::Map(m) => {
            let entries: BTreeMap<String, String> = m
                .map
                .iter()
                .map(|(k, v)| {
                    let k = match k {
                        Key::String(s) => format!("{:?}", s.as_str()),
                        Key::Int(i) => format!("int {i}"),
                        Key::Uint(i) => format!("uint {i}"),
                        Key::Bool(b) => b.to_string(),
                    };
                    (k, theirs(v))
                })
                .collect();
            format!("{entries:?}")
        }
        other => format!("{other:?}"),
    }
}

fn to_cel(v: &Value) -> Cel {
    match v {
        Value::Null => Cel::Null,
        Value::Bool(b) => Cel::Bool(*b),
        Value::Number(n) => n
            .as_i64()
            .map_or_else(|| Cel::Float(n.as_f64().unwrap()), Cel::Int),
        Value::String(s) => Cel::from(s.as_str()),
        Value::Array(a) => Cel::from(a.iter().map(to_cel).collect::<Vec<_>>()),
        Value::Object(m) => {
            let m: std::collections::HashMap<String, Cel> =
                m.iter().map(|(k, v)| (k.clone(), to_cel(v))).collect();
            Cel::from(m)
        }
    }
}

/// Both results.
fn both(src: &str, settings: &Value) -> (String, String) {
    let info = TypeInfo::default();
    let node = bare(&parse(src).unwrap(), &info);
    let resource = Resource {
        settings: settings.as_object().unwrap().clone(),
        ..Resource::default()
    };
    let view = View::new(&resource, &info);
    let mine = ours(&Env::new(&view, jiff::Timestamp::UNIX_EPOCH).eval(&node));
    let mut context = Context::default();
    context.add_variable_from_value("settings", to_cel(settings));
    let program = Program::compile(src).unwrap();
    let oracle = program.execute(&context);
    (mine, oracle.map_or_else(|_| "error".into(), |v| theirs(&v)))
}

fn settings() -> impl Strategy<Value = Value> {
    let text = || prop::sample::select(vec!["", "a", "ab", "AES256", "日本", "arn:aws:s3:::b"]);
    let number = || prop_oneof![-3_i64..4, Just(i64::MAX), Just(i64::MIN)];
    let double = || prop::sample::select(vec![0.0, -1.5, 2.0, 1e300, 0.1]);
    (
        (any::<bool>(), number(), double(), text()),
        prop::collection::vec(number(), 0..4),
        prop::collection::vec(text(), 0..4),
        prop::collection::vec((number(), text(), any::<bool>()), 0..4),
    )
        .prop_map(|((b, i, d, s), li, ls, lm)| {
            let rows: Vec<Value> = lm
                .into_iter()
                .map(|(x, y, z)| json!({"x": x, "y": y, "z": z}))
                .collect();
            json!({"b": b, "i": i, "d": d, "s": s, "li": li, "ls": ls, "lm": rows,
                "m": {"a": i, "b": s}, "n": null})
        })
}

/// Expressions that mostly have the type they should. Doubles beyond 2^53 are left
/// out: the crate rounds whole numbers to compare them, the standard does not.
fn expression() -> impl Strategy<Value = String> {
    let leaf = prop::sample::select(vec![
        "true",
        "false",
        "null",
        "0",
        "1",
        "2",
        "-3",
        "9223372036854775807",
        "1.5",
        "2.0",
        "0.0",
        r#""a""#,
        r#""AES256""#,
        r#"''"#,
        "settings.b",
        "settings.i",
        "settings.d",
        "settings.s",
        "settings.n",
        "settings.m.a",
        r#"settings["m"]["b"]"#,
        "settings.li",
        "settings.ls",
        "settings.lm",
        "settings.m",
        "[1, 2]",
        r#"["a", "AES256"]"#,
        "[]",
        r#"{"a": 1}"#,
    ])
    .prop_map(str::to_owned);
    leaf.prop_recursive(5, 40, 4, |inner| {
        let op = |ops: Vec<&'static str>| prop::sample::select(ops);
        let list = prop::sample::select(vec![
            "settings.li",
            "settings.ls",
            "settings.lm",
            "[1, 2, 3]",
            "settings.m",
        ]);
        let test = prop::sample::select(vec![
            "x == 1",
            "x > 0",
            "x == \"a\"",
            "x.x > 0",
            "x.z",
            "x.y.startsWith(\"a\")",
            "x in [1, 2]",
            "true",
        ]);
        let fold = prop::sample::select(vec!["exists", "all", "exists_one", "filter"]);
        prop_oneof![
            (inner.clone(), op(vec!["&&", "||"]), inner.clone())
                .prop_map(|(a, o, b)| format!("({a} {o} {b})")),
            (inner.clone(), op(vec!["==", "!="]), inner.clone())
                .prop_map(|(a, o, b)| format!("({a} {o} {b})")),
            (inner.clone(), op(vec!["<", "<=", ">", ">="]), inner.clone())
                .prop_map(|(a, o, b)| format!("({a} {o} {b})")),
            (
                inner.clone(),
                op(vec!["+", "-", "*", "/", "%"]),
                inner.clone()
            )
                .prop_map(|(a, o, b)| format!("({a} {o} {b})")),
            (inner.clone(), list.clone()).prop_map(|(a, b)| format!("({a} in {b})")),
            (list.clone(), fold, test, inner.clone(), any::<bool>()).prop_map(
                |(l, f, t, e, and)| {
                    if and {
                        format!("{l}.{f}(x, {t} && {e})")
                    } else {
                        format!("{l}.{f}(x, {t})")
                    }
                }
            ),
            (list.clone(), inner.clone()).prop_map(|(l, e)| format!("{l}.map(x, [x, {e}])")),
            (inner.clone(), inner.clone(), inner.clone())
                .prop_map(|(a, b, c)| format!("({a} ? {b} : {c})")),
            inner.clone().prop_map(|a| format!("!({a})")),
            inner.clone().prop_map(|a| format!("-({a})")),
            (list, -1_i64..4).prop_map(|(l, i)| format!("{l}[{i}]")),
            (
                prop::sample::select(vec!["settings.s", "\"AES256\"", "settings.m.b"]),
                op(vec!["startsWith", "endsWith", "contains"]),
                inner.clone()
            )
                .prop_map(|(a, f, b)| format!("{a}.{f}({b})")),
            prop::sample::select(vec![
                "size(settings.s)",
                "size(settings.li)",
                "size(settings.m)",
                "string(settings.i)",
                "int(settings.d)",
                "int(settings.s)",
                "double(size(settings.li))",
                "has(settings.m.a)",
                "settings.ls.size()"
            ])
            .prop_map(str::to_owned),
            (inner.clone(), inner).prop_map(|(a, b)| format!("[{a}, {b}]")),
        ]
    })
}

/// Whether a key that a map lacks is asked for, which is null here.
fn absent(src: &str) -> bool {
    ["settings.m[", "settings.m.map", "settings.m.filter"]
        .iter()
        .any(|a| src.contains(a))
}

/// The crate adds a map's keys to a list, for which the standard has no overload.
fn adds_a_map(src: &str) -> bool {
    src.contains(" + ") && ["{", "settings.m", "x"].iter().any(|m| src.contains(m))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn agrees_with_the_oracle(src in expression(), settings in settings()) {
        let (mine, oracle) = both(&src, &settings);
        if !(absent(&src) || (mine == "error" && adds_a_map(&src))) {
            prop_assert_eq!(mine, oracle, "{} on {}", src, settings);
        }
    }

    #[test]
    fn no_text_makes_the_parser_or_the_checker_panic(src in "[a-z0-9.()\\[\\]{}\"'!&|<>=+*/%?:, \\\\-]{0,40}") {
        let _ = crate::check::compile(&src, &TypeInfo::default());
    }
}

#[test]
fn chosen_expressions_agree() {
    let settings = json!({"a": 1, "b": "x", "l": [1, 2, 3], "n": null, "m": {"k": true}});
    for src in [
        "settings.a == 1.0",
        "settings.a / 0 == 1 || true",
        "true || settings.a / 0 == 1",
        "false && settings.a",
        "settings.a && false",
        "settings.l.exists(x, x / 0 == 1 || x == 3)",
        "settings.l.all(x, x / (x - 2) == 1)",
        "settings.l.all(x, x / (x - 2) == -1 && x < 2)",
        "settings.m.exists(k, k == 'k')",
        "settings.m.all(k, settings.m[k])",
        "settings.l + [4] == [1, 2, 3, 4]",
        "'a' + 'b' == 'ab'",
        "1 < 2.5 && 3 > 2.5",
        "settings.n == null",
        "settings.n == 0",
        "settings.n < 0",
        "size('日本') == 2",
        "'\\u3042' == 'あ'",
        "9223372036854775807 + 1",
        "-9223372036854775808 / -1",
        "7 % -3",
        "-7 / 2",
        "5.0 / 0.0",
        "int('12') + int(3.9)",
        "string(12) + string(true)",
        "double('1.5')",
        "[1, 'a', null] == [1, 'a', null]",
        "{'a': [1]} == {'a': [1.0]}",
        "1 in {1: 2}",
        "settings.l[3]",
        "settings.l[-1]",
        "true < false",
        "settings.l.map(x, x > 1, x * 2)",
        "[[1]].exists(x, x.exists(y, y == 1))",
    ] {
        let (mine, oracle) = both(src, &settings);
        assert_eq!(mine, oracle, "{src}");
    }
}
