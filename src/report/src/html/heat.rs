//! The map of standings.

use super::bilingual::{Bi, Bilingual, state_class};
use super::percent;
use crate::data::ReportData;
use crate::overview::{Overview, StateCounts, chapter_of, section_of};
use crate::words::{self, STATES, Word};
use askama::Template;
use indexmap::IndexMap;
use shoseki_model::{Standing, State};

/// One square.
pub(super) struct Cell<'a> {
    pub id: &'a str,
    /// What tells it from its neighbours: `9.2.1`, or `.4` below it.
    pub short: &'a str,
    pub label: Option<&'a shoseki_model::Text>,
    pub state: State,
    pub class: &'static str,
    pub sign: &'static str,
    /// Whether it is an objective, drawn larger.
    pub big: bool,
}

/// A section's squares.
pub(super) struct Section<'a> {
    pub id: &'a str,
    pub cells: Vec<Cell<'a>>,
}

/// A part of a bar.
pub(super) struct Part {
    pub class: &'static str,
    pub x: f64,
    pub width: f64,
}

/// A chapter's sections.
pub(super) struct Chapter<'a> {
    pub id: &'a str,
    pub name: Word,
    pub counts: StateCounts,
    pub bar: Vec<Part>,
    pub sections: Vec<Section<'a>>,
}

impl Chapter<'_> {
    /// The bar in words: what there is of each state.
    fn parts(&self) -> Vec<(&'static str, Word, u64)> {
        STATES
            .iter()
            .map(|&s| (words::state_sign(s), words::state(s), self.counts.of(s)))
            .filter(|(_, _, n)| *n > 0)
            .collect()
    }
}

/// The squares by chapter and section.
pub(super) fn chapters<'a>(data: &'a ReportData<'_>, o: &'a Overview) -> Vec<Chapter<'a>> {
    let mut out: Vec<Chapter<'a>> = o
        .chapters
        .iter()
        .map(|(id, counts)| Chapter {
            id,
            name: words::chapter(id).unwrap_or(words::word("", "")),
            counts: *counts,
            bar: bar(counts),
            sections: Vec::new(),
        })
        .collect();
    let mut sections: IndexMap<&str, Vec<Cell<'a>>> = IndexMap::new();
    for s in &data.standings {
        let cells = sections.entry(section_of(&s.control)).or_default();
        let objective = cells.iter().rev().find(|c| c.big).map(|c| c.id);
        cells.push(cell(data, s, objective));
    }
    for (id, cells) in sections {
        if let Some(c) = out.iter_mut().find(|c| c.id == chapter_of(id)) {
            c.sections.push(Section { id, cells });
        }
    }
    out
}

fn cell<'a>(data: &'a ReportData<'_>, s: &'a Standing, objective: Option<&str>) -> Cell<'a> {
    let below = objective
        .and_then(|o| s.control.strip_prefix(numbers(o)))
        .filter(|rest| rest.starts_with('.'));
    Cell {
        id: &s.control,
        short: below.unwrap_or(&s.control),
        label: data.controls.get(&s.control).map(|c| &c.label),
        state: s.state,
        class: state_class(s.state),
        sign: words::state_sign(s.state),
        big: numbers(&s.control).matches('.').count() < 3,
    }
}

/// An id without its suffix: `6.3.1` of `6.3.1.P`.
fn numbers(id: &str) -> &str {
    id.trim_end_matches(|c: char| c.is_ascii_alphabetic())
        .trim_end_matches('.')
}

fn bar(counts: &StateCounts) -> Vec<Part> {
    let mut x = 0.0;
    let mut out = Vec::new();
    for s in STATES {
        let width = percent(counts.of(s), counts.total());
        if width > 0.0 {
            out.push(Part {
                class: state_class(s),
                x,
                width,
            });
        }
        x += width;
    }
    out
}

/// A chapter in one cloud.
pub(super) struct InCloud {
    pub bar: Vec<Part>,
    pub counts: StateCounts,
}

impl InCloud {
    /// What settings of this cloud say something of, each state with its number.
    fn parts(&self) -> Vec<(&'static str, &'static str, Word, u64)> {
        let told = [
            State::Contradicted,
            State::PartlyShown,
            State::Shown,
            State::NotSeen,
        ];
        told.into_iter()
            .map(|s| {
                let n = self.counts.of(s);
                (state_class(s), words::state_sign(s), words::state(s), n)
            })
            .filter(|(.., n)| *n > 0)
            .collect()
    }
}

/// A chapter, cloud by cloud.
pub(super) struct Row<'a> {
    pub id: &'a str,
    pub name: Word,
    pub cells: Vec<InCloud>,
}

/// The table of chapters and clouds; empty where one cloud was read.
pub(super) fn by_cloud<'a>(data: &ReportData<'_>, o: &'a Overview) -> Vec<Row<'a>> {
    if data.clouds.is_empty() {
        return Vec::new();
    }
    let name = |id: &str| words::chapter(id).unwrap_or(words::word("", ""));
    let row = |id: &'a String| {
        let cells = data.clouds.values().map(|standings| {
            let mut counts = StateCounts::default();
            let own = standings.iter().filter(|s| chapter_of(&s.control) == id);
            own.for_each(|s| counts.add(s.state));
            InCloud {
                bar: bar(&counts),
                counts,
            }
        });
        Row {
            id,
            name: name(id),
            cells: cells.collect(),
        }
    };
    o.chapters.keys().map(row).collect()
}

#[derive(Template)]
#[template(path = "heat.html")]
pub(super) struct Heat<'a> {
    pub x: Bilingual,
    pub o: &'a Overview,
    pub chapters: Vec<Chapter<'a>>,
    /// Names of the clouds that the standings speak for.
    pub spoken_for: String,
    /// Names of the clouds, where there are several.
    pub clouds: Vec<&'a str>,
    pub by_cloud: Vec<Row<'a>>,
}

impl Heat<'_> {
    fn speaks(&self) -> Bi<'static> {
        let w = words::SPEAKS_FOR;
        self.x.count(w.ja, w.en, &self.spoken_for)
    }

    fn legend(&self) -> Vec<(&'static str, &'static str, Word, Word, u64)> {
        STATES
            .iter()
            .map(|&s| {
                let n = self.o.states.of(s);
                (
                    state_class(s),
                    words::state_sign(s),
                    words::state(s),
                    words::state_meaning(s),
                    n,
                )
            })
            .collect()
    }
}
