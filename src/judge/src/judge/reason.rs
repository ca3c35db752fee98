//! Why a verdict is what it is, in sentences made from what was observed.

use super::GapLookup;
use super::decide::Decision;
use super::witness::Witness;
use super::words::{sentence, unseen, witnessed};
use crate::load::Rule;
use shoseki_model::{Gap, Observed, Sight, Text, Verdict};

/// More sentences than this do not make a reason clearer.
const MAX_SENTENCES: usize = 6;

/// Finds the element of a list that settles a condition.
type Lookup<'l> = &'l dyn Fn(&str) -> Option<Witness>;

/// The reason of a finding.
pub(super) fn reason(
    rule: &Rule,
    decision: &Decision,
    observed: &[Observed],
    gaps: GapLookup<'_>,
    element: Lookup<'_>,
) -> Text {
    let mut all = Sentences::default();
    match decision.verdict {
        Verdict::Unknown => why_unknown(decision, observed, gaps, element, &mut all),
        Verdict::NotApplicable => {
            all.push(Text::new(
                "この規則の対象外である。",
                "This rule does not apply here.",
            ));
            quote(
                observed.iter().filter(|o| of_scope(rule, o)),
                gaps,
                element,
                &mut all,
            );
        }
        Verdict::Pass | Verdict::Fail => quote(observed.iter(), gaps, element, &mut all),
    }
    all.text()
}

fn why_unknown(
    decision: &Decision,
    observed: &[Observed],
    gaps: GapLookup<'_>,
    element: Lookup<'_>,
    all: &mut Sentences,
) {
    let Some(why) = &decision.why else { return };
    for u in &why.unseen {
        all.push(unseen(&u.path, &u.gap, gaps(&u.gap).as_ref()));
    }
    if why.errors.is_empty() {
        return;
    }
    for e in &why.errors {
        all.push(Text::new(
            format!("判定の式を評価できなかった: {}。", e.ja),
            format!("The expression could not be evaluated: {}.", e.en),
        ));
    }
    quote(observed.iter().filter(|o| seen(o)), gaps, element, all);
}

/// What was seen first; what was not seen did not matter for a verdict.
fn quote<'o>(
    observed: impl Iterator<Item = &'o Observed> + Clone,
    gaps: GapLookup<'_>,
    element: Lookup<'_>,
    all: &mut Sentences,
) {
    for o in observed.clone().filter(|o| seen(o)) {
        all.push(match element(&o.path) {
            Some(w) => witnessed(&o.path, &w),
            None => sentence(o, |_| None),
        });
    }
    for o in observed.filter(|o| !seen(o)) {
        let lookup = |id: &str| -> Option<Gap> { gaps(id) };
        let s = sentence(o, lookup);
        all.push(Text::new(
            format!("{}ただし結論はこれに左右されない。", s.ja),
            format!("{} The verdict does not depend on it.", s.en),
        ));
    }
}

fn seen(o: &Observed) -> bool {
    !matches!(o.sight, Sight::Unseen(_))
}

/// Whether the rule's `when` reads the path, something above or below it.
fn of_scope(rule: &Rule, o: &Observed) -> bool {
    let below = |a: &str, b: &str| a.strip_prefix(b).is_some_and(|r| r.starts_with('.'));
    rule.scope
        .iter()
        .flat_map(|s| &s.paths)
        .any(|p| *p == o.path || below(p, &o.path) || below(&o.path, p))
}

#[derive(Default)]
struct Sentences(Vec<Text>);

impl Sentences {
    fn push(&mut self, t: Text) {
        if !self.0.contains(&t) {
            self.0.push(t);
        }
    }

    fn text(self) -> Text {
        let more = self.0.len().saturating_sub(MAX_SENTENCES);
        let kept = &self.0[..self.0.len() - more];
        let mut ja: String = kept.iter().map(|t| t.ja.as_str()).collect();
        let en: Vec<&str> = kept.iter().map(|t| t.en.as_str()).collect();
        let mut en = en.join(" ");
        if more > 0 {
            ja.push_str(&format!("ほか {more} 件。"));
            en.push_str(&format!(" And {more} more."));
        }
        Text { ja, en }
    }
}
