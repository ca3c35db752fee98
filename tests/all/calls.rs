//! What a scan asks: nothing beyond the printed permissions, and nothing that
//! its rules do not need. And what it keeps: no secret.

use crate::support::cli::{self, REGION, Scan};
use crate::support::moto::Moto;
use crate::support::packs::Packs;
use crate::support::run::{self, Seen};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use shoseki_collect::Plan;
use std::collections::BTreeSet;
use std::path::Path;

/// Asked by every scan while it signs in.
const SIGN_IN: [&str; 3] = [
    "ec2:DescribeRegions",
    "iam:ListAccountAliases",
    "sts:GetCallerIdentity",
];

fn printed(more: &[&str]) -> BTreeSet<String> {
    let mut args = vec!["permissions", "aws", "--format", "text"];
    args.extend(more);
    let ended = cli::run(&args);
    assert_eq!(ended.code, 0, "{}", ended.err);
    let text: BTreeSet<String> = ended.out.lines().map(str::to_owned).collect();
    let mut args = vec!["permissions", "aws"];
    args.extend(more);
    let policy: serde_json::Value = serde_json::from_str(&cli::run(&args).out).unwrap();
    let actions = policy["Statement"][0]["Action"].as_array().unwrap();
    let actions: BTreeSet<String> = actions
        .iter()
        .map(|a| a.as_str().unwrap().to_owned())
        .collect();
    assert_eq!(text, actions, "the two forms differ");
    text
}

/// Every call of the run needs only what is printed.
fn within(seen: &Seen, plan: &Plan, permissions: &BTreeSet<String>) {
    for x in &seen.asked {
        let mut needed: BTreeSet<&str> = plan
            .types
            .iter()
            .flat_map(|t| t.calls())
            .filter(|c| c.call == x.call)
            .flat_map(|c| c.permissions.iter().map(String::as_str))
            .collect();
        if SIGN_IN.contains(&x.call.as_str()) {
            needed.insert(&x.call);
        }
        assert!(!needed.is_empty(), "{} is not in the plan", x.call);
        for p in needed {
            assert!(
                permissions.contains(p),
                "{} needs {p}, which is not printed",
                x.call
            );
        }
    }
}

/// A whole scan stays within the printed permissions.
pub fn are_permitted(seen: &Seen, packs: &Packs) {
    within(seen, &packs.plan(|_| true), &printed(&[]));
}

/// A scan of one control asks what its rules need.
pub fn of_one_control(moto: &Moto, packs: &Packs) {
    const CONTROL: [&str; 2] = ["--controls", "9.4.2.2.B"];
    let entry = packs.mappings.get(CONTROL[1]).unwrap();
    let rules: BTreeSet<&str> = entry.evidence.iter().map(|e| e.rule.as_str()).collect();
    let plan = packs.plan(|r| rules.contains(r.id.as_str()));
    let scan = cli::scan(&moto.url, &CONTROL);
    let seen = run::read(&scan.dir());
    let asked: BTreeSet<&str> = seen.asked.iter().map(|x| x.call.as_str()).collect();
    let planned: BTreeSet<&str> = plan.calls().into_iter().chain(SIGN_IN).collect();
    assert!(
        asked.is_subset(&planned),
        "{asked:?} is not within {planned:?}"
    );
    assert!(asked.len() <= 20, "{asked:?}");
    for needed in ["iam:GetAccountSummary", "iam:GetCredentialReport"] {
        assert!(asked.contains(needed), "{asked:?}");
    }
    let judged: BTreeSet<&str> = seen.findings.values().map(|f| f.rule.as_str()).collect();
    assert!(
        judged.is_subset(&rules),
        "{judged:?} is not within {rules:?}"
    );
    within(&seen, &plan, &printed(&CONTROL));
    assert!(printed(&CONTROL).len() < printed(&[]).len());
}

/// What seed.py puts wherever a secret can be.
pub const SECRET: &str = "SHOSEKI-SECRET";

/// The secret as it is, and in base64 at each of the three offsets.
fn forms() -> Vec<String> {
    let mut all = vec![SECRET.to_owned()];
    for offset in 0..3 {
        let bytes = [vec![b'x'; offset], SECRET.as_bytes().to_vec()].concat();
        let text = STANDARD.encode(&bytes);
        let (first, last) = ((offset * 8).div_ceil(6), bytes.len() * 8 / 6);
        all.push(text[first..last].to_owned());
    }
    all
}

fn files(dir: &Path, out: &mut Vec<std::path::PathBuf>) {
    for entry in std::fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files(&path, out);
        } else {
            out.push(path);
        }
    }
}

/// No secret is in the run directory or was printed.
pub fn hold_no_secret(scan: &Scan) {
    let mut all = Vec::new();
    files(&scan.dir(), &mut all);
    assert!(all.len() > 50);
    let mut texts = vec![
        (
            "standard output".to_owned(),
            scan.ended.out.clone().into_bytes(),
        ),
        (
            "standard error".to_owned(),
            scan.ended.err.clone().into_bytes(),
        ),
    ];
    for path in all {
        let mut bytes = std::fs::read(&path).unwrap();
        if path.extension().is_some_and(|e| e == "zst") {
            bytes = zstd::stream::decode_all(bytes.as_slice()).unwrap();
        }
        texts.push((path.display().to_string(), bytes));
    }
    for (place, bytes) in &texts {
        let text = String::from_utf8_lossy(bytes);
        for form in forms() {
            assert!(!text.contains(&form), "{place} holds a secret ({form})");
        }
    }
}

/// The same, and the answers that held some say so.
pub fn keep_no_secret(seen: &Seen, scan: &Scan) {
    hold_no_secret(scan);
    for call in [
        "autoscaling:DescribeLaunchConfigurations",
        "cloudformation:DescribeStacks",
        "codebuild:BatchGetProjects",
        "ec2:DescribeLaunchTemplateVersions",
        "ecs:DescribeTaskDefinition",
        "lambda:ListFunctions",
    ] {
        let mut of = seen
            .asked
            .iter()
            .filter(|x| x.call == call && x.region == REGION);
        let replaced = of.any(|x| x.answer.as_ref().is_some_and(|a| a.redacted > 0));
        assert!(replaced, "{call}: nothing was replaced");
    }
}

#[test]
fn secrets_are_looked_for_in_every_offset_of_base64() {
    for padding in ["", "a", "ab", "abc"] {
        let text = STANDARD.encode(format!("{padding}{SECRET}-and-more"));
        assert!(forms().iter().any(|f| text.contains(f)), "{padding}");
    }
}
