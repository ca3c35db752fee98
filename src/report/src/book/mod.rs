//! Workbooks for auditors: one look, and text that never becomes a formula.
//!
//! Every cell goes through [`Sheet`]; whatever comes from a cloud is written as
//! a string.

mod panics;
mod style;
mod table;

pub use style::Look;
pub use table::{Cell, Column, Shape, column};

use crate::cells::{cell, is_formula};
use crate::data::ReportError;
use crate::visible::width;
use rust_xlsxwriter::{
    DataValidation, DataValidationErrorStyle, DocProperties, ExcelDateTime, Workbook, Worksheet,
    XlsxError,
};
use std::io::{Seek, Write};
use std::panic::AssertUnwindSafe;
use style::Styles;

/// A workbook under way.
pub struct Book {
    book: Workbook,
    styles: Styles,
    font: String,
}

/// The font of every workbook. Excel on Windows and macOS carries it; elsewhere
/// a reader takes its own Japanese font in its place.
pub const FONT: &str = "Yu Gothic";

/// Paper to print on, with Excel's numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Paper {
    /// For tables of many columns.
    A3 = 8,
    /// For the rest.
    A4 = 9,
}

fn told(e: XlsxError) -> ReportError {
    ReportError::Write(std::io::Error::other(e))
}

/// Makes a workbook. The library behind it panics where its temporary files
/// cannot be written; here that is an error like any other.
///
/// # Errors
/// Those of `make`; a temporary file that cannot be written.
pub(crate) fn making<T>(make: impl FnOnce() -> Result<T, ReportError>) -> Result<T, ReportError> {
    let heard = panics::listen();
    std::panic::catch_unwind(AssertUnwindSafe(make)).unwrap_or_else(|_| {
        let said = heard.said().unwrap_or_default();
        let why = format!(
            "the workbook could not be written: {said}; look for room in the folder for temporary files (TMPDIR)"
        );
        Err(ReportError::Write(std::io::Error::other(why)))
    })
}

impl Book {
    /// An empty workbook. `moment`: RFC 3339, kept as its date of creation, so
    /// that the same data gives the same bytes.
    ///
    /// # Errors
    /// A moment before 1900.
    pub fn new(title: &str, moment: &str) -> Result<Self, ReportError> {
        let mut book = Workbook::new();
        let seconds = moment
            .parse::<jiff::Timestamp>()
            .map_or(0, jiff::Timestamp::as_second);
        let created = ExcelDateTime::from_timestamp(seconds).map_err(told)?;
        book.set_properties(
            &DocProperties::new()
                .set_title(title)
                .set_author("shoseki")
                .set_creation_datetime(&created),
        );
        Ok(Self {
            book,
            styles: Styles::new(FONT),
            font: FONT.to_owned(),
        })
    }

    /// A new sheet at the end, printed as wide as the paper. It is written row by
    /// row, and what is written leaves memory: a row that was ended cannot be
    /// written again.
    ///
    /// # Errors
    /// A name that Excel refuses, or that is there already; no room for a
    /// temporary file.
    pub fn sheet(&mut self, name: &str, paper: Paper) -> Result<Sheet<'_>, ReportError> {
        let sheet = self
            .book
            .add_worksheet_with_constant_memory()
            .map_err(told)?;
        sheet.set_name(name).map_err(told)?;
        sheet.set_paper_size(paper as u8);
        sheet.set_landscape();
        sheet.set_print_fit_to_pages(1, 0);
        sheet.set_margins(0.4, 0.4, 0.6, 0.6, 0.3, 0.3);
        let font = format!("&\"{},Regular\"&8", self.font);
        sheet.set_footer(format!("&L{font}&A&R{font}&P / &N"));
        Ok(Sheet {
            sheet,
            styles: &self.styles,
            row: 0,
        })
    }

    /// Writes it.
    ///
    /// # Errors
    /// A writer that fails, data that Excel cannot hold.
    pub fn save(mut self, to: impl Write + Seek + Send) -> Result<(), ReportError> {
        self.book.save_to_writer(to).map_err(told)
    }
}

/// A sheet, written row by row.
pub struct Sheet<'b> {
    sheet: &'b mut Worksheet,
    styles: &'b Styles,
    row: u32,
}

impl Sheet<'_> {
    /// Prints the table over several pages side by side, the first columns on
    /// each of them.
    ///
    /// # Errors
    /// A column that is outside the sheet.
    pub fn pages_wide(&mut self, pages: u16, repeated: u16) -> Result<(), ReportError> {
        self.sheet.set_print_fit_to_pages(pages, 0);
        self.sheet
            .set_repeat_columns(0, repeated.saturating_sub(1))
            .map_err(told)?;
        Ok(())
    }

    /// The next row, from 0.
    pub fn row(&self) -> u32 {
        self.row
    }

    /// Leaves a row empty.
    pub fn skip(&mut self) {
        self.row += 1;
    }

    /// Widths of the columns.
    ///
    /// # Errors
    /// More columns than Excel has.
    pub fn widths(&mut self, widths: impl IntoIterator<Item = f64>) -> Result<(), ReportError> {
        for (c, w) in (0_u16..).zip(widths) {
            self.sheet.set_column_width(c, w).map_err(told)?;
        }
        Ok(())
    }

    /// One cell of the current row.
    ///
    /// # Errors
    /// A place that is outside the sheet.
    pub fn put(&mut self, column: u16, look: Look, text: &str) -> Result<(), ReportError> {
        let text = cell(text);
        // Typed again, even a string that begins so would become a formula.
        let format = self.styles.of(look, is_formula(&text));
        let (row, text) = (self.row, text.as_ref());
        match text.is_empty() {
            true => self.sheet.write_blank(row, column, format),
            false => self
                .sheet
                .write_string_with_format(row, column, text, format),
        }
        .map_err(told)?;
        Ok(())
    }

    /// One number of the current row.
    ///
    /// # Errors
    /// A place that is outside the sheet.
    pub fn number(&mut self, column: u16, n: u64) -> Result<(), ReportError> {
        let format = self.styles.of(Look::Number, false);
        // Counts of records are far below 2^53.
        self.sheet
            .write_number_with_format(self.row, column, n as f64, format)
            .map_err(told)?;
        Ok(())
    }

    /// One text over several columns of the current row.
    ///
    /// # Errors
    /// A place that is outside the sheet.
    pub fn span(
        &mut self,
        columns: std::ops::RangeInclusive<u16>,
        look: Look,
        text: &str,
    ) -> Result<(), ReportError> {
        let text = cell(text);
        let format = self.styles.of(look, is_formula(&text));
        let row = self.row;
        self.sheet
            .merge_range(row, *columns.start(), row, *columns.end(), &text, format)
            .map_err(told)?;
        Ok(())
    }

    /// A line of one text over `columns` columns, high enough for all of it;
    /// `room`: characters that fit on a line.
    ///
    /// # Errors
    /// A place that is outside the sheet.
    pub fn line(
        &mut self,
        columns: u16,
        look: Look,
        text: &str,
        room: usize,
    ) -> Result<(), ReportError> {
        match columns.saturating_sub(1) {
            0 => self.put(0, look, text)?,
            last => self.span(0..=last, look, text)?,
        }
        let lines: usize = text
            .split('\n')
            .map(|l| width(l).div_ceil(room.max(1)).max(1))
            .sum();
        self.height(lines, look.points())?;
        self.row += 1;
        Ok(())
    }

    /// Makes the current row high enough for `lines` of text of this size, at
    /// most as high as Excel allows (409 points).
    ///
    /// # Errors
    /// A place that is outside the sheet.
    pub fn height(&mut self, lines: usize, points: f64) -> Result<(), ReportError> {
        let height = (lines as f64 * points * 1.4 + 4.0).min(409.0);
        self.sheet.set_row_height(self.row, height).map_err(told)?;
        Ok(())
    }

    /// Ends the current row.
    pub fn next(&mut self) {
        self.row += 1;
    }

    /// The heads of a table in the current row; they stay in sight, and are
    /// printed on every page.
    ///
    /// # Errors
    /// A place that is outside the sheet.
    pub fn heads<S: AsRef<str>>(
        &mut self,
        heads: impl IntoIterator<Item = (S, Look)>,
        frozen_columns: u16,
    ) -> Result<(), ReportError> {
        let row = self.row;
        for (c, (head, look)) in (0_u16..).zip(heads) {
            self.put(c, look, head.as_ref())?;
        }
        self.height(2, Look::Head.points())?;
        self.sheet
            .set_freeze_panes(row + 1, frozen_columns)
            .map_err(told)?;
        self.sheet.set_repeat_rows(row, row).map_err(told)?;
        self.row += 1;
        Ok(())
    }

    /// Filters over a table from the row of its heads to the row before the
    /// current one.
    ///
    /// # Errors
    /// A place that is outside the sheet.
    pub fn filter(&mut self, heads: u32, columns: u16) -> Result<(), ReportError> {
        let last = self.row.saturating_sub(1).max(heads);
        self.sheet
            .autofilter(heads, 0, last, columns.saturating_sub(1))
            .map_err(told)?;
        Ok(())
    }

    /// A drop-down of these words in a column, from `first` to the row before the
    /// current one; other words are taken after a warning.
    ///
    /// # Errors
    /// Words that are too long for a drop-down (255 characters).
    pub fn choice(&mut self, column: u16, first: u32, words: &[&str]) -> Result<(), ReportError> {
        if self.row <= first {
            return Ok(());
        }
        let choice = DataValidation::new()
            .allow_list_strings(words)
            .map_err(told)?
            .ignore_blank(true)
            .set_error_style(DataValidationErrorStyle::Warning);
        self.sheet
            .add_data_validation(first, column, self.row - 1, column, &choice)
            .map_err(told)?;
        Ok(())
    }
}
