//! The derivation from beginning to end.

use crate::basis::{Basis, Error};
use crate::cloud::{Replay, Shared, never_sent};
pub(crate) use crate::index::Readers;
use crate::index::{Index, when};
use crate::judgement::{self, Judged};
use crate::known::{Known, all_gaps};
use crate::records::Ledger;
use crate::report::{Compared, Problems, Report, Unasked};
use crate::targets;
use jiff::Timestamp;
use shoseki_collect::{Event, Options, Plan, Reader, plan};
use shoseki_evidence::{Counts, Kind, Outcome, Run};
use shoseki_judge::RuleSet;
use shoseki_model::{Gap, Past, Population, Target};
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::Duration;
use tokio::sync::mpsc;

/// Derives everything that `run` says again from its stored answers, and
/// compares. Blocking; needs no network and no credentials. Sixteen bytes or two
/// a record are held, and what the engine holds of resources in work.
///
/// # Errors
/// Only where it could not go on; what does not hold is in the report.
pub fn rederive(run: &Run, basis: &Basis<'_>) -> Result<Report, Error> {
    let Begun {
        shared,
        mut known,
        gaps,
        now,
        mut compared,
    } = begun(run, basis.readers)?;
    let info = &run.file().info;
    let readers = Readers(basis.readers);
    let told = targets::look(&shared, &mut known, &gaps, readers);
    let reached = reached(run, &known);
    let (demand, rules) = asked_for(run, basis, &known)?;
    let plan = Arc::new(plan(basis.collectors, &demand));
    let problems = &shared.problems;
    distinct(&info.targets, problems);
    let mut stored = Books::enter(run, &known, &gaps, problems)?;
    told.into_iter().for_each(|g| stored.meet(Event::Gap(g)));
    let clouds = accounts(&shared, &reached, readers, &mut stored);
    for t in &info.targets {
        if let Some(gap) = known.unreached.get(&t.account) {
            let populations = targets::unread(&plan, t, gap);
            populations
                .into_iter()
                .for_each(|p| stored.meet(Event::Population(p)));
        }
    }
    read(&plan, clouds, &mut stored)?;
    stored.settle(run, problems, &mut compared)?;
    let judged = Judged {
        run,
        rules,
        now,
        gaps: &gaps,
        populations: &known.populations,
    };
    let counts = judgement::check(judged, basis, problems, &mut compared)?;
    numbers(
        run,
        &known,
        counts,
        compared.exchanges,
        gaps.len() as u64,
        problems,
    );
    finish(run, &shared, readers, known, compared)
}

/// A run that is about to be derived.
pub(crate) struct Begun {
    pub(crate) shared: Arc<Shared>,
    pub(crate) known: Known,
    pub(crate) gaps: HashMap<String, Gap>,
    now: Timestamp,
    pub(crate) compared: Compared,
}

fn reached<'r>(run: &'r Run, known: &Known) -> Vec<&'r Target> {
    let targets = run.file().info.targets.iter();
    targets
        .filter(|t| !known.unreached.contains_key(&t.account))
        .collect()
}

/// Checks the files, and reads exchanges and gaps.
pub(crate) fn begun(run: &Run, readers: &[&'static dyn Reader]) -> Result<Begun, Error> {
    let problems = Problems::default();
    for p in run.check()? {
        problems.tell(&p.file, "", p.message);
    }
    let info = &run.file().info;
    let now: Timestamp = info.judged_at.parse()?;
    if Some(now) != when(&info.started) {
        let message = "the moment of judging is not the start of the scan";
        problems.tell("run.json", "judged_at", message);
    }
    let gaps = all_gaps(run, &problems)?;
    let known = Known::of(run, &gaps, &problems)?;
    let reached = reached(run, &known);
    let callers = reached
        .iter()
        .map(|t| (t.account.as_str(), t.caller.id.as_str()))
        .collect();
    let readers = Readers(readers);
    let index = Index::read(run, &callers, readers, &problems)?;
    let compared = Compared {
        accounts: reached.len() as u64,
        exchanges: index.exchanges,
        ..Compared::default()
    };
    let shared = Arc::new(Shared {
        run: run.clone(),
        index,
        problems,
        cancelled: run.file().outcome == Outcome::Cancelled,
        never_sent: never_sent(gaps.values()),
        unanswered: AtomicU64::new(0),
        unsent: AtomicU64::new(0),
    });
    Ok(Begun {
        shared,
        known,
        gaps,
        now,
        compared,
    })
}

/// The accounts of a run that was begun, and the gaps that signing in left.
pub(crate) fn accounts_of(begun: &Begun, readers: Readers<'_>) -> (Vec<Replay>, Vec<Gap>) {
    let reached = reached(&begun.shared.run, &begun.known);
    let (mut clouds, mut all) = (Vec::new(), Vec::new());
    for t in reached {
        if let Some(reader) = readers.of(&t.cloud) {
            let (cloud, gaps) = targets::replay(&begun.shared, t, reader);
            clouds.push(cloud);
            all.extend(gaps);
        }
    }
    (clouds, all)
}

/// The accounts as clouds; the gaps that signing in left are told.
fn accounts(
    shared: &Arc<Shared>,
    reached: &[&Target],
    readers: Readers<'_>,
    books: &mut Books<'_>,
) -> Vec<Replay> {
    let mut clouds = Vec::with_capacity(reached.len());
    for t in reached {
        let Some(reader) = readers.of(&t.cloud) else {
            let message = format!("nothing here reads the answers of `{}`", t.cloud);
            shared.problems.tell("run.json", t.account.clone(), message);
            continue;
        };
        let (cloud, gaps) = targets::replay(shared, t, reader);
        gaps.into_iter().for_each(|g| books.meet(Event::Gap(g)));
        clouds.push(cloud);
    }
    clouds
}

type Demand = BTreeMap<String, BTreeSet<String>>;

/// What the scan asked for, and the rules that judge it. Rules that came later
/// need not be those that asked: then the records say what was read.
fn asked_for(
    run: &Run,
    basis: &Basis<'_>,
    known: &Known,
) -> Result<(Demand, RuleSet), shoseki_evidence::Error> {
    let mut demand = Demand::new();
    if !run.file().rejudged {
        for rule in basis.rules.iter() {
            let parts = demand.entry(rule.resource.clone()).or_default();
            parts.extend(rule.reads().parts.iter().cloned());
        }
        return Ok((demand, basis.rules.clone()));
    }
    for p in &known.populations {
        demand.entry(p.r#type.clone()).or_default();
    }
    for r in run.resources()?.flatten() {
        let parts = demand.entry(r.r#type).or_default();
        let names = r.sources.keys().chain(r.unseen.keys());
        for name in names.filter(|n| !n.is_empty()) {
            if !parts.contains(name) {
                parts.insert(name.clone());
            }
        }
    }
    let rules = basis.rules.select(|r| demand.contains_key(&r.resource));
    Ok((demand, rules))
}

fn distinct(targets: &[Target], problems: &Problems) {
    let mut seen = HashSet::new();
    for t in targets.iter().filter(|t| !seen.insert(&t.account)) {
        problems.tell("run.json", t.account.clone(), "the account is there twice");
    }
}

/// The stored records, struck off as they are derived.
struct Books<'k> {
    known: &'k Known,
    resources: Ledger,
    gaps: Ledger,
    populations: Ledger,
}

impl<'k> Books<'k> {
    fn enter(
        run: &Run,
        known: &'k Known,
        gaps: &HashMap<String, Gap>,
        problems: &Problems,
    ) -> Result<Self, shoseki_evidence::Error> {
        let mut books = Self {
            known,
            resources: Ledger::default(),
            gaps: Ledger::default(),
            populations: Ledger::default(),
        };
        books.resources.enter_all(run.resources()?, problems);
        for g in gaps.values().filter(|g| !known.taken_as_stated(g)) {
            books.gaps.enter(g.clone(), problems);
        }
        for p in &known.populations {
            books.populations.enter(p.clone(), problems);
        }
        Ok(books)
    }

    fn meet(&mut self, event: Event) {
        match event {
            Event::Resource(r) => {
                let stopped = self.known.stops(&r.r#type, &r.account, &r.scope);
                self.resources.meet(*r, stopped);
            }
            Event::Gap(g) => {
                let key = (g.r#type.clone(), g.account.clone());
                let stopped = self.known.halted.contains(&key);
                self.gaps.meet(g, stopped);
            }
            Event::Population(p) => {
                if self.known.stops(&p.r#type, &p.account, &p.region) {
                    self.populations.pass_over(&p);
                } else {
                    self.populations.meet(p, false);
                }
            }
            Event::Progress(_) => {}
        }
    }

    fn settle(
        self,
        run: &Run,
        problems: &Problems,
        compared: &mut Compared,
    ) -> Result<(), shoseki_evidence::Error> {
        compared.resources = self.resources.met;
        compared.gaps = self.gaps.met;
        compared.populations = self.populations.met;
        self.resources.settle(|| run.resources(), problems)?;
        self.gaps.settle(|| run.gaps(), problems)?;
        self.populations.settle(|| run.populations(), problems)
    }
}

/// Runs the collectors against each account, one after the other.
fn read(plan: &Arc<Plan>, clouds: Vec<Replay>, books: &mut Books<'_>) -> Result<(), Error> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_time()
        .build()?;
    runtime.block_on(async {
        for cloud in clouds {
            let (events, mut receiver) = mpsc::channel(256);
            let options = Options {
                patience: Duration::ZERO,
                ..Options::default()
            };
            let plan = Arc::new(plan.at(&cloud.target.cloud, &cloud.target.level));
            let reading = shoseki_collect::run(plan, Arc::new(cloud), events, options);
            let reading = tokio::spawn(reading);
            while let Some(event) = receiver.recv().await {
                books.meet(event);
            }
            // A broken task told no population, which is missed.
            let _ = reading.await;
        }
    });
    Ok(())
}

/// The numbers in `run.json`, and how it says that the run ended.
pub(crate) fn numbers(
    run: &Run,
    known: &Known,
    judged: Counts,
    exchanges: u64,
    gaps: u64,
    told: &Problems,
) {
    let file = run.file();
    let mut counts = Counts {
        exchanges,
        gaps,
        ..judged
    };
    counts.populations.all = known.populations.len() as u64;
    counts.populations.complete = known.populations.iter().filter(|p| p.complete).count() as u64;
    if counts != file.counts {
        told.tell(
            "run.json",
            "counts",
            "the numbers are not those of the records",
        );
    }
    // What cannot be read does not show that nothing was.
    let seen = || seen(run, known).unwrap_or(true);
    let whole = counts.gaps == 0 && counts.populations.complete == counts.populations.all;
    let fits = match file.outcome {
        Outcome::Cancelled => true,
        Outcome::Complete => whole,
        Outcome::Incomplete => !whole,
        Outcome::NothingRead => !seen(),
    };
    if !fits {
        told.tell("run.json", "outcome", "it is not that of the records");
    }
}

/// Whether an answer reached a resource, or ended a population or a list of a
/// provider's history.
fn seen(run: &Run, known: &Known) -> Result<bool, shoseki_evidence::Error> {
    let whole = |p: &Population| p.complete && !p.query.is_empty();
    if known.populations.iter().any(whole) {
        return Ok(true);
    }
    let mut resources = run.resources()?.flatten();
    if resources.any(|r| r.sources.values().any(|s| !s.is_empty())) {
        return Ok(true);
    }
    let told = |p: Past| match p {
        Past::Asked(s) => s.complete,
        Past::State(_) => true,
        Past::Gap(_) => false,
    };
    Ok(run.file().info.backfill.is_some() && run.past()?.flatten().any(told))
}

/// Looks for exchanges that nothing asked for, and puts the report together.
pub(crate) fn finish(
    run: &Run,
    shared: &Shared,
    readers: Readers<'_>,
    known: Known,
    compared: Compared,
) -> Result<Report, Error> {
    let mut report = Report {
        compared,
        rejudged: run.file().rejudged,
        ..Report::default()
    };
    for x in run.exchanges()?.flatten() {
        if readers.sign_in(&x) {
            report.sign_in += 1;
        } else if !shared.index.was_asked(&x.id) {
            report.unasked.push(Unasked {
                id: x.id,
                call: x.call,
                account: x.account,
            });
        }
    }
    if !shared.cancelled {
        for x in &report.unasked {
            let message = format!("nothing in the collectors asks for it ({})", x.call);
            let file = Kind::Exchanges.file();
            shared.problems.tell(file, x.id.clone(), message);
        }
    }
    (report.problems, report.problems_found) = shared.problems.take();
    report.stated.unanswered = shared.unanswered.load(Relaxed);
    report.stated.unsent = shared.unsent.load(Relaxed);
    report.stated.unreached = known.on_its_word.into_iter().collect();
    report.stated.sought_unsaid = known.unsaid;
    report.stated.stopped = known.stopped.into_iter().collect();
    Ok(report)
}
