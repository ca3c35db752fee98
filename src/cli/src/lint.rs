//! `shoseki lint`.

use crate::args::{Common, Format, LintArgs};
use crate::exit::{Exit, Result};
use crate::packs;
use serde_json::json;
use shoseki_model::Diagnostic;
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
    errors.sort();
    let counts = json!({
        "collectors": packs.collectors.iter().count(),
        "rules": packs.rules.len(),
        "controls": packs.mappings.entries().len(),
    });
    match args.format {
        Format::Json => {
            crate::terminal::print(&format!("{}\n", json_of(&errors, &checked.notes, &counts)))
        }
        Format::Text => {
            let colour = std::io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none();
            eprint!("{}", packs::render(&errors, &packs.files, colour));
            if !checked.notes.is_empty() {
                eprintln!(
                    "note: no rule moves the standing of {} controls that settings could show; --format json lists them",
                    checked.notes.len()
                );
            }
            crate::terminal::print(&format!(
                "{} collectors, {} rules, {} controls: {} error(s)\n",
                counts["collectors"],
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

fn json_of(errors: &[Diagnostic], notes: &[Diagnostic], counts: &serde_json::Value) -> String {
    json!({ "errors": errors, "notes": notes, "counts": counts }).to_string()
}
