//! Answers, errors, retries, time-outs, and what is recorded of them.

use super::{Memory, buckets, options, request, reread, session, start};
use crate::hierarchy::by_hand;
use crate::signin::sign_in;
use serde_json::json;
use shoseki_caller::loopback::Reply;
use shoseki_collect::Cloud as _;
use shoseki_model::{Cause, Exchange, digest};
use std::sync::Arc;
use std::time::{Duration, Instant};

const BUCKETS: &str = r#"{"kind":"storage#buckets","items":[{"name":"a","retentionPolicy":{"retentionPeriod":"86400"},"nobodyKnows":1}]}"#;

fn error(code: u16, status: &str, reason: &str) -> String {
    json!({"error": {"code": code, "status": status, "message": "no", "details": [
        {"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": reason},
    ]}})
    .to_string()
}

#[tokio::test]
async fn an_answer_is_read_and_recorded_byte_by_byte() {
    let server = start(|_, _| Reply::ok(BUCKETS).with("date", "today")).await;
    let (session, memory) = session(&server).await;
    let page = session.page(buckets()).await.unwrap();
    let bucket = &page.value["items"][0];
    // 64 bits travel as text; what the model lacks is not read.
    assert_eq!(bucket["retentionPolicy"]["retentionPeriod"], 86400);
    assert!(bucket.get("nobodyKnows").is_none());
    let (exchange, body) = memory.last();
    assert_eq!(body.as_deref(), Some(BUCKETS.as_bytes()));
    let answer = exchange.answer.clone().unwrap();
    assert_eq!(
        (answer.sha256, answer.redacted),
        (digest(BUCKETS.as_bytes()), 0)
    );
    assert_eq!((exchange.status, exchange.attempts), (Some(200), 1));
    assert_eq!(exchange.date.as_deref(), Some("today"));
    let wanted = Exchange::id_of(
        "gcp",
        "",
        "global",
        "storage:buckets.list",
        &buckets().params,
    );
    assert_eq!(exchange.id, wanted);
    assert_eq!(page.exchange, wanted);
    let sent = &server.got()[0];
    assert_eq!(
        sent.target,
        "/storage.googleapis.com/storage/v1/b?project=p"
    );
    assert_eq!(sent.header("authorization"), Some("Bearer test-token"));
    let kept = serde_json::to_string(&exchange).unwrap();
    assert!(!kept.contains("test-token"), "{kept}");
    assert_eq!(
        reread(&memory, &session, &buckets()).unwrap().value,
        page.value
    );
}

#[tokio::test]
async fn errors_are_failures_by_their_reason() {
    for (status, body, cause, code) in [
        (
            403,
            error(403, "PERMISSION_DENIED", "IAM_PERMISSION_DENIED"),
            Cause::Denied,
            "IAM_PERMISSION_DENIED",
        ),
        (
            403,
            error(403, "PERMISSION_DENIED", "SERVICE_DISABLED"),
            Cause::Rejected,
            "SERVICE_DISABLED",
        ),
        (
            403,
            error(403, "PERMISSION_DENIED", "BILLING_DISABLED"),
            Cause::Rejected,
            "BILLING_DISABLED",
        ),
        (
            401,
            r#"{"error":{"code":401,"status":"UNAUTHENTICATED"}}"#.to_owned(),
            Cause::Denied,
            "UNAUTHENTICATED",
        ),
        (
            404,
            r#"{"error":{"code":404,"errors":[{"reason":"notFound"}]}}"#.to_owned(),
            Cause::Rejected,
            "notFound",
        ),
        (
            400,
            r#"{"error":{"code":400,"status":"FAILED_PRECONDITION"}}"#.to_owned(),
            Cause::Rejected,
            "FAILED_PRECONDITION",
        ),
        (302, String::new(), Cause::Malformed, ""),
        (403, "<html>a proxy</html>".to_owned(), Cause::Malformed, ""),
    ] {
        let reply = Reply::status(status, &body);
        let server = start(move |_, _| reply.clone()).await;
        let (session, memory) = session(&server).await;
        let failure = session.page(buckets()).await.unwrap_err();
        assert_eq!(
            (failure.cause, failure.error.unwrap().code.as_str()),
            (cause, code),
            "{body}"
        );
        let (exchange, _) = memory.last();
        assert_eq!((exchange.failure, exchange.attempts), (Some(cause), 1));
        assert_eq!(failure.exchange.as_deref(), Some(exchange.id.as_str()));
        assert_eq!(
            reread(&memory, &session, &buckets()).unwrap_err().cause,
            cause
        );
    }
}

#[tokio::test]
async fn throttling_and_failures_of_the_provider_are_tried_again() {
    let limit = error(403, "PERMISSION_DENIED", "RATE_LIMIT_EXCEEDED");
    for first in [
        Reply::status(429, ""),
        Reply::status(403, &limit),
        Reply::status(500, "oops"),
        Reply::status(503, r#"{"error":{"code":503,"status":"UNAVAILABLE"}}"#),
        Reply::Drop,
        Reply::Hang,
        Reply::Short(200, BUCKETS.to_owned()),
    ] {
        let again = first.clone();
        let server = start(move |_, before| match before {
            0 | 1 => again.clone(),
            _ => Reply::ok(BUCKETS),
        })
        .await;
        let (session, memory) = session(&server).await;
        session.page(buckets()).await.unwrap();
        assert_eq!(memory.last().0.attempts, 3, "{first:?}");
    }
}

#[tokio::test]
async fn what_does_not_pass_is_a_failure_and_never_shorter() {
    for (reply, cause) in [
        (Reply::status(429, ""), Cause::Throttled),
        (Reply::status(503, ""), Cause::ServerError),
        (Reply::Drop, Cause::Unreachable),
        (Reply::Hang, Cause::Timeout),
        (Reply::Short(200, BUCKETS.to_owned()), Cause::Malformed),
    ] {
        let again = reply.clone();
        let server = start(move |_, _| again.clone()).await;
        let (session, memory) = session(&server).await;
        let failure = session.page(buckets()).await.unwrap_err();
        assert_eq!(failure.cause, cause, "{reply:?}");
        let (exchange, _) = memory.last();
        assert_eq!(
            (exchange.attempts, exchange.failure),
            (3, Some(cause)),
            "{reply:?}"
        );
    }
}

#[tokio::test]
async fn broken_answers_are_malformed() {
    for body in [
        "",
        "null",
        "[]",
        "not json",
        r#"{"items":"#,
        r#"{"items":{}}"#,
        r#"{"items":[{"name":"a","name":"b"}]}"#,
        r#"{"items":[{"name":{"a":1}}]}"#,
        r#"{"items":["text"]}"#,
        r#"{"somebody":"else"}"#,
        r#"{"error":{"code":403}}"#,
    ] {
        let server = start(move |_, _| Reply::ok(body)).await;
        let (session, memory) = session(&server).await;
        let failure = session.page(buckets()).await.unwrap_err();
        assert_eq!(failure.cause, Cause::Malformed, "{body}");
        let again = reread(&memory, &session, &buckets()).unwrap_err();
        assert_eq!(again.error, failure.error);
    }
    let server = start(|_, _| Reply::ok("{}")).await;
    let (session, _) = session(&server).await;
    // How an empty list looks.
    session.page(buckets()).await.unwrap();
}

#[tokio::test]
async fn retry_after_is_honoured() {
    let server = start(|_, before| match before {
        0 => Reply::status(429, "").with("retry-after", "1"),
        _ => Reply::ok(BUCKETS),
    })
    .await;
    let (session, _) = session(&server).await;
    let start = Instant::now();
    session.page(buckets()).await.unwrap();
    assert!(start.elapsed() >= Duration::from_secs(1));
}

#[tokio::test]
async fn only_reading_methods_leave() {
    let server = start(|_, _| Reply::ok("{}")).await;
    let (session, memory) = session(&server).await;
    for call in [
        request("storage:buckets.delete", &json!({"bucket": "b"})),
        request(
            "secretmanager:projects.secrets.versions.access",
            &json!({"name": "projects/p/secrets/s/versions/1"}),
        ),
        request("storage:objects.list", &json!({"bucket": "b"})),
        request(
            "storage:buckets.list",
            &json!({"project": "p", "nothing": 1}),
        ),
        request(
            "cloudresourcemanager:projects.get",
            &json!({"name": "projects/p:setIamPolicy"}),
        ),
        request(
            "cloudresourcemanager:projects.getIamPolicy",
            &json!({"resource": "projects/../x"}),
        ),
    ] {
        let name = format!("{}:{}", call.service, call.operation);
        let outcome = session.page(call).await;
        if name == "cloudresourcemanager:projects.get" {
            // The colon stays a piece of the name.
            assert!(
                server.got()[0]
                    .target
                    .ends_with("projects/p%3AsetIamPolicy")
            );
            continue;
        }
        let failure = outcome.unwrap_err();
        assert_eq!(
            (failure.cause, failure.exchange),
            (Cause::Rejected, None),
            "{name}"
        );
    }
    assert_eq!(server.got().len(), 1);
    assert_eq!(memory.0.lock().unwrap().len(), 1);
}

#[tokio::test]
async fn a_post_read_carries_its_body() {
    let server = start(|_, _| Reply::ok(r#"{"version":3,"bindings":[]}"#)).await;
    let (session, _) = session(&server).await;
    let params =
        json!({"resource": "projects/p", "body": {"options": {"requestedPolicyVersion": 3}}});
    let call = request("cloudresourcemanager:projects.getIamPolicy", &params);
    session.page(call).await.unwrap();
    let sent = &server.got()[0];
    assert_eq!(sent.method, "POST");
    assert_eq!(sent.body, r#"{"options":{"requestedPolicyVersion":3}}"#);
}

#[tokio::test]
async fn a_recorder_that_fails_ends_the_scan() {
    let server = start(|_, _| Reply::ok("{}")).await;
    let full = |_: &Exchange, _: Option<&[u8]>| Err(std::io::Error::other("the disk is full"));
    let access = sign_in(options(&server), Arc::new(full)).await.unwrap();
    let session = by_hand(&access);
    for _ in 0..2 {
        let failure = session.page(buckets()).await.unwrap_err();
        assert_eq!(failure.cause, Cause::Cancelled);
    }
    assert_eq!(server.got().len(), 1);
    drop(Memory::default());
}
