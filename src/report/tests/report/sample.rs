//! Samples, read back by somebody else's reader.

use crate::fixture::{ACCOUNT, data, stores};
use calamine::{Data, Reader, Xlsx, open_workbook_from_rs};
use shoseki_model::{Lang, Sight, Text};
use shoseki_report::population::{Known, PopulationReport, ReachState, ScopePopulation};
use shoseki_report::sample::{Draw, DrawnRule, Item, SampleData, csv, xlsx};
use std::io::{Cursor, Read as _};

/// What strangers may call a thing so that a spreadsheet obeys.
const FORMULAS: [&str; 6] = [
    "=cmd|' /C calc'!A0",
    "+1+1",
    "-2+3",
    "@SUM(A1)",
    "\t=1+1",
    "＝HYPERLINK(\"http://evil\")",
];

fn sample(complete: bool) -> SampleData {
    let stores = stores();
    let base = data(&stores);
    let mut findings = stores.findings.clone();
    for (f, name) in findings.iter_mut().zip(FORMULAS) {
        f.resource.name = name.into();
        f.resource.id = name.into();
        f.reason = Text::new(name, name);
        for o in &mut f.observed {
            o.path = name.into();
        }
    }
    let rule = findings[0].rule.clone();
    let items = findings.iter().zip(1..).map(|(f, place)| Item {
        draw: 0,
        place,
        key: shoseki_model::digest(f.id.as_bytes()),
        scope: "global".into(),
        complete,
        title: Text::new("暗号化", "encryption"),
        finding: f.clone(),
        exchanges: stores.exchanges.iter().take(2).cloned().collect(),
        folder: format!("evidence/{}", f.id),
    });
    let tally = base.tallies[0].clone();
    SampleData {
        items: items.collect(),
        run_sha256: "00".repeat(32),
        targets: base.targets.clone(),
        seed: "=1".into(),
        with_not_applicable: false,
        draws: vec![Draw {
            selector: "10.1.2.9".into(),
            label: Text::new("鍵の更新", "Key rotation"),
            rules: vec![DrawnRule {
                rule,
                title: Text::default(),
            }],
            context: Vec::new(),
            rules_not_run: Vec::new(),
            population: 7,
            not_applicable: 1,
            frame: 6,
            asked: 25,
            drawn: 6,
            scopes_complete: 0,
            scopes: 1,
            complete,
            sha256: "ab".repeat(32),
        }],
        population: PopulationReport {
            run: "run".into(),
            started: base.run.started.clone(),
            ended: base.run.started.clone(),
            complete,
            members: 7,
            sha256: "cd".repeat(32),
            rules_not_run: Vec::new(),
            regions_known: true,
            known: vec![Known {
                account: ACCOUNT.into(),
                region: "global".into(),
                state: ReachState::Partly,
                complete: 0,
                populations: 1,
                why: String::new(),
            }],
            scopes: vec![ScopePopulation {
                tally,
                title: Text::default(),
                query: stores.exchanges.iter().take(1).cloned().collect(),
                why: stores.gaps.iter().take(1).cloned().collect(),
                sha256: "ef".repeat(32),
            }],
        },
        run: base.run,
    }
}

fn workbook(data: &SampleData, lang: Lang) -> Vec<u8> {
    let mut out = Cursor::new(Vec::new());
    xlsx(data, lang, &mut out).unwrap();
    out.into_inner()
}

fn cells(book: &[u8], sheet: &str) -> Vec<Vec<Data>> {
    let mut book: Xlsx<_> = open_workbook_from_rs(Cursor::new(book)).unwrap();
    let range = book.worksheet_range(sheet).unwrap();
    range.rows().map(<[Data]>::to_vec).collect()
}

#[test]
fn a_workbook_reads_back_and_holds_no_formula() {
    let data = sample(true);
    let book = workbook(&data, Lang::Ja);
    let rows = cells(&book, "標本");
    assert_eq!(rows.len(), data.items.len() + 1);
    assert_eq!(rows[0].len(), 22);
    let heads: Vec<String> = rows[0].iter().map(ToString::to_string).collect();
    assert_eq!(heads[18..], ["監査手続番号", "技法", "結果", "発見事項"]);
    let ids = |column: usize| -> Vec<&Data> { rows[1..].iter().map(|r| &r[column]).collect() };
    for (item, (id, account)) in data.items.iter().zip(ids(2).into_iter().zip(ids(8))) {
        assert_eq!(id, &Data::String(item.finding.id.clone()));
        assert_eq!(
            account,
            &Data::String(item.finding.resource.account.clone())
        );
    }
    // A control sequence is shown, the rest stands as it is: as text.
    assert_eq!(rows[1][7], Data::String(FORMULAS[0].into()));
    assert!(
        rows[1..]
            .iter()
            .all(|r| r[18..].iter().all(|c| *c == Data::Empty))
    );
    let mut open: Xlsx<_> = open_workbook_from_rs(Cursor::new(&book[..])).unwrap();
    for sheet in ["表紙", "標本", "母集団", "到達状況"] {
        let formulas = open.worksheet_formula(sheet).unwrap();
        assert!(formulas.used_cells().next().is_none(), "{sheet}");
    }
    let cover = format!("{:?}", cells(&book, "表紙"));
    for wanted in ["\"=1\"", "10.1.2.9", "SHA-256(乱数の種"] {
        assert!(cover.contains(wanted), "{wanted}: {cover}");
    }
    assert!(!cover.contains("警告"));
}

#[test]
fn a_workbook_has_what_auditors_work_with() {
    let book = workbook(&sample(true), Lang::Ja);
    let xml = part(&book, "xl/worksheets/sheet2.xml");
    for wanted in [
        "<pane ",
        "state=\"frozen\"",
        "<autoFilter ref=\"A1:V",
        "<dataValidation type=\"list\"",
        "質問,閲覧,観察,再実施",
        "<pageSetup",
    ] {
        assert!(xml.contains(wanted), "{wanted}");
    }
    assert!(part(&book, "xl/workbook.xml").contains("_xlnm.Print_Titles"));
    let styles = part(&book, "xl/styles.xml");
    assert!(styles.contains("Yu Gothic") && styles.contains("quotePrefix=\"1\""));
    assert_eq!(book, workbook(&sample(true), Lang::Ja));
}

fn part(book: &[u8], name: &str) -> String {
    let mut zip = zip::ZipArchive::new(Cursor::new(book)).unwrap();
    let mut text = String::new();
    zip.by_name(name)
        .unwrap()
        .read_to_string(&mut text)
        .unwrap();
    text
}

#[test]
fn a_population_that_is_not_whole_is_said_on_every_page_and_line() {
    for (lang, warning, cover, sheet) in [
        (Lang::Ja, "警告: 母集団は完全ではない", "表紙", "標本"),
        (
            Lang::En,
            "WARNING: the population is not whole",
            "Cover",
            "Sample",
        ),
    ] {
        let data = sample(false);
        let book = workbook(&data, lang);
        for s in [cover, sheet] {
            let all = format!("{:?}", cells(&book, s));
            assert!(all.contains(warning), "{s}: {all}");
        }
        let mut out = Vec::new();
        csv(&data, lang, false, &mut out).unwrap();
        let text = String::from_utf8(out).unwrap();
        let mut reader = ::csv::Reader::from_reader(text.as_bytes());
        let not_whole = ["不完全", "not whole"];
        for r in reader.records() {
            assert!(not_whole.contains(&&r.unwrap()[11]));
        }
    }
}

#[test]
fn the_csv_is_rfc_4180_and_holds_no_formula() {
    let data = sample(true);
    let mut out = Vec::new();
    csv(&data, Lang::En, true, &mut out).unwrap();
    let text = String::from_utf8(out).unwrap();
    let text = text.strip_prefix('\u{feff}').unwrap();
    assert!(
        text.lines()
            .next()
            .unwrap()
            .starts_with("Drawn for,Place,Finding,")
    );
    assert!(text.contains("\r\n"));
    let mut reader = ::csv::Reader::from_reader(text.as_bytes());
    let rows: Vec<_> = reader.records().map(Result::unwrap).collect();
    assert_eq!(rows.len(), data.items.len());
    for (row, name) in rows.iter().zip(FORMULAS) {
        assert_eq!(row[7], format!("'{name}"));
        assert!(
            row.iter()
                .all(|c| !c.starts_with(['=', '+', '-', '@', '\t', '＝']))
        );
    }
    let absent = data
        .items
        .iter()
        .find(|i| i.finding.observed.iter().any(|o| o.sight == Sight::Absent));
    assert!(absent.is_some(), "the fixture shows an absent value");
}
