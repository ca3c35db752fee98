//! What the models say, for checks without a call.

use crate::guard::by_name;
use crate::model;
use crate::operation::{Service, Spelt};
use shoseki_collect::{Api, OperationInfo};
use shoseki_model::Kind;

/// The embedded models.
#[derive(Clone, Copy, Debug, Default)]
pub struct Models;

/// Error codes of refusals, throttling and failures. Sources: the common errors of
/// Resource Manager
/// (<https://learn.microsoft.com/azure/azure-resource-manager/troubleshooting/common-deployment-errors>)
/// and the resource error codes of Microsoft Graph
/// (<https://learn.microsoft.com/graph/errors>).
const NEVER_ABSENT: &[&str] = &[
    "AuthenticationFailed",
    "AuthorizationFailed",
    "Authorization_RequestDenied",
    "ExpiredAuthenticationToken",
    "Forbidden",
    "GatewayTimeout",
    "InternalServerError",
    "InvalidAuthenticationToken",
    "LinkedAuthorizationFailed",
    "ServerTimeout",
    "ServiceUnavailable",
    "SubscriptionRequestsThrottled",
    "TooManyRequests",
    "Unauthorized",
    "accessDenied",
    "activityLimitReached",
    "generalException",
    "serviceNotAvailable",
    "tooManyRequests",
    "unauthenticated",
];

impl Api for Models {
    fn cloud(&self) -> &'static str {
        "azure"
    }

    fn levels(&self) -> &'static [&'static str] {
        &["subscription", "tenant"]
    }

    fn never_absent(&self, code: &str) -> bool {
        NEVER_ABSENT.contains(&code) || crate::errors::UNLICENSED.contains(&code)
    }

    fn operation(&self, service: &str, operation: &str) -> Result<OperationInfo, String> {
        let spelt = Spelt::parse(service, operation)?;
        let Some((model, op)) = model::find(operation) else {
            // Comparing takes time by the product of both lengths.
            let near = model::operations()
                .filter(|o| operation.len().max(o.len()) <= 400)
                .map(|o| (strsim::jaro_winkler(operation, o), o))
                .filter(|(score, _)| *score > 0.9)
                .max_by(|a, b| a.0.total_cmp(&b.0));
            let near = near
                .map(|(_, o)| format!("; the nearest is `{o}`"))
                .unwrap_or_default();
            return Err(format!(
                "the model of `{operation}` is not built in (run `cargo xtask gen`){near}"
            ));
        };
        let mut input: Vec<(String, Kind)> = spelt
            .placeholders()
            .map(|p| (p.to_owned(), Kind::Str))
            .collect();
        if input.len() > 1 {
            input.push(("id".to_owned(), Kind::Str));
        }
        let query = op.query.iter();
        input.extend(query.map(|(n, t)| (n.clone(), model.kind(t))));
        if op.body {
            input.push(("body".to_owned(), Kind::Any));
        }
        let output = model.kind(&op.answer);
        let paginated = model.members(&op.answer).is_some_and(|m| {
            ["nextLink", "@odata.nextLink", "value", "$skipToken"]
                .iter()
                .any(|n| m.contains_key(*n))
        });
        Ok(OperationInfo {
            input: Kind::Object(input.into_iter().collect()),
            required: Vec::new(),
            output: match spelt.service {
                Service::Arg => rows(output),
                _ => output,
            },
            paginated,
            token_members: Vec::new(),
            permission: spelt.permission(),
        })
    }

    fn readable(&self, service: &str, operation: &str) -> Result<(), String> {
        by_name(service, operation)
    }

    fn complete(&self, service: &str, operation: &str, given: &[&str]) -> Result<(), String> {
        let spelt = Spelt::parse(service, operation)?;
        let body = model::find(operation).is_some_and(|(_, op)| op.body);
        if body && !given.contains(&"body") {
            return Err("POST needs the parameter `body`".to_owned());
        }
        // An id fills the path from its beginning; what is left is told when it is
        // known how long the id is.
        if given.contains(&"id") {
            return Ok(());
        }
        match spelt.placeholders().find(|p| !given.contains(p)) {
            Some(p) => Err(format!("the path needs the parameter `{p}` (or `id`)")),
            None => Ok(()),
        }
    }
}

/// The rows of Resource Graph are objects of any form.
fn rows(output: Kind) -> Kind {
    match output {
        Kind::Object(mut m) => {
            m.insert("data".to_owned(), Kind::List(Box::new(Kind::Any)));
            Kind::Object(m)
        }
        other => other,
    }
}
