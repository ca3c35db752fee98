//! 20,000 bucket-like resources against 20 rules, on one core: verdicts alone,
//! findings with quotations and reasons, and the `cel` crate on the same
//! expressions with and without its conversion of the resource.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a benchmark fails by panicking"
)]

use cel::{Context, Program, Value as Cel};
use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use indexmap::IndexMap;
use serde_json::{Value, json};
use shoseki_judge::{Judge, load};
use shoseki_model::{Resource, TypeInfo};
use std::collections::HashMap;
use std::hint::black_box;

const RESOURCES: usize = 20_000;

const EXPRESSIONS: [&str; 20] = [
    r#"settings.Encryption.Rules.exists(r, r.Default.SSEAlgorithm in ["aws:kms", "AES256"])"#,
    r#"settings.Encryption.Rules.all(r, r.Default.SSEAlgorithm == "aws:kms")"#,
    r#"settings.Encryption.Rules.exists(r, r.BucketKeyEnabled == true)"#,
    r#"settings.PublicAccessBlock.BlockPublicAcls == true"#,
    r#"settings.PublicAccessBlock.BlockPublicAcls == true && settings.PublicAccessBlock.IgnorePublicAcls == true && settings.PublicAccessBlock.BlockPublicPolicy == true && settings.PublicAccessBlock.RestrictPublicBuckets == true"#,
    r#"settings.Versioning.Status == "Enabled""#,
    r#"settings.Versioning.MFADelete == "Enabled""#,
    r#"settings.Logging.TargetBucket != null && settings.Logging.TargetBucket != settings.Name"#,
    r#"settings.Ownership.Rules.exists(r, r.ObjectOwnership == "BucketOwnerEnforced")"#,
    r#"settings.Lifecycle.Rules.exists(r, r.Status == "Enabled" && r.Expiration.Days != null && r.Expiration.Days >= 365)"#,
    r#"settings.Acl.Grants.all(g, g.Grantee.URI != "http://acs.amazonaws.com/groups/global/AllUsers")"#,
    r#"!settings.Acl.Grants.exists(g, g.Permission == "FULL_CONTROL" && g.Grantee.Type == "Group")"#,
    r#"settings.Policy.Statement.exists(s, s.Effect == "Deny" && s.Principal == "*")"#,
    r#"settings.Policy.Statement.all(s, s.Effect == "Deny" || s.Principal != "*")"#,
    r#"settings.Lock.ObjectLockEnabled == "Enabled" || settings.Versioning.Status == "Enabled""#,
    r#"settings.Replication.Role == null || settings.Replication.Rules.exists(r, r.Status == "Enabled")"#,
    r#"settings.Name.startsWith("corp-") || settings.Name.endsWith("-logs")"#,
    r#"size(settings.Tags) > 0 && settings.Tags.exists(t, t.Key == "owner" && t.Value != "")"#,
    r#"settings.Notification.Enabled == true"#,
    r#"settings.Size <= 1000000 && settings.Name != """#,
];

const PARTS: [&str; 12] = [
    "Encryption",
    "PublicAccessBlock",
    "Versioning",
    "Logging",
    "Ownership",
    "Lifecycle",
    "Acl",
    "Policy",
    "Lock",
    "Replication",
    "Tags",
    "Notification",
];

fn settings(i: usize) -> Value {
    let on = |n: usize| {
        if i.is_multiple_of(n) {
            "Enabled"
        } else {
            "Suspended"
        }
    };
    json!({
        "Name": format!("corp-bucket-{i}"), "Size": i * 37,
        "Encryption": {"Rules": [{"Default": {"SSEAlgorithm": if i.is_multiple_of(3) {"aws:kms"} else {"AES256"}}, "BucketKeyEnabled": i.is_multiple_of(2)}]},
        "PublicAccessBlock": {"BlockPublicAcls": true, "IgnorePublicAcls": true, "BlockPublicPolicy": !i.is_multiple_of(5), "RestrictPublicBuckets": true},
        "Versioning": {"Status": on(2), "MFADelete": on(7)},
        "Logging": {"TargetBucket": "logs", "TargetPrefix": "x/"},
        "Ownership": {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]},
        "Lifecycle": {"Rules": [
            {"ID": "a", "Status": "Enabled", "Expiration": {"Days": i % 800}},
            {"ID": "b", "Status": "Disabled", "Expiration": {"Days": 30}}]},
        "Acl": {"Grants": [
            {"Permission": "FULL_CONTROL", "Grantee": {"Type": "CanonicalUser", "URI": "", "ID": "79a59df900b949e5"}},
            {"Permission": "READ", "Grantee": {"Type": "Group", "URI": "http://acs.amazonaws.com/groups/s3/LogDelivery", "ID": ""}}]},
        "Policy": {"Version": "2012-10-17", "Statement": [
            {"Sid": "a", "Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::111122223333:root"}, "Action": "s3:*", "Resource": "*"},
            {"Sid": "b", "Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "*"}]},
        "Lock": {"ObjectLockEnabled": on(9)},
        "Replication": {"Role": "r", "Rules": [{"Status": "Enabled"}]},
        "Tags": [{"Key": "owner", "Value": "team-a"}, {"Key": "env", "Value": "prod"}],
        "Notification": {"Enabled": i.is_multiple_of(4)},
    })
}

fn resource(i: usize) -> Resource {
    let Value::Object(settings) = settings(i) else {
        panic!("an object")
    };
    let mut sources = IndexMap::from([(String::new(), vec!["x".to_owned()])]);
    sources.extend(PARTS.map(|p| (p.to_owned(), vec![format!("x{p}")])));
    Resource {
        r#type: "aws.s3.bucket".into(),
        id: format!("arn:aws:s3:::corp-bucket-{i}"),
        name: format!("corp-bucket-{i}"),
        account: "111122223333".into(),
        region: "ap-northeast-1".into(),
        scope: "global".into(),
        settings,
        sources,
        unseen: IndexMap::new(),
    }
}

fn judge() -> Judge {
    let info = TypeInfo {
        parts: PARTS.map(str::to_owned).to_vec(),
        ..TypeInfo::default()
    };
    let types = HashMap::from([("aws.s3.bucket".to_owned(), info)]);
    let files: Vec<_> = EXPRESSIONS
        .iter()
        .enumerate()
        .map(|(i, e)| {
            let text = format!(
                "id: aws.s3.r{i}\ntitle: {{ ja: a, en: a }}\nseverity: low\nresource: aws.s3.bucket\nexpect: >-\n  {e}\nwhy: {{ ja: a, en: a }}\nfix: {{ ja: a, en: a, cli: a, terraform: a }}\nreferences: [https://example.com]\ncases: [{{ expect: pass }}, {{ expect: fail }}, {{ expect: unknown }}]\n"
            );
            (format!("aws/s3/r{i}.yaml"), text)
        })
        .collect();
    let (rules, errors) = load(&files, &types);
    assert!(errors.is_empty(), "{errors:?}");
    Judge::new(rules, "2026-01-01T00:00:00Z".parse().unwrap())
}

/// To the crate's values; whole numbers stay signed.
fn to_cel(v: &Value) -> Cel {
    match v {
        Value::Null => Cel::Null,
        Value::Bool(b) => Cel::Bool(*b),
        Value::Number(n) => n
            .as_i64()
            .map_or_else(|| Cel::Float(n.as_f64().unwrap()), Cel::Int),
        Value::String(s) => Cel::from(s.as_str()),
        Value::Array(a) => Cel::from(a.iter().map(to_cel).collect::<Vec<_>>()),
        Value::Object(m) => {
            let m: HashMap<String, Cel> = m.iter().map(|(k, v)| (k.clone(), to_cel(v))).collect();
            Cel::from(m)
        }
    }
}

fn run(c: &mut Criterion) {
    let judge = judge();
    let resources: Vec<Resource> = (0..RESOURCES).map(resource).collect();
    let evaluations = (RESOURCES * EXPRESSIONS.len()) as u64;
    let mut g = c.benchmark_group("20000 resources x 20 rules");
    g.throughput(Throughput::Elements(evaluations));
    g.sample_size(10);
    g.bench_function("shoseki, verdicts", |b| {
        b.iter(|| {
            for r in &resources {
                black_box(judge.verdicts(r));
            }
        });
    });
    g.bench_function("shoseki, findings", |b| {
        b.iter(|| {
            for r in &resources {
                black_box(judge.judge(r, &|_| None));
            }
        });
    });
    g.finish();

    // The crate is slower by an order of magnitude: fewer resources, same measure.
    let few: Vec<Cel> = (0..500).map(|i| to_cel(&settings(i))).collect();
    let raw: Vec<Value> = (0..500).map(settings).collect();
    let programs: Vec<Program> = EXPRESSIONS
        .iter()
        .map(|e| Program::compile(e).unwrap())
        .collect();
    let mut g = c.benchmark_group("500 resources x 20 rules");
    g.throughput(Throughput::Elements((few.len() * EXPRESSIONS.len()) as u64));
    g.sample_size(10);
    let execute = |value: Cel| {
        let mut context = Context::default();
        context.add_variable_from_value("settings", value);
        for p in &programs {
            let _ = black_box(p.execute(&context));
        }
    };
    g.bench_function("cel crate, resource converted before", |b| {
        b.iter(|| few.iter().for_each(|v| execute(v.clone())));
    });
    g.bench_function("cel crate, with conversion", |b| {
        b.iter(|| raw.iter().for_each(|v| execute(to_cel(v))));
    });
    g.finish();
}

criterion_group!(benches, run);
criterion_main!(benches);
