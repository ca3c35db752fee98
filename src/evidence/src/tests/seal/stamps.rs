//! Time stamps of an authority made with OpenSSL.

use super::*;
use crate::seal::{About, ENVELOPE, Error, Proof, STAMP, check};
use std::fs;

/// An authority in a directory.
pub(super) struct Authority(tempfile::TempDir);

const CONFIG: &str = "
[tsa]
default_tsa = t
[t]
serial = serial
digests = sha256
default_policy = 1.2.3.4.1
signer_digest = SIGNER
ess_cert_id_alg = ESS
accuracy = secs:1
clock_precision_digits = 3
";
const USAGE: &str = "basicConstraints=CA:FALSE\nkeyUsage=critical,digitalSignature\nextendedKeyUsage=critical,timeStamping\n";

impl Authority {
    /// `key`: what `openssl req -newkey` takes; `ess`: how the signer's
    /// certificate is named.
    fn new(key: &str, digest: &str, ess: &str) -> Self {
        let this = Self(tempfile::tempdir().unwrap());
        let put = |name: &str, text: &str| fs::write(this.0.path().join(name), text).unwrap();
        put("cnf", &CONFIG.replace("SIGNER", digest).replace("ESS", ess));
        put("ext", USAGE);
        put("serial", "01\n");
        put(
            "curve",
            "-----BEGIN EC PARAMETERS-----\nBggqhkjOPQMBBw==\n-----END EC PARAMETERS-----\n",
        );
        let run = |line: &str| {
            let args: Vec<&str> = line.split(' ').collect();
            command("openssl", this.0.path(), &args)
        };
        run(&format!(
            "req -x509 -newkey {key} -nodes -keyout ca.key -out ca.pem -subj /CN=CA -days 99"
        ));
        run(&format!(
            "req -newkey {key} -nodes -keyout tsa.key -out tsa.csr -subj /CN=TSA"
        ));
        run(
            "x509 -req -in tsa.csr -CA ca.pem -CAkey ca.key -set_serial 2 -out tsa.pem -days 9 -extfile ext",
        );
        this
    }

    pub(super) fn usual() -> Self {
        Self::new("ec:curve", "sha256", "sha256")
    }

    fn answer(&self, query: &[u8]) -> Vec<u8> {
        fs::write(self.0.path().join("q"), query).unwrap();
        let args = "ts -reply -config cnf -queryfile q -signer tsa.pem -inkey tsa.key -out r";
        command(
            "openssl",
            self.0.path(),
            &args.split(' ').collect::<Vec<_>>(),
        );
        fs::read(self.0.path().join("r")).unwrap()
    }

    /// A run that is sealed and stamped; the trust to check it.
    pub(super) fn stamped(&self, dir: &Path) -> Trust {
        let key = SecretKey::generate(Algorithm::Ed25519).unwrap();
        let draft = draft(&write(dir), &key, true);
        let answer = self.answer(&draft.query().unwrap().unwrap());
        assert!(draft.write(dir, Some(&answer)).unwrap().is_some());
        let mut trust = Trust {
            keys: vec![key.public()],
            ..Trust::default()
        };
        trust.add_roots(&self.0.path().join("ca.pem")).unwrap();
        trust
    }
}

#[test]
fn a_stamp_is_proven_against_its_root_and_openssl_agrees() {
    for (key, digest, ess) in [
        ("rsa:2048", "sha256", "sha256"),
        ("rsa:2048", "sha512", "sha1"),
        ("ec:curve", "sha384", "sha384"),
    ] {
        let authority = Authority::new(key, digest, ess);
        let dir = tempfile::tempdir().unwrap();
        let trust = authority.stamped(dir.path());
        let report = check(dir.path(), &trust).unwrap();
        assert_eq!(open_points(&report), [], "{key} {digest}: {report:#?}");
        assert!(report.stamped.is_some());
        let ca = authority.0.path().join("ca.pem");
        let verify = [
            "ts",
            "-verify",
            "-data",
            ENVELOPE,
            "-in",
            STAMP,
            "-CAfile",
            ca.to_str().unwrap(),
        ];
        assert!(command("openssl", dir.path(), &verify).contains("OK"));
        // Without roots the signature is not claimed to be checked.
        let keys_alone = Trust {
            roots: Vec::new(),
            ..trust
        };
        let report = check(dir.path(), &keys_alone).unwrap();
        assert_eq!(open_points(&report), [(About::TimeStamp, Proof::NotProven)]);
        assert!(
            report
                .about(About::TimeStamp)
                .unwrap()
                .text
                .en
                .contains("was not checked by this tool")
        );
    }
}

#[test]
fn a_stamp_of_somebody_else_or_on_something_else_is_broken() {
    let broken = [(About::TimeStamp, Proof::Broken)];
    let (one, two) = (Authority::usual(), Authority::usual());
    let dir = tempfile::tempdir().unwrap();
    let trust = one.stamped(dir.path());
    let stamp = fs::read(dir.path().join(STAMP)).unwrap();
    let other = tempfile::tempdir().unwrap();
    let foreign = two.stamped(other.path());
    // Another authority's root.
    let mixed = Trust {
        roots: foreign.roots.clone(),
        ..trust.clone()
    };
    assert_eq!(open_points(&check(dir.path(), &mixed).unwrap()), broken);
    // The stamp of another seal, and none.
    fs::copy(other.path().join(STAMP), dir.path().join(STAMP)).unwrap();
    assert_eq!(open_points(&check(dir.path(), &trust).unwrap()), broken);
    fs::remove_file(dir.path().join(STAMP)).unwrap();
    assert_eq!(open_points(&check(dir.path(), &trust).unwrap()), broken);
    fs::write(dir.path().join(STAMP), stamp).unwrap();
    assert_eq!(open_points(&check(dir.path(), &trust).unwrap()), []);
    let seal = tempfile::tempdir().unwrap();
    let key = SecretKey::generate(Algorithm::Ed25519).unwrap();
    let draft = draft(&write(seal.path()), &key, true);
    assert!(draft.write(seal.path(), None).is_err());
    for garbage in [
        &b""[..],
        b"no",
        b"\x30\x03\x02\x01\x00",
        b"\x30\x05\x30\x03\x02\x01\x02",
    ] {
        assert!(matches!(
            draft.write(seal.path(), Some(garbage)),
            Err(Error::Stamp(_))
        ));
    }
    let twice = one.answer(
        &self::draft(&Run::open(seal.path()).unwrap(), &key, true)
            .query()
            .unwrap()
            .unwrap(),
    );
    assert!(matches!(
        draft.write(seal.path(), Some(&twice)),
        Err(Error::Stamp(_))
    ));
    assert!(!crate::seal::is_sealed(seal.path()));
}
