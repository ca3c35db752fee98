//! `sample`: a reproducible random sample with the evidence of each item.

use crate::args::{Common, SampleArgs};
use crate::exit::{Exit, Failed, Result};
use crate::population::{self, Pick};
use crate::stored::{Stored, report_error};
use crate::{lang, terminal};
use serde_json::json;
use shoseki_evidence::population::{Listed, Member, draw, lines, lines_digest};
use shoseki_model::{Exchange, Finding, Lang, Verdict, digest};
use shoseki_report::sample::{Draw, DrawnRule, Item, SampleData, csv, xlsx};
use std::collections::{BTreeMap, HashMap, HashSet};
use std::fs::{self, File};
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

mod evidence;

/// One draw, and the members that it took with their keys.
struct Drawn<'l> {
    draw: Draw,
    taken: Vec<(String, &'l Member)>,
}

/// `sample RUN`.
pub fn run(common: &Common, args: &SampleArgs) -> Result {
    if args.of.control.is_empty() && args.of.rule.is_empty() {
        return Err(Failed::usage(
            "name what to draw from by --control or --rule",
        ));
    }
    if args.seed.is_empty() || args.seed.chars().any(char::is_control) {
        return Err(Failed::usage(
            "the seed must be some text on one line, without control characters",
        ));
    }
    let stored = Stored::open(common, &args.run)?;
    let out = folder(&stored, args)?;
    let picks = population::picks(&stored, &args.of)?;
    let lists = population::listed(&stored.run, &picks)?;
    let drawn: Vec<Drawn<'_>> = picks
        .iter()
        .map(|p| one_draw(&stored, p, &lists, args))
        .collect();
    let report = population::report(&stored, &picks, &lists)?;
    let chosen: HashSet<&str> = drawn
        .iter()
        .flat_map(|d| d.taken.iter().map(|(_, m)| m.finding.as_str()))
        .collect();
    fs::create_dir_all(&out).map_err(at(&out))?;
    let kept = evidence::write(&stored, &chosen, &lists, &out)?;
    let streams = stored.streams();
    let base = stored.data(&streams, None)?;
    let run_file = args.run.join("run.json");
    let data = SampleData {
        run: base.run,
        run_sha256: digest(&fs::read(&run_file).map_err(at(&run_file))?),
        targets: base.targets,
        seed: args.seed.clone(),
        with_not_applicable: args.with_not_applicable,
        items: items(&stored, &drawn, &lists, &kept)?,
        draws: drawn.into_iter().map(|d| d.draw).collect(),
        population: report,
    };
    let lang = lang::of(common);
    write(&data, &lists, &out, lang, args.bom)?;
    if !common.quiet {
        told(&data, &out, lang);
    }
    Ok(population::conclude(&data.population, lang))
}

fn at(path: &Path) -> impl FnOnce(std::io::Error) -> Failed {
    let path = path.to_owned();
    move |e| Failed::new(Exit::Bug, format!("{}: {e}", path.display()))
}

/// The folder to write, which must be new or empty, and outside the run.
fn folder(stored: &Stored, args: &SampleArgs) -> Result<PathBuf> {
    let run = fs::canonicalize(stored.run.dir()).map_err(at(stored.run.dir()))?;
    let out = args.out.clone().unwrap_or_else(|| {
        let name = run.file_name().map(|n| n.to_string_lossy().into_owned());
        PathBuf::from(format!("{}-sample", name.unwrap_or_default()))
    });
    let full = std::path::absolute(&out)?;
    if full.starts_with(&run) || full.starts_with(std::path::absolute(stored.run.dir())?) {
        return Err(Failed::usage(format!(
            "{}: a sample is not written into the run, which it would change",
            out.display()
        )));
    }
    let filled =
        out.exists() && (!out.is_dir() || fs::read_dir(&out).map_err(at(&out))?.next().is_some());
    if filled {
        return Err(Failed::usage(format!(
            "{} is there already and not empty; name a new folder by --out",
            out.display()
        )));
    }
    Ok(out)
}

fn one_draw<'l>(stored: &Stored, p: &Pick, lists: &'l [Listed], args: &SampleArgs) -> Drawn<'l> {
    let mine = || lists.iter().filter(|l| p.rules.contains(&l.tally.rule));
    let all = || mine().flat_map(|l| &l.members);
    let applies = |m: &&Member| args.with_not_applicable || m.verdict != Verdict::NotApplicable;
    let taken = draw(all().filter(applies), &args.seed, args.size as usize);
    let rule = |id: &String| DrawnRule {
        rule: id.clone(),
        title: stored
            .packs()
            .rules
            .get(id)
            .map(|r| r.title.clone())
            .unwrap_or_default(),
    };
    let scopes_complete = mine().filter(|l| l.tally.complete).count() as u64;
    let scopes = mine().count() as u64;
    let outside = all().filter(|m| m.verdict == Verdict::NotApplicable);
    Drawn {
        draw: Draw {
            selector: p.selector.clone(),
            label: p.label.clone(),
            rules: p.rules.iter().map(rule).collect(),
            context: p.context.clone(),
            rules_not_run: p.not_run.clone(),
            population: all().count() as u64,
            not_applicable: outside.count() as u64,
            frame: all().filter(applies).count() as u64,
            asked: args.size.into(),
            drawn: taken.len() as u64,
            scopes_complete,
            scopes,
            complete: scopes == scopes_complete && p.not_run.is_empty(),
            sha256: lines_digest(all()),
        },
        taken,
    }
}

fn items(
    stored: &Stored,
    drawn: &[Drawn<'_>],
    lists: &[Listed],
    kept: &evidence::Kept,
) -> Result<Vec<Item>> {
    let whole: HashMap<(&str, &str, &str), bool> = lists
        .iter()
        .map(|l| (&l.tally, l.tally.complete))
        .map(|(t, c)| ((t.rule.as_str(), t.account.as_str(), t.region.as_str()), c))
        .collect();
    let mut out = Vec::new();
    for (n, d) in drawn.iter().enumerate() {
        for (place, (key, m)) in (1..).zip(&d.taken) {
            let found = kept.get(&m.finding);
            let (finding, exchanges): &(Finding, Vec<Exchange>) = found.ok_or_else(|| {
                Failed::data(format!("the finding {} could not be read again", m.finding))
            })?;
            let scope = (m.rule.as_str(), m.account.as_str(), m.scope.as_str());
            let rule = stored.packs().rules.get(&m.rule);
            out.push(Item {
                draw: n,
                place,
                key: key.clone(),
                scope: m.scope.clone(),
                complete: whole.get(&scope).copied().unwrap_or(false),
                title: rule.map(|r| r.title.clone()).unwrap_or_default(),
                finding: finding.clone(),
                exchanges: exchanges.clone(),
                folder: format!("evidence/{}", m.finding),
            });
        }
    }
    Ok(out)
}

/// Writes the tables, then the digests of all files: a folder without these was
/// not finished.
fn write(data: &SampleData, lists: &[Listed], out: &Path, lang: Lang, bom: bool) -> Result<()> {
    let file = |name: &str| -> Result<BufWriter<File>> {
        let path = out.join(name);
        Ok(BufWriter::new(File::create_new(&path).map_err(at(&path))?))
    };
    let mut table = file("sample.csv")?;
    csv(data, lang, bom, &mut table).map_err(report_error)?;
    table.flush()?;
    let mut book = std::io::Cursor::new(Vec::new());
    xlsx(data, lang, &mut book).map_err(report_error)?;
    file("sample.xlsx")?.write_all(book.get_ref())?;
    file("population.tsv")?.write_all(lines(population::members(lists)).as_bytes())?;
    let document = json!({
        "format": "shoseki.sample/1",
        "run": data.run.id,
        "run_json_sha256": data.run_sha256,
        "method": "smallest SHA-256(seed \":\" finding id)",
        "seed": data.seed,
        "with_not_applicable": data.with_not_applicable,
        "draws": data.draws,
        "items": data.items.iter().map(|i| json!({
            "drawn_for": data.draws.get(i.draw).map(|d| &d.selector),
            "place": i.place,
            "key": i.key,
            "finding": i.finding.id,
        })).collect::<Vec<_>>(),
        "population": data.population,
    });
    file("sample.json")?.write_all(format!("{document:#}\n").as_bytes())?;
    let mut sums = BTreeMap::new();
    walk(out, out, &mut sums)?;
    let sums: String = sums.iter().map(|(p, d)| format!("{d}  {p}\n")).collect();
    file("SHA256SUMS")?.write_all(sums.as_bytes())?;
    Ok(())
}

fn walk(top: &Path, dir: &Path, sums: &mut BTreeMap<String, String>) -> Result<()> {
    for entry in fs::read_dir(dir).map_err(at(dir))? {
        let path = entry.map_err(at(dir))?.path();
        if path.is_dir() {
            walk(top, &path, sums)?;
            continue;
        }
        let below = path.strip_prefix(top).unwrap_or(&path);
        let names: Vec<_> = below.iter().map(|p| p.to_string_lossy()).collect();
        let bytes = fs::read(&path).map_err(at(&path))?;
        sums.insert(names.join("/"), digest(&bytes));
    }
    Ok(())
}

fn told(data: &SampleData, out: &Path, lang: Lang) {
    for d in &data.draws {
        let (drawn, frame, all, outside) = (d.drawn, d.frame, d.population, d.not_applicable);
        let mut line = match lang {
            Lang::Ja => format!(
                "{}: 枠 {frame} 件から {drawn} 件を抽出(母集団 {all} 件、うち対象外 {outside} 件)",
                d.selector
            ),
            Lang::En => format!(
                "{}: {drawn} drawn from a frame of {frame} (population {all}, {outside} of them not applicable)",
                d.selector
            ),
        };
        if d.drawn < d.asked {
            line.push_str(lang::pick(
                lang,
                "。枠が指定数に満たないため全件である",
                "; the frame is smaller than the size, so this is all of it",
            ));
        }
        terminal::print(&format!("{line}\n"));
    }
    terminal::print(&format!("{}\n", out.display()));
}
