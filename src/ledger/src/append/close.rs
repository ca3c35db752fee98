//! The end of adding a run: what vanished, what was covered, the entry.

use super::Append;
use crate::canonical::sha256;
use crate::record::{Entry, Listed, head, pack_digest, unhex};
use crate::{Error, Moment, content, coverage, store};
use rusqlite::params;
use shoseki_model::hex;
use std::collections::{BTreeMap, BTreeSet};

impl Append<'_> {
    /// Makes the entry. When this returns, the run is on the disk.
    ///
    /// # Errors
    /// Findings that are fewer or more than the tallies say; a full disk.
    pub fn commit(mut self) -> Result<Listed, Error> {
        // A back-fill covers nothing: it lets no resource vanish and no control stand.
        let scan = self.run.backfill.is_none();
        if scan {
            self.whole()?;
            self.vanished()?;
            self.coverages()?;
        }
        self.store_packs()?;
        let targets = serde_json::to_vec(&self.run.targets)?;
        let targets_sha = sha256(&targets);
        store::value(&self.db, &targets_sha, &targets)?;
        let run_sha = unhex(&self.run.run_sha256)
            .ok_or_else(|| self.unsound("the digest of run.json is none"))?;
        let mut entry = Entry {
            seq: self.seq.unsigned_abs(),
            previous: hex(&self.previous),
            run: self.run.run.clone(),
            run_sha256: self.run.run_sha256.clone(),
            started: self.started.utc(),
            ended: Moment::parse(&self.run.ended)?.utc(),
            judged_at: self.run.judged_at.clone(),
            outcome: self.run.outcome,
            edition: self.run.edition.clone(),
            accounts: self.scopes.keys().cloned().collect(),
            targets_sha256: hex(&targets_sha),
            rules: self.run.rules.clone(),
            controls: self.run.controls.clone(),
            packs: self.run.packs.clone(),
            backfill: self.run.backfill.clone(),
            findings: self.findings,
            changed: self.changed,
            content_sha256: String::new(),
        };
        if scan {
            self.controls(&entry)?;
        }
        entry.content_sha256 = hex(&content::digest(&self.db, self.seq)?);
        let record = serde_json::to_string(&entry)?;
        let head = head(&self.previous, &record);
        self.db.execute(
            "INSERT INTO entry (seq, head, run_sha256, started, record) VALUES (?1, ?2, ?3, ?4, ?5)",
            params![self.seq, &head[..], &run_sha[..], self.started.0, record],
        )?;
        self.db.commit()?;
        Ok(Listed {
            entry,
            head: hex(&head),
        })
    }

    /// Every enumerated resource has its finding: one that is missing would
    /// look as if it had vanished.
    fn whole(&self) -> Result<(), Error> {
        for (account, scopes) in &self.scopes {
            for ((rule, region), s) in scopes {
                if s.seen != s.expected {
                    return Err(self.unsound(format!(
                        "{} findings of {rule} in {account} {region}, its tally says {}",
                        s.seen, s.expected
                    )));
                }
            }
        }
        Ok(())
    }

    /// What was there before in a scope that was read, and is not now.
    fn vanished(&mut self) -> Result<(), Error> {
        let read: BTreeSet<i64> = self
            .scopes
            .values()
            .flat_map(|m| m.values().map(|s| s.id))
            .collect();
        let mut gone: Vec<i64> = self
            .current
            .iter()
            .filter(|((_, scope), c)| !c.seen && c.key.is_some() && read.contains(scope))
            .map(|(_, c)| c.series)
            .collect();
        gone.sort_unstable();
        for series in gone {
            self.change(series, None)?;
        }
        Ok(())
    }

    fn coverages(&mut self) -> Result<(), Error> {
        for (account, scopes) in &self.scopes {
            let account = store::text(&self.db, account)?;
            let mut of: Vec<(i64, bool)> = scopes.values().map(|s| (s.id, s.whole)).collect();
            of.sort_unstable();
            let packed = coverage::pack(&of);
            let id = if of.is_empty() {
                None
            } else {
                Some(store::value(&self.db, &sha256(&packed), &packed)?)
            };
            self.db.execute(
                "INSERT INTO covered (seq, account, coverage) VALUES (?1, ?2, ?3)",
                params![self.seq, account, id],
            )?;
        }
        Ok(())
    }

    fn store_packs(&self) -> Result<(), Error> {
        for (name, files) in &self.packs {
            let digest = pack_digest(files);
            if self.run.packs.get(name) != Some(&digest) {
                return Err(self.unsound(format!(
                    "the files of the pack `{name}` are not those of its digest"
                )));
            }
            let pack = store::text(&self.db, &digest)?;
            let known = self
                .db
                .prepare_cached("SELECT 1 FROM pack_file WHERE pack = ?1 LIMIT 1")?
                .exists([pack])?;
            if known {
                continue;
            }
            for (path, sha) in files {
                self.db
                    .prepare_cached(
                        "INSERT INTO pack_file (pack, path, sha256) VALUES (?1, ?2, ?3)",
                    )?
                    .execute(params![pack, store::text(&self.db, path)?, &sha[..]])?;
            }
        }
        Ok(())
    }

    fn controls(&mut self, entry: &Entry) -> Result<(), Error> {
        let track = store::text(&self.db, &serde_json::to_string(&entry.track())?)?;
        let mut known: BTreeMap<String, (i64, Option<i64>)> = BTreeMap::new();
        {
            let mut q = self
                .db
                .prepare_cached("SELECT control, id, now FROM control WHERE track = ?1")?;
            for row in q.query_map([track], |r| Ok((r.get(0)?, (r.get(1)?, r.get(2)?))))? {
                let (control, was) = row?;
                known.insert(control, was);
            }
        }
        let put = |id: i64, state: Option<i64>| -> Result<(), Error> {
            self.db
                .prepare_cached(
                    "INSERT INTO control_change (seq, control, state) VALUES (?1, ?2, ?3)",
                )?
                .execute(params![self.seq, id, state])?;
            self.db
                .prepare_cached("UPDATE control SET now = ?1 WHERE id = ?2")?
                .execute(params![state, id])?;
            Ok(())
        };
        for (control, (_, state)) in &self.standings {
            match known.remove(control) {
                Some((_, now)) if now == Some(*state) => {}
                Some((id, _)) => put(id, Some(*state))?,
                None => {
                    self.db
                        .prepare_cached("INSERT INTO control (track, control) VALUES (?1, ?2)")?
                        .execute(params![track, control])?;
                    put(self.db.last_insert_rowid(), Some(*state))?;
                }
            }
        }
        for (id, now) in known.into_values() {
            if now.is_some() {
                put(id, None)?;
            }
        }
        Ok(())
    }
}
