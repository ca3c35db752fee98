//! Findings over time: those that failed or changed.

use super::more;
use super::page::{Bar, Page, esc};
use crate::finding::{Change, FindingState, FindingTimeline, Side};
use crate::summary::{Summary, failed_for};
use crate::words::{BACKFILL, class, state, state_or_none};
use serde_json::Value;
use shoseki_model::Severity;
use shoseki_report::words;
use std::fmt::Write as _;

/// Findings of a list.
const ROWS: usize = 300;
/// Changes told of one finding.
const CHANGES: usize = 20;
/// Characters of an observed value.
const VALUE: usize = 2000;

fn bar(s: FindingState, from: crate::Moment, to: crate::Moment) -> Bar {
    let (class, high, grave) = match s {
        FindingState::Fail => ("f-fail", 20, 9),
        FindingState::Excepted => ("f-excepted", 16, 7),
        FindingState::Unknown => ("f-unknown", 14, 5),
        FindingState::Unlisted => ("f-unlisted", 14, 5),
        FindingState::Pass => ("f-pass", 10, 2),
        FindingState::NotApplicable => ("f-not-applicable", 6, 1),
        FindingState::Gone => ("f-gone", 20, 0),
        FindingState::NotYet => ("f-not-yet", 20, 0),
    };
    Bar {
        class,
        from,
        to,
        high,
        least: if grave > 0 { 1.0 } else { 0.0 },
        grave,
        past: false,
    }
}

fn legend(x: Page) -> String {
    let mut out = "<p class=\"parts\">".to_owned();
    for s in FindingState::ALL {
        if s == FindingState::Unlisted || s == FindingState::NotYet {
            continue;
        }
        let b = bar(s, x.window.from, x.window.to);
        let name = if s == FindingState::Gone {
            x.both("存在せず", "not there")
        } else {
            x.word(state(s))
        };
        let _ = write!(
            out,
            "<span><svg class=\"key\" viewBox=\"0 0 44 20\" preserveAspectRatio=\"none\"><rect class=\"{}\" y=\"{}\" width=\"44\" height=\"{}\" stroke=\"#d5dbe3\"/></svg>{name}</span>",
            b.class,
            (20 - b.high) / 2,
            b.high,
        );
    }
    out + "</p>\n"
}

const fn severity_class(s: Severity) -> &'static str {
    match s {
        Severity::Critical => "critical",
        Severity::High => "high",
        Severity::Medium => "medium",
        Severity::Low => "low",
    }
}

/// Findings that failed at some time.
pub(super) fn deviations(summary: &Summary, x: Page) -> String {
    let mut out = format!(
        "<section id=\"deviations\">\n<h2>{}</h2>\n<p>{}</p>\n{}",
        x.both("相違とその長さ", "Deviations and their length"),
        x.both(
            "期間中に相違が観測された判定を、重要度と長さの順に示す。長さは観測した範囲のものであり、始まりは直前の走査の後である。",
            "Findings that failed at some time, the gravest and longest first. The length is as observed; it began after the scan before."
        ),
        legend(x)
    );
    if summary.deviating.is_empty() {
        let _ = write!(out, "<p>{}</p>", x.both("なし。", "None."));
    } else {
        let _ = writeln!(
            out,
            "<div class=\"tlhead\"><span></span>{}<span></span></div>",
            x.axis()
        );
    }
    for f in summary.deviating.iter().take(ROWS) {
        let total = x.length(failed_for(f) * 1000);
        let open = f.deviations.iter().any(|d| d.open);
        let end = if open {
            format!(
                "{total} <span class=\"tag c-fail\">{}</span>",
                x.both("継続中", "open")
            )
        } else {
            total
        };
        out.push_str(&row(f, &end, x));
    }
    let all = usize::try_from(summary.totals.deviating).unwrap_or(usize::MAX);
    more(&mut out, all, ROWS.min(summary.deviating.len()), x);
    out + "</section>\n"
}

/// Findings that changed without failing.
pub(super) fn changes(summary: &Summary, x: Page) -> String {
    let mut out = format!(
        "<section id=\"changes\">\n<h2>{}</h2>\n<p>{}</p>\n",
        x.both("その他の変化", "Other changes"),
        x.both(
            "相違はないが、状態又は観測した値が変わった判定。新しい変化から示す。",
            "Findings that did not fail and whose state or observed values changed, the latest first."
        )
    );
    let lists = [
        (&summary.changed, "状態の変化", "Changes of state"),
        (&summary.values, "値のみの変化", "Changes of values alone"),
    ];
    for (list, ja, en) in lists {
        let _ = writeln!(out, "<h3>{}</h3>", x.both(ja, en));
        if list.is_empty() {
            let _ = write!(out, "<p>{}</p>", x.both("なし。", "None."));
        }
        for f in list.iter().take(ROWS) {
            let when = f
                .changes
                .last()
                .map_or_else(String::new, |c| c.at.jst_day());
            out.push_str(&row(f, &when, x));
        }
        more(&mut out, list.len(), ROWS, x);
    }
    out + "</section>\n"
}

pub(super) fn row(f: &FindingTimeline, end: &str, x: Page) -> String {
    let bars: Vec<Bar> = f
        .intervals
        .iter()
        .filter_map(|s| Some(bar(s.state?, s.from, s.to)))
        .chain(f.backfilled.iter().map(|s| Bar {
            past: true,
            ..bar(s.state, s.from, s.to)
        }))
        .collect();
    let seen = |m: Option<crate::Moment>| m.map_or_else(|| "–".to_owned(), |m| x.moment(m));
    let mut out = format!(
        "<details class=\"tl\" id=\"{id}\"><summary><span class=\"who\"><span class=\"tag v-{sev}\">{severity}</span> {name}<br><code>{rule}</code></span>{lane}<span>{end}</span></summary>\n<div class=\"in\"><p class=\"src\"><code>{arn}</code> · {account} {region} · <code>{id}</code></p><p class=\"src\">{first} {first_at} · {last} {last_at}</p><ul class=\"times\">",
        id = esc(&f.id),
        sev = severity_class(f.severity),
        severity = x.word(words::severity(f.severity)),
        name = esc(&f.resource.name),
        rule = esc(&f.rule),
        lane = x.lane(&bars, &f.resource.name, true),
        arn = esc(&f.resource.id),
        account = esc(&f.resource.account),
        region = esc(&f.resource.region),
        first = x.both("初めて観測", "first seen"),
        first_at = seen(f.first_seen),
        last = x.both("最後に観測", "last seen"),
        last_at = seen(f.last_seen),
    );
    for s in &f.intervals {
        let tag = s.state.map_or("", class);
        let _ = write!(
            out,
            "<li><b class=\"k-{tag}\">{}</b><span>{} – {} ({})</span></li>",
            x.word(state_or_none(s.state)),
            x.moment(s.from),
            x.moment(s.to),
            x.length(s.to.0 - s.from.0)
        );
    }
    for s in &f.backfilled {
        let _ = write!(
            out,
            "<li class=\"past\"><b class=\"k-{}\">{} <span class=\"tag\">{}</span></b><span>{} – {}<br><small><code>{}</code> · {} {} · {}</small></span></li>",
            class(s.state),
            x.word(state(s.state)),
            x.word(BACKFILL),
            x.moment(s.from),
            x.moment(s.to),
            esc(&s.source),
            x.both("記録の時点", "captured"),
            x.moment(s.captured),
            esc(&s.status)
        );
    }
    out.push_str("</ul>");
    for c in f.changes.iter().take(CHANGES) {
        out.push_str(&change(c, x));
    }
    more(&mut out, f.changes.len(), CHANGES, x);
    out + "</div></details>\n"
}

fn change(c: &Change, x: Page) -> String {
    let mut out = format!(
        "<h4>{} {} – {}</h4>",
        x.both("変化:", "Change between"),
        x.moment(c.after),
        x.moment(c.at)
    );
    if c.across_gap {
        let _ = write!(
            out,
            " <span class=\"tag c-unknown\">{}</span>",
            x.both("走査の空白をまたぐ", "across a scan gap")
        );
    }
    if c.rule_changed {
        let _ = write!(
            out,
            " <span class=\"tag c-unknown\">{}</span>",
            x.both("ルールも変わった", "the rule changed too")
        );
    }
    let _ = write!(
        out,
        "<div class=\"was\"><div>{}</div><div>{}</div></div>",
        side(&c.before, x),
        side(&c.now, x)
    );
    out
}

fn side(s: &Side, x: Page) -> String {
    let mut out = format!("<b>{}</b>", x.word(state(s.state)));
    let lines: Vec<String> = match &s.observed {
        Some(Value::Array(all)) => all.iter().map(|o| line(o, x)).collect(),
        _ => Vec::new(),
    };
    if !lines.is_empty() {
        let _ = write!(out, "<pre tabindex=\"0\">{}</pre>", lines.join("\n"));
    }
    if let Some(e) = &s.excepted {
        let _ = write!(out, "<pre tabindex=\"0\">{}</pre>", esc(&e.to_string()));
    }
    out
}

/// One observed path.
fn line(o: &Value, x: Page) -> String {
    let path = o.get("path").and_then(Value::as_str).unwrap_or_default();
    let seen = match (o.get("seen"), o.get("unseen")) {
        (Some(v), _) => {
            let text = v.to_string();
            let short: String = text.chars().take(VALUE).collect();
            let cut = if short.len() < text.len() { "…" } else { "" };
            format!("{}{cut}", esc(&short))
        }
        (_, Some(_)) => format!("<em class=\"unseen\">{}</em>", x.word(words::UNSEEN)),
        _ => format!("<em>{}</em>", x.word(words::ABSENT)),
    };
    format!("{} = {seen}", esc(path))
}
