//! Answers that are cut, strange, or hold secrets.

use super::*;
use crate::answer::Heard;
use shoseki_collect::{Cloud, Place, Reader as _, StoredAnswer};
use shoseki_model::{Cause, REDACTED};
use std::collections::BTreeMap;

const GOOD: &str = r#"{"value":[{"id":"/subscriptions/s/x","name":"a","properties":{"primaryEndpoints":{"blob":"https://a"},"keyCreationTime":{"key1":"2026-01-01T00:00:00Z"}}}],"nextLink":""}"#;

fn read(body: &[u8]) -> Result<(), Cause> {
    let request = accounts();
    let heard = Heard {
        request: &request,
        status: 200,
        body,
        endpoint: None,
    };
    match heard.read() {
        Ok(u) => u.reading.map(|_| ()).map_err(|f| f.cause),
        Err((f, _)) => Err(f.cause),
    }
}

#[test]
fn an_answer_cut_at_any_byte_is_refused() {
    assert_eq!(read(GOOD.as_bytes()), Ok(()));
    for end in 0..GOOD.len() {
        assert_eq!(
            read(&GOOD.as_bytes()[..end]),
            Err(Cause::Malformed),
            "{end}"
        );
    }
}

#[test]
fn an_answer_without_its_list_is_not_an_empty_one() {
    for body in [
        "{}",
        "null",
        r#"{"value":null}"#,
        r#"{"value":{}}"#,
        r#"{"values":[]}"#,
        r#"{"message":"maintenance"}"#,
        r#"{"value":[],"value":[1]}"#,
        "[1",
        "text",
    ] {
        assert_eq!(read(body.as_bytes()), Err(Cause::Malformed), "{body}");
    }
    assert_eq!(read(br#"{"value":[]}"#), Ok(()));
}

#[tokio::test]
async fn secrets_are_replaced_before_anything_is_kept() {
    let body = r#"{"value":[{"name":"a","properties":{"adminPassword":"hunter2!","env":[{"name":"X","value":"s3cr3t"}],"list":{"primaryKey":"k1"},"note":"DefaultEndpointsProtocol=https;AccountKey=abcdefghijklmnopqrstuvwxyz0123456789ABCD==;x"}}]}"#;
    let server = server(move |_, _| Reply::ok(body)).await;
    let (_, session, memory) = sessions(&server).await;
    let mut asked = accounts();
    asked.secret = vec!["value[].name".to_owned()];
    let page = session.page(asked.clone()).await.unwrap();
    let (x, kept) = memory.last();
    let kept = String::from_utf8(kept.unwrap()).unwrap();
    for secret in ["hunter2!", "s3cr3t", "k1", "abcdefghijkl", "\"a\""] {
        assert!(!kept.contains(secret), "{secret}: {kept}");
        assert!(!page.value.to_string().contains(secret), "{secret}");
    }
    assert_eq!(page.value["value"][0]["properties"]["env"][0]["name"], "X");
    assert_eq!(page.value["value"][0]["name"], REDACTED);
    assert_eq!(x.answer.unwrap().redacted, 5);
    // What is kept reads as what came.
    let none = BTreeMap::new();
    let answer = StoredAnswer {
        status: 200,
        headers: &none,
        body: kept.as_bytes(),
    };
    let at = Place {
        target: session.target(),
        home: "global",
        works_in: None,
    };
    let again = crate::Reader.reread(&asked, &answer, at).unwrap();
    assert_eq!(again.value, page.value);
}
