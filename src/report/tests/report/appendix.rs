//! The appendix as JSON and as a workbook: valid, and the same in content.

use crate::fixture::{HOSTILE, Stores, data, nothing, stores};
use crate::golden;
use calamine::{Data, Reader, Xlsx, open_workbook_from_rs};
use serde_json::{Value, json};
use shoseki_model::{
    Discrepancy, Grade, Lang, Said, State, StatedChange, StatedControl, StatedScope, Statement,
    Text,
};
use shoseki_report::{
    Beside, Held, History, Moment, PeriodInfo, Populations, ReportData, SealInfo, StatementFile,
    betten, xlsx,
};
use std::collections::HashMap;
use std::io::{Cursor, Read as _};

/// What a provider may write so that a spreadsheet would obey.
const FORMULA: &str = "=HYPERLINK(\"http://x\",\"個別管理策\")";

fn said(ja: &str, en: Option<&str>) -> Option<Said> {
    Some(Said {
        ja: ja.into(),
        en: en.map(str::to_owned),
    })
}

fn statement() -> StatementFile {
    let control = |id: &str, adopted| StatedControl {
        id: id.into(),
        adopted,
        measure: None,
        reason: None,
        inherited_from: None,
        changes: Vec::new(),
        line: 3,
    };
    let mut rotation = control("10.1.2.9", true);
    rotation.measure = said(FORMULA, Some("Keys are rotated each year."));
    rotation.changes = vec![StatedChange {
        date: "2026-08-01".into(),
        before: said("手動で更新", None).unwrap(),
        after: said("自動で更新", Some("rotated by itself")).unwrap(),
    }];
    let mut mfa = control("9.4.2.2.B", false);
    mfa.reason = said("対象のシステムに利用者のログオンがない", None);
    let mut walls = control("11.1.1", true);
    walls.inherited_from = Some("登録済みの IaaS".into());
    let statement = Statement {
        edition: "2024-07".into(),
        scope: StatedScope {
            services: vec!["aws.s3".into()],
            accounts: vec!["123456789012".into()],
            regions: vec!["ap-northeast-1".into()],
        },
        from: "2026-04-01".into(),
        to: "2027-03-31".into(),
        scan_frequency: Some("1d".into()),
        controls: vec![rotation, mfa, walls, control("99.9.9.9", true)],
    };
    StatementFile {
        statement,
        sha256: "5a".repeat(32),
    }
}

fn differs(control: Option<&str>, code: &'static str) -> Discrepancy {
    Discrepancy {
        severity: Grade::Error,
        code,
        control: control.map(str::to_owned),
        subject: None,
        line: 3,
        text: Text::new("期待と異なる設定を観測した", "A setting differs"),
        unseen: false,
    }
}

/// Everything that may stand beside a run, but a period.
pub fn beside(data: &ReportData<'_>) -> Beside {
    let scopes = data.tallies.iter().map(|t| {
        let key = (t.rule.clone(), t.account.clone(), t.region.clone());
        (key, shoseki_model::digest(t.rule.as_bytes()))
    });
    let rules = data.tallies.iter().map(|t| {
        let digest = shoseki_model::digest(format!("{}\n", t.rule).as_bytes());
        (t.rule.clone(), digest)
    });
    Beside {
        run_sha256: "1f".repeat(32),
        statement: Some(statement()),
        discrepancies: vec![
            differs(Some("10.1.2.9"), "adopted-contradicted"),
            differs(None, "account-outside"),
        ],
        seal: Some(SealInfo {
            root: "00".repeat(32),
            manifest_sha256: "11".repeat(32),
        }),
        populations: Populations {
            rules: rules.collect(),
            scopes: scopes.collect(),
        },
        period: None,
    }
}

/// The same over most of a year.
pub fn over_a_year(data: &ReportData<'_>) -> Beside {
    let held = |state, from: &str, to: &str| Held {
        state,
        from: Moment::of(from),
        to: Moment::of(to),
    };
    let (start, middle) = ("2026-03-31T15:00:00Z", "2026-06-01T00:00:00Z");
    let (later, end) = ("2026-06-03T00:00:00Z", "2026-11-23T01:02:10Z");
    let history = |account: &str| History {
        accounts: vec![account.into()],
        intervals: vec![
            held(Some(State::Shown), start, middle),
            held(None, middle, later),
            held(Some(State::Contradicted), later, end),
        ],
    };
    let of = vec![history("123456789012"), history("210987654321")];
    Beside {
        period: Some(PeriodInfo {
            from: start.into(),
            to: "2027-03-31T15:00:00Z".into(),
            told_to: end.into(),
            frequency_seconds: 86_400,
            tolerance_seconds: 8_640,
            ledger_head: "ab".repeat(32),
            runs: 230,
            gaps: vec![(middle.into(), later.into(), vec!["123456789012".into()])],
            controls: HashMap::from([("10.1.2.9".to_owned(), of)]),
        }),
        ..beside(data)
    }
}

pub fn document(data: &ReportData<'_>, beside: &Beside) -> (String, Value) {
    let mut out = Vec::new();
    betten(data, beside, &mut out).unwrap();
    let text = String::from_utf8(out).unwrap();
    let value = serde_json::from_str(&text).unwrap();
    (text, value)
}

pub fn workbook(data: &ReportData<'_>, beside: &Beside, lang: Lang) -> Vec<u8> {
    let mut out = Vec::new();
    xlsx(data, beside, lang, &mut out).unwrap();
    out
}

/// The rows of a sheet as text.
pub fn rows(book: &[u8], sheet: &str) -> Vec<Vec<Data>> {
    let mut book: Xlsx<_> = open_workbook_from_rs(Cursor::new(book)).unwrap();
    let range = book.worksheet_range(sheet).unwrap();
    range.rows().map(<[Data]>::to_vec).collect()
}

/// The rows below the heads, of which the first is `head`.
pub fn below(book: &[u8], sheet: &str, head: &str) -> Vec<Vec<Data>> {
    let all = rows(book, sheet);
    let at = all.iter().position(|r| r[0] == Data::String(head.into()));
    all[at.unwrap() + 1..].to_vec()
}

fn schema() -> jsonschema::Validator {
    let schema = include_str!("../../schemas/betten.json");
    let schema: Value = serde_json::from_str(schema).unwrap();
    jsonschema::draft202012::meta::validate(&schema).unwrap();
    jsonschema::draft202012::new(&schema).unwrap()
}

#[test]
fn the_appendix_is_as_before_and_as_its_schema_says() {
    let (s, schema) = (stores(), schema());
    let d = data(&s);
    let empty = Stores {
        gaps: s.gaps.clone(),
        ..Stores::default()
    };
    let none = nothing(&empty);
    for (name, (text, value)) in [
        ("betten.json", document(&d, &beside(&d))),
        ("betten-period.json", document(&d, &over_a_year(&d))),
        (
            "nothing-betten.json",
            document(
                &none,
                &Beside {
                    run_sha256: "1f".repeat(32),
                    ..Beside::default()
                },
            ),
        ),
    ] {
        golden(name, &text);
        let errors = schema.iter_errors(&value);
        let errors: Vec<_> = errors
            .map(|e| format!("{} {e}", e.instance_path()))
            .collect();
        assert!(errors.is_empty(), "{name}: {errors:#?}");
    }
}

#[test]
fn the_schema_refuses_what_is_wrong_and_takes_what_the_audit_body_fills_in() {
    let (s, schema) = (stores(), schema());
    let d = data(&s);
    let (_, good) = document(&d, &over_a_year(&d));
    let mut filled = good.clone();
    filled["controls"][0]["audit"] = json!({
        "verification": {
            "procedure": "A-12", "techniques": ["inspection", "reperformance"],
            "result": "例外なし", "findings": "なし",
        },
        "validation": { "result": "証跡は個別管理策に対応する" },
    });
    assert!(schema.is_valid(&filled));
    for (at, value) in [
        ("/controls/0/state", json!("compliant")),
        ("/controls/0/surprise", json!(1)),
        (
            "/controls/0/audit/verification/techniques",
            json!(["guess"]),
        ),
        ("/controls/0/findings/fail/count", json!(-1)),
        ("/rules/0/population_sha256", json!("abc")),
        ("/counts/findings/unknown", json!(null)),
        ("/run/run_sha256", json!("")),
        ("/period/gaps/0/from", json!("2026-06-01")),
    ] {
        let (parent, member) = at.rsplit_once('/').unwrap();
        let mut bad = good.clone();
        bad.pointer_mut(parent).unwrap()[member] = value;
        assert!(!schema.is_valid(&bad), "{at}");
    }
}

#[test]
fn digests_of_exchanges_can_be_computed_again() {
    let s = stores();
    let d = data(&s);
    let (_, v) = document(&d, &beside(&d));
    for rule in v["rules"].as_array().unwrap() {
        let answers = rule["answers"].as_object().unwrap();
        let mut lines: Vec<String> = answers
            .iter()
            .map(|(x, d)| format!("{x} {}\n", d.as_str().unwrap_or("-")))
            .collect();
        lines.sort();
        let digest = shoseki_model::digest(lines.concat().as_bytes());
        assert_eq!(rule["exchanges_sha256"], digest, "{}", rule["rule"]);
        assert_eq!(rule["exchanges"], answers.len());
        for f in s.findings.iter().filter(|f| rule["rule"] == f.rule) {
            let of = f.observed.iter().flat_map(|o| &o.exchanges);
            assert!(of.clone().count() > 0);
            for x in of {
                let e = s.exchanges.iter().rfind(|e| e.id == *x).unwrap();
                assert_eq!(answers[x], e.answer.as_ref().unwrap().sha256);
            }
        }
    }
}

#[test]
fn a_gap_that_nothing_tells_of_is_an_error_and_no_silence() {
    let s = stores();
    let lost = Stores {
        gaps: s.gaps[1..].to_vec(),
        ..stores()
    };
    let d = data(&lost);
    let b = beside(&d);
    let told = betten(&d, &b, Vec::new()).unwrap_err().to_string();
    assert!(told.contains("no record of the gap g"), "{told}");
    assert!(xlsx(&d, &b, Lang::Ja, Vec::new()).is_err());
}

fn part(book: &[u8], name: &str) -> String {
    let mut zip = zip::ZipArchive::new(Cursor::new(book)).unwrap();
    let mut text = String::new();
    let mut file = zip.by_name(name).unwrap();
    file.read_to_string(&mut text).unwrap();
    text
}

const SHEETS: [&str; 8] = [
    "表紙",
    "管理策",
    "証跡",
    "判定",
    "母集団",
    "ルール別母集団",
    "未確認",
    "例外",
];

#[test]
fn the_workbook_is_one_to_work_in() {
    let s = stores();
    let d = data(&s);
    let book = workbook(&d, &beside(&d), Lang::Ja);
    assert_eq!(book, workbook(&d, &beside(&d), Lang::Ja));
    let read: Xlsx<_> = open_workbook_from_rs(Cursor::new(&book[..])).unwrap();
    assert_eq!(read.sheet_names(), SHEETS);
    for n in 2..=8 {
        let xml = part(&book, &format!("xl/worksheets/sheet{n}.xml"));
        for wanted in [
            "<pane ",
            "state=\"frozen\"",
            "<autoFilter ref=\"A",
            "orientation=\"landscape\"",
            "paperSize=\"9\"",
        ] {
            assert!(xml.contains(wanted), "{n}: {wanted}");
        }
    }
    let controls = part(&book, "xl/worksheets/sheet2.xml");
    for wanted in ["<dataValidation type=\"list\"", "質問,閲覧,観察,再実施"] {
        assert!(controls.contains(wanted), "{wanted}");
    }
    let workbook = part(&book, "xl/workbook.xml");
    assert_eq!(workbook.matches("_xlnm.Print_Titles").count(), 7);
    assert!(part(&book, "xl/styles.xml").contains("Yu Gothic"));
    let heads = rows(&book, "管理策");
    let heads = heads.iter().find(|r| r[0] == *"管理策番号").unwrap();
    let heads: Vec<String> = heads.iter().map(ToString::to_string).collect();
    assert_eq!(heads[22..], ["手続", "技法", "結果", "発見事項", "妥当性"]);
    let cells = below(&book, "管理策", "管理策番号");
    assert!(
        cells
            .iter()
            .all(|r| r[22..].iter().all(|c| *c == Data::Empty))
    );
    // Ids such as 10.1 stay what they are.
    assert!(cells.iter().all(|r| matches!(&r[0], Data::String(_))));
}

#[test]
fn no_text_becomes_a_formula() {
    let mut s = stores();
    let names = [
        "=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "＝1", HOSTILE[1], HOSTILE[2],
    ];
    for (f, name) in s.findings.iter_mut().zip(names) {
        f.resource.name = name.into();
        f.resource.id = name.into();
        f.reason = Text::new(name, name);
    }
    for g in &mut s.gaps {
        g.resource = Some("=cmd|' /C calc'!A0".into());
    }
    let mut d = data(&s);
    for e in &mut d.exceptions {
        e.exception.owner = "=1".into();
    }
    let book = workbook(&d, &beside(&d), Lang::Ja);
    let mut read: Xlsx<_> = open_workbook_from_rs(Cursor::new(&book[..])).unwrap();
    for sheet in SHEETS {
        let formulas = read.worksheet_formula(sheet).unwrap();
        assert!(formulas.used_cells().next().is_none(), "{sheet}");
    }
    let cells = below(&book, "判定", "判定番号");
    for (row, name) in cells.iter().zip(&names[..4]) {
        assert_eq!(row[8], Data::String((*name).into()));
    }
    let all = format!("{cells:?}");
    assert!(!all.contains('\u{1b}') && !all.contains('\u{202e}'));
    let measure = below(&book, "管理策", "管理策番号");
    let measure = measure.iter().find(|r| r[0] == *"10.1.2.9");
    assert_eq!(measure.unwrap()[4], Data::String(FORMULA.into()));
    assert!(part(&book, "xl/styles.xml").contains("quotePrefix=\"1\""));
}

#[test]
fn the_cover_says_what_it_is_and_what_it_is_not() {
    let s = stores();
    let mut d = data(&s);
    d.run.unreached.push(shoseki_report::Unreached {
        target: "210987654321".into(),
        message: "expired".into(),
    });
    for (lang, sheet, wanted) in [
        (
            Lang::Ja,
            "表紙",
            [
                "2026-11-23 01:00:00 UTC (2026-11-23 10:00:00 JST)",
                "不完全な実行である。",
                "到達できなかった",
                "本書が示さないこと",
                "結論は述べない",
                "shoseki 0.1.0",
            ],
        ),
        (
            Lang::En,
            "Cover",
            [
                "2026-11-23 01:00:00 UTC (2026-11-23 10:00:00 JST)",
                "The run is incomplete",
                "not reached",
                "What this workbook does not prove",
                "no conclusion",
                "shoseki 0.1.0",
            ],
        ),
    ] {
        let book = workbook(&d, &over_a_year(&d), lang);
        let cover = format!("{:?}", rows(&book, sheet));
        let more = ["210987654321".into(), "1f".repeat(32), "00".repeat(32)];
        for w in wanted.iter().map(ToString::to_string).chain(more) {
            assert!(cover.contains(&w), "{w}: {cover}");
        }
    }
    let nothing = nothing(&s);
    let cover = format!(
        "{:?}",
        rows(&workbook(&nothing, &Beside::default(), Lang::Ja), "表紙")
    );
    assert!(cover.contains("不完全") || cover.contains("何も読み取れなかった"));
}

/// No cell or member claims a conclusion.
#[test]
fn nothing_of_it_claims_a_conclusion() {
    let s = stores();
    let d = data(&s);
    let mut all = document(&d, &over_a_year(&d)).0;
    for lang in [Lang::Ja, Lang::En] {
        let book = workbook(&d, &over_a_year(&d), lang);
        for n in 1..=8 {
            all += &part(&book, &format!("xl/worksheets/sheet{n}.xml"));
        }
    }
    assert!(!all.contains("適合") && !all.contains("準拠"));
    assert!(!all.to_lowercase().contains("complian"));
}
