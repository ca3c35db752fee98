//! What stands beside a run in its appendix: the statement, the seal, the
//! population lists, and the period of a ledger.

use crate::args::{BesideArgs, Common};
use crate::exit::{Exit, Failed, Result};
use crate::stored::{Stored, unsound};
use crate::{ledger, statement};
use shoseki_evidence::population::{Listed, lines_digest, populations};
use shoseki_evidence::seal::{Manifest, is_sealed};
use shoseki_ledger::{Ledger, Period};
use shoseki_model::digest;
use shoseki_report::{
    Beside, Held, History, Moment, PeriodInfo, Populations, SealInfo, StatementFile,
};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fs;
use std::path::Path;

impl BesideArgs {
    /// What the format cannot show must not be given.
    pub fn fits(&self, appendix: bool, html: bool) -> Result<()> {
        let period = self.from.is_some() || self.to.is_some();
        if (self.statement.is_some() || period) && !appendix {
            return Err(Failed::usage(
                "--statement, --from and --to go with --format xlsx or betten",
            ));
        }
        if self.ledger.is_some() && !appendix && !html {
            return Err(Failed::usage(
                "--ledger goes with --format html, xlsx or betten",
            ));
        }
        Ok(())
    }
}

fn at(path: &Path) -> impl FnOnce(std::io::Error) -> Failed {
    let path = path.to_owned();
    move |e| Failed::new(Exit::Bug, format!("{}: {e}", path.display()))
}

/// Reads all of it.
pub fn of(common: &Common, stored: &Stored, args: &BesideArgs) -> Result<Beside> {
    let dir = stored.run.dir();
    let run_file = dir.join("run.json");
    let mut beside = Beside {
        run_sha256: digest(&fs::read(&run_file).map_err(at(&run_file))?),
        seal: seal(dir)?,
        populations: lists(stored)?,
        ..Beside::default()
    };
    if let Some(path) = &args.statement {
        beside.statement = Some(StatementFile {
            statement: statement::read(path)?,
            sha256: digest(&fs::read(path).map_err(at(path))?),
        });
    }
    let stated = beside.statement.as_ref().map(|f| &f.statement);
    match (&args.ledger, stated) {
        (Some(path), _) => {
            let book = Ledger::open(path).map_err(ledger::told)?;
            let days = stated.map(|s| (&s.from, &s.to));
            let from = args.from.as_ref().or(days.map(|d| d.0));
            let to = args.to.as_ref().or(days.map(|d| d.1));
            let (Some(from), Some(to)) = (from, to) else {
                return Err(Failed::usage("give --from and --to, or --statement"));
            };
            let frequency = stated.and_then(|s| s.scan_frequency.as_deref());
            let query = statement::query(frequency, from, to)?;
            let period = Period::read(&book, query).map_err(ledger::told)?;
            if !period
                .runs
                .iter()
                .any(|r| r.run_sha256 == beside.run_sha256)
            {
                return Err(Failed::usage(format!(
                    "{} is not among the runs of this period in the ledger {}; `shoseki ledger add` adds it",
                    dir.display(),
                    path.display()
                )));
            }
            if let Some(s) = stated {
                beside.discrepancies = statement::differ(common, s, &period, &book)?;
            }
            beside.period = Some(told(&period));
        }
        (None, Some(s)) => {
            beside.discrepancies = statement::differ_from_run(stored.packs(), s, dir)?;
        }
        (None, None) => {}
    }
    Ok(beside)
}

/// The root of the seal. Whether it is signed by somebody who counts, `verify`
/// tells.
fn seal(dir: &Path) -> Result<Option<SealInfo>> {
    let path = dir.join("manifest.json");
    if !is_sealed(dir) || !path.exists() {
        return Ok(None);
    }
    let bytes = fs::read(&path).map_err(at(&path))?;
    let manifest: Manifest = serde_json::from_slice(&bytes)
        .map_err(|e| Failed::data(format!("{}: {e}", path.display())))?;
    Ok(Some(SealInfo {
        root: manifest.tree.root,
        manifest_sha256: digest(&bytes),
    }))
}

/// Digests of the population lists of all rules of the run.
fn lists(stored: &Stored) -> Result<Populations> {
    let mut rules = BTreeSet::new();
    for t in stored.run.tallies().map_err(unsound)? {
        rules.insert(t.map_err(unsound)?.rule);
    }
    let lists = populations(&stored.run, &rules).map_err(unsound)?;
    let mut out = Populations::default();
    let mut by_rule: BTreeMap<&str, Vec<&Listed>> = BTreeMap::new();
    for l in &lists {
        let t = &l.tally;
        let scope = (t.rule.clone(), t.account.clone(), t.region.clone());
        out.scopes.insert(scope, l.digest());
        by_rule.entry(&t.rule).or_default().push(l);
    }
    for (rule, lists) in by_rule {
        let members = lists.iter().flat_map(|l| &l.members);
        out.rules.insert(rule.to_owned(), lines_digest(members));
    }
    Ok(out)
}

fn told(p: &Period) -> PeriodInfo {
    let mut controls: HashMap<String, Vec<History>> = HashMap::new();
    for c in &p.controls {
        let intervals = c.intervals.iter().map(|i| Held {
            state: i.state,
            from: Moment::of(&i.from.utc()),
            to: Moment::of(&i.to.utc()),
        });
        let history = History {
            accounts: c.accounts.clone(),
            intervals: intervals.collect(),
        };
        controls.entry(c.control.clone()).or_default().push(history);
    }
    let gaps = p.gaps.iter();
    PeriodInfo {
        from: p.asked.from.utc(),
        to: p.asked.to.utc(),
        told_to: p.window.to.utc(),
        frequency_seconds: p.frequency / 1000,
        tolerance_seconds: p.tolerance / 1000,
        ledger_head: p.head.clone().unwrap_or_default(),
        runs: p.runs.len() as u64,
        gaps: gaps
            .map(|g| (g.from.utc(), g.to.utc(), g.accounts.clone()))
            .collect(),
        controls,
    }
}
