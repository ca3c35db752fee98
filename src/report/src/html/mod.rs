//! The HTML report: one file, both languages, no request.
//!
//! What does not grow with the number of findings stands as elements and is there
//! without a script: outcome, map, contradictions by rule, controls, counts. The
//! rest is data ([`pack`]) that the page's own script shows on demand.

mod bilingual;
mod control;
mod findings;
mod frame;
mod heat;
mod pack;
mod rules;
mod tables;
mod trend;

use crate::data::{ReportData, ReportError, TrendPoint};
use crate::overview::{GapGroup, Outcome, Overview, clouds, overview};
use crate::spool::Spool;
use askama::Template;
use bilingual::Bilingual;
use findings::Bounds;
use indexmap::IndexMap;
use shoseki_model::{Lang, Population};
use std::collections::HashMap;
use std::io::Write;

pub use trend::trend;

/// Writes the report to `to`, `first` being the language shown first. Memory
/// does not grow with the text of findings: their data are packed block by block
/// into an unnamed temporary file.
///
/// # Errors
/// When the records cannot be read or the report not written.
pub fn html(data: &ReportData<'_>, first: Lang, mut to: impl Write) -> Result<(), ReportError> {
    let o = overview(data)?;
    let x = Bilingual { first };
    let groups = rules::groups(data, &o);
    let numbers: HashMap<&str, usize> = groups.iter().enumerate().map(|(i, g)| (g.id, i)).collect();
    let gaps: Vec<(&GapGroup, u64)> = o.gaps.iter().map(|(g, n)| (g, *n)).collect();
    let mut packed = findings::pack(data.findings, &numbers, Bounds::default())?;
    let to: &mut dyn Write = &mut to;

    put(to, &frame::Head::new(x, data, &o))?;
    to.write_all(over_time(data, first, &o)?.as_bytes())?;
    put(to, &map(data, x, &o))?;
    put(to, &frame::Contradictions { x, data, o: &o })?;
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
        &control::Controls {
            x,
            chapters: control::chapters(data, &o, &numbers),
        },
    )?;
    put(
        to,
        &frame::Findings {
            x,
            data,
            o: &o,
            left_out: packed.left_out,
        },
    )?;
    put(
        to,
        &frame::Exceptions {
            x,
            excepted: o.verdicts.excepted,
            all: &data.exceptions,
        },
    )?;
    put(
        to,
        &frame::Populations {
            x,
            types: by_type(&data.populations),
            o: &o,
        },
    )?;
    put(to, &frame::Gaps { x, groups: &gaps })?;

    let mut cited = std::mem::take(&mut packed.cited);
    let mut rest = Spool::new();
    tables::gaps(data, &gaps, &mut cited, &mut rest)?;
    let mut populations = Vec::new();
    tables::populations(&data.populations, &mut cited, &mut populations)?;
    let exchanges = tables::exchanges(data, &mut cited, &mut rest)?;
    put(to, &frame::Exchanges { x, data, exchanges })?;
    put(to, &frame::Scope { x, data })?;
    put(to, &frame::Tail { x, data })?;

    to.write_all(tables::main(data, &groups, &gaps)?.as_bytes())?;
    tables::tallies(data, &numbers, to)?;
    to.write_all(&populations)?;
    rest.drain(0, to)?;
    rest.drain(1, to)?;
    packed.spool.drain(0, to)?;
    write!(
        to,
        "<script type=\"module\">{SCRIPT}</script>\n</body>\n</html>\n"
    )?;
    to.flush()?;
    Ok(())
}

/// The style sheet of the pages, for other pages that go with them.
pub const CSS: &str = include_str!("../../templates/style.css");

/// The page's script, in the order of use.
const SCRIPT: &str = concat!(
    "\n",
    include_str!("../../templates/script/base.js"),
    include_str!("../../templates/script/data.js"),
    include_str!("../../templates/script/detail.js"),
    include_str!("../../templates/script/find.js"),
    include_str!("../../templates/script/tree.js"),
    include_str!("../../templates/script/rest.js"),
    include_str!("../../templates/script/links.js"),
);

fn put(to: &mut dyn Write, t: &impl Template) -> Result<(), ReportError> {
    // Rendered to text first: a write error must not hide behind a layout error.
    to.write_all(t.render()?.as_bytes())?;
    Ok(())
}

/// The runs before and this one, or why they are not told.
fn over_time(data: &ReportData<'_>, first: Lang, o: &Overview) -> Result<String, ReportError> {
    if let Some(why) = &data.trend_unread {
        return trend::unread(why, first);
    }
    let mut points = data.trend.clone();
    points.push(TrendPoint {
        run: data.run.id.clone(),
        started: data.run.started.clone(),
        states: o.states,
        counts: o.verdicts,
        incomplete: o.outcome != Outcome::Whole,
    });
    trend(&points, first)
}

fn map<'a>(data: &'a ReportData<'_>, x: Bilingual, o: &'a Overview) -> heat::Heat<'a> {
    heat::Heat {
        x,
        o,
        spoken_for: clouds(data),
        clouds: data.clouds.keys().map(String::as_str).collect(),
        rows: heat::rows(data, o),
    }
}

fn by_type(populations: &[Population]) -> Vec<frame::TypePopulations<'_>> {
    let mut types: IndexMap<&str, frame::TypePopulations<'_>> = IndexMap::new();
    for p in populations {
        let t = types.entry(&p.r#type).or_insert(frame::TypePopulations {
            name: &p.r#type,
            count: 0,
            whole: 0,
            scopes: 0,
        });
        t.count += p.count;
        t.whole += u64::from(p.complete);
        t.scopes += 1;
    }
    let mut out: Vec<_> = types.into_values().collect();
    out.sort_by(|a, b| {
        let key = |t: &frame::TypePopulations<'_>| (t.whole < t.scopes, t.count > 0);
        key(b).cmp(&key(a)).then_with(|| a.name.cmp(b.name))
    });
    out
}

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
