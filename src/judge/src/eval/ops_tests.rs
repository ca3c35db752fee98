#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]
use super::super::value::duration_text;
use super::*;

fn known(v: V<'_>) -> bool {
    !matches!(v, V::Undef(_))
}

#[test]
fn durations_are_read_and_written() {
    for (text, nanos, written) in [
        ("1h30m", 5_400_000_000_000, "5400s"),
        ("-2.5s", -2_500_000_000, "-2.5s"),
        ("300ms", 300_000_000, "0.3s"),
        ("1us", 1_000, "0.000001s"),
        (".5s", 500_000_000, "0.5s"),
        ("0", 0, "0s"),
        ("1m1s", 61_000_000_000, "61s"),
    ] {
        let d = duration(text).unwrap();
        assert_eq!(d.as_nanos(), nanos, "{text}");
        assert_eq!(duration_text(d), written, "{text}");
    }
    for bad in [
        "",
        "-",
        "1",
        "s",
        "1d",
        "1h x",
        "1..2s",
        ".s",
        "99999999999999999999h",
        "１s",
    ] {
        assert!(duration(bad).is_none(), "{bad}");
    }
}

#[test]
fn moments_and_durations_calculate() {
    let t = |s: &str| V::Time(time(s).unwrap());
    let d = |s: &str| V::Span(duration(s).unwrap());
    let day = arithmetic(
        BinOp::Sub,
        t("2026-01-02T00:00:00Z"),
        t("2026-01-01T09:00:00+09:00"),
    );
    assert!(equal(&day, &d("24h")));
    let later = arithmetic(BinOp::Add, d("1h"), t("2026-01-01T00:00:00Z"));
    assert!(equal(&later, &t("2026-01-01T01:00:00Z")));
    let sum = arithmetic(
        BinOp::Sub,
        arithmetic(BinOp::Add, d("1h"), d("1m")),
        d("61m"),
    );
    assert!(equal(&sum, &d("0")));
    assert!(matches!(
        order(BinOp::Lt, &d("1s"), &d("1m")),
        V::Bool(true)
    ));
    assert!(!known(arithmetic(
        BinOp::Add,
        t("9999-12-30T00:00:00Z"),
        d("1000h")
    )));
    assert!(!known(arithmetic(BinOp::Mul, d("1h"), d("1h"))));
    assert!(!known(arithmetic(
        BinOp::Add,
        t("2026-01-01T00:00:00Z"),
        t("2026-01-01T00:00:00Z")
    )));
    assert!(!known(negative(&V::Bool(true))));
}

#[test]
fn whole_and_decimal_numbers_compare_without_rounding() {
    let big = V::Int(9_007_199_254_740_993);
    assert!(!equal(&big, &V::Double(9_007_199_254_740_992.0)));
    assert!(equal(&V::Int(2), &V::Double(2.0)));
    assert!(matches!(
        order(BinOp::Gt, &V::Int(-1), &V::Double(-1.5)),
        V::Bool(true)
    ));
    assert!(matches!(
        order(BinOp::Lt, &V::Int(i64::MAX), &V::Double(1e300)),
        V::Bool(true)
    ));
    assert!(matches!(
        order(BinOp::Gt, &V::Int(i64::MIN), &V::Double(-1e300)),
        V::Bool(true)
    ));
    assert!(!equal(&V::Double(f64::NAN), &V::Double(f64::NAN)));
    assert!(!equal(&V::Int(1), &V::Double(f64::NAN)));
}
