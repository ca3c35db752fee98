//! What is known of the terminal.

use crate::args::Common;
use anstream::{AutoStream, ColorChoice};
use shoseki_report::{fold, width};
use std::io::IsTerminal;

/// Columns of standard output: those that `COLUMNS` says, else those of the terminal.
/// `None` where it is no terminal: whoever reads a pipe wants all of it.
pub fn columns() -> Option<usize> {
    if !std::io::stdout().is_terminal() {
        return None;
    }
    let said = std::env::var("COLUMNS").ok();
    let said = said.and_then(|c| c.parse().ok()).filter(|c| *c >= 20);
    let measured = || terminal_size::terminal_size().map(|(w, _)| usize::from(w.0));
    Some(said.or_else(measured).unwrap_or(80))
}

/// Whether colours are welcome on standard output: on a terminal, unless `NO_COLOR`,
/// `CLICOLOR=0` or `TERM=dumb`; elsewhere only by `CLICOLOR_FORCE`.
pub fn colour() -> bool {
    let out = std::io::stdout();
    wanted(AutoStream::choice(&out), out.is_terminal())
}

/// The same of standard error.
pub fn colour_of_errors() -> bool {
    let err = std::io::stderr();
    wanted(AutoStream::choice(&err), err.is_terminal())
}

/// `CLICOLOR_FORCE=0` forces nothing; the library takes it for being set.
fn wanted(choice: ColorChoice, terminal: bool) -> bool {
    let nothing = std::env::var_os("CLICOLOR_FORCE").is_some_and(|v| v == "0");
    choice != ColorChoice::Never && (terminal || !nothing)
}

/// Says on standard error what was done, unless only errors are wanted.
pub fn note(common: &Common, text: &str) {
    if !common.quiet {
        eprintln!("{}", text.trim_end());
    }
}

/// Prose within the columns of a terminal, whose lines begin `indent` columns on; as
/// it is elsewhere.
pub fn folded(text: &str, indent: usize) -> String {
    let Some(columns) = columns() else {
        return text.to_owned();
    };
    let room = columns.saturating_sub(indent).max(20);
    let lines: Vec<String> = text.lines().flat_map(|l| fold(l, room)).collect();
    lines.join("\n")
}

/// Writes prose: on a terminal, a line that is too wide goes on below itself.
pub fn prose(text: &str) {
    match columns() {
        None => print(text),
        Some(columns) => print(&hanging(text, columns)),
    }
}

fn hanging(text: &str, columns: usize) -> String {
    let mut out = String::new();
    for line in text.lines() {
        if width(line) <= columns {
            out.push_str(&format!("{line}\n"));
            continue;
        }
        let body = line.trim_start();
        let indent = line.len() - body.len();
        let room = columns.saturating_sub(indent + 2).max(20);
        for (i, piece) in fold(body, room).iter().enumerate() {
            let pad = " ".repeat(if i == 0 { indent } else { indent + 2 });
            out.push_str(&format!("{pad}{piece}\n"));
        }
    }
    out
}

/// Writes to standard output. Whoever reads may stop reading (`| head`): that
/// is no error of ours.
pub fn print(text: &str) {
    use std::io::Write;
    let mut out = std::io::stdout().lock();
    if let Err(e) = out.write_all(text.as_bytes()).and_then(|()| out.flush())
        && e.kind() != std::io::ErrorKind::BrokenPipe
    {
        eprintln!("shoseki: standard output: {e}");
        std::process::exit(crate::exit::Exit::Bug as i32);
    }
}

#[cfg(test)]
mod tests {
    use super::hanging;

    #[test]
    fn what_is_too_wide_goes_on_below_itself() {
        let text = "短い行\n  [確認] 封印の署名は、信頼する鍵によるものである。\n";
        assert_eq!(
            hanging(text, 32),
            "短い行\n  [確認] 封印の署名は、信頼す\n    る鍵によるものである。\n"
        );
        assert_eq!(hanging(text, 80), text);
    }
}
