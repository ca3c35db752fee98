//! Controls, by chapter.

use super::bilingual::{Bilingual, state_class};
use crate::data::{ControlInfo, EvidenceInfo, ReportData, RuleInfo};
use crate::overview::chapter_of;
use crate::words;
use askama::Template;
use indexmap::IndexMap;
use shoseki_model::{Reach, RuleStanding, Standing, Verdict};

/// A rule under a control.
pub(super) struct Bearing<'a> {
    pub standing: &'a RuleStanding,
    pub info: Option<&'a RuleInfo>,
    pub evidence: Option<&'a EvidenceInfo>,
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
    pub name: words::Word,
    pub controls: Vec<Control<'a>>,
}

/// The controls by chapter, in the order of the catalogue.
pub(super) fn chapters<'a>(data: &'a ReportData<'_>) -> Vec<Chapter<'a>> {
    let mut out: IndexMap<&str, Vec<Control<'a>>> = IndexMap::new();
    for s in &data.standings {
        let info = data.controls.get(&s.control);
        let rules = s.rules.iter().map(|r| Bearing {
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
    out.into_iter()
        .map(|(id, controls)| Chapter {
            id,
            name: words::chapter(id).unwrap_or(words::word("", "")),
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
