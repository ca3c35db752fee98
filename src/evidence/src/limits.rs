//! How much of a stored file is read: a run may come from a stranger, and a few
//! kilobytes can unpack to more than any memory holds.

use crate::error::Error;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::Path;
use zstd::stream::read::Decoder;

/// Longest record and largest answer, in bytes: far above what clouds answer.
/// Nothing longer is written either.
pub(crate) const LONGEST: u64 = 1 << 26;
/// Bytes that a file may unpack to for each of its own, and at the least. A file
/// of records seldom comes to fifty.
const RATIO: u64 = 1000;
pub(crate) const LEAST: u64 = 1 << 28;

/// Bytes that a file of this size may unpack to.
pub(crate) fn room(stored: u64) -> u64 {
    stored.saturating_mul(RATIO).max(LEAST)
}

/// Reads so many bytes; more are an error, and never an early end.
pub(crate) struct Bounded<R> {
    pub(crate) inner: R,
    pub(crate) left: u64,
}

impl<R: Read> Read for Bounded<R> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let n = self.inner.read(buf)?;
        self.left = self.left.checked_sub(n as u64).ok_or_else(|| {
            io::Error::other("it unpacks to more than a file of its size can hold")
        })?;
        Ok(n)
    }
}

/// A stored file, unpacked on the way where it is compressed.
pub(crate) fn open(path: &Path, compressed: bool) -> Result<Box<dyn BufRead + Send>, Error> {
    let io = |e| Error::io(path)(e);
    let file = File::open(path).map_err(io)?;
    if !compressed {
        return Ok(Box::new(BufReader::with_capacity(1 << 16, file)));
    }
    let left = room(file.metadata().map_err(io)?.len());
    let inner = Decoder::new(file).map_err(io)?;
    let bounded = Bounded { inner, left };
    Ok(Box::new(BufReader::with_capacity(1 << 16, bounded)))
}

/// The bytes of a compressed answer.
pub(crate) fn answer(stored: impl Read) -> io::Result<Vec<u8>> {
    let mut out = Vec::new();
    let inner = Decoder::new(stored)?;
    Bounded {
        inner,
        left: LONGEST,
    }
    .read_to_end(&mut out)?;
    Ok(out)
}

/// Refuses to write what would not be read back.
pub(crate) fn fits(bytes: &[u8]) -> io::Result<()> {
    if bytes.len() as u64 <= LONGEST {
        return Ok(());
    }
    let n = bytes.len();
    Err(io::Error::new(
        io::ErrorKind::FileTooLarge,
        format!("a record or an answer of {n} bytes; a run holds none above {LONGEST}"),
    ))
}
