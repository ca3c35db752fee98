//! Tables of any length: over as many sheets as they need.

use super::{Book, Look, Paper, Sheet};
use crate::data::ReportError;
use crate::visible::lines;
use crate::words::{Word, word};
use shoseki_model::Lang;

/// Rows of a sheet of Excel.
const ROWS: u32 = 1_048_576;

/// One column of a table.
#[derive(Clone, Copy, Debug)]
pub struct Column {
    /// Its head.
    pub head: Word,
    /// Its width in characters.
    pub width: f64,
    /// How its cells look; [`Look::Input`]: for people to fill in.
    pub look: Look,
}

/// A column from its head in both languages, its width and its look.
pub const fn column(ja: &'static str, en: &'static str, width: f64, look: Look) -> Column {
    Column {
        head: word(ja, en),
        width,
        look,
    }
}

/// What stands in a cell.
#[derive(Clone, Debug, PartialEq)]
pub enum Cell {
    /// Text that looks as its column does.
    Text(String),
    /// Text that looks otherwise.
    As(Look, String),
    /// A number.
    Number(u64),
}

impl From<String> for Cell {
    fn from(s: String) -> Self {
        Self::Text(s)
    }
}

impl From<&str> for Cell {
    fn from(s: &str) -> Self {
        Self::Text(s.to_owned())
    }
}

impl From<u64> for Cell {
    fn from(n: u64) -> Self {
        Self::Number(n)
    }
}

/// The form of a table.
pub struct Shape<'a> {
    /// Name of its sheet; the sheets on which it goes on have a number after it.
    pub name: &'a str,
    /// The paper to print on.
    pub paper: Paper,
    /// Pages side by side.
    pub pages: u16,
    /// Columns that stay in sight and are printed on each page.
    pub kept: u16,
    /// Its columns.
    pub columns: &'a [Column],
    /// Lines above its heads.
    pub notes: Vec<(Look, String)>,
    /// A column with a drop-down of words.
    pub choice: Option<(u16, Vec<&'static str>)>,
    /// Lines that a row is high at most; Excel shows the rest on a click.
    pub lines: usize,
}

impl Book {
    /// Writes a table: heads, rows, filters. A row that is shorter than the heads
    /// is empty at its end. What a sheet cannot hold goes on in a further one.
    ///
    /// # Errors
    /// Rows that cannot be read, a sheet that cannot be written.
    pub fn table(
        &mut self,
        shape: &Shape<'_>,
        rows: impl Iterator<Item = Result<Vec<Cell>, ReportError>>,
        lang: Lang,
    ) -> Result<(), ReportError> {
        self.table_over(shape, rows, lang, ROWS)
    }

    fn table_over(
        &mut self,
        shape: &Shape<'_>,
        rows: impl Iterator<Item = Result<Vec<Cell>, ReportError>>,
        lang: Lang,
        most: u32,
    ) -> Result<(), ReportError> {
        let mut rows = rows.peekable();
        for part in 1_u32.. {
            let name = match part {
                1 => shape.name.to_owned(),
                n => format!("{} ({n})", shape.name),
            };
            let mut s = self.sheet(&name, shape.paper)?;
            let heads = begin(&mut s, shape, part, lang)?;
            let first = s.row();
            while s.row() < most {
                let Some(row) = rows.next() else { break };
                put(&mut s, shape, &row?)?;
            }
            s.filter(heads, shape.columns.len() as u16)?;
            if let Some((column, words)) = &shape.choice {
                s.choice(*column, first, words)?;
            }
            if rows.peek().is_none() {
                break;
            }
        }
        Ok(())
    }
}

/// Everything above the rows; the row of the heads.
fn begin(s: &mut Sheet<'_>, shape: &Shape<'_>, part: u32, lang: Lang) -> Result<u32, ReportError> {
    s.widths(shape.columns.iter().map(|c| c.width))?;
    s.pages_wide(shape.pages, shape.kept)?;
    let room: f64 = shape.columns.iter().map(|c| c.width).sum();
    let columns = shape.columns.len() as u16;
    if part > 1 {
        let word = word("前のシートから続く。", "Continued from the sheet before.");
        s.line(columns, Look::Note, word.get(lang), room as usize)?;
    }
    for (look, text) in &shape.notes {
        s.line(columns, *look, text, room as usize)?;
    }
    let heads = s.row();
    let looks = shape.columns.iter().map(|c| {
        let look = match c.look {
            Look::Input => Look::HeadInput,
            _ => Look::Head,
        };
        (c.head.get(lang), look)
    });
    s.heads(looks, shape.kept)?;
    Ok(heads)
}

fn put(s: &mut Sheet<'_>, shape: &Shape<'_>, row: &[Cell]) -> Result<(), ReportError> {
    let mut highest = (1, Look::Code.points());
    for (i, (at, column)) in (0_u16..).zip(shape.columns).enumerate() {
        let (look, text) = match row.get(i) {
            Some(Cell::Number(n)) => {
                s.number(at, *n)?;
                continue;
            }
            Some(Cell::As(look, text)) => (*look, text.as_str()),
            Some(Cell::Text(text)) => (column.look, text.as_str()),
            None => (column.look, ""),
        };
        s.put(at, look, text)?;
        if text.is_empty() {
            continue;
        }
        // Small letters: a few more than the width says.
        let room = (column.width * 1.1) as usize;
        let high = (lines(text, room.max(1)).min(shape.lines), look.points());
        let size = |(lines, points): (usize, f64)| lines as f64 * points;
        if size(high) > size(highest) {
            highest = high;
        }
    }
    s.height(highest.0, highest.1)?;
    s.next();
    Ok(())
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests stop at the first surprise")]
    use super::*;
    use calamine::{Reader, Xlsx, open_workbook_from_rs};
    use std::io::Cursor;

    #[test]
    fn a_row_is_as_high_as_its_words_need() {
        assert_eq!(lines("", 10), 1);
        assert_eq!(lines("one\ntwo", 10), 2);
        // Twenty characters, but no two of the words fit on a line of ten.
        assert_eq!(lines("settings policies be", 10), 3);
    }

    #[test]
    fn what_a_sheet_cannot_hold_goes_on_in_the_next() {
        let columns = [
            column("番号", "number", 8.0, Look::Number),
            column("結果", "result", 8.0, Look::Input),
        ];
        let shape = Shape {
            name: "判定",
            paper: Paper::A4,
            pages: 1,
            kept: 1,
            columns: &columns,
            notes: Vec::new(),
            choice: Some((1, vec!["質問"])),
            lines: 12,
        };
        for (n, sheets) in [(0_u64, 1), (9, 1), (10, 2), (17, 2), (18, 3)] {
            let mut book = Book::new("t", "2026-11-23T01:00:00Z").unwrap();
            let rows = (0..n).map(|i| Ok(vec![Cell::Number(i)]));
            // Nine rows below the heads; below the note of a further sheet eight.
            book.table_over(&shape, rows, Lang::Ja, 10).unwrap();
            let mut out = Cursor::new(Vec::new());
            book.save(&mut out).unwrap();
            let mut read: Xlsx<_> = open_workbook_from_rs(out).unwrap();
            let names = read.sheet_names();
            assert_eq!(names.len(), sheets, "{n}");
            assert!(names.iter().all(|s| s.starts_with("判定")), "{names:?}");
            let mut all: Vec<u64> = Vec::new();
            for name in names {
                let range = read.worksheet_range(&name).unwrap();
                assert!(range.height() <= 10);
                all.extend(
                    range
                        .rows()
                        .filter_map(|r| r[0].to_string().parse::<u64>().ok()),
                );
            }
            assert_eq!(all, (0..n).collect::<Vec<_>>());
        }
    }
}
