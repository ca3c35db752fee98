//! From the stored resources to findings, tallies and standings.

use crate::basis::{Basis, Error};
use crate::records::{Ledger, Record, difference};
use crate::report::{Compared, Problems};
use jiff::Timestamp;
use shoseki_evidence::{Counts, Kind, Lines, Run};
use shoseki_judge::{Judge, RuleSet, Tallies};
use shoseki_model::{Finding, Gap, Population, Verdict};
use std::collections::HashMap;

/// Findings as stored and as derived, of which only those are held whose other
/// has not come yet: both come in the order of the resources.
#[derive(Default)]
struct Pairs {
    derived: HashMap<String, Finding>,
    stored: HashMap<String, Finding>,
}

impl Pairs {
    fn derived(&mut self, f: Finding, problems: &Problems) {
        match self.stored.remove(&f.id) {
            Some(stored) => compare(&stored, &f, problems),
            None => {
                self.derived.insert(f.id.clone(), f);
            }
        }
    }

    fn stored(&mut self, f: Finding, problems: &Problems) {
        match self.derived.remove(&f.id) {
            Some(derived) => compare(&f, &derived, problems),
            None => {
                if let Some(f) = self.stored.insert(f.id.clone(), f) {
                    problems.tell(Kind::Findings.file(), f.id, "it is there twice");
                }
            }
        }
    }

    fn end(self, problems: &Problems) {
        let file = Kind::Findings.file();
        for f in self.derived.into_values() {
            let what = format!(
                "{} on {} follows from the answers and is not there",
                f.rule, f.resource.id
            );
            problems.tell(file, f.id, what);
        }
        for f in self.stored.into_values() {
            let what = format!(
                "{} on {} does not follow from the answers",
                f.rule, f.resource.id
            );
            problems.tell(file, f.id, what);
        }
    }
}

fn compare(stored: &Finding, derived: &Finding, problems: &Problems) {
    if stored != derived {
        let value = |f| serde_json::to_value(f).unwrap_or_default();
        let what = difference("", &value(stored), &value(derived));
        let what = format!("{} on {}: {what}", stored.rule, stored.resource.id);
        problems.tell(Kind::Findings.file(), stored.id.clone(), what);
    }
}

/// What is judged.
pub(crate) struct Judged<'a> {
    pub(crate) run: &'a Run,
    pub(crate) rules: RuleSet,
    pub(crate) now: Timestamp,
    pub(crate) gaps: &'a HashMap<String, Gap>,
    pub(crate) populations: &'a [Population],
}

/// Judges again, and compares. Gives the numbers of verdicts and resources.
pub(crate) fn check(
    judged: Judged<'_>,
    basis: &Basis<'_>,
    problems: &Problems,
    compared: &mut Compared,
) -> Result<Counts, Error> {
    let run = judged.run;
    let judge = Judge::new(judged.rules, judged.now).with_exceptions(basis.exceptions.clone());
    let mut tallies = Tallies::new(judge.rules());
    let mut counts = Counts::default();
    let mut pairs = Pairs::default();
    let mut stored = run.findings()?;
    for r in run.resources()? {
        // What cannot be read was told when it was compared.
        let Ok(r) = r else { break };
        counts.resources += 1;
        let findings = judge.judge(&r, &|id| judged.gaps.get(id).cloned());
        tallies.add(&r, &findings);
        for f in findings {
            compared.findings += 1;
            count(&mut counts, &f);
            pairs.derived(f, problems);
            next(&mut stored, &mut pairs, problems);
        }
    }
    while next(&mut stored, &mut pairs, problems) {}
    pairs.end(problems);
    match tallies.finish(judged.populations) {
        Ok(tallies) => {
            let standings = (basis.standings)(&tallies).map_err(Error::Standings)?;
            compared.tallies = hold(|| run.tallies(), tallies, problems)?;
            compared.standings = hold(|| run.standings(), standings, problems)?;
        }
        Err(e) => problems.tell(Kind::Tallies.file(), "", e.to_string()),
    }
    Ok(counts)
}

/// Takes the next stored finding; false at the end.
fn next(stored: &mut Lines<Finding>, pairs: &mut Pairs, problems: &Problems) -> bool {
    match stored.next() {
        None => false,
        Some(Ok(f)) => {
            pairs.stored(f, problems);
            true
        }
        Some(Err(e)) => {
            problems.tell(Kind::Findings.file(), "", e.to_string());
            false
        }
    }
}

fn count(counts: &mut Counts, f: &Finding) {
    let n = &mut counts.findings;
    *match f.verdict {
        Verdict::Pass => &mut n.pass,
        Verdict::Fail => &mut n.fail,
        Verdict::Unknown => &mut n.unknown,
        Verdict::NotApplicable => &mut n.not_applicable,
    } += 1;
    n.excepted += u64::from(f.excepted.is_some());
}

/// Holds a list that was derived whole against the stored one.
fn hold<R: Record>(
    lines: impl Fn() -> Result<Lines<R>, shoseki_evidence::Error>,
    derived: Vec<R>,
    problems: &Problems,
) -> Result<u64, Error> {
    let mut ledger = Ledger::default();
    ledger.enter_all(lines()?, problems);
    for r in derived {
        ledger.meet(r, false);
    }
    let met = ledger.met;
    ledger.settle(lines, problems)?;
    Ok(met)
}
