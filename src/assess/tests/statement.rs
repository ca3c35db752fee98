//! Statements: what a file may say, and what contradicts one.
#![expect(clippy::unwrap_used, clippy::panic, reason = "tests may fail loudly")]

use shoseki_assess::{
    Catalogue, DISCREPANCIES, File, Mappings, Seen, SeenChange, SeenResources, check_statement,
    load_editions, load_statement, skeleton,
};
use shoseki_model::{Diagnostic, Discrepancy, Grade, Statement, Text};
use std::collections::{BTreeMap, BTreeSet};

const ONE: &str = "edition: 2024-07
scope:
  services: [aws.s3]
  accounts: ['111111111111']
  regions: [ap-northeast-1]
period: { from: 2026-04-01, to: 2027-03-31 }
scan-frequency: 1d
controls:
  - id: '9.4.2'
    adopted: true
    measure: { ja: 多要素認証, en: MFA }
    changes:
      - { date: 2026-08-01, before: 前, after: { ja: 後 } }
  - id: 10.1.1
    adopted: true
    inherited-from: 某クラウド
  - id: 9.4.2.2.B
    adopted: false
    reason: 該当する機能がない
";

fn house() -> (Catalogue, Mappings) {
    let all = shoseki_data::mappings();
    let files: Vec<File<'_>> = all
        .iter()
        .map(|f| File {
            path: &f.path,
            text: &f.text,
        })
        .collect();
    let rules = shoseki_data::rules();
    let ids: Vec<String> = rules
        .iter()
        .filter_map(|f| Some(f.path.strip_suffix(".yaml")?.replace('/', ".")))
        .collect();
    let (mut editions, errors) = load_editions(&files, ids.iter().map(String::as_str));
    assert!(errors.is_empty(), "{errors:?}");
    editions.pop().unwrap()
}

fn read(text: &str) -> Result<Statement, Vec<Diagnostic>> {
    load_statement("st.yaml", text)
}

fn valid(text: &str) -> bool {
    let schema = serde_json::from_str(include_str!("../schemas/statement.json")).unwrap();
    jsonschema::draft202012::meta::validate(&schema).unwrap();
    let v = jsonschema::draft202012::new(&schema).unwrap();
    let value: serde_json::Value = serde_saphyr::from_str(text).unwrap();
    v.is_valid(&value)
}

/// All of the scope was read, and nothing is outside it.
fn calm() -> Seen {
    let at = |region: &str| ("111111111111".to_owned(), region.to_owned());
    Seen {
        edition: Some("2024-07".into()),
        resources: vec![thing("aws.s3", "111111111111", "ap-northeast-1", 1)],
        read: BTreeSet::from([at("ap-northeast-1"), at("global")]),
        regions_known: true,
        services: BTreeMap::from([("aws.s3".to_owned(), true)]),
        day: Some("2026-06-01".into()),
        ..Seen::default()
    }
}

fn thing(service: &str, account: &str, region: &str, own: u64) -> SeenResources {
    SeenResources {
        service: service.into(),
        account: account.into(),
        region: region.into(),
        count: 1,
        own,
    }
}

fn differ(text: &str, seen: &Seen) -> Vec<Discrepancy> {
    let (c, m) = house();
    let all = check_statement(&read(text).unwrap(), &c, &m, seen);
    for d in &all {
        assert!(DISCREPANCIES.iter().any(|k| k.0 == d.code), "{}", d.code);
        assert!(!d.text.ja.is_empty() && !d.text.en.is_empty());
    }
    let silent = |d: &Discrepancy| d.code != "missing-control";
    all.into_iter().filter(silent).collect()
}

fn codes(text: &str, seen: &Seen) -> Vec<&'static str> {
    differ(text, seen).iter().map(|d| d.code).collect()
}

#[test]
fn a_statement_is_read_whole() {
    let s = read(ONE).unwrap();
    assert_eq!(
        (s.from.as_str(), s.to.as_str()),
        ("2026-04-01", "2027-03-31")
    );
    let c = s.control("9.4.2").unwrap();
    assert_eq!(c.measure.as_ref().unwrap().en(), "MFA");
    assert_eq!(c.changes[0].after.en(), "後");
    assert_eq!(s.control("10.1.1").unwrap().line, 14);
}

#[test]
fn what_is_wrong_is_told_with_its_place() {
    for (from, to, code, line) in [
        ("edition: 2024-07\n", "", "missing-field", 1),
        ("aws.s3", "s3", "wrong-service", 3),
        ("'111111111111'", "111111111111", "wrong-shape", 4),
        ("to: 2027-03-31", "to: 2026-03-31", "wrong-date", 6),
        ("to: 2027-03-31", "to: 2027-02-29", "wrong-date", 6),
        (
            "scan-frequency: 1d",
            "scan-frequency: daily",
            "wrong-frequency",
            7,
        ),
        ("adopted: true", "adopted: maybe", "wrong-shape", 10),
        ("measure:", "messure:", "unknown-field", 11),
        (
            "{ ja: 多要素認証, en: MFA }",
            "{ en: MFA }",
            "missing-field",
            11,
        ),
        ("date: 2026-08-01, ", "", "missing-field", 13),
        ("10.1.1", "'9.4.2'", "duplicate-control", 14),
        ("reason:", "inherited-from:", "not-adopted-inherited", 17),
        ("edition", "{", "syntax", 2),
    ] {
        let text = ONE.replacen(from, to, 1);
        assert_ne!(text, ONE);
        let all = read(&text).unwrap_err();
        let d = all.iter().find(|d| d.code == code);
        let d = d.unwrap_or_else(|| panic!("{to}: {all:#?}"));
        assert!(d.line == line || code == "syntax", "{to}: {d}");
        assert!(d.column > 0 && d.file == "st.yaml", "{d}");
    }
}

#[test]
fn the_schema_takes_what_the_loader_takes_and_refuses_what_it_refuses() {
    assert!(valid(ONE));
    for (from, to) in [
        ("edition: 2024-07\n", ""),
        ("aws.s3", "s3"),
        ("to: 2027-03-31", "to: soon"),
        ("scan-frequency: 1d", "scan-frequency: daily"),
        ("adopted: true", "adopted: maybe"),
        ("measure:", "messure:"),
        ("{ ja: 多要素認証, en: MFA }", "{ en: MFA }"),
        ("date: 2026-08-01, ", ""),
        ("reason:", "inherited-from:"),
    ] {
        let text = ONE.replacen(from, to, 1);
        assert!(!valid(&text) && read(&text).is_err(), "{to}");
    }
}

#[test]
fn a_statement_that_fits_differs_in_nothing() {
    assert_eq!(differ(ONE, &calm()), []);
}

#[test]
fn what_is_stated_of_controls_is_held_against_what_was_seen() {
    let mut seen = calm();
    for id in ["9.4.2", "10.1.1", "9.4.2.2.B"] {
        seen.contradicted
            .insert(id.into(), Text::new("（日）", "(day)"));
    }
    assert_eq!(
        codes(ONE, &seen),
        ["adopted-contradicted", "inherited-contradicted"]
    );
    let text = ONE.replace("    reason: 該当する機能がない\n", "");
    let all = differ(&text, &calm());
    assert_eq!(
        (all[0].code, all[0].severity),
        ("mandatory-not-adopted", Grade::Error)
    );
    assert_eq!(all[0].control.as_deref(), Some("9.4.2.2.B"));
    let text = ONE.replace("9.4.2.2.B", "9.4.2.99");
    assert_eq!(codes(&text, &calm()), ["unknown-control"]);
    let text = ONE.replace("    measure: { ja: 多要素認証, en: MFA }\n", "");
    assert_eq!(codes(&text, &calm()), ["measure-missing"]);
}

#[test]
fn mandatory_controls_that_are_not_mentioned_are_named() {
    let (c, m) = house();
    let all = check_statement(&read(ONE).unwrap(), &c, &m, &calm());
    let missing = all.iter().filter(|d| d.code == "missing-control").count();
    let mandatory = c
        .controls()
        .iter()
        .filter(|x| x.mandatory == Some(true))
        .count();
    assert_eq!(missing, mandatory - 3);
}

#[test]
fn what_is_outside_the_scope_is_told_and_what_was_not_seen_is_never_none() {
    let mut seen = calm();
    seen.resources
        .push(thing("aws.ec2", "222222222222", "us-east-1", 1));
    let all = codes(ONE, &seen);
    assert_eq!(
        all,
        ["account-outside", "region-outside", "service-outside"]
    );
    seen = calm();
    seen.resources
        .push(thing("aws.s3", "111111111111", "us-east-1", 0));
    let all = differ(ONE, &seen);
    assert_eq!(
        (all[0].code, all[0].severity),
        ("provider-made-outside", Grade::Note)
    );
    // Left out, not reached, cut: nothing is said of what is there.
    seen = calm();
    seen.resources.clear();
    seen.read.clear();
    seen.accounts_unread.insert("111111111111".into());
    seen.services.insert("aws.s3".into(), false);
    let all = differ(ONE, &seen);
    let found: Vec<_> = all.iter().map(|d| d.code).collect();
    assert_eq!(
        found,
        ["account-not-seen", "region-not-seen", "service-not-seen"]
    );
    assert!(all.iter().all(|d| d.unseen));
    seen = calm();
    let left = ("111111111111".to_owned(), "eu-west-1".to_owned());
    seen.regions_unread.insert(left);
    assert_eq!(codes(ONE, &seen), ["region-not-seen"]);
    seen = calm();
    seen.resources.clear();
    let all = differ(ONE, &seen);
    assert!(all.iter().all(|d| d.severity == Grade::Note && !d.unseen));
    assert_eq!(all.len(), 2);
    seen.services.clear();
    assert!(codes(ONE, &seen).contains(&"service-not-asked"));
}

#[test]
fn changes_are_held_against_each_other_in_both_directions() {
    let change = |after: &str, at: &str| SeenChange {
        control: "9.4.2".into(),
        after: after.into(),
        at: at.into(),
        findings: 2,
    };
    let mut seen = calm();
    seen.changes = Some(Vec::new());
    assert_eq!(codes(ONE, &seen), ["change-not-seen"]);
    seen.changes = Some(vec![change("2026-07-31", "2026-08-01")]);
    assert_eq!(codes(ONE, &seen), [""; 0]);
    seen.changes = Some(vec![
        change("2026-07-31", "2026-08-01"),
        change("2026-09-01", "2026-09-02"),
    ]);
    assert_eq!(codes(ONE, &seen), ["change-not-stated"]);
    seen = calm();
    seen.gaps.push(("a".into(), "b".into()));
    seen.day = Some("2028-01-01".into());
    assert_eq!(codes(ONE, &seen), ["scan-gap", "outside-period"]);
}

#[test]
fn a_skeleton_loads_names_every_mandatory_control_and_claims_nothing() {
    let (c, m) = house();
    let text = skeleton(&c, &m);
    assert!(valid(&text));
    let s = read(&text).unwrap();
    let mandatory = c.controls().iter().filter(|x| x.mandatory == Some(true));
    assert_eq!(s.controls.len(), mandatory.count());
    assert!(s.controls.iter().all(|c| !c.adopted && c.reason.is_none()));
    let all = check_statement(&s, &c, &m, &calm());
    let open = all.iter().filter(|d| d.code == "mandatory-not-adopted");
    assert_eq!(open.count(), s.controls.len());
    // The controls that need not be adopted stand there as comments.
    let rest = c.controls().iter().filter(|x| x.mandatory == Some(false));
    for x in rest {
        assert!(text.contains(&format!("# - id: \"{}\"", x.id)), "{}", x.id);
    }
}
