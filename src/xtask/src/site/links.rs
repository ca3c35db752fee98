//! Links between Markdown pages: which lead nowhere. Pages are read as mdBook
//! reads them, by the same parser, and headings get the ids that it gives.

use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd};
use regex_lite::Regex;
use std::collections::{HashMap, HashSet};
use std::ops::Range;

/// Markdown as mdBook reads it with our `book.toml`.
pub fn parser(text: &str) -> Parser<'_> {
    Parser::new_ext(
        text,
        Options::ENABLE_TABLES
            | Options::ENABLE_FOOTNOTES
            | Options::ENABLE_STRIKETHROUGH
            | Options::ENABLE_TASKLISTS
            | Options::ENABLE_HEADING_ATTRIBUTES,
    )
}

/// A link, as it is written, and where in the text.
#[derive(Debug, PartialEq, Eq)]
pub struct Link {
    /// Its target.
    pub target: String,
    /// The whole link.
    pub at: Range<usize>,
}

/// A heading.
#[derive(Debug, PartialEq, Eq)]
pub struct Heading {
    /// 1 to 6.
    pub level: usize,
    /// Its text without signs.
    pub text: String,
    /// The id of its place.
    pub id: String,
    /// Where it begins in the text.
    pub at: usize,
}

/// The links of a page, those in HTML too.
pub fn links(text: &str) -> Vec<Link> {
    let mut out = Vec::new();
    for (event, at) in parser(text).into_offset_iter() {
        match event {
            Event::Start(Tag::Link { dest_url, .. } | Tag::Image { dest_url, .. }) => {
                out.push(Link {
                    target: dest_url.into_string(),
                    at,
                });
            }
            Event::Html(html) | Event::InlineHtml(html) => {
                let found = attributes(&html, "href").into_iter();
                out.extend(found.map(|target| Link {
                    target,
                    at: at.clone(),
                }));
            }
            _ => {}
        }
    }
    out
}

/// The headings of a page with the ids that mdBook gives them.
pub fn headings(text: &str) -> Vec<Heading> {
    let mut out: Vec<Heading> = Vec::new();
    let mut used = HashSet::new();
    let mut open: Option<Heading> = None;
    for (event, at) in parser(text).into_offset_iter() {
        match event {
            Event::Start(Tag::Heading { level, id, .. }) => {
                open = Some(Heading {
                    level: level as usize,
                    text: String::new(),
                    id: id.map(|i| i.into_string()).unwrap_or_default(),
                    at: at.start,
                });
            }
            Event::Text(t) | Event::Code(t) => {
                if let Some(h) = &mut open {
                    h.text.push_str(&t);
                }
            }
            Event::End(TagEnd::Heading(_)) => {
                if let Some(mut h) = open.take() {
                    if h.id.is_empty() {
                        h.id = unique(&slug(&h.text), &mut used);
                    }
                    out.push(h);
                }
            }
            _ => {}
        }
    }
    out
}

/// The text of a page without signs and blocks of code.
pub fn words(text: &str) -> String {
    let mut out = String::new();
    let mut in_code = false;
    for event in parser(text) {
        match event {
            Event::Start(Tag::CodeBlock(_)) => in_code = true,
            Event::End(TagEnd::CodeBlock) => in_code = false,
            Event::Text(t) | Event::Code(t) if !in_code => {
                out.push_str(&t);
            }
            Event::End(
                TagEnd::Paragraph | TagEnd::Heading(_) | TagEnd::TableCell | TagEnd::Item,
            )
            | Event::SoftBreak
            | Event::HardBreak => out.push(' '),
            Event::InlineHtml(html) if &*html == "<br>" => out.push(' '),
            _ => {}
        }
    }
    let pieces: Vec<&str> = out.split_whitespace().collect();
    pieces.join(" ")
}

fn attributes(html: &str, name: &str) -> Vec<String> {
    let Ok(found) = Regex::new(&format!("\\s{name}=\"([^\"]*)\"")) else {
        return Vec::new();
    };
    found.captures_iter(html).map(|c| c[1].to_owned()).collect()
}

/// As mdBook makes an id of a heading's text.
fn slug(text: &str) -> String {
    text.trim()
        .to_lowercase()
        .chars()
        .filter_map(|c| match c {
            c if c.is_alphanumeric() || c == '_' || c == '-' => Some(c),
            c if c.is_whitespace() => Some('-'),
            _ => None,
        })
        .collect()
}

fn unique(id: &str, used: &mut HashSet<String>) -> String {
    let mut candidate = id.to_owned();
    let mut count = 0;
    while !used.insert(candidate.clone()) {
        count += 1;
        candidate = format!("{id}-{count}");
    }
    candidate
}

/// All places of a page that a link may name.
fn places(text: &str) -> HashSet<String> {
    let mut out: HashSet<String> = headings(text).into_iter().map(|h| h.id).collect();
    for event in parser(text) {
        if let Event::Html(html) | Event::InlineHtml(html) = event {
            out.extend(attributes(&html, "id"));
        }
    }
    out
}

/// `path` seen from the folder of `page`, without `.` and `..`; `None` where it
/// leads out of the top.
pub fn resolve(page: &str, path: &str) -> Option<String> {
    let mut at: Vec<&str> = page.split('/').collect();
    at.pop();
    for piece in path.split('/') {
        match piece {
            "" | "." => {}
            ".." => {
                at.pop()?;
            }
            name => at.push(name),
        }
    }
    Some(at.join("/"))
}

/// Every link of `pages` (path and Markdown) that leads nowhere, with the page
/// and the line. `also` knows what else there is besides pages. Links to other
/// sites are looked at by their form alone.
pub fn broken(pages: &[(&str, &str)], also: &dyn Fn(&str) -> bool) -> Vec<String> {
    let all: HashMap<&str, HashSet<String>> = pages
        .iter()
        .map(|(path, text)| (*path, places(text)))
        .collect();
    let mut out = Vec::new();
    for (page, text) in pages {
        for link in links(text) {
            if let Some(wrong) = wrong(page, &link.target, &all, also) {
                let line = text[..link.at.start].matches('\n').count() + 1;
                out.push(format!("{page}:{line}: {}: {wrong}", link.target));
            }
        }
    }
    out
}

fn wrong(
    page: &str,
    target: &str,
    all: &HashMap<&str, HashSet<String>>,
    also: &dyn Fn(&str) -> bool,
) -> Option<String> {
    if let Some(rest) = target.strip_prefix("https://") {
        let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
        let odd = |c: char| !(c.is_ascii_alphanumeric() || c == '.' || c == '-');
        let sound =
            host.contains('.') && !host.contains(odd) && !rest.contains(char::is_whitespace);
        return (!sound).then(|| "no address of a page".to_owned());
    }
    if target.contains("://") || target.starts_with("mailto:") {
        return Some("links to other sites begin with https://".to_owned());
    }
    let (path, place) = target.split_once('#').unwrap_or((target, ""));
    let path = match path {
        "" => page.to_owned(),
        p => match resolve(page, p) {
            Some(p) => p,
            None => return Some("leads out of the book".to_owned()),
        },
    };
    match all.get(path.as_str()) {
        None if place.is_empty() && also(&path) => None,
        None => Some("there is no such page".to_owned()),
        Some(places) if !place.is_empty() && !places.contains(place) => {
            Some(format!("{path} has no place #{place}"))
        }
        Some(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_leads_nowhere_is_told_with_its_line() {
        let a = "# One\n\n[two](b/two.md#deep) [x](b/three.md)\n[y](b/two.md#lost) [z](#one)\n\n<a href=\"gone.md\">g</a>\n";
        let b = "# Two\n\n## `Deep`\n\n[up](../a.md) [out](../../c.md) [s](https://example.org/x) [t](http://example.org)\n";
        let said = broken(&[("a.md", a), ("b/two.md", b)], &|_| false);
        assert_eq!(
            said,
            [
                "a.md:3: b/three.md: there is no such page",
                "a.md:4: b/two.md#lost: b/two.md has no place #lost",
                "a.md:6: gone.md: there is no such page",
                "b/two.md:5: ../../c.md: leads out of the book",
                "b/two.md:5: http://example.org: links to other sites begin with https://",
            ]
        );
    }

    #[test]
    fn headings_get_the_ids_of_mdbook() {
        let text =
            "# 正規形 / The list\n## A `b`: c\n## A b c\n## 9.4 x {#9.4.2.2.B}\n```\n# no\n```\n";
        let ids: Vec<String> = headings(text).into_iter().map(|h| h.id).collect();
        assert_eq!(ids, ["正規形--the-list", "a-b-c", "a-b-c-1", "9.4.2.2.B"]);
    }

    #[test]
    fn code_is_no_link_and_no_word() {
        let text = "`[a](b.md)` *c*\n\n```\n[d](e.md)\n```\n| f |\n|---|\n| g |\n";
        assert!(links(text).is_empty());
        assert_eq!(words(text), "[a](b.md) c f g");
    }
}
