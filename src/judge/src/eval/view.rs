//! A resource as the evaluator reads it: what was seen, and what was not.

use super::node::Path;
use super::value::{Undef, Unseen, V};
use serde_json::Value;
use shoseki_model::{Resource, TypeInfo};

/// Stands for a gap's id where nobody asked.
pub(crate) const NOT_ASKED: &str = "not-asked";

/// A resource with the state of its parts looked up once for all rules.
pub(crate) struct View<'a> {
    pub resource: &'a Resource,
    parts: &'a [String],
    /// For each part of the type: the gap that hides it.
    hidden: Vec<Option<&'a str>>,
}

impl<'a> View<'a> {
    pub fn new(resource: &'a Resource, info: &'a TypeInfo) -> Self {
        let hidden = info
            .parts
            .iter()
            .map(|p| match resource.unseen.get(p) {
                Some(gap) => Some(gap.as_str()),
                None if resource.sources.contains_key(p) => None,
                None => Some(NOT_ASKED),
            })
            .collect();
        Self {
            resource,
            parts: &info.parts,
            hidden,
        }
    }

    /// Whether the first member `name` is read by a call of its own.
    pub fn is_part(&self, name: &str) -> bool {
        self.parts.iter().any(|p| p == name)
    }

    /// The gap that hides the first member `name`.
    pub fn gap(&self, name: &str) -> Option<&'a str> {
        if let Some(i) = self.parts.iter().position(|p| p == name) {
            return self.hidden[i];
        }
        self.listed_gap(name)
    }

    /// The gap of a member that is no part of the type: none of its own unless
    /// the resource says so; the empty name stands for the list item itself.
    fn listed_gap(&self, name: &str) -> Option<&'a str> {
        let unseen = &self.resource.unseen;
        if unseen.is_empty() {
            return None;
        }
        unseen
            .get(name)
            .or_else(|| unseen.get(""))
            .map(String::as_str)
    }

    /// What is at a path: `Err` where it was not seen, `Ok(None)` where it is absent.
    pub fn look(&self, path: &Path) -> Result<V<'a>, V<'a>> {
        let gap = match path.part {
            Some(i) => self.hidden[i],
            None => self.listed_gap(&path.first),
        };
        if let Some(gap) = gap {
            return Err(unseen(path.text.to_string(), gap));
        }
        let mut at = match self.resource.settings.get(&*path.first) {
            Some(v) => v,
            None => return Ok(V::Null),
        };
        for (i, name) in path.rest.iter().enumerate() {
            at = match at {
                Value::Object(m) => match m.get(&**name) {
                    Some(v) => v,
                    None => return Ok(V::Null),
                },
                Value::Null => return Ok(V::Null),
                other => {
                    let so_far = path.rest[..i]
                        .iter()
                        .fold(format!("settings.{}", path.first), |s, n| {
                            format!("{s}.{n}")
                        });
                    return Err(super::run::no_member(&V::of(other), name, &so_far));
                }
            };
        }
        Ok(V::of(at))
    }

    /// A first member whose name was computed.
    pub fn first(&self, name: &str) -> V<'a> {
        match self.gap(name) {
            Some(gap) => unseen(format!("settings.{name}"), gap),
            None => self.resource.settings.get(name).map_or(V::Null, V::of),
        }
    }

    /// `settings` as a whole: seen only where every part of it was.
    pub fn whole(&self) -> V<'a> {
        let parts = self.parts.iter().zip(&self.hidden);
        let mut all: Vec<Unseen> = parts
            .filter_map(|(p, h)| h.map(|gap| hidden(format!("settings.{p}"), gap)))
            .collect();
        for (name, gap) in &self.resource.unseen {
            if !self.parts.contains(name) {
                let dot = if name.is_empty() { "" } else { "." };
                all.push(hidden(format!("settings{dot}{name}"), gap));
            }
        }
        if all.is_empty() {
            return V::Object(&self.resource.settings);
        }
        V::Undef(Box::new(Undef {
            unseen: all,
            errors: Vec::new(),
        }))
    }
}

fn hidden(path: String, gap: &str) -> Unseen {
    Unseen {
        path,
        gap: gap.to_owned(),
    }
}

fn unseen<'a>(path: String, gap: &str) -> V<'a> {
    V::Undef(Box::new(Undef {
        unseen: vec![hidden(path, gap)],
        errors: Vec::new(),
    }))
}
