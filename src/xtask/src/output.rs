//! Where generated files go: written, or compared with what is there.

use anyhow::{Context, Result};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// Collects what the generators make.
pub struct Output {
    root: PathBuf,
    check: bool,
    changed: Vec<String>,
    written: usize,
}

impl Output {
    /// An output into the work tree that holds this crate.
    pub fn new(check: bool) -> Result<Self> {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("../..")
            .canonicalize()
            .context("the work tree of the crate xtask is gone")?;
        Ok(Self {
            root,
            check,
            changed: Vec::new(),
            written: 0,
        })
    }

    /// The work tree.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// Writes (or compares) the file at `path`, relative to the work tree.
    pub fn file(&mut self, path: &str, content: &[u8]) -> Result<()> {
        self.written += 1;
        let full = self.root.join(path);
        let old = std::fs::read(&full).ok();
        if old.as_deref() == Some(content) {
            return Ok(());
        }
        self.changed.push(path.to_owned());
        if !self.check {
            if let Some(folder) = full.parent() {
                std::fs::create_dir_all(folder)?;
            }
            std::fs::write(&full, content).with_context(|| format!("cannot write {path}"))?;
        }
        Ok(())
    }

    /// Removes (or reports) the files of `folder` that are not in `keep`.
    pub fn only(&mut self, folder: &str, keep: &BTreeSet<String>) -> Result<()> {
        let Ok(entries) = std::fs::read_dir(self.root.join(folder)) else {
            return Ok(());
        };
        for entry in entries {
            let entry = entry?;
            let name = entry.file_name().to_string_lossy().into_owned();
            if keep.contains(&name) || !entry.file_type()?.is_file() {
                continue;
            }
            self.changed
                .push(format!("{folder}/{name} (no longer made)"));
            if !self.check {
                std::fs::remove_file(entry.path())?;
            }
        }
        Ok(())
    }

    /// Tells what changed; `false` when checking found a stale file.
    pub fn finish(self) -> bool {
        for path in &self.changed {
            let verb = if self.check { "stale" } else { "wrote" };
            println!("{verb}: {path}");
        }
        if self.changed.is_empty() {
            println!("{} generated files are up to date", self.written);
        } else if self.check {
            println!("run `cargo xtask gen` and commit what it writes");
        }
        !self.check || self.changed.is_empty()
    }
}
