//! The command line: exit codes, forms, languages.

use crate::support::cli::{self, Ended};
use crate::support::moto::{Moto, free_port};
use crate::support::run::Seen;
use serde_json::Value;
use std::path::Path;

/// Exit codes of scans of a real account, as far as it needs no fault.
pub fn exit_codes_of_scans(moto: &Moto) {
    let code = |more: &[&str]| {
        let scan = cli::scan(&moto.url, more);
        (scan.ended.code, scan.ended.out, scan.ended.err)
    };
    let seen_as_expected = code(&["--rules", "aws.account.security-contact"]);
    assert_eq!(seen_as_expected.0, 0, "{seen_as_expected:?}");
    let contradicted = code(&["--rules", "aws.sqs.queue-encryption"]);
    assert_eq!(contradicted.0, 3, "{contradicted:?}");
    let below = [
        "--rules",
        "aws.sqs.queue-encryption",
        "--fail-on",
        "critical",
    ];
    assert_eq!(code(&below).0, 0);
    let rules = "aws.sqs.queue-encryption,aws.accessanalyzer.analyzer-active";
    let incomplete = code(&["--rules", rules, "--fail-on", "none"]);
    assert_eq!(incomplete.0, 4, "{incomplete:?}");
    assert_eq!(code(&["--rules", rules]).0, 5);
}

/// With `--format json` standard output is one JSON document; the languages
/// differ in words only.
pub fn forms_and_languages(moto: &Moto) {
    let rules = ["--rules", "aws.sqs.*"];
    let json = cli::scan(&moto.url, &[&rules[..], &["--format", "json"]].concat());
    let summary: Value = serde_json::from_str(&json.ended.out).unwrap();
    assert_eq!(summary["exit_code"], json.ended.code);
    let ja = cli::scan(&moto.url, &[&rules[..], &["--lang", "ja"]].concat());
    let en = cli::scan(&moto.url, &[&rules[..], &["--lang", "en"]].concat());
    assert_eq!(ja.ended.code, en.ended.code);
    let japanese = |s: &str| s.chars().any(|c| ('ぁ'..='ヿ').contains(&c));
    assert!(japanese(&ja.ended.out), "{}", ja.ended.out);
    assert!(!japanese(&en.ended.out), "{}", en.ended.out);
}

/// `explain` and `report` of a stored run.
pub fn a_stored_run(seen: &Seen, dir: &Path) {
    let dir = dir.to_str().unwrap();
    let failed = seen
        .findings
        .values()
        .find(|f| f.rule == "aws.s3.bucket-tls-only" && f.resource.name == "bucket-bad");
    let finding = failed.unwrap();
    let text = cli::run(&["explain", dir, &finding.id[..8], "--lang", "en"]);
    assert_eq!(text.code, 0, "{}", text.err);
    for wanted in ["aws.s3.bucket-tls-only", "bucket-bad", "get-bucket-policy"] {
        assert!(text.out.contains(wanted), "{wanted}: {}", text.out);
    }
    is_json(
        &cli::run(&["explain", dir, &finding.id, "--format", "json"]),
        0,
    );
    is_json(&cli::run(&["report", dir, "--format", "json"]), 0);
    assert_ne!(cli::run(&["explain", dir, "f00000000000000000000"]).code, 0);
}

fn is_json(e: &Ended, code: i32) -> Value {
    assert_eq!(e.code, code, "{}", e.err);
    serde_json::from_str(&e.out).unwrap()
}

#[test]
fn the_demonstration_needs_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("run");
    let out = out.to_str().unwrap();
    let args = ["scan", "--demo", "--out", out, "--format", "json"];
    let first = cli::run(&args);
    let summary = is_json(&first, 0);
    assert_eq!(summary["targets"].as_array().unwrap().len(), 12);
    assert!(Path::new(summary["report"].as_str().unwrap()).exists());
    let again = cli::run(&args);
    assert_eq!(again.code, 2, "{}", again.err);
    assert!(again.err.contains("is not empty") && again.out.is_empty());
}

#[test]
fn usage_is_told_apart() {
    for args in [
        &["scan"][..],
        &["scan", "aws", "--no-such-option"],
        &["scan", "aws", "--max-attempts", "0"],
        &["frobnicate"],
    ] {
        assert_eq!(cli::run(args).code, 2, "{args:?}");
    }
    let rule = cli::run(&["plan", "--rules", "aws.s3.bucket-tls-onyl"]);
    assert_eq!(rule.code, 2);
    assert!(
        rule.err.contains("did you mean aws.s3.bucket-tls-only?"),
        "{}",
        rule.err
    );
    let control = cli::run(&["plan", "--controls", "9.4.2.2.Z", "--lang", "en"]);
    assert_eq!(control.code, 2);
    assert!(
        control.err.contains("did you mean 9.4.2.2.B?"),
        "{}",
        control.err
    );
}

#[test]
fn nobody_there_is_a_failed_sign_in() {
    let nobody = format!("http://127.0.0.1:{}", free_port());
    let scan = cli::scan(&nobody, &[]);
    assert_eq!(scan.ended.code, 6, "{}", scan.ended.err);
    assert!(!scan.dir().exists());
    let args = ["scan", "aws", "--endpoint", &nobody, "--out", "unused"];
    let mut keyless = cli::shoseki(&args);
    keyless
        .env_remove("AWS_ACCESS_KEY_ID")
        .env_remove("AWS_SECRET_ACCESS_KEY");
    let keyless = cli::ended(keyless);
    assert_eq!(keyless.code, 6, "{}", keyless.err);
    assert!(
        keyless.err.contains("no AWS credentials were found"),
        "{}",
        keyless.err
    );
    assert!(!Path::new("unused").exists());
}

#[test]
fn unsound_data_is_told_with_its_place() {
    let folder = tempfile::tempdir().unwrap();
    let dir = folder.path().join("aws/s3");
    std::fs::create_dir_all(&dir).unwrap();
    let rule = "id: aws.s3.mine\ntitle: { ja: x, en: x }\nseverity: medium\nresource: aws.s3.bucket\nexpect: settings.Versionin.Status == \"Enabled\"\n";
    std::fs::write(dir.join("mine.yaml"), rule).unwrap();
    let own = [
        "--rules-dir",
        folder.path().to_str().unwrap(),
        "--lang",
        "en",
    ];
    for command in [&["plan"][..], &["lint"], &["scan", "--demo"]] {
        let e = cli::run(&[command, &own[..]].concat());
        assert_eq!(e.code, 7, "{command:?}: {}{}", e.out, e.err);
        let told = e.err + &e.out;
        for wanted in [
            "rules/aws/s3/mine.yaml:5:18",
            "Versionin",
            "did you mean `Versioning`",
            "has no `cases`",
        ] {
            assert!(told.contains(wanted), "{command:?}: {wanted}: {told}");
        }
    }
    let none = cli::run(&["report", folder.path().to_str().unwrap()]);
    assert_eq!(none.code, 7, "{}", none.err);
}

#[test]
fn the_shipped_data_is_sound_and_listed() {
    let lint = cli::run(&["lint", "--lang", "en"]);
    assert_eq!(lint.code, 0, "{}{}", lint.out, lint.err);
    assert!(lint.out.contains("0 error(s)"), "{}", lint.out);
    let rules = is_json(&cli::run(&["rules", "list", "--format", "json"]), 0);
    for r in rules.as_array().unwrap() {
        for field in ["id", "resource", "severity", "controls"] {
            assert!(!r[field].is_null(), "{field}: {r}");
        }
    }
    let controls = is_json(&cli::run(&["controls", "list", "--format", "json"]), 0);
    for c in controls.as_array().unwrap() {
        for field in ["id", "kind", "label", "reach", "rules"] {
            assert!(!c[field].is_null(), "{field}: {c}");
        }
    }
    is_json(&cli::run(&["plan", "--format", "json"]), 0);
    is_json(
        &cli::run(&[
            "rules",
            "show",
            "aws.s3.bucket-tls-only",
            "--format",
            "json",
        ]),
        0,
    );
    is_json(
        &cli::run(&["controls", "show", "9.4.2.2.B", "--format", "json"]),
        0,
    );
}
