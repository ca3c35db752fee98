//! Seals by a key that stays in a KMS.

use crate::support::cli::{self, Ended, REGION};
use crate::support::moto::Moto;
use crate::support::proxy::Proxy;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::Command;

const RULES: [&str; 2] = ["--rules", "aws.kms.*"];

/// Runs a command that asks the KMS behind `url`.
fn at(url: &str, args: &[&str]) -> Ended {
    let mut args = args.to_vec();
    args.extend(["--endpoint", url, "--max-attempts", "1", "--lang", "en"]);
    let mut command = cli::shoseki(&args);
    command.env("AWS_REGION", REGION);
    cli::ended(command)
}

fn verified(run: &Path, key: &Path) {
    let (run, key) = (run.to_str().unwrap(), key.to_str().unwrap());
    let e = cli::run(&["verify", run, "--trust", key, "--lang", "en"]);
    assert_eq!(e.code, 0, "{}{}", e.out, e.err);
    let proven = "[proven] The manifest is signed";
    assert!(e.out.contains(proven), "{}", e.out);
}

/// The commands of docs/evidence.md.
fn openssl_verifies(run: &Path, key: &Path) {
    const SCRIPT: &str = r#"set -eu
jq -r .payload "$1/seal.dsse.json" | base64 -d > payload
jq -r '.subject[0].digest.sha256 + "  '"$1"'/manifest.json"' payload | sha256sum --check --quiet
t=application/vnd.in-toto+json
{ printf 'DSSEv1 %s %s %s ' ${#t} $t $(stat -c %s payload); cat payload; } > pae
jq -r '.signatures[0].sig' "$1/seal.dsse.json" | base64 -d > sig
test "$(openssl pkey -pubin -in "$2" -outform DER | sha256sum | cut -c -64)" = "$(jq -r '.signatures[0].keyid' "$1/seal.dsse.json")"
openssl dgst -sha256 -verify "$2" -signature sig pae"#;
    let folder = tempfile::tempdir().unwrap();
    let out = Command::new("sh")
        .args(["-c", SCRIPT, "sh"])
        .args([run, key])
        .current_dir(folder.path())
        .output()
        .unwrap();
    let told = String::from_utf8_lossy(&out.stdout).into_owned();
    let wrong = String::from_utf8_lossy(&out.stderr);
    assert!(
        out.status.success() && told.contains("Verified OK"),
        "{told}{wrong}"
    );
}

fn files(dir: &Path) -> BTreeSet<String> {
    let names = std::fs::read_dir(dir).unwrap();
    names
        .map(|e| e.unwrap().file_name().to_string_lossy().into_owned())
        .collect()
}

#[test]
fn a_key_in_a_kms_seals() {
    let moto = Moto::empty();
    let keys: BTreeMap<String, String> =
        serde_json::from_str(&moto.seeded_by("seed_keys.py")).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let name = folder.path().join("key");
    let public = folder.path().join("key.pub");
    let p256 = format!("awskms:///{}", keys["p256"]);
    let from = ["keygen", "--from", &p256, "--out", name.to_str().unwrap()];
    let written = at(&moto.url, &from);
    assert_eq!(written.code, 0, "{}", written.err);
    assert!(!name.exists() && public.exists());
    assert_eq!(at(&moto.url, &from).code, 2, "a key is never overwritten");

    // At the end of a scan, by the key's alias.
    let sealing = [
        &RULES[..],
        &["--key", "awskms:///alias/seal?region=ap-northeast-1"],
    ]
    .concat();
    let scan = cli::scan(&moto.url, &sealing);
    assert_eq!(scan.ended.code, 0, "{}{}", scan.ended.out, scan.ended.err);
    assert!(scan.ended.err.contains("sealed: "), "{}", scan.ended.err);
    verified(&scan.dir(), &public);
    openssl_verifies(&scan.dir(), &public);
    // What was asked of the key is no part of what was read.
    let seen = crate::support::run::read(&scan.dir());
    let asked: BTreeSet<&str> = seen.asked.iter().map(|x| x.call.as_str()).collect();
    assert!(asked.contains("kms:DescribeKey") && !asked.contains("kms:Sign"));
    assert!(!asked.contains("kms:GetPublicKey"), "{asked:?}");

    // And afterwards, by its ARN.
    let later = cli::scan(&moto.url, &RULES);
    let run = later.dir();
    let before = files(&run);
    refusals(&moto, &keys, &run);
    assert_eq!(files(&run), before, "something of a seal was left");
    let sealed = at(&moto.url, &["seal", run.to_str().unwrap(), "--key", &p256]);
    assert_eq!(sealed.code, 0, "{}", sealed.err);
    verified(&run, &public);
    openssl_verifies(&run, &public);
}

/// Keys that cannot seal: told, with the right exit code.
fn refusals(moto: &Moto, keys: &BTreeMap<String, String>, run: &Path) {
    let run = run.to_str().unwrap();
    let seal = |url: &str, key: &str| {
        let e = at(url, &["seal", run, "--key", key]);
        (e.code, e.err)
    };
    let (code, told) = seal(&moto.url, &format!("awskms:///{}", keys["rsa"]));
    assert!(
        code == 2 && told.contains("RSA_2048") && told.contains("ECC_NIST_P256"),
        "{code} {told}"
    );
    let (code, told) = seal(&moto.url, "awskms:///alias/none");
    assert!(code == 2 && told.contains("NotFound"), "{code} {told}");
    let (code, told) = seal(&moto.url, "gcpkms://x");
    assert!(code == 2 && told.contains("awskms:///"), "{code} {told}");
    let key = "awskms:///alias/seal";
    let (code, told) = seal("http://127.0.0.1:9", key);
    assert!(code == 1 && told.contains("not reached"), "{code} {told}");
    // Refused: a scan does not even begin.
    let proxy = Proxy::start(&moto.url);
    proxy.deny(["kms:GetPublicKey".to_owned()]);
    let (code, told) = seal(&proxy.url(), key);
    assert!(
        code == 6 && told.contains("kms:Sign on this key"),
        "{code} {told}"
    );
    let key = ["--key", "awskms:///alias/seal?region=ap-northeast-1"];
    let scan = cli::scan(&proxy.url(), &[&RULES[..], &key].concat());
    assert_eq!(scan.ended.code, 6, "{}", scan.ended.err);
    assert!(!scan.dir().exists());
}
