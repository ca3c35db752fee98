//! `shoseki judge RUN`: the same resources, the rules at hand, no network.

use crate::args::{Common, JudgeArgs};
use crate::exit::{Exit, Failed, Result};
use crate::stored::{self, Stored, unsound};
use crate::{ending, lang, packs, scan};
use shoseki_evidence::Run;
use shoseki_judge::{Judge, Tallies};
use shoseki_model::{Gap, Population};
use std::collections::{HashMap, HashSet};
use std::path::Path;

/// Judges again, in place or in a copy.
pub fn run(common: &Common, args: &JudgeArgs) -> Result {
    let packs = packs::load(common)?;
    let dir = match &args.out {
        Some(out) => {
            copy(&args.run, out)?;
            out.clone()
        }
        None => args.run.clone(),
    };
    let run = Run::open_to_judge(&dir).map_err(unsound)?;
    let info = run.file().info.clone();
    let now: jiff::Timestamp = info
        .judged_at
        .parse()
        .map_err(|e| Failed::data(format!("{}: judged_at: {e}", dir.display())))?;
    let populations: Vec<Population> = run
        .populations()
        .map_err(unsound)?
        .collect::<std::result::Result<_, _>>()
        .map_err(unsound)?;
    let read: HashSet<&str> = populations.iter().map(|p| p.r#type.as_str()).collect();
    // A type that was not read has no population; its rules were not part of this run.
    let by = crate::args::Selection {
        rules: info
            .selection
            .rules
            .iter()
            .flat_map(|r| r.split(','))
            .map(str::to_owned)
            .collect(),
        controls: info.selection.controls.clone(),
    };
    let rules = crate::select::rules(&packs, &by)?.select(|r| read.contains(r.resource.as_str()));
    let judge = Judge::new(rules, now);
    let mut gaps: HashMap<String, Gap> = HashMap::new();
    for g in run.gaps().map_err(unsound)? {
        let g = g.map_err(unsound)?;
        gaps.insert(g.id.clone(), g);
    }
    let kept = |e: shoseki_evidence::Error| Failed::new(Exit::Bug, e.to_string());
    let mut writer = run.rewrite_judgement().map_err(kept)?;
    let mut tallies = Tallies::new(judge.rules());
    for r in run.resources().map_err(unsound)? {
        let r = r.map_err(unsound)?;
        let findings = judge.judge(&r, &|id| gaps.get(id).cloned());
        tallies.add(&r, &findings);
        for f in &findings {
            writer.finding(f).map_err(kept)?;
        }
    }
    let tallies = tallies
        .finish(&populations)
        .map_err(|e| Failed::data(format!("{}: {e}", dir.display())))?;
    for t in &tallies {
        writer.tally(t).map_err(kept)?;
    }
    for s in crate::select::standings(&packs, &info.selection.controls, &tallies)? {
        writer.standing(&s).map_err(kept)?;
    }
    for (path, text) in packs
        .files
        .iter()
        .filter(|(p, _)| !p.starts_with("collectors/"))
    {
        writer.pack(path, text).map_err(kept)?;
    }
    let edition = Some(packs.catalogue.edition.clone());
    writer
        .finish(scan::tool(), &info.judged_at, edition, info.selection)
        .map_err(kept)?;
    let stored = Stored::made(packs, &dir)?;
    let report = dir.join("report.html");
    stored::write_html(&stored, &report, lang::of(common))?;
    ending::conclude(
        &stored,
        &report,
        args.fail_on.severity(),
        args.format,
        lang::of(common),
    )
}

/// Copies a run directory; `to` must not exist.
fn copy(from: &Path, to: &Path) -> Result<()> {
    if to.exists() {
        return Err(Failed::usage(format!("{} exists already", to.display())));
    }
    std::fs::create_dir_all(to)?;
    let told = |e: std::io::Error| Failed::data(format!("{}: {e}", from.display()));
    for entry in std::fs::read_dir(from).map_err(told)? {
        let entry = entry.map_err(told)?;
        let target = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy(&entry.path(), &target)?;
        } else {
            std::fs::copy(entry.path(), target)?;
        }
    }
    Ok(())
}
