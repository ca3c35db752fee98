//! How much of the criteria the mappings speak about.

use crate::catalogue::Catalogue;
use crate::mapping::Mappings;
use crate::standing::bearing;
use serde::Serialize;
use shoseki_model::{Reach, Strength};

/// Counts over controls of one level.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct LevelCoverage {
    /// Ids in the catalogue.
    pub controls: u64,
    /// Of these, with an entry.
    pub entries: u64,
    /// Entries that settings can show whole.
    pub full: u64,
    /// In part.
    pub part: u64,
    /// Not at all.
    pub human_only: u64,
    /// Carried over.
    pub inherited: u64,
    /// Entries that some rule states, own evidence and children's.
    pub stated: u64,
    /// Entries that no rule states, but some rule supports.
    pub supported: u64,
}

/// How much of the criteria the mappings speak about.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Coverage {
    /// Objectives (three numbers) of chapters 5 to 18.
    pub objectives: LevelCoverage,
    /// Detailed controls (four numbers).
    pub detailed: LevelCoverage,
    /// Detailed controls that must be adopted.
    pub mandatory: LevelCoverage,
    /// Rules that some control names.
    pub rules: u64,
    /// Links from controls to rules.
    pub links: u64,
}

/// Counts entries, reach and evidence.
pub fn coverage(mappings: &Mappings, catalogue: &Catalogue) -> Coverage {
    let mut out = Coverage {
        rules: mappings.rules().count() as u64,
        links: mappings
            .entries()
            .iter()
            .map(|e| e.evidence.len() as u64)
            .sum(),
        ..Coverage::default()
    };
    for c in catalogue.controls() {
        if c.tier != crate::Tier::Control || c.level < 3 {
            continue;
        }
        if c.level == 3 {
            count(&mut out.objectives, &c.id, mappings, catalogue);
        } else {
            count(&mut out.detailed, &c.id, mappings, catalogue);
            if c.mandatory == Some(true) {
                count(&mut out.mandatory, &c.id, mappings, catalogue);
            }
        }
    }
    out
}

fn count(into: &mut LevelCoverage, id: &str, mappings: &Mappings, catalogue: &Catalogue) {
    into.controls += 1;
    let Some(entry) = mappings.get(id) else {
        return;
    };
    into.entries += 1;
    match entry.reach {
        Reach::Full => into.full += 1,
        Reach::Part => into.part += 1,
        Reach::HumanOnly => into.human_only += 1,
        Reach::Inherited => into.inherited += 1,
    }
    match bearing(entry, mappings, catalogue)
        .iter()
        .map(|b| b.1)
        .max()
    {
        Some(Strength::States) => into.stated += 1,
        Some(Strength::Supports) => into.supported += 1,
        _ => {}
    }
}
