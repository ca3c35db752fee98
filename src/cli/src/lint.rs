//! `shoseki lint`.

use crate::args::{Common, Format, LintArgs};
use crate::exit::{Exit, Result};
use crate::{lang, packs, terminal};
use serde_json::{Value, json};
use shoseki_model::{Diagnostic, ExceptionState, ExceptionUse, Lang};

/// Checks all data files and runs the rules' cases.
pub fn run(common: &Common, args: &LintArgs) -> Result {
    let checked = packs::check(common)?;
    let lang = lang::of(common);
    let packs = &checked.packs;
    let mut errors = checked.errors;
    errors.extend(packs.rules.run_cases().into_iter().map(|mut d| {
        d.file.insert_str(0, "rules/");
        d
    }));
    let mut files = packs.files.clone();
    let mut exceptions = None;
    if let Some(path) = &args.exceptions {
        let file = path.display().to_string();
        let text = packs::read(path)?;
        match packs.read_exceptions(&file, &text) {
            Ok(found) => exceptions = Some(found.uses(jiff::Timestamp::now())),
            Err(all) => errors.extend(all),
        }
        files.insert(file, text);
    }
    errors.sort();
    let counts = json!({
        "collectors": packs.collectors.iter().count(),
        "histories": packs.histories.iter().count(),
        "rules": packs.rules.len(),
        "controls": packs.mappings.entries().len(),
    });
    match args.format {
        Format::Json => {
            let mut out = json_of(&errors, &checked.notes, &counts);
            if let Some(all) = &exceptions {
                out["exceptions"] = json!(all);
            }
            terminal::print(&format!("{out}\n"))
        }
        Format::Text => {
            let colour = terminal::colour_of_errors();
            eprint!("{}", packs::render(&errors, &files, colour));
            if !checked.notes.is_empty() {
                terminal::note(common, &left(checked.notes.len(), lang));
            }
            if let Some(all) = &exceptions {
                terminal::print(&told(all, lang));
            }
            if !common.quiet || !errors.is_empty() {
                terminal::print(&sums(&counts, errors.len(), lang));
            }
        }
    }
    Ok(if errors.is_empty() {
        Exit::Ok
    } else {
        Exit::Data
    })
}

fn json_of(errors: &[Diagnostic], notes: &[Diagnostic], counts: &serde_json::Value) -> Value {
    json!({ "errors": errors, "notes": notes, "counts": counts })
}

/// Controls that no rule speaks of yet.
fn left(n: usize, lang: Lang) -> String {
    match lang {
        Lang::Ja => format!(
            "注: 設定で確認し得る管理策のうち、状態を左右するルールがまだないもの {n} 件。\n    --format json で一覧する。"
        ),
        Lang::En => format!(
            "note: no rule moves the standing of {n} controls that settings could show;\n      --format json lists them"
        ),
    }
}

/// What was checked, and how many errors there are.
fn sums(counts: &Value, errors: usize, lang: Lang) -> String {
    let of = |name: &str| counts[name].to_string();
    let (c, h) = (of("collectors"), of("histories"));
    let (r, m) = (of("rules"), of("controls"));
    match lang {
        Lang::Ja => {
            format!("収集定義 {c}、履歴の対応 {h}、ルール {r}、管理策 {m}: 誤り {errors} 件\n")
        }
        Lang::En => {
            format!("{c} collectors, {h} histories, {r} rules, {m} controls: {errors} error(s)\n")
        }
    }
}

/// How many exceptions are in force today, and which are not.
fn told(all: &[ExceptionUse], lang: Lang) -> String {
    let of = |s: ExceptionState| all.iter().filter(move |u| u.state == s);
    let (n, now) = (all.len(), of(ExceptionState::InForce).count());
    let (expired, future) = match lang {
        Lang::Ja => ("期限切れ", "開始前"),
        Lang::En => ("expired", "not yet"),
    };
    let mut out = match lang {
        Lang::Ja => format!("承認済み例外 {n} 件、うち本日(日本時間)有効 {now} 件\n"),
        Lang::En => format!("{n} exceptions, {now} in force today (Japan)\n"),
    };
    for u in of(ExceptionState::Expired) {
        out += &format!("  {expired}: {} ({})\n", u.exception.id, u.exception.until);
    }
    for u in of(ExceptionState::Future) {
        out += &format!("  {future}: {} ({})\n", u.exception.id, u.exception.from);
    }
    out
}
