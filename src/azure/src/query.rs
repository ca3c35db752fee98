//! Resource Graph: paging in the body, and what its answers are worth.
//!
//! It leaves out silently what the caller may not read, so that an empty answer
//! proves nothing. Its answers count only where the caller may read everything in
//! the subscription.

use crate::answer::said;
use crate::operation::Service;
use crate::request::SKIP_TOKEN;
use serde_json::{Map, Value, json};
use shoseki_collect::{Failure, Request};
use shoseki_model::Cause;

/// Region that requests name: Resource Manager is one for all.
pub const REGION: &str = "global";

/// What the caller may do in a subscription
/// (<https://learn.microsoft.com/rest/api/authorization/permissions>).
pub const PERMISSIONS: &str = "GET /subscriptions/{subscriptionId}/providers/Microsoft.Authorization/permissions?api-version=2022-04-01";

/// Whether the answer to a request is worth something only to who sees all.
pub fn needs_all(request: &Request) -> bool {
    request.service == "arg"
}

/// The request that asks for the caller's permissions.
pub fn permissions(subscription: &str) -> Request {
    let mut params = Map::new();
    params.insert("subscriptionId".to_owned(), subscription.into());
    Request {
        service: "arm".to_owned(),
        operation: PERMISSIONS.to_owned(),
        region: REGION.to_owned(),
        params,
        ..Request::default()
    }
}

/// Adds the entries of a page of a list.
pub fn entries(page: &Value, all: &mut Vec<Value>) {
    all.extend(page["value"].as_array().into_iter().flatten().cloned());
}

/// Whether one of the entries lets everything be read.
pub fn judge(entries: &[Value], exchange: &str) -> Result<(), Failure> {
    if entries.iter().any(reads_all) {
        return Ok(());
    }
    Err(Failure {
        cause: Cause::Denied,
        error: Some(said(
            "Resource Graph leaves out what the caller may not read, and reading everything \
             in the subscription (*/read) is not granted: its answer would prove nothing",
        )),
        status: None,
        exchange: Some(exchange.to_owned()),
    })
}

/// `actions` that take in every read, and no `notActions` that take one away.
fn reads_all(entry: &Value) -> bool {
    let texts = |name: &str| {
        let all = entry[name].as_array().into_iter().flatten();
        all.filter_map(Value::as_str)
            .map(str::to_ascii_lowercase)
            .collect::<Vec<_>>()
    };
    let all = texts("actions").iter().any(|a| a == "*" || a == "*/read");
    let takes_away = |a: &String| {
        let last = a.rsplit('/').next().unwrap_or_default();
        last == "read" || last == "*"
    };
    all && !texts("notActions").iter().any(takes_away)
}

/// The body of a page: always objects, a thousand a page.
pub fn paged(service: Service, mut body: Value, cursor: Option<&Map<String, Value>>) -> Value {
    if service != Service::Arg {
        return body;
    }
    let token = cursor.and_then(|c| c.get(SKIP_TOKEN)).cloned();
    if let Value::Object(b) = &mut body {
        let options = b.entry("options").or_insert_with(|| json!({}));
        if let Value::Object(o) = options {
            o.insert("resultFormat".to_owned(), "objectArray".into());
            o.entry("$top").or_insert_with(|| 1000.into());
            if let Some(t) = token {
                o.insert(SKIP_TOKEN.to_owned(), t);
            }
        }
    }
    body
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    #[test]
    fn only_who_reads_all_sees_all() {
        let reader = json!({"actions": ["*/read"], "notActions": []});
        let contributor =
            json!({"actions": ["*"], "notActions": ["Microsoft.Authorization/*/Delete"]});
        let storage = json!({"actions": ["Microsoft.Storage/*/read"], "notActions": []});
        let less = json!({"actions": ["*/read"], "notActions": ["Microsoft.KeyVault/*"]});
        let hides = json!({"actions": ["*"], "notActions": ["Microsoft.Sql/servers/read"]});
        assert!(judge(&[storage.clone(), reader], "x").is_ok());
        assert!(judge(&[contributor], "x").is_ok());
        for no in [vec![], vec![storage], vec![less], vec![hides]] {
            let f = judge(&no, "x").unwrap_err();
            assert_eq!((f.cause, f.exchange.as_deref()), (Cause::Denied, Some("x")));
        }
    }
}
