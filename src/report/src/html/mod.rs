//! The HTML report: one file, both languages, no script, no request.

mod bilingual;
mod control;
mod finding;
mod frame;
mod heat;

use crate::data::{ReportData, ReportError};
use crate::overview::{GapGroup, Overview, clouds, overview};
use crate::spool::Spool;
use askama::Template;
use bilingual::Bilingual;
use finding::{Kind, RuleGroup};
use indexmap::IndexMap;
use shoseki_model::{Lang, Population, Verdict};
use std::collections::HashSet;
use std::io::Write;

/// Writes the report to `to`, `first` being the language shown first. Memory
/// does not grow with the text of findings: fragments are sorted in an unnamed
/// temporary file.
///
/// # Errors
/// When the records cannot be read or the report not written.
pub fn html(data: &ReportData<'_>, first: Lang, mut to: impl Write) -> Result<(), ReportError> {
    let o = overview(data)?;
    let x = Bilingual { first };
    let groups = finding::groups(data, &o);
    let gaps: Vec<(&GapGroup, u64)> = o.gaps.iter().map(|(g, n)| (g, *n)).collect();
    let to: &mut dyn Write = &mut to;
    put(
        to,
        &frame::Head {
            x,
            data,
            o: &o,
            css: CSS,
        },
    )?;
    put(to, &frame::Scope { x, data })?;
    put(
        to,
        &frame::Seen {
            x,
            o: &o,
            gaps: &gaps,
        },
    )?;
    put(
        to,
        &heat::Heat {
            x,
            o: &o,
            chapters: heat::chapters(data, &o),
            spoken_for: clouds(data),
            clouds: data.clouds.keys().map(String::as_str).collect(),
            by_cloud: heat::by_cloud(data, &o),
        },
    )?;
    put(to, &frame::Contradictions { x, data, o: &o })?;
    put(
        to,
        &control::Controls {
            x,
            chapters: control::chapters(data),
        },
    )?;

    let mut cited = HashSet::new();
    let mut spool = sort_findings(data, x, &groups, &mut cited)?;
    put(to, &finding::Index { x, groups: &groups })?;
    for (i, g) in groups.iter().enumerate() {
        rule_section(x, g, i, &mut spool, to)?;
    }
    put(
        to,
        &frame::ExceptionsHead {
            x,
            some: spool.count(EXCEPTIONS) > 0,
            all: &data.exceptions,
        },
    )?;
    spool.drain(EXCEPTIONS, to)?;
    put(to, &frame::SectionEnd)?;
    drop(spool);

    for p in &data.populations {
        cited.extend(p.query.iter().cloned());
    }
    put(
        to,
        &frame::Populations {
            x,
            types: by_type(&data.populations),
            o: &o,
        },
    )?;
    gap_section(data, x, &gaps, &mut cited, to)?;
    exchange_section(data, x, &mut cited, to)?;
    put(to, &frame::Appendix { x, groups: &groups })?;
    put(to, &frame::Tail { x, data })?;
    to.flush()?;
    Ok(())
}

/// The style sheet of the pages, for other pages that go with them.
pub const CSS: &str = include_str!("../../templates/style.css");

/// The spool group of excepted findings; the others are rule by kind.
const EXCEPTIONS: u64 = u64::MAX;

fn put(to: &mut dyn Write, t: &impl Template) -> Result<(), ReportError> {
    // Rendered to text first: a write error must not hide behind a layout error.
    to.write_all(t.render()?.as_bytes())?;
    Ok(())
}

fn group(rule: usize, kind: Kind) -> u64 {
    (rule as u64) * 4 + kind as u64
}

fn sort_findings(
    data: &ReportData<'_>,
    x: Bilingual,
    groups: &[RuleGroup<'_>],
    cited: &mut HashSet<String>,
) -> Result<Spool, ReportError> {
    let index: IndexMap<&str, usize> = groups.iter().enumerate().map(|(i, g)| (g.id, i)).collect();
    let mut spool = Spool::new();
    for f in data.findings.records()? {
        let f = f?;
        let Some(&rule) = index.get(f.rule.as_str()) else {
            continue;
        };
        let key = match f.verdict {
            Verdict::Fail if f.excepted.is_some() => EXCEPTIONS,
            Verdict::Fail => group(rule, Kind::Fail),
            Verdict::Unknown => group(rule, Kind::Unknown),
            Verdict::Pass => group(rule, Kind::Pass),
            Verdict::NotApplicable => group(rule, Kind::NotApplicable),
        };
        let text = if matches!(f.verdict, Verdict::Pass | Verdict::NotApplicable) {
            finding::Line { x, f: &f }.render()?
        } else {
            cited.extend(f.observed.iter().flat_map(|o| o.exchanges.iter().cloned()));
            finding::Full::new(x, &f).render()?
        };
        spool.push(key, &text)?;
    }
    Ok(spool)
}

fn rule_section(
    x: Bilingual,
    g: &RuleGroup<'_>,
    i: usize,
    spool: &mut Spool,
    to: &mut dyn Write,
) -> Result<(), ReportError> {
    put(to, &finding::RuleHead { x, g })?;
    for kind in Kind::ALL {
        let n = spool.count(group(i, kind));
        if n > 0 {
            put(to, &finding::KindHead::new(x, kind, n))?;
            spool.drain(group(i, kind), to)?;
            put(to, &finding::KindEnd { kind })?;
        }
    }
    put(to, &frame::SectionEnd)
}

fn by_type(populations: &[Population]) -> Vec<frame::TypePopulations<'_>> {
    let mut types: IndexMap<&str, Vec<&Population>> = IndexMap::new();
    for p in populations {
        types.entry(&p.r#type).or_default().push(p);
    }
    let mut out: Vec<_> = types
        .into_iter()
        .map(|(name, scopes)| frame::TypePopulations {
            name,
            count: scopes.iter().map(|p| p.count).sum(),
            whole: scopes.iter().filter(|p| p.complete).count(),
            scopes,
        })
        .collect();
    out.sort_by(|a, b| a.name.cmp(b.name));
    out
}

fn gap_section(
    data: &ReportData<'_>,
    x: Bilingual,
    groups: &[(&GapGroup, u64)],
    cited: &mut HashSet<String>,
    to: &mut dyn Write,
) -> Result<(), ReportError> {
    let index: std::collections::HashMap<&GapGroup, u64> = groups
        .iter()
        .enumerate()
        .map(|(i, (g, _))| (*g, i as u64))
        .collect();
    let mut spool = Spool::new();
    for g in data.gaps.records()? {
        let g = g?;
        cited.extend(g.exchange.iter().cloned());
        if let Some(&i) = index.get(&GapGroup::of(&g)) {
            spool.push(i, &frame::GapRow { x, g: &g }.render()?)?;
        }
    }
    put(
        to,
        &frame::GapsHead {
            x,
            some: !groups.is_empty(),
        },
    )?;
    for (i, (g, n)) in groups.iter().enumerate() {
        put(
            to,
            &frame::GapGroupHead {
                x,
                g,
                n: *n,
                i,
                open: *n <= 20,
            },
        )?;
        spool.drain(i as u64, to)?;
        put(to, &frame::TableEnd)?;
    }
    put(to, &frame::SectionEnd)
}

fn exchange_section(
    data: &ReportData<'_>,
    x: Bilingual,
    cited: &mut HashSet<String>,
    to: &mut dyn Write,
) -> Result<(), ReportError> {
    put(to, &frame::ExchangesHead { x, data })?;
    for e in data.exchanges.records()? {
        let e = e?;
        if cited.remove(&e.id) {
            put(to, &frame::ExchangeRow { x, e: &e })?;
        }
    }
    put(to, &frame::TableEnd)?;
    put(to, &frame::SectionEnd)
}

/// Counts for tests and templates.
fn percent(part: u64, all: u64) -> f64 {
    if all == 0 {
        return 0.0;
    }
    // Tenths of a percent are enough for a bar.
    (part as f64 / all as f64 * 1000.0).round() / 10.0
}

/// The counts, shared by templates.
fn anything_unseen(o: &Overview) -> bool {
    o.gap_count > 0 || o.populations_whole < o.populations
}
