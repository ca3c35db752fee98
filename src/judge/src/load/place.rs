//! A place in a text of YAML → a place in the file.
//!
//! Quoted, folded and literal texts differ from what the file holds only in
//! white space and escapes, so both are walked side by side by the characters
//! that are neither.

use crate::syntax::Span;
use serde_saphyr::Location;

/// Line, column (from 1, in characters) and width of `span` of the text
/// `value`, which stands at `at` in `file`.
pub(super) fn place(file: &str, at: Location, value: &str, span: Span) -> (u32, u32, u32) {
    let fallback = (number(at.line()), number(at.column()), 1);
    let bytes = at.span().byte_offset().zip(at.span().byte_len());
    let Some((start, len)) = bytes else {
        return fallback;
    };
    let (Ok(start), Ok(len)) = (usize::try_from(start), usize::try_from(len)) else {
        return fallback;
    };
    let Some(raw) = file.get(start..start.saturating_add(len)) else {
        return fallback;
    };
    let first = solid(value.get(..span.start).unwrap_or(value));
    let count = solid(value.get(span.start..span.end).unwrap_or_default()).max(1);
    let seen = written(raw, value);
    let end = seen.last().map_or(0, |s| s.1);
    let from = seen.get(first).copied().unwrap_or((end, end));
    let to = seen.get(first + count - 1).copied().unwrap_or(from);
    locate(file, start + from.0, start + to.1)
}

fn number(n: u64) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}

fn solid(s: &str) -> usize {
    s.chars().filter(|c| !c.is_whitespace()).count()
}

/// Where each character of the value that is no white space is written in `raw`.
fn written(raw: &str, value: &str) -> Vec<(usize, usize)> {
    let plain: Vec<(usize, usize)> = raw
        .char_indices()
        .filter(|(_, c)| !c.is_whitespace())
        .map(|(i, c)| (i, i + c.len_utf8()))
        .collect();
    if plain.len() == solid(value) {
        return plain;
    }
    match raw.chars().next() {
        Some('"') => double_quoted(raw),
        Some('\'') => single_quoted(raw),
        _ => plain,
    }
}

fn single_quoted(raw: &str) -> Vec<(usize, usize)> {
    let mut out = Vec::new();
    let mut chars = raw.char_indices().skip(1).peekable();
    while let Some((i, c)) = chars.next() {
        if c == '\'' && chars.next_if(|n| n.1 == '\'').is_none() {
            break;
        }
        if !c.is_whitespace() {
            let end = chars.peek().map_or(raw.len(), |n| n.0);
            out.push((i, end));
        }
    }
    out
}

fn double_quoted(raw: &str) -> Vec<(usize, usize)> {
    let mut out = Vec::new();
    let mut chars = raw.char_indices().skip(1).peekable();
    while let Some((i, c)) = chars.next() {
        match c {
            '"' => break,
            '\\' => {
                let Some((_, escape)) = chars.next() else {
                    break;
                };
                let digits = match escape {
                    'x' => 2,
                    'u' => 4,
                    'U' => 8,
                    _ => 0,
                };
                for _ in 0..digits {
                    chars.next();
                }
                if !matches!(
                    escape,
                    'n' | 't' | 'r' | ' ' | '\t' | '\n' | 'v' | 'f' | 'N' | 'L' | 'P' | '_'
                ) {
                    let end = chars.peek().map_or(raw.len(), |n| n.0);
                    out.push((i, end));
                }
            }
            c if c.is_whitespace() => {}
            c => out.push((i, i + c.len_utf8())),
        }
    }
    out
}

/// Line, column and width of bytes of the file; the width ends with the line.
fn locate(file: &str, start: usize, end: usize) -> (u32, u32, u32) {
    let before = file.get(..start).unwrap_or(file);
    let line = before.matches('\n').count() + 1;
    let head = before.rfind('\n').map_or(0, |i| i + 1);
    let column = before[head..].chars().count() + 1;
    let body = file.get(start..end).unwrap_or_default();
    let width = body
        .lines()
        .next()
        .unwrap_or_default()
        .trim_end()
        .chars()
        .count();
    let n = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
    (n(line), n(column), n(width.max(1)))
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test fails by panicking")]
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        /// Whatever the style of the text, the word is found where it stands.
        #[test]
        fn a_word_is_found_in_every_style(before in "[a-z日\"' ]{0,12}", style in 0..5_usize) {
            let plain = format!("x {before} WORD y");
            let single = plain.replace('\'', "''");
            let double = plain.replace('"', "\\\"").replace('日', "\\u65e5");
            let folded = plain.split_whitespace().collect::<Vec<_>>().join("\n  ");
            let yaml = match style {
                0 => format!("a: '{single}'\n"),
                1 => format!("a: \"{double}\"\n"),
                2 => format!("a: |\n  {plain}\n"),
                3 => format!("a: >-\n  {folded}\n"),
                _ => format!("é: 1\na: >\n\n  {folded}\n"),
            };
            let node = crate::load::yaml::read("a.yaml", &yaml).unwrap();
            let crate::load::yaml::Yaml::Map(m) = &node.value else { return Ok(()) };
            let (_, value) = m.last().unwrap();
            let crate::load::yaml::Yaml::Str(text) = &value.value else { return Ok(()) };
            let start = text.find("WORD").unwrap();
            let (line, column, width) = place(&yaml, value.defined, text, Span::new(start, start + 4));
            let found: String = yaml
                .lines()
                .nth(line as usize - 1)
                .unwrap()
                .chars()
                .skip(column as usize - 1)
                .take(width as usize)
                .collect();
            prop_assert_eq!(found, "WORD", "{}", yaml);
        }
    }
}
