//! Killed at any moment, no run that was told to be there is lost.
#![cfg(unix)]

use crate::made::{DAY, Made, START};
use shoseki_ledger::{Error, Ledger};
use shoseki_model::Verdict;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

const KILLS: u64 = 200;
const FOLDER: &str = "SHOSEKI_TEST_LEDGER";

/// Not a test: what the killed process does.
#[test]
fn child() {
    let Some(dir) = std::env::var_os(FOLDER) else {
        return;
    };
    let mut l = Ledger::create(Path::new(&dir)).unwrap();
    let mut n = l.entries().unwrap().len() as i64;
    loop {
        let mut made = Made::at(START + n * DAY);
        for t in 0..40 {
            made = made.thing(t, Verdict::Pass, n / 3 + i64::from(t));
        }
        let there = made.add(&mut l).unwrap();
        let mut out = std::io::stdout().lock();
        writeln!(out, "\nadded {} {}", there.entry.seq, there.head).unwrap();
        out.flush().unwrap();
        n += 1;
    }
}

#[test]
fn killed_200_times() {
    let dir = tempfile::tempdir().unwrap();
    let mut told: Vec<String> = Vec::new();
    let mut chance = 0x9e37_79b9_7f4a_7c15_u64;
    let mut hot = 0;
    for kill in 0..KILLS {
        let mut process = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "crash::child", "--nocapture"])
            .env(FOLDER, dir.path())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        chance ^= chance << 13;
        chance ^= chance >> 7;
        chance ^= chance << 17;
        std::thread::sleep(Duration::from_micros(4000 + chance % 90_000));
        process.kill().unwrap();
        let out = BufReader::new(process.stdout.take().unwrap());
        for line in out.lines() {
            let line = line.unwrap();
            // A line that was cut off tells of a run that is there all the same.
            if let Some(rest) = line.strip_prefix("added ")
                && let Some((seq, head)) = rest.split_once(' ')
                && head.len() == 64
            {
                let seq: usize = seq.parse().unwrap();
                told.resize(told.len().max(seq), String::new());
                told[seq - 1] = head.to_owned();
            }
        }
        process.wait().unwrap();
        hot += u32::from(dir.path().join("ledger.sqlite-journal").exists());
        let l = match Ledger::open(dir.path()) {
            Err(Error::Missing(_)) if told.is_empty() => continue,
            // Killed while it was begun: nothing was told of it yet.
            Err(_) if told.is_empty() => Ledger::create(dir.path()).unwrap(),
            other => other.unwrap(),
        };
        let there = l.entries().unwrap();
        assert!(there.len() >= told.len(), "kill {kill}: a run was lost");
        for (head, e) in told.iter().zip(&there) {
            assert!(head.is_empty() || *head == e.head, "kill {kill}");
        }
        if kill % 20 == 0 {
            assert_eq!(l.check(None, None).unwrap().problems, []);
        }
    }
    let l = Ledger::open(dir.path()).unwrap();
    let last = told.iter().rev().find(|h| !h.is_empty());
    let c = l.check(last.map(String::as_str), None).unwrap();
    assert_eq!(c.problems, []);
    assert!(c.entries > 20, "only {} runs were added", c.entries);
    // Some kills must have come in the middle of a write.
    assert!(hot > 0, "no kill met a journal");
    println!("{} entries, {hot} kills with a journal left", c.entries);
}
