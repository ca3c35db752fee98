//! `shoseki backfill`: earlier states out of a provider's own history, into a run
//! directory of their own and the ledger, always under the name of their source.

use crate::args::{
    AzureReach, AzureScope, BackfillArgs, CloudArg, Common, FailOn, Format, GcpReach, GcpScope,
    ScanArgs,
};
use crate::clouds::Account;
use crate::exit::{Exit, Failed, Result};
use crate::packs::{self, Packs};
use crate::record::{Keep, selection, tool};
use crate::sealing::{Reach, Sealer};
use crate::{lang, ledger, select, targets, terminal};
use jiff::Timestamp;
use serde_json::json;
use shoseki_backfill::{Request, Told};
use shoseki_collect::Recorder;
use shoseki_evidence::{Outcome, RunInfo, RunWriter};
use shoseki_judge::RuleSet;
use shoseki_model::{AWS_CONFIG, Backfill, Lang, Past, Verdict};
use std::path::Path;
use std::sync::Arc;

/// Signing in is that of a scan.
fn as_scan(args: &BackfillArgs) -> ScanArgs {
    ScanArgs {
        clouds: vec![args.cloud],
        demo: false,
        selection: args.selection.clone(),
        exceptions: None,
        out: args.out.clone(),
        seal: args.seal.clone(),
        ledger: args.ledger.clone(),
        concurrency: 1,
        fail_on: FailOn::None,
        format: args.format,
        sending: args.sending.clone(),
        aws: args.aws.clone(),
        aws_scope: args.aws_scope.clone(),
        azure: AzureReach::default(),
        azure_scope: AzureScope::default(),
        gcp: GcpReach::default(),
        gcp_scope: GcpScope::default(),
    }
}

/// Numbers of a back-fill.
#[derive(Default)]
struct Seen {
    scopes: u64,
    resources: u64,
    states: [u64; 5],
    source_gaps: u64,
    gaps: u64,
}

impl Seen {
    fn add(&mut self, p: &Past) {
        match p {
            Past::Asked(s) => {
                self.scopes += 1;
                self.resources += s.resources;
            }
            Past::Gap(_) => self.source_gaps += 1,
            Past::State(s) => {
                let n = match s.verdict {
                    Some(Verdict::Pass) => 0,
                    Some(Verdict::Fail) => 1,
                    Some(Verdict::Unknown) => 2,
                    Some(Verdict::NotApplicable) => 3,
                    None => 4,
                };
                self.states[n] += 1;
            }
        }
    }
}

/// Reads the history, and tells how it ended: 0 or, where something was not seen,
/// 4. Earlier failures are no news of today and give no exit code.
pub fn run(common: &Common, args: &BackfillArgs) -> Result {
    if args.cloud != CloudArg::Aws {
        return Err(Failed::usage(format!(
            "no history of {} is read; there is that of aws",
            args.cloud.name()
        )));
    }
    let (from, to) = shoseki_ledger::day_bounds(&args.from, &args.to).map_err(ledger::told)?;
    let started = Timestamp::now();
    let time = |m: shoseki_ledger::Moment| {
        Timestamp::from_millisecond(m.0).map_err(|e| Failed::usage(e.to_string()))
    };
    let (from, to) = (time(from)?, time(to)?.min(started));
    if from >= to {
        return Err(Failed::usage(format!(
            "--from {} is in the future",
            args.from
        )));
    }
    let packs = packs::load(common)?;
    for t in &args.types {
        if packs.histories.get(t).is_none() {
            let known: Vec<&str> = packs.histories.iter().map(|h| h.r#type.as_str()).collect();
            return Err(Failed::usage(format!(
                "--types {t}: no history of it is read; there are {}",
                known.join(", ")
            )));
        }
    }
    let rules = select::rules(&packs, &args.selection)?;
    let rules = select::of_clouds(&rules, &[args.cloud.name()])?;
    let ask = Request {
        histories: &packs.histories,
        collectors: &packs.collectors,
        rules: &rules,
        types: &args.types,
        from,
        to,
        now: started,
    };
    if ask.wanted().is_empty() {
        return Err(Failed::usage(
            "the selected rules judge no type of which a history is read",
        ));
    }
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()?;
    let reach = Reach {
        sending: &args.sending,
        aws: &args.aws,
        read: &[args.cloud],
    };
    let sealer = runtime.block_on(Sealer::of(&args.seal, &reach))?;
    runtime.block_on(back_fill(common, args, &packs, &ask, sealer))
}

async fn back_fill(
    common: &Common,
    args: &BackfillArgs,
    packs: &Packs,
    ask: &Request<'_>,
    sealer: Option<Sealer>,
) -> Result {
    let dir = args.out.clone().unwrap_or_else(|| {
        let name = ask.now.strftime("%Y%m%dT%H%M%SZ");
        Path::new("shoseki-runs").join(format!("{name}-aws-backfill"))
    });
    let kept = |e: shoseki_evidence::Error| Failed::new(Exit::Bug, e.to_string());
    let writer = RunWriter::create_backfill(&dir).map_err(|e| match e {
        shoseki_evidence::Error::Exists(_) => Failed::usage(e.to_string()),
        _ => kept(e),
    })?;
    let writer = Arc::new(writer);
    let keep: Arc<dyn Recorder> = Arc::new(Keep(writer.clone()));
    let reached = match targets::reach(&as_scan(args), &keep).await {
        Ok(reached) => reached,
        Err(failed) => {
            drop(keep);
            let _ = std::fs::remove_dir_all(&dir);
            return Err(failed);
        }
    };
    let targets = targets::named(&reached);
    let mut seen = Seen::default();
    for account in reached.accounts {
        let (cloud, gaps) = match account {
            Account::Missed(missed) => (None, vec![missed.0]),
            Account::Reached { cloud, gaps, .. } => (Some(cloud), gaps),
        };
        for gap in &gaps {
            seen.gaps += 1;
            writer.gap(gap).map_err(kept)?;
        }
        let Some(cloud) = cloud else { continue };
        let mut tell = |t: Told| match t {
            Told::Gap(gap) => {
                seen.gaps += 1;
                writer.gap(&gap)
            }
            Told::Past(p) => {
                seen.add(&p);
                writer.past(&p)
            }
        };
        shoseki_backfill::read(cloud.as_ref(), ask, &mut tell)
            .await
            .map_err(kept)?;
    }
    if let Some(why) = writer.given_up() {
        let message = format!("evidence could not be kept, the back-fill was given up: {why}");
        return Err(Failed::new(Exit::Bug, message));
    }
    for (path, text) in &packs.files {
        writer.pack(path, text).map_err(kept)?;
    }
    let info = RunInfo {
        tool: tool(),
        started: ask.now.to_string(),
        ended: Timestamp::now().to_string(),
        judged_at: ask.now.to_string(),
        backfill: Some(Backfill {
            source: AWS_CONFIG.to_owned(),
            from: ask.from.to_string(),
            to: ask.to.to_string(),
            types: ask.wanted(),
        }),
        sought: reached.sought,
        targets,
        selection: selection(common, &args.selection),
        edition: Some(packs.catalogue.edition.clone()),
    };
    let file = writer.finish(info, false).map_err(kept)?;
    let lang = lang::of(common);
    let summary = summary(&seen, file.outcome, &dir, args.format, lang);
    match (common.quiet && args.format == Format::Text, file.outcome) {
        (false, _) => terminal::prose(&summary),
        (true, Outcome::Complete) => {}
        // What was not seen is never silent.
        (true, _) => eprint!("{summary}"),
    }
    if let Some(sealer) = &sealer {
        sealer.seal(&dir, common).await?;
    }
    if let Some(to) = &args.ledger {
        ledger::after_scan(common, to, &dir)?;
    }
    Ok(match file.outcome {
        Outcome::Complete => Exit::Ok,
        _ => Exit::Incomplete,
    })
}

fn summary(s: &Seen, outcome: Outcome, dir: &Path, format: Format, lang: Lang) -> String {
    let [pass, fail, unknown, not_applicable, gone] = s.states;
    if format == Format::Json {
        let value = json!({
            "source": AWS_CONFIG,
            "run": dir,
            "outcome": outcome,
            "scopes": s.scopes,
            "resources": s.resources,
            "states": {
                "pass": pass, "fail": fail, "unknown": unknown,
                "not-applicable": not_applicable, "gone": gone,
            },
            "source_gaps": s.source_gaps,
            "gaps": s.gaps,
        });
        return format!("{value:#}\n");
    }
    let dir = dir.display();
    match lang {
        Lang::Ja => format!(
            "遡及取得（情報源: AWS Config）。走査による観測ではない。\n  リソース {}  状態: 期待どおり {pass}、相違 {fail}、判定不能 {unknown}、対象外 {not_applicable}、消滅 {gone}\n  記録がない期間 {}  見えなかったもの {}\n  {dir}\n",
            s.resources, s.source_gaps, s.gaps
        ),
        Lang::En => format!(
            "Back-filled from AWS Config; no scan observed this.\n  resources {}  states: pass {pass}, fail {fail}, unknown {unknown}, not applicable {not_applicable}, gone {gone}\n  times without a record {}  not seen {}\n  {dir}\n",
            s.resources, s.source_gaps, s.gaps
        ),
    }
}

/// What a stored back-fill asked for, to derive it again.
pub fn again<'a>(
    run: &'a shoseki_evidence::RunFile,
    packs: &'a Packs,
    rules: &'a RuleSet,
) -> Result<Option<Request<'a>>> {
    let info = &run.info;
    let Some(b) = &info.backfill else {
        return Ok(None);
    };
    let time = |name: &str, text: &str| {
        text.parse::<Timestamp>()
            .map_err(|e| Failed::data(format!("run.json: {name}: {e}")))
    };
    if b.source != AWS_CONFIG {
        return Err(Failed::data(format!(
            "run.json: backfill.source: {} is not known",
            b.source
        )));
    }
    Ok(Some(Request {
        histories: &packs.histories,
        collectors: &packs.collectors,
        rules,
        types: &b.types,
        from: time("backfill.from", &b.from)?,
        to: time("backfill.to", &b.to)?,
        now: time("started", &info.started)?,
    }))
}
