//! Exceptions: what a file may say, and what one may change.

use crate::common::*;
use proptest::prelude::*;
use serde_json::json;
use shoseki_judge::{EXCEPTION_CODES, Exceptions, Judge};
use shoseki_model::{Diagnostic, ExceptionState, Verdict};
use std::collections::BTreeSet;

const ONE: &str = "exceptions:
  - id: EX-1
    rule: aws.s3.*
    scope: { accounts: ['1111*'], regions: [ap-northeast-1], resources: ['arn:aws:s3:::*'] }
    owner: 情報システム部
    approver: 委員会
    reason: 移行中
    compensating: 毎週の点検
    from: 2026-04-01
    until: 2027-03-31
";

fn read(text: &str) -> Result<Exceptions, Vec<Diagnostic>> {
    let rules = ["aws.s3.r".to_owned(), "aws.s3.q".to_owned()];
    Exceptions::load("my.yaml", text, &rules, &|control| match control {
        "9.4.2" => Some(BTreeSet::from(["aws.s3.r".to_owned()])),
        "9.4.3" => Some(BTreeSet::new()),
        _ => None,
    })
}

fn judged(text: &str, now: &str) -> Judge {
    let rules = set(&[rule("r", "settings.Size >= 3", "")]);
    Judge::new(rules, now.parse().unwrap()).with_exceptions(read(text).unwrap())
}

fn valid(text: &str) -> bool {
    let schema = include_str!("../../schemas/exceptions.json");
    let schema = serde_json::from_str(schema).unwrap();
    jsonschema::draft202012::meta::validate(&schema).unwrap();
    let v = jsonschema::draft202012::new(&schema).unwrap();
    let value: serde_json::Value = serde_saphyr::from_str(text).unwrap();
    v.is_valid(&value)
}

#[test]
fn only_a_failure_in_scope_and_in_force_is_excepted_with_all_that_was_said() {
    let j = judged(ONE, "2026-06-01T00:00:00Z");
    let f = &j.judge(&bucket(json!({"Size": 1})), &|_| None)[0];
    assert_eq!(f.verdict, Verdict::Fail);
    let e = serde_json::to_value(f.excepted.as_ref().unwrap()).unwrap();
    assert_eq!(
        e,
        json!({"id": "EX-1", "owner": "情報システム部", "approver": "委員会", "reason": "移行中",
               "compensating": "毎週の点検", "from": "2026-04-01", "until": "2027-03-31"})
    );
    let mut elsewhere = bucket(json!({"Size": 1}));
    elsewhere.region = "us-east-1".into();
    assert_eq!(j.judge(&elsewhere, &|_| None)[0].excepted, None);
    elsewhere = bucket(json!({"Size": 1}));
    elsewhere.account = "999999999999".into();
    assert_eq!(j.judge(&elsewhere, &|_| None)[0].excepted, None);
}

#[test]
fn days_are_those_of_japan_from_the_first_to_the_last() {
    for (now, state) in [
        ("2026-03-31T14:59:59Z", ExceptionState::Future),
        ("2026-03-31T15:00:00Z", ExceptionState::InForce),
        ("2027-03-31T14:59:59Z", ExceptionState::InForce),
        ("2027-03-31T15:00:00Z", ExceptionState::Expired),
    ] {
        let j = judged(ONE, now);
        let f = &j.judge(&bucket(json!({"Size": 1})), &|_| None)[0];
        assert_eq!(
            f.excepted.is_some(),
            state == ExceptionState::InForce,
            "{now}"
        );
        let all = read(ONE).unwrap();
        let mut uses = all.uses(now.parse().unwrap());
        all.count(&mut uses, f);
        let covers = u64::from(state == ExceptionState::InForce);
        assert_eq!(
            (uses[0].state, uses[0].covers, uses[0].matches),
            (state, covers, 1)
        );
    }
}

#[test]
fn the_first_of_two_is_shown_and_both_are_counted() {
    let two = format!(
        "{ONE}{}",
        ONE.replace("exceptions:\n", "").replace("EX-1", "EX-2")
    );
    let j = judged(&two, "2026-06-01T00:00:00Z");
    let f = &j.judge(&bucket(json!({"Size": 1})), &|_| None)[0];
    let all = read(&two).unwrap();
    let mut uses = all.uses("2026-06-01T00:00:00Z".parse().unwrap());
    all.count(&mut uses, f);
    let counts: Vec<_> = uses.iter().map(|u| (u.covers, u.matches)).collect();
    assert_eq!(counts, [(1, 1), (0, 1)]);
}

#[test]
fn what_is_wrong_is_told_with_its_place() {
    for (from, to, code, line, column) in [
        ("rule: aws.s3.*", "rule: aws.ec2.*", "unknown-rule", 3, 11),
        ("rule: aws.s3.*", "control: '9.9'", "unknown-control", 3, 14),
        ("rule: aws.s3.*", "control: 9.4.3", "no-rule", 3, 14),
        ("rule: aws.s3.*", "why: x", "rule-or-control", 2, 5),
        (
            "    rule: aws.s3.*",
            "    rule: aws.s3.*\n    control: 9.4.2",
            "rule-or-control",
            2,
            5,
        ),
        ("owner: 情報システム部", "owner: ''", "wrong-value", 5, 12),
        ("owner: 情報システム部", "ownr: x", "unknown-field", 5, 5),
        (
            "until: 2027-03-31",
            "until: 2026-03-31",
            "wrong-date",
            10,
            12,
        ),
        (
            "until: 2027-03-31",
            "until: 2027-02-31",
            "wrong-date",
            10,
            12,
        ),
        (
            "until: 2027-03-31",
            "until: next year",
            "wrong-date",
            10,
            12,
        ),
        ("['1111*']", "['*']", "open-scope", 4, 25),
        ("'1111*'", "1111", "wrong-value", 4, 25),
        (
            "scope: {",
            "scope: { everything: true,",
            "open-scope",
            4,
            12,
        ),
        ("exceptions:", "exception:", "unknown-field", 1, 1),
        ("exceptions:", "exceptions: 1\nx:", "wrong-value", 1, 13),
    ] {
        let text = ONE.replacen(from, to, 1);
        assert_ne!(text, ONE);
        let all = read(&text).unwrap_err();
        let found = all.iter().find(|d| d.code == code);
        let d = found.unwrap_or_else(|| panic!("{to}: {all:#?}"));
        assert_eq!(
            (d.line, d.column, d.file.as_str()),
            (line, column, "my.yaml"),
            "{to}: {d}"
        );
        assert!(
            all.iter()
                .all(|d| EXCEPTION_CODES.iter().any(|c| c.0 == d.code)),
            "{all:?}"
        );
    }
    let open = ONE.replace(
        "{ accounts: ['1111*'], regions: [ap-northeast-1], resources: ['arn:aws:s3:::*'] }",
        "{}",
    );
    assert_eq!(read(&open).unwrap_err()[0].code, "open-scope");
    let twice = format!("{ONE}{}", ONE.replace("exceptions:\n", ""));
    assert_eq!(read(&twice).unwrap_err()[0].code, "duplicate-id");
    assert_eq!(read("exceptions: [").unwrap_err()[0].code, "yaml");
}

#[test]
fn the_schema_takes_what_the_loader_takes_and_refuses_what_it_refuses() {
    let everything = ONE.replace(
        "{ accounts: ['1111*'], regions: [ap-northeast-1], resources: ['arn:aws:s3:::*'] }",
        "{ everything: true }",
    );
    let control = ONE.replace("rule: aws.s3.*", "control: 9.4.2");
    for good in [ONE, &everything, &control, "exceptions: []"] {
        assert!(valid(good) && read(good).is_ok(), "{good}");
    }
    for (from, to) in [
        ("rule: aws.s3.*", "why: x"),
        (
            "    rule: aws.s3.*",
            "    rule: aws.s3.*\n    control: 9.4.2",
        ),
        ("owner: 情報システム部", "owner: ' '"),
        ("    owner: 情報システム部\n", ""),
        ("until: 2027-03-31", "until: tomorrow"),
        ("['1111*']", "['**']"),
        ("scope: {", "scope: { everything: true,"),
        ("exceptions:", "more: 1\nexceptions:"),
    ] {
        let text = ONE.replacen(from, to, 1);
        assert!(!valid(&text) && read(&text).is_err(), "{to}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    /// Whatever the scope, the days and the resource: a pass, an unknown and a
    /// resource out of scope stay, and a failure stays a failure.
    #[test]
    fn an_exception_changes_nothing_but_a_failure(
        size in prop::option::of(0..6u64),
        seen in any::<bool>(),
        account in "[0-9*?]{1,4}",
        day in 1..28u8,
        out in any::<bool>(),
    ) {
        let text = ONE
            .replace("1111*", &format!("1{account}*"))
            .replace("2026-04-01", &format!("2026-05-{day:02}"));
        let extra = "when: settings.Name != \"skip\"";
        let rules = set(&[rule("r", "settings.Size >= 3 && settings.Versioning.Status != \"x\"", extra)]);
        let now = "2026-05-14T00:00:00Z".parse().unwrap();
        let plain = Judge::new(rules, now);
        let mut settings = json!({"Name": if out { "skip" } else { "b" }});
        if let Some(n) = size {
            settings["Size"] = n.into();
        }
        let mut r = bucket(settings);
        if !seen {
            r = hidden(r, &["Versioning"]);
        }
        let before = plain.judge(&r, &|_| None).remove(0);
        let mut after = plain.with_exceptions(read(&text).unwrap()).judge(&r, &|_| None).remove(0);
        if before.verdict != Verdict::Fail {
            prop_assert_eq!(&after, &before);
        }
        after.excepted = None;
        prop_assert_eq!(after, before);
    }
}
