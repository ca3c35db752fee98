//! Back-filled states beside scans.

use crate::made::*;
use rusqlite::Connection;
use shoseki_ledger::{FindingState, FindingTimeline, Ledger, Moment, Period, Query};
use shoseki_model::*;
use std::path::Path;

fn version(dir: &Path) -> i64 {
    let db = Connection::open(dir.join("ledger.sqlite")).unwrap();
    db.pragma_query_value(None, "user_version", |r| r.get(0))
        .unwrap()
}

fn utc(ms: i64) -> String {
    Moment(ms).utc()
}

/// Adds a back-fill made at `at` that says `verdict` of thing 1 from `from` to `to`.
pub fn fill(ledger: &mut Ledger, at: i64, (from, to): (i64, i64), verdict: Option<Verdict>) {
    let made = Made::at(at).thing(1, Verdict::Pass, 7);
    let finding = made.findings().remove(0);
    let mut record = made.record();
    record.run = format!("back-{at}");
    record.run_sha256 = digest(record.run.as_bytes());
    record.backfill = Some(Backfill {
        source: AWS_CONFIG.into(),
        from: utc(START - 100 * DAY),
        to: utc(at),
        types: vec!["aws.made.thing".into()],
    });
    let mut a = ledger.append(record).unwrap();
    a.past(&Past::State(Box::new(PastState {
        id: finding.id,
        rule: finding.rule,
        severity: finding.severity,
        resource: finding.resource,
        scope: "global".into(),
        captured: utc(from),
        from: utc(from),
        to: utc(to),
        status: "OK".into(),
        verdict,
        observed: finding.observed,
        reason: None,
        gaps: Vec::new(),
        exchange: "x0".into(),
    })))
    .unwrap();
    a.past(&Past::Gap(PastGap {
        account: made.account.clone(),
        region: "ap-northeast-1".into(),
        r#type: "aws.made.thing".into(),
        resource: None,
        from: utc(from - DAY),
        to: utc(from),
        cause: PastCause::RecorderOff,
    }))
    .unwrap();
    use sha2::Digest;
    let sha = sha2::Sha256::digest(made.rule_text.as_bytes()).into();
    a.pack_file("rules/aws/made/rule.yaml", sha);
    a.commit().unwrap();
}

fn period(ledger: &Ledger, days: i64) -> (Period, Vec<FindingTimeline>) {
    let query = Query {
        from: Moment(START),
        to: Moment(START + days * DAY),
        frequency: DAY,
        tolerance: None,
        now: Moment(START + 1000 * DAY),
    };
    let period = Period::read(ledger, query).unwrap();
    let mut all = Vec::new();
    period
        .findings(ledger, true, &mut |f| {
            all.push(f);
            Ok(())
        })
        .unwrap();
    (period, all)
}

#[test]
fn a_scan_stands_where_both_speak() {
    let dir = tempfile::tempdir().unwrap();
    let mut ledger = Ledger::create(dir.path()).unwrap();
    for day in [2, 3] {
        Made::at(START + day * DAY)
            .thing(1, Verdict::Pass, 7)
            .add(&mut ledger)
            .unwrap();
    }
    let (before, own) = period(&ledger, 6);
    assert_eq!(version(dir.path()), 1);
    fill(
        &mut ledger,
        START + 5 * DAY,
        (START, START + 5 * DAY),
        Some(Verdict::Fail),
    );
    assert_eq!(version(dir.path()), 2);
    let (after, both) = period(&ledger, 6);
    // What scans saw, the gaps between them and the standings are as before.
    assert_eq!(own[0].intervals, both[0].intervals);
    assert_eq!(own[0].deviations, both[0].deviations);
    assert_eq!(both[0].first_seen, Some(Moment(START + 2 * DAY)));
    let gaps = |p: &Period| p.gaps.iter().map(|g| (g.from, g.to)).collect::<Vec<_>>();
    assert_eq!(gaps(&before), gaps(&after));
    assert_eq!(before.runs.len(), after.runs.len());
    let intervals = |p: &Period| {
        p.controls
            .iter()
            .map(|c| c.intervals.len())
            .collect::<Vec<_>>()
    };
    assert_eq!(intervals(&before), intervals(&after));
    let open: Vec<_> = both[0]
        .intervals
        .iter()
        .filter(|s| s.state.is_none())
        .collect();
    let filled = &both[0].backfilled;
    assert_eq!(filled.len(), 2, "{filled:?}");
    assert_eq!((filled[0].from, filled[0].to), (open[0].from, open[0].to));
    assert_eq!(filled[1].to, Moment(START + 5 * DAY));
    assert!(
        filled
            .iter()
            .all(|s| s.state == FindingState::Fail && s.source == "aws-config")
    );
    assert_eq!(after.source_gaps.len(), 0);
    assert!(ledger.check(None, None).unwrap().problems.is_empty());
    // A later scan goes on as if there were no back-fill.
    let ends = Made::at(START + 4 * DAY)
        .thing(1, Verdict::Pass, 7)
        .add(&mut ledger)
        .unwrap();
    assert_eq!(ends.entry.changed, 0);
}

#[test]
fn the_later_back_fill_comes_first_and_the_deleted_is_gone() {
    let dir = tempfile::tempdir().unwrap();
    let mut ledger = Ledger::create(dir.path()).unwrap();
    fill(
        &mut ledger,
        START + 5 * DAY,
        (START, START + 4 * DAY),
        Some(Verdict::Fail),
    );
    fill(
        &mut ledger,
        START + 6 * DAY,
        (START + DAY, START + 2 * DAY),
        None,
    );
    let (period, all) = period(&ledger, 6);
    let states: Vec<_> = all[0]
        .backfilled
        .iter()
        .map(|s| (s.state, s.from.0, s.to.0))
        .collect();
    assert_eq!(
        states,
        [
            (FindingState::Fail, START, START + DAY),
            (FindingState::Gone, START + DAY, START + 2 * DAY),
            (FindingState::Fail, START + 2 * DAY, START + 4 * DAY),
        ]
    );
    assert_eq!(all[0].first_seen, None);
    assert_eq!(period.controls.len(), 0);
    assert_eq!(period.runs.len(), 0);
    assert_eq!(period.backfills.len(), 2);
}

#[test]
fn what_was_back_filled_is_bound() {
    let dir = tempfile::tempdir().unwrap();
    let mut ledger = Ledger::create(dir.path()).unwrap();
    fill(
        &mut ledger,
        START + 5 * DAY,
        (START, START + 4 * DAY),
        Some(Verdict::Fail),
    );
    drop(ledger);
    for change in [
        "UPDATE past SET until = until + 1",
        "UPDATE past SET state = NULL",
        "UPDATE past SET status = 'ResourceDiscovered'",
        "UPDATE past_gap SET cause = 'not-read'",
        "DELETE FROM past_gap",
        "DELETE FROM past",
    ] {
        let copy = tempfile::tempdir().unwrap();
        let to = copy.path().join("ledger.sqlite");
        std::fs::copy(dir.path().join("ledger.sqlite"), &to).unwrap();
        Connection::open(&to)
            .unwrap()
            .execute_batch(change)
            .unwrap();
        let found = Ledger::open(copy.path())
            .unwrap()
            .check(None, None)
            .unwrap();
        assert!(!found.problems.is_empty(), "{change}");
    }
}
