//! Ids and texts in sheets of any layout.

use super::sheet::{Cell, Sheet, name};
use serde::Serialize;
use shoseki_assess::Catalogue;
use shoseki_model::Text;
use std::collections::{BTreeMap, BTreeSet};

/// Rows in which heads are looked for.
pub const HEAD_ROWS: u32 = 40;

/// Heads of columns of ids, without white space, in lower case.
const ID_HEADS: [&str; 14] = [
    "管理策番号",
    "管理基準番号",
    "統制目標番号",
    "詳細管理策番号",
    "統制目標no.",
    "詳細管理策no.",
    "管理策no.",
    "管理策id",
    "番号",
    "項番",
    "no.",
    "no",
    "№",
    "id",
];

/// Heads of columns of texts, and how many numbers the ids of theirs have; 0:
/// any.
const TEXT_HEADS: [(&str, usize); 10] = [
    ("統制目標", 3),
    ("詳細管理策", 4),
    ("管理策の内容", 0),
    ("管理策", 0),
    ("管理基準", 0),
    ("管理基準の内容", 0),
    ("要求事項", 0),
    ("内容", 0),
    ("本文", 0),
    ("text", 0),
];

/// A text, and where it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Placed {
    /// The text.
    pub text: String,
    sheet: usize,
    id_cell: (u32, u32),
    text_cell: (u32, u32),
}

/// Something that a person must look at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Trouble {
    /// Name of the sheet.
    pub sheet: String,
    /// `B12`.
    pub cell: String,
    /// `unknown`, `duplicate`, `date` or `empty`.
    pub kind: &'static str,
    /// What it is, in words.
    pub message: Text,
}

/// What was found.
#[derive(Debug, Default)]
pub struct Found {
    /// Control id → text.
    pub texts: BTreeMap<String, Placed>,
    /// What is not clear.
    pub problems: Vec<Trouble>,
}

/// A head row and its columns.
struct Heads {
    row: u32,
    ids: Vec<u32>,
    /// Column, and numbers of the ids.
    texts: Vec<(u32, usize)>,
}

/// Text without white space, full-width forms as ASCII, in lower case.
fn plain(text: &str) -> String {
    text.chars()
        .filter(|c| !c.is_whitespace())
        .map(narrow)
        .flat_map(char::to_lowercase)
        .collect()
}

/// The ASCII form of a full-width character; the Japanese full stop and middle
/// dots too, which stand for a dot between numbers.
fn narrow(c: char) -> char {
    match c {
        '！'..='～' => char::from_u32(u32::from(c) - 0xfee0).unwrap_or(c),
        '。' | '・' | '･' => '.',
        c => c,
    }
}

/// An id as catalogues spell it: numbers and, after another dot, the suffix.
/// `None`: this is no id of at least three numbers.
pub fn id(text: &str) -> Option<String> {
    let text: String = text
        .chars()
        .filter(|c| !c.is_whitespace())
        .map(narrow)
        .collect();
    let text = text.trim_matches(['[', ']', '(', ')', '【', '】', '.']);
    let at = text
        .find(|c: char| c.is_ascii_alphabetic())
        .unwrap_or(text.len());
    let (numbers, suffix) = text.split_at(at);
    let numbers: Vec<&str> = numbers.trim_end_matches('.').split('.').collect();
    let number = |n: &&str| (1..=3).contains(&n.len()) && n.bytes().all(|b| b.is_ascii_digit());
    let suffix = suffix.to_ascii_uppercase();
    let right = (3..=5).contains(&numbers.len())
        && numbers.iter().all(number)
        && suffix.len() <= 3
        && suffix.bytes().all(|b| b.is_ascii_uppercase());
    if !right {
        return None;
    }
    let bare = numbers.join(".");
    Some(match suffix.is_empty() {
        true => bare,
        false => format!("{bare}.{suffix}"),
    })
}

/// Line breaks as `\n`, lines trimmed, no empty lines at the ends or twice.
fn tidy(text: &str) -> String {
    let text = text
        .replace("_x000D_", "")
        .replace("\r\n", "\n")
        .replace('\r', "\n");
    let mut lines: Vec<&str> = text.lines().map(str::trim).collect();
    lines.dedup_by(|a, b| a.is_empty() && b.is_empty());
    lines.join("\n").trim().to_owned()
}

fn heads(sheet: &Sheet) -> Option<Heads> {
    for row in 0..sheet.size.0.min(HEAD_ROWS) {
        let mut found = Heads {
            row,
            ids: Vec::new(),
            texts: Vec::new(),
        };
        for column in 0..sheet.size.1 {
            // A merged head is the head of its first column.
            let merged = sheet.merged.get(&(row, column));
            if merged.is_some_and(|m| m.1 != column) {
                continue;
            }
            let Some(head) = sheet.text(row, column).map(plain) else {
                continue;
            };
            if ID_HEADS.contains(&head.as_str()) {
                found.ids.push(column);
            }
            if let Some((_, numbers)) = TEXT_HEADS.iter().find(|(h, _)| *h == head) {
                found.texts.push((column, *numbers));
            }
        }
        if !found.ids.is_empty() && !found.texts.is_empty() {
            return Some(found);
        }
    }
    None
}

/// The column of the text of an id of so many numbers in `column`: of those up
/// to the next column of ids the one for that many numbers, else the first that
/// is for any.
fn text_column(heads: &Heads, column: u32, numbers: usize) -> Option<u32> {
    let next = heads.ids.iter().copied().find(|c| *c > column);
    let mine = || {
        let texts = heads.texts.iter();
        texts.filter(move |(c, _)| *c > column && next.is_none_or(|n| *c < n))
    };
    let exact = mine().find(|(_, n)| *n == numbers);
    let any = || mine().find(|(_, n)| *n == 0);
    // A lone column holds all texts, whatever its head says.
    let lone = || mine().next().filter(|_| mine().count() == 1);
    exact.or_else(any).or_else(lone).map(|(c, _)| *c)
}

/// All ids and texts of a workbook.
pub fn texts(sheets: &[Sheet], catalogue: &Catalogue) -> Found {
    let mut found = Found::default();
    let mut unclear: BTreeSet<String> = BTreeSet::new();
    for (n, sheet) in sheets.iter().enumerate() {
        let Some(heads) = heads(sheet) else { continue };
        // Only what is there: the last of the rows may be the millionth.
        let below = |at: &&(u32, u32)| at.0 > heads.row && heads.ids.binary_search(&at.1).is_ok();
        let mut ids: Vec<_> = sheet.cells.keys().filter(below).copied().collect();
        ids.sort_unstable();
        for at in ids {
            one(&mut found, &mut unclear, (n, sheets), &heads, at, catalogue);
        }
    }
    found.texts.retain(|id, _| !unclear.contains(id));
    found
}

fn one(
    found: &mut Found,
    unclear: &mut BTreeSet<String>,
    (n, sheets): (usize, &[Sheet]),
    heads: &Heads,
    at: (u32, u32),
    catalogue: &Catalogue,
) {
    let sheet = &sheets[n];
    let mut tell = |kind: &'static str, ja: String, en: String| {
        found.problems.push(Trouble {
            sheet: sheet.name.clone(),
            cell: name(at.0, at.1),
            kind,
            message: Text::new(ja, en),
        });
    };
    let written = match sheet.cells.get(&at) {
        Some(Cell::Text(t)) => t,
        Some(Cell::Date) => {
            tell(
                "date",
                "日付として保存されており、番号が分からない。文字列に直す必要がある。".into(),
                "this is stored as a date, so the id is not known; make it text".into(),
            );
            return;
        }
        // Running numbers and sections.
        Some(Cell::Number(_)) | None => return,
    };
    let Some(id) = id(written) else { return };
    let Some(control) = known(catalogue, &id) else {
        let near = catalogue.suggest(&id).unwrap_or("-");
        tell(
            "unknown",
            format!("{id} はこの版の管理基準にない番号である(近い番号 {near})。"),
            format!("{id} is no id of this edition; the nearest is {near}"),
        );
        return;
    };
    let numbers = id
        .split('.')
        .filter(|p| p.bytes().all(|b| b.is_ascii_digit()))
        .count();
    let column = text_column(heads, at.1, numbers);
    let cell = column.and_then(|c| sheet.text(at.0, c).map(|t| ((at.0, c), tidy(t))));
    let Some((text_cell, text)) = cell.filter(|(_, t)| !t.is_empty()) else {
        // A further row of a merged id may be empty.
        if sheet.merged.get(&at).is_none_or(|first| *first == at) {
            tell(
                "empty",
                format!("{id} に本文がない。"),
                format!("{id} has no text"),
            );
        }
        return;
    };
    let placed = Placed {
        text,
        sheet: n,
        id_cell: at,
        text_cell,
    };
    place(found, unclear, sheets, control, placed);
}

/// Keeps a text, or tells that another stands elsewhere.
fn place(
    found: &mut Found,
    unclear: &mut BTreeSet<String>,
    sheets: &[Sheet],
    control: &str,
    placed: Placed,
) {
    let Some(first) = found.texts.get_mut(control) else {
        found.texts.insert(control.to_owned(), placed);
        return;
    };
    let range = |p: &Placed, cell: (u32, u32)| {
        (p.sheet, *sheets[p.sheet].merged.get(&cell).unwrap_or(&cell))
    };
    if first.text == placed.text {
        return;
    }
    if range(first, first.id_cell) == range(&placed, placed.id_cell) {
        // One id merged over several rows: its text goes on, row by row.
        if range(first, first.text_cell) != range(&placed, placed.text_cell) {
            first.text = format!("{}\n{}", first.text, placed.text);
        }
        return;
    }
    let (other, there) = (
        &sheets[first.sheet].name,
        name(first.id_cell.0, first.id_cell.1),
    );
    found.problems.push(Trouble {
        sheet: sheets[placed.sheet].name.clone(),
        cell: name(placed.id_cell.0, placed.id_cell.1),
        kind: "duplicate",
        message: Text::new(
            format!("{control} は {other}!{there} にもあり、本文が異なる。どちらも取り込まない。"),
            format!("{control} stands in {other}!{there} too, with another text; neither is taken"),
        ),
    });
    unclear.insert(control.to_owned());
}

/// The id of the catalogue. A workbook may keep the suffix in a column of its
/// own; another suffix than the catalogue's is another id.
fn known<'c>(catalogue: &'c Catalogue, id: &str) -> Option<&'c str> {
    if let Some(c) = catalogue.get(id) {
        return Some(&c.id);
    }
    if id.ends_with(|c: char| !c.is_ascii_digit()) {
        return None;
    }
    ["B", "P", "PB"]
        .iter()
        .find_map(|s| catalogue.get(&format!("{id}.{s}")))
        .map(|c| c.id.as_str())
}

#[cfg(test)]
mod tests {
    use super::{id, tidy};

    #[test]
    fn ids_are_read_however_they_are_written() {
        for (written, read) in [
            ("9.4.2.2.B", Some("9.4.2.2.B")),
            ("９．４．２．２Ｂ", Some("9.4.2.2.B")),
            (" 9.4.2.2\n.PB ", Some("9.4.2.2.PB")),
            ("【6.3.1.p】", Some("6.3.1.P")),
            ("12・4・1・15", Some("12.4.1.15")),
            ("9.4.2", Some("9.4.2")),
            ("9.4", None),
            ("9.4.2.2.X", Some("9.4.2.2.X")),
            ("9.4.x.2", None),
            ("9..4.2", None),
            ("2024.07.01.1234", None),
            ("注1", None),
            ("", None),
        ] {
            assert_eq!(id(written).as_deref(), read, "{written}");
        }
    }

    #[test]
    fn texts_are_tidied() {
        assert_eq!(tidy("  あ\r\n\r\n\r\n い_x000D_\n"), "あ\n\nい");
    }
}
