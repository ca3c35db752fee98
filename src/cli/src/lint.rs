//! `shoseki lint`.

use crate::args::{Common, Format, LintArgs};
use crate::exit::{Exit, Result};
use crate::packs;
use serde_json::{Value, json};
use shoseki_model::{Diagnostic, ExceptionState, ExceptionUse};
use std::io::IsTerminal;

/// Checks all data files and runs the rules' cases.
pub fn run(common: &Common, args: &LintArgs) -> Result {
    let checked = packs::check(common)?;
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
            crate::terminal::print(&format!("{out}\n"))
        }
        Format::Text => {
            let colour = std::io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none();
            eprint!("{}", packs::render(&errors, &files, colour));
            if !checked.notes.is_empty() {
                eprintln!(
                    "note: no rule moves the standing of {} controls that settings could show; --format json lists them",
                    checked.notes.len()
                );
            }
            if let Some(all) = &exceptions {
                crate::terminal::print(&told(all));
            }
            crate::terminal::print(&format!(
                "{} collectors, {} histories, {} rules, {} controls: {} error(s)\n",
                counts["collectors"],
                counts["histories"],
                counts["rules"],
                counts["controls"],
                errors.len()
            ));
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

/// How many exceptions are in force today, and which are not.
fn told(all: &[ExceptionUse]) -> String {
    let of = |s: ExceptionState| all.iter().filter(move |u| u.state == s);
    let mut out = format!(
        "{} exceptions, {} in force today (Japan)\n",
        all.len(),
        of(ExceptionState::InForce).count()
    );
    for u in of(ExceptionState::Expired) {
        out += &format!("  expired: {} ({})\n", u.exception.id, u.exception.until);
    }
    for u in of(ExceptionState::Future) {
        out += &format!("  not yet: {} ({})\n", u.exception.id, u.exception.from);
    }
    out
}
