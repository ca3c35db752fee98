//! AWS: accounts, calls by hand, and the least-privilege policy.

use crate::args::{AwsReach, CallArgs, Pages, ScanArgs, Sending};
use crate::clouds::{Account, Called, Forget, Found, Permissions};
use crate::demo;
use crate::exit::{Exit, Failed, Result};
use serde_json::{Value, json};
use shoseki_aws::{
    Keys, KmsKey, Limits, Member, ORGANISATION, Regions, Role, Session, SignIn, SignInError,
    Signer, SignerError, active_accounts, sign_in, sign_in_member,
};
use shoseki_collect::{Cloud, Failure, Plan, Recorder, Request, Trail};
use shoseki_model::{Caller, Gap, Sought, Target};
use std::sync::Arc;
use std::time::Duration;

/// How to sign in, from the command line.
fn options(
    reach: &AwsReach,
    sending: &Sending,
    endpoint: Option<String>,
    regions: Regions,
) -> SignIn {
    let last = reach.role_arn.len().saturating_sub(1);
    let role = |(i, arn): (usize, &String)| Role {
        arn: arn.clone(),
        external_id: reach.external_id.clone().filter(|_| i == last),
    };
    SignIn {
        profile: reach.profile.clone(),
        roles: reach.role_arn.iter().enumerate().map(role).collect(),
        regions,
        endpoint,
        limits: Limits {
            attempts: sending.max_attempts,
            attempt: Duration::from_secs(sending.attempt_timeout),
            operation: Duration::from_secs(sending.operation_timeout),
            ..Limits::default()
        },
        ..SignIn::default()
    }
}

/// A sign-in error with its exit code.
fn failed(e: &SignInError) -> Failed {
    let exit = match e {
        SignInError::UnknownRegion { .. } | SignInError::NoRegion => Exit::Usage,
        SignInError::Recorder(_) => Exit::Bug,
        _ => Exit::SignIn,
    };
    Failed::new(exit, e.to_string())
}

/// A failure to sign with its exit code.
pub fn not_signed(e: &SignerError) -> Failed {
    match e {
        SignerError::SignIn(e) => failed(e),
        SignerError::Denied { .. } => Failed::new(Exit::SignIn, e.to_string()),
        SignerError::Unusable { .. } => Failed::usage(e.to_string()),
        SignerError::Unreachable { .. } => Failed::new(Exit::Bug, e.to_string()),
    }
}

/// Opens a key in KMS.
pub async fn signer(
    reach: &AwsReach,
    sending: &Sending,
    endpoint: Option<String>,
    key: &KmsKey,
) -> Result<Signer> {
    let how = options(reach, sending, endpoint, Regions::Configured);
    Signer::open(how, key).await.map_err(|e| not_signed(&e))
}

/// Signs in to every account of the scan. The first must be reached; a member
/// account that cannot be is a gap.
pub async fn reach(
    args: &ScanArgs,
    endpoint: Option<String>,
    keep: &Arc<dyn Recorder>,
) -> Result<Found> {
    let scope = &args.aws_scope;
    let chosen = match scope.regions.as_slice() {
        [all] if all == "all" => &[],
        names => names,
    };
    let regions = match chosen {
        [] => Regions::All,
        names => Regions::Chosen(names.to_vec()),
    };
    let mut how = options(&args.aws, &args.sending, endpoint, regions);
    if args.demo {
        how.keys = Some(Keys {
            id: demo::MANAGEMENT.into(),
            secret: "sandbox".into(),
            token: None,
        });
    }
    let first = sign_in(how.clone(), keep.clone())
        .await
        .map_err(|e| failed(&e))?;
    let own = first.account().to_owned();
    let (below, members) = match (args.demo, scope.accounts.as_slice()) {
        (true, _) => {
            let all = [demo::MANAGEMENT].into_iter().chain(demo::MEMBERS);
            (None, all.map(str::to_owned).collect())
        }
        (false, [all]) if all == "all" => (Some(ORGANISATION), organisation(&first).await?),
        (false, named) => (None, named.to_vec()),
    };
    let sought = Sought {
        cloud: "aws".to_owned(),
        from: own.clone(),
        below: below.map(str::to_owned),
        named: match below {
            Some(_) => Vec::new(),
            None => members.clone(),
        },
        regions: chosen.to_vec(),
    };
    let role = scope.member_role.as_deref().unwrap_or(demo::ROLE);
    let partition = first.partition().to_owned();
    let home = first.target().clone();
    let wanted = members.is_empty() || members.contains(&own);
    let mut accounts = Vec::new();
    if wanted {
        accounts.push(reached(first));
    }
    for id in members.into_iter().filter(|m| *m != own) {
        let mut how = how.clone();
        let arn = format!("arn:{partition}:iam::{id}:role/{role}");
        how.roles.push(Role {
            arn: arn.clone(),
            external_id: args.aws.external_id.clone(),
        });
        let member = Member {
            account: id.clone(),
            caller: home.caller.id.clone(),
        };
        let signed_in = sign_in_member(how, &member, keep.clone()).await;
        accounts.push(match signed_in.map_err(|e| failed(&e))? {
            Ok(session) => reached(session),
            Err(gap) => missed(id, arn, &home, *gap),
        });
    }
    Ok((accounts, sought))
}

fn reached(session: Session) -> Account {
    Account::Reached {
        target: Box::new(session.target().clone()),
        gaps: session.gaps(),
        cloud: Arc::new(session),
    }
}

fn missed(account: String, role: String, home: &Target, gap: Gap) -> Account {
    let target = Target {
        account,
        name: None,
        // It was to be read where the first is: nothing better is known.
        caller: Caller {
            via: vec![role],
            ..Caller::default()
        },
        ..home.clone()
    };
    Account::Missed(Box::new((gap, target)))
}

/// Ids of the organisation's active accounts.
async fn organisation(first: &Session) -> Result<Vec<String>> {
    let mut ids = Vec::new();
    let mut request = Request {
        service: "organizations".into(),
        operation: "ListAccounts".into(),
        region: first.home_region().to_owned(),
        ..Request::default()
    };
    let unlisted = |f: Failure| {
        let words = f
            .error
            .map_or_else(String::new, |e| format!("{}: {}", e.code, e.message));
        Failed::new(
            Exit::SignIn,
            format!(
                "the organisation's accounts could not be listed (organizations:ListAccounts): {words}"
            ),
        )
    };
    let mut trail = Trail::default();
    loop {
        let page = first.page(request.clone()).await.map_err(unlisted)?;
        ids.extend(active_accounts(&page.value).map_err(unclear)?);
        if !request
            .follow(&mut trail, page.next, &page.exchange)
            .map_err(unlisted)?
        {
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

/// Makes one call by hand.
pub async fn call(
    args: &CallArgs,
    endpoint: Option<String>,
    mut request: Request,
) -> Result<Called> {
    let regions = match &args.region {
        Some(r) => Regions::Chosen(vec![r.clone()]),
        None => Regions::Configured,
    };
    let how = options(&args.aws, &args.sending, endpoint, regions);
    let session = sign_in(how, Arc::new(Forget))
        .await
        .map_err(|e| failed(&e))?;
    request.region = session.regions().first().cloned().unwrap_or_default();
    Ok(
        match shoseki_aws::call(&session, request, args.pages == Pages::All).await {
            Ok(called) => Called {
                outcome: Ok(called.value),
                exchanges: called.exchanges,
            },
            Err(not) => Called {
                outcome: Err(not.failure),
                exchanges: not.exchanges,
            },
        },
    )
}

/// What the plan needs, and what sign-in itself asks, as policy documents.
pub fn permissions(plan: &Plan, backfill: bool) -> Permissions {
    let mut actions = plan.permissions.clone();
    let own = shoseki_aws::SIGN_IN_PERMISSIONS.iter();
    actions.extend(own.map(|p| (*p).to_owned()));
    if backfill {
        actions.extend(shoseki_backfill::PERMISSIONS.map(str::to_owned));
    }
    actions.sort();
    actions.dedup();
    let document = policy(&actions);
    let size = length(&document);
    // The actions differ in length, so the first cut may leave one too large.
    let cut = |n: usize| actions.chunks(actions.len().div_ceil(n).max(1));
    let fits = |n: &usize| cut(*n).all(|p| length(&policy(p)) <= MANAGED_POLICY);
    let parts = (1..=actions.len()).find(fits).unwrap_or(1);
    Permissions {
        split: cut(parts).map(policy).collect(),
        granted: cut(parts).map(<[String]>::to_vec).collect(),
        elsewhere: Vec::new(),
        note: (size > MANAGED_POLICY).then(|| {
            format!("{size} characters; a managed policy holds {MANAGED_POLICY}: use --split and attach all of them")
        }),
        document,
        lines: actions,
    }
}

/// Characters that a managed policy may have, white space not counted:
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html>.
const MANAGED_POLICY: usize = 6144;

fn policy(actions: &[String]) -> Value {
    json!({
        "Version": "2012-10-17",
        "Statement": [{
            "Sid": "ShosekiRead",
            "Effect": "Allow",
            "Action": actions,
            "Resource": "*",
        }],
    })
}

fn length(policy: &Value) -> usize {
    policy
        .to_string()
        .chars()
        .filter(|c| !c.is_whitespace())
        .count()
}

#[cfg(test)]
mod tests {
    use super::length;
    use serde_json::json;

    #[test]
    fn the_length_counts_no_white_space() {
        assert_eq!(length(&json!({ "a": "b c" })), r#"{"a":"bc"}"#.len());
    }
}
