//! Controls over a period.

use crate::lane::Lane;
use crate::period::natural;
use crate::timeline::{Scan, intervals};
use crate::{Error, Ledger, Moment, Period, store};
use serde::{Deserialize, Serialize};
use shoseki_model::{Reach, State, StatedControl, Strength};
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// How long a control stood where.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ControlInterval {
    /// Where; `None`: not observed.
    pub state: Option<State>,
    /// Edition of the catalogue.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub edition: Option<String>,
    /// First moment.
    pub from: Moment,
    /// First moment after it.
    pub to: Moment,
}

/// A control over the period.
#[derive(Clone, Debug, Serialize)]
pub struct ControlTimeline {
    /// Its id.
    pub control: String,
    /// How far settings reach, at last.
    pub reach: Reach,
    /// Accounts of the runs that it is followed along.
    pub accounts: Vec<String>,
    /// Selection of rules of these runs, where there was one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub selected_rules: Option<String>,
    /// Selection of controls of these runs, where there was one.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub selected_controls: Vec<String>,
    /// What the provider states of it, where a statement was given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stated: Option<StatedControl>,
    /// Rules that it rested on, at last.
    pub rules: Vec<(String, Strength)>,
    /// First run of the ledger that speaks of it.
    pub first_seen: Moment,
    /// Last run up to the end of the period that speaks of it.
    pub last_seen: Moment,
    /// Its states, whole and without overlap.
    pub intervals: Vec<ControlInterval>,
}

/// A standing as it is stored.
#[derive(Clone, Debug, Deserialize)]
struct Kept {
    state: State,
    reach: Reach,
    edition: String,
    rules: Vec<(String, Strength)>,
}

/// Control → its changes in the order of the entries.
type Changes = BTreeMap<String, Vec<(u64, Option<i64>)>>;

impl Period {
    pub(crate) fn read_controls(
        &self,
        ledger: &Ledger,
        lanes: &[Lane],
    ) -> Result<Vec<ControlTimeline>, Error> {
        let mut changes: HashMap<String, Changes> = HashMap::new();
        let mut q = ledger.db.prepare(
            "SELECT t.value, c.control, h.seq, h.state FROM control_change h
             JOIN control c ON c.id = h.control JOIN text t ON t.id = c.track ORDER BY h.seq",
        )?;
        for row in q.query_map([], |r| {
            Ok((r.get(0)?, r.get(1)?, r.get::<_, i64>(2)?, r.get(3)?))
        })? {
            let (track, control, seq, state) = row?;
            let of: &mut Changes = changes.entry(track).or_default();
            of.entry(control)
                .or_default()
                .push((seq.unsigned_abs(), state));
        }
        let mut kept = Standings::default();
        let mut out = Vec::new();
        for lane in lanes {
            let names: Vec<String> = lane
                .tracks
                .iter()
                .map(serde_json::to_string)
                .collect::<Result<_, _>>()?;
            let tracks: Vec<&Changes> = names.iter().filter_map(|n| changes.get(n)).collect();
            let controls: BTreeSet<&String> = tracks.iter().flat_map(|c| c.keys()).collect();
            for control in controls {
                let points = self.control_points(ledger, lane, &changes, control, &mut kept)?;
                out.extend(self.control(lane, control, &points, &kept));
            }
        }
        out.sort_by_cached_key(|c| (natural(&c.control), c.accounts.clone()));
        Ok(out)
    }

    /// Where a control stood in each run of a lane that speaks of it.
    fn control_points(
        &self,
        ledger: &Ledger,
        lane: &Lane,
        changes: &HashMap<String, Changes>,
        control: &str,
        kept: &mut Standings,
    ) -> Result<Vec<(Scan, usize)>, Error> {
        let mut points = Vec::new();
        for &m in &lane.members {
            let Some((listed, scan)) = self.scans.get(m) else {
                continue;
            };
            let track = serde_json::to_string(&listed.entry.track())?;
            let of = changes.get(&track).and_then(|c| c.get(control));
            let Some(of) = of else { continue };
            let upto = of.partition_point(|(seq, _)| *seq <= listed.entry.seq);
            if let Some(id) = upto.checked_sub(1).and_then(|i| of[i].1) {
                points.push((*scan, kept.index(ledger, id)?));
            }
        }
        Ok(points)
    }

    fn control(
        &self,
        lane: &Lane,
        control: &str,
        points: &[(Scan, usize)],
        kept: &Standings,
    ) -> Option<ControlTimeline> {
        let told: Vec<_> = points
            .iter()
            .filter(|(s, _)| s.at < self.window.to.0)
            .collect();
        let (first, last) = (told.first()?, told.last()?);
        let of = |i: usize| kept.all.get(i);
        let latest = of(last.1)?;
        let by: Vec<(Scan, (State, u32))> = points
            .iter()
            .filter_map(|(s, i)| of(*i).map(|k| (*s, (k.state, kept.edition(&k.edition)))))
            .collect();
        let spans = intervals(&by, self.window, self.reach());
        // A lane that ended long before has nothing to say here.
        if spans.iter().all(|i| i.state.is_none()) {
            return None;
        }
        Some(ControlTimeline {
            control: control.to_owned(),
            reach: latest.reach,
            accounts: lane.accounts.iter().cloned().collect(),
            selected_rules: lane.rules.clone(),
            selected_controls: lane.controls.clone(),
            stated: None,
            rules: latest.rules.clone(),
            first_seen: Moment(first.0.at),
            last_seen: Moment(last.0.at),
            intervals: spans
                .into_iter()
                .map(|i| ControlInterval {
                    state: i.state.map(|s| s.0),
                    edition: i
                        .state
                        .and_then(|s| kept.editions.get(s.1 as usize).cloned()),
                    from: Moment(i.from),
                    to: Moment(i.to),
                })
                .collect(),
        })
    }
}

/// Standings that were read, each once.
#[derive(Default)]
struct Standings {
    all: Vec<Kept>,
    by_id: HashMap<i64, usize>,
    editions: Vec<String>,
}

impl Standings {
    fn index(&mut self, ledger: &Ledger, id: i64) -> Result<usize, Error> {
        if let Some(&i) = self.by_id.get(&id) {
            return Ok(i);
        }
        let kept: Kept = serde_json::from_slice(&store::body(&ledger.db, id)?)?;
        if !self.editions.contains(&kept.edition) {
            self.editions.push(kept.edition.clone());
        }
        self.all.push(kept);
        self.by_id.insert(id, self.all.len() - 1);
        Ok(self.all.len() - 1)
    }

    fn edition(&self, of: &str) -> u32 {
        let i = self.editions.iter().position(|e| e == of);
        i.and_then(|i| u32::try_from(i).ok()).unwrap_or(u32::MAX)
    }
}
