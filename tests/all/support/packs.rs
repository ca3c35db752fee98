//! The product's data files, loaded.

use shoseki_assess::{Catalogue, Mappings};
use shoseki_collect::{Collectors, Plan};
use shoseki_judge::RuleSet;
use std::collections::{BTreeMap, BTreeSet};

/// Collectors, rules and mappings.
pub struct Packs {
    /// What to read.
    pub collectors: Collectors,
    /// What should hold.
    pub rules: RuleSet,
    /// The newest catalogue.
    pub catalogue: Catalogue,
    /// Its mappings.
    pub mappings: Mappings,
}

fn pairs(files: Vec<shoseki_data::File>) -> Vec<(String, String)> {
    files.into_iter().map(|f| (f.path, f.text)).collect()
}

/// Loads all of them; they must be sound.
pub fn load() -> Packs {
    let (collectors, wrong) = shoseki_collect::load(
        &pairs(shoseki_data::collectors()),
        &[
            &shoseki_aws::Models,
            &shoseki_azure::Models,
            &shoseki_gcp::Models,
        ],
    );
    assert!(wrong.is_empty(), "{wrong:?}");
    let (rules, wrong) = shoseki_judge::load(&pairs(shoseki_data::rules()), collectors.types());
    assert!(wrong.is_empty(), "{wrong:?}");
    let files = shoseki_data::mappings();
    let views: Vec<_> = files
        .iter()
        .map(|f| shoseki_assess::File {
            path: &f.path,
            text: &f.text,
        })
        .collect();
    let ids: Vec<String> = rules.iter().map(|r| r.id.clone()).collect();
    let (mut editions, wrong) =
        shoseki_assess::load_editions(&views, ids.iter().map(String::as_str));
    assert!(wrong.is_empty(), "{wrong:?}");
    let (catalogue, mappings) = editions.pop().unwrap();
    Packs {
        collectors,
        rules,
        catalogue,
        mappings,
    }
}

impl Packs {
    /// The plan for the rules that `keep` says.
    pub fn plan(&self, keep: impl Fn(&shoseki_judge::Rule) -> bool) -> Plan {
        let mut demand: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        for rule in self.rules.select(keep).iter() {
            let parts = demand.entry(rule.resource.clone()).or_default();
            parts.extend(rule.reads().parts.iter().cloned());
        }
        shoseki_collect::plan(&self.collectors, &demand)
    }

    /// Calls that enumerate a type: its own and those of its parents.
    pub fn enumerating(&self, r#type: &str) -> BTreeSet<String> {
        let mut calls = BTreeSet::new();
        let mut next = self.collectors.get(r#type);
        while let Some(query) = next.and_then(|c| c.list.query.as_ref()) {
            calls.insert(query.call.name());
            next = query
                .over
                .as_ref()
                .and_then(|over| self.collectors.get(&over.value));
        }
        calls
    }

    /// Calls that a part needs: its own, the preparing one, and those of the
    /// parts that it looks into.
    pub fn calls_of_part(&self, r#type: &str, part: &str) -> BTreeSet<String> {
        let mut calls = BTreeSet::new();
        let Some(c) = self.collectors.get(r#type) else {
            return calls;
        };
        let mut open: Vec<&str> = vec![part];
        while let Some(name) = open.pop() {
            let Some(p) = c.parts.get(name) else { continue };
            calls.insert(p.call.name());
            calls.extend(p.prepare.iter().map(|x| x.call.name()));
            open.extend(c.needs(p).iter().map(|n| n.name.value.as_str()));
        }
        calls
    }

    /// Types for whose population or parts a call is made.
    pub fn types_of(&self, call: &str) -> BTreeSet<String> {
        let plan = self.plan(|_| true);
        let parts = |t: &shoseki_collect::PlannedType| {
            t.parts
                .iter()
                .flat_map(|p| &p.calls)
                .any(|c| c.call == call)
        };
        plan.types
            .iter()
            .filter(|t| self.enumerating(&t.r#type).contains(call) || parts(t))
            .map(|t| t.r#type.clone())
            .collect()
    }
}
