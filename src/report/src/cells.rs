//! Text of strangers in the cells of a spreadsheet.

use crate::visible::visible_lines;
use std::borrow::Cow;

/// Characters that a cell shows at most; Excel holds 32,767.
pub const CELL_MOST: usize = 8_000;

/// `text` as a cell may hold it: what steers or hides is shown (line breaks
/// stay), and what is longer than [`CELL_MOST`] characters is cut visibly.
pub fn cell(text: &str) -> Cow<'_, str> {
    let shown = visible_lines(text);
    match shown.char_indices().nth(CELL_MOST) {
        None => shown,
        Some((at, _)) => Cow::Owned(format!("{}...", &shown[..at])),
    }
}

/// Whether a spreadsheet that reads `text` from a CSV file, or in which it is
/// typed again, takes it for a formula: it begins with `=`, `+`, `-`, `@`, their
/// full-width forms, or white space, which some programs strip.
pub fn is_formula(text: &str) -> bool {
    text.starts_with([
        '=', '+', '-', '@', '＝', '＋', '－', '＠', '\t', '\r', '\n', ' ', '\u{3000}',
    ])
}

/// `text` with an apostrophe before it where it would be taken for a formula.
pub fn csv_cell(text: &str) -> Cow<'_, str> {
    match is_formula(text) {
        true => Cow::Owned(format!("'{text}")),
        false => Cow::Borrowed(text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formulas_are_held_back() {
        for text in ["=1+1", "+1", "-1", "@x", "\t=1", "＝1", " =1"] {
            assert_eq!(csv_cell(text), format!("'{text}"));
        }
        assert_eq!(csv_cell("arn:aws:s3:::x"), "arn:aws:s3:::x");
        assert_eq!(csv_cell(""), "");
    }

    #[test]
    fn long_text_is_cut_where_it_can_be_seen() {
        let long = "証".repeat(CELL_MOST + 1);
        let cut = cell(&long);
        assert!(cut.ends_with("証...") && cut.chars().count() == CELL_MOST + 3);
        assert_eq!(cell("a\u{202e}b\nc"), "a<U+202E>b\nc");
    }
}
