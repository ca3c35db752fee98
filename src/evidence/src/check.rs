//! Checking that a run is what its `run.json` says.

use crate::error::Error;
use crate::files::{Kind, answer_path};
use crate::info::Answers;
use crate::read::{Lines, Run};
use crate::write::Packs;
use serde::de::IgnoredAny;
use sha2::{Digest, Sha256};
use shoseki_model::hex;
use std::collections::HashSet;
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::Path;

/// Something in a run that is not as `run.json` says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// File below the run directory.
    pub file: String,
    /// What is wrong.
    pub message: String,
}

impl Run {
    /// Reads every file and every answer, and compares digests, sizes and
    /// numbers. An empty list: all is as `run.json` says. Problems are not
    /// errors; an error means that the check itself could not go on.
    pub fn check(&self) -> Result<Vec<Problem>, Error> {
        let mut out = Vec::new();
        let mut tell = |file: &str, message: String| {
            out.push(Problem {
                file: file.to_owned(),
                message,
            });
        };
        let backfill = self.file().info.backfill.is_some();
        for kind in Kind::of(backfill) {
            let Some(entry) = self.file().files.iter().find(|f| f.path == kind.file()) else {
                tell(kind.file(), "run.json does not list it".to_owned());
                continue;
            };
            let path = self.dir().join(kind.file());
            match digest_file(&path) {
                Err(e) => tell(kind.file(), e.to_string()),
                Ok((sha256, bytes)) if sha256 != entry.sha256 || bytes != entry.bytes => {
                    tell(
                        kind.file(),
                        format!(
                            "changed: its digest is {sha256}, run.json says {}",
                            entry.sha256
                        ),
                    );
                }
                Ok(_) => match records(self.dir(), kind) {
                    Ok(n) if n == entry.records => {}
                    Ok(n) => tell(
                        kind.file(),
                        format!("{n} records, run.json says {}", entry.records),
                    ),
                    Err(e) => tell(kind.file(), e.to_string()),
                },
            }
        }
        for f in &self.file().files {
            if !Kind::of(backfill).any(|k| k.file() == f.path) {
                tell(
                    &f.path,
                    "run.json lists a file that a run does not have".to_owned(),
                );
            }
        }
        self.check_packs(&mut tell);
        self.check_answers(&mut tell);
        Ok(out)
    }

    fn check_packs(&self, tell: &mut impl FnMut(&str, String)) {
        let mut packs = Packs::default();
        let Ok(files) = self.pack() else { return };
        // What cannot be read was told with the file's digest.
        for f in files.flatten() {
            packs.add(&f);
        }
        if packs.digests() != self.file().packs {
            tell(
                Kind::Pack.file(),
                "the digests of the packs differ from those in run.json".to_owned(),
            );
        }
    }

    fn check_answers(&self, tell: &mut impl FnMut(&str, String)) {
        let mut known = HashSet::new();
        let mut total = Answers::default();
        let Ok(exchanges) = self.exchanges() else {
            return;
        };
        for answer in exchanges.flatten().filter_map(|x| x.answer) {
            if !known.insert(answer.sha256.clone()) {
                continue;
            }
            let path = answer_path(self.dir(), &answer.sha256);
            let name = path
                .strip_prefix(self.dir())
                .unwrap_or(&path)
                .display()
                .to_string();
            match self.answer(&answer.sha256) {
                Err(e) => tell(&name, e.to_string()),
                Ok(bytes) => {
                    total.count += 1;
                    total.bytes += bytes.len() as u64;
                    if bytes.len() as u64 != answer.bytes {
                        tell(
                            &name,
                            format!("{} bytes, its exchange says {}", bytes.len(), answer.bytes),
                        );
                    }
                }
            }
        }
        if total != self.file().answers {
            let says = self.file().answers;
            tell(
                "answers",
                format!(
                    "{} answers of {} bytes, run.json says {} of {}",
                    total.count, total.bytes, says.count, says.bytes
                ),
            );
        }
        match stray(&self.dir().join("answers"), &known) {
            Ok(strays) => {
                for name in strays {
                    tell(&name, "no exchange names this answer".to_owned());
                }
            }
            Err(e) => tell("answers", e.to_string()),
        }
    }
}

/// Files among the answers that nothing names.
fn stray(answers: &Path, known: &HashSet<String>) -> io::Result<Vec<String>> {
    let mut out = Vec::new();
    for folder in fs::read_dir(answers)? {
        let folder = folder?;
        for file in fs::read_dir(folder.path())? {
            let name = file?.file_name().to_string_lossy().into_owned();
            if !name.strip_suffix(".zst").is_some_and(|d| known.contains(d)) {
                out.push(format!(
                    "answers/{}/{name}",
                    folder.file_name().to_string_lossy()
                ));
            }
        }
    }
    out.sort();
    Ok(out)
}

fn records(dir: &Path, kind: Kind) -> Result<u64, Error> {
    let mut n = 0;
    for line in Lines::<IgnoredAny>::open(dir, kind)? {
        line?;
        n += 1;
    }
    Ok(n)
}

fn digest_file(path: &Path) -> Result<(String, u64), Error> {
    let mut file = File::open(path).map_err(Error::io(path))?;
    let (mut hash, mut bytes) = (Sha256::new(), 0);
    let mut buffer = vec![0; 1 << 16];
    loop {
        let n = file.read(&mut buffer).map_err(Error::io(path))?;
        if n == 0 {
            return Ok((hex(&hash.finalize()), bytes));
        }
        hash.update(&buffer[..n]);
        bytes += n as u64;
    }
}
