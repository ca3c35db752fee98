//! Intervals from scans: the one place that decides how long a state holds.

use crate::Moment;
use serde::Serialize;

/// When a scan looked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Scan {
    /// Its start, milliseconds since 1970.
    pub at: i64,
    /// Its end.
    pub until: i64,
}

/// A stretch of time, the end excluded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Window {
    /// First moment.
    pub from: Moment,
    /// First moment after it.
    pub to: Moment,
}

/// A state and how long it held; `None`: not observed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Interval<S> {
    /// First moment.
    pub from: i64,
    /// First moment after it.
    pub to: i64,
    /// What was seen; `None` where nobody looked.
    pub state: Option<S>,
}

/// The intervals of a window, whole and without overlap. A state holds from its
/// scan to the next one, if that starts within `reach` milliseconds; otherwise
/// to the end of its own scan. What is left is not observed. `scans` are in the
/// order of their starts, no two at one moment.
pub fn intervals<S: PartialEq + Copy>(
    scans: &[(Scan, S)],
    window: Window,
    reach: i64,
) -> Vec<Interval<S>> {
    let (start, end) = (window.from.0, window.to.0);
    let mut out: Vec<Interval<S>> = Vec::new();
    let mut cursor = start;
    for (i, (scan, state)) in scans.iter().enumerate() {
        let next = scans.get(i + 1).map(|(s, _)| s.at);
        let own = scan.until.max(scan.at + 1);
        let holds = match next {
            Some(next) if next - scan.at <= reach => next,
            Some(next) => own.min(next),
            None => own,
        };
        let (from, to) = (scan.at.max(start), holds.min(end));
        if from >= to {
            continue;
        }
        if cursor < from {
            out.push(Interval {
                from: cursor,
                to: from,
                state: None,
            });
        }
        match out.last_mut() {
            Some(last) if last.to == from && last.state == Some(*state) => last.to = to,
            _ => out.push(Interval {
                from,
                to,
                state: Some(*state),
            }),
        }
        cursor = to;
    }
    if cursor < end {
        out.push(Interval {
            from: cursor,
            to: end,
            state: None,
        });
    }
    out
}
