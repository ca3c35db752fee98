//! `period`: what the ledger says of an audit period.

use crate::args::{Common, PeriodArgs, PeriodFormat};
use crate::exit::{Exit, Failed, Result};
use crate::ledger::told;
use crate::{lang, output, packs, statement, stored, terminal};
use shoseki_ledger::{Error, Ledger, Moment, Period, Query};
use shoseki_model::{Statement, Text};
use std::collections::BTreeMap;
use std::io::{BufWriter, ErrorKind, Write};

/// `period`.
pub fn run(common: &Common, args: &PeriodArgs) -> Result {
    let lang = lang::of(common);
    let statement = args.statement.as_deref().map(statement::read).transpose()?;
    let given = |own: &Option<String>, of: fn(&Statement) -> &String| {
        let own = own.as_ref().or_else(|| statement.as_ref().map(of));
        own.cloned()
            .ok_or_else(|| Failed::usage("give --from and --to, or --statement"))
    };
    let (from, to) = (given(&args.from, |s| &s.from)?, given(&args.to, |s| &s.to)?);
    let (from, to) = shoseki_ledger::day_bounds(&from, &to).map_err(told)?;
    let promised = statement.as_ref().and_then(|s| s.scan_frequency.as_ref());
    let frequency = args.frequency.as_ref().or(promised);
    let length = |text: &String| shoseki_ledger::parse_length(text).map_err(told);
    let query = Query {
        from,
        to,
        frequency: frequency.map_or(Ok(86_400_000), length)?,
        tolerance: args.tolerance.as_ref().map(length).transpose()?,
        now: Moment(jiff::Timestamp::now().as_millisecond()),
    };
    let ledger = Ledger::open(&args.at.ledger).map_err(told)?;
    let mut period = Period::read(&ledger, query).map_err(told)?;
    if let Some(s) = statement {
        let differ = statement::differ(common, &s, &period, &ledger)?;
        period.state_beside(s, differ);
    }
    let labels = match args.format {
        PeriodFormat::Html => labels(common)?,
        _ => BTreeMap::new(),
    };
    let fill = |out: &mut dyn Write| match args.format {
        PeriodFormat::Json => shoseki_ledger::json(&period, &ledger, out),
        PeriodFormat::Csv => shoseki_ledger::csv(&period, &ledger, out),
        PeriodFormat::Html => shoseki_ledger::html(&period, &ledger, &labels, lang, out),
        PeriodFormat::Text => {
            let summary = period.summary(&ledger, false)?;
            let text = shoseki_ledger::text(&period, &summary, lang);
            out.write_all(text.as_bytes()).map_err(Error::Write)
        }
    };
    if let Some(path) = &args.out {
        output::write(path, |to| fill(to).map_err(told))?;
        terminal::note(common, &path.display().to_string());
        return Ok(Exit::Ok);
    }
    let mut out = BufWriter::new(std::io::stdout().lock());
    match fill(&mut out).and_then(|()| out.flush().map_err(Error::Write)) {
        // Whoever reads may stop reading.
        Err(Error::Write(e)) if e.kind() == ErrorKind::BrokenPipe => {}
        other => other.map_err(told)?,
    }
    Ok(Exit::Ok)
}

/// Short words for controls, from the mappings at hand.
fn labels(common: &Common) -> Result<BTreeMap<String, Text>> {
    let packs = packs::load(common)?;
    Ok(stored::controls(&packs)
        .into_iter()
        .map(|(id, c)| (id, c.label))
        .collect())
}
