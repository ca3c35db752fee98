//! Requests to Resource Manager, Resource Graph, Microsoft Graph and key vaults; a path
//! of a vault begins with its host.

use crate::request::{Asked, Http, decode_form, percent_decode};
use serde_json::Value;
use shoseki_azure::{PERMISSIONS_CALL, Spelt, model, service_of};
use std::collections::BTreeMap;

/// The operation that a request is, with its values.
pub(crate) fn understand(http: &Http<'_>) -> Option<Asked> {
    let query = decode_form(http.query.as_bytes());
    let version = query.iter().find(|(k, _)| k == "api-version");
    let version = version.map_or("", |(_, v)| v.as_str());
    let pieces: Vec<String> = http.path.split('/').skip(1).map(percent_decode).collect();
    let mut best: Option<(usize, &str, &str, Values)> = None;
    for operation in model::operations().chain([PERMISSIONS_CALL]) {
        let service = service_of(operation);
        let Ok(spelt) = Spelt::parse(service, operation) else {
            continue;
        };
        if spelt.method != http.method || spelt.version != version {
            continue;
        }
        let Some((fixed, values)) = fit(&spelt, &pieces) else {
            continue;
        };
        if best.as_ref().is_none_or(|b| fixed > b.0) {
            best = Some((fixed, service, operation, values));
        }
    }
    let (_, service, operation, mut values) = best?;
    for (k, v) in query {
        values.entry(k).or_default().push(v);
    }
    if let Ok(body) = serde_json::from_slice::<Value>(http.body) {
        leaves(&body, "", &mut values);
    }
    let of = |n: usize| pieces.get(n).map(String::as_str).unwrap_or_default();
    let account = match of(0).eq_ignore_ascii_case("subscriptions") {
        true if !of(1).is_empty() => of(1).to_ascii_lowercase(),
        // Resource Graph names subscriptions in the body.
        _ => match values.get("subscriptions").and_then(|v| v.first()) {
            Some(id) => id.clone(),
            None => "tenant".to_owned(),
        },
    };
    Some(Asked {
        cloud: "azure",
        call: format!("{service}:{operation}"),
        path: format!("/{}", pieces.join("/")),
        region: "global".to_owned(),
        access_key: account,
        values,
        number: 0,
    })
}

type Values = BTreeMap<String, Vec<String>>;

/// Texts of a body by the name of the member that holds them.
fn leaves(v: &Value, name: &str, out: &mut Values) {
    let mut put = |text: String| out.entry(name.to_owned()).or_default().push(text);
    match v {
        Value::Object(m) => m.iter().for_each(|(k, v)| leaves(v, k, out)),
        Value::Array(a) => a.iter().for_each(|v| leaves(v, name, out)),
        Value::Null => {}
        Value::String(s) => put(s.clone()),
        other => put(other.to_string()),
    }
}

/// How many pieces of the path are fixed, and what fills the others.
fn fit(spelt: &Spelt<'_>, pieces: &[String]) -> Option<(usize, Values)> {
    let template: Vec<&str> = spelt.path.split('/').skip(1).collect();
    let name = |t: &str| {
        let inner = t.strip_prefix('{')?.strip_suffix('}')?;
        Some(inner.to_owned())
    };
    let mut values = Values::new();
    let mut from = (0, 0);
    if let Some(scope) = name(template[0]).filter(|n| spelt.is_scope(n)) {
        // It stands for as much as the rest of the path leaves.
        let taken = (pieces.len() + 1).checked_sub(template.len())?;
        let id = format!("/{}", pieces.get(..taken)?.join("/"));
        values.entry(scope).or_default().push(id);
        from = (1, taken);
    }
    let (wanted, have) = (template.get(from.0..)?, pieces.get(from.1..)?);
    if wanted.len() != have.len() || pieces.is_empty() {
        return None;
    }
    let mut fixed = 0;
    for (w, h) in wanted.iter().zip(have) {
        match name(w) {
            Some(n) => values.entry(n).or_default().push(h.clone()),
            None if w.eq_ignore_ascii_case(h) => fixed += 1,
            None => return None,
        }
    }
    Some((fixed, values))
}

/// Whether the answer of a call is a list of Resource Manager or of a key vault.
pub(crate) fn is_list(call: &str) -> bool {
    call.split_once(':')
        .is_some_and(|(s, o)| matches!(s, "arm" | "vault") && has(o, "value"))
}

/// The member that leads to the next page, where there is one.
pub(crate) fn link(call: &str) -> Option<&'static str> {
    let (_, operation) = call.split_once(':')?;
    let links = ["nextLink", "@odata.nextLink"];
    links.into_iter().find(|l| has(operation, l))
}

fn has(operation: &str, member: &str) -> bool {
    model::find(operation)
        .and_then(|(m, o)| m.members(&o.answer))
        .is_some_and(|m| m.contains_key(member))
}

/// Whether a `call` of the data (`GET /a/{b}/**`) is this path, and how many of its
/// pieces are fixed.
pub(crate) fn matches(template: &str, method: &str, path: &str) -> Option<usize> {
    let (wanted, path_of) = template.split_once(' ')?;
    if wanted != method {
        return None;
    }
    let mut want: Vec<&str> = path_of.split('/').skip(1).collect();
    let mut have: Vec<&str> = path.split('/').skip(1).collect();
    if want.first() == Some(&"**") {
        want.remove(0);
        have.drain(..have.len().checked_sub(want.len())?);
    }
    if want.len() != have.len() {
        return None;
    }
    let mut fixed = 0;
    for (w, h) in want.iter().zip(&have) {
        if w.eq_ignore_ascii_case(h) {
            fixed += 1;
        } else if *w != "*" && !w.starts_with('{') {
            return None;
        }
    }
    Some(fixed)
}

/// Whether a `call` of the data could be a path with open pieces on either side.
#[cfg(test)]
pub(crate) fn could_match(template: &str, method: &str, path: &str) -> bool {
    let Some((wanted, of)) = template.split_once(' ') else {
        return false;
    };
    let open = |p: &str| p == "*" || p.starts_with('{');
    let mut want: Vec<&str> = of.split('/').skip(1).collect();
    let mut have: Vec<&str> = path.split('/').skip(1).collect();
    if want.first() == Some(&"**") {
        want.remove(0);
        // A whole id may stand for one open piece at the beginning.
        while have.len() < want.len() && have.first().is_some_and(|h| open(h)) {
            want.remove(0);
        }
        if have.first().is_some_and(|h| open(h)) && have.len() <= want.len() {
            want.drain(..want.len() - have.len());
        }
        let Some(extra) = have.len().checked_sub(want.len()) else {
            return false;
        };
        have.drain(..extra);
    } else if want.len() > have.len() && have.first().is_some_and(|h| open(h)) {
        want.drain(..want.len() - have.len());
    }
    wanted == method
        && want.len() == have.len()
        && want
            .iter()
            .zip(&have)
            .all(|(w, h)| w.eq_ignore_ascii_case(h) || open(w) || open(h))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_of_the_data_have_open_pieces() {
        let path = "/subscriptions/s/resourceGroups/g/providers/Microsoft.Web/sites/a/config/web";
        let of = |t: &str| matches(t, "GET", path);
        assert_eq!(of("GET /**/sites/a/config/web"), Some(4));
        assert_eq!(of("GET /**/Sites/*/config/web"), Some(3));
        assert_eq!(of("GET /**/sites/b/config/web"), None);
        assert_eq!(of("POST /**/sites/a/config/web"), None);
        assert_eq!(of("GET /subscriptions/{s}"), None);
    }
}
