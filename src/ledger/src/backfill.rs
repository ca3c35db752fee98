//! Back-filled states of a period: shown beside what scans saw, never as it.

use crate::finding::{FindingState, Span};
use crate::record::Listed;
use crate::{Error, Ledger, Moment, Period, Window, store};
use serde::Serialize;
use shoseki_evidence::Outcome;
use shoseki_model::PastCause;
use std::collections::HashMap;

/// A back-fill whose states reach into the period.
#[derive(Clone, Debug, Serialize)]
pub struct BackfillInPeriod {
    /// Its entry.
    pub entry: u64,
    /// Name of the run directory.
    pub run: String,
    /// SHA-256 of its `run.json`.
    pub run_sha256: String,
    /// Head of the ledger after it.
    pub head: String,
    /// Where its states come from: `aws-config`.
    pub source: String,
    /// First moment that was asked for.
    pub from: Moment,
    /// First moment after it.
    pub to: Moment,
    /// When it was asked.
    pub started: Moment,
    /// How it ended.
    pub outcome: Outcome,
    /// Accounts that were asked.
    pub accounts: Vec<String>,
    /// States in it.
    pub states: u64,
}

/// A time of which the source of a back-fill says nothing, or moments alone.
#[derive(Clone, Debug, Serialize)]
pub struct SourceGap {
    /// Entry of the back-fill.
    pub entry: u64,
    /// Where its states come from.
    pub source: String,
    /// Account.
    pub account: String,
    /// Region.
    pub region: String,
    /// Resource type.
    pub r#type: String,
    /// The one resource that is meant; missing: all.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub resource: Option<String>,
    /// First moment.
    pub from: Moment,
    /// First moment after it.
    pub to: Moment,
    /// Why.
    pub cause: PastCause,
}

/// A state out of a provider's own history, where no scan observed anything.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct PastSpan {
    /// Where the finding stood by the recorded item.
    pub state: FindingState,
    /// First moment.
    pub from: Moment,
    /// First moment after it.
    pub to: Moment,
    /// `aws-config`.
    pub source: String,
    /// Entry of the back-fill.
    pub entry: u64,
    /// When the source captured the item.
    pub captured: Moment,
    /// The source's own word of the item.
    pub status: String,
}

/// A stored row.
#[derive(Clone, Debug)]
pub(crate) struct PastRow {
    pub(crate) entry: u64,
    pub(crate) since: i64,
    pub(crate) until: i64,
    pub(crate) captured: i64,
    pub(crate) status: String,
    pub(crate) state: Option<i64>,
}

/// Back-fills that ask for something within the window.
pub(crate) fn in_window(all: &[Listed], window: Window) -> Result<Vec<BackfillInPeriod>, Error> {
    let mut out = Vec::new();
    for l in all {
        let Some(b) = &l.entry.backfill else { continue };
        let (from, to) = (Moment::parse(&b.from)?, Moment::parse(&b.to)?);
        if from >= window.to || to <= window.from {
            continue;
        }
        out.push(BackfillInPeriod {
            entry: l.entry.seq,
            run: l.entry.run.clone(),
            run_sha256: l.entry.run_sha256.clone(),
            head: l.head.clone(),
            source: b.source.clone(),
            from,
            to,
            started: Moment::parse(&l.entry.started)?,
            outcome: l.entry.outcome,
            accounts: l.entry.accounts.clone(),
            states: l.entry.findings,
        });
    }
    Ok(out)
}

/// The gaps of their sources within the window.
pub(crate) fn gaps(
    ledger: &Ledger,
    of: &[BackfillInPeriod],
    window: Window,
) -> Result<Vec<SourceGap>, Error> {
    if !store::has_past(&ledger.db)? {
        return Ok(Vec::new());
    }
    let mut q = ledger.db.prepare(
        "SELECT seq, account, region, type, resource, since, until, cause FROM past_gap ORDER BY id",
    )?;
    let mut rows = q.query([])?;
    let mut out = Vec::new();
    while let Some(r) = rows.next()? {
        let entry = r.get::<_, i64>(0)?.unsigned_abs();
        let Some(b) = of.iter().find(|b| b.entry == entry) else {
            continue;
        };
        let from = Moment(r.get::<_, i64>(5)?.max(window.from.0));
        let to = Moment(r.get::<_, i64>(6)?.min(window.to.0));
        if from < to {
            out.push(SourceGap {
                entry,
                source: b.source.clone(),
                account: r.get(1)?,
                region: r.get(2)?,
                r#type: r.get(3)?,
                resource: r.get(4)?,
                from,
                to,
                cause: serde_json::from_value(r.get::<_, String>(7)?.into())?,
            });
        }
    }
    Ok(out)
}

/// Stored states by series, those of the latest back-fill first.
pub(crate) fn rows(ledger: &Ledger) -> Result<HashMap<i64, Vec<PastRow>>, Error> {
    let mut out: HashMap<i64, Vec<PastRow>> = HashMap::new();
    if !store::has_past(&ledger.db)? {
        return Ok(out);
    }
    let mut q = ledger.db.prepare(
        "SELECT series, seq, since, until, captured, status, state FROM past
         ORDER BY series, seq DESC, since",
    )?;
    let mut rows = q.query([])?;
    while let Some(r) = rows.next()? {
        let row = PastRow {
            entry: r.get::<_, i64>(1)?.unsigned_abs(),
            since: r.get(2)?,
            until: r.get(3)?,
            captured: r.get(4)?,
            status: r.get(5)?,
            state: r.get(6)?,
        };
        out.entry(r.get(0)?).or_default().push(row);
    }
    Ok(out)
}

/// Puts stored states where no scan observed anything; what a later back-fill says
/// comes before what an earlier one said. `own` is whole and without overlap.
pub(crate) fn fill(
    own: &[Span],
    rows: &[PastRow],
    period: &Period,
    state: &dyn Fn(Option<i64>) -> Result<FindingState, Error>,
) -> Result<Vec<PastSpan>, Error> {
    let open = own.iter().filter(|s| s.state.is_none());
    let mut open: Vec<(i64, i64)> = open.map(|s| (s.from.0, s.to.0)).collect();
    let mut out = Vec::new();
    for row in rows {
        let Some(b) = period.backfills.iter().find(|b| b.entry == row.entry) else {
            continue;
        };
        let mut left = Vec::with_capacity(open.len());
        for (from, to) in open {
            let (a, z) = (row.since.max(from), row.until.min(to));
            if a >= z {
                left.push((from, to));
                continue;
            }
            out.push(PastSpan {
                state: state(row.state)?,
                from: Moment(a),
                to: Moment(z),
                source: b.source.clone(),
                entry: row.entry,
                captured: Moment(row.captured),
                status: row.status.clone(),
            });
            let around = [(from, a), (z, to)];
            left.extend(around.into_iter().filter(|(f, t)| f < t));
        }
        open = left;
    }
    out.sort_by_key(|s| s.from);
    Ok(out)
}
