//! The sections around controls and findings.

use super::bilingual::{Bilingual, severity_class, state_class};
use super::findings::LeftOut;
use crate::data::ReportData;
use crate::outward::{STATUSES, Status};
use crate::overview::{Contradiction, GapGroup, Outcome, Overview};
use crate::words::{self, SEVERITIES, STATES, Word};
use askama::Template;
use shoseki_model::{Exception, ExceptionState, ExceptionUse, Severity, Verdict};

#[derive(Template)]
#[template(path = "head.html")]
pub(super) struct Head<'a> {
    pub x: Bilingual,
    pub data: &'a ReportData<'a>,
    pub o: &'a Overview,
    css: &'static str,
    /// Where scripts may come from: this page's own, by its digest.
    source: String,
}

impl<'a> Head<'a> {
    pub fn new(x: Bilingual, data: &'a ReportData<'a>, o: &'a Overview) -> Self {
        Self {
            x,
            data,
            o,
            css: super::CSS,
            source: super::pack::source(super::SCRIPT),
        }
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
    /// Rules that stand open.
    const OPEN: usize = 10;
    /// Controls that are named beside a rule.
    const NAMED: usize = 6;

    fn class(&self, s: &Severity) -> &'static str {
        severity_class(*s)
    }

    fn first(&self) -> &[Contradiction] {
        let all = &self.o.contradictions;
        &all[..all.len().min(Self::OPEN)]
    }

    fn rest(&self) -> &[Contradiction] {
        self.o.contradictions.get(Self::OPEN..).unwrap_or_default()
    }

    /// The controls to name, and how many others there are.
    fn named<'c>(&self, c: &'c Contradiction) -> (&'c [String], usize) {
        let n = c.controls.len().min(Self::NAMED);
        (&c.controls[..n], c.controls.len() - n)
    }

    /// Each severity with the rules and the findings that differ.
    fn severities(&self) -> Vec<(Severity, usize, u64)> {
        let of = |s: Severity| {
            let all = self.o.contradictions.iter().filter(|c| c.severity == s);
            let fail = self.o.severities.get(&s).map_or(0, |c| c.fail);
            (s, all.count(), fail)
        };
        SEVERITIES.into_iter().map(of).filter(|s| s.1 > 0).collect()
    }
}

/// The search for findings.
#[derive(Template)]
#[template(path = "findings.html")]
pub(super) struct Findings<'a> {
    pub x: Bilingual,
    pub data: &'a ReportData<'a>,
    pub o: &'a Overview,
    pub left_out: LeftOut,
}

impl Findings<'_> {
    fn statuses(&self) -> Vec<(&'static str, Word, u64, bool)> {
        let c = &self.o.verdicts;
        let counts = [c.fail, c.unknown, c.excepted, c.pass, c.not_applicable];
        STATUSES
            .into_iter()
            .zip(counts)
            .map(|(s, n)| {
                let grave = !matches!(s, Status::Pass | Status::NotApplicable);
                (s.id(), s.word(), n, grave)
            })
            .collect()
    }

    fn severities(&self) -> Vec<(&'static str, Word)> {
        SEVERITIES
            .map(|s| (severity_class(s), words::severity(s)))
            .into()
    }

    /// Clouds of the targets.
    fn clouds(&self) -> Vec<&str> {
        let all = self.data.targets.iter().map(|t| t.cloud.as_str());
        let all: std::collections::BTreeSet<&str> = all.collect();
        all.into_iter().collect()
    }
}

#[derive(Template)]
#[template(path = "exceptions.html")]
pub(super) struct Exceptions<'a> {
    pub x: Bilingual,
    pub excepted: u64,
    pub all: &'a [ExceptionUse],
}

impl Exceptions<'_> {
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

/// The populations of a type.
pub(super) struct TypePopulations<'a> {
    pub name: &'a str,
    pub count: u64,
    pub whole: u64,
    pub scopes: u64,
}

#[derive(Template)]
#[template(path = "populations.html")]
pub(super) struct Populations<'a> {
    pub x: Bilingual,
    pub o: &'a Overview,
    pub types: Vec<TypePopulations<'a>>,
}

#[derive(Template)]
#[template(path = "gaps.html")]
pub(super) struct Gaps<'a> {
    pub x: Bilingual,
    pub groups: &'a [(&'a GapGroup, u64)],
}

#[derive(Template)]
#[template(path = "exchanges.html")]
pub(super) struct Exchanges<'a> {
    pub x: Bilingual,
    pub data: &'a ReportData<'a>,
    /// Exchanges in the page's data.
    pub exchanges: u64,
}

#[derive(Template)]
#[template(path = "tail.html")]
pub(super) struct Tail<'a> {
    pub x: Bilingual,
    pub data: &'a ReportData<'a>,
}
