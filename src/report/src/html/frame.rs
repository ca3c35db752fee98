//! The sections around controls and findings.

use super::bilingual::{Bilingual, severity_class, state_class};
use super::finding::RuleGroup;
use crate::data::ReportData;
use crate::overview::{GapGroup, Outcome, Overview};
use crate::words::{self, STATES, Word};
use askama::Template;
use shoseki_model::{
    Exception, ExceptionState, ExceptionUse, Exchange, Gap, Lang, Population, Verdict,
};

#[derive(Template)]
#[template(path = "head.html")]
pub(super) struct Head<'a> {
    pub x: Bilingual,
    pub data: &'a ReportData<'a>,
    pub o: &'a Overview,
    pub css: &'static str,
}

impl Head<'_> {
    fn ja_first(&self) -> bool {
        self.x.first == Lang::Ja
    }

    fn outcome_class(&self) -> &'static str {
        match self.o.outcome {
            Outcome::NothingRead => "nothing",
            Outcome::Incomplete => "incomplete",
            Outcome::Whole => "whole",
        }
    }

    /// The clouds with the number of their targets, where naming all is too much.
    fn many(&self) -> Vec<(&str, usize)> {
        const NAMED: usize = 6;
        if self.data.targets.len() <= NAMED {
            return Vec::new();
        }
        let mut out = indexmap::IndexMap::new();
        for t in &self.data.targets {
            *out.entry(words::cloud(&t.cloud)).or_default() += 1;
        }
        out.into_iter().collect()
    }

    fn unseen(&self) -> bool {
        super::anything_unseen(self.o)
    }

    fn states(&self) -> Vec<(&'static str, &'static str, Word, u64)> {
        STATES
            .iter()
            .map(|&s| {
                (
                    state_class(s),
                    words::state_sign(s),
                    words::state(s),
                    self.o.states.of(s),
                )
            })
            .collect()
    }
}

#[derive(Template)]
#[template(path = "scope.html")]
pub(super) struct Scope<'a> {
    pub x: Bilingual,
    pub data: &'a ReportData<'a>,
}

#[derive(Template)]
#[template(path = "seen.html")]
pub(super) struct Seen<'a> {
    pub x: Bilingual,
    pub o: &'a Overview,
    pub gaps: &'a [(&'a GapGroup, u64)],
}

#[derive(Template)]
#[template(path = "contradictions.html")]
pub(super) struct Contradictions<'a> {
    pub x: Bilingual,
    pub data: &'a ReportData<'a>,
    pub o: &'a Overview,
}

impl Contradictions<'_> {
    fn class(&self, s: &shoseki_model::Severity) -> &'static str {
        severity_class(*s)
    }
}

#[derive(Template)]
#[template(path = "exceptions_head.html")]
pub(super) struct ExceptionsHead<'a> {
    pub x: Bilingual,
    pub some: bool,
    pub all: &'a [ExceptionUse],
}

impl ExceptionsHead<'_> {
    /// What the exception speaks of, and where.
    fn scope(&self, e: &Exception) -> String {
        let lists = [&e.scope.accounts, &e.scope.regions, &e.scope.resources];
        let all: Vec<String> = lists
            .iter()
            .filter(|l| !l.is_empty())
            .map(|l| l.join(", "))
            .collect();
        self.x.v(&all.join(" / ")).into_owned()
    }

    fn subject<'e>(&self, e: &'e Exception) -> std::borrow::Cow<'e, str> {
        let named = e.rule.as_deref().or(e.control.as_deref());
        self.x.v(named.unwrap_or_default())
    }

    /// A class for those that cover nothing.
    fn class(&self, u: &ExceptionUse) -> &'static str {
        match (u.state, u.matches) {
            (ExceptionState::InForce, _) => "",
            (_, 0) => "unknown",
            _ => "fail",
        }
    }
}

#[derive(Template)]
#[template(source = "</section>\n", ext = "html")]
pub(super) struct SectionEnd;

#[derive(Template)]
#[template(source = "</tbody></table></div></details>\n", ext = "html")]
pub(super) struct TableEnd;

/// The populations of a type.
pub(super) struct TypePopulations<'a> {
    pub name: &'a str,
    pub count: u64,
    pub whole: usize,
    pub scopes: Vec<&'a Population>,
}

#[derive(Template)]
#[template(path = "populations.html")]
pub(super) struct Populations<'a> {
    pub x: Bilingual,
    pub o: &'a Overview,
    pub types: Vec<TypePopulations<'a>>,
}

#[derive(Template)]
#[template(path = "gaps_head.html")]
pub(super) struct GapsHead {
    pub x: Bilingual,
    pub some: bool,
}

#[derive(Template)]
#[template(path = "gap_group.html")]
pub(super) struct GapGroupHead<'a> {
    pub x: Bilingual,
    pub g: &'a GapGroup,
    pub n: u64,
    pub i: usize,
    pub open: bool,
}

#[derive(Template)]
#[template(path = "gap.html")]
pub(super) struct GapRow<'a> {
    pub x: Bilingual,
    pub g: &'a Gap,
}

#[derive(Template)]
#[template(path = "exchanges_head.html")]
pub(super) struct ExchangesHead<'a> {
    pub x: Bilingual,
    pub data: &'a ReportData<'a>,
}

#[derive(Template)]
#[template(path = "exchange.html")]
pub(super) struct ExchangeRow<'a> {
    pub x: Bilingual,
    pub e: &'a Exchange,
}

#[derive(Template)]
#[template(path = "appendix.html")]
pub(super) struct Appendix<'a> {
    pub x: Bilingual,
    pub groups: &'a [RuleGroup<'a>],
}

#[derive(Template)]
#[template(path = "tail.html")]
pub(super) struct Tail<'a> {
    pub x: Bilingual,
    pub data: &'a ReportData<'a>,
}
