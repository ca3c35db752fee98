//! The results of a run: an observation for each rule and population, a finding
//! for each control.

use super::{PLAN, assets, id, line, metadata, objective, prop, reviewed, statement, tool_id};
use crate::data::{ReportData, ReportError};
use crate::outward::{
    Digests, Status, answer_path, exception, exchanges, moment, number, severity,
};
use crate::spool::Spool;
use crate::words;
use indexmap::IndexMap;
use serde_json::{Value, json};
use shoseki_model::{Exchange, Finding, Lang, Reach, Standing, State, Strength, Tally};
use std::collections::{HashMap, HashSet};
use std::io::Write;

/// Writes the assessment results. Subjects, evidence and resources go through an
/// unnamed temporary file; memory holds some bytes for each finding and each
/// exchange, never their text.
///
/// # Errors
/// When the records cannot be read or the document not written.
pub fn assessment_results(
    data: &ReportData<'_>,
    lang: Lang,
    mut to: impl Write,
) -> Result<(), ReportError> {
    let mut sorted = Sorted::read(data, lang)?;
    let title = match lang {
        Lang::Ja => "クラウド設定の観測結果",
        Lang::En => "Observed settings of the cloud",
    };
    let to: &mut dyn Write = &mut to;
    let run = &data.run;
    write!(
        to,
        "{{\"assessment-results\":{{\"uuid\":\"{}\",\"metadata\":{},\"import-ap\":{{\"href\":\"{PLAN}\"}},\"results\":[{{\"uuid\":\"{}\",\"title\":{},\"description\":{},\"start\":{},\"end\":{},\"props\":{},\"local-definitions\":{{",
        id(&["results", &run.id]),
        metadata(data, title),
        id(&["result", &run.id]),
        json!(title),
        json!(words::NO_CONCLUSION.get(lang)),
        json!(run.started),
        json!(moment(data)),
        json!(sorted.props()),
    )?;
    if sorted.spool.count(ITEMS) > 0 {
        write!(to, "\"inventory-items\":[")?;
        sorted.spool.drain(ITEMS, to)?;
        write!(to, "],")?;
    }
    write!(
        to,
        "\"assessment-assets\":{}}},\"reviewed-controls\":{}",
        assets(data, lang),
        reviewed(data)
    )?;
    sorted.observations(to)?;
    sorted.findings(to)?;
    write!(to, "}}]")?;
    sorted.back_matter(to)?;
    writeln!(to, "}}}}")?;
    to.flush()?;
    Ok(())
}

/// Groups of the spool; observations have `2 n` (subjects) and `2 n + 1`
/// (evidence).
const ITEMS: u64 = u64::MAX;

type Scope = (String, String, String, String);

struct Sorted<'d> {
    data: &'d ReportData<'d>,
    lang: Lang,
    spool: Spool,
    /// Rule, type, account, region of each observation.
    scopes: IndexMap<Scope, Option<&'d Tally>>,
    counts: HashMap<Status, u64>,
    digests: Digests,
    cited: HashSet<u128>,
}

impl<'d> Sorted<'d> {
    fn read(data: &'d ReportData<'d>, lang: Lang) -> Result<Self, ReportError> {
        let mut scopes = IndexMap::new();
        for t in &data.tallies {
            let key = (
                t.rule.clone(),
                t.r#type.clone(),
                t.account.clone(),
                t.region.clone(),
            );
            scopes.insert(key, Some(t));
        }
        let mut out = Self {
            data,
            lang,
            spool: Spool::new(),
            scopes,
            counts: HashMap::new(),
            digests: Digests::read(data)?,
            cited: HashSet::new(),
        };
        let mut items: HashSet<u128> = HashSet::new();
        let mut evidence: HashSet<(usize, u128)> = HashSet::new();
        for f in data.findings.records()? {
            let f = f?;
            *out.counts.entry(Status::of(&f)).or_default() += 1;
            out.item(&f, &mut items)?;
            let at = out.scope(&f);
            out.push(at as u64 * 2, &subject(&f, &item_id(&f), lang))?;
            for x in exchanges(&f) {
                let Some(key) = number(x) else { continue };
                if out.digests.of(x).is_some() && evidence.insert((at, key)) {
                    out.cite(at, x, key)?;
                }
            }
        }
        out.queries(&mut evidence)?;
        Ok(out)
    }

    /// Pushes a member of an array.
    fn push(&mut self, group: u64, v: &Value) -> Result<(), ReportError> {
        let comma = if self.spool.count(group) > 0 { "," } else { "" };
        self.spool.push(group, &format!("{comma}\n{v}"))?;
        Ok(())
    }

    fn cite(&mut self, at: usize, exchange: &str, key: u128) -> Result<(), ReportError> {
        self.cited.insert(key);
        let evidence = json!({
            "href": format!("#{}", id(&["exchange", &self.data.run.id, exchange])),
            "description": exchange,
        });
        self.push(at as u64 * 2 + 1, &evidence)
    }

    /// The observation of a finding: the population of its region, or the one of
    /// the account where that enumerates all regions.
    fn scope(&mut self, f: &Finding) -> usize {
        let r = &f.resource;
        let key = |region: &str| {
            (
                f.rule.clone(),
                r.r#type.clone(),
                r.account.clone(),
                region.to_owned(),
            )
        };
        [r.region.as_str(), "global"]
            .iter()
            .find_map(|region| self.scopes.get_index_of(&key(region)))
            .unwrap_or_else(|| self.scopes.insert_full(key(&r.region), None).0)
    }

    fn item(&mut self, f: &Finding, items: &mut HashSet<u128>) -> Result<(), ReportError> {
        let uuid = item_id(f);
        if !items.insert(uuid::Uuid::parse_str(&uuid).map_or(0, |u| u.as_u128())) {
            return Ok(());
        }
        let r = &f.resource;
        let item = json!({
            "uuid": uuid,
            "description": line(&r.name),
            "props": [
                prop("resource-id", &r.id),
                prop("resource-type", &r.r#type),
                prop("account", &r.account),
                prop("region", &r.region),
            ],
        });
        self.push(ITEMS, &item)
    }

    /// The queries that enumerated the populations are evidence too.
    fn queries(&mut self, evidence: &mut HashSet<(usize, u128)>) -> Result<(), ReportError> {
        let data = self.data;
        let mut by_scope: HashMap<(&str, &str, &str), &[String]> = HashMap::new();
        for p in &data.populations {
            by_scope.insert((&p.r#type, &p.account, &p.region), &p.query);
        }
        for at in 0..self.scopes.len() {
            let Some((_, Some(t))) = self.scopes.get_index(at) else {
                continue;
            };
            let key = (t.r#type.as_str(), t.account.as_str(), t.region.as_str());
            for x in by_scope.get(&key).copied().unwrap_or_default() {
                let Some(n) = number(x) else { continue };
                if self.digests.of(x).is_some() && evidence.insert((at, n)) {
                    self.cite(at, x, n)?;
                }
            }
        }
        Ok(())
    }

    fn props(&self) -> Vec<Value> {
        crate::outward::STATUSES
            .iter()
            .map(|s| {
                let n = self.counts.get(s).copied().unwrap_or_default();
                prop(&format!("count-{}", s.id()), &n.to_string())
            })
            .collect()
    }

    fn observations(&mut self, to: &mut dyn Write) -> Result<(), ReportError> {
        if self.scopes.is_empty() {
            return Ok(());
        }
        write!(to, ",\"observations\":[")?;
        for at in 0..self.scopes.len() {
            let Some((scope, tally)) = self.scopes.get_index(at) else {
                continue;
            };
            let head = self.observation(scope, *tally).to_string();
            let comma = if at > 0 { ",\n" } else { "\n" };
            // Members that are streamed go before the closing brace.
            write!(to, "{comma}{}", head.strip_suffix('}').unwrap_or(&head))?;
            for (name, group) in [("subjects", 2 * at), ("relevant-evidence", 2 * at + 1)] {
                if self.spool.count(group as u64) > 0 {
                    write!(to, ",\"{name}\":[")?;
                    self.spool.drain(group as u64, to)?;
                    write!(to, "]")?;
                }
            }
            write!(to, "}}")?;
        }
        write!(to, "]")?;
        Ok(())
    }

    fn observation(&self, scope: &Scope, tally: Option<&Tally>) -> Value {
        let (rule, kind, account, region) = scope;
        let data = self.data;
        let info = data.rules.get(rule);
        let title = info.map_or(rule.as_str(), |r| r.title.get(self.lang));
        let mut props = vec![
            prop("rule", rule),
            prop("resource-type", kind),
            prop("account", account),
            prop("region", region),
        ];
        if let Some(r) = info {
            props.push(prop("severity", severity(r.severity)));
        }
        let remarks = match tally {
            Some(t) => {
                for (name, n) in tally_counts(t) {
                    props.push(prop(name, &n.to_string()));
                }
                props.push(prop(
                    "population-complete",
                    if t.complete { "yes" } else { "no" },
                ));
                population(t, self.lang)
            }
            None => String::new(),
        };
        let mut out = json!({
            "uuid": observation_id(data, scope),
            "title": line(title),
            "description": line(&format!("{rule}: {kind} ({account}, {region})")),
            "props": props,
            "methods": ["TEST"],
            "types": ["control-objective"],
            "origins": [{ "actors": [{ "type": "tool", "actor-uuid": tool_id(data) }] }],
            "collected": moment(data),
        });
        if let (false, Some(o)) = (remarks.is_empty(), out.as_object_mut()) {
            o.insert("remarks".into(), json!(remarks));
        }
        out
    }

    fn findings(&self, to: &mut dyn Write) -> Result<(), ReportError> {
        let mut by_rule: HashMap<&str, Vec<String>> = HashMap::new();
        for scope in self.scopes.keys() {
            let ids = by_rule.entry(&scope.0).or_default();
            ids.push(observation_id(self.data, scope));
        }
        for (i, s) in self.data.standings.iter().enumerate() {
            let open = if i == 0 { ",\"findings\":[\n" } else { ",\n" };
            write!(to, "{open}{}", self.finding(s, &by_rule))?;
        }
        if !self.data.standings.is_empty() {
            write!(to, "]")?;
        }
        Ok(())
    }

    fn finding(&self, s: &Standing, by_rule: &HashMap<&str, Vec<String>>) -> Value {
        let (data, lang) = (self.data, self.lang);
        let info = data.controls.get(&s.control);
        let label = info.map_or("", |c| c.label.get(lang));
        let related: Vec<_> = s
            .rules
            .iter()
            .filter(|r| r.strength > Strength::Context)
            .filter_map(|r| by_rule.get(r.rule.as_str()))
            .flatten()
            .map(|o| json!({ "observation-uuid": o }))
            .collect();
        let (kind, target) = match s.reach {
            Reach::Full | Reach::Part => ("objective-id", objective(&s.control)),
            Reach::HumanOnly | Reach::Inherited => ("statement-id", statement(&s.control)),
        };
        let (state, reason) = match s.state {
            State::Shown => ("satisfied", "pass"),
            State::Contradicted => ("not-satisfied", "fail"),
            // OSCAL has no third state: `other` says that nothing was determined.
            _ => ("not-satisfied", "other"),
        };
        let meaning = words::state_meaning(s.state).get(lang);
        let mut out = json!({
            "uuid": id(&["finding", &data.run.id, &s.control]),
            "title": line(&format!("{} {label}", s.control)),
            "description": meaning,
            "props": [prop("standing", standing(s.state)), prop("control", &s.control)],
            "target": {
                "type": kind, "target-id": target,
                "status": { "state": state, "reason": reason, "remarks": meaning },
            },
        });
        if let (false, Some(o)) = (related.is_empty(), out.as_object_mut()) {
            o.insert("related-observations".into(), json!(related));
        }
        out
    }

    /// A resource for each cited exchange, with the digest of its stored answer.
    fn back_matter(&mut self, to: &mut dyn Write) -> Result<(), ReportError> {
        let mut first = true;
        for x in self.data.exchanges.records()? {
            let x = x?;
            if !number(&x.id).is_some_and(|n| self.cited.remove(&n)) {
                continue;
            }
            let open = if first {
                ",\"back-matter\":{\"resources\":[\n"
            } else {
                ",\n"
            };
            first = false;
            write!(to, "{open}{}", self.resource(&x))?;
        }
        if !first {
            write!(to, "]}}")?;
        }
        Ok(())
    }

    fn resource(&self, x: &Exchange) -> Value {
        let sha = self.digests.of(&x.id).unwrap_or_default();
        let mut props = vec![
            prop("exchange", &x.id),
            prop("account", &x.account),
            prop("region", &x.region),
            prop("caller", &x.caller),
            prop("started", &x.started),
        ];
        if let Some(a) = x.answer.as_ref().filter(|a| a.redacted > 0) {
            props.push(prop("redacted", &a.redacted.to_string()));
        }
        json!({
            "uuid": id(&["exchange", &self.data.run.id, &x.id]),
            "title": line(&x.call),
            "props": props,
            "rlinks": [{
                "href": answer_path(&sha),
                "hashes": [{ "algorithm": "SHA-256", "value": sha }],
            }],
            "remarks": "The hash is of the answer before compression (zstd).",
        })
    }
}

fn tally_counts(t: &Tally) -> [(&'static str, u64); 6] {
    [
        ("enumerated", t.enumerated),
        ("count-pass", t.pass),
        ("count-fail", t.fail),
        ("count-unknown", t.unknown),
        ("count-excepted", t.excepted),
        ("count-not-applicable", t.not_applicable),
    ]
}

fn population(t: &Tally, lang: Lang) -> String {
    match (lang, t.complete) {
        (Lang::Ja, true) => format!("母集団 {} 件、列挙は最後まで達した。", t.enumerated),
        (Lang::Ja, false) => format!("母集団 {} 件、列挙は最後まで達していない。", t.enumerated),
        (Lang::En, true) => format!("{} enumerated, to the end.", t.enumerated),
        (Lang::En, false) => format!("{} enumerated, not to the end.", t.enumerated),
    }
}

fn observation_id(data: &ReportData<'_>, s: &Scope) -> String {
    id(&["observation", &data.run.id, &s.0, &s.1, &s.2, &s.3])
}

/// The same resource has the same id in every run.
fn item_id(f: &Finding) -> String {
    let r = &f.resource;
    id(&["resource", &r.r#type, &r.id, &r.account, &r.region])
}

fn subject(f: &Finding, item: &str, lang: Lang) -> Value {
    let status = Status::of(f);
    let mut props = vec![prop("status", status.id()), prop("finding", &f.id)];
    props.extend(f.gaps.iter().map(|g| prop("gap", g)));
    if let Some(e) = &f.excepted {
        props.extend(exception(e).iter().map(|(n, v)| prop(n, v)));
    }
    json!({
        "subject-uuid": item,
        "type": "inventory-item",
        "title": line(&f.resource.name),
        "props": props,
        "remarks": line(f.reason.get(lang)),
    })
}

fn standing(s: State) -> &'static str {
    match s {
        State::Contradicted => "contradicted",
        State::PartlyShown => "partly-shown",
        State::NotSeen => "not-seen",
        State::Shown => "shown",
        State::Inherited => "inherited",
        State::HumanOnly => "human-only",
    }
}
