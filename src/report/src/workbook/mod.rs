//! A run as a workbook that an auditor works in.

mod controls;
mod cover;
mod facts;
mod findings;
mod lists;

use crate::appendix::{Appendix, Beside};
use crate::book::{Book, Cell, Column, Look, Paper, Shape, making};
use crate::data::{ReportData, ReportError};
use crate::words::{Word, word};
use shoseki_model::Lang;
use std::fs::File;
use std::io::{Seek, SeekFrom, Write};

const TITLE: Word = word("ISMAP 監査用調書", "Working papers for an ISMAP audit");
const COVER: Word = word("表紙", "Cover");
const CONTROLS: Word = word("管理策", "Controls");
const EVIDENCE: Word = word("証跡", "Evidence");
const FINDINGS: Word = word("判定", "Findings");
const POPULATIONS: Word = word("母集団", "Populations");
const SCOPES: Word = word("ルール別母集団", "Rules by scope");
const GAPS: Word = word("未確認", "Gaps");
const EXCEPTIONS: Word = word("例外", "Exceptions");

/// Lines that a row of a long list is high at most.
const LINES: usize = 32;

/// Writes the workbook: cover, controls in the form of a statement's appendix with
/// the auditor's columns, the rules behind each control, findings, populations,
/// gaps, exceptions. Rows leave memory as they are written; what a sheet cannot
/// hold goes on in a further one. The same data give the same bytes.
///
/// # Errors
/// When the records cannot be read or the workbook not be written.
pub fn xlsx(
    data: &ReportData<'_>,
    beside: &Beside,
    lang: Lang,
    mut to: impl Write,
) -> Result<(), ReportError> {
    let appendix = Appendix::build(data, beside)?;
    let mut file = making(|| packed(data, beside, &appendix, lang))?;
    file.seek(SeekFrom::Start(0))?;
    std::io::copy(&mut file, &mut to)?;
    to.flush()?;
    Ok(())
}

/// The workbook in an unnamed file: the packer goes back in its file, and whoever
/// reads ours may be a pipe.
fn packed(
    data: &ReportData<'_>,
    beside: &Beside,
    appendix: &Appendix,
    lang: Lang,
) -> Result<File, ReportError> {
    let moment = data.run.ended.as_ref().unwrap_or(&data.run.started);
    let mut book = Book::new(TITLE.get(lang), moment)?;
    cover::write(&mut book, data, beside, appendix, lang)?;
    controls::controls(&mut book, data, beside, appendix, lang)?;
    controls::evidence(&mut book, appendix, lang)?;
    findings::write(&mut book, data, appendix, lang)?;
    lists::populations(&mut book, data, appendix, lang)?;
    lists::scopes(&mut book, data, beside, lang)?;
    lists::gaps(&mut book, data, lang)?;
    lists::exceptions(&mut book, data, lang)?;
    let mut file = tempfile::tempfile()?;
    book.save(&mut file)?;
    Ok(file)
}

/// A list that is read by filters.
fn list<'a>(name: &'a str, columns: &'a [Column], pages: u16, kept: u16) -> Shape<'a> {
    Shape {
        name,
        paper: Paper::A4,
        pages,
        kept,
        columns,
        notes: Vec::new(),
        choice: None,
        lines: LINES,
    }
}

fn text(s: &str) -> Cell {
    Cell::Text(s.to_owned())
}

fn code(lines: impl IntoIterator<Item = String>) -> Cell {
    let lines: Vec<String> = lines.into_iter().collect();
    Cell::Text(lines.join("\n"))
}

/// Whether a list is whole, as it looks.
fn whole(complete: bool, lang: Lang) -> Cell {
    let look = if complete { Look::Good } else { Look::Unseen };
    Cell::As(
        look,
        crate::population::whole(complete).get(lang).to_owned(),
    )
}
