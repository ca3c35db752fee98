//! No secret reaches the parsed answer or the recorded bytes.

use super::server::{Reply, Server};
use super::{request, session};
use crate::model::{self, Of, Operation, Paginator, Shape};
use serde_json::{Value, json};
use shoseki_collect::Cloud;

const SECRET: &str = "hunter2";

/// The answer of `call` to `body`, with secret paths; both forms are free of
/// [`SECRET`].
async fn asked(call: &str, params: Value, body: &str, paths: &[&str]) -> (Value, String, u64) {
    let owned = body.to_owned();
    let server = Server::start(move |_, _| Reply::ok(&owned)).await;
    let (session, memory) = session(&server).await;
    let mut asked = request(call, params);
    asked.secret = paths.iter().map(|p| (*p).to_owned()).collect();
    let page = session.page(asked).await.unwrap();
    let (exchange, bytes) = memory.last();
    let bytes = String::from_utf8(bytes.unwrap()).unwrap();
    let answer = exchange.answer.clone().unwrap();
    assert_eq!(answer.sha256, shoseki_model::digest(bytes.as_bytes()));
    assert_eq!(answer.bytes, bytes.len() as u64);
    assert!(!bytes.contains(SECRET), "{bytes}");
    assert!(!page.value.to_string().contains(SECRET), "{}", page.value);
    (page.value, bytes, answer.redacted)
}

#[tokio::test]
async fn variables_of_functions_keep_only_their_names() {
    let body = r#"{"Functions": [ {"FunctionName":"f","Environment":{"Variables":
        {"DB_PASSWORD":"hunter2", "NOTE":"say \"hunter2\" \u0068", "EMPTY":""}}} ]}"#;
    let (value, bytes, n) = asked("lambda:ListFunctions", json!({}), body, &[]).await;
    let variables = &value["Functions"][0]["Environment"]["Variables"];
    assert_eq!(
        *variables,
        json!({"DB_PASSWORD": "[redacted]", "NOTE": "[redacted]", "EMPTY": ""})
    );
    assert_eq!(n, 2);
    // All else is as received, to the blank.
    assert!(bytes.starts_with(r#"{"Functions": [ {"FunctionName":"f","Environment""#));
    assert_eq!(serde_json::from_str::<Value>(&bytes).unwrap(), value);
}

#[tokio::test]
async fn xml_members_are_replaced_where_they_stand() {
    let body = "<?xml version=\"1.0\"?>\n<DescribeVpcsResponse><!-- c --><vpcSet><item>\
                <vpcId>hunter2</vpcId><state><![CDATA[hunter2]]></state><cidrBlock>10.0.0.0/8\
                </cidrBlock></item></vpcSet></DescribeVpcsResponse>";
    let paths = ["Vpcs[].VpcId", "Vpcs[].State"];
    let (value, bytes, n) = asked("ec2:DescribeVpcs", json!({}), body, &paths).await;
    assert_eq!(value["Vpcs"][0]["VpcId"], "[redacted]");
    assert_eq!(value["Vpcs"][0]["CidrBlock"], "10.0.0.0/8");
    assert_eq!(n, 2);
    assert!(
        bytes.contains("<vpcId>[redacted]</vpcId><state>[redacted]</state>"),
        "{bytes}"
    );
}

#[tokio::test]
async fn paths_of_collectors_reach_into_lists_and_numbers() {
    let body =
        r#"{"Keys":[{"KeyId":"hunter2","KeyArn":"a"},{"KeyId":"hunter2"}],"Truncated":false}"#;
    let (value, _, n) = asked("kms:ListKeys", json!({}), body, &["Keys[].KeyId"]).await;
    assert_eq!(
        value["Keys"][0],
        json!({"KeyId": "[redacted]", "KeyArn": "a"})
    );
    assert_eq!(n, 2);
    let (value, _, _) = asked("kms:ListKeys", json!({}), body, &["Keys"]).await;
    assert_eq!(value["Keys"][1]["KeyId"], "[redacted]");
}

#[tokio::test]
async fn a_body_that_is_one_secret_goes_whole() {
    let body = r#"{"Statement":"hunter2"}"#;
    let params = json!({"Bucket": "b"});
    let (value, bytes, n) = asked("s3:GetBucketPolicy", params, body, &["Policy"]).await;
    assert_eq!(value["Policy"], "[redacted]");
    assert_eq!((bytes.as_str(), n), ("[redacted]", 1));
}

#[tokio::test]
async fn a_broken_body_that_may_hold_secrets_is_not_kept() {
    let server = Server::start(|_, _| {
        Reply::ok(r#"{"Functions":[{"Environment":{"Variables":{"P":"hunter2""#)
    })
    .await;
    let (session, memory) = session(&server).await;
    let asked = request("lambda:ListFunctions", json!({}));
    session.page(asked).await.unwrap_err();
    let (exchange, body) = memory.last();
    assert_eq!((exchange.answer, body), (None, None));
}

/// Paging needs its tokens: none may be marked secret.
#[test]
fn no_paging_token_is_secret() {
    for name in model::services() {
        let model = model::service(name).unwrap();
        for (title, operation) in &model.operations {
            let Operation {
                pages: Some(Paginator { output, .. }),
                output: Some(shape),
                ..
            } = operation
            else {
                continue;
            };
            let Some(Shape::Structure(s)) = model.shapes.get(*shape) else {
                panic!("{name}:{title} answers no structure");
            };
            for m in s.members.iter().filter(|m| output.contains(&m.name)) {
                assert!(!m.secret, "{name}:{title}.{}", m.name);
                assert!(matches!(m.of, Of::Scalar(_) | Of::Shape(_)));
            }
        }
    }
}
