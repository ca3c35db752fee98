use super::*;
use crate::functions::tests::call;
use serde_json::{Value, json};

const ME: &str = "111122223333";
const OTHER: &str = "444455556666";

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

fn public(d: &Value) -> Result<Value, String> {
    call(allows_public, std::slice::from_ref(d))
}

fn others(d: &Value, ids: &[&str]) -> Result<Value, String> {
    call(allows_others, &[d.clone(), json!(ids)])
}

#[test]
fn principals_that_are_everybody() {
    for (p, expected) in [
        (json!("*"), true),
        (json!({"AWS": "*"}), true),
        (
            json!({"AWS": ["arn:aws:iam::111122223333:root", "*"]}),
            true,
        ),
        (json!({"Service": "s3.amazonaws.com", "AWS": ["*"]}), true),
        (json!({"Federated": "*"}), true),
        (json!({"AWS": ME}), false),
        (json!({"AWS": "arn:aws:iam::444455556666:role/x"}), false),
        (json!({"Service": "s3.amazonaws.com"}), false),
        (
            json!({"CanonicalUser": "79a59df900b949e55d96a1e698fbacedfd6e09d98eacf8f8d5218e7cd47ef2be"}),
            false,
        ),
    ] {
        assert_eq!(
            public(&allow(p.clone(), Value::Null)),
            Ok(json!(expected)),
            "{p}"
        );
    }
}

#[test]
fn effect_not_principal_and_identity_policies() {
    let not = doc(
        json!([{"Effect": "Allow", "NotPrincipal": {"AWS": ME}, "Action": "*", "Resource": "*"}]),
    );
    assert_eq!(public(&not), Ok(json!(true)));
    let deny = doc(
        json!([{"Effect": "Deny", "NotPrincipal": {"AWS": ME}, "Action": "*", "Resource": "*"}]),
    );
    assert_eq!(public(&deny), Ok(json!(false)));
    let deny = doc(json!({"Effect": "Deny", "Principal": "*", "Action": "*", "Resource": "*"}));
    assert_eq!(public(&deny), Ok(json!(false)));
    let identity = doc(json!({"Effect": "Allow", "Action": "*", "Resource": "*"}));
    assert_eq!(public(&identity), Ok(json!(false)));
    assert_eq!(others(&identity, &[ME]), Ok(json!(false)));
}

#[test]
fn conditions_that_narrow() {
    for c in [
        json!({"StringEquals": {"aws:PrincipalOrgID": "o-abc123"}}),
        json!({"StringEquals": {"AWS:SourceOwner": ME}}),
        json!({"StringEquals": {"aws:SourceAccount": [ME, OTHER]}}),
        json!({"StringLike": {"aws:PrincipalAccount": ME}}),
        json!({"StringEquals": {"aws:PrincipalAccount": "${aws:ResourceAccount}"}}),
        json!({"StringEquals": {"aws:PrincipalOrgID": "${aws:ResourceOrgID}"}}),
        json!({"ForAnyValue:StringLike": {"aws:PrincipalOrgPaths": "o-abc123/r-x/*"}}),
        json!({"ArnLike": {"aws:SourceArn": "arn:aws:sns:*:111122223333:*"}}),
        json!({"ArnLike": {"aws:SourceArn": "arn:aws:s3:::my-bucket"}}),
        json!({"ArnLike": {"aws:SourceArn": "arn:aws:s3:*:*:my-bucket"}}),
        json!({"StringLike": {"aws:PrincipalArn": "arn:aws:iam::111122223333:role/*"}}),
        json!({"StringEquals": {"aws:SourceVpce": "vpce-1a2b3c4d"}}),
        json!({"StringEquals": {"aws:SourceVpc": ["vpc-1"]}}),
        json!({"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}}),
        json!({"IpAddress": {"aws:SourceIp": ["203.0.113.4", "2001:db8::/32"]}}),
        json!({"StringEquals": {"s3:DataAccessPointAccount": ME}}),
        json!({"StringEquals": {"kms:CallerAccount": ME, "kms:ViaService": "s3.ap-northeast-1.amazonaws.com"}}),
        json!({"StringLike": {"aws:userid": "AROAEXAMPLEID12345678:*"}}),
        json!({"Bool": {"elasticfilesystem:AccessedViaMountTarget": "true"}}),
        json!({"StringEqualsIfExists": {"aws:PrincipalOrgID": "o-a"}, "Null": {"aws:PrincipalOrgID": "false"}}),
        json!({"Bool": {"aws:SecureTransport": "true"}, "StringEquals": {"aws:PrincipalOrgID": "o-a"}}),
    ] {
        assert_eq!(
            public(&allow(json!("*"), c.clone())),
            Ok(json!(false)),
            "{c}"
        );
    }
}

#[test]
fn conditions_that_do_not_narrow() {
    for c in [
        json!({}),
        json!({"StringLike": {"aws:PrincipalOrgID": "*"}}),
        json!({"StringLike": {"aws:PrincipalOrgID": "o-*"}}),
        json!({"StringEquals": {"aws:SourceAccount": [ME, "*"]}}),
        json!({"StringEqualsIfExists": {"aws:PrincipalOrgID": "o-abc123"}}),
        json!({"ForAllValues:StringEquals": {"aws:PrincipalOrgID": "o-abc123"}}),
        json!({"StringNotEquals": {"aws:PrincipalOrgID": "o-abc123"}}),
        json!({"StringNotEquals": {"aws:SourceAccount": ME}}),
        json!({"IpAddress": {"aws:SourceIp": "0.0.0.0/0"}}),
        json!({"IpAddress": {"aws:SourceIp": ["203.0.113.0/24", "::/0"]}}),
        json!({"IpAddress": {"aws:SourceIp": ["0.0.0.0/1", "128.0.0.0/1"]}}),
        json!({"NotIpAddress": {"aws:SourceIp": "203.0.113.0/24"}}),
        json!({"StringEquals": {"aws:SourceIp": "203.0.113.0/24"}}),
        json!({"ArnLike": {"aws:SourceArn": "arn:aws:sns:*:*:*"}}),
        json!({"ArnLike": {"aws:SourceArn": "*"}}),
        json!({"ArnLike": {"aws:SourceArn": "arn:aws:s3:::*"}}),
        json!({"ArnLike": {"aws:SourceArn": "arn:aws:s3:::my-*"}}),
        json!({"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/admin"}}),
        json!({"Bool": {"aws:SecureTransport": "true"}}),
        json!({"StringEquals": {"kms:ViaService": "s3.ap-northeast-1.amazonaws.com"}}),
        json!({"StringEquals": {"aws:PrincipalTag/team": "x"}}),
        json!({"StringEquals": {"aws:PrincipalAccount": "${aws:PrincipalTag/account}"}}),
        json!({"StringLike": {"aws:SourceVpce": "vpce-*"}}),
        json!({"Null": {"aws:PrincipalOrgID": "false"}}),
        json!({"StringEquals": {"aws:PrincipalOrgID": []}}),
        json!({"StringLike": {"aws:userid": "*"}}),
    ] {
        assert_eq!(
            public(&allow(json!({"AWS": "*"}), c.clone())),
            Ok(json!(true)),
            "{c}"
        );
    }
}

#[test]
fn one_open_statement_is_enough() {
    let narrow = json!({"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*",
        "Condition": {"StringEquals": {"aws:PrincipalOrgID": "o-a"}}});
    let open =
        json!({"Effect": "Allow", "Principal": "*", "Action": "sns:Subscribe", "Resource": "*"});
    assert_eq!(public(&doc(json!([narrow]))), Ok(json!(false)));
    assert_eq!(public(&doc(json!([narrow, open]))), Ok(json!(true)));
}

#[test]
fn documents_come_as_json_text_or_not_at_all() {
    let d = allow(json!("*"), Value::Null);
    assert_eq!(public(&json!(d.to_string())), Ok(json!(true)));
    assert_eq!(public(&json!(null)), Ok(json!(false)));
    assert_eq!(public(&json!("")), Ok(json!(false)));
    for bad in [
        json!("no json"),
        json!("[]"),
        json!({}),
        json!({"Statement": 1}),
        doc(json!([1])),
        doc(json!({"Effect": "allow"})),
        doc(json!({"Effect": "Allow", "Principal": {"Robot": "x"}})),
        doc(json!({"Effect": "Allow", "Action": {"a": 1}})),
        doc(json!({"Effect": "Allow", "Principal": "*", "Condition": []})),
        doc(json!({"Effect": "Allow", "Principal": "*", "Condition": {"StringEquals": "x"}})),
    ] {
        assert!(public(&bad).is_err(), "{bad}");
        assert!(
            call(statements, std::slice::from_ref(&bad)).is_err(),
            "{bad}"
        );
    }
}

#[test]
fn others_are_told_from_the_listed() {
    let c = Value::Null;
    for (p, expected) in [
        (json!({"AWS": ME}), false),
        (json!({"AWS": "arn:aws:iam::111122223333:role/x"}), false),
        (
            json!({"AWS": "arn:aws:sts::111122223333:assumed-role/x/y"}),
            false,
        ),
        (json!({"AWS": OTHER}), true),
        (
            json!({"AWS": ["arn:aws:iam::111122223333:root", "arn:aws:iam::444455556666:root"]}),
            true,
        ),
        (json!("*"), true),
        (
            json!({"AWS": "arn:aws:iam::cloudfront:user/CloudFront Origin Access Identity E1"}),
            false,
        ),
        (json!({"AWS": "AIDAEXAMPLEID12345678"}), false),
        (
            json!({"Federated": "arn:aws:iam::111122223333:oidc-provider/x"}),
            false,
        ),
        (
            json!({"Federated": "arn:aws:iam::444455556666:saml-provider/x"}),
            true,
        ),
        (json!({"Federated": "accounts.google.com"}), true),
        (json!({"CanonicalUser": "79a59df9"}), true),
        (json!({"Service": "logs.amazonaws.com"}), true),
    ] {
        assert_eq!(
            others(&allow(p.clone(), c.clone()), &[ME]),
            Ok(json!(expected)),
            "{p}"
        );
    }
    let both = allow(json!({"AWS": [ME, OTHER]}), c);
    assert_eq!(others(&both, &[ME, OTHER]), Ok(json!(false)));
    assert!(call(allows_others, &[both, json!([1])]).is_err());
}

#[test]
fn conditions_bind_others_to_the_listed() {
    let any = json!("*");
    let service = json!({"Service": "sns.amazonaws.com"});
    for (p, c, ids, expected) in [
        (
            &any,
            json!({"StringEquals": {"aws:SourceAccount": ME}}),
            vec![ME],
            false,
        ),
        (
            &any,
            json!({"StringEquals": {"aws:SourceAccount": OTHER}}),
            vec![ME],
            true,
        ),
        (
            &any,
            json!({"StringEquals": {"aws:SourceAccount": [ME, OTHER]}}),
            vec![ME],
            true,
        ),
        (
            &any,
            json!({"StringEquals": {"aws:PrincipalOrgID": "o-a"}}),
            vec![ME],
            true,
        ),
        (
            &any,
            json!({"StringEquals": {"aws:PrincipalOrgID": "o-a"}}),
            vec![ME, "o-a"],
            false,
        ),
        (
            &any,
            json!({"StringEquals": {"aws:PrincipalAccount": "${aws:ResourceAccount}"}}),
            vec![],
            false,
        ),
        (
            &any,
            json!({"StringEquals": {"aws:SourceVpce": "vpce-1"}}),
            vec![ME],
            true,
        ),
        (
            &service,
            json!({"ArnLike": {"aws:SourceArn": "arn:aws:sns:*:111122223333:t"}}),
            vec![ME],
            false,
        ),
        (
            &service,
            json!({"ArnLike": {"aws:SourceArn": "arn:aws:sns:*:444455556666:t"}}),
            vec![ME],
            true,
        ),
        (
            &service,
            json!({"ArnLike": {"aws:SourceArn": "arn:aws:s3:::bucket"}}),
            vec![ME],
            false,
        ),
        (
            &service,
            json!({"Bool": {"aws:SecureTransport": "true"}}),
            vec![ME],
            true,
        ),
    ] {
        let got = others(&allow(p.clone(), c.clone()), &ids);
        assert_eq!(got, Ok(json!(expected)), "{p} {c} {ids:?}");
    }
    let web = allow(
        json!({"Federated": "cognito-identity.amazonaws.com"}),
        json!({"StringEquals": {"cognito-identity.amazonaws.com:aud": "pool"}}),
    );
    assert_eq!(others(&web, &[ME]), Ok(json!(false)));
}
