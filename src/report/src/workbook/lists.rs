//! Populations, rules by scope, gaps, exceptions.

use super::{EXCEPTIONS, GAPS, POPULATIONS, SCOPES, code, list, text, whole};
use crate::appendix::{Appendix, Beside};
use crate::book::{Book, Cell, Column, Look, column};
use crate::data::{ReportData, ReportError};
use crate::words;
use shoseki_model::{ExceptionUse, Gap, Lang, Population, Tally};

const POPULATION_COLUMNS: [Column; 8] = [
    column("クラウド", "Cloud", 9.0, Look::Text),
    column("リソース種別", "Resource type", 26.0, Look::Code),
    column("アカウント", "Account", 16.0, Look::Code),
    column("範囲", "Scope", 14.0, Look::Text),
    column("列挙数", "Enumerated", 9.0, Look::Number),
    column("列挙", "Enumeration", 9.0, Look::Text),
    column(
        "列挙した照会と応答の SHA-256",
        "Query, SHA-256 of answers",
        60.0,
        Look::Code,
    ),
    column("未確認の番号", "Gaps", 24.0, Look::Code),
];

pub(super) fn populations(
    book: &mut Book,
    data: &ReportData<'_>,
    a: &Appendix,
    lang: Lang,
) -> Result<(), ReportError> {
    let row = |p: &Population| -> Vec<Cell> {
        let query = p.query.iter().map(|x| {
            let digest = a.digests.of(x);
            format!("{x} {}", digest.as_deref().unwrap_or("-"))
        });
        vec![
            text(words::cloud(&p.cloud)),
            text(&p.r#type),
            text(&p.account),
            text(&p.region),
            p.count.into(),
            whole(p.complete, lang),
            code(query),
            text(&p.gaps.join(" ")),
        ]
    };
    let shape = list(POPULATIONS.get(lang), &POPULATION_COLUMNS, 1, 2);
    book.table(&shape, data.populations.iter().map(|p| Ok(row(p))), lang)
}

const SCOPE_COLUMNS: [Column; 13] = [
    column("ルール", "Rule", 34.0, Look::Code),
    column("リソース種別", "Resource type", 22.0, Look::Code),
    column("アカウント", "Account", 14.0, Look::Code),
    column("範囲", "Scope", 13.0, Look::Text),
    column("列挙数", "Enumerated", 9.0, Look::Number),
    column("列挙", "Enumeration", 9.0, Look::Text),
    column("相違", "Fail", 8.0, Look::Number),
    column("判定不能", "Unknown", 8.0, Look::Number),
    column("承認済み例外", "Excepted", 8.0, Look::Number),
    column("期待どおり", "Pass", 8.0, Look::Number),
    column("対象外", "Not applicable", 8.0, Look::Number),
    column(
        "母集団の一覧の SHA-256",
        "SHA-256 of the population list",
        40.0,
        Look::Code,
    ),
    column("未確認の番号", "Gaps", 22.0, Look::Code),
];

pub(super) fn scopes(
    book: &mut Book,
    data: &ReportData<'_>,
    beside: &Beside,
    lang: Lang,
) -> Result<(), ReportError> {
    let row = |t: &Tally| -> Vec<Cell> {
        let key = (t.rule.clone(), t.account.clone(), t.region.clone());
        let digest = beside.populations.scopes.get(&key);
        vec![
            text(&t.rule),
            text(&t.r#type),
            text(&t.account),
            text(&t.region),
            t.enumerated.into(),
            whole(t.complete, lang),
            t.fail.into(),
            t.unknown.into(),
            t.excepted.into(),
            t.pass.into(),
            t.not_applicable.into(),
            text(digest.map_or("", String::as_str)),
            text(&t.gaps.join(" ")),
        ]
    };
    let shape = list(SCOPES.get(lang), &SCOPE_COLUMNS, 2, 1);
    book.table(&shape, data.tallies.iter().map(|t| Ok(row(t))), lang)
}

const GAP_COLUMNS: [Column; 12] = [
    column("未確認の番号", "Gap", 20.0, Look::Code),
    column("原因", "Cause", 14.0, Look::Text),
    column("クラウド", "Cloud", 9.0, Look::Text),
    column("アカウント", "Account", 14.0, Look::Code),
    column("リージョン", "Region", 13.0, Look::Text),
    column("照会", "Call", 30.0, Look::Code),
    column("必要な権限", "Permissions", 28.0, Look::Code),
    column("リソース種別", "Resource type", 20.0, Look::Code),
    column("リソース", "Resource", 30.0, Look::Code),
    column("隠れている部分", "Hidden part", 16.0, Look::Code),
    column("事業者の応答", "The provider's words", 40.0, Look::Text),
    column("照会の番号", "Exchange", 20.0, Look::Code),
];

pub(super) fn gaps(book: &mut Book, data: &ReportData<'_>, lang: Lang) -> Result<(), ReportError> {
    let row = |g: &Gap| -> Vec<Cell> {
        let error = g.error.as_ref().map_or_else(String::new, |e| {
            format!("{} {}", e.code, e.message).trim().to_owned()
        });
        let all = crate::words::word("母集団", "the population").get(lang);
        let part = match (&g.part, &g.resource) {
            (Some(part), _) => part.as_str(),
            (None, Some(_)) => "",
            (None, None) => all,
        };
        vec![
            text(&g.id),
            Cell::As(Look::Unseen, words::cause(g.cause).get(lang).to_owned()),
            text(words::cloud(&g.cloud)),
            text(&g.account),
            text(&g.region),
            text(&g.call),
            code(g.permissions.iter().cloned()),
            text(&g.r#type),
            text(g.resource.as_deref().unwrap_or("")),
            text(part),
            text(&error),
            text(g.exchange.as_deref().unwrap_or("")),
        ]
    };
    let rows = data.gaps.records()?.map(|g| g.map(|g| row(&g)));
    book.table(&list(GAPS.get(lang), &GAP_COLUMNS, 2, 2), rows, lang)
}

const EXCEPTION_COLUMNS: [Column; 13] = [
    column("例外の番号", "Exception", 14.0, Look::Code),
    column("効力", "State", 9.0, Look::Text),
    column("ルール", "Rule", 28.0, Look::Code),
    column("管理策番号", "Control", 11.0, Look::Code),
    column("アカウント", "Accounts", 14.0, Look::Code),
    column("リージョン", "Regions", 13.0, Look::Code),
    column("リソース", "Resources", 30.0, Look::Code),
    column("責任者", "Owner", 16.0, Look::Text),
    column("承認者", "Approver", 16.0, Look::Text),
    column("理由", "Reason", 30.0, Look::Text),
    column("代替措置", "Compensating control", 30.0, Look::Text),
    column("期間", "Days", 12.0, Look::Text),
    column("例外とした判定", "Findings covered", 9.0, Look::Number),
];

pub(super) fn exceptions(
    book: &mut Book,
    data: &ReportData<'_>,
    lang: Lang,
) -> Result<(), ReportError> {
    let row = |u: &ExceptionUse| -> Vec<Cell> {
        let e = &u.exception;
        let all = words::word("すべて", "all").get(lang);
        let list = |items: &[String]| match (items.is_empty(), e.scope.everything) {
            (true, true) => text(all),
            _ => code(items.iter().cloned()),
        };
        vec![
            text(&e.id),
            text(words::exception(u.state).get(lang)),
            text(e.rule.as_deref().unwrap_or("")),
            text(e.control.as_deref().unwrap_or("")),
            list(&e.scope.accounts),
            list(&e.scope.regions),
            list(&e.scope.resources),
            text(&e.owner),
            text(&e.approver),
            text(&e.reason),
            text(&e.compensating),
            text(&format!("{} – {}", e.from, e.until)),
            u.covers.into(),
        ]
    };
    let shape = list(EXCEPTIONS.get(lang), &EXCEPTION_COLUMNS, 1, 1);
    book.table(&shape, data.exceptions.iter().map(|u| Ok(row(u))), lang)
}
