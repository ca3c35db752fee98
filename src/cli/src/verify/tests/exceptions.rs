//! Exceptions: derived again, and every forgery of them found.

use super::forge::{Forged, found, scan};
use crate::args::Common;
use serde_json::{Value, json};
use shoseki_evidence::Run;
use std::fs;
use std::path::Path;
use tempfile::TempDir;

const PATH: &str = "exceptions/exceptions.yaml";

fn file(from: &str, until: &str) -> String {
    format!(
        "exceptions:
  - id: EX-1
    rule: aws.s3.bucket-*
    scope: {{ accounts: ['111111111111'] }}
    owner: 情報システム部
    approver: 情報セキュリティ委員会
    reason: 移行が終わるまで
    compensating: 毎週、手で点検する
    from: {from}
    until: {until}
  - id: EX-OLD
    rule: aws.s3.bucket-*
    scope: {{ everything: true }}
    owner: o
    approver: a
    reason: r
    compensating: c
    from: 2020-01-01
    until: 2020-12-31
"
    )
}

/// A scan with exceptions, in `home/run`.
fn excepted(home: &Path) -> Forged {
    let exceptions = home.join("my.yaml");
    fs::write(&exceptions, file("2026-01-01", "2099-12-31")).unwrap();
    let dir = home.join("run");
    let more = ["--rules", "aws.s3.bucket-*", "--exceptions"];
    scan(&dir, &[&more[..], &[exceptions.to_str().unwrap()]].concat());
    Forged::read(&dir)
}

#[test]
fn excepted_findings_follow_from_the_stored_file() {
    let home = TempDir::new().unwrap();
    let base = excepted(home.path());
    let run = Run::open(&home.path().join("run")).unwrap();
    assert!(run.file().packs.contains_key("exceptions"));
    let checked = super::super::check(&Common::default(), &run).unwrap();
    assert_eq!(checked.report.problems, []);
    assert!(checked.excepted > 0);
    let findings = base.records["findings.jsonl.zst"].clone();
    for f in findings.iter() {
        let covered = f["verdict"] == "fail" && f["resource"]["account"] == "111111111111";
        assert_eq!(f.get("excepted").is_some(), covered, "{f}");
    }
    // A control with an exception is never shown, and with one alone not contradicted.
    for s in base.records["standings.jsonl"].iter() {
        let rules = s["rules"].as_array().unwrap();
        let telling = || rules.iter().filter(|r| r["strength"] != "context");
        let sum = |m: &str| telling().map(|r| r[m].as_u64().unwrap()).sum::<u64>();
        if sum("excepted") > 0 {
            assert_ne!(s["state"], "shown", "{s}");
            assert_eq!(s["state"] == "contradicted", sum("fail") > 0, "{s}");
        }
    }
}

/// The findings that hold, as indexes.
fn of(base: &Forged, keep: impl Fn(&Value) -> bool) -> Vec<usize> {
    let all = &base.records["findings.jsonl.zst"];
    (0..all.len()).filter(|&i| keep(&all[i])).collect()
}

#[test]
fn forged_and_dropped_exceptions_are_found() {
    let home = TempDir::new().unwrap();
    let base = excepted(home.path());
    let truth = home.path().join("run");
    let packs = crate::packs::load(&Common::default()).unwrap();
    let covered = of(&base, |f| f.get("excepted").is_some());
    let failed = of(&base, |f| {
        f["verdict"] == "fail" && f.get("excepted").is_none()
    });
    let passed = of(&base, |f| f["verdict"] == "pass");
    let unknown = of(&base, |f| f["verdict"] == "unknown");
    assert!(!covered.is_empty() && !failed.is_empty());
    assert!(!passed.is_empty() && !unknown.is_empty());
    let words = base.records["findings.jsonl.zst"][covered[0]]["excepted"].clone();
    let check = |what: &str, change: &dyn Fn(&mut Forged)| {
        let mut forged = base.clone();
        forged.pack_changed = true;
        change(&mut forged);
        let how = found(&forged, &truth, &packs);
        assert!(how.is_ok(), "{what} was not found");
    };
    let to_excepted = |f: &mut Forged, i: usize, verdict: &str| {
        f.findings()[i]["excepted"] = words.clone();
        let finding = f.findings()[i].clone();
        f.tally(&finding, verdict, -1);
        f.tally(&finding, "excepted", 1);
    };
    check("a failure made an exception", &|f| {
        to_excepted(f, failed[0], "fail")
    });
    check("an unknown made an exception", &|f| {
        f.findings()[unknown[0]]["verdict"] = "fail".into();
        to_excepted(f, unknown[0], "unknown");
    });
    check("a pass under an exception", &|f| {
        f.findings()[passed[0]]["excepted"] = words.clone();
    });
    check("an exception taken from a finding", &|f| {
        f.findings()[covered[0]]
            .as_object_mut()
            .unwrap()
            .remove("excepted");
        let finding = f.findings()[covered[0]].clone();
        f.tally(&finding, "excepted", -1);
        f.tally(&finding, "fail", 1);
    });
    for (member, value) in [
        ("id", "EX-9"),
        ("approver", "社長"),
        ("owner", "x"),
        ("reason", "x"),
        ("compensating", "x"),
        ("until", "2100-01-01"),
        ("from", "2025-01-01"),
    ] {
        check(member, &|f| {
            f.findings()[covered[0]]["excepted"][member] = value.into();
        });
    }
    check("the file dropped", &|f| {
        f.of("pack.jsonl.zst").retain(|p| p["path"] != PATH)
    });
    check("the file emptied", &|f| {
        f.repack(PATH, |_| "exceptions: []\n".into())
    });
    check("the days moved", &|f| {
        f.repack(PATH, |_| file("2098-01-01", "2099-12-31"))
    });
    check("the scope widened", &|f| {
        f.repack(PATH, |t| {
            t.replace("accounts: ['111111111111']", "everything: true")
        });
    });
    check("an expired one made valid", &|f| {
        f.repack(PATH, |t| t.replace("2020-12-31", "2099-12-31"))
    });
    check("a second file", &|f| {
        let more = json!({"path": "exceptions/more.yaml", "text": "exceptions: []\n"});
        f.of("pack.jsonl.zst").push(more);
    });
    check("a file that does not load", &|f| {
        f.repack(PATH, |_| "exceptions: 1\n".into())
    });
}
