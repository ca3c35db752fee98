//! A file of records while it is written: hashed on its way to the disk.

use crate::error::Error;
use crate::files::{Header, Kind};
use crate::info::FileEntry;
use serde::Serialize;
use sha2::{Digest, Sha256};
use shoseki_model::hex;
use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use zstd::stream::write::Encoder;

/// Fast, and within a tenth of what slower levels reach on such text.
pub(crate) const LEVEL: i32 = 1;

/// Counts and digests what goes through.
struct Hashed {
    file: BufWriter<File>,
    hash: Sha256,
    bytes: u64,
}

impl Write for Hashed {
    fn write(&mut self, buf: &[u8]) -> io::Result<usize> {
        let n = self.file.write(buf)?;
        self.hash.update(&buf[..n]);
        self.bytes += n as u64;
        Ok(n)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

enum Sink {
    Plain(Hashed),
    Zstd(Box<Encoder<'static, Hashed>>),
}

/// One file of records.
pub(crate) struct Stream {
    kind: Kind,
    path: PathBuf,
    sink: Sink,
    records: u64,
    line: Vec<u8>,
}

impl Stream {
    /// Creates the file; one that exists is an error.
    pub(crate) fn create(dir: &Path, kind: Kind, suffix: &str) -> Result<Self, Error> {
        let path = dir.join(format!("{}{suffix}", kind.file()));
        let file = File::create_new(&path).map_err(Error::io(&path))?;
        let hashed = Hashed {
            file: BufWriter::with_capacity(1 << 16, file),
            hash: Sha256::new(),
            bytes: 0,
        };
        let sink = if kind.compressed() {
            let mut encoder = Encoder::new(hashed, LEVEL).map_err(Error::io(&path))?;
            encoder.include_checksum(true).map_err(Error::io(&path))?;
            Sink::Zstd(Box::new(encoder))
        } else {
            Sink::Plain(hashed)
        };
        let mut stream = Self {
            kind,
            path,
            sink,
            records: 0,
            line: Vec::new(),
        };
        stream.push(&Header {
            format: kind.format().to_owned(),
        })?;
        stream.records = 0;
        Ok(stream)
    }

    /// Writes a record.
    pub(crate) fn push<T: Serialize>(&mut self, record: &T) -> Result<(), Error> {
        self.line.clear();
        serde_json::to_writer(&mut self.line, record)
            .map_err(|e| Error::io(&self.path)(e.into()))?;
        crate::limits::fits(&self.line).map_err(Error::io(&self.path))?;
        self.line.push(b'\n');
        let written = match &mut self.sink {
            Sink::Plain(w) => w.write_all(&self.line),
            Sink::Zstd(w) => w.write_all(&self.line),
        };
        written.map_err(Error::io(&self.path))?;
        self.records += 1;
        Ok(())
    }

    /// Brings everything to the disk.
    pub(crate) fn finish(self) -> Result<FileEntry, Error> {
        let io = |e| Error::io(&self.path)(e);
        let mut hashed = match self.sink {
            Sink::Plain(w) => w,
            Sink::Zstd(w) => w.finish().map_err(io)?,
        };
        hashed.flush().map_err(io)?;
        hashed.file.get_ref().sync_all().map_err(io)?;
        Ok(FileEntry {
            path: self.kind.file().to_owned(),
            bytes: hashed.bytes,
            sha256: hex(&hashed.hash.finalize()),
            records: self.records,
        })
    }
}
