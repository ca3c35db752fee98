//! Seals, bundles and ledgers that earlier versions wrote, read for ever.

use crate::support::cli;
use std::path::{Path, PathBuf};
use std::process::Command;

fn made(version: &str, name: &str) -> PathBuf {
    crate::support::root()
        .join("tests/formats")
        .join(version)
        .join(name)
}

fn verified(run: &Path, key: &Path) -> cli::Ended {
    let (run, key) = (run.to_str().unwrap(), key.to_str().unwrap());
    cli::run(&["verify", run, "--trust", key, "--lang", "en"])
}

fn unpacked(archive: &Path, to: &Path) {
    let mut tar = Command::new("tar");
    tar.arg("--zstd").arg("-xf").arg(archive).arg("-C").arg(to);
    assert!(tar.status().unwrap().success());
}

fn version(version: &str) {
    let key = made(version, "key.pub");
    let run = verified(&made(version, "run.tar.zst"), &key);
    assert_eq!(run.code, 0, "{}{}", run.out, run.err);
    for words in ["[proven] The manifest is signed", "derived by rules"] {
        assert!(run.out.contains(words), "{}", run.out);
    }
    assert!(!run.out.contains("[broken]"), "{}", run.out);
    let part = verified(&made(version, "finding.tar.zst"), &key);
    assert_eq!(part.code, 0, "{}{}", part.out, part.err);
    let folder = tempfile::tempdir().unwrap();
    unpacked(&made(version, "run.tar.zst"), folder.path());
    let whole = verified(folder.path(), &key);
    assert_eq!(whole.code, 0, "{}{}", whole.out, whole.err);
    unpacked(&made(version, "ledger.tar.zst"), folder.path());
    let ledger = folder.path().join("ledger");
    let ledger = ledger.to_str().unwrap();
    let list = cli::run(&["ledger", "list", "--ledger", ledger]);
    assert_eq!(list.code, 0, "{}", list.err);
    let check = cli::run(&["ledger", "check", "--ledger", ledger]);
    assert_eq!(check.code, 0, "{}{}", check.out, check.err);
    let again = folder.path().to_str().unwrap();
    let again = cli::run(&["ledger", "add", again, "--ledger", ledger, "--lang", "en"]);
    assert!(
        again.out.contains("already") || again.err.contains("already"),
        "{}{}",
        again.out,
        again.err
    );
}

#[test]
fn what_the_first_version_sealed_is_read_for_ever() {
    version("1");
}
