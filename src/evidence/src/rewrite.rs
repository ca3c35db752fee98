//! Judging a stored run again: what was seen stays, what was made of it is
//! replaced.

use crate::error::Error;
use crate::files::{Kind, PackFile, RUN_BEFORE, RUN_FILE};
use crate::info::{FindingCounts, RunFile, Selection, Tool};
use crate::read::Run;
use crate::stream::Stream;
use crate::write::{Packs, replace, sync_dir, write_run_file};
use shoseki_model::{Finding, Standing, Tally};
use std::fs;
use std::path::Path;

const SUFFIX: &str = ".new";

/// Writes new findings, tallies, standings and packs beside the old ones, and
/// puts them in their place at the end.
pub struct JudgementWriter {
    run: Run,
    findings: Stream,
    tallies: Stream,
    standings: Stream,
    pack: Stream,
    packs: Packs,
    counts: FindingCounts,
}

impl Run {
    /// Begins to judge again. The collectors in the pack are kept, for with them
    /// the resources were read; rules, mappings and catalogues are to be given
    /// anew.
    pub fn rewrite_judgement(&self) -> Result<JudgementWriter, Error> {
        let dir = self.dir();
        for kind in Kind::JUDGED {
            remove(&dir.join(format!("{}{SUFFIX}", kind.file())))?;
        }
        let mut writer = JudgementWriter {
            run: self.clone(),
            findings: Stream::create(dir, Kind::Findings, SUFFIX)?,
            tallies: Stream::create(dir, Kind::Tallies, SUFFIX)?,
            standings: Stream::create(dir, Kind::Standings, SUFFIX)?,
            pack: Stream::create(dir, Kind::Pack, SUFFIX)?,
            packs: Packs::default(),
            counts: FindingCounts::default(),
        };
        for file in self.pack()? {
            let file = file?;
            if file.path.starts_with("collectors/") {
                writer.keep(&file)?;
            }
        }
        Ok(writer)
    }
}

impl JudgementWriter {
    /// Writes a finding.
    pub fn finding(&mut self, f: &Finding) -> Result<(), Error> {
        self.findings.push(f)?;
        self.counts.add(f.verdict, f.excepted.is_some());
        Ok(())
    }

    /// Writes a tally.
    pub fn tally(&mut self, t: &Tally) -> Result<(), Error> {
        self.tallies.push(t)
    }

    /// Writes a standing.
    pub fn standing(&mut self, s: &Standing) -> Result<(), Error> {
        self.standings.push(s)
    }

    /// Writes a rule, mapping or catalogue file; collectors are kept already.
    pub fn pack(&mut self, path: &str, text: &str) -> Result<(), Error> {
        self.keep(&PackFile {
            path: path.to_owned(),
            text: text.to_owned(),
        })
    }

    fn keep(&mut self, file: &PackFile) -> Result<(), Error> {
        self.pack.push(file)?;
        self.packs.add(file);
        Ok(())
    }

    /// Puts the new files in place. While that lasts there is no `run.json`, so
    /// that nobody takes half of the one for half of the other; broken off, the
    /// run can be judged once more ([`Run::open_to_judge`]).
    pub fn finish(
        self,
        tool: Tool,
        judged_at: &str,
        edition: Option<String>,
        selection: Selection,
    ) -> Result<RunFile, Error> {
        let dir = self.run.dir().to_owned();
        let mut file = self.run.file().clone();
        for stream in [self.findings, self.tallies, self.standings, self.pack] {
            replace(&mut file.files, stream.finish()?);
        }
        file.counts.findings = self.counts;
        file.packs = self.packs.digests();
        file.rejudged = true;
        file.info.tool = tool;
        judged_at.clone_into(&mut file.info.judged_at);
        file.info.edition = edition;
        file.info.selection = selection;
        let before = dir.join(RUN_BEFORE);
        if dir.join(RUN_FILE).exists() {
            rename(&dir.join(RUN_FILE), &before)?;
        }
        sync_dir(&dir)?;
        for kind in Kind::JUDGED {
            rename(
                &dir.join(format!("{}{SUFFIX}", kind.file())),
                &dir.join(kind.file()),
            )?;
        }
        sync_dir(&dir)?;
        write_run_file(&dir, &file)?;
        remove(&before)?;
        Ok(file)
    }
}

fn rename(from: &Path, to: &Path) -> Result<(), Error> {
    fs::rename(from, to).map_err(Error::io(from))
}

fn remove(path: &Path) -> Result<(), Error> {
    match fs::remove_file(path) {
        Err(e) if e.kind() != std::io::ErrorKind::NotFound => Err(Error::io(path)(e)),
        _ => Ok(()),
    }
}
