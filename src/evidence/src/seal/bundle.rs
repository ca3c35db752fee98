//! One portable file: a tar archive (POSIX ustar), compressed by Zstandard. The
//! same run gives the same bytes.

use super::check::{Trust, directory};
use super::error::Error;
use super::report::{About, Proof, SealReport, problem};
use super::survey::sound_path;
use super::{BUNDLE, ENVELOPE, MANIFEST};
use crate::limits::{self, room};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::fs::{self, File};
use std::io::{self, BufRead, BufReader, BufWriter, Read, Write};
use std::path::{Path, PathBuf};

/// Format of `bundle.json`.
pub(super) const FORMAT: &str = "shoseki.bundle/1";
/// What is inside is compressed already, for the most part.
const LEVEL: i32 = 3;

/// What a bundle holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Holds {
    Run,
    Part,
    Redacted,
    RedactedPart,
}

impl Holds {
    /// Whether it is some records with their proofs.
    fn is_part(self) -> bool {
        matches!(self, Self::Part | Self::RedactedPart)
    }

    fn is_redacted(self) -> bool {
        matches!(self, Self::Redacted | Self::RedactedPart)
    }
}

/// `bundle.json`, the first file of a bundle.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Label {
    pub(super) format: String,
    pub(super) holds: Holds,
    /// Version of the library that compressed the bundle.
    pub(super) zstd: String,
    /// What was asked for; empty for a whole run.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) findings: Vec<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) controls: Vec<String>,
}

impl Label {
    pub(super) fn new(holds: Holds) -> Self {
        Self {
            format: FORMAT.to_owned(),
            holds,
            zstd: zstd::zstd_safe::version_string().to_owned(),
            findings: Vec::new(),
            controls: Vec::new(),
        }
    }

    pub(super) fn bytes(&self) -> serde_json::Result<Vec<u8>> {
        let mut out = serde_json::to_vec(self)?;
        out.push(b'\n');
        Ok(out)
    }

    fn parse(bytes: &[u8]) -> Result<Self, String> {
        let about: Self = serde_json::from_slice(bytes).map_err(|e| e.to_string())?;
        if about.format != FORMAT {
            return Err(format!(
                "the format is `{}`, this program reads `{FORMAT}`",
                about.format
            ));
        }
        // No signature covers this file, so it has one form only.
        if about.bytes().map_err(|e| e.to_string())? != bytes {
            return Err("it is not in the form in which it was written".to_owned());
        }
        Ok(about)
    }
}

/// Writes a sealed run as one file. A run that is not as sealed is refused.
pub fn pack(dir: &Path, out: &Path) -> Result<(), Error> {
    let report = directory(dir, &Trust::default(), SealReport::default())?;
    if report.key.is_none() && !super::is_sealed(dir) {
        return Err(Error::Unsealed(dir.to_owned()));
    }
    intact(&report, dir)?;
    let about = Label::new(Holds::Run);
    let about = about
        .bytes()
        .map_err(|e| Error::unsound(dir, e.to_string()))?;
    write(dir, &about, out)
}

/// Refuses what does not hold.
pub(super) fn intact(report: &SealReport, dir: &Path) -> Result<(), Error> {
    match report.statements.iter().find(|s| s.proof == Proof::Broken) {
        None => Ok(()),
        Some(s) => Err(match s.problems.first() {
            Some(p) => Error::unsound(&dir.join(&p.file), p.message.clone()),
            None => Error::unsound(dir, s.text.en.clone()),
        }),
    }
}

/// Writes all files of `dir` into a bundle.
pub(super) fn write(dir: &Path, about: &[u8], out: &Path) -> Result<(), Error> {
    let file = File::create_new(out).map_err(Error::io(out))?;
    let written = (|| {
        let mut sink = compressed(dir, about, BufWriter::new(file))?;
        sink.flush().map_err(Error::io(out))?;
        sink.get_ref().sync_all().map_err(Error::io(out))
    })();
    if written.is_err() {
        // Half a bundle helps nobody.
        let _ = fs::remove_file(out);
    }
    written
}

fn compressed<W: Write>(dir: &Path, about: &[u8], sink: W) -> Result<W, Error> {
    let io = |e| Error::io(dir)(e);
    let mut encoder = zstd::stream::write::Encoder::new(sink, LEVEL).map_err(io)?;
    encoder.include_checksum(true).map_err(io)?;
    archive(dir, about, encoder)?
        .finish()
        .map_err(|e| Error::io(dir)(e))
}

/// `bundle.json`, the seal, then all other files by path. Nothing of the file
/// system but names and bytes goes in.
fn archive<W: Write>(dir: &Path, about: &[u8], sink: W) -> Result<W, Error> {
    let mut paths = paths(dir)?;
    paths.retain(|p| p != BUNDLE);
    let rank = |p: &str| match p {
        MANIFEST => 0,
        ENVELOPE => 1,
        super::STAMP => 2,
        _ => 3,
    };
    paths.sort_by(|a, b| (rank(a), a).cmp(&(rank(b), b)));
    let mut tar = tar::Builder::new(sink);
    let at = dir.join(BUNDLE);
    append(&mut tar, BUNDLE, about.len() as u64, about).map_err(Error::io(&at))?;
    for path in paths {
        let at = dir.join(&path);
        let file = File::open(&at).map_err(Error::io(&at))?;
        let size = file.metadata().map_err(Error::io(&at))?.len();
        append(&mut tar, &path, size, file).map_err(Error::io(&at))?;
    }
    tar.into_inner().map_err(Error::io(dir))
}

fn append<W: Write>(
    tar: &mut tar::Builder<W>,
    path: &str,
    size: u64,
    content: impl Read,
) -> io::Result<()> {
    let mut header = tar::Header::new_ustar();
    header.set_path(path)?;
    header.set_size(size);
    header.set_mode(0o644);
    header.set_uid(0);
    header.set_gid(0);
    header.set_mtime(0);
    header.set_entry_type(tar::EntryType::Regular);
    header.set_cksum();
    tar.append(&header, content)
}

/// All files below a directory, in no order.
pub(super) fn paths(dir: &Path) -> Result<Vec<String>, Error> {
    let mut out = Vec::new();
    walk(dir, "", &mut out)?;
    Ok(out)
}

fn walk(dir: &Path, below: &str, out: &mut Vec<String>) -> Result<(), Error> {
    for e in fs::read_dir(dir).map_err(Error::io(dir))? {
        let e = e.map_err(Error::io(dir))?;
        let path = format!("{below}{}", e.file_name().to_string_lossy());
        if e.file_type().map_err(Error::io(dir))?.is_dir() {
            walk(&e.path(), &format!("{path}/"), out)?;
        } else {
            out.push(path);
        }
    }
    Ok(())
}

/// A run directory or an unpacked bundle.
#[derive(Debug)]
pub struct Opened {
    dir: PathBuf,
    about: Option<Result<Label, String>>,
    container: Option<Container>,
    temporary: Option<tempfile::TempDir>,
}

/// Whether a bundle's own bytes are those that this program writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Container {
    Same,
    /// The archive is the same; another version of the library compressed it.
    OtherVersion,
    Different,
}

impl Opened {
    /// Opens a run directory, or unpacks a bundle into a temporary directory that
    /// goes with this value.
    pub fn open(path: &Path) -> Result<Self, Error> {
        let about = |dir: &Path| match fs::read(dir.join(BUNDLE)) {
            Ok(bytes) => Ok(Some(Label::parse(&bytes))),
            Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(e) => Err(Error::io(&dir.join(BUNDLE))(e)),
        };
        if path.is_dir() {
            return Ok(Self {
                dir: path.to_owned(),
                about: about(path)?,
                container: None,
                temporary: None,
            });
        }
        let temporary = tempfile::tempdir().map_err(Error::io(path))?;
        let dir = temporary.path().to_owned();
        let archive = unpack(path, &dir)?;
        let about = about(&dir)?;
        let container = match &about {
            Some(Ok(a)) => container(path, &dir, &archive, a)?,
            _ => Container::Different,
        };
        Ok(Self {
            dir,
            about: Some(about.unwrap_or_else(|| Err("it is missing".to_owned()))),
            container: Some(container),
            temporary: Some(temporary),
        })
    }

    /// The directory with the run's files.
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// Whether it was unpacked from a bundle.
    pub fn is_bundle(&self) -> bool {
        self.temporary.is_some()
    }

    /// Whether it holds a part of a run only.
    pub fn is_part(&self) -> bool {
        matches!(&self.about, Some(Ok(a)) if a.holds.is_part())
    }

    /// Checks the seal. What does not hold is told in the report.
    pub fn check(&self, trust: &Trust) -> Result<SealReport, Error> {
        let mut out = SealReport {
            part: self.is_part(),
            ..SealReport::default()
        };
        match (&self.about, self.container) {
            (Some(Err(e)), _) => out.judge(
                About::Bundle,
                vec![problem(BUNDLE, e.clone())],
                ("", ""),
                ("bundle.json が正しくない。", "bundle.json is not sound."),
            ),
            (_, Some(Container::Different)) => out.judge(
                About::Bundle,
                vec![problem("", "its bytes are not those that packing its files gives")],
                ("", ""),
                (
                    "ファイルの束(tar または zstd)自体に手が加えられている。",
                    "The bundle itself (tar or zstd) was altered.",
                ),
            ),
            (_, Some(Container::OtherVersion)) => out.say(
                About::Bundle,
                Proof::NotProven,
                "束は別の版の zstd で圧縮されている。中身は下記のとおり確かめた。",
                "Another version of zstd compressed the bundle; its contents are checked as told below.",
            ),
            (_, Some(Container::Same)) => out.say(
                About::Bundle,
                Proof::Proven,
                "束のバイト列は、中身から改めて作ったものと一致する。",
                "The bundle's bytes are those that packing its files again gives.",
            ),
            (_, None) => {}
        }
        let wanted = matches!(&self.about, Some(Ok(a)) if a.holds.is_redacted());
        let mut out = directory(&self.dir, trust, out)?;
        if self.about.is_some() && out.redacted != wanted {
            out.judge(
                About::Bundle,
                vec![problem(
                    BUNDLE,
                    "it says otherwise whether the run is redacted",
                )],
                ("", ""),
                ("bundle.json が正しくない。", "bundle.json is not sound."),
            );
        }
        Ok(out)
    }

    pub(super) fn asked(dir: &Path) -> Option<Label> {
        Label::parse(&fs::read(dir.join(BUNDLE)).ok()?).ok()
    }
}

/// Digests what goes through.
struct Hashing<T> {
    inner: T,
    hash: Sha256,
    left: u64,
}

impl<T: Read> Read for Hashing<T> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let n = self.inner.read(buf)?;
        self.left = self.left.checked_sub(n as u64).ok_or_else(too_much)?;
        self.hash.update(&buf[..n]);
        Ok(n)
    }
}

impl<T: Write> Write for Hashing<T> {
    fn write(&mut self, buf: &[u8]) -> io::Result<usize> {
        let n = self.inner.write(buf)?;
        self.hash.update(&buf[..n]);
        Ok(n)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}

fn too_much() -> io::Error {
    io::Error::other("it unpacks to more than a bundle of its size can hold")
}

fn sink() -> Hashing<io::Sink> {
    Hashing {
        inner: io::sink(),
        hash: Sha256::new(),
        left: 0,
    }
}

type Sum = [u8; 32];

/// Unpacks; gives the digest of the archive.
fn unpack(path: &Path, to: &Path) -> Result<Sum, Error> {
    let wrong =
        |e: io::Error| Error::unsound(path, format!("this is no bundle, or it is damaged: {e}"));
    let file = File::open(path).map_err(Error::io(path))?;
    let size = file.metadata().map_err(Error::io(path))?.len();
    let decoder = zstd::stream::read::Decoder::new(file).map_err(wrong)?;
    let mut tar = tar::Archive::new(Hashing {
        inner: BufReader::with_capacity(1 << 16, decoder),
        hash: Sha256::new(),
        left: room(size),
    });
    for e in tar.entries().map_err(wrong)?.raw(true) {
        let mut e = e.map_err(wrong)?;
        let name = String::from_utf8(e.path_bytes().into_owned()).unwrap_or_default();
        if !sound_path(&name) || e.header().entry_type() != tar::EntryType::Regular {
            return Err(Error::unsound(
                path,
                format!("a bundle has no file of the name {name:?}, or no such kind of file"),
            ));
        }
        let at = to.join(&name);
        if let Some(parent) = at.parent() {
            fs::create_dir_all(parent).map_err(wrong)?;
        }
        let mut out = File::create_new(&at).map_err(wrong)?;
        io::copy(&mut e, &mut out).map_err(wrong)?;
    }
    let mut rest = tar.into_inner();
    io::copy(&mut rest, &mut io::sink()).map_err(wrong)?;
    weigh(to, room(size)).map_err(wrong)?;
    Ok(rest.hash.finalize().into())
}

/// Refuses files that all in all unpack to more than this: what is compressed
/// twice could else unpack to a million times its size.
fn weigh(dir: &Path, mut left: u64) -> io::Result<()> {
    for path in paths(dir).map_err(|e| io::Error::other(e.to_string()))? {
        if path.ends_with(".zst") {
            let mut inner = limits::open(&dir.join(&path), true)?;
            // What is damaged is told where it is read.
            while let Ok(read) = inner.fill_buf()
                && !read.is_empty()
            {
                let n = read.len();
                left = left.checked_sub(n as u64).ok_or_else(too_much)?;
                inner.consume(n);
            }
        }
    }
    Ok(())
}

/// Packs again, and compares.
fn container(path: &Path, dir: &Path, unpacked: &Sum, about: &Label) -> Result<Container, Error> {
    let bytes = about
        .bytes()
        .map_err(|e| Error::unsound(path, e.to_string()))?;
    let again: Sum = archive(dir, &bytes, sink())?.hash.finalize().into();
    if again != *unpacked {
        return Ok(Container::Different);
    }
    if about.zstd != zstd::zstd_safe::version_string() {
        return Ok(Container::OtherVersion);
    }
    let again: Sum = compressed(dir, &bytes, sink())?.hash.finalize().into();
    let mut given = sink();
    io::copy(&mut File::open(path).map_err(Error::io(path))?, &mut given)
        .map_err(Error::io(path))?;
    let given: Sum = given.hash.finalize().into();
    Ok(if given == again {
        Container::Same
    } else {
        Container::Different
    })
}
