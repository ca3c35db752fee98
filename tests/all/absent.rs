//! Every rule against a resource of which nothing is set, and against one of
//! which nothing was seen.

use crate::support::{packs, root};
use shoseki_collect::Collectors;
use shoseki_judge::{Judge, Rule, RuleSet};
use shoseki_model::{Resource, Verdict};
use std::collections::BTreeSet;

fn first_members(rule: &Rule) -> BTreeSet<&str> {
    let paths = rule.reads().paths.iter();
    paths
        .filter_map(|p| p.strip_prefix("settings.")?.split(['.', '[']).next())
        .collect()
}

/// All calls were answered, and no answer held anything.
fn bare(rule: &Rule, collectors: &Collectors) -> Resource {
    let parts = &collectors.types()[&rule.resource].parts;
    Resource {
        r#type: rule.resource.clone(),
        account: "123456789012".to_owned(),
        region: "ap-northeast-1".to_owned(),
        sources: std::iter::once("")
            .chain(parts.iter().map(String::as_str))
            .map(|p| (p.to_owned(), vec!["x".to_owned()]))
            .collect(),
        ..Resource::default()
    }
}

fn verdict(rules: &RuleSet, rule: &Rule, resource: &Resource) -> Verdict {
    let one = rules.select(|r| r.id == rule.id);
    Judge::new(one, "2026-01-01T00:00:00Z".parse().unwrap()).verdicts(resource)[0]
}

/// A new name here asks: does the provider leave the member out in the good
/// case? Then write it into the list, else guard the expression.
#[test]
fn what_passes_although_nothing_is_set_is_reviewed() {
    let packs = packs::load();
    let passing: Vec<&str> = packs
        .rules
        .iter()
        .filter(|r| verdict(&packs.rules, r, &bare(r, &packs.collectors)) == Verdict::Pass)
        .map(|r| r.id.as_str())
        .collect();
    let list = root().join("tests/expected/passes-when-absent.txt");
    let reviewed = std::fs::read_to_string(list).unwrap();
    let reviewed: Vec<&str> = reviewed.lines().filter(|l| !l.starts_with('#')).collect();
    assert_eq!(passing, reviewed);
}

#[test]
fn what_was_not_seen_is_never_judged() {
    let packs = packs::load();
    for rule in packs.rules.iter() {
        let mut unseen = bare(rule, &packs.collectors);
        for member in first_members(rule) {
            unseen.sources.shift_remove(member);
            unseen.unseen.insert(member.to_owned(), "g0".to_owned());
        }
        let said = verdict(&packs.rules, rule, &unseen);
        assert_eq!(said, Verdict::Unknown, "{}", rule.id);
    }
}

/// Where a case passes, hiding a member leaves it passed or makes it unknown:
/// less seen never contradicts.
#[test]
fn hiding_a_member_never_turns_a_verdict_round() {
    let packs = packs::load();
    for rule in packs.rules.iter() {
        for case in rule.cases() {
            for member in first_members(rule) {
                let mut r = case.resource.clone();
                r.settings.remove(member);
                r.sources.shift_remove(member);
                r.unseen.insert(member.to_owned(), "g0".to_owned());
                let one = packs.rules.select(|x| x.id == rule.id);
                let said = Judge::new(one, case.now).verdicts(&r)[0];
                assert!(
                    said == Verdict::Unknown || said == case.expect,
                    "{}: without {member} {:?} becomes {said:?}",
                    rule.id,
                    case.expect
                );
            }
        }
    }
}
