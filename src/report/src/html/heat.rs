//! The map of standings.

use super::bilingual::{Bi, Bilingual, state_class};
use super::percent;
use crate::counts::StateCounts;
use crate::data::ReportData;
use crate::overview::{Overview, chapter_of, section_of};
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

/// Squares by chapter and section.
pub(super) fn sections<'a>(data: &'a ReportData<'_>) -> IndexMap<&'a str, Vec<Section<'a>>> {
    let mut sections: IndexMap<&str, Vec<Cell<'a>>> = IndexMap::new();
    for s in &data.standings {
        let cells = sections.entry(section_of(&s.control)).or_default();
        let objective = cells.iter().rev().find(|c| c.big).map(|c| c.id);
        cells.push(cell(data, s, objective));
    }
    let mut out: IndexMap<&str, Vec<Section<'a>>> = IndexMap::new();
    for (id, cells) in sections {
        let chapter = out.entry(chapter_of(id)).or_default();
        chapter.push(Section { id, cells });
    }
    out
}

/// The states among `told` that there are: class, sign, word, number.
pub(super) fn parts(
    counts: &StateCounts,
    told: &[State],
) -> Vec<(&'static str, &'static str, Word, u64)> {
    told.iter()
        .map(|&s| {
            let n = counts.of(s);
            (state_class(s), words::state_sign(s), words::state(s), n)
        })
        .filter(|(.., n)| *n > 0)
        .collect()
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

/// What settings say something of.
const TOLD: [State; 4] = [
    State::Contradicted,
    State::PartlyShown,
    State::NotSeen,
    State::Shown,
];

/// A chapter as a whole, or in one cloud.
pub(super) struct Spot {
    bar: Vec<Part>,
    counts: StateCounts,
}

impl Spot {
    fn of(counts: StateCounts) -> Self {
        Self {
            bar: bar(&counts),
            counts,
        }
    }

    fn parts(&self) -> Vec<(&'static str, &'static str, Word, u64)> {
        parts(&self.counts, &TOLD)
    }

    /// How many of the controls are for people alone, or carried over.
    fn rest(&self) -> u64 {
        self.counts.total() - self.told()
    }

    fn told(&self) -> u64 {
        TOLD.iter().map(|s| self.counts.of(*s)).sum()
    }

    /// Heat, 0 to 4, by the share that is contradicted of what settings tell of.
    fn heat(&self) -> u64 {
        let (hot, all) = (self.counts.of(State::Contradicted), self.told());
        (hot * 4).div_ceil(all.max(1))
    }
}

/// A chapter: as a whole, and cloud by cloud where there are several.
pub(super) struct Row<'a> {
    pub id: &'a str,
    pub name: Word,
    pub spots: Vec<Spot>,
}

/// The table of chapters and clouds.
pub(super) fn rows<'a>(data: &ReportData<'_>, o: &'a Overview) -> Vec<Row<'a>> {
    let row = |(id, all): (&'a String, &StateCounts)| {
        let mut spots = vec![Spot::of(*all)];
        for standings in data.clouds.values() {
            let mut counts = StateCounts::default();
            let own = standings.iter().filter(|s| chapter_of(&s.control) == id);
            own.for_each(|s| counts.add(s.state));
            spots.push(Spot::of(counts));
        }
        Row {
            id,
            name: words::chapter(id).unwrap_or(words::word("", "")),
            spots,
        }
    };
    o.chapters.iter().map(row).collect()
}

#[derive(Template)]
#[template(path = "heat.html")]
pub(super) struct Heat<'a> {
    pub x: Bilingual,
    pub o: &'a Overview,
    /// Names of the clouds that the standings speak for.
    pub spoken_for: String,
    /// Names of the clouds, where there are several.
    pub clouds: Vec<&'a str>,
    pub rows: Vec<Row<'a>>,
}

impl Heat<'_> {
    fn speaks(&self) -> Bi<'static> {
        let w = words::SPEAKS_FOR;
        let ja = w.ja.replace("{}", &self.spoken_for.replace(", ", "、"));
        self.x.count(&ja, w.en, &self.spoken_for)
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
