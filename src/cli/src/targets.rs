//! The accounts of a scan: signing in to each.

use crate::args::{Reach, ScanArgs};
use crate::demo;
use crate::exit::{Exit, Failed, Result};
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
        regions: Vec::new(),
        regions_left_out: Vec::new(),
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
        for a in page.value["Accounts"].as_array().into_iter().flatten() {
            // `State` took the place of `Status`; either says that it is in use.
            let state = a["State"].as_str().or(a["Status"].as_str());
            if let (Some(id), Some("ACTIVE")) = (a["Id"].as_str(), state) {
                ids.push(id.to_owned());
            }
        }
        cursor = page.next;
        if cursor.is_none() {
            return Ok(ids);
        }
    }
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
