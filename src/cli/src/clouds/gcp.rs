//! Google Cloud: projects, folders and organizations, calls by hand, and the
//! custom role.

use crate::args::{CallArgs, GcpReach, Pages, ScanArgs, Sending};
use crate::clouds::{Account, Called, Forget, Found as Reached, Permissions};
use crate::demo;
use crate::exit::{Exit, Failed, Result};
use serde_json::{Value, json};
use shoseki_collect::{Plan, Recorder, Request};
use shoseki_gcp::{Found, Limits, SignIn, SignInError, Token, Wanted, Where, place, sign_in};
use shoseki_model::Sought;
use std::sync::Arc;
use std::time::Duration;

/// How to sign in, from the command line.
fn options(reach: &GcpReach, sending: &Sending, endpoint: Option<String>) -> SignIn {
    SignIn {
        credentials: reach.credentials.clone(),
        impersonate: reach.impersonate.clone(),
        quota_project: reach.quota_project.clone(),
        endpoint,
        limits: Limits {
            attempts: sending.max_attempts,
            attempt: Duration::from_secs(sending.attempt_timeout),
            operation: Duration::from_secs(sending.operation_timeout),
            ..Limits::default()
        },
        token: None,
    }
}

/// A sign-in error with its exit code.
fn failed(e: &SignInError) -> Failed {
    let exit = match e {
        SignInError::NoProject | SignInError::BadTarget(_) => Exit::Usage,
        SignInError::Recorder(_) => Exit::Bug,
        _ => Exit::SignIn,
    };
    Failed::new(exit, e.to_string())
}

/// What the command line wants read.
fn wanted(args: &ScanArgs) -> Wanted {
    let scope = &args.gcp_scope;
    match (&scope.organization, &scope.folder) {
        (Some(id), _) => Wanted::Organization(id.clone()),
        (_, Some(id)) => Wanted::Folder(id.clone()),
        _ if scope.projects.is_empty() => Wanted::Configured,
        _ => Wanted::Projects(scope.projects.clone()),
    }
}

/// Signs in and finds every target of the scan. One of them must be reached; any
/// other that cannot be is a gap.
pub async fn reach(
    args: &ScanArgs,
    endpoint: Option<String>,
    keep: &Arc<dyn Recorder>,
) -> Result<Reached> {
    let mut how = options(&args.gcp, &args.sending, endpoint);
    let mut wanted = wanted(args);
    if args.demo {
        how.token = Some(Token(demo::GOOGLE_TOKEN.to_owned()));
        wanted = Wanted::Organization(demo::ORGANIZATION.to_owned());
    }
    let access = sign_in(how, keep.clone()).await.map_err(|e| failed(&e))?;
    let found = shoseki_gcp::targets(&access, &wanted).await;
    let found = found.map_err(|e| failed(&e))?;
    let accounts = found
        .into_iter()
        .map(|f| match f {
            Found::Missed(missed) => Account::Missed(missed),
            Found::Reached(session) => Account::Reached {
                target: Box::new(session.target().clone()),
                gaps: Vec::new(),
                cloud: Arc::new(*session),
            },
        })
        .collect();
    let (below, named) = access.sought(&wanted).map_err(|e| failed(&e))?;
    let sought = Sought {
        cloud: "gcp".to_owned(),
        below,
        named,
        ..Sought::default()
    };
    Ok((accounts, sought))
}

/// Makes one call by hand.
pub async fn call(
    args: &CallArgs,
    endpoint: Option<String>,
    mut request: Request,
) -> Result<Called> {
    let how = options(&args.gcp, &args.sending, endpoint);
    let access = sign_in(how, Arc::new(Forget)).await;
    let session = shoseki_gcp::by_hand(&access.map_err(|e| failed(&e))?);
    "global".clone_into(&mut request.region);
    let called = shoseki_gcp::call(&session, request, args.pages == Pages::All).await;
    Ok(Called {
        outcome: called.outcome,
        exchanges: called.exchanges,
    })
}

/// What the plan needs, and what finding the targets asks, as custom roles.
pub fn permissions(plan: &Plan) -> Permissions {
    let mut all = plan.permissions.clone();
    all.extend(shoseki_gcp::OWN.iter().map(|p| (*p).to_owned()));
    all.sort();
    all.dedup();
    let only = |w: Where| -> Vec<&String> { all.iter().filter(|p| place(p) == w).collect() };
    let elsewhere = only(Where::Elsewhere);
    let grantable: Vec<&String> = all.iter().filter(|p| !elsewhere.contains(p)).collect();
    let mut notes = vec![format!(
        "left out, for only an organization's role can hold them (--split prints that role): {}",
        joined(&only(Where::Organization))
    )];
    if !elsewhere.is_empty() {
        notes.push(format!(
            "granted in the Admin console, not in a role of IAM: {}",
            joined(&elsewhere)
        ));
    }
    Permissions {
        document: Value::String(yaml(&only(Where::Project))),
        split: vec![
            role("a project", &only(Where::Project)),
            role("an organization", &grantable),
        ],
        note: Some(notes.join("\nshoseki: ")),
        granted: vec![grantable.into_iter().cloned().collect()],
        elsewhere: elsewhere.into_iter().cloned().collect(),
        lines: all,
    }
}

fn joined(permissions: &[&String]) -> String {
    let words: Vec<&str> = permissions.iter().map(|p| p.as_str()).collect();
    words.join(", ")
}

/// What the roles are called.
const TITLE: &str = "shoseki reader";

/// A custom role as `gcloud iam roles create --file` takes it:
/// <https://cloud.google.com/iam/docs/creating-custom-roles>.
fn role(of: &str, permissions: &[&String]) -> Value {
    json!({
        "title": TITLE,
        "description": format!("What shoseki reads, for {of}"),
        "stage": "GA",
        "includedPermissions": permissions,
    })
}

/// The role of a project as YAML.
fn yaml(permissions: &[&String]) -> String {
    let lines: String = permissions.iter().map(|p| format!("- {p}\n")).collect();
    format!(
        "title: {TITLE}\ndescription: What shoseki reads, for a project\nstage: GA\nincludedPermissions:\n{lines}"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_role_of_a_project_holds_what_a_project_can_grant() {
        let plan = Plan {
            permissions: vec![
                "cloudidentity.policies.list".to_owned(),
                "resourcemanager.organizations.getIamPolicy".to_owned(),
                "storage.buckets.list".to_owned(),
            ],
            ..Plan::default()
        };
        let p = permissions(&plan);
        let expected = "title: shoseki reader\ndescription: What shoseki reads, for a project\n\
                        stage: GA\nincludedPermissions:\n- resourcemanager.projects.get\n- storage.buckets.list\n";
        assert_eq!(p.document, expected);
        let note = p.note.unwrap_or_default();
        assert!(
            note.contains("resourcemanager.organizations.getIamPolicy"),
            "{note}"
        );
        assert!(note.contains("cloudidentity.policies.list"), "{note}");
        let org = p.split[1]["includedPermissions"].to_string();
        assert!(org.contains("resourcemanager.projects.list"), "{org}");
        assert!(!org.contains("cloudidentity"), "{org}");
    }
}
