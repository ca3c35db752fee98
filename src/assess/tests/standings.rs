//! Standings: what a run may and may not conclude.
#![expect(clippy::unwrap_used, reason = "tests may fail loudly")]

use proptest::prelude::*;
use shoseki_assess::{
    Catalogue, File, Mappings, assess, assess_among, coverage, heat_map, rank, roll_up, state_of,
};
use shoseki_model::{RuleStanding, State, Strength, Tally};

const CATALOGUE: &str = r#"{ "edition": "t", "controls": [
{"id": "9", "tier": "control", "level": 1, "kind": "domain", "parent": null, "suffix": "", "mandatory": null, "reference": null, "pattern": null},
{"id": "9.4", "tier": "control", "level": 2, "kind": "category", "parent": "9", "suffix": "", "mandatory": null, "reference": null, "pattern": null},
{"id": "9.4.2", "tier": "control", "level": 3, "kind": "objective", "parent": "9.4", "suffix": "", "mandatory": true, "reference": null, "pattern": null},
{"id": "9.4.2.2", "tier": "control", "level": 4, "kind": "detailed", "parent": "9.4.2", "suffix": "", "mandatory": true, "reference": null, "pattern": null},
{"id": "9.4.2.9", "tier": "control", "level": 4, "kind": "detailed", "parent": "9.4.2", "suffix": "", "mandatory": false, "reference": null, "pattern": null},
{"id": "9.4.3", "tier": "control", "level": 3, "kind": "objective", "parent": "9.4", "suffix": "", "mandatory": true, "reference": null, "pattern": null}
]}"#;

const SECTION: &str = r#"edition: t
section: "9.4"
label: { ja: 見出し, en: Heading }
controls:
  - { id: "9.4.2", label: { ja: 目標, en: Objective }, reach: part, remains: { ja: 文書, en: Documents } }
  - id: "9.4.2.2"
    label: { ja: 一, en: One }
    reach: full
    evidence:
      - { rule: a.a.one, strength: states, because: { ja: 示す, en: Shows } }
      - { rule: a.a.back, strength: context, because: { ja: 示す, en: Shows } }
  - id: "9.4.2.9"
    label: { ja: 二, en: Two }
    reach: full
    evidence:
      - { rule: a.a.two, strength: supports, because: { ja: 示す, en: Shows } }
      - { rule: a.a.one, strength: supports, because: { ja: 示す, en: Shows } }
  - { id: "9.4.3", label: { ja: 人, en: People }, reach: human-only, remains: { ja: 文書, en: Documents } }
"#;

fn house() -> (Catalogue, Mappings) {
    let catalogue = Catalogue::load("catalogue-t.json", CATALOGUE).unwrap();
    let file = File {
        path: "ismap/t/9.4.yaml",
        text: SECTION,
    };
    let (m, errors) = Mappings::load(&[file], &catalogue, ["a.a.one", "a.a.two", "a.a.back"]);
    assert_eq!(errors, []);
    (catalogue, m)
}

/// The same with rules about another cloud, `b`, on every control.
fn two_clouds() -> (Catalogue, Mappings) {
    let catalogue = Catalogue::load("catalogue-t.json", CATALOGUE).unwrap();
    let because = "because: { ja: 示す, en: Shows }";
    let more = |id: &str, rules: [(&str, &str); 2]| {
        let lines =
            rules.map(|(r, s)| format!("      - {{ rule: {r}, strength: {s}, {because} }}\n"));
        format!("  - id: \"{id}\"\n    evidence:\n{}", lines.concat())
    };
    let text = format!(
        "edition: t\ncontrols:\n{}{}{}",
        more("9.4.2", [("b.a.one", "states"), ("b.a.top", "supports")]),
        more("9.4.2.2", [("b.a.one", "states"), ("b.a.two", "supports")]),
        more("9.4.2.9", [("b.a.two", "states"), ("b.a.one", "context")]),
    );
    let (m, errors) = Mappings::load(
        &[
            File {
                path: "ismap/t/9.4.yaml",
                text: SECTION,
            },
            File {
                path: "ismap/t/adds-b.yaml",
                text: &text,
            },
        ],
        &catalogue,
        [
            "a.a.one", "a.a.two", "a.a.back", "b.a.one", "b.a.two", "b.a.top",
        ],
    );
    assert_eq!(errors, []);
    (catalogue, m)
}

fn tally(rule: &str, pass: u64, fail: u64, unknown: u64) -> Tally {
    Tally {
        rule: rule.to_owned(),
        enumerated: pass + fail + unknown,
        complete: true,
        pass,
        fail,
        unknown,
        ..Tally::default()
    }
}

fn states(tallies: &[Tally]) -> Vec<State> {
    let (c, m) = house();
    assess(&m, &c, tallies).iter().map(|s| s.state).collect()
}

#[test]
fn the_plain_cases() {
    use State::{Contradicted, HumanOnly, NotSeen, PartlyShown, Shown};
    let one = |p, f, u| tally("a.a.one", p, f, u);
    let two = |p, f, u| tally("a.a.two", p, f, u);
    for (tallies, expected) in [
        (vec![], [NotSeen, NotSeen, NotSeen, HumanOnly]),
        // The second rule was not part of the run.
        (
            vec![one(3, 0, 0)],
            [PartlyShown, Shown, PartlyShown, HumanOnly],
        ),
        // Only a supporting rule on the second: never shown.
        (
            vec![one(3, 0, 0), two(1, 0, 0)],
            [Shown, Shown, PartlyShown, HumanOnly],
        ),
        // A failure outweighs what was not seen.
        (
            vec![one(3, 1, 5), two(1, 0, 0)],
            [Contradicted, Contradicted, Contradicted, HumanOnly],
        ),
        (
            vec![one(0, 0, 5), two(1, 0, 0)],
            [PartlyShown, NotSeen, PartlyShown, HumanOnly],
        ),
        // Nothing there to judge.
        (
            vec![one(0, 0, 0), two(0, 0, 0)],
            [NotSeen, NotSeen, NotSeen, HumanOnly],
        ),
        // A rule that is only background never moves anything.
        (
            vec![one(3, 0, 0), two(0, 0, 0), tally("a.a.back", 0, 9, 9)],
            [Shown, Shown, PartlyShown, HumanOnly],
        ),
    ] {
        assert_eq!(states(&tallies), expected, "{tallies:?}");
    }
}

#[test]
fn exceptions_and_broken_populations_take_from_it() {
    let mut t = tally("a.a.one", 2, 0, 0);
    assert_eq!(states(&[t.clone()])[1], State::Shown);
    t.complete = false;
    assert_eq!(states(&[t.clone()])[1], State::PartlyShown);
    t.complete = true;
    t.excepted = 1;
    t.enumerated = 3;
    assert_eq!(states(&[t.clone()])[1], State::PartlyShown);
    t.pass = 0;
    t.enumerated = 1;
    assert_eq!(states(&[t.clone()])[1], State::NotSeen);
    // Counts that do not add up are not trusted.
    let mut t = tally("a.a.one", 2, 0, 0);
    t.enumerated = 3;
    assert_eq!(states(&[t])[1], State::PartlyShown);
}

#[test]
fn an_objective_counts_a_shared_rule_once_with_its_strongest_bearing() {
    let (c, m) = house();
    let t = [tally("a.a.one", 2, 0, 0)];
    let all = assess(&m, &c, &t);
    let ones: Vec<_> = all[0]
        .rules
        .iter()
        .filter(|r| r.rule == "a.a.one")
        .collect();
    assert_eq!(ones.len(), 1);
    assert_eq!((ones[0].strength, ones[0].pass), (Strength::States, 2));
    let rolled = roll_up("9.4.2", &c, &all);
    assert_eq!(
        (rolled.shown, rolled.partly_shown, rolled.total()),
        (1, 1, 2)
    );
    assert_eq!(rolled.worst(), Some(State::PartlyShown));
    let cells = heat_map(&c, &all);
    let ids: Vec<_> = cells.iter().map(|c| c.id.as_str()).collect();
    assert_eq!(ids, ["9", "9.4"]);
    assert_eq!(cells[1].objectives.human_only, 1);
    assert_eq!(cells[1].controls.total(), 2);
}

#[test]
fn coverage_counts_entries_and_evidence() {
    let (c, m) = house();
    let all = coverage(&m, &c);
    assert_eq!((all.objectives.controls, all.objectives.entries), (2, 2));
    assert_eq!((all.objectives.stated, all.detailed.supported), (1, 1));
    assert_eq!((all.detailed.stated, all.links, all.rules), (1, 4, 3));
    assert_eq!(all.mandatory.controls, 1);
}

#[test]
fn a_cloud_that_was_no_target_neither_weakens_nor_counts() {
    let (c, m) = two_clouds();
    let seen = [tally("a.a.one", 3, 0, 0), tally("a.a.two", 1, 0, 0)];
    let state = |clouds: &[&str]| {
        let among = |r: &str| clouds.iter().any(|c| r.starts_with(c));
        let all = assess_among(&m, &c, &among, &seen);
        (all[1].state, all[1].rules.len())
    };
    assert_eq!(state(&["a."]), (State::Shown, 2));
    // A target of which nothing was judged: its rules are missing.
    assert_eq!(state(&["a.", "b."]), (State::PartlyShown, 4));
    assert_eq!(state(&["b."]), (State::NotSeen, 2));
}

fn any_tally() -> impl Strategy<Value = Tally> {
    let n = || prop_oneof![3 => Just(0u64), 1 => 1..4u64];
    let rule = prop_oneof![Just("a.a.one"), Just("a.a.two"), Just("a.a.back")];
    (rule, n(), n(), n(), n(), n(), prop::bool::weighted(0.8)).prop_map(
        |(rule, pass, fail, unknown, excepted, na, complete)| Tally {
            rule: rule.to_owned(),
            enumerated: pass + fail + unknown + excepted + na,
            complete,
            pass,
            fail,
            unknown,
            excepted,
            not_applicable: na,
            ..Tally::default()
        },
    )
}

proptest! {
    #[test]
    fn order_does_not_matter(
        (a, b) in prop::collection::vec(any_tally(), 0..6)
            .prop_flat_map(|v| (Just(v.clone()), Just(v).prop_shuffle()))
    ) {
        let (c, m) = house();
        prop_assert_eq!(assess(&m, &c, &a), assess(&m, &c, &b));
    }

    #[test]
    fn another_clouds_rules_change_nothing_for_a_run_without_it(
        tallies in prop::collection::vec(any_tally(), 0..6)
    ) {
        let (c, alone) = house();
        let (_, both) = two_clouds();
        let here = |rule: &str| rule.starts_with("a.");
        prop_assert_eq!(
            assess(&alone, &c, &tallies),
            assess_among(&both, &c, &here, &tallies)
        );
    }

    #[test]
    fn a_cloud_of_which_nothing_was_seen_never_raises_a_standing(
        tallies in prop::collection::vec(any_tally(), 0..6)
    ) {
        let (c, both) = two_clouds();
        let here = |rule: &str| rule.starts_with("a.");
        let alone = assess_among(&both, &c, &here, &tallies);
        for (b, a) in alone.iter().zip(assess(&both, &c, &tallies)) {
            prop_assert!(rank(a.state) <= rank(b.state), "{b:?} → {a:?}");
        }
    }

    #[test]
    fn less_seen_is_never_better(tallies in prop::collection::vec(any_tally(), 1..6), at in 0..6usize, how in 0..4) {
        let before = states(&tallies);
        let mut worse = tallies.clone();
        let i = at % worse.len();
        let t = &mut worse[i];
        match how {
            0 => { t.unknown += 1; t.enumerated += 1; }
            1 => t.complete = false,
            // What was seen as expected is now not seen, or a failure.
            2 if t.pass > 0 => { t.pass -= 1; t.unknown += 1; }
            _ => { t.fail += 1; t.enumerated += 1; }
        }
        for (b, a) in before.iter().zip(states(&worse)) {
            prop_assert!(rank(a) <= rank(*b), "{b:?} → {a:?}");
        }
    }

    #[test]
    fn an_exception_never_raises_a_standing_above_partly_shown(
        tallies in prop::collection::vec(any_tally(), 1..6), at in 0..6usize, n in 1..3u64
    ) {
        let (c, m) = house();
        let mut with = tallies;
        let i = at % with.len();
        let t = &mut with[i];
        // Some of what failed is covered now; where nothing did, one more is.
        let moved = t.fail.min(n);
        t.fail -= moved;
        t.excepted += moved.max(1);
        t.enumerated += u64::from(moved == 0);
        let rule = t.rule.clone();
        for s in assess(&m, &c, &with) {
            if s.rules.iter().any(|r| r.rule == rule && r.strength > Strength::Context) {
                prop_assert!(rank(s.state) <= rank(State::PartlyShown), "{s:?}");
            }
        }
    }

    #[test]
    fn a_failure_contradicts_and_shown_needs_a_pass(tallies in prop::collection::vec(any_tally(), 0..6)) {
        let (c, m) = house();
        for s in assess(&m, &c, &tallies) {
            let telling = || s.rules.iter().filter(|r| r.strength > Strength::Context);
            let settings = s.state != State::HumanOnly;
            if settings && telling().any(|r| r.fail > 0) {
                prop_assert_eq!(s.state, State::Contradicted);
            }
            if s.state == State::Shown {
                prop_assert!(telling().any(|r| r.strength == Strength::States && r.pass > 0));
                prop_assert!(telling().all(|r| r.unknown == 0 && r.excepted == 0 && r.scopes == r.scopes_complete && r.scopes > 0));
            }
        }
    }

    #[test]
    fn background_never_moves_a_state(fail in 0..3u64, pass in 0..3u64, unknown in 0..3u64) {
        let rule = |strength, pass, fail, unknown| RuleStanding {
            rule: "a.a.x".to_owned(), strength, scopes: 1, scopes_complete: 1,
            enumerated: pass + fail + unknown, pass, fail, unknown, excepted: 0, not_applicable: 0,
        };
        let base = vec![rule(Strength::States, 1, 0, 0)];
        let mut more = base.clone();
        more.push(rule(Strength::Context, pass, fail, unknown));
        prop_assert_eq!(state_of(&base), state_of(&more));
    }
}
