//! The signature: a DSSE envelope around an in-toto Statement v1.
//!
//! <https://github.com/secure-systems-lab/dsse/blob/master/protocol.md>,
//! <https://github.com/in-toto/attestation/blob/main/spec/v1/statement.md>.

use super::error::Error;
use super::key::PublicKey;
use super::manifest::Tree;
use crate::info::{Counts, Outcome, Tool};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Type of the payload.
pub const PAYLOAD_TYPE: &str = "application/vnd.in-toto+json";
const STATEMENT_TYPE: &str = "https://in-toto.io/Statement/v1";
/// Type of the predicate; `docs/evidence.md` describes it.
pub const PREDICATE_TYPE: &str = "urn:shoseki:seal:2";
/// That of seals without a redacted form; read for ever.
const FIRST_TYPE: &str = "urn:shoseki:seal:1";
/// The manifest of the redacted form, as a subject.
const REDACTED: &str = "redacted/manifest.json";

/// What is signed, as in-toto wants it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Statement {
    #[serde(rename = "_type")]
    kind: String,
    /// `manifest.json` and its digest.
    pub subject: Vec<Subject>,
    #[serde(rename = "predicateType")]
    predicate_type: String,
    /// What is said of it.
    pub predicate: Predicate,
}

/// A file that is sealed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Subject {
    /// Its name.
    pub name: String,
    /// `sha256` and its hexadecimal digits.
    pub digest: BTreeMap<String, String>,
}

/// What the seal says of a run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Predicate {
    /// Who sealed.
    pub sealed_by: Tool,
    /// This machine's time when it was sealed, RFC 3339 in UTC. Only a time stamp
    /// proves it.
    pub sealed_at: String,
    /// How the run ended.
    pub outcome: Outcome,
    /// Its numbers of records.
    pub counts: Counts,
    /// The Merkle tree over files and records.
    pub tree: Tree,
    /// The tree of the redacted form; none in seals of the first type.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub redacted: Option<Tree>,
    /// The time stamp that goes with this seal; `None`: none was asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub timestamp: Option<Announced>,
}

/// A time stamp that was asked for: without it the seal is not whole.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Announced {
    /// The nonce of the request, in hexadecimal.
    pub nonce: String,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    payload: String,
    #[serde(rename = "payloadType")]
    payload_type: String,
    signatures: Vec<Signature>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Signature {
    keyid: String,
    sig: String,
}

/// `seal.dsse.json`, read.
#[derive(Clone, Debug)]
pub struct Envelope {
    payload: Vec<u8>,
    /// Id of the key that signed, [`PublicKey::id`].
    pub key: String,
    signature: Vec<u8>,
    /// What is signed.
    pub statement: Statement,
}

/// What a DSSE signature signs: the pre-authentication encoding.
pub fn pae(payload_type: &str, payload: &[u8]) -> Vec<u8> {
    let out = format!(
        "DSSEv1 {} {payload_type} {} ",
        payload_type.len(),
        payload.len()
    );
    let mut out = out.into_bytes();
    out.extend_from_slice(payload);
    out
}

/// What is to be signed of the manifests with these digests, the run's own and
/// that of its redacted form: the payload.
pub fn payload([own, redacted]: [&str; 2], predicate: Predicate) -> Result<Vec<u8>, Error> {
    let subject = |name: &str, sha256: &str| Subject {
        name: name.to_owned(),
        digest: BTreeMap::from([("sha256".to_owned(), sha256.to_owned())]),
    };
    let statement = Statement {
        kind: STATEMENT_TYPE.to_owned(),
        subject: vec![subject(super::MANIFEST, own), subject(REDACTED, redacted)],
        predicate_type: PREDICATE_TYPE.to_owned(),
        predicate,
    };
    serde_json::to_vec(&statement).map_err(|e| Error::Key(e.to_string()))
}

/// The bytes of `seal.dsse.json`.
pub fn envelope(payload: &[u8], key: &PublicKey, signature: &[u8]) -> Result<Vec<u8>, Error> {
    let file = File {
        payload: STANDARD.encode(payload),
        payload_type: PAYLOAD_TYPE.to_owned(),
        signatures: vec![Signature {
            keyid: key.id(),
            sig: STANDARD.encode(signature),
        }],
    };
    bytes(&file).map_err(|e| Error::Key(e.to_string()))
}

fn bytes(file: &File) -> serde_json::Result<Vec<u8>> {
    let mut out = serde_json::to_vec(file)?;
    out.push(b'\n');
    Ok(out)
}

impl Envelope {
    /// Reads `seal.dsse.json`. What the signature does not cover must be exactly
    /// as [`envelope`] writes it; otherwise says what is wrong.
    pub fn parse(text: &[u8]) -> Result<Self, String> {
        let file: File = serde_json::from_slice(text).map_err(|e| e.to_string())?;
        if bytes(&file).map_err(|e| e.to_string())? != text {
            return Err("it is not in the form in which it was written".to_owned());
        }
        if file.payload_type != PAYLOAD_TYPE {
            return Err(format!("the payload type is not {PAYLOAD_TYPE}"));
        }
        let [signature] = &file.signatures[..] else {
            return Err("it has not exactly one signature".to_owned());
        };
        let payload = STANDARD.decode(&file.payload).map_err(|e| e.to_string())?;
        let statement: Statement = serde_json::from_slice(&payload).map_err(|e| e.to_string())?;
        let types = [(FIRST_TYPE, false), (PREDICATE_TYPE, true)];
        let known = types.contains(&(
            statement.predicate_type.as_str(),
            statement.predicate.redacted.is_some(),
        ));
        if statement.kind != STATEMENT_TYPE || !known {
            return Err(format!(
                "it is no statement of the type {PREDICATE_TYPE}, or of a newer version"
            ));
        }
        Ok(Self {
            payload,
            key: signature.keyid.clone(),
            signature: STANDARD.decode(&signature.sig).map_err(|e| e.to_string())?,
            statement,
        })
    }

    /// Whether this key signed it.
    pub fn signed_by(&self, key: &PublicKey) -> bool {
        key.verifies(&pae(PAYLOAD_TYPE, &self.payload), &self.signature)
    }

    /// The digest of the manifest that was signed.
    pub fn manifest(&self) -> Option<&str> {
        self.signed().0
    }

    /// The digest of the redacted form's manifest; `None`: there is no such form.
    pub fn redacted(&self) -> Option<&str> {
        self.signed().1
    }

    fn signed(&self) -> (Option<&str>, Option<&str>) {
        fn of<'s>(s: &'s Subject, name: &str) -> Option<&'s str> {
            let digest = s.digest.get("sha256").map(String::as_str);
            digest.filter(|_| s.name == name)
        }
        let own = super::MANIFEST;
        match (
            &self.statement.subject[..],
            &self.statement.predicate.redacted,
        ) {
            ([s], None) => (of(s, own), None),
            ([s, r], Some(_)) => (of(s, own), of(r, REDACTED)),
            _ => (None, None),
        }
    }
}
