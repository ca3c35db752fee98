//! One paging loop for all services, and what lists leave out.

use super::{buckets, request, reread, session, start};
use serde_json::{Value, json};
use shoseki_caller::loopback::{Got, Reply};
use shoseki_collect::{Cloud as _, PageNames, Request};
use shoseki_model::Cause;

/// `count` buckets in pages of `size`.
fn pages(got: &Got, count: usize, size: usize) -> Reply {
    let from: usize = got
        .target
        .split_once("pageToken=")
        .and_then(|(_, t)| t.split('&').next()?.parse().ok())
        .unwrap_or(0);
    let end = (from + size).min(count);
    let items: Vec<Value> = (from..end)
        .map(|i| json!({"name": format!("b{i}")}))
        .collect();
    let mut body = json!({"items": items});
    if end < count {
        body["nextPageToken"] = end.to_string().into();
    }
    Reply::ok(&body.to_string())
}

async fn names(count: usize, size: usize) -> (Vec<String>, usize) {
    let server = start(move |got, _| pages(got, count, size)).await;
    let (session, _) = session(&server).await;
    let mut request = buckets();
    let mut out = Vec::new();
    loop {
        let page = session.page(request.clone()).await.unwrap();
        let items = page.value["items"].as_array().unwrap();
        out.extend(items.iter().map(|b| b["name"].as_str().unwrap().to_owned()));
        request.cursor = page.next;
        if request.cursor.is_none() {
            return (out, server.got().len());
        }
    }
}

#[tokio::test]
async fn tiny_pages_are_one_big_page() {
    let (whole, one) = names(7, 100).await;
    assert_eq!((whole.len(), one), (7, 1));
    assert_eq!(names(7, 2).await, (whole.clone(), 4));
    assert_eq!(names(7, 1).await, (whole, 7));
}

#[tokio::test]
async fn an_odd_token_never_ends_a_list() {
    for (token, cause) in [
        (json!(7), Some(Cause::Truncated)),
        (json!(""), None),
        (json!(null), None),
    ] {
        let body = json!({"items": [], "nextPageToken": token}).to_string();
        let server = start(move |_, _| Reply::ok(&body)).await;
        let (session, memory) = session(&server).await;
        let page = session.page(buckets()).await;
        assert_eq!(page.as_ref().err().map(|f| f.cause), cause, "{token}");
        assert!(page.is_err() || page.unwrap().next.is_none());
        let again = reread(&memory, &session, &buckets());
        assert_eq!(again.err().map(|f| f.cause), cause, "{token}");
    }
}

#[tokio::test]
async fn a_page_that_leads_back_to_itself_is_no_end() {
    let server = start(|_, _| Reply::ok(r#"{"items":[],"nextPageToken":"x"}"#)).await;
    let (session, _) = session(&server).await;
    let called = crate::call(&session, buckets(), true).await;
    assert_eq!(called.exchanges.len(), 2);
    let failure = called.outcome.err().unwrap();
    assert_eq!(failure.cause, Cause::Truncated);
    assert_eq!(failure.exchange, Some(called.exchanges[1].0.id.clone()));
}

#[tokio::test]
async fn tokens_of_another_name_are_followed_where_the_collector_says() {
    let server = start(|_, _| Reply::ok(r#"{"items":[],"nextPageToken":"x"}"#)).await;
    let (session, _) = session(&server).await;
    let names = PageNames {
        input: "prefix".to_owned(),
        output: "nextPageToken".to_owned(),
    };
    let request = Request {
        page: Some(names),
        ..buckets()
    };
    let page = session.page(request).await.unwrap();
    assert_eq!(Value::Object(page.next.unwrap()), json!({"prefix": "x"}));
}

#[tokio::test]
async fn partial_answers_say_what_they_leave_out() {
    let clusters = json!({"parent": "projects/p/locations/-"});
    let aggregated = json!({"project": "p"});
    for (call, params, body, place) in [
        (
            "container:projects.locations.clusters.list",
            &clusters,
            json!({"clusters": [], "missingZones": ["us-east1-b"]}),
            "us-east1-b",
        ),
        (
            "compute:instances.aggregatedList",
            &aggregated,
            json!({"items": {
                "zones/us-east1-b": {"instances": [{"name": "i"}]},
                "zones/us-east1-c": {"warning": {"code": "UNREACHABLE", "message": "m"}},
                "zones/us-east1-d": {"warning": {"code": "NO_RESULTS_ON_PAGE"}},
            }}),
            "us-east1-c",
        ),
        (
            "redis:projects.locations.instances.list",
            &clusters,
            json!({"instances": [], "unreachable": ["projects/p/locations/asia-northeast1"]}),
            "asia-northeast1",
        ),
        (
            "cloudfunctions:projects.locations.functions.list",
            &clusters,
            json!({"functions": [], "unreachable": ["asia-northeast1"]}),
            "asia-northeast1",
        ),
        (
            "run:projects.locations.services.list",
            &clusters,
            json!({"services": [], "unreachable": ["projects/p/locations/us-east1"]}),
            "us-east1",
        ),
        (
            "compute:disks.aggregatedList",
            &aggregated,
            json!({"items": {}, "unreachables": ["zones/us-east1-c"]}),
            "us-east1-c",
        ),
        (
            "sqladmin:instances.list",
            &aggregated,
            json!({"items": [], "warnings": [{"code": "REGION_UNREACHABLE", "region": "asia-northeast2"}]}),
            "asia-northeast2",
        ),
    ] {
        let text = body.to_string();
        let server = start(move |_, _| Reply::ok(&text)).await;
        let (session, memory) = session(&server).await;
        let request = request(call, params);
        let page = session.page(request.clone()).await.unwrap();
        let places: Vec<&str> = page.holes.iter().map(|h| h.location.as_str()).collect();
        assert_eq!(places, [place], "{call}");
        assert!(page.holes[0].message.contains(place), "{call}");
        assert_eq!(
            reread(&memory, &session, &request).unwrap().holes,
            page.holes
        );
    }
}
