//! Run directories: added, and compared.

use crate::made::{DAY, Made, START};
use shoseki_ledger::{Appended, Error, FindingKind, Ledger, diff, diff_text};
use shoseki_model::{Lang, State, Verdict};
use shoseki_report::width;

#[test]
fn a_run_directory_is_added_once() {
    let dir = tempfile::tempdir().unwrap();
    let run = dir.path().join("run-1");
    Made::at(START).thing(1, Verdict::Fail, 1).write(&run);
    let mut l = Ledger::create(&dir.path().join("ledger")).unwrap();
    let Appended::New(entry) = l.add(&run).unwrap() else {
        panic!("it was not there");
    };
    assert_eq!((entry.entry.findings, entry.entry.changed), (1, 1));
    assert_eq!(entry.entry.run, "run-1");
    assert_eq!(l.add(&run).unwrap(), Appended::AlreadyThere(entry));
    assert_eq!(l.check(None, Some(dir.path())).unwrap().problems, []);
    // A run.json that is not the one that was added.
    let file = run.join("run.json");
    let text = std::fs::read_to_string(&file).unwrap();
    std::fs::write(&file, text + "\n").unwrap();
    assert_eq!(l.check(None, Some(dir.path())).unwrap().problems.len(), 1);
}

#[test]
fn changed_or_unfinished_runs_are_refused() {
    let dir = tempfile::tempdir().unwrap();
    let run = dir.path().join("run-1");
    Made::at(START).thing(1, Verdict::Fail, 1).write(&run);
    let mut l = Ledger::create(&dir.path().join("ledger")).unwrap();
    let file = run.join("tallies.jsonl");
    let text = std::fs::read_to_string(&file).unwrap();
    std::fs::write(&file, text.replace("\"fail\":1", "\"fail\":2")).unwrap();
    assert!(matches!(l.add(&run), Err(Error::Unsound { .. })));
    std::fs::remove_file(run.join("run.json")).unwrap();
    assert!(matches!(l.add(&run), Err(Error::Run(_))));
    assert!(l.entries().unwrap().is_empty());
}

#[test]
fn two_runs_side_by_side() {
    let dir = tempfile::tempdir().unwrap();
    let (a, b) = (dir.path().join("a"), dir.path().join("b"));
    Made::at(START)
        .thing(1, Verdict::Pass, 1)
        .thing(2, Verdict::Pass, 1)
        .thing(3, Verdict::Pass, 1)
        .thing(4, Verdict::Pass, 1)
        .write(&a);
    let mut second = Made::at(START + DAY)
        .thing(1, Verdict::Fail, 2)
        .thing(2, Verdict::Pass, 2)
        .thing(4, Verdict::Pass, 1)
        .thing(5, Verdict::Pass, 1);
    second.control = State::Contradicted;
    second.rule_text = "two".into();
    second.write(&b);
    let d = diff(&a, &b).unwrap();
    let kinds: Vec<_> = d
        .findings
        .iter()
        .map(|f| (f.resource.name.as_str(), f.kind))
        .collect();
    assert_eq!(
        kinds,
        [
            ("thing-1", FindingKind::Verdict),
            ("thing-5", FindingKind::New),
            ("thing-3", FindingKind::Gone),
            ("thing-2", FindingKind::Values),
        ]
    );
    assert_eq!(d.unchanged, 1);
    assert!(d.findings[0].rule_changed);
    assert_eq!(
        (d.controls.len(), d.packs.len(), d.populations.len()),
        (1, 1, 0)
    );
    for lang in [Lang::Ja, Lang::En] {
        let text = diff_text(&d, lang);
        assert!(text.lines().all(|l| width(l) <= 80), "{text}");
        assert!(text.contains("thing-5"), "{text}");
    }
    // Where the second population is not whole, what is missing is not gone.
    let c = dir.path().join("c");
    let mut third = Made::at(START + DAY);
    third.whole = false;
    third.write(&c);
    let d = diff(&a, &c).unwrap();
    assert_eq!(d.counts.get(&FindingKind::Unlisted), Some(&4));
    assert_eq!(d.counts.get(&FindingKind::Gone), None);
}
