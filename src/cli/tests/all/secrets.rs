//! Two hundred secrets of twenty kinds, seeded where no model expects one, in
//! every wire protocol and in errors; none may reach disk, log or report.

use serde_json::{Value, json};
use shoseki_sandbox::{AnswerFile, Answers, Sandbox, demo_files};
use std::fs;
use std::path::Path;
use std::process::Command;
use tempfile::TempDir;

const ACCOUNT: &str = "555555555555";
const REGION: &str = "ap-northeast-1";
const ANY: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

/// Text that nobody else has.
fn text(seed: u64, alphabet: &str, n: usize) -> String {
    let letters: Vec<char> = alphabet.chars().collect();
    let mut state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        letters[(state % letters.len() as u64) as usize]
    };
    (0..n).map(|_| next()).collect()
}

/// A sentence with a secret of one of twenty kinds, and the secret.
fn seeded(i: u64) -> (String, String) {
    let any = |n| text(i + 1, ANY, n);
    let hex = |n| text(i + 1, "0123456789abcdef", n);
    let (before, secret, after) = match i % 20 {
        0 => (
            "-----BEGIN RSA PRIVATE KEY-----\n".to_owned(),
            any(64),
            "\n-----END RSA PRIVATE KEY-----",
        ),
        1 => (
            "-----BEGIN PRIVATE KEY-----".to_owned(),
            any(64),
            "-----END PRIVATE KEY-----",
        ),
        2 => ("aws_secret_access_key=".to_owned(), any(40), ""),
        3 => ("AKIAIOSFODNN7EXAMPLE:".to_owned(), any(40), ""),
        4 => ("AWS_SESSION_TOKEN=".to_owned(), any(200), ""),
        5 => (
            "https://b.s3.amazonaws.com/k?X-Amz-Signature=".to_owned(),
            hex(64),
            "",
        ),
        6 => (format!("eyJ{}.eyJ{}.", any(20), any(30)), any(43), ""),
        7 => ("ghp_".to_owned(), any(36), ""),
        8 => ("github_pat_".to_owned(), any(60), ""),
        9 => ("glpat-".to_owned(), any(20), ""),
        10 => ("xoxb-1234567890-".to_owned(), any(24), ""),
        11 => ("AIza".to_owned(), any(35), ""),
        12 => ("sk_live_".to_owned(), any(24), ""),
        13 => (format!("SG.{}.", any(22)), any(43), ""),
        14 => ("npm_".to_owned(), any(36), ""),
        15 => ("hvs.".to_owned(), any(24), ""),
        16 => (
            "postgres://app:".to_owned(),
            any(16),
            "@db.example:5432/app",
        ),
        17 => ("Server=db;Password=".to_owned(), any(16), ";Encrypt=true"),
        18 => ("DB_PASSWORD=".to_owned(), any(16), ""),
        _ => ("Authorization: Bearer ".to_owned(), any(32), ""),
    };
    (format!("see {before}{secret}{after} there"), secret)
}

/// Answers that hold the texts.
fn answers(texts: &[String]) -> Vec<AnswerFile> {
    let mut texts = texts.iter().cloned();
    let mut some = |n: usize| texts.by_ref().take(n).collect::<Vec<_>>();
    let tags = |all: Vec<String>| -> Vec<Value> {
        let tag = |(i, v): (usize, String)| json!({"Key": format!("k{i}"), "Value": v});
        all.into_iter().enumerate().map(tag).collect()
    };
    let user = |(i, v): (usize, String)| {
        json!({
            "UserName": format!("u{i}"), "UserId": format!("AIDA{i}"), "Path": "/",
            "Arn": format!("arn:aws:iam::{ACCOUNT}:user/u{i}"),
            "CreateDate": "2025-01-01T00:00:00Z", "Tags": [{"Key": "note", "Value": v}],
        })
    };
    let function = |(i, v): (usize, String)| {
        json!({
            "FunctionName": format!("f{i}"), "Runtime": "python3.13", "Description": v,
            "FunctionArn": format!("arn:aws:lambda:{REGION}:{ACCOUNT}:function:f{i}"),
        })
    };
    let policy = |v: String| {
        let statement = json!({"Sid": v, "Effect": "Deny", "Principal": "*", "Action": "s3:*"});
        json!({"Version": "2012-10-17", "Statement": [statement]}).to_string()
    };
    let metadata = json!({
        "KeyId": "1", "Arn": format!("arn:aws:kms:{REGION}:{ACCOUNT}:key/1"),
        "Enabled": true, "KeyState": "Enabled", "KeyManager": "CUSTOMER",
        "KeyUsage": "ENCRYPT_DECRYPT", "KeySpec": "SYMMETRIC_DEFAULT", "Origin": "AWS_KMS",
        "AWSAccountId": ACCOUNT, "Description": some(20).join(" "),
    });
    let vpc = json!({"VpcId": "vpc-1", "OwnerId": ACCOUNT, "CidrBlock": "10.0.0.0/16",
        "State": "available", "Tags": tags(some(40))});
    let entries = json!([
        {"call": "ec2:DescribeVpcs", "answer": {"Vpcs": [vpc]}},
        {"call": "iam:GetAccountAuthorizationDetails", "with": {"Filter": ["User"]},
            "answer": {"UserDetailList": some(40).into_iter().enumerate().map(user).collect::<Vec<_>>()}},
        {"call": "lambda:ListFunctions",
            "answer": {"Functions":
                some(40).into_iter().enumerate().map(function).collect::<Vec<_>>()}},
        {"call": "kms:ListKeys", "answer": {"Keys": [
            {"KeyId": "1", "KeyArn": format!("arn:aws:kms:{REGION}:{ACCOUNT}:key/1")}]}},
        {"call": "kms:DescribeKey", "answer": {"KeyMetadata": metadata}},
        {"call": "s3:ListBuckets", "answer": {"Buckets": [
            {"Name": "b", "BucketRegion": REGION, "CreationDate": "2025-01-01T00:00:00Z"}]}},
        {"call": "s3:GetBucketPolicy", "answer": {"Policy": policy(some(20).join(" "))}},
        {"call": "s3:GetBucketVersioning",
            "error": {"code": "AccessDenied", "status": 403, "message": some(20).join(" ")}},
        {"call": "kms:GetKeyPolicy",
            "error": {"code": "AccessDeniedException", "message": some(20).join(" ")}},
    ]);
    assert_eq!(texts.next(), None);
    vec![AnswerFile {
        path: format!("aws/{ACCOUNT}/any/seeded.yaml"),
        text: entries.to_string(),
    }]
}

fn shoseki(home: &Path, url: &str, args: &[&str]) -> (i32, String) {
    let out = Command::new(env!("CARGO_BIN_EXE_shoseki"))
        .args(args)
        .env_clear()
        .env("HOME", home)
        .env("AWS_ACCESS_KEY_ID", ACCOUNT)
        .env("AWS_SECRET_ACCESS_KEY", "seeded")
        .env("AWS_REGION", REGION)
        .env("AWS_ENDPOINT_URL", url)
        .env("RUST_LOG", "trace")
        .output()
        .unwrap();
    let text = |b: &[u8]| String::from_utf8_lossy(b).into_owned();
    let said = text(&out.stdout) + &text(&out.stderr);
    (out.status.code().unwrap(), said)
}

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
fn none_of_two_hundred_seeded_secrets_is_kept() {
    let home = TempDir::new().unwrap();
    let (texts, secrets): (Vec<_>, Vec<_>) = (0..200).map(seeded).unzip();
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .unwrap();
    let demo = demo_files()
        .into_iter()
        .filter(|f| f.path.contains("/any/"));
    let files: Vec<_> = demo.chain(answers(&texts)).collect();
    let sandbox = runtime
        .block_on(Sandbox::start(Answers::load(&files).unwrap()))
        .unwrap();
    let run = home.path().join("run");
    let dir = run.to_str().unwrap();
    let (code, scanned) = shoseki(
        home.path(),
        &sandbox.url(),
        &[
            "scan",
            "aws",
            "--regions",
            REGION,
            "--out",
            dir,
            "--lang",
            "en",
        ],
    );
    assert!(matches!(code, 3..=5), "{code}: {scanned}");
    let (code, verified) = shoseki(home.path(), &sandbox.url(), &["verify", dir]);
    assert_eq!(code, 0, "{verified}");
    let (_, report) = shoseki(
        home.path(),
        &sandbox.url(),
        &["report", dir, "--format", "json"],
    );
    let mut kept = scanned + &verified + &report;
    all(home.path(), &mut kept);
    for call in ["k39", "user/u39", "function:f39", "vpc-1", "see [redacted]"] {
        assert!(kept.contains(call), "{call} was not read");
    }
    let found: Vec<_> = (0..200).filter(|i| kept.contains(&secrets[*i])).collect();
    let told: Vec<_> = found.iter().map(|i| &texts[*i]).collect();
    assert!(found.is_empty(), "{} kept: {told:#?}", found.len());
    // What surrounds them is still there, so that they were read.
    assert!(kept.matches("[redacted]").count() >= 200);
}
