//! A run of Google Cloud that was read in pages of one entry holds; forgeries of its pages,
//! of its lists and of single answers are found.

use super::forge::{Forged, found};
use super::forgeries::{Forgery, add};
use super::google::{Google, Wish};
use super::try_all;
use crate::args::{Cli, Command, Common};
use clap::Parser as _;
use serde_json::{Value, json};
use shoseki_evidence::Run;
use shoseki_model::digest;
use std::path::Path;
use tempfile::TempDir;

fn scan(dir: &Path, home: &Path, more: &[&str]) {
    let google = Google::start(Wish {
        page: 1,
        ..Wish::default()
    });
    let credentials = google.credentials(home);
    let (url, out) = (google.url(), dir.to_str().unwrap());
    let args = [
        "shoseki",
        "scan",
        "gcp",
        "--format",
        "json",
        "--endpoint",
        &url,
    ];
    let credentials = ["--credentials", credentials.to_str().unwrap(), "--out", out];
    let rules = ["--rules", "gcp.storage.bucket*,gcp.compute.instance*"];
    let all = args.into_iter().chain(credentials).chain(rules);
    let cli = Cli::parse_from(all.chain(more.iter().copied()));
    let Command::Scan(args) = &cli.command else {
        unreachable!()
    };
    crate::scan::run(&cli.common, args).unwrap();
    let asked = google.asked.lock().unwrap();
    assert!(asked.iter().any(|t| t.contains("pageToken")), "{asked:?}");
}

/// Puts other words into an answer, with a digest that fits.
struct Words {
    call: &'static str,
    of: &'static str,
    from: &'static str,
    to: &'static str,
}

fn answer(f: &mut Forged, truth: &Path, w: &Words) {
    let run = Run::open(truth).unwrap();
    let fits = |x: &&mut Value| {
        let params = x["params"].to_string();
        x["call"] == w.call && params.contains(w.of) && x["answer"].is_object()
    };
    let text = |x: &Value| {
        let sha = x["answer"]["sha256"].as_str().unwrap();
        String::from_utf8(run.answer(sha).unwrap().to_vec()).unwrap()
    };
    let all = f.exchanges().iter_mut().filter(fits);
    let x = { all }.find(|x| text(x).contains(w.from)).unwrap();
    let new = text(x).replace(w.from, w.to);
    let sha = digest(new.as_bytes());
    x["answer"] = json!({"sha256": sha, "bytes": new.len()});
    f.answers.insert(sha, Some(new.into_bytes()));
}

const POLICY: &str = "storage:buckets.getIamPolicy";
const BUCKETS: &str = "storage:buckets.list";
const PROJECTS: &str = "cloudresourcemanager:projects.list";

fn words() -> Vec<(&'static str, Words)> {
    let of = |call, of, from, to| Words { call, of, from, to };
    vec![
        (
            "the public bucket is not public",
            of(POLICY, "open", "allUsers", "group:a@b.c"),
        ),
        (
            "the private bucket is public",
            of(POLICY, "shut", "group:a@example.com", "allUsers"),
        ),
        (
            "no zone was out of reach",
            of(
                "compute:instances.aggregatedList",
                "alpha",
                "UNREACHABLE",
                "NO_RESULTS_ON_PAGE",
            ),
        ),
        (
            "a page was the last",
            of(BUCKETS, "alpha", "nextPageToken", "lastPageToken"),
        ),
        (
            "a list is empty",
            of(BUCKETS, "alpha", "\"items\"", "\"things\""),
        ),
        ("an answer was cut", of(POLICY, "shut", "]}", "")),
        (
            "a project has another name",
            of(
                "cloudresourcemanager:projects.get",
                "projects/alpha",
                "\"displayName\":\"alpha\"",
                "\"displayName\":\"other\"",
            ),
        ),
        (
            "a project is being deleted",
            of(PROJECTS, "", "\"ACTIVE\"", "\"DELETE_REQUESTED\""),
        ),
        (
            "there are no projects",
            of(PROJECTS, "", "\"projects\"", "\"things\""),
        ),
    ]
}

fn all(base: &Forged, truth: &Path) -> Vec<Forgery> {
    let mut out = Vec::new();
    for (what, w) in words() {
        let truth = truth.to_owned();
        add(&mut out, "words of an answer", what, move |f| {
            answer(f, &truth, &w)
        });
    }
    let exchanges = &base.records["exchanges.jsonl.zst"];
    for (i, x) in exchanges.iter().enumerate() {
        if x["params"].get("pageToken").is_some() {
            add(&mut out, "page dropped", x["call"].to_string(), move |f| {
                f.exchanges().remove(i);
            });
        }
        if x["call"]
            .as_str()
            .unwrap()
            .starts_with("cloudresourcemanager:")
        {
            add(
                &mut out,
                "hierarchy dropped",
                x["call"].to_string(),
                move |f| {
                    f.exchanges().remove(i);
                },
            );
        }
    }
    for i in 0..base.run["targets"].as_array().unwrap().len() {
        add(&mut out, "target alone", i.to_string(), move |f| {
            f.run["targets"].as_array_mut().unwrap().remove(i);
        });
        add(&mut out, "caller", i.to_string(), move |f| {
            f.run["targets"][i]["caller"]["id"] = "somebody else".into();
        });
    }
    add(&mut out, "gap", "elsewhere", |f| {
        f.of("gaps.jsonl")[0]["region"] = "us-east1".into();
    });
    out
}

#[test]
fn every_forgery_of_pages_is_found() {
    let home = TempDir::new().unwrap();
    let truth = home.path().join("run");
    scan(&truth, home.path(), &["--organization", "1"]);
    let packs = crate::packs::load(&Common::default()).unwrap();
    let base = Forged::read(&truth);
    assert_eq!(found(&base, &truth, &packs), Err(()), "the true run");
    let all = all(&base, &truth);
    let pages = all.iter().filter(|f| f.0 == "page dropped").count();
    assert!(pages >= 3, "{pages}");
    try_all(&all, &base, &truth, &packs);
}

#[test]
fn projects_that_were_named_are_those_of_the_run() {
    let home = TempDir::new().unwrap();
    let truth = home.path().join("run");
    scan(&truth, home.path(), &["--projects", "alpha"]);
    let packs = crate::packs::load(&Common::default()).unwrap();
    let base = Forged::read(&truth);
    assert_eq!(found(&base, &truth, &packs), Err(()), "the true run");
    let mut other = base.clone();
    other.run["sought"][0]["named"] = json!(["alpha", "beta"]);
    let how = found(&other, &truth, &packs).unwrap();
    assert!(how.contains("is no target of the run"), "{how}");
}
