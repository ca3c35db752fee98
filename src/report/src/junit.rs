//! Findings as JUnit XML, for pipelines that show tests.

use crate::counts::Counts;
use crate::data::{ReportData, ReportError};
use crate::outward::{Status, bearing, exception, severity};
use crate::overview::overview;
use crate::spool::Spool;
use crate::visible::{visible, visible_lines};
use crate::words::word;
use indexmap::IndexMap;
use shoseki_model::{Finding, Lang};
use std::fmt::Write as _;
use std::io::Write;

/// Name of the suite that says how much was read.
const READING: &str = "shoseki.reading";

/// Writes one suite a rule and one test case a finding. A failure is
/// `<failure>`, an unknown `<error>`, so that no pipeline takes it for success;
/// excepted and not applicable are `<skipped>` with a message that begins with
/// their name. The suite `shoseki.reading` has an error for every population
/// that is not whole and every account that was not reached: a run that read
/// nothing is never green.
///
/// # Errors
/// When the records cannot be read or the file not written.
pub fn junit(data: &ReportData<'_>, lang: Lang, mut to: impl Write) -> Result<(), ReportError> {
    let bears = bearing(data);
    let mut spool = Spool::new();
    let mut suites: IndexMap<String, Counts> = IndexMap::new();
    for f in data.findings.records()? {
        let f = f?;
        let entry = suites.entry(f.rule.clone());
        let group = entry.index() as u64;
        entry.or_default().add(&f);
        let controls = bears.get(f.rule.as_str()).map_or(&[][..], Vec::as_slice);
        spool.push(group, &case(&f, controls, lang))?;
    }
    let reading = reading(data, lang)?;
    let mut all = Counts::default();
    for c in suites.values() {
        all.pass += c.pass;
        all.fail += c.fail;
        all.unknown += c.unknown;
        all.excepted += c.excepted;
        all.not_applicable += c.not_applicable;
    }
    writeln!(
        to,
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"shoseki\" {}>",
        totals(&all, &reading)
    )?;
    let errors = reading.iter().filter(|c| c.contains("<error")).count();
    writeln!(
        to,
        "<testsuite name=\"{READING}\" tests=\"{}\" failures=\"0\" errors=\"{errors}\" skipped=\"0\" timestamp=\"{}\">",
        reading.len(),
        stamp(&data.run.started)
    )?;
    for c in &reading {
        to.write_all(c.as_bytes())?;
    }
    writeln!(to, "</testsuite>")?;
    for (i, (rule, c)) in suites.iter().enumerate() {
        writeln!(
            to,
            "<testsuite name=\"{}\" {} timestamp=\"{}\">",
            attribute(rule),
            totals(c, &[]),
            stamp(&data.run.started)
        )?;
        spool.drain(i as u64, &mut to)?;
        writeln!(to, "</testsuite>")?;
    }
    writeln!(to, "</testsuites>")?;
    to.flush()?;
    Ok(())
}

fn totals(c: &Counts, reading: &[String]) -> String {
    let errors = reading.iter().filter(|r| r.contains("<error")).count() as u64;
    format!(
        "tests=\"{}\" failures=\"{}\" errors=\"{}\" skipped=\"{}\"",
        c.total() + reading.len() as u64,
        c.fail,
        c.unknown + errors,
        c.excepted + c.not_applicable
    )
}

/// `2026-11-23T01:00:00`, as the format's schema wants it.
fn stamp(t: &str) -> String {
    t.get(..19).map_or_else(|| attribute(t), attribute)
}

fn case(f: &Finding, controls: &[&str], lang: Lang) -> String {
    let status = Status::of(f);
    let mut out = String::new();
    let name = format!(
        "{} ({}, {})",
        f.resource.id, f.resource.account, f.resource.region
    );
    let _ = writeln!(
        out,
        "<testcase classname=\"{}\" name=\"{}\">\n<properties>",
        attribute(&f.rule),
        attribute(&name)
    );
    let mut properties = vec![
        ("finding", f.id.as_str()),
        ("status", status.id()),
        ("severity", severity(f.severity)),
    ];
    properties.extend(controls.iter().map(|c| ("control", *c)));
    properties.extend(f.excepted.iter().flat_map(exception));
    for (name, value) in properties {
        let _ = writeln!(
            out,
            "<property name=\"{name}\" value=\"{}\"/>",
            attribute(value)
        );
    }
    out.push_str("</properties>\n");
    let reason = f.reason.get(lang);
    let kind = severity(f.severity);
    let _ = match status {
        Status::Fail => element(&mut out, "failure", kind, reason, f),
        Status::Unknown => element(&mut out, "error", "unknown", reason, f),
        Status::Excepted | Status::NotApplicable => writeln!(
            out,
            "<skipped message=\"{}: {}\"/>",
            status.id(),
            attribute(reason)
        ),
        Status::Pass => Ok(()),
    };
    out.push_str("</testcase>\n");
    out
}

fn element(
    out: &mut String,
    name: &str,
    kind: &str,
    reason: &str,
    f: &Finding,
) -> std::fmt::Result {
    let mut body = String::new();
    for o in &f.observed {
        let _ = writeln!(body, "{}", crate::outward::observed(o));
    }
    writeln!(
        out,
        "<{name} type=\"{kind}\" message=\"{}\">{}</{name}>",
        attribute(reason),
        text(&body)
    )
}

/// A case for every population and account; an error where it is not whole.
fn reading(data: &ReportData<'_>, lang: Lang) -> Result<Vec<String>, ReportError> {
    let mut out = Vec::new();
    let mut push = |name: &str, why: Option<&str>| {
        let body = why.map_or_else(String::new, |w| {
            format!("<error type=\"incomplete\" message=\"{}\"/>", attribute(w))
        });
        out.push(format!(
            "<testcase classname=\"{READING}\" name=\"{}\">{body}</testcase>\n",
            attribute(name)
        ));
    };
    let whole = word(
        "母集団の列挙が最後まで達していない。",
        "The enumeration did not reach its end.",
    );
    for p in &data.populations {
        let name = format!("{} ({}, {})", p.r#type, p.account, p.region);
        push(&name, (!p.complete).then(|| whole.get(lang)));
    }
    for u in &data.run.unreached {
        push(&u.target, Some(&u.message));
    }
    let o = overview(data)?;
    let nothing = word("何も読み取れなかった。", "Nothing could be read.");
    push("run", (!o.anything_seen).then(|| nothing.get(lang)));
    Ok(out)
}

fn escape(s: &str, out: &mut String) {
    for c in s.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            // Not allowed in XML 1.0.
            '\u{fffe}' | '\u{ffff}' => out.push('\u{fffd}'),
            c => out.push(c),
        }
    }
}

fn attribute(s: &str) -> String {
    let mut out = String::new();
    escape(&visible(s), &mut out);
    out
}

fn text(s: &str) -> String {
    let mut out = String::new();
    escape(&visible_lines(s), &mut out);
    out
}
