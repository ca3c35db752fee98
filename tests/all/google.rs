//! The built binary against a Google Cloud organization on loopback.

use crate::support::cli::{Ended, ended, shoseki};
use crate::support::google::{Google, Wish};
use crate::support::run::{Seen, read};
use shoseki_model::{Cause, Verdict};
use std::collections::BTreeSet;
use std::path::Path;

const RULES: &str = "gcp.storage.bucket-not-public,gcp.storage.bucket-uniform-access,gcp.compute.instance-no-public-ip";

fn scan(google: &Google, folder: &Path, more: &[&str]) -> (Ended, Seen) {
    let credentials = google.credentials(folder);
    let out = folder.join("run");
    let url = google.url();
    let mut args = vec!["scan", "gcp", "--endpoint", &url, "--lang", "en"];
    args.extend(["--credentials", credentials.to_str().unwrap()]);
    args.extend(["--out", out.to_str().unwrap()]);
    args.extend(more);
    let done = ended(shoseki(&args));
    assert!(out.join("run.json").exists(), "{}", done.err);
    (done, read(&out))
}

fn organization(google: &Google, folder: &Path) -> (Ended, Seen) {
    scan(google, folder, &["--organization", "1", "--rules", RULES])
}

/// Verdicts by rule and resource.
fn verdicts(seen: &Seen) -> BTreeSet<(String, String, Verdict)> {
    let findings = seen.findings.values();
    findings
        .map(|f| (f.rule.clone(), f.resource.id.clone(), f.verdict))
        .collect()
}

fn verdict(seen: &Seen, rule: &str, bucket: &str) -> Verdict {
    let mut found = seen
        .findings
        .values()
        .filter(|f| f.rule == rule && f.resource.name == bucket);
    let first = found.next().unwrap_or_else(|| panic!("{rule} of {bucket}"));
    first.verdict
}

fn holds(folder: &Path) {
    let done = ended(shoseki(&[
        "verify",
        folder.join("run").to_str().unwrap(),
        "--lang",
        "en",
    ]));
    assert_eq!(done.code, 0, "{}{}", done.out, done.err);
}

#[test]
fn an_organization_is_read_judged_and_derived_again() {
    let folder = tempfile::tempdir().unwrap();
    let google = Google::start(Wish::default());
    let (done, seen) = organization(&google, folder.path());
    assert_eq!(done.code, 5, "{}{}", done.out, done.err);
    let public = "gcp.storage.bucket-not-public";
    assert_eq!(verdict(&seen, public, "open"), Verdict::Fail);
    assert_eq!(verdict(&seen, public, "shut"), Verdict::Pass);
    let targets: Vec<_> = seen
        .run
        .file()
        .info
        .targets
        .iter()
        .map(|t| t.account.as_str())
        .collect();
    assert_eq!(targets, ["organizations/1", "folders/2", "alpha", "beta"]);
    // The zone that was not reached: what was read stays, the rest is not known.
    let machines = |account: &str| {
        let mut all = seen.populations.iter();
        all.find(|p| p.r#type == "gcp.compute.instance" && p.account == account)
            .unwrap()
    };
    let alpha = machines("alpha");
    assert_eq!((alpha.count, alpha.complete), (1, false));
    let gap = seen.gap(&alpha.gaps[0]).unwrap();
    assert_eq!(
        (gap.cause, gap.region.as_str()),
        (Cause::Truncated, "asia-northeast1-b")
    );
    assert!(machines("beta").complete);
    holds(folder.path());
}

#[test]
fn nothing_secret_reaches_the_disk() {
    let folder = tempfile::tempdir().unwrap();
    let google = Google::start(Wish::default());
    let (done, seen) = scan(&google, folder.path(), &["--projects", "alpha"]);
    assert!(!done.out.contains("hush") && !done.err.contains("hush"));
    std::fs::remove_file(folder.path().join("credentials.json")).unwrap();
    let mut files = vec![folder.path().to_owned()];
    while let Some(path) = files.pop() {
        if path.is_dir() {
            files.extend(std::fs::read_dir(path).unwrap().map(|e| e.unwrap().path()));
            continue;
        }
        let bytes = std::fs::read(&path).unwrap();
        let bytes = match path.extension().is_some_and(|e| e == "zst") {
            true => zstd::decode_all(&bytes[..]).unwrap(),
            false => bytes,
        };
        let text = String::from_utf8_lossy(&bytes);
        // The data files of the run name no secret of this test either.
        assert!(!text.contains("hush"), "{}", path.display());
    }
    assert!(seen.resources.iter().any(|r| r.name == "web"));
    holds(folder.path());
}

#[test]
fn calls_are_within_the_printed_permissions() {
    let folder = tempfile::tempdir().unwrap();
    let google = Google::start(Wish::default());
    let (_, seen) = organization(&google, folder.path());
    let printed = ended(shoseki(&[
        "permissions",
        "gcp",
        "--rules",
        RULES,
        "--format",
        "text",
    ]));
    let printed: BTreeSet<&str> = printed.out.lines().collect();
    let own = |call: &str| {
        let method = call.strip_prefix("cloudresourcemanager:")?;
        Some(format!("resourcemanager.{method}"))
    };
    let packs = crate::support::packs::load();
    let plan = packs.plan(|r| RULES.split(',').any(|id| id == r.id));
    for x in &seen.asked {
        let mut calls = plan.types.iter().flat_map(|t| t.calls());
        let planned = calls
            .find(|c| c.call == x.call)
            .map(|c| c.permissions.clone());
        let needed =
            planned.unwrap_or_else(|| vec![own(&x.call).unwrap_or_else(|| panic!("{}", x.call))]);
        for p in needed {
            assert!(printed.contains(p.as_str()), "{} needs {p}", x.call);
        }
    }
    let role = ended(shoseki(&["permissions", "gcp", "--rules", RULES]));
    assert!(role.out.starts_with("title: "), "{}", role.out);
    assert!(
        role.out.contains("\n- storage.buckets.list\n"),
        "{}",
        role.out
    );
    assert!(
        !role.out.contains("\n- resourcemanager.projects.list\n"),
        "{}",
        role.out
    );
    assert!(
        role.err.contains("resourcemanager.projects.list"),
        "{}",
        role.err
    );
}

#[test]
fn tiny_pages_and_throttling_change_no_verdict() {
    let runs: Vec<_> = [(0, 0), (1, 0), (2, 5)]
        .into_iter()
        .map(|(page, throttle)| {
            let folder = tempfile::tempdir().unwrap();
            let google = Google::start(Wish {
                page,
                throttle,
                ..Wish::default()
            });
            let (_, seen) = organization(&google, folder.path());
            holds(folder.path());
            verdicts(&seen)
        })
        .collect();
    assert!(runs[0].len() > 5, "{:?}", runs[0]);
    assert_eq!(runs[0], runs[1]);
    assert_eq!(runs[0], runs[2]);
}

#[test]
fn a_denied_read_is_unknown_and_names_the_permission() {
    let folder = tempfile::tempdir().unwrap();
    let google = Google::start(Wish {
        deny: vec!["/b/shut/iam"],
        ..Wish::default()
    });
    let (_, seen) = organization(&google, folder.path());
    let public = "gcp.storage.bucket-not-public";
    assert_eq!(verdict(&seen, public, "shut"), Verdict::Unknown);
    assert_eq!(verdict(&seen, public, "open"), Verdict::Fail);
    let gap = seen.gaps.iter().find(|g| g.cause == Cause::Denied).unwrap();
    assert_eq!(gap.permissions, ["storage.buckets.getIamPolicy"]);
    holds(folder.path());
}

#[test]
fn a_folder_that_cannot_be_read_makes_all_projects_not_whole() {
    let folder = tempfile::tempdir().unwrap();
    let google = Google::start(Wish {
        deny: vec!["projects?parent=folders"],
        ..Wish::default()
    });
    let (done, seen) = organization(&google, folder.path());
    assert!(matches!(done.code, 4 | 5), "{}", done.err);
    let unseen: Vec<_> = seen
        .populations
        .iter()
        .filter(|p| p.account == "folders/2/projects")
        .collect();
    let types: BTreeSet<_> = unseen.iter().map(|p| p.r#type.as_str()).collect();
    assert!(types.contains("gcp.storage.bucket") && types.contains("gcp.compute.instance"));
    assert!(
        unseen
            .iter()
            .all(|p| !p.complete && p.count == 0 && !p.gaps.is_empty())
    );
    let gap = seen.gap(&unseen[0].gaps[0]).unwrap();
    assert_eq!(gap.permissions, ["resourcemanager.projects.list"]);
    holds(folder.path());
}

#[test]
fn a_call_by_hand_prints_the_answer_or_why_there_is_none() {
    let folder = tempfile::tempdir().unwrap();
    let google = Google::start(Wish {
        deny: vec!["/b/shut/iam"],
        ..Wish::default()
    });
    let credentials = google.credentials(folder.path());
    let call = |call: &str, with: &str| {
        let url = google.url();
        let more = [
            "--endpoint",
            &url,
            "--credentials",
            credentials.to_str().unwrap(),
        ];
        let args: Vec<&str> = ["call", "gcp", call, "--with", with]
            .into_iter()
            .chain(more)
            .collect();
        ended(shoseki(&args))
    };
    let good = call("storage:buckets.list", r#"{"project":"alpha"}"#);
    assert!(
        good.code == 0 && good.out.contains("\"open\""),
        "{}",
        good.err
    );
    let denied = call("storage:buckets.getIamPolicy", r#"{"bucket":"shut"}"#);
    assert_eq!(denied.code, 4);
    assert!(
        denied.err.contains("IAM_PERMISSION_DENIED"),
        "{}",
        denied.err
    );
    let writes = call("storage:buckets.delete", r#"{"bucket":"shut"}"#);
    assert_eq!(writes.code, 2);
    assert!(
        !google
            .asked
            .lock()
            .unwrap()
            .iter()
            .any(|t| t.ends_with("/b/shut"))
    );
}
