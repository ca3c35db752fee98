//! Diagnostics as people read them: the line of the file, underlined.

use annotate_snippets::{AnnotationKind, Level, Renderer, Snippet};
use shoseki_model::Diagnostic;

/// `d` with the line of `source` that it points at, in the manner of rustc.
/// `color` adds terminal colours. `source` is the text of the file, where it is
/// at hand.
pub fn render(d: &Diagnostic, source: Option<&str>, color: bool) -> String {
    let title = Level::ERROR.primary_title(d.message.as_str()).id(d.code);
    let span = source.and_then(|s| span(d, s));
    let mut group = match (source, span) {
        (Some(s), Some(span)) => title.element(
            Snippet::source(s)
                .path(d.file.as_str())
                .annotation(AnnotationKind::Primary.span(span)),
        ),
        _ => title.element(Level::NOTE.message(place(d))),
    };
    if let Some(h) = &d.help {
        group = group.element(Level::HELP.message(h.as_str()));
    }
    let renderer = if color {
        Renderer::styled()
    } else {
        Renderer::plain()
    };
    renderer.render(&[group]).to_string()
}

fn place(d: &Diagnostic) -> String {
    match (d.line, d.column) {
        (0, _) => d.file.clone(),
        (l, 0) => format!("{}:{l}", d.file),
        (l, c) => format!("{}:{l}:{c}", d.file),
    }
}

/// The bytes that the diagnostic underlines.
fn span(d: &Diagnostic, source: &str) -> Option<std::ops::Range<usize>> {
    let line = usize::try_from(d.line.checked_sub(1)?).ok()?;
    let start: usize = source.split_inclusive('\n').take(line).map(str::len).sum();
    let text = source.get(start..)?.lines().next().unwrap_or_default();
    let column = usize::try_from(d.column.saturating_sub(1)).ok()?;
    let width = usize::try_from(d.width.max(1)).ok()?;
    let at = |n: usize| text.char_indices().nth(n).map_or(text.len(), |c| c.0);
    Some(start + at(column)..start + at(column + width))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_place_is_underlined_also_after_wide_characters() {
        let d = Diagnostic::file("a.yaml", "unknown-path", "no such member")
            .at(2, 5, 3)
            .help("did you mean `foo`?");
        let said = render(&d, Some("x: 1\n日本: bar\n"), false);
        assert!(
            said.contains("error[unknown-path]: no such member"),
            "{said}"
        );
        assert!(said.contains("a.yaml:2:5"), "{said}");
        assert!(said.contains("^^^"), "{said}");
        assert!(said.contains("help: did you mean `foo`?"), "{said}");
        let lost = render(&d, None, false);
        assert!(lost.contains("a.yaml:2:5"), "{lost}");
    }

    #[test]
    fn a_place_outside_the_file_does_not_panic() {
        let d = Diagnostic::file("a.yaml", "yaml", "broken").at(99, 99, 99);
        assert!(render(&d, Some("x: 1"), true).contains("broken"));
    }
}
