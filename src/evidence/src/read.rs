//! Reading a run back.

use crate::error::Error;
use crate::files::{
    Header, Kind, PackFile, RUN_BEFORE, RUN_FILE, RUN_FORMAT, answer_path, is_digest,
};
use crate::info::RunFile;
use crate::limits;
use serde::de::DeserializeOwned;
use shoseki_model::{Exchange, Finding, Gap, Past, Population, Resource, Standing, Tally, digest};
use std::collections::{HashMap, HashSet};
use std::fs::{self, File};
use std::io::{BufRead, Read};
use std::marker::PhantomData;
use std::path::{Path, PathBuf};

/// A finished run.
#[derive(Clone, Debug)]
pub struct Run {
    dir: PathBuf,
    file: RunFile,
    /// Whether judging again was broken off.
    interrupted: bool,
}

impl Run {
    /// Opens the run in `dir`. Only `run.json` is read; digests are checked by
    /// [`Run::check`].
    pub fn open(dir: &Path) -> Result<Self, Error> {
        let path = dir.join(RUN_FILE);
        if !path.exists() {
            let before = dir.join(RUN_BEFORE).exists();
            return Err(if before {
                Error::Interrupted(dir.to_owned())
            } else {
                Error::Unfinished(dir.to_owned())
            });
        }
        Self::from_file(dir, &path)
    }

    /// As [`Run::open`], and also a run of which judging again was broken off.
    pub fn open_to_judge(dir: &Path) -> Result<Self, Error> {
        match Self::open(dir) {
            Err(Error::Interrupted(_)) => Ok(Self {
                interrupted: true,
                ..Self::from_file(dir, &dir.join(RUN_BEFORE))?
            }),
            other => other,
        }
    }

    fn from_file(dir: &Path, path: &Path) -> Result<Self, Error> {
        let text = fs::read(path).map_err(Error::io(path))?;
        let line = |e: serde_json::Error| Error::Line {
            path: path.to_owned(),
            line: e.line() as u64,
            message: e.to_string(),
        };
        let header: Header = serde_json::from_slice(&text).map_err(line)?;
        if header.format != RUN_FORMAT {
            return Err(Error::Format {
                path: path.to_owned(),
                found: header.format,
                expected: RUN_FORMAT.to_owned(),
            });
        }
        let file = serde_json::from_slice(&text).map_err(line)?;
        Ok(Self {
            dir: dir.to_owned(),
            file,
            interrupted: false,
        })
    }

    /// The directory.
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// What `run.json` says.
    pub fn file(&self) -> &RunFile {
        &self.file
    }

    /// The records of a file, as many as `run.json` says: a file that ends early
    /// is an error, for the records that it lacks would be missed by nobody.
    fn lines<T: DeserializeOwned>(&self, kind: Kind) -> Result<Lines<T>, Error> {
        let mut lines = Lines::open(&self.dir, kind)?;
        let entry = self.file.files.iter().find(|f| f.path == kind.file());
        // Where judging was broken off, some of its files are new already.
        let replaced = self.interrupted && Kind::JUDGED.contains(&kind);
        lines.expected = entry.map(|f| f.records).filter(|_| !replaced);
        Ok(lines)
    }

    /// The exchanges, one after the other.
    pub fn exchanges(&self) -> Result<Lines<Exchange>, Error> {
        self.lines(Kind::Exchanges)
    }

    /// The resources.
    pub fn resources(&self) -> Result<Lines<Resource>, Error> {
        self.lines(Kind::Resources)
    }

    /// The gaps.
    pub fn gaps(&self) -> Result<Lines<Gap>, Error> {
        self.lines(Kind::Gaps)
    }

    /// The populations.
    pub fn populations(&self) -> Result<Lines<Population>, Error> {
        self.lines(Kind::Populations)
    }

    /// The findings.
    pub fn findings(&self) -> Result<Lines<Finding>, Error> {
        self.lines(Kind::Findings)
    }

    /// The tallies.
    pub fn tallies(&self) -> Result<Lines<Tally>, Error> {
        self.lines(Kind::Tallies)
    }

    /// The standings.
    pub fn standings(&self) -> Result<Lines<Standing>, Error> {
        self.lines(Kind::Standings)
    }

    /// The data files that were used.
    pub fn pack(&self) -> Result<Lines<PackFile>, Error> {
        self.lines(Kind::Pack)
    }

    /// The lines of a back-fill; of other runs an error.
    pub fn past(&self) -> Result<Lines<Past>, Error> {
        self.lines(Kind::History)
    }

    /// The exchanges with these ids. Where the same was asked several times, the
    /// last.
    pub fn exchanges_by_id(&self, ids: &HashSet<&str>) -> Result<HashMap<String, Exchange>, Error> {
        let mut out = HashMap::with_capacity(ids.len());
        for x in self.exchanges()? {
            let x = x?;
            if ids.contains(x.id.as_str()) {
                out.insert(x.id.clone(), x);
            }
        }
        Ok(out)
    }

    /// The exchange with this id.
    pub fn exchange(&self, id: &str) -> Result<Option<Exchange>, Error> {
        Ok(self.exchanges_by_id(&HashSet::from([id]))?.remove(id))
    }

    /// The bytes of an answer, checked against their digest.
    pub fn answer(&self, sha256: &str) -> Result<Vec<u8>, Error> {
        let path = answer_path(&self.dir, sha256);
        if !is_digest(sha256) {
            let e = std::io::Error::new(std::io::ErrorKind::InvalidInput, "this is no digest");
            return Err(Error::io(&path)(e));
        }
        let file = File::open(&path).map_err(Error::io(&path))?;
        let bytes = limits::answer(file).map_err(Error::io(&path))?;
        let found = digest(&bytes);
        if found == sha256 {
            Ok(bytes)
        } else {
            Err(Error::Digest { path, found })
        }
    }
}

/// The records of a file, one at a time.
pub struct Lines<T> {
    path: PathBuf,
    reader: Box<dyn BufRead + Send>,
    line: u64,
    buffer: Vec<u8>,
    /// Nothing more is to be read.
    broken: bool,
    /// Records that there must be, where that is known.
    expected: Option<u64>,
    of: PhantomData<fn() -> T>,
}

impl<T: DeserializeOwned> Lines<T> {
    pub(crate) fn open(dir: &Path, kind: Kind) -> Result<Self, Error> {
        let path = dir.join(kind.file());
        let reader = limits::open(&path, kind.compressed())?;
        let mut lines = Self {
            path,
            reader,
            line: 0,
            buffer: Vec::new(),
            broken: false,
            expected: None,
            of: PhantomData,
        };
        let found = match lines.read::<Header>() {
            Some(h) => h?.format,
            None => String::new(),
        };
        if found != kind.format() {
            return Err(Error::Format {
                path: lines.path,
                found,
                expected: kind.format().to_owned(),
            });
        }
        Ok(lines)
    }

    fn read<U: DeserializeOwned>(&mut self) -> Option<Result<U, Error>> {
        if self.broken {
            return None;
        }
        self.buffer.clear();
        self.line += 1;
        let wrong = |message: String| Error::Line {
            path: self.path.clone(),
            line: self.line,
            message,
        };
        let result = match (&mut self.reader)
            .take(limits::LONGEST + 1)
            .read_until(b'\n', &mut self.buffer)
        {
            Ok(0) => match self.expected {
                // The first line is no record, and this one is not there.
                Some(n) if self.line != n + 2 => Err(wrong(format!(
                    "the file has {} records, run.json says {n}",
                    self.line.saturating_sub(2)
                ))),
                _ => {
                    self.broken = true;
                    return None;
                }
            },
            Ok(_) if self.buffer.last() != Some(&b'\n') => Err(wrong(
                "the file ends inside this line, or it is too long".to_owned(),
            )),
            Ok(_) => serde_json::from_slice(&self.buffer).map_err(|e| wrong(e.to_string())),
            Err(e) => Err(wrong(format!("the file is cut or damaged: {e}"))),
        };
        self.broken = result.is_err();
        Some(result)
    }
}

impl<T> Lines<T> {
    /// The bytes of the line that was read last, without its newline: what a seal
    /// digests.
    pub fn text(&self) -> &[u8] {
        self.buffer.strip_suffix(b"\n").unwrap_or(&self.buffer)
    }
}

impl<T: DeserializeOwned> Iterator for Lines<T> {
    type Item = Result<T, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        self.read()
    }
}
