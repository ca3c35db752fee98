//! A rule and a resource → a verdict.

use crate::eval::value::{Undef, V, fault, kinds};
use crate::eval::{Env, NOT_ASKED, View};
use crate::load::Rule;
use jiff::Timestamp;
use shoseki_model::{Resource, Text, TypeInfo, Verdict};

/// A verdict, and why it is *unknown* where it is.
pub(crate) struct Decision {
    pub verdict: Verdict,
    pub why: Option<Box<Undef>>,
}

impl Decision {
    /// Ids of the gaps that kept the rule from judging, each once.
    pub fn gaps(&self) -> Vec<String> {
        let mut out: Vec<String> = Vec::new();
        for u in self.why.iter().flat_map(|w| &w.unseen) {
            if u.gap != NOT_ASKED && !out.contains(&u.gap) {
                out.push(u.gap.clone());
            }
        }
        out
    }

    /// Why it is unknown, in English, for authors of rules.
    pub fn words_en(&self) -> Option<String> {
        let why = self.why.as_ref()?;
        let unseen = why.unseen.iter().map(|u| format!("{} is unseen", u.path));
        let errors = why.errors.iter().map(|e| e.en.clone());
        Some(unseen.chain(errors).collect::<Vec<_>>().join("; "))
    }
}

/// The verdict of `rule` on `resource`.
pub(crate) fn decide(
    rule: &Rule,
    resource: &Resource,
    info: &TypeInfo,
    now: Timestamp,
) -> Decision {
    let view = View::new(resource, info);
    decide_in(rule, &mut Env::new(&view, now))
}

/// The same with what is shared by all rules on a resource.
pub(crate) fn decide_in<'a>(rule: &'a Rule, env: &mut Env<'a, '_>) -> Decision {
    if let Some(scope) = &rule.scope {
        match env.eval(&scope.node) {
            V::Bool(true) => {}
            V::Bool(false) => return known(Verdict::NotApplicable),
            v => return unknown("when", v),
        }
    }
    match env.eval(&rule.test.node) {
        V::Bool(true) => known(Verdict::Pass),
        V::Bool(false) => known(Verdict::Fail),
        v => unknown("expect", v),
    }
}

fn known(verdict: Verdict) -> Decision {
    Decision { verdict, why: None }
}

fn unknown(field: &str, v: V<'_>) -> Decision {
    let v = match v {
        v @ V::Undef(_) => v,
        v => {
            let (ja, en) = kinds::told(v.kind());
            fault(Text::new(
                format!("{field} の結果が真偽値でなく{ja}だった"),
                format!("`{field}` gave {en}, not true or false"),
            ))
        }
    };
    let why = match v {
        V::Undef(u) => Some(u),
        _ => None,
    };
    Decision {
        verdict: Verdict::Unknown,
        why,
    }
}
