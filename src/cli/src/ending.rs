//! The end of a scan or a judgement: what is printed, and the exit code.

use crate::args::Format;
use crate::exit::{Exit, Result};
use crate::stored::{Stored, report_error};
use crate::{machine, terminal};
use shoseki_model::{Lang, Severity};
use shoseki_report::{Outcome, Overview, SummaryOptions, overview};
use std::path::Path;

/// The exit code that the numbers of a run lead to.
pub fn exit_of(o: &Overview, fail_on: Option<Severity>) -> Exit {
    let failed = fail_on.is_some_and(|least| {
        o.severities
            .iter()
            .any(|(severity, counts)| *severity >= least && counts.fail > 0)
    });
    match (failed, o.outcome == Outcome::Whole) {
        (false, true) => Exit::Ok,
        (true, true) => Exit::Contradicted,
        (false, false) => Exit::Incomplete,
        (true, false) => Exit::ContradictedAndIncomplete,
    }
}

/// Prints the end of a scan or of a judgement, and gives its exit code.
pub fn conclude(
    stored: &Stored,
    report: &Path,
    fail_on: Option<Severity>,
    format: Format,
    lang: Lang,
) -> Result {
    let streams = stored.streams();
    let data = stored.data(&streams, Some(report))?;
    let numbers = overview(&data).map_err(report_error)?;
    let exit = exit_of(&numbers, fail_on);
    match format {
        Format::Json => {
            terminal::print(&format!(
                "{:#}\n",
                machine::summary(stored, &numbers, report, exit)
            ));
        }
        Format::Text => {
            let how = SummaryOptions {
                lang,
                columns: terminal::columns().unwrap_or(80),
                colour: terminal::colour(),
            };
            terminal::print(&shoseki_report::summary(&data, how).map_err(report_error)?);
        }
    }
    Ok(exit)
}
