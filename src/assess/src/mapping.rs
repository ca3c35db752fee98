//! What the mapping files say, once loaded.

use crate::yaml::Place;
use serde::Serialize;
use shoseki_model::{Diagnostic, Reach, Strength, Text};
use std::collections::{BTreeMap, HashMap};

/// A rule as evidence for a control.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Evidence {
    /// Rule id.
    pub rule: String,
    /// How it bears on the control.
    pub strength: Strength,
    /// What a pass shows, and what it does not.
    pub because: Text,
}

/// What a mapping file says of one control.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Entry {
    /// Control id.
    pub id: String,
    /// Our own short label.
    pub label: Text,
    /// How far cloud settings can show it.
    pub reach: Reach,
    /// What stays for people, why only people can show it, or from whom it is
    /// carried over; `None` only where the reach is full.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub remains: Option<Text>,
    /// Rules that bear on it, most telling first.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub evidence: Vec<Evidence>,
    #[serde(skip)]
    pub(crate) file: String,
    #[serde(skip)]
    pub(crate) place: Place,
}

/// A link from a rule back to a control that it bears on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Link<'a> {
    /// Control id.
    pub control: &'a str,
    /// How the rule bears on it.
    pub strength: Strength,
}

/// All mapping files of one edition.
#[derive(Clone, Debug, Default)]
pub struct Mappings {
    /// The edition, `2024-07`.
    pub edition: String,
    pub(crate) entries: Vec<Entry>,
    pub(crate) index: HashMap<String, usize>,
    pub(crate) titles: HashMap<String, Text>,
    pub(crate) by_rule: BTreeMap<String, Vec<(usize, usize)>>,
    pub(crate) unbacked: Vec<Diagnostic>,
}

impl Mappings {
    /// Every entry, in the order of the criteria.
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// The entry of a control.
    pub fn get(&self, id: &str) -> Option<&Entry> {
        self.index.get(id).map(|i| &self.entries[*i])
    }

    /// Our own label of a chapter, a section or a control.
    pub fn label(&self, id: &str) -> Option<&Text> {
        self.get(id)
            .map(|e| &e.label)
            .or_else(|| self.titles.get(id))
    }

    /// The controls that a rule bears on, in the order of the criteria.
    pub fn controls_of(&self, rule: &str) -> impl Iterator<Item = Link<'_>> {
        self.by_rule.get(rule).into_iter().flatten().map(|(e, v)| {
            let entry = &self.entries[*e];
            Link {
                control: &entry.id,
                strength: entry.evidence[*v].strength,
            }
        })
    }

    /// Every rule that some control names, sorted.
    pub fn rules(&self) -> impl Iterator<Item = &str> {
        self.by_rule.keys().map(String::as_str)
    }

    /// Controls that settings can show (`full`, `part`) but that no rule shows
    /// yet, neither here nor at a child. Not errors: the reach belongs to the
    /// control, the rules to the product, and such a control stands at
    /// `not-seen`. Code `no-evidence`.
    pub fn unbacked(&self) -> &[Diagnostic] {
        &self.unbacked
    }
}
