//! A true run holds; every forgery of it is found.
#![expect(clippy::unwrap_used, reason = "tests stop at the first surprise")]

mod clouds;
mod exceptions;
mod forge;
mod forgeries;
#[path = "../../../../../tests/all/support/google.rs"]
mod google;
mod paged;
mod redacted;

use crate::args::{Cli, Command, Common};
use crate::packs::Packs;
use clap::Parser as _;
use forge::{Forged, found, scan};
use shoseki_evidence::Run;
use std::collections::{BTreeSet, HashSet};
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::sync::{Arc, Mutex};
use tempfile::TempDir;

#[test]
fn the_whole_demonstration_is_derived_again() {
    let home = TempDir::new().unwrap();
    let dir = home.path().join("run");
    scan(&dir, &[]);
    let run = Run::open(&dir).unwrap();
    let checked = super::check(&Common::default(), &run).unwrap();
    let report = checked.report;
    assert_eq!(report.problems, []);
    assert!(checked.own.is_empty() && !report.rejudged);
    assert_eq!(report.unasked, []);
    assert!(report.sign_in >= 9, "{}", report.sign_in);
    let c = report.compared;
    let counts = run.file().counts;
    assert_eq!(
        (c.accounts, c.resources, c.gaps, c.populations),
        (
            reached(&run),
            counts.resources,
            counts.gaps,
            counts.populations.all
        )
    );
    assert!(c.findings > 1000 && c.tallies > 1000 && c.standings > 300);
    // Nothing is asked twice, so that there is one answer to all.
    let mut seen = HashSet::new();
    for x in run.exchanges().unwrap().map(Result::unwrap) {
        assert!(seen.insert(x.id), "{} was asked twice", x.call);
    }
    assert_eq!(report.stated.unreached, Vec::<String>::new());
    assert!(!report.stated.sought_unsaid);
}

/// How many of the targets were not reached.
fn missed(run: &Run) -> u64 {
    let gaps = run.gaps().unwrap().map(Result::unwrap);
    gaps.filter(shoseki_model::Gap::is_unreached).count() as u64
}

/// How many of the targets were reached.
fn reached(run: &Run) -> u64 {
    let (missed, targets) = (missed(run), run.file().info.targets.len() as u64);
    assert!(missed >= 1 && targets - missed >= 6, "{targets} {missed}");
    targets - missed
}

#[test]
fn a_run_judged_again_holds_and_says_so() {
    let home = TempDir::new().unwrap();
    let dir = home.path().join("run");
    scan(&dir, &["--rules", "aws.s3.*"]);
    let args = [
        "shoseki",
        "judge",
        dir.to_str().unwrap(),
        "--format",
        "json",
    ];
    let cli = Cli::parse_from(args);
    let Command::Judge(args) = &cli.command else {
        unreachable!()
    };
    crate::rejudge::run(&cli.common, args).unwrap();
    let checked = super::check(&Common::default(), &Run::open(&dir).unwrap()).unwrap();
    assert_eq!(checked.report.problems, []);
    assert!(checked.report.rejudged);
}

#[test]
fn every_forgery_is_found() {
    let home = TempDir::new().unwrap();
    let truth = home.path().join("run");
    scan(
        &truth,
        &[
            "aws",
            "--rules",
            "aws.s3.*,aws.iam.user*,aws.kms.*,aws.account.*",
        ],
    );
    let packs = crate::packs::load(&Common::default()).unwrap();
    let base = Forged::read(&truth);
    assert_eq!(found(&base, &truth, &packs), Err(()), "the true run");
    let all = forgeries::all(&base, &truth);
    let per_kind = |k: &str| all.iter().filter(|f| f.0 == k).count();
    for kind in all.iter().map(|f| f.0).collect::<HashSet<_>>() {
        eprintln!("{:4} × {kind}", per_kind(kind));
    }
    assert!(all.len() >= 200, "{}", all.len());
    try_all(&all, &base, &truth, &packs);
}

/// What of the demonstration is forged in all three clouds.
const OF_ALL: &str = "aws.s3.*,aws.kms.*,azure.storage.*,azure.entra.*,azure.policy.*,azure.keyvault.*,gcp.storage.*,gcp.compute.*,gcp.run.*,gcp.cloudresourcemanager.*";

#[test]
fn every_forgery_is_found_in_every_cloud() {
    let home = TempDir::new().unwrap();
    let truth = home.path().join("run");
    scan(&truth, &["--rules", OF_ALL]);
    let packs = Arc::new(crate::packs::load(&Common::default()).unwrap());
    let base = Forged::read(&truth);
    assert_eq!(found(&base, &truth, &packs), Err(()), "the true run");
    let all = clouds::all(&base, &truth, &packs);
    let kinds: BTreeSet<&str> = all.iter().map(|f| f.0).collect();
    for kind in kinds {
        let of = |c: &str| {
            all.iter()
                .filter(|f| f.0 == kind && f.1.contains(c))
                .count()
        };
        eprintln!(
            "{kind}: aws {} azure {} gcp {}",
            of("aws"),
            of("azure"),
            of("gcp")
        );
    }
    assert!(all.len() >= 300, "{}", all.len());
    try_all(&all, &base, &truth, &packs);
}

/// Tries each forgery; none may hold.
fn try_all(all: &[forgeries::Forgery], base: &Forged, truth: &Path, packs: &Packs) {
    let next = AtomicUsize::new(0);
    let missed = Mutex::new(Vec::new());
    std::thread::scope(|s| {
        for _ in 0..2 {
            s.spawn(|| {
                while let Some((kind, what, change)) = all.get(next.fetch_add(1, Relaxed)) {
                    let mut forged = base.clone();
                    change(&mut forged);
                    match found(&forged, truth, packs) {
                        // The list itself must tell, and not what happens to differ.
                        Ok(how) if kind.contains("with all of it") && kind.contains("target") => {
                            let told = ["run.json", "target of the run"];
                            let told = told.iter().any(|t| how.contains(t));
                            assert!(told, "{kind}: {what}: {how}");
                        }
                        Ok(how) => eprintln!("{kind}: {what}: {how}"),
                        Err(()) => missed.lock().unwrap().push(format!("{kind}: {what}")),
                    }
                }
            });
        }
    });
    let missed = missed.into_inner().unwrap();
    assert!(missed.is_empty(), "not found: {missed:#?}");
}
