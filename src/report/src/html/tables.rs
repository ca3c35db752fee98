//! Everything beside findings as data: rules, words, tallies, gaps, populations,
//! exchanges.

use super::pack::{Strings, element};
use super::rules::RuleGroup;
use crate::data::{ReportData, ReportError};
use crate::outward::STATUSES;
use crate::overview::GapGroup;
use crate::spool::Spool;
use crate::visible::{visible, visible_lines};
use crate::words::{self, SEVERITIES, STATES, Word};
use serde::Serialize;
use serde_json::{Map, Value, json};
use shoseki_model::{Cause, Exchange, Gap, Population, Strength, Text};
use std::collections::{HashMap, HashSet};
use std::io::Write;

/// Rows of a block.
const BLOCK: usize = 5_000;

fn pair(w: Word) -> Value {
    json!([w.ja, w.en])
}

fn text(t: &Text) -> Value {
    json!([visible(&t.ja), visible(&t.en)])
}

/// The name under which a value is stored.
fn stored(v: &impl Serialize) -> String {
    match serde_json::to_value(v) {
        Ok(Value::String(s)) => s,
        _ => String::new(),
    }
}

const CAUSES: [Cause; 14] = [
    Cause::Denied,
    Cause::Throttled,
    Cause::Timeout,
    Cause::Unreachable,
    Cause::RegionDisabled,
    Cause::ServerError,
    Cause::Rejected,
    Cause::Malformed,
    Cause::Truncated,
    Cause::Unlicensed,
    Cause::Vanished,
    Cause::Cancelled,
    Cause::NotInSource,
    Cause::NotAsked,
];

/// The run, its rules, and the words for everything.
pub(super) fn main(
    data: &ReportData<'_>,
    groups: &[RuleGroup<'_>],
    gaps: &[(&GapGroup, u64)],
) -> Result<String, ReportError> {
    let by = |names: Vec<(String, Value)>| Value::Object(names.into_iter().collect::<Map<_, _>>());
    let strengths = [Strength::States, Strength::Supports, Strength::Context];
    let labels = data
        .controls
        .values()
        .map(|c| (c.id.clone(), text(&c.label)));
    let clouds = ["aws", "azure", "gcp"].map(|c| (c.to_owned(), json!(words::cloud(c))));
    let value = json!({
        "run": visible(&data.run_path),
        "statuses": STATUSES.map(|s| json!([s.id(), s.word().ja, s.word().en])),
        "severities": SEVERITIES.map(|s| json!([stored(&s), words::severity(s).ja, words::severity(s).en])),
        "states": by(STATES.iter().map(|s| (stored(s), pair(words::state(*s)))).collect()),
        "strengths": by(strengths.iter().map(|s| (stored(s), pair(words::strength(*s)))).collect()),
        "causes": by(CAUSES.iter().map(|c| (stored(c), pair(words::cause(*c)))).collect()),
        "absent": pair(words::ABSENT),
        "unseen": pair(words::UNSEEN),
        "clouds": by(clouds.into()),
        "controls": by(labels.collect()),
        "rules": groups.iter().map(rule).collect::<Vec<_>>(),
        "gaps": gaps.iter().map(|(g, _)| group(g)).collect::<Vec<_>>(),
    });
    element("main", &value)
}

fn rule(g: &RuleGroup<'_>) -> Value {
    let c = &g.counts;
    let mut out = json!({
        "id": visible(g.id),
        "controls": g.controls,
        "counts": [c.fail, c.unknown, c.excepted, c.pass, c.not_applicable],
        "enumerated": g.enumerated,
        "whole": [g.scopes_whole, g.scopes],
    });
    let (Some(r), Value::Object(m)) = (g.info, &mut out) else {
        return out;
    };
    let fix = json!([visible(&r.fix.ja), visible(&r.fix.en)]);
    let severity = SEVERITIES.iter().position(|s| *s == r.severity);
    let shown: Vec<_> = r.references.iter().map(|u| visible(u)).collect();
    for (name, value) in [
        ("title", text(&r.title)),
        ("severity", json!(severity)),
        ("type", json!(visible(&r.resource))),
        ("why", text(&r.why)),
        ("fix", fix),
        ("cli", json!(visible_lines(&r.fix.cli))),
        ("terraform", json!(visible_lines(&r.fix.terraform))),
        ("references", json!(shown)),
    ] {
        m.insert(name.to_owned(), value);
    }
    out
}

fn group(g: &GapGroup) -> Value {
    json!({
        "cause": stored(&g.cause),
        "call": visible(&g.call),
        "permissions": g.permissions.iter().map(|p| visible(p)).collect::<Vec<_>>(),
        "type": visible(&g.r#type),
        "part": g.part.as_deref().map(visible),
    })
}

/// Rows by numbers into strings, −1 where there is nothing.
#[derive(Default, Serialize)]
struct Rows {
    s: Strings,
    d: Vec<Value>,
}

impl Rows {
    fn maybe(&mut self, text: Option<&str>) -> i64 {
        text.map_or(-1, |t| i64::try_from(self.s.of(t)).unwrap_or(-1))
    }

    fn all(&mut self, texts: &[String]) -> Vec<usize> {
        texts.iter().map(|t| self.s.of(t)).collect()
    }
}

/// Rules by scope: rule, account, region, whole, enumerated, the five counts, gaps.
pub(super) fn tallies(
    data: &ReportData<'_>,
    numbers: &HashMap<&str, usize>,
    to: &mut dyn Write,
) -> Result<(), ReportError> {
    for some in data.tallies.chunks(BLOCK) {
        let mut rows = Rows::default();
        for t in some {
            let Some(rule) = numbers.get(t.rule.as_str()) else {
                continue;
            };
            let (account, region) = (rows.s.of(&t.account), rows.s.of(&t.region));
            let gaps = rows.all(&t.gaps);
            let whole = u8::from(t.complete);
            rows.d.push(json!([
                rule,
                account,
                region,
                whole,
                t.enumerated,
                t.fail,
                t.unknown,
                t.excepted,
                t.pass,
                t.not_applicable,
                gaps
            ]));
        }
        to.write_all(element("tallies", &rows)?.as_bytes())?;
    }
    Ok(())
}

/// Type, cloud, account, region, count, whole, exchanges, gaps.
pub(super) fn populations(
    all: &[Population],
    cited: &mut HashSet<String>,
    to: &mut dyn Write,
) -> Result<(), ReportError> {
    for some in all.chunks(BLOCK) {
        let mut rows = Rows::default();
        for p in some {
            cited.extend(p.query.iter().cloned());
            let fields = [&p.r#type, &p.cloud, &p.account, &p.region].map(|t| rows.s.of(t));
            let (query, gaps) = (rows.all(&p.query), rows.all(&p.gaps));
            let [kind, cloud, account, region] = fields;
            let whole = u8::from(p.complete);
            rows.d.push(json!([
                kind, cloud, account, region, p.count, whole, query, gaps
            ]));
        }
        to.write_all(element("populations", &rows)?.as_bytes())?;
    }
    Ok(())
}

/// Id, group, cloud, account, region, resource, items read before (−1: nothing was
/// read), code, message, exchange.
pub(super) fn gaps(
    data: &ReportData<'_>,
    groups: &[(&GapGroup, u64)],
    cited: &mut HashSet<String>,
    to: &mut Spool,
) -> Result<(), ReportError> {
    let index: HashMap<&GapGroup, usize> = groups
        .iter()
        .enumerate()
        .map(|(i, (g, _))| (*g, i))
        .collect();
    let mut rows = Rows::default();
    for g in data.gaps.records()? {
        let g = g?;
        cited.extend(g.exchange.iter().cloned());
        let group = index.get(&GapGroup::of(&g)).copied();
        let row = gap(&mut rows, &g, group);
        rows.d.push(row);
        if rows.d.len() >= BLOCK {
            to.push(0, &element("gaps", &std::mem::take(&mut rows))?)?;
        }
    }
    to.push(0, &element("gaps", &rows)?)?;
    Ok(())
}

fn gap(rows: &mut Rows, g: &Gap, group: Option<usize>) -> Value {
    let fields = [&g.id, &g.cloud, &g.account, &g.region].map(|t| rows.s.of(t));
    let [id, cloud, account, region] = fields;
    let resource = rows.maybe(g.resource.as_deref());
    let code = rows.maybe(g.error.as_ref().map(|e| e.code.as_str()));
    let message = rows.maybe(g.error.as_ref().map(|e| e.message.as_str()));
    let exchange = rows.maybe(g.exchange.as_deref());
    let read = g.read.and_then(|n| i64::try_from(n).ok()).unwrap_or(-1);
    json!([
        id, group, cloud, account, region, resource, read, code, message, exchange
    ])
}

/// Id, call, cloud, account, region, start, status (0: no answer), error's code,
/// request id, SHA-256, bytes, secret values replaced. Gives how many there are.
pub(super) fn exchanges(
    data: &ReportData<'_>,
    cited: &mut HashSet<String>,
    to: &mut Spool,
) -> Result<u64, ReportError> {
    let mut rows = Rows::default();
    let mut count = 0;
    for e in data.exchanges.records()? {
        let e = e?;
        // The last line of a question that was repeated is the one that was used.
        if !cited.contains(&e.id) {
            continue;
        }
        count += 1;
        let row = exchange(&mut rows, &e);
        rows.d.push(row);
        if rows.d.len() >= BLOCK {
            to.push(1, &element("exchanges", &std::mem::take(&mut rows))?)?;
        }
    }
    to.push(1, &element("exchanges", &rows)?)?;
    Ok(count)
}

fn exchange(rows: &mut Rows, e: &Exchange) -> Value {
    let fields = [&e.id, &e.call, &e.cloud, &e.account, &e.region, &e.started];
    let [id, call, cloud, account, region, started] = fields.map(|t| rows.s.of(t));
    let error = rows.maybe(e.error.as_ref().map(|x| x.code.as_str()));
    let request = rows.maybe(e.request_id.as_deref());
    let digest = rows.maybe(e.answer.as_ref().map(|a| a.sha256.as_str()));
    let (bytes, redacted) = e.answer.as_ref().map_or((0, 0), |a| (a.bytes, a.redacted));
    json!([
        id,
        call,
        cloud,
        account,
        region,
        started,
        e.status.unwrap_or(0),
        error,
        request,
        digest,
        bytes,
        redacted
    ])
}
