use indexmap::IndexMap;
use serde_json::{Value, json};
use shoseki_judge::{Judge, RuleSet, load};
use shoseki_model::{Diagnostic, Kind, Resource, TypeInfo};
use std::collections::HashMap;

pub fn kind(v: Value) -> Kind {
    serde_json::from_value(v).unwrap()
}

/// The type that all tests here judge.
pub fn types() -> HashMap<String, TypeInfo> {
    let settings = kind(json!({"object": {
        "Name": "str",
        "CreationDate": "time",
        "Encryption": {"object": {"Rules": {"list": {"object": {
            "ApplyServerSideEncryptionByDefault": {"object": {"SSEAlgorithm": "str", "KMSMasterKeyID": "str"}},
            "BucketKeyEnabled": "bool"
        }}}}},
        "Policy": "any",
        "PublicAccessBlock": {"object": {"BlockPublicAcls": "bool", "IgnorePublicAcls": "bool"}},
        "Versioning": {"object": {"Status": "str", "MFADelete": "str"}},
        "Tags": {"map": "str"},
        "Size": "int"
    }}));
    let parts = ["Encryption", "Policy", "PublicAccessBlock", "Versioning"];
    let info = TypeInfo {
        settings,
        parts: parts.map(str::to_owned).to_vec(),
    };
    HashMap::from([("aws.s3.bucket".to_owned(), info)])
}

/// A rule file with this expression; `extra` are further lines.
pub fn rule(name: &str, expect: &str, extra: &str) -> (String, String) {
    let scoped = match extra.contains("when:") {
        true => "  - expect: not-applicable\n",
        false => "",
    };
    let text = format!(
        "id: aws.s3.{name}
title: {{ ja: 暗号化, en: Encryption }}
severity: medium
resource: aws.s3.bucket
expect: {expect}
why: {{ ja: 危険, en: Risk }}
fix: {{ ja: 直す, en: Mend, cli: aws s3api x, terraform: resource }}
references: [https://example.com/]
{extra}
cases:
  - expect: pass
  - expect: fail
  - expect: unknown
{scoped}"
    );
    (format!("aws/s3/{name}.yaml"), text)
}

pub fn set(files: &[(String, String)]) -> RuleSet {
    let (set, errors) = load(files, &types());
    assert!(errors.is_empty(), "{errors:#?}");
    set
}

pub fn errors(files: &[(String, String)]) -> Vec<Diagnostic> {
    load(files, &types()).1
}

/// A judge of one rule.
pub fn judge(expect: &str, extra: &str) -> Judge {
    // In a block, since YAML takes a leading `!` for a tag.
    let rules = set(&[rule("r", &format!("|\n  {expect}"), extra)]);
    Judge::new(rules, "2026-01-01T00:00:00Z".parse().unwrap())
}

/// A bucket all of whose parts were read.
pub fn bucket(settings: Value) -> Resource {
    let Value::Object(settings) = settings else {
        panic!("an object is needed")
    };
    let mut sources = IndexMap::from([(String::new(), vec!["xlist".to_owned()])]);
    for p in ["Encryption", "Policy", "PublicAccessBlock", "Versioning"] {
        sources.insert(p.to_owned(), vec![format!("x{p}")]);
    }
    Resource {
        r#type: "aws.s3.bucket".into(),
        id: "arn:aws:s3:::b".into(),
        name: "b".into(),
        account: "111122223333".into(),
        region: "ap-northeast-1".into(),
        scope: "global".into(),
        settings,
        sources,
        unseen: IndexMap::new(),
    }
}

/// The same with parts that could not be read.
pub fn hidden(mut r: Resource, parts: &[&str]) -> Resource {
    for p in parts {
        r.sources.shift_remove(*p);
        r.settings.shift_remove(*p);
        r.unseen.insert((*p).to_owned(), format!("g{p}"));
    }
    r
}
