//! A part of a sealed run: some findings or controls with all that they rest on,
//! each record and file with its proof against the sealed root.

use super::bundle::{self, Holds, Label, Opened};
use super::check::{Trust, directory};
use super::error::Error;
use super::links::{self, Key, Known, key, key_of};
use super::manifest::Manifest;
use super::merkle::{self, Hash};
use super::redact::DISCLOSED;
use super::report::{About, SealReport, problem};
use super::survey::{Survey, each_line, entry, file_leaf, record_leaf};
use super::{BUNDLE, ENVELOPE, MANIFEST, STAMP};
use crate::check::Problem;
use crate::files::{Kind, PackFile, answer_path, is_digest};
use crate::limits::LONGEST;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use shoseki_model::{Exchange, Finding, Gap, Population, Resource, Standing, Tally, hex};
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::fs;
use std::path::Path;

/// Records and proofs.
pub(super) const PROOFS: &str = "proofs.jsonl";
const HEADER: &str = r#"{"format":"shoseki.proofs/1"}"#;
const RUN: &str = "run.json";

/// What is to be handed over.
#[derive(Clone, Debug, Default)]
pub struct Chosen {
    /// Findings by id.
    pub findings: Vec<String>,
    /// Controls by id; a chapter, section or objective takes all below it.
    pub controls: Vec<String>,
}

/// A line of `proofs.jsonl`.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Line {
    /// Index of the leaf, from 0.
    leaf: u64,
    /// The file, or the file of records.
    file: String,
    /// The record as it stands there; none for a whole file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    line: Option<String>,
    /// From the leaf to the root, in hexadecimal.
    proof: Vec<String>,
}

/// What was gathered, by leaf.
#[derive(Default)]
struct Gathered {
    lines: BTreeMap<u64, (Kind, String)>,
    rules: HashSet<String>,
    types: HashSet<String>,
    controls: HashSet<String>,
    resources: HashSet<Key>,
    scopes: HashSet<(String, String, String)>,
    gaps: HashSet<String>,
    exchanges: HashSet<String>,
    answers: BTreeSet<String>,
}

/// Keeps the records of a kind that are wanted.
fn keep<T: DeserializeOwned>(
    dir: &Path,
    survey: &Survey,
    kind: Kind,
    all: &mut Gathered,
    mut wanted: impl FnMut(&T, &mut Gathered) -> bool,
) -> Result<(), Error> {
    let mut leaf = survey.first(kind);
    each_line(dir, kind, &mut |line| {
        let wrong = |e: String| Error::unsound(&dir.join(kind.file()), e);
        let record: T = serde_json::from_slice(line).map_err(|e| wrong(e.to_string()))?;
        if wanted(&record, all) {
            let text = String::from_utf8(line.to_vec()).map_err(|e| wrong(e.to_string()))?;
            all.lines.insert(leaf, (kind, text));
        }
        leaf += 1;
        Ok(())
    })
}

fn below(control: &str, asked: &str) -> bool {
    control == asked
        || control
            .strip_prefix(asked)
            .is_some_and(|r| r.starts_with('.'))
}

fn gather(dir: &Path, survey: &Survey, chosen: &Chosen) -> Result<Gathered, Error> {
    let mut all = Gathered::default();
    let mut met: HashSet<&str> = HashSet::new();
    keep(
        dir,
        survey,
        Kind::Standings,
        &mut all,
        |s: &Standing, all| {
            let by = chosen.controls.iter().find(|c| below(&s.control, c));
            if let Some(c) = by {
                met.insert(c);
                all.controls.insert(s.control.clone());
                all.rules.extend(s.rules.iter().map(|r| r.rule.clone()));
            }
            by.is_some()
        },
    )?;
    // Rules of the controls are handed over whole: tallies and all findings.
    let whole = all.rules.clone();
    keep(dir, survey, Kind::Tallies, &mut all, |t: &Tally, all| {
        let by = whole.contains(&t.rule);
        if by {
            all.types.insert(t.r#type.clone());
            all.scopes
                .insert((t.r#type.clone(), t.account.clone(), t.region.clone()));
            all.gaps.extend(t.gaps.iter().cloned());
        }
        by
    })?;
    keep(dir, survey, Kind::Findings, &mut all, |f: &Finding, all| {
        let named = chosen.findings.iter().find(|id| **id == f.id);
        met.extend(named.map(String::as_str));
        let by = named.is_some() || whole.contains(&f.rule);
        if by {
            all.rules.insert(f.rule.clone());
            all.types.insert(f.resource.r#type.clone());
            all.resources.insert(key_of(f));
            all.gaps.extend(f.gaps.iter().cloned());
            for o in &f.observed {
                all.exchanges.extend(o.exchanges.iter().cloned());
                if let shoseki_model::Sight::Unseen(gap) = &o.sight {
                    all.gaps.insert(gap.clone());
                }
            }
        }
        by
    })?;
    let asked = chosen.findings.iter().chain(&chosen.controls);
    if let Some(id) = asked.into_iter().find(|id| !met.contains(id.as_str())) {
        return Err(Error::Selection(format!(
            "the run has no finding or control {id}; `shoseki report RUN --format json` names them"
        )));
    }
    beneath(dir, survey, &mut all)?;
    Ok(all)
}

/// What the findings rest on.
fn beneath(dir: &Path, survey: &Survey, all: &mut Gathered) -> Result<(), Error> {
    keep(dir, survey, Kind::Resources, all, |r: &Resource, all| {
        let by = all.resources.contains(&key(r));
        if by {
            all.scopes
                .insert((r.r#type.clone(), r.account.clone(), r.scope.clone()));
            all.gaps.extend(r.unseen.values().cloned());
            all.exchanges.extend(r.sources.values().flatten().cloned());
        }
        by
    })?;
    keep(
        dir,
        survey,
        Kind::Populations,
        all,
        |p: &Population, all| {
            let scope = (p.r#type.clone(), p.account.clone(), p.region.clone());
            let by = all.scopes.contains(&scope);
            if by {
                all.gaps.extend(p.gaps.iter().cloned());
                all.exchanges.extend(p.query.iter().cloned());
            }
            by
        },
    )?;
    keep(dir, survey, Kind::Gaps, all, |g: &Gap, all| {
        let by = all.gaps.contains(&g.id);
        if by {
            all.exchanges.extend(g.exchange.iter().cloned());
        }
        by
    })?;
    keep(dir, survey, Kind::Exchanges, all, |x: &Exchange, all| {
        let by = all.exchanges.contains(&x.id);
        if by {
            all.answers
                .extend(x.answer.iter().map(|a| a.sha256.clone()));
        }
        by
    })?;
    keep(dir, survey, Kind::Pack, all, |f: &PackFile, all| {
        used(f, all)
    })
}

/// Whether a data file says what was judged: the rule, whose path spells its id,
/// the collector of the type, or the mapping of a control.
fn used(f: &PackFile, all: &Gathered) -> bool {
    if let Some(rule) = f.path.strip_prefix("rules/") {
        let id = rule.strip_suffix(".yaml").unwrap_or(rule).replace('/', ".");
        return all.rules.contains(&id);
    }
    if f.path.starts_with("collectors/") {
        let types = f.text.lines().filter_map(|l| l.strip_prefix("type:"));
        return types.map(str::trim).any(|t| all.types.contains(t));
    }
    f.path.starts_with("mappings/")
        && all
            .controls
            .iter()
            .any(|c| f.text.contains(&format!("\"{c}\"")))
}

/// Writes a part of a sealed run as one file.
pub fn extract(dir: &Path, chosen: &Chosen, out: &Path) -> Result<(), Error> {
    let report = directory(dir, &Trust::default(), SealReport::default())?;
    if report.key.is_none() && !super::is_sealed(dir) {
        return Err(Error::Unsealed(dir.to_owned()));
    }
    bundle::intact(&report, dir)?;
    let temporary = tempfile::tempdir().map_err(Error::io(dir))?;
    let to = temporary.path();
    for name in [MANIFEST, ENVELOPE, STAMP] {
        copy(dir, to, name, false)?;
    }
    let label = cut(dir, chosen, &[], to, Holds::Part)?;
    bundle::write(to, &label, out)
}

/// Copies a file of a run; one that is not there is an error where it `must` be.
fn copy(from: &Path, to: &Path, name: &str, must: bool) -> Result<(), Error> {
    let source = from.join(name);
    if !must && !source.exists() {
        return Ok(());
    }
    let target = to.join(name);
    let made = target.parent().map_or(Ok(()), fs::create_dir_all);
    let copied = made.and_then(|()| fs::copy(&source, target).map(drop));
    copied.map_err(Error::io(&source))
}

/// Puts what was chosen of the run in `dir` into `to`, beside its manifest and
/// signature, with the proofs; `more`: further whole files. Gives `bundle.json`.
pub(super) fn cut(
    dir: &Path,
    chosen: &Chosen,
    more: &[&str],
    to: &Path,
    holds: Holds,
) -> Result<Vec<u8>, Error> {
    let survey = Survey::of(dir)?;
    let all = gather(dir, &survey, chosen)?;
    let mut files = vec![RUN.to_owned()];
    files.extend(more.iter().map(|m| (*m).to_owned()));
    files.extend(all.answers.iter().map(|sha256| {
        let path = answer_path(Path::new(""), sha256);
        path.to_string_lossy().replace('\\', "/")
    }));
    let index: HashMap<&str, u64> = (0..)
        .zip(&survey.files)
        .map(|(n, e)| (e.path.as_str(), n))
        .collect();
    let mut lines: BTreeMap<u64, (String, Option<String>)> = BTreeMap::new();
    for path in files {
        let Some(leaf) = index.get(path.as_str()) else {
            return Err(Error::unsound(
                &dir.join(&path),
                "the manifest does not list it",
            ));
        };
        copy(dir, to, &path, true)?;
        lines.insert(*leaf, (path, None));
    }
    let records = all.lines.into_iter();
    lines.extend(records.map(|(leaf, (kind, line))| (leaf, (kind.file().to_owned(), Some(line)))));
    fs::write(to.join(PROOFS), proofs(&survey, lines)?).map_err(Error::io(to))?;
    let mut label = Label::new(holds);
    label.findings.clone_from(&chosen.findings);
    label.controls.clone_from(&chosen.controls);
    label
        .bytes()
        .map_err(|e| Error::unsound(dir, e.to_string()))
}

fn proofs(
    survey: &Survey,
    lines: BTreeMap<u64, (String, Option<String>)>,
) -> Result<String, Error> {
    let mut out = format!("{HEADER}\n");
    for (leaf, (file, line)) in lines {
        let proof = survey.tree.proof(leaf).unwrap_or_default();
        let line = Line {
            leaf,
            file,
            line,
            proof: proof.iter().map(|h| hex(h)).collect(),
        };
        let text = serde_json::to_string(&line).map_err(|e| Error::Selection(e.to_string()))?;
        out.push_str(&text);
        out.push('\n');
    }
    Ok(out)
}

fn hash(text: &str) -> Option<Hash> {
    let mut out = [0; 32];
    if !is_digest(text) {
        return None;
    }
    for (to, pair) in out.iter_mut().zip(text.as_bytes().chunks(2)) {
        *to = u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()?;
    }
    Some(out)
}

/// Whether a leaf leads to the sealed root.
fn leads(line: &Line, leaf: Hash, manifest: &Manifest) -> bool {
    let proof: Option<Vec<Hash>> = line.proof.iter().map(|p| hash(p)).collect();
    let root = proof.and_then(|p| merkle::root_of(leaf, line.leaf, manifest.tree.leaves, &p));
    root.is_some_and(|r| hex(&r) == manifest.tree.root)
}

/// The lines of `proofs.jsonl`; each has one form only.
fn read(dir: &Path) -> Result<Vec<Line>, String> {
    let text = fs::read_to_string(dir.join(PROOFS)).map_err(|e| e.to_string())?;
    let mut rest = text.strip_suffix('\n').unwrap_or_default().split('\n');
    if rest.next() != Some(HEADER) {
        return Err(format!("its first line should be {HEADER}"));
    }
    let mut out: Vec<Line> = Vec::new();
    for (n, text) in rest.enumerate() {
        let wrong = |why: &str| format!("line {}: {why}", n + 2);
        if text.len() as u64 > LONGEST {
            return Err(wrong("it is too long"));
        }
        let line: Line = serde_json::from_str(text).map_err(|e| wrong(&e.to_string()))?;
        if serde_json::to_string(&line).map_err(|e| wrong(&e.to_string()))? != text {
            return Err(wrong("it is not in the form in which it was written"));
        }
        if out.last().is_some_and(|l| l.leaf >= line.leaf) {
            return Err(wrong("the leaves are out of order"));
        }
        out.push(line);
    }
    Ok(out)
}

/// Checks a part against the manifest, whose signature was checked before.
pub(super) fn check(dir: &Path, manifest: &Manifest, out: &mut SealReport) -> Result<(), Error> {
    let lines = match read(dir) {
        Ok(lines) => lines,
        Err(e) => {
            out.judge(About::Root, vec![problem(PROOFS, e)], ("", ""), BROKEN);
            return Ok(());
        }
    };
    let mut left: BTreeSet<String> = bundle::paths(dir)?
        .into_iter()
        .filter(|p| !matches!(p.as_str(), MANIFEST | ENVELOPE | STAMP | BUNDLE | PROOFS))
        // Each of its lines is held against the sealed pseudonyms.
        .filter(|p| !(out.redacted && p == DISCLOSED))
        .collect();
    let (mut files, mut records) = (Vec::new(), Vec::new());
    for line in &lines {
        match (&line.line, Kind::ALL.iter().find(|k| k.file() == line.file)) {
            (None, _) if !left.remove(&line.file) => {
                files.push(problem(&line.file, "it is missing"));
            }
            (None, _) => {
                let leaf = file_leaf(&entry(dir, line.file.clone())?);
                if !leads(line, leaf, manifest) {
                    files.push(problem(&line.file, "it is not a file of the sealed run"));
                }
            }
            (Some(text), Some(kind))
                if leads(line, record_leaf(*kind, text.as_bytes()), manifest) => {}
            (Some(_), _) => records.push(problem(
                &line.file,
                format!("leaf {}: it is not a record of the sealed run", line.leaf),
            )),
        }
    }
    files.extend(left.iter().map(|p| problem(p, "nothing proves this file")));
    out.judge(
        About::Files,
        files,
        (
            "渡されたファイルは、封印された実行のものである。",
            "The files handed over are files of the sealed run.",
        ),
        (
            "渡されたファイルに、封印された実行のものでないもの、または欠けたものがある。",
            "Files handed over are missing, or are not files of the sealed run.",
        ),
    );
    out.judge(
        About::Root,
        records,
        (
            "渡された記録は、すべて包含証明により封印のマークル木の根に結び付く。渡されていない記録については何も述べない。",
            "Every record handed over leads to the sealed Merkle root by its proof. Of records not handed over nothing is said.",
        ),
        BROKEN,
    );
    let problems = complete(dir, &lines).unwrap_or_else(|e| vec![problem(PROOFS, e)]);
    links::judge(problems, out);
    Ok(())
}

const BROKEN: (&str, &str) = (
    "封印のマークル木の根に結び付かない記録がある。",
    "Records do not lead to the sealed Merkle root.",
);

/// All records of a kind.
fn of<T: DeserializeOwned>(lines: &[Line], kind: Kind) -> Result<Vec<T>, String> {
    let texts = lines.iter().filter(|l| l.file == kind.file());
    texts
        .filter_map(|l| l.line.as_deref())
        .map(|t| serde_json::from_str(t).map_err(|e| e.to_string()))
        .collect()
}

/// What records name must have been handed over; of a control, all its findings.
fn complete(dir: &Path, lines: &[Line]) -> Result<Vec<Problem>, String> {
    let mut known = Known::default();
    let mut lost = Vec::new();
    for x in of::<Exchange>(lines, Kind::Exchanges)? {
        if let Some(a) = x
            .answer
            .filter(|a| !is_digest(&a.sha256) || !answer_path(dir, &a.sha256).exists())
        {
            lost.push(problem(
                "answers",
                format!("the answer {} is missing", a.sha256),
            ));
        }
        known.exchanges.insert(x.id);
    }
    let gaps = of::<Gap>(lines, Kind::Gaps)?;
    gaps.iter().for_each(|g| known.gap(g));
    known.gaps = gaps.into_iter().map(|g| g.id).collect();
    of::<Resource>(lines, Kind::Resources)?
        .iter()
        .for_each(|r| known.resource(r));
    of::<Population>(lines, Kind::Populations)?
        .iter()
        .for_each(|p| known.population(p));
    let findings = of::<Finding>(lines, Kind::Findings)?;
    findings.iter().for_each(|f| known.finding(f));
    let tallies = of::<Tally>(lines, Kind::Tallies)?;
    tallies.iter().for_each(|t| known.tally(t));
    let standings = of::<Standing>(lines, Kind::Standings)?;
    for r in standings.iter().flat_map(|s| &s.rules) {
        let scopes = tallies.iter().filter(|t| t.rule == r.rule).count() as u64;
        let found = findings.iter().filter(|f| f.rule == r.rule).count() as u64;
        if scopes != r.scopes || found != r.enumerated {
            lost.push(problem(
                Kind::Findings.file(),
                format!(
                    "of {} the standing counts {} findings in {} scopes; {found} in {scopes} were handed over",
                    r.rule, r.enumerated, r.scopes
                ),
            ));
        }
    }
    let asked = Opened::asked(dir).map_or((Vec::new(), Vec::new()), |l| (l.findings, l.controls));
    let (ids, controls) = asked;
    for id in ids
        .iter()
        .filter(|id| !findings.iter().any(|f| f.id == **id))
    {
        lost.push(problem(
            BUNDLE,
            format!("the finding {id} was asked for and is not there"),
        ));
    }
    for c in controls
        .iter()
        .filter(|c| !standings.iter().any(|s| below(&s.control, c)))
    {
        lost.push(problem(
            BUNDLE,
            format!("the control {c} was asked for and is not there"),
        ));
    }
    lost.extend(known.finish());
    Ok(lost)
}
