//! Adding a back-fill: states out of a provider's own history, in tables of their
//! own, so that none is ever taken for one that a scan saw.

use super::{Append, word};
use crate::record::unhex_any;
use crate::schema::{BACKFILL_TABLES, VERSION};
use crate::{Error, Moment, store};
use rusqlite::params;
use shoseki_model::{Finding, Past, PastGap, PastState, Text, Verdict};

impl Append<'_> {
    /// Makes the tables in a ledger that has had no back-fill yet.
    pub(super) fn past_tables(&self) -> Result<(), Error> {
        if !store::has_past(&self.db)? {
            self.db.execute_batch(BACKFILL_TABLES)?;
            self.db.pragma_update(None, "user_version", VERSION)?;
        }
        Ok(())
    }

    /// Adds a line of a back-fill.
    ///
    /// # Errors
    /// A run that is no back-fill, a wrong id, times that cannot be, the same state
    /// twice.
    pub fn past(&mut self, p: &Past) -> Result<(), Error> {
        if self.run.backfill.is_none() {
            return Err(self.unsound("it has a history and is no back-fill"));
        }
        match p {
            Past::Asked(_) => Ok(()),
            Past::Gap(g) => self.past_gap(g),
            Past::State(s) => self.past_state(s),
        }
    }

    fn bounds(&self, from: &str, to: &str) -> Result<(i64, i64), Error> {
        let (from, to) = (Moment::parse(from)?.0, Moment::parse(to)?.0);
        if from < to {
            return Ok((from, to));
        }
        Err(self.unsound("a state ends before it begins"))
    }

    fn past_gap(&mut self, g: &PastGap) -> Result<(), Error> {
        let (since, until) = self.bounds(&g.from, &g.to)?;
        self.db
            .prepare_cached(
                "INSERT INTO past_gap (seq, account, region, type, resource, since, until, cause)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
            )?
            .execute(params![
                self.seq,
                g.account,
                g.region,
                g.r#type,
                g.resource,
                since,
                until,
                word(&g.cause)?
            ])?;
        Ok(())
    }

    fn past_state(&mut self, s: &PastState) -> Result<(), Error> {
        let (since, until) = self.bounds(&s.from, &s.to)?;
        let captured = Moment::parse(&s.captured)?;
        let bytes = s.id.strip_prefix('f').and_then(unhex_any);
        let id = bytes.and_then(|b| b.try_into().ok());
        let Some(id) = id.filter(|_| s.id == Finding::id_of(&s.rule, &s.resource)) else {
            return Err(self.unsound(format!("{} is not the id of its finding", s.id)));
        };
        let finding = Finding {
            id: s.id.clone(),
            rule: s.rule.clone(),
            severity: s.severity,
            verdict: s.verdict.unwrap_or(Verdict::Unknown),
            resource: s.resource.clone(),
            observed: s.observed.clone(),
            reason: Text::default(),
            gaps: Vec::new(),
            excepted: None,
        };
        self.findings += 1;
        let scope = self.scope_id(&s.rule, &s.resource.account, &s.scope)?;
        let series = match self.current.get(&(id, scope)) {
            Some(c) => c.series,
            None => {
                let series = self.series(&id, scope, &finding)?;
                let current = super::Current {
                    series,
                    key: None,
                    seen: true,
                };
                self.current.insert((id, scope), current);
                series
            }
        };
        let state = match s.verdict {
            None => None,
            Some(_) => {
                let key = self.key(&finding)?;
                Some(self.state(&finding, &key)?)
            }
        };
        self.db
            .prepare_cached(
                "INSERT INTO past (seq, series, since, until, captured, status, state)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
            )?
            .execute(params![
                self.seq, series, since, until, captured.0, s.status, state
            ])?;
        Ok(())
    }
}
