//! `shoseki verify RUN`: what a stored run proves, offline.

mod statement;
#[cfg(test)]
mod tests;

use crate::args::{Common, Format, Selection, VerifyArgs};
use crate::exit::{Exit, Failed, Result};
use crate::packs::{self, Packs};
use crate::stored::unsound;
use crate::{lang, select, terminal};
use shoseki_evidence::Run;
use shoseki_replay::{Basis, Report};
use std::collections::BTreeMap;

/// What was found of a run.
pub struct Checked {
    /// The derivation.
    pub report: Report,
    /// Stored data files that are not those of this program.
    pub own: Vec<String>,
    /// Stored data files in all.
    pub files: usize,
}

/// Checks a run and says what was proven.
pub fn run(common: &Common, args: &VerifyArgs) -> Result {
    let run = Run::open(&args.run).map_err(unsound)?;
    if args.run.join(SEAL).exists() {
        return Err(Failed::data(format!(
            "{}: the run carries a seal, which this version cannot check",
            args.run.display()
        )));
    }
    if args.trust.is_some() || args.tsa_ca.is_some() {
        return Err(Failed::data(format!(
            "{}: the run carries no seal, so that nothing can be checked against --trust or \
             --tsa-ca",
            args.run.display()
        )));
    }
    let checked = check(common, &run)?;
    let text = match args.format {
        Format::Json => statement::json(&checked),
        Format::Text => statement::text(&checked, &args.run, lang::of(common)),
    };
    terminal::print(&text);
    Ok(if checked.report.holds() {
        Exit::Ok
    } else {
        Exit::Data
    })
}

/// The signature of a sealed run.
const SEAL: &str = "seal.dsse.json";

/// Derives a run again with the data files that are stored in it.
pub fn check(common: &Common, run: &Run) -> Result<Checked> {
    let mut files = BTreeMap::new();
    for f in run.pack().map_err(unsound)? {
        let f = f.map_err(unsound)?;
        if files.insert(f.path.clone(), f.text).is_some() {
            return Err(Failed::data(format!(
                "pack.jsonl.zst: {} is there twice",
                f.path
            )));
        }
    }
    let own = foreign(&files);
    let count = files.len();
    let mut common = common.clone();
    common.edition.clone_from(&run.file().info.edition);
    let packs = packs::from_stored(&common, files)?;
    Ok(Checked {
        report: derive(run, &packs)?,
        own,
        files: count,
    })
}

fn derive(run: &Run, packs: &Packs) -> Result<Report> {
    let info = &run.file().info;
    let by = Selection {
        rules: info
            .selection
            .rules
            .iter()
            .flat_map(|r| r.split(','))
            .map(str::to_owned)
            .collect(),
        controls: info.selection.controls.clone(),
    };
    let not_sound = |e: Failed| Failed::data(format!("run.json: selection: {}", e.message));
    let rules = select::rules(packs, &by).map_err(not_sound)?;
    let standings = |tallies: &[_]| {
        select::standings(packs, &info.selection.controls, tallies).map_err(|e| e.message)
    };
    let basis = Basis {
        collectors: &packs.collectors,
        rules: &rules,
        standings: &standings,
    };
    shoseki_replay::rederive(run, &basis).map_err(|e| Failed::data(e.to_string()))
}

/// Stored data files that differ from those built into this program, or that it
/// does not have.
fn foreign(files: &BTreeMap<String, String>) -> Vec<String> {
    let packs: [(&str, Vec<shoseki_data::File>); 3] = [
        ("collectors/", shoseki_data::collectors()),
        ("rules/", shoseki_data::rules()),
        ("mappings/", shoseki_data::mappings()),
    ];
    let built_in: BTreeMap<String, String> = packs
        .into_iter()
        .flat_map(|(folder, list)| {
            list.into_iter()
                .map(move |f| (format!("{folder}{}", f.path), f.text))
        })
        .collect();
    files
        .iter()
        .filter(|(path, text)| built_in.get(*path) != Some(*text))
        .map(|(path, _)| path.clone())
        .collect()
}
