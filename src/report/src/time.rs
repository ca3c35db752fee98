//! Moments as people read them: in UTC, as stored, and in Japan's time.

use jiff::Timestamp;
use jiff::tz::{Offset, TimeZone};

/// `2026-11-23 21:30:59 UTC`; text that is no RFC 3339 time comes back as it is.
pub fn utc(t: &str) -> String {
    match t.parse::<Timestamp>() {
        Ok(t) => t
            .to_zoned_datetime(TimeZone::UTC)
            .strftime("%Y-%m-%d %H:%M:%S UTC")
            .to_string(),
        Err(_) => t.to_owned(),
    }
}

/// `2026-11-24 06:30:59 JST`; Japan keeps UTC+9 all year.
pub fn jst(t: &str) -> String {
    match t.parse::<Timestamp>() {
        Ok(t) => t
            .to_zoned_datetime(Offset::constant(9).to_time_zone())
            .strftime("%Y-%m-%d %H:%M:%S JST")
            .to_string(),
        Err(_) => t.to_owned(),
    }
}

/// `2026-11-23T21:30:59.25Z`; text that is no RFC 3339 time comes back as it is.
pub fn utc_offset(t: &str) -> String {
    t.parse::<Timestamp>()
        .map_or_else(|_| t.to_owned(), |t| t.to_string())
}

/// `2026-11-24T06:30:59.25+09:00`.
pub fn jst_offset(t: &str) -> String {
    t.parse::<Timestamp>().map_or_else(
        |_| t.to_owned(),
        |t| t.display_with_offset(Offset::constant(9)).to_string(),
    )
}

/// Both, for one line.
pub fn both_times(t: &str) -> String {
    let (u, j) = (utc(t), jst(t));
    if u == j { u } else { format!("{u} ({j})") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn japan_is_nine_hours_ahead() {
        assert_eq!(
            both_times("2026-11-23T21:30:59.250Z"),
            "2026-11-23 21:30:59 UTC (2026-11-24 06:30:59 JST)"
        );
        assert_eq!(both_times("yesterday"), "yesterday");
        let t = "2026-11-23T21:30:59.250Z";
        assert_eq!(utc_offset(t), "2026-11-23T21:30:59.25Z");
        assert_eq!(jst_offset(t), "2026-11-24T06:30:59.25+09:00");
    }
}
