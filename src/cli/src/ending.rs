//! The end of a scan or a judgement: what is printed, and the exit code.

use crate::args::{Common, Format};
use crate::exit::{Exit, Result};
use crate::stored::{Stored, report_error};
use crate::{lang, machine, terminal};
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

/// Prints the end of a scan or of a judgement, and gives its exit code. `--quiet`
/// leaves the summary out; that something differs or was not seen is said all the same.
pub fn conclude(
    common: &Common,
    stored: &Stored,
    report: &Path,
    fail_on: Option<Severity>,
    format: Format,
) -> Result {
    let lang = lang::of(common);
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
        Format::Text if common.quiet => {
            if exit != Exit::Ok {
                eprintln!("{}", brief(&numbers, stored.run.dir(), lang));
            }
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

/// One line for a scan that is not to say more.
fn brief(o: &Overview, run: &Path, lang: Lang) -> String {
    let (fail, gaps, run) = (o.verdicts.fail, o.gap_count, run.display());
    match lang {
        Lang::Ja => format!("shoseki: 相違 {fail} 件、読み取れなかったもの {gaps} 件: {run}"),
        Lang::En => format!("shoseki: {fail} failed, {gaps} not seen: {run}"),
    }
}
