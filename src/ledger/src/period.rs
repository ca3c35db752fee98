//! A period: the runs in it, the gaps between them, the controls along them.

use crate::backfill::{self, BackfillInPeriod, SourceGap};
use crate::lane::{Lane, lanes};
use crate::record::{Listed, pack_digest, unhex_any};
use crate::timeline::{Scan, Window, intervals};
use crate::{ControlTimeline, Error, Ledger, Moment, coverage, store};
use serde::Serialize;
use shoseki_evidence::Outcome;
use shoseki_model::{Discrepancy, Statement};
use std::collections::hash_map::Entry as Slot;
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// What is asked of a ledger.
#[derive(Clone, Copy, Debug)]
pub struct Query {
    /// First moment.
    pub from: Moment,
    /// First moment after it.
    pub to: Moment,
    /// Promised time between scans, milliseconds.
    pub frequency: i64,
    /// What is granted beyond it; `None`: a tenth, at least ten minutes.
    pub tolerance: Option<i64>,
    /// Now: a period that is not over is told up to here.
    pub now: Moment,
}

/// A run in the period.
#[derive(Clone, Debug, Serialize)]
pub struct RunInPeriod {
    /// Its entry.
    pub entry: u64,
    /// Name of the run directory.
    pub run: String,
    /// SHA-256 of its `run.json`.
    pub run_sha256: String,
    /// Head of the ledger after it.
    pub head: String,
    /// Start.
    pub started: Moment,
    /// End.
    pub ended: Moment,
    /// How it ended.
    pub outcome: Outcome,
    /// Edition of the catalogue.
    pub edition: Option<String>,
    /// Accounts that were to be read.
    pub accounts: Vec<String>,
    /// Findings.
    pub findings: u64,
    /// Those that changed.
    pub changed: u64,
}

/// A time without a scan that is longer than promised.
#[derive(Clone, Debug, Serialize)]
pub struct ScanGap {
    /// End of the scan before, or the beginning of the period.
    pub from: Moment,
    /// Start of the scan after, or the end of the period.
    pub to: Moment,
    /// Accounts that it concerns.
    pub accounts: Vec<String>,
}

/// Rules, collectors, mappings or the catalogue changed between two runs.
#[derive(Clone, Debug, Serialize)]
pub struct PackChange {
    /// Entry that used the new ones first.
    pub entry: u64,
    /// Start of the run before.
    pub after: Moment,
    /// Start of the run.
    pub at: Moment,
    /// `rules`, `mappings`, …
    pub pack: String,
    /// Digest before; `None` where there was none.
    pub from: Option<String>,
    /// Digest since.
    pub to: Option<String>,
    /// Files that are new.
    pub added: Vec<String>,
    /// Files that are no more.
    pub removed: Vec<String>,
    /// Files that are not as before.
    pub changed: Vec<String>,
}

/// A period of a ledger. Findings are walked one at a time
/// ([`Period::findings`]).
pub struct Period {
    /// What was asked for.
    pub asked: Window,
    /// What is told: up to now, where the period is not over.
    pub window: Window,
    /// Promised time between scans, milliseconds.
    pub frequency: i64,
    /// What is granted beyond it, milliseconds.
    pub tolerance: i64,
    /// The last head of the ledger; `None` where it is empty.
    pub head: Option<String>,
    /// Entries in the ledger.
    pub entries: u64,
    /// Runs that started in the window.
    pub runs: Vec<RunInPeriod>,
    /// Times without a scan.
    pub gaps: Vec<ScanGap>,
    /// Changes of the packs.
    pub pack_changes: Vec<PackChange>,
    /// Controls, in the order of their ids.
    pub controls: Vec<ControlTimeline>,
    /// Back-fills out of providers' own histories, which are no scans.
    pub backfills: Vec<BackfillInPeriod>,
    /// Times of which the sources of back-fills say nothing.
    pub source_gaps: Vec<SourceGap>,
    /// What the provider states, and where that and what was seen differ.
    pub stated: Option<(Statement, Vec<Discrepancy>)>,
    /// All entries in the order of time, with when they looked.
    pub(crate) scans: Vec<(Listed, Scan)>,
    /// Scope → which entries (indexes into `scans`) judged it, and whether the
    /// population was whole.
    pub(crate) covered: HashMap<i64, Vec<(u32, bool)>>,
    /// Pack digest → path → digest of the file.
    pub(crate) files: HashMap<String, BTreeMap<String, Vec<u8>>>,
}

impl Period {
    /// Reads what concerns the whole period, after all that is stored was held
    /// against the heads ([`Ledger::check`]).
    ///
    /// # Errors
    /// A ledger that cannot be read or that is not as it was written.
    pub fn read(ledger: &Ledger, q: Query) -> Result<Self, Error> {
        ledger.whole()?;
        let entries = ledger.entries()?;
        let head = entries.last().map(|l| l.head.clone());
        let count = entries.len() as u64;
        let (filled, entries): (Vec<Listed>, Vec<Listed>) = entries
            .into_iter()
            .partition(|l| l.entry.backfill.is_some());
        let mut scans = entries
            .into_iter()
            .map(|l| {
                let at = Moment::parse(&l.entry.started)?.0;
                let until = Moment::parse(&l.entry.ended)?.0;
                Ok((l, Scan { at, until }))
            })
            .collect::<Result<Vec<_>, Error>>()?;
        scans.sort_by_key(|(l, s)| (s.at, l.entry.seq));
        // A clock that ran ahead of ours does not hide the runs that it dated.
        let latest = scans
            .last()
            .map_or(i64::MIN, |(_, s)| s.until.max(s.at + 1));
        let end = q.to.min(Moment(q.now.0.max(latest))).max(q.from);
        let window = Window {
            from: q.from,
            to: end,
        };
        let mut period = Self {
            asked: Window {
                from: q.from,
                to: q.to,
            },
            window,
            frequency: q.frequency,
            tolerance: q.tolerance.unwrap_or((q.frequency / 10).max(600_000)),
            head,
            entries: count,
            runs: Vec::new(),
            gaps: Vec::new(),
            pack_changes: Vec::new(),
            controls: Vec::new(),
            backfills: backfill::in_window(&filled, window)?,
            source_gaps: Vec::new(),
            stated: None,
            scans,
            covered: HashMap::new(),
            files: files(ledger)?,
        };
        period.source_gaps = backfill::gaps(ledger, &period.backfills, window)?;
        period.runs = period.runs_in()?;
        period.read_coverage(ledger)?;
        let all: Vec<&Listed> = period.scans.iter().map(|(l, _)| l).collect();
        let lanes = lanes(&all);
        period.pack_changes = period.packs(&lanes);
        period.controls = period.read_controls(ledger, &lanes)?;
        Ok(period)
    }

    /// Puts a statement beside what was seen. No state changes by it.
    pub fn state_beside(&mut self, statement: Statement, differ: Vec<Discrepancy>) {
        for c in &mut self.controls {
            c.stated = statement.control(&c.control).cloned();
        }
        self.stated = Some((statement, differ));
    }

    /// Where which rule was judged within the period: rule, account, region, and
    /// whether the population was whole each time.
    ///
    /// # Errors
    /// A ledger that cannot be read.
    pub fn asked_where(
        &self,
        ledger: &Ledger,
    ) -> Result<Vec<(String, String, String, bool)>, Error> {
        let mut q = ledger.db.prepare(
            "SELECT s.id, r.value, a.value, g.value FROM scope s JOIN text r ON r.id = s.rule
             JOIN text a ON a.id = s.account JOIN text g ON g.id = s.region",
        )?;
        let mut out = Vec::new();
        for row in q.query_map([], |r| {
            Ok((r.get::<_, i64>(0)?, r.get(1)?, r.get(2)?, r.get(3)?))
        })? {
            let (scope, rule, account, region) = row?;
            let looked = self.covered.get(&scope).into_iter().flatten();
            let inside = looked.filter(|(i, _)| {
                let scan = self.scans.get(*i as usize);
                scan.is_some_and(|(_, s)| self.within(s.at))
            });
            let whole: Vec<bool> = inside.map(|(_, whole)| *whole).collect();
            if !whole.is_empty() {
                out.push((rule, account, region, whole.into_iter().all(|w| w)));
            }
        }
        Ok(out)
    }

    /// How long a state holds without another scan, milliseconds.
    pub fn reach(&self) -> i64 {
        self.frequency.saturating_add(self.tolerance)
    }

    /// Whether a moment is in the window.
    pub(crate) fn within(&self, at: i64) -> bool {
        (self.window.from.0..self.window.to.0).contains(&at)
    }

    fn runs_in(&self) -> Result<Vec<RunInPeriod>, Error> {
        let inside = self.scans.iter().filter(|(_, s)| self.within(s.at));
        Ok(inside
            .map(|(l, s)| RunInPeriod {
                entry: l.entry.seq,
                run: l.entry.run.clone(),
                run_sha256: l.entry.run_sha256.clone(),
                head: l.head.clone(),
                started: Moment(s.at),
                ended: Moment(s.until),
                outcome: l.entry.outcome,
                edition: l.entry.edition.clone(),
                accounts: l.entry.accounts.clone(),
                findings: l.entry.findings,
                changed: l.entry.changed,
            })
            .collect())
    }

    fn read_coverage(&mut self, ledger: &Ledger) -> Result<(), Error> {
        let mut q = ledger.db.prepare(
            "SELECT c.seq, a.value, c.coverage FROM covered c JOIN text a ON a.id = c.account",
        )?;
        let mut of: HashMap<u64, Vec<(String, Option<i64>)>> = HashMap::new();
        for row in q.query_map([], |r| Ok((r.get::<_, i64>(0)?, r.get(1)?, r.get(2)?)))? {
            let (seq, account, id) = row?;
            of.entry(seq.unsigned_abs())
                .or_default()
                .push((account, id));
        }
        let mut unpacked: HashMap<i64, Vec<(i64, bool)>> = HashMap::new();
        let mut looked: BTreeMap<String, Vec<Scan>> = BTreeMap::new();
        for (i, (listed, scan)) in self.scans.iter().enumerate() {
            let index = u32::try_from(i).map_err(|_| Error::broken("too many entries"))?;
            for (account, id) in of.remove(&listed.entry.seq).unwrap_or_default() {
                let scans = looked.entry(account).or_default();
                let Some(id) = id else { continue };
                scans.push(*scan);
                let scopes = match unpacked.entry(id) {
                    Slot::Occupied(o) => o.into_mut(),
                    Slot::Vacant(v) => v.insert(coverage::unpack(&store::body(&ledger.db, id)?)?),
                };
                for &(scope, whole) in scopes.iter() {
                    self.covered.entry(scope).or_default().push((index, whole));
                }
            }
        }
        self.gaps = self.scan_gaps(&looked);
        Ok(())
    }

    /// The times in which an account was not looked at for longer than promised.
    fn scan_gaps(&self, looked: &BTreeMap<String, Vec<Scan>>) -> Vec<ScanGap> {
        let mut out: BTreeMap<(i64, i64), Vec<String>> = BTreeMap::new();
        for (account, scans) in looked {
            let points: Vec<(Scan, ())> = scans.iter().map(|s| (*s, ())).collect();
            for i in intervals(&points, self.window, self.reach()) {
                if i.state.is_some() {
                    continue;
                }
                // At the end of what is told, the next scan may not be due yet.
                let before = scans.iter().rev().find(|s| s.at < i.to).map(|s| s.at);
                let since = before
                    .filter(|_| i.from > self.window.from.0)
                    .unwrap_or(i.from);
                if i.to - since > self.reach() {
                    out.entry((i.from, i.to)).or_default().push(account.clone());
                }
            }
        }
        if looked.is_empty() && self.window.from < self.window.to {
            out.insert((self.window.from.0, self.window.to.0), Vec::new());
        }
        out.into_iter()
            .map(|((from, to), accounts)| ScanGap {
                from: Moment(from),
                to: Moment(to),
                accounts,
            })
            .collect()
    }

    fn packs(&self, lanes: &[Lane]) -> Vec<PackChange> {
        let mut out: Vec<PackChange> = Vec::new();
        for lane in lanes {
            for pair in lane.members.windows(2) {
                let (Some((a, before)), Some((b, after))) =
                    (self.scans.get(pair[0]), self.scans.get(pair[1]))
                else {
                    continue;
                };
                if !self.within(after.at) {
                    continue;
                }
                let names: BTreeSet<&String> =
                    a.entry.packs.keys().chain(b.entry.packs.keys()).collect();
                for name in names {
                    let (from, to) = (a.entry.packs.get(name), b.entry.packs.get(name));
                    if from != to {
                        out.push(self.pack_change(name, from, to, *before, *after, b.entry.seq));
                    }
                }
            }
        }
        out.sort_by(|a, b| (a.at, a.entry, &a.pack).cmp(&(b.at, b.entry, &b.pack)));
        out
    }

    fn pack_change(
        &self,
        name: &str,
        from: Option<&String>,
        to: Option<&String>,
        before: Scan,
        after: Scan,
        entry: u64,
    ) -> PackChange {
        let none = BTreeMap::new();
        let files = |d: Option<&String>| d.and_then(|d| self.files.get(d)).unwrap_or(&none);
        let (old, new) = (files(from), files(to));
        let only = |a: &BTreeMap<String, Vec<u8>>, b: &BTreeMap<String, Vec<u8>>| {
            let missing = a.keys().filter(|p| !b.contains_key(*p));
            missing.cloned().collect()
        };
        let differs = |(path, sha): &(&String, &Vec<u8>)| new.get(*path).is_some_and(|n| n != *sha);
        PackChange {
            entry,
            after: Moment(before.at),
            at: Moment(after.at),
            pack: name.to_owned(),
            from: from.cloned(),
            to: to.cloned(),
            added: only(new, old),
            removed: only(old, new),
            changed: old
                .iter()
                .filter(differs)
                .map(|(path, _)| path.clone())
                .collect(),
        }
    }
}

/// Files of every pack, checked against the pack's digest.
fn files(ledger: &Ledger) -> Result<HashMap<String, BTreeMap<String, Vec<u8>>>, Error> {
    let mut q = ledger.db.prepare(
        "SELECT k.value, p.value, f.sha256 FROM pack_file f
         JOIN text k ON k.id = f.pack JOIN text p ON p.id = f.path",
    )?;
    let mut out: HashMap<String, BTreeMap<String, [u8; 32]>> = HashMap::new();
    for row in q.query_map([], |r| Ok((r.get(0)?, r.get(1)?, r.get(2)?)))? {
        let (pack, path, sha): (String, String, [u8; 32]) = row?;
        out.entry(pack).or_default().insert(path, sha);
    }
    out.into_iter()
        .map(|(digest, files)| {
            if unhex_any(&digest).is_none() || pack_digest(&files) != digest {
                return Err(Error::broken(format!("the files of the pack {digest}")));
            }
            let files = files.into_iter().map(|(p, s)| (p, s.to_vec())).collect();
            Ok((digest, files))
        })
        .collect()
}

/// Ids in the order of their numbers: 9.2 before 9.10.
pub(crate) fn natural(id: &str) -> Vec<(u64, String)> {
    id.split('.')
        .map(|p| match p.parse::<u64>() {
            Ok(n) => (n, String::new()),
            Err(_) => (u64::MAX, p.to_owned()),
        })
        .collect()
}
