//! The checks over all mapping files of an edition together.

use crate::catalogue::{Catalogue, Control};
use crate::mapping::{Entry, Evidence, Mappings};
use crate::yaml::Place;
use shoseki_model::{Diagnostic, Reach, Strength};
use std::collections::HashMap;

/// Evidence that a file adds to an entry that stands elsewhere.
pub(crate) struct Addition {
    pub(crate) id: String,
    pub(crate) evidence: Vec<Evidence>,
    pub(crate) file: String,
    pub(crate) place: Place,
}

/// Puts additions where they belong, whatever the order of the files was.
pub(crate) fn add(m: &mut Mappings, added: Vec<Addition>, errors: &mut Vec<Diagnostic>) {
    for a in added {
        let say = |code, message: String| a.place.mark(Diagnostic::file(&a.file, code, message));
        let Some(entry) = m.index.get(&a.id).map(|i| &mut m.entries[*i]) else {
            let message = format!("{} has no entry to add evidence to", a.id);
            errors.push(
                say("missing-entry", message).help("give it label, reach and remains as well"),
            );
            continue;
        };
        if matches!(entry.reach, Reach::HumanOnly | Reach::Inherited) {
            let message = format!("{} is out of reach of settings", a.id);
            errors.push(say("evidence-out-of-reach", message));
            continue;
        }
        for v in a.evidence {
            if entry.evidence.iter().any(|e| e.rule == v.rule) {
                let message = format!("{} names {} already", a.id, v.rule);
                errors.push(say("duplicate-rule", message));
            } else {
                entry.evidence.push(v);
            }
        }
    }
}

/// The checks over all files together, and the indexes.
pub(crate) fn finish(
    mut m: Mappings,
    mut errors: Vec<Diagnostic>,
    catalogue: &Catalogue,
) -> (Mappings, Vec<Diagnostic>) {
    m.entries.sort_by_key(|e| catalogue.position(&e.id));
    m.index = m
        .entries
        .iter()
        .enumerate()
        .map(|(i, e)| (e.id.clone(), i))
        .collect();
    for (i, e) in m.entries.iter().enumerate() {
        for (j, v) in e.evidence.iter().enumerate() {
            m.by_rule.entry(v.rule.clone()).or_default().push((i, j));
        }
    }
    for o in catalogue.objectives() {
        if !m.index.contains_key(&o.id) {
            errors.push(missing(o, catalogue));
        }
    }
    let below = backed_parents(catalogue, &m.entries);
    for e in &m.entries {
        let child = below.get(e.id.as_str());
        match e.reach {
            Reach::Full | Reach::Part if !e.is_backed() && child.is_none() => {
                let message = format!("{} can be shown by settings, but no rule does", e.id);
                m.unbacked.push(e.say("no-evidence", message));
            }
            Reach::HumanOnly | Reach::Inherited => {
                if let Some(child) = child {
                    let message = format!(
                        "{} is out of reach of settings, but {child} has evidence",
                        e.id
                    );
                    errors.push(
                        e.say("evidence-out-of-reach", message)
                            .help("set the reach to part, or take the evidence away"),
                    );
                }
            }
            _ => {}
        }
    }
    errors.sort();
    (m, errors)
}

impl Entry {
    /// Some rule moves its standing.
    fn is_backed(&self) -> bool {
        self.evidence.iter().any(|v| v.strength > Strength::Context)
    }

    fn say(&self, code: &'static str, message: String) -> Diagnostic {
        self.place.mark(Diagnostic::file(&self.file, code, message))
    }
}

fn missing(objective: &Control, catalogue: &Catalogue) -> Diagnostic {
    let section = catalogue
        .section_of(&objective.id)
        .map_or("", |s| s.id.as_str());
    Diagnostic::file(
        format!("{}/{section}.yaml", catalogue.edition),
        "missing-objective",
        format!("the objective {} has no entry", objective.id),
    )
    .help("add it with id, label, reach and remains")
}

/// Parents of which some child is backed by rules, with that child.
fn backed_parents<'a>(catalogue: &'a Catalogue, entries: &'a [Entry]) -> HashMap<&'a str, &'a str> {
    entries
        .iter()
        .filter(|e| e.is_backed())
        .filter_map(|e| {
            let parent = catalogue.get(&e.id)?.parent.as_deref()?;
            Some((parent, e.id.as_str()))
        })
        .collect()
}
