//! The accounts of a scan: signing in to each.

use crate::args::{Reach, ScanArgs};
use crate::demo;
use crate::exit::{Exit, Failed, Result};
use serde_json::Value;
use shoseki_aws::{Keys, Limits, Regions, Role, Session, SignIn, SignInError, sign_in};
use shoseki_collect::{Cloud, Recorder, Request};
use shoseki_model::{ApiError, Caller, Cause, Gap, Target, short_id};
use shoseki_sandbox::Sandbox;
use std::sync::Arc;
use std::time::Duration;

/// An account of the scan.
pub enum Account {
    /// Signed in.
    Reached(Arc<Session>),
    /// Known, and not reached: the gap that says so, and the target.
    Missed(Box<(Gap, Target)>),
}

impl Account {
    /// As the run names it.
    pub fn target(&self) -> Target {
        match self {
            Account::Reached(s) => s.target().clone(),
            Account::Missed(m) => m.1.clone(),
        }
    }
}

/// The sandbox must live as long as the scan.
pub struct Reached {
    /// The accounts.
    pub accounts: Vec<Account>,
    /// The built-in cloud, where it is the target.
    pub sandbox: Option<Sandbox>,
}

/// How to sign in, from the command line.
pub fn options(reach: &Reach, regions: Regions) -> SignIn {
    let last = reach.role_arn.len().saturating_sub(1);
    let role = |(i, arn): (usize, &String)| Role {
        arn: arn.clone(),
        external_id: reach.external_id.clone().filter(|_| i == last),
    };
    SignIn {
        profile: reach.profile.clone(),
        roles: reach.role_arn.iter().enumerate().map(role).collect(),
        regions,
        endpoint: reach.endpoint.clone(),
        limits: Limits {
            attempts: reach.max_attempts,
            attempt: Duration::from_secs(reach.attempt_timeout),
            operation: Duration::from_secs(reach.operation_timeout),
            ..Limits::default()
        },
        ..SignIn::default()
    }
}

/// A sign-in error with its exit code.
pub fn failed(e: &SignInError) -> Failed {
    let exit = match e {
        SignInError::UnknownRegion { .. } | SignInError::NoRegion => Exit::Usage,
        SignInError::Recorder(_) => Exit::Bug,
        _ => Exit::SignIn,
    };
    Failed::new(exit, e.to_string())
}

/// Signs in to every account of the scan. The first must be reached; a member
/// account that cannot be is a gap.
pub async fn reach(args: &ScanArgs, keep: &Arc<dyn Recorder>) -> Result<Reached> {
    let regions = match args.regions.as_slice() {
        [] => Regions::All,
        [all] if all == "all" => Regions::All,
        names => Regions::Chosen(names.to_vec()),
    };
    let mut how = options(&args.reach, regions);
    let mut sandbox = None;
    if args.demo {
        let s = demo::start().await?;
        how.endpoint = Some(s.url());
        how.keys = Some(Keys {
            id: demo::MANAGEMENT.into(),
            secret: "sandbox".into(),
            token: None,
        });
        sandbox = Some(s);
    }
    let first = sign_in(how.clone(), keep.clone())
        .await
        .map_err(|e| failed(&e))?;
    let members = match (args.demo, args.accounts.as_slice()) {
        (true, _) => demo::MEMBERS.map(str::to_owned).to_vec(),
        (false, [all]) if all == "all" => organisation(&first).await?,
        (false, named) => named.to_vec(),
    };
    let role = args.member_role.as_deref().unwrap_or(demo::ROLE);
    let own = first.account().to_owned();
    let partition = first.partition().to_owned();
    let home = first.target().clone();
    let wanted = members.is_empty() || args.demo || members.contains(&own);
    let mut accounts = Vec::new();
    if wanted {
        accounts.push(Account::Reached(Arc::new(first)));
    }
    for id in members.into_iter().filter(|m| *m != own) {
        let mut how = how.clone();
        let arn = format!("arn:{partition}:iam::{id}:role/{role}");
        how.roles.push(Role {
            arn: arn.clone(),
            external_id: args.reach.external_id.clone(),
        });
        accounts.push(match sign_in(how, keep.clone()).await {
            Ok(session) => Account::Reached(Arc::new(session)),
            Err(e @ SignInError::Recorder(_)) => return Err(failed(&e)),
            Err(e) => missed(&id, &arn, &home, &e),
        });
    }
    Ok(Reached { accounts, sandbox })
}

fn missed(account: &str, role: &str, home: &Target, e: &SignInError) -> Account {
    let cause = match e {
        SignInError::Unreachable(_) => Cause::Unreachable,
        _ => Cause::Denied,
    };
    let gap = Gap {
        id: short_id(
            "g",
            &["aws", account, "global", "sts:AssumeRole", "aws", role],
        ),
        cause,
        cloud: "aws".into(),
        account: account.into(),
        region: "global".into(),
        call: crate::stored::ASSUME.into(),
        permissions: vec!["sts:AssumeRole".into()],
        r#type: "aws".into(),
        resource: Some(role.into()),
        part: None,
        read: None,
        error: Some(ApiError {
            code: String::new(),
            message: e.to_string(),
        }),
        exchange: None,
    };
    let target = Target {
        account: account.into(),
        name: None,
        // It was to be read where the first is: nothing better is known.
        caller: Caller {
            via: vec![role.into()],
            ..Caller::default()
        },
        ..home.clone()
    };
    Account::Missed(Box::new((gap, target)))
}

/// Ids of the organisation's active accounts.
async fn organisation(first: &Session) -> Result<Vec<String>> {
    let mut ids = Vec::new();
    let mut cursor = None;
    loop {
        let request = Request {
            service: "organizations".into(),
            operation: "ListAccounts".into(),
            region: first.home_region().to_owned(),
            cursor,
            ..Request::default()
        };
        let page = first.page(request).await.map_err(|f| {
            let words = f.error.map_or_else(String::new, |e| format!("{}: {}", e.code, e.message));
            Failed::new(
                Exit::SignIn,
                format!("the organisation's accounts could not be listed (organizations:ListAccounts): {words}"),
            )
        })?;
        ids.extend(active(&page.value).map_err(unclear)?);
        cursor = page.next;
        if cursor.is_none() {
            // The one who asks is always among them.
            return match ids.iter().any(|id| id == first.account()) {
                true => Ok(ids),
                false => Err(unclear("the list does not name the account that asked")),
            };
        }
    }
}

fn unclear(why: &str) -> Failed {
    let call = "organizations:ListAccounts";
    Failed::new(
        Exit::SignIn,
        format!("the organisation's accounts could not be listed ({call}): {why}"),
    )
}

/// Ids of the accounts of a page that are not said to be out of use.
fn active(page: &Value) -> std::result::Result<Vec<String>, &'static str> {
    let mut ids = Vec::new();
    for a in page["Accounts"].as_array().into_iter().flatten() {
        let Some(id) = a["Id"].as_str() else {
            return Err("an account in the answer has no id");
        };
        // `State` took the place of `Status`. Where neither is there, the account
        // is tried: it must not get lost.
        let state = a["State"].as_str().or(a["Status"].as_str());
        if state.is_none_or(|s| s == "ACTIVE") {
            ids.push(id.to_owned());
        }
    }
    Ok(ids)
}

/// Targets as the run names them.
pub fn named(reached: &Reached) -> Vec<Target> {
    let demo = reached.sandbox.is_some();
    reached
        .accounts
        .iter()
        .map(|a| steady(a.target(), demo))
        .collect()
}

/// The endpoint of a demonstration has a port by chance; runs name it the same.
fn steady(mut target: Target, is_demo: bool) -> Target {
    if is_demo {
        target.endpoint = Some(demo::ENDPOINT.into());
    }
    target
}

#[cfg(test)]
mod tests {
    use super::active;
    use serde_json::json;

    #[test]
    fn no_account_gets_lost() {
        let page = json!({"Accounts": [
            {"Id": "1", "Status": "ACTIVE", "State": "ACTIVE"},
            {"Id": "2", "Status": "SUSPENDED", "State": "CLOSED"},
            {"Id": "3"},
            {"Id": "4", "Status": "ACTIVE"},
        ]});
        let expected = ["1", "3", "4"].map(str::to_owned).to_vec();
        assert_eq!(active(&page), Ok(expected));
        assert!(active(&json!({"Accounts": [{"Status": "ACTIVE"}]})).is_err());
    }
}
