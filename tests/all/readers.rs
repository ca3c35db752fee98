//! Reports are read by schemas and programs that others wrote.

use crate::support::{cli::binary, root};
use std::path::{Path, PathBuf};
use std::process::Command;

const KINDS: [(&str, &str, &str); 11] = [
    ("oscal", "oscal", "json"),
    ("oscal", "oscal-catalog", "json"),
    ("oscal", "oscal-profile", "json"),
    ("oscal", "oscal-component", "json"),
    ("oscal", "oscal-plan", "json"),
    ("ocsf", "ocsf", "jsonl"),
    ("sarif", "sarif", "json"),
    ("junit", "junit", "xml"),
    ("csv", "csv", "csv"),
    ("betten", "betten", "json"),
    ("xlsx", "xlsx", "xlsx"),
];

fn read_by_others(kind: &str, files: &[PathBuf]) -> String {
    let out = Command::new(root().join(".venv/bin/python"))
        .arg(root().join("tests/formats.py"))
        .arg(kind)
        .args(files)
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&out.stdout).into_owned();
    let err = String::from_utf8_lossy(&out.stderr);
    assert!(out.status.success(), "{kind}: {text}{err}");
    assert_eq!(text.matches("accepted ").count(), files.len());
    text
}

fn shoseki(args: &[&str], out: &Path) -> i32 {
    let done = Command::new(binary())
        .args(args)
        .arg("--out")
        .arg(out)
        .output();
    done.unwrap().status.code().unwrap()
}

#[test]
fn golden_files_are_accepted_by_others() {
    let dir = root().join("src/report/tests/golden");
    for (kind, stem) in [
        ("oscal", "oscal-results.json"),
        ("oscal", "oscal-catalog.json"),
        ("oscal", "oscal-profile.json"),
        ("oscal", "oscal-component.json"),
        ("oscal", "oscal-plan.json"),
        ("ocsf", "ocsf.jsonl"),
        ("sarif", "sarif.json"),
        ("junit", "junit.xml"),
        ("csv", "findings.csv"),
    ] {
        let en = stem.replacen('.', ".en.", 1);
        let nothing = format!("nothing-{stem}");
        let files: Vec<_> = [stem, &en, &nothing].iter().map(|f| dir.join(f)).collect();
        read_by_others(kind, &files);
    }
    let files = ["betten.json", "betten-period.json", "nothing-betten.json"];
    read_by_others("betten", &files.map(|f| dir.join(f)));
}

#[test]
fn reports_of_a_real_run_are_accepted_by_others() {
    let tmp = tempfile::tempdir().unwrap();
    let run = tmp.path().join("run");
    shoseki(&["scan", "--demo"], &run);
    for (kind, format, end) in KINDS {
        let file = tmp.path().join(format!("{format}.{end}"));
        let run = run.to_str().unwrap();
        assert_eq!(shoseki(&["report", run, "--format", format], &file), 0);
        read_by_others(kind, std::slice::from_ref(&file));
    }
}

/// The readers do refuse: what they accept means something.
#[test]
fn the_readers_refuse_what_is_wrong() {
    let tmp = tempfile::tempdir().unwrap();
    let golden = root().join("src/report/tests/golden");
    for (kind, name, from, to) in [
        (
            "oscal",
            "oscal-results.json",
            "\"not-satisfied\"",
            "\"unknown\"",
        ),
        (
            "oscal",
            "oscal-results.json",
            "\"subject-uuid\":\"",
            "\"subject-uuid\":\"0",
        ),
        ("ocsf", "ocsf.jsonl", "\"status_id\":0", "\"status_id\":7"),
        (
            "sarif",
            "sarif.json",
            "\"kind\":\"open\"",
            "\"kind\":\"unknown\"",
        ),
        ("junit", "junit.xml", "failures=\"2\"", "failures=\"1\""),
        ("csv", "findings.csv", "fail,fail", "fail"),
        (
            "betten",
            "betten.json",
            "\"state\": \"shown\"",
            "\"state\": \"met\"",
        ),
    ] {
        let text = std::fs::read_to_string(golden.join(name)).unwrap();
        assert!(text.contains(from), "{name}: {from}");
        let file = tmp.path().join(name);
        std::fs::write(&file, text.replace(from, to)).unwrap();
        let out = Command::new(root().join(".venv/bin/python"))
            .arg(root().join("tests/formats.py"))
            .arg(kind)
            .arg(&file)
            .output()
            .unwrap();
        assert_eq!(out.status.code(), Some(1), "{name}: {from}");
    }
}
