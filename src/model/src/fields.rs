//! The shape of a resource type's settings, for checks at load time.

use indexmap::IndexMap;
use serde::{Deserialize, Serialize};

/// What a setting can be, as far as the provider's model tells.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// Not modelled (a JSON document, a recursive shape): every path is allowed.
    #[default]
    Any,
    /// true or false.
    Bool,
    /// A whole number.
    Int,
    /// A number.
    Float,
    /// Text.
    Str,
    /// A moment, as RFC 3339 text.
    Time,
    /// A list of one kind.
    List(Box<Kind>),
    /// A map from free keys to one kind.
    Map(Box<Kind>),
    /// Named members.
    Object(IndexMap<String, Kind>),
}

impl Kind {
    /// The kind at `path` (dot-separated member names, `[]` after a list).
    /// `None` where the path does not exist.
    pub fn at(&self, path: &str) -> Option<&Kind> {
        path.split('.')
            .filter(|p| !p.is_empty())
            .try_fold(self, |k, part| {
                let (name, lists) = match part.find('[') {
                    Some(i) => (&part[..i], part[i..].matches("[]").count()),
                    None => (part, 0),
                };
                let mut k = if name.is_empty() { k } else { k.member(name)? };
                for _ in 0..lists {
                    k = match k {
                        Kind::List(e) => e,
                        Kind::Any => k,
                        _ => return None,
                    };
                }
                Some(k)
            })
    }

    /// The kind of the member `name`; `None` where there is none.
    pub fn member(&self, name: &str) -> Option<&Kind> {
        match self {
            Kind::Any => Some(self),
            Kind::Object(m) => m.get(name),
            Kind::Map(v) => Some(v),
            _ => None,
        }
    }
}

/// What is known of one resource type before anything is read.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct TypeInfo {
    /// The members of `settings`.
    pub settings: Kind,
    /// Those first-level members of `settings` that are parts: read by calls of
    /// their own, and only when a rule asks. A part that a stored resource
    /// names neither in `sources` nor in `unseen` was never asked for.
    pub parts: Vec<String>,
}
