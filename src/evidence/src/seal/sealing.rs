//! Sealing a run.

use super::envelope::{self, Announced, Predicate};
use super::error::Error;
use super::key::{PublicKey, SecretKey};
use super::manifest::Manifest;
use super::stamp::{self, Stamp};
use super::survey::Survey;
use super::{ENVELOPE, MANIFEST, STAMP, redact};
use crate::info::Tool;
use crate::read::Run;
use shoseki_model::digest;
use std::fs::{self, File};
use std::io::Write as _;
use std::path::Path;

/// Whether a run has a seal, or a part of one.
pub fn is_sealed(dir: &Path) -> bool {
    [MANIFEST, ENVELOPE, STAMP]
        .iter()
        .any(|f| dir.join(f).exists())
}

/// Takes back what a seal that came to nothing put into its run, which is then as
/// it was before.
pub fn give_up(dir: &Path) -> Result<(), Error> {
    match is_sealed(dir) {
        true => Ok(()),
        false => redact::Key::remove(dir),
    }
}

/// A seal that waits for its signature, which may come from elsewhere.
#[derive(Debug)]
pub struct Unsigned {
    manifest: Vec<u8>,
    payload: Vec<u8>,
    nonce: Option<String>,
    root: String,
    key: PublicKey,
}

impl Unsigned {
    /// Reads a finished run and checks that it is what its `run.json` says.
    /// `key`: who is going to sign. `now`: RFC 3339 in UTC. `stamped`: a time stamp
    /// will come.
    pub fn of(
        run: &Run,
        key: PublicKey,
        tool: Tool,
        now: &str,
        stamped: bool,
    ) -> Result<Self, Error> {
        let dir = run.dir();
        if is_sealed(dir) {
            return Err(Error::Sealed(dir.to_owned()));
        }
        let key_of_form = redact::Key::create(dir)?;
        let survey = Survey::of(dir)?;
        let known = run.check()?;
        if let Some(p) = survey.problems.iter().chain(&known).next() {
            return Err(Error::unsound(&dir.join(&p.file), p.message.clone()));
        }
        let manifest = Manifest::of(run, survey.files.clone(), survey.summary())?;
        let told = |e: serde_json::Error| Error::unsound(&dir.join(MANIFEST), e.to_string());
        let bytes = manifest.bytes().map_err(told)?;
        let temporary = tempfile::tempdir().map_err(Error::io(dir))?;
        let form = redact::make(run, &key_of_form, temporary.path())?;
        let nonce = if stamped { Some(stamp::nonce()?) } else { None };
        let root = manifest.tree.root.clone();
        let predicate = Predicate {
            sealed_by: tool,
            sealed_at: now.to_owned(),
            outcome: manifest.outcome,
            counts: manifest.counts,
            tree: manifest.tree,
            redacted: Some(form.tree),
            timestamp: nonce.clone().map(|nonce| Announced { nonce }),
        };
        Ok(Self {
            payload: envelope::payload([&digest(&bytes), &digest(&form.manifest)], predicate)?,
            manifest: bytes,
            nonce,
            root,
            key,
        })
    }

    /// The bytes to sign: the payload in DSSE's pre-authentication encoding.
    pub fn message(&self) -> Vec<u8> {
        envelope::pae(envelope::PAYLOAD_TYPE, &self.payload)
    }

    /// Takes the signature on [`Unsigned::message`]; one that does not verify is
    /// refused.
    pub fn signed(self, signature: &[u8]) -> Result<Draft, Error> {
        let signature = self.key.accept(&self.message(), signature)?;
        Ok(Draft {
            envelope: envelope::envelope(&self.payload, &self.key, &signature)?,
            manifest: self.manifest,
            nonce: self.nonce,
            root: self.root,
            key: self.key.id(),
        })
    }
}

/// A seal that is made but not yet written: in between, the time stamp is
/// fetched.
#[derive(Debug)]
pub struct Draft {
    manifest: Vec<u8>,
    envelope: Vec<u8>,
    nonce: Option<String>,
    /// The root of the tree, in hexadecimal.
    pub root: String,
    /// Id of the key.
    pub key: String,
}

impl Draft {
    /// An [`Unsigned`] seal, signed with a key at hand.
    pub fn of(
        run: &Run,
        key: &SecretKey,
        tool: Tool,
        now: &str,
        stamped: bool,
    ) -> Result<Self, Error> {
        let unsigned = Unsigned::of(run, key.public(), tool, now, stamped)?;
        let signature = key.sign(&unsigned.message())?;
        unsigned.signed(&signature)
    }

    /// The request to send to the time stamping authority, where one was wanted.
    pub fn query(&self) -> Result<Option<Vec<u8>>, Error> {
        match &self.nonce {
            Some(n) => stamp::request(&self.envelope, n).map(Some),
            None => Ok(None),
        }
    }

    /// Writes the seal into the run. `answer`: what the authority answered, if
    /// one was asked; gives the time that it states. Nothing is written where the
    /// answer is not the one to this request.
    pub fn write(&self, dir: &Path, answer: Option<&[u8]>) -> Result<Option<String>, Error> {
        let time = match (answer, &self.nonce) {
            (None, None) => None,
            (Some(bytes), Some(nonce)) => {
                let stamp = Stamp::parse(bytes).map_err(Error::Stamp)?;
                stamp
                    .covers(&self.envelope, Some(nonce))
                    .map_err(Error::Stamp)?;
                write(&dir.join(STAMP), bytes)?;
                Some(stamp.time)
            }
            _ => return Err(Error::Stamp("a request needs its answer".to_owned())),
        };
        write(&dir.join(MANIFEST), &self.manifest)?;
        write(&dir.join(ENVELOPE), &self.envelope)?;
        crate::write::sync_dir(dir)?;
        Ok(time)
    }
}

fn write(path: &Path, bytes: &[u8]) -> Result<(), Error> {
    let mut file = File::create_new(path).map_err(Error::io(path))?;
    let written = file.write_all(bytes).and_then(|()| file.sync_all());
    written.map_err(|e| {
        // Half a file would look like a seal.
        let _ = fs::remove_file(path);
        Error::io(path)(e)
    })
}
