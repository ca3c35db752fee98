//! What was to be read of an account and never came to an end: no rule may take
//! the rest for the whole.

use shoseki_collect::{Plan, Scope};
use shoseki_model::{Cause, Gap, Population, Target, short_id};
use std::collections::{BTreeMap, HashSet};

/// Populations that nobody told, as not whole, with the gaps that say why.
/// `missed`: account → id of the gap that says why it was not reached.
pub fn missing(
    plan: &Plan,
    targets: &[Target],
    told: &[Population],
    missed: &BTreeMap<String, String>,
) -> (Vec<Gap>, Vec<Population>) {
    let known: HashSet<(&str, &str, &str)> = told
        .iter()
        .map(|p| (p.r#type.as_str(), p.account.as_str(), p.region.as_str()))
        .collect();
    let (mut gaps, mut populations) = (Vec::new(), Vec::new());
    for t in targets {
        for planned in &plan.at(&t.cloud, &t.level).types {
            let scopes: Vec<&str> = match planned.scope {
                Scope::Global => vec!["global"],
                Scope::Region => t.regions.iter().map(String::as_str).collect(),
            };
            for region in scopes {
                let kind = planned.r#type.as_str();
                if known.contains(&(kind, t.account.as_str(), region)) {
                    continue;
                }
                let gap = missed.get(&t.account).cloned().unwrap_or_else(|| {
                    let g = never_ended(t, planned, region);
                    let id = g.id.clone();
                    gaps.push(g);
                    id
                });
                populations.push(Population {
                    r#type: kind.to_owned(),
                    cloud: t.cloud.clone(),
                    account: t.account.clone(),
                    region: region.to_owned(),
                    count: 0,
                    complete: false,
                    query: Vec::new(),
                    gaps: vec![gap],
                });
            }
        }
    }
    (gaps, populations)
}

fn never_ended(t: &Target, planned: &shoseki_collect::PlannedType, region: &str) -> Gap {
    let (call, permissions) = match &planned.list {
        Some(l) => (l.call.clone(), l.permissions.clone()),
        None => (String::new(), Vec::new()),
    };
    let kind = planned.r#type.as_str();
    Gap {
        id: short_id("g", &[&t.cloud, &t.account, region, &call, kind, "", ""]),
        cause: Cause::Cancelled,
        cloud: t.cloud.clone(),
        account: t.account.clone(),
        region: region.to_owned(),
        call,
        permissions,
        r#type: kind.to_owned(),
        resource: None,
        part: None,
        read: Some(0),
        error: None,
        exchange: None,
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests stop at the first surprise")]
    use super::*;
    use shoseki_model::{State, Tally};

    fn target(account: &str) -> Target {
        Target {
            cloud: "aws".into(),
            account: account.into(),
            level: "account".into(),
            name: None,
            partition: "aws".into(),
            regions: vec!["ap-northeast-1".into(), "us-east-1".into()],
            regions_left_out: Vec::new(),
            caller: shoseki_model::Caller::default(),
            endpoint: None,
        }
    }

    #[test]
    fn an_account_that_was_not_reached_keeps_every_control_from_being_shown() {
        let packs = crate::packs::load(&crate::args::Common::default()).unwrap();
        let plan = shoseki_collect::plan(&packs.collectors, &crate::select::demand(&packs.rules));
        let mut told = Vec::new();
        let targets = [target("111111111111"), target("222222222222")];
        // All of the first account is there, whole, with one resource each.
        let (_, all) = missing(&plan, &targets[..1], &[], &BTreeMap::new());
        for mut p in all {
            p.complete = true;
            p.count = 1;
            told.push(p);
        }
        let missed = BTreeMap::from([("222222222222".to_owned(), "gone".to_owned())]);
        let (gaps, made) = missing(&plan, &targets, &told, &missed);
        assert!(gaps.is_empty());
        assert_eq!(made.len(), told.len());
        assert!(
            made.iter()
                .all(|p| !p.complete && p.gaps == ["gone"] && p.account == "222222222222")
        );
        let shown = |all: &[Population]| {
            let mut tallies = Vec::new();
            for r in packs.rules.iter().filter(|r| r.id.starts_with("aws.")) {
                for p in all.iter().filter(|p| p.r#type == r.resource) {
                    tallies.push(Tally {
                        rule: r.id.clone(),
                        r#type: p.r#type.clone(),
                        account: p.account.clone(),
                        region: p.region.clone(),
                        enumerated: p.count,
                        complete: p.complete,
                        pass: p.count,
                        ..Tally::default()
                    });
                }
            }
            let standings = crate::select::standings(&packs, &[], &["aws"], &tallies).unwrap();
            standings.iter().filter(|s| s.state == State::Shown).count()
        };
        assert!(shown(&told) > 0);
        told.extend(made);
        assert_eq!(shown(&told), 0);
    }

    #[test]
    fn a_population_that_nobody_told_is_a_gap() {
        let packs = crate::packs::load(&crate::args::Common::default()).unwrap();
        let plan = shoseki_collect::plan(&packs.collectors, &crate::select::demand(&packs.rules));
        let targets = [target("111111111111")];
        let (gaps, made) = missing(&plan, &targets, &[], &BTreeMap::new());
        assert_eq!(gaps.len(), made.len());
        let (gaps, rest) = missing(&plan, &targets, &made[1..], &BTreeMap::new());
        assert_eq!((gaps.len(), &rest[0]), (1, &made[0]));
    }
}
