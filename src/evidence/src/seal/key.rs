//! Keys that sign: Ed25519 and ECDSA over P-256, stored as PKCS#8.

use super::error::Error;
use ed25519_dalek::Signer as _;
use ed25519_dalek::pkcs8::KeypairBytes;
use p256::ecdsa::signature::Verifier as _;
use pkcs8::pkcs5::{pbes2, scrypt};
use pkcs8::spki::{DecodePublicKey, EncodePublicKey};
use pkcs8::{DecodePrivateKey, EncodePrivateKey, LineEnding};
use shoseki_model::digest;
use std::fmt;
use std::path::Path;

/// How a key signs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Algorithm {
    /// Ed25519 (RFC 8032).
    Ed25519,
    /// ECDSA over P-256 with SHA-256, signatures in DER.
    P256,
}

impl Algorithm {
    /// `ed25519` or `ecdsa-p256-sha256`.
    pub fn name(self) -> &'static str {
        match self {
            Algorithm::Ed25519 => "ed25519",
            Algorithm::P256 => "ecdsa-p256-sha256",
        }
    }
}

/// Binary logarithm of N, r, p. As strong as OWASP asks for (Password Storage
/// Cheat Sheet), and below the memory that OpenSSL grants.
const SCRYPT: (u8, u32, u32) = (14, 8, 5);

enum Secret {
    Ed25519(Box<ed25519_dalek::SigningKey>),
    P256(p256::ecdsa::SigningKey),
}

/// A key that signs. It is wiped from memory when dropped.
pub struct SecretKey(Secret);

impl fmt::Debug for SecretKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SecretKey({})", self.public().id())
    }
}

fn told(e: impl fmt::Display) -> Error {
    Error::Key(format!("the key cannot be made: {e}"))
}

impl SecretKey {
    /// A new key from the system's randomness.
    pub fn generate(algorithm: Algorithm) -> Result<Self, Error> {
        loop {
            let mut bytes = [0; 32];
            getrandom::fill(&mut bytes).map_err(told)?;
            match algorithm {
                Algorithm::Ed25519 => {
                    let key = ed25519_dalek::SigningKey::from_bytes(&bytes);
                    return Ok(Self(Secret::Ed25519(Box::new(key))));
                }
                // Fails for zero and above the group's order: draw again.
                Algorithm::P256 => {
                    if let Ok(key) = p256::ecdsa::SigningKey::from_slice(&bytes) {
                        return Ok(Self(Secret::P256(key)));
                    }
                }
            }
        }
    }

    /// PKCS#8 in PEM, encrypted by PBES2 (scrypt, AES-256-CBC), as `openssl
    /// pkey` reads it.
    pub fn to_pem(&self, passphrase: &str) -> Result<String, Error> {
        let plain = match &self.0 {
            // Without the public half: OpenSSL 3.0 cannot read the newer form.
            Secret::Ed25519(k) => KeypairBytes {
                secret_key: k.to_bytes(),
                public_key: None,
            }
            .to_pkcs8_der(),
            Secret::P256(k) => k.to_pkcs8_der(),
        };
        let plain = plain.map_err(told)?;
        let info: pkcs8::PrivateKeyInfoRef<'_> =
            plain.decode_msg().map_err(|e: der::Error| told(e))?;
        let (mut salt, mut iv) = ([0; 16], [0; 16]);
        getrandom::fill(&mut salt).map_err(told)?;
        getrandom::fill(&mut iv).map_err(told)?;
        let (log_n, r, p) = SCRYPT;
        let scrypt = scrypt::Params::new(log_n, r, p).map_err(told)?;
        let how = pbes2::Parameters::generate_scrypt_aes256cbc(scrypt, &salt, iv).map_err(told)?;
        let sealed = info.encrypt_with_params(how, passphrase).map_err(told)?;
        let pem = sealed
            .to_pem("ENCRYPTED PRIVATE KEY", LineEnding::LF)
            .map_err(told)?;
        Ok(pem.as_str().to_owned())
    }

    /// Reads what [`SecretKey::to_pem`] writes. A key that is not encrypted is
    /// refused.
    pub fn from_pem(pem: &str, passphrase: &str) -> Result<Self, Error> {
        if !pem.contains("BEGIN ENCRYPTED PRIVATE KEY") {
            return Err(Error::Key(
                "this is no encrypted PKCS#8 key; `shoseki keygen` makes one, `openssl pkcs8 -topk8` converts one"
                    .to_owned(),
            ));
        }
        // The container first, so that a wrong passphrase is told as such.
        let (_, der) = pkcs8::Document::from_pem(pem).map_err(|e| Error::Key(e.to_string()))?;
        let sealed: pkcs8::EncryptedPrivateKeyInfoRef<'_> = der
            .decode_msg()
            .map_err(|e: der::Error| Error::Key(e.to_string()))?;
        let open = sealed.decrypt(passphrase).map_err(|_| {
            Error::Key("the key cannot be decrypted: is the passphrase right?".to_owned())
        })?;
        let der = open.as_bytes();
        if let Ok(k) = ed25519_dalek::SigningKey::from_pkcs8_der(der) {
            return Ok(Self(Secret::Ed25519(Box::new(k))));
        }
        match p256::ecdsa::SigningKey::from_pkcs8_der(der) {
            Ok(k) => Ok(Self(Secret::P256(k))),
            Err(_) => Err(Error::Key(
                "the key is neither Ed25519 nor ECDSA over P-256".to_owned(),
            )),
        }
    }

    /// Reads a key file.
    pub fn read(path: &Path, passphrase: &str) -> Result<Self, Error> {
        let pem = std::fs::read_to_string(path).map_err(Error::io(path))?;
        Self::from_pem(&pem, passphrase).map_err(|e| Error::Key(format!("{}: {e}", path.display())))
    }

    /// Its public half.
    pub fn public(&self) -> PublicKey {
        PublicKey(match &self.0 {
            Secret::Ed25519(k) => Public::Ed25519(Box::new(k.verifying_key())),
            Secret::P256(k) => Public::P256(*k.verifying_key()),
        })
    }

    /// Signs. Both algorithms are deterministic.
    pub fn sign(&self, message: &[u8]) -> Result<Vec<u8>, Error> {
        match &self.0 {
            Secret::Ed25519(k) => Ok(k.sign(message).to_bytes().to_vec()),
            Secret::P256(k) => {
                let s: p256::ecdsa::Signature = k.try_sign(message).map_err(told)?;
                // Of the two forms that verify, only the lower is ever accepted.
                Ok(s.normalize_s().to_der().as_bytes().to_vec())
            }
        }
    }
}

#[derive(Clone, Debug, PartialEq)]
enum Public {
    Ed25519(Box<ed25519_dalek::VerifyingKey>),
    P256(p256::ecdsa::VerifyingKey),
}

/// A key that is trusted to have signed.
#[derive(Clone, Debug, PartialEq)]
pub struct PublicKey(Public);

impl PublicKey {
    /// Its algorithm.
    pub fn algorithm(&self) -> Algorithm {
        match self.0 {
            Public::Ed25519(_) => Algorithm::Ed25519,
            Public::P256(_) => Algorithm::P256,
        }
    }

    fn der(&self) -> Vec<u8> {
        let der = match &self.0 {
            Public::Ed25519(k) => k.to_public_key_der(),
            Public::P256(k) => k.to_public_key_der(),
        };
        // A valid key has always an encoding.
        der.map(|d| d.as_bytes().to_vec()).unwrap_or_default()
    }

    /// SHA-256 of the SubjectPublicKeyInfo in DER, in hexadecimal: what `openssl
    /// pkey -pubin -in FILE -outform DER | sha256sum` prints.
    pub fn id(&self) -> String {
        digest(&self.der())
    }

    /// SubjectPublicKeyInfo in PEM.
    pub fn to_pem(&self) -> Result<String, Error> {
        match &self.0 {
            Public::Ed25519(k) => k.to_public_key_pem(LineEnding::LF),
            Public::P256(k) => k.to_public_key_pem(LineEnding::LF),
        }
        .map_err(told)
    }

    /// Reads all keys of a PEM text; one that cannot be used is an error.
    pub fn all_from_pem(text: &str) -> Result<Vec<Self>, Error> {
        let mut out = Vec::new();
        for block in blocks(text, "PUBLIC KEY") {
            let key = if let Ok(k) = ed25519_dalek::VerifyingKey::from_public_key_pem(&block) {
                Public::Ed25519(Box::new(k))
            } else if let Ok(k) = p256::ecdsa::VerifyingKey::from_public_key_pem(&block) {
                Public::P256(k)
            } else {
                return Err(Error::Key(format!(
                    "public key {}: neither Ed25519 nor ECDSA over P-256",
                    out.len() + 1
                )));
            };
            out.push(Self(key));
        }
        if out.is_empty() {
            return Err(Error::Key(
                "there is no `BEGIN PUBLIC KEY` in it; the .pub file beside the key is meant"
                    .to_owned(),
            ));
        }
        Ok(out)
    }

    /// Reads a SubjectPublicKeyInfo in DER.
    pub fn from_der(der: &[u8]) -> Result<Self, Error> {
        if let Ok(k) = ed25519_dalek::VerifyingKey::from_public_key_der(der) {
            return Ok(Self(Public::Ed25519(Box::new(k))));
        }
        let other = |_| Error::Key("the public key is neither Ed25519 nor ECDSA over P-256".into());
        let key = p256::ecdsa::VerifyingKey::from_public_key_der(der).map_err(other)?;
        Ok(Self(Public::P256(key)))
    }

    /// A signature on `message` that was made elsewhere, in the one form that is
    /// accepted; an error where it is none by this key.
    pub fn accept(&self, message: &[u8], signature: &[u8]) -> Result<Vec<u8>, Error> {
        let one = match &self.0 {
            Public::Ed25519(_) => Some(signature.to_vec()),
            // Of the two forms that verify, only the lower is ever accepted.
            Public::P256(_) => p256::ecdsa::Signature::from_der(signature)
                .ok()
                .map(|s| s.normalize_s().to_der().as_bytes().to_vec()),
        };
        one.filter(|s| self.verifies(message, s)).ok_or_else(|| {
            Error::Signature("it is none by this key on what was to be signed".to_owned())
        })
    }

    /// Whether it signed `message`. Strict: a signature has one form only.
    pub fn verifies(&self, message: &[u8], signature: &[u8]) -> bool {
        match &self.0 {
            Public::Ed25519(k) => ed25519_dalek::Signature::from_slice(signature)
                .is_ok_and(|s| k.verify_strict(message, &s).is_ok()),
            Public::P256(k) => p256::ecdsa::Signature::from_der(signature)
                .is_ok_and(|s| s.normalize_s() == s && k.verify(message, &s).is_ok()),
        }
    }
}

/// The PEM blocks with this label.
pub(super) fn blocks(text: &str, label: &str) -> Vec<String> {
    let (begin, end) = (
        format!("-----BEGIN {label}-----"),
        format!("-----END {label}-----"),
    );
    let mut out = Vec::new();
    let mut rest = text;
    while let Some(at) = rest.find(&begin) {
        rest = &rest[at..];
        let Some(to) = rest.find(&end) else { break };
        let to = to + end.len();
        out.push(format!("{}\n", &rest[..to]));
        rest = &rest[to..];
    }
    out
}
