//! `cargo xtask site`: the sources of the documentation site, two mdBooks with
//! the same pages in Japanese and English. People's pages come from `docs/`, the
//! reference from the data files; `docs/build` makes HTML of it.

mod book;
mod collectors;
mod controls;
mod fields;
mod links;
mod md;
mod packs;
mod page;
mod rules;
mod search;
mod words_page;
mod written;

#[cfg(test)]
mod tests;

use anyhow::{Context, Result};
use book::Book;
use packs::Packs;
use std::path::{Path, PathBuf};

/// `cargo xtask site`.
#[derive(clap::Args)]
pub struct Site {
    /// Folder to write; it is emptied before
    #[arg(long, value_name = "DIR", default_value = "target/site/source")]
    out: PathBuf,
}

/// Writes both books; `false` where a link leads nowhere.
pub fn run(args: &Site) -> Result<bool> {
    let root = root()?;
    let book = assemble(&root, &Packs::load()?)?;
    book.write(&args.out, &root.join("docs/book"))?;
    let broken = book.broken();
    for said in &broken {
        eprintln!("broken link: {said}");
    }
    println!(
        "{}: {} pages in each language, {} broken link(s)",
        args.out.display(),
        book.pages.len(),
        broken.len()
    );
    Ok(broken.is_empty())
}

fn root() -> Result<PathBuf> {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../..")
        .canonicalize()
        .context("the work tree of the crate xtask is gone")
}

/// Everything that is in the books.
fn assemble(root: &Path, packs: &Packs) -> Result<Book> {
    let mut reference = controls::pages(packs);
    reference.extend(rules::pages(packs));
    reference.extend(collectors::pages(packs));
    reference.push(words_page::page());
    let shared = written::shared(root)?;
    let summary = written::summary(root, &shared, &reference)?;
    let mut pages = written::own(root)?;
    pages.extend(shared);
    pages.extend(reference);
    Ok(Book { pages, summary })
}
