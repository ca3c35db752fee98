//! Whom a statement serves.

use super::condition::{Condition, Who, is_account};
use super::document::Statement;

impl Who {
    /// Whether it is one of the listed accounts and organisations. A single
    /// source counts as bound; a network says nothing of accounts.
    fn listed(&self, ids: &[String]) -> bool {
        match self {
            Who::Account(a) | Who::Organisation(a) => ids.contains(a),
            Who::Owner | Who::Source => true,
            Who::Network => false,
        }
    }
}

impl Statement {
    /// For each condition that narrows, whom it lets through.
    pub fn bounds(&self) -> Vec<Vec<Who>> {
        let present = |key: &str| {
            self.conditions.iter().any(|c| {
                c.operator == "null"
                    && !c.if_exists
                    && c.key == key
                    && c.values.iter().all(|v| v.eq_ignore_ascii_case("false"))
            })
        };
        self.conditions
            .iter()
            .filter(|c| !(c.if_exists || c.all_values) || present(&c.key))
            .filter_map(Condition::named)
            .collect()
    }

    /// Whether a condition narrows it to somebody.
    pub fn narrowed(&self) -> bool {
        !self.bounds().is_empty()
    }
}

/// Whether an Allow statement serves somebody outside the listed accounts.
pub(super) fn serves_others(s: &Statement, ids: &[String]) -> bool {
    let within = |bound: &Vec<Who>| bound.iter().all(|w| w.listed(ids));
    if s.bounds().iter().any(within) {
        return false;
    }
    s.not_principals.is_some() || s.principals.iter().any(|p| outside(p, s, ids))
}

fn outside(principal: &str, s: &Statement, ids: &[String]) -> bool {
    if principal == "*" || principal.starts_with("service:") {
        return true;
    }
    if ids.iter().any(|i| i == principal) {
        return false;
    }
    if let Some(provider) = principal.strip_prefix("federated:") {
        return match owner(provider) {
            Some(account) => !listed(account, ids),
            // A provider of web identities serves whoever fits the conditions on it.
            None => !s.conditions.iter().any(|c| {
                c.key
                    .starts_with(&format!("{}:", provider.to_ascii_lowercase()))
            }),
        };
    }
    if principal.starts_with("canonical:") {
        return true;
    }
    match owner(principal) {
        // An identity of CloudFront, not of an account.
        Some("cloudfront") => false,
        Some(account) => !listed(account, ids),
        None if is_account(principal) => !listed(principal, ids),
        // The unique id that stays behind when a user or role was deleted serves nobody.
        None => !(principal.starts_with("AIDA") || principal.starts_with("AROA")),
    }
}

fn listed(account: &str, ids: &[String]) -> bool {
    ids.iter().any(|i| i == account)
}

/// The account of an ARN.
fn owner(arn: &str) -> Option<&str> {
    let mut parts = arn.splitn(6, ':');
    (parts.next() == Some("arn")).then(|| parts.nth(3))?
}
