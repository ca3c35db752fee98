use super::*;
use crate::functions::tests::call;
use serde_json::json;

#[test]
fn days_have_fractions_and_a_sign() {
    for (t, since) in [
        ("2025-12-31T00:00:00Z", 1.0),
        ("2025-12-31T12:00:00Z", 0.5),
        ("2026-01-02T00:00:00Z", -1.0),
        ("2026-01-01T09:00:00+09:00", 0.0),
        ("2024-01-01T00:00:00.000000Z", 731.0),
        ("2025-12-31T00:00:00+00:00", 1.0),
    ] {
        assert_eq!(call(days_since, &[json!(t)]), Ok(json!(since)), "{t}");
        let until = if since == 0.0 { 0.0 } else { -since };
        assert_eq!(call(days_until, &[json!(t)]), Ok(json!(until)), "{t}");
    }
}

#[test]
fn what_is_no_time_is_an_error() {
    for t in [
        "",
        "N/A",
        "no_information",
        "2025-13-01T00:00:00Z",
        "2025-01-01",
        "yesterday",
    ] {
        assert!(call(days_since, &[json!(t)]).is_err(), "{t}");
        assert!(call(days_until, &[json!(t)]).is_err(), "{t}");
    }
}
