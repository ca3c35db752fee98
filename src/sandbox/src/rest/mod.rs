//! Azure and Google Cloud: clouds that are asked by method and path, with JSON.
//!
//! Their data files hold lists of entries:
//!
//! - `call`: what is asked. Google Cloud: as collectors write it,
//!   `storage:buckets.list`. Azure: `GET /path`, without the API version; `*` and
//!   `{name}` stand for one piece of the path, `**` at its beginning for any, and
//!   capitals do not matter.
//! - `with`: what the request must name: parameters of the path, of the query or
//!   members of the body. `*` in a text stands for anything.
//! - `answer`: the body, with `status` where it is not 200; or `error` with
//!   `status`, `code`, `message` (and `reason`, that of Google's `ErrorInfo`).
//! - `first`: an error that the first request gets, before `answer`.
//! - `page`: how many entries of the list a page has.
//!
//! Azure's files are in a folder that is the subscription's id, `tenant` or `any`;
//! Google Cloud's in any folder. Among several entries that fit, the one of the
//! narrowest folder, then the one with the most fixed pieces and names, wins. What
//! no entry describes is an empty list where it is a list of Resource Manager, of a
//! key vault or of Google Cloud, and else an error `NotInSandbox`.

mod azure;
mod gcp;
mod pages;
mod table;

pub(crate) use table::Table;

use crate::request::{Asked, Http};
use crate::wire::Wire;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

/// Code of the error where nothing is described.
pub(crate) const NOT_HERE: &str = "NotInSandbox";

/// The cloud whose files are in this folder.
pub(crate) fn named(folder: &str) -> Option<&'static str> {
    ["azure", "gcp"].into_iter().find(|c| *c == folder)
}

/// What a request asks for; `Err`: what it gets that asks for nothing known.
pub(crate) fn understand(http: &Http<'_>, number: u64) -> Result<Asked, Wire> {
    let first = http.path.trim_start_matches('/').split('/').next();
    let is_host = first.is_some_and(|f| f.ends_with(".googleapis.com"));
    let (cloud, found) = match is_host {
        true => ("gcp", gcp::understand(http)),
        false => ("azure", azure::understand(http)),
    };
    let unknown = || {
        let what = format!(
            "no call of the collectors fits {} {}?{}",
            http.method, http.path, http.query
        );
        error(cloud, 404, NOT_HERE, &what)
    };
    let mut asked = found.ok_or_else(unknown)?;
    asked.number = number;
    Ok(asked)
}

/// The answer to a request for a token, where it is one: of Entra ID
/// (`/<tenant>/oauth2/v2.0/token`), for that tenant, or of Google (`/token`).
pub(crate) fn token(http: &Http<'_>) -> Option<Wire> {
    if http.method != "POST" {
        return None;
    }
    let token = match http.path.strip_suffix("/oauth2/v2.0/token") {
        Some(tenant) => {
            let tenant = tenant.trim_start_matches('/');
            let coded = |v: Value| URL_SAFE_NO_PAD.encode(v.to_string());
            let head = coded(json!({"alg": "none"}));
            let claims = coded(json!({"tid": tenant, "appid": "sandbox"}));
            format!("{head}.{claims}.sandbox")
        }
        None if http.path == "/token" => "sandbox".to_owned(),
        None => return None,
    };
    Some(answer(
        &json!({"token_type": "Bearer", "expires_in": 3599, "access_token": token}),
    ))
}

/// Whether a `call` of Azure's data may stand for a call of the collectors.
#[cfg(test)]
pub(crate) fn fits_template(data: &str, call: &str) -> bool {
    let Some((_, operation)) = call.split_once(':') else {
        return false;
    };
    let path = operation.split('?').next().unwrap_or_default();
    path.split_once(' ')
        .is_some_and(|(method, path)| azure::could_match(data, method, path))
}

/// Whether signing in makes a call.
#[cfg(test)]
pub(crate) fn is_of_sign_in(cloud: &str, call: &str) -> bool {
    match cloud {
        "azure" => [
            "GET /tenants",
            "GET /subscriptions",
            "GET /subscriptions/{s}",
            "GET /**/providers/Microsoft.Authorization/permissions",
        ]
        .contains(&call),
        _ => call.starts_with("cloudresourcemanager:"),
    }
}

/// A value as a body.
pub(crate) fn answer(value: &Value) -> Wire {
    Wire {
        status: 200,
        headers: vec![("content-type".into(), "application/json".into())],
        body: value.to_string().into_bytes(),
    }
}

/// An error in the words of a cloud. Sources: the error of Resource Manager and
/// Microsoft Graph (`{"error": {"code", "message"}}`), `google.rpc.Status` as JSON.
pub(crate) fn error(cloud: &str, status: u16, code: &str, message: &str) -> Wire {
    let value = match cloud {
        "gcp" => json!({"error": {"code": status, "message": message, "status": code}}),
        _ => json!({"error": {"code": code, "message": message}}),
    };
    Wire {
        status,
        ..answer(&value)
    }
}
