//! What must never be kept, is not.

use super::{request, reread, session, start};
use serde_json::json;
use shoseki_caller::loopback::Reply;
use shoseki_collect::{Cloud as _, Request};
use shoseki_model::REDACTED;

#[tokio::test]
async fn values_of_metadata_are_kept_for_switches_alone() {
    let body = json!({"items": {"zones/a": {"instances": [{"name": "i", "metadata": {"items": [
        {"key": "startup-script", "value": "export PASS=hush-hush-1"},
        {"value": "TRUE", "key": "enable-oslogin"},
        {"value": "hush-hush-2"},
        {"key": "ssh-keys", "value": ""},
    ]}}]}}})
    .to_string();
    let server = start(move |_, _| Reply::ok(&body)).await;
    let (session, memory) = session(&server).await;
    let call = request("compute:instances.aggregatedList", &json!({"project": "p"}));
    let page = session.page(call.clone()).await.unwrap();
    let items = &page.value["items"]["zones/a"]["instances"][0]["metadata"]["items"];
    assert_eq!(
        items[0],
        json!({"key": "startup-script", "value": REDACTED})
    );
    assert_eq!(items[1], json!({"value": "TRUE", "key": "enable-oslogin"}));
    assert_eq!(items[2], json!({"value": REDACTED}));
    assert_eq!(items[3]["value"], "");
    let (exchange, kept) = memory.last();
    let kept = String::from_utf8(kept.unwrap()).unwrap();
    assert!(!kept.contains("hush-hush"), "{kept}");
    assert_eq!(exchange.answer.unwrap().redacted, 2);
    assert_eq!(reread(&memory, &session, &call).unwrap().value, page.value);
}

#[tokio::test]
async fn environment_variables_and_what_collectors_name_are_replaced() {
    let body = json!({"functions": [{
        "name": "projects/p/locations/l/functions/f",
        "labels": {"a": "hush-hush-3"},
        "serviceConfig": {"environmentVariables": {"KEY": "hush-hush-1"}},
        "description": "ghp_0123456789012345678901234567890123456789",
    }]})
    .to_string();
    let server = start(move |_, _| Reply::ok(&body)).await;
    let (session, memory) = session(&server).await;
    let params = json!({"parent": "projects/p/locations/-"});
    let call = Request {
        secret: vec!["functions[].labels{}".to_owned()],
        ..request("cloudfunctions:projects.locations.functions.list", &params)
    };
    let page = session.page(call.clone()).await.unwrap();
    let function = &page.value["functions"][0];
    let variables = &function["serviceConfig"]["environmentVariables"];
    assert_eq!(*variables, json!({"KEY": REDACTED}));
    assert_eq!(function["labels"], json!({"a": REDACTED}));
    assert_eq!(function["description"], REDACTED);
    let (exchange, kept) = memory.last();
    let kept = String::from_utf8(kept.unwrap()).unwrap();
    assert!(
        !kept.contains("hush-hush") && !kept.contains("ghp_"),
        "{kept}"
    );
    assert_eq!(exchange.answer.unwrap().redacted, 3);
    assert_eq!(reread(&memory, &session, &call).unwrap().value, page.value);
}

#[tokio::test]
async fn a_body_that_cannot_be_read_is_not_kept_where_it_may_hold_secrets() {
    let server = start(|_, _| Reply::ok(r#"{"items": "hush-hush"#)).await;
    let (session, memory) = session(&server).await;
    let call = request("compute:instances.aggregatedList", &json!({"project": "p"}));
    session.page(call).await.unwrap_err();
    let (exchange, kept) = memory.last();
    assert_eq!((exchange.answer, kept), (None, None));
}
