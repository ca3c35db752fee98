//! The digest over all that was stored for an entry.

use crate::canonical::Hash;
use crate::{Error, coverage, store};
use rusqlite::Connection;
use serde::Serialize;
use sha2::{Digest, Sha256};
use shoseki_model::hex;

/// Hashes lines of compact JSON, each ended by a newline.
#[derive(Default)]
struct Lines {
    hash: Sha256,
    line: Vec<u8>,
}

impl Lines {
    fn push(&mut self, line: &impl Serialize) -> Result<(), Error> {
        self.line.clear();
        serde_json::to_writer(&mut self.line, line)?;
        self.line.push(b'\n');
        self.hash.update(&self.line);
        Ok(())
    }
}

/// SHA-256 over the lines of entry `seq`, read back from the tables: what was
/// covered, what changed of findings, what changed of controls.
pub(crate) fn digest(db: &Connection, seq: i64) -> Result<Hash, Error> {
    let mut lines = Lines::default();
    covered(db, seq, &mut lines)?;
    findings(db, seq, &mut lines)?;
    controls(db, seq, &mut lines)?;
    past(db, seq, &mut lines)?;
    Ok(lines.hash.finalize().into())
}

fn covered(db: &Connection, seq: i64, lines: &mut Lines) -> Result<(), Error> {
    let mut scope = db.prepare_cached(
        "SELECT r.value, g.value, a.value FROM scope s JOIN text r ON r.id = s.rule
         JOIN text g ON g.id = s.region JOIN text a ON a.id = s.account WHERE s.id = ?1",
    )?;
    let mut q = db.prepare_cached(
        "SELECT a.value, c.coverage FROM covered c JOIN text a ON a.id = c.account
         WHERE c.seq = ?1 ORDER BY a.value",
    )?;
    let rows = q
        .query_map([seq], |r| {
            Ok((r.get::<_, String>(0)?, r.get::<_, Option<i64>>(1)?))
        })?
        .collect::<Result<Vec<_>, _>>()?;
    for (account, id) in rows {
        lines.push(&("account", &account))?;
        let Some(id) = id else { continue };
        for (s, whole) in coverage::unpack(&store::body(db, id)?)? {
            let (rule, region, of) = scope.query_row([s], |r| {
                Ok((
                    r.get::<_, String>(0)?,
                    r.get::<_, String>(1)?,
                    r.get::<_, String>(2)?,
                ))
            })?;
            if of != account {
                return Err(Error::broken(format!(
                    "entry {seq} covers a scope of another account"
                )));
            }
            lines.push(&("covered", rule, region, whole))?;
        }
    }
    Ok(())
}

fn findings(db: &Connection, seq: i64, lines: &mut Lines) -> Result<(), Error> {
    let mut q = db.prepare_cached(
        "SELECT s.finding, ru.value, sr.value, t.value, a.value, g.value, r.ident, r.name,
                st.verdict, st.severity, o.sha256, x.sha256
         FROM change c
         JOIN series s ON s.id = c.series
         JOIN scope sc ON sc.id = s.scope
         JOIN text ru ON ru.id = sc.rule
         JOIN text sr ON sr.id = sc.region
         JOIN resource r ON r.id = s.resource
         JOIN text t ON t.id = r.type
         JOIN text a ON a.id = r.account
         JOIN text g ON g.id = r.region
         LEFT JOIN state st ON st.id = c.state
         LEFT JOIN value o ON o.id = st.observed
         LEFT JOIN value x ON x.id = st.excepted
         WHERE c.seq = ?1 ORDER BY s.finding, sr.value",
    )?;
    let mut rows = q.query([seq])?;
    while let Some(r) = rows.next()? {
        let s = |i: usize| r.get::<_, String>(i);
        let optional = |i: usize| r.get::<_, Option<String>>(i);
        let sha = |i: usize| -> rusqlite::Result<Option<String>> {
            Ok(r.get::<_, Option<Vec<u8>>>(i)?.map(|b| hex(&b)))
        };
        let finding = hex(&r.get::<_, Vec<u8>>(0)?);
        lines.push(&(
            "finding",
            format!("f{finding}"),
            s(1)?,
            s(2)?,
            [s(3)?, s(6)?, s(7)?, s(4)?, s(5)?],
            optional(8)?,
            optional(9)?,
            sha(10)?,
            sha(11)?,
        ))?;
    }
    Ok(())
}

fn controls(db: &Connection, seq: i64, lines: &mut Lines) -> Result<(), Error> {
    let mut q = db.prepare_cached(
        "SELECT c.control, v.sha256 FROM control_change h
         JOIN control c ON c.id = h.control LEFT JOIN value v ON v.id = h.state
         WHERE h.seq = ?1 ORDER BY c.control",
    )?;
    let mut rows = q.query([seq])?;
    while let Some(r) = rows.next()? {
        let sha = r.get::<_, Option<Vec<u8>>>(1)?.map(|b| hex(&b));
        lines.push(&("control", r.get::<_, String>(0)?, sha))?;
    }
    Ok(())
}

/// What a back-fill stored.
fn past(db: &Connection, seq: i64, lines: &mut Lines) -> Result<(), Error> {
    if !store::has_past(db)? {
        return Ok(());
    }
    let mut q = db.prepare_cached(
        "SELECT s.finding, ru.value, sr.value, t.value, r.ident, r.name, a.value, g.value,
                p.since, p.until, p.captured, p.status, st.verdict, st.severity, o.sha256
         FROM past p
         JOIN series s ON s.id = p.series
         JOIN scope sc ON sc.id = s.scope
         JOIN text ru ON ru.id = sc.rule
         JOIN text sr ON sr.id = sc.region
         JOIN resource r ON r.id = s.resource
         JOIN text t ON t.id = r.type
         JOIN text a ON a.id = r.account
         JOIN text g ON g.id = r.region
         LEFT JOIN state st ON st.id = p.state
         LEFT JOIN value o ON o.id = st.observed
         WHERE p.seq = ?1 ORDER BY s.finding, sr.value, p.since",
    )?;
    let mut rows = q.query([seq])?;
    while let Some(r) = rows.next()? {
        let s = |i: usize| r.get::<_, String>(i);
        let n = |i: usize| r.get::<_, i64>(i);
        let optional = |i: usize| r.get::<_, Option<String>>(i);
        let sha = r.get::<_, Option<Vec<u8>>>(14)?.map(|b| hex(&b));
        let finding = hex(&r.get::<_, Vec<u8>>(0)?);
        lines.push(&(
            "backfill",
            format!("f{finding}"),
            s(1)?,
            s(2)?,
            [s(3)?, s(4)?, s(5)?, s(6)?, s(7)?],
            [n(8)?, n(9)?, n(10)?],
            s(11)?,
            optional(12)?,
            optional(13)?,
            sha,
        ))?;
    }
    let mut q = db.prepare_cached(
        "SELECT account, region, type, resource, since, until, cause FROM past_gap
         WHERE seq = ?1 ORDER BY id",
    )?;
    let mut rows = q.query([seq])?;
    while let Some(r) = rows.next()? {
        let s = |i: usize| r.get::<_, String>(i);
        let (since, until): (i64, i64) = (r.get(4)?, r.get(5)?);
        let resource = r.get::<_, Option<String>>(3)?;
        let gap = (
            "backfill-gap",
            s(0)?,
            s(1)?,
            s(2)?,
            resource,
            [since, until],
            s(6)?,
        );
        lines.push(&gap)?;
    }
    Ok(())
}
