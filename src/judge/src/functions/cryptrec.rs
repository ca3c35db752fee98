//! Algorithms of the CRYPTREC list of ciphers recommended for e-government
//! (電子政府推奨暗号リスト, CRYPTREC LS-0001-2022 of 2023-03-30 and its updates R1
//! and R2; key lengths after CRYPTREC LS-0003-2022).
//!
//! On it: RSASSA-PKCS1-v1_5, RSA-PSS, RSA-OAEP, DSA, ECDSA, EdDSA, DH, ECDH, AES,
//! Camellia, ChaCha20-Poly1305, CBC, CCM, GCM, SHA-256, SHA-384, SHA-512, HMAC.
//! Not on it but on the list of ciphers to be watched (運用監視暗号リスト), hence not
//! recommended: RSAES-PKCS1-v1_5 (the key transport of TLS without DHE), 3-key
//! Triple DES, SHA-1. What is known to neither list is an error, not a verdict.

use crate::eval::value::{V, fault};
use jiff::Timestamp;
use shoseki_model::Text;

/// Whether a TLS cipher suite is made of recommended algorithms.
pub(crate) fn cipher<'a>(v: &[V<'a>], _: Timestamp) -> V<'a> {
    let name = v.first().and_then(V::as_str).unwrap_or_default();
    match suite(name) {
        Some(b) => V::Bool(b),
        None => fault(Text::new(
            format!("暗号スイート {name:?} を知らない"),
            format!("{name:?} is not a known cipher suite"),
        )),
    }
}

fn suite(name: &str) -> Option<bool> {
    let name = name.to_ascii_uppercase().replace('-', "_");
    let (exchange, cipher) = if let Some(rest) = name.strip_prefix("TLS_") {
        match rest.split_once("_WITH_") {
            Some((exchange, cipher)) => (exchange, cipher),
            // TLS 1.3 agrees keys by (EC)DHE alone and names the cipher only.
            None => ("ECDHE_RSA", rest),
        }
    } else {
        openssl(&name)
    };
    let pieces: Vec<&str> = cipher.split('_').collect();
    Some(exchanged(exchange)? & ciphered(&pieces)?)
}

/// OpenSSL leaves the key exchange out where it is RSA.
fn openssl(name: &str) -> (&str, &str) {
    const EXCHANGES: [&str; 16] = [
        "ECDHE_ECDSA_",
        "ECDHE_RSA_",
        "ECDHE_PSK_",
        "ECDH_ECDSA_",
        "ECDH_RSA_",
        "DHE_RSA_",
        "DHE_DSS_",
        "DHE_PSK_",
        "RSA_PSK_",
        "EDH_RSA_",
        "EDH_DSS_",
        "DH_RSA_",
        "DH_DSS_",
        "ADH_",
        "AECDH_",
        "PSK_",
    ];
    match EXCHANGES.iter().find(|e| name.starts_with(**e)) {
        Some(e) => (&name[..e.len() - 1], &name[e.len()..]),
        None => ("RSA", name),
    }
}

fn exchanged(s: &str) -> Option<bool> {
    match s {
        "ECDHE_ECDSA" | "ECDHE_RSA" | "DHE_RSA" | "EDH_RSA" | "DHE_DSS" | "EDH_DSS"
        | "ECDH_ECDSA" | "ECDH_RSA" | "DH_RSA" | "DH_DSS" => Some(true),
        // RSA as key transport is RSAES-PKCS1-v1_5; the others authenticate nobody.
        "RSA" | "RSA_PSK" | "ADH" | "AECDH" | "DH_ANON" | "ECDH_ANON" | "NULL" => Some(false),
        s if s.contains("EXPORT") => Some(false),
        _ => None,
    }
}

/// The cipher with its mode and the hash.
fn ciphered(pieces: &[&str]) -> Option<bool> {
    const BROKEN: [&str; 14] = [
        "RC4", "RC2", "DES", "3DES", "DES40", "CBC3", "NULL", "MD5", "IDEA", "SEED", "ARIA", "EXP",
        "GOST", "EXPORT",
    ];
    let bare = |p: &str| BROKEN.contains(&p.trim_end_matches(|c: char| c.is_ascii_digit()));
    if pieces.iter().any(|p| BROKEN.contains(p) || bare(p)) {
        return Some(false);
    }
    let joined = pieces.join("_");
    if matches!(
        joined.as_str(),
        "CHACHA20_POLY1305" | "CHACHA20_POLY1305_SHA256"
    ) {
        return Some(true);
    }
    let (block, rest) = match pieces {
        [
            "AES128" | "AES256" | "CAMELLIA128" | "CAMELLIA256",
            rest @ ..,
        ]
        | ["AES" | "CAMELLIA", "128" | "256", rest @ ..] => (true, rest),
        _ => (false, pieces),
    };
    if !block {
        return None;
    }
    match rest {
        ["GCM" | "CBC", "SHA256" | "SHA384"] | ["SHA256" | "SHA384"] => Some(true),
        ["CCM" | "CCM8"] | ["CCM", "8"] | ["CCM", "SHA256"] | ["CCM", "8", "SHA256"] => Some(true),
        ["CBC", "SHA"] | ["SHA"] => Some(false),
        _ => None,
    }
}

/// Whether a key's algorithm and length are acceptable under the list.
pub(crate) fn key<'a>(v: &[V<'a>], _: Timestamp) -> V<'a> {
    let name = v.first().and_then(V::as_str).unwrap_or_default();
    let bits = match v.get(1) {
        Some(V::Int(n)) => *n,
        _ => 0,
    };
    match acceptable(&name.to_ascii_uppercase().replace(['-', ' '], "_"), bits) {
        Some(b) => V::Bool(b),
        None => fault(Text::new(
            format!("鍵の種類 {name:?}（{bits} ビット）を知らない"),
            format!("{name:?} with {bits} bits is not a known kind of key"),
        )),
    }
}

fn acceptable(name: &str, bits: i64) -> Option<bool> {
    // Names of ACM, AWS Private CA, AWS KMS, EC2 and IAM that spell the length.
    let named = match name {
        "EC_PRIME256V1" | "EC_SECP384R1" | "EC_SECP521R1" | "ECC_NIST_P256" | "ECC_NIST_P384"
        | "ECC_NIST_P521" | "P_256" | "P_384" | "P_521" => Some(true),
        "ED25519" | "ED448" | "EDDSA" | "ECC_NIST_EDWARDS25519" => Some(true),
        "SYMMETRIC_DEFAULT" | "HMAC_256" | "HMAC_384" | "HMAC_512" => Some(true),
        "HMAC_224" | "SM2" => Some(false),
        _ => None,
    };
    if named.is_some() {
        return named;
    }
    if let Some(known) = cloud_kms(name) {
        return known;
    }
    let (family, spelt) = match name.split_once('_') {
        Some((f, n)) => (f, n.parse::<i64>().ok()?),
        None => (name, bits),
    };
    if spelt <= 0 {
        return None;
    }
    match family {
        "RSA" | "DSA" | "DH" => Some(spelt >= 2048),
        "EC" | "ECDSA" | "ECDH" => Some(spelt >= 256),
        "AES" | "CAMELLIA" => Some(spelt >= 128),
        _ => None,
    }
}

/// Names of Google Cloud KMS (`CryptoKeyVersionAlgorithm`), which spell padding and
/// hash. `Some(None)`: a name of its, on no list that is known here.
fn cloud_kms(name: &str) -> Option<Option<bool>> {
    let pieces: Vec<&str> = name.split('_').collect();
    let bits = |n: &str| n.parse::<u32>().ok().filter(|n| *n >= 2048);
    Some(match pieces.as_slice() {
        ["GOOGLE", "SYMMETRIC", "ENCRYPTION"] => Some(true),
        ["AES", "128" | "192" | "256", "GCM" | "CBC" | "CTR"] => Some(true),
        ["RSA", "SIGN", "PSS" | "PKCS1", n, hash] => {
            Some(bits(n).is_some() && matches!(*hash, "SHA256" | "SHA384" | "SHA512"))
        }
        ["RSA", "DECRYPT", "OAEP", n, hash] => {
            Some(bits(n).is_some() && matches!(*hash, "SHA256" | "SHA384" | "SHA512"))
        }
        // The hash is made by the one who asks for the signature.
        ["RSA", "SIGN", "RAW", "PKCS1", n] => Some(bits(n).is_some()),
        ["EC", "SIGN", "P256", "SHA256"] | ["EC", "SIGN", "P384", "SHA384"] => Some(true),
        ["EC", "SIGN", "ED25519"] => Some(true),
        ["EC", "SIGN", "SECP256K1", _] => Some(false),
        ["HMAC", "SHA1" | "SHA224"] => Some(false),
        ["HMAC", "SHA256" | "SHA384" | "SHA512"] => Some(true),
        ["PQ", ..] | ["ML", "KEM", ..] | ["KEM", ..] => None,
        _ => return None,
    })
}

#[cfg(test)]
#[path = "tests/cryptrec.rs"]
mod tests;
