//! What lies in a run directory, and the leaves that its Merkle tree has.
//!
//! A leaf is a line of text. First the files in the order of their paths' bytes,
//! `file <path> <bytes> <sha256 of the bytes as stored>`; then the records of
//! each file of records, in the order of [`Kind::ALL`] and of their lines, the
//! first line not counted: `record <file> <sha256 of the line without its end>`.

use super::error::Error;
use super::manifest::{Entry, Tree};
use super::merkle::{self, Hash};
use super::redact::DISCLOSED;
use super::{BUNDLE, ENVELOPE, MANIFEST, STAMP};
use crate::check::Problem;
use crate::files::Kind;
use crate::limits::{self, LONGEST};
use sha2::{Digest, Sha256};
use shoseki_model::{digest, hex};
use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{BufRead, Read};
use std::path::Path;

/// No record is shorter, so that a tree never outgrows the records under it.
const SHORTEST: usize = 20;

/// A run directory, read through once.
#[derive(Debug)]
pub struct Survey {
    /// All files but those of the seal, by path.
    pub files: Vec<Entry>,
    /// Records of each kind, in the order of [`Kind::ALL`].
    pub records: [u64; 8],
    /// The tree.
    pub tree: merkle::Tree,
    /// What cannot be read; the tree is then not that of a whole run.
    pub problems: Vec<Problem>,
}

/// The leaf of a file.
pub fn file_leaf(e: &Entry) -> Hash {
    merkle::leaf(format!("file {} {} {}", e.path, e.bytes, e.sha256).as_bytes())
}

/// The leaf of a record, its line without the end.
pub fn record_leaf(kind: Kind, line: &[u8]) -> Hash {
    merkle::leaf(format!("record {} {}", kind.file(), digest(line)).as_bytes())
}

impl Survey {
    /// Reads every file below `dir`.
    pub fn of(dir: &Path) -> Result<Self, Error> {
        let mut problems = Vec::new();
        let mut paths = Vec::new();
        walk(dir, "", &mut paths, &mut problems)?;
        paths.retain(|p| !matches!(p.as_str(), MANIFEST | ENVELOPE | STAMP | BUNDLE | DISCLOSED));
        paths.sort();
        let mut files = Vec::with_capacity(paths.len());
        for path in paths {
            files.push(entry(dir, path)?);
        }
        let mut leaves: Vec<Hash> = files.iter().map(file_leaf).collect();
        let mut records = [0; 8];
        for kind in Kind::ALL {
            let before = leaves.len();
            let read = each_line(dir, kind, &mut |line| {
                leaves.push(record_leaf(kind, line));
                Ok(())
            });
            if let Err(e) = read {
                problems.push(Problem {
                    file: kind.file().to_owned(),
                    message: e.to_string(),
                });
            }
            records[kind.index()] = (leaves.len() - before) as u64;
        }
        Ok(Self {
            files,
            records,
            tree: merkle::Tree::new(leaves),
            problems,
        })
    }

    /// What the manifest says of the tree.
    pub fn summary(&self) -> Tree {
        let records = Kind::ALL
            .iter()
            .map(|k| (k.file().to_owned(), self.records[k.index()]));
        Tree {
            scheme: super::manifest::SCHEME.to_owned(),
            leaves: self.tree.len(),
            files: self.files.len() as u64,
            records: records.collect::<BTreeMap<_, _>>(),
            root: hex(&self.tree.root()),
        }
    }

    /// The leaf of the first record of a kind.
    pub fn first(&self, kind: Kind) -> u64 {
        self.files.len() as u64 + self.records[..kind.index()].iter().sum::<u64>()
    }
}

/// Names that a run may have: nothing that could leave its directory or that a
/// shell or a terminal would take for something else.
pub(super) fn sound_path(path: &str) -> bool {
    path.len() <= 100
        && path.split('/').all(|part| {
            !part.is_empty()
                && !part.starts_with(['.', '-'])
                && part
                    .bytes()
                    .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'-'))
        })
}

fn walk(
    dir: &Path,
    below: &str,
    out: &mut Vec<String>,
    problems: &mut Vec<Problem>,
) -> Result<(), Error> {
    for e in fs::read_dir(dir).map_err(Error::io(dir))? {
        let e = e.map_err(Error::io(dir))?;
        let kind = e.file_type().map_err(Error::io(&e.path()))?;
        let name = e.file_name();
        let path = format!("{below}{}", name.to_string_lossy());
        let wrong = if !sound_path(&path) || name.to_str().is_none() {
            "a run has no file of such a name"
        } else if kind.is_dir() {
            walk(&e.path(), &format!("{path}/"), out, problems)?;
            continue;
        } else if !kind.is_file() {
            "this is neither a file nor a directory"
        } else {
            out.push(path);
            continue;
        };
        problems.push(Problem {
            file: path,
            message: wrong.to_owned(),
        });
    }
    Ok(())
}

/// Size and digest of a file.
pub(super) fn entry(dir: &Path, path: String) -> Result<Entry, Error> {
    let full = dir.join(&path);
    let mut file = File::open(&full).map_err(Error::io(&full))?;
    let (mut hash, mut bytes) = (Sha256::new(), 0);
    let mut buffer = vec![0; 1 << 16];
    loop {
        let n = file.read(&mut buffer).map_err(Error::io(&full))?;
        if n == 0 {
            break;
        }
        hash.update(&buffer[..n]);
        bytes += n as u64;
    }
    Ok(Entry {
        path,
        bytes,
        sha256: hex(&hash.finalize()),
    })
}

/// The lines of a file of records, without their ends and without the first.
pub(super) fn each_line(
    dir: &Path,
    kind: Kind,
    take: &mut dyn FnMut(&[u8]) -> Result<(), Error>,
) -> Result<(), Error> {
    let path = dir.join(kind.file());
    let mut reader = limits::open(&path, kind.compressed())?;
    let header = format!("{{\"format\":\"{}\"}}", kind.format());
    let (mut line, mut n) = (Vec::new(), 0_u64);
    loop {
        line.clear();
        n += 1;
        let wrong = |message: &str| Error::unsound(&path, format!("line {n}: {message}"));
        (&mut reader)
            .take(LONGEST + 1)
            .read_until(b'\n', &mut line)
            .map_err(|e| wrong(&format!("the file is cut or damaged: {e}")))?;
        match line.pop() {
            None if n == 1 => return Err(wrong("the file is empty")),
            None => return Ok(()),
            Some(b'\n') if n == 1 && line != header.as_bytes() => {
                return Err(wrong(&format!("it should be {header}")));
            }
            Some(b'\n') if n == 1 => {}
            Some(b'\n') if line.len() < SHORTEST => return Err(wrong("this is no record")),
            Some(b'\n') => take(&line)?,
            Some(_) => return Err(wrong("the file ends inside this line, or it is too long")),
        }
    }
}
