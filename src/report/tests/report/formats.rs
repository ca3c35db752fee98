//! The formats for other programs: golden files, one truth in all of them, and
//! the words of strangers.

use crate::fixture::{HOSTILE, Stores, data, nothing, stores};
use crate::golden;
use serde_json::Value;
use shoseki_model::{Finding, Lang, Severity};
use shoseki_report::{
    ReportData, ReportError, annotations, csv, junit, markdown, ocsf, oscal, overview, sarif,
};
use std::collections::{BTreeMap, BTreeSet};

type Writer = fn(&ReportData<'_>, Lang, &mut Vec<u8>) -> Result<(), ReportError>;

const FORMATS: [(&str, Writer); 11] = [
    ("oscal-results.json", |d, l, to| {
        oscal::assessment_results(d, l, to)
    }),
    ("oscal-catalog.json", |d, l, to| oscal::catalog(d, l, to)),
    ("oscal-profile.json", |d, l, to| oscal::profile(d, l, to)),
    ("oscal-component.json", |d, l, to| {
        oscal::component_definition(d, l, to)
    }),
    ("oscal-plan.json", |d, l, to| {
        oscal::assessment_plan(d, l, to)
    }),
    ("ocsf.jsonl", |d, l, to| ocsf(d, l, to)),
    ("sarif.json", |d, l, to| sarif(d, l, to)),
    ("junit.xml", |d, l, to| junit(d, l, to)),
    ("summary.md", |d, l, to| markdown(d, l, to)),
    ("annotations.txt", |d, l, to| annotations(d, l, to)),
    ("findings.csv", |d, l, to| csv(d, l, false, to)),
];

fn text(data: &ReportData<'_>, name: &str, lang: Lang) -> String {
    let writer = FORMATS.iter().find(|(n, _)| *n == name).unwrap().1;
    let mut out = Vec::new();
    writer(data, lang, &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

fn value(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}

#[test]
fn formats_are_as_before() {
    let s = stores();
    for (name, _) in FORMATS {
        golden(name, &text(&data(&s), name, Lang::Ja));
        let (stem, end) = name.split_once('.').unwrap();
        golden(
            &format!("{stem}.en.{end}"),
            &text(&data(&s), name, Lang::En),
        );
    }
    let s = Stores {
        gaps: s.gaps,
        ..Stores::default()
    };
    for (name, _) in FORMATS {
        golden(
            &format!("nothing-{name}"),
            &text(&nothing(&s), name, Lang::Ja),
        );
    }
}

/// Finding, status, controls.
type Facts = BTreeMap<String, (String, BTreeSet<String>)>;

fn list(v: &Value) -> BTreeSet<String> {
    let items = v.as_array().map_or(&[][..], Vec::as_slice);
    items
        .iter()
        .map(|i| i.as_str().unwrap().to_owned())
        .collect()
}

fn s(v: &Value) -> String {
    v.as_str().unwrap().to_owned()
}

fn prop<'v>(of: &'v Value, name: &str) -> Vec<&'v str> {
    let props = of["props"].as_array().map_or(&[][..], Vec::as_slice);
    props
        .iter()
        .filter(|p| p["name"] == name)
        .map(|p| p["value"].as_str().unwrap())
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

#[test]
fn unseen_is_never_satisfied_nor_silently_not() {
    let st = stores();
    let v = value(&text(&data(&st), "oscal-results.json", Lang::En));
    for f in v["assessment-results"]["results"][0]["findings"]
        .as_array()
        .unwrap()
    {
        let status = &f["target"]["status"];
        let expected = match prop(f, "standing")[0] {
            "shown" => ("satisfied", "pass"),
            "contradicted" => ("not-satisfied", "fail"),
            _ => ("not-satisfied", "other"),
        };
        assert_eq!(
            (s(&status["state"]), s(&status["reason"])),
            (expected.0.into(), expected.1.into())
        );
        assert!(!status["remarks"].as_str().unwrap().is_empty());
    }
}

#[test]
fn two_exports_of_a_run_are_equal() {
    let st = stores();
    for (name, _) in FORMATS {
        assert_eq!(
            text(&data(&st), name, Lang::Ja),
            text(&data(&st), name, Lang::Ja)
        );
    }
}

#[test]
fn nothing_read_is_never_green() {
    let st = Stores {
        gaps: stores().gaps,
        ..Stores::default()
    };
    let d = nothing(&st);
    assert!(
        text(&d, "junit.xml", Lang::En)
            .contains("<error type=\"incomplete\" message=\"Nothing could be read.\"/>")
    );
    assert!(
        text(&d, "annotations.txt", Lang::En)
            .starts_with("::error title=shoseki::Nothing could be read.")
    );
    assert!(text(&d, "summary.md", Lang::En).contains("Nothing could be read."));
    assert_eq!(
        value(&text(&d, "sarif.json", Lang::En))["runs"][0]["invocations"][0]["executionSuccessful"],
        false
    );
}

/// Many failures: what does not fit is counted.
#[test]
fn limits_of_others_are_kept_and_counted() {
    let mut st = stores();
    let one = st.findings[2].clone();
    for i in 0..20_000 {
        let mut f = one.clone();
        f.severity = Severity::High;
        f.rule = format!("aws.s3.rule-{}", i % 30);
        f.resource.id = format!("arn:aws:s3:::b{i}");
        f.id = Finding::id_of(&f.rule, &f.resource);
        st.findings.push(f);
    }
    let d = data(&st);
    let md = text(&d, "summary.md", Lang::En);
    assert!(md.len() <= 1 << 20, "{}", md.len());
    let shown = md
        .lines()
        .filter(|l| l.starts_with("| high | aws.s3.rule-"))
        .count() as u64
        + md.lines()
            .filter(|l| {
                l.contains("| fail |")
                    || l.starts_with("| critical | aws")
                    || l.starts_with("| medium | aws")
            })
            .count() as u64;
    let left: u64 = md
        .lines()
        .find_map(|l| l.strip_suffix(" more left out.")?.parse().ok())
        .unwrap();
    let o = overview(&d).unwrap().verdicts;
    let others = md.split("### unknown").nth(1).unwrap();
    let others = others
        .lines()
        .filter(|l| l.starts_with("| critical | aws") || l.starts_with("| medium | aws"))
        .count() as u64;
    let heads = md.lines().filter(|l| l.contains("| fail |")).count() as u64;
    assert_eq!(shown - others - heads + left, o.fail);
    let notes = text(&d, "annotations.txt", Lang::En);
    for level in ["::error ", "::warning ", "::notice "] {
        assert!(notes.lines().filter(|l| l.starts_with(level)).count() <= 10);
    }
    // 30 rules and the critical one, nine of them shown.
    assert!(
        notes.contains("22 more left out (14664 finding(s))."),
        "{notes}"
    );
}

#[test]
fn strangers_names_stay_text_in_every_format() {
    let mut st = stores();
    for name in [
        "=HYPERLINK(\"http://x\")",
        "a\r\n::error::b",
        "]]>&<x>",
        "@everyone [x](http://x) `y`",
    ] {
        let mut f = st.findings[2].clone();
        f.resource.name = name.into();
        f.resource.id = name.into();
        f.reason = shoseki_model::Text::new(name, name);
        f.id = Finding::id_of(&f.rule, &f.resource);
        st.findings.push(f);
    }
    let mut d = data(&st);
    d.rules.clear();
    let csv = text(&d, "findings.csv", Lang::En);
    let mut reader = ::csv::Reader::from_reader(csv.as_bytes());
    for r in reader.records() {
        assert!(
            r.unwrap()
                .iter()
                .all(|c| !c.starts_with(['=', '+', '-', '@']))
        );
    }
    for (name, _) in FORMATS {
        let out = text(&d, name, Lang::En);
        assert!(!out.contains('\u{1b}'), "{name}");
        if !name.starts_with("ocsf") {
            assert!(!out.contains('\u{202e}') || name == "sarif.json", "{name}");
        }
    }
    let md = text(&d, "summary.md", Lang::En);
    for bad in ["<script", "http://", "@everyone", "[x]", "`"] {
        assert!(!md.contains(bad), "{bad}");
    }
    let notes = text(&d, "annotations.txt", Lang::En);
    assert!(
        notes
            .lines()
            .all(|l| l.starts_with("::") && !l.starts_with("::error::"))
    );
    let xml = text(&d, "junit.xml", Lang::En);
    assert!(!xml.contains("<x>") && !xml.contains(HOSTILE[0]));
}

#[test]
fn no_format_claims_a_conclusion() {
    let st = stores();
    for (name, _) in FORMATS {
        for lang in [Lang::Ja, Lang::En] {
            let out = text(&data(&st), name, lang);
            assert!(!out.contains("適合") && !out.contains("準拠"), "{name}");
            // The class of OCSF has the word in its name.
            let out = out
                .replace("Compliance Finding", "")
                .replace("\"compliance\":{", "");
            assert!(!out.to_lowercase().contains("complian"), "{name}");
        }
    }
}
