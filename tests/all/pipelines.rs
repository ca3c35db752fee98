//! The files in `pipelines/`: read by programs that others wrote, and run.

use crate::support::{cli::binary, root};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

const KINDS: [&str; 5] = ["github", "gitlab", "container", "kubernetes", "systemd"];

fn read_by_others(kind: &str, folder: &Path) -> Output {
    Command::new(root().join(".venv/bin/python"))
        .arg(root().join("tests/pipelines.py"))
        .arg(kind)
        .args([folder, &binary()])
        .output()
        .unwrap()
}

#[test]
fn pipelines_are_accepted_by_others() {
    for kind in KINDS {
        let out = read_by_others(kind, &root().join("pipelines"));
        let said = String::from_utf8_lossy(&out.stdout);
        let err = String::from_utf8_lossy(&out.stderr);
        assert!(out.status.success(), "{said}{err}");
        assert_eq!(said.trim(), format!("accepted {kind}"));
    }
}

fn files(folder: &Path, out: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        match path.is_dir() {
            true => files(&path, out),
            false => out.push(path),
        }
    }
}

/// No key is stored: every sign-in is by a token of the platform.
#[test]
fn pipelines_hold_no_secret() {
    let mut all = Vec::new();
    files(&root().join("pipelines"), &mut all);
    assert!(all.len() >= 9, "{all:?}");
    for path in all {
        let text = std::fs::read_to_string(&path).unwrap();
        for sign in [
            "AKIA",
            "ASIA",
            "PRIVATE KEY",
            "SECRET_ACCESS_KEY",
            "CLIENT_SECRET",
            "AccountKey=",
            "private_key",
            "secrets.",
        ] {
            assert!(!text.contains(sign), "{}: {sign}", path.display());
        }
    }
}

/// The readers do refuse: what they accept means something.
#[test]
fn the_readers_refuse_what_is_wrong() {
    for (kind, file, from, to) in [
        (
            "github",
            "github/action.yml",
            "using: composite",
            "using: composit",
        ),
        (
            "github",
            "github/action.yml",
            "27d5ce7f107fe9357f9df03efb73ab90386fccae",
            "v5",
        ),
        ("github", "github/shoseki.sh", "0 | 3 | 4 | 5) ;;", "0) ;;"),
        ("github", "github/shoseki.sh", "|| code=$?", "|| true"),
        (
            "gitlab",
            "gitlab/shoseki.gitlab-ci.yml",
            "when: always",
            "when: sometimes",
        ),
        (
            "gitlab",
            "gitlab/shoseki.gitlab-ci.yml",
            "exit \"$code\"\n  #",
            "exit 0\n  #",
        ),
        (
            "container",
            "container/Containerfile",
            "1.95.0-bookworm",
            "latest",
        ),
        (
            "container",
            "container/Containerfile",
            "USER 65532:65532",
            "USER root",
        ),
        (
            "kubernetes",
            "kubernetes/cronjob.yaml",
            "backoffLimit: 2",
            "backoffLimits: 2",
        ),
        (
            "systemd",
            "systemd/shoseki.service",
            "Type=oneshot",
            "Type=onceshot",
        ),
        (
            "systemd",
            "systemd/shoseki.timer",
            "Asia/Tokyo",
            "Asia/Nowhere",
        ),
    ] {
        let tmp = tempfile::tempdir().unwrap();
        let copied = Command::new("cp")
            .arg("-r")
            .args([&root().join("pipelines"), tmp.path()])
            .status();
        assert!(copied.unwrap().success());
        let folder = tmp.path().join("pipelines");
        let path = folder.join(file);
        let text = std::fs::read_to_string(&path).unwrap();
        assert!(text.contains(from), "{file}: {from}");
        std::fs::write(&path, text.replace(from, to)).unwrap();
        let out = read_by_others(kind, &folder);
        let said = String::from_utf8_lossy(&out.stdout);
        assert_eq!(out.status.code(), Some(1), "{file}: {from}: {said}");
        assert!(said.starts_with("refused "), "{file}: {said}");
    }
}
