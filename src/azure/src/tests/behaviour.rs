//! Retries, waits, failures and what they are recorded as.

use super::*;
use shoseki_collect::Cloud;
use shoseki_model::Cause;
use std::time::Instant;

const EMPTY: &str = r#"{"value":[]}"#;

#[tokio::test]
async fn an_exchange_is_recorded_whole_and_without_the_token() {
    let server = server(|_, _| Reply::ok(EMPTY).with("x-ms-request-id", "r1")).await;
    let (_, session, memory) = sessions(&server).await;
    let page = session.page(accounts()).await.unwrap();
    let (x, body) = memory.last();
    assert_eq!(page.exchange, x.id);
    assert_eq!(body.as_deref(), Some(EMPTY.as_bytes()));
    assert_eq!(
        (x.cloud.as_str(), x.status, x.attempts),
        ("azure", Some(200), 1)
    );
    assert_eq!(x.request_id.as_deref(), Some("r1"));
    assert_eq!(x.call, ACCOUNTS);
    let http = x.http.clone().unwrap();
    assert!(http.starts_with("GET http://127.0.0.1:"), "{http}");
    assert!(
        http.ends_with("/storageAccounts?api-version=2026-09-01"),
        "{http}"
    );
    assert_eq!(
        server.got()[0].header("authorization"),
        Some(format!("Bearer {}", token()).as_str())
    );
    assert!(!format!("{x:?}").contains(&token()));
}

#[tokio::test]
async fn a_wait_holds_for_all_of_the_same_scope() {
    let server = server(|_, n| match n {
        0 => Reply::status(
            429,
            r#"{"error":{"code":"TooManyRequests","message":"slow"}}"#,
        )
        .with("Retry-After", "1"),
        _ => Reply::ok(EMPTY),
    })
    .await;
    let (_, session, memory) = sessions(&server).await;
    let start = Instant::now();
    session.page(accounts()).await.unwrap();
    assert!(start.elapsed().as_millis() >= 990);
    assert_eq!(memory.last().0.attempts, 2);
}

#[tokio::test]
async fn another_request_of_the_scope_waits_too() {
    let server = server(|got, _| match got.target.contains("first") {
        true => Reply::status(429, "").with("Retry-After", "1"),
        false => Reply::ok(EMPTY),
    })
    .await;
    let (_, session, _) = sessions(&server).await;
    let first = request(
        ACCOUNTS,
        json!({"subscriptionId": SUBSCRIPTION, "$filter": "first"}),
    );
    let start = Instant::now();
    let (throttled, fine) = tokio::join!(session.page(first), async {
        tokio::time::sleep(Duration::from_millis(200)).await;
        session.page(accounts()).await
    });
    assert_eq!(throttled.unwrap_err().cause, Cause::Throttled);
    fine.unwrap();
    assert!(start.elapsed().as_millis() >= 990);
}

#[tokio::test]
async fn a_wait_that_is_too_long_is_a_gap_at_once() {
    let server = server(|_, _| Reply::status(429, "").with("Retry-After", "300")).await;
    let (_, session, _) = sessions(&server).await;
    let start = Instant::now();
    let f = session.page(accounts()).await.unwrap_err();
    assert_eq!(f.cause, Cause::Throttled);
    assert!(start.elapsed().as_secs() < 3);
}

#[tokio::test]
async fn causes() {
    let error = |code: &str| format!(r#"{{"error":{{"code":"{code}","message":"m"}}}}"#);
    let licence = "Authentication_RequestFromNonPremiumTenantOrB2CTenant";
    let cases: Vec<(Reply, Cause, &str, u32)> = vec![
        (
            Reply::status(403, &error("AuthorizationFailed")),
            Cause::Denied,
            "AuthorizationFailed",
            1,
        ),
        (
            Reply::status(401, &error("ExpiredAuthenticationToken")),
            Cause::Denied,
            "ExpiredAuthenticationToken",
            1,
        ),
        (
            Reply::status(404, &error("ResourceNotFound")),
            Cause::Rejected,
            "ResourceNotFound",
            1,
        ),
        (
            Reply::status(409, &error("MissingSubscriptionRegistration")),
            Cause::Rejected,
            "MissingSubscriptionRegistration",
            1,
        ),
        (
            Reply::status(403, &error(licence)),
            Cause::Unlicensed,
            licence,
            1,
        ),
        (Reply::status(503, "<html>"), Cause::ServerError, "503", 3),
        (
            Reply::status(200, &error("Forbidden")),
            Cause::Denied,
            "Forbidden",
            1,
        ),
        (Reply::status(302, ""), Cause::Rejected, "302", 1),
        (Reply::Short(200, EMPTY.to_owned()), Cause::Malformed, "", 3),
        (Reply::Drop, Cause::Unreachable, "", 3),
        (Reply::Hang, Cause::Timeout, "", 3),
    ];
    for (reply, cause, code, attempts) in cases {
        let shown = format!("{reply:?}");
        let server = server(move |_, _| reply.clone()).await;
        let (_, session, memory) = sessions(&server).await;
        let f = session.page(accounts()).await.unwrap_err();
        let (x, _) = memory.last();
        assert_eq!(f.cause, cause, "{shown}");
        assert_eq!(f.error.clone().unwrap().code, code, "{shown}");
        assert_eq!(x.attempts, attempts, "{shown}");
        assert_eq!(
            (x.failure, x.error.as_ref()),
            (Some(cause), f.error.as_ref())
        );
        assert_eq!(f.exchange.as_deref(), Some(x.id.as_str()));
    }
}

#[tokio::test]
async fn nothing_but_reading_leaves() {
    let server = server(|_, _| Reply::ok("{}")).await;
    let (tenant, session, _) = sessions(&server).await;
    let site = "arm:POST /subscriptions/{subscriptionId}/resourceGroups/{g}/providers/Microsoft.Web/sites/{n}/config/connectionstrings/list?api-version=2025-05-01";
    for (call, params) in [
        (
            site,
            json!({"subscriptionId": "s", "g": "g", "n": "n", "body": {}}),
        ),
        (
            "arm:DELETE /subscriptions/{subscriptionId}?api-version=2022-12-01",
            json!({}),
        ),
        (ROWS, json!({"body": {"query": "resources"}})),
    ] {
        let f = session
            .ask(&request(call, params))
            .await
            .map(|_| ())
            .unwrap_err();
        assert_eq!(f.cause, Cause::Rejected, "{call}");
        assert_eq!(f.exchange, None);
    }
    let rows = request(ROWS, json!({"body": {"query": "resources | order by id"}}));
    assert_eq!(
        tenant.ask(&rows).await.map(|_| ()).unwrap_err().cause,
        Cause::Rejected
    );
    assert!(server.got().is_empty());
}

#[tokio::test]
async fn microsoft_graph_has_its_own_options() {
    let server = server(|_, _| Reply::ok(EMPTY)).await;
    let (tenant, _, _) = sessions(&server).await;
    let users = request(
        GRAPH_USERS,
        json!({"$select": "id,displayName", "$top": 999, "$count": true}),
    );
    tenant.page(users).await.unwrap();
    let got = server.got()[0].clone();
    assert_eq!(
        got.target,
        "/v1.0/users?$select=id,displayName&$top=999&$count=true"
    );
    assert_eq!(got.header("consistencylevel"), Some("eventual"));
}
