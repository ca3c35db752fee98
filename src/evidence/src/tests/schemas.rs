//! The published schemas accept what is written, and nothing beside it.

use super::records::*;
use crate::{PackFile, Run, RunWriter};
use jsonschema::Validator;
use serde::Serialize;
use serde_json::{Value, json};
use shoseki_model::*;

fn validator(name: &str) -> Validator {
    let path = format!("{}/schemas/{name}.json", env!("CARGO_MANIFEST_DIR"));
    let schema: Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    jsonschema::draft202012::meta::validate(&schema).unwrap();
    jsonschema::draft202012::new(&schema).unwrap()
}

/// Accepted as it is; refused with a member more, or with one that is needed
/// taken away.
fn accepts<T: Serialize>(name: &str, record: &T, needed: &str) {
    let v = validator(name);
    let record = serde_json::to_value(record).unwrap();
    let errors: Vec<_> = v.iter_errors(&record).map(|e| e.to_string()).collect();
    assert!(errors.is_empty(), "{name}: {errors:?}\n{record}");
    let mut more = record.clone();
    more["surprise"] = json!(1);
    assert!(!v.is_valid(&more), "{name}");
    let mut less = record;
    less.as_object_mut().unwrap().remove(needed).unwrap();
    assert!(!v.is_valid(&less), "{name}");
}

#[test]
fn records_are_as_the_schemas_say() {
    accepts("exchange", &exchange(1, b"x"), "call");
    accepts("exchange", &failed(1), "attempts");
    accepts("resource", &resource(1), "sources");
    accepts(
        "resource",
        &Resource {
            unseen: Default::default(),
            ..resource(1)
        },
        "settings",
    );
    accepts("gap", &gap(), "cause");
    accepts(
        "gap",
        &Gap {
            resource: None,
            part: None,
            read: None,
            error: None,
            exchange: None,
            ..gap()
        },
        "type",
    );
    accepts("population", &population(true), "count");
    accepts("population", &population(false), "complete");
    for v in [
        Verdict::Pass,
        Verdict::Fail,
        Verdict::Unknown,
        Verdict::NotApplicable,
    ] {
        accepts("finding", &finding(1, v), "verdict");
    }
    accepts("tally", &tally(), "not_applicable");
    accepts("standing", &standing(), "state");
    accepts(
        "pack",
        &PackFile {
            path: "rules/a".to_owned(),
            text: String::new(),
        },
        "text",
    );
}

#[test]
fn every_cause_and_state_has_its_word() {
    let word = |v: &Value| v.as_str().unwrap().to_owned();
    let causes = [
        Cause::Denied,
        Cause::Throttled,
        Cause::Timeout,
        Cause::Unreachable,
        Cause::RegionDisabled,
        Cause::ServerError,
        Cause::Rejected,
        Cause::Malformed,
        Cause::Truncated,
        Cause::Unlicensed,
        Cause::Vanished,
        Cause::Cancelled,
        Cause::NotInSource,
        Cause::NotAsked,
    ];
    for cause in causes {
        accepts("gap", &Gap { cause, ..gap() }, "id");
    }
    for state in [
        State::Contradicted,
        State::PartlyShown,
        State::NotSeen,
        State::Shown,
        State::Inherited,
        State::HumanOnly,
    ] {
        let s = serde_json::to_value(state).unwrap();
        accepts(
            "standing",
            &Standing {
                state,
                ..standing()
            },
            "reach",
        );
        assert!(!word(&s).contains('_'));
    }
}

#[test]
fn a_run_file_is_as_its_schema_says() {
    let dir = tempfile::tempdir().unwrap();
    let w = RunWriter::create(dir.path()).unwrap();
    write(&w);
    w.finish(info(), false).unwrap();
    let text = std::fs::read_to_string(dir.path().join("run.json")).unwrap();
    let file: Value = serde_json::from_str(&text).unwrap();
    accepts("run", &file, "files");
    accepts("header", &json!({"format": "shoseki.gaps/1"}), "format");
    assert_eq!(
        serde_json::to_value(Run::open(dir.path()).unwrap().file()).unwrap(),
        file
    );
}
