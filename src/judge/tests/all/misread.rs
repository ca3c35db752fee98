//! What is not of the kind that the model names, or was replaced because it is
//! secret, satisfies and breaks no comparison.

use crate::common::*;
use serde_json::{Value, json};
use shoseki_model::{REDACTED, Verdict};

fn verdict(expect: &str, settings: Value) -> Verdict {
    let judge = judge(expect, "");
    judge.judge(&bucket(settings), &|_| None).remove(0).verdict
}

#[test]
fn a_value_of_another_kind_is_not_compared() {
    for (expect, odd) in [
        (
            "settings.PublicAccessBlock.BlockPublicAcls == true",
            json!({"PublicAccessBlock": {"BlockPublicAcls": "yes"}}),
        ),
        (
            "settings.PublicAccessBlock.BlockPublicAcls != false",
            json!({"PublicAccessBlock": {"BlockPublicAcls": ""}}),
        ),
        ("settings.Size == 1", json!({"Size": "one"})),
        ("settings.Size in [1, 2]", json!({"Size": "one"})),
        ("settings.Name != \"7\"", json!({"Name": 7})),
        ("\"Name\" in settings.Tags", json!({"Tags": ["Name"]})),
        (
            "settings.Encryption.Rules.all(r, r.BucketKeyEnabled != true)",
            json!({"Encryption": {"Rules": [{"BucketKeyEnabled": "TRUE!"}]}}),
        ),
    ] {
        assert_eq!(verdict(expect, odd), Verdict::Unknown, "{expect}");
    }
    let absent = "settings.PublicAccessBlock.BlockPublicAcls == true";
    assert_eq!(verdict(absent, json!({})), Verdict::Fail);
    assert_eq!(
        verdict("settings.Size == 1", json!({"Size": 1.0})),
        Verdict::Pass
    );
}

#[test]
fn a_replaced_secret_is_there_and_says_nothing_else() {
    let secret = || json!({"Name": REDACTED, "Tags": {"a": REDACTED}, "Policy": [REDACTED]});
    for expect in [
        "settings.Name == \"x\"",
        "settings.Name != \"x\"",
        "settings.Name in [\"x\"]",
        "settings.Name.startsWith(\"arn:\")",
        "!settings.Name.matches(\"^https:\")",
        "settings.Name < \"x\"",
        "size(settings.Name) == 10",
        "settings.Tags.exists(k, settings.Tags[k] == \"x\")",
        "!(\"x\" in settings.Policy)",
        "settings.Policy.all(p, p != \"x\")",
    ] {
        assert_eq!(verdict(expect, secret()), Verdict::Unknown, "{expect}");
    }
    for expect in [
        "settings.Name != null",
        "size(settings.Policy) == 1 && size(settings.Tags) == 1",
        "settings.Name == \"x\" || true",
    ] {
        assert_eq!(verdict(expect, secret()), Verdict::Pass, "{expect}");
    }
}

#[test]
fn a_policy_that_is_not_understood_whole_is_not_judged() {
    let policy = |statement: &str| json!({"Policy": format!("{{\"Statement\":[{statement}]}}")});
    let public = "!policyAllowsPublic(settings.Policy)";
    let admin = "!policyGrantsAdmin(settings.Policy)";
    for (expect, statement) in [
        (
            public,
            r#"{"Effect":"Allow","principal":"*","Action":"*","Resource":"*"}"#,
        ),
        (
            public,
            r#"{"Effect":"Allow","Principal":"*","Principal":{"AWS":"1"},"Action":"*"}"#,
        ),
        (admin, r#"{"Effect":"Allow","action":"*","Resource":"*"}"#),
        (admin, r#"{"Effect":"Allow","Resource":"*"}"#),
        (
            admin,
            r#"{"Effect":"Allow","Action":"*","NotAction":"s3:*","Resource":"*"}"#,
        ),
    ] {
        assert_eq!(
            verdict(expect, policy(statement)),
            Verdict::Unknown,
            "{statement}"
        );
    }
    let limited = r#"{"Sid":"a","Effect":"Allow","Principal":{"AWS":"111122223333"},"Action":"s3:Get*","Resource":"*"}"#;
    assert_eq!(verdict(public, policy(limited)), Verdict::Pass);
}

#[test]
fn a_port_that_is_no_number_is_no_port() {
    let open = |ports: Value| {
        let mut p = json!({"IpProtocol": "tcp", "IpRanges": [{"CidrIp": "0.0.0.0/0"}]});
        for (k, v) in ports.as_object().unwrap() {
            p[k] = v.clone();
        }
        verdict("ingressOpen(settings.Policy, 22)", json!({"Policy": [p]}))
    };
    assert_eq!(
        open(json!({"FromPort": "https", "ToPort": 443})),
        Verdict::Unknown
    );
    assert_eq!(open(json!({"FromPort": 443, "ToPort": 443})), Verdict::Fail);
    assert_eq!(open(json!({})), Verdict::Pass);
    let entry = |port: Value| {
        let e = json!({"RuleNumber": 1, "Protocol": "6", "RuleAction": "allow", "Egress": false,
            "CidrBlock": "0.0.0.0/0", "PortRange": {"From": port, "To": 80}});
        verdict("naclOpen(settings.Policy, 22)", json!({"Policy": [e]}))
    };
    assert_eq!(entry(json!("x")), Verdict::Unknown);
    assert_eq!(entry(json!(80)), Verdict::Fail);
}
