//! The provider's statement beside what was seen.

use super::more;
use super::page::{Page, esc};
use crate::render::adopted;
use crate::{ControlTimeline, Period};
use shoseki_model::{Grade, Said};
use std::fmt::Write as _;

/// Rows of the list.
const ROWS: usize = 500;

/// Where statement and sight differ; empty where no statement was given.
pub(super) fn section(period: &Period, x: Page) -> String {
    let Some((statement, differ)) = &period.stated else {
        return String::new();
    };
    let mut out = format!(
        "<section id=\"statement\">\n<h2>{}</h2>\n<p>{} {} – {}</p>\n<p>{}</p>",
        x.both("言明との対照", "Statement and sight"),
        x.both("言明の対象期間", "Stated period"),
        esc(&statement.from),
        esc(&statement.to),
        x.both(
            "言明書の記載と観測とが一致しない点を示す。言明書の記載によって管理策の状態が変わることはない。",
            "Where what is stated and what was seen differ. No state of a control changes by what is stated."
        )
    );
    if differ.is_empty() {
        let _ = write!(out, "<p>{}</p>", x.both("なし。", "None."));
        return out + "</section>\n";
    }
    let _ = write!(
        out,
        "<div class=\"scroll\" tabindex=\"0\"><table><thead><tr><th scope=\"col\">{}</th><th scope=\"col\">{}</th><th scope=\"col\">{}</th></tr></thead><tbody>",
        x.both("程度", "Grade"),
        x.both("管理策・対象", "Control, subject"),
        x.both("内容", "What")
    );
    for d in differ.iter().take(ROWS) {
        let (class, word) = match d.severity {
            Grade::Error => ("fail", x.both("矛盾", "error")),
            Grade::Warning => ("unknown", x.both("注意", "warning")),
            Grade::Note => ("na", x.both("参考", "note")),
        };
        let of: Vec<String> = d.control.iter().chain(&d.subject).map(|s| esc(s)).collect();
        let _ = write!(
            out,
            "<tr><td><span class=\"tag k-{class}\">{word}</span></td><td>{}<br><code>{}</code></td><td>{}</td></tr>",
            of.join(" "),
            d.code,
            x.text(&d.text)
        );
    }
    out.push_str("</tbody></table></div>");
    more(&mut out, differ.len(), ROWS, x);
    out + "</section>\n"
}

/// What is stated of a control.
pub(super) fn of_control(c: &ControlTimeline, x: Page) -> String {
    let Some(s) = &c.stated else {
        return String::new();
    };
    let said = |t: &Said| x.both(&t.ja, t.en());
    let mut out = format!(
        "<p class=\"stated\"><b>{}</b> {}",
        x.both("言明:", "Stated:"),
        x.word(adopted(c))
    );
    if let Some(t) = s.measure.as_ref().or(s.reason.as_ref()) {
        let _ = write!(out, " · {}", said(t));
    }
    if let Some(from) = &s.inherited_from {
        let _ = write!(
            out,
            " · {} {}",
            x.both("引継ぎ元:", "carried over from:"),
            esc(from)
        );
    }
    out.push_str("</p>");
    for change in &s.changes {
        let _ = write!(
            out,
            "<p class=\"src\">{} {}: {} → {}</p>",
            x.both("言明された変更", "Stated change"),
            esc(&change.date),
            said(&change.before),
            said(&change.after)
        );
    }
    out
}
