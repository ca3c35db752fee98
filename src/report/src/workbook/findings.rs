//! The sheet by finding.

use super::{FINDINGS, code, list, text};
use crate::appendix::Appendix;
use crate::book::{Book, Cell, Column, Look, column};
use crate::data::{ReportData, ReportError};
use crate::outward::{Status, bearing, exchanges};
use crate::words;
use shoseki_model::{Excepted, Finding, Lang, Observed, Sight};

const COLUMNS: [Column; 16] = [
    column("判定番号", "Finding", 20.0, Look::Code),
    column("判定", "Verdict", 9.0, Look::Text),
    column("重要度", "Severity", 7.0, Look::Text),
    column("ルール", "Rule", 30.0, Look::Code),
    column("期待する設定", "Expected", 28.0, Look::Text),
    column("管理策番号", "Controls", 16.0, Look::Code),
    column("リソース種別", "Resource type", 18.0, Look::Code),
    column("リソース ID", "Resource id", 36.0, Look::Code),
    column("名称", "Name", 18.0, Look::Text),
    column("アカウント", "Account", 14.0, Look::Code),
    column("リージョン", "Region", 13.0, Look::Text),
    column("観測値", "Observed", 40.0, Look::Code),
    column("判定の理由", "Reason", 36.0, Look::Text),
    column("未確認の番号", "Gaps", 20.0, Look::Code),
    column(
        "照会と応答の SHA-256",
        "Exchanges, SHA-256 of answers",
        50.0,
        Look::Code,
    ),
    column("承認済み例外", "Exception", 26.0, Look::Text),
];

pub(super) fn write(
    book: &mut Book,
    data: &ReportData<'_>,
    a: &Appendix,
    lang: Lang,
) -> Result<(), ReportError> {
    let bears = bearing(data);
    let rows = data.findings.records()?.map(|f| {
        let f = f?;
        let controls = bears.get(f.rule.as_str()).map_or(&[][..], Vec::as_slice);
        Ok(row(data, a, &f, controls, lang))
    });
    book.table(&list(FINDINGS.get(lang), &COLUMNS, 3, 2), rows, lang)
}

fn row(
    data: &ReportData<'_>,
    a: &Appendix,
    f: &Finding,
    controls: &[&str],
    lang: Lang,
) -> Vec<Cell> {
    let status = Status::of(f);
    let look = match status {
        Status::Fail => Look::Bad,
        Status::Unknown => Look::Unseen,
        Status::Pass => Look::Good,
        Status::Excepted | Status::NotApplicable => Look::Text,
    };
    let title = data.rules.get(&f.rule).map_or("", |r| r.title.get(lang));
    let r = &f.resource;
    let answers = exchanges(f).into_iter().map(|x| match a.digests.of(x) {
        Some(d) => format!("{x} {d}"),
        None => format!("{x} -"),
    });
    vec![
        text(&f.id),
        Cell::As(look, status.word().get(lang).to_owned()),
        text(words::severity(f.severity).get(lang)),
        text(&f.rule),
        text(title),
        text(&controls.join(" ")),
        text(&r.r#type),
        text(&r.id),
        text(&r.name),
        text(&r.account),
        text(&r.region),
        code(f.observed.iter().map(|o| observed(o, lang))),
        text(f.reason.get(lang)),
        text(&f.gaps.join(" ")),
        code(answers),
        text(&f.excepted.as_ref().map_or_else(String::new, excepted)),
    ]
}

fn observed(o: &Observed, lang: Lang) -> String {
    let path = &o.path;
    match &o.sight {
        Sight::Seen(v) => format!("{path} = {v}"),
        Sight::Absent => format!("{path}: {}", words::ABSENT.get(lang)),
        Sight::Unseen(gap) => format!("{path}: {} ({gap})", words::UNSEEN.get(lang)),
    }
}

fn excepted(e: &Excepted) -> String {
    format!(
        "{} ({} – {})\n{} / {}\n{}",
        e.id, e.from, e.until, e.owner, e.approver, e.reason
    )
}
