//! Writing a run while it goes on.

use crate::error::Error;
use crate::files::{Kind, PackFile, RUN_FILE, RUN_FORMAT, answer_path, is_digest};
use crate::info::{Answers, Counts, FileEntry, Outcome, RunFile, RunInfo};
use crate::stream::{LEVEL, Stream};
use serde::Serialize;
use shoseki_model::{Exchange, Finding, Gap, Past, Population, Resource, Standing, Tally, digest};
use std::collections::{BTreeMap, HashSet};
use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};
use zstd::bulk::Compressor;

/// Writes a run directory. All methods may be called from several threads; the
/// first error gives the run up, and every later call tells it again.
pub struct RunWriter {
    dir: PathBuf,
    streams: [Mutex<Option<Stream>>; 9],
    backfill: bool,
    answers: Mutex<Stored>,
    compressor: Mutex<Compressor<'static>>,
    state: Mutex<State>,
    given_up: OnceLock<String>,
}

#[derive(Default)]
struct Stored {
    known: HashSet<String>,
    total: Answers,
}

#[derive(Default)]
struct State {
    counts: Counts,
    packs: Packs,
    /// Whether any answer reached a resource or ended a population.
    seen: bool,
}

/// Digests of files by pack and path.
#[derive(Default)]
pub(crate) struct Packs(BTreeMap<String, BTreeMap<String, String>>);

impl Packs {
    pub(crate) fn add(&mut self, file: &PackFile) {
        let pack = file.path.split('/').next().unwrap_or_default();
        let files = self.0.entry(pack.to_owned()).or_default();
        files.insert(file.path.clone(), digest(file.text.as_bytes()));
    }

    pub(crate) fn digests(&self) -> BTreeMap<String, String> {
        let one = |files: &BTreeMap<String, String>| {
            let lines: String = files.iter().map(|(p, d)| format!("{d}  {p}\n")).collect();
            digest(lines.as_bytes())
        };
        self.0.iter().map(|(n, f)| (n.clone(), one(f))).collect()
    }
}

fn lock<T>(m: &Mutex<T>) -> MutexGuard<'_, T> {
    m.lock().unwrap_or_else(PoisonError::into_inner)
}

impl RunWriter {
    /// Starts a run in `dir`, which must not exist or be empty.
    pub fn create(dir: &Path) -> Result<Self, Error> {
        Self::begin(dir, false)
    }

    /// Starts a back-fill: a run that keeps earlier states besides.
    pub fn create_backfill(dir: &Path) -> Result<Self, Error> {
        Self::begin(dir, true)
    }

    fn begin(dir: &Path, backfill: bool) -> Result<Self, Error> {
        fs::create_dir_all(dir).map_err(Error::io(dir))?;
        if fs::read_dir(dir).map_err(Error::io(dir))?.next().is_some() {
            return Err(Error::Exists(dir.to_owned()));
        }
        let answers = dir.join("answers");
        fs::create_dir(&answers).map_err(Error::io(&answers))?;
        let mut streams: [Mutex<Option<Stream>>; 9] = Default::default();
        for kind in Kind::of(backfill) {
            streams[kind.index()] = Mutex::new(Some(Stream::create(dir, kind, "")?));
        }
        Ok(Self {
            dir: dir.to_owned(),
            streams,
            backfill,
            answers: Mutex::default(),
            compressor: Mutex::new(Compressor::new(LEVEL).map_err(Error::io(dir))?),
            state: Mutex::default(),
            given_up: OnceLock::new(),
        })
    }

    /// The directory.
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// Why the run was given up, if it was: the scan should be stopped then.
    pub fn given_up(&self) -> Option<&str> {
        self.given_up.get().map(String::as_str)
    }

    /// Runs a step unless given up; an error gives up.
    fn step<T>(&self, step: impl FnOnce() -> Result<T, Error>) -> Result<T, Error> {
        if let Some(why) = self.given_up.get() {
            return Err(Error::GivenUp(why.clone()));
        }
        step().inspect_err(|e| {
            // Only the first reason counts.
            let _ = self.given_up.set(e.to_string());
        })
    }

    fn push<T: Serialize>(
        &self,
        kind: Kind,
        record: &T,
        note: impl FnOnce(&mut State),
    ) -> Result<(), Error> {
        self.step(|| {
            match lock(&self.streams[kind.index()]).as_mut() {
                Some(s) => s.push(record)?,
                None => return Err(Error::GivenUp("it is finished already".to_owned())),
            }
            note(&mut lock(&self.state));
            Ok(())
        })
    }

    /// Keeps an exchange and the bytes of its answer, these once however often
    /// they come. `body` must be what `exchange.answer` digests.
    pub fn record(&self, exchange: &Exchange, body: Option<&[u8]>) -> io::Result<()> {
        self.step(|| match (&exchange.answer, body) {
            (Some(answer), Some(body)) => self.store(&answer.sha256, body),
            (None, None) => Ok(()),
            _ => {
                let why = "an exchange must come with the bytes that it digests";
                Err(Error::io(&self.dir)(io::Error::new(
                    io::ErrorKind::InvalidInput,
                    why,
                )))
            }
        })?;
        Ok(self.push(Kind::Exchanges, exchange, |s| s.counts.exchanges += 1)?)
    }

    fn store(&self, sha256: &str, body: &[u8]) -> Result<(), Error> {
        let path = answer_path(&self.dir, sha256);
        crate::limits::fits(body).map_err(Error::io(&path))?;
        let found = digest(body);
        if found != sha256 || !is_digest(sha256) {
            return Err(Error::Digest { path, found });
        }
        {
            let mut stored = lock(&self.answers);
            if !stored.known.insert(found) {
                return Ok(());
            }
            stored.total.count += 1;
            stored.total.bytes += body.len() as u64;
        }
        let packed = lock(&self.compressor)
            .compress(body)
            .map_err(Error::io(&path))?;
        let mut file = match File::create_new(&path) {
            Err(e) if e.kind() == io::ErrorKind::NotFound => {
                let folder = path.parent().unwrap_or(&self.dir);
                fs::create_dir_all(folder).map_err(Error::io(folder))?;
                File::create_new(&path).map_err(Error::io(&path))?
            }
            other => other.map_err(Error::io(&path))?,
        };
        file.write_all(&packed).map_err(Error::io(&path))
    }

    /// Keeps a resource.
    pub fn resource(&self, r: &Resource) -> Result<(), Error> {
        let seen = r.sources.values().any(|s| !s.is_empty());
        self.push(Kind::Resources, r, |s| {
            s.counts.resources += 1;
            s.seen |= seen;
        })
    }

    /// Keeps a gap.
    pub fn gap(&self, g: &Gap) -> Result<(), Error> {
        self.push(Kind::Gaps, g, |s| s.counts.gaps += 1)
    }

    /// Keeps a population.
    pub fn population(&self, p: &Population) -> Result<(), Error> {
        self.push(Kind::Populations, p, |s| {
            s.counts.populations.all += 1;
            s.counts.populations.complete += u64::from(p.complete);
            s.seen |= p.complete && !p.query.is_empty();
        })
    }

    /// Keeps a finding.
    pub fn finding(&self, f: &Finding) -> Result<(), Error> {
        self.push(Kind::Findings, f, |s| {
            s.counts.findings.add(f.verdict, f.excepted.is_some())
        })
    }

    /// Keeps a tally.
    pub fn tally(&self, t: &Tally) -> Result<(), Error> {
        self.push(Kind::Tallies, t, |_| ())
    }

    /// Keeps a standing.
    pub fn standing(&self, s: &Standing) -> Result<(), Error> {
        self.push(Kind::Standings, s, |_| ())
    }

    /// Keeps a line of a back-fill.
    pub fn past(&self, p: &Past) -> Result<(), Error> {
        let seen = match p {
            Past::Asked(s) => s.complete,
            Past::State(_) => true,
            Past::Gap(_) => false,
        };
        self.push(Kind::History, p, |s| s.seen |= seen)
    }

    /// Keeps a collector, rule, mapping or catalogue file as it was used:
    /// `rules/aws/s3/x.yaml` and its text.
    pub fn pack(&self, path: &str, text: &str) -> Result<(), Error> {
        let file = PackFile {
            path: path.to_owned(),
            text: text.to_owned(),
        };
        self.push(Kind::Pack, &file, |s| s.packs.add(&file))
    }

    /// Ends the run: brings all files to the disk, then writes `run.json`.
    /// `cancelled`: the scan was stopped before its end.
    pub fn finish(&self, info: RunInfo, cancelled: bool) -> Result<RunFile, Error> {
        self.step(|| {
            let mut files = Vec::with_capacity(Kind::ALL.len());
            for kind in Kind::of(self.backfill) {
                let stream = lock(&self.streams[kind.index()]).take();
                let Some(stream) = stream else {
                    return Err(Error::GivenUp("it is finished already".to_owned()));
                };
                files.push(stream.finish()?);
            }
            let answers = lock(&self.answers).total;
            let state = lock(&self.state);
            let c = state.counts;
            let outcome = if cancelled {
                Outcome::Cancelled
            } else if !state.seen {
                Outcome::NothingRead
            } else if c.gaps > 0 || c.populations.complete < c.populations.all {
                Outcome::Incomplete
            } else {
                Outcome::Complete
            };
            let run = RunFile {
                format: RUN_FORMAT.to_owned(),
                outcome,
                info,
                rejudged: false,
                packs: state.packs.digests(),
                counts: c,
                files,
                answers,
            };
            write_run_file(&self.dir, &run)?;
            Ok(run)
        })
    }
}

/// Writes `run.json` under another name, brings it to the disk, and renames it.
pub(crate) fn write_run_file(dir: &Path, run: &RunFile) -> Result<(), Error> {
    let temporary = dir.join(format!("{RUN_FILE}.new"));
    let io = |e| Error::io(&temporary)(e);
    let mut text = serde_json::to_vec_pretty(run).map_err(|e| io(e.into()))?;
    text.push(b'\n');
    let mut file = File::create(&temporary).map_err(io)?;
    file.write_all(&text).map_err(io)?;
    file.sync_all().map_err(io)?;
    fs::rename(&temporary, dir.join(RUN_FILE)).map_err(io)?;
    sync_dir(dir)
}

/// Makes renames in `dir` last.
pub(crate) fn sync_dir(dir: &Path) -> Result<(), Error> {
    // Only Unix lets a directory be opened and synchronised.
    if cfg!(unix) {
        File::open(dir)
            .and_then(|d| d.sync_all())
            .map_err(Error::io(dir))?;
    }
    Ok(())
}

/// The entry of a file that was written anew.
pub(crate) fn replace(files: &mut Vec<FileEntry>, entry: FileEntry) {
    match files.iter_mut().find(|f| f.path == entry.path) {
        Some(old) => *old = entry,
        None => files.push(entry),
    }
}
