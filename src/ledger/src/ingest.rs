//! A run directory into the ledger.

use crate::{Appended, Error, Ledger, RunRecord};
use sha2::{Digest, Sha256};
use shoseki_evidence::{Kind, Run};
use shoseki_model::{ResourceRef, hex};
use std::collections::HashMap;
use std::fs::{self, File};
use std::io::Read;
use std::path::Path;

/// The files that the ledger reads of a run.
const READ: [Kind; 5] = [
    Kind::Resources,
    Kind::Findings,
    Kind::Tallies,
    Kind::Standings,
    Kind::Pack,
];

/// Those of a back-fill.
const READ_BACKFILL: [Kind; 2] = [Kind::History, Kind::Pack];

impl Ledger {
    /// Adds the finished run in `dir`. The files that are read must be those
    /// that `run.json` lists. A run that is there already changes nothing.
    ///
    /// # Errors
    /// A run that is not finished, not sound, or not later than the last one of
    /// its accounts; a full disk. Nothing is kept then.
    pub fn add(&mut self, dir: &Path) -> Result<Appended, Error> {
        let run = Run::open(dir)?;
        let path = dir.join("run.json");
        let bytes = fs::read(&path).map_err(Error::io(&path))?;
        let run_sha256 = shoseki_model::digest(&bytes);
        if let Some(there) = self.entry_of(&run_sha256)? {
            return Ok(Appended::AlreadyThere(there));
        }
        let name = name_of(dir)?;
        let backfill = run.file().info.backfill.clone();
        unchanged(
            &run,
            &name,
            if backfill.is_some() {
                &READ_BACKFILL
            } else {
                &READ
            },
        )?;
        let file = run.file();
        let record = RunRecord {
            run: name,
            run_sha256,
            started: file.info.started.clone(),
            ended: file.info.ended.clone(),
            judged_at: file.info.judged_at.clone(),
            outcome: file.outcome,
            edition: file.info.edition.clone(),
            targets: file.info.targets.clone(),
            rules: file.info.selection.rules.clone(),
            controls: file.info.selection.controls.clone(),
            packs: file.packs.clone(),
            backfill: backfill.clone(),
        };
        let scopes = scopes(&run)?;
        let mut append = self.append(record)?;
        if backfill.is_some() {
            for p in run.past()? {
                append.past(&p?)?;
            }
        }
        for t in run.tallies()? {
            append.cover(&t?)?;
        }
        for f in run.findings()? {
            let f = f?;
            let key = resource_key(&f.resource);
            // A finding without its resource has no tally of this name either.
            let scope = scopes.get(&key).map_or("", String::as_str);
            append.finding(&f, scope)?;
        }
        for s in run.standings()? {
            append.standing(&s?)?;
        }
        for p in run.pack()? {
            let p = p?;
            append.pack_file(&p.path, Sha256::digest(p.text.as_bytes()).into());
        }
        Ok(Appended::New(append.commit()?))
    }
}

/// The name of a run directory, also where it is given as `.`.
fn name_of(dir: &Path) -> Result<String, Error> {
    let whole = dir.canonicalize().map_err(Error::io(dir))?;
    Ok(whole
        .file_name()
        .map_or_else(String::new, |n| n.to_string_lossy().into_owned()))
}

fn resource_key(r: &ResourceRef) -> [u8; 16] {
    let mut h = Sha256::new();
    for part in [&r.r#type, &r.id, &r.account, &r.region] {
        h.update((part.len() as u64).to_be_bytes());
        h.update(part.as_bytes());
    }
    let mut out = [0; 16];
    out.copy_from_slice(&h.finalize()[..16]);
    out
}

/// The population that counts each resource.
fn scopes(run: &Run) -> Result<HashMap<[u8; 16], String>, Error> {
    let mut out = HashMap::new();
    for r in run.resources()? {
        let r = r?;
        let of = ResourceRef {
            r#type: r.r#type,
            id: r.id,
            name: r.name,
            account: r.account,
            region: r.region,
        };
        out.insert(resource_key(&of), r.scope);
    }
    Ok(out)
}

/// Whether the files that are read are those of `run.json`.
fn unchanged(run: &Run, name: &str, read: &[Kind]) -> Result<(), Error> {
    for kind in read {
        let path = run.dir().join(kind.file());
        let listed = run.file().files.iter().find(|f| f.path == kind.file());
        let mut file = File::open(&path).map_err(Error::io(&path))?;
        let mut hash = Sha256::new();
        let mut buffer = vec![0; 1 << 16];
        loop {
            let n = file.read(&mut buffer).map_err(Error::io(&path))?;
            if n == 0 {
                break;
            }
            hash.update(&buffer[..n]);
        }
        if listed.is_none_or(|f| f.sha256 != hex(&hash.finalize())) {
            return Err(Error::Unsound {
                run: name.to_owned(),
                message: format!("{} is not the file that run.json lists", kind.file()),
            });
        }
    }
    Ok(())
}
