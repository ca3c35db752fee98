//! Seals: what lets a stranger see that nothing of a run was changed, added or
//! left out. `docs/evidence.md` describes the files, and how to check them with
//! other tools.
//!
//! `manifest.json` lists every file and the root of a Merkle tree over files and
//! records; `seal.dsse.json` is a signature on the manifest, `seal.tsr` a time
//! stamp on the signature. A [bundle](pack) is the whole in one file, a
//! [part](extract) some records of it with their proofs.

mod bundle;
mod check;
mod cms;
mod envelope;
mod error;
mod key;
mod links;
mod manifest;
pub mod merkle;
mod part;
mod redact;
mod report;
mod sealing;
mod stamp;
mod survey;
mod tlv;

pub use bundle::{Opened, pack};
pub use check::{Trust, check};
pub use cms::Unverified;
pub use envelope::{Announced, Envelope, PAYLOAD_TYPE, PREDICATE_TYPE, Predicate, pae};
pub use error::Error;
pub use key::{Algorithm, PublicKey, SecretKey};
pub use manifest::{ClockSkew, Entry, Manifest, Moment, Times, Tree};
pub use part::{Chosen, extract};
pub use redact::{Disclosed, Hidden, Named, Pseudonyms, disclose, pack_redacted};
pub use report::{About, Proof, SealReport, Statement};
pub use sealing::{Draft, Unsigned, give_up, is_sealed};
pub use stamp::{QUERY_TYPE, Stamp};
#[cfg(test)]
pub(crate) use survey::Survey;

/// The list of all files.
pub const MANIFEST: &str = "manifest.json";
/// The signature.
pub const ENVELOPE: &str = "seal.dsse.json";
/// The time stamp.
pub const STAMP: &str = "seal.tsr";
/// What a bundle says of itself.
pub const BUNDLE: &str = "bundle.json";
