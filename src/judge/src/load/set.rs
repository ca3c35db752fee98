//! All rules of a run.

use super::cases::verdict_name;
use super::rule::{self, Rule};
use crate::judge::decide;
use shoseki_model::{Diagnostic, TypeInfo};
use std::collections::HashMap;
use std::sync::Arc;

/// Rules that passed every check, in the order of their ids.
#[derive(Clone, Debug, Default)]
pub struct RuleSet {
    rules: Vec<Arc<Rule>>,
    types: Arc<HashMap<String, TypeInfo>>,
}

impl RuleSet {
    /// The rules, in the order of their ids.
    pub fn iter(&self) -> impl Iterator<Item = &Arc<Rule>> {
        self.rules.iter()
    }

    /// The rule with this id.
    pub fn get(&self, id: &str) -> Option<&Arc<Rule>> {
        let i = self
            .rules
            .binary_search_by(|r| r.id.as_str().cmp(id))
            .ok()?;
        self.rules.get(i)
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.rules.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.rules.is_empty()
    }

    /// The same set with the rules that `keep` names.
    #[must_use]
    pub fn select(&self, keep: impl Fn(&Rule) -> bool) -> Self {
        Self {
            rules: self.rules.iter().filter(|r| keep(r)).cloned().collect(),
            types: Arc::clone(&self.types),
        }
    }

    /// What is known of a resource type that a rule judges.
    pub fn type_info(&self, name: &str) -> Option<&TypeInfo> {
        self.types.get(name)
    }

    /// Runs the examples of all rules; one diagnostic for each that does not
    /// come out as it says.
    pub fn run_cases(&self) -> Vec<Diagnostic> {
        let mut out = Vec::new();
        for r in &self.rules {
            let Some(info) = self.types.get(&r.resource) else {
                continue;
            };
            for (i, c) in r.cases.iter().enumerate() {
                let d = decide(r, &c.resource, info, c.now);
                if d.verdict == c.expect {
                    continue;
                }
                let m = format!(
                    "case {} gives `{}`, not `{}`",
                    i + 1,
                    verdict_name(d.verdict),
                    verdict_name(c.expect)
                );
                let said = Diagnostic::file(&r.source, "case-fails", m).at(c.line, c.column, 1);
                out.push(match d.words_en() {
                    Some(w) => said.help(w),
                    None => said,
                });
            }
        }
        out
    }
}

/// Loads rule files: (path below `rules/`, text). `types` holds what the
/// collectors yield. A file with an error gives diagnostics and no rule; the
/// diagnostics of all files come together, in the order of files and lines.
pub fn load(
    files: &[(String, String)],
    types: &HashMap<String, TypeInfo>,
) -> (RuleSet, Vec<Diagnostic>) {
    let mut errors = Vec::new();
    let mut rules: Vec<Arc<Rule>> = Vec::new();
    let mut seen: HashMap<String, String> = HashMap::new();
    for (path, text) in files {
        match rule::read(path, text, types) {
            Ok(r) => {
                if let Some(first) = seen.insert(r.id.clone(), path.clone()) {
                    let m = format!("the id `{}` is already that of {first}", r.id);
                    errors.push(Diagnostic::file(path, "duplicate-id", m));
                } else {
                    rules.push(Arc::new(r));
                }
            }
            Err(all) => errors.extend(all),
        }
    }
    rules.sort_by(|a, b| a.id.cmp(&b.id));
    errors.sort_by(|a, b| (&a.file, a.line, a.column).cmp(&(&b.file, b.line, b.column)));
    let types = rules
        .iter()
        .filter_map(|r| Some((r.resource.clone(), types.get(&r.resource)?.clone())))
        .collect();
    (
        RuleSet {
            rules,
            types: Arc::new(types),
        },
        errors,
    )
}
