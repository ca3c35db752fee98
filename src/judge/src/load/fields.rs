//! Reading the fields of a map while gathering every error.

use super::yaml::{Node, Yaml, at};
use crate::check::nearest;
use serde_saphyr::{Location, Spanned};
use shoseki_model::{Diagnostic, Text};

/// Errors of one file.
pub(crate) struct Errors<'f> {
    pub file: &'f str,
    pub all: Vec<Diagnostic>,
}

impl<'f> Errors<'f> {
    pub fn new(file: &'f str) -> Self {
        Self {
            file,
            all: Vec::new(),
        }
    }

    /// Notes an error at `l`.
    pub fn add(&mut self, l: Location, code: &'static str, message: impl Into<String>) {
        self.all
            .push(at(Diagnostic::file(self.file, code, message), l, width(l)));
    }

    /// The same with a word on what to do.
    pub fn add_help(
        &mut self,
        l: Location,
        code: &'static str,
        message: impl Into<String>,
        help: Option<String>,
    ) {
        self.add(l, code, message);
        if let Some(d) = self.all.last_mut() {
            d.help = help;
        }
    }
}

fn width(l: Location) -> u32 {
    u32::try_from(l.span().len()).unwrap_or(1).clamp(1, 80)
}

/// The fields of one map.
pub(crate) struct Fields<'n> {
    /// Where the map stands.
    pub here: Location,
    /// What the map is, for messages.
    what: &'static str,
    entries: &'n [(Spanned<String>, Node)],
}

impl<'n> Fields<'n> {
    /// The map `node`; unknown fields are reported at once.
    pub fn of(
        node: &'n Node,
        what: &'static str,
        known: &[&str],
        errors: &mut Errors<'_>,
    ) -> Option<Self> {
        let Yaml::Map(entries) = &node.value else {
            let m = format!("{what} must be a map, this is {}", node.value.told());
            errors.add(node.referenced, "wrong-value", m);
            return None;
        };
        for (k, _) in entries {
            if !known.contains(&k.value.as_str()) {
                let help = nearest(&k.value, known.iter().copied())
                    .or_else(|| Some(format!("there is: {}", known.join(", "))));
                let m = format!("{what} has no field `{}`", k.value);
                errors.add_help(k.referenced, "unknown-field", m, help);
            }
        }
        Some(Self {
            here: node.referenced,
            what,
            entries,
        })
    }

    /// The field, where it is there and not null.
    pub fn get(&self, name: &str) -> Option<&'n Node> {
        self.entries
            .iter()
            .find(|(k, _)| k.value == name)
            .map(|(_, v)| v)
            .filter(|v| !matches!(v.value, Yaml::Null))
    }

    /// The field; missing is an error.
    pub fn need(&self, name: &str, errors: &mut Errors<'_>) -> Option<&'n Node> {
        let found = self.get(name);
        if found.is_none() {
            let m = format!("{} has no `{name}`", self.what);
            errors.add(self.here, "missing-field", m);
        }
        found
    }

    /// A text that must be there and not be empty.
    pub fn text(&self, name: &str, errors: &mut Errors<'_>) -> Option<String> {
        let node = self.need(name, errors)?;
        text(node, name, errors)
    }

    /// A text that may be missing.
    pub fn maybe_text(&self, name: &str, errors: &mut Errors<'_>) -> Option<String> {
        text(self.get(name)?, name, errors)
    }

    /// A text in both languages that must be there.
    pub fn both(&self, name: &str, errors: &mut Errors<'_>) -> Option<Text> {
        let node = self.need(name, errors)?;
        let what = if name == "title" { "`title`" } else { "`why`" };
        let f = Fields::of(node, what, &["ja", "en"], errors)?;
        let (ja, en) = (f.text("ja", errors), f.text("en", errors));
        Some(Text { ja: ja?, en: en? })
    }

    /// A list that may be missing.
    pub fn list(&self, name: &str, errors: &mut Errors<'_>) -> &'n [Node] {
        match self.get(name).map(|n| (n, &n.value)) {
            None => &[],
            Some((_, Yaml::Seq(s))) => s,
            Some((n, other)) => {
                let m = format!("`{name}` must be a list, this is {}", other.told());
                errors.add(n.referenced, "wrong-value", m);
                &[]
            }
        }
    }
}

/// A text that is not empty.
pub(crate) fn text(node: &Node, name: &str, errors: &mut Errors<'_>) -> Option<String> {
    match &node.value {
        Yaml::Str(s) if !s.trim().is_empty() => Some(s.clone()),
        Yaml::Str(_) => {
            errors.add(node.referenced, "wrong-value", format!("`{name}` is empty"));
            None
        }
        other => {
            let m = format!("`{name}` must be a text, this is {}", other.told());
            let help = matches!(other, Yaml::Number(_) | Yaml::Bool(_))
                .then(|| "put it in quotes".to_owned());
            errors.add_help(node.referenced, "wrong-value", m, help);
            None
        }
    }
}
