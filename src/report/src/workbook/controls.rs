//! The sheet by control, and the rules behind each control.

use super::{CONTROLS, EVIDENCE, code, list, text};
use crate::appendix::{Appendix, Beside, Evidence, History, Ids, Row, Unseen};
use crate::book::{Book, Cell, Column, Look, Paper, Shape, column};
use crate::data::{ReportData, ReportError};
use crate::time::jst;
use crate::words::{self, NOT_OBSERVED, TECHNIQUES, Word, word};
use shoseki_model::{Lang, Said, State, StatedChange, Verdict};

/// Rules and groups of gaps that a cell names; the rest is counted in it.
const NAMED: usize = 16;

const COLUMNS: [Column; 27] = [
    column("管理策番号", "Control", 11.0, Look::Code),
    column(
        "内容（本ツールの表現）",
        "Label (our words)",
        18.0,
        Look::Text,
    ),
    column("必須", "Mandatory", 9.5, Look::Text),
    column("採否", "Adopted", 7.0, Look::Text),
    column("個別管理策", "Concrete control", 32.0, Look::Text),
    column("採用しない理由", "Why not adopted", 20.0, Look::Text),
    column("引継ぎ元", "Carried over from", 14.0, Look::Text),
    column("期間中の変更", "Changes in the period", 22.0, Look::Text),
    column(
        "言明と観測の相違",
        "Statement against sight",
        24.0,
        Look::Text,
    ),
    column("設定の及ぶ範囲", "Reach of settings", 12.0, Look::Text),
    column("状態", "Standing", 12.0, Look::Text),
    column("クラウド別の状態", "Standing by cloud", 16.0, Look::Text),
    column("状態の推移", "Standing over time", 34.0, Look::Code),
    column("証跡（ルール）", "Evidence (rules)", 52.0, Look::Code),
    column("相違", "Fail", 7.0, Look::Number),
    column("判定不能", "Unknown", 7.0, Look::Number),
    column("承認済み例外", "Excepted", 7.0, Look::Number),
    column("期待どおり", "Pass", 7.0, Look::Number),
    column("対象外", "Not applicable", 7.0, Look::Number),
    column("判定番号", "Findings", 26.0, Look::Code),
    column("未確認の事項", "Not seen", 36.0, Look::Code),
    column(
        "人が確認する事項",
        "What stays for people",
        28.0,
        Look::Text,
    ),
    column("手続", "Procedure", 16.0, Look::Input),
    column("技法", "Technique", 9.0, Look::Input),
    column("結果", "Result", 18.0, Look::Input),
    column("発見事項", "Audit finding", 24.0, Look::Input),
    column("妥当性", "Validation", 18.0, Look::Input),
];

/// Place of the technique among the columns.
const TECHNIQUE: u16 = 23;

pub(super) fn controls(
    book: &mut Book,
    data: &ReportData<'_>,
    beside: &Beside,
    a: &Appendix,
    lang: Lang,
) -> Result<(), ReportError> {
    let mut notes = Vec::new();
    if beside.statement.is_none() {
        let note = word(
            "言明書の写し（statement.yaml）が与えられていないため、採否から期間中の変更までは空欄である。",
            "No statement (statement.yaml) was given: the columns from adopted to changes are empty.",
        );
        notes.push((Look::Note, note.get(lang).to_owned()));
    }
    notes.extend(super::cover::warnings(data, a, lang));
    let shape = Shape {
        name: CONTROLS.get(lang),
        paper: Paper::A4,
        pages: 4,
        kept: 2,
        columns: &COLUMNS,
        notes,
        choice: Some((TECHNIQUE, TECHNIQUES.map(|t| t.get(lang)).to_vec())),
        lines: 36,
    };
    let stated = beside.statement.is_some();
    let rows = a.rows.iter().map(|r| Ok(row(r, stated, lang)));
    book.table(&shape, rows, lang)
}

fn row(r: &Row, with_statement: bool, lang: Lang) -> Vec<Cell> {
    let mut out = vec![
        text(&r.control),
        text(r.label.get(lang)),
        text(if r.mandatory {
            word("必須", "yes").get(lang)
        } else {
            ""
        }),
    ];
    out.extend(stated(r, with_statement, lang));
    out.push(code(r.differs.iter().map(|d| {
        let grade = words::grade(d.severity).get(lang);
        format!("[{grade}] {}: {}", d.code, d.text.get(lang))
    })));
    out.push(text(r.reach.map_or("", |x| words::reach(x).get(lang))));
    out.push(state(r.state, lang));
    out.push(code(r.clouds.iter().map(|(cloud, s)| {
        format!("{}: {}", words::cloud(cloud), words::state(*s).get(lang))
    })));
    out.push(code(r.history.iter().flat_map(|h| over_time(h, lang))));
    out.push(code(bounded(&r.evidence, lang, |e| rule(e, lang))));
    let f = &r.findings;
    for n in [
        f.fail.count,
        f.unknown.count,
        f.excepted.count,
        f.pass,
        f.not_applicable,
    ] {
        out.push(Cell::Number(n));
    }
    let ids = [
        (words::verdict(Verdict::Fail), &f.fail),
        (words::verdict(Verdict::Unknown), &f.unknown),
        (words::EXCEPTED, &f.excepted),
    ];
    out.push(code(ids.iter().filter_map(|(w, ids)| named(*w, ids, lang))));
    out.push(code(bounded(&r.gaps, lang, |g| unseen(g, lang))));
    out.push(text(r.remains.get(lang)));
    out
}

/// What a standing looks like.
fn state(s: Option<State>, lang: Lang) -> Cell {
    let Some(s) = s else {
        let word = word("走査の対象外", "not part of the run");
        return Cell::As(Look::Unseen, word.get(lang).to_owned());
    };
    let name = words::state(s).get(lang).to_owned();
    match s {
        State::Shown => Cell::As(Look::Good, name),
        State::Contradicted => Cell::As(Look::Bad, name),
        State::NotSeen | State::PartlyShown => Cell::As(Look::Unseen, name),
        State::Inherited | State::HumanOnly => Cell::Text(name),
    }
}

fn said(s: Option<&Said>, lang: Lang) -> &str {
    match (s, lang) {
        (None, _) => "",
        (Some(s), Lang::Ja) => &s.ja,
        (Some(s), Lang::En) => s.en(),
    }
}

/// The columns of the statement; empty where none was given.
fn stated(r: &Row, with_statement: bool, lang: Lang) -> [Cell; 5] {
    if !with_statement {
        return ["", "", "", "", ""].map(text);
    }
    let s = r.stated.as_ref();
    let change = |c: &StatedChange| {
        let (before, after) = (said(Some(&c.before), lang), said(Some(&c.after), lang));
        format!("{}: {before} → {after}", c.date)
    };
    [
        text(words::adopted(s).get(lang)),
        text(said(s.and_then(|s| s.measure.as_ref()), lang)),
        text(said(s.and_then(|s| s.reason.as_ref()), lang)),
        text(s.and_then(|s| s.inherited_from.as_deref()).unwrap_or("")),
        code(s.into_iter().flat_map(|s| &s.changes).map(change)),
    ]
}

fn over_time(h: &History, lang: Lang) -> Vec<String> {
    let mut out = vec![h.accounts.join(", ")];
    out.extend(h.intervals.iter().map(|i| {
        let state = i.state.map_or(NOT_OBSERVED, words::state);
        let (from, to) = (jst(&i.from.utc), jst(&i.to.utc));
        format!("{from} – {to} {}", state.get(lang))
    }));
    out
}

/// Lines of the first items, and how many there are besides.
fn bounded<T>(all: &[T], lang: Lang, line: impl Fn(&T) -> String) -> Vec<String> {
    let mut out: Vec<String> = all.iter().take(NAMED).map(line).collect();
    if all.len() > NAMED {
        out.push(more((all.len() - NAMED) as u64, lang));
    }
    out
}

fn more(n: u64, lang: Lang) -> String {
    match lang {
        Lang::Ja => format!("ほか {n} 件"),
        Lang::En => format!("{n} more"),
    }
}

/// A rule on one line: its five counts, and the beginning of the digest of what it
/// rests on; the sheet of evidence has the whole.
fn rule(e: &Evidence, lang: Lang) -> String {
    let strength = words::strength(e.strength).get(lang);
    if e.scopes == 0 {
        let word = word("走査に含まれない", "not part of the run");
        return format!("{} [{strength}] {}", e.rule, word.get(lang));
    }
    let c = &e.counts;
    let counts = [c.fail, c.unknown, c.excepted, c.pass, c.not_applicable];
    let counts: Vec<String> = counts.iter().map(u64::to_string).collect();
    let digest = e.exchanges_sha256.as_deref().unwrap_or("");
    format!(
        "{} [{strength}] {} SHA-256 {}",
        e.rule,
        counts.join("/"),
        digest.get(..16).unwrap_or("-")
    )
}

fn named(what: Word, ids: &Ids, lang: Lang) -> Option<String> {
    if ids.count == 0 {
        return None;
    }
    let mut line = format!("{}: {}", what.get(lang), ids.ids.join(" "));
    if ids.more > 0 {
        line.push_str(&format!(" ({})", more(ids.more, lang)));
    }
    Some(line)
}

fn unseen(g: &Unseen, lang: Lang) -> String {
    let what = match &g.part {
        Some(part) => format!("{} {part}", g.r#type),
        None => g.r#type.clone(),
    };
    format!(
        "{}: {} ({}) {what} ×{}",
        words::cause(g.cause).get(lang),
        g.call,
        g.permissions.join(", "),
        g.count
    )
}

const LINKS: [Column; 17] = [
    column("管理策番号", "Control", 11.0, Look::Code),
    column("ルール", "Rule", 34.0, Look::Code),
    column("裏付け方", "Strength", 9.0, Look::Text),
    column("期待する設定", "Expected", 28.0, Look::Text),
    column(
        "示すこと、示さないこと",
        "What it shows, and what not",
        44.0,
        Look::Text,
    ),
    column("範囲", "Scopes", 7.0, Look::Number),
    column("完全な範囲", "Whole scopes", 7.0, Look::Number),
    column("列挙数", "Enumerated", 8.0, Look::Number),
    column("相違", "Fail", 7.0, Look::Number),
    column("判定不能", "Unknown", 7.0, Look::Number),
    column("承認済み例外", "Excepted", 7.0, Look::Number),
    column("期待どおり", "Pass", 7.0, Look::Number),
    column("対象外", "Not applicable", 7.0, Look::Number),
    column(
        "母集団の一覧の SHA-256",
        "SHA-256 of the population list",
        34.0,
        Look::Code,
    ),
    column("照会の数", "Exchanges", 8.0, Look::Number),
    column(
        "照会と応答の一覧の SHA-256",
        "SHA-256 of the list of exchanges",
        34.0,
        Look::Code,
    ),
    column("実行", "In the run", 9.0, Look::Text),
];

pub(super) fn evidence(book: &mut Book, a: &Appendix, lang: Lang) -> Result<(), ReportError> {
    let shape = list(EVIDENCE.get(lang), &LINKS, 2, 2);
    let rows = a.rows.iter().flat_map(|r| {
        r.evidence
            .iter()
            .map(move |e| Ok(link(&r.control, e, lang)))
    });
    book.table(&shape, rows, lang)
}

fn link(control: &str, e: &Evidence, lang: Lang) -> Vec<Cell> {
    let c = &e.counts;
    let ran = match e.scopes {
        0 => Cell::As(Look::Unseen, word("なし", "no").get(lang).to_owned()),
        _ => text(word("あり", "yes").get(lang)),
    };
    vec![
        text(control),
        text(&e.rule),
        text(words::strength(e.strength).get(lang)),
        text(e.title.get(lang)),
        text(e.because.get(lang)),
        e.scopes.into(),
        e.scopes_complete.into(),
        e.enumerated.into(),
        c.fail.into(),
        c.unknown.into(),
        c.excepted.into(),
        c.pass.into(),
        c.not_applicable.into(),
        text(e.population_sha256.as_deref().unwrap_or("")),
        e.exchanges.into(),
        text(e.exchanges_sha256.as_deref().unwrap_or("")),
        ran,
    ]
}
