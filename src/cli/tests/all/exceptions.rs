//! Exceptions and statements through the whole program, on the demonstration.

use serde_json::Value;
use std::fs;
use std::path::Path;
use std::process::Command;
use tempfile::TempDir;

const EXCEPTIONS: &str = "exceptions:
  - id: EX-1
    rule: aws.s3.bucket-*
    scope: { everything: true }
    owner: 情報システム部
    approver: 情報セキュリティ委員会
    reason: 移行が終わるまで
    compensating: 毎週、手で点検する
    from: 2026-01-01
    until: 2099-12-31
";

fn run(args: &[&str]) -> (i32, String, String) {
    let out = Command::new(env!("CARGO_BIN_EXE_shoseki"))
        .env_clear()
        .env("LC_ALL", "C.UTF-8")
        .args(args)
        .output()
        .unwrap();
    (
        out.status.code().unwrap(),
        String::from_utf8(out.stdout).unwrap(),
        String::from_utf8(out.stderr).unwrap(),
    )
}

fn json(args: &[&str], code: i32) -> Value {
    let (got, out, err) = run(args);
    assert_eq!(got, code, "{args:?}: {err}{out}");
    serde_json::from_str(&out).unwrap()
}

fn put(home: &Path, name: &str, text: &str) -> String {
    let path = home.join(name);
    fs::write(&path, text).unwrap();
    path.to_str().unwrap().to_owned()
}

const RULES: [&str; 2] = ["--rules", "aws.s3.bucket-*"];

fn scan(home: &Path, name: &str, more: &[&str]) -> String {
    let dir = home.join(name).to_str().unwrap().to_owned();
    let args = ["scan", "--demo", "--format", "json", "--out", &dir];
    json(&[&args[..], &RULES, more].concat(), 0);
    dir
}

#[test]
fn an_exceptions_file_goes_through_every_command() {
    let home = TempDir::new().unwrap();
    let home = home.path();
    let file = put(home, "my.yaml", EXCEPTIONS);
    let plain = scan(home, "plain", &[]);
    let with = scan(home, "with", &["--exceptions", &file]);
    let report = |dir: &str| json(&["report", dir, "--format", "json"], 0);
    let (before, after) = (report(&plain), report(&with));
    let count = |r: &Value, f: &dyn Fn(&Value) -> bool| {
        r["findings"]
            .as_array()
            .unwrap()
            .iter()
            .filter(|x| f(x))
            .count()
    };
    for verdict in ["pass", "fail", "unknown", "not-applicable"] {
        let n = |r: &Value| count(r, &|f| f["verdict"] == verdict);
        assert_eq!(n(&before), n(&after), "{verdict}");
    }
    let covered = count(&after, &|f| f.get("excepted").is_some());
    assert_eq!(covered, count(&before, &|f| f["verdict"] == "fail"));
    assert_eq!(after["exceptions"][0]["covers"], covered);
    assert_eq!(after["exceptions"][0]["state"], "in-force");
    // Nothing is contradicted any more, and nothing became shown by it.
    for s in after["standings"].as_array().unwrap() {
        assert_ne!(s["state"], "contradicted");
    }
    // An expired one counts again, in the run that is judged with it.
    let old = put(
        home,
        "old.yaml",
        &EXCEPTIONS.replace("2099-12-31", "2026-01-31"),
    );
    let again = home.join("again").to_str().unwrap().to_owned();
    let args = [
        "judge",
        &with,
        "--out",
        &again,
        "--exceptions",
        &old,
        "--format",
        "json",
    ];
    let (code, out, err) = run(&args);
    assert!(code == 3 || code == 5, "{code} {err}");
    let summary: Value = serde_json::from_str(&out).unwrap();
    assert_eq!(summary["exceptions"][0]["state"], "expired");
    assert_eq!(summary["exceptions"][0]["covers"], 0);
    assert_eq!(summary["exceptions"][0]["matches"], covered);
    // Without a file the stored ones stay.
    let kept = home.join("kept").to_str().unwrap().to_owned();
    let (_, out, _) = run(&["judge", &with, "--out", &kept, "--format", "json"]);
    let summary: Value = serde_json::from_str(&out).unwrap();
    assert_eq!(summary["exceptions"][0]["covers"], covered);
    // A change of an exception is visible.
    let diff = json(&["diff", &plain, &with, "--format", "json"], 0);
    assert_eq!(diff["findings"].as_array().unwrap().len(), covered);
    assert_eq!(diff["findings"][0]["now"]["state"], "excepted");
    assert_eq!(diff["findings"][0]["now"]["excepted"]["id"], "EX-1");
    let pack = diff["packs"].as_array().unwrap();
    assert!(
        pack.iter()
            .any(|p| p["path"] == "exceptions/exceptions.yaml")
    );
    let (code, out, _) = run(&["verify", &with, "--lang", "en"]);
    assert_eq!(code, 0, "{out}");
    assert!(out.contains("shown as excepted"), "{out}");
}

#[test]
fn a_file_that_is_wrong_is_refused_with_its_place_before_anything_is_read() {
    let home = TempDir::new().unwrap();
    let bad = put(
        home.path(),
        "bad.yaml",
        &EXCEPTIONS.replace("owner:", "ownr:"),
    );
    let dir = home.path().join("run");
    let args = [
        "scan",
        "--demo",
        "--out",
        dir.to_str().unwrap(),
        "--exceptions",
        &bad,
    ];
    let (code, _, err) = run(&args);
    assert_eq!(code, 7, "{err}");
    assert!(
        err.contains("bad.yaml:5:5") && err.contains("unknown-field"),
        "{err}"
    );
    assert!(!dir.exists());
    let (code, _, err) = run(&["lint", "--exceptions", &bad]);
    assert_eq!(code, 7);
    assert!(err.contains("bad.yaml:5:5"), "{err}");
    let good = put(home.path(), "good.yaml", EXCEPTIONS);
    let lint = json(&["lint", "--exceptions", &good, "--format", "json"], 0);
    assert_eq!(lint["exceptions"][0]["state"], "in-force");
    let gone = home.path().join("none.yaml");
    assert_eq!(run(&["lint", "--exceptions", gone.to_str().unwrap()]).0, 7);
}

#[test]
fn a_statement_is_begun_checked_and_shown_beside_a_period() {
    let home = TempDir::new().unwrap();
    let home = home.path();
    let ledger = home.join("ledger").to_str().unwrap().to_owned();
    let dir = scan(home, "run", &["--ledger", &ledger]);
    let (code, new, _) = run(&["statement", "new"]);
    assert_eq!(code, 0);
    // The skeleton, with one control adopted.
    let text = new.replace("2027-03-31", "2099-03-31").replacen(
        "adopted: false\n",
        "adopted: true\n    measure: 実施している\n",
        1,
    );
    let file = put(home, "statement.yaml", &text);
    let check = |more: &[&str]| {
        let args = ["statement", "check", &file, "--format", "json"];
        json(&[&args[..], more].concat(), 5)
    };
    let of_run = check(&[&dir]);
    let has = |v: &Value, code: &str| {
        let all = v["discrepancies"].as_array().unwrap();
        all.iter().any(|d| d["code"] == code)
    };
    assert!(
        has(&of_run, "account-outside") && has(&of_run, "account-not-seen"),
        "{of_run:#}"
    );
    assert!(has(&of_run, "mandatory-not-adopted") && !has(&of_run, "missing-control"));
    let of_ledger = check(&["--ledger", &ledger]);
    assert!(has(&of_ledger, "account-outside") && has(&of_ledger, "regions-not-known"));
    for lang in ["ja", "en"] {
        let (code, out, _) = run(&["statement", "check", &file, &dir, "--lang", lang]);
        assert_eq!(code, 5);
        assert!(out.contains("mandatory-not-adopted"), "{out}");
    }
    let period = |format: &str| {
        let args = [
            "period",
            "--ledger",
            &ledger,
            "--statement",
            &file,
            "--format",
            format,
        ];
        let (code, out, err) = run(&args);
        assert_eq!(code, 0, "{err}");
        out
    };
    let value: Value = serde_json::from_str(&period("json")).unwrap();
    assert_eq!(value["statement"]["from"], "2026-04-01");
    assert_eq!(value["frequency_seconds"], 86400);
    assert!(!value["discrepancies"].as_array().unwrap().is_empty());
    let schema = include_str!("../../../ledger/schemas/period.json");
    let schema: Value = serde_json::from_str(schema).unwrap();
    let v = jsonschema::draft202012::new(&schema).unwrap();
    let errors: Vec<_> = v.iter_errors(&value).map(|e| e.to_string()).collect();
    assert!(errors.is_empty(), "{errors:?}");
    let stated = |c: &Value| c.get("stated").is_some();
    assert!(value["controls"].as_array().unwrap().iter().any(stated));
    let csv = period("csv");
    assert!(
        csv.lines()
            .next()
            .unwrap()
            .ends_with("adopted,measure,source")
    );
    assert!(csv.contains("\ndiscrepancy,"));
    assert!(period("html").contains("id=\"statement\""));
    assert!(period("text").contains("mandatory-not-adopted"));
    let wrong = put(home, "wrong.yaml", &text.replace("scope:", "scpe:"));
    let (code, _, err) = run(&["statement", "check", &wrong, &dir]);
    assert_eq!(code, 7, "{err}");
    assert!(err.contains("wrong.yaml:4:1"), "{err}");
}

/// Three runs with an exceptions file that comes and expires, in a ledger.
fn three_runs(home: &Path) -> (String, String) {
    let ledger = home.join("ledger").to_str().unwrap().to_owned();
    let good = put(home, "good.yaml", EXCEPTIONS);
    let old = EXCEPTIONS.replace("2099-12-31", "2026-01-31");
    let old = put(home, "old.yaml", &old);
    scan(home, "first", &["--ledger", &ledger]);
    let with = ["--ledger", &ledger, "--exceptions"];
    scan(home, "second", &[&with[..], &[&good]].concat());
    let last = scan(home, "third", &[&with[..], &[&old]].concat());
    (ledger, last)
}

#[test]
fn an_exception_that_changes_between_runs_shows_in_the_period() {
    let home = TempDir::new().unwrap();
    let (ledger, _) = three_runs(home.path());
    let period = json(
        &[
            "period",
            "--ledger",
            &ledger,
            "--from",
            "2026-04-01",
            "--to",
            "2099-03-31",
            "--format",
            "json",
        ],
        0,
    );
    assert_eq!(period["runs"].as_array().unwrap().len(), 3);
    let mut excepted = 0;
    for f in period["findings"].as_array().unwrap() {
        let states: Vec<&str> = f["intervals"]
            .as_array()
            .unwrap()
            .iter()
            .filter_map(|i| i["state"].as_str())
            .collect();
        if !states.contains(&"excepted") {
            assert_eq!(f["changes"].as_array().map_or(0, Vec::len), 0, "{f:#}");
            continue;
        }
        excepted += 1;
        assert_eq!(states, ["fail", "excepted", "fail"], "{f:#}");
        let changes = f["changes"].as_array().unwrap();
        assert_eq!(changes.len(), 2, "{f:#}");
        assert_eq!(changes[0]["now"]["excepted"]["id"], "EX-1");
        assert_eq!(changes[1]["before"]["excepted"]["id"], "EX-1");
        // The deviation did not end by an exception, and is told as it stands.
        assert_eq!(f["deviations"][0]["then"], "excepted", "{f:#}");
        assert_eq!(f["deviations"][1]["open"], true, "{f:#}");
    }
    assert!(excepted > 0);
    // Each change of the file is marked, whatever it moved.
    let packs = period["pack_changes"].as_array().unwrap();
    let marked = packs
        .iter()
        .filter(|p| p.to_string().contains("exceptions"));
    assert_eq!(marked.count(), 2, "{packs:#?}");
    // A control is contradicted, then not, then contradicted again.
    let states = |c: &Value| -> Vec<String> {
        let all = c["intervals"].as_array().unwrap().iter();
        all.filter_map(|i| i["state"].as_str().map(str::to_owned))
            .collect()
    };
    let moved = period["controls"].as_array().unwrap().iter().any(|c| {
        let s = states(c);
        s.len() == 3 && s[0] == "contradicted" && s[1] != "contradicted" && s[2] == s[0]
    });
    assert!(moved, "{:#}", period["controls"]);
}

#[test]
fn a_statement_is_held_against_a_ledger_of_several_runs() {
    let home = TempDir::new().unwrap();
    let (ledger, last) = three_runs(home.path());
    let (_, new, _) = run(&["statement", "new"]);
    let measure = "毎月、設定を点検している";
    // Every control is adopted, so that whatever was contradicted is an error.
    let adopted = format!("\n    adopted: true\n    measure: {measure}\n");
    let text = new
        .replace("2027-03-31", "2099-03-31")
        .replace("\n    adopted: false\n", &adopted);
    let file = put(home.path(), "statement.yaml", &text);
    let check = |more: &[&str]| {
        let args = ["statement", "check", &file, "--format", "json"];
        json(&[&args[..], more].concat(), 5)
    };
    let of = |v: &Value, code: &str| -> Vec<String> {
        let all = v["discrepancies"].as_array().unwrap().iter();
        all.filter(|d| d["code"] == code)
            .map(|d| d["control"].as_str().unwrap_or_default().to_owned())
            .collect()
    };
    let (whole, one) = (check(&["--ledger", &ledger]), check(&[&last]));
    let contradicted = of(&whole, "adopted-contradicted");
    assert!(!contradicted.is_empty(), "{whole:#}");
    // The newest run fails where the first did: the same controls, and in the
    // ledger's case with the days.
    assert_eq!(contradicted, of(&one, "adopted-contradicted"));
    let words = whole["discrepancies"].to_string();
    assert!(words.contains("2026-"), "{words}");
    // What was seen to change is not among the stated changes.
    assert!(!of(&whole, "change-not-stated").is_empty(), "{whole:#}");
    assert!(of(&one, "change-not-stated").is_empty());
    let (code, out, err) = run(&[
        "period",
        "--ledger",
        &ledger,
        "--statement",
        &file,
        "--format",
        "text",
        "--lang",
        "ja",
    ]);
    assert_eq!(code, 0, "{err}");
    assert!(out.contains("個別管理策") && out.contains(measure), "{out}");
}
