//! Reports: data in, text out. Nothing here decides anything; what a run found
//! is said in words, in Japanese and in English.
//!
//! The input is [`ReportData`], plain records and streams that can be read more
//! than once, so that a report of any size needs little memory.

mod annotations;
mod appendix;
pub mod book;
mod cells;
mod counts;
mod csv;
mod data;
mod explain;
mod html;
mod json;
mod junit;
mod markdown;
mod ocsf;
pub mod oscal;
mod outward;
mod overview;
pub mod population;
mod repeat;
pub mod sample;
mod sarif;
mod spool;
mod summary;
mod table;
mod time;
mod visible;
pub mod words;
mod workbook;

pub use annotations::annotations;
pub use appendix::{
    Beside, Held, History, Moment, PeriodInfo, Populations, SealInfo, StatementFile, betten,
};
pub use cells::{CELL_MOST, cell, csv_cell};
pub use counts::{Counts, StateCounts};
pub use csv::csv;
pub use data::{
    Again, ControlInfo, EvidenceInfo, FixInfo, Records, ReportData, ReportError, RuleInfo, RunInfo,
    Stream, TrendPoint, Unreached,
};
pub use explain::{ExplainData, explain};
pub use html::{CSS, html, trend};
pub use json::json;
pub use junit::junit;
pub use markdown::markdown;
pub use ocsf::{OCSF_VERSION, ocsf};
pub use overview::{
    Contradiction, GapGroup, Outcome, Overview, Sample, chapter_of, overview, section_of,
};
pub use repeat::repeat;
pub use sarif::{sarif, sarif_for_github};
pub use summary::{SummaryOptions, shell_word, summary};
pub use table::{Align, Column, Table};
pub use time::{both_times, jst, utc};
pub use visible::{clip, fold, pad, visible, width};
pub use workbook::xlsx;
