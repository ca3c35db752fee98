//! Redacted runs: what does not follow because a value is hidden is no problem
//! of the run; it is told as not proven.

use crate::records::Record;
use crate::report::{Problem, Report};
use shoseki_evidence::{Error, Kind, Run};
use shoseki_model::{Gap, Population, Resource, Tally};
use std::collections::{HashMap, HashSet};

/// Says whether a pseudonym stands in these bytes.
pub type Holds<'a> = &'a dyn Fn(&[u8]) -> bool;

/// Records that hold a pseudonym or rest on what holds one, by file.
type Touched = HashMap<&'static str, HashSet<String>>;

/// Moves the problems of records that rest on hidden values from the problems of
/// a report to those that are not proven. `holds` finds pseudonyms.
///
/// # Errors
/// A file of the run cannot be read.
pub fn set_aside(run: &Run, report: &mut Report, holds: Holds<'_>) -> Result<(), Error> {
    if report.problems.is_empty() {
        return Ok(());
    }
    let (touched, known) = read(run, holds)?;
    let hidden = |p: &Problem| {
        if p.file == "run.json" && p.record == "counts" {
            return touched.contains_key(Kind::Findings.file());
        }
        let Some(of_kind) = touched.get(p.file.as_str()) else {
            return false;
        };
        // What was derived and is not stored has a name that nobody knows.
        let stored = known.get(p.file.as_str());
        let stored = stored.is_some_and(|k| k.contains(&p.record));
        of_kind.contains(&p.record) || (!stored && !p.record.is_empty())
    };
    let (aside, left): (Vec<_>, Vec<_>) = report.problems.drain(..).partition(hidden);
    report.problems = left;
    report.problems_found -= aside.len() as u64;
    report.hidden = aside;
    Ok(())
}

/// The touched records, and all that there are.
#[derive(Default)]
struct Reading {
    touched: Touched,
    known: Touched,
}

impl Reading {
    fn note(&mut self, kind: Kind, name: String, touched: bool) {
        if touched {
            let of_kind = self.touched.entry(kind.file()).or_default();
            of_kind.insert(name.clone());
        }
        self.known.entry(kind.file()).or_default().insert(name);
    }

    fn any<'i>(&self, kind: Kind, ids: impl IntoIterator<Item = &'i String>) -> bool {
        let of_kind = self.touched.get(kind.file());
        of_kind.is_some_and(|t| ids.into_iter().any(|id| t.contains(id)))
    }
}

fn read(run: &Run, holds: Holds<'_>) -> Result<(Touched, Touched), Error> {
    let mut all = Reading::default();
    let line = |v: serde_json::Result<Vec<u8>>| v.is_ok_and(|v| holds(&v));
    for x in run.exchanges()? {
        let x = x?;
        let mut touched = line(serde_json::to_vec(&x));
        if let (false, Some(a)) = (touched, &x.answer) {
            touched = holds(&run.answer(&a.sha256)?);
        }
        all.note(Kind::Exchanges, x.id, touched);
    }
    for g in run.gaps()? {
        let g: Gap = g?;
        let touched = line(serde_json::to_vec(&g)) || all.any(Kind::Exchanges, &g.exchange);
        all.note(Kind::Gaps, g.name(), touched);
    }
    for p in run.populations()? {
        let p: Population = p?;
        let touched = all.any(Kind::Exchanges, &p.query) || all.any(Kind::Gaps, &p.gaps);
        all.note(Kind::Populations, p.name(), touched);
    }
    let mut resources = HashSet::new();
    for r in run.resources()? {
        let r: Resource = r?;
        let touched = line(serde_json::to_vec(&r))
            || all.any(Kind::Exchanges, r.sources.values().flatten())
            || all.any(Kind::Gaps, r.unseen.values());
        if touched {
            resources.insert((
                r.r#type.clone(),
                r.id.clone(),
                r.account.clone(),
                r.region.clone(),
            ));
        }
        all.note(Kind::Resources, r.name(), touched);
    }
    let mut rules = HashSet::new();
    for f in run.findings()? {
        let f = f?;
        let at = &f.resource;
        let key = (
            at.r#type.clone(),
            at.id.clone(),
            at.account.clone(),
            at.region.clone(),
        );
        let touched = resources.contains(&key) || line(serde_json::to_vec(&f));
        if touched {
            rules.insert(f.rule);
        }
        all.note(Kind::Findings, f.id, touched);
    }
    for t in run.tallies()? {
        let t: Tally = t?;
        all.note(Kind::Tallies, t.name(), rules.contains(&t.rule));
    }
    for s in run.standings()? {
        let s = s?;
        let touched = s.rules.iter().any(|r| rules.contains(&r.rule));
        all.note(Kind::Standings, s.name(), touched);
    }
    Ok((all.touched, all.known))
}
