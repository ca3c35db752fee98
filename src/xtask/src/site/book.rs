//! A book in two languages: its pages, their order, and how they are written.

use super::page::Page;
use super::{links, search};
use anyhow::{Context, Result};
use shoseki_model::{Lang, Text};
use std::fmt::Write;
use std::fs;
use std::path::Path;

/// The languages, with the names of their folders.
pub const LANGS: [(Lang, &str); 2] = [(Lang::Ja, "ja"), (Lang::En, "en")];

/// Both books.
pub struct Book {
    /// All pages, in the order of the table of contents.
    pub pages: Vec<Page>,
    /// The tables of contents.
    pub summary: Text,
}

impl Book {
    /// Every link that leads nowhere, `ja/start.md: …`.
    pub fn broken(&self) -> Vec<String> {
        let mut out = Vec::new();
        for (lang, folder) in LANGS {
            let pages: Vec<(&str, &str)> = self
                .pages
                .iter()
                .map(|p| (p.path.as_str(), p.body.get(lang)))
                .chain([("SUMMARY.md", self.summary.get(lang))])
                .collect();
            out.extend(
                links::broken(&pages, &|_| false)
                    .into_iter()
                    .map(|said| format!("{folder}/{said}")),
            );
        }
        out
    }

    /// Writes the sources for mdBook below `out`, which is emptied before;
    /// `theirs` holds what is the same for both, `docs/book`.
    pub fn write(&self, out: &Path, theirs: &Path) -> Result<()> {
        if out.exists() {
            let ours = out.join(MARK).exists() || fs::read_dir(out)?.next().is_none();
            anyhow::ensure!(
                ours,
                "{}: not a folder that this command made; name another by --out",
                out.display()
            );
            fs::remove_dir_all(out)?;
        }
        put(&out.join(MARK), "made by `cargo xtask site`\n")?;
        put(&out.join("index.html"), &read(&theirs.join("index.html"))?)?;
        for (lang, folder) in LANGS {
            let book = out.join(folder);
            let toml = read(&theirs.join(folder).join("book.toml"))?;
            put(&book.join("book.toml"), &toml)?;
            for file in ["shoseki.css", "shoseki.js"] {
                put(&book.join(file), &read(&theirs.join(file))?)?;
            }
            put(
                &book.join("src/found.js"),
                &search::index(&self.pages, lang)?,
            )?;
            put(&book.join("src/SUMMARY.md"), self.summary.get(lang))?;
            for page in &self.pages {
                let text = switch(&page.path, lang) + page.body.get(lang);
                put(&book.join("src").join(&page.path), &text)?;
            }
        }
        Ok(())
    }
}

/// A file that says that a folder may be emptied.
const MARK: &str = ".made-by-xtask-site";

/// The link to the same page in the other language.
fn switch(path: &str, lang: Lang) -> String {
    let up = "../".repeat(path.matches('/').count() + 1);
    let page = path.strip_suffix(".md").unwrap_or(path);
    let (folder, code, name) = match lang {
        Lang::Ja => ("en", "en", "English"),
        Lang::En => ("ja", "ja", "日本語"),
    };
    let mut out = String::new();
    let _ = write!(
        out,
        "<p class=\"other-language\"><a lang=\"{code}\" hreflang=\"{code}\" href=\"{up}{folder}/{page}.html\">{name}</a></p>\n\n"
    );
    out
}

fn read(path: &Path) -> Result<String> {
    fs::read_to_string(path).with_context(|| path.display().to_string())
}

fn put(path: &Path, text: &str) -> Result<()> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    fs::write(path, text).with_context(|| path.display().to_string())
}
