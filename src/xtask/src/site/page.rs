//! A page of the site.

use shoseki_model::{Lang, Text};

/// How a page is found by the search.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Find {
    /// Not at all: it only lists others.
    No,
    /// As a whole, under this id.
    Whole(String),
    /// By its sections.
    Sections,
}

/// One page in both languages.
#[derive(Clone, Debug)]
pub struct Page {
    /// Its place in either book, `rules/aws.s3.bucket-tls-only.md`.
    pub path: String,
    /// How deep it stands in the table of contents.
    pub depth: usize,
    /// What it is called there.
    pub name: Text,
    /// Markdown.
    pub body: Text,
    /// How the search finds it.
    pub find: Find,
}

impl Page {
    /// A page whose text `body` writes.
    pub fn of(
        path: &str,
        depth: usize,
        name: Text,
        find: Find,
        body: impl Fn(Lang) -> String,
    ) -> Self {
        Self {
            path: path.to_owned(),
            depth,
            name,
            body: Text::new(body(Lang::Ja), body(Lang::En)),
            find,
        }
    }

    /// The list items of the table of contents.
    pub fn item(&self, lang: Lang) -> String {
        let name = self.name.get(lang).replace('[', "\\[").replace(']', "\\]");
        format!("{}- [{name}]({})\n", "  ".repeat(self.depth), self.path)
    }
}
