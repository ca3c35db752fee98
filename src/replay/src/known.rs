//! What a run says of itself and no answer shows.

use crate::report::{Problems, Scope};
use shoseki_evidence::{Kind, Outcome, Run};
use shoseki_model::{Cause, Gap, Population};
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

/// What the records say of themselves and cannot be derived.
pub(crate) struct Known {
    pub(crate) populations: Vec<Population>,
    /// Account to the gap that says why.
    pub(crate) unreached: BTreeMap<String, String>,
    /// Those of them of which no stored answer says why.
    pub(crate) on_its_word: BTreeSet<String>,
    /// The run does not say what was to be read.
    pub(crate) unsaid: bool,
    pub(crate) stopped: BTreeSet<Scope>,
    /// Types and accounts of these.
    pub(crate) halted: HashSet<(String, String)>,
}

impl Known {
    pub(crate) fn of(
        run: &Run,
        gaps: &HashMap<String, Gap>,
        problems: &Problems,
    ) -> Result<Self, shoseki_evidence::Error> {
        let mut populations = Vec::new();
        for p in run.populations()? {
            match p {
                Ok(p) => populations.push(p),
                Err(e) => problems.tell(Kind::Populations.file(), "", e.to_string()),
            }
        }
        let cancelled = run.file().outcome == Outcome::Cancelled;
        let halts = |id: &String| gaps.get(id).is_some_and(|g| g.cause == Cause::Cancelled);
        let stopped: BTreeSet<Scope> = populations
            .iter()
            .filter(|p| cancelled && p.gaps.iter().any(halts))
            .map(|p| Scope {
                r#type: p.r#type.clone(),
                account: p.account.clone(),
                region: p.region.clone(),
            })
            .collect();
        let halted = stopped
            .iter()
            .map(|s| (s.r#type.clone(), s.account.clone()))
            .collect();
        let unreached = gaps
            .values()
            .filter(|g| g.is_unreached())
            .map(|g| (g.account.clone(), g.id.clone()))
            .collect();
        Ok(Self {
            populations,
            unreached,
            on_its_word: BTreeSet::new(),
            unsaid: false,
            stopped,
            halted,
        })
    }

    /// Gaps that no answer shows.
    pub(crate) fn taken_as_stated(&self, g: &Gap) -> bool {
        (g.is_unreached() && self.on_its_word.contains(&g.account))
            || (g.cause == Cause::Cancelled && !self.stopped.is_empty())
    }

    pub(crate) fn stops(&self, r#type: &str, account: &str, region: &str) -> bool {
        // Almost always there are none.
        !self.stopped.is_empty()
            && self.stopped.contains(&Scope {
                r#type: r#type.to_owned(),
                account: account.to_owned(),
                region: region.to_owned(),
            })
    }
}

/// All gaps of a run, by id.
pub(crate) fn all_gaps(
    run: &Run,
    problems: &Problems,
) -> Result<HashMap<String, Gap>, shoseki_evidence::Error> {
    let mut out = HashMap::new();
    for g in run.gaps()? {
        match g {
            Ok(g) => {
                out.insert(g.id.clone(), g);
            }
            Err(e) => problems.tell(Kind::Gaps.file(), "", e.to_string()),
        }
    }
    Ok(out)
}
