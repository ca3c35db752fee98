//! The seeded account, scanned: verdicts, and what holds of the run.

use crate::support::cli::{self, Scan};
use crate::support::moto::Moto;
use crate::support::run::{self, Seen};
use crate::support::{invariants, packs, root};
use crate::{calls, commands};
use serde::Deserialize;
use shoseki_model::Verdict;
use std::collections::{BTreeMap, BTreeSet};

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct Expected {
    #[serde(default)]
    pass: BTreeSet<String>,
    #[serde(default)]
    fail: BTreeSet<String>,
    #[serde(default)]
    not_applicable: BTreeSet<String>,
}

/// One server and one scan for everything that looks at a whole run: each takes
/// seconds.
#[test]
fn the_seeded_account() {
    let moto = Moto::start();
    let packs = packs::load();
    let first = cli::scan(&moto.url, &[]);
    assert_eq!(
        first.ended.code, 5,
        "{}\n{}",
        first.ended.out, first.ended.err
    );
    let seen = run::read(&first.dir());
    invariants::check(&seen, &packs);
    verdicts_are_as_expected(&seen, &moto);
    a_second_scan_finds_the_same(&seen, &moto);
    judging_again_finds_the_same(&seen, &first);
    calls::are_permitted(&seen, &packs);
    calls::of_one_control(&moto, &packs);
    calls::keep_no_secret(&seen, &first);
    commands::exit_codes_of_scans(&moto);
    commands::forms_and_languages(&moto);
    commands::a_stored_run(&seen, &first.dir());
}

fn verdicts_are_as_expected(seen: &Seen, moto: &Moto) {
    let text = std::fs::read_to_string(root().join("tests/expected/verdicts.yaml")).unwrap();
    let expected: BTreeMap<String, Expected> = serde_saphyr::from_str(&text).unwrap();
    assert!(expected.len() >= 60);
    let mut wrong = Vec::new();
    for (rule, e) in &expected {
        let sets = [
            (&e.pass, Verdict::Pass),
            (&e.fail, Verdict::Fail),
            (&e.not_applicable, Verdict::NotApplicable),
        ];
        for (name, verdict) in sets.iter().flat_map(|(s, v)| s.iter().map(move |n| (n, v))) {
            let found: Vec<Verdict> = seen
                .findings
                .values()
                .filter(|f| f.rule == *rule)
                .filter(|f| moto.name_of(&f.resource.id, &f.resource.name) == *name)
                .map(|f| f.verdict)
                .collect();
            if found != [*verdict] {
                wrong.push(format!("{rule} {name}: {found:?}, expected {verdict:?}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

type Judged<'a> = BTreeMap<&'a str, (&'a str, Verdict)>;

fn judged(seen: &Seen) -> Judged<'_> {
    let all = seen.findings.values();
    all.map(|f| (f.id.as_str(), (f.rule.as_str(), f.verdict)))
        .collect()
}

fn a_second_scan_finds_the_same(seen: &Seen, moto: &Moto) {
    let again = cli::scan(&moto.url, &[]);
    let second = run::read(&again.dir());
    assert_eq!(judged(seen), judged(&second));
    let ids = |s: &Seen| s.gaps.iter().map(|g| g.id.clone()).collect::<BTreeSet<_>>();
    assert_eq!(ids(seen), ids(&second));
}

fn judging_again_finds_the_same(seen: &Seen, scan: &Scan) {
    let folder = tempfile::tempdir().unwrap();
    let (from, to) = (scan.dir(), folder.path().join("again"));
    let (from, to) = (from.to_str().unwrap(), to.to_str().unwrap());
    let ended = cli::run(&["judge", from, "--out", to]);
    assert_eq!(ended.code, 5, "{}", ended.err);
    let again = run::read(&folder.path().join("again"));
    assert_eq!(seen.findings, again.findings);
    assert_eq!(seen.tallies, again.tallies);
    assert_eq!(seen.standings, again.standings);
    assert_eq!(again.run.check().unwrap(), []);
}
