//! Two runs side by side.

use crate::Error;
use crate::canonical::{Hash, observed, sha256};
use crate::words::{class, state};
use crate::{FindingState, Side};
use serde::Serialize;
use serde_json::Value;
use shoseki_evidence::{Outcome, Run};
use shoseki_model::{
    Finding, Gap, Lang, Population, ResourceRef, Severity, State, Verdict, digest,
};
use shoseki_report::words::{self, word};
use shoseki_report::{Table, clip};
use std::collections::{BTreeMap, HashMap, HashSet};
use std::path::Path;

/// Lines of a list in the text.
const LINES: usize = 20;
/// Columns of the text.
const COLUMNS: usize = 80;

/// What became of a finding.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum FindingKind {
    /// Its state is another.
    Verdict,
    /// It is there now; the first run read the whole population without it.
    New,
    /// It is there now; the first run did not read the whole population.
    NewlySeen,
    /// It is there now; the first run did not judge the rule over the scope.
    NewlyAsked,
    /// It is not there now, and the population is whole.
    Gone,
    /// It is not there now, but the population is not whole: unknown.
    Unlisted,
    /// The second run did not judge the rule over the scope: nothing is known.
    NotAsked,
    /// Only what was observed is another.
    Values,
}

impl FindingKind {
    const ALL: [FindingKind; 8] = [
        FindingKind::Verdict,
        FindingKind::New,
        FindingKind::NewlySeen,
        FindingKind::NewlyAsked,
        FindingKind::Gone,
        FindingKind::Unlisted,
        FindingKind::NotAsked,
        FindingKind::Values,
    ];

    const fn word(self) -> words::Word {
        match self {
            FindingKind::Verdict => word("状態の変化", "state changed"),
            FindingKind::New => word("新規", "new"),
            FindingKind::NewlySeen => word(
                "新たに観測（以前は全数でない）",
                "newly seen (list was not whole)",
            ),
            FindingKind::NewlyAsked => word("新たに照会", "newly asked"),
            FindingKind::Gone => word("消滅", "gone"),
            FindingKind::Unlisted => word(
                "判定不能（全数でなく現れない）",
                "unknown (not listed, not whole)",
            ),
            FindingKind::NotAsked => word("照会せず", "no longer asked"),
            FindingKind::Values => word("値のみの変化", "values changed"),
        }
    }
}

/// A finding that is not as before.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct FindingDiff {
    /// Finding id.
    pub id: String,
    /// What became of it.
    pub kind: FindingKind,
    /// Rule id.
    pub rule: String,
    /// Severity in the later of the runs that have it.
    pub severity: Severity,
    /// The resource.
    pub resource: ResourceRef,
    /// In the first run.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub before: Option<Side>,
    /// In the second run.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub now: Option<Side>,
    /// The rule's file differs between the runs.
    pub rule_changed: bool,
}

/// A population that is not as before; `None`: not asked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PopulationDiff {
    /// Resource type.
    pub r#type: String,
    /// Account.
    pub account: String,
    /// Region or `global`.
    pub region: String,
    /// Count and wholeness in the first run.
    pub before: Option<(u64, bool)>,
    /// In the second.
    pub now: Option<(u64, bool)>,
}

/// A gap that only one run has.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct GapDiff {
    /// Whether it is the second that has it.
    pub new: bool,
    /// The gap.
    pub gap: Gap,
}

/// A file of the packs that is not as before.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PackDiff {
    /// `rules/aws/s3/x.yaml`.
    pub path: String,
    /// SHA-256 of its text in the first run.
    pub before: Option<String>,
    /// In the second.
    pub now: Option<String>,
}

/// A control that does not stand as before.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ControlDiff {
    /// Its id.
    pub control: String,
    /// Where in the first run.
    pub before: Option<State>,
    /// Where in the second.
    pub now: Option<State>,
}

/// A run as a difference names it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Named {
    /// Run directory.
    pub run: String,
    /// Start.
    pub started: String,
    /// How it ended.
    pub outcome: Outcome,
    /// Edition of the catalogue.
    pub edition: Option<String>,
    /// Accounts.
    pub accounts: Vec<String>,
}

/// All differences of two runs.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Diff {
    /// `shoseki.diff/1`.
    pub format: &'static str,
    /// The two runs.
    pub runs: (Named, Named),
    /// Findings by what became of them.
    pub counts: BTreeMap<FindingKind, u64>,
    /// Findings that are as before.
    pub unchanged: u64,
    /// Findings, the gravest change first.
    pub findings: Vec<FindingDiff>,
    /// Controls.
    pub controls: Vec<ControlDiff>,
    /// Populations.
    pub populations: Vec<PopulationDiff>,
    /// Gaps.
    pub gaps: Vec<GapDiff>,
    /// Files of the packs.
    pub packs: Vec<PackDiff>,
}

/// What is kept of a finding of the first run.
struct Brief {
    key: Hash,
    state: FindingState,
    met: bool,
}

fn state_of(f: &Finding) -> FindingState {
    match f.verdict {
        Verdict::Pass => FindingState::Pass,
        Verdict::Fail if f.excepted.is_some() => FindingState::Excepted,
        Verdict::Fail => FindingState::Fail,
        Verdict::Unknown => FindingState::Unknown,
        Verdict::NotApplicable => FindingState::NotApplicable,
    }
}

fn key_of(f: &Finding, buffer: &mut Vec<u8>) -> Result<Hash, Error> {
    observed(&f.observed, buffer)?;
    serde_json::to_writer(&mut *buffer, &(f.verdict, &f.excepted))?;
    Ok(sha256(buffer))
}

fn side(f: &Finding, buffer: &mut Vec<u8>) -> Result<Side, Error> {
    observed(&f.observed, buffer)?;
    Ok(Side {
        state: state_of(f),
        severity: Some(f.severity),
        observed: Some(serde_json::from_slice::<Value>(buffer)?),
        excepted: f.excepted.as_ref().map(serde_json::to_value).transpose()?,
    })
}

/// Which rules a run judged where, and whether the population was whole.
struct Asked(HashMap<(String, String, String), bool>);

impl Asked {
    fn of(run: &Run) -> Result<Self, Error> {
        let mut out = HashMap::new();
        for t in run.tallies()? {
            let t = t?;
            out.insert((t.rule, t.account, t.region), t.complete);
        }
        Ok(Self(out))
    }

    /// Whether the rule was judged where the resource would be counted, and the
    /// population whole. A resource is counted in its own region or, of types
    /// asked once an account, in `global`; where both were asked, both count.
    fn whole(&self, f: &Finding) -> Option<bool> {
        let at = |region: &str| {
            let key = (
                f.rule.clone(),
                f.resource.account.clone(),
                region.to_owned(),
            );
            self.0.get(&key).copied()
        };
        match (at(&f.resource.region), at("global")) {
            (Some(a), Some(b)) => Some(a && b),
            (a, b) => a.or(b),
        }
    }
}

/// What differs from the run in `a` to the run in `b`.
///
/// # Errors
/// A run that is not finished or cannot be read.
pub fn diff(a: &Path, b: &Path) -> Result<Diff, Error> {
    let (first, second) = (Run::open(a)?, Run::open(b)?);
    let packs = packs(&first, &second)?;
    let (findings, unchanged) = findings(&first, &second, &packs)?;
    let mut counts = BTreeMap::new();
    for f in &findings {
        *counts.entry(f.kind).or_default() += 1;
    }
    Ok(Diff {
        format: "shoseki.diff/1",
        runs: (named(&first), named(&second)),
        counts,
        unchanged,
        findings,
        controls: controls(&first, &second)?,
        populations: populations(&first, &second)?,
        gaps: gaps(&first, &second)?,
        packs,
    })
}

fn named(run: &Run) -> Named {
    let file = run.file();
    Named {
        run: run.dir().display().to_string(),
        started: file.info.started.clone(),
        outcome: file.outcome,
        edition: file.info.edition.clone(),
        accounts: file
            .info
            .targets
            .iter()
            .map(|t| t.account.clone())
            .collect(),
    }
}

fn findings(
    first: &Run,
    second: &Run,
    packs: &[PackDiff],
) -> Result<(Vec<FindingDiff>, u64), Error> {
    let (asked, asked_now) = (Asked::of(first)?, Asked::of(second)?);
    let rules: HashSet<&str> = packs.iter().map(|p| p.path.as_str()).collect();
    let rule_changed = |f: &Finding| {
        let path = format!("rules/{}.yaml", f.rule.replace('.', "/"));
        rules.contains(path.as_str())
    };
    let make = |f: &Finding, kind, before, now| FindingDiff {
        id: f.id.clone(),
        kind,
        rule: f.rule.clone(),
        severity: f.severity,
        resource: f.resource.clone(),
        before,
        now,
        rule_changed: rule_changed(f),
    };
    let mut buffer = Vec::new();
    let mut known: HashMap<String, Brief> = HashMap::new();
    for f in first.findings()? {
        let f = f?;
        let brief = Brief {
            key: key_of(&f, &mut buffer)?,
            state: state_of(&f),
            met: false,
        };
        known.insert(f.id, brief);
    }
    let mut changed: HashMap<String, FindingDiff> = HashMap::new();
    let (mut out, mut unchanged) = (Vec::new(), 0);
    for f in second.findings()? {
        let f = f?;
        let key = key_of(&f, &mut buffer)?;
        match known.get_mut(&f.id) {
            Some(was) => {
                was.met = true;
                if was.key == key {
                    unchanged += 1;
                    continue;
                }
                let kind = if was.state == state_of(&f) {
                    FindingKind::Values
                } else {
                    FindingKind::Verdict
                };
                let now = side(&f, &mut buffer)?;
                changed.insert(f.id.clone(), make(&f, kind, None, Some(now)));
            }
            None => {
                let kind = match asked.whole(&f) {
                    Some(true) => FindingKind::New,
                    Some(false) => FindingKind::NewlySeen,
                    None => FindingKind::NewlyAsked,
                };
                let now = side(&f, &mut buffer)?;
                out.push(make(&f, kind, None, Some(now)));
            }
        }
    }
    // The values of the first run are read once more, for those that differ.
    for f in first.findings()? {
        let f = f?;
        if let Some(mut d) = changed.remove(&f.id) {
            d.before = Some(side(&f, &mut buffer)?);
            out.push(d);
        } else if known.get(&f.id).is_some_and(|b| !b.met) {
            let kind = match asked_now.whole(&f) {
                Some(true) => FindingKind::Gone,
                Some(false) => FindingKind::Unlisted,
                None => FindingKind::NotAsked,
            };
            let before = side(&f, &mut buffer)?;
            out.push(make(&f, kind, Some(before), None));
        }
    }
    out.sort_by(|a, b| {
        (a.kind, std::cmp::Reverse(a.severity), &a.rule, &a.id).cmp(&(
            b.kind,
            std::cmp::Reverse(b.severity),
            &b.rule,
            &b.id,
        ))
    });
    Ok((out, unchanged))
}

/// Keys of both maps whose values differ, with both.
fn differing<K: Ord + Clone, V: PartialEq + Clone>(
    a: BTreeMap<K, V>,
    b: &BTreeMap<K, V>,
) -> Vec<(K, Option<V>, Option<V>)> {
    let mut out: BTreeMap<K, (Option<V>, Option<V>)> =
        a.into_iter().map(|(k, v)| (k, (Some(v), None))).collect();
    for (k, v) in b {
        out.entry(k.clone()).or_default().1 = Some(v.clone());
    }
    out.into_iter()
        .filter(|(_, (a, b))| a != b)
        .map(|(k, (a, b))| (k, a, b))
        .collect()
}

fn controls(first: &Run, second: &Run) -> Result<Vec<ControlDiff>, Error> {
    let of = |run: &Run| -> Result<BTreeMap<String, State>, Error> {
        run.standings()?
            .map(|s| Ok(s.map(|s| (s.control, s.state))?))
            .collect()
    };
    let mut out: Vec<_> = differing(of(first)?, &of(second)?)
        .into_iter()
        .map(|(control, before, now)| ControlDiff {
            control,
            before,
            now,
        })
        .collect();
    out.sort_by_cached_key(|c| crate::period::natural(&c.control));
    Ok(out)
}

fn populations(first: &Run, second: &Run) -> Result<Vec<PopulationDiff>, Error> {
    type Of = BTreeMap<(String, String, String), (u64, bool)>;
    let of = |run: &Run| -> Result<Of, Error> {
        run.populations()?
            .map(|p| {
                let p: Population = p?;
                Ok(((p.r#type, p.account, p.region), (p.count, p.complete)))
            })
            .collect()
    };
    Ok(differing(of(first)?, &of(second)?)
        .into_iter()
        .map(|((r#type, account, region), before, now)| PopulationDiff {
            r#type,
            account,
            region,
            before,
            now,
        })
        .collect())
}

fn gaps(first: &Run, second: &Run) -> Result<Vec<GapDiff>, Error> {
    let of = |run: &Run| -> Result<BTreeMap<String, Gap>, Error> {
        run.gaps()?
            .map(|g| Ok(g.map(|g| (g.id.clone(), g))?))
            .collect()
    };
    let (a, b) = (of(first)?, of(second)?);
    let gone = a.iter().filter(|(id, _)| !b.contains_key(*id));
    let new = b.iter().filter(|(id, _)| !a.contains_key(*id));
    let one = |new: bool| {
        move |(_, gap): (&String, &Gap)| GapDiff {
            new,
            gap: gap.clone(),
        }
    };
    Ok(new.map(one(true)).chain(gone.map(one(false))).collect())
}

fn packs(first: &Run, second: &Run) -> Result<Vec<PackDiff>, Error> {
    let of = |run: &Run| -> Result<BTreeMap<String, String>, Error> {
        run.pack()?
            .map(|p| Ok(p.map(|p| (p.path, digest(p.text.as_bytes())))?))
            .collect()
    };
    Ok(differing(of(first)?, &of(second)?)
        .into_iter()
        .map(|(path, before, now)| PackDiff { path, before, now })
        .collect())
}

/// The differences in at most 80 columns.
pub fn diff_text(d: &Diff, lang: Lang) -> String {
    let pick = |ja: &'static str, en: &'static str| word(ja, en).get(lang);
    let mut out = String::new();
    let mut say = |line: &str| {
        out.push_str(&clip(line, COLUMNS));
        out.push('\n');
    };
    for (sign, run) in [("-", &d.runs.0), ("+", &d.runs.1)] {
        say(&format!(
            "{sign} {}  {}",
            shoseki_report::jst(&run.started),
            run.run
        ));
    }
    say(&format!(
        "{} {}",
        pick("変化のない所見", "Findings as before"),
        d.unchanged
    ));
    for kind in FindingKind::ALL {
        let n = d.counts.get(&kind).copied().unwrap_or_default();
        if n > 0 {
            say(&format!("  {n:>8}  {}", kind.word().get(lang)));
        }
    }
    let sections = [
        (
            finding_table(d, lang),
            d.findings.len(),
            pick("所見", "Findings"),
        ),
        (
            control_table(d, lang),
            d.controls.len(),
            pick("管理策", "Controls"),
        ),
        (
            population_table(d, lang),
            d.populations.len(),
            pick("母集団", "Populations"),
        ),
        (
            gap_table(d, lang),
            d.gaps.len(),
            pick("読み取れなかったもの", "Gaps"),
        ),
        (
            pack_table(d),
            d.packs.len(),
            pick("ルール等のファイル", "Files of the packs"),
        ),
    ];
    for (table, n, title) in sections {
        if n == 0 {
            continue;
        }
        say("");
        say(&format!("{title} ({n})"));
        table
            .indent(2)
            .print(Some(COLUMNS))
            .lines()
            .for_each(&mut say);
        if n > LINES {
            say(&format!(
                "  {} {}",
                pick("ほか（JSON にすべて）", "and more (JSON has all):"),
                n - LINES
            ));
        }
    }
    out
}

fn finding_table(d: &Diff, lang: Lang) -> Table {
    let name = |s: &Option<Side>| s.as_ref().map_or("-", |s| class(s.state)).to_owned();
    let mut table = Table::with_heads(["", "", "", "", ""]);
    for f in d.findings.iter().take(LINES) {
        let from = f.before.as_ref().map(|s| state(s.state).get(lang));
        let to = f.now.as_ref().map(|s| state(s.state).get(lang));
        let how = match (from, to) {
            (Some(a), Some(b)) if a != b => format!("{a} → {b}"),
            _ if f.kind == FindingKind::Values => name(&f.now),
            _ => f.kind.word().get(lang).to_owned(),
        };
        table.row([
            words::severity(f.severity).get(lang).to_owned(),
            how,
            f.rule.clone(),
            f.resource.name.clone(),
            if f.rule_changed { "~rule" } else { "" }.to_owned(),
        ]);
    }
    table
}

fn control_table(d: &Diff, lang: Lang) -> Table {
    let name = |s: Option<State>| s.map_or("-", |s| words::state(s).get(lang)).to_owned();
    let mut table = Table::with_heads(["!", "", "", ""]);
    for c in d.controls.iter().take(LINES) {
        table.row([c.control.clone(), name(c.before), "→".into(), name(c.now)]);
    }
    table
}

fn population_table(d: &Diff, lang: Lang) -> Table {
    let not = word("全数でない", "not whole").get(lang);
    let none = word("照会なし", "not asked").get(lang);
    let name = |p: Option<(u64, bool)>| match p {
        None => none.to_owned(),
        Some((n, true)) => n.to_string(),
        Some((n, false)) => format!("{n} ({not})"),
    };
    let mut table = Table::with_heads(["", "", "", "", "", ""]);
    for p in d.populations.iter().take(LINES) {
        table.row([
            p.r#type.clone(),
            p.account.clone(),
            p.region.clone(),
            name(p.before),
            "→".into(),
            name(p.now),
        ]);
    }
    table
}

fn gap_table(d: &Diff, lang: Lang) -> Table {
    let mut table = Table::with_heads(["!", "", "", "", ""]);
    for g in d.gaps.iter().take(LINES) {
        table.row([
            if g.new { "+" } else { "-" }.to_owned(),
            words::cause(g.gap.cause).get(lang).to_owned(),
            g.gap.call.clone(),
            g.gap.account.clone(),
            g.gap.region.clone(),
        ]);
    }
    table
}

fn pack_table(d: &Diff) -> Table {
    let mut table = Table::with_heads(["!", ""]);
    for p in d.packs.iter().take(LINES) {
        let sign = match (&p.before, &p.now) {
            (None, _) => "+",
            (_, None) => "-",
            _ => "~",
        };
        table.row([sign.to_owned(), p.path.clone()]);
    }
    table
}
