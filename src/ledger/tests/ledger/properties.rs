//! What holds of intervals whatever the scans.

use proptest::prelude::*;
use shoseki_ledger::{Interval, Moment, Scan, Window, intervals};

fn scans() -> impl Strategy<Value = Vec<(Scan, u8)>> {
    // Steps of a few lengths, so that some are within reach and some are not.
    let step = prop_oneof![1i64..20, 90i64..120, 500i64..1000];
    prop::collection::vec((step, 0i64..30, 0u8..3), 0..30).prop_map(|steps| {
        let mut at = 0;
        steps
            .into_iter()
            .map(|(step, long, state)| {
                at += step;
                let until = at + long;
                (Scan { at, until }, state)
            })
            .collect()
    })
}

fn held(all: &[Interval<u8>], at: i64) -> Option<u8> {
    all.iter()
        .find(|i| i.from <= at && at < i.to)
        .and_then(|i| i.state)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn intervals_partition_the_window(scans in scans(), from in -50i64..1500, len in 1i64..4000, reach in 1i64..200) {
        let window = Window { from: Moment(from), to: Moment(from + len) };
        let all = intervals(&scans, window, reach);
        // Whole, without overlap, in order, none empty, neighbours differ.
        prop_assert_eq!(all.first().map(|i| i.from), Some(from));
        prop_assert_eq!(all.last().map(|i| i.to), Some(from + len));
        for i in &all {
            prop_assert!(i.from < i.to);
        }
        for pair in all.windows(2) {
            prop_assert_eq!(pair[0].to, pair[1].from);
            prop_assert!(pair[0].state != pair[1].state);
        }
        // What was scanned is covered by what was seen.
        for (scan, state) in &scans {
            if (from..from + len).contains(&scan.at) {
                prop_assert_eq!(held(&all, scan.at), Some(*state));
            }
        }
        // Every moment: what the last scan before it says, or nothing.
        for at in (from..from + len).step_by(7) {
            let before = scans.iter().rposition(|(s, _)| s.at <= at);
            let expected = before.and_then(|i| {
                let (scan, state) = scans[i];
                let next = scans.get(i + 1).map(|(s, _)| s.at);
                let bridged = next.is_some_and(|n| n - scan.at <= reach);
                (bridged || at < scan.until.max(scan.at + 1)).then_some(state)
            });
            prop_assert_eq!(held(&all, at), expected);
        }
        // No interval reaches over two scans that are further apart than promised.
        for pair in scans.windows(2) {
            let (a, b) = (pair[0].0, pair[1].0);
            let end = a.until.max(a.at + 1);
            if b.at - a.at > reach && end < b.at {
                for at in [end, b.at - 1] {
                    if (from..from + len).contains(&at) {
                        prop_assert_eq!(held(&all, at), None);
                    }
                }
            }
        }
    }
}
