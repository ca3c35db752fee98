//! `ledger` and `diff`: runs over time.

use crate::args::{Common, DiffArgs, Format, LedgerCommand};
use crate::exit::{Exit, Failed, Result};
use crate::{lang, terminal};
use serde_json::json;
use shoseki_evidence::Outcome;
use shoseki_ledger::{Appended, Error, Ledger, Listed, Moment};
use shoseki_model::Lang;
use shoseki_report::{ReportData, Table, TrendPoint};
use std::collections::BTreeSet;
use std::path::Path;

/// What a ledger's error means for whoever called us.
pub fn told(e: Error) -> Failed {
    let exit = match e {
        Error::Missing(_) | Error::Input(_) => Exit::Usage,
        Error::Format { .. }
        | Error::Order { .. }
        | Error::Unsound { .. }
        | Error::Broken(_)
        | Error::Damaged(_)
        | Error::Run(_) => Exit::Data,
        Error::Io { .. } | Error::Full(_) | Error::Sql(_) | Error::Write(_) => Exit::Bug,
    };
    Failed::new(exit, e.to_string())
}

/// `ledger …`.
pub fn run(common: &Common, what: &LedgerCommand) -> Result {
    let lang = lang::of(common);
    match what {
        LedgerCommand::Add { runs, at, format } => {
            let mut ledger = Ledger::create(&at.ledger).map_err(told)?;
            ledger.whole().map_err(told)?;
            for run in runs {
                let appended = ledger.add(run).map_err(told)?;
                terminal::print(&added(&appended, *format, lang));
            }
            Ok(Exit::Ok)
        }
        LedgerCommand::List { at, format } => {
            let ledger = Ledger::open(&at.ledger).map_err(told)?;
            let entries = ledger.entries().map_err(told)?;
            terminal::print(&match format {
                Format::Json => format!("{:#}\n", json!(entries)),
                Format::Text => list(&entries, lang),
            });
            Ok(Exit::Ok)
        }
        LedgerCommand::Check {
            at,
            head,
            runs,
            format,
        } => check(&at.ledger, head.as_deref(), runs.as_deref(), *format, lang),
    }
}

/// Adds the run of a scan that has just ended, and says so on standard error.
pub fn after_scan(common: &Common, dir: &Path, run: &Path) -> Result<()> {
    let mut ledger = Ledger::create(dir).map_err(told)?;
    ledger.whole().map_err(told)?;
    let appended = ledger.add(run).map_err(told)?;
    terminal::note(common, &added(&appended, Format::Text, lang::of(common)));
    Ok(())
}

fn added(appended: &Appended, format: Format, lang: Lang) -> String {
    let (listed, new) = match appended {
        Appended::New(l) => (l, true),
        Appended::AlreadyThere(l) => (l, false),
    };
    if format == Format::Json {
        return format!("{}\n", json!({ "new": new, "entry": listed }));
    }
    let what = if new {
        lang::pick(lang, "台帳に登録した", "added to the ledger")
    } else {
        lang::pick(lang, "既に台帳にある", "in the ledger already")
    };
    let (entry, head) = (&listed.entry, &listed.head);
    format!("{what}: {} {}\n  {head}\n", entry.seq, entry.run)
}

fn list(entries: &[Listed], lang: Lang) -> String {
    let mut table = Table::with_heads([
        "#no".to_owned(),
        format!("{}!", lang::pick(lang, "開始 (JST)", "started (JST)")),
        lang::pick(lang, "実行", "run").to_owned(),
        lang::pick(lang, "結果", "outcome").to_owned(),
        format!("#{}", lang::pick(lang, "判定", "findings")),
        format!("#{}", lang::pick(lang, "変化", "changed")),
        format!("{}!", lang::pick(lang, "先頭値", "head")),
    ]);
    for l in entries {
        let e = &l.entry;
        table.row([
            e.seq.to_string(),
            Moment::parse(&e.started).map_or_else(|_| e.started.clone(), Moment::jst_minute),
            e.run.clone(),
            match &e.backfill {
                Some(b) => format!("{}: {}", lang::pick(lang, "遡及", "back-fill"), b.source),
                None => outcome(e.outcome, lang).to_owned(),
            },
            e.findings.to_string(),
            e.changed.to_string(),
            l.head.chars().take(16).collect(),
        ]);
    }
    let last = entries.last().map_or_else(String::new, |l| {
        format!(
            "{}: {}\n",
            lang::pick(lang, "最新の先頭値", "last head"),
            l.head
        )
    });
    table.print(terminal::columns()) + &last
}

fn outcome(o: Outcome, lang: Lang) -> &'static str {
    match o {
        Outcome::Complete => lang::pick(lang, "全数", "complete"),
        Outcome::Incomplete => lang::pick(lang, "不完全", "incomplete"),
        Outcome::NothingRead => lang::pick(lang, "読取りなし", "nothing-read"),
        Outcome::Cancelled => lang::pick(lang, "中断", "cancelled"),
    }
}

fn check(
    dir: &Path,
    head: Option<&str>,
    runs: Option<&Path>,
    format: Format,
    lang: Lang,
) -> Result {
    let ledger = Ledger::open(dir).map_err(told)?;
    let found = ledger.check(head, runs).map_err(told)?;
    let exit = if found.problems.is_empty() {
        Exit::Ok
    } else {
        Exit::Data
    };
    if format == Format::Json {
        let problems: Vec<_> = found
            .problems
            .iter()
            .map(|p| json!({ "entry": p.entry, "message": p.message }))
            .collect();
        terminal::print(&format!(
            "{:#}\n",
            json!({
                "entries": found.entries,
                "head": found.head,
                "noted_at": found.noted,
                "problems": problems,
            })
        ));
        return Ok(exit);
    }
    let mut out = String::new();
    for p in &found.problems {
        let entry = p.entry.map_or_else(String::new, |e| format!("#{e}: "));
        out.push_str(&format!("{entry}{}\n", p.message));
    }
    if let Some(noted) = found.noted {
        out.push_str(&match lang {
            Lang::Ja => format!("控えた先頭値は登録 {noted} のものである。\n"),
            Lang::En => format!("The noted head is that of entry {noted}.\n"),
        });
    } else if head.is_none() {
        out.push_str(lang::pick(
            lang,
            "控えた先頭値が与えられていないため、末尾の登録の削除は調べていない。\n",
            "No noted head was given: that the newest entries are all there is not checked.\n",
        ));
    }
    out.push_str(&match (lang, found.problems.len()) {
        (Lang::Ja, 0) => format!("登録 {} 件に改変は見つからない。\n", found.entries),
        (Lang::En, 0) => format!("{} entries, none was changed.\n", found.entries),
        (Lang::Ja, n) => format!("登録 {} 件に問題 {n} 件。\n", found.entries),
        (Lang::En, n) => format!("{} entries, {n} problems.\n", found.entries),
    });
    if let Some(head) = found.head {
        out.push_str(&format!("{head}\n"));
    }
    terminal::prose(&out);
    Ok(exit)
}

/// The runs of a ledger before this one, about the same targets.
pub fn trend(dir: &Path, data: &ReportData<'_>) -> Result<Vec<TrendPoint>> {
    trend_of(&Ledger::open(dir).map_err(told)?, data)
}

/// The same for a scan whose run goes into the ledger: one that is not there yet has
/// no runs.
pub fn trend_before_scan(dir: &Path, data: &ReportData<'_>) -> Result<Vec<TrendPoint>> {
    match Ledger::open(dir) {
        Err(Error::Missing(_)) => Ok(Vec::new()),
        Err(e) => Err(told(e)),
        Ok(ledger) => trend_of(&ledger, data),
    }
}

fn trend_of(ledger: &Ledger, data: &ReportData<'_>) -> Result<Vec<TrendPoint>> {
    let until = Moment::parse(&data.run.started).map_err(told)?;
    let targets: BTreeSet<String> = data.targets.iter().map(|t| t.account.clone()).collect();
    shoseki_ledger::trend(ledger, until, Some(&targets)).map_err(told)
}

/// `diff RUN1 RUN2`.
pub fn diff(common: &Common, args: &DiffArgs) -> Result {
    let found = shoseki_ledger::diff(&args.run1, &args.run2).map_err(told)?;
    terminal::print(&match args.format {
        Format::Json => format!("{:#}\n", json!(found)),
        Format::Text => shoseki_ledger::diff_text(&found, lang::of(common)),
    });
    Ok(Exit::Ok)
}
