//! Secrets in an account, in more than fifty kinds of place: none may reach disk,
//! log, report, bundle or ledger.

use crate::support::cli;
use crate::support::moto::Moto;
use serde::Deserialize;
use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

#[derive(Debug, Deserialize)]
struct Seeded {
    place: String,
    marker: String,
    secret: String,
    text: String,
    needles: Vec<String>,
}

/// What signs the requests.
const KEY: &str = "the-secret-key-of-the-test";
const TOKEN: &str = "the-session-token-of-the-test";

/// Everything below a folder, unpacked.
fn all(dir: &Path, out: &mut String) {
    for e in fs::read_dir(dir).unwrap() {
        let path = e.unwrap().path();
        if path.is_dir() {
            all(&path, out);
            continue;
        }
        let bytes = fs::read(&path).unwrap();
        let bytes = match path.extension().and_then(|x| x.to_str()) {
            Some("zst") => zstd::decode_all(&bytes[..]).unwrap(),
            _ => bytes,
        };
        out.push_str(&String::from_utf8_lossy(&bytes));
    }
}

#[test]
fn no_secret_of_an_account_is_kept() {
    let moto = Moto::empty();
    let seeded: Vec<Seeded> = serde_json::from_str(&moto.seeded_by("seed_secrets.py")).unwrap();
    let places: BTreeSet<&str> = seeded.iter().map(|s| s.place.as_str()).collect();
    assert!(
        seeded.len() >= 200 && places.len() >= 50,
        "{}",
        seeded.len()
    );
    let home = tempfile::tempdir().unwrap();
    let (mut kept, path) = (String::new(), |name: &str| {
        home.path().join(name).to_str().unwrap().to_owned()
    });
    let (run, key, bundle, ledger) = (path("run"), path("key"), path("b.tar.zst"), path("ledger"));
    let (html, json) = (path("r.html"), path("r.json"));
    let say = |args: &[&str]| {
        let mut command = cli::shoseki(args);
        command
            .env("RUST_LOG", "trace")
            .env("AWS_SECRET_ACCESS_KEY", KEY)
            .env("AWS_SESSION_TOKEN", TOKEN)
            .env("HOME", home.path())
            .env("PASSPHRASE", "of the test");
        cli::ended(command)
    };
    let passphrase = ["--passphrase-env", "PASSPHRASE"];
    let steps: [&[&str]; 8] = [
        &["keygen", "--out", &key, "--passphrase-env", "PASSPHRASE"],
        &[
            "scan",
            "aws",
            "--endpoint",
            &moto.url,
            "--regions",
            cli::REGION,
            "--max-attempts",
            "1",
            "--out",
            &run,
            "--key",
            &key,
            passphrase[0],
            passphrase[1],
            "--ledger",
            &ledger,
        ],
        &["verify", &run],
        &["report", &run, "--format", "json", "--out", &json],
        &["report", &run, "--format", "html", "--out", &html],
        &["bundle", &run, "--out", &bundle],
        &["population", &run, "--control", "9.4.2.2.B"],
        &["ledger", "list", "--ledger", &ledger],
    ];
    for step in steps {
        let e = say(step);
        let partly = matches!((step[0], e.code), ("scan", 5) | ("population", 4));
        let fits = e.code == 0 || partly;
        assert!(fits, "{step:?}: {} {}", e.code, tail(&e.err));
        write!(kept, "{}{}", e.out, e.err).unwrap();
    }
    all(home.path(), &mut kept);
    for s in &seeded {
        assert!(
            kept.contains(&s.marker),
            "{}: {} was not read",
            s.place,
            s.marker
        );
    }
    let shows = |s: &Seeded| s.needles.iter().any(|n| kept.contains(n.as_str()));
    let mut told: Vec<String> = seeded
        .iter()
        .filter(|s| shows(s))
        .map(|s| {
            let found = s.needles.iter().find_map(|n| kept.find(n.as_str()));
            let at = found.unwrap_or_default();
            let from = (at.saturating_sub(160)..=at).find(|i| kept.is_char_boundary(*i));
            let before = &kept[from.unwrap_or(at)..at];
            format!(
                "{} ({}): {:?}\n    after {before:?}",
                s.place, s.secret, s.text
            )
        })
        .collect();
    told.sort();
    assert!(told.is_empty(), "{} kept:\n{}", told.len(), told.join("\n"));
    assert!(kept.matches("[redacted]").count() >= 200);
    for own in ["of the test", KEY, TOKEN] {
        assert!(!kept.contains(own), "{own} is kept");
    }
    assert!(kept.contains(" DEBUG "), "nothing was logged");
}

fn tail(s: &str) -> String {
    let lines: Vec<&str> = s.lines().rev().take(5).collect();
    lines.into_iter().rev().collect::<Vec<_>>().join("\n")
}
