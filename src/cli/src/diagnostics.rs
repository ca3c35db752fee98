//! Errors of data files, as a person reads them.

use annotate_snippets::{AnnotationKind, Level, Renderer, Snippet};
use shoseki_model::Diagnostic;
use std::collections::HashMap;
use std::fmt::Write as _;

/// Data files by the path that diagnostics name.
pub type Sources = HashMap<String, String>;

/// All diagnostics with the lines that they speak of.
pub fn render(all: &[Diagnostic], sources: &Sources, colour: bool) -> String {
    let renderer = if colour { Renderer::styled() } else { Renderer::plain() };
    let mut out = String::new();
    for d in all {
        match sources.get(&d.file).and_then(|text| Some((text, span(text, d)?))) {
            Some((text, span)) => {
                let mut group = Level::ERROR.primary_title(d.message.as_str()).id(d.code).element(
                    Snippet::source(text.as_str())
                        .path(d.file.as_str())
                        .annotation(AnnotationKind::Primary.span(span)),
                );
                if let Some(help) = &d.help {
                    group = group.element(Level::HELP.message(help.as_str()));
                }
                let _ = writeln!(out, "{}\n", renderer.render(&[group]));
            }
            None => {
                let _ = writeln!(out, "{d}\n");
            }
        }
    }
    out
}

/// The bytes that a diagnostic means; `None` where it names no line.
fn span(text: &str, d: &Diagnostic) -> Option<std::ops::Range<usize>> {
    let line = (d.line as usize).checked_sub(1)?;
    let start = match line {
        0 => 0,
        n => text.match_indices('\n').nth(n - 1)?.0 + 1,
    };
    let rest = text[start..].lines().next().unwrap_or("");
    let at = |chars: usize| {
        rest.char_indices().nth(chars).map_or(start + rest.len(), |(i, _)| start + i)
    };
    let column = (d.column as usize).saturating_sub(1);
    let end = if d.column == 0 { start + rest.len() } else { at(column + d.width.max(1) as usize) };
    Some(at(column)..end)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_shown_with_its_line() {
        let sources = Sources::from([("a.yaml".to_owned(), "x: 1\n日本: bad\n".to_owned())]);
        let d = Diagnostic::file("a.yaml", "unknown-path", "no such member").at(2, 5, 3);
        let shown = render(&[d], &sources, false);
        assert!(shown.contains("a.yaml:2:5"), "{shown}");
        assert!(shown.contains("日本: bad") && shown.contains("^^^"), "{shown}");
    }

    #[test]
    fn a_place_beyond_the_file_still_says_what_is_wrong() {
        let sources = Sources::from([("a.yaml".to_owned(), "x: 1".to_owned())]);
        let d = Diagnostic::file("a.yaml", "syntax", "ended early").at(9, 1, 1);
        assert!(render(&[d], &sources, false).contains("ended early"));
    }
}
