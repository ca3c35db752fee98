//! Controls over time.

use super::page::{Bar, Page, esc};
use crate::render::{adopted, last_state, speaks, time_in};
use crate::words::NOT_OBSERVED;
use crate::{ControlTimeline, Period};
use shoseki_model::{State, Text};
use shoseki_report::words;
use std::collections::BTreeMap;
use std::fmt::Write as _;

/// Class, height and order of drawing.
fn look(s: State) -> (&'static str, &'static str, u32, u8) {
    match s {
        State::Contradicted => ("b-contradicted", "contradicted", 20, 9),
        State::PartlyShown => ("b-partly-shown", "partly-shown", 14, 5),
        State::NotSeen => ("b-not-seen", "not-seen", 6, 4),
        State::Shown => ("b-shown", "shown", 10, 1),
        State::Inherited => ("b-inherited", "inherited", 4, 0),
        State::HumanOnly => ("b-human-only", "human-only", 4, 0),
    }
}

pub(super) fn section(period: &Period, labels: &BTreeMap<String, Text>, x: Page) -> String {
    let (spoken, rest): (Vec<&ControlTimeline>, Vec<&ControlTimeline>) =
        period.controls.iter().partition(|c| speaks(c));
    let mut out = format!(
        "<section id=\"controls\">\n<h2>{}</h2>\n<p class=\"parts\">",
        x.both("管理策", "Controls")
    );
    for s in [
        State::Contradicted,
        State::PartlyShown,
        State::NotSeen,
        State::Shown,
    ] {
        let (class, _, high, _) = look(s);
        let _ = write!(
            out,
            "<span><svg class=\"key\" viewBox=\"0 0 44 20\" preserveAspectRatio=\"none\"><rect class=\"{class}\" y=\"{}\" width=\"44\" height=\"{high}\"/></svg>{}</span>",
            (20 - high) / 2,
            x.word(words::state(s))
        );
    }
    let _ = writeln!(
        out,
        "<span><svg class=\"key lane\" viewBox=\"0 0 44 20\"></svg>{}</span></p>",
        x.word(NOT_OBSERVED)
    );
    let _ = writeln!(
        out,
        "<div class=\"tlhead\"><span></span>{}<span></span></div>",
        x.axis()
    );
    for c in &spoken {
        out.push_str(&row(c, labels, x));
    }
    if spoken.is_empty() {
        let _ = write!(
            out,
            "<p>{}</p>",
            x.both(
                "期間内に設定から述べられる管理策はない。",
                "Settings said nothing of any control in the period."
            )
        );
    }
    if !rest.is_empty() {
        let ids: Vec<String> = rest
            .iter()
            .map(|c| match period.stated {
                Some(_) => format!("{} ({})", esc(&c.control), x.word(adopted(c))),
                None => esc(&c.control),
            })
            .collect();
        let _ = write!(
            out,
            "<details class=\"kind\"><summary>{} <b>{}</b></summary><p>{}</p></details>",
            x.both(
                "設定では示せない管理策（人による確認、引継ぎ）",
                "Controls that settings do not show (for people, carried over)"
            ),
            rest.len(),
            ids.join(", ")
        );
    }
    out + "</section>\n"
}

fn row(c: &ControlTimeline, labels: &BTreeMap<String, Text>, x: Page) -> String {
    let bars: Vec<Bar> = c
        .intervals
        .iter()
        .filter_map(|i| {
            let (class, _, high, grave) = look(i.state?);
            Some(Bar {
                past: false,
                class,
                from: i.from,
                to: i.to,
                high,
                least: 1.0,
                grave,
            })
        })
        .collect();
    let last = last_state(c);
    let (name, class, sign) = match last {
        Some(s) => (words::state(s), look(s).1, words::state_sign(s)),
        None => (NOT_OBSERVED, "not-seen", "?"),
    };
    let label = labels
        .get(&c.control)
        .map_or_else(String::new, |t| x.text(t));
    let mut out = format!(
        "<details class=\"tl\" id=\"control-{id}\"><summary><span class=\"who\"><span class=\"cid\">{id}</span>{label}</span>{}<span class=\"state s-{class}\"><span class=\"sign\" aria-hidden=\"true\">{sign}</span> {}</span></summary>\n<div class=\"in\">",
        x.lane(&bars, &c.control, false),
        x.word(name),
        id = esc(&c.control),
    );
    let _ = write!(
        out,
        "<p class=\"parts\"><span>{} {}</span><span>{} {}</span><span>{} {}</span><span>{} {}</span></p><ul class=\"times\">",
        x.word(words::state(State::Contradicted)),
        x.length(time_in(c, Some(State::Contradicted))),
        x.word(words::state(State::NotSeen)),
        x.length(time_in(c, Some(State::NotSeen))),
        x.word(NOT_OBSERVED),
        x.length(time_in(c, None)),
        x.both("アカウント", "accounts"),
        esc(&c.accounts.join(", "))
    );
    for i in &c.intervals {
        let _ = write!(
            out,
            "<li><b>{}</b><span>{} – {} ({}){}</span></li>",
            x.word(i.state.map_or(NOT_OBSERVED, words::state)),
            x.moment(i.from),
            x.moment(i.to),
            x.length(i.to.0 - i.from.0),
            i.edition.as_ref().map_or_else(String::new, |e| format!(
                " <span class=\"tag\">{}</span>",
                esc(e)
            ))
        );
    }
    out.push_str("</ul>");
    out.push_str(&super::stated::of_control(c, x));
    let rules: Vec<String> = c
        .rules
        .iter()
        .map(|(r, s)| format!("<code>{}</code> ({})", esc(r), x.word(words::strength(*s))))
        .collect();
    let _ = writeln!(
        out,
        "<p class=\"src\">{} {}</p></div></details>",
        x.both("ルール:", "Rules:"),
        rules.join(", ")
    );
    out
}
