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
use shoseki_evidence::seal::{self, About, Opened, Proof, Pseudonyms, SealReport, Trust};
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
    /// Findings that are shown as excepted.
    pub excepted: u64,
}

/// All that was found.
pub struct Verified {
    /// What the seal shows.
    pub seal: SealReport,
    /// What follows from the answers; `None` for a part of a run, from which
    /// nothing can be derived.
    pub derived: Option<Checked>,
    /// What had to be proven, because the user said whom to trust, and is not.
    pub wanted: Vec<About>,
}

impl Verified {
    /// Whether everything that was checked holds.
    pub fn holds(&self) -> bool {
        let derived = self.derived.as_ref().is_none_or(|d| d.report.holds());
        derived && self.seal.worst() != Proof::Broken && self.wanted.is_empty()
    }
}

/// Checks a run and says what was proven.
pub fn run(common: &Common, args: &VerifyArgs) -> Result {
    let told = |e: seal::Error| Failed::data(e.to_string());
    let mut trust = Trust::default();
    let mut wanted = Vec::new();
    if let Some(keys) = &args.trust {
        trust.add_keys(keys).map_err(told)?;
        wanted.push(About::Signature);
    }
    if let Some(roots) = &args.tsa_ca {
        trust.add_roots(roots).map_err(told)?;
        wanted.push(About::TimeStamp);
    }
    if let Some(path) = &args.disclosed {
        let text = std::fs::read_to_string(path)
            .map_err(|e| Failed::usage(format!("{}: {e}", path.display())))?;
        trust.disclosed = Some(text);
    }
    let opened = Opened::open(&args.run).map_err(told)?;
    let seal = opened.check(&trust).map_err(told)?;
    let proven = |a: &About| seal.about(*a).is_some_and(|s| s.proof == Proof::Proven);
    wanted.retain(|a| !proven(a));
    let derived = if seal.part {
        None
    } else {
        let run = Run::open(opened.dir()).map_err(unsound)?;
        let mut checked = check(common, &run)?;
        if seal.redacted {
            set_aside(&run, &mut checked.report)?;
        }
        Some(checked)
    };
    if args.disclosed.is_some() && !seal.redacted {
        return Err(Failed::usage(
            "--disclosed is for redacted runs; nothing is hidden in this one",
        ));
    }
    let verified = Verified {
        seal,
        derived,
        wanted,
    };
    match args.format {
        Format::Json => terminal::print(&statement::json(&verified)),
        Format::Text => {
            terminal::prose(&statement::text(&verified, &args.run, lang::of(common)));
        }
    }
    Ok(if verified.holds() {
        Exit::Ok
    } else {
        Exit::Data
    })
}

/// Values that are hidden may keep a verdict from being derived: that is not
/// proven, and no problem.
fn set_aside(run: &Run, report: &mut Report) -> Result<()> {
    let hidden = Pseudonyms::read(run.dir()).map_err(|e| Failed::data(e.to_string()))?;
    let holds = |bytes: &[u8]| hidden.stand_in(bytes);
    shoseki_replay::set_aside(run, report, &holds).map_err(unsound)
}

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
    if files.keys().any(|p| p.starts_with(packs::JUDGED)) {
        return Err(Failed::data(
            "the run was judged again by rules for other collectors than those that read it; \
             its verdicts cannot be derived again: verify the run as it was scanned",
        ));
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
        excepted: run.file().counts.findings.excepted,
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
    let clouds = select::clouds_of(&info.targets);
    let rules = select::rules(packs, &by).map_err(not_sound)?;
    let rules = select::of_clouds(&rules, &clouds).map_err(not_sound)?;
    if let Some(ask) = crate::backfill::again(run.file(), packs, &rules)? {
        return shoseki_replay::rederive_history(run, crate::clouds::READERS, &ask)
            .map_err(|e| Failed::data(e.to_string()));
    }
    let standings = |tallies: &[_]| {
        let controls = &info.selection.controls;
        select::standings(packs, controls, &clouds, tallies).map_err(|e| e.message)
    };
    let basis = Basis {
        readers: crate::clouds::READERS,
        collectors: &packs.collectors,
        rules: &rules,
        exceptions: &packs.exceptions,
        standings: &standings,
    };
    shoseki_replay::rederive(run, &basis).map_err(|e| Failed::data(e.to_string()))
}

/// Stored data files that differ from those built into this program, or that it
/// does not have.
fn foreign(files: &BTreeMap<String, String>) -> Vec<String> {
    let packs: [(&str, Vec<shoseki_data::File>); 4] = [
        ("history/", shoseki_data::history()),
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
