//! Where a control of the catalogue stands.

use serde::{Deserialize, Serialize};

/// How far cloud settings can show a control at all.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Reach {
    /// Settings can show it whole.
    Full,
    /// Settings show a part; people show the rest.
    Part,
    /// Only people, documents or records show it.
    HumanOnly,
    /// It is carried over from the provider underneath.
    Inherited,
}

/// How a rule's result bears on a control.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Strength {
    /// Background; never moves the standing.
    Context,
    /// Supports the control without stating it.
    Supports,
    /// States the fact that the control asks for.
    States,
}

/// The standing of a control after a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum State {
    /// A result speaks against it.
    Contradicted,
    /// Some of what bears on it was seen as expected, some was not seen.
    PartlyShown,
    /// Nothing that bears on it was seen (not read, or nothing there to read).
    NotSeen,
    /// All that settings can show of it was seen as expected.
    Shown,
    /// Carried over.
    Inherited,
    /// Not for settings.
    HumanOnly,
}

/// One rule's weight in a standing, summed over all scopes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RuleStanding {
    /// Rule id.
    pub rule: String,
    /// How it bears.
    pub strength: Strength,
    /// Scopes whose population is whole, and all scopes.
    pub scopes_complete: u64,
    /// All scopes asked; 0 where the rule was not part of the run.
    pub scopes: u64,
    /// Resources enumerated.
    pub enumerated: u64,
    /// Passed.
    pub pass: u64,
    /// Failed.
    pub fail: u64,
    /// Unknown.
    pub unknown: u64,
    /// Excepted.
    pub excepted: u64,
    /// Not applicable.
    pub not_applicable: u64,
}

/// A control id and where it stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Standing {
    /// Catalogue id.
    pub control: String,
    /// Catalogue edition, `2024-07`.
    pub edition: String,
    /// How far settings reach.
    pub reach: Reach,
    /// Where it stands.
    pub state: State,
    /// The rules it rests on.
    pub rules: Vec<RuleStanding>,
}
