//! The HTML pages in headless Chromium: rules of axe-core, no request, no complaint,
//! and every state that a reader brings them into (`tests/page/check.mjs`).

use crate::support::{cli, root};
use std::path::{Path, PathBuf};
use std::process::Command;

/// Exit code and words of the check.
fn looked_at(kind: &str, page: &Path) -> (i32, String) {
    let mut node = Command::new("node");
    let out = node
        .arg(root().join("tests/page/check.mjs"))
        .arg(kind)
        .arg(page)
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&out.stdout).into_owned();
    let err = String::from_utf8_lossy(&out.stderr);
    (out.status.code().unwrap_or(-1), format!("{text}{err}"))
}

fn done(args: &[&str], codes: &[i32]) {
    let end = cli::run(args);
    assert!(
        codes.contains(&end.code),
        "{args:?}: {}{}",
        end.out,
        end.err
    );
}

struct Run {
    dir: tempfile::TempDir,
}

impl Run {
    fn demo() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let run = dir.path().join("run");
        done(
            &[
                "scan",
                "--demo",
                "--out",
                run.to_str().unwrap(),
                "--lang",
                "ja",
            ],
            &[0],
        );
        Self { dir }
    }

    fn at(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }
}

#[test]
fn the_pages_of_a_run_and_of_a_period_hold_in_a_browser() {
    let run = Run::demo();
    let (code, text) = looked_at("run", &run.at("run/report.html"));
    assert_eq!(code, 0, "{text}");
    let (dir, ledger, page) = (run.at("run"), run.at("ledger"), run.at("period.html"));
    let ledger = ledger.to_str().unwrap();
    done(
        &["ledger", "add", dir.to_str().unwrap(), "--ledger", ledger],
        &[0],
    );
    let period = [
        "period",
        "--from",
        "2026-04-01",
        "--to",
        "2099-03-31",
        "--ledger",
        ledger,
        "--format",
        "html",
        "--out",
        page.to_str().unwrap(),
    ];
    done(&period, &[0]);
    let (code, text) = looked_at("period", &page);
    assert_eq!(code, 0, "{text}");
}

/// The check does refuse: what it lets through means something.
#[test]
fn the_check_refuses_what_is_wrong() {
    let run = Run::demo();
    let whole = run.at("run/report.html");
    let (code, text) = looked_at("opened", &whole);
    assert_eq!(code, 0, "{text}");
    let page = std::fs::read_to_string(&whole).unwrap();
    for (name, from, to, told) in [
        (
            "pale.html",
            "--soft:#4d5a6a",
            "--soft:#b9bec6",
            "color-contrast",
        ),
        (
            "policy.html",
            "const byId =",
            "const byId  =",
            "never came true",
        ),
        ("nameless.html", "<label for=\"words\">", "<label>", "label"),
    ] {
        assert!(page.contains(from), "{from}");
        let broken = run.at(name);
        std::fs::write(&broken, page.replace(from, to)).unwrap();
        let (code, text) = looked_at("opened", &broken);
        assert_eq!(code, 1, "{name}: {text}");
        assert!(text.contains(told), "{name}: {text}");
    }
}
