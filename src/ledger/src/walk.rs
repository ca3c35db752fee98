//! Findings of a period, one at a time.

use crate::backfill::{self, PastRow};
use crate::finding::{Change, Deviation, FindingState, FindingTimeline, Side, Span};
use crate::timeline::{Scan, intervals};
use crate::{Error, Ledger, Moment, Period, store};
use rusqlite::{Row, Rows};
use serde_json::Value;
use shoseki_model::{ResourceRef, Severity, Verdict, hex};
use std::collections::HashMap;

/// A stored state.
#[derive(Clone, Copy)]
struct Row0 {
    verdict: Verdict,
    severity: Severity,
    observed: i64,
    excepted: Option<i64>,
}

/// A scan's view of a series.
struct Point {
    entry: usize,
    state: Option<i64>,
}

struct Walker<'a> {
    period: &'a Period,
    ledger: &'a Ledger,
    states: HashMap<i64, Row0>,
    values: bool,
    cache: HashMap<i64, Value>,
    points: Vec<Point>,
    seen: Vec<(Scan, FindingState)>,
    /// Back-filled states by series.
    past: HashMap<i64, Vec<PastRow>>,
}

impl Period {
    /// Walks the findings that were there in the period, in the order in which
    /// the ledger met them first. `values`: with what was observed before and
    /// after a change.
    ///
    /// # Errors
    /// A ledger that is not sound; what `each` answers.
    pub fn findings(
        &self,
        ledger: &Ledger,
        values: bool,
        each: &mut dyn FnMut(FindingTimeline) -> Result<(), Error>,
    ) -> Result<(), Error> {
        let mut walker = Walker {
            period: self,
            ledger,
            states: states(ledger)?,
            values,
            cache: HashMap::new(),
            points: Vec::new(),
            seen: Vec::new(),
            past: backfill::rows(ledger)?,
        };
        let mut series = ledger.db.prepare(
            "SELECT s.id, s.scope, s.finding, ru.value, sr.value, t.value, r.ident, r.name,
                    a.value, g.value
             FROM series s
             JOIN scope sc ON sc.id = s.scope
             JOIN text ru ON ru.id = sc.rule
             JOIN text sr ON sr.id = sc.region
             JOIN resource r ON r.id = s.resource
             JOIN text t ON t.id = r.type
             JOIN text a ON a.id = r.account
             JOIN text g ON g.id = r.region
             ORDER BY s.id",
        )?;
        let mut changes = ledger
            .db
            .prepare("SELECT series, seq, state FROM change ORDER BY series, seq")?;
        let mut changes = Merge {
            rows: changes.query([])?,
            next: None,
        };
        changes.advance()?;
        let mut rows = series.query([])?;
        let mut of = Vec::new();
        while let Some(row) = rows.next()? {
            changes.take(row.get(0)?, &mut of)?;
            if let Some(f) = walker.timeline(row, &of)? {
                each(f)?;
            }
        }
        Ok(())
    }
}

/// Changes in the order of series, taken one series at a time.
struct Merge<'s> {
    rows: Rows<'s>,
    next: Option<(i64, u64, Option<i64>)>,
}

impl Merge<'_> {
    fn advance(&mut self) -> Result<(), Error> {
        self.next = match self.rows.next()? {
            None => None,
            Some(r) => Some((r.get(0)?, r.get::<_, i64>(1)?.unsigned_abs(), r.get(2)?)),
        };
        Ok(())
    }

    fn take(&mut self, series: i64, out: &mut Vec<(u64, Option<i64>)>) -> Result<(), Error> {
        out.clear();
        while let Some((of, seq, state)) = self.next {
            if of > series {
                break;
            }
            if of == series {
                out.push((seq, state));
            }
            self.advance()?;
        }
        Ok(())
    }
}

fn states(ledger: &Ledger) -> Result<HashMap<i64, Row0>, Error> {
    let mut q = ledger
        .db
        .prepare("SELECT id, verdict, severity, observed, excepted FROM state")?;
    let mut rows = q.query([])?;
    let mut out = HashMap::new();
    while let Some(r) = rows.next()? {
        let (id, verdict, severity): (i64, String, String) = (r.get(0)?, r.get(1)?, r.get(2)?);
        let state = Row0 {
            verdict: serde_json::from_value(Value::String(verdict))?,
            severity: serde_json::from_value(Value::String(severity))?,
            observed: r.get(3)?,
            excepted: r.get(4)?,
        };
        out.insert(id, state);
    }
    Ok(out)
}

impl Walker<'_> {
    fn timeline(
        &mut self,
        row: &Row<'_>,
        changes: &[(u64, Option<i64>)],
    ) -> Result<Option<FindingTimeline>, Error> {
        self.look(row.get(1)?, changes)?;
        let there = self.first_and_last();
        let spans: Vec<Span> = intervals(&self.seen, self.period.window, self.period.reach())
            .into_iter()
            .map(|i| Span {
                state: i.state,
                from: Moment(i.from),
                to: Moment(i.to),
            })
            .collect();
        let nothing = |s: &Span| {
            matches!(
                s.state,
                None | Some(FindingState::Gone | FindingState::NotYet)
            )
        };
        let rows = self.past.remove(&row.get(0)?).unwrap_or_default();
        let backfilled = backfill::fill(&spans, &rows, self.period, &|id| self.stands(id))?;
        let seen = there.is_some() && !spans.iter().all(nothing);
        if !seen && backfilled.is_empty() {
            return Ok(None);
        }
        let rule: String = row.get(3)?;
        let latest = there.and_then(|(_, last)| self.points[last].state);
        let latest = latest.or_else(|| rows.iter().find_map(|r| r.state));
        let latest = latest.and_then(|s| self.states.get(&s));
        let severity = latest.map_or(Severity::Low, |s| s.severity);
        let deviations = self.deviations(&spans)?;
        Ok(Some(FindingTimeline {
            id: format!("f{}", hex(&row.get::<_, Vec<u8>>(2)?)),
            severity,
            resource: ResourceRef {
                r#type: row.get(5)?,
                id: row.get(6)?,
                name: row.get(7)?,
                account: row.get(8)?,
                region: row.get(9)?,
            },
            scope: row.get(4)?,
            first_seen: there.map(|(first, _)| Moment(self.seen[first].0.at)),
            last_seen: there.map(|(_, last)| Moment(self.seen[last].0.at)),
            changes: self.changes(&rule)?,
            rule,
            intervals: spans,
            backfilled,
            deviations,
        }))
    }

    /// Fills `points` and `seen` with every scan that judged the scope, up to
    /// the first after the period.
    fn look(&mut self, scope: i64, changes: &[(u64, Option<i64>)]) -> Result<(), Error> {
        self.points.clear();
        self.seen.clear();
        let (mut upto, mut state, mut met) = (0, None, false);
        for &(index, whole) in self.period.covered.get(&scope).into_iter().flatten() {
            let entry = index as usize;
            let Some((listed, scan)) = self.period.scans.get(entry) else {
                continue;
            };
            while let Some((_, to)) = changes
                .get(upto)
                .filter(|(seq, _)| *seq <= listed.entry.seq)
            {
                state = *to;
                upto += 1;
            }
            let seen = match state {
                Some(id) => {
                    met = true;
                    self.stands(Some(id))?
                }
                None if !whole => FindingState::Unlisted,
                None if met => FindingState::Gone,
                None => FindingState::NotYet,
            };
            self.points.push(Point { entry, state });
            self.seen.push((*scan, seen));
            if scan.at >= self.period.window.to.0 {
                break;
            }
        }
        Ok(())
    }

    /// Where a stored state stands; none: not there.
    fn stands(&self, id: Option<i64>) -> Result<FindingState, Error> {
        let Some(id) = id else {
            return Ok(FindingState::Gone);
        };
        let Some(s) = self.states.get(&id) else {
            return Err(Error::broken(format!("state {id} is missing")));
        };
        Ok(match s.verdict {
            Verdict::Pass => FindingState::Pass,
            Verdict::Fail if s.excepted.is_some() => FindingState::Excepted,
            Verdict::Fail => FindingState::Fail,
            Verdict::Unknown => FindingState::Unknown,
            Verdict::NotApplicable => FindingState::NotApplicable,
        })
    }

    /// The first and the last scan before the end of the period at which it was
    /// there.
    fn first_and_last(&self) -> Option<(usize, usize)> {
        let there = |i: &usize| {
            self.points[*i].state.is_some() && self.seen[*i].0.at < self.period.window.to.0
        };
        let first = (0..self.points.len()).find(there)?;
        let last = (0..self.points.len()).rev().find(there)?;
        Some((first, last))
    }

    fn changes(&mut self, rule: &str) -> Result<Vec<Change>, Error> {
        let mut out = Vec::new();
        for i in 1..self.points.len() {
            let (before, now) = (self.points[i - 1].state, self.points[i].state);
            if before == now || !self.period.within(self.seen[i].0.at) {
                continue;
            }
            let (after, at) = (self.seen[i - 1].0.at, self.seen[i].0.at);
            let rule_changed = self.rule_file(i - 1, rule) != self.rule_file(i, rule);
            out.push(Change {
                after: Moment(after),
                at: Moment(at),
                before: self.side(i - 1)?,
                now: self.side(i)?,
                across_gap: at - after > self.period.reach(),
                rule_changed,
            });
        }
        Ok(out)
    }

    fn side(&mut self, i: usize) -> Result<Side, Error> {
        let row = self.points[i]
            .state
            .and_then(|s| self.states.get(&s).copied());
        Ok(Side {
            state: self.seen[i].1,
            severity: row.map(|r| r.severity),
            observed: row.map(|r| self.value(r.observed)).transpose()?.flatten(),
            excepted: match row.and_then(|r| r.excepted) {
                None => None,
                Some(id) => self.value(id)?,
            },
        })
    }

    fn value(&mut self, id: i64) -> Result<Option<Value>, Error> {
        if !self.values {
            return Ok(None);
        }
        if let Some(v) = self.cache.get(&id) {
            return Ok(Some(v.clone()));
        }
        let v: Value = serde_json::from_slice(&store::body(&self.ledger.db, id)?)?;
        if self.cache.len() >= 4096 {
            self.cache.clear();
        }
        self.cache.insert(id, v.clone());
        Ok(Some(v))
    }

    /// Digest of the rule's file in a run: the path spells the id.
    fn rule_file(&self, point: usize, rule: &str) -> Option<&Vec<u8>> {
        let (listed, _) = self.period.scans.get(self.points[point].entry)?;
        let pack = self.period.files.get(listed.entry.packs.get("rules")?)?;
        pack.get(&format!("rules/{}.yaml", rule.replace('.', "/")))
    }

    fn deviations(&mut self, spans: &[Span]) -> Result<Vec<Deviation>, Error> {
        let mut out = Vec::new();
        for (i, s) in spans.iter().enumerate() {
            if s.state != Some(FindingState::Fail) {
                continue;
            }
            let start = self.seen.partition_point(|(scan, _)| scan.at <= s.from.0);
            // The scan that the span begins with, or that it came from.
            let Some(first) = start.checked_sub(1) else {
                continue;
            };
            let before = (0..first)
                .rev()
                .find(|&k| self.seen[k].1 != FindingState::Fail);
            let from_before = s.from == self.period.window.from && self.seen[first].0.at < s.from.0;
            let observed = match self.points[first]
                .state
                .and_then(|id| self.states.get(&id).copied())
            {
                Some(row) => self.value(row.observed)?,
                None => None,
            };
            let then = spans.get(i + 1).and_then(|n| n.state);
            let later = spans[i + 1..].iter().any(|n| n.state.is_some());
            out.push(Deviation {
                from: s.from,
                to: s.to,
                seconds: (s.to.0 - s.from.0) / 1000,
                began_after: before.map(|k| Moment(self.seen[k].0.at)),
                from_before,
                then,
                open: !later,
                observed,
            });
        }
        Ok(out)
    }
}
