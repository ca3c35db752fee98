//! What the search of the built books looks through. mdBook's own splits text
//! at spaces and finds nothing within a Japanese sentence; `shoseki.js` looks for
//! the words as they are, in this list.

use super::links::{headings, words};
use super::page::{Find, Page};
use anyhow::Result;
use serde_json::{Value, json};
use shoseki_model::Lang;

/// A script that sets the list: title, place, text of every entry.
pub fn index(pages: &[Page], lang: Lang) -> Result<String> {
    let mut all = Vec::new();
    for page in pages {
        entries(page, lang, &mut all);
    }
    // A line an entry, so that differences can be read.
    let lines: Vec<String> = all
        .iter()
        .map(serde_json::to_string)
        .collect::<std::result::Result<_, _>>()?;
    Ok(format!(
        "window.shosekiFound = [\n{}\n];\n",
        lines.join(",\n")
    ))
}

fn entries(page: &Page, lang: Lang, out: &mut Vec<Value>) {
    let text = page.body.get(lang);
    let html = page
        .path
        .strip_suffix(".md")
        .unwrap_or(&page.path)
        .to_owned()
        + ".html";
    let heads = headings(text);
    let title = heads.first().map_or("", |h| h.text.as_str());
    match &page.find {
        Find::No => {}
        Find::Whole(id) => out.push(json!([format!("{title} ({id})"), html, words(text)])),
        Find::Sections => {
            for (i, h) in heads.iter().enumerate() {
                let end = heads.get(i + 1).map_or(text.len(), |next| next.at);
                let body = text.get(h.at..end).unwrap_or_default();
                let (name, place) = match i {
                    0 => (title.to_owned(), html.clone()),
                    _ => (format!("{} — {title}", h.text), format!("{html}#{}", h.id)),
                };
                out.push(json!([name, place, words(body)]));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use shoseki_model::Text;

    #[test]
    fn sections_are_found_by_their_place() {
        let body = "# 一\n\n本文\n\n## 二\n\n続き\n";
        let page = Page {
            path: "a/b.md".into(),
            depth: 0,
            name: Text::new("", ""),
            body: Text::new(body, body),
            find: Find::Sections,
        };
        let mut out = Vec::new();
        entries(&page, Lang::Ja, &mut out);
        assert_eq!(
            out,
            [
                json!(["一", "a/b.html", "一 本文"]),
                json!(["二 — 一", "a/b.html#二", "二 続き"]),
            ]
        );
    }
}
