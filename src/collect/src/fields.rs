//! Members of a mapping, with messages about what is missing, unknown or odd.

use crate::doc::{At, Yaml, nearest};
use serde_json::Value;
use shoseki_model::Diagnostic;

/// Where errors of one file go.
pub(crate) struct Sink<'a> {
    pub(crate) file: &'a str,
    pub(crate) out: &'a mut Vec<Diagnostic>,
}

impl Sink<'_> {
    /// An error at a place.
    pub(crate) fn error<T>(&mut self, at: &At<T>, code: &'static str, message: impl Into<String>) {
        self.push(at, code, message.into(), None);
    }

    /// An error at a place with a word on what to do.
    pub(crate) fn push<T>(
        &mut self,
        at: &At<T>,
        code: &'static str,
        message: String,
        help: Option<String>,
    ) {
        let mut d = Diagnostic::file(self.file, code, message);
        if at.line > 0 {
            d = d.at(at.line, at.column, 1);
        }
        self.out.push(match help {
            Some(h) => d.help(h),
            None => d,
        });
    }

    /// Something of the wrong kind.
    pub(crate) fn wrong(&mut self, node: &At<Yaml>, what: &str, expected: &str) {
        let found = node.value.kind();
        self.error(
            node,
            "wrong-type",
            format!("{what} must be {expected}; here is {found}"),
        );
    }

    /// Text that is not empty.
    pub(crate) fn text(&mut self, node: &At<Yaml>, what: &str) -> Option<At<String>> {
        match &node.value {
            Yaml::Scalar(Value::String(s)) if !s.trim().is_empty() => Some(node.with(s.clone())),
            _ => {
                self.wrong(node, what, "text");
                None
            }
        }
    }

    /// One text or a list of them.
    pub(crate) fn texts(&mut self, node: &At<Yaml>, what: &str) -> Vec<String> {
        match &node.value {
            Yaml::List(l) => l
                .iter()
                .filter_map(|n| self.text(n, what))
                .map(|t| t.value)
                .collect(),
            _ => self.text(node, what).map(|t| t.value).into_iter().collect(),
        }
    }
}

/// A mapping whose member names are known.
pub(crate) struct Fields<'a> {
    node: &'a At<Yaml>,
    entries: &'a [(At<String>, At<Yaml>)],
    what: &'a str,
}

impl<'a> Fields<'a> {
    /// `None`, with an error, where `node` is no mapping.
    pub(crate) fn of(
        node: &'a At<Yaml>,
        what: &'a str,
        known: &[&str],
        sink: &mut Sink<'_>,
    ) -> Option<Self> {
        let Yaml::Map(entries) = &node.value else {
            sink.wrong(node, what, "a mapping");
            return None;
        };
        for (k, _) in entries {
            if !known.contains(&k.value.as_str()) {
                let help = match nearest(&k.value, known.iter().copied()) {
                    Some(n) => format!("did you mean `{n}`?"),
                    None => format!("there are: {}", known.join(", ")),
                };
                sink.push(
                    k,
                    "unknown-field",
                    format!("{what} has no field `{}`", k.value),
                    Some(help),
                );
            }
        }
        Some(Self {
            node,
            entries,
            what,
        })
    }

    /// The member, if it is there.
    pub(crate) fn get(&self, name: &str) -> Option<&'a At<Yaml>> {
        self.entries
            .iter()
            .find(|(k, _)| k.value == name)
            .map(|(_, v)| v)
    }

    /// The member, or an error.
    pub(crate) fn need(&self, name: &str, sink: &mut Sink<'_>) -> Option<&'a At<Yaml>> {
        let found = self.get(name);
        if found.is_none() {
            sink.error(
                self.node,
                "missing-field",
                format!("{} needs the field `{name}`", self.what),
            );
        }
        found
    }

    /// Text that must be there.
    pub(crate) fn text(&self, name: &str, sink: &mut Sink<'_>) -> Option<At<String>> {
        let node = self.need(name, sink)?;
        sink.text(node, &format!("`{name}`"))
    }

    /// Text that may be there.
    pub(crate) fn optional_text(&self, name: &str, sink: &mut Sink<'_>) -> Option<At<String>> {
        let node = self.get(name)?;
        sink.text(node, &format!("`{name}`"))
    }

    /// One of a few words.
    pub(crate) fn choice<T: Copy>(
        &self,
        name: &str,
        of: &[(&str, T)],
        sink: &mut Sink<'_>,
    ) -> Option<T> {
        let word = self.text(name, sink)?;
        let found = of.iter().find(|(w, _)| *w == word.value).map(|(_, t)| *t);
        if found.is_none() {
            let words: Vec<_> = of.iter().map(|(w, _)| format!("`{w}`")).collect();
            sink.error(
                &word,
                "wrong-type",
                format!("`{name}` is {}", words.join(" or ")),
            );
        }
        found
    }
}
