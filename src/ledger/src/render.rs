//! A period as JSON, as CSV and as text.

use crate::summary::{Summary, Totals, failed_for};
use crate::words::{NOT_OBSERVED, length, past_cause, state, state_or_none};
use crate::{ControlTimeline, Error, Ledger, Period};
use serde_json::json;
use shoseki_model::{Grade, Lang, State};
use shoseki_report::{Table, clip, words};
use std::io::Write;

/// Lines of a list in the text.
const LINES: usize = 12;
/// Columns of the text.
const COLUMNS: usize = 80;

/// Writes the whole period as one JSON document (`schemas/period.json`).
///
/// # Errors
/// A ledger that is not sound, a writer that fails.
pub fn json(period: &Period, ledger: &Ledger, to: &mut dyn Write) -> Result<(), Error> {
    let put = |to: &mut dyn Write, text: &str| to.write_all(text.as_bytes()).map_err(Error::Write);
    let member = |to: &mut dyn Write, name: &str, value: &dyn erased::Json| {
        put(to, &format!("\"{name}\":"))?;
        value.write(to)?;
        put(to, ",\n")
    };
    put(to, "{\"format\":\"shoseki.period/1\",\n")?;
    member(to, "asked", &period.asked)?;
    member(to, "window", &period.window)?;
    member(to, "frequency_seconds", &(period.frequency / 1000))?;
    member(to, "tolerance_seconds", &(period.tolerance / 1000))?;
    let of = json!({ "head": period.head, "entries": period.entries });
    member(to, "ledger", &of)?;
    member(to, "runs", &period.runs)?;
    member(to, "gaps", &period.gaps)?;
    member(to, "pack_changes", &period.pack_changes)?;
    member(to, "backfills", &period.backfills)?;
    member(to, "source_gaps", &period.source_gaps)?;
    member(to, "controls", &period.controls)?;
    if let Some((statement, differ)) = &period.stated {
        member(to, "statement", statement)?;
        member(to, "discrepancies", differ)?;
    }
    put(to, "\"findings\":[")?;
    let mut totals = Totals::default();
    let mut first = true;
    period.findings(ledger, true, &mut |f| {
        put(to, if first { "\n" } else { ",\n" })?;
        first = false;
        totals.add(&f);
        serde_json::to_writer(&mut *to, &f)?;
        Ok(())
    })?;
    put(to, "],\n\"totals\":")?;
    serde_json::to_writer(&mut *to, &totals)?;
    put(to, "}\n")
}

/// Serialising through a plain reference.
mod erased {
    use crate::Error;
    use serde::Serialize;
    use std::io::Write;

    pub(super) trait Json {
        fn write(&self, to: &mut dyn Write) -> Result<(), Error>;
    }

    impl<T: Serialize> Json for T {
        fn write(&self, to: &mut dyn Write) -> Result<(), Error> {
            Ok(serde_json::to_writer(to, self)?)
        }
    }
}

/// The period in at most 80 columns.
pub fn text(period: &Period, summary: &Summary, lang: Lang) -> String {
    let pick = |ja: &'static str, en: &'static str| words::word(ja, en).get(lang);
    let mut out = String::new();
    let mut say = |line: String| {
        out.push_str(&clip(&line, COLUMNS));
        out.push('\n');
    };
    let (w, reach) = (period.window, period.reach());
    say(format!(
        "{} {} - {}",
        pick("期間", "Period"),
        w.from.jst_minute(),
        w.to.jst_minute()
    ));
    say(format!(
        "       {} - {}",
        w.from.utc_minute(),
        w.to.utc_minute()
    ));
    if w.to < period.asked.to {
        say(format!(
            "       {} {}",
            pick(
                "期間は終わっていない。終わりは",
                "The period is not over; it ends"
            ),
            period.asked.to.jst_minute()
        ));
    }
    say(format!(
        "{} {} ({} {})",
        pick("約束した頻度", "Promised frequency"),
        length(period.frequency, lang),
        pick("許容", "tolerance"),
        length(reach - period.frequency, lang)
    ));
    say(format!(
        "{} {}   {} {}",
        pick("実行", "Runs"),
        period.runs.len(),
        pick("台帳の登録", "Ledger entries"),
        period.entries
    ));
    if let Some(head) = &period.head {
        say(format!("{} {head}", pick("台帳の先頭値", "Ledger head")));
    }
    say(String::new());
    gaps(period, lang, &mut say);
    backfills(period, summary, lang, &mut say);
    stated(period, lang, &mut say);
    for p in period.pack_changes.iter().take(LINES) {
        say(format!(
            "{} {}  {}  +{} -{} ~{}",
            pick("ルール等の変更", "Packs changed"),
            p.at.jst_minute(),
            p.pack,
            p.added.len(),
            p.removed.len(),
            p.changed.len()
        ));
    }
    let t = &summary.totals;
    say(format!(
        "{} {}   {} {} ({} {})   {} {}",
        pick("判定", "Findings"),
        t.findings,
        pick("相違の期間", "Deviations"),
        t.deviations,
        pick("継続中", "open"),
        t.open,
        pick("消滅", "gone"),
        t.gone
    ));
    say(format!(
        "{} {}   {} {}   {} {}",
        pick("状態の変化", "State changes"),
        t.state_changes,
        pick("値のみの変化", "value changes"),
        t.value_changes,
        pick("判定不能となったことがあるもの", "unknown at some time"),
        t.unknown
    ));
    for (s, n) in &t.last {
        say(format!("  {:>8}  {}", n, state(*s).get(lang)));
    }
    say(String::new());
    controls(period, lang, &mut say);
    deviations(summary, lang, &mut say);
    say(pick(
        "状態は次の走査までとし、走査が約束より空いた間は「観測なし」とする。",
        "A state holds to the next scan; longer than promised, it is not observed.",
    )
    .to_owned());
    out
}

fn gaps(period: &Period, lang: Lang, say: &mut impl FnMut(String)) {
    let pick = |ja: &'static str, en: &'static str| words::word(ja, en).get(lang);
    if period.gaps.is_empty() {
        say(pick("走査の空白なし。", "No scan gap.").to_owned());
    }
    for g in period.gaps.iter().take(LINES) {
        say(format!(
            "{} {} - {}  {}  {}",
            pick("走査の空白", "Scan gap"),
            g.from.jst_minute(),
            g.to.jst_minute(),
            length(g.to.0 - g.from.0, lang),
            if g.accounts.len() == 1 {
                g.accounts[0].clone()
            } else {
                format!("{} {}", g.accounts.len(), pick("アカウント", "accounts"))
            }
        ));
    }
    if let Some(more) = period.gaps.len().checked_sub(LINES).filter(|n| *n > 0) {
        say(format!("  {} {more}", pick("ほか", "and more:")));
    }
}

/// What was back-filled, with its source, and what its source does not say.
fn backfills(period: &Period, summary: &Summary, lang: Lang, say: &mut impl FnMut(String)) {
    if period.backfills.is_empty() {
        return;
    }
    let pick = |ja: &'static str, en: &'static str| words::word(ja, en).get(lang);
    for b in period.backfills.iter().take(LINES) {
        say(format!(
            "{} {} - {}  [{}]",
            pick("遡及取得", "Back-fill"),
            b.from.jst_minute(),
            b.to.jst_minute(),
            b.source
        ));
    }
    say(format!(
        "  {} {} ({} {})",
        pick(
            "遡及取得した状態のある判定",
            "findings with back-filled states"
        ),
        summary.totals.backfilled,
        pick("うち期待と異なるもの", "of them failing"),
        summary.totals.backfilled_failing
    ));
    for g in period.source_gaps.iter().take(LINES) {
        let (from, to) = (g.from.jst_minute(), g.to.jst_minute());
        say(format!(
            "  {from} - {to}  {}",
            past_cause(g.cause).get(lang)
        ));
        say(format!("    {} {} {}", g.r#type, g.account, g.region));
    }
    if let Some(more) = period
        .source_gaps
        .len()
        .checked_sub(LINES)
        .filter(|n| *n > 0)
    {
        say(format!("  {} {more}", pick("ほか", "and more:")));
    }
    say(pick(
        "  遡及取得は走査ではない。空白、管理策の状態及び下の数には算入しない。",
        "  It is no scan: gaps, standings and the numbers below do not count it.",
    )
    .to_owned());
}

/// Where statement and sight differ: the numbers, and the gravest.
fn stated(period: &Period, lang: Lang, say: &mut impl FnMut(String)) {
    let Some((statement, differ)) = &period.stated else {
        return;
    };
    let pick = |ja: &'static str, en: &'static str| words::word(ja, en).get(lang);
    let n = |g: Grade| differ.iter().filter(|d| d.severity == g).count();
    say(format!(
        "{} {} - {}   {} {}   {} {}   {} {}",
        pick("言明", "Statement"),
        statement.from,
        statement.to,
        pick("矛盾", "errors"),
        n(Grade::Error),
        pick("注意", "warnings"),
        n(Grade::Warning),
        pick("参考", "notes"),
        n(Grade::Note)
    ));
    for d in differ
        .iter()
        .filter(|d| d.severity < Grade::Note)
        .take(LINES)
    {
        let of: Vec<&str> = d
            .control
            .iter()
            .chain(&d.subject)
            .map(String::as_str)
            .collect();
        say(format!("  {}  {}", d.code, of.join(" ")));
        for line in shoseki_report::fold(d.text.get(lang), COLUMNS - 4) {
            say(format!("    {line}"));
        }
    }
    say(String::new());
}

/// What is stated of a control, in a word.
pub(crate) fn adopted(c: &ControlTimeline) -> words::Word {
    words::adopted(c.stated.as_ref())
}

/// Milliseconds that a control was in a state.
pub(crate) fn time_in(c: &ControlTimeline, s: Option<State>) -> i64 {
    let of = c.intervals.iter().filter(|i| i.state == s);
    of.map(|i| i.to.0 - i.from.0).sum()
}

/// Where a control stood when it was last looked at.
pub(crate) fn last_state(c: &ControlTimeline) -> Option<State> {
    c.intervals.iter().rev().find_map(|i| i.state)
}

/// Whether settings can say something of a control.
pub(crate) fn speaks(c: &ControlTimeline) -> bool {
    let settled = |s| matches!(s, None | Some(State::HumanOnly | State::Inherited));
    !c.intervals.iter().all(|i| settled(i.state))
}

fn controls(period: &Period, lang: Lang, say: &mut impl FnMut(String)) {
    let pick = |ja: &'static str, en: &'static str| words::word(ja, en).get(lang);
    let mut table = Table::with_heads([
        format!("{}!", pick("管理策", "control")),
        pick("最後の状態", "last state").to_owned(),
        format!("#{}", words::state_short(State::Contradicted).get(lang)),
        format!("#{}", words::state_short(State::NotSeen).get(lang)),
        format!("#{}", NOT_OBSERVED.get(lang)),
        match period.stated {
            Some(_) => pick("採否", "stated").to_owned(),
            None => String::new(),
        },
    ]);
    let spoken: Vec<_> = period.controls.iter().filter(|c| speaks(c)).collect();
    let calm = |c: &ControlTimeline| {
        let contradicted = time_in(c, Some(State::Contradicted));
        contradicted + time_in(c, Some(State::NotSeen)) + time_in(c, None) == 0
    };
    let mut told: Vec<_> = spoken.iter().filter(|c| !calm(c)).collect();
    told.sort_by_key(|c| std::cmp::Reverse(time_in(c, Some(State::Contradicted))));
    for c in told.iter().take(LINES) {
        table.row([
            c.control.clone(),
            last_state(c)
                .map_or(NOT_OBSERVED, words::state)
                .get(lang)
                .to_owned(),
            length(time_in(c, Some(State::Contradicted)), lang),
            length(time_in(c, Some(State::NotSeen)), lang),
            length(time_in(c, None), lang),
            match period.stated {
                Some(_) => adopted(c).get(lang).to_owned(),
                None => String::new(),
            },
        ]);
    }
    if !table.is_empty() {
        table
            .print(Some(COLUMNS))
            .lines()
            .for_each(|l| say(l.to_owned()));
    }
    for c in told.iter().take(LINES) {
        measure(c, lang, say);
    }
    let shown = told.len().min(LINES);
    say(format!(
        "{} {} / {}",
        pick("上に示した管理策", "controls listed above"),
        shown,
        period.controls.len()
    ));
    say(String::new());
}

/// What the provider states to do for a control, or why it does not.
fn measure(c: &ControlTimeline, lang: Lang, say: &mut impl FnMut(String)) {
    let pick = |ja: &'static str, en: &'static str| words::word(ja, en).get(lang);
    let Some(s) = &c.stated else { return };
    let said = match (&s.measure, &s.reason) {
        (Some(measure), _) => (pick("個別管理策", "stated measure"), measure),
        (None, Some(reason)) => (pick("理由", "stated reason"), reason),
        (None, None) => return,
    };
    let (head, words) = said;
    say(format!("  {} {head}", c.control));
    let words = match lang {
        Lang::Ja => words.ja.as_str(),
        Lang::En => words.en(),
    };
    for line in shoseki_report::fold(words, COLUMNS - 4) {
        say(format!("    {line}"));
    }
}

fn deviations(summary: &Summary, lang: Lang, say: &mut impl FnMut(String)) {
    let pick = |ja: &'static str, en: &'static str| words::word(ja, en).get(lang);
    if summary.deviating.is_empty() {
        return;
    }
    let mut table = Table::with_heads([
        format!("{}!", pick("重要度", "severity")),
        pick("ルール", "rule").to_owned(),
        pick("リソース", "resource").to_owned(),
        format!("{}!", pick("初め", "from")),
        format!("#{}", pick("長さ", "length")),
        format!("{}!", pick("その後", "then")),
    ]);
    for f in summary.deviating.iter().take(LINES) {
        let Some(d) = f.deviations.iter().max_by_key(|d| d.seconds) else {
            continue;
        };
        let then = if d.open {
            pick("継続", "open").to_owned()
        } else {
            clip(state_or_none(d.then).get(lang), 12)
        };
        table.row([
            words::severity(f.severity).get(lang).to_owned(),
            f.rule.clone(),
            f.resource.name.clone(),
            d.from.jst_day(),
            length(failed_for(f) * 1000, lang),
            then,
        ]);
    }
    table
        .print(Some(COLUMNS))
        .lines()
        .for_each(|l| say(l.to_owned()));
    say(format!(
        "{} {} / {}",
        pick("上に示した判定", "findings listed above"),
        summary.deviating.len().min(LINES),
        summary.totals.deviating
    ));
}
