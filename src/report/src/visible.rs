//! Text of strangers made safe to look at, and measured in columns.

use std::borrow::Cow;
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// Whether `c` steers a terminal or the direction of text, or hides.
fn steers(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{ad}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{180e}' | '\u{200b}' | '\u{200e}' | '\u{200f}'
            | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{feff}' | '\u{ffa0}'
            | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

/// `s` with every character that steers or hides shown as `<U+202E>`: names in
/// the cloud are chosen by strangers, and must neither move a terminal's cursor
/// nor reverse a line. Line breaks are shown as well.
pub fn visible(s: &str) -> Cow<'_, str> {
    if !s.chars().any(steers) {
        return Cow::Borrowed(s);
    }
    let mut out = String::with_capacity(s.len() + 8);
    for c in s.chars() {
        if steers(c) {
            out.push_str(&format!("<U+{:04X}>", u32::from(c)));
        } else {
            out.push(c);
        }
    }
    Cow::Owned(out)
}

/// Like [`visible`], line breaks and tabs kept: for texts of several lines.
pub(crate) fn visible_lines(s: &str) -> Cow<'_, str> {
    if !s.chars().any(|c| steers(c) && c != '\n' && c != '\t') {
        return Cow::Borrowed(s);
    }
    let lines: Vec<_> = s.split('\n').map(visible).collect();
    Cow::Owned(lines.join("\n").replace("<U+0009>", "\t"))
}

/// Columns that `s` takes on a terminal; full-width characters take two.
pub fn width(s: &str) -> usize {
    s.width()
}

/// `s` cut to at most `columns`, the cut shown as `...`.
pub fn clip(s: &str, columns: usize) -> String {
    if width(s) <= columns {
        return s.to_owned();
    }
    let room = columns.saturating_sub(3);
    let mut out = String::new();
    let mut used = 0;
    for c in s.chars() {
        let w = c.width().unwrap_or(0);
        if used + w > room {
            break;
        }
        used += w;
        out.push(c);
    }
    out.push_str(&"..."[..columns.min(3)]);
    out
}

/// `s` with spaces after it up to `columns`.
pub fn pad(s: &str, columns: usize) -> String {
    format!("{s}{}", " ".repeat(columns.saturating_sub(width(s))))
}

/// `s` in lines of at most `columns`: broken at spaces, in Japanese between any
/// two characters but not before a closing mark. A path that is wider than a line is
/// broken before `/`, `?` and `&`.
pub fn fold(s: &str, columns: usize) -> Vec<String> {
    let mut lines = Vec::new();
    let mut line = String::new();
    for word in pieces(s).into_iter().flat_map(|w| steps(w, columns)) {
        if width(&line) + width(word.trim_end()) > columns && !line.is_empty() {
            lines.push(line.trim_end().to_owned());
            line.clear();
        }
        line.push_str(word);
        while width(line.trim_end()) > columns {
            let head = cut_at(&line, columns);
            let rest = line.split_off(head);
            lines.push(std::mem::replace(&mut line, rest));
        }
    }
    if !line.trim_end().is_empty() {
        lines.push(line.trim_end().to_owned());
    }
    lines
}

/// Byte offset where `columns` are used up, at least one character on.
fn cut_at(s: &str, columns: usize) -> usize {
    let mut used = 0;
    for (i, c) in s.char_indices() {
        used += c.width().unwrap_or(0);
        if used > columns && i > 0 {
            return i;
        }
    }
    s.len()
}

/// Lines that a text takes where a line has `columns`; words are not broken if they
/// fit.
pub(crate) fn lines(text: &str, columns: usize) -> usize {
    let of = |l: &str| match width(l) <= columns {
        true => 1,
        false => fold(l, columns).len(),
    };
    text.split('\n').map(of).sum()
}

/// A word that is wider than a line, as the steps of a path; any other as it is.
fn steps(word: &str, columns: usize) -> Vec<&str> {
    if width(word.trim_end()) <= columns {
        return vec![word];
    }
    let mut out = Vec::new();
    let (mut start, mut before) = (0, ' ');
    for (i, c) in word.char_indices() {
        // Neither an address's `://` nor a leading mark stands alone.
        if i > start && matches!(c, '/' | '?' | '&') && !matches!(before, '/' | ':') {
            out.push(&word[start..i]);
            start = i;
        }
        before = c;
    }
    out.push(&word[start..]);
    out
}

/// Pieces that must not be broken.
fn pieces(s: &str) -> Vec<&str> {
    let mut out = Vec::new();
    let mut start = 0;
    let mut chars = s.char_indices().peekable();
    while let Some((i, c)) = chars.next() {
        let end = i + c.len_utf8();
        let Some(&(_, next)) = chars.peek() else {
            break;
        };
        let wide = |c: char| c.width() == Some(2);
        let may = (c == ' ' && next != ' ')
            || ((wide(c) || wide(next))
                && c != ' '
                && !matches!(
                    next,
                    '、' | '。'
                        | '」'
                        | '』'
                        | '）'
                        | ')'
                        | ','
                        | '.'
                        | '，'
                        | '．'
                        | '・'
                        | 'ー'
                        | ' '
                )
                && !matches!(c, '「' | '『' | '（' | '('));
        if may {
            out.push(&s[start..end]);
            start = end;
        }
    }
    out.push(&s[start..]);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steering_characters_are_shown() {
        assert_eq!(visible("a\u{1b}[31mb\u{202e}c"), "a<U+001B>[31mb<U+202E>c");
        assert_eq!(visible("日本 👩‍💻"), "日本 👩‍💻");
        assert_eq!(visible_lines("a\n\tb\u{7}"), "a\n\tb<U+0007>");
    }

    #[test]
    fn full_width_is_measured_as_two() {
        assert_eq!(clip("証跡の一覧", 7), "証跡...");
        assert_eq!(clip("証跡", 4), "証跡");
        assert_eq!(width(&pad("証", 6)), 6);
        assert_eq!(clip("abcdef", 2), "..");
    }

    #[test]
    fn a_path_that_is_too_wide_is_broken_at_its_steps() {
        let call = "arm:GET /subscriptions/{id}/providers/Microsoft.App/managedEnvironments?api-version=2026-07-01&top=9";
        assert_eq!(
            fold(call, 40),
            [
                "arm:GET /subscriptions/{id}/providers",
                "/Microsoft.App/managedEnvironments",
                "?api-version=2026-07-01&top=9"
            ]
        );
        assert_eq!(
            fold("see https://learn.microsoft.com/azure/storage/blobs", 32),
            ["see https://learn.microsoft.com", "/azure/storage/blobs"]
        );
        // What fits on a line of its own stays whole.
        assert_eq!(fold("either and/or both", 12), ["either", "and/or both"]);
        for columns in 8..60 {
            let lines = fold(call, columns);
            assert!(lines.iter().all(|l| width(l) <= columns), "{lines:?}");
            assert_eq!(lines.concat().replace(' ', ""), call.replace(' ', ""));
        }
    }

    #[test]
    fn folding_keeps_every_line_within_its_columns() {
        let text = "権限が不足している（s3:GetBucketPolicy）。再度、読み取ること。 and a few english words too";
        for columns in 8..60 {
            let lines = fold(text, columns);
            assert!(
                lines.iter().all(|l| width(l) <= columns),
                "{columns}: {lines:?}"
            );
            assert_eq!(lines.concat().replace(' ', ""), text.replace(' ', ""));
        }
    }
}
