//! The formats for other programs: golden files, one truth in all of them, and
//! the words of strangers.

use crate::fixture::{HOSTILE, Stores, data, nothing, stores};
use crate::golden;
use serde_json::Value;
use shoseki_model::{Finding, Lang, Severity};
use shoseki_report::{
    ReportData, ReportError, annotations, csv, junit, markdown, ocsf, oscal, overview, sarif,
};

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

pub fn text(data: &ReportData<'_>, name: &str, lang: Lang) -> String {
    let writer = FORMATS.iter().find(|(n, _)| *n == name).unwrap().1;
    let mut out = Vec::new();
    writer(data, lang, &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

pub fn value(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}

pub fn s(v: &Value) -> String {
    v.as_str().unwrap().to_owned()
}

pub fn prop<'v>(of: &'v Value, name: &str) -> Vec<&'v str> {
    let props = of["props"].as_array().map_or(&[][..], Vec::as_slice);
    props
        .iter()
        .filter(|p| p["name"] == name)
        .map(|p| p["value"].as_str().unwrap())
        .collect()
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
