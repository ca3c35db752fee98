//! The criteria's texts from a workbook of the user's, with invented texts; they
//! stay out of everything that is handed over.

use crate::demo::{run, scan};
use rust_xlsxwriter::{Format, Workbook};
use serde_json::Value;
use std::fs;
use std::path::Path;

/// A word that no other file holds.
const MARK: &str = "架空の本文ZQX";

fn ids() -> Vec<String> {
    let path =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../../mappings/ismap/catalogue-2024-07.json");
    let catalogue: Value = serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap();
    let texts = ["requirement", "objective", "detailed"];
    let all = catalogue["controls"].as_array().unwrap().iter();
    all.filter(|c| texts.contains(&c["kind"].as_str().unwrap()))
        .map(|c| c["id"].as_str().unwrap().to_owned())
        .collect()
}

fn wide(id: &str) -> String {
    let one = |c: char| match c {
        '!'..='~' => char::from_u32(u32::from(c) + 0xfee0).unwrap(),
        c => c,
    };
    id.chars().map(one).collect()
}

/// Every id, each chapter in a sheet; heads in the fifth row, objectives merged
/// over their detailed controls, every other id full-width.
fn whole(path: &Path) {
    let mut book = Workbook::new();
    let plain = Format::new();
    let mut sheets: std::collections::BTreeMap<String, Vec<String>> = Default::default();
    for id in ids() {
        let chapter = id.split('.').next().unwrap().to_owned();
        sheets.entry(chapter).or_default().push(id);
    }
    for (chapter, ids) in &sheets {
        let sheet = book.add_worksheet();
        sheet.set_name(format!("第{chapter}章")).unwrap();
        sheet.write(0, 0, "管理基準(架空)").unwrap();
        for (c, head) in [
            (1, "統制目標\n番号"),
            (2, "統制目標"),
            (3, "Ｎｏ．"),
            (4, "詳細管理策"),
        ] {
            sheet.write(4, c, head).unwrap();
        }
        let mut row = 5;
        let numbers = |id: &str| id.split('.').filter(|p| p.parse::<u32>().is_ok()).count();
        let mut at = 0;
        while at < ids.len() {
            let text = |id: &str| format!("  {MARK} {id}\r\n二行目 ");
            if numbers(&ids[at]) != 3 {
                sheet.write(row, 3, &ids[at]).unwrap();
                sheet.write(row, 4, text(&ids[at])).unwrap();
                (row, at) = (row + 1, at + 1);
                continue;
            }
            let below = ids[at + 1..].iter().take_while(|i| numbers(i) != 3).count() as u32;
            let objective = wide(&ids[at]);
            if below > 1 {
                let last = row + below - 1;
                sheet
                    .merge_range(row, 1, last, 1, &objective, &plain)
                    .unwrap();
                sheet
                    .merge_range(row, 2, last, 2, &text(&ids[at]), &plain)
                    .unwrap();
            } else {
                sheet.write(row, 1, &objective).unwrap();
                sheet.write(row, 2, text(&ids[at])).unwrap();
            }
            for id in &ids[at + 1..at + 1 + below as usize] {
                let written = if row % 2 == 0 { wide(id) } else { id.clone() };
                sheet.write(row, 3, written).unwrap();
                sheet.write(row, 4, text(id)).unwrap();
                row += 1;
            }
            row += u32::from(below == 0);
            at += 1 + below as usize;
        }
    }
    book.save(path).unwrap();
}

#[test]
fn a_whole_workbook_gives_every_text() {
    let home = tempfile::tempdir().unwrap();
    whole(&home.path().join("criteria.xlsx"));
    let e = run(
        home.path(),
        &["catalogue", "import", "criteria.xlsx", "--format", "json"],
    );
    assert_eq!(e.code, 0, "{}{}", e.out, e.err);
    let path = home.path().join(".local/share/shoseki/texts-2024-07.json");
    let file: Value = serde_json::from_str(&fs::read_to_string(&path).unwrap()).unwrap();
    for id in ids() {
        assert_eq!(file["texts"][&id], format!("{MARK} {id}\n二行目"), "{id}");
    }
    let texts = path.to_str().unwrap();
    let shown = run(
        home.path(),
        &["controls", "show", "9.4.2.2.B", "--texts", texts],
    );
    assert!(
        shown.out.contains(&format!("{MARK} 9.4.2.2.B")),
        "{}",
        shown.out
    );
    let plain = run(home.path(), &["controls", "show", "9.4.2.2.B"]);
    assert!(!plain.out.contains(MARK));
    let edition = fs::read_to_string(&path)
        .unwrap()
        .replace("\"2024-07\"", "\"2020-01\"");
    fs::write(home.path().join("old.json"), edition).unwrap();
    let old = run(
        home.path(),
        &["controls", "show", "9.4.2.2.B", "--texts", "old.json"],
    );
    assert_eq!(old.code, 7, "{}", old.err);
}

#[test]
fn what_is_not_clear_is_told_with_its_cell() {
    let home = tempfile::tempdir().unwrap();
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    sheet.set_name("一覧").unwrap();
    sheet.write(2, 1, "管理策番号").unwrap();
    sheet.write(2, 2, "管理策の内容").unwrap();
    let date = Format::new().set_num_format("yyyy/m/d");
    for (row, (id, text)) in (3..).zip([
        ("9.4.2.2.B", "甲"),
        ("9.4.2.2.Z", "乙"),
        ("10.1.2.9", "丙"),
        ("１０．１．２．９", "丁"),
        ("9.2.1.1", ""),
        ("9.4.2.2", "甲"),
        ("注", "戊"),
    ]) {
        sheet.write(row, 1, id).unwrap();
        sheet.write(row, 2, text).unwrap();
    }
    sheet
        .write_number_with_format(10, 1, 45000.0, &date)
        .unwrap();
    sheet.write(10, 2, "己").unwrap();
    book.save(home.path().join("a.xlsx")).unwrap();
    let args = [
        "catalogue",
        "import",
        "a.xlsx",
        "--out",
        "t.json",
        "--format",
        "json",
    ];
    let e = run(home.path(), &args);
    assert_eq!(e.code, 4, "{}", e.err);
    let told: Value = serde_json::from_str(&e.out).unwrap();
    let problems: Vec<String> = told["problems"]
        .as_array()
        .unwrap()
        .iter()
        .map(|p| {
            format!(
                "{} {} {}",
                p["sheet"].as_str().unwrap(),
                p["cell"].as_str().unwrap(),
                p["kind"].as_str().unwrap()
            )
        })
        .collect();
    let expected = [
        "一覧 B5 unknown",
        "一覧 B7 duplicate",
        "一覧 B8 empty",
        "一覧 B11 date",
    ];
    assert_eq!(problems, expected);
    assert_eq!(told["texts"], 1);
    assert_eq!(told["missing"].as_array().unwrap().len(), ids().len() - 1);
    let text = run(
        home.path(),
        &[
            "catalogue",
            "import",
            "a.xlsx",
            "--out",
            "t.json",
            "--lang",
            "ja",
        ],
    );
    assert!(
        text.out.contains("一覧!B7: 10.1.2.9 は 一覧!B6 にもあり"),
        "{}",
        text.out
    );
}

#[test]
fn what_is_no_criteria_is_refused() {
    let home = tempfile::tempdir().unwrap();
    let mut book = Workbook::new();
    book.add_worksheet().write(0, 0, "x").unwrap();
    book.save(home.path().join("other.xlsx")).unwrap();
    fs::write(home.path().join("broken.xlsx"), b"PK\x03\x04 no workbook").unwrap();
    for (file, code) in [("other.xlsx", 7), ("broken.xlsx", 7), ("none.xlsx", 2)] {
        let e = run(
            home.path(),
            &["catalogue", "import", file, "--out", "t.json"],
        );
        assert_eq!(e.code, code, "{file}: {}", e.err);
        assert!(e.err.contains(file), "{}", e.err);
        assert!(!home.path().join("t.json").exists());
    }
}

/// Everything below a folder, unpacked.
fn holds(dir: &Path, text: &str) -> Option<String> {
    for e in fs::read_dir(dir).unwrap() {
        let path = e.unwrap().path();
        if path.is_dir() {
            if let Some(found) = holds(&path, text) {
                return Some(found);
            }
            continue;
        }
        let mut bytes = fs::read(&path).unwrap();
        if bytes.starts_with(&[0x28, 0xb5, 0x2f, 0xfd]) {
            bytes = zstd::decode_all(&bytes[..]).unwrap();
        }
        if bytes.windows(text.len()).any(|w| w == text.as_bytes()) {
            return Some(path.display().to_string());
        }
    }
    None
}

#[test]
fn texts_go_into_nothing_that_is_handed_over() {
    let home = tempfile::tempdir().unwrap();
    whole(&home.path().join("criteria.xlsx"));
    // Where a user keeps it, and where nothing takes it from by itself.
    assert_eq!(
        run(home.path(), &["catalogue", "import", "criteria.xlsx"]).code,
        0
    );
    let kept = home.path().join(".local/share/shoseki/texts-2024-07.json");
    let texts = kept.to_str().unwrap();
    let dir = scan(home.path());
    let before = fs::read_dir(&dir).unwrap().count();
    let report = |args: &[&str]| {
        run(
            home.path(),
            &[&["report", "run", "--texts", texts], args].concat(),
        )
    };
    assert_eq!(report(&[]).code, 2);
    assert_eq!(report(&["--out", "run/report.html"]).code, 2);
    assert_eq!(report(&["--out", "run/x/report.html"]).code, 2);
    assert_eq!(report(&["--out", "r.json", "--format", "json"]).code, 2);
    let into = run(
        home.path(),
        &[
            "catalogue",
            "import",
            "criteria.xlsx",
            "--out",
            "run/t.json",
        ],
    );
    assert_eq!(into.code, 2, "{}", into.err);
    assert_eq!(fs::read_dir(&dir).unwrap().count(), before);
    let made = report(&["--out", "with-texts.html"]);
    assert_eq!(made.code, 0, "{}", made.err);
    let page = fs::read_to_string(home.path().join("with-texts.html")).unwrap();
    assert!(page.contains(&format!("{MARK} 9.4.2.2.B<br>二行目")));
    fs::remove_file(home.path().join("with-texts.html")).unwrap();
    // All else that can be made of the run.
    for args in [
        &["judge", "run", "--out", "again"][..],
        &["report", "run", "--format", "html"],
        &["report", "run", "--format", "json", "--out", "r.json"],
        &["ledger", "add", "run", "--ledger", "ledger"],
        &[
            "sample",
            "run",
            "--control",
            "9.4.2.2.B",
            "--size",
            "5",
            "--seed",
            "1",
            "--out",
            "s",
        ],
    ] {
        let e = run(home.path(), args);
        assert!([0, 3, 4, 5].contains(&e.code), "{args:?}: {}", e.err);
    }
    fs::write(home.path().join("pass.sh"), seal()).unwrap();
    crate::demo::sh(
        home.path(),
        "bash pass.sh",
        &[("SHOSEKI", env!("CARGO_BIN_EXE_shoseki"))],
    );
    assert!(home.path().join("run.tar.zst").exists());
    fs::remove_file(&kept).unwrap();
    fs::remove_file(home.path().join("criteria.xlsx")).unwrap();
    assert_eq!(holds(home.path(), MARK), None);
}

fn seal() -> &'static str {
    "export P=secret\n\
     $SHOSEKI keygen --out key --passphrase-env P\n\
     $SHOSEKI seal run --key key --passphrase-env P\n\
     $SHOSEKI bundle run --out run.tar.zst\n"
}
