//! Keys and signatures against implementations that are not ours: OpenSSL and
//! securesystemslib.

use super::*;
use crate::seal::{ENVELOPE, Envelope, Error, MANIFEST, PAYLOAD_TYPE, PublicKey, pae};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use std::fs;
use std::path::PathBuf;

const BOTH: [Algorithm; 2] = [Algorithm::Ed25519, Algorithm::P256];

/// The interpreter with the packages of `tests/requirements.txt`.
fn python() -> PathBuf {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../.venv/bin/python");
    assert!(path.exists(), "run tests/setup first: it makes .venv");
    path
}

#[test]
fn a_key_is_encrypted_and_openssl_reads_it() {
    for algorithm in BOTH {
        let key = SecretKey::generate(algorithm).unwrap();
        let pem = key.to_pem("とても秘密").unwrap();
        let again = SecretKey::from_pem(&pem, "とても秘密").unwrap();
        assert_eq!(again.public(), key.public());
        let wrong = SecretKey::from_pem(&pem, "other").unwrap_err();
        assert!(wrong.to_string().contains("passphrase"), "{wrong}");
        let dir = tempfile::tempdir().unwrap();
        fs::write(dir.path().join("k"), pem).unwrap();
        let read = ["pkey", "-in", "k", "-passin", "pass:とても秘密", "-pubout"];
        let public = command("openssl", dir.path(), &read);
        assert_eq!(public, key.public().to_pem().unwrap());
        fs::write(dir.path().join("k.pub"), &public).unwrap();
        let der = [
            "pkey", "-pubin", "-in", "k.pub", "-outform", "DER", "-out", "k.der",
        ];
        command("openssl", dir.path(), &der);
        let sum = command("sha256sum", dir.path(), &["k.der"]);
        assert_eq!(sum.split(' ').next(), Some(key.public().id().as_str()));
        let plain = ["pkey", "-in", "k", "-passin", "pass:とても秘密"];
        let plain = command("openssl", dir.path(), &plain);
        assert!(matches!(
            SecretKey::from_pem(&plain, ""),
            Err(Error::Key(_))
        ));
        assert_eq!(
            PublicKey::all_from_pem(&format!("{public}{public}"))
                .unwrap()
                .len(),
            2
        );
    }
}

#[test]
fn openssl_verifies_the_signature() {
    for algorithm in BOTH {
        let dir = tempfile::tempdir().unwrap();
        let trust = sealed(dir.path(), algorithm);
        let tools = tempfile::tempdir().unwrap();
        let at = |name: &str| tools.path().join(name);
        let json: serde_json::Value =
            serde_json::from_slice(&fs::read(dir.path().join(ENVELOPE)).unwrap()).unwrap();
        let payload = STANDARD.decode(json["payload"].as_str().unwrap()).unwrap();
        let sig = json["signatures"][0]["sig"].as_str().unwrap();
        fs::write(at("pae"), pae(PAYLOAD_TYPE, &payload)).unwrap();
        fs::write(at("sig"), STANDARD.decode(sig).unwrap()).unwrap();
        fs::write(at("pub"), trust.keys[0].to_pem().unwrap()).unwrap();
        let ecdsa = [
            "dgst",
            "-sha256",
            "-verify",
            "pub",
            "-signature",
            "sig",
            "pae",
        ];
        let eddsa = [
            "pkeyutl", "-verify", "-pubin", "-inkey", "pub", "-rawin", "-in", "pae", "-sigfile",
            "sig",
        ];
        match algorithm {
            Algorithm::P256 => command("openssl", tools.path(), &ecdsa),
            Algorithm::Ed25519 => command("openssl", tools.path(), &eddsa),
        };
    }
}

#[test]
fn securesystemslib_verifies_the_envelope_and_in_toto_names_the_manifest() {
    const SCRIPT: &str = r#"
import hashlib, json, sys
from cryptography.hazmat.primitives.serialization import load_pem_public_key
from securesystemslib.dsse import Envelope
from securesystemslib.signer import SSlibKey
envelope, public, keyid, manifest = sys.argv[1:]
read = Envelope.from_dict(json.load(open(envelope)))
key = SSlibKey.from_crypto(load_pem_public_key(open(public, "rb").read()), keyid)
assert list(read.verify([key], 1)) == [keyid]
statement = json.loads(read.payload)
assert read.payload_type == "application/vnd.in-toto+json"
assert statement["_type"] == "https://in-toto.io/Statement/v1"
assert statement["predicateType"] == "urn:shoseki:seal:2"
subject, redacted = statement["subject"]
assert redacted["name"] == "redacted/manifest.json"
assert subject["digest"]["sha256"] == hashlib.sha256(open(manifest, "rb").read()).hexdigest()
read.payload += b" "
try:
    read.verify([key], 1)
except Exception:
    sys.exit(0)
sys.exit("a changed payload verifies")
"#;
    for algorithm in BOTH {
        let dir = tempfile::tempdir().unwrap();
        let trust = sealed(dir.path(), algorithm);
        let tools = tempfile::tempdir().unwrap();
        let public = tools.path().join("pub");
        fs::write(&public, trust.keys[0].to_pem().unwrap()).unwrap();
        let path = |p: &Path| p.to_str().unwrap().to_owned();
        let (envelope, manifest) = (dir.path().join(ENVELOPE), dir.path().join(MANIFEST));
        let args = [
            "-c",
            SCRIPT,
            &path(&envelope),
            &path(&public),
            &trust.keys[0].id(),
            &path(&manifest),
        ];
        command(&path(&python()), dir.path(), &args);
    }
}

#[test]
fn a_signature_and_an_envelope_have_one_form() {
    let dir = tempfile::tempdir().unwrap();
    let trust = sealed(dir.path(), Algorithm::P256);
    let text = fs::read_to_string(dir.path().join(ENVELOPE)).unwrap();
    let envelope = Envelope::parse(text.as_bytes()).unwrap();
    assert!(envelope.signed_by(&trust.keys[0]));
    for bent in [
        format!(" {text}"),
        text.trim_end().to_owned(),
        text.replacen(':', ": ", 1),
        text.replace("}]}", "}],\"more\":1}"),
        text.replace("application/", "Application/"),
    ] {
        assert!(Envelope::parse(bent.as_bytes()).is_err(), "{bent}");
    }
    // The other form of an ECDSA signature: the group's order minus s.
    let key = SecretKey::generate(Algorithm::P256).unwrap();
    let low = p256::ecdsa::Signature::from_der(&key.sign(b"m").unwrap()).unwrap();
    let (r, s) = low.split_scalars();
    let high = p256::ecdsa::Signature::from_scalars(r, -s).unwrap();
    assert!(key.public().verifies(b"m", low.to_der().as_bytes()));
    assert!(!key.public().verifies(b"m", high.to_der().as_bytes()));
}
