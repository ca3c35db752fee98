//! Verdicts counted over scopes, and held against the populations.

use crate::load::RuleSet;
use shoseki_model::{Finding, Population, Resource, Tally, Verdict};
use std::collections::{BTreeMap, HashMap};
use thiserror::Error;

/// Why counts and populations do not fit together. All of these are errors of
/// the program, not of the cloud.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum TallyError {
    /// Findings of a scope that has no population.
    #[error("{rule}: {count} findings in {account}/{region}, which has no population")]
    NoPopulation {
        /// Rule id.
        rule: String,
        /// Account.
        account: String,
        /// Region.
        region: String,
        /// Findings.
        count: u64,
    },
    /// The five counts do not add up to the population.
    #[error("{rule}: {counted} findings for a population of {enumerated} in {account}/{region}")]
    Sum {
        /// Rule id.
        rule: String,
        /// Account.
        account: String,
        /// Region.
        region: String,
        /// Findings.
        counted: u64,
        /// Resources in the population.
        enumerated: u64,
    },
    /// Two populations of one type and scope.
    #[error("two populations of {type} in {account}/{region}")]
    TwoPopulations {
        /// Resource type.
        r#type: String,
        /// Account.
        account: String,
        /// Region.
        region: String,
    },
    /// A finding of a rule that is not in the set.
    #[error("a finding of the unknown rule {0}")]
    UnknownRule(String),
}

#[derive(Clone, Copy, Debug, Default)]
struct Counts {
    pass: u64,
    fail: u64,
    unknown: u64,
    excepted: u64,
    not_applicable: u64,
}

impl Counts {
    fn sum(&self) -> u64 {
        self.pass + self.fail + self.unknown + self.excepted + self.not_applicable
    }
}

/// Counts per rule and scope while findings stream by.
#[derive(Clone, Debug)]
pub struct Tallies {
    /// Rule id → resource type, in the order of ids.
    rules: BTreeMap<String, String>,
    /// (account, region) → rule id → counts.
    counts: BTreeMap<(String, String), HashMap<String, Counts>>,
    unknown_rule: Option<String>,
}

impl Tallies {
    /// Empty counts for these rules.
    pub fn new(rules: &RuleSet) -> Self {
        Self {
            rules: rules
                .iter()
                .map(|r| (r.id.clone(), r.resource.clone()))
                .collect(),
            counts: BTreeMap::new(),
            unknown_rule: None,
        }
    }

    /// Counts the findings on a resource in the scope of the population that
    /// enumerated it, which the resource's own region need not be.
    pub fn add(&mut self, resource: &Resource, findings: &[Finding]) {
        let scope = (resource.account.clone(), resource.scope.clone());
        let counts = self.counts.entry(scope).or_default();
        for f in findings {
            if !self.rules.contains_key(&f.rule) {
                self.unknown_rule.get_or_insert_with(|| f.rule.clone());
                continue;
            }
            let c = match counts.get_mut(&f.rule) {
                Some(c) => c,
                None => counts.entry(f.rule.clone()).or_default(),
            };
            match f.verdict {
                Verdict::Fail if f.excepted.is_some() => c.excepted += 1,
                Verdict::Pass => c.pass += 1,
                Verdict::Fail => c.fail += 1,
                Verdict::Unknown => c.unknown += 1,
                Verdict::NotApplicable => c.not_applicable += 1,
            }
        }
    }

    /// One tally for each rule and each population of its type, in the order of
    /// rule, account, region.
    ///
    /// # Errors
    /// Where the counts do not add up to the population.
    pub fn finish(mut self, populations: &[Population]) -> Result<Vec<Tally>, TallyError> {
        if let Some(rule) = self.unknown_rule {
            return Err(TallyError::UnknownRule(rule));
        }
        let mut by_type: BTreeMap<&str, BTreeMap<(&str, &str), &Population>> = BTreeMap::new();
        for p in populations {
            let scopes = by_type.entry(&p.r#type).or_default();
            if scopes.insert((&p.account, &p.region), p).is_some() {
                return Err(TallyError::TwoPopulations {
                    r#type: p.r#type.clone(),
                    account: p.account.clone(),
                    region: p.region.clone(),
                });
            }
        }
        let mut out = Vec::new();
        for (rule, kind) in &self.rules {
            for p in by_type
                .get(kind.as_str())
                .into_iter()
                .flat_map(BTreeMap::values)
            {
                let scope = (p.account.clone(), p.region.clone());
                let counts = self.counts.get_mut(&scope).and_then(|c| c.remove(rule));
                out.push(tally(rule, p, counts.unwrap_or_default())?);
            }
        }
        match left(&self.counts) {
            Some(e) => Err(e),
            None => Ok(out),
        }
    }
}

fn tally(rule: &str, p: &Population, c: Counts) -> Result<Tally, TallyError> {
    if c.sum() != p.count {
        return Err(TallyError::Sum {
            rule: rule.to_owned(),
            account: p.account.clone(),
            region: p.region.clone(),
            counted: c.sum(),
            enumerated: p.count,
        });
    }
    Ok(Tally {
        rule: rule.to_owned(),
        r#type: p.r#type.clone(),
        account: p.account.clone(),
        region: p.region.clone(),
        enumerated: p.count,
        complete: p.complete,
        pass: c.pass,
        fail: c.fail,
        unknown: c.unknown,
        excepted: c.excepted,
        not_applicable: c.not_applicable,
        gaps: p.gaps.clone(),
    })
}

/// Findings that no population claimed.
fn left(counts: &BTreeMap<(String, String), HashMap<String, Counts>>) -> Option<TallyError> {
    counts.iter().find_map(|((account, region), rules)| {
        let (rule, c) = rules.iter().min_by(|a, b| a.0.cmp(b.0))?;
        Some(TallyError::NoPopulation {
            rule: rule.clone(),
            account: account.clone(),
            region: region.clone(),
            count: c.sum(),
        })
    })
}
