//! The pages that people wrote: those of `docs/book`, one file a language, and
//! those that stand elsewhere in the repository and are in both books.

use super::book::LANGS;
use super::links::{headings, links, resolve};
use super::md::pick;
use super::page::{Find, Page};
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
        let text = rewrite(root, &file, "SUMMARY.md", &read(root, &file)?, lang)?;
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
        let text = rewrite(root, &file, path, &text, lang)?;
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
/// stays, without a link. A link that is called by the name of its file gets the
/// page's title.
fn rewrite(root: &Path, file: &str, path: &str, text: &str, lang: Lang) -> Result<String> {
    let folder = pick(lang, "ja", "en");
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
            Some(home) => {
                let title = match named_as_file(name) {
                    true => title(root, &repo, lang)?,
                    false => name.trim_start_matches('[').to_owned(),
                };
                out.push_str(&format!("[{title}]({up}{home}{place})"));
            }
            None if root.join(&repo).exists() => out.push_str(name.trim_start_matches('[')),
            None => out.push_str(whole),
        }
    }
    out.push_str(&text[done..]);
    Ok(out)
}

/// Whether a link's words, `[evidence.md` or ``[`history/` ``, are the name of a file.
fn named_as_file(words: &str) -> bool {
    let name = words.trim_matches(['[', '`']);
    (name.ends_with(".md") || name.ends_with('/')) && !name.contains(char::is_whitespace)
}

/// What a page is called in `lang`.
fn title(root: &Path, repo: &str, lang: Lang) -> Result<String> {
    let file = match repo.ends_with(".md") {
        true => repo.to_owned(),
        false => format!("{repo}/README.md"),
    };
    let text = localise(&read(root, &file)?, lang);
    let first = headings(&text).into_iter().next();
    first
        .map(|h| h.text)
        .with_context(|| format!("{file}: a page begins with a heading"))
}

/// What of a page is for readers of `lang`: sections whose heading is marked
/// `<!-- ja -->` or `<!-- en -->`, or is the name of a language, are in that book
/// alone; so are columns of tables whose heads are marked so and lines that end so.
/// Of a line in both languages, `日本語 / English`, the half is taken.
fn localise(text: &str, lang: Lang) -> String {
    halves(&sections(text, lang), lang)
}

/// The mark of what is for readers of the other language.
fn other(lang: Lang) -> &'static str {
    pick(lang, "<!-- en -->", "<!-- ja -->")
}

fn unmarked(line: &str) -> String {
    line.replace("<!-- ja -->", "").replace("<!-- en -->", "")
}

fn sections(text: &str, lang: Lang) -> String {
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
        left_out = (line.contains(other(lang)) || head.text == other_name).then_some(head.level);
        if left_out.is_some() {
            continue;
        }
        if head.text != own_name {
            out.push_str(unmarked(line).trim_end());
            out.push('\n');
        }
        out.push_str(rest.trim_start_matches(|c| head.text == own_name && c == '\n'));
    }
    out
}

/// Outside of code, the columns of tables, the lines and the halves of lines for `lang`.
fn halves(text: &str, lang: Lang) -> String {
    let mut out = String::new();
    let mut in_code = false;
    // Of the table at hand, the columns for the other language.
    let mut columns: Option<Vec<usize>> = None;
    for line in text.split_inclusive('\n') {
        let fence = line.trim_start().starts_with("```");
        in_code ^= fence;
        if in_code || fence {
            columns = None;
            out.push_str(line);
        } else if line.starts_with('|') {
            let cells = cells(line);
            let left_out = columns.get_or_insert_with(|| {
                let marked = cells.iter().enumerate();
                let marked = marked.filter(|(_, cell)| cell.contains(other(lang)));
                marked.map(|(i, _)| i).collect()
            });
            out.push('|');
            for (i, cell) in cells.iter().enumerate() {
                if left_out.contains(&i) {
                    continue;
                }
                match cell.contains("<!--") {
                    true => out.push_str(&format!("{} |", unmarked(cell).trim_end())),
                    false => out.push_str(&format!("{cell}|")),
                }
            }
            out.push('\n');
        } else {
            columns = None;
            if !line.trim_end().ends_with(other(lang)) {
                out.push_str(&half(line, lang));
            }
        }
    }
    out
}

/// The cells of a table's row.
fn cells(line: &str) -> Vec<&str> {
    let row = line.trim();
    let row = row.strip_prefix('|').unwrap_or(row);
    let mut out = Vec::new();
    let (mut start, mut before) = (0, ' ');
    for (at, c) in row.char_indices() {
        if c == '|' && before != '\\' {
            out.push(&row[start..at]);
            start = at + 1;
        }
        before = c;
    }
    if start < row.len() {
        out.push(&row[start..]);
    }
    out
}

/// The half of `# 日本語 / English` that is in `lang`; another line as it is, without marks.
fn half(line: &str, lang: Lang) -> String {
    let japanese = |s: &str| s.chars().any(|c| matches!(c, 'ぁ'..='ヿ' | '一'..='鿿'));
    let words = line.trim_start_matches([' ', '#', '-']);
    let signs = &line[..line.len() - words.len()];
    match words.split_once(" / ") {
        _ if line.contains("<!-- ") => format!("{}\n", unmarked(line).trim_end()),
        Some((ja, en)) if japanese(ja) && !japanese(en) => {
            format!("{signs}{}\n", pick(lang, ja, en).trim_end())
        }
        _ => line.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_book_has_the_sections_of_its_language() {
        let text = "# 題 / Title\n\nboth\n\n## 方法 <!-- ja -->\n\n甲\n\n### 乙\n\n## Way <!-- en -->\n\nx\n\n## 共通 / Shared\n\ny\n\n| 項 | 甲 <!-- ja --> | a <!-- en --> |\n|---|---|---|\n| `x\\|y` | 丁 | d |\n\n- 戊 <!-- ja -->\n- e / f <!-- en -->\n\n開く。 / Open.\n```\n閉 / close\n```\n\n## 日本語\n\n丙\n";
        assert_eq!(
            localise(text, Lang::Ja),
            "# 題\n\nboth\n\n## 方法\n\n甲\n\n### 乙\n\n## 共通\n\ny\n\n| 項 | 甲 |\n|---|---|\n| `x\\|y` | 丁 |\n\n- 戊\n\n開く。\n```\n閉 / close\n```\n\n丙\n"
        );
        assert_eq!(
            localise(text, Lang::En),
            "# Title\n\nboth\n\n## Way\n\nx\n\n## Shared\n\ny\n\n| 項 | a |\n|---|---|\n| `x\\|y` | d |\n\n- e / f\n\nOpen.\n```\n閉 / close\n```\n\n"
        );
    }

    #[test]
    fn links_follow_their_pages() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        let moved =
            |file, path, text, lang| rewrite(&root, file, path, text, lang).unwrap_or_default();
        let text = "[a](run-format.md#x) [b](../history/README.md) [c](../Cargo.toml) [d](gone.md)";
        assert_eq!(
            moved("docs/verify.md", "pages/verify.md", text, Lang::Ja),
            "[a](../pages/run-format.md#x) [b](../pages/history.md) c [d](../pages/gone.md)"
        );
        let text = "[a](../../evidence.md) [b](rules/aws.md)";
        assert_eq!(
            moved("docs/book/ja/auditor.md", "auditor.md", text, Lang::Ja),
            "[a](pages/evidence.md) [b](rules/aws.md)"
        );
        let text = "[sample.md](sample.md#x) [`docs/`](..)";
        assert_eq!(
            moved("docs/verify.md", "pages/verify.md", text, Lang::Ja),
            "[母集団と標本](../pages/sample.md#x) `docs/`"
        );
        assert_eq!(
            moved("docs/verify.md", "pages/verify.md", text, Lang::En),
            "[Populations and samples](../pages/sample.md#x) `docs/`"
        );
    }
}
