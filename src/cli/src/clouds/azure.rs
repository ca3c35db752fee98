//! Azure: the tenant and its subscriptions, calls by hand, and the role that an
//! auditor needs.

use crate::args::{AzureReach, CallArgs, Pages, ScanArgs, Sending};
use crate::clouds::{Account, Called, Forget, Found, Permissions};
use crate::demo;
use crate::exit::{Exit, Failed, Result};
use serde_json::{Map, Value, json};
use shoseki_azure::{
    AzureCloud, GROUP_PERMISSION, Limits, SIGN_IN_PERMISSIONS, Session, SignIn, SignInError,
    Subscriptions, Way, is_data_action, sign_in,
};
use shoseki_collect::{Plan, Recorder, Request};
use shoseki_model::Sought;
use std::sync::Arc;
use std::time::Duration;

/// How to sign in, from the command line.
fn options(reach: &AzureReach, sending: &Sending, endpoint: Option<String>) -> SignIn {
    let way = reach.azure_sign_in.as_deref();
    SignIn {
        tenant: reach.tenant.clone(),
        cloud: AzureCloud::named(&reach.azure_cloud).unwrap_or_default(),
        way: way.and_then(|n| Way::ALL.into_iter().find(|w| w.name() == n)),
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
        SignInError::Usage(_) => Exit::Usage,
        SignInError::Recorder(_) => Exit::Bug,
        _ => Exit::SignIn,
    };
    Failed::new(exit, e.to_string())
}

/// Signs in to the tenant and to its subscriptions. The tenant must be reached; a
/// subscription that cannot be is a gap.
pub async fn reach(
    args: &ScanArgs,
    endpoint: Option<String>,
    keep: &Arc<dyn Recorder>,
) -> Result<Found> {
    let mut how = options(&args.azure, &args.sending, endpoint);
    let chosen = match args.azure_scope.subscriptions.as_slice() {
        [all] if all == "all" => &[],
        ids => ids,
    };
    how.subscriptions = match chosen {
        [] => Subscriptions::All,
        ids => Subscriptions::Chosen(ids.to_vec()),
    };
    let group = args.azure_scope.management_group.as_ref();
    how.management_group = args.azure_scope.management_group.clone();
    if args.demo {
        how.token = Some(demo::AZURE_TOKEN.to_owned());
    }
    let signed_in = sign_in(how, keep.clone()).await.map_err(|e| failed(&e))?;
    let tenant = signed_in.sessions.first();
    let tenant = tenant.map_or_else(String::new, |s| s.target().account.clone());
    let sought = Sought {
        cloud: "azure".to_owned(),
        below: match group {
            Some(group) => Some(format!("managementGroups/{group}")),
            None => chosen.is_empty().then(|| tenant.clone()),
        },
        from: tenant,
        named: chosen.to_vec(),
        regions: Vec::new(),
    };
    let mut accounts: Vec<Account> = signed_in.sessions.into_iter().map(reached).collect();
    if accounts.len() + signed_in.missed.len() < 2 {
        return Err(Failed::new(
            Exit::SignIn,
            "no subscription can be seen: give the identity the role Reader on a subscription or \
             management group, and look at --subscriptions and --management-group",
        ));
    }
    let missed = signed_in.missed.into_iter();
    accounts.extend(missed.map(|m| Account::Missed(Box::new(m))));
    Ok((accounts, sought))
}

fn reached(session: Session) -> Account {
    Account::Reached {
        target: Box::new(session.target().clone()),
        gaps: Vec::new(),
        cloud: Arc::new(session),
    }
}

/// Service, operation and parameters of a call by hand. Placeholders may be filled
/// in already: then each piece stands for itself.
pub fn spelt(
    call: &str,
    params: Map<String, Value>,
) -> Result<(String, String, Map<String, Value>)> {
    let (service, operation) = match call.split_once(':') {
        Some((s, o)) if matches!(s, "arm" | "arg" | "graph" | "vault") => (s, o),
        _ => (shoseki_azure::service_of(call), call),
    };
    Ok((service.to_owned(), operation.to_owned(), params))
}

/// Makes one call by hand. `{subscription}` in the path is the one that is read.
pub async fn call(
    args: &CallArgs,
    endpoint: Option<String>,
    mut request: Request,
) -> Result<Called> {
    let mut how = options(&args.azure, &args.sending, endpoint);
    let named = request.params.get("subscriptionId").and_then(Value::as_str);
    let of_path = request.operation.split('/').collect::<Vec<_>>();
    let in_path = of_path
        .iter()
        .position(|p| p.eq_ignore_ascii_case("subscriptions"))
        .and_then(|i| of_path.get(i + 1))
        .map(|p| p.split('?').next().unwrap_or_default())
        .filter(|p| !p.is_empty());
    let wanted = named.or(in_path.filter(|p| !p.starts_with('{')));
    how.subscriptions = match (wanted, in_path.or((request.service == "arg").then_some(""))) {
        (Some(id), _) => Subscriptions::Chosen(vec![id.to_owned()]),
        // The only one there is.
        (None, Some(_)) => Subscriptions::All,
        (None, None) => Subscriptions::None,
    };
    let open = wanted.is_none() && how.subscriptions == Subscriptions::All;
    let signed_in = sign_in(how, Arc::new(Forget))
        .await
        .map_err(|e| failed(&e))?;
    let mut sessions = signed_in.sessions;
    if open && sessions.len() > 2 {
        return Err(Failed::usage(
            "there are several subscriptions: write the id of one into the path",
        ));
    }
    let Some(session) = sessions.pop() else {
        return Err(Failed::new(Exit::SignIn, "nothing was signed in to"));
    };
    let id = session.target().account.clone();
    for name in ["{subscription}", "{subscriptionId}"] {
        if open && request.operation.contains(name) {
            let fits = request.operation.contains("{subscriptionId}");
            match fits {
                true => {
                    let filled = request.params.entry("subscriptionId");
                    filled.or_insert_with(|| id.clone().into());
                }
                false => request.operation = request.operation.replace(name, &id),
            }
        }
    }
    request.region = "global".to_owned();
    let called = shoseki_azure::call(&session, request, args.pages == Pages::All).await;
    Ok(Called {
        outcome: called.outcome,
        exchanges: called.exchanges,
    })
}

/// Name and description of the custom role. Names are unique in the tenant, of at
/// most 512 characters:
/// <https://learn.microsoft.com/azure/role-based-access-control/custom-roles>.
pub const ROLE: (&str, &str) = (
    "Shoseki reader",
    "Reads the configuration that shoseki judges, and nothing more.",
);

/// The same of the role for data.
pub const DATA_ROLE: (&str, &str) = (
    "Shoseki certificate reader",
    "Lists the certificates of key vaults with their attributes, and nothing more.",
);

/// The one action that lets its holder see secrets.
const SEES_VALUES: &str = "Microsoft.Web/sites/config/list/action";

/// What the plan needs: the actions of a custom role, those to data, and the
/// application permissions of Microsoft Graph, which no role can give.
///
/// Data has a role of its own, because a custom role with data actions cannot be
/// assigned at a management group
/// (<https://learn.microsoft.com/azure/role-based-access-control/custom-roles#custom-role-limits>).
pub fn permissions(plan: &Plan) -> Permissions {
    let mut all = plan.permissions.clone();
    all.extend(SIGN_IN_PERMISSIONS.iter().map(|p| (*p).to_owned()));
    all.sort();
    all.dedup();
    // Actions of Resource Manager have a namespace before a slash.
    let (actions, graph): (Vec<String>, Vec<String>) =
        all.into_iter().partition(|p| p.contains('/'));
    let (data, actions): (Vec<String>, Vec<String>) =
        actions.into_iter().partition(|p| is_data_action(p));
    let role = |(name, about): (&str, &str), actions: &[String], data: &[String]| {
        json!({
            "Name": name,
            "IsCustom": true,
            "Description": about,
            "Actions": actions,
            "NotActions": [],
            "DataActions": data,
            "NotDataActions": [],
            "AssignableScopes": ["/providers/Microsoft.Management/managementGroups/<management group>"],
        })
    };
    let mut document = json!({
        "role": role(ROLE, &actions, &[]),
        "graphApplicationPermissions": graph,
    });
    let mut note = format!(
        "`role` is for `az role definition create`; `graphApplicationPermissions` are granted to the application \
         in Entra ID. --management-group needs {GROUP_PERMISSION} too. Resource Graph counts only with reading all (*/read)."
    );
    if !data.is_empty() {
        document["dataRole"] = role(DATA_ROLE, &[], &data);
        note.push_str(
            " `dataRole` lists the certificates of key vaults; it is assigned at each subscription, because a role \
             with data actions cannot be at a management group. A vault with access policies grants `list` of \
             certificates instead.",
        );
    }
    if actions.iter().any(|a| a == SEES_VALUES) {
        note.push_str(&format!(
            " {SEES_VALUES} lists an app's settings, and their values to whoever has it; shoseki keeps their names. \
             Take it out of the role, and these names are not seen."
        ));
    }
    let mut lines = actions.clone();
    lines.extend(data.iter().map(|d| format!("data action: {d}")));
    lines.extend(graph.iter().map(|g| format!("Microsoft Graph: {g}")));
    Permissions {
        split: vec![document.clone()],
        note: Some(note),
        lines,
        document,
        granted: vec![actions, data],
        elsewhere: graph,
    }
}
