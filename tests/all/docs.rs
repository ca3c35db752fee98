//! The commands of the documentation, run as they are written.

use crate::support::{cli, root};
use std::fs;
use std::path::Path;
use std::process::{Command, Output};

/// The commands of a page's blocks of console, in order.
fn commands(page: &str) -> Vec<String> {
    let text = fs::read_to_string(root().join("docs/book").join(page)).unwrap();
    let mut out = Vec::new();
    let mut inside = false;
    for line in text.lines() {
        match line {
            "```console" => inside = true,
            "```" => inside = false,
            _ if inside => out.push(line.strip_prefix("$ ").unwrap().to_owned()),
            _ => {}
        }
    }
    assert!(out.len() > 5, "{page}");
    out
}

fn bash(dir: &Path, script: &str) -> Output {
    Command::new("bash")
        .current_dir(dir)
        .env_clear()
        .env("PATH", "/usr/bin:/bin")
        .env("LC_ALL", "C.UTF-8")
        .args(["-c", script])
        .output()
        .unwrap()
}

/// Getting started, then what an auditor does with the bundle that came of it.
#[test]
fn the_guides_run_as_they_are_written() {
    let dir = tempfile::tempdir().unwrap();
    let bin = dir.path().join("target/debug");
    fs::create_dir_all(&bin).unwrap();
    std::os::unix::fs::symlink(cli::binary(), bin.join("shoseki")).unwrap();

    let start = commands("ja/start.md");
    assert_eq!(start, commands("en/start.md"));
    assert_eq!(start[0], "cargo build");
    let mut script = String::new();
    for command in &start[1..] {
        // What the page says of exit codes.
        let wanted = if command.contains(" population ") {
            4
        } else {
            0
        };
        script.push_str(&format!(
            "{command}\ncode=$?\n[ $code = {wanted} ] || {{ echo \"exit code $code, not {wanted}: line $LINENO\" >&2; exit 99; }}\n"
        ));
    }
    let done = bash(dir.path(), &script);
    let said = String::from_utf8_lossy(&done.stderr);
    assert!(done.status.success(), "{script}\n{said}");
    assert!(dir.path().join("demo-run/report.html").exists());

    auditor(dir.path());
}

fn auditor(dir: &Path) {
    fs::rename(dir.join("demo-run.tar.zst"), dir.join("run.tar.zst")).unwrap();
    fs::rename(dir.join("demo.key.pub"), dir.join("key.pub")).unwrap();
    let own = |page: &str| -> Vec<String> {
        let all = commands(page).into_iter();
        all.filter(|c| !c.starts_with("shoseki ")).collect()
    };
    let checks = own("ja/auditor.md");
    assert_eq!(checks, own("en/auditor.md"));
    let mut told = String::new();
    for command in &checks {
        let done = bash(dir, command);
        let out = String::from_utf8(done.stdout).unwrap();
        let err = String::from_utf8_lossy(&done.stderr);
        assert!(
            done.status.success() && err.is_empty(),
            "{command}\n{out}{err}"
        );
        told.push_str(&out);
    }
    assert_eq!(told.lines().filter(|l| *l == "OK").count(), 2, "{told}");
    for wanted in [
        "manifest.json: OK",
        "Signature Verified Successfully",
        " unknown",
    ] {
        assert!(told.contains(wanted), "{wanted}: {told}");
    }
    assert!(!told.contains("changed:"), "{told}");

    // And that these checks can fail.
    fs::write(dir.join("run/gaps.jsonl"), "{}\n").unwrap();
    let digests = checks
        .iter()
        .find(|c| c.contains("--check --quiet"))
        .unwrap();
    assert!(!bash(dir, digests).status.success());
}
