//! Resources and rules → findings and tallies.

mod decide;
mod observe;
mod reason;
mod tally;
mod witness;
mod words;

pub(crate) use decide::decide;
pub use tally::{Tallies, TallyError};

use crate::eval::{Env, View};
use crate::exceptions::Exceptions;
use crate::load::{Rule, RuleSet};
use decide::Decision;
use jiff::Timestamp;
use shoseki_model::{Finding, Gap, Resource, ResourceRef, Verdict};
use std::collections::HashMap;
use std::sync::Arc;

/// Looks a gap up by its id, so that a reason can name the call and the
/// permission. `|_| None` gives reasons with the id alone.
pub type GapLookup<'g> = &'g (dyn Fn(&str) -> Option<Gap> + 'g);

/// Judges resources, one at a time; it keeps none of them.
#[derive(Clone, Debug)]
pub struct Judge {
    rules: RuleSet,
    by_type: HashMap<String, Vec<Arc<Rule>>>,
    now: Timestamp,
    exceptions: Exceptions,
}

impl Judge {
    /// `now` is the time of the run: ages are counted up to it.
    pub fn new(rules: RuleSet, now: Timestamp) -> Self {
        let mut by_type: HashMap<String, Vec<Arc<Rule>>> = HashMap::new();
        for r in rules.iter() {
            by_type
                .entry(r.resource.clone())
                .or_default()
                .push(Arc::clone(r));
        }
        Self {
            rules,
            by_type,
            now,
            exceptions: Exceptions::default(),
        }
    }

    /// The same with signed-off deviations: a failed finding that one in force
    /// covers says so. Whatever else a rule answers stays as it is.
    #[must_use]
    pub fn with_exceptions(mut self, exceptions: Exceptions) -> Self {
        self.exceptions = exceptions;
        self
    }

    /// The rules that it judges by.
    pub fn rules(&self) -> &RuleSet {
        &self.rules
    }

    /// One finding for each rule of the resource's type, in the order of rule ids.
    pub fn judge(&self, resource: &Resource, gaps: GapLookup<'_>) -> Vec<Finding> {
        let mut out = Vec::new();
        self.each(resource, |rule, view, decision| {
            out.push(self.finding(rule, view, decision, gaps));
        });
        out
    }

    /// The verdicts alone, without quotations and reasons.
    pub fn verdicts(&self, resource: &Resource) -> Vec<Verdict> {
        let mut out = Vec::new();
        self.each(resource, |_, _, decision| out.push(decision.verdict));
        out
    }

    fn each<'r>(&'r self, resource: &'r Resource, mut f: impl FnMut(&Rule, &View<'r>, Decision)) {
        let kind = &resource.r#type;
        let (Some(rules), Some(info)) = (self.by_type.get(kind), self.rules.type_info(kind)) else {
            return;
        };
        let view = View::new(resource, info);
        let mut env = Env::new(&view, self.now);
        for r in rules {
            let decision = decide::decide_in(r, &mut env);
            f(r, &view, decision);
        }
    }

    fn finding(
        &self,
        rule: &Rule,
        view: &View<'_>,
        decision: Decision,
        gaps: GapLookup<'_>,
    ) -> Finding {
        let r = view.resource;
        let resource = ResourceRef {
            r#type: r.r#type.clone(),
            id: r.id.clone(),
            name: r.name.clone(),
            account: r.account.clone(),
            region: r.region.clone(),
        };
        let observed = observe::observe(rule, view, self.now);
        let node = match (&rule.scope, decision.verdict) {
            (Some(scope), Verdict::NotApplicable) => &scope.node,
            _ => &rule.test.node,
        };
        let element = |path: &str| witness::witness(node, path, view, self.now);
        let reason = reason::reason(rule, &decision, &observed, gaps, &element);
        let mut finding = Finding {
            id: Finding::id_of(&rule.id, &resource),
            rule: rule.id.clone(),
            severity: rule.severity,
            verdict: decision.verdict,
            resource,
            observed,
            reason,
            gaps: decision.gaps(),
            excepted: None,
        };
        finding.excepted = self.exceptions.covering(&finding, self.now);
        finding
    }
}
