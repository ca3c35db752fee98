//! What an answer leaves open: who asked, where, for what, and when.
//!
//! Texts of the data may hold `{account}`, `{region}`, `{asked.Member}` (the first
//! value of that member of the request), `{now}`, `{now-3d}`, `{now+90d6h}` (a
//! moment; days, hours, minutes), `{date-40d}` (its day), and `{unix-40d}`, which alone
//! in a text becomes a number of seconds. Everything else in braces stays as it is.
//! An object `{ $base64: text }` becomes the text in base64.

use crate::request::Asked;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::{SignedDuration, Span, Timestamp};
use serde_json::Value;

/// What the places are filled with.
pub(crate) struct Filler<'a> {
    pub account: &'a str,
    pub asked: &'a Asked,
    pub now: Timestamp,
}

impl Filler<'_> {
    /// The value with every place filled.
    pub(crate) fn value(&self, v: &Value) -> Value {
        match v {
            Value::String(s) => match self.seconds(s) {
                Some(n) => n.into(),
                None => self.text(s).into(),
            },
            Value::Array(a) => a.iter().map(|v| self.value(v)).collect(),
            Value::Object(m) => match m.get("$base64").and_then(Value::as_str) {
                Some(s) => STANDARD.encode(self.text(s)).into(),
                None => {
                    let filled = m.iter().map(|(k, v)| (self.text(k), self.value(v)));
                    Value::Object(filled.collect())
                }
            },
            other => other.clone(),
        }
    }

    /// A text that is nothing but `{unix…}`.
    fn seconds(&self, s: &str) -> Option<i64> {
        let offset = s.strip_prefix("{unix")?.strip_suffix('}')?;
        Some(self.moment(offset)?.as_second())
    }

    /// The text with every place filled.
    pub(crate) fn text(&self, s: &str) -> String {
        let mut out = String::with_capacity(s.len());
        let mut rest = s;
        while let Some(start) = rest.find('{') {
            let (before, open) = rest.split_at(start);
            out.push_str(before);
            let place = open.find('}').and_then(|end| {
                let filled = self.place(open.get(1..end)?)?;
                Some((filled, open.get(end + 1..)?))
            });
            rest = match place {
                Some((filled, after)) => {
                    out.push_str(&filled);
                    after
                }
                None => {
                    out.push('{');
                    open.get(1..).unwrap_or("")
                }
            };
        }
        out.push_str(rest);
        out
    }

    fn place(&self, name: &str) -> Option<String> {
        match name {
            "account" => return Some(self.account.to_owned()),
            "region" => return Some(self.asked.region.clone()),
            _ => {}
        }
        if let Some(member) = name.strip_prefix("asked.") {
            return self.asked.value(member).map(str::to_owned);
        }
        if let Some(offset) = name.strip_prefix("now") {
            return Some(
                self.moment(offset)?
                    .strftime("%Y-%m-%dT%H:%M:%SZ")
                    .to_string(),
            );
        }
        let offset = name.strip_prefix("date")?;
        Some(self.moment(offset)?.strftime("%Y-%m-%d").to_string())
    }

    fn moment(&self, offset: &str) -> Option<Timestamp> {
        if offset.is_empty() {
            return Some(self.now);
        }
        let span: Span = offset.get(1..)?.parse().ok()?;
        let hours = i64::from(span.get_days()) * 24 + i64::from(span.get_hours());
        let away = SignedDuration::from_mins(hours * 60 + span.get_minutes());
        match offset.get(..1)? {
            "-" => self.now.checked_sub(away).ok(),
            "+" => self.now.checked_add(away).ok(),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test")]
    use super::*;
    use serde_json::json;
    use std::collections::BTreeMap;

    #[test]
    fn fills_what_it_knows_and_leaves_the_rest() {
        let asked = Asked {
            cloud: "aws",
            path: String::new(),
            call: "s3:GetBucketPolicy".into(),
            region: "ap-northeast-1".into(),
            access_key: String::new(),
            values: BTreeMap::from([("Bucket".to_owned(), vec!["logs".to_owned()])]),
            number: 0,
        };
        let filler = Filler {
            account: "111111111111",
            asked: &asked,
            now: "2026-11-23T01:02:03.5Z".parse().unwrap(),
        };
        let text = |s: &str| filler.text(s);
        assert_eq!(
            text("a:{account}:{region}:{asked.Bucket}/"),
            "a:111111111111:ap-northeast-1:logs/"
        );
        assert_eq!(text("{now}"), "2026-11-23T01:02:03Z");
        assert_eq!(
            text("{now-3d2h} {date+8d}"),
            "2026-11-19T23:02:03Z 2026-12-01"
        );
        let kept = "{ ($.a = {x}) } ${aws:username} {now*1d} {asked.Other} {";
        assert_eq!(text(kept), kept);
        assert_eq!(
            filler.value(&json!({ "C": { "$base64": "{region}" }, "D": ["{account}", 1] })),
            json!({ "C": "YXAtbm9ydGhlYXN0LTE=", "D": ["111111111111", 1] })
        );
    }
}
