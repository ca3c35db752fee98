//! The columns of a sample, and their CSV.

use super::{Item, SampleData};
use crate::book::{Column, Look, column};
use crate::cells::{cell, csv_cell};
use crate::data::ReportError;
use crate::population::whole;
use crate::time::jst;
use crate::words;
use shoseki_model::{Exchange, Finding, Lang, Sight, Verdict};
use std::io::Write;

/// Place of the technique among the columns.
pub(super) const TECHNIQUE: u16 = 19;

/// The columns, those for the auditor last.
pub(super) const COLUMNS: [Column; 22] = [
    column("抽出元", "Drawn for", 11.0, Look::Text),
    column("抽出順", "Place", 6.0, Look::Number),
    column("判定番号", "Finding", 20.0, Look::Code),
    column("ルール", "Rule", 24.0, Look::Code),
    column("期待する設定", "Expected", 26.0, Look::Text),
    column("リソース種別", "Resource type", 16.0, Look::Code),
    column("リソース ID", "Resource id", 32.0, Look::Code),
    column("名称", "Name", 16.0, Look::Text),
    column("アカウント", "Account", 13.0, Look::Text),
    column("リージョン", "Region", 13.0, Look::Text),
    column("母集団の範囲", "Scope", 12.0, Look::Text),
    column("母集団", "Population", 9.0, Look::Text),
    column("判定", "Verdict", 9.0, Look::Text),
    column("観測値", "Observed", 36.0, Look::Code),
    column("判定の理由", "Reason", 30.0, Look::Text),
    column(
        "照会と応答の SHA-256",
        "Exchanges, SHA-256 of answers",
        44.0,
        Look::Code,
    ),
    column("証跡の場所", "Evidence", 24.0, Look::Code),
    column("抽出キー", "Key of the draw", 20.0, Look::Code),
    column("監査手続番号", "Procedure reference", 13.0, Look::Input),
    column("技法", "Technique", 9.0, Look::Input),
    column("結果", "Result", 18.0, Look::Input),
    column("発見事項", "Audit finding", 24.0, Look::Input),
];

/// Characters of one observed value; the whole is in `finding.json`.
const VALUE: usize = 600;

/// The cells of an item, those for the auditor empty.
pub(super) fn cells(data: &SampleData, item: &Item, lang: Lang) -> Vec<String> {
    let (f, r) = (&item.finding, &item.finding.resource);
    let selector = data.draws.get(item.draw).map_or("", |d| &d.selector);
    let mut out = vec![
        selector.to_owned(),
        item.place.to_string(),
        f.id.clone(),
        f.rule.clone(),
        item.title.get(lang).to_owned(),
        r.r#type.clone(),
        r.id.clone(),
        r.name.clone(),
        r.account.clone(),
        r.region.clone(),
        item.scope.clone(),
        whole(item.complete).get(lang).to_owned(),
        verdict(f, lang),
        observed(f, lang),
        f.reason.get(lang).to_owned(),
        item.exchanges
            .iter()
            .map(exchange)
            .collect::<Vec<_>>()
            .join("\n"),
        item.folder.clone(),
        item.key.clone(),
    ];
    out.resize(COLUMNS.len(), String::new());
    out
}

/// The verdict, and whether it is excepted.
pub(super) fn verdict(f: &Finding, lang: Lang) -> String {
    match (&f.excepted, f.verdict) {
        (Some(e), Verdict::Fail) => {
            let (v, x) = (words::verdict(f.verdict), words::EXCEPTED);
            format!("{} ({}: {})", v.get(lang), x.get(lang), e.approver)
        }
        _ => words::verdict(f.verdict).get(lang).to_owned(),
    }
}

fn observed(f: &Finding, lang: Lang) -> String {
    let one = |o: &shoseki_model::Observed| {
        let value = match &o.sight {
            Sight::Seen(v) => clipped(&v.to_string()),
            Sight::Absent => words::ABSENT.get(lang).to_owned(),
            Sight::Unseen(gap) => format!("{} ({gap})", words::UNSEEN.get(lang)),
        };
        format!("{} = {value}", o.path)
    };
    f.observed.iter().map(one).collect::<Vec<_>>().join("\n")
}

fn clipped(text: &str) -> String {
    match text.char_indices().nth(VALUE) {
        None => text.to_owned(),
        Some((at, _)) => format!("{}... (finding.json)", &text[..at]),
    }
}

fn exchange(x: &Exchange) -> String {
    let answer = match &x.answer {
        Some(a) if a.redacted > 0 => format!("{} (redacted: {})", a.sha256, a.redacted),
        Some(a) => a.sha256.clone(),
        None => "-".to_owned(),
    };
    let status = x.status.map_or_else(|| "-".to_owned(), |s| s.to_string());
    let region = &x.region;
    format!(
        "{} {} {region} HTTP {status} {}\n  {answer}",
        x.id,
        x.call,
        jst(&x.started)
    )
}

/// Writes the sample as CSV (RFC 4180: CRLF, quotes where needed), heads first.
/// Text that a spreadsheet would take for a formula has an apostrophe before it.
/// `bom`: with the byte order mark by which Excel knows UTF-8.
///
/// # Errors
/// A writer that fails.
pub fn csv(
    data: &SampleData,
    lang: Lang,
    bom: bool,
    mut to: impl Write,
) -> Result<(), ReportError> {
    if bom {
        to.write_all("\u{feff}".as_bytes())?;
    }
    let wrong = |e: csv::Error| ReportError::Write(std::io::Error::other(e));
    let mut out = csv::WriterBuilder::new()
        .terminator(csv::Terminator::CRLF)
        .from_writer(to);
    out.write_record(COLUMNS.iter().map(|c| c.head.get(lang)))
        .map_err(wrong)?;
    for item in &data.items {
        let row = cells(data, item, lang);
        out.write_record(row.iter().map(|c| csv_cell(&cell(c)).into_owned()))
            .map_err(wrong)?;
    }
    Ok(out.flush()?)
}
