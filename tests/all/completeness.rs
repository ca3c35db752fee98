//! The data files against each other and against their lists.

use crate::support::{packs, root};
use shoseki_model::Reach;
use std::collections::BTreeSet;

#[test]
fn every_rule_has_a_collector_and_a_mapping() {
    let packs = packs::load();
    let linked: BTreeSet<&str> = packs.mappings.rules().collect();
    for rule in packs.rules.iter() {
        let known = packs.collectors.get(&rule.resource).is_some();
        assert!(known, "{}: no collector yields {}", rule.id, rule.resource);
        assert!(
            linked.contains(rule.id.as_str()),
            "{}: link it in mappings/ismap",
            rule.id
        );
    }
    let plan = packs.plan(|_| true);
    assert!(plan.unknown.is_empty(), "{:?}", plan.unknown);
}

#[test]
fn the_list_of_rule_ids_is_the_folder() {
    let packs = packs::load();
    let text = std::fs::read_to_string(root().join("rules/ids.txt")).unwrap();
    let lines = text
        .lines()
        .filter(|l| !l.starts_with('#') && !l.is_empty());
    let (retired, listed): (Vec<&str>, Vec<&str>) = lines.partition(|l| l.contains("retired"));
    let listed: BTreeSet<&str> = listed.into_iter().collect();
    let there: BTreeSet<&str> = packs.rules.iter().map(|r| r.id.as_str()).collect();
    assert_eq!(listed, there, "run `cargo xtask gen`");
    for line in retired {
        let id = line.split_whitespace().next().unwrap_or_default();
        assert!(!there.contains(id), "{id} is retired");
    }
}

#[test]
fn every_objective_says_how_far_settings_reach() {
    let packs = packs::load();
    let (mut count, mut bare) = (0, Vec::new());
    for o in packs.catalogue.objectives() {
        count += 1;
        let entry = packs.mappings.get(&o.id);
        let entry = entry.unwrap_or_else(|| panic!("{} has no entry", o.id));
        if !matches!(entry.reach, Reach::Full | Reach::Part) {
            continue;
        }
        let below = packs
            .catalogue
            .children(&o.id)
            .filter_map(|c| packs.mappings.get(&c.id));
        if std::iter::once(entry)
            .chain(below)
            .all(|e| e.evidence.is_empty())
        {
            bare.push(o.id.clone());
        }
    }
    assert_eq!(count, 121);
    let text = std::fs::read_to_string(root().join("tests/expected/no-evidence.txt")).unwrap();
    let known = text.lines().filter(|l| !l.starts_with('#'));
    let known: Vec<&str> = known.collect();
    assert_eq!(
        bare, known,
        "objectives that settings could show and no rule does"
    );
}
