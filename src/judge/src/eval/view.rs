//! A resource as the evaluator reads it: what was seen, and what was not.

use super::node::Path;
use super::value::{Undef, Unseen, V, walk};
use serde_json::Value;
use shoseki_model::{Resource, TypeInfo};

/// Stands for a gap's id where nobody asked.
pub(crate) const NOT_ASKED: &str = "not-asked";

/// A resource with the state of its parts looked up once for all rules.
pub(crate) struct View<'a> {
    pub resource: &'a Resource,
    parts: &'a [String],
    /// For each part of the type: what stands there, or the gap that hides it.
    seen: Vec<Result<Option<&'a Value>, &'a str>>,
}

impl<'a> View<'a> {
    pub fn new(resource: &'a Resource, info: &'a TypeInfo) -> Self {
        let seen = info
            .parts
            .iter()
            .map(|p| match resource.unseen.get(p) {
                Some(gap) => Err(gap.as_str()),
                None if resource.sources.contains_key(p) => Ok(resource.settings.get(p)),
                None => Err(NOT_ASKED),
            })
            .collect();
        Self {
            resource,
            parts: &info.parts,
            seen,
        }
    }

    /// Whether the first member `name` is read by a call of its own.
    pub fn is_part(&self, name: &str) -> bool {
        self.parts.iter().any(|p| p == name)
    }

    /// The gap that hides the first member `name`.
    pub fn gap(&self, name: &str) -> Option<&'a str> {
        if let Some(i) = self.parts.iter().position(|p| p == name) {
            return self.seen[i].err();
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

    /// What is at a path: null where it is absent, undefined where it was not seen.
    pub fn look(&self, path: &Path) -> V<'a> {
        let first = match path.part {
            Some(i) => self.seen[i],
            None => match self.listed_gap(&path.first) {
                Some(gap) => Err(gap),
                None => Ok(self.resource.settings.get(&*path.first)),
            },
        };
        match first {
            Err(gap) => unseen(path.text.to_string(), gap),
            Ok(None) => V::Null,
            Ok(Some(v)) => match walk(v, &path.rest) {
                Ok(v) => v.map_or(V::Null, V::of),
                Err((i, other)) => {
                    let so_far = path.rest[..i]
                        .iter()
                        .fold(format!("settings.{}", path.first), |s, n| {
                            format!("{s}.{n}")
                        });
                    super::run::no_member(&V::of(other), &path.rest[i], &so_far)
                }
            },
        }
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
        let parts = self.parts.iter().zip(&self.seen);
        let mut all: Vec<Unseen> = parts
            .filter_map(|(p, s)| Some(hidden(format!("settings.{p}"), s.err()?)))
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
