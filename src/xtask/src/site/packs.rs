//! The data files that the reference is made of, loaded and checked.

use anyhow::{Context, Result, bail};
use shoseki_assess::{Catalogue, Mappings};
use shoseki_collect::{Collectors, Plan};
use shoseki_judge::{Rule, RuleSet};
use shoseki_model::Diagnostic;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Collectors, rules, the newest catalogue and its mappings.
pub struct Packs {
    /// What to read.
    pub collectors: Collectors,
    /// What should hold.
    pub rules: RuleSet,
    /// The control ids.
    pub catalogue: Catalogue,
    /// Which rule shows what of them.
    pub mappings: Mappings,
    by_type: BTreeMap<String, Vec<Arc<Rule>>>,
}

fn pairs(files: Vec<shoseki_data::File>) -> Vec<(String, String)> {
    files.into_iter().map(|f| (f.path, f.text)).collect()
}

fn sound(folder: &str, wrong: &[Diagnostic]) -> Result<()> {
    match wrong.first() {
        None => Ok(()),
        Some(d) => bail!(
            "{folder}/ has {} error(s), the first: {d}; see `shoseki lint`",
            wrong.len()
        ),
    }
}

impl Packs {
    /// Loads what the checkout holds.
    ///
    /// # Errors
    /// Whatever `shoseki lint` would refuse.
    pub fn load() -> Result<Self> {
        let (collectors, wrong) = shoseki_collect::load(
            &pairs(shoseki_data::collectors()),
            &[
                &shoseki_aws::Models,
                &shoseki_azure::Models,
                &shoseki_gcp::Models,
            ],
        );
        sound("collectors", &wrong)?;
        let files = pairs(shoseki_data::rules());
        let (rules, wrong) = shoseki_judge::load(&files, collectors.types());
        sound("rules", &wrong)?;
        let files = shoseki_data::mappings();
        let views: Vec<_> = files
            .iter()
            .map(|f| shoseki_assess::File {
                path: &f.path,
                text: &f.text,
            })
            .collect();
        let ids: Vec<&str> = rules.iter().map(|r| r.id.as_str()).collect();
        let (mut editions, wrong) = shoseki_assess::load_editions(&views, ids);
        sound("mappings", &wrong)?;
        let (catalogue, mappings) = editions.pop().context("mappings/ has no catalogue")?;
        let mut by_type: BTreeMap<String, Vec<Arc<Rule>>> = BTreeMap::new();
        for rule in rules.iter() {
            let of = by_type.entry(rule.resource.clone()).or_default();
            of.push(Arc::clone(rule));
        }
        Ok(Self {
            collectors,
            rules,
            catalogue,
            mappings,
            by_type,
        })
    }

    /// The rules that judge a type, by id.
    pub fn rules_of(&self, r#type: &str) -> &[Arc<Rule>] {
        self.by_type.get(r#type).map_or(&[], Vec::as_slice)
    }

    /// What a scan for this rule alone would read.
    pub fn plan(&self, rule: &Rule) -> Plan {
        let parts: BTreeSet<String> = rule.reads().parts.iter().cloned().collect();
        let demand = BTreeMap::from([(rule.resource.clone(), parts)]);
        shoseki_collect::plan(&self.collectors, &demand)
    }
}
