//! The history of a bucket out of AWS Config, sealed, verified, handed over, and
//! told in a period.

use crate::support::cli::{Ended, ended, run, shoseki};
use crate::support::config::{ACCOUNT, REGION, signing_in};
use serde_json::{Value, json};
use shoseki_sandbox::{Asked, Reply, Responder, Sandbox};
use std::path::{Path, PathBuf};

const PASSWORD: &str = "PASSPHRASE";
const BUCKET: &str = "AWS::S3::Bucket";
/// What a bucket's policy carries, and no file may.
const KEY: &str = "AKIAQ3EGRTSHOSEKI9XZ";
const SECRET: &str = "q7Jd83kfLs02mZxPqW9sT4vYbN6hRcGuEa1oXi5K";

struct Config;

fn item(at: &str, status: &str, open: Option<bool>) -> Value {
    let mut v = json!({
        "version": "1.3", "accountId": ACCOUNT, "awsRegion": REGION,
        "configurationItemCaptureTime": at, "configurationItemStatus": status,
        "configurationStateId": at.bytes().filter(u8::is_ascii_digit).map(char::from).collect::<String>(),
        "resourceType": BUCKET, "resourceId": "ledger-exports", "resourceName": "ledger-exports",
        "arn": "arn:aws:s3:::ledger-exports",
    });
    let Some(open) = open else { return v };
    let encryption = json!({ "rules": [
        { "applyServerSideEncryptionByDefault": { "sseAlgorithm": "AES256", "kmsMasterKeyID": null }, "bucketKeyEnabled": false },
    ]});
    let block = json!({
        "blockPublicAcls": !open, "blockPublicPolicy": !open,
        "ignorePublicAcls": !open, "restrictPublicBuckets": !open,
    });
    let policy =
        json!({ "policyText": format!("{{\"Sid\":\"aws_secret_access_key = {SECRET}\"}}") });
    v["configuration"] = json!({ "name": "ledger-exports" }).to_string().into();
    v["supplementaryConfiguration"] = json!({
        "ServerSideEncryptionConfiguration": encryption.to_string(),
        "PublicAccessBlockConfiguration": block.to_string(),
        "BucketPolicy": policy.to_string(),
        "BucketTaggingConfiguration": json!({ "tagSets": [{ "tags": { "key": KEY } }] }).to_string(),
    });
    v
}

fn items() -> Vec<Value> {
    vec![
        item("2026-02-03T00:00:00Z", "ResourceDiscovered", Some(true)),
        item("2026-02-10T00:00:00Z", "OK", Some(false)),
        item("2026-02-20T00:00:00Z", "ResourceDeleted", None),
    ]
}

impl Responder for Config {
    fn reply(&self, asked: &Asked) -> Reply {
        let of_buckets = asked.value("resourceType") == Some(BUCKET);
        if let Some(answer) = signing_in(&asked.call) {
            return Reply::Answer(answer);
        }
        Reply::Answer(match asked.call.as_str() {
            "config:DescribeConfigurationRecorders" => json!({ "ConfigurationRecorders": [{
                "name": "default",
                "recordingGroup": { "allSupported": true, "includeGlobalResourceTypes": true,
                    "recordingStrategy": { "useOnly": "ALL_SUPPORTED_RESOURCE_TYPES" } },
            }]}),
            "config:DescribeConfigurationRecorderStatus" => {
                json!({ "ConfigurationRecordersStatus": [{
                    "name": "default", "recording": true, "lastStatus": "SUCCESS",
                    "lastStartTime": "2026-01-01T00:00:00Z",
                }]})
            }
            "config:DescribeRetentionConfigurations" => json!({ "RetentionConfigurations": [] }),
            "config:ListDiscoveredResources" if of_buckets => json!({ "resourceIdentifiers": [
                { "resourceType": BUCKET, "resourceId": "ledger-exports" },
            ]}),
            "config:GetResourceConfigHistory" if of_buckets => {
                match asked.value("chronologicalOrder") {
                    Some("Reverse") => json!({ "configurationItems": [] }),
                    _ => json!({ "configurationItems": items() }),
                }
            }
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

/// Runs with the password of the key.
fn with_key(args: &[&str]) -> Ended {
    let mut c = shoseki(args);
    c.env(PASSWORD, "a password for a test");
    ended(c)
}

fn key(home: &Path) -> PathBuf {
    let key = home.join("key.pem");
    let e = with_key(&[
        "keygen",
        "--out",
        key.to_str().unwrap(),
        "--passphrase-env",
        PASSWORD,
    ]);
    assert_eq!(e.code, 0, "{}{}", e.out, e.err);
    key
}

fn filled(home: &Path) -> PathBuf {
    let key = key(home);
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let server = runtime.block_on(Sandbox::start(Config)).unwrap();
    let (out, ledger) = (home.join("run"), home.join("ledger"));
    let url = server.url();
    let e = with_key(&[
        "backfill",
        "aws",
        "--endpoint",
        &url,
        "--regions",
        REGION,
        "--types",
        "aws.s3.bucket",
        "--from",
        "2026-02-01T00:00:00Z",
        "--to",
        "2026-02-28T00:00:00Z",
        "--max-attempts",
        "1",
        "--lang",
        "en",
        "--key",
        key.to_str().unwrap(),
        "--passphrase-env",
        PASSWORD,
        "--out",
        out.to_str().unwrap(),
        "--ledger",
        ledger.to_str().unwrap(),
    ]);
    // AWS Config does not hold every setting of a bucket.
    assert_eq!(e.code, 4, "{}{}", e.out, e.err);
    key.with_extension("pem.pub")
}

/// All bytes of a run, what is compressed unpacked.
fn bytes(dir: &Path) -> Vec<u8> {
    let mut out = Vec::new();
    for entry in std::fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            out.extend(bytes(&path));
            continue;
        }
        let file = std::fs::read(&path).unwrap();
        let packed = path.extension().is_some_and(|e| e == "zst");
        out.extend(if packed {
            zstd::decode_all(&file[..]).unwrap()
        } else {
            file
        });
    }
    out
}

#[test]
fn the_history_of_a_bucket_is_sealed_verified_and_handed_over() {
    let home = tempfile::tempdir().unwrap();
    let public = filled(home.path());
    let (dir, public) = (home.path().join("run"), public.to_str().unwrap());
    let path = dir.to_str().unwrap();
    for file in ["manifest.json", "seal.dsse.json", "history.jsonl.zst"] {
        assert!(dir.join(file).is_file(), "{file}");
    }
    let text = String::from_utf8_lossy(&bytes(&dir)).into_owned();
    assert!(!text.contains(SECRET), "the bucket's policy is told");
    let verify = |what: &str| run(&["verify", what, "--trust", public, "--lang", "en"]);
    let e = verify(path);
    assert_eq!(e.code, 0, "{}{}", e.out, e.err);
    for words in ["[proven] The manifest is signed", "back-filled records"] {
        assert!(e.out.contains(words), "{}", e.out);
    }
    assert!(!e.out.contains("[broken]"), "{}", e.out);

    let bundle = home.path().join("run.tar.zst");
    let bundle = bundle.to_str().unwrap();
    let e = run(&["bundle", path, "--out", bundle]);
    assert_eq!(e.code, 0, "{}{}", e.out, e.err);
    let e = verify(bundle);
    assert_eq!(e.code, 0, "{}{}", e.out, e.err);
    // A back-fill has no findings to cut out of it, and is handed over whole.
    for more in [&["--redact"][..], &["--controls", "10.1"]] {
        let other = home.path().join("part.tar.zst");
        let mut args = vec!["bundle", path, "--out", other.to_str().unwrap()];
        args.extend(more);
        let e = run(&args);
        assert_eq!(e.code, 2, "{}{}", e.out, e.err);
        assert!(!other.exists());
    }

    // What was changed after it was sealed is found.
    let file = dir.join("history.jsonl.zst");
    let told = zstd::decode_all(&std::fs::read(&file).unwrap()[..]).unwrap();
    let told = String::from_utf8(told).unwrap();
    let forged = told.replacen("\"verdict\":\"pass\"", "\"verdict\":\"fail\"", 1);
    assert_ne!(told, forged);
    std::fs::write(&file, zstd::encode_all(forged.as_bytes(), 3).unwrap()).unwrap();
    let e = verify(path);
    assert_eq!(e.code, 7, "{}{}", e.out, e.err);
}

#[test]
fn a_period_tells_when_the_bucket_was_open() {
    let home = tempfile::tempdir().unwrap();
    filled(home.path());
    let ledger = home.path().join("ledger");
    let e = run(&[
        "period",
        "--from",
        "2026-02-01T00:00:00Z",
        "--to",
        "2026-02-28T00:00:00Z",
        "--ledger",
        ledger.to_str().unwrap(),
        "--format",
        "json",
    ]);
    assert_eq!(e.code, 0, "{}", e.err);
    let v: Value = serde_json::from_str(&e.out).unwrap();
    let states = |rule: &str| -> Vec<String> {
        let all = v["findings"].as_array().unwrap();
        let f = all.iter().find(|f| f["rule"] == rule);
        let f = f.unwrap_or_else(|| panic!("{rule} is not there"));
        let told = f["backfilled"].as_array().unwrap().iter();
        told.map(|s| {
            format!("{} {} {}", s["state"], s["from"]["utc"], s["to"]["utc"]).replace('"', "")
        })
        .collect()
    };
    assert_eq!(
        states("aws.s3.bucket-public-access-block"),
        [
            // The account's own block, of which nothing is recorded, may hold instead.
            "unknown 2026-02-03T00:00:00Z 2026-02-10T00:00:00Z",
            "pass 2026-02-10T00:00:00Z 2026-02-20T00:00:00Z",
            "gone 2026-02-20T00:00:00Z 2026-02-28T00:00:00Z",
        ]
    );
    assert_eq!(
        states("aws.s3.bucket-default-encryption"),
        [
            "pass 2026-02-03T00:00:00Z 2026-02-10T00:00:00Z",
            "pass 2026-02-10T00:00:00Z 2026-02-20T00:00:00Z",
            "gone 2026-02-20T00:00:00Z 2026-02-28T00:00:00Z",
        ]
    );
    // What AWS Config does not record of a bucket is unknown, and never a verdict.
    let logging = states("aws.s3.bucket-access-logging");
    assert!(
        logging.iter().any(|s| s.starts_with("unknown ")),
        "{logging:?}"
    );
    assert!(
        !logging
            .iter()
            .any(|s| s.starts_with("pass ") || s.starts_with("fail "))
    );
}
