//! Tallies to standings.

use crate::catalogue::Catalogue;
use crate::mapping::{Entry, Mappings};
use serde::Serialize;
use shoseki_model::{Reach, RuleStanding, Standing, State, Strength, Tally};
use std::collections::{BTreeSet, HashMap};

/// The standing of every control that has an entry, in the order of the
/// criteria. Tallies of rules that no control names are left alone; their order
/// does not matter.
///
/// A four-number control rests on its own evidence. An objective (three
/// numbers) rests on its own evidence and on all evidence of its four-number
/// children; a rule that stands at several of them counts once, with the
/// strongest bearing that it has there. [`state_of`] says what follows.
pub fn assess<'t>(
    mappings: &Mappings,
    catalogue: &Catalogue,
    tallies: impl IntoIterator<Item = &'t Tally>,
) -> Vec<Standing> {
    assess_among(mappings, catalogue, &|_| true, tallies)
}

/// [`assess`] where only the rules that `among` takes (by id) have a say: those of
/// the clouds that the run was to read. What a rule about another cloud would have
/// shown neither counts nor lacks.
pub fn assess_among<'t>(
    mappings: &Mappings,
    catalogue: &Catalogue,
    among: &dyn Fn(&str) -> bool,
    tallies: impl IntoIterator<Item = &'t Tally>,
) -> Vec<Standing> {
    let sums = sum(tallies);
    mappings
        .entries()
        .iter()
        .map(|entry| {
            let rules: Vec<RuleStanding> = bearing(entry, mappings, catalogue)
                .into_iter()
                .filter(|(rule, _)| among(rule))
                .map(|(rule, strength)| match sums.get(rule) {
                    Some(s) => RuleStanding {
                        strength,
                        ..s.clone()
                    },
                    None => not_in_run(rule, strength),
                })
                .collect();
            let state = match entry.reach {
                Reach::HumanOnly => State::HumanOnly,
                Reach::Inherited => State::Inherited,
                Reach::Full | Reach::Part => state_of(&rules),
            };
            Standing {
                control: entry.id.clone(),
                edition: mappings.edition.clone(),
                reach: entry.reach,
                state,
                rules,
            }
        })
        .collect()
}

/// The rules that an entry rests on, with how they bear: its own first, then
/// those of its children.
pub(crate) fn bearing<'m>(
    entry: &'m Entry,
    mappings: &'m Mappings,
    catalogue: &Catalogue,
) -> Vec<(&'m str, Strength)> {
    let mut out: Vec<(&str, Strength)> = Vec::new();
    let children = catalogue
        .children(&entry.id)
        .filter_map(|c| mappings.get(&c.id));
    for e in std::iter::once(entry).chain(children) {
        for v in &e.evidence {
            match out.iter_mut().find(|o| o.0 == v.rule) {
                Some(o) => o.1 = o.1.max(v.strength),
                None => out.push((&v.rule, v.strength)),
            }
        }
    }
    out
}

/// The rules that move the standing of a control: its own and its children's,
/// context left out. `None` where the catalogue has no such control; chapters
/// and sections are none.
pub fn telling(
    control: &str,
    mappings: &Mappings,
    catalogue: &Catalogue,
) -> Option<BTreeSet<String>> {
    catalogue.get(control).filter(|c| c.level > 2)?;
    let Some(entry) = mappings.get(control) else {
        return Some(BTreeSet::new());
    };
    let all = bearing(entry, mappings, catalogue).into_iter();
    Some(
        all.filter(|(_, strength)| *strength > Strength::Context)
            .map(|(rule, _)| rule.to_owned())
            .collect(),
    )
}

fn not_in_run(rule: &str, strength: Strength) -> RuleStanding {
    RuleStanding {
        rule: rule.to_owned(),
        strength,
        scopes_complete: 0,
        scopes: 0,
        enumerated: 0,
        pass: 0,
        fail: 0,
        unknown: 0,
        excepted: 0,
        not_applicable: 0,
    }
}

fn sum<'t>(tallies: impl IntoIterator<Item = &'t Tally>) -> HashMap<&'t str, RuleStanding> {
    let mut sums: HashMap<&str, RuleStanding> = HashMap::new();
    for t in tallies {
        let s = sums
            .entry(&t.rule)
            .or_insert_with(|| not_in_run(&t.rule, Strength::Context));
        let add = |a: &mut u64, b: u64| *a = a.saturating_add(b);
        add(&mut s.scopes, 1);
        add(&mut s.scopes_complete, u64::from(t.complete));
        add(&mut s.enumerated, t.enumerated);
        add(&mut s.pass, t.pass);
        add(&mut s.fail, t.fail);
        add(&mut s.unknown, t.unknown);
        add(&mut s.excepted, t.excepted);
        add(&mut s.not_applicable, t.not_applicable);
    }
    sums
}

/// The state that follows from the rules of a control that settings can show.
/// `context` rules never count. In this order:
///
/// 1. `contradicted`: some rule has a failure. It outweighs everything, also
///    what was not seen.
/// 2. `not-seen`: no rule has a pass. Nothing read, nothing there to judge,
///    everything out of scope, and deviations covered by an exception all end
///    here: none of them shows the control. The counts tell them apart.
/// 3. `partly-shown`: some rule was not part of the run, has an unknown, an
///    excepted deviation, a population that is not known to be whole or counts
///    that do not add up; or what passed only supports the control.
/// 4. `shown`: everything else. A rule that found its population whole and
///    empty, or out of scope, takes nothing away: there was nothing to break it.
pub fn state_of(rules: &[RuleStanding]) -> State {
    let telling = || rules.iter().filter(|r| r.strength > Strength::Context);
    if telling().any(|r| r.fail > 0) {
        State::Contradicted
    } else if telling().all(|r| r.pass == 0) {
        State::NotSeen
    } else if telling().all(whole)
        && telling().any(|r| r.strength == Strength::States && r.pass > 0)
    {
        State::Shown
    } else {
        State::PartlyShown
    }
}

/// All of what the rule asked for was seen, and no deviation was excepted.
fn whole(r: &RuleStanding) -> bool {
    let counted = [r.pass, r.fail, r.unknown, r.excepted, r.not_applicable]
        .iter()
        .fold(0u64, |a, b| a.saturating_add(*b));
    r.scopes > 0
        && r.scopes_complete == r.scopes
        && r.unknown == 0
        && r.excepted == 0
        && counted == r.enumerated
}

/// How good a state is: contradicted, not seen, partly shown, shown. `None`
/// where settings have no say.
pub fn rank(state: State) -> Option<u8> {
    match state {
        State::Contradicted => Some(0),
        State::NotSeen => Some(1),
        State::PartlyShown => Some(2),
        State::Shown => Some(3),
        State::Inherited | State::HumanOnly => None,
    }
}

/// How many controls stand at each state.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Counts {
    /// A result speaks against them.
    pub contradicted: u64,
    /// Nothing was seen of them.
    pub not_seen: u64,
    /// Something was, something was not.
    pub partly_shown: u64,
    /// All that settings can show was seen.
    pub shown: u64,
    /// Carried over.
    pub inherited: u64,
    /// Not for settings.
    pub human_only: u64,
}

impl Counts {
    /// Counts one more.
    pub fn add(&mut self, state: State) {
        let n = match state {
            State::Contradicted => &mut self.contradicted,
            State::NotSeen => &mut self.not_seen,
            State::PartlyShown => &mut self.partly_shown,
            State::Shown => &mut self.shown,
            State::Inherited => &mut self.inherited,
            State::HumanOnly => &mut self.human_only,
        };
        *n += 1;
    }

    /// All of them.
    pub fn total(&self) -> u64 {
        self.contradicted
            + self.not_seen
            + self.partly_shown
            + self.shown
            + self.inherited
            + self.human_only
    }

    /// The worst state among those that settings have a say in.
    pub fn worst(&self) -> Option<State> {
        [
            (self.contradicted, State::Contradicted),
            (self.not_seen, State::NotSeen),
            (self.partly_shown, State::PartlyShown),
            (self.shown, State::Shown),
        ]
        .into_iter()
        .find(|(n, _)| *n > 0)
        .map(|(_, s)| s)
    }
}

/// The states of the four-number controls of an objective that have an entry.
pub fn roll_up(objective: &str, catalogue: &Catalogue, standings: &[Standing]) -> Counts {
    let mut counts = Counts::default();
    for s in standings {
        let parent = catalogue.get(&s.control).and_then(|c| c.parent.as_deref());
        if parent == Some(objective) {
            counts.add(s.state);
        }
    }
    counts
}

/// One chapter or section of the heat map.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Cell {
    /// `9`, `9.4`.
    pub id: String,
    /// 1 for a chapter, 2 for a section.
    pub level: u8,
    /// The objectives (three numbers) below it.
    pub objectives: Counts,
    /// The four-number controls below it that have an entry.
    pub controls: Counts,
}

/// Chapters and sections with how their controls stand, in the order of the
/// criteria; those without any entry are left out.
pub fn heat_map(catalogue: &Catalogue, standings: &[Standing]) -> Vec<Cell> {
    let mut cells: HashMap<&str, (Counts, Counts)> = HashMap::new();
    for s in standings {
        let Some(control) = catalogue.get(&s.control) else {
            continue;
        };
        for above in catalogue.ancestors(&s.control) {
            if above.level > 2 {
                continue;
            }
            let cell = cells.entry(above.id.as_str()).or_default();
            match control.level {
                3 => cell.0.add(s.state),
                _ => cell.1.add(s.state),
            }
        }
    }
    catalogue
        .controls()
        .iter()
        .filter_map(|c| {
            let (objectives, controls) = cells.get(c.id.as_str()).copied()?;
            Some(Cell {
                id: c.id.clone(),
                level: c.level,
                objectives,
                controls,
            })
        })
        .collect()
}
