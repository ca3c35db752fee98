//! The pages that people wrote: those of `docs/book`, one file a language, and
//! those that stand elsewhere in the repository and are in both books.

use super::book::{Find, LANGS, Page};
use super::links::{headings, links, resolve};
use super::md::pick;
use anyhow::{Context, Result, bail, ensure};
use shoseki_model::{Lang, Text};
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

/// Folders whose README is a page.
const README: [&str; 4] = ["rules", "collectors", "mappings", "history"];

/// Where a file of the repository stands in the book of `folder`.
fn home(repo: &str, folder: &str) -> Option<String> {
    if let Some(page) = repo.strip_prefix(&format!("docs/book/{folder}/")) {
        return Some(page.to_owned());
    }
    for name in README {
        if repo == name || repo == format!("{name}/README.md") {
            return Some(format!("pages/{name}.md"));
        }
    }
    let page = repo.strip_prefix("docs/")?;
    (page.ends_with(".md") && !page.contains('/')).then(|| format!("pages/{page}"))
}

/// The pages of `docs/book`, with the same names and headings in both languages.
pub fn own(root: &Path) -> Result<Vec<Page>> {
    let mut names: Vec<BTreeSet<String>> = Vec::new();
    for (_, folder) in LANGS {
        names.push(markdown(&root.join("docs/book").join(folder))?);
    }
    let odd: Vec<&String> = names[0].symmetric_difference(&names[1]).collect();
    ensure!(
        odd.is_empty(),
        "docs/book: in one language alone: {odd:?}; every page is written in both"
    );
    let mut out = Vec::new();
    for name in names[0].iter().filter(|n| *n != "SUMMARY.md") {
        let page = page(root, name, |folder| format!("docs/book/{folder}/{name}"))?;
        same_headings(&page)?;
        out.push(page);
    }
    Ok(out)
}

/// The pages of `docs/` and the READMEs, which hold both languages in one file.
pub fn shared(root: &Path) -> Result<Vec<Page>> {
    let mut files: Vec<String> = markdown(&root.join("docs"))?
        .into_iter()
        .map(|name| format!("docs/{name}"))
        .collect();
    files.extend(README.iter().map(|name| format!("{name}/README.md")));
    files
        .iter()
        .map(|file| {
            let path = home(file, "").with_context(|| format!("{file} has no place"))?;
            page(root, &path, |_| file.clone())
        })
        .collect()
}

/// The table of contents of one book: what people wrote, with `pages` that they
/// did not name and the reference where they said.
pub fn summary(root: &Path, shared: &[Page], reference: &[Page]) -> Result<Text> {
    let mut out = Text::default();
    for (lang, folder) in LANGS {
        let file = format!("docs/book/{folder}/SUMMARY.md");
        let text = rewrite(root, &file, "SUMMARY.md", &read(root, &file)?, folder);
        let rest: String = shared
            .iter()
            .filter(|p| !text.contains(&format!("({})", p.path)))
            .map(|p| p.item(lang))
            .collect();
        let all: String = reference.iter().map(|p| p.item(lang)).collect();
        for mark in ["<!-- pages -->\n", "<!-- reference -->\n"] {
            ensure!(text.contains(mark), "{file}: no line {}", mark.trim());
        }
        let text = text
            .replace("<!-- pages -->\n", &rest)
            .replace("<!-- reference -->\n", &all);
        match lang {
            Lang::Ja => out.ja = text,
            Lang::En => out.en = text,
        }
    }
    Ok(out)
}

/// Names of the Markdown files right in a folder.
fn markdown(folder: &Path) -> Result<BTreeSet<String>> {
    let entries = fs::read_dir(folder).with_context(|| folder.display().to_string())?;
    let mut out = BTreeSet::new();
    for entry in entries {
        let name = entry?.file_name().to_string_lossy().into_owned();
        if name.ends_with(".md") {
            out.insert(name);
        }
    }
    Ok(out)
}

fn read(root: &Path, file: &str) -> Result<String> {
    fs::read_to_string(root.join(file)).with_context(|| file.to_owned())
}

fn page(root: &Path, path: &str, file: impl Fn(&str) -> String) -> Result<Page> {
    let mut body = Text::default();
    let mut name = Text::default();
    for (lang, folder) in LANGS {
        let file = file(folder);
        let text = localise(&read(root, &file)?, lang);
        let text = rewrite(root, &file, path, &text, folder);
        let Some(title) = headings(&text).into_iter().next() else {
            bail!("{file}: a page begins with a heading");
        };
        match lang {
            Lang::Ja => (body.ja, name.ja) = (text, title.text),
            Lang::En => (body.en, name.en) = (text, title.text),
        }
    }
    Ok(Page {
        path: path.to_owned(),
        depth: 0,
        name,
        body,
        find: Find::Sections,
    })
}

fn same_headings(page: &Page) -> Result<()> {
    let levels = |text: &str| -> Vec<usize> { headings(text).iter().map(|h| h.level).collect() };
    let (ja, en) = (levels(&page.body.ja), levels(&page.body.en));
    ensure!(
        ja == en,
        "docs/book: {}: the headings differ between the languages (levels {ja:?} in ja, {en:?} in en)",
        page.path
    );
    Ok(())
}

/// Links that lead from `file` to other files of the repository lead from its
/// place in the book to theirs; where the book does not have the file, its name
/// stays, without a link.
fn rewrite(root: &Path, file: &str, path: &str, text: &str, folder: &str) -> String {
    let mut out = String::new();
    let mut done = 0;
    let up = "../".repeat(path.matches('/').count());
    for link in links(text) {
        let (target, place) = match link.target.find('#') {
            Some(i) => link.target.split_at(i),
            None => (link.target.as_str(), ""),
        };
        let whole = &text[link.at.clone()];
        let written = format!("]({})", link.target);
        if target.is_empty() || target.contains("://") || !whole.ends_with(&written) {
            continue;
        }
        let Some(repo) = resolve(file, target) else {
            continue;
        };
        out.push_str(&text[done..link.at.start]);
        done = link.at.end;
        let name = &whole[..whole.len() - written.len()];
        match home(&repo, folder) {
            Some(home) => out.push_str(&format!("{name}]({up}{home}{place})")),
            None if root.join(&repo).exists() => out.push_str(name.trim_start_matches('[')),
            None => out.push_str(whole),
        }
    }
    out.push_str(&text[done..]);
    out
}

/// What of a page is for readers of `lang`: sections whose heading is marked
/// `<!-- ja -->` or `<!-- en -->`, or is the name of a language, are in that book
/// alone, and of a heading in both languages, `題 / Title`, the half is taken.
fn localise(text: &str, lang: Lang) -> String {
    let other = pick(lang, "<!-- en -->", "<!-- ja -->");
    let (own_name, other_name) = match lang {
        Lang::Ja => ("日本語", "English"),
        Lang::En => ("English", "日本語"),
    };
    let heads = headings(text);
    let mut out = String::new();
    let first = heads.first().map_or(text.len(), |h| h.at);
    out.push_str(&text[..first]);
    let mut left_out: Option<usize> = None;
    for (i, head) in heads.iter().enumerate() {
        let end = heads.get(i + 1).map_or(text.len(), |h| h.at);
        let section = &text[head.at..end];
        let (line, rest) = section.split_once('\n').unwrap_or((section, ""));
        if left_out.is_some_and(|level| head.level > level) {
            continue;
        }
        left_out = (line.contains(other) || head.text == other_name).then_some(head.level);
        if left_out.is_some() {
            continue;
        }
        if head.text != own_name {
            let line = line.replace("<!-- ja -->", "").replace("<!-- en -->", "");
            out.push_str(half(line.trim_end(), head.level, lang).trim_end());
            out.push('\n');
        }
        out.push_str(rest.trim_start_matches(|c| head.text == own_name && c == '\n'));
    }
    out
}

/// The half of `# 日本語 / English` that is in `lang`; another line as it is.
fn half(line: &str, level: usize, lang: Lang) -> String {
    let japanese = |s: &str| s.chars().any(|c| matches!(c, 'ぁ'..='ヿ' | '一'..='鿿'));
    let signs = &line[..level.min(line.len())];
    match line[signs.len()..].trim().split_once(" / ") {
        Some((ja, en)) if japanese(ja) && !japanese(en) => {
            format!("{signs} {}", pick(lang, ja, en))
        }
        _ => line.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_book_has_the_sections_of_its_language() {
        let text = "# 題 / Title\n\nboth\n\n## 方法 <!-- ja -->\n\n甲\n\n### 乙\n\n## Way <!-- en -->\n\nx\n\n## 共通 / Shared\n\ny\n\n## 日本語\n\n丙\n";
        assert_eq!(
            localise(text, Lang::Ja),
            "# 題\n\nboth\n\n## 方法\n\n甲\n\n### 乙\n\n## 共通\n\ny\n\n丙\n"
        );
        assert_eq!(
            localise(text, Lang::En),
            "# Title\n\nboth\n\n## Way\n\nx\n\n## Shared\n\ny\n\n"
        );
    }

    #[test]
    fn links_follow_their_pages() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        let text = "[a](run-format.md#x) [b](../history/README.md) [c](../Cargo.toml) [d](gone.md)";
        assert_eq!(
            rewrite(&root, "docs/verify.md", "pages/verify.md", text, "ja"),
            "[a](../pages/run-format.md#x) [b](../pages/history.md) c [d](../pages/gone.md)"
        );
        let text = "[a](../../evidence.md) [b](rules/aws.md)";
        assert_eq!(
            rewrite(&root, "docs/book/ja/auditor.md", "auditor.md", text, "ja"),
            "[a](pages/evidence.md) [b](rules/aws.md)"
        );
    }
}
