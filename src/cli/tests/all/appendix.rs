//! The workbook and the machine-readable appendix on the command line.

use crate::demo::{Ended, run, scan, sh};
use calamine::{Data, Reader, Xlsx, open_workbook};
use serde_json::Value;
use std::fs;
use std::path::Path;

const STATEMENT: &str = r#"
edition: "2024-07"
scope:
  services: [aws.s3, aws.iam]
  accounts: ["111111111111"]
  regions: [ap-northeast-1, global]
period: { from: "2020-04-01", to: "2099-03-31" }
scan-frequency: 1d
controls:
  - id: "9.4.2.2.B"
    adopted: true
    measure: { ja: "=多要素認証を求める", en: Multi-factor authentication is demanded }
  - id: "11.1.1"
    adopted: true
    inherited-from: 登録済みの IaaS
"#;

/// The commands of docs/betten.md.
const ANSWERS: &str = r#"
jq -r '.rules[].answers[] // empty' betten.json | sort -u | while read -r d; do
  [ "$(zstdcat "$RUN/answers/${d%"${d#??}"}/$d.zst" | sha256sum | cut -d' ' -f1)" = "$d" ] || echo "changed: $d"
done
"#;
const EXCHANGES: &str = r#"
jq -r '.rules[] | select(.rule == "aws.s3.bucket-tls-only").answers | to_entries[] | "\(.key) \(.value // "-")"' betten.json | LC_ALL=C sort | sha256sum
"#;

fn report(home: &Path, format: &str, out: &str, more: &[&str]) -> Ended {
    let args = ["report", "run", "--format", format, "--out", out];
    run(home, &[&args[..], more].concat())
}

fn betten(home: &Path, more: &[&str]) -> Value {
    let ended = report(home, "betten", "betten.json", more);
    assert_eq!(ended.code, 0, "{}", ended.err);
    let value = serde_json::from_slice(&fs::read(home.join("betten.json")).unwrap()).unwrap();
    let schema = include_str!("../../../report/schemas/betten.json");
    let schema: Value = serde_json::from_str(schema).unwrap();
    let v = jsonschema::draft202012::new(&schema).unwrap();
    let errors = v.iter_errors(&value);
    let errors: Vec<_> = errors
        .map(|e| format!("{} {e}", e.instance_path()))
        .collect();
    assert!(errors.is_empty(), "{errors:#?}");
    value
}

fn control<'v>(v: &'v Value, id: &str) -> &'v Value {
    let mut all = v["controls"].as_array().unwrap().iter();
    all.find(|c| c["control"] == id).unwrap()
}

#[test]
fn the_appendix_says_what_was_stated_and_what_was_seen() {
    let home = tempfile::tempdir().unwrap();
    let home = home.path();
    scan(home);
    fs::write(home.join("statement.yaml"), STATEMENT).unwrap();
    let plain = betten(home, &[]);
    assert!(plain["statement"].is_null() && plain["period"].is_null() && plain["seal"].is_null());
    let v = betten(home, &["--statement", "statement.yaml"]);
    let mfa = control(&v, "9.4.2.2.B");
    assert_eq!(mfa["stated"]["measure"]["ja"], "=多要素認証を求める");
    assert_eq!(mfa["state"], control(&plain, "9.4.2.2.B")["state"]);
    assert_eq!(mfa["history"][0]["intervals"].as_array().unwrap().len(), 1);
    let codes = |c: &Value| -> Vec<String> {
        let all = c["differs"].as_array().unwrap().iter();
        all.map(|d| d["code"].as_str().unwrap().to_owned())
            .collect()
    };
    assert_eq!(
        mfa["state"] == "contradicted",
        codes(mfa).contains(&"adopted-contradicted".into())
    );
    assert!(codes(&v["statement"]).contains(&"account-outside".into()));
    // The digests are the run's: by the commands of the documentation.
    let dir = home.join("run");
    let of = [("RUN", dir.to_str().unwrap())];
    assert_eq!(sh(home, ANSWERS, &of), "");
    let mut rules = v["rules"].as_array().unwrap().iter();
    let rule = rules
        .find(|r| r["rule"] == "aws.s3.bucket-tls-only")
        .unwrap();
    let told = rule["exchanges_sha256"].as_str().unwrap();
    assert!(sh(home, EXCHANGES, &of).starts_with(told));
    let args = [
        "population",
        "run",
        "--rule",
        "aws.s3.bucket-tls-only",
        "--format",
        "json",
    ];
    let lists: Value = serde_json::from_str(&run(home, &args).out).unwrap();
    assert_eq!(lists["sha256"], rule["population_sha256"]);
    for (list, scope) in lists["scopes"]
        .as_array()
        .unwrap()
        .iter()
        .zip(rule["scopes"].as_array().unwrap())
    {
        assert_eq!(list["sha256"], scope["population_sha256"]);
    }
    let sha = sh(home, "sha256sum run/run.json", &[]);
    assert!(sha.starts_with(v["run"]["run_sha256"].as_str().unwrap()));
}

#[test]
fn the_workbook_of_a_run_opens_and_has_all_findings() {
    let home = tempfile::tempdir().unwrap();
    let home = home.path();
    scan(home);
    fs::write(home.join("statement.yaml"), STATEMENT).unwrap();
    let more = ["--statement", "statement.yaml", "--lang", "ja"];
    let ended = report(home, "xlsx", "book.xlsx", &more);
    assert_eq!(ended.code, 0, "{}", ended.err);
    let mut book: Xlsx<_> = open_workbook(home.join("book.xlsx")).unwrap();
    let info: Value =
        serde_json::from_slice(&fs::read(home.join("run/run.json")).unwrap()).unwrap();
    let counts = &info["counts"]["findings"];
    let all: u64 = ["pass", "fail", "unknown", "not-applicable"]
        .iter()
        .map(|n| counts[*n].as_u64().unwrap())
        .sum();
    let range = book.worksheet_range("判定").unwrap();
    assert_eq!(range.height() as u64, all + 1);
    let range = book.worksheet_range("管理策").unwrap();
    let mut rows = range.rows();
    let mfa = rows
        .find(|r| r[0] == Data::String("9.4.2.2.B".into()))
        .unwrap();
    assert_eq!(mfa[3], Data::String("採用".into()));
    assert_eq!(mfa[4], Data::String("=多要素認証を求める".into()));
    assert!(
        book.worksheet_formula("管理策")
            .unwrap()
            .used_cells()
            .next()
            .is_none()
    );
}

#[test]
fn a_ledger_gives_the_period_of_a_run_that_it_holds() {
    let home = tempfile::tempdir().unwrap();
    let home = home.path();
    scan(home);
    fs::write(home.join("statement.yaml"), STATEMENT).unwrap();
    let with = ["--statement", "statement.yaml", "--ledger", "ledger"];
    let missing = report(home, "betten", "b.json", &with);
    assert_eq!(missing.code, 2, "{}", missing.err);
    let other = home.join("other");
    sh(
        home,
        "cp -r run other && sed -i 's/shoseki\"/shoseki\" /' other/run.json",
        &[],
    );
    let ended = run(
        home,
        &[
            "ledger",
            "add",
            other.to_str().unwrap(),
            "--ledger",
            "ledger",
        ],
    );
    assert_eq!(ended.code, 0, "{}", ended.err);
    let missing = report(home, "betten", "b.json", &with);
    assert_eq!(missing.code, 2, "{}", missing.err);
    assert!(missing.err.contains("ledger add"), "{}", missing.err);
    let ended = run(home, &["ledger", "add", "run", "--ledger", "second"]);
    assert_eq!(ended.code, 0, "{}", ended.err);
    let with = [
        "--ledger",
        "second",
        "--from",
        "2020-01-01",
        "--to",
        "2099-12-31",
    ];
    let v = betten(home, &with);
    assert_eq!(v["period"]["runs"], 1);
    assert!(!v["period"]["gaps"].as_array().unwrap().is_empty());
    let seen = control(&v, "9.4.2.2.B");
    let intervals = seen["history"][0]["intervals"].as_array().unwrap();
    let states: Vec<&Value> = intervals.iter().map(|i| &i["state"]).collect();
    assert!(
        states[0].is_null(),
        "before the first scan nothing was observed"
    );
    assert!(states.contains(&&seen["state"]), "{states:?}");
}

#[test]
fn what_does_not_go_together_is_refused() {
    let home = tempfile::tempdir().unwrap();
    let home = home.path();
    scan(home);
    fs::write(home.join("statement.yaml"), STATEMENT).unwrap();
    fs::write(
        home.join("wrong.yaml"),
        STATEMENT.replace("scope:", "scpe:"),
    )
    .unwrap();
    let with = ["--statement", "statement.yaml"];
    assert_eq!(report(home, "csv", "x", &with).code, 2);
    let wrong = report(home, "xlsx", "x", &["--statement", "wrong.yaml"]);
    assert_eq!(wrong.code, 7, "{}", wrong.err);
    assert!(wrong.err.contains("wrong.yaml:3:1"), "{}", wrong.err);
    assert_eq!(
        report(home, "betten", "x", &["--from", "2026-04-01"]).code,
        2
    );
    assert!(
        !home.join("x").exists(),
        "nothing is written before all is sound"
    );
}

/// A full folder for temporary files, by a limit on the length of files.
#[test]
fn no_room_for_the_workbook_is_told_and_no_panic_ends_the_program() {
    let home = tempfile::tempdir().unwrap();
    let home = home.path();
    scan(home);
    let script = "trap '' XFSZ; ulimit -f 64
        code=0; \"$SHOSEKI\" report run --format xlsx --out /dev/null 2> told || code=$?
        echo $code";
    let shoseki = env!("CARGO_BIN_EXE_shoseki");
    assert_eq!(sh(home, script, &[("SHOSEKI", shoseki)]).trim(), "1");
    let told = fs::read_to_string(home.join("told")).unwrap();
    assert!(
        told.contains("shoseki: cannot write the report: the workbook could not be written"),
        "{told}"
    );
    assert_eq!(told.lines().count(), 1, "{told}");
}
