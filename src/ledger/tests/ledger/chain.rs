//! The chain: what is found, and what is refused.

use crate::made::{DAY, Made, START};
use shoseki_ledger::{Error, Ledger};
use shoseki_model::Verdict;

/// The file as somebody else would change it.
fn tamper(dir: &std::path::Path) -> rusqlite::Connection {
    let db = rusqlite::Connection::open(dir.join("ledger.sqlite")).unwrap();
    db.pragma_update(None, "foreign_keys", false).unwrap();
    db
}

fn filled(dir: &std::path::Path) -> Vec<String> {
    let mut l = Ledger::create(dir).unwrap();
    (0..5)
        .map(|d| {
            let made =
                Made::at(START + d * DAY)
                    .thing(1, Verdict::Pass, d)
                    .thing(2, Verdict::Fail, 0);
            made.add(&mut l).unwrap().head
        })
        .collect()
}

#[test]
fn an_untouched_ledger_has_no_problem() {
    let dir = tempfile::tempdir().unwrap();
    let heads = filled(dir.path());
    let l = Ledger::open(dir.path()).unwrap();
    for (i, head) in heads.iter().enumerate() {
        let c = l.check(Some(head), None).unwrap();
        assert_eq!(c.problems, []);
        assert_eq!(c.noted, Some(i as u64 + 1));
        assert_eq!(c.entries, 5);
    }
}

#[test]
fn every_change_of_a_row_is_found() {
    let edits = [
        "UPDATE entry SET record = replace(record, '\"complete\"', '\"incomplete\"') WHERE seq = 2",
        "UPDATE entry SET head = zeroblob(32) WHERE seq = 5",
        "UPDATE entry SET started = started + 1 WHERE seq = 3",
        "DELETE FROM entry WHERE seq = 2",
        "DELETE FROM entry WHERE seq = 5",
        "UPDATE entry SET seq = 9 WHERE seq = 5",
        "DELETE FROM change WHERE seq = 3",
        "UPDATE change SET state = NULL WHERE seq = 1",
        "INSERT INTO change VALUES (4, 2, 1)",
        "UPDATE state SET verdict = 'pass'",
        "UPDATE state SET severity = 'low'",
        "UPDATE state SET observed = 1",
        "UPDATE value SET body = x'00' WHERE id = 2",
        "UPDATE value SET sha256 = zeroblob(32) WHERE id = 2",
        "DELETE FROM value WHERE id = 2",
        "UPDATE resource SET name = 'other'",
        "UPDATE resource SET ident = 'other'",
        "UPDATE text SET value = 'other' WHERE value = 'global'",
        "UPDATE text SET value = 'aws.made.other' WHERE value = 'aws.made.rule'",
        "UPDATE series SET finding = zeroblob(10) WHERE id = 1",
        "UPDATE series SET now = NULL",
        "UPDATE control SET now = NULL",
        "DELETE FROM covered WHERE seq = 2",
        "UPDATE covered SET coverage = NULL WHERE seq = 2",
        "DELETE FROM control_change",
        "UPDATE control SET control = '9.9.9'",
        "UPDATE pack_file SET sha256 = zeroblob(32)",
        "DELETE FROM pack_file",
    ];
    for edit in edits {
        let dir = tempfile::tempdir().unwrap();
        let heads = filled(dir.path());
        let db = tamper(dir.path());
        assert!(db.execute(edit, []).unwrap() > 0, "{edit}");
        drop(db);
        let l = Ledger::open(dir.path()).unwrap();
        let noted = heads.last().map(String::as_str);
        // An error tells as well, as long as it is no silence.
        if let Ok(c) = l.check(noted, None) {
            assert!(!c.problems.is_empty(), "{edit}");
        }
    }
}

#[test]
fn entries_that_were_taken_away_show_by_a_noted_head() {
    let dir = tempfile::tempdir().unwrap();
    let heads = filled(dir.path());
    let db = tamper(dir.path());
    for sql in [
        "DELETE FROM entry WHERE seq = 5",
        "DELETE FROM change WHERE seq = 5",
        "DELETE FROM covered WHERE seq = 5",
        "DELETE FROM control_change WHERE seq = 5",
        "UPDATE series SET now = (SELECT c.state FROM change c WHERE c.series = series.id
         ORDER BY c.seq DESC LIMIT 1)",
    ] {
        db.execute(sql, []).unwrap();
    }
    drop(db);
    let l = Ledger::open(dir.path()).unwrap();
    assert_eq!(l.check(None, None).unwrap().problems, []);
    assert_eq!(l.check(Some(&heads[3]), None).unwrap().problems, []);
    let c = l.check(Some(&heads[4]), None).unwrap();
    assert_eq!(c.problems.len(), 1, "{:?}", c.problems);
}

#[test]
fn runs_come_in_the_order_of_time() {
    let dir = tempfile::tempdir().unwrap();
    let mut l = Ledger::create(dir.path()).unwrap();
    Made::at(START).add(&mut l).unwrap();
    // Two in a day are fine.
    Made::at(START + 1000).add(&mut l).unwrap();
    for at in [START - DAY, START + 1000] {
        let e = Made::at(at).thing(1, Verdict::Pass, 0).add(&mut l);
        assert!(matches!(e, Err(Error::Order { .. })), "{e:?}");
    }
    // Another account has its own time.
    let mut other = Made::at(START - DAY);
    other.account = "222222222222".into();
    other.add(&mut l).unwrap();
    assert_eq!(l.entries().unwrap().len(), 3);
}

#[test]
fn unsound_runs_leave_no_trace() {
    let dir = tempfile::tempdir().unwrap();
    let mut l = Ledger::create(dir.path()).unwrap();
    let made = Made::at(START).thing(1, Verdict::Pass, 0);
    let before = made.add(&mut l).unwrap();
    let next = Made::at(START + DAY).thing(1, Verdict::Fail, 1);
    let f = next.findings().remove(0);
    {
        // A finding that the tally does not count.
        let mut a = l.append(next.record()).unwrap();
        a.cover(&Made::at(0).tally()).unwrap();
        a.finding(&f, "global").unwrap();
        assert!(matches!(a.commit(), Err(Error::Unsound { .. })));
    }
    {
        // A finding of which the tally speaks and that is not there.
        let mut a = l.append(next.record()).unwrap();
        a.cover(&next.tally()).unwrap();
        assert!(matches!(a.commit(), Err(Error::Unsound { .. })));
    }
    {
        let mut a = l.append(next.record()).unwrap();
        assert!(matches!(
            a.finding(&f, "global"),
            Err(Error::Unsound { .. })
        ));
        a.cover(&next.tally()).unwrap();
        a.finding(&f, "global").unwrap();
        assert!(matches!(
            a.finding(&f, "global"),
            Err(Error::Unsound { .. })
        ));
        // Dropped: nothing is kept.
    }
    let all = l.entries().unwrap();
    assert_eq!(all, [before]);
    assert_eq!(l.check(None, None).unwrap().problems, []);
}

#[test]
fn a_full_disk_loses_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let mut l = Ledger::create(dir.path()).unwrap();
    let many = |at: i64| {
        let mut m = Made::at(at);
        for n in 0..200 {
            m = m.thing(n, Verdict::Pass, at + i64::from(n));
        }
        m
    };
    let first = many(START).add(&mut l).unwrap();
    let pages: u32 = rusqlite::Connection::open(l.path())
        .unwrap()
        .query_row("PRAGMA page_count", [], |r| r.get(0))
        .unwrap();
    let mut refused = 0;
    for more in 0..20 {
        l.limit_pages(pages + more).unwrap();
        match many(START + DAY).add(&mut l) {
            Err(Error::Full(_)) => refused += 1,
            other => {
                other.unwrap();
                break;
            }
        }
        let l = Ledger::open(dir.path()).unwrap();
        assert_eq!(l.entries().unwrap(), std::slice::from_ref(&first));
        assert_eq!(l.check(None, None).unwrap().problems, []);
    }
    assert!(refused > 0);
    // With room, the same run is added.
    l.limit_pages(1 << 20).unwrap();
    if l.entries().unwrap().len() == 1 {
        many(START + DAY).add(&mut l).unwrap();
    }
    assert_eq!(l.check(None, None).unwrap().problems, []);
    assert_eq!(l.entries().unwrap().len(), 2);
}

#[test]
fn other_files_are_told_apart() {
    let dir = tempfile::tempdir().unwrap();
    assert!(matches!(Ledger::open(dir.path()), Err(Error::Missing(_))));
    let file = dir.path().join("ledger.sqlite");
    std::fs::write(
        &file,
        "not a database at all, but long enough to be looked at",
    )
    .unwrap();
    assert!(Ledger::open(dir.path()).is_err());
    assert!(Ledger::create(dir.path()).is_err());
    std::fs::remove_file(&file).unwrap();
    let db = rusqlite::Connection::open(&file).unwrap();
    db.execute_batch("CREATE TABLE t (a)").unwrap();
    drop(db);
    assert!(matches!(
        Ledger::create(dir.path()),
        Err(Error::Format { .. })
    ));
}

/// A view that never ends, a trigger, a further index, a table that has one
/// column more: a stranger's file is not asked before it has the ledger's tables.
#[test]
fn a_file_with_other_tables_is_no_ledger() {
    let endless = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n)
        SELECT i AS seq, i AS series, i AS state FROM n";
    let edits = [
        format!("DROP TABLE change; CREATE VIEW change AS {endless}"),
        "CREATE TRIGGER t AFTER INSERT ON entry BEGIN DELETE FROM text; END".to_owned(),
        "CREATE INDEX i ON text (value) WHERE abs(id) > 0".to_owned(),
        "ALTER TABLE text ADD COLUMN more TEXT".to_owned(),
        "DROP TABLE pack_file".to_owned(),
    ];
    for edit in edits {
        let dir = tempfile::tempdir().unwrap();
        filled(dir.path());
        tamper(dir.path()).execute_batch(&edit).unwrap();
        for opened in [Ledger::open(dir.path()), Ledger::create(dir.path())] {
            assert!(matches!(opened, Err(Error::Format { .. })), "{edit}");
        }
    }
}
