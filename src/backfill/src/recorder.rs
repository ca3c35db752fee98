//! When AWS Config recorded, as far as its API tells: it names the last start and
//! the last stop, and nothing earlier.

use jiff::{SignedDuration, Timestamp};
use serde_json::Value;
use shoseki_model::PastCause;

/// Days for which items are kept where no retention configuration says otherwise:
/// <https://docs.aws.amazon.com/config/latest/developerguide/delete-config-data-with-retention-period.html>.
const RETENTION: i64 = 2557;

/// A time without a break, or why there is none.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Recording {
    /// In which every change was recorded; the end excluded.
    pub(crate) window: Result<(Timestamp, Timestamp), PastCause>,
    /// Last stop before the window.
    stop: Option<Timestamp>,
    /// The recorder itself, for the types that it records.
    recorder: Value,
}

impl Recording {
    /// Nothing is known.
    pub(crate) fn unread() -> Self {
        Self {
            window: Err(PastCause::NotRead),
            stop: None,
            recorder: Value::Null,
        }
    }

    /// From the answers of `DescribeConfigurationRecorders` and `…Status`.
    pub(crate) fn of(recorders: &Value, status: &Value, now: Timestamp) -> Self {
        let one = |v: &Value, list: &str| match v[list].as_array().map(Vec::as_slice) {
            None | Some([]) => Ok(None),
            Some([one]) => Ok(Some(one.clone())),
            // Which of them recorded a type is not known.
            Some(_) => Err(PastCause::NotRead),
        };
        let both = (
            one(recorders, "ConfigurationRecorders"),
            one(status, "ConfigurationRecordersStatus"),
        );
        let (recorder, status) = match both {
            (Ok(Some(r)), Ok(Some(s))) => (r, s),
            (Ok(None), Ok(None)) => {
                return Self {
                    window: Err(PastCause::NoRecorder),
                    ..Self::unread()
                };
            }
            _ => return Self::unread(),
        };
        let time = |name: &str| {
            status[name]
                .as_str()
                .and_then(|t| t.parse::<Timestamp>().ok())
        };
        let (start, stop) = (time("lastStartTime"), time("lastStopTime"));
        // The model writes `Failure`; the service `FAILURE`.
        let failing = status["lastStatus"]
            .as_str()
            .is_some_and(|s| s.eq_ignore_ascii_case("failure"));
        let window = match (status["recording"].as_bool(), start, stop) {
            _ if failing => Err(PastCause::RecorderFailing),
            (Some(true), Some(start), _) if start < now => Ok((start, now)),
            (Some(false), Some(start), Some(stop)) if start < stop => Ok((start, stop)),
            (Some(false), _, _) => Err(PastCause::RecorderOff),
            _ => Err(PastCause::NotRead),
        };
        let stop = stop.filter(|t| window.is_ok_and(|(from, _)| *t <= from));
        Self {
            window,
            stop,
            recorder,
        }
    }

    /// The window for a type; where the recorder leaves the type out, none.
    pub(crate) fn window_of(&self, config: &str) -> Result<(Timestamp, Timestamp), PastCause> {
        let window = self.window?;
        match records(&self.recorder["recordingGroup"], config) {
            Some(true) => Ok(window),
            Some(false) => Err(PastCause::TypeNotRecorded),
            None => Err(PastCause::NotRead),
        }
    }

    /// The parts of `from` to `to` in which the source does not say how long an
    /// item holds.
    pub(crate) fn gaps(
        &self,
        config: &str,
        (from, to): (Timestamp, Timestamp),
    ) -> Vec<(Timestamp, Timestamp, PastCause)> {
        let (start, end) = match self.window_of(config) {
            Ok(window) => window,
            Err(cause) => return vec![(from, to, cause)],
        };
        let stop = self.stop.unwrap_or(start);
        [
            (from, stop.min(to), PastCause::RecorderUnknown),
            (stop.max(from), start.min(to), PastCause::RecorderOff),
            (end.max(from), to, PastCause::RecorderOff),
        ]
        .into_iter()
        .filter(|(a, b, _)| a < b)
        .collect()
    }
}

/// Whether a recording group takes a type in; `None` where it does not say.
fn records(group: &Value, config: &str) -> Option<bool> {
    let names = |v: &Value| -> Option<bool> {
        let all = v.as_array()?;
        Some(all.iter().any(|t| t.as_str() == Some(config)))
    };
    match group["recordingStrategy"]["useOnly"].as_str() {
        Some("ALL_SUPPORTED_RESOURCE_TYPES") => Some(true),
        Some("INCLUSION_BY_RESOURCE_TYPES") => names(&group["resourceTypes"]),
        Some("EXCLUSION_BY_RESOURCE_TYPES") => {
            names(&group["exclusionByResourceTypes"]["resourceTypes"]).map(|named| !named)
        }
        Some(_) => None,
        None if group["allSupported"].as_bool() == Some(true) => Some(true),
        None => names(&group["resourceTypes"]),
    }
}

/// Before this, items are no longer kept; from `DescribeRetentionConfigurations`.
pub(crate) fn kept_from(retention: Option<&Value>, now: Timestamp) -> Option<Timestamp> {
    let of = retention?["RetentionConfigurations"].as_array();
    let days = match of.map(Vec::as_slice) {
        None | Some([]) => RETENTION,
        Some(all) => all
            .iter()
            .filter_map(|r| r["RetentionPeriodInDays"].as_i64())
            .min()?,
    };
    now.checked_sub(SignedDuration::from_hours(days.checked_mul(24)?))
        .ok()
}
