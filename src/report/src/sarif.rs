//! Findings as SARIF 2.1.0 (OASIS), for code-scanning pages.

use crate::data::{ReportData, ReportError, RuleInfo};
use crate::outward::{self, Status, bearing, exception, moment};
use crate::overview::{Outcome, overview};
use crate::visible::visible;
use crate::words;
use serde_json::{Value, json};
use shoseki_model::{Cause, Finding, Lang, Severity};
use std::collections::{BTreeMap, HashMap};
use std::io::Write;

const SCHEMA: &str =
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";

/// Writes one run: a rule with help in both languages for each rule, a result
/// for each finding. `kind` is `pass`, `fail`, `open` (unknown) or
/// `notApplicable`; an excepted failure is a `fail` with an accepted external
/// suppression; only `fail` has a level other than `none` (SARIF 2.1.0,
/// 3.27.10). Results are streamed.
///
/// # Errors
/// When the records cannot be read or the document not written.
pub fn sarif(data: &ReportData<'_>, lang: Lang, to: impl Write) -> Result<(), ReportError> {
    write_run(data, lang, None, to)
}

/// The same for GitHub's code scanning, which makes an alert of every result whatever
/// its `kind` (<https://github.com/microsoft/PSRule/issues/955>): failures and unknowns
/// alone, without the observed values, and within [`RESULTS`] and [`TAGS`]. What is
/// left out is counted in a notification.
///
/// # Errors
/// When the records cannot be read or the document not written.
pub fn sarif_for_github(
    data: &ReportData<'_>,
    lang: Lang,
    to: impl Write,
) -> Result<(), ReportError> {
    write_run(data, lang, Some(Cut::of(data)?), to)
}

/// Results of a run that GitHub accepts; a file with more is refused:
/// <https://docs.github.com/code-security/code-scanning/troubleshooting-sarif/results-exceed-limit>.
pub const RESULTS: u64 = 25_000;
/// Tags of a rule that it accepts (same source).
pub const TAGS: usize = 20;

/// What goes into a report for GitHub: the gravest results.
struct Cut {
    /// How many of each outcome and severity may still be written.
    room: BTreeMap<(Status, Severity), u64>,
    /// Failures and unknowns for which there is no room.
    left_out: u64,
}

impl Cut {
    fn of(data: &ReportData<'_>) -> Result<Self, ReportError> {
        let mut counts: BTreeMap<(Status, Severity), u64> = BTreeMap::new();
        for f in data.findings.records()? {
            let f = f?;
            let status = Status::of(&f);
            if status <= Status::Unknown {
                *counts.entry((status, f.severity)).or_default() += 1;
            }
        }
        let (mut room, mut left_out, mut free) = (BTreeMap::new(), 0, RESULTS);
        for status in [Status::Fail, Status::Unknown] {
            let of = counts.iter().filter(|(k, _)| k.0 == status);
            for (key, n) in of.rev() {
                let taken = free.min(*n);
                room.insert(*key, taken);
                free -= taken;
                left_out += n - taken;
            }
        }
        Ok(Self { room, left_out })
    }

    fn takes(&mut self, f: &Finding) -> bool {
        let room = self.room.get_mut(&(Status::of(f), f.severity));
        let Some(room) = room.filter(|n| **n > 0) else {
            return false;
        };
        *room -= 1;
        true
    }

    fn note(&self, lang: Lang) -> Option<Value> {
        let n = self.left_out;
        let text = match lang {
            Lang::Ja => format!(
                "上限 {RESULTS} 件のため、相違と判定不能のうち重要度の低い {n} 件を省いた。"
            ),
            Lang::En => format!(
                "Left out are {n} failures and unknowns of the lowest severities: a file holds {RESULTS} results."
            ),
        };
        (n > 0).then(|| json!({ "level": "warning", "message": { "text": text } }))
    }
}

fn write_run(
    data: &ReportData<'_>,
    lang: Lang,
    mut cut: Option<Cut>,
    mut to: impl Write,
) -> Result<(), ReportError> {
    let bears = bearing(data);
    let tags = cut.as_ref().map_or(usize::MAX, |_| TAGS);
    let index: HashMap<&str, usize> = data
        .rules
        .keys()
        .enumerate()
        .map(|(i, k)| (k.as_str(), i))
        .collect();
    let rules: Vec<_> = data
        .rules
        .values()
        .map(|r| {
            rule(
                r,
                bears.get(r.id.as_str()).map_or(&[][..], Vec::as_slice),
                tags,
                lang,
            )
        })
        .collect();
    let tool = json!({ "driver": {
        "name": data.run.tool, "version": data.run.version,
        "semanticVersion": data.run.version, "rules": rules,
    }});
    let tag = match lang {
        Lang::Ja => "ja-JP",
        Lang::En => "en-US",
    };
    write!(
        to,
        "{{\"$schema\":\"{SCHEMA}\",\"version\":\"2.1.0\",\"runs\":[{{\"tool\":{tool},\"language\":\"{tag}\",\"columnKind\":\"unicodeCodePoints\",\"automationDetails\":{},\"invocations\":[{}],\"properties\":{},\"results\":[",
        json!({ "id": format!("shoseki/{}", data.run.id) }),
        invocation(data, cut.as_ref().and_then(|c| c.note(lang)), lang)?,
        json!({ "edition": data.run.edition }),
    )?;
    let mut comma = "";
    for f in data.findings.records()? {
        let f = f?;
        if cut.as_mut().is_some_and(|c| !c.takes(&f)) {
            continue;
        }
        let controls = bears.get(f.rule.as_str()).map_or(&[][..], Vec::as_slice);
        let at = index.get(f.rule.as_str()).copied();
        let mut result = result(&f, at, controls, lang);
        if cut.is_some()
            && let Some(p) = result["properties"].as_object_mut()
        {
            p.remove("observed");
        }
        write!(to, "{comma}\n{result}")?;
        comma = ",";
    }
    writeln!(to, "]}}]}}")?;
    to.flush()?;
    Ok(())
}

fn rule(r: &RuleInfo, controls: &[&str], most: usize, lang: Lang) -> Value {
    let help = |l: Lang| match l {
        Lang::Ja => (&r.why.ja, &r.fix.ja),
        Lang::En => (&r.why.en, &r.fix.en),
    };
    let other = match lang {
        Lang::Ja => Lang::En,
        Lang::En => Lang::Ja,
    };
    let mut text = String::new();
    let mut markdown = String::new();
    for l in [lang, other] {
        let (why, fix) = help(l);
        let title = r.title.get(l);
        text.push_str(&format!("{title}\n{}\n{}\n\n", why.trim(), fix.trim()));
        markdown.push_str(&format!(
            "**{title}**\n\n{}\n\n{}\n\n",
            why.trim(),
            fix.trim()
        ));
    }
    if !r.fix.cli.is_empty() {
        markdown.push_str(&format!("```console\n{}\n```\n", r.fix.cli.trim()));
    }
    let mut tags = vec!["security".to_owned(), "ISMAP".to_owned()];
    tags.extend(controls.iter().map(|c| format!("ISMAP/{c}")));
    tags.truncate(most);
    let mut out = json!({
        "id": r.id,
        "name": pascal(&r.id),
        "shortDescription": { "text": r.title.get(lang) },
        "fullDescription": { "text": r.why.get(lang) },
        "help": { "text": text.trim(), "markdown": markdown.trim() },
        "defaultConfiguration": { "level": level(r.severity) },
        "properties": {
            "tags": tags, "controls": controls, "precision": "very-high",
            "security-severity": score(r.severity),
            "title": { "ja": r.title.ja, "en": r.title.en },
        },
    });
    let link = r.references.iter().find(|u| u.starts_with("https://"));
    if let (Some(link), Some(o)) = (link, out.as_object_mut()) {
        o.insert("helpUri".into(), json!(link));
    }
    out
}

/// `AwsS3BucketDefaultEncryption`: the name that viewers show beside the id.
fn pascal(id: &str) -> String {
    id.split(['.', '-', '_'])
        .map(|w| {
            let mut c = w.chars();
            c.next().map_or_else(String::new, |f| {
                f.to_uppercase().collect::<String>() + c.as_str()
            })
        })
        .collect()
}

fn level(s: Severity) -> &'static str {
    match s {
        Severity::Critical | Severity::High => "error",
        Severity::Medium => "warning",
        Severity::Low => "note",
    }
}

/// GitHub's scale: over 9.0 critical, 7.0 to 8.9 high, 4.0 to 6.9 medium.
fn score(s: Severity) -> &'static str {
    match s {
        Severity::Critical => "9.5",
        Severity::High => "8.0",
        Severity::Medium => "5.5",
        Severity::Low => "2.0",
    }
}

fn result(f: &Finding, rule: Option<usize>, controls: &[&str], lang: Lang) -> Value {
    let status = Status::of(f);
    let (kind, level) = match status {
        Status::Fail | Status::Excepted => ("fail", level(f.severity)),
        Status::Unknown => ("open", "none"),
        Status::Pass => ("pass", "none"),
        Status::NotApplicable => ("notApplicable", "none"),
    };
    let r = &f.resource;
    let mut out = json!({
        "ruleId": f.rule,
        "kind": kind,
        "level": level,
        "message": { "text": message(&visible(f.reason.get(lang))) },
        "locations": [{
            "physicalLocation": {
                "artifactLocation": { "uri": address(f) }, "region": { "startLine": 1 },
            },
            "logicalLocations": [{
                "name": visible(&r.name), "fullyQualifiedName": visible(&r.id), "kind": "resource",
            }],
        }],
        "partialFingerprints": { "shosekiFinding/v1": f.id },
        "properties": {
            "finding": f.id, "status": status.id(), "severity": outward::severity(f.severity),
            "type": r.r#type, "account": r.account, "region": r.region, "controls": controls,
            "observed": f.observed, "gaps": f.gaps,
        },
    });
    let Some(o) = out.as_object_mut() else {
        return out;
    };
    if let Some(i) = rule {
        o.insert("ruleIndex".into(), json!(i));
    }
    if let (Status::Excepted, Some(e)) = (status, &f.excepted) {
        let fields: serde_json::Map<_, _> = exception(e)
            .into_iter()
            .map(|(n, v)| (n.to_owned(), json!(v)))
            .collect();
        let suppression = json!([{
            "kind": "external", "status": "accepted",
            "justification": e.reason, "properties": fields,
        }]);
        o.insert("suppressions".into(), suppression);
    }
    out
}

/// Braces and brackets mean placeholders and links in a message (3.11).
fn message(s: &str) -> String {
    let mut out = String::new();
    for c in s.chars() {
        match c {
            '{' => out.push_str("{{"),
            '}' => out.push_str("}}"),
            '[' | ']' | '\\' => {
                out.push('\\');
                out.push(c);
            }
            c => out.push(c),
        }
    }
    out
}

/// A relative address that names the resource, for viewers that show results
/// only at a file: `cloud/aws/ACCOUNT/REGION/TYPE/NAME`.
fn address(f: &Finding) -> String {
    let r = &f.resource;
    let parts = [
        outward::cloud_of(&r.r#type),
        &r.account,
        &r.region,
        &r.r#type,
        &r.id,
    ];
    let mut out = "cloud".to_owned();
    for p in parts {
        out.push('/');
        for b in p.bytes() {
            if b.is_ascii_alphanumeric() || b"-_.".contains(&b) {
                out.push(b.into());
            } else {
                out.push_str(&format!("%{b:02X}"));
            }
        }
    }
    out
}

/// The scan itself: when, and what it did not see, as notifications.
fn invocation(
    data: &ReportData<'_>,
    note: Option<Value>,
    lang: Lang,
) -> Result<Value, ReportError> {
    let o = overview(data)?;
    let mut notes: Vec<Value> = note.into_iter().collect();
    for (g, n) in o.gaps.iter().filter(|(g, _)| g.cause != Cause::NotAsked) {
        let part = g.part.as_deref().unwrap_or("*");
        let cause = words::cause(g.cause).get(lang);
        let text = format!("{cause}: {} ({} {part}) x {n}", g.call, g.r#type);
        notes.push(json!({ "level": "warning", "message": { "text": message(&visible(&text)) } }));
    }
    for u in &data.run.unreached {
        let text = format!("{}: {}", u.target, u.message);
        notes.push(json!({ "level": "error", "message": { "text": message(&visible(&text)) } }));
    }
    let incomplete = o.outcome != Outcome::Whole;
    Ok(json!({
        "executionSuccessful": o.anything_seen && data.run.stopped.is_none(),
        "startTimeUtc": data.run.started,
        "endTimeUtc": moment(data),
        "toolExecutionNotifications": notes,
        "properties": { "incomplete": incomplete },
    }))
}
