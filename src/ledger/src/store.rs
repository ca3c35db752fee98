//! Opening a ledger, and small things that all parts of it need.

use crate::canonical::{Hash, sha256};
use crate::record::{Entry, Listed};
use crate::schema::{APPLICATION, BACKFILL_TABLES, FILE, FIRST, TABLES, VERSION};
use crate::{Append, Error, RunRecord};
use rusqlite::{Connection, OpenFlags, OptionalExtension, params};
use shoseki_model::hex;
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Larger values are worth compressing.
const PACK_FROM: usize = 200;

/// No stored value is larger than this, unpacked.
const VALUE_LIMIT: usize = 1 << 28;

/// A ledger: the file `ledger.sqlite` in a folder.
pub struct Ledger {
    pub(crate) db: Connection,
    path: PathBuf,
}

impl Ledger {
    /// Opens the ledger in `dir`, and begins one where there is none.
    ///
    /// # Errors
    /// A folder or file that cannot be written, and a file that is no ledger.
    pub fn create(dir: &Path) -> Result<Self, Error> {
        fs::create_dir_all(dir).map_err(Error::io(dir))?;
        let path = dir.join(FILE);
        let db = Connection::open_with_flags(
            &path,
            OpenFlags::SQLITE_OPEN_READ_WRITE
                | OpenFlags::SQLITE_OPEN_CREATE
                | OpenFlags::SQLITE_OPEN_NO_MUTEX,
        )?;
        let mut ledger = Self { db, path };
        ledger.settings()?;
        ledger.undamaged("quick_check(1)")?;
        let tx = ledger
            .db
            .transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
        let fresh: i64 = tx.query_row("SELECT count(*) FROM sqlite_schema", [], |r| r.get(0))?;
        if fresh == 0 {
            tx.execute_batch(TABLES)?;
            tx.pragma_update(None, "application_id", APPLICATION)?;
            tx.pragma_update(None, "user_version", FIRST)?;
            tx.commit()?;
        } else {
            drop(tx);
        }
        ledger.is_ours()?;
        Ok(ledger)
    }

    /// Opens the ledger in `dir` to read it. Where an append was broken off and
    /// the folder may be written, what it left half done is taken back.
    ///
    /// # Errors
    /// No ledger there, or a file that is none.
    pub fn open(dir: &Path) -> Result<Self, Error> {
        let path = dir.join(FILE);
        if !path.is_file() {
            return Err(Error::Missing(dir.to_owned()));
        }
        let open = |mode| {
            let db = Connection::open_with_flags(&path, mode | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
            let ledger = Self {
                db,
                path: path.clone(),
            };
            ledger.settings()?;
            ledger.undamaged("quick_check(1)")?;
            ledger.is_ours()?;
            ledger.db.pragma_update(None, "query_only", true)?;
            Ok(ledger)
        };
        match open(OpenFlags::SQLITE_OPEN_READ_WRITE) {
            Err(Error::Sql(_)) => open(OpenFlags::SQLITE_OPEN_READ_ONLY),
            other => other,
        }
    }

    fn settings(&self) -> Result<(), Error> {
        self.db.busy_timeout(Duration::from_secs(30))?;
        // EXTRA brings the directory to the disk too: what was committed stays.
        self.db.pragma_update(None, "synchronous", "EXTRA")?;
        self.db.pragma_update(None, "trusted_schema", false)?;
        self.db.pragma_update(None, "foreign_keys", false)?;
        self.db.pragma_update(None, "cache_size", -65_536)?;
        self.db.set_prepared_statement_cache_capacity(64);
        Ok(())
    }

    /// Has SQLite look through its pages before anything is asked of them: pages
    /// that lead back to themselves have rows without end.
    pub(crate) fn undamaged(&self, pragma: &str) -> Result<(), Error> {
        let sql = format!("PRAGMA {pragma}");
        match self.db.query_row(&sql, [], |r| r.get::<_, String>(0)) {
            Ok(found) if found == "ok" => Ok(()),
            Ok(found) => Err(Error::Damaged(found)),
            // Of a header that SQLite cannot make sense of it says many things.
            Err(e) => Err(match Error::from(e) {
                Error::Sql(e) if !Error::of_the_machine(&e) => Error::Damaged(e.to_string()),
                other => other,
            }),
        }
    }

    /// Holds all that is stored against the heads, as [`Ledger::check`] does, before
    /// anything of it is told or added to.
    ///
    /// # Errors
    /// The first thing that is not as it was written.
    pub fn whole(&self) -> Result<(), Error> {
        let found = self.check(None, None)?;
        let Some(first) = found.problems.first() else {
            return Ok(());
        };
        let entry = first
            .entry
            .map_or_else(String::new, |n| format!("entry {n}: "));
        Err(Error::broken(format!("{entry}{}", first.message)))
    }

    fn is_ours(&self) -> Result<(), Error> {
        let wrong = |message: String| Error::Format {
            path: self.path.clone(),
            message,
        };
        let one = |pragma: &str| {
            self.db
                .pragma_query_value(None, pragma, |r| r.get::<_, i64>(0))
        };
        let application = one("application_id").map_err(|e| wrong(e.to_string()))?;
        if application != APPLICATION {
            return Err(wrong("this is no shoseki ledger".into()));
        }
        let version = one("user_version")?;
        if !(FIRST..=VERSION).contains(&version) {
            return Err(wrong(format!(
                "the ledger has version {version}, this program reads {FIRST} to {VERSION}"
            )));
        }
        self.tables(version > FIRST, &wrong)
    }

    /// Refuses tables that are not ours: in a stranger's file a view or a trigger
    /// could stand in the place of one, and run for ever.
    fn tables(&self, back_filled: bool, wrong: &dyn Fn(String) -> Error) -> Result<(), Error> {
        let ours = Connection::open_in_memory()?;
        ours.execute_batch(TABLES)?;
        if back_filled {
            ours.execute_batch(BACKFILL_TABLES)?;
        }
        let list = |db: &Connection| -> rusqlite::Result<BTreeSet<[Option<String>; 4]>> {
            let mut q = db.prepare("SELECT type, name, tbl_name, sql FROM sqlite_schema")?;
            let rows = q.query_map([], |r| Ok([r.get(0)?, r.get(1)?, r.get(2)?, r.get(3)?]))?;
            rows.collect()
        };
        if list(&self.db)? == list(&ours)? {
            return Ok(());
        }
        Err(wrong(
            "its tables are not those of a ledger; restore the file from a copy".into(),
        ))
    }

    /// The file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Limits the file to so many pages of 4096 bytes, as a full disk would.
    ///
    /// # Errors
    /// What SQLite refuses.
    pub fn limit_pages(&self, pages: u32) -> Result<(), Error> {
        self.db
            .query_row(&format!("PRAGMA max_page_count = {pages}"), [], |_| Ok(()))?;
        Ok(())
    }

    /// Starts to add a run. Nothing is kept before [`Append::commit`].
    ///
    /// # Errors
    /// A run that is not after the last one of each of its accounts.
    pub fn append(&mut self, run: RunRecord) -> Result<Append<'_>, Error> {
        Append::begin(&mut self.db, run)
    }

    /// The entry made from the run with this digest of `run.json`.
    ///
    /// # Errors
    /// A ledger that cannot be read.
    pub fn entry_of(&self, run_sha256: &str) -> Result<Option<Listed>, Error> {
        let Some(sha) = crate::record::unhex(run_sha256) else {
            return Ok(None);
        };
        let found = self
            .db
            .query_row(
                "SELECT record, head FROM entry WHERE run_sha256 = ?1",
                [&sha[..]],
                |r| Ok((r.get::<_, String>(0)?, r.get::<_, Vec<u8>>(1)?)),
            )
            .optional()?;
        found
            .map(|(record, head)| listed(&record, &head))
            .transpose()
    }

    /// All entries in the order in which they were added. Each head is computed
    /// again; what each entry stored is not ([`Ledger::check`] does).
    ///
    /// # Errors
    /// A ledger that cannot be read, and a chain that is broken.
    pub fn entries(&self) -> Result<Vec<Listed>, Error> {
        let mut q = self
            .db
            .prepare("SELECT record, head FROM entry ORDER BY seq")?;
        let rows = q.query_map([], |r| {
            Ok((r.get::<_, String>(0)?, r.get::<_, Vec<u8>>(1)?))
        })?;
        let mut previous: Hash = [0; 32];
        let mut out = Vec::new();
        for row in rows {
            let (record, stored) = row?;
            let of = listed(&record, &stored)?;
            let computed = crate::record::head(&previous, &record);
            if computed[..] != stored[..] || of.entry.seq != out.len() as u64 + 1 {
                return Err(Error::broken(format!(
                    "entry {} does not follow the one before it",
                    of.entry.seq
                )));
            }
            previous = computed;
            out.push(of);
        }
        Ok(out)
    }
}

fn listed(record: &str, head: &[u8]) -> Result<Listed, Error> {
    let entry: Entry = serde_json::from_str(record)
        .map_err(|e| Error::broken(format!("an entry cannot be read: {e}")))?;
    Ok(Listed {
        entry,
        head: hex(head),
    })
}

/// Whether the ledger has the tables of back-fills.
pub(crate) fn has_past(db: &Connection) -> Result<bool, Error> {
    let version: i64 = db.pragma_query_value(None, "user_version", |r| r.get(0))?;
    Ok(version >= VERSION)
}

/// The number of a short text, which is stored once.
pub(crate) fn text(db: &Connection, value: &str) -> Result<i64, Error> {
    let mut q = db.prepare_cached("SELECT id FROM text WHERE value = ?1")?;
    if let Some(id) = q.query_row([value], |r| r.get(0)).optional()? {
        return Ok(id);
    }
    db.prepare_cached("INSERT INTO text (value) VALUES (?1)")?
        .execute([value])?;
    Ok(db.last_insert_rowid())
}

/// The number of a value, which is stored once, by its digest.
pub(crate) fn value(db: &Connection, sha: &Hash, body: &[u8]) -> Result<i64, Error> {
    let mut q = db.prepare_cached("SELECT id FROM value WHERE sha256 = ?1")?;
    if let Some(id) = q.query_row([&sha[..]], |r| r.get(0)).optional()? {
        return Ok(id);
    }
    let packed = if body.len() >= PACK_FROM {
        zstd::bulk::compress(body, 3)
            .ok()
            .filter(|p| p.len() < body.len())
    } else {
        None
    };
    db.prepare_cached("INSERT INTO value (sha256, packed, body) VALUES (?1, ?2, ?3)")?
        .execute(params![
            &sha[..],
            packed.is_some(),
            packed.as_deref().unwrap_or(body)
        ])?;
    Ok(db.last_insert_rowid())
}

/// The bytes of a value, checked against their digest.
pub(crate) fn body(db: &Connection, id: i64) -> Result<Vec<u8>, Error> {
    let mut q = db.prepare_cached("SELECT sha256, packed, body FROM value WHERE id = ?1")?;
    let found = q
        .query_row([id], |r| {
            Ok((
                r.get::<_, Vec<u8>>(0)?,
                r.get::<_, bool>(1)?,
                r.get::<_, Vec<u8>>(2)?,
            ))
        })
        .optional()?;
    let Some((sha, packed, stored)) = found else {
        return Err(Error::broken(format!("value {id} is missing")));
    };
    let bytes = if packed {
        unpack(&stored).map_err(|e| Error::broken(format!("value {id}: {e}")))?
    } else {
        stored
    };
    if sha256(&bytes)[..] == sha[..] {
        Ok(bytes)
    } else {
        Err(Error::broken(format!(
            "value {id} is not what its digest says"
        )))
    }
}

fn unpack(stored: &[u8]) -> std::io::Result<Vec<u8>> {
    use std::io::Read;
    let mut out = Vec::new();
    let decoder = zstd::stream::read::Decoder::with_buffer(stored)?;
    decoder.take(VALUE_LIMIT as u64 + 1).read_to_end(&mut out)?;
    if out.len() > VALUE_LIMIT {
        return Err(std::io::Error::other("it is too large"));
    }
    Ok(out)
}
