//! The evidence of drawn items: records as they stand in the run, and the bytes
//! of the answers.

use super::at;
use crate::exit::Result;
use crate::stored::{Stored, unsound};
use serde::de::DeserializeOwned;
use shoseki_evidence::population::Listed;
use shoseki_evidence::{Error, Lines, Run};
use shoseki_model::{Exchange, Finding, Gap, Resource, Sight};
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::fs;
use std::path::Path;

/// Findings by id, each with the exchanges that it rests on in the order of
/// their time.
pub type Kept = HashMap<String, (Finding, Vec<Exchange>)>;

/// What one item rests on.
struct Item {
    finding: Finding,
    line: String,
    resource: Option<String>,
    gaps: BTreeSet<String>,
    exchanges: BTreeSet<String>,
}

/// Each record of a file with its line.
fn each<T: DeserializeOwned>(
    lines: std::result::Result<Lines<T>, Error>,
    mut each: impl FnMut(T, &str),
) -> Result<()> {
    let mut lines = lines.map_err(unsound)?;
    while let Some(record) = lines.next() {
        let record = record.map_err(unsound)?;
        each(record, &String::from_utf8_lossy(lines.text()));
    }
    Ok(())
}

/// Writes `evidence/<finding>/` for every chosen finding, `evidence/population/`
/// with what enumerated the lists, and `evidence/answers/` with the bytes.
pub fn write(
    stored: &Stored,
    chosen: &HashSet<&str>,
    lists: &[Listed],
    out: &Path,
) -> Result<Kept> {
    let run = &stored.run;
    let mut items = items(run, chosen)?;
    let mut gaps: BTreeMap<String, String> = BTreeMap::new();
    let listed: BTreeSet<&String> = lists.iter().flat_map(|l| &l.gaps).collect();
    let mut enumerated: BTreeSet<String> =
        lists.iter().flat_map(|l| l.query.iter().cloned()).collect();
    let wanted: HashSet<String> = items
        .values()
        .flat_map(|i| i.gaps.iter().cloned())
        .collect();
    each(run.gaps(), |g: Gap, line| {
        if listed.contains(&g.id) {
            enumerated.extend(g.exchange.clone());
        }
        if listed.contains(&g.id) || wanted.contains(&g.id) {
            gaps.insert(g.id.clone(), line.to_owned());
        }
        let rests = items.values_mut().filter(|i| i.gaps.contains(&g.id));
        rests.for_each(|i| i.exchanges.extend(g.exchange.clone()));
    })?;
    let asked: HashSet<String> = items
        .values()
        .flat_map(|i| i.exchanges.iter().cloned())
        .chain(enumerated.iter().cloned())
        .collect();
    // Where the same was asked several times, the last was used.
    let mut exchanges: BTreeMap<String, (Exchange, String)> = BTreeMap::new();
    each(run.exchanges(), |x: Exchange, line| {
        if asked.contains(&x.id) {
            exchanges.insert(x.id.clone(), (x, line.to_owned()));
        }
    })?;
    let folder = out.join("evidence");
    for (id, item) in &items {
        let dir = folder.join(id);
        put(&dir, "finding.json", &format!("{}\n", item.line))?;
        if let Some(r) = &item.resource {
            put(&dir, "resource.json", &format!("{r}\n"))?;
        }
        records(
            &dir,
            "gaps.jsonl",
            item.gaps.iter().filter_map(|g| gaps.get(g)),
        )?;
        let rests = item.exchanges.iter().filter_map(|x| exchanges.get(x));
        records(&dir, "exchanges.jsonl", rests.map(|(_, line)| line))?;
    }
    let dir = folder.join("population");
    let by = enumerated.iter().filter_map(|x| exchanges.get(x));
    records(&dir, "exchanges.jsonl", by.map(|(_, line)| line))?;
    records(
        &dir,
        "gaps.jsonl",
        listed.iter().filter_map(|g| gaps.get(*g)),
    )?;
    answers(run, &exchanges, &folder.join("answers"))?;
    let kept = items.into_iter().map(|(id, item)| {
        let rests = item.exchanges.iter().filter_map(|x| exchanges.get(x));
        let mut rests: Vec<Exchange> = rests.map(|(x, _)| x.clone()).collect();
        rests.sort_by(|a, b| (&a.started, &a.id).cmp(&(&b.started, &b.id)));
        (id, (item.finding, rests))
    });
    Ok(kept.collect())
}

fn items(run: &Run, chosen: &HashSet<&str>) -> Result<BTreeMap<String, Item>> {
    let mut items: BTreeMap<String, Item> = BTreeMap::new();
    each(run.findings(), |f: Finding, line| {
        if !chosen.contains(f.id.as_str()) {
            return;
        }
        let mut gaps: BTreeSet<String> = f.gaps.iter().cloned().collect();
        let mut exchanges = BTreeSet::new();
        for o in &f.observed {
            exchanges.extend(o.exchanges.iter().cloned());
            if let Sight::Unseen(gap) = &o.sight {
                gaps.insert(gap.clone());
            }
        }
        let item = Item {
            line: line.to_owned(),
            resource: None,
            gaps,
            exchanges,
            finding: f.clone(),
        };
        items.insert(f.id, item);
    })?;
    let mut of: HashMap<[String; 4], Vec<String>> = HashMap::new();
    for (id, item) in &items {
        let r = &item.finding.resource;
        let key = [&r.r#type, &r.id, &r.account, &r.region].map(Clone::clone);
        of.entry(key).or_default().push(id.clone());
    }
    each(run.resources(), |r: Resource, line| {
        let key = [r.r#type, r.id, r.account, r.region];
        for id in of.get(&key).into_iter().flatten() {
            let Some(item) = items.get_mut(id) else {
                continue;
            };
            item.resource = Some(line.to_owned());
            // The list item shows that the resource is there.
            if let Some(listed) = r.sources.get("") {
                item.exchanges.extend(listed.iter().cloned());
            }
        }
    })?;
    Ok(items)
}

fn put(dir: &Path, name: &str, text: &str) -> Result<()> {
    fs::create_dir_all(dir).map_err(at(dir))?;
    let path = dir.join(name);
    fs::write(&path, text).map_err(at(&path))
}

fn records<'l>(dir: &Path, name: &str, lines: impl Iterator<Item = &'l String>) -> Result<()> {
    let text: String = lines.map(|l| format!("{l}\n")).collect();
    match text.is_empty() {
        true => Ok(()),
        false => put(dir, name, &text),
    }
}

/// The bytes of the answers, uncompressed, named by their SHA-256.
fn answers(run: &Run, exchanges: &BTreeMap<String, (Exchange, String)>, dir: &Path) -> Result<()> {
    fs::create_dir_all(dir).map_err(at(dir))?;
    let digests: BTreeSet<&str> = exchanges
        .values()
        .filter_map(|(x, _)| x.answer.as_ref().map(|a| a.sha256.as_str()))
        .collect();
    for sha256 in digests {
        let path = dir.join(sha256);
        let bytes = run.answer(sha256).map_err(unsound)?;
        fs::write(&path, bytes).map_err(at(&path))?;
    }
    Ok(())
}
