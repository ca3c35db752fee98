//! `population`: the lists behind rules and controls, how they came about, and
//! how far accounts and regions were reached.

use crate::args::{Common, Of, PopulationArgs, PopulationFormat};
use crate::exit::{Exit, Failed, Result};
use crate::packs::Packs;
use crate::stored::{Stored, unsound};
use crate::{lang, select, terminal};
use shoseki_evidence::Run;
use shoseki_evidence::population::{Listed, Member, lines, lines_digest, populations};
use shoseki_model::{Exchange, Gap, Strength, Text};
use shoseki_report::population::{
    Known, PopulationReport, ReachState, ScopePopulation, text, warning,
};
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

/// The rules that one option selects.
pub struct Pick {
    /// As given.
    pub selector: String,
    /// The control's label; empty for rules.
    pub label: Text,
    /// Rules that were part of the run.
    pub rules: BTreeSet<String>,
    /// Rules that are mere context for the control.
    pub context: Vec<String>,
    /// Rules that were not part of the run.
    pub not_run: Vec<String>,
}

/// The rules behind each option; one pick of all rules of the run where there is
/// no option.
pub fn picks(stored: &Stored, of: &Of) -> Result<Vec<Pick>> {
    let mut run = BTreeSet::new();
    for t in stored.run.tallies().map_err(unsound)? {
        run.insert(t.map_err(unsound)?.rule);
    }
    let mut out = Vec::new();
    for id in &of.control {
        out.push(of_control(stored.packs(), id, &run)?);
    }
    for glob in &of.rule {
        let by = crate::args::Selection {
            rules: vec![glob.clone()],
            controls: Vec::new(),
        };
        let rules = select::rules(stored.packs(), &by)?;
        let wanted: BTreeSet<String> = rules.iter().map(|r| r.id.clone()).collect();
        out.push(pick(glob, Text::default(), wanted, Vec::new(), &run));
    }
    if of.control.is_empty() && of.rule.is_empty() {
        out.push(pick("*", Text::default(), run.clone(), Vec::new(), &run));
    }
    for p in &out {
        if p.rules.is_empty() && !p.not_run.is_empty() {
            return Err(Failed::usage(format!(
                "{}: none of its {} rules was part of this run, so there is no population",
                p.selector,
                p.not_run.len()
            )));
        }
    }
    Ok(out)
}

fn pick(
    selector: &str,
    label: Text,
    wanted: BTreeSet<String>,
    context: Vec<String>,
    run: &BTreeSet<String>,
) -> Pick {
    let (rules, not_run): (BTreeSet<_>, BTreeSet<_>) =
        wanted.into_iter().partition(|r| run.contains(r));
    Pick {
        selector: selector.to_owned(),
        label,
        rules,
        context,
        not_run: not_run.into_iter().collect(),
    }
}

fn of_control(packs: &Packs, id: &str, run: &BTreeSet<String>) -> Result<Pick> {
    let chosen = select::selected(packs, &[id.to_owned()])?;
    let (mut wanted, mut context) = (BTreeSet::new(), BTreeSet::new());
    let entries = chosen.controls.iter().filter_map(|c| packs.mappings.get(c));
    for e in entries.flat_map(|e| &e.evidence) {
        match e.strength {
            Strength::Context => context.insert(e.rule.clone()),
            Strength::States | Strength::Supports => wanted.insert(e.rule.clone()),
        };
    }
    context.retain(|r| !wanted.contains(r));
    if wanted.is_empty() {
        return Err(Failed::usage(format!(
            "no rule states or supports {id}, so settings give no population for it; see `shoseki controls show {id}`"
        )));
    }
    let label = packs.mappings.label(id).cloned().unwrap_or_default();
    Ok(pick(id, label, wanted, context.into_iter().collect(), run))
}

/// The lists of all picks.
pub fn listed(run: &Run, picks: &[Pick]) -> Result<Vec<Listed>> {
    let rules = picks.iter().flat_map(|p| p.rules.iter().cloned()).collect();
    populations(run, &rules).map_err(unsound)
}

/// Every member of lists.
pub fn members(lists: &[Listed]) -> impl Iterator<Item = &Member> + Clone {
    lists.iter().flat_map(|l| &l.members)
}

/// Gaps of the run by id.
fn gaps(run: &Run) -> Result<HashMap<String, Gap>> {
    let all = run.gaps().map_err(unsound)?;
    all.map(|g| g.map(|g| (g.id.clone(), g)).map_err(unsound))
        .collect()
}

/// The report on the populations behind picks.
pub fn report(stored: &Stored, picks: &[Pick], lists: &[Listed]) -> Result<PopulationReport> {
    let run = &stored.run;
    let gaps = gaps(run)?;
    let wanted: HashSet<&str> = lists
        .iter()
        .flat_map(|l| l.query.iter().map(String::as_str))
        .collect();
    let exchanges = run.exchanges_by_id(&wanted).map_err(unsound)?;
    let lost = |what: &str, id: &str| {
        Failed::data(format!(
            "{}: the {what} {id} is not there",
            run.dir().display()
        ))
    };
    let mut scopes = Vec::with_capacity(lists.len());
    for l in lists {
        let query: Result<Vec<Exchange>> = l
            .query
            .iter()
            .map(|id| {
                exchanges
                    .get(id)
                    .cloned()
                    .ok_or_else(|| lost("exchange", id))
            })
            .collect();
        let why: Result<Vec<Gap>> = l
            .gaps
            .iter()
            .map(|id| gaps.get(id).cloned().ok_or_else(|| lost("gap", id)))
            .collect();
        let rule = stored.packs().rules.get(&l.tally.rule);
        scopes.push(ScopePopulation {
            tally: l.tally.clone(),
            title: rule.map(|r| r.title.clone()).unwrap_or_default(),
            query: query?,
            why: why?,
            sha256: l.digest(),
        });
    }
    let not_run: BTreeSet<String> = picks.iter().flat_map(|p| p.not_run.clone()).collect();
    let info = &run.file().info;
    Ok(PopulationReport {
        run: run
            .dir()
            .file_name()
            .map_or_else(String::new, |n| n.to_string_lossy().into()),
        started: info.started.clone(),
        ended: info.ended.clone(),
        complete: not_run.is_empty() && lists.iter().all(|l| l.tally.complete),
        members: members(lists).count() as u64,
        sha256: lines_digest(members(lists)),
        rules_not_run: not_run.into_iter().collect(),
        regions_known: !gaps
            .values()
            .any(|g| g.call == "ec2:DescribeRegions" && g.r#type == "aws"),
        known: known(stored, lists, &gaps)?,
        scopes,
    })
}

/// The type whose resources are the accounts of an organisation.
const ACCOUNTS: &str = "aws.organizations.account";

/// Accounts and regions that are known, and how far each was reached.
fn known(stored: &Stored, lists: &[Listed], gaps: &HashMap<String, Gap>) -> Result<Vec<Known>> {
    let run = &stored.run;
    let mut whole: BTreeMap<(String, String, String), bool> = BTreeMap::new();
    for l in lists {
        let t = &l.tally;
        let key = (t.account.clone(), t.region.clone(), t.r#type.clone());
        *whole.entry(key).or_insert(true) &= t.complete;
    }
    let mut out: BTreeMap<(String, String), Known> = BTreeMap::new();
    let mut add = |account: &str, region: &str, left_out: bool, why: String| {
        let here = whole
            .iter()
            .filter(|((a, r, _), _)| a == account && r == region);
        let populations = here.clone().count() as u64;
        let complete = here.filter(|(_, whole)| **whole).count() as u64;
        let state = match (left_out, populations, complete) {
            (true, ..) => ReachState::LeftOut,
            (_, 0, _) => ReachState::NoPopulation,
            (_, p, c) if p == c => ReachState::Reached,
            (_, _, 0) => ReachState::NotReached,
            _ => ReachState::Partly,
        };
        let (account, region) = (account.to_owned(), region.to_owned());
        let known = Known {
            account: account.clone(),
            region: region.clone(),
            state,
            complete,
            populations,
            why,
        };
        out.entry((account, region)).or_insert(known);
    };
    let mut targets = BTreeSet::new();
    for t in &run.file().info.targets {
        targets.insert(t.account.clone());
        let why = gaps
            .values()
            .find(|g| g.is_unreached() && g.account == t.account)
            .and_then(|g| g.error.as_ref())
            .map_or_else(String::new, |e| e.message.clone());
        add(&t.account, "global", false, why.clone());
        for r in &t.regions {
            add(&t.account, r, false, why.clone());
        }
        for r in &t.regions_left_out {
            add(&t.account, r, true, String::new());
        }
    }
    // Where the organisation was read, its other accounts are known too.
    for r in run.resources().map_err(unsound)? {
        let r = r.map_err(unsound)?;
        let id = r.settings.get("Id").and_then(|v| v.as_str());
        if let Some(id) = id.filter(|id| r.r#type == ACCOUNTS && !targets.contains(*id)) {
            add(id, "*", true, String::new());
        }
    }
    for (account, region, _) in whole.keys() {
        add(account, region, false, String::new());
    }
    Ok(out.into_values().collect())
}

/// The exit code, after saying loudly what is not whole.
pub fn conclude(report: &PopulationReport, lang: shoseki_model::Lang) -> Exit {
    match warning(report, lang) {
        None => Exit::Ok,
        Some(w) => {
            eprintln!("{}", terminal::folded(&w, 0));
            Exit::Incomplete
        }
    }
}

/// `population RUN`.
pub fn run(common: &Common, args: &PopulationArgs) -> Result {
    let stored = Stored::open(common, &args.run)?;
    let lang = lang::of(common);
    let picks = picks(&stored, &args.of)?;
    let lists = listed(&stored.run, &picks)?;
    let report = report(&stored, &picks, &lists)?;
    terminal::print(&match args.format {
        PopulationFormat::Text => text(&report, lang, terminal::columns()),
        PopulationFormat::Json => format!("{:#}\n", serde_json::to_value(&report)?),
        PopulationFormat::Tsv => lines(members(&lists)),
    });
    Ok(match args.format {
        // The text has said it already.
        PopulationFormat::Text if !report.complete => Exit::Incomplete,
        _ => conclude(&report, lang),
    })
}
