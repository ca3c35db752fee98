//! The site as a whole, without mdBook: what is generated and what people wrote,
//! and that every link in it leads somewhere.

#![expect(clippy::unwrap_used, reason = "tests stop at the first surprise")]

use super::book::{Book, LANGS};
use super::packs::Packs;
use super::page::Page;
use super::{assemble, links, root};
use pulldown_cmark::{Event, Tag, TagEnd};
use regex_lite::Regex;
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

fn page<'b>(book: &'b Book, path: &str) -> &'b Page {
    book.pages.iter().find(|p| p.path == path).unwrap()
}

#[test]
fn the_site_is_whole_and_every_link_leads_somewhere() {
    let root = root().unwrap();
    let packs = Packs::load().unwrap();
    let book = assemble(&root, &packs).unwrap();
    let broken = book.broken();
    assert!(broken.is_empty(), "{}", broken.join("\n"));

    let paths: BTreeSet<&str> = book.pages.iter().map(|p| p.path.as_str()).collect();
    assert_eq!(paths.len(), book.pages.len(), "two pages with one path");
    for rule in packs.rules.iter() {
        assert!(paths.contains(format!("rules/{}.md", rule.id).as_str()));
    }
    for c in packs.collectors.iter() {
        assert!(paths.contains(format!("collectors/{}.md", c.r#type.value).as_str()));
    }
    every_id_has_its_place(&packs, &book);
    contents(&book);

    let out = tempfile::tempdir().unwrap();
    let made = out.path().join("site");
    book.write(&made, &root.join("docs/book")).unwrap();
    written(&made, &book);
    // Again over what is there, and never over what somebody else put there.
    book.write(&made, &root.join("docs/book")).unwrap();
    fs::write(out.path().join("mine"), "x").unwrap();
    assert!(book.write(out.path(), &root.join("docs/book")).is_err());
    assert!(out.path().join("mine").exists());
}

fn every_id_has_its_place(packs: &Packs, book: &Book) {
    for c in packs.catalogue.controls() {
        let target = super::controls::target(packs, &c.id);
        let (path, place) = target.split_once('#').unwrap_or((&target, ""));
        let found = page(book, path);
        for (lang, _) in LANGS {
            let text = found.body.get(lang);
            let there = place.is_empty()
                || text.contains(&format!("{{#{place}}}"))
                || text.contains(&format!("id=\"{place}\""));
            assert!(there, "{target}");
        }
    }
}

/// Samples of what a reader looks for.
fn contents(book: &Book) {
    let unbroken = |text: &str| text.replace("<wbr>", "");
    let rule = page(book, "rules/aws.s3.bucket-tls-only.md");
    for wanted in [
        "## 是正",
        "### Terraform",
        "s3:GetBucketPolicy",
        "../controls/",
        "collectors/aws.s3.bucket.md",
    ] {
        assert!(unbroken(&rule.body.ja).contains(wanted), "{wanted}");
    }
    let control = page(book, "controls/9.4.2.md");
    assert!(control.body.en.contains("rules/aws.iam."));
    assert!(control.body.ja.contains("人による確認として残るもの"));
    let collector = page(book, "collectors/aws.s3.bucket.md");
    for wanted in [
        "s3:GetEncryptionConfiguration",
        "ServerSideEncryptionConfigurationNotFoundError",
        "Encryption.Rules",
    ] {
        assert!(unbroken(&collector.body.en).contains(wanted), "{wanted}");
    }
    let japanese = |s: &str| s.chars().any(|c| ('ぁ'..='ヿ').contains(&c));
    for p in &book.pages {
        let generated = ["rules/", "collectors/", "controls/"];
        if generated.iter().any(|g| p.path.starts_with(g)) {
            assert!(
                !japanese(&p.body.en),
                "{}: Japanese in the English book",
                p.path
            );
            assert!(
                japanese(&p.body.ja),
                "{}: no Japanese in the Japanese book",
                p.path
            );
        }
    }
}

fn written(made: &Path, book: &Book) {
    for (_, folder) in LANGS {
        let src = made.join(folder).join("src");
        for p in &book.pages {
            let text = fs::read_to_string(src.join(&p.path)).unwrap();
            assert!(
                text.starts_with("<p class=\"other-language\">"),
                "{}",
                p.path
            );
        }
        let list = fs::read_to_string(src.join("found.js")).unwrap();
        let list = list.strip_prefix("window.shosekiFound = ").unwrap();
        let list: Vec<[String; 3]> =
            serde_json::from_str(list.trim_end().trim_end_matches(';')).unwrap();
        assert!(list.iter().any(|e| e[1] == "controls/9.4.2.html#9.4.2.2.B"));
        assert!(
            list.iter()
                .any(|e| e[1] == "rules/aws.s3.bucket-tls-only.html")
        );
        let summary = fs::read_to_string(src.join("SUMMARY.md")).unwrap();
        for p in &book.pages {
            assert!(
                summary.contains(&format!("]({})", p.path)),
                "{} is in no table of contents",
                p.path
            );
        }
    }
}

/// Pages of `docs/` for those who work on shoseki: in English, with a Japanese
/// introduction.
const ENGLISH: [&str; 3] = [
    "pages/benchmarks.md",
    "pages/benchmarks-ledger.md",
    "pages/fuzzing.md",
];

/// How many there are in a page of what must be there in both languages.
fn shape(text: &str) -> (Vec<usize>, [usize; 4]) {
    let levels = links::headings(text).iter().map(|h| h.level).collect();
    let mut counts = [0; 4];
    for event in links::parser(text) {
        let count = match event {
            Event::Start(Tag::TableRow) => 0,
            Event::Start(Tag::TableCell) => 1,
            Event::Start(Tag::Item) => 2,
            Event::Start(Tag::CodeBlock(_)) => 3,
            _ => continue,
        };
        counts[count] += 1;
    }
    (levels, counts)
}

/// The pieces of a page that are sentences or their like, without code.
fn prose(text: &str) -> Vec<String> {
    let mut out = vec![String::new()];
    let mut in_code = false;
    for event in links::parser(text) {
        match event {
            Event::Start(Tag::CodeBlock(_)) => in_code = true,
            Event::End(TagEnd::CodeBlock) => in_code = false,
            Event::Start(Tag::Paragraph | Tag::Item | Tag::TableCell | Tag::Heading { .. }) => {
                out.push(String::new());
            }
            Event::Text(t) if !in_code => out.last_mut().unwrap().push_str(&t),
            _ => {}
        }
    }
    out
}

#[test]
fn every_page_is_whole_in_both_languages() {
    let root = root().unwrap();
    let mut pages = super::written::own(&root).unwrap();
    pages.extend(super::written::shared(&root).unwrap());
    let kana = |s: &str| s.chars().any(|c| ('ぁ'..='ヿ').contains(&c));
    let letters = |s: &str| s.chars().filter(char::is_ascii_alphabetic).count();
    for p in &pages {
        for piece in prose(&p.body.en) {
            assert!(!kana(&piece), "{}: in English: {piece}", p.path);
        }
        if ENGLISH.contains(&p.path.as_str()) {
            assert!(kana(&p.name.ja) || kana(&p.body.ja), "{}", p.path);
            continue;
        }
        for piece in prose(&p.body.ja) {
            // Names alone are the same in both.
            let english = letters(&piece) > 40 && !kana(&piece);
            assert!(!english, "{}: in Japanese: {piece}", p.path);
        }
        assert_eq!(shape(&p.body.ja), shape(&p.body.en), "{}", p.path);
    }
}

#[test]
fn links_of_the_repository_lead_somewhere() {
    let root = root().unwrap();
    let mut files: Vec<String> = ["", "src/", "rules/", "collectors/", "mappings/", "history/"]
        .iter()
        .map(|folder| format!("{folder}README.md"))
        .collect();
    for entry in fs::read_dir(root.join("docs")).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        if name.ends_with(".md") {
            files.push(format!("docs/{name}"));
        }
    }
    let texts: Vec<String> = files
        .iter()
        .map(|f| fs::read_to_string(root.join(f)).unwrap())
        .collect();
    let pages: Vec<(&str, &str)> = files
        .iter()
        .zip(&texts)
        .map(|(f, t)| (f.as_str(), t.as_str()))
        .collect();
    let broken = links::broken(&pages, &|path| root.join(path).exists());
    assert!(broken.is_empty(), "{}", broken.join("\n"));
}

#[test]
fn the_page_of_exit_codes_has_those_of_the_program() {
    let root = root().unwrap();
    let source = fs::read_to_string(root.join("src/cli/src/exit.rs")).unwrap();
    let numbers = |text: &str, pattern: &str| -> Vec<u8> {
        let found = Regex::new(pattern).unwrap();
        found
            .captures_iter(text)
            .map(|c| c[1].parse().unwrap())
            .collect()
    };
    let codes = numbers(&source, r"(?m)^    [A-Z]\w+ = (\d+),$");
    assert!(codes.len() > 7, "{codes:?}");
    for file in [
        "README.md",
        "docs/book/ja/exit-codes.md",
        "docs/book/en/exit-codes.md",
    ] {
        let text = fs::read_to_string(root.join(file)).unwrap();
        assert_eq!(numbers(&text, r"(?m)^\| (\d+) \|"), codes, "{file}");
    }
}
