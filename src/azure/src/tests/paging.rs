//! Pages: tiny ones give what one large one gives, and none is lost in silence.

use super::*;
use shoseki_collect::{Cloud, Failure};
use shoseki_model::Cause;

/// All items of a list.
async fn all(session: &Session, mut request: Request, at: &str) -> Result<Vec<Value>, Failure> {
    let mut out = Vec::new();
    loop {
        let page = session.page(request.clone()).await?;
        out.extend(page.value[at].as_array().unwrap().iter().cloned());
        match page.next {
            Some(next) => request.cursor = Some(next),
            None => return Ok(out),
        }
    }
}

fn items() -> Vec<Value> {
    (0..7)
        .map(|n| json!({"id": format!("/subscriptions/s/{n}"), "name": n.to_string()}))
        .collect()
}

/// Pages of `size`, with links by `link`.
async fn pages(size: usize, link: fn(&str, usize) -> String) -> Server {
    server(move |got, _| {
        let start = got
            .target
            .split("skiptoken=")
            .nth(1)
            .map_or(0, |t| t.parse().unwrap());
        let end = (start + size).min(7);
        let mut body = json!({"value": items()[start..end]});
        if end < 7 {
            let host = got.header("host").unwrap();
            body["nextLink"] = link(host, end).into();
        }
        Reply::ok(&body.to_string())
    })
    .await
}

fn path(n: usize) -> String {
    format!(
        "/subscriptions/{SUBSCRIPTION}/providers/microsoft.storage/STORAGEACCOUNTS?api-version=2026-09-01&$skiptoken={n}"
    )
}

#[tokio::test]
async fn tiny_pages_equal_one_large_one() {
    for (size, link) in [
        (
            7,
            (|_: &str, _: usize| unreachable!()) as fn(&str, usize) -> String,
        ),
        (1, |host, n| format!("http://{host}{}", path(n))),
        (2, |_, n| format!("https://management.azure.com{}", path(n))),
        (3, |_, n| {
            format!("https://management.azure.com:443{}", path(n))
        }),
        (3, |_, n| {
            format!("https://japaneast.management.azure.com{}", path(n))
        }),
    ] {
        let server = pages(size, link).await;
        let (_, session, _) = sessions(&server).await;
        assert_eq!(
            all(&session, accounts(), "value").await.unwrap(),
            items(),
            "{size}"
        );
    }
}

#[tokio::test]
async fn links_that_lead_elsewhere_are_refused() {
    for link in [
        (|_: &str, n: usize| format!("https://evil.example{}", path(n)))
            as fn(&str, usize) -> String,
        |_, n| format!("https://management.azure.com.evil.example{}", path(n)),
        |_, n| format!("http://management.azure.com{}", path(n)),
        |_, n| format!("https://management.azure.com:8443{}", path(n)),
        |_, n| format!("https://a.b.management.azure.com{}", path(n)),
        |host, n| format!("https://{host}{}", path(n)),
        |_, _| {
            "https://management.azure.com/subscriptions/s/providers/Microsoft.Resources/deployments"
                .to_owned()
        },
        |_, _| {
            "https://management.azure.com/subscriptions/s/providers/Microsoft.Web/sites".to_owned()
        },
        |_, _| "next page".to_owned(),
    ] {
        let server = pages(3, link).await;
        let (_, session, _) = sessions(&server).await;
        let f = all(&session, accounts(), "value").await.unwrap_err();
        assert_eq!(f.cause, Cause::Truncated, "{}", link("h", 3));
        assert_eq!(server.got().len(), 1);
    }
}

const READER: &str = r#"{"value":[{"actions":["*/read"],"notActions":[]}]}"#;

/// Resource Graph with `rows`, told as `total`; `permissions` is what the caller may do.
async fn resource_graph(permissions: &'static str, rows: usize, total: usize, cut: bool) -> Server {
    server(move |got, _| {
        if got.target.contains("/permissions?") {
            return Reply::ok(permissions);
        }
        let body: Value = serde_json::from_str(&got.body).unwrap();
        let token = body["options"]["$skipToken"].as_str();
        let start: usize = token.map_or(0, |t| t.parse().unwrap());
        let end = (start + 3).min(rows);
        let mut out = json!({"totalRecords": total, "count": end - start, "resultTruncated": "false",
            "data": (start..end).map(|n| json!({"id": n})).collect::<Vec<_>>(), "facets": []});
        if end < rows {
            out["$skipToken"] = end.to_string().into();
        } else if cut {
            out["resultTruncated"] = "true".into();
        }
        Reply::ok(&out.to_string())
    })
    .await
}

fn query() -> Request {
    let body = json!({"subscriptions": [SUBSCRIPTION], "query": "resources | order by id asc"});
    request(ROWS, json!({ "body": body }))
}

#[tokio::test]
async fn rows_of_resource_graph_come_in_pages() {
    let server = resource_graph(READER, 7, 7, false).await;
    let (_, session, _) = sessions(&server).await;
    let rows = all(&session, query(), "data").await.unwrap();
    assert_eq!(rows.len(), 7);
    let asked: Value = serde_json::from_str(&server.got()[1].body).unwrap();
    assert_eq!(asked["options"]["resultFormat"], "objectArray");
    // The permissions are asked once.
    all(&session, query(), "data").await.unwrap();
    let asked = server
        .got()
        .iter()
        .filter(|g| g.target.contains("permissions"))
        .count();
    assert_eq!(asked, 1);
}

#[tokio::test]
async fn rows_that_do_not_add_up_are_a_gap() {
    for (rows, total, cut) in [(7, 8, false), (7, 6, false), (7, 7, true), (0, 2, false)] {
        let server = resource_graph(READER, rows, total, cut).await;
        let (_, session, _) = sessions(&server).await;
        let f = all(&session, query(), "data").await.unwrap_err();
        assert_eq!(f.cause, Cause::Truncated, "{rows} {total} {cut}");
    }
}

#[tokio::test]
async fn an_empty_answer_of_resource_graph_proves_nothing_to_who_may_not_read_all() {
    let some = r#"{"value":[{"actions":["Microsoft.Storage/*/read"],"notActions":[]}]}"#;
    let server = resource_graph(some, 0, 0, false).await;
    let (_, session, memory) = sessions(&server).await;
    let f = session.page(query()).await.unwrap_err();
    assert_eq!(f.cause, Cause::Denied);
    // Resource Graph was not even asked.
    assert!(server.got().iter().all(|g| g.method == "GET"));
    assert_eq!(f.exchange, Some(memory.last().0.id));
}
