//! Moments and lengths: stored in UTC, shown in Japan's time with UTC beside.

use crate::Error;
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::{Offset, TimeZone};
use serde::ser::{Serialize, SerializeStruct, Serializer};

/// Milliseconds since 1970 in UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Moment(pub i64);

/// One day in milliseconds.
pub(crate) const DAY: i64 = 86_400_000;

fn japan() -> TimeZone {
    // Japan keeps UTC+9 all year.
    Offset::constant(9).to_time_zone()
}

impl Moment {
    /// From RFC 3339 text.
    ///
    /// # Errors
    /// Any other text.
    pub fn parse(text: &str) -> Result<Self, Error> {
        text.parse::<Timestamp>()
            .map(|t| Self(t.as_millisecond()))
            .map_err(|e| Error::Input(format!("`{text}` is no RFC 3339 time: {e}")))
    }

    fn stamp(self) -> Timestamp {
        // What was parsed is in range; anything else shows as the far end.
        Timestamp::from_millisecond(self.0).unwrap_or(Timestamp::MAX)
    }

    /// `2026-03-31T15:00:00Z`.
    pub fn utc(self) -> String {
        self.stamp().to_string()
    }

    /// `2026-04-01T00:00:00+09:00`.
    pub fn jst(self) -> String {
        let z = self.stamp().to_zoned_datetime(japan());
        z.timestamp()
            .display_with_offset(Offset::constant(9))
            .to_string()
    }

    /// `2026-04-01 00:00 JST`.
    pub fn jst_minute(self) -> String {
        self.stamp()
            .to_zoned_datetime(japan())
            .strftime("%Y-%m-%d %H:%M JST")
            .to_string()
    }

    /// `2026-03-31 15:00 UTC`.
    pub fn utc_minute(self) -> String {
        self.stamp()
            .to_zoned_datetime(TimeZone::UTC)
            .strftime("%Y-%m-%d %H:%M UTC")
            .to_string()
    }

    /// `2026-04-01` in Japan.
    pub fn jst_day(self) -> String {
        self.stamp()
            .to_zoned_datetime(japan())
            .strftime("%Y-%m-%d")
            .to_string()
    }

    /// First moments of months in Japan within a window, with their names
    /// (`2026-04`).
    pub(crate) fn months(from: Self, to: Self) -> Vec<(Self, String)> {
        let mut out = Vec::new();
        let mut day = from
            .stamp()
            .to_zoned_datetime(japan())
            .date()
            .first_of_month();
        loop {
            let Ok(start) = day.to_zoned_datetime(japan()) else {
                return out;
            };
            let at = Self(start.timestamp().as_millisecond());
            if at >= to {
                return out;
            }
            if at >= from {
                out.push((at, day.strftime("%Y-%m").to_string()));
            }
            let Ok(next) = day.checked_add(jiff::Span::new().months(1)) else {
                return out;
            };
            day = next;
        }
    }
}

/// `{"jst": "2026-04-01T00:00:00+09:00", "utc": "2026-03-31T15:00:00Z"}`.
impl Serialize for Moment {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        let mut m = s.serialize_struct("Moment", 2)?;
        m.serialize_field("jst", &self.jst())?;
        m.serialize_field("utc", &self.utc())?;
        m.end()
    }
}

/// The first moment of the day `from` and the first after the day `to`, both
/// `YYYY-MM-DD` in Japan. A full RFC 3339 time is taken as it is.
///
/// # Errors
/// Text that is no date, and a period that does not end after it begins.
pub fn day_bounds(from: &str, to: &str) -> Result<(Moment, Moment), Error> {
    let bound = |text: &str, days: i32| -> Result<Moment, Error> {
        if let Ok(t) = text.parse::<Timestamp>() {
            return Ok(Moment(t.as_millisecond()));
        }
        text.parse::<Date>()
            .and_then(|d| d.checked_add(jiff::Span::new().days(days)))
            .and_then(|d| d.to_zoned_datetime(japan()))
            .map(|z| Moment(z.timestamp().as_millisecond()))
            .map_err(|e| {
                Error::Input(format!(
                    "`{text}` is no date: {e}; write YYYY-MM-DD (a day in Japan)"
                ))
            })
    };
    let (start, end) = (bound(from, 0)?, bound(to, 1)?);
    if start >= end {
        return Err(Error::Input(format!(
            "the period ends ({to}) before it begins ({from})"
        )));
    }
    Ok((start, end))
}

/// Milliseconds of `30m`, `12h`, `1d` or `1w`.
///
/// # Errors
/// Anything else, zero, and more than ten years.
pub fn parse_length(text: &str) -> Result<i64, Error> {
    let wrong = || {
        Error::Input(format!(
            "`{text}` is no length of time; write a number and m, h, d or w: 12h, 1d"
        ))
    };
    let unit = text.chars().last().ok_or_else(wrong)?;
    let number = text.strip_suffix(unit).unwrap_or_default();
    let unit = match unit {
        'm' => 60_000,
        'h' => 3_600_000,
        'd' => DAY,
        'w' => 7 * DAY,
        _ => return Err(wrong()),
    };
    if number.is_empty() || !number.bytes().all(|b| b.is_ascii_digit()) {
        return Err(wrong());
    }
    let length = number
        .parse::<i64>()
        .ok()
        .and_then(|n| n.checked_mul(unit))
        .ok_or_else(wrong)?;
    if (1..=3660 * DAY).contains(&length) {
        Ok(length)
    } else {
        Err(wrong())
    }
}
