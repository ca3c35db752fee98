//! The ids of one edition of the criteria, without their text.

use serde::{Deserialize, Serialize};
use shoseki_model::Diagnostic;
use std::collections::HashMap;

/// Which of the three bodies of criteria an id belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Tier {
    /// Governance requirements (chapter 3).
    Governance,
    /// Management requirements (chapter 4).
    Management,
    /// Control objectives and detailed controls (chapters 5 to 18).
    Control,
}

/// What stands at an id.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// A chapter of the governance requirements.
    Chapter,
    /// A section of the governance or management requirements.
    Section,
    /// A heading below a section there.
    Item,
    /// A requirement there.
    Requirement,
    /// A chapter of the controls.
    Domain,
    /// A section of the controls.
    Category,
    /// A control objective (three numbers).
    Objective,
    /// A detailed control (four numbers).
    Detailed,
}

/// What a detailed control asks of the provider.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Pattern {
    /// The provider does it itself.
    ProviderImplements,
    /// The provider gives its customers a function.
    ProviderOffersFunction,
    /// The provider tells its customers something.
    ProviderInforms,
}

/// The place in an international standard that an id points to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reference {
    /// `ISO/IEC 27002:2013`.
    pub standard: String,
    /// `9.2.3 d`.
    pub clause: String,
}

/// One id of the catalogue.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Control {
    /// The id with its suffix, `9.4.2.2.B`.
    pub id: String,
    /// The body of criteria.
    pub tier: Tier,
    /// How many numbers: 1 chapter, 2 section, 3 objective, 4 detailed.
    pub level: u8,
    /// What stands here.
    pub kind: Kind,
    /// The id above.
    pub parent: Option<String>,
    /// `P` special to cloud providers, `B` mandatory, `PB` both, or empty.
    pub suffix: String,
    /// Whether it must be adopted; `None` for headings.
    pub mandatory: Option<bool>,
    /// Where it comes from.
    pub reference: Option<Reference>,
    /// What it asks of the provider.
    pub pattern: Option<Pattern>,
}

#[derive(Deserialize)]
struct File {
    edition: String,
    controls: Vec<Control>,
}

/// All ids of one edition, in the order of the criteria.
#[derive(Clone, Debug)]
pub struct Catalogue {
    /// The edition, `2024-07`.
    pub edition: String,
    controls: Vec<Control>,
    index: HashMap<String, usize>,
    children: HashMap<String, Vec<usize>>,
}

impl Catalogue {
    /// Reads a catalogue file. `path` is named in errors.
    ///
    /// # Errors
    /// The text is not JSON of this form (`syntax`), an id stands twice
    /// (`duplicate-control`), a parent is missing (`unknown-control`), or the
    /// edition is not the one in the file name (`wrong-edition`).
    pub fn load(path: &str, text: &str) -> Result<Self, Diagnostic> {
        let file: File = serde_json::from_str(text).map_err(|e| {
            let narrow = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
            Diagnostic::file(path, "syntax", e.to_string()).at(
                narrow(e.line()),
                narrow(e.column().max(1)),
                1,
            )
        })?;
        let named = path.rsplit('/').next().unwrap_or(path);
        if named != format!("catalogue-{}.json", file.edition) {
            return Err(Diagnostic::file(
                path,
                "wrong-edition",
                format!("the file holds edition {}", file.edition),
            )
            .help(format!("name it catalogue-{}.json", file.edition)));
        }
        let mut index = HashMap::new();
        for (i, c) in file.controls.iter().enumerate() {
            if index.insert(c.id.clone(), i).is_some() {
                return Err(Diagnostic::file(
                    path,
                    "duplicate-control",
                    format!("{} stands twice", c.id),
                ));
            }
        }
        let mut children: HashMap<String, Vec<usize>> = HashMap::new();
        for (i, c) in file.controls.iter().enumerate() {
            if let Some(p) = &c.parent {
                if !index.contains_key(p) {
                    return Err(Diagnostic::file(
                        path,
                        "unknown-control",
                        format!("{} has the parent {p}, which is not in the file", c.id),
                    ));
                }
                children.entry(p.clone()).or_default().push(i);
            }
        }
        Ok(Self {
            edition: file.edition,
            controls: file.controls,
            index,
            children,
        })
    }

    /// Every id, in the order of the criteria.
    pub fn controls(&self) -> &[Control] {
        &self.controls
    }

    /// The control of this id.
    pub fn get(&self, id: &str) -> Option<&Control> {
        self.index.get(id).map(|i| &self.controls[*i])
    }

    /// Where an id stands in the order of the criteria.
    pub fn position(&self, id: &str) -> Option<usize> {
        self.index.get(id).copied()
    }

    /// The ids right below `id`, in order.
    pub fn children(&self, id: &str) -> impl Iterator<Item = &Control> {
        self.children
            .get(id)
            .into_iter()
            .flatten()
            .map(|i| &self.controls[*i])
    }

    /// The ids from the chapter down to the parent of `id`.
    pub fn ancestors(&self, id: &str) -> Vec<&Control> {
        let mut out = Vec::new();
        let mut at = self.get(id).and_then(|c| c.parent.as_deref());
        while let Some(c) = at.and_then(|p| self.get(p)) {
            // A catalogue with a ring would never end.
            if out.len() > 8 {
                break;
            }
            at = c.parent.as_deref();
            out.push(c);
        }
        out.reverse();
        out
    }

    /// The section (`9.4`) that an id belongs to, itself included.
    pub fn section_of(&self, id: &str) -> Option<&Control> {
        let c = self.get(id)?;
        if c.level == 2 {
            return Some(c);
        }
        self.ancestors(id).into_iter().find(|a| a.level == 2)
    }

    /// The control objectives (three numbers of chapters 5 to 18), in order.
    pub fn objectives(&self) -> impl Iterator<Item = &Control> {
        self.controls.iter().filter(|c| c.kind == Kind::Objective)
    }

    /// The id that a person most likely meant: the same numbers with their
    /// suffix, or the most similar one.
    pub fn suggest(&self, id: &str) -> Option<&str> {
        let bare = |s: &str| s.trim_end_matches(|c: char| !c.is_ascii_digit()).to_owned();
        let wanted = bare(id);
        self.controls
            .iter()
            .map(|c| c.id.as_str())
            .find(|c| !wanted.is_empty() && bare(c) == wanted)
            .or_else(|| crate::yaml::nearest(id, self.controls.iter().map(|c| c.id.as_str())))
    }
}
