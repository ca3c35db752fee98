//! What people and programs read.

use crate::made::{DAY, Made, START};
use shoseki_ledger::{Ledger, Moment, Period, Query, csv, html, json, text};
use shoseki_model::{Lang, State, Text, Verdict};
use shoseki_report::width;
use std::collections::BTreeMap;

fn ledger() -> (tempfile::TempDir, Ledger) {
    let dir = tempfile::tempdir().unwrap();
    let mut l = Ledger::create(dir.path()).unwrap();
    for n in 0..60 {
        if (30..35).contains(&n) {
            continue;
        }
        let mut m = Made::at(START + n * DAY)
            .thing(
                1,
                if n % 20 < 3 {
                    Verdict::Fail
                } else {
                    Verdict::Pass
                },
                n % 2,
            )
            .thing(2, Verdict::Pass, n / 30)
            .thing(
                3,
                if n == 7 {
                    Verdict::Unknown
                } else {
                    Verdict::Pass
                },
                1,
            );
        if n < 40 {
            m = m.thing(4, Verdict::Pass, 1);
        }
        m.control = if n % 20 < 3 {
            State::Contradicted
        } else {
            State::Shown
        };
        m.rule_text = if n < 50 { "one" } else { "two" }.into();
        m.add(&mut l).unwrap();
    }
    (dir, l)
}

fn period(l: &Ledger) -> Period {
    let (from, to) = (Moment(START - DAY), Moment(START + 70 * DAY));
    let q = Query {
        from,
        to,
        frequency: DAY,
        tolerance: None,
        now: to,
    };
    Period::read(l, q).unwrap()
}

#[test]
fn json_is_as_its_schema_says() {
    let (_dir, l) = ledger();
    let mut out = Vec::new();
    json(&period(&l), &l, &mut out).unwrap();
    let v: serde_json::Value = serde_json::from_slice(&out).unwrap();
    let schema = include_str!("../../schemas/period.json");
    let schema: serde_json::Value = serde_json::from_str(schema).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    let errors: Vec<String> = validator
        .iter_errors(&v)
        .take(5)
        .map(|e| format!("{}: {e}", e.instance_path()))
        .collect();
    assert!(errors.is_empty(), "{errors:#?}");
    assert_eq!(v["runs"].as_array().unwrap().len(), 55);
    // Before the first run, the five days, and after the last.
    assert_eq!(v["gaps"].as_array().unwrap().len(), 2, "{}", v["gaps"]);
    assert_eq!(v["findings"].as_array().unwrap().len(), 4);
    assert_eq!(v["totals"]["gone"], 1);
    assert_eq!(
        v["pack_changes"][0]["changed"][0],
        "rules/aws/made/rule.yaml"
    );
}

#[test]
fn csv_has_a_line_an_interval_and_a_change() {
    let (_dir, l) = ledger();
    let mut out = Vec::new();
    csv(&period(&l), &l, &mut out).unwrap();
    let mut reader = csv::Reader::from_reader(out.as_slice());
    let mut kinds: BTreeMap<String, u32> = BTreeMap::new();
    for r in reader.records() {
        *kinds.entry(r.unwrap()[0].to_owned()).or_default() += 1;
    }
    let names: Vec<_> = kinds.keys().map(String::as_str).collect();
    assert_eq!(
        names,
        ["change", "control", "finding", "pack-change", "scan-gap"]
    );
}

#[test]
fn text_fits_80_columns() {
    let (_dir, l) = ledger();
    let p = period(&l);
    let s = p.summary(&l, false).unwrap();
    for lang in [Lang::Ja, Lang::En] {
        let t = text(&p, &s, lang);
        assert!(t.lines().all(|l| width(l) <= 80), "{t}");
        assert!(t.contains("thing-1") && t.contains("9.1.1"), "{t}");
    }
}

#[test]
fn the_page_is_whole_and_names_both_languages() {
    let (_dir, l) = ledger();
    let p = period(&l);
    let labels = BTreeMap::from([(
        "9.1.1".to_owned(),
        Text::new("権限の<確認>", "Review of <rights>"),
    )]);
    let mut out = Vec::new();
    html(&p, &l, &labels, Lang::Ja, &mut out).unwrap();
    let page = String::from_utf8(out).unwrap();
    if let Some(to) = std::env::var_os("SHOSEKI_TEST_PAGE") {
        std::fs::write(to, &page).unwrap();
    }
    assert!(page.ends_with("</html>\n"));
    assert!(page.contains("権限の&lt;確認&gt;") && !page.contains("<確認>"));
    for word in ["src=", "http:", "https:", "<script"] {
        assert!(!page.contains(word), "{word}");
    }
    for tag in [
        "section", "details", "summary", "span", "svg", "div", "ul", "li", "p", "table",
    ] {
        let open =
            page.matches(&format!("<{tag}>")).count() + page.matches(&format!("<{tag} ")).count();
        assert_eq!(open, page.matches(&format!("</{tag}>")).count(), "{tag}");
    }
    assert!(!page.contains("適合") && !page.contains("準拠"));
}

#[test]
fn an_empty_ledger_says_that_nobody_looked() {
    let dir = tempfile::tempdir().unwrap();
    let l = Ledger::create(dir.path()).unwrap();
    let p = period(&l);
    assert_eq!(p.gaps.len(), 1);
    let s = p.summary(&l, false).unwrap();
    assert_eq!(s.totals.findings, 0);
    for lang in [Lang::Ja, Lang::En] {
        assert!(!text(&p, &s, lang).is_empty());
    }
    let mut out = Vec::new();
    html(&p, &l, &BTreeMap::new(), Lang::En, &mut out).unwrap();
    json(&p, &l, &mut out).unwrap();
    csv(&p, &l, &mut out).unwrap();
}
