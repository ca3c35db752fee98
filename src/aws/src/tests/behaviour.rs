//! What comes of bad days: throttling, silence, broken and strange answers.

use super::server::{Got, Reply, Server};
use super::{request, session};
use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::interceptors::context::BeforeTransmitInterceptorContextMut;
use aws_smithy_runtime_api::client::interceptors::{Intercept, SharedInterceptor};
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::config_bag::ConfigBag;
use serde_json::{Value, json};
use shoseki_collect::{Cloud, Failure, Page};
use shoseki_model::Cause;

const KEYS: &str = r#"{"Keys":[{"KeyId":"k"}],"Truncated":false}"#;
const BUCKETS: &str = "<ListAllMyBucketsResult><Buckets><Bucket><Name>b</Name></Bucket></Buckets>\
                       </ListAllMyBucketsResult>";

/// One page of `call` from a server that answers by `handler`.
async fn one(
    call: &str,
    params: Value,
    handler: impl Fn(&Got, usize) -> Reply + Send + Sync + 'static,
) -> (Result<Page, Failure>, usize) {
    let server = Server::start(handler).await;
    let (session, memory) = session(&server).await;
    let result = session.page(request(call, params)).await;
    let (exchange, body) = memory.last();
    let sent = server.got().len();
    if sent > 0 {
        assert_eq!(exchange.attempts as usize, sent, "attempts are counted");
        assert_eq!(exchange.answer.is_some(), body.is_some());
        match &result {
            Ok(page) => assert_eq!(page.exchange, exchange.id),
            Err(failure) => {
                assert_eq!(failure.exchange.as_deref(), Some(exchange.id.as_str()));
                assert_eq!(
                    exchange.failure,
                    Some(failure.cause),
                    "failures are recorded"
                );
            }
        }
    }
    (result, sent)
}

async fn cause(
    call: &str,
    handler: impl Fn(&Got, usize) -> Reply + Send + Sync + 'static,
) -> (Cause, String, usize) {
    let (result, sent) = one(call, json!({}), handler).await;
    let failure = result.expect_err("a failure");
    let code = failure.error.map(|e| e.code).unwrap_or_default();
    (failure.cause, code, sent)
}

#[tokio::test]
async fn throttling_is_waited_out() {
    let throttled = r#"{"__type":"com.amazonaws#ThrottlingException","message":"Rate exceeded"}"#;
    let handler = |_: &Got, n| match n {
        0 | 1 => Reply::status(400, throttled),
        _ => Reply::ok(KEYS),
    };
    let (result, sent) = one("kms:ListKeys", json!({}), handler).await;
    assert_eq!(result.unwrap().value["Keys"][0]["KeyId"], "k");
    assert_eq!(sent, 3);
    let always = cause("kms:ListKeys", |_, _| Reply::status(400, throttled)).await;
    assert_eq!(always, (Cause::Throttled, "ThrottlingException".into(), 3));
    let slow = "<?xml version=\"1.0\"?><Error><Code>SlowDown</Code></Error>";
    let hidden = cause("s3:ListBuckets", |_, _| Reply::ok(slow)).await;
    assert_eq!(hidden, (Cause::Throttled, "SlowDown".into(), 3));
}

#[tokio::test]
async fn a_failing_provider_is_asked_again() {
    let (result, sent) = one("s3:ListBuckets", json!({}), |_, n| match n {
        0 => Reply::Drop,
        1 => Reply::status(503, "<html>Unavailable</html>"),
        _ => Reply::ok(BUCKETS),
    })
    .await;
    assert_eq!(result.unwrap().value["Buckets"][0]["Name"], "b");
    assert_eq!(sent, 3);
    let (always, _, sent) = cause("s3:ListBuckets", |_, _| Reply::status(500, "")).await;
    assert_eq!((always, sent), (Cause::ServerError, 3));
    let (dropped, _, sent) = cause("s3:ListBuckets", |_, _| Reply::Drop).await;
    assert_eq!((dropped, sent), (Cause::Unreachable, 3));
    let (hung, _, sent) = cause("s3:ListBuckets", |_, _| Reply::Hang).await;
    assert_eq!((hung, sent), (Cause::Timeout, 3));
}

#[tokio::test]
async fn refusals_are_told_from_other_errors() {
    let json = r#"{"__type":"AccessDeniedException","Message":"not authorized"}"#;
    let denied = cause("kms:ListKeys", |_, _| Reply::status(400, json)).await;
    assert_eq!(denied, (Cause::Denied, "AccessDeniedException".into(), 1));
    let xml = "<Response><Errors><Error><Code>UnauthorizedOperation</Code>\
               <Message>no</Message></Error></Errors></Response>";
    let denied = cause("ec2:DescribeVpcs", |_, _| Reply::status(403, xml)).await;
    assert_eq!(denied, (Cause::Denied, "UnauthorizedOperation".into(), 1));
    let xml = "<ErrorResponse><Error><Code>NoSuchEntity</Code></Error></ErrorResponse>";
    let absent = cause("iam:GetAccountPasswordPolicy", |_, _| {
        Reply::status(404, xml)
    })
    .await;
    assert_eq!(absent, (Cause::Rejected, "NoSuchEntity".into(), 1));
    // What a proxy says is not the provider's word.
    let html = "<html><body>Forbidden by policy</body></html>";
    let proxy = cause("kms:ListKeys", |_, _| Reply::status(403, html)).await;
    assert_eq!(proxy.0, Cause::Malformed);
}

#[tokio::test]
async fn keys_unknown_in_another_region_mean_that_it_is_off() {
    let unknown = r#"{"__type":"UnrecognizedClientException","message":"invalid token"}"#;
    let server = Server::start(|_, _| Reply::status(400, unknown)).await;
    let (session, _) = session(&server).await;
    let ask = |region: &str| {
        let mut asked = request("kms:ListKeys", json!({}));
        asked.region = region.to_owned();
        session.page(asked)
    };
    let away = ask("me-south-1").await.unwrap_err();
    assert_eq!(away.cause, Cause::RegionDisabled);
    let here = ask("ap-northeast-1").await.unwrap_err();
    assert_eq!(here.cause, Cause::Denied);
}

/// Every way to cut an answer must end in `malformed`, never in fewer items.
#[tokio::test]
async fn no_part_of_an_answer_passes_for_the_whole() {
    let answers = [
        ("kms:ListKeys", KEYS.to_owned()),
        ("s3:ListBuckets", BUCKETS.to_owned()),
        (
            "ec2:DescribeVpcs",
            "<DescribeVpcsResponse><vpcSet><item><vpcId>v</vpcId></item></vpcSet>\
             </DescribeVpcsResponse>"
                .to_owned(),
        ),
        (
            "lambda:ListFunctions",
            r#"{"Functions":[{"FunctionName":"f"}]}"#.to_owned(),
        ),
    ];
    for (call, whole) in answers {
        let server = {
            let whole = whole.clone();
            Server::start(move |_, n| Reply::ok(&whole[..n.min(whole.len())])).await
        };
        let (session, _) = session(&server).await;
        for length in 0..=whole.len() {
            let result = session.page(request(call, json!({}))).await;
            if length == whole.len() {
                result.expect("the whole answer");
                continue;
            }
            let failure = result.expect_err(&whole[..length]);
            assert_eq!(failure.cause, Cause::Malformed, "{}", &whole[..length]);
        }
    }
}

#[tokio::test]
async fn strange_answers_are_malformed() {
    let html = "<!DOCTYPE html><html><body>Please log in</body></html>";
    let xhtml = "<html xmlns=\"http://www.w3.org/1999/xhtml\"><head/><body/></html>";
    for (call, body) in [
        ("kms:ListKeys", html),
        ("kms:ListKeys", "null"),
        ("kms:ListKeys", "[]"),
        ("kms:ListKeys", "\"Keys\""),
        ("kms:ListKeys", r#"{"message":"Forbidden"}"#),
        ("kms:ListKeys", r#"{"Keys":{"KeyId":"k"}}"#),
        ("kms:ListKeys", r#"{"Keys":["k"]}"#),
        ("s3:ListBuckets", html),
        ("s3:ListBuckets", xhtml),
        ("s3:ListBuckets", "<Other><Thing/></Other>"),
        (
            "s3:ListBuckets",
            "<ListAllMyBucketsResult><Buckets>b</Buckets></ListAllMyBucketsResult>",
        ),
        ("s3:ListBuckets", "<html/>"),
        ("ec2:DescribeVpcs", xhtml),
        (
            "ec2:DescribeVpcs",
            "<DescribeSubnetsResponse><vpcSet/></DescribeSubnetsResponse>",
        ),
        ("iam:ListAccountAliases", "<ListAccountAliasesResponse/>"),
        ("lambda:ListFunctions", "{\"Functions\":[]}{}"),
    ] {
        let mut params = json!({});
        if call == "iam:ListAccountAliases" {
            params = json!({"MaxItems": 5});
        }
        let (result, sent) = one(call, params, |_, _| Reply::ok(body)).await;
        assert_eq!(result.expect_err(body).cause, Cause::Malformed, "{body}");
        assert_eq!(sent, 1);
    }
    // An object without members is a legal answer of JSON services.
    let (empty, _) = one("kms:ListKeys", json!({}), |_, _| Reply::ok("{}")).await;
    assert_eq!(empty.unwrap().value, json!({}));
}

#[tokio::test]
async fn a_body_shorter_than_announced_is_malformed() {
    let (result, sent) = one("kms:ListKeys", json!({}), |_, _| {
        Reply::Short(200, KEYS.into())
    })
    .await;
    assert_eq!(result.unwrap_err().cause, Cause::Malformed);
    assert_eq!(sent, 3);
}

#[tokio::test]
async fn buckets_are_followed_to_their_region() {
    let redirect = "<Error><Code>PermanentRedirect</Code><Message>elsewhere</Message></Error>";
    let server = Server::start(move |got, _| {
        if got
            .header("authorization")
            .is_some_and(|a| a.contains("/eu-west-1/s3/"))
        {
            Reply::ok("<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>")
        } else {
            Reply::status(301, redirect).with("x-amz-bucket-region", "eu-west-1")
        }
    })
    .await;
    let (session, memory) = session(&server).await;
    for sent in [2, 3] {
        let asked = request("s3:GetBucketVersioning", json!({"Bucket": "b"}));
        let page = session.page(asked).await.unwrap();
        assert_eq!(page.value["Status"], "Enabled");
        assert_eq!(server.got().len(), sent, "the region is remembered");
    }
    assert_eq!(memory.last().0.region, "ap-northeast-1");
}

/// Turns every request into a deletion at the last moment.
#[derive(Debug)]
struct Sabotage;

impl Intercept for Sabotage {
    fn name(&self) -> &'static str {
        "Sabotage"
    }

    fn modify_before_transmit(
        &self,
        context: &mut BeforeTransmitInterceptorContextMut<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        Ok(context.request_mut().set_method("DELETE")?)
    }
}

#[tokio::test]
async fn what_is_not_a_reading_request_never_leaves() {
    let server = Server::start(|_, _| Reply::ok(BUCKETS)).await;
    let (mut session, memory) = session(&server).await;
    session
        .shared
        .extra
        .push(SharedInterceptor::permanent(Sabotage));
    for (call, params) in [
        ("s3:GetBucketPolicy", json!({"Bucket": "b"})),
        ("s3:ListBuckets", json!({})),
        ("kms:ListKeys", json!({})),
        ("rds:DescribeDBInstances", json!({})),
    ] {
        let before = memory.0.lock().unwrap().len();
        let failure = session.page(request(call, params)).await.unwrap_err();
        let why = failure.error.unwrap().message;
        assert!(why.contains("blocked"), "{call}: {why}");
        assert_eq!(memory.0.lock().unwrap().len(), before);
    }
    for call in [
        "s3:DeleteBucket",
        "secretsmanager:GetSecretValue",
        "iam:CreateUser",
    ] {
        let failure = session.page(request(call, json!({}))).await.unwrap_err();
        assert_eq!(failure.cause, Cause::Rejected);
    }
    assert!(server.got().is_empty());
}

#[tokio::test]
async fn unknown_parameters_are_refused_before_sending() {
    let (result, sent) = one("kms:ListKeys", json!({"Limits": 5}), |_, _| Reply::ok(KEYS)).await;
    let failure = result.unwrap_err();
    assert_eq!((failure.cause, sent), (Cause::Rejected, 0));
    assert!(failure.error.unwrap().message.contains("Limits"));
}

#[tokio::test]
async fn single_services_get_what_they_want() {
    let zone = "<GetHostedZoneResponse><HostedZone><Id>/hostedzone/Z1</Id></HostedZone>\
                </GetHostedZoneResponse>";
    let server = Server::start(move |got, _| {
        if got.target.contains("hostedzone") {
            Reply::ok(zone)
        } else {
            Reply::ok("{}")
        }
    })
    .await;
    let (session, _) = session(&server).await;
    for (call, params) in [
        (
            "route53:ListResourceRecordSets",
            json!({"HostedZoneId": "/hostedzone/Z1"}),
        ),
        ("apigateway:GetRestApis", json!({})),
        ("sqs:ListQueues", json!({})),
    ] {
        session.page(request(call, params)).await.ok();
    }
    let got = server.got();
    assert!(
        got[0].target.ends_with("/hostedzone/Z1/rrset"),
        "{}",
        got[0].target
    );
    assert_eq!(got[1].header("accept"), Some("application/json"));
    assert_eq!(got[2].header("x-amzn-query-mode"), Some("true"));
}

#[tokio::test]
async fn policies_of_iam_come_decoded() {
    let xml = "<GetAccountAuthorizationDetailsResponse><GetAccountAuthorizationDetailsResult>\
               <IsTruncated>false</IsTruncated><RoleDetailList><member><RoleName>r</RoleName>\
               <AssumeRolePolicyDocument>%7B%22Statement%22%3A%5B%5D%7D</AssumeRolePolicyDocument>\
               </member></RoleDetailList></GetAccountAuthorizationDetailsResult>\
               </GetAccountAuthorizationDetailsResponse>";
    let call = "iam:GetAccountAuthorizationDetails";
    let (result, _) = one(call, json!({}), move |_, _| Reply::ok(xml)).await;
    let role = &result.unwrap().value["RoleDetailList"][0];
    assert_eq!(role["AssumeRolePolicyDocument"], json!({"Statement": []}));
}
