//! The redacted form of a run: names of people and values of tags replaced by
//! pseudonyms, sealed together with the run itself.
//!
//! Sealing writes `redaction.json` into the run, 256 random bits from which the
//! salt of each value comes, makes the redacted form and signs the digest of its
//! manifest beside that of the run's own. The form is a run like any other, with
//! `pseudonyms.jsonl`: for each pseudonym a commitment, SHA-256 over kind, salt
//! and value. Handing over salt and value later discloses one value; nothing
//! less does. `redaction.json` is a sealed file of the run, so that the run's
//! root and the digest of its manifest give away nothing either.

mod disclose;
mod form;
mod text;
mod values;

pub use disclose::{Disclosed, Hidden, Pseudonyms, disclose, pack_redacted};
pub use values::Named;

pub(super) use disclose::{check, check_form};
pub(super) use form::{Form, make};

use super::error::Error;
use aws_lc_rs::hmac;
use serde::{Deserialize, Serialize};
use shoseki_model::{digest, hex};
use std::fs;
use std::io;
use std::path::Path;

/// The key of a run's redacted form.
pub const KEY: &str = "redaction.json";
/// The pseudonyms of a redacted run.
pub const PSEUDONYMS: &str = "pseudonyms.jsonl";
/// Values that were disclosed with a redacted run.
pub const DISCLOSED: &str = "disclosed.jsonl";
const KEY_FORMAT: &str = "shoseki.redaction/1";
/// Hexadecimal digits of a commitment in its pseudonym.
const DIGITS: usize = 20;

/// `redaction.json`.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Key {
    format: String,
    /// 256 random bits in hexadecimal.
    key: String,
}

impl Key {
    fn new() -> Result<Self, Error> {
        let mut bytes = [0; 32];
        getrandom::fill(&mut bytes).map_err(|e| Error::Key(e.to_string()))?;
        Ok(Self {
            format: KEY_FORMAT.to_owned(),
            key: hex(&bytes),
        })
    }

    /// Writes a new one; one that an attempt to seal left is replaced.
    pub(super) fn create(dir: &Path) -> Result<Self, Error> {
        let path = dir.join(KEY);
        let key = Self::new()?;
        let text = serde_json::to_string(&key).map_err(|e| Error::unsound(&path, e.to_string()))?;
        fs::write(&path, text + "\n").map_err(Error::io(&path))?;
        Ok(key)
    }

    /// Takes that of a run away again, where it was not sealed after all.
    pub(super) fn remove(dir: &Path) -> Result<(), Error> {
        let path = dir.join(KEY);
        match fs::remove_file(&path) {
            Err(e) if e.kind() != io::ErrorKind::NotFound => Err(Error::io(&path)(e)),
            _ => Ok(()),
        }
    }

    /// That of a run; `None`: it was sealed without one.
    pub(super) fn read(dir: &Path) -> Result<Option<Self>, Error> {
        let path = dir.join(KEY);
        let text = match fs::read(&path) {
            Ok(text) => text,
            Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(e) => return Err(Error::io(&path)(e)),
        };
        let key: Self =
            serde_json::from_slice(&text).map_err(|e| Error::unsound(&path, e.to_string()))?;
        if key.format != KEY_FORMAT || key.key.len() != 64 {
            let why = format!("this program reads `{KEY_FORMAT}` with a key of 256 bits");
            return Err(Error::unsound(&path, why));
        }
        Ok(Some(key))
    }

    /// Of this run and this value alone.
    fn salt(&self, kind: Named, value: &str) -> String {
        let key = hmac::Key::new(hmac::HMAC_SHA256, self.key.as_bytes());
        let message = format!("salt\n{}\n{value}", kind.word());
        hex(hmac::sign(&key, message.as_bytes()).as_ref())
    }

    /// In the place of an id that was made of more than is known here.
    fn opaque(&self, id: &str) -> String {
        let key = hmac::Key::new(hmac::HMAC_SHA256, self.key.as_bytes());
        hex(hmac::sign(&key, format!("id\n{id}").as_bytes()).as_ref())
    }
}

/// SHA-256 over `shoseki.pseudonym/1`, kind, salt (64 hexadecimal digits) and
/// value, with a newline between them.
fn commitment(kind: Named, salt: &str, value: &str) -> String {
    let text = format!("shoseki.pseudonym/1\n{}\n{salt}\n{value}", kind.word());
    digest(text.as_bytes())
}

fn pseudonym(kind: Named, commitment: &str) -> String {
    format!("{}-{}", kind.word(), &commitment[..DIGITS])
}

/// Whether a data file is of the vocabulary and not of a person.
fn is_word_file(path: &str) -> bool {
    ["collectors/", "rules/", "mappings/", "catalogue"]
        .iter()
        .any(|p| path.starts_with(p))
}
