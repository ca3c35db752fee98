//! `statement check`, `statement new`: what a provider states against what was
//! seen.

use crate::args::{Common, Format, StatementCommand};
use crate::exit::{Exit, Failed, Result};
use crate::packs::Packs;
use crate::stored::unsound;
use crate::{lang, packs, terminal};
use serde_json::json;
use shoseki_assess::{Seen, SeenChange, SeenResources, check_statement, load_statement};
use shoseki_evidence::{Outcome, Run};
use shoseki_ledger::{FindingState, Ledger, Moment, Period, Query};
use shoseki_model::{Discrepancy, Grade, Lang, Resource, State, Statement, Strength, Text};
use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::path::Path;

/// `statement …`.
pub fn run(common: &Common, what: &StatementCommand) -> Result {
    let packs = packs::load(common)?;
    match what {
        StatementCommand::New => {
            let text = shoseki_assess::skeleton(&packs.catalogue, &packs.mappings);
            terminal::print(&text);
            Ok(Exit::Ok)
        }
        StatementCommand::Check(args) => {
            let statement = read(&args.file)?;
            let (seen, whole) = match (&args.run, &args.ledger) {
                (Some(run), _) => of_run(run)?,
                (None, Some(dir)) => {
                    let ledger = Ledger::open(dir).map_err(crate::ledger::told)?;
                    let from = args.from.as_ref().unwrap_or(&statement.from);
                    let to = args.to.as_ref().unwrap_or(&statement.to);
                    let frequency = statement.scan_frequency.as_deref();
                    let period = Period::read(&ledger, query(frequency, from, to)?);
                    let period = period.map_err(crate::ledger::told)?;
                    (of_period(&packs, &period, &ledger)?, true)
                }
                (None, None) => return Err(Failed::usage("name a run or --ledger DIR")),
            };
            let all = check_statement(&statement, &packs.catalogue, &packs.mappings, &seen);
            let exit = exit_of(&all, whole);
            match args.format {
                Format::Json => terminal::print(&as_json(&statement, &all, exit)),
                Format::Text => terminal::prose(&as_text(&all, lang::of(common))),
            }
            Ok(exit)
        }
    }
}

/// Reads a statement of the user's.
pub fn read(path: &Path) -> Result<Statement> {
    let file = path.display().to_string();
    let text = packs::read(path)?;
    load_statement(&file, &text).map_err(|all| Failed::data(packs::told(&all, &file, &text)))
}

/// What is asked of a ledger for a statement; without a promised frequency it is a
/// scan a day.
pub fn query(frequency: Option<&str>, from: &str, to: &str) -> Result<Query> {
    let (from, to) = shoseki_ledger::day_bounds(from, to).map_err(crate::ledger::told)?;
    let frequency = frequency.unwrap_or("1d");
    Ok(Query {
        from,
        to,
        frequency: shoseki_ledger::parse_length(frequency).map_err(crate::ledger::told)?,
        tolerance: None,
        now: Moment(jiff::Timestamp::now().as_millisecond()),
    })
}

/// Where a statement and a period differ.
pub fn differ(
    common: &Common,
    statement: &Statement,
    period: &Period,
    ledger: &Ledger,
) -> Result<Vec<Discrepancy>> {
    let packs = packs::load(common)?;
    let seen = of_period(&packs, period, ledger)?;
    Ok(check_statement(
        statement,
        &packs.catalogue,
        &packs.mappings,
        &seen,
    ))
}

/// Where a statement and a run differ.
pub fn differ_from_run(
    packs: &Packs,
    statement: &Statement,
    dir: &Path,
) -> Result<Vec<Discrepancy>> {
    let (seen, _) = of_run(dir)?;
    Ok(check_statement(
        statement,
        &packs.catalogue,
        &packs.mappings,
        &seen,
    ))
}

/// Contradicted where there is an error; incomplete where something that bears
/// on the statement was not seen.
fn exit_of(all: &[Discrepancy], whole: bool) -> Exit {
    let failed = all.iter().any(|d| d.severity == Grade::Error);
    match (failed, whole && !all.iter().any(|d| d.unseen)) {
        (false, true) => Exit::Ok,
        (true, true) => Exit::Contradicted,
        (false, false) => Exit::Incomplete,
        (true, false) => Exit::ContradictedAndIncomplete,
    }
}

/// `aws.s3` of `aws.s3.bucket`.
fn service(kind: &str) -> String {
    kind.splitn(3, '.').take(2).collect::<Vec<_>>().join(".")
}

/// What a run saw, and whether it saw all that it asked for.
fn of_run(dir: &Path) -> Result<(Seen, bool)> {
    let run = Run::open(dir).map_err(unsound)?;
    let info = &run.file().info;
    let started = Moment::parse(&info.started).map_err(crate::ledger::told)?;
    let mut seen = Seen {
        edition: info.edition.clone(),
        day: Some(started.jst_day()),
        regions_known: true,
        ..Seen::default()
    };
    for g in run.gaps().map_err(unsound)? {
        let g = g.map_err(unsound)?;
        if g.is_unreached() {
            seen.accounts_unread.insert(g.account);
        } else if g.r#type == "aws" {
            seen.regions_known = false;
        }
    }
    // Without a query a resource is there by definition, as the account itself.
    let mut given: HashSet<(String, String, String)> = HashSet::new();
    for p in run.populations().map_err(unsound)? {
        let p = p.map_err(unsound)?;
        *seen.services.entry(service(&p.r#type)).or_insert(true) &= p.complete;
        if p.query.is_empty() && p.complete {
            given.insert((p.r#type, p.account, p.region));
        } else if p.complete || p.count > 0 {
            seen.read.insert((p.account, p.region));
        }
    }
    for t in &info.targets {
        let read = |r: &String| seen.read.contains(&(t.account.clone(), r.clone()));
        let unread = t.regions.iter().filter(|r| !read(r));
        let all: Vec<_> = unread.chain(&t.regions_left_out).cloned().collect();
        if !seen.read.iter().any(|(a, _)| *a == t.account) {
            seen.accounts_unread.insert(t.account.clone());
        }
        let of = all.into_iter().map(|r| (t.account.clone(), r));
        seen.regions_unread.extend(of);
    }
    let mut counts: BTreeMap<(String, String, String), (u64, u64)> = BTreeMap::new();
    for r in run.resources().map_err(unsound)? {
        let r = r.map_err(unsound)?;
        let population = (r.r#type.clone(), r.account.clone(), r.scope.clone());
        if given.contains(&population) {
            continue;
        }
        let own = u64::from(!made_by_the_cloud(&r));
        let n = counts
            .entry((service(&r.r#type), r.account, r.region))
            .or_default();
        *n = (n.0 + 1, n.1 + own);
    }
    seen.resources = resources(counts);
    for s in run.standings().map_err(unsound)? {
        let s = s.map_err(unsound)?;
        if s.state == State::Contradicted {
            let day = started.jst_minute();
            let when = Text::new(format!("（{day}）"), format!("({day})"));
            seen.contradicted.insert(s.control, when);
        }
    }
    Ok((seen, run.file().outcome == Outcome::Complete))
}

fn resources(counts: BTreeMap<(String, String, String), (u64, u64)>) -> Vec<SeenResources> {
    counts
        .into_iter()
        .map(|((service, account, region), (count, own))| SeenResources {
            service,
            account,
            region,
            count,
            own,
        })
        .collect()
}

/// Networks that every AWS account has in every region without asking for them,
/// by the members that the EC2 API marks them with (`IsDefault` of Vpc and
/// NetworkAcl, `DefaultForAz` of Subnet, the group name `default`, the `Main`
/// association of a route table).
fn made_by_the_cloud(r: &Resource) -> bool {
    let is = |member: &str| r.settings.get(member).and_then(|v| v.as_bool()) == Some(true);
    match r.r#type.as_str() {
        "aws.ec2.vpc" => is("IsDefault"),
        "aws.ec2.network-acl" => is("IsDefault"),
        "aws.ec2.subnet" => is("DefaultForAz"),
        "aws.ec2.security-group" => {
            r.settings.get("GroupName").and_then(|v| v.as_str()) == Some("default")
        }
        // The list of an account's regions names what there is, not what is used.
        "aws.ec2.region" => true,
        _ => false,
    }
}

/// What a ledger saw over a period.
fn of_period(packs: &Packs, period: &Period, ledger: &Ledger) -> Result<Seen> {
    let told = crate::ledger::told;
    let plan = shoseki_collect::plan(&packs.collectors, &crate::select::demand(&packs.rules));
    // Without a list a resource is there by definition, as the account itself.
    let given = plan.types.iter().filter(|t| t.list.is_none());
    let given: HashSet<&str> = given.map(|t| t.r#type.as_str()).collect();
    let mut seen = Seen {
        edition: period.runs.last().and_then(|r| r.edition.clone()),
        changes: Some(Vec::new()),
        ..Seen::default()
    };
    for r in &period.runs {
        seen.accounts_unread.extend(r.accounts.iter().cloned());
    }
    for (rule, account, region, whole) in period.asked_where(ledger).map_err(told)? {
        *seen.services.entry(service(&rule)).or_insert(true) &= whole;
        seen.read.insert((account, region));
    }
    let read: BTreeSet<&String> = seen.read.iter().map(|(a, _)| a).collect();
    seen.accounts_unread.retain(|a| !read.contains(a));
    let mut controls: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for c in &period.controls {
        let spans = c.intervals.iter();
        let spans: Vec<String> = spans
            .filter(|i| i.state == Some(State::Contradicted))
            .map(|i| format!("{} – {}", i.from.jst_day(), i.to.jst_day()))
            .collect();
        if !spans.is_empty() {
            let more = spans.len().saturating_sub(3);
            let mut when = spans[..spans.len() - more].join(", ");
            if more > 0 {
                when += &format!(", +{more}");
            }
            let when = Text::new(format!("（{when}）"), format!("({when})"));
            seen.contradicted.insert(c.control.clone(), when);
        }
        for (rule, strength) in &c.rules {
            if *strength > Strength::Context {
                controls.entry(rule).or_default().insert(&c.control);
            }
        }
    }
    let judged = |s: FindingState| {
        use FindingState::{Excepted, Fail, NotApplicable, Pass};
        matches!(s, Pass | Fail | Excepted | NotApplicable)
    };
    let mut things: HashSet<(String, String, String)> = HashSet::new();
    let mut counts: BTreeMap<(String, String, String), (u64, u64)> = BTreeMap::new();
    let mut changed: BTreeMap<(String, String, String), u64> = BTreeMap::new();
    let mut each = |f: shoseki_ledger::FindingTimeline| {
        for c in &f.changes {
            // What was not seen, has gone or is new is no change of a setting.
            if !(judged(c.before.state) && judged(c.now.state)) {
                continue;
            }
            for control in controls.get(f.rule.as_str()).into_iter().flatten() {
                let key = ((*control).to_owned(), c.after.jst_day(), c.at.jst_day());
                *changed.entry(key).or_default() += 1;
            }
        }
        let r = f.resource;
        let kind = service(&r.r#type);
        if !given.contains(r.r#type.as_str()) && things.insert((r.r#type, r.account.clone(), r.id))
        {
            let n = counts.entry((kind, r.account, r.region)).or_default();
            *n = (n.0 + 1, n.1 + 1);
        }
        Ok(())
    };
    period.findings(ledger, false, &mut each).map_err(told)?;
    seen.resources = resources(counts);
    seen.changes = Some(
        changed
            .into_iter()
            .map(|((control, after, at), findings)| SeenChange {
                control,
                after,
                at,
                findings,
            })
            .collect(),
    );
    let gaps = period.gaps.iter();
    seen.gaps = gaps
        .map(|g| (g.from.jst_minute(), g.to.jst_minute()))
        .collect();
    Ok(seen)
}

fn counts(all: &[Discrepancy]) -> [usize; 3] {
    [Grade::Error, Grade::Warning, Grade::Note]
        .map(|g| all.iter().filter(|d| d.severity == g).count())
}

fn as_json(statement: &Statement, all: &[Discrepancy], exit: Exit) -> String {
    let [errors, warnings, notes] = counts(all);
    let value = json!({
        "format": "shoseki.statement-check/1",
        "scope": statement.scope,
        "period": { "from": statement.from, "to": statement.to },
        "counts": { "error": errors, "warning": warnings, "note": notes },
        "discrepancies": all,
        "exit_code": exit as u8,
    });
    format!("{value:#}\n")
}

fn as_text(all: &[Discrepancy], lang: Lang) -> String {
    let mut out = String::new();
    for d in all {
        let grade = shoseki_report::words::grade(d.severity).get(lang);
        let of = d.control.iter().chain(&d.subject).cloned();
        let of = of.collect::<Vec<_>>().join(" ");
        let line = match d.line {
            0 => String::new(),
            n => lang::pick(lang, " (行 {})", " (line {})").replace("{}", &n.to_string()),
        };
        out += &format!(
            "[{grade}] {} {of}{line}\n    {}\n",
            d.code,
            d.text.get(lang)
        );
    }
    let [errors, warnings, notes] = counts(all);
    out += &match lang {
        Lang::Ja => format!(
            "言明と観測の矛盾 {errors} 件、注意 {warnings} 件、参考 {notes} 件。管理策が満たされているかどうかの結論は述べない。\n"
        ),
        Lang::En => format!(
            "{errors} contradiction(s) of statement and sight, {warnings} warning(s), {notes} note(s). No conclusion is drawn on whether a control is met.\n"
        ),
    };
    out
}
