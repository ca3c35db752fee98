//! Controls, by chapter.

use super::bilingual::{Bilingual, state_class};
use super::heat::{self, Section};
use crate::counts::StateCounts;
use crate::data::{ControlInfo, EvidenceInfo, ReportData, RuleInfo};
use crate::outward::STATUSES;
use crate::overview::{Overview, chapter_of};
use crate::words::{self, STATES, Word};
use askama::Template;
use indexmap::IndexMap;
use shoseki_model::{Reach, RuleStanding, Standing, State};
use std::collections::HashMap;

/// A rule under a control.
pub(super) struct Bearing<'a> {
    /// Its number in the page's data; `None` where it was not part of the run.
    pub number: Option<usize>,
    pub standing: &'a RuleStanding,
    pub info: Option<&'a RuleInfo>,
    pub evidence: Option<&'a EvidenceInfo>,
}

impl Bearing<'_> {
    /// The outcomes that there are, each with its number.
    fn counts(&self) -> Vec<(&'static str, Word, u64)> {
        let c = self.standing;
        let all = [c.fail, c.unknown, c.excepted, c.pass, c.not_applicable];
        STATUSES
            .into_iter()
            .zip(all)
            .filter(|(_, n)| *n > 0)
            .map(|(s, n)| (s.id(), s.word(), n))
            .collect()
    }
}

/// A control with its standing.
pub(super) struct Control<'a> {
    pub standing: &'a Standing,
    pub info: Option<&'a ControlInfo>,
    /// The criteria's text, from the user's own copy.
    pub text: Option<&'a str>,
    pub rules: Vec<Bearing<'a>>,
}

impl Control<'_> {
    pub fn class(&self) -> &'static str {
        state_class(self.standing.state)
    }

    pub fn sign(&self) -> &'static str {
        words::state_sign(self.standing.state)
    }

    pub fn mandatory(&self) -> bool {
        self.info.is_some_and(|i| i.mandatory)
    }
}

/// A chapter with its controls.
pub(super) struct Chapter<'a> {
    pub id: &'a str,
    pub name: Word,
    pub counts: StateCounts,
    pub sections: Vec<Section<'a>>,
    pub controls: Vec<Control<'a>>,
}

impl Chapter<'_> {
    /// What there is of each state.
    fn parts(&self) -> Vec<(&'static str, &'static str, Word, u64)> {
        heat::parts(&self.counts, &STATES)
    }
}

/// The controls by chapter, in the order of the catalogue.
pub(super) fn chapters<'a>(
    data: &'a ReportData<'_>,
    o: &'a Overview,
    numbers: &HashMap<&str, usize>,
) -> Vec<Chapter<'a>> {
    let mut out: IndexMap<&str, Vec<Control<'a>>> = IndexMap::new();
    for s in &data.standings {
        let info = data.controls.get(&s.control);
        let rules = s.rules.iter().map(|r| Bearing {
            number: numbers.get(r.rule.as_str()).copied(),
            standing: r,
            info: data.rules.get(&r.rule),
            evidence: info.and_then(|i| i.evidence.iter().find(|e| e.rule == r.rule)),
        });
        out.entry(chapter_of(&s.control))
            .or_default()
            .push(Control {
                standing: s,
                info,
                text: data.texts.get(&s.control).map(String::as_str),
                rules: rules.collect(),
            });
    }
    let mut sections = heat::sections(data);
    out.into_iter()
        .map(|(id, controls)| Chapter {
            id,
            name: words::chapter(id).unwrap_or(words::word("", "")),
            counts: o.chapters.get(id).copied().unwrap_or_default(),
            sections: sections.shift_remove(id).unwrap_or_default(),
            controls,
        })
        .collect()
}

#[derive(Template)]
#[template(path = "controls.html")]
pub(super) struct Controls<'a> {
    pub x: Bilingual,
    pub chapters: Vec<Chapter<'a>>,
}

impl Controls<'_> {
    fn states(&self) -> Vec<(&'static str, &'static str, Word)> {
        STATES
            .map(|s: State| (state_class(s), words::state_sign(s), words::state(s)))
            .into()
    }
}
