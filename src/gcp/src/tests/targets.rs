//! Which targets are found below an organization, and which are missed.

use super::{Memory, access, options, request, start};
use crate::hierarchy::{Found, Wanted, targets};
use crate::signin::{SignInError, sign_in};
use crate::{Reader, Session};
use serde_json::{Value, json};
use shoseki_caller::loopback::{Got, Reply};
use shoseki_collect::{Cloud as _, Failure, Page, Place, Reader as _, Request};
use shoseki_model::{Cause, Gap, Target};
use std::sync::Arc;

/// An organization with a folder in a folder, four projects (one being deleted),
/// in pages of one.
fn answer(got: &Got) -> Reply {
    let path = got
        .target
        .strip_prefix("/cloudresourcemanager.googleapis.com/v3/")
        .unwrap();
    let (path, query) = path.split_once('?').unwrap_or((path, ""));
    let parent = query
        .split('&')
        .find_map(|q| q.strip_prefix("parent="))
        .unwrap_or_default();
    let page: usize = query
        .split('&')
        .find_map(|q| q.strip_prefix("pageToken=")?.parse().ok())
        .unwrap_or(0);
    let (member, all) = match (path, parent) {
        ("folders", "organizations%2F1") => (
            "folders",
            vec![folder("2", "ACTIVE"), folder("9", "DELETE_REQUESTED")],
        ),
        ("folders", "folders%2F2") => ("folders", vec![folder("3", "ACTIVE")]),
        ("folders", _) => ("folders", vec![]),
        ("projects", "organizations%2F1") => ("projects", vec![project("top", "ACTIVE")]),
        ("projects", "folders%2F2") => (
            "projects",
            vec![project("a", "ACTIVE"), project("gone", "DELETE_REQUESTED")],
        ),
        ("projects", _) => ("projects", vec![project("b", "ACTIVE")]),
        ("organizations/1", _) => {
            return ok(
                &json!({"name": "organizations/1", "displayName": "example.com", "state": "ACTIVE"}),
            );
        }
        (path, _) => {
            return ok(&match path.split_once('/').unwrap() {
                ("folders", id) => folder(id, "ACTIVE"),
                // Also by number.
                (_, "77") => project("a", "ACTIVE"),
                (_, id) => project(id, "ACTIVE"),
            });
        }
    };
    let mut body = json!({member: all.get(page).into_iter().collect::<Vec<_>>()});
    if page + 1 < all.len() {
        body["nextPageToken"] = (page + 1).to_string().into();
    }
    ok(&body)
}

fn ok(body: &Value) -> Reply {
    Reply::ok(&body.to_string())
}

fn folder(id: &str, state: &str) -> Value {
    json!({"name": format!("folders/{id}"), "displayName": format!("F{id}"), "state": state})
}

fn project(id: &str, state: &str) -> Value {
    json!({"name": "projects/5", "projectId": id, "displayName": id.to_uppercase(), "state": state})
}

/// Level and account of those reached, and those missed.
type Split = (Vec<(String, String)>, Vec<(Gap, Target)>);

fn split(found: Vec<Found>) -> Split {
    let (mut reached, mut missed) = (Vec::new(), Vec::new());
    for f in found {
        match f {
            Found::Reached(s) => reached.push((s.target.level.clone(), s.target.account.clone())),
            Found::Missed(m) => missed.push(*m),
        }
    }
    reached.sort();
    (reached, missed)
}

fn deny(got: &Got, what: &str) -> Option<Reply> {
    let denied = json!({"error": {"code": 403, "status": "PERMISSION_DENIED", "message": "no"}});
    got.target
        .contains(what)
        .then(|| Reply::status(403, &denied.to_string()))
}

fn pairs(list: &[(&str, &str)]) -> Vec<(String, String)> {
    list.iter()
        .map(|(a, b)| ((*a).to_owned(), (*b).to_owned()))
        .collect()
}

#[tokio::test]
async fn all_below_an_organization_is_found() {
    let server = start(|got, _| answer(got)).await;
    let (access, memory) = access(&server).await;
    let found = targets(&access, &Wanted::Organization("1".to_owned()))
        .await
        .unwrap();
    let (reached, missed) = split(found);
    assert!(missed.is_empty());
    assert_eq!(
        reached,
        pairs(&[
            ("folder", "folders/2"),
            ("folder", "folders/3"),
            ("organization", "organizations/1"),
            ("project", "a"),
            ("project", "b"),
            ("project", "top"),
        ])
    );
    // Each exchange belongs to the target that was asked.
    for (exchange, _) in memory.0.lock().unwrap().iter() {
        let account = &exchange.account;
        assert!(reached.iter().any(|(_, a)| a == account), "{account}");
        assert!(Reader.sign_in().contains(&exchange.call.as_str()));
    }
}

#[tokio::test]
async fn what_cannot_be_listed_is_missed_by_name() {
    for (what, accounts) in [
        (
            "folders?parent=folders%2F2",
            vec![
                ("folder", "folders/2/folders"),
                ("project", "folders/2/folders/-/projects"),
            ],
        ),
        (
            "projects?parent=folders%2F2",
            vec![("project", "folders/2/projects")],
        ),
        ("projects/b", vec![("project", "b")]),
        ("folders/3", vec![("folder", "folders/3")]),
        (
            "v3/organizations/1",
            vec![("organization", "organizations/1")],
        ),
    ] {
        let server = start(move |got, _| deny(got, what).unwrap_or_else(|| answer(got))).await;
        let (access, _) = access(&server).await;
        let found = targets(&access, &Wanted::Organization("organizations/1".to_owned()))
            .await
            .unwrap();
        let (_, missed) = split(found);
        let got: Vec<_> = missed
            .iter()
            .map(|(_, t)| (t.level.as_str(), t.account.as_str()))
            .collect();
        assert_eq!(got, accounts, "{what}");
        for (gap, target) in &missed {
            assert_eq!(gap.cause, Cause::Denied);
            assert!(gap.is_unreached() && gap.account == target.account);
            assert!(
                gap.permissions[0].starts_with("resourcemanager."),
                "{gap:?}"
            );
        }
    }
}

#[tokio::test]
async fn a_list_that_breaks_off_or_repeats_itself_is_missed() {
    for body in [
        r#"{"projects":[{"displayName":"no id"}]}"#,
        r#"{"projects":"#,
        r#"{"projects":[],"nextPageToken":"same"}"#,
    ] {
        let server = start(move |got, _| {
            match got.target.contains("projects?parent=organizations")
                || got.target.contains("projects?pageToken=same")
            {
                true => Reply::ok(body),
                false => answer(got),
            }
        })
        .await;
        let (access, _) = access(&server).await;
        let found = targets(&access, &Wanted::Organization("1".to_owned()))
            .await
            .unwrap();
        let (_, missed) = split(found);
        assert_eq!(missed[0].1.account, "organizations/1/projects", "{body}");
        assert_ne!(missed[0].0.cause, Cause::Denied);
    }
}

#[tokio::test]
async fn projects_are_named_by_id_or_number_and_read_once() {
    let server = start(|got, _| answer(got)).await;
    let (access, _) = access(&server).await;
    let names = ["projects/a", "77", "b"].map(str::to_owned).to_vec();
    let (reached, missed) = split(targets(&access, &Wanted::Projects(names)).await.unwrap());
    assert_eq!(reached, pairs(&[("project", "a"), ("project", "b")]));
    assert!(missed.is_empty());
}

#[tokio::test]
async fn nothing_reached_is_no_scan() {
    let server = start(|got, _| deny(got, "/").unwrap()).await;
    let (access, _) = access(&server).await;
    let named = Wanted::Projects(vec!["a".to_owned()]);
    assert!(matches!(
        targets(&access, &named).await,
        Err(SignInError::Rejected(_))
    ));
    let odd = Wanted::Organization("example.com".to_owned());
    assert!(matches!(
        targets(&access, &odd).await,
        Err(SignInError::BadTarget(_))
    ));
    let none = sign_in(options(&server), Arc::new(Memory::default()))
        .await
        .unwrap();
    if none.project.is_none() {
        assert!(matches!(
            targets(&none, &Wanted::Configured).await,
            Err(SignInError::NoProject)
        ));
    }
}

#[tokio::test]
async fn a_target_that_the_run_says_otherwise_of_is_found_out() {
    let server = start(|got, _| answer(got)).await;
    let (access, _) = access(&server).await;
    let named = Wanted::Projects(vec!["a".to_owned()]);
    let found = targets(&access, &named).await.unwrap().pop();
    let Some(Found::Reached(session)) = found else {
        panic!("missed")
    };
    let get = request(
        "cloudresourcemanager:projects.get",
        &json!({"name": "projects/a"}),
    );
    let page = session.page(get).await.unwrap();
    let problems = |change: &dyn Fn(&mut Target)| examine(&session, &page, change);
    assert!(problems(&|_| {}).is_empty());
    assert!(!problems(&|t| t.name = Some("another".to_owned())).is_empty());
    assert!(!problems(&|t| t.regions = vec!["tokyo".to_owned()]).is_empty());
    assert!(!problems(&|t| t.account = "b".to_owned()).is_empty());
}

fn examine(session: &Session, page: &Page, change: &dyn Fn(&mut Target)) -> Vec<String> {
    let mut target = session.target().clone();
    change(&mut target);
    let at = Place {
        target: &target,
        home: crate::HOME,
        works_in: None,
    };
    let ask = |_: &Request| -> Result<Page, Failure> { Ok(page.clone()) };
    Reader.examine(at, &ask).problems
}
