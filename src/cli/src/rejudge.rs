//! `shoseki judge RUN`: the same resources, the rules at hand, no network.

use crate::args::{Common, JudgeArgs};
use crate::exit::{Exit, Failed, Result};
use crate::packs::Packs;
use crate::stored::{self, Stored, unsound};
use crate::{ending, lang, packs, record};
use shoseki_collect::{Changes, changes};
use shoseki_evidence::Run;
use shoseki_evidence::seal::{ENVELOPE, MANIFEST, STAMP};
use shoseki_judge::{Judge, Tallies};
use shoseki_model::{Gap, Population, Resource};
use std::collections::{BTreeMap, HashMap, HashSet};
use std::path::Path;

/// Judges again, in place or in a copy.
pub fn run(common: &Common, args: &JudgeArgs) -> Result {
    let mut packs = packs::load(common)?;
    packs.except(args.exceptions.as_deref())?;
    if Run::open_to_judge(&args.run).is_ok_and(|r| r.file().info.backfill.is_some()) {
        return Err(Failed::usage(
            "a back-fill is not judged again: run `shoseki backfill` with the rules at hand",
        ));
    }
    let dir = match &args.out {
        Some(out) => {
            copy(&args.run, out)?;
            out.clone()
        }
        None => {
            crate::sealing::not_sealed(&args.run, "name --out DIR to judge a copy")?;
            args.run.clone()
        }
    };
    let run = Run::open_to_judge(&dir).map_err(unsound)?;
    if args.exceptions.is_none() {
        keep_exceptions(&run, &mut packs)?;
    }
    let info = run.file().info.clone();
    let now: jiff::Timestamp = info
        .judged_at
        .parse()
        .map_err(|e| Failed::data(format!("{}: judged_at: {e}", dir.display())))?;
    let mut populations: Vec<Population> = run
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
    let judge = Judge::new(rules, now).with_exceptions(packs.exceptions.clone());
    let otherwise = read_otherwise(&run, &packs)?;
    for p in &mut populations {
        // Today's list might name more.
        p.complete &= otherwise.get(&p.r#type).is_none_or(|c| !c.list);
    }
    let mut gaps: HashMap<String, Gap> = HashMap::new();
    for g in run.gaps().map_err(unsound)? {
        let g = g.map_err(unsound)?;
        gaps.insert(g.id.clone(), g);
    }
    let kept = |e: shoseki_evidence::Error| Failed::new(Exit::Bug, e.to_string());
    let mut writer = run.rewrite_judgement().map_err(kept)?;
    let mut tallies = Tallies::new(judge.rules());
    for r in run.resources().map_err(unsound)? {
        let mut r = r.map_err(unsound)?;
        if let Some(c) = otherwise.get(&r.r#type) {
            hide(&mut r, c);
        }
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
    for s in crate::select::standings(
        &packs,
        &info.selection.controls,
        &crate::select::clouds_of(&info.targets),
        &tallies,
    )? {
        writer.standing(&s).map_err(kept)?;
    }
    for (path, text) in packs
        .files
        .iter()
        .filter(|(p, _)| !p.starts_with("collectors/"))
    {
        writer.pack(path, text).map_err(kept)?;
    }
    // The rules were checked against these, and load with no others.
    if !otherwise.is_empty() {
        let own = packs
            .files
            .iter()
            .filter(|(p, _)| p.starts_with("collectors/"));
        for (path, text) in own {
            writer
                .pack(&format!("{}{path}", packs::JUDGED), text)
                .map_err(kept)?;
        }
    }
    let edition = Some(packs.catalogue.edition.clone());
    writer
        .finish(record::tool(), &info.judged_at, edition, info.selection)
        .map_err(kept)?;
    let stored = Stored::made(packs, &dir)?;
    let report = dir.join("report.html");
    stored::write_html(&stored, &report, lang::of(common), |_| Ok(Vec::new()))?;
    ending::conclude(
        common,
        &stored,
        &report,
        args.fail_on.severity(),
        args.format,
    )
}

/// Without a file of the user's, the run's own exceptions stay.
fn keep_exceptions(run: &Run, packs: &mut Packs) -> Result<()> {
    for f in run.pack().map_err(unsound)? {
        let f = f.map_err(unsound)?;
        if f.path == packs::EXCEPTIONS {
            packs.take_exceptions(&f.path, f.text)?;
        }
    }
    Ok(())
}

/// Types of which the run was read by another collector than the one at hand:
/// the rules speak of what today's would read.
fn read_otherwise(run: &Run, packs: &Packs) -> Result<BTreeMap<String, Changes>> {
    let mut stored: HashMap<String, String> = HashMap::new();
    for f in run.pack().map_err(unsound)? {
        let f = f.map_err(unsound)?;
        stored.insert(f.path, f.text);
    }
    let mut out = BTreeMap::new();
    for c in packs.collectors.iter() {
        let kind = &c.r#type.value;
        let path = format!("collectors/{}.yaml", kind.replace('.', "/"));
        let Some(new) = packs.files.get(&path) else {
            continue;
        };
        let found = changes(stored.get(&path).map(String::as_str), new);
        if !found.none() {
            out.insert(kind.clone(), found);
        }
    }
    Ok(out)
}

/// What was read otherwise is not what a rule asks for today: to it, nobody asked.
fn hide(r: &mut Resource, c: &Changes) {
    // The empty name stands for the item of the list.
    let list = c.list.then(String::new);
    for name in list.into_iter().chain(c.parts.iter().cloned()) {
        let gap = r.unseen.entry(name);
        gap.or_insert_with(|| "not-asked".to_owned());
    }
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
        let name = entry.file_name();
        if [MANIFEST, ENVELOPE, STAMP].iter().any(|s| name == **s) {
            // What is judged anew is not what was sealed.
            continue;
        }
        let target = to.join(name);
        if entry.file_type()?.is_dir() {
            copy(&entry.path(), &target)?;
        } else {
            std::fs::copy(entry.path(), target)?;
        }
    }
    Ok(())
}
