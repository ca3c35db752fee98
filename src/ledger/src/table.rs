//! A period as CSV.

use crate::finding::{FindingTimeline, Side};
use crate::{Error, Ledger, Moment, Period};
use serde::Serialize;
use shoseki_model::StatedControl;
use shoseki_report::csv_cell;
use std::borrow::Cow;
use std::io::Write;

/// One line of the CSV.
#[derive(Default, Serialize)]
struct Line<'a> {
    record: &'a str,
    control: &'a str,
    edition: &'a str,
    finding: &'a str,
    rule: &'a str,
    severity: String,
    r#type: &'a str,
    resource: Cow<'a, str>,
    name: Cow<'a, str>,
    accounts: String,
    region: &'a str,
    state: String,
    before: String,
    from_jst: String,
    to_jst: String,
    from_utc: String,
    to_utc: String,
    seconds: i64,
    observed_before: String,
    observed: String,
    note: String,
    adopted: &'a str,
    measure: String,
    source: &'a str,
}

impl Line<'_> {
    fn between(&mut self, from: Moment, to: Moment) {
        (self.from_jst, self.to_jst) = (from.jst(), to.jst());
        (self.from_utc, self.to_utc) = (from.utc(), to.utc());
        self.seconds = (to.0 - from.0) / 1000;
    }
}

/// The stored name of a word.
fn stored(v: &impl Serialize) -> String {
    match serde_json::to_value(v) {
        Ok(serde_json::Value::String(s)) => s,
        _ => String::new(),
    }
}

/// Writes the period as CSV with a head: one line an interval, a change, a scan
/// gap or a change of the packs, as the column `record` says.
///
/// # Errors
/// A ledger that is not sound, a writer that fails.
pub fn csv(period: &Period, ledger: &Ledger, to: &mut dyn Write) -> Result<(), Error> {
    let mut out = csv::Writer::from_writer(to);
    let wrong = |e: csv::Error| Error::Write(e.into());
    for g in &period.gaps {
        let mut line = Line {
            record: "scan-gap",
            accounts: g.accounts.join(" "),
            state: "not-observed".into(),
            ..Line::default()
        };
        line.between(g.from, g.to);
        out.serialize(line).map_err(wrong)?;
    }
    for line in backfills(period) {
        out.serialize(line).map_err(wrong)?;
    }
    for p in &period.pack_changes {
        let mut line = Line {
            record: "pack-change",
            before: p.from.clone().unwrap_or_default(),
            state: p.to.clone().unwrap_or_default(),
            note: format!(
                "{}: +{} -{} ~{}",
                p.pack,
                p.added.len(),
                p.removed.len(),
                p.changed.len()
            ),
            ..Line::default()
        };
        line.between(p.after, p.at);
        out.serialize(line).map_err(wrong)?;
    }
    for c in &period.controls {
        for i in &c.intervals {
            let mut line = Line {
                record: "control",
                control: &c.control,
                edition: i.edition.as_deref().unwrap_or_default(),
                accounts: c.accounts.join(" "),
                state: i.state.map_or("not-observed".into(), |s| stored(&s)),
                adopted: match &c.stated {
                    None => "",
                    Some(s) if s.adopted => "true",
                    Some(_) => "false",
                },
                measure: c.stated.as_ref().map_or_else(String::new, measure),
                ..Line::default()
            };
            line.between(i.from, i.to);
            out.serialize(line).map_err(wrong)?;
        }
    }
    for d in period.stated.iter().flat_map(|(_, all)| all) {
        let line = Line {
            record: "discrepancy",
            // An id that no catalogue has is a stranger's text.
            control: d
                .control
                .as_deref()
                .filter(|c| c.starts_with(|x: char| x.is_ascii_digit()))
                .unwrap_or_default(),
            severity: stored(&d.severity),
            name: csv_cell(d.subject.as_deref().unwrap_or_default()),
            state: d.code.to_owned(),
            note: csv_cell(&format!("{} / {}", d.text.ja, d.text.en)).into_owned(),
            ..Line::default()
        };
        out.serialize(line).map_err(wrong)?;
    }
    period.findings(ledger, true, &mut |f| {
        for line in lines(&f) {
            out.serialize(line).map_err(wrong)?;
        }
        Ok(())
    })?;
    out.flush().map_err(Error::Write)
}

/// Back-fills, and times of which their sources say nothing.
fn backfills(period: &Period) -> Vec<Line<'_>> {
    let mut out = Vec::new();
    for b in &period.backfills {
        let mut line = Line {
            record: "backfill-asked",
            source: &b.source,
            accounts: b.accounts.join(" "),
            note: format!("entry={} states={}", b.entry, b.states),
            ..Line::default()
        };
        line.between(b.from, b.to);
        out.push(line);
    }
    for g in &period.source_gaps {
        let mut line = Line {
            record: "source-gap",
            source: &g.source,
            r#type: &g.r#type,
            resource: csv_cell(g.resource.as_deref().unwrap_or_default()),
            accounts: g.account.clone(),
            region: &g.region,
            state: stored(&g.cause),
            note: format!("entry={}", g.entry),
            ..Line::default()
        };
        line.between(g.from, g.to);
        out.push(line);
    }
    out
}

/// What the provider does, or why it does not, or from whom it is carried over.
fn measure(s: &StatedControl) -> String {
    let text = s.measure.as_ref().or(s.reason.as_ref());
    let text = text.map_or("", |t| t.ja.as_str());
    let all = match &s.inherited_from {
        Some(from) => format!("{text} ← {from}"),
        None => text.to_owned(),
    };
    csv_cell(&all).into_owned()
}

/// The lines of a finding.
fn lines(f: &FindingTimeline) -> Vec<Line<'_>> {
    let line = |record| Line {
        record,
        finding: &f.id,
        rule: &f.rule,
        severity: stored(&f.severity),
        r#type: &f.resource.r#type,
        resource: csv_cell(&f.resource.id),
        name: csv_cell(&f.resource.name),
        accounts: f.resource.account.clone(),
        region: &f.resource.region,
        ..Line::default()
    };
    let mut out = Vec::new();
    for s in &f.intervals {
        let mut l = line("finding");
        l.state = s.state.map_or("not-observed".into(), |s| stored(&s));
        l.between(s.from, s.to);
        out.push(l);
    }
    for s in &f.backfilled {
        let mut l = line("backfill");
        l.state = stored(&s.state);
        l.source = &s.source;
        let (captured, status) = (s.captured.utc(), &s.status);
        l.note = format!("entry={} captured={captured} status={status}", s.entry);
        l.between(s.from, s.to);
        out.push(l);
    }
    for c in &f.changes {
        let mut l = line("change");
        let observed = |s: &Side| {
            s.observed
                .as_ref()
                .map_or_else(String::new, ToString::to_string)
        };
        (l.before, l.state) = (stored(&c.before.state), stored(&c.now.state));
        (l.observed_before, l.observed) = (observed(&c.before), observed(&c.now));
        // A change of the exception alone is one too.
        let excepted = |s: &Side| s.excepted.as_ref().map(ToString::to_string);
        for (cell, side) in [
            (&mut l.observed_before, &c.before),
            (&mut l.observed, &c.now),
        ] {
            if let Some(e) = excepted(side) {
                cell.push_str(&format!(" excepted: {e}"));
            }
        }
        l.between(c.after, c.at);
        let notes = [
            (c.across_gap, "across-gap"),
            (c.rule_changed, "rule-changed"),
        ];
        l.note = notes
            .iter()
            .filter(|(is, _)| *is)
            .map(|(_, n)| *n)
            .collect::<Vec<_>>()
            .join(" ");
        out.push(l);
    }
    for l in &mut out {
        (l.observed, l.observed_before) = (
            csv_cell(&l.observed).into_owned(),
            csv_cell(&l.observed_before).into_owned(),
        );
    }
    out
}
