//! Sheets of a workbook as text.

use calamine::{Data, Reader as _, Xlsx, open_workbook_from_rs};
use std::collections::HashMap;
use std::io::Cursor;

/// What a cell holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Cell {
    /// Text.
    Text(String),
    /// A number, as it is written shortest.
    Number(String),
    /// A date or a time: an id that Excel took for one.
    Date,
}

/// One sheet.
#[derive(Clone, Debug, Default)]
pub struct Sheet {
    /// Its name.
    pub name: String,
    /// Filled cells by row and column, from 0; those of merged ranges too.
    pub cells: HashMap<(u32, u32), Cell>,
    /// The first cell of the merged range that a cell is in.
    pub merged: HashMap<(u32, u32), (u32, u32)>,
    /// Rows and columns.
    pub size: (u32, u32),
}

impl Sheet {
    /// The text of a cell.
    pub fn text(&self, row: u32, column: u32) -> Option<&str> {
        match self.cells.get(&(row, column)) {
            Some(Cell::Text(t)) => Some(t),
            _ => None,
        }
    }
}

/// `B12`.
pub fn name(row: u32, column: u32) -> String {
    let mut letters = Vec::new();
    let mut n = column + 1;
    while n > 0 {
        n -= 1;
        letters.push(char::from(b'A' + (n % 26) as u8));
        n /= 26;
    }
    let letters: String = letters.into_iter().rev().collect();
    format!("{letters}{}", row + 1)
}

/// Cells of a merged range that are filled at most; a range over whole columns
/// is layout.
const MOST: u64 = 10_000;

/// Reads all sheets.
///
/// # Errors
/// Why the bytes are no workbook that can be read, in words.
pub fn read(bytes: &[u8]) -> Result<Vec<Sheet>, String> {
    let mut book: Xlsx<_> = open_workbook_from_rs(Cursor::new(bytes))
        .map_err(|e| format!("{e}; a workbook in the form XLSX, without a password, is needed"))?;
    let mut out = Vec::new();
    for name in book.sheet_names() {
        let range = book
            .worksheet_range(&name)
            .map_err(|e| format!("sheet {name}: {e}"))?;
        let merged = book
            .merge_cells_by_sheet_name(&name)
            .map_err(|e| format!("sheet {name}: {e}"))?;
        let start = range.start().unwrap_or_default();
        let mut sheet = Sheet {
            name,
            ..Sheet::default()
        };
        for (row, column, data) in range.used_cells() {
            let at = (start.0 + row as u32, start.1 + column as u32);
            if let Some(cell) = cell(data) {
                sheet.cells.insert(at, cell);
                sheet.size = (sheet.size.0.max(at.0 + 1), sheet.size.1.max(at.1 + 1));
            }
        }
        for m in merged {
            let (rows, columns) = (m.start.0..=m.end.0, m.start.1..=m.end.1);
            let many = u64::from(m.end.0 - m.start.0 + 1) * u64::from(m.end.1 - m.start.1 + 1);
            if many > MOST {
                continue;
            }
            for at in rows.flat_map(|r| columns.clone().map(move |c| (r, c))) {
                sheet.merged.insert(at, m.start);
                if let Some(first) = sheet.cells.get(&m.start).cloned() {
                    sheet.cells.entry(at).or_insert(first);
                    sheet.size = (sheet.size.0.max(at.0 + 1), sheet.size.1.max(at.1 + 1));
                }
            }
        }
        out.push(sheet);
    }
    Ok(out)
}

fn cell(data: &Data) -> Option<Cell> {
    match data {
        Data::String(s) if !s.trim().is_empty() => Some(Cell::Text(s.clone())),
        Data::Int(n) => Some(Cell::Number(n.to_string())),
        Data::Float(n) => Some(Cell::Number(n.to_string())),
        Data::DateTime(_) | Data::DateTimeIso(_) | Data::DurationIso(_) => Some(Cell::Date),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn cells_are_named_as_excel_names_them() {
        for (column, letters) in [
            (0, "A1"),
            (25, "Z1"),
            (26, "AA1"),
            (701, "ZZ1"),
            (702, "AAA1"),
        ] {
            assert_eq!(super::name(0, column), letters);
        }
    }
}
