//! Pages: on to the end, and never a silent end before it.

use super::server::{Reply, Server};
use super::{request, session};
use serde_json::{Map, Value, json};
use shoseki_collect::{Cloud, Failure, PageNames};
use shoseki_model::Cause;

/// All pages of `call`.
async fn all(session: &crate::Session, call: &str, params: Value) -> Result<Vec<Value>, Failure> {
    let mut pages = Vec::new();
    let mut cursor: Option<Map<String, Value>> = None;
    loop {
        let mut asked = request(call, params.clone());
        asked.cursor = cursor;
        let page = session.page(asked).await?;
        pages.push(page.value);
        match page.next {
            Some(next) => cursor = Some(next),
            None => return Ok(pages),
        }
        assert!(pages.len() < 50, "the pages do not end");
    }
}

#[tokio::test]
async fn tokens_are_followed_and_recorded() {
    let server = Server::start(|got, _| {
        Reply::ok(if got.body.contains("\"Marker\":\"two\"") {
            r#"{"Keys":[{"KeyId":"b"}],"Truncated":false}"#
        } else {
            r#"{"Keys":[{"KeyId":"a"}],"Truncated":true,"NextMarker":"two"}"#
        })
    })
    .await;
    let (session, memory) = session(&server).await;
    let pages = all(&session, "kms:ListKeys", json!({"Limit": 1}))
        .await
        .unwrap();
    assert_eq!(pages.len(), 2);
    let (exchange, _) = memory.last();
    assert_eq!(
        Value::Object(exchange.params),
        json!({"Limit": 1, "Marker": "two"})
    );
    let called = crate::call(&session, request("kms:ListKeys", json!({})), true)
        .await
        .unwrap();
    assert_eq!(
        called.value["Keys"],
        json!([{"KeyId": "a"}, {"KeyId": "b"}])
    );
    assert_eq!(called.value.get("NextMarker"), None);
    assert_eq!(called.exchanges.len(), 2);
}

#[tokio::test]
async fn a_loop_of_pages_is_a_failure() {
    let server = Server::start(|_, n| {
        let token = if n % 2 == 0 { "x" } else { "y" };
        Reply::ok(&format!(
            r#"{{"Keys":[],"Truncated":true,"NextMarker":"{token}"}}"#
        ))
    })
    .await;
    let (session, memory) = session(&server).await;
    let failure = all(&session, "kms:ListKeys", json!({})).await.unwrap_err();
    assert_eq!(failure.cause, Cause::Truncated);
    assert_eq!(memory.last().0.failure, Some(Cause::Truncated));
}

#[tokio::test]
async fn a_failure_on_a_later_page_is_no_end() {
    let server = Server::start(|_, n| match n {
        0 => Reply::ok(r#"{"Keys":[],"Truncated":true,"NextMarker":"x"}"#),
        _ => Reply::ok(r#"{"Keys":[{"Ke"#),
    })
    .await;
    let (session, _) = session(&server).await;
    let failure = all(&session, "kms:ListKeys", json!({})).await.unwrap_err();
    assert_eq!(failure.cause, Cause::Malformed);
}

#[tokio::test]
async fn what_the_model_does_not_page_needs_names() {
    let server = Server::start(|got, _| {
        Reply::ok(if got.body.contains("\"two\"") {
            r#"{"WorkGroups":[{"Name":"b"}]}"#
        } else {
            r#"{"WorkGroups":[{"Name":"a"}],"NextToken":"two"}"#
        })
    })
    .await;
    let (session, _) = session(&server).await;
    let mut asked = request("athena:ListWorkGroups", json!({}));
    let failure = session.page(asked.clone()).await.unwrap_err();
    assert_eq!(failure.cause, Cause::Truncated);
    asked.page = Some(PageNames {
        input: "NextToken".to_owned(),
        output: "NextToken".to_owned(),
    });
    let first = session.page(asked.clone()).await.unwrap();
    asked.cursor = first.next;
    let second = session.page(asked).await.unwrap();
    assert_eq!(second.value["WorkGroups"][0]["Name"], "b");
    assert_eq!(second.next, None);
}

/// What a page hands over cannot ask for what the first request could not.
#[tokio::test]
async fn a_token_asks_for_no_other_type() {
    let server = Server::start(|_, _| Reply::ok(r#"{"configurationItems":[]}"#)).await;
    let (session, _) = session(&server).await;
    let bucket = json!({"resourceType": "AWS::S3::Bucket", "resourceId": "b"});
    let mut asked = request("config:GetResourceConfigHistory", bucket);
    let before = server.got().len();
    for (kind, fits) in [("AWS::S3::Bucket", true), ("AWS::Lambda::Function", false)] {
        let token = json!({"resourceType": kind, "nextToken": "x"});
        asked.cursor = token.as_object().cloned();
        let outcome = session.page(asked.clone()).await.map_err(|f| f.cause);
        assert_eq!(outcome.is_ok(), fits, "{outcome:?}");
    }
    assert_eq!(server.got().len(), before + 1);
}
