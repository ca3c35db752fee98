//! One truth in all formats: the same counts, verdicts and control ids, unknown and
//! excepted included.

use crate::appendix::{below, beside, document, workbook};
use crate::fixture::{data, stores};
use crate::formats::{prop, s, text, value};
use serde_json::Value;
use shoseki_model::{Lang, State, Verdict};
use shoseki_report::{ReportData, html, json, overview, words};
use std::collections::{BTreeMap, BTreeSet};

/// Finding, status, controls.
type Facts = BTreeMap<String, (String, BTreeSet<String>)>;

fn list(v: &Value) -> BTreeSet<String> {
    let items = v.as_array().map_or(&[][..], Vec::as_slice);
    items
        .iter()
        .map(|i| i.as_str().unwrap().to_owned())
        .collect()
}

fn from_ocsf(text: &str) -> Facts {
    text.lines()
        .map(value)
        .map(|e| {
            let id = e["compliance"]["status_id"].as_u64().unwrap();
            let status = s(&e["unmapped"]["status"]);
            let expected = match status.as_str() {
                "pass" => 1,
                "fail" => 3,
                "unknown" => 0,
                _ => 99,
            };
            assert_eq!(id, expected);
            assert_eq!(e["time"], 1_795_395_730_000_u64);
            let controls = list(&e["compliance"]["requirements"]);
            (s(&e["finding_info"]["uid"]), (status, controls))
        })
        .collect()
}

fn from_sarif(text: &str) -> Facts {
    let v = value(text);
    let results = v["runs"][0]["results"].as_array().unwrap();
    results
        .iter()
        .map(|r| {
            let status = s(&r["properties"]["status"]);
            let suppressed = r["suppressions"][0]["status"] == "accepted";
            let by_kind = match (r["kind"].as_str().unwrap(), suppressed) {
                ("fail", true) => "excepted",
                ("open", false) => "unknown",
                ("notApplicable", false) => "not-applicable",
                (kind, false) => kind,
                other => unreachable!("{other:?}"),
            };
            assert_eq!(status, by_kind);
            assert_eq!(r["kind"] == "fail", r["level"] != "none");
            let controls = list(&r["properties"]["controls"]);
            (
                s(&r["partialFingerprints"]["shosekiFinding/v1"]),
                (status, controls),
            )
        })
        .collect()
}

fn from_junit(text: &str) -> Facts {
    let property = |case: &str, name: &str| -> Vec<String> {
        case.split(&format!("<property name=\"{name}\" value=\""))
            .skip(1)
            .map(|p| p.split('"').next().unwrap().to_owned())
            .collect()
    };
    text.split("<testcase ")
        .skip(1)
        .filter(|c| c.contains("<properties>"))
        .map(|c| {
            let status = property(c, "status").remove(0);
            let by_element = [
                ("<failure ", "fail"),
                ("<error ", "unknown"),
                ("<skipped message=\"excepted:", "excepted"),
                ("<skipped message=\"not-applicable:", "not-applicable"),
            ];
            let found = by_element.iter().find(|(e, _)| c.contains(e));
            assert_eq!(status, found.map_or("pass", |f| f.1));
            let controls = property(c, "control").into_iter().collect();
            (property(c, "finding").remove(0), (status, controls))
        })
        .collect()
}

fn from_csv(text: &str) -> Facts {
    let mut reader = ::csv::Reader::from_reader(text.as_bytes());
    reader
        .records()
        .map(|r| {
            let r = r.unwrap();
            let controls = r[6].split(' ').filter(|c| !c.is_empty()).map(str::to_owned);
            (r[0].to_owned(), (r[1].to_owned(), controls.collect()))
        })
        .collect()
}

fn from_oscal(text: &str) -> Facts {
    let v = value(text);
    let result = &v["assessment-results"]["results"][0];
    let mut controls: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for f in result["findings"].as_array().unwrap() {
        for o in f["related-observations"].as_array().into_iter().flatten() {
            let of = controls.entry(s(&o["observation-uuid"])).or_default();
            of.insert(prop(f, "control")[0].to_owned());
        }
    }
    let mut facts = Facts::new();
    let mut counts: BTreeMap<&str, u64> = BTreeMap::new();
    for o in result["observations"].as_array().unwrap() {
        let of = controls
            .get(o["uuid"].as_str().unwrap())
            .cloned()
            .unwrap_or_default();
        for subject in o["subjects"].as_array().into_iter().flatten() {
            let status = prop(subject, "status")[0];
            *counts.entry(status).or_default() += 1;
            let id = prop(subject, "finding")[0].to_owned();
            facts.insert(id, (status.to_owned(), of.clone()));
        }
    }
    for (status, n) in counts {
        assert_eq!(prop(result, &format!("count-{status}")), [n.to_string()]);
    }
    facts
}

/// All formats say the same of every finding.
#[test]
fn all_formats_carry_the_same() {
    let st = stores();
    let mut d = data(&st);
    // What bears in the standings and in the mapping is the same in a real run.
    for c in d.controls.values_mut() {
        let standing = d.standings.iter().find(|x| x.control == c.id).unwrap();
        c.evidence
            .retain(|e| standing.rules.iter().any(|r| r.rule == e.rule));
    }
    let o = overview(&d).unwrap().verdicts;
    let expected = BTreeMap::from([
        ("fail", o.fail),
        ("unknown", o.unknown),
        ("excepted", o.excepted),
        ("pass", o.pass),
        ("not-applicable", o.not_applicable),
    ]);
    assert!(expected.values().all(|n| *n > 0), "{expected:?}");
    for lang in [Lang::Ja, Lang::En] {
        let first = from_ocsf(&text(&d, "ocsf.jsonl", lang));
        let mut counts: BTreeMap<&str, u64> = BTreeMap::new();
        for (status, _) in first.values() {
            *counts.entry(status).or_default() += 1;
        }
        assert_eq!(counts, expected);
        assert!(first.values().all(|(_, c)| !c.is_empty()));
        assert_eq!(first, from_sarif(&text(&d, "sarif.json", lang)));
        assert_eq!(first, from_junit(&text(&d, "junit.xml", lang)));
        assert_eq!(first, from_csv(&text(&d, "findings.csv", lang)));
        assert_eq!(first, from_oscal(&text(&d, "oscal-results.json", lang)));
        from_markdown(&text(&d, "summary.md", lang), &first, &expected);
        assert_eq!(first, from_json(&d));
        assert_eq!(first, from_xlsx(&d, lang));
        from_betten(&d, &first, &expected);
        from_html(&d, lang, &expected);
        assert_eq!(
            states_of(&d, lang),
            [states(&d), states(&d), states(&d), states(&d)]
        );
        let notes = text(&d, "annotations.txt", lang);
        for n in [o.fail, o.unknown, o.excepted, o.pass, o.not_applicable] {
            assert!(notes.contains(&format!(" {n}")), "{notes}");
        }
    }
}

fn from_markdown(text: &str, facts: &Facts, counts: &BTreeMap<&str, u64>) {
    let totals = text
        .lines()
        .find(|l| l.starts_with("| 計 ") || l.starts_with("| all "))
        .unwrap();
    let numbers: Vec<u64> = totals
        .split('|')
        .filter_map(|c| c.trim().parse().ok())
        .collect();
    let order = ["fail", "unknown", "excepted", "pass", "not-applicable"];
    assert_eq!(numbers, order.map(|s| counts[s]));
    for (id, (status, controls)) in facts {
        let line = text.lines().find(|l| l.contains(id.as_str()));
        assert_eq!(line.is_some(), order[..3].contains(&status.as_str()));
        if let Some(line) = line {
            let ids: Vec<_> = controls.iter().collect();
            assert!(ids.iter().all(|c| line.contains(c.as_str())), "{line}");
        }
    }
}

fn from_json(d: &ReportData<'_>) -> Facts {
    let mut out = Vec::new();
    json(d, &mut out).unwrap();
    let v: Value = serde_json::from_slice(&out).unwrap();
    let mut bears: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for c in v["controls"].as_array().unwrap() {
        for e in c["evidence"].as_array().unwrap() {
            if e["strength"] != "context" {
                bears.entry(s(&e["rule"])).or_default().insert(s(&c["id"]));
            }
        }
    }
    let findings = v["findings"].as_array().unwrap().iter();
    findings
        .map(|f| {
            let status = match f.get("excepted") {
                Some(_) => "excepted".to_owned(),
                None => s(&f["verdict"]),
            };
            let controls = bears.get(f["rule"].as_str().unwrap());
            (s(&f["id"]), (status, controls.cloned().unwrap_or_default()))
        })
        .collect()
}

fn from_xlsx(d: &ReportData<'_>, lang: Lang) -> Facts {
    let book = workbook(d, &beside(d), lang);
    let (sheet, head) = match lang {
        Lang::Ja => ("判定", "判定番号"),
        Lang::En => ("Findings", "Finding"),
    };
    let rows = below(&book, sheet, head).into_iter();
    rows.map(|r| {
        let status = match r[1].to_string().as_str() {
            "相違" | "fail" => "fail",
            "判定不能" | "unknown" => "unknown",
            "承認済み例外" | "excepted" => "excepted",
            "期待どおり" | "pass" => "pass",
            "対象外" | "not applicable" => "not-applicable",
            other => unreachable!("{other}"),
        };
        let controls = r[5].to_string();
        let controls = controls.split(' ').filter(|c| !c.is_empty());
        let controls = controls.map(str::to_owned).collect();
        (r[0].to_string(), (status.to_owned(), controls))
    })
    .collect()
}

/// It names the findings by control that are no passes, and counts the others.
fn from_betten(d: &ReportData<'_>, facts: &Facts, counts: &BTreeMap<&str, u64>) {
    let (_, v) = document(d, &beside(d));
    for (status, n) in counts {
        assert_eq!(
            v["counts"]["findings"][status.replace('-', "_")],
            *n,
            "{status}"
        );
    }
    for c in v["controls"].as_array().unwrap() {
        let id = s(&c["control"]);
        let of = |status: &str| -> BTreeSet<String> {
            let mine = facts
                .iter()
                .filter(|(_, f)| f.0 == status && f.1.contains(&id));
            mine.map(|(id, _)| id.clone()).collect()
        };
        for status in ["fail", "unknown", "excepted"] {
            let named = &c["findings"][status];
            assert_eq!(list(&named["ids"]), of(status), "{id} {status}");
            assert_eq!(named["count"], of(status).len());
            assert_eq!(named["more"], 0);
        }
        assert_eq!(c["findings"]["pass"], of("pass").len());
        assert_eq!(c["findings"]["not_applicable"], of("not-applicable").len());
    }
    for (n, status) in [
        ("pass", "pass"),
        ("unknown", "unknown"),
        ("excepted", "excepted"),
    ] {
        let rules = v["rules"].as_array().unwrap().iter();
        let sum: u64 = rules.map(|r| r[n].as_u64().unwrap()).sum();
        assert_eq!(sum, counts[status]);
    }
}

/// The page says the counts without a script, and names every control.
fn from_html(d: &ReportData<'_>, lang: Lang, counts: &BTreeMap<&str, u64>) {
    let mut out = Vec::new();
    html(d, lang, &mut out).unwrap();
    let page = String::from_utf8(out).unwrap();
    let mut text = String::new();
    for piece in page.split('<') {
        text.push_str(piece.split_once('>').map_or(piece, |p| p.1));
    }
    // Whichever language is shown last stands before the number.
    let says = |word: words::Word, n: u64| {
        let says = |word: &str| text.contains(&format!("{word} {n}"));
        assert!(says(word.ja) || says(word.en), "{} {n}", word.en);
    };
    says(words::EXCEPTED, counts["excepted"]);
    for (name, verdict) in [
        ("fail", Verdict::Fail),
        ("unknown", Verdict::Unknown),
        ("pass", Verdict::Pass),
        ("not-applicable", Verdict::NotApplicable),
    ] {
        says(words::verdict(verdict), counts[name]);
    }
    for c in &d.standings {
        assert!(text.contains(&c.control), "{}", c.control);
    }
    for state in words::STATES {
        let n = d.standings.iter().filter(|s| s.state == state).count();
        says(words::state(state), n as u64);
    }
}

type States = BTreeMap<String, String>;

fn states(d: &ReportData<'_>) -> States {
    let name = |s: State| {
        serde_json::to_value(s)
            .unwrap()
            .as_str()
            .unwrap()
            .to_owned()
    };
    let all = d.standings.iter();
    all.map(|s| (s.control.clone(), name(s.state))).collect()
}

/// The standings by json, OSCAL, betten and xlsx.
fn states_of(d: &ReportData<'_>, lang: Lang) -> [States; 4] {
    let mut out = Vec::new();
    json(d, &mut out).unwrap();
    let v: Value = serde_json::from_slice(&out).unwrap();
    let all = v["standings"].as_array().unwrap().iter();
    let by_json = all.map(|c| (s(&c["control"]), s(&c["state"]))).collect();
    let v = value(&text(d, "oscal-results.json", lang));
    let all = v["assessment-results"]["results"][0]["findings"].as_array();
    let all = all.unwrap().iter();
    let by_oscal = all
        .map(|f| {
            (
                prop(f, "control")[0].to_owned(),
                prop(f, "standing")[0].to_owned(),
            )
        })
        .collect();
    let (_, v) = document(d, &beside(d));
    let all = v["controls"].as_array().unwrap().iter();
    // A control that is stated and no part of the run stands nowhere.
    let by_betten = all
        .filter(|c| !c["state"].is_null())
        .map(|c| (s(&c["control"]), s(&c["state"])))
        .collect();
    let (sheet, head) = match lang {
        Lang::Ja => ("管理策", "管理策番号"),
        Lang::En => ("Controls", "Control"),
    };
    let name = |word: &str| {
        let state = words::STATES
            .into_iter()
            .find(|x| words::state(*x).get(lang) == word);
        let state = serde_json::to_value(state?).unwrap();
        Some(state.as_str().unwrap().to_owned())
    };
    let by_xlsx = below(&workbook(d, &beside(d), lang), sheet, head)
        .into_iter()
        .filter_map(|r| Some((r[0].to_string(), name(&r[10].to_string())?)))
        .collect();
    [by_json, by_oscal, by_betten, by_xlsx]
}
