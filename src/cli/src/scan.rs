//! `shoseki scan`: targets → collect → judge → assess → report.

use crate::args::{Common, Format, ScanArgs};
use crate::clouds::Account;
use crate::exit::{Exit, Failed, Result};
use crate::packs::{self, Packs};
use crate::progress::Progress;
use crate::record::{Keep, selection, tool};
use crate::sealing::{Reach, Sealer};
use crate::stored::{self, Stored};
use crate::{ending, lang, select, targets, terminal, unread};
use shoseki_collect::{Event, Options, Plan, Recorder};
use shoseki_evidence::{RunInfo, RunWriter};
use shoseki_judge::{Judge, RuleSet, Tallies};
use shoseki_model::{Gap, Population, Sought, Target};
use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tokio::sync::{mpsc, watch};
use tokio::task::JoinSet;

/// Resources that may wait to be judged; with what is in flight, all that a
/// scan holds of them.
const WAITING: usize = 256;

/// Scans, and tells how it ended.
pub fn run(common: &Common, args: &ScanArgs) -> Result {
    let mut packs = packs::load(common)?;
    packs.except(args.exceptions.as_deref())?;
    let clouds: Vec<&str> = targets::clouds(args).iter().map(|c| c.name()).collect();
    let rules = select::rules(&packs, &args.selection)?;
    let rules = select::of_clouds(&rules, &clouds)?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()?;
    let reach = Reach {
        sending: &args.sending,
        aws: &args.aws,
        read: &targets::clouds(args),
    };
    let sealer = runtime.block_on(Sealer::of(&args.seal, &reach))?;
    let exit = runtime.block_on(scan(common, args, packs, rules, sealer))?;
    // What still waits for an answer has nothing more to say.
    runtime.shutdown_background();
    if args.demo
        && matches!(
            exit,
            Exit::Contradicted | Exit::Incomplete | Exit::ContradictedAndIncomplete
        )
    {
        if args.format == Format::Text {
            let code = exit as u8;
            terminal::note(
                common,
                lang::pick(
                    lang::of(common),
                    &format!(
                        "(デモのため終了コードは 0。同じ結果の実スキャンでは {code} になる。)"
                    ),
                    &format!(
                        "(A demonstration exits with 0; a real scan with this result exits with {code}.)"
                    ),
                ),
            );
        }
        return Ok(Exit::Ok);
    }
    Ok(exit)
}

async fn scan(
    common: &Common,
    args: &ScanArgs,
    packs: Packs,
    rules: RuleSet,
    sealer: Option<Sealer>,
) -> Result {
    let lang = lang::of(common);
    let started = jiff::Timestamp::now();
    let dir = directory(args, started);
    let progress = Progress::new(common, args.format);
    let writer = Arc::new(RunWriter::create(&dir).map_err(not_created)?);
    let keep: Arc<dyn Recorder> = Arc::new(Keep(writer.clone()));
    progress.phase_sign_in();
    let reached = match targets::reach(args, &keep).await {
        Ok(reached) => reached,
        Err(failed) => {
            // Nothing was read: an unfinished run directory would only mislead.
            drop(keep);
            let _ = std::fs::remove_dir_all(&dir);
            return Err(failed);
        }
    };
    let plan = Arc::new(shoseki_collect::plan(
        &packs.collectors,
        &select::demand(&rules),
    ));
    progress.phase_read(reached.accounts.len(), &plan);
    let judge = Judge::new(rules.clone(), started).with_exceptions(packs.exceptions.clone());
    let (events, receiver) = mpsc::channel(WAITING);
    let consumer = {
        let (writer, progress) = (writer.clone(), progress.clone());
        tokio::task::spawn_blocking(move || consume(receiver, &writer, &judge, &progress))
    };
    let targets = (targets::named(&reached), reached.sought);
    let cancelled = collect(
        reached.accounts,
        &plan,
        events,
        usize::from(args.concurrency),
    )
    .await;
    drop(reached.sandbox);
    let seen = consumer
        .await
        .map_err(|e| Failed::new(Exit::Bug, format!("judging broke: {e}")))?;
    if let Some(why) = writer.given_up() {
        return Err(Failed::new(
            Exit::Bug,
            format!("evidence could not be kept, the scan was given up: {why}"),
        ));
    }
    let seen = seen?;
    progress.phase_judge(seen.resources, seen.gaps);
    let seen = whole(seen, &plan, &targets.0, &writer)?;
    finish(
        common, args, &packs, &writer, seen, targets, started, cancelled,
    )?;
    drop(writer);
    let stored = Stored::made(packs, &dir)?;
    let report = dir.join("report.html");
    let unread = stored::write_html(&stored, &report, lang, |data| match &args.ledger {
        Some(ledger) => crate::ledger::trend_before_scan(ledger, data),
        None => Ok(Vec::new()),
    })?;
    progress.end();
    let exit = ending::conclude(
        common,
        &stored,
        &report,
        args.fail_on.severity(),
        args.format,
    )?;
    if let Some(sealer) = &sealer {
        sealer.seal(&dir, common).await?;
    }
    if let Some(ledger) = &args.ledger {
        crate::ledger::after_scan(common, ledger, &dir)?;
    }
    match unread {
        Some(failed) => Err(failed),
        None => Ok(exit),
    }
}

/// A directory that holds something was named by the user; the rest is the disk's.
fn not_created(e: shoseki_evidence::Error) -> Failed {
    let exit = match e {
        shoseki_evidence::Error::Exists(_) => Exit::Usage,
        _ => Exit::Bug,
    };
    Failed::new(exit, e.to_string())
}

/// Where the run goes.
fn directory(args: &ScanArgs, started: jiff::Timestamp) -> PathBuf {
    args.out.clone().unwrap_or_else(|| {
        let name = started.strftime("%Y%m%dT%H%M%SZ").to_string();
        let kind = match args.demo {
            true => "demo".to_owned(),
            false => {
                let clouds = targets::clouds(args);
                clouds
                    .iter()
                    .map(|c| c.name())
                    .collect::<Vec<_>>()
                    .join("-")
            }
        };
        Path::new("shoseki-runs").join(format!("{name}-{kind}"))
    })
}

/// Runs the plan against every account; true when the user stopped it.
async fn collect(
    accounts: Vec<Account>,
    plan: &Arc<Plan>,
    events: mpsc::Sender<Event>,
    requests: usize,
) -> bool {
    let (stop, stopped) = watch::channel(false);
    let mut running = JoinSet::new();
    for account in accounts {
        match account {
            Account::Reached {
                target,
                cloud,
                gaps,
            } => {
                for gap in gaps {
                    let _ = events.send(Event::Gap(gap)).await;
                }
                let plan = plan.at(&target.cloud, &target.level);
                let options = Options {
                    requests,
                    cancel: Some(stopped.clone()),
                    ..Options::default()
                };
                running.spawn(shoseki_collect::run(
                    Arc::new(plan),
                    cloud,
                    events.clone(),
                    options,
                ));
            }
            Account::Missed(missed) => {
                // The receiver lives as long as this sender.
                let _ = events.send(Event::Gap(missed.0)).await;
            }
        }
    }
    drop(events);
    let mut cancelled = false;
    loop {
        tokio::select! {
            ended = running.join_next() => match ended {
                None => return cancelled,
                Some(Ok(summary)) => cancelled |= summary.cancelled,
                Some(Err(e)) => {
                    tracing::error!("reading an account broke: {e}");
                    cancelled = true;
                }
            },
            Ok(()) = tokio::signal::ctrl_c(), if !cancelled => {
                cancelled = true;
                let _ = stop.send(true);
            }
        }
    }
}

/// What judging keeps of a scan: numbers and populations, no resource.
pub struct Seen {
    /// Counts by rule and scope.
    pub tallies: Tallies,
    /// Populations.
    pub populations: Vec<Population>,
    /// Resources judged.
    pub resources: u64,
    /// Gaps told.
    pub gaps: u64,
    /// Accounts that were not reached, with the gaps that say so.
    pub missed: BTreeMap<String, String>,
}

/// Adds what nobody told: an account that was not reached, or whose reading
/// broke, still counts.
fn whole(mut seen: Seen, plan: &Plan, targets: &[Target], writer: &RunWriter) -> Result<Seen> {
    let kept = |e: shoseki_evidence::Error| Failed::new(Exit::Bug, e.to_string());
    let (gaps, populations) = unread::missing(plan, targets, &seen.populations, &seen.missed);
    for g in &gaps {
        writer.gap(g).map_err(kept)?;
    }
    for p in &populations {
        writer.population(p).map_err(kept)?;
    }
    seen.gaps += gaps.len() as u64;
    seen.populations.extend(populations);
    Ok(seen)
}

fn consume(
    mut events: mpsc::Receiver<Event>,
    writer: &RunWriter,
    judge: &Judge,
    progress: &Progress,
) -> Result<Seen> {
    let kept = |e: shoseki_evidence::Error| Failed::new(Exit::Bug, e.to_string());
    let mut gaps: HashMap<String, Gap> = HashMap::new();
    let mut seen = Seen {
        tallies: Tallies::new(judge.rules()),
        populations: Vec::new(),
        resources: 0,
        gaps: 0,
        missed: BTreeMap::new(),
    };
    while let Some(event) = events.blocking_recv() {
        match event {
            Event::Gap(gap) => {
                writer.gap(&gap).map_err(kept)?;
                seen.gaps += 1;
                if gap.is_unreached() {
                    seen.missed.insert(gap.account.clone(), gap.id.clone());
                }
                gaps.insert(gap.id.clone(), gap);
            }
            Event::Population(p) => {
                writer.population(&p).map_err(kept)?;
                seen.populations.push(p);
            }
            Event::Resource(r) => {
                seen.resources += 1;
                writer.resource(&r).map_err(kept)?;
                let findings = judge.judge(&r, &|id| gaps.get(id).cloned());
                seen.tallies.add(&r, &findings);
                for f in &findings {
                    writer.finding(f).map_err(kept)?;
                }
            }
            Event::Progress(p) => progress.read(p, seen.resources, seen.gaps),
        }
    }
    Ok(seen)
}

#[expect(
    clippy::too_many_arguments,
    reason = "the last step brings everything together"
)]
fn finish(
    common: &Common,
    args: &ScanArgs,
    packs: &Packs,
    writer: &RunWriter,
    seen: Seen,
    (targets, sought): (Vec<Target>, Vec<Sought>),
    started: jiff::Timestamp,
    cancelled: bool,
) -> Result<()> {
    let kept = |e: shoseki_evidence::Error| Failed::new(Exit::Bug, e.to_string());
    let tallies = seen.tallies.finish(&seen.populations)?;
    for t in &tallies {
        writer.tally(t).map_err(kept)?;
    }
    let clouds = select::clouds_of(&targets);
    for s in select::standings(packs, &args.selection.controls, &clouds, &tallies)? {
        writer.standing(&s).map_err(kept)?;
    }
    for (path, text) in &packs.files {
        writer.pack(path, text).map_err(kept)?;
    }
    let info = RunInfo {
        backfill: None,
        tool: tool(),
        started: started.to_string(),
        ended: jiff::Timestamp::now().to_string(),
        judged_at: started.to_string(),
        sought,
        targets,
        selection: selection(common, &args.selection),
        edition: Some(packs.catalogue.edition.clone()),
    };
    writer.finish(info, cancelled).map_err(kept)?;
    Ok(())
}
