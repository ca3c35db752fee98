//! Policy documents in the manner of IAM: who is allowed what, and under which
//! conditions that bind.
//!
//! Elements and principals as the IAM user guide's "IAM JSON policy elements
//! reference" has them; what makes a grant public as Amazon S3's user guide
//! says under "The meaning of public".

mod condition;
mod document;
mod glob;
mod who;

use crate::eval::value::{V, fault};
use document::{Doc, Statement};
use glob::glob;
use jiff::Timestamp;
use shoseki_model::Text;

fn with<'a>(v: &[V<'a>], f: impl FnOnce(&[Statement]) -> V<'a>) -> V<'a> {
    match v.first().map(Doc::read) {
        Some(Ok(doc)) => f(&doc.statements),
        Some(Err(what)) => fault(Text::new(
            format!("ポリシー文書を読めない（{}）", what.ja),
            format!("the policy document cannot be read ({})", what.en),
        )),
        None => V::Null,
    }
}

fn any<'a>(v: &[V<'a>], f: impl Fn(&Statement) -> bool) -> V<'a> {
    with(v, |all| V::Bool(all.iter().any(f)))
}

/// The statements as maps with lists inside.
pub(crate) fn statements<'a>(v: &[V<'a>], _: Timestamp) -> V<'a> {
    with(v, |all| V::list(all.iter().map(Statement::value).collect()))
}

/// Some Allow statement serves anybody and no condition narrows it.
pub(crate) fn allows_public<'a>(v: &[V<'a>], _: Timestamp) -> V<'a> {
    any(v, |s| s.allow && s.anybody() && !s.narrowed())
}

/// Some Allow statement serves a principal outside the listed accounts and
/// organisations.
pub(crate) fn allows_others<'a>(v: &[V<'a>], _: Timestamp) -> V<'a> {
    let list = v.get(1).map(V::items).unwrap_or_default();
    let mut ids = Vec::with_capacity(list.len());
    for id in &list {
        match id.as_str() {
            Some(s) => ids.push(s.to_owned()),
            None => {
                return crate::eval::wrong_argument(
                    "policyAllowsOthers",
                    crate::eval::value::kinds::STR,
                    id,
                );
            }
        }
    }
    any(v, |s| s.allow && who::serves_others(s, &ids))
}

/// Some Allow statement without condition covers the action on the resource.
pub(crate) fn allows<'a>(v: &[V<'a>], _: Timestamp) -> V<'a> {
    let text = |i: usize| v.get(i).and_then(V::as_str).unwrap_or_default().to_owned();
    let (action, resource) = (text(1).to_ascii_lowercase(), text(2));
    any(v, |s| {
        s.allow && s.conditions.is_empty() && s.covers_action(&action) && s.covers(&resource)
    })
}

/// Some unconditional Allow of every action on every resource.
pub(crate) fn grants_admin<'a>(v: &[V<'a>], _: Timestamp) -> V<'a> {
    let all = |p: &String| !p.is_empty() && p.chars().all(|c| c == '*' || c == ':');
    let everywhere =
        |r: &String| all(r) || r.strip_prefix("arn:").is_some_and(|r| all(&r.to_owned()));
    any(v, |s| {
        s.allow
            && s.conditions.is_empty()
            && s.actions.iter().any(all)
            && s.resources.iter().any(everywhere)
    })
}

/// A Deny for everybody, for every action, where the transport is not secure.
pub(crate) fn denies_insecure_transport<'a>(v: &[V<'a>], _: Timestamp) -> V<'a> {
    with(v, |all| {
        let denied: Vec<&Statement> = all.iter().filter(|s| denies_plain(s)).collect();
        let resources: Vec<&str> = denied
            .iter()
            .flat_map(|s| s.resources.iter().map(String::as_str))
            .collect();
        V::Bool(!denied.is_empty() && whole(&resources))
    })
}

fn denies_plain(s: &Statement) -> bool {
    let every = |a: &String| a == "*" || a.strip_suffix(":*").is_some_and(|p| !p.contains('*'));
    let [c] = s.conditions.as_slice() else {
        return false;
    };
    !s.allow
        && s.not_principals.is_none()
        && s.principals.iter().any(|p| p == "*")
        && s.actions.iter().any(every)
        && c.key == "aws:securetransport"
        && matches!(
            c.operator.as_str(),
            "bool" | "stringequals" | "stringequalsignorecase" | "stringlike"
        )
        && !c.all_values
        && c.values.iter().all(|v| v.eq_ignore_ascii_case("false"))
}

/// For S3 both the bucket and its objects must be named; elsewhere any resource
/// will do, since a policy there stands at the one resource.
fn whole(resources: &[&str]) -> bool {
    let s3 = |r: &&&str| r.split(':').nth(2) == Some("s3") && r.starts_with("arn:");
    if resources.contains(&"*") || !resources.iter().any(|r| s3(&r)) {
        return true;
    }
    let inside = |r: &str| r.splitn(6, ':').nth(5).unwrap_or_default().to_owned();
    let mut bucket = false;
    let mut objects = false;
    for r in resources.iter().filter(s3).map(|r| inside(r)) {
        bucket |= !r.contains('/');
        objects |= r.ends_with('*');
    }
    bucket && objects
}

impl Statement {
    fn covers_action(&self, action: &str) -> bool {
        let hit = |list: &[String]| list.iter().any(|p| glob(&p.to_ascii_lowercase(), action));
        match &self.not_actions {
            Some(not) => !hit(not),
            None => hit(&self.actions),
        }
    }

    fn covers(&self, resource: &str) -> bool {
        let hit = |list: &[String]| list.iter().any(|p| glob(p, resource));
        match &self.not_resources {
            Some(not) => !hit(not),
            // Trust policies name no resource: they stand at the one role.
            None => self.resources.is_empty() || hit(&self.resources),
        }
    }
}

#[cfg(test)]
#[path = "../tests/policy.rs"]
mod tests;

#[cfg(test)]
#[path = "../tests/policy_grants.rs"]
mod grant_tests;
