use super::*;
use crate::functions::tests::call;
use serde_json::{Value, json};

const ME: &str = "111122223333";

fn doc(statement: Value) -> Value {
    json!({"Version": "2012-10-17", "Statement": statement})
}

fn allow(principal: Value, condition: Value) -> Value {
    let mut s = json!({"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*", "Principal": principal});
    if !condition.is_null() {
        s["Condition"] = condition;
    }
    doc(s)
}

fn covers(s: Value, action: &str, resource: &str) -> Value {
    call(allows, &[doc(s), json!(action), json!(resource)]).unwrap_or_else(Value::from)
}

#[test]
fn actions_and_resources_are_matched_with_wildcards() {
    for (s, expected) in [
        (
            json!({"Effect": "Allow", "Action": "*", "Resource": "*"}),
            true,
        ),
        (
            json!({"Effect": "Allow", "Action": ["kms:*"], "Resource": ["*"]}),
            true,
        ),
        (
            json!({"Effect": "Allow", "Action": "KMS:decrypt", "Resource": "*"}),
            true,
        ),
        (
            json!({"Effect": "Allow", "Action": "kms:De*", "Resource": "*"}),
            true,
        ),
        (
            json!({"Effect": "Allow", "Action": "kms:Encrypt", "Resource": "*"}),
            false,
        ),
        (
            json!({"Effect": "Allow", "Action": "kms:Decrypt", "Resource": "arn:aws:kms:*"}),
            false,
        ),
        (
            json!({"Effect": "Deny", "Action": "kms:Decrypt", "Resource": "*"}),
            false,
        ),
        (
            json!({"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"}),
            true,
        ),
        (
            json!({"Effect": "Allow", "NotAction": ["iam:*", "kms:*"], "Resource": "*"}),
            false,
        ),
        (
            json!({"Effect": "Allow", "Action": "kms:*", "NotResource": "arn:aws:kms:x"}),
            true,
        ),
        (json!({"Effect": "Allow", "Action": "kms:*"}), true),
        (
            json!({"Effect": "Allow", "Action": "kms:*", "Resource": "*", "Condition": {"Bool": {"aws:MultiFactorAuthPresent": "true"}}}),
            false,
        ),
        (
            json!({"Effect": "Allow", "Action": "kms:*", "Resource": "*", "Condition": {}}),
            true,
        ),
    ] {
        assert_eq!(
            covers(s.clone(), "kms:Decrypt", "*"),
            json!(expected),
            "{s}"
        );
    }
    let one = json!({"Effect": "Allow", "Action": "s3:Get*", "Resource": "arn:aws:s3:::b/*"});
    assert_eq!(
        covers(one.clone(), "s3:GetObject", "arn:aws:s3:::b/k"),
        json!(true)
    );
    assert_eq!(
        covers(one, "s3:GetObject", "arn:aws:s3:::c/k"),
        json!(false)
    );
}

#[test]
fn administrators() {
    for (s, expected) in [
        (
            json!({"Effect": "Allow", "Action": "*", "Resource": "*"}),
            true,
        ),
        (
            json!({"Effect": "Allow", "Action": ["s3:*", "*:*"], "Resource": ["x", "*"]}),
            true,
        ),
        (
            json!({"Effect": "Allow", "Action": "*", "Resource": "arn:*:*:*:*:*"}),
            true,
        ),
        (
            json!({"Effect": "Allow", "Action": "iam:*", "Resource": "*"}),
            false,
        ),
        (
            json!({"Effect": "Allow", "Action": "*", "Resource": "arn:aws:s3:::b"}),
            false,
        ),
        (
            json!({"Effect": "Deny", "Action": "*", "Resource": "*"}),
            false,
        ),
        (
            json!({"Effect": "Allow", "Action": "*", "Resource": "*", "Condition": {"StringEquals": {"a": "b"}}}),
            false,
        ),
        (
            json!({"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"}),
            false,
        ),
    ] {
        assert_eq!(
            call(grants_admin, &[doc(s.clone())]),
            Ok(json!(expected)),
            "{s}"
        );
    }
    assert_eq!(call(grants_admin, &[json!(null)]), Ok(json!(false)));
}

#[test]
fn plain_transport_is_denied() {
    let deny = |p: Value, action: &str, resource: Value, condition: Value| {
        doc(
            json!({"Effect": "Deny", "Principal": p, "Action": action, "Resource": resource, "Condition": condition}),
        )
    };
    let plain = json!({"Bool": {"aws:SecureTransport": "false"}});
    let bucket = json!(["arn:aws:s3:::b", "arn:aws:s3:::b/*"]);
    for (d, expected) in [
        (
            deny(json!("*"), "s3:*", bucket.clone(), plain.clone()),
            true,
        ),
        (
            deny(json!({"AWS": "*"}), "*", bucket.clone(), plain.clone()),
            true,
        ),
        (
            deny(json!("*"), "s3:*", json!("arn:aws:s3:::b*"), plain.clone()),
            true,
        ),
        (
            deny(
                json!("*"),
                "sns:*",
                json!("arn:aws:sns:x:111122223333:t"),
                plain.clone(),
            ),
            true,
        ),
        (
            deny(
                json!("*"),
                "s3:*",
                json!("*"),
                json!({"Bool": {"aws:SecureTransport": false}}),
            ),
            true,
        ),
        (
            deny(
                json!("*"),
                "s3:*",
                json!("*"),
                json!({"BoolIfExists": {"aws:SecureTransport": "false"}}),
            ),
            true,
        ),
        (
            deny(json!("*"), "s3:*", json!("arn:aws:s3:::b"), plain.clone()),
            false,
        ),
        (
            deny(json!("*"), "s3:*", json!("arn:aws:s3:::b/*"), plain.clone()),
            false,
        ),
        (
            deny(json!("*"), "s3:GetObject", bucket.clone(), plain.clone()),
            false,
        ),
        (
            deny(json!({"AWS": ME}), "s3:*", bucket.clone(), plain.clone()),
            false,
        ),
        (
            deny(
                json!("*"),
                "s3:*",
                bucket.clone(),
                json!({"Bool": {"aws:SecureTransport": "true"}}),
            ),
            false,
        ),
        (
            deny(
                json!("*"),
                "s3:*",
                bucket.clone(),
                json!({"Bool": {"aws:SecureTransport": "false"}, "StringEquals": {"a": "b"}}),
            ),
            false,
        ),
        (allow(json!("*"), plain.clone()), false),
    ] {
        assert_eq!(
            call(denies_insecure_transport, std::slice::from_ref(&d)),
            Ok(json!(expected)),
            "{d}"
        );
    }
    let split = doc(json!([
        {"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "arn:aws:s3:::b", "Condition": plain},
        {"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "arn:aws:s3:::b/*", "Condition": plain},
    ]));
    assert_eq!(call(denies_insecure_transport, &[split]), Ok(json!(true)));
    assert_eq!(
        call(denies_insecure_transport, &[json!(null)]),
        Ok(json!(false))
    );
}

#[test]
fn statements_are_lists_inside() {
    let d = doc(
        json!({"Sid": "a", "Effect": "Allow", "Action": "sts:AssumeRole",
        "Principal": {"AWS": ME, "Service": ["ec2.amazonaws.com"], "Federated": "x"},
        "Condition": {"Bool": {"aws:SecureTransport": true}}}),
    );
    assert_eq!(
        call(statements, &[d]),
        Ok(json!([{
            "Sid": "a", "Effect": "Allow",
            "Principal": [ME, "service:ec2.amazonaws.com", "federated:x"], "NotPrincipal": [],
            "Action": ["sts:AssumeRole"], "NotAction": [], "Resource": [], "NotResource": [],
            "Condition": {"Bool": {"aws:SecureTransport": true}}
        }]))
    );
    assert_eq!(call(statements, &[json!(null)]), Ok(json!([])));
}
