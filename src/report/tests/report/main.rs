//! Reports of a small run against golden files, and what must hold of any.
#![expect(clippy::unwrap_used, reason = "tests")]

mod appendix;
mod catalogue;
mod equal;
mod fixture;
mod formats;
mod github;
mod pages;
mod same;
mod sample;

use fixture::{ENCRYPTION, Stores, data, nothing, stores};
use pages::{opened, page};
use shoseki_model::{Finding, Gap, Lang, State, Verdict};
use shoseki_report::{
    ControlInfo, ExplainData, Outcome, ReportData, SummaryOptions, Unreached, explain, json,
    overview, summary, width,
};
use std::path::PathBuf;

/// Compares with a golden file; `UPDATE_GOLDEN=1` rewrites it.
fn golden(name: &str, text: &str) {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("tests/golden")
        .join(name);
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::write(&path, text).unwrap();
    }
    let expected = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        expected == text,
        "{name} differs; UPDATE_GOLDEN=1 rewrites it"
    );
}

fn terminal(data: &ReportData<'_>, lang: Lang, columns: usize, colour: bool) -> String {
    summary(
        data,
        SummaryOptions {
            lang,
            columns,
            colour,
        },
    )
    .unwrap()
}

#[test]
fn summary_is_as_before() {
    let s = stores();
    golden("summary.ja.txt", &terminal(&data(&s), Lang::Ja, 80, false));
    golden("summary.en.txt", &terminal(&data(&s), Lang::En, 80, false));
}

#[test]
fn json_has_the_stored_field_names() {
    let s = stores();
    let mut out = Vec::new();
    json(&data(&s), &mut out).unwrap();
    let v: serde_json::Value = serde_json::from_slice(&out).unwrap();
    golden(
        "report.json",
        &(serde_json::to_string_pretty(&v).unwrap() + "\n"),
    );
    let findings: Vec<Finding> = serde_json::from_value(v["findings"].clone()).unwrap();
    assert_eq!(findings, s.findings);
    let gaps: Vec<Gap> = serde_json::from_value(v["gaps"].clone()).unwrap();
    assert_eq!(gaps, s.gaps);
}

#[test]
fn explanations_are_as_before() {
    let s = stores();
    let d = data(&s);
    let controls: Vec<ControlInfo> = d.controls.values().take(2).cloned().collect();
    for (name, at) in [("fail", 3), ("unknown", 4), ("excepted", 8)] {
        for (tag, lang) in [("ja", Lang::Ja), ("en", Lang::En)] {
            let finding = &s.findings[at];
            let cited = |id: &String| finding.observed.iter().any(|o| o.exchanges.contains(id));
            let exchanges: Vec<_> = s
                .exchanges
                .iter()
                .filter(|e| cited(&e.id))
                .cloned()
                .collect();
            let gaps: Vec<_> = s
                .gaps
                .iter()
                .filter(|g| finding.gaps.contains(&g.id))
                .cloned()
                .collect();
            let e = ExplainData {
                finding,
                rule: d.rules.get(&finding.rule),
                exchanges: &exchanges,
                gaps: &gaps,
                controls: &controls,
                endpoint: Some("http://127.0.0.1:5000"),
                run_path: &d.run_path,
            };
            let text = explain(&e, lang, 80);
            assert!(!text.contains('\u{1b}') && !text.contains('\u{202e}'));
            golden(&format!("explain-{name}.{tag}.txt"), &text);
        }
    }
}

#[test]
fn strangers_names_steer_no_terminal() {
    let s = stores();
    let text = terminal(&data(&s), Lang::En, 80, false);
    assert!(!text.contains('\u{1b}') && !text.contains('\u{202e}'));
}

#[test]
fn no_report_claims_a_conclusion() {
    let s = stores();
    let d = data(&s);
    let mut all = String::new();
    for lang in [Lang::Ja, Lang::En] {
        all += &opened(&page(&d, lang));
        all += &terminal(&d, lang, 80, false);
    }
    assert!(!all.contains("適合") && !all.contains("準拠"));
    assert!(!all.to_lowercase().contains("complian"));
}

#[test]
fn an_incomplete_run_says_so_first() {
    let s = stores();
    assert_eq!(overview(&data(&s)).unwrap().outcome, Outcome::Incomplete);
    let text = terminal(&data(&s), Lang::Ja, 80, false);
    assert!(
        text.lines().nth(1).unwrap().starts_with("不完全な実行"),
        "{text}"
    );
    let empty = Stores {
        gaps: s.gaps.clone(),
        ..Stores::default()
    };
    let d = nothing(&empty);
    assert_eq!(overview(&d).unwrap().outcome, Outcome::NothingRead);
    // The account is there without asking; that is not reading.
    let mut account = nothing(&empty);
    account.populations.truncate(1);
    account.populations[0].query.clear();
    account.populations[0].complete = true;
    account.populations[0].count = 1;
    assert_eq!(overview(&account).unwrap().outcome, Outcome::NothingRead);
    assert!(terminal(&d, Lang::En, 80, false).contains("Nothing could be read."));
    assert!(page(&d, Lang::Ja).contains("何も読み取れなかった。"));
}

#[test]
fn a_stopped_run_or_an_unknown_is_never_whole() {
    let empty = Stores::default();
    let whole = || {
        let mut d = data(&empty);
        d.populations.iter_mut().for_each(|p| p.complete = true);
        d
    };
    assert_eq!(overview(&whole()).unwrap().outcome, Outcome::Whole);
    let mut d = whole();
    d.run.ended = None;
    assert_eq!(overview(&d).unwrap().outcome, Outcome::Incomplete);
    let mut d = whole();
    d.targets.push(shoseki_model::Target {
        account: "210987654321".into(),
        level: "account".into(),
        ..d.targets[0].clone()
    });
    assert_eq!(overview(&d).unwrap().outcome, Outcome::Incomplete);
    let mut d = whole();
    d.run.unreached.push(Unreached {
        target: "profile audit".into(),
        message: "expired \u{1b}[2J".into(),
    });
    assert_eq!(overview(&d).unwrap().targets_unread, 1);
    for lang in [Lang::Ja, Lang::En] {
        assert!(page(&d, lang).contains("profile audit"));
        assert!(terminal(&d, lang, 80, false).contains("profile audit"));
    }
    let s = Stores {
        findings: stores().findings,
        ..Stores::default()
    };
    let mut d = data(&s);
    d.populations.iter_mut().for_each(|p| p.complete = true);
    assert_eq!(overview(&d).unwrap().outcome, Outcome::Incomplete);
}

/// Numbers of a line, dashes being zeroes.
fn numbers(line: &str) -> Vec<u64> {
    line.split_whitespace()
        .filter_map(|w| if w == "-" { Some(0) } else { w.parse().ok() })
        .collect()
}

#[test]
fn every_number_of_the_summary_is_in_the_data() {
    let s = stores();
    let d = data(&s);
    for lang in [Lang::Ja, Lang::En] {
        let text = terminal(&d, lang, 80, false);
        let totals: Vec<_> = text
            .lines()
            .filter(|l| l.starts_with("  計 ") || l.starts_with("  all "))
            .map(numbers)
            .collect();
        let state = |st: State| d.standings.iter().filter(|x| x.state == st).count() as u64;
        let states = shoseki_report::words::STATES.map(state);
        assert_eq!(totals[0], states);
        let verdict = |v: Verdict| {
            s.findings
                .iter()
                .filter(|f| f.verdict == v && f.excepted.is_none())
                .count() as u64
        };
        let excepted = s.findings.iter().filter(|f| f.excepted.is_some()).count() as u64;
        let expected = [
            verdict(Verdict::Fail),
            verdict(Verdict::Unknown),
            excepted,
            verdict(Verdict::Pass),
            verdict(Verdict::NotApplicable),
        ];
        assert_eq!(totals[1], expected);
        for chapter in ["5", "9", "10", "11", "14"] {
            let row = text
                .lines()
                .find(|l| l.trim_start().starts_with(&format!("{chapter} ")))
                .unwrap();
            let sum = d
                .standings
                .iter()
                .filter(|x| x.control.split('.').next() == Some(chapter))
                .count() as u64;
            assert_eq!(numbers(row)[1..].iter().sum::<u64>(), sum, "{row}");
        }
        let failing = s
            .findings
            .iter()
            .filter(|f| f.rule == ENCRYPTION && f.verdict == Verdict::Fail)
            .count();
        assert!(text.contains(&format!("{failing} / 6")), "{text}");
        assert!(text.contains("s3:GetBucketPolicy"));
    }
}

#[test]
fn the_summary_fits_its_columns_and_colours_only_on_request() {
    let s = stores();
    for lang in [Lang::Ja, Lang::En] {
        for columns in [64, 72, 80, 120] {
            let text = terminal(&data(&s), lang, columns, false);
            // A command is never broken.
            for line in text.lines().filter(|l| !l.starts_with("  shoseki ")) {
                assert!(width(line) <= columns, "{columns}: {line}");
            }
        }
        assert!(terminal(&data(&s), lang, 80, true).contains("\u{1b}["));
    }
}
