//! Sheets of a workbook as text.

use calamine::{DataRef, Reader as _, Xlsx, XlsxError, open_workbook_from_rs};
use std::collections::HashMap;
use std::io::{self, Cursor, Read as _};
use zip::ZipArchive;

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

/// Bytes that a workbook may unpack to, and cells that it may have: far above
/// the official one.
const UNPACKED: u64 = 1 << 28;
const CELLS: usize = 2_000_000;
/// What a sheet has at most,
/// <https://support.microsoft.com/office/1672b34d-7043-467e-8e27-269d656771c3>.
const ROWS: u32 = 1 << 20;
const COLUMNS: u32 = 1 << 14;

/// Refuses a workbook that unpacks to more than it may.
fn weigh(bytes: &[u8]) -> Result<(), String> {
    let mut zip = ZipArchive::new(Cursor::new(bytes)).map_err(|e| e.to_string())?;
    let mut left = UNPACKED;
    for i in 0..zip.len() {
        // What cannot be read is told by the reader of workbooks, if it is asked for.
        let Ok(file) = zip.by_index(i) else { continue };
        let n = io::copy(&mut file.take(left + 1), &mut io::sink()).unwrap_or(0);
        left = left
            .checked_sub(n)
            .ok_or_else(|| format!("it unpacks to more than {UNPACKED} bytes"))?;
    }
    Ok(())
}

/// Reads all sheets.
///
/// # Errors
/// Why the bytes are no workbook that can be read, in words.
pub fn read(bytes: &[u8]) -> Result<Vec<Sheet>, String> {
    let needed = |e| format!("{e}; a workbook in the form XLSX, without a password, is needed");
    weigh(bytes).map_err(needed)?;
    let mut book: Xlsx<_> =
        open_workbook_from_rs(Cursor::new(bytes)).map_err(|e: XlsxError| needed(e.to_string()))?;
    let mut left = CELLS;
    let mut out = Vec::new();
    for name in book.sheet_names() {
        let told = |e: XlsxError| format!("sheet {name}: {e}");
        let merged = book.merge_cells_by_sheet_name(&name).map_err(told)?;
        let mut sheet = Sheet {
            name: name.clone(),
            ..Sheet::default()
        };
        // One by one: a sheet's range would have room for all cells between its
        // first and its last, and these may be a million rows apart.
        let mut cells = book.worksheet_cells_reader(&name).map_err(told)?;
        while let Some(found) = cells.next_cell().map_err(told)? {
            if let Some(cell) = cell(found.get_value()) {
                fill(&mut sheet, found.get_position(), cell, &mut left)?;
            }
        }
        for m in merged {
            merge(&mut sheet, m.start, m.end, &mut left)?;
        }
        out.push(sheet);
    }
    Ok(out)
}

fn spend(left: &mut usize) -> Result<(), String> {
    *left = left
        .checked_sub(1)
        .ok_or_else(|| format!("it has more than {CELLS} cells"))?;
    Ok(())
}

/// Puts a cell into its place, the first of two.
fn fill(sheet: &mut Sheet, at: (u32, u32), cell: Cell, left: &mut usize) -> Result<(), String> {
    spend(left)?;
    if at.0 >= ROWS || at.1 >= COLUMNS {
        return Err("a cell stands beyond the last row or column that a sheet has".to_owned());
    }
    sheet.cells.entry(at).or_insert(cell);
    sheet.size = (sheet.size.0.max(at.0 + 1), sheet.size.1.max(at.1 + 1));
    Ok(())
}

/// Fills a merged range from its first cell.
fn merge(
    sheet: &mut Sheet,
    start: (u32, u32),
    end: (u32, u32),
    left: &mut usize,
) -> Result<(), String> {
    let long = |from: u32, to: u32| (u64::from(to) + 1).saturating_sub(u64::from(from));
    if long(start.0, end.0).saturating_mul(long(start.1, end.1)) > MOST {
        return Ok(());
    }
    let first = sheet.cells.get(&start).cloned();
    for at in (start.0..=end.0).flat_map(|r| (start.1..=end.1).map(move |c| (r, c))) {
        spend(left)?;
        sheet.merged.insert(at, start);
        if let Some(first) = &first {
            fill(sheet, at, first.clone(), left)?;
        }
    }
    Ok(())
}

fn cell(data: &DataRef<'_>) -> Option<Cell> {
    let text = |s: &str| (!s.trim().is_empty()).then(|| Cell::Text(s.to_owned()));
    match data {
        DataRef::String(s) => text(s),
        DataRef::SharedString(s) => text(s),
        DataRef::Int(n) => Some(Cell::Number(n.to_string())),
        DataRef::Float(n) => Some(Cell::Number(n.to_string())),
        DataRef::DateTime(_) | DataRef::DateTimeIso(_) | DataRef::DurationIso(_) => {
            Some(Cell::Date)
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests stop at the first surprise")]
    use super::{Cell, read};
    use std::io::{Cursor, Write as _};
    use zip::write::{SimpleFileOptions, ZipWriter};

    const MAIN: &str = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
    const RELATIONS: &str = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";

    /// A workbook whose only sheet has this content.
    fn book(content: &str) -> Vec<u8> {
        let files = [
            (
                "_rels/.rels",
                format!(
                    r#"<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="a" Type="{RELATIONS}/officeDocument" Target="xl/workbook.xml"/></Relationships>"#
                ),
            ),
            (
                "xl/workbook.xml",
                format!(
                    r#"<workbook xmlns="{MAIN}" xmlns:r="{RELATIONS}"><sheets><sheet name="S" sheetId="1" r:id="a"/></sheets></workbook>"#
                ),
            ),
            (
                "xl/_rels/workbook.xml.rels",
                format!(
                    r#"<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="a" Type="{RELATIONS}/worksheet" Target="worksheets/sheet1.xml"/></Relationships>"#
                ),
            ),
            (
                "xl/worksheets/sheet1.xml",
                format!(r#"<worksheet xmlns="{MAIN}">{content}</worksheet>"#),
            ),
        ];
        let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
        for (name, text) in files {
            zip.start_file(name, SimpleFileOptions::default()).unwrap();
            zip.write_all(text.as_bytes()).unwrap();
        }
        zip.finish().unwrap().into_inner()
    }

    fn cells(at: [&str; 2], merged: &str) -> Vec<u8> {
        let cell = |r: &str| format!(r#"<row><c r="{r}"><v>1</v></c></row>"#);
        book(&format!(
            r#"<sheetData>{}{}</sheetData><mergeCells><mergeCell ref="{merged}"/></mergeCells>"#,
            cell(at[0]),
            cell(at[1])
        ))
    }

    #[test]
    fn two_cells_at_the_ends_of_a_sheet_take_no_room_between_them() {
        let sheets = read(&cells(["A1", "XFD1048576"], "B2:B4")).unwrap();
        assert_eq!(sheets[0].cells.len(), 2);
        assert_eq!(sheets[0].size, (1 << 20, 1 << 14));
        assert_eq!(sheets[0].merged[&(3, 1)], (1, 1));
    }

    #[test]
    fn ranges_are_filled_and_odd_ones_do_no_harm() {
        let sheets = read(&cells(["A1", "C9"], "A1:A3")).unwrap();
        assert_eq!(sheets[0].cells[&(2, 0)], Cell::Number("1".into()));
        for odd in ["C9:A1", "A1:XFD1048576", "A1"] {
            let _ = read(&cells(["A1", "C9"], odd));
        }
    }

    #[test]
    fn a_workbook_that_unpacks_without_end_is_refused() {
        let content = " ".repeat(300 << 20);
        let e = read(&book(&content)).unwrap_err();
        assert!(e.contains("unpacks to more"), "{e}");
    }

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
