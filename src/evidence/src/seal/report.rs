//! What a check of seals says.

use super::manifest::Manifest;
use crate::check::Problem;
use shoseki_model::Text;

/// What a statement is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum About {
    /// The bundle's own bytes.
    Bundle,
    /// Who signed the manifest.
    Signature,
    /// When it was signed.
    TimeStamp,
    /// Every file is there as listed, and no other.
    Files,
    /// The Merkle root over files and records.
    Root,
    /// `run.json` against the records, the answers and the manifest.
    Run,
    /// Every exchange, gap and resource that is named is there; numbers add up.
    Links,
    /// Each pseudonym of a redacted run stands for one sealed value.
    Pseudonyms,
    /// Values that were disclosed are those that were sealed.
    Disclosed,
    /// The redacted form that is sealed too follows from the run.
    Redactable,
}

/// How far it is proven.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Proof {
    /// It holds.
    Proven,
    /// It could not be checked, or nothing is there to prove it.
    NotProven,
    /// It does not hold.
    Broken,
}

/// One statement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Statement {
    /// What it is about.
    pub about: About,
    /// How far it is proven.
    pub proof: Proof,
    /// In words.
    pub text: Text,
    /// The files that are not as they should be.
    pub problems: Vec<Problem>,
}

/// What a check of seals says.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SealReport {
    /// One for each [`About`] that applies.
    pub statements: Vec<Statement>,
    /// The manifest, where it can be read.
    pub manifest: Option<Manifest>,
    /// Whether this is a part of a run, which cannot be derived again.
    pub part: bool,
    /// Whether this is the redacted form of a run.
    pub redacted: bool,
    /// Id of the key that the seal names.
    pub key: Option<String>,
    /// The time that the time stamp states, RFC 3339 in UTC.
    pub stamped: Option<String>,
}

impl SealReport {
    /// Whether everything is proven.
    pub fn proven(&self) -> bool {
        self.worst() == Proof::Proven && !self.statements.is_empty()
    }

    /// The weakest of its statements.
    pub fn worst(&self) -> Proof {
        let all = self.statements.iter().map(|s| s.proof);
        all.max().unwrap_or(Proof::NotProven)
    }

    /// The statement about this, if there is one.
    pub fn about(&self, about: About) -> Option<&Statement> {
        self.statements.iter().find(|s| s.about == about)
    }

    pub(super) fn say(&mut self, about: About, proof: Proof, ja: &str, en: &str) {
        self.statements.push(Statement {
            about,
            proof,
            text: Text::new(ja, en),
            problems: Vec::new(),
        });
    }

    /// Proven where there is no problem, broken otherwise.
    pub(super) fn judge(
        &mut self,
        about: About,
        problems: Vec<Problem>,
        proven: (&str, &str),
        broken: (&str, &str),
    ) {
        let (proof, (ja, en)) = if problems.is_empty() {
            (Proof::Proven, proven)
        } else {
            (Proof::Broken, broken)
        };
        self.statements.push(Statement {
            about,
            proof,
            text: Text::new(ja, en),
            problems,
        });
    }
}

/// A problem with a file.
pub(super) fn problem(file: &str, message: impl Into<String>) -> Problem {
    Problem {
        file: file.to_owned(),
        message: message.into(),
    }
}
