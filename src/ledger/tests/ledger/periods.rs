//! Periods of small ledgers.

use crate::made::{DAY, HOUR, Made, START};
use proptest::prelude::*;
use shoseki_ledger::{
    FindingState as S, FindingTimeline, Ledger, Moment, Period, Query, day_bounds, parse_length,
};
use shoseki_model::{State, Verdict};

fn ledger(runs: &[Made]) -> (tempfile::TempDir, Ledger) {
    let dir = tempfile::tempdir().unwrap();
    let mut l = Ledger::create(dir.path()).unwrap();
    for r in runs {
        r.add(&mut l).unwrap();
    }
    assert_eq!(l.check(None, None).unwrap().problems, []);
    (dir, l)
}

fn period(l: &Ledger, days: i64) -> Period {
    Period::read(
        l,
        Query {
            from: Moment(START),
            to: Moment(START + days * DAY),
            frequency: DAY,
            tolerance: Some(HOUR),
            now: Moment(START + 1000 * DAY),
        },
    )
    .unwrap()
}

fn all(p: &Period, l: &Ledger) -> Vec<FindingTimeline> {
    let mut out = Vec::new();
    p.findings(l, true, &mut |f| {
        out.push(f);
        Ok(())
    })
    .unwrap();
    out.sort_by(|a, b| a.resource.name.cmp(&b.resource.name));
    out
}

/// States with lengths in hours.
fn states(f: &FindingTimeline) -> Vec<(Option<S>, i64)> {
    f.intervals
        .iter()
        .map(|s| (s.state, (s.to.0 - s.from.0 + HOUR / 2) / HOUR))
        .collect()
}

fn day(n: i64) -> Made {
    Made::at(START + n * DAY)
}

#[test]
fn a_deviation_has_its_length_and_values() {
    let pass = |n| day(n).thing(1, Verdict::Pass, 1);
    let fail = |n| day(n).thing(1, Verdict::Fail, 2);
    let (_dir, l) = ledger(&[
        pass(0),
        pass(1),
        fail(2),
        fail(3),
        fail(4),
        pass(5),
        pass(6),
    ]);
    let p = period(&l, 6);
    assert!(p.gaps.is_empty(), "{:?}", p.gaps);
    let f = all(&p, &l).remove(0);
    assert_eq!(
        states(&f),
        [
            (Some(S::Pass), 48),
            (Some(S::Fail), 72),
            (Some(S::Pass), 24)
        ]
    );
    let d = &f.deviations[0];
    assert_eq!(d.seconds, 3 * 86_400);
    assert_eq!(d.began_after, Some(Moment(START + DAY)));
    assert_eq!((d.then, d.open), (Some(S::Pass), false));
    let c = &f.changes[0];
    assert_eq!(
        (c.after, c.at),
        (Moment(START + DAY), Moment(START + 2 * DAY))
    );
    let value = |v: &Option<serde_json::Value>| v.as_ref().unwrap()[0]["seen"]["b"].clone();
    assert_eq!(value(&c.before.observed), 1);
    assert_eq!(value(&c.now.observed), 2);
    assert!(!c.across_gap && !c.rule_changed);
}

#[test]
fn a_gap_is_never_bridged() {
    let fail = |n| day(n).thing(1, Verdict::Fail, 2);
    let (_dir, l) = ledger(&[fail(0), fail(1), fail(4), fail(5)]);
    let p = period(&l, 6);
    let f = all(&p, &l).remove(0);
    // Each scan takes ten minutes, which is no whole hour.
    assert_eq!(
        states(&f),
        [
            (Some(S::Fail), 24),
            (None, 72),
            (Some(S::Fail), 24),
            (None, 24)
        ]
    );
    assert_eq!(f.deviations.len(), 2);
    assert_eq!(f.deviations[0].then, None);
    assert!(!f.deviations[0].open && f.deviations[1].open);
    // The last scan is not a day and an hour before the end: no gap there.
    assert_eq!(p.gaps.len(), 1);
    assert_eq!(p.gaps[0].to, Moment(START + 4 * DAY));
}

#[test]
fn a_run_that_does_not_ask_is_no_observation() {
    let mut other = day(1);
    other.asked = false;
    let (_dir, l) = ledger(&[
        day(0).thing(1, Verdict::Pass, 1),
        other,
        day(2).thing(1, Verdict::Pass, 1),
    ]);
    let p = period(&l, 3);
    let f = all(&p, &l).remove(0);
    assert_eq!(
        f.intervals.iter().map(|s| s.state).collect::<Vec<_>>(),
        [Some(S::Pass), None, Some(S::Pass), None]
    );
    assert_eq!(p.gaps.len(), 1);
    assert!(f.changes.is_empty());
}

#[test]
fn gone_only_from_a_whole_population() {
    let two = |n| day(n).thing(1, Verdict::Pass, 1).thing(2, Verdict::Pass, 1);
    let one = |n, whole| {
        let mut m = day(n).thing(1, Verdict::Pass, 1);
        m.whole = whole;
        m
    };
    let (_dir, l) = ledger(&[
        one(0, true),
        two(1),
        one(2, false),
        one(3, true),
        two(4),
        two(5),
    ]);
    let p = period(&l, 5);
    let f = all(&p, &l).remove(1);
    assert_eq!(
        states(&f),
        [
            (Some(S::NotYet), 24),
            (Some(S::Pass), 24),
            (Some(S::Unlisted), 24),
            (Some(S::Gone), 24),
            (Some(S::Pass), 24)
        ]
    );
    assert_eq!(f.first_seen, Some(Moment(START + DAY)));
    let kinds: Vec<_> = f
        .changes
        .iter()
        .map(|c| (c.before.state, c.now.state))
        .collect();
    assert_eq!(
        kinds,
        [
            (S::NotYet, S::Pass),
            (S::Pass, S::Unlisted),
            (S::Gone, S::Pass)
        ]
    );
}

#[test]
fn rules_that_changed_are_marked() {
    let mut new = day(1).thing(1, Verdict::Fail, 1);
    new.rule_text = "two".into();
    new.control = State::Contradicted;
    let (_dir, l) = ledger(&[day(0).thing(1, Verdict::Pass, 1), new]);
    let p = period(&l, 2);
    assert!(all(&p, &l)[0].changes[0].rule_changed);
    assert_eq!(p.pack_changes.len(), 1);
    assert_eq!(p.pack_changes[0].changed, ["rules/aws/made/rule.yaml"]);
    let c = &p.controls[0];
    assert_eq!(c.intervals[0].state, Some(State::Shown));
    assert_eq!(c.intervals[1].state, Some(State::Contradicted));
    assert_eq!(c.intervals[0].edition.as_deref(), Some("2024-07"));
}

#[test]
fn values_alone_are_changes_within_one_interval() {
    let at = |n, v| day(n).thing(1, Verdict::Pass, v);
    let (_dir, l) = ledger(&[at(0, 1), at(1, 2), at(2, 2)]);
    let p = period(&l, 2);
    let f = all(&p, &l).remove(0);
    assert_eq!(states(&f), [(Some(S::Pass), 48)]);
    assert_eq!(f.changes.len(), 1);
    assert!(f.changes[0].is_value_only());
}

#[test]
fn scans_outside_reach_into_the_period() {
    let fail = |n| day(n).thing(1, Verdict::Fail, 1);
    let (_dir, l) = ledger(&[fail(-1), fail(0).thing(2, Verdict::Pass, 1), fail(1)]);
    let p = Period::read(
        &l,
        Query {
            from: Moment(START - 6 * HOUR),
            to: Moment(START + 6 * HOUR),
            frequency: DAY,
            tolerance: None,
            now: Moment(START + DAY),
        },
    )
    .unwrap();
    let f = all(&p, &l).remove(0);
    assert_eq!(states(&f), [(Some(S::Fail), 12)]);
    assert!(f.deviations[0].from_before && f.deviations[0].open);
    assert_eq!(p.runs.len(), 1);
}

#[test]
fn a_period_is_told_up_to_now() {
    let (_dir, l) = ledger(&[day(0).thing(1, Verdict::Pass, 1)]);
    let q = Query {
        from: Moment(START),
        to: Moment(START + 365 * DAY),
        frequency: DAY,
        tolerance: None,
        now: Moment(START + HOUR),
    };
    let p = Period::read(&l, q).unwrap();
    assert_eq!(p.window.to, Moment(START + HOUR));
    assert!(p.gaps.is_empty());
}

#[test]
fn an_account_that_joins_carries_the_lane_on() {
    let dir = tempfile::tempdir().unwrap();
    let mut l = Ledger::create(dir.path()).unwrap();
    for n in 0..4 {
        let made = day(n);
        let mut record = made.record();
        if n >= 2 {
            let mut t = made.target();
            t.account = "222222222222".into();
            record.targets.push(t);
        }
        record.packs.clear();
        let mut a = l.append(record).unwrap();
        a.cover(&made.tally()).unwrap();
        a.standing(&made.standing()).unwrap();
        a.commit().unwrap();
    }
    let p = period(&l, 3);
    assert_eq!(p.controls.len(), 1);
    assert_eq!(p.controls[0].intervals.len(), 1);
    assert_eq!(p.controls[0].accounts.len(), 2);
}

#[test]
fn dates_are_days_in_japan() {
    let (from, to) = day_bounds("2026-04-01", "2027-03-31").unwrap();
    assert_eq!(from.utc(), "2026-03-31T15:00:00Z");
    assert_eq!(to.jst(), "2027-04-01T00:00:00+09:00");
    assert_eq!((to.0 - from.0) / DAY, 365);
    for (from, to) in [
        ("2026-04-02", "2026-04-01"),
        ("x", "2026-04-01"),
        ("2026-02-30", "2026-03-01"),
    ] {
        assert!(day_bounds(from, to).is_err(), "{from}");
    }
    assert_eq!(parse_length("12h").unwrap(), 12 * HOUR);
    for wrong in [
        "",
        "1",
        "d",
        "0d",
        "-1d",
        "1y",
        "99999999999999999999d",
        "99999d",
        "１d",
    ] {
        assert!(parse_length(wrong).is_err(), "{wrong}");
    }
}

/// What a thing is in one scan: absent or a verdict with a value.
type Seen = Option<(Verdict, i64)>;

fn worlds() -> impl Strategy<Value = Vec<(i64, bool, bool, Vec<Seen>)>> {
    let verdict = prop_oneof![
        Just(Verdict::Pass),
        Just(Verdict::Fail),
        Just(Verdict::Unknown)
    ];
    let seen = prop::option::of((verdict, 0i64..2));
    let hours = prop_oneof![1i64..12, 20i64..26, 40i64..80];
    prop::collection::vec(
        (
            hours,
            any::<bool>(),
            prop::bool::weighted(0.8),
            prop::collection::vec(seen, 3),
        ),
        1..14,
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    /// Deltas lose nothing: every scan of every thing comes back as it was fed.
    #[test]
    fn what_was_fed_comes_back(world in worlds()) {
        let mut at = START;
        let mut runs = Vec::new();
        for (hours, whole, asked, things) in &world {
            at += hours * HOUR;
            let mut m = Made::at(at);
            (m.whole, m.asked) = (*whole, *asked);
            for (n, t) in things.iter().enumerate() {
                if let Some((v, value)) = t {
                    m = m.thing(u32::try_from(n).unwrap(), *v, *value);
                }
            }
            runs.push(m);
        }
        let (_dir, l) = ledger(&runs);
        let p = period(&l, 60);
        let told = all(&p, &l);
        for n in 0..3u32 {
            let name = format!("thing-{n}");
            let f = told.iter().find(|f| f.resource.name == name);
            let mut met = false;
            for r in runs.iter().filter(|r| r.asked) {
                let expected = match r.things.get(&n) {
                    Some((Verdict::Pass, _)) => S::Pass,
                    Some((Verdict::Fail, _)) => S::Fail,
                    Some(_) => S::Unknown,
                    None if !r.whole => S::Unlisted,
                    None if met => S::Gone,
                    None => S::NotYet,
                };
                met |= r.things.contains_key(&n);
                let Some(f) = f else {
                    prop_assert!(!r.things.contains_key(&n), "{name} is missing");
                    continue;
                };
                let span = f.intervals.iter().find(|s| s.from.0 <= r.at && r.at < s.to.0);
                prop_assert_eq!(span.and_then(|s| s.state), Some(expected), "{} at {}", &name, r.at);
            }
            if let Some(f) = f {
                let failed: i64 = f.intervals.iter().filter(|s| s.state == Some(S::Fail)).map(|s| s.to.0 - s.from.0).sum();
                let deviated: i64 = f.deviations.iter().map(|d| d.to.0 - d.from.0).sum();
                prop_assert_eq!(failed, deviated);
            }
        }
    }
}
