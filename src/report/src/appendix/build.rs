//! Rows from a run and what stands beside it.

use super::rules::{Gaps, read};
use super::{
    Appendix, Audit, Beside, Differs, Evidence, Findings, Held, History, Moment, Row, RuleEvidence,
};
use crate::counts::Counts;
use crate::data::{ControlInfo, ReportData, ReportError};
use crate::outward::Digests;
use crate::overview::overview;
use indexmap::{IndexMap, IndexSet};
use shoseki_model::{Standing, State, Strength, Text};
use std::collections::{BTreeSet, HashMap};

impl Appendix {
    /// A row for every control that the run has a standing of, in the order of the
    /// catalogue, then those that are stated alone.
    ///
    /// # Errors
    /// When the records cannot be read.
    pub(crate) fn build(data: &ReportData<'_>, beside: &Beside) -> Result<Self, ReportError> {
        let digests = Digests::read(data)?;
        let rules = read(data, beside, &digests)?;
        let gaps = Gaps::read(data)?;
        let standings: HashMap<&str, &Standing> = data
            .standings
            .iter()
            .map(|s| (s.control.as_str(), s))
            .collect();
        let mut ids: IndexSet<&str> = data.standings.iter().map(|s| s.control.as_str()).collect();
        if let Some(file) = &beside.statement {
            ids.extend(file.statement.controls.iter().map(|c| c.id.as_str()));
        }
        let clouds = by_control(data);
        let build = Build {
            data,
            beside,
            rules: &rules,
            gaps: &gaps,
            clouds: &clouds,
        };
        let rows = ids
            .into_iter()
            .map(|id| build.row(id, standings.get(id).copied()))
            .collect::<Result<_, _>>()?;
        Ok(Self {
            overview: overview(data)?,
            rows,
            rules,
            digests,
        })
    }
}

/// Control → cloud → state.
type Clouds<'d> = HashMap<&'d str, IndexMap<String, State>>;

fn by_control<'d>(data: &'d ReportData<'_>) -> Clouds<'d> {
    let mut out = Clouds::new();
    for (cloud, all) in &data.clouds {
        for s in all {
            let of = out.entry(s.control.as_str()).or_default();
            of.insert(cloud.clone(), s.state);
        }
    }
    out
}

struct Build<'b> {
    data: &'b ReportData<'b>,
    beside: &'b Beside,
    rules: &'b IndexMap<String, RuleEvidence>,
    gaps: &'b Gaps,
    clouds: &'b Clouds<'b>,
}

impl Build<'_> {
    fn row(&self, id: &str, standing: Option<&Standing>) -> Result<Row, ReportError> {
        let info = self.data.controls.get(id);
        let given = self.beside.statement.as_ref();
        let differs = self.beside.discrepancies.iter();
        let differs = differs.filter(|d| d.control.as_deref() == Some(id));
        let (findings, gaps) = self.found(standing);
        Ok(Row {
            control: id.to_owned(),
            label: info.map(|c| c.label.clone()).unwrap_or_default(),
            mandatory: info.is_some_and(|c| c.mandatory),
            stated: given.and_then(|f| f.statement.control(id).cloned()),
            differs: differs
                .map(|d| Differs {
                    severity: d.severity,
                    code: d.code,
                    text: d.text.clone(),
                })
                .collect(),
            reach: standing.map(|s| s.reach).or(info.map(|c| c.reach)),
            state: standing.map(|s| s.state),
            clouds: self.clouds.get(id).cloned().unwrap_or_default(),
            history: self.history(id, standing),
            evidence: standing.map_or_else(Vec::new, |s| self.evidence(s, info)),
            findings,
            gaps: self.gaps.grouped(&gaps)?,
            remains: info.map(|c| c.remains.clone()).unwrap_or_default(),
            audit: Audit::default(),
        })
    }

    /// From the ledger where there is one; otherwise the moment of the run.
    fn history(&self, id: &str, standing: Option<&Standing>) -> Vec<History> {
        if let Some(period) = &self.beside.period {
            return period.controls.get(id).cloned().unwrap_or_default();
        }
        let Some(s) = standing else {
            return Vec::new();
        };
        let run = &self.data.run;
        let ended = run.ended.as_ref().unwrap_or(&run.started);
        let accounts: BTreeSet<&String> = self.data.targets.iter().map(|t| &t.account).collect();
        vec![History {
            accounts: accounts.into_iter().cloned().collect(),
            intervals: vec![Held {
                state: Some(s.state),
                from: Moment::of(&run.started),
                to: Moment::of(ended),
            }],
        }]
    }

    fn evidence(&self, s: &Standing, info: Option<&ControlInfo>) -> Vec<Evidence> {
        let because = |rule: &str| {
            let links = info.into_iter().flat_map(|c| &c.evidence);
            let mut links = links.filter(|e| e.rule == rule);
            links
                .next()
                .map_or_else(Text::default, |e| e.because.clone())
        };
        let one = |r: &shoseki_model::RuleStanding| {
            let of = self.rules.get(&r.rule);
            let title = self.data.rules.get(&r.rule).map(|i| i.title.clone());
            Evidence {
                rule: r.rule.clone(),
                strength: r.strength,
                title: title.unwrap_or_default(),
                because: because(&r.rule),
                scopes_complete: r.scopes_complete,
                scopes: r.scopes,
                enumerated: r.enumerated,
                counts: Counts {
                    pass: r.pass,
                    fail: r.fail,
                    unknown: r.unknown,
                    excepted: r.excepted,
                    not_applicable: r.not_applicable,
                },
                population_sha256: of.and_then(|o| o.population_sha256.clone()),
                exchanges: of.map_or(0, |o| o.exchanges.len() as u64),
                exchanges_sha256: of.and_then(|o| o.exchanges_sha256.clone()),
            }
        };
        s.rules.iter().map(one).collect()
    }

    /// What the rules that state or support it found, and the gaps that hurt them.
    fn found(&self, standing: Option<&Standing>) -> (Findings, BTreeSet<u128>) {
        let (mut findings, mut gaps) = (Findings::default(), BTreeSet::new());
        let bearing = standing.into_iter().flat_map(|s| &s.rules);
        for r in bearing.filter(|r| r.strength > Strength::Context) {
            let Some(of) = self.rules.get(&r.rule) else {
                continue;
            };
            findings.fail.append(&of.fail);
            findings.unknown.append(&of.unknown);
            findings.excepted.append(&of.excepted);
            findings.pass += of.counts.pass;
            findings.not_applicable += of.counts.not_applicable;
            gaps.extend(&of.gaps);
        }
        (findings, gaps)
    }
}
