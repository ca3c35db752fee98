//! From control ids on a command line to the rules that bear on them.

use crate::catalogue::Catalogue;
use crate::mapping::Mappings;
use std::collections::BTreeSet;
use std::fmt;

/// What a list of control patterns selects.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Selection {
    /// Control ids, in the order of the criteria.
    pub controls: Vec<String>,
    /// Ids of the rules that bear on any of them, sorted.
    pub rules: BTreeSet<String>,
}

/// A pattern that selects nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownControl {
    /// As given.
    pub pattern: String,
    /// Edition of the catalogue that was asked.
    pub edition: String,
    /// The id that was most likely meant.
    pub suggestion: Option<String>,
}

impl fmt::Display for UnknownControl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "no control {} in the catalogue of {}",
            self.pattern, self.edition
        )?;
        match &self.suggestion {
            Some(s) => write!(f, ": did you mean {s}?"),
            None => Ok(()),
        }
    }
}

impl std::error::Error for UnknownControl {}

/// The controls that `patterns` select and the rules that bear on them. A
/// pattern is an id or holds `*` (any characters) and `?` (one); a chapter, a
/// section or an objective selects everything below it.
///
/// # Errors
/// Every pattern that matches no id of the catalogue, all at once. A control
/// without rules is not an error: `rules` is then empty.
pub fn select<S: AsRef<str>>(
    patterns: &[S],
    mappings: &Mappings,
    catalogue: &Catalogue,
) -> Result<Selection, Vec<UnknownControl>> {
    let mut chosen = vec![false; catalogue.controls().len()];
    let mut unknown = Vec::new();
    for pattern in patterns {
        let pattern = pattern.as_ref().trim();
        let mut hit = false;
        for (i, c) in catalogue.controls().iter().enumerate() {
            if matches(pattern.as_bytes(), c.id.as_bytes()) {
                hit = true;
                chosen[i] = true;
            }
        }
        if !hit {
            unknown.push(UnknownControl {
                pattern: pattern.to_owned(),
                edition: catalogue.edition.clone(),
                suggestion: catalogue.suggest(pattern).map(str::to_owned),
            });
        }
    }
    if !unknown.is_empty() {
        return Err(unknown);
    }
    let mut out = Selection::default();
    for (i, c) in catalogue.controls().iter().enumerate() {
        // Parents stand before their children, so one pass hands selection down.
        let parent = c.parent.as_deref().and_then(|p| catalogue.position(p));
        chosen[i] |= parent.is_some_and(|p| chosen[p]);
        if chosen[i] && c.level > 2 {
            out.controls.push(c.id.clone());
            if let Some(entry) = mappings.get(&c.id) {
                out.rules
                    .extend(entry.evidence.iter().map(|e| e.rule.clone()));
            }
        }
    }
    Ok(out)
}

/// Whether `text` matches a pattern of literal bytes, `*` and `?`.
fn matches(pattern: &[u8], text: &[u8]) -> bool {
    let (mut p, mut t) = (0, 0);
    let mut back: Option<(usize, usize)> = None;
    while t < text.len() {
        match pattern.get(p) {
            Some(b'*') => {
                back = Some((p + 1, t));
                p += 1;
            }
            Some(c) if *c == b'?' || c.eq_ignore_ascii_case(&text[t]) => {
                p += 1;
                t += 1;
            }
            _ => match back {
                Some((after, from)) => {
                    p = after;
                    t = from + 1;
                    back = Some((after, t));
                }
                None => return false,
            },
        }
    }
    pattern[p..].iter().all(|c| *c == b'*')
}

#[cfg(test)]
mod tests {
    use super::matches;

    #[test]
    fn stars_and_question_marks() {
        for (p, t, yes) in [
            ("9.4.2.2.B", "9.4.2.2.B", true),
            ("9.4.2.2.b", "9.4.2.2.B", true),
            ("9.4.*", "9.4.2.2.B", true),
            ("9.4.*", "9.40", false),
            ("*.PB", "6.1.3.3.PB", true),
            ("9.?.1", "9.2.1", true),
            ("9.?.1", "9.2.11", false),
            ("", "9", false),
        ] {
            assert_eq!(matches(p.as_bytes(), t.as_bytes()), yes, "{p} {t}");
        }
    }
}
