//! Writing, reading, checking, judging again.

use super::records::*;
use crate::{Error, FindingCounts, Outcome, Run, RunWriter, Selection, Tool};
use shoseki_model::*;
use std::fs;
use std::path::Path;

fn written(dir: &Path) -> Run {
    let w = RunWriter::create(dir).unwrap();
    write(&w);
    w.finish(info(), false).unwrap();
    Run::open(dir).unwrap()
}

#[test]
fn what_is_written_is_read_back() {
    let dir = tempfile::tempdir().unwrap();
    let run = written(dir.path());
    let c = run.file().counts;
    assert_eq!((c.exchanges, c.resources, c.gaps), (4, 1, 1));
    assert_eq!((c.populations.complete, c.populations.all), (1, 1));
    let findings = FindingCounts {
        pass: 1,
        fail: 1,
        unknown: 1,
        not_applicable: 1,
        excepted: 1,
    };
    assert_eq!(c.findings, findings);
    assert_eq!(
        (run.file().answers.count, run.file().answers.bytes),
        (2, 15 + 5)
    );
    assert_eq!(run.file().outcome, Outcome::Incomplete);

    let all: Vec<_> = run.exchanges().unwrap().map(Result::unwrap).collect();
    assert_eq!(all.len(), 4);
    assert_eq!(run.exchange(&all[2].id).unwrap().as_ref(), Some(&all[2]));
    assert_eq!(run.exchange("x0").unwrap(), None);
    let answer = all[2].answer.as_ref().unwrap();
    assert_eq!(run.answer(&answer.sha256).unwrap(), b"other");
    assert_eq!(
        run.resources().unwrap().next().unwrap().unwrap(),
        resource(1)
    );
    assert_eq!(run.gaps().unwrap().next().unwrap().unwrap(), gap());
    assert_eq!(
        run.populations().unwrap().next().unwrap().unwrap(),
        population(true)
    );
    assert_eq!(
        run.findings().unwrap().nth(1).unwrap().unwrap(),
        finding(1, Verdict::Fail)
    );
    assert_eq!(run.tallies().unwrap().next().unwrap().unwrap(), tally());
    assert_eq!(
        run.standings().unwrap().next().unwrap().unwrap(),
        standing()
    );
    assert_eq!(run.pack().unwrap().count(), 2);
    assert_eq!(run.check().unwrap(), []);
}

#[test]
fn a_file_that_lost_whole_lines_is_no_shorter_run() {
    let dir = tempfile::tempdir().unwrap();
    written(dir.path());
    for file in ["gaps.jsonl", "populations.jsonl"] {
        let path = dir.path().join(file);
        let whole = fs::read_to_string(&path).unwrap();
        let head: String = whole.lines().take(1).map(|l| format!("{l}\n")).collect();
        fs::write(&path, head).unwrap();
        let run = Run::open(dir.path()).unwrap();
        let lost = match file {
            "gaps.jsonl" => run.gaps().unwrap().any(|g| g.is_err()),
            _ => run.populations().unwrap().any(|p| p.is_err()),
        };
        assert!(lost, "{file}");
        let more = format!("{whole}{}\n", whole.lines().last().unwrap());
        fs::write(&path, more).unwrap();
        let lost = match file {
            "gaps.jsonl" => run.gaps().unwrap().any(|g| g.is_err()),
            _ => run.populations().unwrap().any(|p| p.is_err()),
        };
        assert!(lost, "{file}");
        fs::write(&path, whole).unwrap();
    }
}

#[test]
fn a_run_is_never_overwritten_and_unfinished_without_its_file() {
    let dir = tempfile::tempdir().unwrap();
    let w = RunWriter::create(dir.path()).unwrap();
    write(&w);
    assert!(matches!(
        RunWriter::create(dir.path()),
        Err(Error::Exists(_))
    ));
    assert!(matches!(Run::open(dir.path()), Err(Error::Unfinished(_))));
    assert!(matches!(
        Run::open_to_judge(dir.path()),
        Err(Error::Unfinished(_))
    ));
    w.finish(info(), false).unwrap();
    assert!(w.finish(info(), false).is_err());
    assert!(w.resource(&resource(2)).is_err());
    assert!(Run::open(dir.path()).is_ok());
}

#[test]
fn bytes_that_are_not_what_they_should_be_give_the_run_up() {
    for (x, body) in [
        (exchange(1, b"a"), Some(&b"b"[..])),
        (exchange(1, b"a"), None),
        (failed(1), Some(&b"a"[..])),
    ] {
        let dir = tempfile::tempdir().unwrap();
        let w = RunWriter::create(dir.path()).unwrap();
        assert!(w.record(&x, body).is_err());
        assert!(w.given_up().is_some());
        assert!(matches!(w.gap(&gap()), Err(Error::GivenUp(_))));
        assert!(w.finish(info(), false).is_err());
        assert!(Run::open(dir.path()).is_err());
    }
}

#[test]
fn a_disk_that_takes_no_more_gives_the_run_up() {
    let dir = tempfile::tempdir().unwrap();
    let w = RunWriter::create(dir.path()).unwrap();
    fs::remove_dir(dir.path().join("answers")).unwrap();
    fs::write(dir.path().join("answers"), "").unwrap();
    assert!(w.record(&exchange(1, b"a"), Some(b"a")).is_err());
    assert!(w.finish(info(), false).is_err());
}

#[test]
fn outcomes() {
    let outcome = |fill: &dyn Fn(&RunWriter), cancelled| {
        let dir = tempfile::tempdir().unwrap();
        let w = RunWriter::create(dir.path()).unwrap();
        fill(&w);
        w.finish(info(), cancelled).unwrap().outcome
    };
    let alone = Population {
        query: vec![],
        ..population(true)
    };
    let denied = Resource {
        sources: [(String::new(), vec![])].into_iter().collect(),
        ..resource(1)
    };
    assert_eq!(
        outcome(&|w| w.population(&population(true)).unwrap(), false),
        Outcome::Complete
    );
    assert_eq!(
        outcome(&|w| w.population(&population(true)).unwrap(), true),
        Outcome::Cancelled
    );
    assert_eq!(
        outcome(&|w| w.population(&population(false)).unwrap(), false),
        Outcome::NothingRead
    );
    assert_eq!(outcome(&|_| (), false), Outcome::NothingRead);
    let nothing = |w: &RunWriter| {
        w.population(&alone).unwrap();
        w.resource(&denied).unwrap();
        w.gap(&gap()).unwrap();
    };
    assert_eq!(outcome(&nothing, false), Outcome::NothingRead);
    let some = |w: &RunWriter| {
        w.population(&population(false)).unwrap();
        w.resource(&resource(1)).unwrap();
    };
    assert_eq!(outcome(&some, false), Outcome::Incomplete);
}

#[test]
fn damage_is_found_and_named() {
    let change = |name: &str, how: &dyn Fn(Vec<u8>) -> Vec<u8>| {
        let dir = tempfile::tempdir().unwrap();
        let run = written(dir.path());
        let path = dir.path().join(name);
        fs::write(&path, how(fs::read(&path).unwrap())).unwrap();
        let problems = run.check().unwrap();
        assert!(
            problems.iter().any(|p| p.file == name),
            "{name}: {problems:?}"
        );
        (dir, run)
    };
    let flip = |mut b: Vec<u8>| {
        let i = b.len() / 2;
        b[i] ^= 1;
        b
    };
    let cut = |mut b: Vec<u8>| {
        b.truncate(b.len() - 6);
        b
    };
    for name in [
        "exchanges.jsonl.zst",
        "findings.jsonl.zst",
        "gaps.jsonl",
        "populations.jsonl",
        "pack.jsonl.zst",
    ] {
        change(name, &flip);
        change(name, &cut);
    }
    let (dir, run) = change("gaps.jsonl", &cut);
    let e = run.gaps().unwrap().next().unwrap().unwrap_err().to_string();
    assert!(
        e.contains("gaps.jsonl:2: the file ends inside this line"),
        "{e}"
    );
    drop(dir);
    let (_dir, run) = change("resources.jsonl.zst", &cut);
    let found = run
        .resources()
        .and_then(Iterator::collect::<Result<Vec<_>, _>>);
    assert!(found.unwrap_err().to_string().contains("cut or damaged"));
    let (_dir, run) = change("gaps.jsonl", &|_| {
        b"{\"format\":\"shoseki.gaps/2\"}\n".to_vec()
    });
    assert!(matches!(run.gaps(), Err(Error::Format { .. })));
}

#[test]
fn lost_changed_and_stray_answers_are_found() {
    let dir = tempfile::tempdir().unwrap();
    let run = written(dir.path());
    let path = |d: &str| {
        dir.path()
            .join("answers")
            .join(&d[..2])
            .join(format!("{d}.zst"))
    };
    let (one, other) = (digest(b"{\"Policy\":\"{}\"}"), digest(b"other"));
    fs::remove_file(path(&one)).unwrap();
    fs::write(path(&other), zstd::encode_all(&b"changed"[..], 1).unwrap()).unwrap();
    let stray = path(&digest(b"stray"));
    fs::create_dir_all(stray.parent().unwrap()).unwrap();
    fs::write(&stray, "").unwrap();
    let problems = run.check().unwrap();
    for d in [&one, &other, &digest(b"stray")] {
        assert!(
            problems.iter().any(|p| p.file.contains(d.as_str())),
            "{problems:?}"
        );
    }
    assert!(matches!(run.answer(&other), Err(Error::Digest { .. })));
    assert!(run.answer("../../etc/passwd").is_err());
}

fn again(run: &Run) -> crate::RunFile {
    let mut j = run.rewrite_judgement().unwrap();
    j.finding(&finding(9, Verdict::Pass)).unwrap();
    j.tally(&tally()).unwrap();
    j.standing(&standing()).unwrap();
    j.pack("rules/aws/s3/y.yaml", "id: aws.s3.y\n").unwrap();
    let tool = Tool {
        name: "shoseki".to_owned(),
        version: "0.2.0".to_owned(),
    };
    j.finish(tool, "2026-12-01T00:00:00Z", None, Selection::default())
        .unwrap()
}

#[test]
fn a_run_can_be_judged_again() {
    let dir = tempfile::tempdir().unwrap();
    let run = written(dir.path());
    again(&run);
    let run = Run::open(dir.path()).unwrap();
    assert_eq!(run.check().unwrap(), []);
    assert_eq!(
        run.file().counts.findings,
        FindingCounts {
            pass: 1,
            ..FindingCounts::default()
        }
    );
    assert_eq!(run.file().counts.exchanges, 4);
    assert_eq!(run.file().info.judged_at, "2026-12-01T00:00:00Z");
    let paths: Vec<_> = run.pack().unwrap().map(|f| f.unwrap().path).collect();
    assert_eq!(
        paths,
        ["collectors/aws/s3/bucket.yaml", "rules/aws/s3/y.yaml"]
    );
    assert!(!dir.path().join("run.json.before").exists());
}

#[test]
fn judging_that_was_broken_off_is_told_and_can_be_done_again() {
    let dir = tempfile::tempdir().unwrap();
    written(dir.path());
    fs::rename(
        dir.path().join("run.json"),
        dir.path().join("run.json.before"),
    )
    .unwrap();
    fs::write(dir.path().join("findings.jsonl.zst.new"), "half").unwrap();
    assert!(matches!(Run::open(dir.path()), Err(Error::Interrupted(_))));
    again(&Run::open_to_judge(dir.path()).unwrap());
    assert_eq!(Run::open(dir.path()).unwrap().check().unwrap(), []);
}

#[test]
fn several_threads_write_at_once() {
    let dir = tempfile::tempdir().unwrap();
    let w = RunWriter::create(dir.path()).unwrap();
    std::thread::scope(|s| {
        for t in 0..4 {
            let w = &w;
            s.spawn(move || {
                for n in 0..100 {
                    let body = format!("answer {}", n % 50);
                    w.record(
                        &exchange(t * 1000 + n, body.as_bytes()),
                        Some(body.as_bytes()),
                    )
                    .unwrap();
                    w.resource(&resource(t * 1000 + n)).unwrap();
                }
            });
        }
    });
    w.finish(info(), false).unwrap();
    let run = Run::open(dir.path()).unwrap();
    assert_eq!(
        (run.file().counts.exchanges, run.file().answers.count),
        (400, 50)
    );
    assert_eq!(run.check().unwrap(), []);
}

/// Numbers of a scan of 1,000 buckets; `cargo test --release -- --ignored`.
#[test]
#[ignore = "a measurement"]
fn speed() {
    let dir = std::env::var("SHOSEKI_RUN").map(std::path::PathBuf::from);
    let dir = dir.unwrap_or_else(|_| tempfile::tempdir().unwrap().keep());
    let start = std::time::Instant::now();
    let w = RunWriter::create(&dir).unwrap();
    for n in 0..8600 {
        let body = format!(
            "<Answer><Number>{n}</Number>{}</Answer>",
            "<Member>text</Member>".repeat(100)
        );
        w.record(&exchange(n, body.as_bytes()), Some(body.as_bytes()))
            .unwrap();
    }
    for n in 0..3000 {
        w.resource(&resource(n)).unwrap();
    }
    for n in 0..20_000 {
        w.finding(&finding(n, Verdict::Pass)).unwrap();
    }
    write_packs(&w);
    w.finish(info(), false).unwrap();
    println!("written: {:?}", start.elapsed());
    let start = std::time::Instant::now();
    assert_eq!(Run::open(&dir).unwrap().check().unwrap(), []);
    println!("checked: {:?}", start.elapsed());
}

fn write_packs(w: &RunWriter) {
    w.pack("rules/aws/b.yaml", "b: \"\\t\"\n").unwrap();
    w.pack("rules/aws/a.yaml", "a: 証跡").unwrap();
    w.gap(&gap()).unwrap();
    w.population(&population(true)).unwrap();
}
