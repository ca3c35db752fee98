//! A run, read whole.

use shoseki_evidence::Run;
use shoseki_model::{Exchange, Finding, Gap, Population, Resource, Standing, Tally};
use std::collections::BTreeMap;
use std::path::Path;

/// All records of a run.
pub struct Seen {
    /// The run itself.
    pub run: Run,
    /// Exchanges by id; of several with one id, the last.
    pub exchanges: BTreeMap<String, Exchange>,
    /// Every line of the exchanges.
    pub asked: Vec<Exchange>,
    /// Resources.
    pub resources: Vec<Resource>,
    /// Gaps.
    pub gaps: Vec<Gap>,
    /// Populations.
    pub populations: Vec<Population>,
    /// Findings by id.
    pub findings: BTreeMap<String, Finding>,
    /// Tallies.
    pub tallies: Vec<Tally>,
    /// Standings.
    pub standings: Vec<Standing>,
}

/// Reads a run; two findings with one id are an error.
pub fn read(dir: &Path) -> Seen {
    let run = Run::open(dir).unwrap();
    let asked: Vec<Exchange> = run.exchanges().unwrap().map(Result::unwrap).collect();
    let mut findings = BTreeMap::new();
    for f in run.findings().unwrap().map(Result::unwrap) {
        let twice = findings.insert(f.id.clone(), f);
        assert!(twice.is_none(), "two findings have one id: {twice:?}");
    }
    Seen {
        exchanges: asked.iter().map(|x| (x.id.clone(), x.clone())).collect(),
        asked,
        resources: run.resources().unwrap().map(Result::unwrap).collect(),
        gaps: run.gaps().unwrap().map(Result::unwrap).collect(),
        populations: run.populations().unwrap().map(Result::unwrap).collect(),
        findings,
        tallies: run.tallies().unwrap().map(Result::unwrap).collect(),
        standings: run.standings().unwrap().map(Result::unwrap).collect(),
        run,
    }
}

impl Seen {
    /// The gap with this id.
    pub fn gap(&self, id: &str) -> Option<&Gap> {
        self.gaps.iter().find(|g| g.id == id)
    }
}
