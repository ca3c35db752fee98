//! Generated roles: other people's parsers read them, and what they grant is what
//! `permissions` lists.

use crate::support::{cli, root};
use std::collections::BTreeSet;
use std::path::Path;
use std::process::{Command, Output};

/// Cloud, tool, scope, and an end of a file's name.
const ROLES: [(&str, &str, Option<&str>, &str); 10] = [
    ("aws", "terraform", None, "tf"),
    ("aws", "cloudformation", None, "yaml"),
    ("azure", "terraform", None, "tf"),
    ("azure", "terraform", Some("subscription"), "tf"),
    ("azure", "bicep", None, "bicep"),
    ("azure", "bicep", Some("subscription"), "bicep"),
    ("gcp", "terraform", None, "tf"),
    ("gcp", "terraform", Some("project"), "tf"),
    ("gcp", "gcloud", None, "sh"),
    ("gcp", "gcloud", Some("project"), "sh"),
];

fn written(args: &[&str]) -> String {
    let out = cli::run(&[&["permissions"], args].concat());
    assert_eq!(out.code, 0, "{args:?}: {}", out.err);
    out.out
}

fn listed(args: &[&str]) -> BTreeSet<String> {
    let text = written(&[args, &["--format", "text"]].concat());
    text.lines().map(str::to_owned).collect()
}

fn read_by_others(tool: &str, file: &Path) -> Output {
    Command::new(root().join(".venv/bin/python"))
        .arg(root().join("tests/roles.py"))
        .args([tool.as_ref(), file.as_os_str()])
        .output()
        .unwrap()
}

/// What the role in `text` grants, and what it names as left out.
fn granted(tool: &str, end: &str, text: &str) -> (BTreeSet<String>, BTreeSet<String>) {
    let tmp = tempfile::tempdir().unwrap();
    let file = tmp.path().join(format!("role.{end}"));
    std::fs::write(&file, text).unwrap();
    let out = read_by_others(tool, &file);
    let said = String::from_utf8_lossy(&out.stdout).into_owned();
    let err = String::from_utf8_lossy(&out.stderr);
    assert!(out.status.success(), "{tool}: {said}{err}");
    let (left, held): (Vec<&str>, Vec<&str>) =
        said.lines().partition(|l| l.starts_with("left out: "));
    let left = left.iter().map(|l| l["left out: ".len()..].to_owned());
    (
        held.into_iter().map(str::to_owned).collect(),
        left.collect(),
    )
}

#[test]
fn roles_grant_what_is_listed() {
    for (cloud, tool, scope, end) in ROLES {
        let mut args = vec![cloud, "--as", tool];
        args.extend(scope.iter().flat_map(|s| ["--scope", s]));
        let (held, left) = granted(tool, end, &written(&args));
        let all = listed(&[cloud]);
        assert!(held.is_disjoint(&left), "{args:?}");
        let named: BTreeSet<String> = held.union(&left).cloned().collect();
        assert_eq!(named, all, "{args:?}");
        assert!(held.len() > 100, "{args:?}: {}", held.len());
        for l in &left {
            let only = ["resourcemanager.", "accesscontextmanager."];
            let of_project = scope == Some("project") && only.iter().any(|o| l.starts_with(o));
            assert!(
                of_project || l.starts_with("cloudidentity."),
                "{args:?}: {l}"
            );
        }
    }
}

#[test]
fn a_role_is_as_narrow_as_the_rules() {
    let narrow = ["aws", "--rules", "aws.s3.*"];
    let (held, _) = granted(
        "terraform",
        "tf",
        &written(&[&narrow[..], &["--as", "terraform"]].concat()),
    );
    assert_eq!(held, listed(&narrow));
    assert!(held.len() < 60, "{held:?}");
}

/// The command in the first line gives the same file again.
#[test]
fn the_header_repeats_what_narrows() {
    for args in [
        &["aws", "--as", "terraform", "--rules", "aws.s3.*,aws.iam.*"][..],
        &[
            "aws",
            "--as",
            "cloudformation",
            "--controls",
            "9.4.2.2.B",
            "--backfill",
        ],
        &[
            "azure",
            "--as",
            "bicep",
            "--controls",
            "9.4.2,10.1",
            "--scope",
            "subscription",
        ],
        &[
            "gcp",
            "--as",
            "gcloud",
            "--rules",
            "gcp.storage.*",
            "--controls",
            "9",
        ],
        &["gcp", "--as", "terraform"],
    ] {
        let text = written(args);
        let command = text.lines().find_map(|l| l.split('`').nth(1)).unwrap();
        let script = format!("set -- {command}; printf '%s\\n' \"$@\"");
        let words = Command::new("bash").args(["-c", &script]).output().unwrap();
        let words = String::from_utf8(words.stdout).unwrap();
        let words: Vec<&str> = words.lines().collect();
        assert_eq!(words[..2], ["shoseki", "permissions"], "{command}");
        assert_eq!(written(&words[2..]), text, "{command}");
        assert_eq!(command.contains("--backfill"), args.contains(&"--backfill"));
        assert_eq!(command.contains("--controls"), args.contains(&"--controls"));
        assert_eq!(command.contains("--rules"), args.contains(&"--rules"));
    }
}

#[test]
fn a_backfill_has_its_actions_too() {
    let without = listed(&["aws"]);
    let with = listed(&["aws", "--backfill"]);
    let more: BTreeSet<_> = with.difference(&without).map(String::as_str).collect();
    assert!(without.is_subset(&with));
    assert!(more.iter().all(|a| a.starts_with("config:")), "{more:?}");
    for action in [
        "config:DescribeConfigurationRecorderStatus",
        "config:DescribeConfigurationRecorders",
        "config:DescribeRetentionConfigurations",
        "config:GetResourceConfigHistory",
        "config:ListDiscoveredResources",
    ] {
        assert!(with.contains(action), "{action}");
    }
    let template = written(&["aws", "--backfill", "--as", "cloudformation"]);
    assert_eq!(granted("cloudformation", "yaml", &template).0, with);
    let other = cli::run(&["permissions", "gcp", "--backfill"]);
    assert_eq!(other.code, 2, "{}", other.err);
    assert!(other.err.contains("no history of gcp"), "{}", other.err);
}

#[test]
fn what_does_not_exist_is_usage() {
    for (args, told) in [
        (
            &["azure", "--as", "cloudformation"][..],
            "terraform or bicep",
        ),
        (&["gcp", "--as", "bicep"], "terraform or gcloud"),
        (&["aws", "--as", "gcloud"], "terraform or cloudformation"),
        (
            &["aws", "--as", "terraform", "--scope", "project"],
            "account",
        ),
        (
            &["gcp", "--as", "gcloud", "--scope", "subscription"],
            "organization or project",
        ),
        (&["gcp", "--scope", "project"], "--as"),
        (&["aws", "--as", "terraform", "--split"], "--split"),
    ] {
        let out = cli::run(&[&["permissions"], args].concat());
        assert_eq!(out.code, 2, "{args:?}: {}", out.err);
        assert!(
            out.err.contains(told) && out.out.is_empty(),
            "{args:?}: {}",
            out.err
        );
    }
}

/// The readers do refuse: what they accept means something.
#[test]
fn the_readers_refuse_what_is_wrong() {
    let tmp = tempfile::tempdir().unwrap();
    for (args, from, to) in [
        (
            ["aws", "terraform", "tf"],
            "var.trusted_principals",
            "var.trusted",
        ),
        (["aws", "terraform", "tf"], "locals {", "locals"),
        (
            ["aws", "cloudformation", "yaml"],
            "!Ref ReadPolicy1",
            "!Ref ReadPolicyX",
        ),
        (
            ["aws", "cloudformation", "yaml"],
            "PolicyDocument:",
            "PolicyDoc:",
        ),
        (
            ["azure", "bicep", "bicep"],
            "var actions = [",
            "var actions = ",
        ),
        (
            ["azure", "bicep", "bicep"],
            "principalId: principalId",
            "principalId: principal",
        ),
        (
            ["azure", "terraform", "tf"],
            "\"azurerm_role_assignment\" \"shoseki\"",
            "\"azurerm_role\" \"shoseki\"",
        ),
        (
            ["gcp", "gcloud", "sh"],
            "includedPermissions:",
            "includedPermissions",
        ),
        (["gcp", "gcloud", "sh"], "\nfi\n", "\n"),
    ] {
        let [cloud, tool, end] = args;
        let text = written(&[cloud, "--as", tool]);
        assert!(text.contains(from), "{args:?}: {from}");
        let file = tmp.path().join(format!("role.{end}"));
        std::fs::write(&file, text.replace(from, to)).unwrap();
        let out = read_by_others(tool, &file);
        assert_eq!(out.status.code(), Some(1), "{args:?}: {from}");
    }
}
