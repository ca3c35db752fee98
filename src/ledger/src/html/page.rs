//! Pieces of the page: text in both languages, lanes, moments.

use crate::words::length;
use crate::{Moment, Window};
use shoseki_model::{Lang, Text};
use shoseki_report::visible;
use shoseki_report::words::Word;
use std::fmt::Write as _;

/// Units of the lanes' x axis.
const WIDE: f64 = 1000.0;
/// Height of a lane in its units.
const HIGH: u32 = 20;

/// Escaped text, steering characters shown.
pub(super) fn esc(s: &str) -> String {
    let mut out = String::with_capacity(s.len());
    for c in visible(s).chars() {
        match c {
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '&' => out.push_str("&amp;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            c => out.push(c),
        }
    }
    out
}

/// What all parts of the page share.
#[derive(Clone, Copy)]
pub(super) struct Page {
    pub(super) first: Lang,
    pub(super) window: Window,
}

impl Page {
    /// Both languages, each marked with its own.
    pub(super) fn both(self, ja: &str, en: &str) -> String {
        if ja == en {
            return esc(ja);
        }
        let (ja, en) = (esc(ja), esc(en));
        match self.first {
            Lang::Ja => format!("<span lang=\"ja\">{ja}</span><span lang=\"en\">{en}</span>"),
            Lang::En => format!("<span lang=\"en\">{en}</span><span lang=\"ja\">{ja}</span>"),
        }
    }

    /// Both languages where a text cannot be marked up.
    pub(super) fn name(self, ja: &str, en: &str) -> String {
        match self.first {
            Lang::Ja => format!("{ja} / {en}"),
            Lang::En => format!("{en} / {ja}"),
        }
    }

    pub(super) fn word(self, w: Word) -> String {
        self.both(w.ja, w.en)
    }

    pub(super) fn text(self, t: &Text) -> String {
        self.both(&t.ja, &t.en)
    }

    /// A length of time.
    pub(super) fn length(self, milliseconds: i64) -> String {
        self.both(
            &length(milliseconds, Lang::Ja),
            &length(milliseconds, Lang::En),
        )
    }

    /// A moment in Japan with UTC beside it.
    pub(super) fn moment(self, m: Moment) -> String {
        format!(
            "<time datetime=\"{}\">{}</time> <small>{}</small>",
            m.utc(),
            m.jst_minute(),
            m.utc_minute()
        )
    }

    /// Share of the window up to a moment, 0 to 1.
    fn share(self, at: i64) -> f64 {
        let (from, to) = (self.window.from.0, self.window.to.0);
        let whole = (to - from).max(1) as f64;
        ((at - from) as f64 / whole).clamp(0.0, 1.0)
    }

    /// Names of the months over the lanes.
    pub(super) fn axis(self) -> String {
        let mut out = "<div class=\"axis\" aria-hidden=\"true\">".to_owned();
        let months = Moment::months(self.window.from, self.window.to);
        let every = months.len().div_ceil(14).max(1);
        for (i, (at, name)) in months.iter().enumerate().step_by(every) {
            let year = i == 0 || name.ends_with("-01");
            let name = if year { name.as_str() } else { &name[5..] };
            let left = self.share(at.0) * 100.0;
            let _ = write!(out, "<span style=\"left:{left:.2}%\">{name}</span>");
        }
        if months.is_empty() {
            let _ = write!(
                out,
                "<span style=\"left:0\">{}</span>",
                self.window.from.jst_day()
            );
        }
        out + "</div>"
    }

    /// A lane: what is left blank is hatched, that is, not observed. The gravest
    /// is drawn last and never narrower than can be seen.
    pub(super) fn lane(self, bars: &[Bar], label: &str, thin: bool) -> String {
        let mut bars: Vec<&Bar> = bars.iter().collect();
        let mut ground: Vec<(i64, i64)> = Vec::new();
        for b in bars.iter().filter(|b| !b.past) {
            match ground.last_mut() {
                Some(last) if last.1 == b.from.0 => last.1 = b.to.0,
                _ => ground.push((b.from.0, b.to.0)),
            }
        }
        bars.sort_by_key(|b| b.grave);
        let class = if thin { "lane thin" } else { "lane" };
        let mut out = format!(
            "<svg class=\"{class}\" viewBox=\"0 0 1000 {HIGH}\" preserveAspectRatio=\"none\" role=\"img\" aria-label=\"{}\">",
            esc(label)
        );
        // The hatching stays only where nothing was observed.
        for (from, to) in ground {
            let x = self.share(from) * WIDE;
            let wide = self.share(to) * WIDE - x;
            let _ = write!(
                out,
                "<rect class=\"ground\" x=\"{x:.2}\" width=\"{wide:.2}\" height=\"{HIGH}\"/>"
            );
        }
        for b in bars {
            let x = self.share(b.from.0) * WIDE;
            let wide = (self.share(b.to.0) * WIDE - x).max(b.least);
            let x = x.min(WIDE - wide);
            let y = (HIGH - b.high) / 2;
            let _ = write!(
                out,
                "<rect class=\"{}{}\" x=\"{x:.2}\" y=\"{y}\" width=\"{wide:.2}\" height=\"{}\"/>",
                b.class,
                if b.past { " b-past" } else { "" },
                b.high
            );
        }
        out + "</svg>"
    }
}

/// A piece of a lane.
pub(super) struct Bar {
    pub(super) class: &'static str,
    pub(super) from: Moment,
    pub(super) to: Moment,
    /// Height: states can be told apart without colours.
    pub(super) high: u32,
    /// Least width.
    pub(super) least: f64,
    /// Order of drawing.
    pub(super) grave: u8,
    /// Out of a provider's own history: what no scan observed stays hatched below.
    pub(super) past: bool,
}
