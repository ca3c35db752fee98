//! From a request of a collector to what goes onto the wire.

use crate::clouds::AzureCloud;
use crate::operation::{Service, Spelt, VAULT, placeholder};
use serde_json::{Map, Value};
use std::fmt::Write as _;
use url::Url;

/// Names that a cursor has in the parameters of a page.
pub const NEXT_LINK: &str = "nextLink";
/// The same for Resource Graph.
pub const SKIP_TOKEN: &str = "$skipToken";
/// Rows that the pages before brought.
pub const SEEN: &str = "seen";

/// What is sent, without the host.
#[derive(Clone, Debug, PartialEq)]
pub struct Built {
    /// Path, percent-encoded; of a key vault, its host is the first piece.
    pub path: String,
    /// Query, percent-encoded; empty where there is none.
    pub query: String,
    /// The body of a POST.
    pub body: Option<Value>,
}

impl Built {
    /// Fills the operation with parameters; the error says which does not fit.
    pub fn new(spelt: &Spelt<'_>, params: &Map<String, Value>) -> Result<Self, String> {
        let names: Vec<&str> = spelt.placeholders().collect();
        let mut query = String::new();
        let mut add = |name: &str, value: &str| {
            let sep = if query.is_empty() { "" } else { "&" };
            let _ = write!(
                query,
                "{sep}{}={}",
                encoded(name, QUERY),
                encoded(value, QUERY)
            );
        };
        if !spelt.version.is_empty() {
            add("api-version", spelt.version);
        }
        for (name, value) in params {
            if matches!(name.as_str(), "id" | "body") || names.contains(&name.as_str()) {
                continue;
            }
            if [NEXT_LINK, SKIP_TOKEN, SEEN].contains(&name.as_str()) {
                return Err(format!("`{name}` belongs to paging"));
            }
            add(name, &scalar(name, value)?);
        }
        let body = match (spelt.method, params.get("body")) {
            ("POST", Some(b @ Value::Object(_))) => Some(b.clone()),
            ("POST", Some(_)) => return Err("`body` is an object".to_owned()),
            (_, Some(_)) => return Err("GET has no `body`".to_owned()),
            // A few lists are asked for by POST with none.
            (_, None) => None,
        };
        if spelt.service == Service::Arg {
            ordered(body.as_ref())?;
        }
        Ok(Self {
            path: path(spelt, params)?,
            query,
            body,
        })
    }

    /// Host and path of a key vault; no token leaves for a host that is none in `cloud`.
    pub fn at_vault(&self, cloud: AzureCloud) -> Result<(&str, &str), String> {
        let whole = self.path.trim_start_matches('/');
        let (host, _) = whole.split_once('/').unwrap_or((whole, ""));
        let path = &whole[host.len()..];
        match cloud.is_vault(host) {
            true => Ok((host, path)),
            false => Err(format!("`{host}` is no key vault of {}", cloud.name())),
        }
    }
}

/// Rows come in any order unless the query says which, and then pages overlap.
fn ordered(body: Option<&Value>) -> Result<(), String> {
    let query = body
        .and_then(|b| b["query"].as_str())
        .unwrap_or_default()
        .to_ascii_lowercase();
    let last = query.rsplit('|').next().unwrap_or_default();
    let words: Vec<&str> = last.split_whitespace().collect();
    match words.as_slice() {
        ["order" | "sort", "by", _, ..] => Ok(()),
        _ => Err("a query of Resource Graph ends in `| order by …`".to_owned()),
    }
}

fn scalar(name: &str, value: &Value) -> Result<String, String> {
    match value {
        Value::String(s) => Ok(s.clone()),
        Value::Number(_) | Value::Bool(_) => Ok(value.to_string()),
        Value::Array(l) => {
            let all: Result<Vec<String>, String> = l.iter().map(|v| scalar(name, v)).collect();
            Ok(all?.join(","))
        }
        _ => Err(format!("`{name}` is text, a number, or true or false")),
    }
}

/// The path, with the id in the place of as many segments as it has.
fn path(spelt: &Spelt<'_>, params: &Map<String, Value>) -> Result<String, String> {
    let mut out = String::new();
    let mut put = |piece: &str| {
        out.push('/');
        out.push_str(&encoded(piece, PATH));
    };
    let template: Vec<&str> = spelt.path.split('/').skip(1).collect();
    let mut from = 0;
    if let Some(id) = params.get("id") {
        let pieces = pieces("id", id)?;
        from = pieces.len();
        let fits = pieces.len() <= template.len()
            && pieces
                .iter()
                .zip(&template)
                .all(|(piece, t)| placeholder(t).is_some() || t.eq_ignore_ascii_case(piece));
        if !fits {
            return Err(format!(
                "the id `/{}` is not of the form {}",
                pieces.join("/"),
                spelt.path
            ));
        }
        pieces.iter().for_each(|p| put(p));
    }
    for t in template.iter().skip(from) {
        let Some(name) = placeholder(t) else {
            put(t);
            continue;
        };
        let value = params
            .get(name)
            .ok_or_else(|| format!("`{name}` is missing"))?;
        if spelt.is_scope(name) {
            let pieces = pieces(name, value)?;
            let first = pieces[0].to_ascii_lowercase();
            if !matches!(first.as_str(), "subscriptions" | "providers") {
                return Err(format!("`{name}` is no id of a resource"));
            }
            pieces.iter().for_each(|p| put(p));
            continue;
        }
        if *t == VAULT {
            put(&vault(params)?);
            continue;
        }
        let text = scalar(name, value)?;
        if text.is_empty() || text == "." || text == ".." {
            return Err(format!("`{name}` is empty"));
        }
        put(&text);
    }
    Ok(out)
}

/// The host of the key vault that parameters name by its address,
/// `https://NAME.vault.azure.net/`.
pub fn vault(params: &Map<String, Value>) -> Result<String, String> {
    let name = placeholder(VAULT).unwrap_or_default();
    let text = params.get(name).and_then(Value::as_str).unwrap_or_default();
    let url = Url::parse(text).ok().filter(|u| {
        let bare = u.path() == "/" && u.query().is_none() && u.fragment().is_none();
        let named = u.username().is_empty() && u.password().is_none() && u.port().is_none();
        u.scheme() == "https" && bare && named
    });
    let host = url.and_then(|u| u.host_str().map(str::to_owned));
    host.ok_or_else(|| format!("`{name}` is no address of a key vault: `{text}`"))
}

/// The pieces of a resource id.
fn pieces<'v>(name: &str, value: &'v Value) -> Result<Vec<&'v str>, String> {
    let text = value.as_str().unwrap_or_default();
    let all: Vec<&str> = text.trim_start_matches('/').split('/').collect();
    let odd = |p: &&str| p.is_empty() || *p == "." || *p == ".." || p.contains(['?', '#', '\\']);
    match all.iter().find(|p| odd(p)) {
        Some(_) => Err(format!("`{name}` is no id of a resource: `{text}`")),
        None => Ok(all),
    }
}

/// What may stand in a segment of a path as it is (RFC 3986, `pchar`).
const PATH: &[u8] = b"-._~!$&'()*+,;=:@";
/// What may stand in a query as it is; `$` keeps OData options readable.
const QUERY: &[u8] = b"-._~$(),:@/'*!";

/// Percent-encodes all but letters, digits and `safe`.
pub fn encoded(text: &str, safe: &[u8]) -> String {
    let mut out = String::with_capacity(text.len());
    for b in text.bytes() {
        if b.is_ascii_alphanumeric() || safe.contains(&b) {
            out.push(b as char);
        } else {
            let _ = write!(out, "%{b:02X}");
        }
    }
    out
}

/// Parameters with those of the page.
pub fn with_cursor(
    mut params: Map<String, Value>,
    cursor: Option<&Map<String, Value>>,
) -> Map<String, Value> {
    params.extend(cursor.cloned().into_iter().flatten());
    params
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;
    use serde_json::json;

    const BLOB: &str = "GET /subscriptions/{subscriptionId}/resourceGroups/{g}/providers/Microsoft.Storage/storageAccounts/{a}/blobServices/default/containers/{c}?api-version=1";

    fn built(service: &str, operation: &str, params: Value) -> Result<Built, String> {
        let spelt = Spelt::parse(service, operation).unwrap();
        Built::new(&spelt, params.as_object().unwrap())
    }

    #[test]
    fn ids_take_the_place_of_the_segments_that_they_have() {
        let id =
            "/subscriptions/s/resourcegroups/G 1/providers/microsoft.storage/storageAccounts/a";
        let b = built("arm", BLOB, json!({"id": id, "c": "x/y"})).unwrap();
        assert_eq!(
            b.path,
            "/subscriptions/s/resourcegroups/G%201/providers/microsoft.storage/storageAccounts/a/blobServices/default/containers/x%2Fy"
        );
        assert_eq!(b.query, "api-version=1");
        for wrong in [
            json!({"id": "/subscriptions/s/resourceGroups/g/providers/Microsoft.Compute/disks/d", "c": "c"}),
            json!({"id": "/subscriptions/s/../x", "c": "c"}),
            json!({"id": format!("{id}?x=y"), "c": "c"}),
            json!({"id": id}),
            json!({"id": 5, "c": "c"}),
        ] {
            assert!(built("arm", BLOB, wrong.clone()).is_err(), "{wrong}");
        }
    }

    #[test]
    fn scopes_and_options() {
        let diag =
            "GET /{resourceUri}/providers/Microsoft.Insights/diagnosticSettings?api-version=1";
        let b = built(
            "arm",
            diag,
            json!({"resourceUri": "/subscriptions/s", "$filter": "a eq 'b c'"}),
        )
        .unwrap();
        assert_eq!(
            b.path,
            "/subscriptions/s/providers/Microsoft.Insights/diagnosticSettings"
        );
        assert_eq!(b.query, "api-version=1&$filter=a%20eq%20'b%20c'");
        assert!(built("arm", diag, json!({"resourceUri": "evil.example/x"})).is_err());
    }

    #[test]
    fn a_key_vault_is_named_by_its_address() {
        let list = "GET /{vaultBaseUrl}/certificates?api-version=7.6";
        let of = |address: &str| built("vault", list, json!({"vaultBaseUrl": address}));
        let b = of("https://kv-1.vault.azure.net/").unwrap();
        assert_eq!(b.path, "/kv-1.vault.azure.net/certificates");
        assert_eq!(b.query, "api-version=7.6");
        for no in [
            "",
            "kv-1",
            "http://kv-1.vault.azure.net/",
            "https://kv-1.vault.azure.net/secrets",
            "https://kv-1.vault.azure.net/?a=b",
            "https://kv-1.vault.azure.net:8443/",
            "https://a:b@kv-1.vault.azure.net/",
        ] {
            assert!(of(no).is_err(), "{no}");
        }
        assert!(built("vault", list, json!({})).is_err());
    }

    #[test]
    fn resource_graph_must_be_ordered() {
        let arg = "POST /providers/Microsoft.ResourceGraph/resources?api-version=1";
        let of = |q: &str| built("arg", arg, json!({"body": {"query": q}}));
        of("resources | project id | order by id asc").unwrap();
        of("resources | order by id | project id").unwrap_err();
        of("resources").unwrap_err();
        assert!(built("arg", arg, json!({})).is_err());
    }
}
