//! SARIF as GitHub's code scanning takes it.

use crate::fixture::{Stores, data, stores};
use serde_json::Value;
use shoseki_model::{Finding, Lang, Severity, Strength, Verdict};
use shoseki_report::{ControlInfo, sarif_for_github};

fn run(st: &Stores, lang: Lang) -> Value {
    let mut out = Vec::new();
    sarif_for_github(&data(st), lang, &mut out).unwrap();
    let doc: Value = serde_json::from_slice(&out).unwrap();
    doc["runs"][0].clone()
}

fn results(run: &Value) -> &[Value] {
    run["results"].as_array().unwrap()
}

/// GitHub makes an alert of each result, a pass too.
#[test]
fn only_failures_and_unknowns_become_alerts() {
    let st = stores();
    let run = run(&st, Lang::Ja);
    let told: Vec<&str> = results(&run)
        .iter()
        .map(|r| r["properties"]["finding"].as_str().unwrap())
        .collect();
    let wanted: Vec<&str> = st
        .findings
        .iter()
        .filter(|f| f.excepted.is_none())
        .filter(|f| matches!(f.verdict, Verdict::Fail | Verdict::Unknown))
        .map(|f| f.id.as_str())
        .collect();
    assert_eq!(told, wanted);
    for r in results(&run) {
        assert!(matches!(r["kind"].as_str(), Some("fail" | "open")), "{r}");
        assert_eq!(r["locations"].as_array().unwrap().len(), 1);
        assert!(r["properties"]["observed"].is_null());
    }
    assert_eq!(run["invocations"][0]["properties"]["incomplete"], true);
}

#[test]
fn the_gravest_stay_and_the_rest_is_counted() {
    let mut st = stores();
    let one = st.findings[2].clone();
    let other = st.findings[4].clone();
    let mut add = |like: &Finding, severity: Severity, n: u64| {
        for i in 0..n {
            let mut f = like.clone();
            f.severity = severity;
            f.resource.id = format!("arn:aws:s3:::{severity:?}{i}");
            f.id = Finding::id_of(&f.rule, &f.resource);
            st.findings.push(f);
        }
    };
    add(&other, Severity::Critical, 10_000);
    add(&one, Severity::Low, 24_000);
    add(&one, Severity::High, 500);
    let run = run(&st, Lang::En);
    let count = |kind: &str, severity: &str| {
        results(&run)
            .iter()
            .filter(|r| r["kind"] == kind && r["properties"]["severity"] == severity)
            .count()
    };
    assert_eq!(results(&run).len(), 25_000);
    assert_eq!(count("fail", "high"), 500);
    assert_eq!(count("fail", "low"), 24_000);
    assert!(count("open", "critical") > 490);
    let note = &run["invocations"][0]["toolExecutionNotifications"][0]["message"]["text"];
    let note = note.as_str().unwrap();
    let all = st
        .findings
        .iter()
        .filter(|f| f.excepted.is_none() && matches!(f.verdict, Verdict::Fail | Verdict::Unknown));
    let left = all.count() - 25_000;
    assert!(
        note.contains(&format!("{left} failures and unknowns")),
        "{note}"
    );
}

#[test]
fn a_rule_has_no_more_tags_than_github_takes() {
    let st = stores();
    let mut d = data(&st);
    let states = |c: &&ControlInfo| c.evidence.iter().any(|e| e.strength == Strength::States);
    let one = d.controls.values().find(states).unwrap().clone();
    for n in 0..40 {
        let id = format!("5.1.1.{n}");
        d.controls
            .insert(id.clone(), ControlInfo { id, ..one.clone() });
    }
    let mut out = Vec::new();
    sarif_for_github(&d, Lang::En, &mut out).unwrap();
    let doc: Value = serde_json::from_slice(&out).unwrap();
    let rules = doc["runs"][0]["tool"]["driver"]["rules"]
        .as_array()
        .unwrap();
    let of = |name: &str| {
        let lengths = rules
            .iter()
            .map(|r| r["properties"][name].as_array().unwrap().len());
        lengths.max()
    };
    assert!(of("controls") > Some(40));
    assert_eq!(of("tags"), Some(20));
}
