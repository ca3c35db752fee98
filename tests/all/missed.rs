//! An organisation whose accounts are partly out of reach: `verify` derives from
//! the stored answers which accounts there are, and why one was not reached.

use crate::support::cli::{Ended, run};
use serde_json::{Value, json};
use shoseki_sandbox::{Asked, Reply, Responder, Sandbox};
use std::path::Path;

const OWN: &str = "111111111111";
const SOUND: &str = "222222222222";
const REFUSED: &str = "333333333333";
const NO_REGIONS: &str = "444444444444";
const REGION: &str = "ap-northeast-1";

/// Whether the list of accounts comes in two pages.
struct Organisation {
    paged: bool,
}

impl Responder for Organisation {
    fn reply(&self, asked: &Asked) -> Reply {
        let account = match asked.access_key.as_str() {
            "testing" => OWN,
            member => member,
        };
        let denied = |code: &str| Reply::Error {
            status: 403,
            code: code.into(),
            message: "not allowed".into(),
        };
        let listed = |id: &str, state: &str| json!({ "Id": id, "Status": state });
        let (first, second) = (
            vec![listed(OWN, "ACTIVE"), listed(REFUSED, "ACTIVE")],
            vec![
                listed(SOUND, "ACTIVE"),
                listed("555555555555", "SUSPENDED"),
                listed(NO_REGIONS, "ACTIVE"),
            ],
        );
        Reply::Answer(match asked.call.as_str() {
            "sts:GetCallerIdentity" => json!({
                "Account": account, "UserId": "u",
                "Arn": format!("arn:aws:iam::{account}:user/auditor"),
            }),
            "ec2:DescribeRegions" if account == NO_REGIONS => {
                return denied("UnauthorizedOperation");
            }
            "ec2:DescribeRegions" => json!({ "Regions": [
                { "RegionName": REGION, "OptInStatus": "opt-in-not-required" },
                { "RegionName": "us-east-1", "OptInStatus": "opt-in-not-required" },
            ]}),
            "iam:ListAccountAliases" => json!({ "AccountAliases": [] }),
            "organizations:ListAccounts" => match (self.paged, asked.value("NextToken")) {
                (false, _) => {
                    let all = [first, second].concat();
                    json!({ "Accounts": all })
                }
                (true, None) => json!({ "Accounts": first, "NextToken": "more" }),
                (true, Some(_)) => json!({ "Accounts": second }),
            },
            _ => return denied("AccessDeniedException"),
        })
    }

    fn assumes(&self, account: &str) -> bool {
        account != REFUSED
    }
}

fn scan(dir: &Path, paged: bool, more: &[&str]) -> Ended {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let server = runtime
        .block_on(Sandbox::start(Organisation { paged }))
        .unwrap();
    let (url, out) = (server.url(), dir.to_str().unwrap());
    let mut args = vec!["scan", "aws", "--endpoint", &url, "--member-role", "Audit"];
    args.extend([
        "--rules",
        "aws.account.*",
        "--max-attempts",
        "1",
        "--lang",
        "en",
        "--out",
        out,
    ]);
    args.extend(more);
    run(&args)
}

fn verify(dir: &Path) -> Ended {
    run(&[
        "verify",
        dir.to_str().unwrap(),
        "--lang",
        "en",
        "--format",
        "json",
    ])
}

fn holds(dir: &Path) -> Value {
    let e = verify(dir);
    assert_eq!(e.code, 0, "{}{}", e.out, e.err);
    serde_json::from_str(&e.out).unwrap()
}

fn gaps(dir: &Path) -> Vec<Value> {
    let text = std::fs::read_to_string(dir.join("gaps.jsonl")).unwrap();
    let lines = text.lines().skip(1);
    lines.map(|l| serde_json::from_str(l).unwrap()).collect()
}

/// Changes the text of a file, and makes the digests fit.
fn forge(dir: &Path, file: &str, change: &dyn Fn(&str) -> String) {
    let path = dir.join(file);
    let text = std::fs::read_to_string(&path).unwrap();
    let new = change(&text);
    assert_ne!(text, new, "{file}");
    std::fs::write(&path, &new).unwrap();
    if file == "run.json" {
        return;
    }
    let run = dir.join("run.json");
    let mut v: Value = serde_json::from_str(&std::fs::read_to_string(&run).unwrap()).unwrap();
    let files = v["files"].as_array_mut().unwrap();
    let entry = files.iter_mut().find(|f| f["path"] == file).unwrap();
    entry["bytes"] = new.len().into();
    entry["sha256"] = shoseki_model::digest(new.as_bytes()).into();
    std::fs::write(&run, format!("{v:#}\n")).unwrap();
}

/// What `verify` says of a run whose file was changed.
fn found(truth: &Path, file: &str, change: &dyn Fn(&str) -> String) -> String {
    let home = tempfile::tempdir().unwrap();
    let dir = home.path().join("run");
    let copied = std::process::Command::new("cp")
        .args(["-r", truth.to_str().unwrap(), dir.to_str().unwrap()])
        .status();
    assert!(copied.unwrap().success());
    forge(&dir, file, change);
    let e = verify(&dir);
    assert_eq!(e.code, 7, "{}{}", e.out, e.err);
    e.out + &e.err
}

#[test]
fn why_an_account_was_not_reached_follows_from_stored_answers() {
    let home = tempfile::tempdir().unwrap();
    let dir = home.path().join("run");
    let e = scan(&dir, true, &["--accounts", "all"]);
    assert!([4, 5].contains(&e.code), "{}{}", e.out, e.err);
    let v = holds(&dir);
    let unreached = &v["derivation"]["stated"]["unreached"];
    assert_eq!(*unreached, json!([]), "{v:#}");
    let all = gaps(&dir);
    let of = |account: &str, call: &str| {
        let mut found = all
            .iter()
            .filter(|g| g["account"] == account && g["call"] == call);
        found.next().unwrap_or_else(|| panic!("{all:#?}")).clone()
    };
    let role = of(REFUSED, "sts:AssumeRole");
    assert_eq!(
        (&role["cause"], &role["error"]["code"]),
        (&json!("denied"), &json!("AccessDenied"))
    );
    assert!(role["exchange"].is_string());
    let regions = of(NO_REGIONS, "ec2:DescribeRegions");
    assert_eq!(regions["error"]["code"], "UnauthorizedOperation");
    assert_eq!(
        regions["resource"],
        format!("arn:aws:iam::{NO_REGIONS}:role/Audit")
    );
    // No key that STS gave out is anywhere in the run.
    let run = std::fs::read_to_string(dir.join("run.json")).unwrap();
    let run: Value = serde_json::from_str(&run).unwrap();
    let accounts = run["targets"]
        .as_array()
        .unwrap()
        .iter()
        .map(|t| &t["account"]);
    let mut accounts: Vec<&str> = accounts.map(|a| a.as_str().unwrap()).collect();
    accounts.sort_unstable();
    assert_eq!(accounts, [OWN, SOUND, REFUSED, NO_REGIONS]);
    assert_eq!(
        run["sought"],
        json!([{"cloud": "aws", "from": OWN, "below": "organization"}])
    );

    for (from, to) in [
        ("\"code\":\"AccessDenied\"", "\"code\":\"ExpiredToken\""),
        (
            "is not authorized to perform: sts:AssumeRole",
            "was closed on request",
        ),
    ] {
        let told = found(&dir, "gaps.jsonl", &|t| t.replacen(from, to, 1));
        assert!(told.contains("gaps.jsonl"), "{told}");
    }
    let exchange = role["exchange"].as_str().unwrap();
    let unlinked = |t: &str| t.replace(&format!(",\"exchange\":\"{exchange}\""), "");
    let told = found(&dir, "gaps.jsonl", &unlinked);
    assert!(told.contains("gaps.jsonl"), "{told}");
    let without = |account: &'static str| {
        move |t: &str| {
            let mut v: Value = serde_json::from_str(t).unwrap();
            let targets = v["targets"].as_array_mut().unwrap();
            targets.retain(|t| t["account"] != account);
            v.to_string()
        }
    };
    for account in [SOUND, REFUSED, NO_REGIONS] {
        let told = found(&dir, "run.json", &without(account));
        assert!(told.contains("is no target of the run"), "{told}");
    }
}

#[test]
fn the_accounts_that_were_named_are_those_of_the_run() {
    let home = tempfile::tempdir().unwrap();
    let dir = home.path().join("run");
    let named = format!("{SOUND},{REFUSED}");
    scan(&dir, false, &["--accounts", &named, "--regions", REGION]);
    holds(&dir);
    let fewer = |t: &str| {
        let mut v: Value = serde_json::from_str(t).unwrap();
        assert_eq!(v["sought"][0]["named"], json!([SOUND, REFUSED]));
        v["sought"][0]["named"] = json!([REFUSED]);
        v.to_string()
    };
    let told = found(&dir, "run.json", &fewer);
    assert!(told.contains("neither a list nor"), "{told}");
    let other = |t: &str| {
        let mut v: Value = serde_json::from_str(t).unwrap();
        v["sought"][0]["regions"] = json!(["us-east-1"]);
        v.to_string()
    };
    let told = found(&dir, "run.json", &other);
    assert!(told.contains("the regions of"), "{told}");
}
