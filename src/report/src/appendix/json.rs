//! The appendix as JSON (`schemas/betten.json`).

use super::rules::short_id;
use super::{Appendix, Beside, Moment, RuleEvidence};
use crate::counts::Counts;
use crate::data::{ReportData, ReportError, RuleInfo};
use crate::outward::Digests;
use crate::words::{NO_CONCLUSION, STATES};
use indexmap::IndexMap;
use serde::{Serialize, Serializer};
use serde_json::{Value, json};
use shoseki_model::{Population, Tally};
use std::collections::HashMap;
use std::io::Write;

/// Format and version.
const FORMAT: &str = "shoseki.betten/1";

/// Writes the machine-readable appendix of a statement (別添): one JSON document
/// with a row for each control, and the evidence of each rule with the digests of
/// populations and answers.
///
/// # Errors
/// When the records cannot be read or the document not written.
pub fn betten(
    data: &ReportData<'_>,
    beside: &Beside,
    mut to: impl Write,
) -> Result<(), ReportError> {
    let appendix = Appendix::build(data, beside)?;
    let document = Document {
        format: FORMAT,
        says: NO_CONCLUSION.text(),
        run: run(data, beside),
        targets: &data.targets,
        unreached: &data.run.unreached,
        period: period(beside),
        statement: statement(beside),
        seal: &beside.seal,
        digests: &data.run.digests,
        counts: counts(&appendix),
        controls: &appendix.rows,
        rules: Rules {
            data,
            beside,
            appendix: &appendix,
        },
        exceptions: &data.exceptions,
    };
    serde_json::to_writer_pretty(&mut to, &document)?;
    to.write_all(b"\n")?;
    to.flush()?;
    Ok(())
}

#[derive(Serialize)]
struct Document<'d> {
    format: &'static str,
    says: shoseki_model::Text,
    run: Value,
    targets: &'d [shoseki_model::Target],
    unreached: &'d [crate::data::Unreached],
    period: Value,
    statement: Value,
    seal: &'d Option<super::SealInfo>,
    digests: &'d IndexMap<String, String>,
    counts: Value,
    controls: &'d [super::Row],
    rules: Rules<'d>,
    exceptions: &'d [shoseki_model::ExceptionUse],
}

fn run(data: &ReportData<'_>, beside: &Beside) -> Value {
    let run = &data.run;
    json!({
        "id": run.id,
        "run_sha256": beside.run_sha256,
        "tool": { "name": run.tool, "version": run.version },
        "edition": run.edition,
        "started": Moment::of(&run.started),
        "ended": run.ended.as_deref().map(Moment::of),
        "selection": run.selection,
        "exchanges": run.exchanges,
        "demo": run.demo,
        "stopped": run.stopped,
    })
}

fn period(beside: &Beside) -> Value {
    let Some(p) = &beside.period else {
        return Value::Null;
    };
    let gaps = p.gaps.iter().map(|(from, to, accounts)| {
        json!({ "from": Moment::of(from), "to": Moment::of(to), "accounts": accounts })
    });
    json!({
        "from": Moment::of(&p.from),
        "to": Moment::of(&p.to),
        "told_to": Moment::of(&p.told_to),
        "frequency_seconds": p.frequency_seconds,
        "tolerance_seconds": p.tolerance_seconds,
        "ledger_head": p.ledger_head,
        "runs": p.runs,
        "gaps": gaps.collect::<Vec<_>>(),
    })
}

fn statement(beside: &Beside) -> Value {
    let Some(file) = &beside.statement else {
        return Value::Null;
    };
    let s = &file.statement;
    let general = beside.discrepancies.iter();
    let general: Vec<_> = general.filter(|d| d.control.is_none()).collect();
    json!({
        "sha256": file.sha256,
        "edition": s.edition,
        "scope": s.scope,
        "from": s.from,
        "to": s.to,
        "scan_frequency": s.scan_frequency,
        "differs": general,
    })
}

fn counts(a: &Appendix) -> Value {
    let o = &a.overview;
    let states: IndexMap<_, _> = STATES.iter().map(|s| (*s, o.states.of(*s))).collect();
    json!({
        "findings": o.verdicts,
        "controls": states,
        "gaps": o.gap_count,
        "populations": o.populations,
        "populations_whole": o.populations_whole,
        "resources": o.resources,
        "targets_unread": o.targets_unread,
        "outcome": o.outcome,
    })
}

/// The rules, written one by one: their lists of exchanges are long.
struct Rules<'d> {
    data: &'d ReportData<'d>,
    beside: &'d Beside,
    appendix: &'d Appendix,
}

impl Serialize for Rules<'_> {
    fn serialize<S: Serializer>(&self, ser: S) -> Result<S::Ok, S::Error> {
        let mut tallies: HashMap<&str, Vec<&Tally>> = HashMap::new();
        for t in &self.data.tallies {
            tallies.entry(&t.rule).or_default().push(t);
        }
        let mut populations: HashMap<Place<'_>, &Population> = HashMap::new();
        for p in &self.data.populations {
            populations.insert((&p.r#type, &p.account, &p.region), p);
        }
        ser.collect_seq(self.appendix.rules.iter().map(|(id, of)| {
            let scopes = tallies.get(id.as_str()).map_or(&[][..], Vec::as_slice);
            let scopes = scopes.iter().map(|t| Scope {
                tally: t,
                population_sha256: self.scope_digest(t),
                query: self.query(populations.get(&place(t)).copied()),
            });
            Rule {
                rule: id,
                info: self.data.rules.get(id).map(Info::of),
                counts: of.counts,
                population_sha256: of.population_sha256.as_deref(),
                scopes: scopes.collect(),
                exchanges: of.exchanges.len(),
                exchanges_sha256: of.exchanges_sha256.as_deref(),
                answers: Answers(of, &self.appendix.digests),
            }
        }))
    }
}

type Place<'d> = (&'d str, &'d str, &'d str);

fn place(t: &Tally) -> Place<'_> {
    (&t.r#type, &t.account, &t.region)
}

impl<'d> Rules<'d> {
    fn scope_digest(&self, t: &Tally) -> Option<&'d str> {
        let key = (t.rule.clone(), t.account.clone(), t.region.clone());
        let found = self.beside.populations.scopes.get(&key);
        found.map(String::as_str)
    }

    /// The exchanges that enumerated, with the digests of their answers.
    fn query(&self, p: Option<&'d Population>) -> IndexMap<&'d str, Option<String>> {
        let ids = p.into_iter().flat_map(|p| &p.query);
        ids.map(|id| (id.as_str(), self.appendix.digests.of(id)))
            .collect()
    }
}

#[derive(Serialize)]
struct Rule<'d> {
    rule: &'d str,
    #[serde(flatten)]
    info: Option<Info<'d>>,
    #[serde(flatten)]
    counts: Counts,
    population_sha256: Option<&'d str>,
    scopes: Vec<Scope<'d>>,
    exchanges: usize,
    exchanges_sha256: Option<&'d str>,
    answers: Answers<'d>,
}

#[derive(Serialize)]
struct Info<'d> {
    title: &'d shoseki_model::Text,
    severity: shoseki_model::Severity,
    r#type: &'d str,
}

impl<'d> Info<'d> {
    fn of(r: &'d RuleInfo) -> Self {
        Self {
            title: &r.title,
            severity: r.severity,
            r#type: &r.resource,
        }
    }
}

#[derive(Serialize)]
struct Scope<'d> {
    #[serde(flatten)]
    tally: &'d Tally,
    population_sha256: Option<&'d str>,
    query: IndexMap<&'d str, Option<String>>,
}

/// Exchange → SHA-256 of its answer; null where no answer came.
struct Answers<'d>(&'d RuleEvidence, &'d Digests);

impl Serialize for Answers<'_> {
    fn serialize<S: Serializer>(&self, ser: S) -> Result<S::Ok, S::Error> {
        ser.collect_map(self.0.exchanges.iter().map(|x| {
            let id = short_id('x', *x);
            let sha256 = self.1.of(&id);
            (id, sha256)
        }))
    }
}
