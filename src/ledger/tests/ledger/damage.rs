//! A file with damaged bytes: never a hang, never a panic, never other content.

use crate::backfills::fill;
use crate::made::{DAY, Made, START};
use shoseki_ledger::{Error, Ledger, Moment, Period, Query, json};
use shoseki_model::Verdict;
use std::path::Path;
use std::sync::mpsc;
use std::time::Duration;

const PLACES: usize = 200;
const PAGE: usize = 4096;

/// What is read of a ledger: the period, the list, and what a check finds.
fn told(dir: &Path) -> Result<(String, String, usize), Error> {
    let ledger = Ledger::open(dir)?;
    let query = Query {
        from: Moment(START - DAY),
        to: Moment(START + 40 * DAY),
        frequency: DAY,
        tolerance: None,
        now: Moment(START + 1000 * DAY),
    };
    let period = Period::read(&ledger, query)?;
    let mut out = Vec::new();
    json(&period, &ledger, &mut out)?;
    let list = format!("{:?}", ledger.entries()?);
    let problems = ledger.check(None, None)?.problems.len();
    Ok((String::from_utf8(out).unwrap(), list, problems))
}

/// The same, and the adding of a run, with a limit of time.
fn in_time(dir: &Path) -> [Result<String, Error>; 3] {
    let (done, waits) = mpsc::channel();
    let dir = dir.to_owned();
    std::thread::spawn(move || {
        let period = told(&dir).map(|t| format!("{t:?}"));
        let list = Ledger::open(&dir).and_then(|l| l.entries());
        let list = list.map(|l| format!("{l:?}"));
        let added = Ledger::create(&dir).and_then(|mut l| {
            l.whole()?;
            let made = Made::at(START + 30 * DAY).thing(1, Verdict::Pass, 1);
            made.add(&mut l).map(|l| format!("{:?}", l.entry.seq))
        });
        let _ = done.send([period, list, added]);
    });
    let limit = Duration::from_secs(60);
    waits.recv_timeout(limit).unwrap()
}

#[test]
fn two_hundred_damaged_bytes() {
    let home = tempfile::tempdir().unwrap();
    {
        let mut ledger = Ledger::create(home.path()).unwrap();
        for day in 0..12 {
            let mut made = Made::at(START + day * DAY);
            for n in 0..60 {
                let verdict = match (i64::from(n) + day) % 7 {
                    0 => Verdict::Fail,
                    _ => Verdict::Pass,
                };
                made = made.thing(n, verdict, day / 3 + i64::from(n));
            }
            made.add(&mut ledger).unwrap();
        }
        let past = (START - 20 * DAY, START - 3 * DAY);
        fill(&mut ledger, START + 13 * DAY, past, Some(Verdict::Fail));
    }
    let sound = std::fs::read(home.path().join("ledger.sqlite")).unwrap();
    let [truth, list, added] = in_time(home.path()).map(Result::unwrap);
    assert_eq!(added, "14");
    let pages = sound.len() / PAGE;
    assert!(pages > 15, "{pages}");
    let mut chance = 0x2545_f491_4f6c_dd1d_u64;
    let mut next = |n: usize| {
        chance ^= chance << 13;
        chance ^= chance >> 7;
        chance ^= chance << 17;
        (chance % n as u64) as usize
    };
    let (mut refused, mut same, mut lists) = (0, 0, 0);
    for place in 0..PLACES {
        // The file's head, heads of pages with their pointers, and anywhere.
        let at = match place % 4 {
            0 => next(100),
            1 => next(pages) * PAGE + next(16),
            2 => next(pages) * PAGE + 8 + next(64),
            _ => next(sound.len()),
        };
        let mut bytes = sound.clone();
        bytes[at] ^= match place % 3 {
            0 => 1 << next(8),
            _ => next(255) as u8 + 1,
        };
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join("ledger.sqlite"), &bytes).unwrap();
        let [period, listed, again] = in_time(dir.path());
        match period {
            Ok(told) => {
                assert_eq!(told, truth, "byte {at}");
                same += 1;
            }
            Err(e) => {
                refused += 1;
                let said = e.to_string();
                assert!(said.len() > 20, "byte {at}: {said}");
                let bug = matches!(e, Error::Sql(_));
                assert!(!bug, "byte {at}: {said}");
            }
        }
        if let Ok(told) = listed {
            assert_eq!(told, list, "byte {at}");
            lists += 1;
        }
        if let Ok(seq) = again {
            assert_eq!(seq, added, "byte {at}");
        }
    }
    assert!(refused > PLACES / 2, "{refused}");
    println!("{refused} refused, {same} untouched by it; {lists} lists were the same");
}

/// Pages that lead back to themselves.
#[test]
fn pages_in_a_circle_end() {
    let home = tempfile::tempdir().unwrap();
    {
        let mut ledger = Ledger::create(home.path()).unwrap();
        for day in 0..6 {
            let mut made = Made::at(START + day * DAY);
            for n in 0..300 {
                made = made.thing(n, Verdict::Pass, day + i64::from(n));
            }
            made.add(&mut ledger).unwrap();
        }
    }
    let sound = std::fs::read(home.path().join("ledger.sqlite")).unwrap();
    // Inner pages: of tables (5) and of indexes (2). Their rightmost child, and
    // that of each cell, stand in four bytes.
    let inner = |n: &usize| n * PAGE > 0 && matches!(sound[n * PAGE], 2 | 5);
    let inner: Vec<usize> = (0..sound.len() / PAGE).filter(inner).collect();
    assert!(inner.len() > 2, "{inner:?}");
    for page in inner {
        for cells in [false, true] {
            let mut bytes = sound.clone();
            let own = u32::try_from(page + 1).unwrap().to_be_bytes();
            let head = page * PAGE;
            bytes[head + 8..head + 12].copy_from_slice(&own);
            let count = usize::from(u16::from_be_bytes([bytes[head + 3], bytes[head + 4]]));
            for cell in (0..count).filter(|_| cells) {
                let pointer = head + 12 + 2 * cell;
                let at = u16::from_be_bytes([bytes[pointer], bytes[pointer + 1]]);
                let at = head + usize::from(at);
                bytes[at..at + 4].copy_from_slice(&own);
            }
            let dir = tempfile::tempdir().unwrap();
            std::fs::write(dir.path().join("ledger.sqlite"), &bytes).unwrap();
            for told in in_time(dir.path()) {
                assert!(
                    matches!(told, Err(Error::Damaged(_))),
                    "page {page}: {told:?}"
                );
            }
        }
    }
}
