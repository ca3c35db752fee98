//! `ledger`, `period` and `diff` on the command line.

use crate::demo::{Ended, run, scan};
use serde_json::Value;
use std::fs;
use std::path::{Path, PathBuf};

const PERIOD: [&str; 7] = [
    "period",
    "--ledger",
    "l",
    "--from",
    "2020-01-01",
    "--to",
    "2099-12-31",
];

fn json(e: &Ended, code: i32) -> Value {
    assert_eq!(e.code, code, "{}{}", e.out, e.err);
    serde_json::from_str(&e.out).unwrap()
}

/// A copy of a run in which the first finding that passed is a failure, made
/// later: its run.json says so in every digest, so that it is a run of its own.
fn later(run: &Path, to: &Path) -> String {
    copy(run, to);
    let file = to.join("findings.jsonl.zst");
    let text = zstd::decode_all(&fs::read(&file).unwrap()[..]).unwrap();
    let text = String::from_utf8(text).unwrap();
    let (pass, fail) = ("\"verdict\":\"pass\"", "\"verdict\":\"fail\"");
    let line = text.lines().find(|l| l.contains(pass)).unwrap();
    let finding: Value = serde_json::from_str(line).unwrap();
    let changed = text.replacen(line, &line.replace(pass, fail), 1);
    let packed = zstd::encode_all(changed.as_bytes(), 3).unwrap();
    fs::write(&file, &packed).unwrap();
    let path = to.join("run.json");
    let mut info: Value = serde_json::from_str(&fs::read_to_string(&path).unwrap()).unwrap();
    for name in ["started", "ended", "judged_at"] {
        let at: String = info[name].as_str().unwrap().into();
        info[name] = format!("2098{}", &at[4..]).into();
    }
    for f in info["files"].as_array_mut().unwrap() {
        if f["path"] == "findings.jsonl.zst" {
            f["bytes"] = packed.len().into();
            f["sha256"] = shoseki_model::digest(&packed).into();
        }
    }
    fs::write(&path, format!("{info:#}\n")).unwrap();
    finding["id"].as_str().unwrap().to_owned()
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for e in fs::read_dir(from).unwrap() {
        let path = e.unwrap().path();
        let target = to.join(path.file_name().unwrap());
        match path.is_dir() {
            true => copy(&path, &target),
            false => drop(fs::copy(&path, &target).unwrap()),
        }
    }
}

fn two_runs(home: &Path) -> (PathBuf, PathBuf, String) {
    let first = scan(home);
    let second = home.join("later");
    let id = later(&first, &second);
    (first, second, id)
}

#[test]
fn runs_are_added_listed_and_checked() {
    let home = tempfile::tempdir().unwrap();
    let (first, second, _) = two_runs(home.path());
    let go = |args: &[&str]| run(home.path(), &[args, &["--ledger", "l"]].concat());
    let told = go(&["ledger", "add", "run", "later", "--format", "json"]);
    assert_eq!(told.code, 0, "{}", told.err);
    let added: Vec<Value> = told
        .out
        .lines()
        .map(|l| serde_json::from_str(l).unwrap())
        .collect();
    assert_eq!(added.len(), 2);
    assert!(added.iter().all(|a| a["new"] == true));
    assert_eq!(added[0]["entry"]["head"], added[1]["entry"]["previous"]);
    let again = json(&go(&["ledger", "add", "run", "--format", "json"]), 0);
    assert_eq!(
        (&again["new"], &again["entry"]),
        (&false.into(), &added[0]["entry"])
    );
    let list = json(&go(&["ledger", "list", "--format", "json"]), 0);
    assert_eq!(list[1], added[1]["entry"]);
    let table = go(&["ledger", "list", "--lang", "ja"]);
    let head = added[1]["entry"]["head"].as_str().unwrap();
    assert!(
        table.out.contains("最新の先頭値") && table.out.contains(head),
        "{}",
        table.out
    );
    let noted = added[0]["entry"]["head"].as_str().unwrap();
    let runs = home.path().to_str().unwrap();
    let check = json(
        &go(&[
            "ledger", "check", "--head", noted, "--runs", runs, "--format", "json",
        ]),
        0,
    );
    assert_eq!(
        (&check["entries"], &check["noted_at"]),
        (&2.into(), &1.into())
    );
    let unsaid = go(&["ledger", "check"]);
    assert!(unsaid.out.contains("is not checked"), "{}", unsaid.out);
    // A head that was never there.
    let wrong = "0".repeat(64);
    let check = json(
        &go(&["ledger", "check", "--head", &wrong, "--format", "json"]),
        7,
    );
    assert_eq!(check["problems"].as_array().unwrap().len(), 1);
    // A run that was changed after it was added.
    let path = first.join("run.json");
    fs::write(&path, fs::read_to_string(&path).unwrap() + " ").unwrap();
    let check = go(&["ledger", "check", "--runs", runs]);
    assert_eq!(check.code, 7, "{}", check.out);
    assert!(check.out.contains("#1"), "{}", check.out);
    drop(second);
}

#[test]
fn a_ledger_that_was_cut_or_changed_is_found() {
    let home = tempfile::tempdir().unwrap();
    two_runs(home.path());
    let go = |args: &[&str]| run(home.path(), &[args, &["--ledger", "l"]].concat());
    let added = go(&["ledger", "add", "run", "later", "--format", "json"]);
    let last: Value = serde_json::from_str(added.out.lines().last().unwrap()).unwrap();
    let head = last["entry"]["head"].as_str().unwrap();
    let file = home.path().join("l/ledger.sqlite");
    let whole = fs::read(&file).unwrap();
    // The file ends early.
    fs::write(&file, &whole[..whole.len() / 2]).unwrap();
    for e in [go(&["ledger", "check"]), run(home.path(), &PERIOD)] {
        assert_eq!(e.code, 7, "{}{}", e.out, e.err);
        assert!(e.err.contains("cut or damaged"), "{}", e.err);
    }
    fs::write(&file, b"no database").unwrap();
    let e = go(&["ledger", "list"]);
    assert_eq!(e.code, 7, "{}", e.err);
    // The newest entry is taken away as if it had never been: only the noted head
    // tells.
    fs::remove_file(&file).unwrap();
    assert_eq!(go(&["ledger", "add", "run"]).code, 0);
    assert_eq!(go(&["ledger", "check"]).code, 0);
    let e = go(&["ledger", "check", "--head", head]);
    assert_eq!(e.code, 7, "{}", e.out);
    assert!(e.out.contains("entries were taken away"), "{}", e.out);
}

#[test]
fn the_report_of_a_scan_shows_the_runs_before_it() {
    let home = tempfile::tempdir().unwrap();
    let go = |out: &str| {
        let args = ["scan", "--demo", "--out", out, "--ledger", "l"];
        let e = run(home.path(), &args);
        let page = fs::read_to_string(home.path().join(out).join("report.html")).unwrap();
        (e, page)
    };
    let rows = |page: &str| {
        let numbers = page.split("id=\"trend\"").nth(1)?;
        let numbers = numbers.split("</table>").next()?;
        Some(numbers.matches("<tr><td>").count())
    };
    let (first, page) = go("one");
    assert_eq!((first.code, rows(&page)), (0, None), "{}", first.err);
    let (second, page) = go("two");
    assert_eq!((second.code, rows(&page)), (0, Some(2)), "{}", second.err);
    assert!(page.contains("<code>one</code>") && page.contains("<code>two</code>"));
    // A ledger that cannot be read costs neither the run nor its report.
    let file = home.path().join("l/ledger.sqlite");
    let whole = fs::read(&file).unwrap();
    let damaged = &whole[..whole.len() / 2];
    fs::write(&file, damaged).unwrap();
    let (third, page) = go("three");
    assert_eq!(third.code, 7, "{}", third.err);
    assert!(third.err.contains("ledger"), "{}", third.err);
    assert!(page.contains("The ledger could not be read: no trend is shown."));
    assert_eq!(fs::read(&file).unwrap(), damaged);
    let again = run(home.path(), &["report", "three", "--format", "text"]);
    assert_eq!(again.code, 0, "{}", again.err);
}

#[test]
fn bad_runs_and_bad_words_are_refused() {
    let home = tempfile::tempdir().unwrap();
    let (first, ..) = two_runs(home.path());
    let go = |args: &[&str], code: i32, told: &str| {
        let e = run(home.path(), args);
        assert_eq!(e.code, code, "{args:?}: {}{}", e.out, e.err);
        assert!(e.err.contains(told), "{args:?}: {}", e.err);
    };
    go(
        &["ledger", "list", "--ledger", "none"],
        2,
        "there is no ledger",
    );
    go(
        &["ledger", "check", "--ledger", "none"],
        2,
        "there is no ledger",
    );
    go(&["ledger", "add"], 2, "");
    fs::create_dir(home.path().join("empty")).unwrap();
    go(
        &["ledger", "add", "empty", "--ledger", "l"],
        7,
        "no finished run",
    );
    // A run whose findings are not those that run.json digests.
    let changed = home.path().join("changed");
    copy(&first, &changed);
    let file = changed.join("findings.jsonl.zst");
    let other = fs::read(home.path().join("later/findings.jsonl.zst")).unwrap();
    fs::write(&file, other).unwrap();
    go(
        &["ledger", "add", "changed", "--ledger", "l"],
        7,
        "findings.jsonl.zst",
    );
    go(&["ledger", "add", "later", "--ledger", "l"], 0, "");
    // Time goes one way.
    go(&["ledger", "add", "run", "--ledger", "l"], 7, "");
    let period = |from: &str, to: &str, more: &[&str], told: &str| {
        let args = ["period", "--ledger", "l", "--from", from, "--to", to];
        go(&[&args[..], more].concat(), 2, told);
    };
    period("2026-11-30", "2026-11-01", &[], "before it begins");
    period("yesterday", "2026-11-01", &[], "is no date");
    period(
        "2026-11-01",
        "2026-11-30",
        &["--frequency", "often"],
        "is no length",
    );
    period("2026-11-01", "2026-11-30", &["--tolerance", "-1d"], "");
    period("2026-11-01", "2026-11-30", &["--format", "pdf"], "");
    go(&["diff", "run", "empty"], 7, "no finished run");
    go(&["diff", "run"], 2, "");
}

#[test]
fn a_period_is_told_in_every_form() {
    let home = tempfile::tempdir().unwrap();
    scan(home.path());
    assert_eq!(
        run(home.path(), &["ledger", "add", "run", "--ledger", "l"]).code,
        0
    );
    let form = |format: &str| run(home.path(), &[&PERIOD[..], &["--format", format]].concat());
    let document = json(&form("json"), 0);
    assert_eq!(document["format"], "shoseki.period/1");
    let table = form("csv");
    assert_eq!(table.code, 0, "{}", table.err);
    let records: Vec<&str> = table
        .out
        .lines()
        .skip(1)
        .filter_map(|l| l.split(',').next())
        .collect();
    for wanted in ["scan-gap", "control", "finding"] {
        assert!(records.contains(&wanted), "{wanted}");
    }
    let text = form("text");
    assert!(
        text.out.contains("Scan gap") && text.out.contains("Deviations"),
        "{}",
        text.out
    );
    let japanese = run(home.path(), &[&PERIOD[..], &["--lang", "ja"]].concat());
    assert_eq!(japanese.code, 0);
    assert_ne!(japanese.out, text.out);
    let page = home.path().join("period.html");
    let out = ["--format", "html", "--out", page.to_str().unwrap()];
    let e = run(home.path(), &[&PERIOD[..], &out].concat());
    assert_eq!((e.code, &e.out[..]), (0, ""), "{}", e.err);
    let html = fs::read_to_string(&page).unwrap();
    assert!(html.starts_with("<!DOCTYPE html>") && html.trim_end().ends_with("</html>"));
    let nowhere = ["--out", "no/such/folder/x"];
    assert_eq!(run(home.path(), &[&PERIOD[..], &nowhere].concat()).code, 1);
}

#[test]
fn two_runs_are_compared() {
    let home = tempfile::tempdir().unwrap();
    let (_, _, id) = two_runs(home.path());
    let found = json(
        &run(home.path(), &["diff", "run", "later", "--format", "json"]),
        0,
    );
    assert_eq!(found["format"], "shoseki.diff/1");
    assert!(found.to_string().contains(&id), "{found:#}");
    let text = run(home.path(), &["diff", "run", "later"]);
    assert_eq!(text.code, 0, "{}", text.err);
    assert!(
        text.out.contains("pass") && text.out.contains("fail"),
        "{}",
        text.out
    );
    let same = json(
        &run(home.path(), &["diff", "run", "run", "--format", "json"]),
        0,
    );
    assert!(!same.to_string().contains(&id), "{same:#}");
}
