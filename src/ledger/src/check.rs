//! Checking that a ledger is what its heads say.

use crate::canonical::Hash;
use crate::record::{Entry, head, pack_digest, unhex};
use crate::{Error, Ledger, Moment, content, store};
use rusqlite::Connection;
use shoseki_model::hex;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// Something in a ledger that is not as it was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The entry; `None` where the file as a whole is meant.
    pub entry: Option<u64>,
    /// What is wrong.
    pub message: String,
}

/// What a check found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Check {
    /// Entries in the ledger.
    pub entries: u64,
    /// The last head, 64 hexadecimal digits; `None` for an empty ledger.
    pub head: Option<String>,
    /// The entry whose head was the noted one.
    pub noted: Option<u64>,
    /// Problems; none: every entry and all that is stored for it is as it was
    /// written, as far as the last head says.
    pub problems: Vec<Problem>,
}

impl Ledger {
    /// Recomputes the chain and the digest of everything stored. `noted` is a
    /// head that was noted elsewhere: that it is missing shows that entries were
    /// taken away or the whole was written anew. With `runs`, the folder of the
    /// run directories, also that each `run.json` that is there is the one added.
    ///
    /// # Errors
    /// Only where the check itself cannot go on.
    pub fn check(&self, noted: Option<&str>, runs: Option<&Path>) -> Result<Check, Error> {
        let mut out = Check::default();
        match self.undamaged("integrity_check(1)") {
            Err(Error::Damaged(found)) => {
                out.tell(None, format!("the file is damaged: {found}"));
                return Ok(out);
            }
            other => other?,
        }
        self.chain(noted, runs, &mut out)?;
        if let Some(noted) = noted
            && out.noted.is_none()
        {
            out.tell(
                None,
                format!(
                    "no entry has the head {noted}: entries were taken away, or the ledger was written anew"
                ),
            );
        }
        packs(&self.db, &mut out)?;
        Ok(out)
    }

    fn chain(
        &self,
        noted: Option<&str>,
        runs: Option<&Path>,
        out: &mut Check,
    ) -> Result<(), Error> {
        let mut q = self
            .db
            .prepare("SELECT seq, head, run_sha256, started, record FROM entry ORDER BY seq")?;
        let mut rows = q.query([])?;
        let (mut previous, mut next): (Hash, u64) = ([0; 32], 1);
        while let Some(r) = rows.next()? {
            let seq = r.get::<_, i64>(0)?.unsigned_abs();
            let (stored, run): (Vec<u8>, Vec<u8>) = (r.get(1)?, r.get(2)?);
            let (started, record): (i64, String) = (r.get(3)?, r.get(4)?);
            if seq != next {
                out.tell(Some(seq), format!("entry {next} is missing before it"));
            }
            next = seq + 1;
            let computed = head(&previous, &record);
            if computed[..] != stored[..] {
                out.tell(Some(seq), "its head is not that of what it says".into());
            }
            match serde_json::from_str::<Entry>(&record) {
                Err(e) => out.tell(Some(seq), format!("it cannot be read: {e}")),
                Ok(entry) => {
                    if entry.seq != seq || entry.previous != hex(&previous) {
                        out.tell(Some(seq), "it does not follow the entry before it".into());
                    }
                    if unhex(&entry.run_sha256).is_none_or(|sha| sha[..] != run[..])
                        || Moment::parse(&entry.started).ok() != Some(Moment(started))
                    {
                        out.tell(Some(seq), "its columns differ from its record".into());
                    }
                    content_of(&self.db, &entry, out);
                    if let Some(runs) = runs {
                        run_of(runs, &entry, out);
                    }
                }
            }
            previous = computed;
            out.entries += 1;
            let now = hex(&computed);
            if noted == Some(now.as_str()) {
                out.noted = Some(seq);
            }
            out.head = Some(now);
        }
        let stray: i64 = self.db.query_row(
            "SELECT (SELECT count(*) FROM change WHERE seq NOT IN (SELECT seq FROM entry))
                  + (SELECT count(*) FROM covered WHERE seq NOT IN (SELECT seq FROM entry))
                  + (SELECT count(*) FROM control_change WHERE seq NOT IN (SELECT seq FROM entry))",
            [],
            |r| r.get(0),
        )?;
        if stray > 0 {
            out.tell(None, format!("{stray} rows belong to no entry"));
        }
        let strayed = store::has_past(&self.db)?.then(|| {
            self.db.query_row(
                "SELECT (SELECT count(*) FROM past WHERE seq NOT IN (SELECT seq FROM entry))
                      + (SELECT count(*) FROM past_gap WHERE seq NOT IN (SELECT seq FROM entry))",
                [],
                |r| r.get::<_, i64>(0),
            )
        });
        if let Some(n) = strayed.transpose()?.filter(|n| *n > 0) {
            out.tell(None, format!("{n} back-filled rows belong to no entry"));
        }
        // `state` is that of the row with the greatest `seq`. All series in one pass:
        // changes are kept by entry, and looking for one series' last reads them all.
        let stale: i64 = self.db.query_row(
            "SELECT count(*) FROM series s LEFT JOIN
             (SELECT series, state, max(seq) FROM change GROUP BY series) c ON c.series = s.id
             WHERE s.now IS NOT c.state",
            [],
            |r| r.get(0),
        )?;
        if stale > 0 {
            out.tell(
                None,
                format!("{stale} findings are not as their last change says"),
            );
        }
        let stale: i64 = self.db.query_row(
            "SELECT count(*) FROM control s LEFT JOIN
             (SELECT control, state, max(seq) FROM control_change GROUP BY control) c
             ON c.control = s.id WHERE s.now IS NOT c.state",
            [],
            |r| r.get(0),
        )?;
        if stale > 0 {
            out.tell(
                None,
                format!("{stale} controls are not as their last change says"),
            );
        }
        Ok(())
    }
}

impl Check {
    fn tell(&mut self, entry: Option<u64>, message: String) {
        self.problems.push(Problem { entry, message });
    }
}

fn content_of(db: &Connection, entry: &Entry, out: &mut Check) {
    match content::digest(db, entry.seq.cast_signed()) {
        Err(e) => out.tell(
            Some(entry.seq),
            format!("what it stored cannot be read: {e}"),
        ),
        Ok(found) if hex(&found) != entry.content_sha256 => {
            out.tell(Some(entry.seq), "what it stored was changed".into());
        }
        Ok(_) => {}
    }
}

fn run_of(runs: &Path, entry: &Entry, out: &mut Check) {
    let path = runs.join(&entry.run).join("run.json");
    match std::fs::read(&path) {
        Err(e) => out.tell(Some(entry.seq), format!("{}: {e}", path.display())),
        Ok(bytes) if shoseki_model::digest(&bytes) != entry.run_sha256 => out.tell(
            Some(entry.seq),
            format!("{} is not the one that was added", path.display()),
        ),
        Ok(_) => {}
    }
}

/// Stored values and files of packs against their digests.
fn packs(db: &Connection, out: &mut Check) -> Result<(), Error> {
    let mut q = db.prepare("SELECT id FROM value")?;
    for id in q.query_map([], |r| r.get::<_, i64>(0))? {
        if let Err(e) = crate::store::body(db, id?) {
            out.tell(None, e.to_string());
        }
    }
    let mut known: BTreeMap<String, BTreeMap<String, Hash>> = BTreeMap::new();
    let mut q = db.prepare(
        "SELECT k.value, p.value, f.sha256 FROM pack_file f
         JOIN text k ON k.id = f.pack JOIN text p ON p.id = f.path",
    )?;
    for row in q.query_map([], |r| Ok((r.get(0)?, r.get(1)?, r.get(2)?)))? {
        let (pack, path, sha): (String, String, Hash) = row?;
        known.entry(pack).or_default().insert(path, sha);
    }
    for (digest, files) in &known {
        if pack_digest(files) != *digest {
            out.tell(None, format!("the files of the pack {digest} were changed"));
        }
    }
    let named: BTreeSet<String> = {
        let mut q = db.prepare("SELECT record FROM entry")?;
        let rows = q.query_map([], |r| r.get::<_, String>(0))?;
        rows.filter_map(|r| serde_json::from_str::<Entry>(&r.ok()?).ok())
            .flat_map(|e| e.packs.into_values())
            .collect()
    };
    for pack in named.iter().filter(|p| !known.contains_key(*p)) {
        out.tell(None, format!("the files of the pack {pack} are missing"));
    }
    Ok(())
}
