//! What a provider states of its service, and what speaks against it.

use crate::Text;
use serde::{Deserialize, Serialize};

/// A text of the provider's: Japanese, and English where it is given.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Said {
    /// Japanese.
    pub ja: String,
    /// English.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub en: Option<String>,
}

impl Said {
    /// The text for a reader of English: Japanese where there is no other.
    pub fn en(&self) -> &str {
        self.en.as_deref().unwrap_or(&self.ja)
    }
}

/// What the statement is about.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct StatedScope {
    /// Services of clouds, as resource types begin: `aws.s3`.
    pub services: Vec<String>,
    /// Accounts.
    pub accounts: Vec<String>,
    /// Regions.
    pub regions: Vec<String>,
}

/// A change of a control within the period.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StatedChange {
    /// The day in Japan, `2026-08-01`.
    pub date: String,
    /// Before.
    pub before: Said,
    /// Since.
    pub after: Said,
}

/// What is stated of one control.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct StatedControl {
    /// Catalogue id.
    pub id: String,
    /// Whether it is adopted.
    pub adopted: bool,
    /// The provider's own concrete control.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub measure: Option<Said>,
    /// Why it is not adopted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<Said>,
    /// The registered service that it is carried over from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub inherited_from: Option<String>,
    /// Changes within the period.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub changes: Vec<StatedChange>,
    /// Line in its file.
    #[serde(skip)]
    pub line: u32,
}

/// A provider's statement (言明書), as its machine-readable copy has it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Statement {
    /// Edition of the criteria, `2024-07`.
    pub edition: String,
    /// What it is about.
    pub scope: StatedScope,
    /// First day of the audit period, in Japan.
    pub from: String,
    /// Last day.
    pub to: String,
    /// Promised time between scans: `12h`, `1d`, `1w`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scan_frequency: Option<String>,
    /// The controls, in the order of the file.
    pub controls: Vec<StatedControl>,
}

impl Statement {
    /// What is stated of a control.
    pub fn control(&self, id: &str) -> Option<&StatedControl> {
        self.controls.iter().find(|c| c.id == id)
    }
}

/// How much a difference between statement and sight matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Grade {
    /// What is stated and what is seen contradict each other.
    Error,
    /// Something is missing or was not seen.
    Warning,
    /// Worth knowing.
    Note,
}

/// One difference between a statement and what was seen.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Discrepancy {
    /// How much it matters.
    pub severity: Grade,
    /// Stable code in kebab-case.
    pub code: &'static str,
    /// The control.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub control: Option<String>,
    /// Account, region or service.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub subject: Option<String>,
    /// Line of the statement; 0 where it has none.
    pub line: u32,
    /// In words.
    pub text: Text,
    /// Whether it says that something was not seen.
    pub unseen: bool,
}
