//! `--rules` and `--controls` to a set of rules, and rules to what must be read.

use crate::args::Selection;
use crate::exit::{Failed, Result};
use crate::packs::Packs;
use shoseki_assess::Selection as Selected;
use shoseki_collect::cloud_of;
use shoseki_judge::RuleSet;
use shoseki_model::{Standing, Tally, Target, fits};
use std::collections::{BTreeMap, BTreeSet};

/// The selected rules; all of them where nothing narrows.
pub fn rules(packs: &Packs, by: &Selection) -> Result<RuleSet> {
    for glob in &by.rules {
        if !packs.rules.iter().any(|r| fits(glob, &r.id)) {
            let near = packs
                .rules
                .iter()
                .filter(|r| glob.len().max(r.id.len()) <= 200)
                .map(|r| (strsim::jaro_winkler(glob, &r.id), &r.id))
                .max_by(|a, b| a.0.total_cmp(&b.0))
                .map(|(_, id)| format!(": did you mean {id}?"))
                .unwrap_or_default();
            return Err(Failed::usage(format!("no rule fits {glob}{near}")));
        }
    }
    let mut named: Option<BTreeSet<String>> = None;
    if !by.controls.is_empty() {
        let chosen = selected(packs, &by.controls)?;
        if chosen.rules.is_empty() {
            return Err(Failed::usage(format!(
                "no rule bears on {}: settings cannot show it; see `shoseki controls show {}`",
                by.controls.join(", "),
                by.controls[0]
            )));
        }
        named = Some(chosen.rules);
    }
    let set = packs.rules.select(|r| {
        let by_id = by.rules.is_empty() || by.rules.iter().any(|g| fits(g, &r.id));
        by_id && named.as_ref().is_none_or(|n| n.contains(&r.id))
    });
    if set.is_empty() {
        return Err(Failed::usage(
            "--rules and --controls have no rule in common",
        ));
    }
    Ok(set)
}

/// Those of the rules that speak of one of `clouds`.
pub fn of_clouds(rules: &RuleSet, clouds: &[&str]) -> Result<RuleSet> {
    let set = rules.select(|r| clouds.contains(&cloud_of(&r.resource)));
    if set.is_empty() {
        let named = clouds.join(", ");
        return Err(Failed::usage(format!("no selected rule speaks of {named}")));
    }
    Ok(set)
}

/// The standings that a run of `clouds` speaks of: all, or those of the selected
/// controls.
pub fn standings(
    packs: &Packs,
    controls: &[String],
    clouds: &[&str],
    tallies: &[Tally],
) -> Result<Vec<Standing>> {
    // What a rule judges tells its cloud; the id of a rule of one's own need not.
    let among = |rule: &str| {
        let judged = packs.rules.get(rule).map_or(rule, |r| r.resource.as_str());
        clouds.contains(&cloud_of(judged))
    };
    let (mappings, catalogue) = (&packs.mappings, &packs.catalogue);
    let mut all = shoseki_assess::assess_among(mappings, catalogue, &among, tallies);
    if !controls.is_empty() {
        let chosen = selected(packs, controls)?.controls;
        all.retain(|s| chosen.contains(&s.control));
    }
    Ok(all)
}

/// The clouds of a run's targets, each once.
pub fn clouds_of(targets: &[Target]) -> Vec<&str> {
    let all: BTreeSet<&str> = targets.iter().map(|t| t.cloud.as_str()).collect();
    all.into_iter().collect()
}

/// The controls that patterns select, with their rules.
pub fn selected(packs: &Packs, controls: &[String]) -> Result<Selected> {
    shoseki_assess::select(controls, &packs.mappings, &packs.catalogue).map_err(|unknown| {
        let all: Vec<_> = unknown.iter().map(ToString::to_string).collect();
        Failed::usage(all.join("\n"))
    })
}

/// Resource types and parts that the rules read.
pub fn demand(rules: &RuleSet) -> BTreeMap<String, BTreeSet<String>> {
    let mut demand: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for rule in rules.iter() {
        let parts = demand.entry(rule.resource.clone()).or_default();
        parts.extend(rule.reads().parts.iter().cloned());
    }
    demand
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]
    use super::{cloud_of, demand, standings};
    use crate::packs::{self, Packs};
    use shoseki_model::{State, Strength, Tally};
    use std::collections::{BTreeMap, BTreeSet};

    #[test]
    fn a_standing_rests_on_rules_about_the_clouds_of_the_run_only() {
        let packs = crate::packs::load(&crate::args::Common::default()).unwrap();
        let about = |clouds: &[&str]| {
            let all = standings(&packs, &[], clouds, &[]).unwrap();
            let mut telling = 0;
            for r in all.iter().flat_map(|s| &s.rules) {
                let rule = packs.rules.get(&r.rule).unwrap();
                assert!(clouds.contains(&cloud_of(&rule.resource)), "{}", r.rule);
                telling += u64::from(r.strength == Strength::States);
            }
            telling
        };
        let each = ["aws", "azure", "gcp"].map(|c| about(&[c]));
        assert!(each.iter().all(|n| *n > 0), "{each:?}");
        assert_eq!(about(&["aws", "azure", "gcp"]), each.iter().sum::<u64>());
    }

    /// The level of target that a rule's type is read at.
    fn levels(packs: &Packs) -> BTreeMap<String, String> {
        let plan = shoseki_collect::plan(&packs.collectors, &demand(&packs.rules));
        let of_type: BTreeMap<_, _> = plan.types.iter().map(|t| (&t.r#type, &t.level)).collect();
        let rules = packs.rules.iter();
        rules
            .map(|r| (r.id.clone(), of_type[&r.resource].clone()))
            .collect()
    }

    /// One resource of every type that is read at `levels`, all as the rules expect.
    fn all_well(packs: &Packs, of_rule: &BTreeMap<String, String>, levels: &[&str]) -> Vec<Tally> {
        let here = packs
            .rules
            .iter()
            .filter(|r| levels.contains(&of_rule[&r.id].as_str()));
        here.map(|r| Tally {
            rule: r.id.clone(),
            r#type: r.resource.clone(),
            enumerated: 1,
            pass: 1,
            complete: true,
            ..Tally::default()
        })
        .collect()
    }

    /// A scan of projects alone, or of subscriptions, has no tally of what stands
    /// above them: that is neither shown nor broken.
    #[test]
    fn what_stands_above_the_targets_is_not_seen() {
        let packs = packs::load(&crate::args::Common::default()).unwrap();
        let of_rule = levels(&packs);
        for (cloud, below, above) in [
            ("gcp", "project", &["organization", "folder"][..]),
            ("azure", "subscription", &["tenant"][..]),
        ] {
            let shown = |levels: &[&str]| -> BTreeSet<String> {
                let tallies = all_well(&packs, &of_rule, levels);
                let all = standings(&packs, &[], &[cloud], &tallies).unwrap();
                assert!(all.iter().all(|s| s.state != State::Contradicted));
                let shown = all.into_iter().filter(|s| s.state == State::Shown);
                shown.map(|s| s.control).collect()
            };
            let alone = all_well(&packs, &of_rule, &[below]);
            let (mut weaker, mut unseen) = (0, 0);
            for s in standings(&packs, &[], &[cloud], &alone).unwrap() {
                let telling = || s.rules.iter().filter(|r| r.strength > Strength::Context);
                let is_above = |rule: &str| above.contains(&of_rule[rule].as_str());
                if !telling().any(|r| is_above(&r.rule)) {
                    continue;
                }
                assert_ne!(s.state, State::Shown, "{cloud} {}", s.control);
                weaker += u64::from(s.state == State::PartlyShown);
                if telling().all(|r| is_above(&r.rule)) {
                    let settled = matches!(s.state, State::HumanOnly | State::Inherited);
                    assert!(
                        settled || s.state == State::NotSeen,
                        "{cloud} {}",
                        s.control
                    );
                    unseen += 1;
                }
            }
            assert!(weaker > 0 && unseen > 0, "{cloud}: {weaker}, {unseen}");
            let everywhere: Vec<&str> = above.iter().copied().chain([below]).collect();
            let (more, less) = (shown(&everywhere), shown(&[below]));
            assert!(
                more.is_superset(&less) && more.len() > less.len(),
                "{cloud}"
            );
        }
    }
}
