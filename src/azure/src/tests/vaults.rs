//! Key vaults are asked at their own address, and nobody else gets their token.

use super::*;
use shoseki_collect::Cloud;
use shoseki_model::Cause;

const CERTIFICATES: &str = "vault:GET /{vaultBaseUrl}/certificates?api-version=7.6";
const SETTINGS: &str = "arm:POST /subscriptions/{subscriptionId}/resourceGroups/{resourceGroupName}/providers/Microsoft.Web/sites/{name}/config/appsettings/list?api-version=2025-05-01";

fn certificates(of: &str) -> Request {
    request(CERTIFICATES, json!({ "vaultBaseUrl": of }))
}

fn certificate(n: usize) -> Value {
    json!({"id": format!("https://kv.vault.azure.net/certificates/c{n}"), "attributes": {"enabled": true, "exp": n}})
}

#[tokio::test]
async fn pages_of_a_vault_stay_at_the_vault() {
    let link = "https://kv.vault.azure.net:443/certificates?api-version=7.6&$skiptoken=1";
    let server = server(move |got, _| {
        let next = (!got.target.contains("skiptoken")).then_some(link);
        let n = usize::from(next.is_none());
        Reply::ok(&json!({"value": [certificate(n)], "nextLink": next}).to_string())
    })
    .await;
    let (_, session, memory) = sessions(&server).await;
    let mut asked = certificates("https://kv.vault.azure.net/");
    let first = session.page(asked.clone()).await.unwrap();
    assert_eq!(first.value["value"][0], certificate(0));
    asked.cursor = first.next;
    let second = session.page(asked).await.unwrap();
    assert_eq!(second.value["value"][0], certificate(1));
    assert_eq!(second.next, None);
    for (x, _) in memory.all().iter().rev().take(2) {
        let http = x.http.as_deref().unwrap();
        assert!(http.contains("/kv.vault.azure.net/certificates?"), "{http}");
    }
}

#[tokio::test]
async fn a_link_to_another_vault_is_a_gap() {
    for link in [
        "https://other.vault.azure.net/certificates?api-version=7.6&$skiptoken=1",
        "https://management.azure.com/certificates?api-version=7.6&$skiptoken=1",
        "https://kv.vault.azure.net/secrets?api-version=7.6&$skiptoken=1",
        "http://kv.vault.azure.net/certificates?api-version=7.6&$skiptoken=1",
    ] {
        let body = json!({"value": [certificate(0)], "nextLink": link}).to_string();
        let server = server(move |_, _| Reply::ok(&body)).await;
        let (_, session, _) = sessions(&server).await;
        let asked = certificates("https://kv.vault.azure.net/");
        let failure = session.page(asked).await.unwrap_err();
        assert_eq!(failure.cause, Cause::Truncated, "{link}");
    }
}

#[tokio::test]
async fn nothing_is_sent_to_what_is_no_vault_of_the_cloud() {
    let server = server(|_, _| Reply::ok(r#"{"value":[]}"#)).await;
    let (_, session, memory) = sessions(&server).await;
    let before = memory.all().len();
    for no in [
        "https://kv.vault.azure.net.example/",
        "https://a.b.vault.azure.net/",
        "https://kv.vault.azure.cn/",
        "https://vault.azure.net/",
        "https://kv.vault.azure.net/secrets",
        "http://kv.vault.azure.net/",
        "kv.vault.azure.net",
        "",
    ] {
        let failure = session.page(certificates(no)).await.unwrap_err();
        assert_eq!(failure.cause, Cause::Rejected, "{no}");
        assert_eq!(failure.exchange, None, "{no}");
    }
    assert_eq!(memory.all().len(), before);
}

#[tokio::test]
async fn a_vault_that_refuses_says_why() {
    let words = "Public network access is disabled";
    let body = json!({"error": {"code": "Forbidden", "message": words, "innererror": {"code": "ForbiddenByConnection"}}});
    let body = body.to_string();
    let server = server(move |_, _| Reply::status(403, &body)).await;
    let (_, session, memory) = sessions(&server).await;
    let asked = certificates("https://kv.vault.azure.net/");
    let failure = session.page(asked).await.unwrap_err();
    assert_eq!(failure.cause, Cause::Denied);
    assert_eq!(failure.error.unwrap().message, words);
    assert_eq!(failure.exchange, Some(memory.last().0.id));
}

#[tokio::test]
async fn of_an_apps_settings_the_names_alone_are_kept() {
    let body =
        r#"{"name":"appsettings","properties":{"DB_PASSWORD":"hunter2!","MODE":"plain","N":5}}"#;
    let server = server(move |got, _| {
        assert_eq!((got.method.as_str(), got.body.as_str()), ("POST", ""));
        assert_eq!(got.header("content-length"), Some("0"));
        Reply::ok(body)
    })
    .await;
    let (_, session, memory) = sessions(&server).await;
    let id =
        format!("/subscriptions/{SUBSCRIPTION}/resourceGroups/g/providers/Microsoft.Web/sites/s");
    // Also where no collector says that they are secret.
    let called = crate::call(&session, request(SETTINGS, json!({ "id": id })), true).await;
    let value = called.outcome.unwrap();
    let names: Vec<_> = value["properties"].as_object().unwrap().keys().collect();
    assert_eq!(names, ["DB_PASSWORD", "MODE", "N"]);
    let kept = String::from_utf8(memory.last().1.unwrap()).unwrap();
    for secret in ["hunter2!", "plain", "5}"] {
        assert!(!kept.contains(secret), "{kept}");
        assert!(!value.to_string().contains(secret), "{value}");
    }
}
