//! `report` and `explain`.

use crate::args::{Common, ExplainArgs, Format, ReportArgs, ReportFormat};
use crate::exit::{Exit, Failed, Result};
use crate::stored::{self, Stored, report_error, unsound};
use crate::{beside, lang, output, terminal};
use serde_json::json;
use shoseki_model::{Exchange, Finding, Gap, Lang, Sight};
use shoseki_report::{
    Beside, ExplainData, ReportData, ReportError, SummaryOptions, explain as explained, repeat,
};
use std::collections::HashSet;
use std::io::{IsTerminal, Write};

/// `report RUN`.
pub fn report(common: &Common, args: &ReportArgs) -> Result {
    let stored = Stored::open(common, &args.run)?;
    let lang = lang::of(common);
    let html = args.format == ReportFormat::Html;
    if args.bom && args.format != ReportFormat::Csv {
        return Err(Failed::usage("--bom goes with --format csv only"));
    }
    let appendix = matches!(args.format, ReportFormat::Xlsx | ReportFormat::Betten);
    args.beside.fits(appendix, html)?;
    if args.format == ReportFormat::Xlsx && args.out.is_none() && std::io::stdout().is_terminal() {
        return Err(Failed::usage(
            "a workbook is nothing for a terminal; name a file by --out",
        ));
    }
    let out = args
        .out
        .clone()
        .or_else(|| html.then(|| args.run.join("report.html")));
    if out.as_ref().is_some_and(|o| o.starts_with(&args.run)) {
        crate::sealing::not_sealed(&args.run, "name a file elsewhere by --out")?;
    }
    let streams = stored.streams();
    let mut data = stored.data(&streams, out.as_deref().filter(|_| html))?;
    if let Some(texts) = &args.texts {
        if !html {
            return Err(Failed::usage("--texts is for --format html"));
        }
        if out.as_deref().is_some_and(crate::catalogue::inside_run) {
            return Err(Failed::usage(
                "the criteria's texts do not belong into a run; name a file elsewhere by --out",
            ));
        }
        data.texts = crate::catalogue::texts(texts, &data.run.edition)?;
    }
    let beside = match appendix {
        true => beside::of(common, &stored, &args.beside)?,
        false => Beside::default(),
    };
    if let Some(ledger) = args.beside.ledger.as_ref().filter(|_| html) {
        data.trend = crate::ledger::trend(ledger, &data)?;
    }
    let Some(path) = &out else {
        let mut to = std::io::stdout().lock();
        write(&data, &beside, args, lang, true, &mut to)?;
        to.flush()?;
        return Ok(Exit::Ok);
    };
    output::write(path, |to| write(&data, &beside, args, lang, false, to))?;
    terminal::note(common, &path.display().to_string());
    Ok(Exit::Ok)
}

fn write(
    data: &ReportData<'_>,
    beside: &Beside,
    args: &ReportArgs,
    lang: Lang,
    screen: bool,
    to: &mut dyn Write,
) -> Result<()> {
    use shoseki_report as r;
    let done = match args.format {
        ReportFormat::Html => r::html(data, lang, to),
        ReportFormat::Json => r::json(data, to),
        ReportFormat::Oscal => r::oscal::assessment_results(data, lang, to),
        ReportFormat::OscalCatalog => r::oscal::catalog(data, lang, to),
        ReportFormat::OscalProfile => r::oscal::profile(data, lang, to),
        ReportFormat::OscalComponent => r::oscal::component_definition(data, lang, to),
        ReportFormat::OscalPlan => r::oscal::assessment_plan(data, lang, to),
        ReportFormat::Ocsf => r::ocsf(data, lang, to),
        ReportFormat::Sarif => r::sarif(data, lang, to),
        ReportFormat::SarifGithub => r::sarif_for_github(data, lang, to),
        ReportFormat::Junit => r::junit(data, lang, to),
        ReportFormat::Markdown => r::markdown(data, lang, to),
        ReportFormat::Annotations => r::annotations(data, lang, to),
        ReportFormat::Csv => r::csv(data, lang, args.bom, to),
        ReportFormat::Xlsx => r::xlsx(data, beside, lang, to),
        ReportFormat::Betten => r::betten(data, beside, to),
        ReportFormat::Text => {
            let how = SummaryOptions {
                lang,
                columns: terminal::columns().unwrap_or(80),
                colour: screen && terminal::colour(),
            };
            let text = r::summary(data, how).map_err(report_error)?;
            to.write_all(text.as_bytes()).map_err(ReportError::from)
        }
    };
    done.map_err(report_error)
}

/// `explain RUN FINDING`.
pub fn explain(common: &Common, args: &ExplainArgs) -> Result {
    let stored = Stored::open(common, &args.run)?;
    let finding = find(&stored, &args.finding)?;
    let mut gaps: Vec<Gap> = Vec::new();
    for g in stored.run.gaps().map_err(unsound)? {
        let g = g.map_err(unsound)?;
        if finding.gaps.contains(&g.id) || unseen(&finding).any(|id| id == g.id) {
            gaps.push(g);
        }
    }
    let wanted: HashSet<&str> = finding
        .observed
        .iter()
        .flat_map(|o| o.exchanges.iter())
        .chain(gaps.iter().filter_map(|g| g.exchange.as_ref()))
        .map(String::as_str)
        .collect();
    let found = stored.run.exchanges_by_id(&wanted).map_err(unsound)?;
    let mut exchanges: Vec<Exchange> = found.into_values().collect();
    exchanges.sort_by(|a, b| (&a.started, &a.id).cmp(&(&b.started, &b.id)));
    let info = stored.run.file();
    let endpoint = info
        .info
        .targets
        .iter()
        .find(|t| t.account == finding.resource.account)
        .and_then(|t| t.endpoint.as_deref());
    let packs = stored.packs();
    let rule = packs.rules.get(&finding.rule).map(|r| stored::rule_info(r));
    let all = stored::controls(packs);
    let controls: Vec<_> = packs
        .mappings
        .controls_of(&finding.rule)
        .filter_map(|l| all.get(l.control).cloned())
        .collect();
    if args.format == Format::Json {
        let commands: Vec<_> = exchanges
            .iter()
            .filter_map(|x| repeat(x, endpoint))
            .collect();
        crate::terminal::print(&format!(
            "{:#}\n",
            json!({
                "finding": finding,
                "exchanges": exchanges,
                "gaps": gaps,
                "controls": controls.iter().map(|c| &c.id).collect::<Vec<_>>(),
                "commands": commands,
            })
        ));
        return Ok(Exit::Ok);
    }
    let path = args.run.display().to_string();
    let data = ExplainData {
        finding: &finding,
        rule: rule.as_ref(),
        exchanges: &exchanges,
        gaps: &gaps,
        controls: &controls,
        endpoint,
        run_path: &path,
    };
    crate::terminal::print(&explained(
        &data,
        lang::of(common),
        terminal::columns().unwrap_or(80),
    ));
    Ok(Exit::Ok)
}

fn unseen(f: &Finding) -> impl Iterator<Item = &str> {
    f.observed.iter().filter_map(|o| match &o.sight {
        Sight::Unseen(id) => Some(id.as_str()),
        _ => None,
    })
}

/// The one finding whose id begins so.
fn find(stored: &Stored, id: &str) -> Result<Finding> {
    let mut found: Option<Finding> = None;
    for f in stored.run.findings().map_err(unsound)? {
        let f = f.map_err(unsound)?;
        if f.id == id {
            return Ok(f);
        }
        if f.id.starts_with(id) {
            if found.is_some() {
                return Err(Failed::usage(format!(
                    "several findings begin with {id}; give more of the id"
                )));
            }
            found = Some(f);
        }
    }
    found.ok_or_else(|| {
        Failed::usage(format!(
            "{} has no finding {id}; the report and `shoseki report RUN --format json` name them",
            stored.run.dir().display()
        ))
    })
}
