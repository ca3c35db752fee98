//! Back-filled states out of AWS Config's history, over a loopback server whose
//! answers are written after the documentation.

use crate::support::cli::{Ended, run};
use crate::support::config::{ACCOUNT, REGION, signing_in};
use serde_json::{Value, json};
use shoseki_sandbox::{Asked, Reply, Responder, Sandbox};
use std::path::Path;

/// What the server does otherwise than usual.
#[derive(Clone, Copy, Default)]
struct Otherwise {
    denied: Option<&'static str>,
    no_recorder: bool,
    left_out: bool,
    daily: bool,
    cut: bool,
}

struct Config(Otherwise);

fn group(port: Option<u16>) -> String {
    let permissions: Vec<Value> = port
        .iter()
        .map(|p| {
            json!({
                "fromPort": p, "toPort": p, "ipProtocol": "tcp",
                "ipv4Ranges": [{ "cidrIp": "0.0.0.0/0" }], "ipRanges": ["0.0.0.0/0"],
                "ipv6Ranges": [], "prefixListIds": [], "userIdGroupPairs": [],
            })
        })
        .collect();
    json!({
        "groupId": "sg-1", "groupName": "web", "ownerId": ACCOUNT, "vpcId": "vpc-1",
        "ipPermissions": permissions, "ipPermissionsEgress": [],
    })
    .to_string()
}

fn item(of: (&str, &str), at: &str, status: &str, configuration: Option<String>) -> Value {
    let mut v = json!({
        "version": "1.3", "accountId": ACCOUNT, "awsRegion": REGION,
        "configurationItemCaptureTime": at, "configurationItemStatus": status,
        "configurationStateId": at.bytes().filter(u8::is_ascii_digit).map(char::from).collect::<String>(),
        "resourceType": of.0, "resourceId": of.1,
    });
    if let Some(c) = configuration {
        v["configuration"] = c.into();
    }
    v
}

/// All recorded items, oldest first.
fn items() -> Vec<Value> {
    let sg = ("AWS::EC2::SecurityGroup", "sg-1");
    let vol = ("AWS::EC2::Volume", "vol-1");
    let volume = json!({
        "volumeId": "vol-1", "encrypted": false, "size": 8,
        "state": { "value": "in-use" }, "volumeType": "gp3",
    });
    vec![
        item(
            sg,
            "2026-01-05T00:00:00Z",
            "ResourceDiscovered",
            Some(group(None)),
        ),
        item(sg, "2026-01-15T00:00:00Z", "OK", Some(group(Some(22)))),
        item(sg, "2026-02-03T00:00:00Z", "OK", Some(group(Some(22)))),
        item(sg, "2026-02-10T00:00:00Z", "OK", Some(group(None))),
        item(
            vol,
            "2026-02-05T00:00:00Z",
            "ResourceDiscovered",
            Some(volume.to_string()),
        ),
        item(vol, "2026-02-20T00:00:00Z", "ResourceDeleted", None),
    ]
}

impl Config {
    fn history(&self, asked: &Asked) -> Value {
        let of = |v: &Value, name: &str| v[name].as_str() == asked.value(name);
        let mut all: Vec<Value> = items()
            .into_iter()
            .filter(|i| of(i, "resourceType") && of(i, "resourceId"))
            .collect();
        if self.0.daily {
            all.iter_mut()
                .for_each(|i| i["recordingFrequency"] = "DAILY".into());
        }
        let from = |i: &Value| i["configurationItemCaptureTime"].as_str().unwrap() >= "2026-01-10";
        // The first page of those within is empty, as a call spans seven days at most.
        match (asked.value("chronologicalOrder"), asked.value("nextToken")) {
            (Some("Reverse"), None) => json!({ "configurationItems": [], "nextToken": "more" }),
            (Some("Reverse"), _) => {
                all.retain(|i| !from(i));
                json!({ "configurationItems": all.pop().into_iter().collect::<Vec<_>>() })
            }
            (_, None) => json!({ "configurationItems": [], "nextToken": "one" }),
            (_, Some("one")) => {
                all.retain(from);
                let first: Vec<Value> = all.into_iter().take(1).collect();
                json!({ "configurationItems": first, "nextToken": "two" })
            }
            _ => {
                all.retain(from);
                json!({ "configurationItems": all.into_iter().skip(1).collect::<Vec<_>>() })
            }
        }
    }
}

impl Responder for Config {
    fn reply(&self, asked: &Asked) -> Reply {
        if self.0.denied == Some(asked.call.as_str()) {
            return Reply::Error {
                status: 400,
                code: "AccessDeniedException".into(),
                message: "not authorized".into(),
            };
        }
        if self.0.cut && asked.value("nextToken") == Some("two") {
            return Reply::Error {
                status: 400,
                code: "InvalidNextTokenException".into(),
                message: "gone".into(),
            };
        }
        if let Some(answer) = signing_in(&asked.call) {
            return Reply::Answer(answer);
        }
        Reply::Answer(match asked.call.as_str() {
            "config:DescribeConfigurationRecorders" if self.0.no_recorder => json!({}),
            "config:DescribeConfigurationRecorderStatus" if self.0.no_recorder => json!({}),
            "config:DescribeConfigurationRecorders" => {
                let types: &[&str] = match self.0.left_out {
                    true => &["AWS::EC2::Instance"],
                    false => &["AWS::EC2::SecurityGroup", "AWS::EC2::Volume"],
                };
                json!({ "ConfigurationRecorders": [{
                    "name": "default",
                    "recordingGroup": {
                        "allSupported": false, "resourceTypes": types,
                        "recordingStrategy": { "useOnly": "INCLUSION_BY_RESOURCE_TYPES" },
                    },
                }]})
            }
            "config:DescribeConfigurationRecorderStatus" => {
                json!({ "ConfigurationRecordersStatus": [{
                    "name": "default", "recording": true, "lastStatus": "SUCCESS",
                    "lastStopTime": "2026-01-20T00:00:00Z", "lastStartTime": "2026-02-01T00:00:00Z",
                }]})
            }
            "config:DescribeRetentionConfigurations" => json!({ "RetentionConfigurations": [] }),
            "config:ListDiscoveredResources" => {
                let (of, id) = match asked.value("resourceType") {
                    Some("AWS::EC2::Volume") => ("AWS::EC2::Volume", "vol-1"),
                    Some("AWS::EC2::SecurityGroup") => ("AWS::EC2::SecurityGroup", "sg-1"),
                    other => {
                        return Reply::Error {
                            status: 400,
                            code: "ValidationException".into(),
                            message: format!("{other:?}"),
                        };
                    }
                };
                json!({ "resourceIdentifiers": [{ "resourceType": of, "resourceId": id }] })
            }
            "config:GetResourceConfigHistory" => self.history(asked),
            other => {
                return Reply::Error {
                    status: 501,
                    code: "NotHere".into(),
                    message: other.into(),
                };
            }
        })
    }
}

const TYPES: &str = "aws.ec2.security-group,aws.ec2.volume";

fn backfill(home: &Path, otherwise: Otherwise) -> Ended {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let server = runtime.block_on(Sandbox::start(Config(otherwise))).unwrap();
    let (out, ledger) = (home.join("run"), home.join("ledger"));
    run(&[
        "backfill",
        "aws",
        "--endpoint",
        &server.url(),
        "--regions",
        REGION,
        "--from",
        "2026-01-10T00:00:00Z",
        "--to",
        "2026-02-28T00:00:00Z",
        "--types",
        TYPES,
        "--max-attempts",
        "1",
        "--lang",
        "en",
        "--out",
        out.to_str().unwrap(),
        "--ledger",
        ledger.to_str().unwrap(),
    ])
}

fn period(home: &Path, format: &str) -> String {
    let ledger = home.join("ledger");
    let e = run(&[
        "period",
        "--from",
        "2026-01-10T00:00:00Z",
        "--to",
        "2026-02-28T00:00:00Z",
        "--ledger",
        ledger.to_str().unwrap(),
        "--format",
        format,
        "--lang",
        "en",
    ]);
    assert_eq!(e.code, 0, "{}", e.err);
    e.out
}

/// Holds every line of the history against the published schema.
fn lines_are_as_the_schema_says(home: &Path) {
    let path = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../src/evidence/schemas/history.json"
    );
    let schema: Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    let schema = jsonschema::draft202012::new(&schema).unwrap();
    let file = std::fs::read(home.join("run/history.jsonl.zst")).unwrap();
    let text = String::from_utf8(zstd::decode_all(&file[..]).unwrap()).unwrap();
    assert!(text.starts_with("{\"format\":\"shoseki.history/1\"}\n"));
    for line in text.lines().skip(1) {
        let v: Value = serde_json::from_str(line).unwrap();
        let errors: Vec<_> = schema.iter_errors(&v).map(|e| e.to_string()).collect();
        assert!(errors.is_empty(), "{errors:?}\n{line}");
    }
}

fn json_of(home: &Path) -> Value {
    let v: Value = serde_json::from_str(&period(home, "json")).unwrap();
    let path = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../src/ledger/schemas/period.json"
    );
    let schema: Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    let schema = jsonschema::draft202012::new(&schema).unwrap();
    let errors: Vec<_> = schema.iter_errors(&v).map(|e| e.to_string()).collect();
    assert!(errors.is_empty(), "{errors:?}");
    v
}

/// `state from to` of the back-filled states of a rule.
fn states(v: &Value, rule: &str) -> Vec<String> {
    let f = v["findings"]
        .as_array()
        .unwrap()
        .iter()
        .find(|f| f["rule"] == rule);
    let all = f.unwrap_or_else(|| panic!("{rule} is not there"))["backfilled"]
        .as_array()
        .unwrap();
    let text = |s: &Value| s.as_str().unwrap().to_owned();
    all.iter()
        .map(|s| {
            assert_eq!(s["source"], "aws-config");
            format!(
                "{} {} {}",
                text(&s["state"]),
                text(&s["from"]["utc"]),
                text(&s["to"]["utc"])
            )
        })
        .collect()
}

const SSH: &str = "aws.ec2.security-group-no-ssh-from-internet";
const ENCRYPTED: &str = "aws.ec2.volume-encrypted";

#[test]
fn states_hold_as_long_as_recording_went_on() {
    let home = tempfile::tempdir().unwrap();
    let e = backfill(home.path(), Otherwise::default());
    // A setting that AWS Config does not hold (what uses a group) is a gap.
    assert_eq!(e.code, 4, "{}{}", e.out, e.err);
    assert!(e.out.contains("AWS Config"), "{}", e.out);
    lines_are_as_the_schema_says(home.path());
    let v = json_of(home.path());
    assert_eq!(
        states(&v, SSH),
        [
            "fail 2026-01-15T00:00:00Z 2026-01-15T00:00:00.001Z",
            "fail 2026-02-03T00:00:00Z 2026-02-10T00:00:00Z",
            "pass 2026-02-10T00:00:00Z 2026-02-28T00:00:00Z",
        ]
    );
    assert_eq!(
        states(&v, ENCRYPTED),
        [
            "fail 2026-02-05T00:00:00Z 2026-02-20T00:00:00Z",
            "gone 2026-02-20T00:00:00Z 2026-02-28T00:00:00Z",
        ]
    );
    let unseen = states(&v, "aws.ec2.security-group-in-use");
    assert!(
        unseen.iter().all(|s| s.starts_with("unknown ")),
        "{unseen:?}"
    );
    let gaps: Vec<String> = v["source_gaps"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|g| g["type"] == "aws.ec2.volume")
        .map(|g| format!("{} {} {}", g["cause"], g["from"]["utc"], g["to"]["utc"]).replace('"', ""))
        .collect();
    assert_eq!(
        gaps,
        [
            "recorder-unknown 2026-01-10T00:00:00Z 2026-01-20T00:00:00Z",
            "recorder-off 2026-01-20T00:00:00Z 2026-02-01T00:00:00Z",
        ]
    );
}

#[test]
fn nothing_of_it_counts_as_a_scan() {
    let home = tempfile::tempdir().unwrap();
    backfill(home.path(), Otherwise::default());
    let v = json_of(home.path());
    assert_eq!(v["runs"], json!([]));
    assert_eq!(v["controls"], json!([]));
    assert_eq!(v["gaps"].as_array().unwrap().len(), 1, "{}", v["gaps"]);
    assert_eq!(v["totals"]["findings"], 0);
    assert_eq!(v["totals"]["deviations"], 0);
    assert!(v["totals"]["backfilled"].as_u64().unwrap() > 3);
    for f in v["findings"].as_array().unwrap() {
        let own = f["intervals"].as_array().unwrap();
        assert!(own.len() == 1 && own[0]["state"].is_null(), "{f}");
        assert!(f.get("first_seen").is_none());
    }
}

#[test]
fn every_form_names_the_source() {
    let home = tempfile::tempdir().unwrap();
    backfill(home.path(), Otherwise::default());
    let text = period(home.path(), "text");
    assert!(
        text.contains("Back-fill") && text.contains("[aws-config]"),
        "{text}"
    );
    assert!(text.contains("recording was stopped"), "{text}");
    let csv = period(home.path(), "csv");
    let head: Vec<&str> = csv.lines().next().unwrap().split(',').collect();
    let source = head.iter().position(|h| *h == "source").unwrap();
    let mut back = csv
        .lines()
        .filter(|l| l.starts_with("backfill,") || l.starts_with("source-gap,"));
    assert!(back.clone().count() > 5, "{csv}");
    assert!(
        back.all(|l| l.split(',').nth(source) == Some("aws-config")),
        "{csv}"
    );
    let html = period(home.path(), "html");
    for needed in [
        "遡及取得（AWS Config の記録）",
        "back-filled from what AWS Config recorded",
        "b-past",
        "記録停止中",
        "aws-config",
    ] {
        assert!(html.contains(needed), "{needed}");
    }
    let ledger = home.path().join("ledger");
    let list = run(&[
        "ledger",
        "list",
        "--ledger",
        ledger.to_str().unwrap(),
        "--lang",
        "en",
    ]);
    assert!(list.out.contains("back-fill"), "{}", list.out);
}

#[test]
fn it_is_derived_again_and_bound() {
    let home = tempfile::tempdir().unwrap();
    backfill(home.path(), Otherwise::default());
    let (dir, ledger) = (home.path().join("run"), home.path().join("ledger"));
    let verify = || run(&["verify", dir.to_str().unwrap(), "--lang", "en"]);
    let check = |runs: &str| {
        run(&[
            "ledger",
            "check",
            "--ledger",
            ledger.to_str().unwrap(),
            "--runs",
            runs,
        ])
    };
    let e = verify();
    assert_eq!(e.code, 0, "{}{}", e.out, e.err);
    assert!(e.out.contains("back-filled records"), "{}", e.out);
    let e = check(home.path().to_str().unwrap());
    assert_eq!(e.code, 0, "{}{}", e.out, e.err);
    // A verdict that does not follow, with every digest made to fit.
    let file = dir.join("history.jsonl.zst");
    let text = zstd::decode_all(&std::fs::read(&file).unwrap()[..]).unwrap();
    let text = String::from_utf8(text).unwrap();
    let forged = text.replacen("\"verdict\":\"fail\"", "\"verdict\":\"pass\"", 1);
    assert_ne!(text, forged);
    let packed = zstd::encode_all(forged.as_bytes(), 3).unwrap();
    std::fs::write(&file, &packed).unwrap();
    let path = dir.join("run.json");
    let mut info: Value = serde_json::from_str(&std::fs::read_to_string(&path).unwrap()).unwrap();
    for f in info["files"].as_array_mut().unwrap() {
        if f["path"] == "history.jsonl.zst" {
            f["bytes"] = packed.len().into();
            f["sha256"] = shoseki_model::digest(&packed).into();
        }
    }
    std::fs::write(&path, format!("{info:#}\n")).unwrap();
    let e = verify();
    assert_eq!(e.code, 7, "{}{}", e.out, e.err);
    assert!(e.out.contains("history.jsonl.zst"), "{}", e.out);
    assert_eq!(check(home.path().to_str().unwrap()).code, 7);
}

#[test]
fn what_is_refused_or_cut_is_no_state() {
    for otherwise in [
        Otherwise {
            denied: Some("config:GetResourceConfigHistory"),
            ..Otherwise::default()
        },
        Otherwise {
            denied: Some("config:ListDiscoveredResources"),
            ..Otherwise::default()
        },
        Otherwise {
            cut: true,
            ..Otherwise::default()
        },
    ] {
        let home = tempfile::tempdir().unwrap();
        let e = backfill(home.path(), otherwise);
        assert_eq!(e.code, 4, "{}{}", e.out, e.err);
        let v = json_of(home.path());
        assert_eq!(v["findings"], json!([]));
        let gaps = std::fs::read_to_string(home.path().join("run/gaps.jsonl")).unwrap();
        if let Some(call) = otherwise.denied {
            assert!(gaps.contains(call) && gaps.contains("\"denied\""), "{gaps}");
        }
        let dir = home.path().join("run");
        let e = run(&["verify", dir.to_str().unwrap(), "--lang", "en"]);
        assert_eq!(e.code, 0, "{}{}", e.out, e.err);
    }
}

#[test]
fn without_knowing_that_recording_went_on_items_are_moments() {
    for (otherwise, cause) in [
        (
            Otherwise {
                denied: Some("config:DescribeConfigurationRecorderStatus"),
                ..Otherwise::default()
            },
            "not-read",
        ),
        (
            Otherwise {
                no_recorder: true,
                ..Otherwise::default()
            },
            "no-recorder",
        ),
        (
            Otherwise {
                left_out: true,
                ..Otherwise::default()
            },
            "type-not-recorded",
        ),
        (
            Otherwise {
                daily: true,
                ..Otherwise::default()
            },
            "recorder-off",
        ),
    ] {
        let home = tempfile::tempdir().unwrap();
        backfill(home.path(), otherwise);
        let v = json_of(home.path());
        assert_eq!(
            states(&v, SSH),
            [
                "fail 2026-01-15T00:00:00Z 2026-01-15T00:00:00.001Z",
                "fail 2026-02-03T00:00:00Z 2026-02-03T00:00:00.001Z",
                "pass 2026-02-10T00:00:00Z 2026-02-10T00:00:00.001Z",
            ],
            "{cause}"
        );
        let causes: Vec<&Value> = v["source_gaps"]
            .as_array()
            .unwrap()
            .iter()
            .map(|g| &g["cause"])
            .collect();
        assert!(causes.contains(&&json!(cause)), "{causes:?}");
    }
}

#[test]
fn histories_of_other_types_are_never_asked_for() {
    let e = run(&[
        "call",
        "aws",
        "config:GetResourceConfigHistory",
        "--endpoint",
        "http://127.0.0.1:9",
        "--region",
        REGION,
        "--max-attempts",
        "1",
        "--with",
        r#"{"resourceType":"AWS::Lambda::Function","resourceId":"f"}"#,
    ]);
    assert_ne!(e.code, 0);
    let e = run(&[
        "backfill",
        "aws",
        "--endpoint",
        "http://127.0.0.1:9",
        "--from",
        "2026-01-01",
        "--to",
        "2026-01-02",
        "--types",
        "aws.lambda.function",
    ]);
    assert_eq!(e.code, 2, "{}", e.err);
    assert!(e.err.contains("aws.ec2.volume"), "{}", e.err);
}
