//! Fragments that come in one order and leave in another.

use std::collections::HashMap;
use std::io::{self, Read, Seek, SeekFrom, Write};
use tempfile::SpooledTempFile;

/// Bytes held in memory before the fragments move to an unnamed file.
const IN_MEMORY: usize = 16 << 20;

/// Keeps text fragments by group, so that a report can be sorted into sections
/// without holding its records.
pub struct Spool {
    file: SpooledTempFile,
    at: u64,
    groups: HashMap<u64, Vec<(u64, u32)>>,
}

impl Spool {
    /// An empty one.
    pub fn new() -> Self {
        Self {
            file: SpooledTempFile::new(IN_MEMORY),
            at: 0,
            groups: HashMap::new(),
        }
    }

    /// Adds a fragment to the end of a group.
    pub fn push(&mut self, group: u64, text: &str) -> io::Result<()> {
        self.file.write_all(text.as_bytes())?;
        let len =
            u32::try_from(text.len()).map_err(|_| io::Error::other("a record is too long"))?;
        self.groups.entry(group).or_default().push((self.at, len));
        self.at += u64::from(len);
        Ok(())
    }

    /// How many fragments a group has.
    pub fn count(&self, group: u64) -> usize {
        self.groups.get(&group).map_or(0, Vec::len)
    }

    /// Writes a group's fragments and forgets them.
    pub fn drain(&mut self, group: u64, to: &mut dyn Write) -> io::Result<()> {
        let mut buf = Vec::new();
        for (at, len) in self.groups.remove(&group).unwrap_or_default() {
            self.file.seek(SeekFrom::Start(at))?;
            buf.resize(len as usize, 0);
            self.file.read_exact(&mut buf)?;
            to.write_all(&buf)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]
    use super::*;

    #[test]
    fn groups_leave_in_their_own_order() {
        let mut s = Spool::new();
        for i in 0..100u64 {
            s.push(i % 3, &format!("{i},")).unwrap();
        }
        let mut out = Vec::new();
        s.drain(2, &mut out).unwrap();
        assert!(out.starts_with(b"2,5,8,"));
        assert_eq!(s.count(2), 0);
        assert_eq!(s.count(0), 34);
    }
}
