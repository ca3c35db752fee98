//! What people see: 80 columns, colours, quiet, completions, manual pages.

use crate::support::{
    cli::{self, Ended},
    root,
};
use std::path::Path;
use std::process::Command;

fn japanese(s: &str) -> bool {
    s.chars().any(|c| ('ぁ'..='ヿ').contains(&c))
}

/// What a terminal of 80 columns shows, and the lines that are wider.
fn seen(args: &[&str]) -> (String, Vec<String>) {
    let out = Command::new("python3")
        .arg(root().join("tests/terminal.py"))
        .arg("80")
        .arg(cli::binary())
        .args(args)
        .env("TERM", "xterm")
        .env_remove("NO_COLOR")
        .env_remove("CLICOLOR_FORCE")
        .output()
        .unwrap();
    let err = String::from_utf8(out.stderr).unwrap();
    let wide = err.lines().filter_map(|l| l.split_once(" columns: "));
    let wide: Vec<String> = wide.map(|(_, l)| l.trim().to_owned()).collect();
    assert_eq!(out.status.success(), wide.is_empty(), "{args:?}: {err}");
    (String::from_utf8(out.stdout).unwrap(), wide)
}

fn shown(args: &[&str]) -> String {
    let (text, wide) = seen(args);
    assert!(wide.is_empty(), "{args:?}: {wide:#?}");
    text
}

fn fits(args: &[&str]) {
    let ja = shown(&[args, &["--lang", "ja"]].concat());
    let en = shown(&[args, &["--lang", "en"]].concat());
    tongues(args, &ja, &en);
}

fn tongues(args: &[&str], ja: &str, en: &str) {
    assert!(ja.len() > 40 && en.len() > 40, "{args:?}: {ja}{en}");
    assert_eq!(japanese(ja), !args.contains(&"--help"), "{args:?}: {ja}");
}

/// What people copy stays in one piece: commands, code, addresses, ids.
fn fits_but_for_what_is_copied(args: &[&str]) {
    let (ja, wide) = seen(&[args, &["--lang", "ja"]].concat());
    let (en, too) = seen(&[args, &["--lang", "en"]].concat());
    tongues(args, &ja, &en);
    for l in wide.iter().chain(&too) {
        let copied = [
            "//",
            "aws ",
            "az ",
            "gcloud ",
            "/subscriptions/",
            "${",
            "settings.",
        ];
        assert!(copied.iter().any(|c| l.contains(c)), "{args:?}: {l}");
    }
}

#[test]
fn what_there_is_fits_80_columns() {
    for args in [
        &["rules", "list"][..],
        &["controls", "list"],
        &["controls", "show", "9.4.2.2.B"],
        &["plan"],
        &["plan", "azure"],
        &["lint"],
        &["--help"],
        &["scan", "--help"],
        &["permissions", "--help"],
    ] {
        fits(args);
    }
    for rule in [
        "aws.s3.bucket-tls-only",
        "azure.authorization.role-assignment-privileged-not-to-service-principal",
    ] {
        fits_but_for_what_is_copied(&["rules", "show", rule]);
    }
}

/// The steps of a path stay whole, so that it can be read and put together again.
#[test]
fn paths_go_on_at_their_steps() {
    let text = shown(&["plan", "azure", "--lang", "en"]);
    let further = text.lines().filter(|l| l.starts_with("          "));
    let further: Vec<&str> = further.map(str::trim_start).collect();
    assert!(further.len() > 100, "{text}");
    for l in further {
        assert!(l.starts_with(['/', '?', '&']), "{l}");
    }
}

fn demo(out: &Path, ledger: &str, more: &[&str]) -> Ended {
    let out = out.to_str().unwrap();
    let args = ["scan", "--demo", "--out", out, "--ledger", ledger];
    cli::run(&[&args[..], more].concat())
}

#[test]
fn what_a_run_shows_fits_80_columns() {
    let tmp = tempfile::tempdir().unwrap();
    let path = |name: &str| tmp.path().join(name).to_str().unwrap().to_owned();
    let (one, two, ledger) = (path("one"), path("two"), path("ledger"));
    shown(&[
        "scan", "--demo", "--out", &one, "--ledger", &ledger, "--lang", "ja",
    ]);
    shown(&[
        "scan", "--demo", "--out", &two, "--ledger", &ledger, "--lang", "en",
    ]);
    let summary = shown(&["report", &one, "--format", "text", "--lang", "ja"]);
    let finding = summary
        .lines()
        .find_map(|l| l.trim().strip_prefix("shoseki explain "))
        .and_then(|l| l.split(' ').next_back())
        .unwrap()
        .trim_end_matches(|c: char| !c.is_ascii_alphanumeric())
        .to_owned();
    for args in [
        &["report", &one, "--format", "text"][..],
        &["population", &one],
        &["verify", &one],
        &["diff", &one, &two],
        &["ledger", "list", "--ledger", &ledger],
        &["ledger", "check", "--ledger", &ledger],
        &[
            "period",
            "--from",
            "2026-01-01",
            "--to",
            "2026-12-31",
            "--ledger",
            &ledger,
        ],
        &["judge", &two],
    ] {
        fits(args);
    }
    fits_but_for_what_is_copied(&["explain", &one, &finding]);
}

#[test]
fn quiet_says_what_is_not_whole_and_nothing_else() {
    let tmp = tempfile::tempdir().unwrap();
    let ledger = tmp.path().join("ledger");
    let ledger = ledger.to_str().unwrap();
    let out = demo(
        &tmp.path().join("run"),
        ledger,
        &["--quiet", "--lang", "en"],
    );
    assert_eq!((out.code, out.out.as_str()), (0, ""), "{}", out.err);
    let lines: Vec<&str> = out.err.lines().collect();
    assert_eq!(lines.len(), 1, "{}", out.err);
    assert!(
        lines[0].contains(" failed, ") && lines[0].contains(" not seen: "),
        "{lines:?}"
    );
    let json = demo(
        &tmp.path().join("json"),
        ledger,
        &["-q", "--format", "json"],
    );
    let summary: serde_json::Value = serde_json::from_str(&json.out).unwrap();
    assert!(summary["exit_code"].as_u64() > Some(2), "{summary}");
    let list = cli::run(&["rules", "list", "--quiet", "--rules", "aws.s3.*"]);
    assert!(
        list.out.lines().count() > 3,
        "what was asked for is printed"
    );
    let lint = cli::run(&["lint", "-q"]);
    assert_eq!((lint.code, lint.out + &lint.err), (0, String::new()));
}

#[test]
fn colours_are_asked_for() {
    let tmp = tempfile::tempdir().unwrap();
    let run = tmp.path().join("run");
    let ledger = tmp.path().join("ledger");
    demo(&run, ledger.to_str().unwrap(), &["-q"]);
    let with = |set: &[(&str, &str)]| {
        let mut c = cli::shoseki(&["report", run.to_str().unwrap(), "--format", "text"]);
        c.env_remove("NO_COLOR").env("TERM", "xterm");
        c.envs(set.iter().copied());
        cli::ended(c).out.contains("\u{1b}[")
    };
    assert!(!with(&[]), "a pipe has none");
    assert!(with(&[("CLICOLOR_FORCE", "1")]));
    assert!(!with(&[("CLICOLOR_FORCE", "0")]));
    assert!(!with(&[("CLICOLOR_FORCE", "1"), ("NO_COLOR", "1")]));
    let text = |no: bool| {
        let mut c = Command::new("python3");
        c.arg(root().join("tests/terminal.py"))
            .arg("80")
            .arg(cli::binary());
        c.args(["report", run.to_str().unwrap(), "--format", "text"]);
        c.env("TERM", "xterm")
            .env_remove("NO_COLOR")
            .env_remove("CLICOLOR_FORCE");
        if no {
            c.env("NO_COLOR", "1");
        }
        String::from_utf8(c.output().unwrap().stdout)
            .unwrap()
            .contains("\u{1b}[")
    };
    assert!(text(false), "a terminal has some");
    assert!(!text(true));
}

#[test]
fn shells_complete_the_commands() {
    let bash = cli::run(&["completions", "bash"]).out;
    let tmp = tempfile::tempdir().unwrap();
    let file = tmp.path().join("shoseki.bash");
    std::fs::write(&file, bash).unwrap();
    let script = "source \"$1\"; COMP_WORDS=(shoseki perm); COMP_CWORD=1; _shoseki shoseki perm shoseki; echo \"${COMPREPLY[@]}\"; \
                  COMP_WORDS=(shoseki permissions aws --as ''); COMP_CWORD=4; _shoseki shoseki '' --as; echo \"${COMPREPLY[@]}\"";
    let out = Command::new("bash")
        .args(["-c", script, "bash"])
        .arg(&file)
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&out.stdout).into_owned();
    let err = String::from_utf8_lossy(&out.stderr);
    assert_eq!(
        said, "permissions\nterraform cloudformation bicep gcloud\n",
        "{err}"
    );
    for (shell, sign) in [
        ("zsh", "#compdef shoseki"),
        ("fish", "complete -c shoseki"),
        ("powershell", "Register-ArgumentCompleter"),
    ] {
        let text = cli::run(&["completions", shell]).out;
        assert!(
            text.contains(sign) && text.contains("permissions"),
            "{shell}"
        );
    }
    assert_eq!(cli::run(&["completions", "cmd"]).code, 2);
}

#[test]
fn every_command_has_a_manual_page() {
    let tmp = tempfile::tempdir().unwrap();
    let dir = tmp.path().join("man/man1");
    let man = cli::run(&["man", dir.to_str().unwrap()]);
    assert_eq!((man.code, man.out.as_str()), (0, ""), "{}", man.err);
    let page = |name: &str| std::fs::read_to_string(dir.join(format!("{name}.1"))).unwrap();
    let main = page("shoseki");
    assert!(
        main.contains(".TH ") && main.contains("Exit codes"),
        "{main}"
    );
    let help = cli::run(&["--help"]).out;
    let commands = help
        .split("Commands:")
        .nth(1)
        .unwrap()
        .split("Options:")
        .next()
        .unwrap();
    let mut n = 0;
    for line in commands
        .lines()
        .filter(|l| l.starts_with("  ") && !l.starts_with("   "))
    {
        let name = line.split_whitespace().next().unwrap();
        if name != "help" {
            let text = page(&format!("shoseki-{name}"));
            assert!(text.contains(".SH SYNOPSIS"), "{name}");
            n += 1;
        }
    }
    assert!(n > 20, "{n}");
    assert!(page("shoseki-ledger-add").contains("RUN"));
}
