//! How the numbers went from run to run.

use super::bilingual::{Bilingual, state_class};
use crate::data::{ReportError, TrendPoint};
use crate::outward::STATUSES;
use crate::words::{self, Word};
use askama::Template;
use shoseki_model::{Lang, State};

/// Runs that are drawn.
const DRAWN: usize = 60;
/// Runs that there is room for at least, so that two are no walls.
const FEWEST: usize = 12;
/// Height of the drawings, in their units.
const HIGH: f64 = 100.0;
/// Width of a run.
const WIDE: f64 = 12.0;

const TOLD: [State; 4] = [
    State::Contradicted,
    State::PartlyShown,
    State::NotSeen,
    State::Shown,
];

/// The trend as a fragment of a page that has the style of reports; empty where
/// there are fewer than two runs.
///
/// # Errors
/// When the fragment cannot be laid out.
pub fn trend(points: &[TrendPoint], first: Lang) -> Result<String, ReportError> {
    if points.len() < 2 {
        return Ok(String::new());
    }
    let x = Bilingual { first };
    let drawn = &points[points.len().saturating_sub(DRAWN)..];
    let fragment = Trend {
        x,
        left_out: points.len() - drawn.len(),
        points: drawn,
        states: columns(drawn, |p| TOLD.map(|s| (state_class(s), p.states.of(s)))),
        findings: columns(drawn, |p| {
            let c = &p.counts;
            [
                ("contradicted", c.fail),
                ("partly-shown", c.unknown),
                ("inherited", c.excepted),
            ]
        }),
        wide: WIDE * drawn.len().max(FEWEST) as f64,
    };
    Ok(fragment.render()?)
}

/// That there is no trend, and why.
pub(super) fn unread(why: &str, first: Lang) -> Result<String, ReportError> {
    let x = Bilingual { first };
    Ok(Unread { x, why }.render()?)
}

#[derive(Template)]
#[template(path = "trend_unread.html")]
struct Unread<'a> {
    x: Bilingual,
    why: &'a str,
}

/// A piece of a column.
struct Piece {
    class: &'static str,
    x: f64,
    y: f64,
    height: f64,
}

/// Stacked columns, as high as the highest; the first part stands at the bottom.
fn columns<const N: usize>(
    points: &[TrendPoint],
    parts: impl Fn(&TrendPoint) -> [(&'static str, u64); N],
) -> Vec<Piece> {
    let sum = |p: &TrendPoint| parts(p).iter().map(|(_, n)| n).sum::<u64>();
    let most = points.iter().map(sum).max().unwrap_or(0).max(1);
    let mut out = Vec::new();
    for (i, p) in points.iter().enumerate() {
        let mut y = HIGH;
        for (class, n) in parts(p) {
            let height = (n as f64 / most as f64 * HIGH * 100.0).round() / 100.0;
            y -= height;
            if n > 0 {
                let y = (y * 100.0).round() / 100.0;
                let x = i as f64 * WIDE;
                out.push(Piece {
                    class,
                    x,
                    y,
                    height,
                });
            }
        }
    }
    out
}

#[derive(Template)]
#[template(path = "trend.html")]
struct Trend<'a> {
    x: Bilingual,
    /// Earlier runs that are not drawn.
    left_out: usize,
    points: &'a [TrendPoint],
    states: Vec<Piece>,
    findings: Vec<Piece>,
    wide: f64,
}

impl Trend<'_> {
    fn told(&self) -> [(State, &'static str, &'static str, Word); 4] {
        TOLD.map(|s| (s, state_class(s), words::state_sign(s), words::state(s)))
    }

    fn of(&self, p: &TrendPoint, s: &State) -> u64 {
        p.states.of(*s)
    }

    fn statuses(&self) -> Vec<(&'static str, Word)> {
        let classes = ["contradicted", "partly-shown", "inherited"];
        let words = STATUSES.iter().map(|s| s.word());
        classes.into_iter().zip(words).collect()
    }

    /// The days between which the runs lie.
    fn days(&self) -> (String, String) {
        let day = |p: Option<&TrendPoint>| {
            let t = p.map_or("", |p| p.started.as_str());
            crate::time::jst(t).chars().take(10).collect()
        };
        (day(self.points.first()), day(self.points.last()))
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]
    use super::*;
    use crate::counts::{Counts, StateCounts};

    fn point(n: u64) -> TrendPoint {
        let mut states = StateCounts::default();
        (0..n).for_each(|_| states.add(State::Contradicted));
        TrendPoint {
            run: format!("run-{n}"),
            started: format!("2026-11-{:02}T00:00:00Z", n % 28 + 1),
            states,
            counts: Counts {
                fail: n,
                ..Counts::default()
            },
            incomplete: n % 2 == 1,
        }
    }

    #[test]
    fn a_ledger_that_was_not_read_is_no_empty_one() {
        let page = unread("l/<x>: cut", Lang::En).unwrap();
        assert!(page.contains("The ledger could not be read"), "{page}");
        assert!(page.contains("l/&#60;x&#62;: cut"), "{page}");
    }

    #[test]
    fn a_trend_needs_two_runs_and_says_what_it_leaves_out() {
        assert_eq!(trend(&[point(1)], Lang::Ja).unwrap(), "");
        let few: Vec<_> = (1..4).map(point).collect();
        let page = trend(&few, Lang::Ja).unwrap();
        // Six pieces, and the keys of seven colours.
        assert_eq!(page.matches("<rect").count(), 13);
        assert_eq!(page.matches("<tr>").count(), 4);
        let many: Vec<_> = (0..100).map(point).collect();
        let page = trend(&many, Lang::Ja).unwrap();
        assert!(
            page.contains("ほか 40 回") && !page.contains("run-39<") && page.contains("run-40<")
        );
    }
}
