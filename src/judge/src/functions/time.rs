//! Ages, in days.

use crate::eval::ops;
use crate::eval::value::{V, fault};
use jiff::Timestamp;
use shoseki_model::Text;

const DAY: f64 = 86_400.0;

/// Days from the time to now; negative for the future.
pub(crate) fn days_since<'a>(v: &[V<'a>], now: Timestamp) -> V<'a> {
    moment(v).map_or_else(|e| e, |t| V::Double(days(t, now)))
}

/// Days from now to the time; negative for the past.
pub(crate) fn days_until<'a>(v: &[V<'a>], now: Timestamp) -> V<'a> {
    moment(v).map_or_else(|e| e, |t| V::Double(days(now, t)))
}

fn days(from: Timestamp, to: Timestamp) -> f64 {
    to.duration_since(from).as_secs_f64() / DAY
}

fn moment<'a>(v: &[V<'a>]) -> Result<Timestamp, V<'a>> {
    if let Some(V::Time(t)) = v.first() {
        return Ok(*t);
    }
    let s = v.first().and_then(V::as_str).unwrap_or_default();
    ops::time(s).ok_or_else(|| {
        fault(Text::new(
            format!("{s:?} は RFC 3339 の時刻ではない"),
            format!("{s:?} is not an RFC 3339 time"),
        ))
    })
}

#[cfg(test)]
#[path = "tests/time.rs"]
mod tests;
