//! The command that asks the same again by hand.

use serde_json::{Map, Value};
use shoseki_model::Exchange;

/// Services that the AWS CLI calls otherwise than the service model (awscli
/// `customizations/s3`, `configservice/rename_cmd.py`, `codedeploy`).
const CLI_SERVICES: [(&str, &str); 3] = [
    ("s3", "s3api"),
    ("config", "configservice"),
    ("codedeploy", "deploy"),
];

/// The command that repeats `exchange`, for `aws` the AWS CLI's, for `azure` the
/// Azure CLI's; `None` where no such command is known. `endpoint` is the address
/// that was asked in place of the provider's own.
pub fn repeat(exchange: &Exchange, endpoint: Option<&str>) -> Option<String> {
    match exchange.cloud.as_str() {
        "aws" => aws(exchange, endpoint),
        // The Azure CLI gives tokens to nobody but Azure.
        "azure" if endpoint.is_none() => azure(exchange),
        _ => None,
    }
}

/// `az rest` on the address that was asked.
fn azure(exchange: &Exchange) -> Option<String> {
    let (method, address) = exchange.http.as_deref()?.split_once(' ')?;
    let method = method.to_ascii_lowercase();
    let mut words = vec!["az rest --method".to_owned(), quoted(&method)];
    words.extend(["--url".to_owned(), quoted(address)]);
    if let Some(body) = exchange.params.get("body") {
        words.extend(["--body".to_owned(), quoted(&body.to_string())]);
    }
    Some(words.join(" "))
}

fn aws(exchange: &Exchange, endpoint: Option<&str>) -> Option<String> {
    let (service, operation) = exchange.call.split_once(':')?;
    let service = CLI_SERVICES
        .iter()
        .find(|(model, _)| *model == service)
        .map_or(service, |(_, cli)| cli);
    let mut words = vec!["aws".to_owned(), quoted(service), quoted(&kebab(operation))];
    words.extend(params(&exchange.params));
    if !exchange.region.is_empty() && exchange.region != "global" {
        words.push("--region".to_owned());
        words.push(quoted(&exchange.region));
    }
    if let Some(endpoint) = endpoint {
        words.push("--endpoint-url".to_owned());
        words.push(quoted(endpoint));
    }
    Some(words.join(" "))
}

/// Options, or the whole as JSON where an option could be misread.
fn params(params: &Map<String, Value>) -> Vec<String> {
    if params.is_empty() {
        return Vec::new();
    }
    let mut out = Vec::new();
    for (name, value) in params {
        let Some(values) = plain(value) else {
            let json = Value::Object(params.clone()).to_string();
            return vec!["--cli-input-json".to_owned(), quoted(&json)];
        };
        out.push(format!("--{}", kebab(name)));
        out.extend(values);
    }
    out
}

/// Words of an option's value; `None` where the AWS CLI could read them as
/// something else (a file, shorthand syntax, another option).
fn plain(v: &Value) -> Option<Vec<String>> {
    let text = |s: &str, more: &[char]| {
        let safe = !s.is_empty()
            && !s.starts_with('-')
            && !s.contains("://")
            && s.chars()
                .all(|c| c.is_ascii_alphanumeric() || "_-./:@+".contains(c) || more.contains(&c));
        safe.then(|| s.to_owned())
    };
    match v {
        Value::String(s) => Some(vec![text(s, &['=', ','])?]),
        Value::Number(n) => Some(vec![n.to_string()]),
        Value::Array(a) if !a.is_empty() => a
            .iter()
            .map(|e| match e {
                Value::String(s) => text(s, &[]),
                Value::Number(n) => Some(n.to_string()),
                _ => None,
            })
            .collect(),
        _ => None,
    }
}

/// A word for a POSIX shell.
fn quoted(s: &str) -> String {
    let safe = |c: char| c.is_ascii_alphanumeric() || "_-./:@+=,".contains(c);
    if !s.is_empty() && s.chars().all(safe) {
        s.to_owned()
    } else {
        format!("'{}'", s.replace('\'', r"'\''"))
    }
}

/// `GetBucketEncryption` as the AWS CLI spells it; the same steps as botocore's
/// `xform_name` with `-`, without its table of exceptions (WhatsApp, iSCSI, HITs,
/// OTel): no collector reads those services.
fn kebab(name: &str) -> String {
    if name.contains('-') {
        return name.to_owned();
    }
    let mut chars: Vec<char> = name.chars().collect();
    // A plural of an abbreviation at the end is one word: `ListOpenIDARNs`.
    if let Some(at) = plural_abbreviation(&chars) {
        let tail: Vec<char> = chars[at..].iter().map(char::to_ascii_lowercase).collect();
        chars.truncate(at);
        chars.push('-');
        chars.extend(tail);
    }
    let mut out = String::new();
    for c in end_caps(&first_caps(&chars)) {
        out.push(c.to_ascii_lowercase());
    }
    out
}

/// Start of the longest run of two or more capitals before a final `s`.
fn plural_abbreviation(chars: &[char]) -> Option<usize> {
    let (last, head) = chars.split_last()?;
    let caps = head
        .iter()
        .rev()
        .take_while(|c| c.is_ascii_uppercase())
        .count();
    (*last == 's' && caps >= 2).then(|| head.len() - caps)
}

/// `(.)([A-Z][a-z]+)` to `\1-\2`, left to right without overlap.
fn first_caps(chars: &[char]) -> Vec<char> {
    let mut out = Vec::new();
    let mut i = 0;
    while i < chars.len() {
        out.push(chars[i]);
        let starts = chars.get(i + 1).is_some_and(char::is_ascii_uppercase)
            && chars.get(i + 2).is_some_and(char::is_ascii_lowercase);
        i += 1;
        if starts {
            out.push('-');
            out.push(chars[i]);
            i += 1;
            while i < chars.len() && chars[i].is_ascii_lowercase() {
                out.push(chars[i]);
                i += 1;
            }
        }
    }
    out
}

/// `([a-z0-9])([A-Z])` to `\1-\2`.
fn end_caps(chars: &[char]) -> Vec<char> {
    let mut out: Vec<char> = Vec::new();
    for &c in chars {
        let before = out.last().copied();
        if c.is_ascii_uppercase()
            && before.is_some_and(|b| b.is_ascii_lowercase() || b.is_ascii_digit())
        {
            out.push('-');
        }
        out.push(c);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn exchange(call: &str, region: &str, params: Value) -> Exchange {
        Exchange {
            id: String::new(),
            cloud: "aws".into(),
            account: String::new(),
            region: region.into(),
            call: call.into(),
            params: params.as_object().cloned().unwrap_or_default(),
            caller: String::new(),
            started: String::new(),
            ended: String::new(),
            date: None,
            request_id: None,
            status: None,
            headers: Default::default(),
            attempts: 1,
            http: None,
            error: None,
            failure: None,
            answer: None,
        }
    }

    #[test]
    fn azure_is_asked_again_by_its_address() {
        let mut x = exchange("arm:GET /subscriptions?api-version=1", "global", json!({}));
        x.cloud = "azure".into();
        x.http = Some("GET https://management.azure.com/subscriptions?api-version=1".into());
        let wanted =
            "az rest --method get --url 'https://management.azure.com/subscriptions?api-version=1'";
        assert_eq!(repeat(&x, None).as_deref(), Some(wanted));
        assert_eq!(repeat(&x, Some("http://127.0.0.1:1")), None);
    }

    /// Expected values made with botocore 1.44.5, `xform_name(name, "-")`.
    #[test]
    fn names_are_spelt_as_botocore_does() {
        for (name, expected) in [
            ("GetBucketEncryption", "get-bucket-encryption"),
            ("ListMFADevices", "list-mfa-devices"),
            ("GetEbsEncryptionByDefault", "get-ebs-encryption-by-default"),
            ("DescribeDBInstances", "describe-db-instances"),
            ("ListSAMLProviders", "list-saml-providers"),
            (
                "GetAccountAuthorizationDetails",
                "get-account-authorization-details",
            ),
            ("ListWebACLs", "list-web-acls"),
            ("DescribeNetworkAcls", "describe-network-acls"),
            ("GetSMSAttributes", "get-sms-attributes"),
            ("DescribeHSMs", "describe-hsms"),
            (
                "ListDistributionsByWebACLId",
                "list-distributions-by-web-acl-id",
            ),
            ("DBInstanceIdentifier", "db-instance-identifier"),
            (
                "DescribeVpcEndpointServices",
                "describe-vpc-endpoint-services",
            ),
            ("GetQueueURL", "get-queue-url"),
            ("listTagsForResource", "list-tags-for-resource"),
            ("LoadBalancerArns", "load-balancer-arns"),
            ("S3Bucket", "s3-bucket"),
        ] {
            assert_eq!(kebab(name), expected);
        }
    }

    #[test]
    fn simple_parameters_become_options() {
        let e = exchange(
            "s3:GetBucketEncryption",
            "ap-northeast-1",
            json!({ "Bucket": "x" }),
        );
        assert_eq!(
            repeat(&e, None).as_deref(),
            Some("aws s3api get-bucket-encryption --Bucket x --region ap-northeast-1")
                .map(|s| s.replace("--Bucket", "--bucket"))
                .as_deref()
        );
        let e = exchange(
            "elbv2:DescribeTags",
            "global",
            json!({ "ResourceArns": ["arn:a", "arn:b"], "PageSize": 5 }),
        );
        assert_eq!(
            repeat(&e, Some("http://127.0.0.1:1")).as_deref(),
            Some(
                "aws elbv2 describe-tags --resource-arns arn:a arn:b --page-size 5 --endpoint-url http://127.0.0.1:1"
            )
        );
    }

    #[test]
    fn whatever_could_be_misread_travels_as_json() {
        for value in [
            json!("file:///etc/passwd"),
            json!("-x"),
            json!("a b"),
            json!("it's; rm -rf /"),
            json!(true),
            json!([{ "Name": "n" }]),
            json!(["a=b"]),
            json!(null),
        ] {
            let e = exchange("ec2:DescribeVpcs", "", json!({ "P": value }));
            let command = repeat(&e, None).unwrap_or_default();
            assert!(
                command.starts_with("aws ec2 describe-vpcs --cli-input-json '{\"P\":"),
                "{command}"
            );
        }
        assert_eq!(quoted("it's"), r"'it'\''s'");
    }
}
