//! A period as one self-contained page, Japanese and English.

mod backfill;
mod controls;
mod findings;
mod page;
mod stated;

use crate::finding::FindingState;
use crate::summary::Totals;
use crate::words::{outcome, state};
use crate::{Error, Ledger, Period};
use page::{Bar, Page, esc};
use shoseki_evidence::Outcome;
use shoseki_model::{Lang, Text};
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::Write;

/// Rows of a list of scan gaps or changes of packs.
const ROWS: usize = 200;

/// Writes the page. `labels`: short words for controls, where there are any.
///
/// # Errors
/// A ledger that is not sound, a writer that fails.
pub fn html(
    period: &Period,
    ledger: &Ledger,
    labels: &BTreeMap<String, Text>,
    lang: Lang,
    to: &mut dyn Write,
) -> Result<(), Error> {
    let summary = period.summary(ledger, true)?;
    let x = Page {
        first: lang,
        window: period.window,
    };
    let mut put = |text: String| to.write_all(text.as_bytes()).map_err(Error::Write);
    put(head(period, x))?;
    put(overview(period, &summary.totals, x))?;
    put(over_time(period, ledger, x)?)?;
    put(scans(period, x))?;
    put(stated::section(period, x))?;
    put(controls::section(period, labels, x))?;
    put(findings::deviations(&summary, x))?;
    put(findings::changes(&summary, x))?;
    put(backfill::section(period, &summary, x))?;
    put(packs(period, x))?;
    put(method(period, x))
}

fn head(period: &Period, x: Page) -> String {
    let (lang, title) = match x.first {
        Lang::Ja => ("ja", "期間報告書 / Period report"),
        Lang::En => ("en", "Period report / 期間報告書"),
    };
    let checked = |l: Lang| if l == x.first { " checked" } else { "" };
    let w = period.window;
    let accounts: std::collections::BTreeSet<&String> =
        period.runs.iter().flat_map(|r| &r.accounts).collect();
    let accounts: Vec<String> = accounts.into_iter().map(|a| esc(a)).collect();
    let unfinished = if w.to < period.asked.to {
        format!(
            "<small>{} {}</small>",
            x.both(
                "期間は終わっていない。終わりは",
                "The period is not over; it ends"
            ),
            period.asked.to.jst_minute()
        )
    } else {
        String::new()
    };
    format!(
        "<!DOCTYPE html>\n<html lang=\"{lang}\">\n<head>\n<meta charset=\"utf-8\">\n\
<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'\">\n\
<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<meta name=\"referrer\" content=\"no-referrer\">\n<meta name=\"robots\" content=\"noindex\">\n\
<link rel=\"icon\" href=\"data:,\">\n<title>{title} {from} {to}</title>\n<style>\n{css}{own}</style>\n</head>\n<body>\n\
<nav class=\"skips\" aria-label=\"{skip_name}\"><a class=\"skip\" href=\"#overview\">{skip}</a></nav>\n<header>\n<div class=\"top\">\n<p class=\"mark\">証跡 <span>shoseki</span></p>\n\
<div class=\"langs\"><input type=\"radio\" name=\"lang\" id=\"lang-ja\" class=\"vh\"{ja} aria-label=\"日本語で表示\"><input type=\"radio\" name=\"lang\" id=\"lang-en\" class=\"vh\"{en} aria-label=\"Show in English\"><label for=\"lang-ja\" lang=\"ja\">日本語</label><label for=\"lang-en\" lang=\"en\">English</label></div>\n</div>\n\
<h1>{h1}</h1>\n<dl class=\"facts\">\n\
<div><dt>{dt_from}</dt><dd>{m_from}</dd></div>\n<div><dt>{dt_to}</dt><dd>{m_to}{unfinished}</dd></div>\n\
<div><dt>{dt_frequency}</dt><dd>{frequency} <small>{tolerance_word} {tolerance}</small></dd></div>\n\
<div><dt>{dt_accounts}</dt><dd>{accounts}</dd></div>\n\
<div><dt>{dt_head}</dt><dd><code>{head}</code><small>{entries_word} {entries}</small></dd></div>\n</dl>\n</header>\n\
<nav aria-label=\"{nav_name}\"><ol>{nav}</ol></nav>\n<main>\n",
        from = w.from.jst_day(),
        to = w.to.jst_day(),
        css = shoseki_report::CSS,
        own = include_str!("style.css"),
        ja = checked(Lang::Ja),
        en = checked(Lang::En),
        skip = x.both("本文へ", "To the content"),
        skip_name = x.name("移動", "Skip"),
        nav_name = x.name("目次", "Contents"),
        h1 = x.both(
            "クラウド設定の期間報告書",
            "Cloud configuration over a period"
        ),
        dt_from = x.both("始まり", "From"),
        m_from = x.moment(w.from),
        dt_to = x.both("終わり", "To"),
        m_to = x.moment(w.to),
        dt_frequency = x.both("約束した走査の頻度", "Promised time between scans"),
        frequency = x.length(period.frequency),
        tolerance_word = x.both("許容", "tolerance"),
        tolerance = x.length(period.tolerance),
        dt_accounts = x.both("アカウント", "Accounts"),
        accounts = accounts.join(", "),
        dt_head = x.both("台帳の先頭値", "Head of the ledger"),
        head = period.head.as_deref().unwrap_or("-"),
        entries_word = x.both("登録数", "entries"),
        entries = period.entries,
        nav = [
            ("overview", "概要", "Overview"),
            ("scans", "走査", "Scans"),
            ("statement", "言明", "Statement"),
            ("controls", "管理策", "Controls"),
            ("deviations", "相違", "Deviations"),
            ("changes", "変化", "Changes"),
            ("backfill", "遡及取得", "Back-fill"),
            ("packs", "ルール等の変更", "Rules changed"),
            ("method", "読み方", "How to read"),
        ]
        .iter()
        .filter(|(id, _, _)| *id != "statement" || period.stated.is_some())
        .filter(|(id, _, _)| *id != "backfill" || !period.backfills.is_empty())
        .map(|(id, ja, en)| format!("<li><a href=\"#{id}\">{}</a></li>", x.both(ja, en)))
        .collect::<String>(),
    )
}

fn tile(x: Page, n: u64, class: &str, ja: &str, en: &str) -> String {
    format!(
        "<li class=\"{class}\"><b>{n}</b><span>{}</span></li>",
        x.both(ja, en)
    )
}

fn overview(period: &Period, t: &Totals, x: Page) -> String {
    let gaps = period.gaps.len() as u64;
    let grave = |n: u64, class: &'static str| if n > 0 { class } else { "" };
    let longest = period.gaps.iter().map(|g| g.to.0 - g.from.0).max();
    let mut out = format!(
        "<section id=\"overview\">\n<h2>{}</h2>\n<ul class=\"tiles two\">{}{}{}{}{}{}</ul>\n",
        x.both("概要", "Overview"),
        tile(x, period.runs.len() as u64, "", "実行", "runs"),
        tile(
            x,
            gaps,
            grave(gaps, "s-partly-shown"),
            "走査の空白",
            "scan gaps"
        ),
        tile(
            x,
            t.deviations,
            grave(t.deviations, "s-contradicted"),
            "相違の期間",
            "deviations"
        ),
        tile(
            x,
            t.open,
            grave(t.open, "s-contradicted"),
            "継続中の相違",
            "open deviations"
        ),
        tile(x, t.state_changes, "", "状態の変化", "changes of state"),
        tile(x, t.gone, "", "消滅した判定", "findings gone"),
    );
    if let Some(longest) = longest {
        let _ = write!(
            out,
            "<p>{} {}</p>",
            x.both("最も長い走査の空白:", "Longest time without a scan:"),
            x.length(longest)
        );
    }
    let _ = write!(
        out,
        "<h3>{}</h3>\n<ul class=\"counts wide\">",
        x.both(
            "期間内の最後の観測による判定の数",
            "Findings by what was seen last in the period"
        )
    );
    for s in FindingState::ALL {
        let n = t.last.get(&s).copied().unwrap_or_default();
        let zero = if n == 0 { " zero" } else { "" };
        let _ = write!(
            out,
            "<li class=\"c-{}{zero}\">{} <b>{n}</b></li>",
            crate::words::class(s),
            x.word(state(s))
        );
    }
    let _ = writeln!(
        out,
        "<li class=\"all\">{} <b>{}</b></li></ul>\n<p>{}</p></section>",
        x.both("計", "all"),
        t.findings,
        x.word(shoseki_report::words::word(
            "本書は、期間中に観測した設定と、観測できなかった期間を示す。管理策が満たされているかどうかの結論は述べない。",
            "This document states which settings were observed over a period, and when nothing was observed. It draws no conclusion on whether a control is met.",
        ))
    );
    out
}

/// The numbers of the runs of all targets together; empty where there is one run.
fn over_time(period: &Period, ledger: &Ledger, x: Page) -> Result<String, Error> {
    let fragment = shoseki_report::trend(&period.trend(ledger, None)?, x.first);
    let fragment = fragment.map_err(|e| Error::Write(std::io::Error::other(e)))?;
    Ok(match fragment.is_empty() {
        true => fragment,
        false => format!("<section>{fragment}</section>\n"),
    })
}

fn scans(period: &Period, x: Page) -> String {
    let bars: Vec<Bar> = period
        .runs
        .iter()
        .map(|r| {
            let (class, high, grave) = match r.outcome {
                Outcome::Complete => ("f-scan", 12, 0),
                Outcome::Incomplete => ("f-part", 16, 1),
                Outcome::NothingRead | Outcome::Cancelled => ("f-none", 20, 2),
            };
            Bar {
                class,
                from: r.started,
                to: r.ended,
                high,
                least: 1.2,
                grave,
                past: false,
            }
        })
        .collect();
    let mut out = format!(
        "<section id=\"scans\">\n<h2>{}</h2>\n{}{}\n<p class=\"parts\">",
        x.both("走査", "Scans"),
        x.axis(),
        x.lane(&bars, "scans", false)
    );
    for (o, class) in [
        (Outcome::Complete, "f-scan"),
        (Outcome::Incomplete, "f-part"),
        (Outcome::NothingRead, "f-none"),
        (Outcome::Cancelled, "f-none"),
    ] {
        let n = period.runs.iter().filter(|r| r.outcome == o).count();
        let _ = write!(
            out,
            "<span><svg class=\"key\" viewBox=\"0 0 20 10\"><rect class=\"{class}\" width=\"20\" height=\"10\"/></svg>{} <b>{n}</b></span>",
            x.word(outcome(o))
        );
    }
    let _ = write!(
        out,
        "</p>\n<h3>{}</h3>",
        x.both(
            "約束した頻度より長い走査の空白",
            "Times without a scan, longer than promised"
        )
    );
    if period.gaps.is_empty() {
        let _ = write!(out, "<p>{}</p>", x.both("なし。", "None."));
    } else {
        let _ = write!(
            out,
            "<div class=\"scroll\" tabindex=\"0\"><table><thead><tr><th scope=\"col\">{}</th><th scope=\"col\">{}</th><th scope=\"col\" class=\"num\">{}</th><th scope=\"col\">{}</th></tr></thead><tbody>",
            x.both("始まり", "From"),
            x.both("終わり", "To"),
            x.both("長さ", "Length"),
            x.both("アカウント", "Accounts")
        );
        for g in period.gaps.iter().take(ROWS) {
            let _ = write!(
                out,
                "<tr><td>{}</td><td>{}</td><td class=\"num\">{}</td><td>{}</td></tr>",
                x.moment(g.from),
                x.moment(g.to),
                x.length(g.to.0 - g.from.0),
                esc(&g.accounts.join(", "))
            );
        }
        out.push_str("</tbody></table></div>");
        more(&mut out, period.gaps.len(), ROWS, x);
    }
    out + "</section>\n"
}

/// Says how many rows are left out.
fn more(out: &mut String, all: usize, shown: usize, x: Page) {
    if let Some(n) = all.checked_sub(shown).filter(|n| *n > 0) {
        let _ = write!(
            out,
            "<p class=\"warn\">{}</p>",
            x.both(
                &format!("ほか {n} 件。JSON 又は CSV にすべて記載する。"),
                &format!("{n} more; JSON and CSV have them all.")
            )
        );
    }
}

fn packs(period: &Period, x: Page) -> String {
    let mut out = format!(
        "<section id=\"packs\">\n<h2>{}</h2>\n<p>{}</p>",
        x.both("ルール等の変更", "Rules, collectors, mappings, catalogue"),
        x.both(
            "判定の基準が期間中に変わった時点を示す。この前後の状態の変化は、設定ではなく基準の変更によることがある。",
            "When the basis of judgement changed. A change of state across such a point may come from the basis, not from a setting."
        )
    );
    if period.pack_changes.is_empty() {
        let _ = write!(out, "<p>{}</p>", x.both("なし。", "None."));
    }
    for p in period.pack_changes.iter().take(ROWS) {
        let _ = write!(
            out,
            "<details class=\"kind\"><summary><code>{}</code> {} <span class=\"tag\">+{} −{} ~{}</span></summary>",
            esc(&p.pack),
            x.moment(p.at),
            p.added.len(),
            p.removed.len(),
            p.changed.len()
        );
        let digest = |d: &Option<String>| d.clone().unwrap_or_else(|| "-".into());
        let _ = write!(
            out,
            "<p><code>{}</code> → <code>{}</code></p><ul class=\"resources\">",
            digest(&p.from),
            digest(&p.to)
        );
        let files = [("+", &p.added), ("−", &p.removed), ("~", &p.changed)];
        for (sign, list) in files {
            for path in list.iter().take(ROWS) {
                let _ = write!(out, "<li>{sign} <code>{}</code></li>", esc(path));
            }
        }
        out.push_str("</ul></details>");
    }
    more(&mut out, period.pack_changes.len(), ROWS, x);
    out + "</section>\n"
}

fn method(period: &Period, x: Page) -> String {
    let rows = [
        (
            "状態は、走査の開始から次の走査の開始まで続くものとする。次の走査が約束した頻度に許容を加えた時間より後の場合は、その走査の終わりまでとし、以後は次の走査まで「観測なし」とする。空白を推測で埋めることはない。",
            "A state holds from the start of its scan to the start of the next. Where the next scan is later than the promised time and the tolerance, it holds to the end of its own scan, and nothing is observed up to the next. A gap is never bridged.",
        ),
        (
            "変化は二つの走査の間に起きたものであり、正確な時刻は分からない。両方の走査の時刻を示す。",
            "A change happened between two scans; the exact moment is not known. Both scans are named.",
        ),
        (
            "母集団の全数を確認できた走査で見えなくなったリソースを「消滅」とする。全数を確認できなかったときは「判定不能」とし、消滅とはしない。",
            "A resource that is missing from a whole population is gone. Missing from one that was not whole, it is unknown, not gone.",
        ),
        (
            "時刻は日本標準時で示し、協定世界時を併記する。",
            "Times are in Japan Standard Time with UTC beside.",
        ),
        (
            "台帳は各登録が直前の先頭値を含む連鎖である。別に控えた先頭値を `shoseki ledger check --head` に与えれば、登録の削除や書換えが分かる。",
            "Each entry of the ledger binds the head before it. Given a head that was noted elsewhere, `shoseki ledger check --head` shows whether entries were taken away or rewritten.",
        ),
    ];
    let mut out = format!(
        "<section id=\"method\">\n<h2>{}</h2>\n<ul>",
        x.both("読み方", "How to read this")
    );
    for (ja, en) in rows {
        let _ = write!(out, "<li>{}</li>", x.both(ja, en));
    }
    let _ = writeln!(
        out,
        "</ul>\n</section>\n</main>\n<footer><p>shoseki {} · {}</p></footer>\n</body>\n</html>",
        env!("CARGO_PKG_VERSION"),
        period.window.to.utc()
    );
    out
}
