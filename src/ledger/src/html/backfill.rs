//! Back-filled states: in a style of their own, and labelled with their source.

use super::findings::row;
use super::page::{Page, esc};
use super::{ROWS, more};
use crate::Period;
use crate::summary::Summary;
use crate::words::{BACKFILL, past_cause};
use std::fmt::Write as _;

/// What every lane with back-filled states needs: how they are drawn.
pub(super) fn legend(x: Page) -> String {
    format!(
        "<p class=\"parts past\"><span><svg class=\"key\" viewBox=\"0 0 44 20\" preserveAspectRatio=\"none\"><rect class=\"f-pass b-past\" y=\"5\" width=\"44\" height=\"10\"/></svg>{}</span></p>\n",
        x.both(
            "薄色に破線の枠: 遡及取得（AWS Config の記録による。shoseki が走査で観測した状態ではない）",
            "Pale with a dashed border: back-filled from what AWS Config recorded; not observed by a scan of shoseki",
        )
    )
}

/// Empty where no back-fill reaches into the period.
pub(super) fn section(period: &Period, summary: &Summary, x: Page) -> String {
    if period.backfills.is_empty() {
        return String::new();
    }
    let mut out = format!(
        "<section id=\"backfill\">\n<h2>{}</h2>\n<p>{}</p>\n{}<div class=\"scroll\" tabindex=\"0\"><table><thead><tr><th scope=\"col\">{}</th><th scope=\"col\">{}</th><th scope=\"col\">{}</th><th scope=\"col\">{}</th><th scope=\"col\" class=\"num\">{}</th></tr></thead><tbody>",
        x.word(BACKFILL),
        x.both(
            "走査が観測していない期間について、事業者自身の記録から取得した状態を示す。走査の空白は空白のままであり、管理策の状態、判定の数、相違の長さには算入しない。走査による観測がある期間は、常に観測を優先する。",
            "States out of the provider's own records, for times that no scan observed. A scan gap stays a scan gap; standings of controls, numbers of findings and lengths of deviations do not count them. Where a scan observed, the observation stands.",
        ),
        legend(x),
        x.both("情報源", "Source"),
        x.both("対象の始まり", "Asked from"),
        x.both("対象の終わり", "Asked to"),
        x.both("取得", "Asked at"),
        x.both("状態の数", "States"),
    );
    for b in &period.backfills {
        let _ = write!(
            out,
            "<tr><td><code>{}</code><br><small>{}</small></td><td>{}</td><td>{}</td><td>{}</td><td class=\"num\">{}</td></tr>",
            esc(&b.source),
            esc(&b.run),
            x.moment(b.from),
            x.moment(b.to),
            x.moment(b.started),
            b.states
        );
    }
    let _ = write!(
        out,
        "</tbody></table></div>\n<h3>{}</h3>",
        x.both(
            "情報源に記録がない期間、又は状態の長さが分からない期間",
            "Times of which the source says nothing, or moments alone"
        )
    );
    if period.source_gaps.is_empty() {
        let _ = write!(out, "<p>{}</p>", x.both("なし。", "None."));
    } else {
        out.push_str("<ul class=\"times\">");
        for g in period.source_gaps.iter().take(ROWS) {
            let of = g.resource.as_deref().unwrap_or_default();
            let _ = write!(
                out,
                "<li><b>{}</b><span>{} – {}<br><code>{}</code> {} {} {}</span></li>",
                x.word(past_cause(g.cause)),
                x.moment(g.from),
                x.moment(g.to),
                esc(&g.r#type),
                esc(&g.account),
                esc(&g.region),
                esc(of)
            );
        }
        out.push_str("</ul>");
        more(&mut out, period.source_gaps.len(), ROWS, x);
    }
    let _ = write!(
        out,
        "<h3>{}</h3>",
        x.both(
            "遡及取得した状態のある判定",
            "Findings with back-filled states"
        )
    );
    for f in summary.backfilled.iter().take(ROWS) {
        out.push_str(&row(f, "", x));
    }
    let all = usize::try_from(summary.totals.backfilled).unwrap_or(usize::MAX);
    more(&mut out, all, ROWS.min(summary.backfilled.len()), x);
    out + "</section>\n"
}
