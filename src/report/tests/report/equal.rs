//! The workbook and the JSON, cell by cell: what a cell holds is made of the JSON
//! alone, by other code than the workbook's.

use crate::appendix::{below, beside, document, over_a_year, workbook};
use crate::fixture::{data, stores};
use calamine::Data;
use serde_json::Value;
use shoseki_model::{Lang, Reach, State};
use shoseki_report::words;

fn str_of(v: &Value, lang: Lang) -> &str {
    let en = v["en"].as_str();
    match lang {
        Lang::Ja => v["ja"].as_str().unwrap_or(""),
        Lang::En => en.or(v["ja"].as_str()).unwrap_or(""),
    }
}

fn lines(list: &Value, line: impl Fn(&Value) -> String) -> String {
    let all: Vec<String> = list.as_array().into_iter().flatten().map(line).collect();
    all.join("\n")
}

fn plain(v: &Value) -> String {
    v.as_str().unwrap().to_owned()
}

fn state(v: &Value, lang: Lang) -> &'static str {
    let state: State = serde_json::from_value(v.clone()).unwrap();
    words::state(state).get(lang)
}

fn jst(v: &Value) -> String {
    let t = v["jst"].as_str().unwrap();
    format!("{} {} JST", &t[..10], &t[11..19])
}

fn pick(lang: Lang, ja: &str, en: &str) -> String {
    match lang {
        Lang::Ja => ja.into(),
        Lang::En => en.into(),
    }
}

fn more(n: u64, lang: Lang) -> String {
    pick(lang, &format!("ほか {n} 件"), &format!("{n} more"))
}

/// What the sheet says of the statement, from the JSON.
fn stated(c: &Value, lang: Lang) -> [String; 5] {
    let s = &c["stated"];
    let adopted = match (&s["adopted"], s.get("inherited-from")) {
        (Value::Bool(false), _) => pick(lang, "不採用", "not adopted"),
        (Value::Bool(true), Some(_)) => pick(lang, "引継ぎ", "inherited"),
        (Value::Bool(true), None) => pick(lang, "採用", "adopted"),
        _ => pick(lang, "記載なし", "not stated"),
    };
    let change = |x: &Value| {
        let (before, after) = (str_of(&x["before"], lang), str_of(&x["after"], lang));
        format!("{}: {before} → {after}", x["date"].as_str().unwrap())
    };
    [
        adopted,
        str_of(&s["measure"], lang).into(),
        str_of(&s["reason"], lang).into(),
        s["inherited-from"].as_str().unwrap_or("").into(),
        lines(&s["changes"], change),
    ]
}

fn evidence(e: &Value, lang: Lang) -> String {
    let strength = serde_json::from_value(e["strength"].clone()).unwrap();
    let strength = words::strength(strength).get(lang);
    let rule = e["rule"].as_str().unwrap();
    if e["scopes"] == 0 {
        let none = pick(lang, "走査に含まれない", "not part of the run");
        return format!("{rule} [{strength}] {none}");
    }
    let counts = ["fail", "unknown", "excepted", "pass", "not_applicable"];
    let counts = counts.map(|n| e[n].to_string()).join("/");
    let digest = e["exchanges_sha256"].as_str().map_or("-", |d| &d[..16]);
    format!("{rule} [{strength}] {counts} SHA-256 {digest}")
}

fn findings(f: &Value, lang: Lang) -> String {
    let of = [
        ("fail", pick(lang, "相違", "fail")),
        ("unknown", pick(lang, "判定不能", "unknown")),
        ("excepted", pick(lang, "承認済み例外", "excepted")),
    ];
    let line = |(name, word): &(&str, String)| {
        let ids = lines(&f[name]["ids"], plain).replace('\n', " ");
        match f[name]["more"].as_u64().unwrap() {
            _ if f[name]["count"] == 0 => None,
            0 => Some(format!("{word}: {ids}")),
            n => Some(format!("{word}: {ids} ({})", more(n, lang))),
        }
    };
    of.iter().filter_map(line).collect::<Vec<_>>().join("\n")
}

fn gap(g: &Value, lang: Lang) -> String {
    let cause = serde_json::from_value(g["cause"].clone()).unwrap();
    let permissions = lines(&g["permissions"], plain).replace('\n', ", ");
    let part = g["part"]
        .as_str()
        .map_or(String::new(), |p| format!(" {p}"));
    format!(
        "{}: {} ({permissions}) {}{part} ×{}",
        words::cause(cause).get(lang),
        g["call"].as_str().unwrap(),
        g["type"].as_str().unwrap(),
        g["count"]
    )
}

/// A row of the sheet by control, made of the JSON alone.
fn row(c: &Value, lang: Lang) -> Vec<String> {
    let mut out = vec![
        c["control"].as_str().unwrap().to_owned(),
        str_of(&c["label"], lang).to_owned(),
        match c["mandatory"] == true {
            true => pick(lang, "必須", "yes"),
            false => String::new(),
        },
    ];
    out.extend(stated(c, lang));
    out.push(lines(&c["differs"], |d| {
        let grade = serde_json::from_value(d["severity"].clone()).unwrap();
        let (grade, code) = (words::grade(grade).get(lang), d["code"].as_str().unwrap());
        format!("[{grade}] {code}: {}", str_of(&d["text"], lang))
    }));
    let reach: Option<Reach> = serde_json::from_value(c["reach"].clone()).unwrap();
    out.push(reach.map_or("", |r| words::reach(r).get(lang)).into());
    out.push(match &c["state"] {
        Value::Null => pick(lang, "走査の対象外", "not part of the run"),
        s => state(s, lang).into(),
    });
    let clouds = c["clouds"].as_object().unwrap().iter();
    let clouds = clouds.map(|(n, s)| format!("{}: {}", words::cloud(n), state(s, lang)));
    out.push(clouds.collect::<Vec<_>>().join("\n"));
    out.push(lines(&c["history"], |h| {
        let accounts = lines(&h["accounts"], plain).replace('\n', ", ");
        let intervals = lines(&h["intervals"], |i| {
            let name = match &i["state"] {
                Value::Null => pick(lang, "観測なし", "not observed"),
                s => state(s, lang).into(),
            };
            format!("{} – {} {name}", jst(&i["from"]), jst(&i["to"]))
        });
        format!("{accounts}\n{intervals}")
    }));
    out.push(lines(&c["evidence"], |e| evidence(e, lang)));
    let f = &c["findings"];
    for name in ["fail", "unknown", "excepted"] {
        out.push(f[name]["count"].to_string());
    }
    out.push(f["pass"].to_string());
    out.push(f["not_applicable"].to_string());
    out.push(findings(f, lang));
    out.push(lines(&c["gaps"], |g| gap(g, lang)));
    out.push(str_of(&c["remains"], lang).into());
    let v = &c["audit"]["verification"];
    out.push(v["procedure"].as_str().unwrap_or("").into());
    out.push(lines(&v["techniques"], plain));
    out.push(v["result"].as_str().unwrap_or("").into());
    out.push(v["findings"].as_str().unwrap_or("").into());
    let validation = &c["audit"]["validation"]["result"];
    out.push(validation.as_str().unwrap_or("").into());
    out
}

/// A row of the sheet of evidence, made of the JSON alone.
fn link(control: &Value, e: &Value, lang: Lang) -> Vec<String> {
    let strength = serde_json::from_value(e["strength"].clone()).unwrap();
    let mut out = vec![
        control.as_str().unwrap().to_owned(),
        e["rule"].as_str().unwrap().into(),
        words::strength(strength).get(lang).into(),
        str_of(&e["title"], lang).into(),
        str_of(&e["because"], lang).into(),
    ];
    let numbers = ["scopes", "scopes_complete", "enumerated", "fail", "unknown"];
    let more = ["excepted", "pass", "not_applicable"];
    out.extend(numbers.iter().chain(&more).map(|n| e[n].to_string()));
    out.push(e["population_sha256"].as_str().unwrap_or("").into());
    out.push(e["exchanges"].to_string());
    out.push(e["exchanges_sha256"].as_str().unwrap_or("").into());
    out.push(match e["scopes"] == 0 {
        true => pick(lang, "なし", "no"),
        false => pick(lang, "あり", "yes"),
    });
    out
}

fn same(cells: &[Data], expected: &[String]) {
    assert_eq!(cells.len(), expected.len(), "{expected:?}");
    for (at, (cell, expected)) in cells.iter().zip(expected).enumerate() {
        assert_eq!(cell.to_string(), *expected, "column {at} of {}", cells[0]);
    }
}

#[test]
fn the_sheet_by_control_and_the_json_are_equal_cell_by_cell() {
    let s = stores();
    let mut d = data(&s);
    let alone = d.standings.clone();
    d.clouds =
        indexmap::IndexMap::from([("aws".to_owned(), alone.clone()), ("gcp".to_owned(), alone)]);
    for beside in [beside(&d), over_a_year(&d)] {
        let (_, v) = document(&d, &beside);
        let controls = v["controls"].as_array().unwrap();
        assert_eq!(controls.len(), d.standings.len() + 1);
        for (lang, sheet, other, head) in [
            (Lang::Ja, "管理策", "証跡", "管理策番号"),
            (Lang::En, "Controls", "Evidence", "Control"),
        ] {
            let book = workbook(&d, &beside, lang);
            let cells = below(&book, sheet, head);
            assert_eq!(cells.len(), controls.len());
            for (cells, c) in cells.iter().zip(controls) {
                same(cells, &row(c, lang));
            }
            let links: Vec<_> = controls
                .iter()
                .flat_map(|c| {
                    let of = c["evidence"].as_array().unwrap().iter();
                    of.map(|e| link(&c["control"], e, lang))
                })
                .collect();
            let cells = below(&book, other, head);
            assert_eq!(cells.len(), links.len());
            cells.iter().zip(&links).for_each(|(c, l)| same(c, l));
        }
    }
}
