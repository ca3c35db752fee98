//! Findings as CSV (RFC 4180), one line each.

use crate::cells::{cell, csv_cell};
use crate::data::{ReportData, ReportError};
use crate::outward::{
    self, EXCEPTION_FIELDS, Status, bearing, exception, exchanges, observed, severity,
};
use shoseki_model::{Finding, Lang};
use std::io::Write;

const HEADS: [&str; 17] = [
    "finding",
    "status",
    "verdict",
    "severity",
    "rule",
    "title",
    "controls",
    "type",
    "resource",
    "name",
    "account",
    "region",
    "reason",
    "observed",
    "gaps",
    "exchanges",
    "edition",
];

/// Writes the findings as CSV, one record each: a heading, CRLF at line ends,
/// quotes where they are needed, UTF-8, with a byte order mark where `bom`. A
/// cell that a spreadsheet would take for a formula begins with an apostrophe;
/// characters that steer or hide are shown; lists are separated by spaces.
///
/// # Errors
/// When the records cannot be read or the file not written.
pub fn csv(
    data: &ReportData<'_>,
    lang: Lang,
    bom: bool,
    mut to: impl Write,
) -> Result<(), ReportError> {
    if bom {
        to.write_all("\u{feff}".as_bytes())?;
    }
    let bears = bearing(data);
    let mut out = ::csv::WriterBuilder::new()
        .terminator(::csv::Terminator::CRLF)
        .from_writer(to);
    let heads = HEADS.iter().chain(&EXCEPTION_FIELDS);
    out.write_record(heads).map_err(failed)?;
    for f in data.findings.records()? {
        let f = f?;
        let controls = bears.get(f.rule.as_str()).map_or(&[][..], Vec::as_slice);
        let record = record(data, &f, controls, lang);
        let cells = record.iter().map(|c| csv_cell(&cell(c)).into_owned());
        out.write_record(cells).map_err(failed)?;
    }
    out.flush()?;
    Ok(())
}

fn failed(e: ::csv::Error) -> ReportError {
    ReportError::Write(std::io::Error::other(e))
}

fn record(data: &ReportData<'_>, f: &Finding, controls: &[&str], lang: Lang) -> Vec<String> {
    let title = data.rules.get(&f.rule).map_or("", |r| r.title.get(lang));
    let seen: Vec<_> = f.observed.iter().map(observed).collect();
    let mut row = vec![
        f.id.clone(),
        Status::of(f).id().to_owned(),
        verdict(f).to_owned(),
        severity(f.severity).to_owned(),
        f.rule.clone(),
        title.to_owned(),
        controls.join(" "),
        f.resource.r#type.clone(),
        f.resource.id.clone(),
        f.resource.name.clone(),
        f.resource.account.clone(),
        f.resource.region.clone(),
        f.reason.get(lang).to_owned(),
        seen.join("\n"),
        f.gaps.join(" "),
        exchanges(f).join(" "),
        data.run.edition.clone(),
    ];
    let given = f.excepted.as_ref().map(exception).unwrap_or_default();
    for name in EXCEPTION_FIELDS {
        let value = given.iter().find(|(n, _)| *n == name).map_or("", |e| e.1);
        row.push(value.to_owned());
    }
    row
}

fn verdict(f: &Finding) -> &'static str {
    match Status::of(f) {
        outward::Status::Excepted => "fail",
        s => s.id(),
    }
}
