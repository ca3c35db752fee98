//! The summary of a run for machines.

use crate::exit::Exit;
use crate::stored::Stored;
use serde_json::{Map, Value, json};
use shoseki_report::{Counts, Outcome, Overview, words};
use std::path::Path;

/// One JSON document with the numbers of a run.
pub fn summary(stored: &Stored, o: &Overview, report: &Path, exit: Exit) -> Value {
    let file = stored.run.file();
    let states: Map<String, Value> = words::STATES
        .iter()
        .filter_map(|&s| {
            Some((
                serde_json::to_value(s).ok()?.as_str()?.to_owned(),
                o.states.of(s).into(),
            ))
        })
        .collect();
    let severities: Map<String, Value> = o
        .severities
        .iter()
        .filter_map(|(s, c)| {
            Some((
                serde_json::to_value(s).ok()?.as_str()?.to_owned(),
                counts(c),
            ))
        })
        .collect();
    let contradictions: Vec<Value> = o
        .contradictions
        .iter()
        .map(|c| {
            json!({
                "rule": c.rule,
                "severity": c.severity,
                "fail": c.counts.fail,
                "controls": c.controls,
                "finding": c.sample.as_ref().map(|s| &s.finding),
            })
        })
        .collect();
    let gaps: Vec<Value> = o
        .gaps
        .iter()
        .map(|(g, n)| {
            json!({
                "cause": g.cause,
                "call": g.call,
                "permissions": g.permissions,
                "type": g.r#type,
                "part": g.part,
                "count": n,
            })
        })
        .collect();
    json!({
        "run": stored.run.dir(),
        "report": report,
        "outcome": match o.outcome {
            Outcome::NothingRead => "nothing-read",
            Outcome::Incomplete => "incomplete",
            Outcome::Whole => "complete",
        },
        "exit_code": exit as u8,
        "edition": file.info.edition,
        "targets": file.info.targets,
        "exchanges": file.counts.exchanges,
        "resources": o.resources,
        "populations": { "complete": o.populations_whole, "all": o.populations },
        "findings": counts(&o.verdicts),
        "severities": severities,
        "standings": states,
        "contradictions": contradictions,
        "exceptions": stored.exceptions(),
        "gaps": gaps,
    })
}

fn counts(c: &Counts) -> Value {
    json!({
        "pass": c.pass,
        "fail": c.fail,
        "unknown": c.unknown,
        "excepted": c.excepted,
        "not_applicable": c.not_applicable,
    })
}
