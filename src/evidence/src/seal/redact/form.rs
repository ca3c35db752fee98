//! Making the redacted form of a run.

use super::super::error::Error;
use super::super::manifest::Manifest;
use super::super::survey::Survey;
use super::text::{Place, Redactor};
use super::values::{self, Named};
use super::{Key, PSEUDONYMS, commitment, is_word_file, pseudonym};
use crate::files::Kind;
use crate::read::Run;
use crate::write::{RunWriter, write_run_file};
use serde::{Deserialize, Serialize};
use shoseki_model::{
    AnswerRef, Exchange, Finding, Gap, Observed, Past, Population, Resource, Sight, digest,
    short_id,
};
use std::collections::{BTreeSet, HashMap, HashSet};
use std::fs;
use std::io::Read;
use std::path::Path;

pub(super) const HEADER: &str = r#"{"format":"shoseki.pseudonyms/1"}"#;

/// A line of `pseudonyms.jsonl`.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Line {
    pub(super) pseudonym: String,
    pub(super) kind: Named,
    pub(super) commitment: String,
}

/// A value that is hidden, with all that discloses it.
pub(super) struct Secret {
    pub(super) line: Line,
    pub(super) salt: String,
    pub(super) value: String,
}

/// The redacted form, made in a directory.
pub(in super::super) struct Form {
    /// The bytes of its `manifest.json`.
    pub(in super::super) manifest: Vec<u8>,
    /// Its tree.
    pub(in super::super) tree: super::super::Tree,
    pub(super) secrets: Vec<Secret>,
    /// Values that stay, because they are words of the settings themselves.
    pub(super) kept: BTreeSet<String>,
    /// Ids of the run's findings to those that have another in the form.
    pub(super) findings: HashMap<String, String>,
}

/// Writes the redacted form of `run` into `to`, which is empty. The same run and
/// key give the same bytes.
pub(in super::super) fn make(run: &Run, key: &Key, to: &Path) -> Result<Form, Error> {
    let wrong = |e: String| Error::unsound(run.dir(), e);
    let values = values::of(run)?;
    let (mut places, mut secrets) = (Vec::new(), Vec::new());
    let mut names = HashSet::new();
    for (value, found) in values.all {
        let salt = key.salt(found.kind, &value);
        let commitment = commitment(found.kind, &salt, &value);
        let pseudonym = pseudonym(found.kind, &commitment);
        if !names.insert(pseudonym.clone()) {
            return Err(wrong(
                "two values have one pseudonym; seal again".to_owned(),
            ));
        }
        places.push(Place {
            value: value.clone(),
            pseudonym: pseudonym.clone(),
            anywhere: found.anywhere,
            names: !found.word,
        });
        let line = Line {
            pseudonym,
            kind: found.kind,
            commitment,
        };
        secrets.push(Secret { line, salt, value });
    }
    secrets.sort_by(|a, b| a.line.pseudonym.cmp(&b.line.pseudonym));
    let writing = Writing {
        run,
        key,
        by: Redactor::new(places).map_err(wrong)?,
        writer: match run.file().info.backfill {
            Some(_) => RunWriter::create_backfill(to)?,
            None => RunWriter::create(to)?,
        },
        exchanges: HashMap::new(),
        gaps: HashMap::new(),
        findings: HashMap::new(),
    };
    let findings = writing.all()?;
    raw(to)?;
    let mut text = format!("{HEADER}\n");
    for s in &secrets {
        text.push_str(&serde_json::to_string(&s.line).map_err(|e| wrong(e.to_string()))?);
        text.push('\n');
    }
    let path = to.join(PSEUDONYMS);
    fs::write(&path, text).map_err(Error::io(&path))?;
    let survey = Survey::of(to)?;
    let manifest = Manifest::of(&Run::open(to)?, survey.files.clone(), survey.summary())?;
    Ok(Form {
        manifest: manifest.bytes().map_err(|e| wrong(e.to_string()))?,
        tree: manifest.tree,
        secrets,
        kept: values.kept,
        findings,
    })
}

struct Writing<'r> {
    run: &'r Run,
    key: &'r Key,
    by: Redactor,
    writer: RunWriter,
    /// Ids of the run to ids of the form.
    exchanges: HashMap<String, String>,
    gaps: HashMap<String, String>,
    findings: HashMap<String, String>,
}

fn renamed(known: &HashMap<String, String>, ids: &mut [String]) {
    for id in ids {
        if let Some(new) = known.get(id) {
            id.clone_from(new);
        }
    }
}

impl Writing<'_> {
    /// Writes everything; gives the findings that were renamed.
    fn all(mut self) -> Result<HashMap<String, String>, Error> {
        for x in self.run.exchanges()? {
            self.exchange(x?)?;
        }
        for g in self.run.gaps()? {
            let g = self.gap(g?);
            self.writer.gap(&g)?;
        }
        for r in self.run.resources()? {
            let r = self.resource(r?);
            self.writer.resource(&r)?;
        }
        for p in self.run.populations()? {
            let mut p: Population = p?;
            renamed(&self.exchanges, &mut p.query);
            renamed(&self.gaps, &mut p.gaps);
            self.writer.population(&p)?;
        }
        for f in self.run.findings()? {
            let f = self.finding(f?);
            self.writer.finding(&f)?;
        }
        for t in self.run.tallies()? {
            let mut t = t?;
            renamed(&self.gaps, &mut t.gaps);
            self.writer.tally(&t)?;
        }
        for s in self.run.standings()? {
            self.writer.standing(&s?)?;
        }
        if self.run.file().info.backfill.is_some() {
            for p in self.run.past()? {
                self.writer.past(&self.past(p?))?;
            }
        }
        for f in self.run.pack()? {
            let f = f?;
            if is_word_file(&f.path) {
                self.writer.pack(&f.path, &f.text)?;
            } else {
                self.writer.pack(&f.path, &self.by.text(&f.text))?;
            }
        }
        let old = self.run.file();
        let mut info = old.info.clone();
        for t in &mut info.targets {
            self.texts([&mut t.caller.id].into_iter().chain(&mut t.caller.via));
            self.texts(t.name.iter_mut().chain(&mut t.endpoint));
        }
        let mut file = self.writer.finish(info, false)?;
        file.outcome = old.outcome;
        file.rejudged = old.rejudged;
        write_run_file(self.writer.dir(), &file)?;
        Ok(self.findings)
    }

    fn texts<'t>(&self, texts: impl IntoIterator<Item = &'t mut String>) {
        for t in texts {
            *t = self.by.text(t);
        }
    }

    fn exchange(&mut self, mut x: Exchange) -> Result<(), Error> {
        let path = self.run.dir().join(Kind::Exchanges.file());
        let old = x.id.clone();
        x.params = self.by.object(&x.params);
        x.id = Exchange::id_of(&x.cloud, &x.account, &x.region, &x.call, &x.params);
        self.texts([&mut x.caller]);
        self.texts(x.headers.values_mut().chain(&mut x.http));
        self.texts(x.error.as_mut().map(|e| &mut e.message));
        let body = match &x.answer {
            None => None,
            Some(a) => {
                let body = self.by.answer(&self.run.answer(&a.sha256)?);
                x.answer = Some(AnswerRef {
                    sha256: digest(&body),
                    bytes: body.len() as u64,
                    redacted: a.redacted,
                });
                Some(body)
            }
        };
        self.exchanges.insert(old, x.id.clone());
        self.writer
            .record(&x, body.as_deref())
            .map_err(Error::io(&path))
    }

    fn gap(&mut self, mut g: Gap) -> Gap {
        let old = g.id.clone();
        let was = gap_ids(&g);
        self.texts(g.resource.iter_mut());
        self.texts(g.error.as_mut().map(|e| &mut e.message));
        renamed(&self.exchanges, g.exchange.as_mut_slice());
        let at = was.iter().position(|id| *id == old);
        g.id = match at.and_then(|n| gap_ids(&g).into_iter().nth(n)) {
            Some(id) => id,
            None => short_id("g", &[&self.key.opaque(&old)]),
        };
        self.gaps.insert(old, g.id.clone());
        g
    }

    fn resource(&self, mut r: Resource) -> Resource {
        self.texts([&mut r.id, &mut r.name]);
        r.settings = self.by.object(&r.settings);
        for ids in r.sources.values_mut() {
            renamed(&self.exchanges, ids);
        }
        for id in r.unseen.values_mut() {
            renamed(&self.gaps, std::slice::from_mut(id));
        }
        r
    }

    fn past(&self, mut p: Past) -> Past {
        match &mut p {
            Past::Asked(s) => renamed(&self.exchanges, &mut s.query),
            Past::Gap(g) => self.texts(g.resource.iter_mut()),
            Past::State(s) => {
                self.texts([&mut s.resource.id, &mut s.resource.name]);
                s.id = Finding::id_of(&s.rule, &s.resource);
                self.texts(s.reason.iter_mut().flat_map(|r| [&mut r.ja, &mut r.en]));
                self.observed(&mut s.observed);
                renamed(&self.gaps, &mut s.gaps);
                renamed(&self.exchanges, std::slice::from_mut(&mut s.exchange));
            }
        }
        p
    }

    fn observed(&self, all: &mut [Observed]) {
        for o in all {
            renamed(&self.exchanges, &mut o.exchanges);
            match &mut o.sight {
                Sight::Seen(v) => *v = self.by.value(v),
                Sight::Unseen(gap) => renamed(&self.gaps, std::slice::from_mut(gap)),
                Sight::Absent => {}
            }
        }
    }

    fn finding(&mut self, mut f: Finding) -> Finding {
        self.texts([&mut f.resource.id, &mut f.resource.name]);
        let old = std::mem::replace(&mut f.id, Finding::id_of(&f.rule, &f.resource));
        if old != f.id {
            self.findings.insert(old, f.id.clone());
        }
        self.texts([&mut f.reason.ja, &mut f.reason.en]);
        self.observed(&mut f.observed);
        renamed(&self.gaps, &mut f.gaps);
        if let Some(e) = &mut f.excepted {
            self.texts([&mut e.owner, &mut e.approver, &mut e.reason]);
        }
        f
    }
}

/// The ways in which scans make the id of a gap.
fn gap_ids(g: &Gap) -> [String; 2] {
    let resource = g.resource.as_deref().unwrap_or_default();
    let part = g.part.as_deref().unwrap_or_default();
    let parts = [
        &g.cloud, &g.account, &g.region, &g.call, &g.r#type, resource, part,
    ];
    [
        short_id("g", &parts),
        short_id(
            "g",
            &[
                &g.cloud, &g.account, &g.region, &g.call, &g.r#type, resource,
            ],
        ),
    ]
}

/// Packs the files again without compressing: what a version of the library makes
/// of them must not matter, for the digests are sealed.
fn raw(dir: &Path) -> Result<(), Error> {
    let mut file = Run::open(dir)?.file().clone();
    for path in super::super::bundle::paths(dir)? {
        if !path.ends_with(".zst") {
            continue;
        }
        let at = dir.join(&path);
        let mut plain = Vec::new();
        crate::limits::open(&at, true)?
            .read_to_end(&mut plain)
            .map_err(Error::io(&at))?;
        let packed = frame(&plain);
        fs::write(&at, &packed).map_err(Error::io(&at))?;
        if let Some(e) = file.files.iter_mut().find(|e| e.path == path) {
            e.bytes = packed.len() as u64;
            e.sha256 = digest(&packed);
        }
    }
    Ok(write_run_file(dir, &file)?)
}

/// A Zstandard frame of raw blocks (RFC 8878, section 3.1.1): a window of 128 KiB,
/// no size, no checksum.
fn frame(bytes: &[u8]) -> Vec<u8> {
    const BLOCK: usize = 1 << 17;
    let mut out = vec![0x28, 0xB5, 0x2F, 0xFD, 0x00, 0x38];
    let mut blocks = bytes.chunks(BLOCK).peekable();
    if blocks.peek().is_none() {
        out.extend_from_slice(&[1, 0, 0]);
    }
    while let Some(block) = blocks.next() {
        let last = u8::from(blocks.peek().is_none());
        let size = u32::try_from(block.len()).unwrap_or_default() << 3;
        let head = size.to_le_bytes();
        out.extend_from_slice(&[head[0] | last, head[1], head[2]]);
        out.extend_from_slice(block);
    }
    out
}
