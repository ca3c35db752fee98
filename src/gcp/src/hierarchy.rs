//! What is to be read: projects by name, or all below an organization or folder.

use crate::answer::{failed, words};
use crate::session::{Access, Session, page};
use crate::signin::SignInError;
use serde_json::{Map, Value, json};
use shoseki_collect::{Cloud as _, Failure, Page, Request, Trail};
use shoseki_model::{Caller, Cause, Gap, Target};
use std::collections::BTreeSet;

/// What a scan is to read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Wanted {
    /// The project that the environment or the credentials name.
    #[default]
    Configured,
    /// These projects, by id or number.
    Projects(Vec<String>),
    /// An organization with all folders and projects below it.
    Organization(String),
    /// A folder with all folders and projects below it.
    Folder(String),
}

/// A target of a scan.
pub enum Found {
    /// It can be asked.
    Reached(Box<Session>),
    /// It is known, and was not reached.
    Missed(Box<(Gap, Target)>),
}

/// The service that knows the hierarchy.
const SERVICE: &str = "cloudresourcemanager";

/// What listing the hierarchy needs.
pub(crate) const FOLDERS: &str = "resourcemanager.folders.list";
pub(crate) const PROJECTS: &str = "resourcemanager.projects.list";

/// Finds the targets. Each is asked for by name, and the lists of an organization
/// and its folders are read to the end; one that cannot be read is a gap, and what
/// is below it counts as not seen.
pub async fn targets(access: &Access, wanted: &Wanted) -> Result<Vec<Found>, SignInError> {
    let mut out = Vec::new();
    let (below_this, projects) = access.sought(wanted)?;
    match below_this {
        Some(name) => {
            let level = level_of(&name);
            out.extend(below(access, level, &name).await);
        }
        None => {
            for name in &projects {
                out.push(project(access, name).await);
            }
        }
    }
    if let Some(why) = access.shared.broken() {
        return Err(SignInError::Recorder(why.to_owned()));
    }
    none_reached(&out)?;
    Ok(once(out))
}

impl Access {
    /// What is wanted: the container below which everything is listed, or the
    /// projects by name.
    ///
    /// # Errors
    /// As [`targets`], for the same reasons.
    pub fn sought(&self, wanted: &Wanted) -> Result<(Option<String>, Vec<String>), SignInError> {
        Ok(match wanted {
            Wanted::Configured => {
                let project = self.project.clone().ok_or(SignInError::NoProject)?;
                (None, vec![project])
            }
            Wanted::Projects(names) => {
                let names: BTreeSet<&str> = names.iter().map(|n| named("projects", n)).collect();
                (None, names.into_iter().map(str::to_owned).collect())
            }
            Wanted::Organization(id) => (Some(number("organizations", id)?), Vec::new()),
            Wanted::Folder(id) => (Some(number("folders", id)?), Vec::new()),
        })
    }
}

/// A project that was named by id and by number is one target.
fn once(found: Vec<Found>) -> Vec<Found> {
    let mut seen = BTreeSet::new();
    let account = |f: &Found| match f {
        Found::Reached(s) => s.target.account.clone(),
        Found::Missed(m) => m.1.account.clone(),
    };
    found
        .into_iter()
        .filter(|f| seen.insert(account(f)))
        .collect()
}

/// Nothing at all that could be read is no scan.
fn none_reached(found: &[Found]) -> Result<(), SignInError> {
    let mut first = None;
    for f in found {
        match f {
            Found::Reached(_) => return Ok(()),
            Found::Missed(m) => first = first.or(Some(&m.0)),
        }
    }
    let Some(gap) = first else {
        return Err(SignInError::NoProject);
    };
    let told = gap.error.as_ref().map_or_else(String::new, |e| {
        let code = match e.code.as_str() {
            "" => String::new(),
            code => format!("{code}: "),
        };
        format!("{} {}: {code}{}", gap.call, gap.account, e.message)
    });
    Err(match gap.cause {
        Cause::Denied | Cause::Rejected => SignInError::Rejected(told),
        _ => SignInError::Unreachable(told),
    })
}

/// The name without the collection before it.
fn named<'n>(collection: &str, name: &'n str) -> &'n str {
    name.strip_prefix(collection)
        .and_then(|n| n.strip_prefix('/'))
        .unwrap_or(name)
}

/// `folders/123` of `123` or of itself.
fn number(collection: &str, id: &str) -> Result<String, SignInError> {
    let digits = named(collection, id);
    match !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit()) {
        true => Ok(format!("{collection}/{digits}")),
        false => Err(SignInError::BadTarget(format!(
            "{id} is no id of {collection}: it is a number, as `gcloud {collection} list` shows it"
        ))),
    }
}

/// A container and all below it.
async fn below(access: &Access, level: &str, name: &str) -> Vec<Found> {
    let mut out = vec![reached(access, level, name).await];
    let mut containers = vec![name.to_owned()];
    let mut known: BTreeSet<String> = containers.iter().cloned().collect();
    while let Some(container) = containers.pop() {
        let session = session(access, &container);
        match listed(&session, "folders.list", "folders", &container).await {
            Ok(folders) => {
                for f in folders.iter().filter(|f| in_use(f)) {
                    let Some(name) = f["name"].as_str() else {
                        continue;
                    };
                    if known.insert(name.to_owned()) {
                        out.push(reached(access, "folder", name).await);
                        containers.push(name.to_owned());
                    }
                }
            }
            Err(failure) => {
                // Neither the folders nor the projects in them are known.
                let folders = format!("{container}/folders");
                let call = ("folders.list", FOLDERS);
                out.push(unknown(access, "folder", &folders, call, failure.clone()));
                let projects = format!("{container}/folders/-/projects");
                out.push(unknown(access, "project", &projects, call, failure));
            }
        }
        match listed(&session, "projects.list", "projects", &container).await {
            Ok(projects) => {
                for p in projects.iter().filter(|p| in_use(p)) {
                    let Some(id) = p["projectId"].as_str() else {
                        continue;
                    };
                    out.push(reached(access, "project", id).await);
                }
            }
            Err(failure) => {
                let projects = format!("{container}/projects");
                let call = ("projects.list", PROJECTS);
                out.push(unknown(access, "project", &projects, call, failure));
            }
        }
    }
    out
}

/// Whether a folder or project is in use. Where the provider does not say, it is
/// tried: it must not get lost.
pub(crate) fn in_use(thing: &Value) -> bool {
    let gone = ["DELETE_REQUESTED", "DELETE_IN_PROGRESS"];
    thing["state"].as_str().is_none_or(|s| !gone.contains(&s))
}

/// A project by id or number; it goes by its id, and is asked for by that.
async fn project(access: &Access, name: &str) -> Found {
    match reached(access, "project", name).await {
        Found::Reached(s) if s.target.account != name => {
            reached(access, "project", &s.target.account).await
        }
        other => other,
    }
}

/// A target by its own name, asked whether it is there.
async fn reached(access: &Access, level: &str, name: &str) -> Found {
    let (operation, permission) = get_of(level);
    let path = match level {
        "project" => format!("projects/{name}"),
        _ => name.to_owned(),
    };
    let mut session = Session::new(
        access,
        target(&access.caller, level, name, access.shared.endpoint.clone()),
    );
    let params = json!({ "name": path });
    let request = request(operation, &params);
    match session.ask(&request).await {
        Err(failure) => missed(&session.target, (operation, permission), failure),
        Ok(mut asked) => {
            if let Ok(reading) = &asked.outcome {
                match told(level, &reading.value) {
                    Ok((account, label)) => {
                        // A project that was named by its number goes by its id.
                        session.target.account = account;
                        session.target.name = label;
                    }
                    Err(why) => asked.outcome = Err(odd(why, &asked.exchange.id)),
                }
            }
            asked.exchange.account.clone_from(&session.target.account);
            asked.exchange.id = shoseki_model::Exchange::id_of(
                "gcp",
                &asked.exchange.account,
                &asked.exchange.region,
                &asked.exchange.call,
                &asked.exchange.params,
            );
            if let Err(failure) = session.keep(&asked) {
                return missed(&session.target, (operation, permission), failure);
            }
            match asked.outcome {
                Ok(reading) => {
                    session.first = Some((request, page(reading, asked.exchange.id)));
                    Found::Reached(Box::new(session))
                }
                Err(failure) => missed(&session.target, (operation, permission), failure),
            }
        }
    }
}

/// An answer that is sound, and does not show that the target is there.
pub(crate) fn odd(why: &str, exchange: &str) -> Failure {
    Failure {
        exchange: Some(exchange.to_owned()),
        ..failed(Cause::Malformed, why.to_owned())
    }
}

/// The call that shows that a target is there, and its permission.
pub(crate) fn get_of(level: &str) -> (&'static str, &'static str) {
    match level {
        "organization" => ("organizations.get", "resourcemanager.organizations.get"),
        "folder" => ("folders.get", "resourcemanager.folders.get"),
        _ => ("projects.get", "resourcemanager.projects.get"),
    }
}

/// Account and label of a target out of the answer about it.
pub(crate) fn told(level: &str, answer: &Value) -> Result<(String, Option<String>), &'static str> {
    let account = match level {
        "project" => &answer["projectId"],
        _ => &answer["name"],
    };
    let account = account
        .as_str()
        .ok_or("the answer does not name the target")?;
    if level == "project" && !in_use(answer) {
        return Err("the project is being deleted");
    }
    let label = answer["displayName"].as_str().map(str::to_owned);
    Ok((account.to_owned(), label))
}

/// A caller for the lists of a container.
fn session(access: &Access, container: &str) -> Session {
    let endpoint = access.shared.endpoint.clone();
    let target = target(&access.caller, level_of(container), container, endpoint);
    Session::new(access, target)
}

/// Which kind of container a name is of.
pub(crate) fn level_of(container: &str) -> &'static str {
    match container.starts_with("folders/") {
        true => "folder",
        false => "organization",
    }
}

fn target(caller: &Caller, level: &str, account: &str, endpoint: Option<String>) -> Target {
    Target {
        cloud: "gcp".to_owned(),
        account: account.to_owned(),
        level: level.to_owned(),
        name: None,
        partition: String::new(),
        regions: vec![crate::HOME.to_owned()],
        regions_left_out: Vec::new(),
        caller: caller.clone(),
        endpoint,
    }
}

/// The request of a call to the hierarchy.
pub(crate) fn request(operation: &str, params: &Value) -> Request {
    Request {
        service: SERVICE.to_owned(),
        operation: operation.to_owned(),
        region: crate::HOME.to_owned(),
        params: params.as_object().cloned().unwrap_or_default(),
        ..Request::default()
    }
}

/// All entries of a list, read to the end.
async fn listed(
    session: &Session,
    operation: &str,
    member: &str,
    parent: &str,
) -> Result<Vec<Value>, Failure> {
    let mut request = request(operation, &json!({ "parent": parent }));
    let mut out = Vec::new();
    let mut trail = Trail::default();
    loop {
        let page = session.page(request.clone()).await?;
        out.extend(entries(&page, member)?);
        if !request.follow(&mut trail, page.next, &page.exchange)? {
            return Ok(out);
        }
    }
}

/// The entries of a page; one that names nothing makes the list unusable.
pub(crate) fn entries(page: &Page, member: &str) -> Result<Vec<Value>, Failure> {
    let id = match member {
        "projects" => "projectId",
        _ => "name",
    };
    let failed = |cause, why| Failure {
        exchange: Some(page.exchange.clone()),
        ..failed(cause, why)
    };
    let list = match &page.value[member] {
        Value::Null => return Ok(Vec::new()),
        Value::Array(l) => l,
        _ => return Err(failed(Cause::Malformed, format!("{member} is no list"))),
    };
    if let Some(hole) = page.holes.first() {
        return Err(failed(Cause::Truncated, hole.message.clone()));
    }
    match list.iter().all(|e| e[id].is_string()) {
        true => Ok(list.clone()),
        false => Err(failed(
            Cause::Malformed,
            format!("an entry of {member} has no {id}"),
        )),
    }
}

fn missed(target: &Target, call: (&str, &str), failure: Failure) -> Found {
    let gap = unreached(&target.account, call, failure);
    Found::Missed(Box::new((gap, target.clone())))
}

/// The gap that a target was not reached, or that targets could not be listed.
pub(crate) fn unreached(
    account: &str,
    (operation, permission): (&str, &str),
    failure: Failure,
) -> Gap {
    let call = format!("{SERVICE}:{operation}");
    let call = (call.as_str(), permission);
    let (cause, error) = (failure.cause, failure.error);
    Gap {
        exchange: failure.exchange,
        ..Gap::unreached("gcp", account, call, account, cause, error)
    }
}

/// Targets of which it is not even known how many there are.
fn unknown(
    access: &Access,
    level: &str,
    account: &str,
    call: (&str, &str),
    failure: Failure,
) -> Found {
    let endpoint = access.shared.endpoint.clone();
    tracing::warn!("{account} cannot be listed: {}", words(&failure));
    missed(
        &target(&access.caller, level, account, endpoint),
        call,
        failure,
    )
}

/// A session for calls by hand: bound to the project that is at hand, if any.
pub fn by_hand(access: &Access) -> Session {
    let account = access.project.clone().unwrap_or_default();
    let endpoint = access.shared.endpoint.clone();
    Session::new(
        access,
        target(&access.caller, "project", &account, endpoint),
    )
}

/// Parameters, for tests and for reading stored answers.
pub(crate) fn params(pairs: &[(&str, &str)]) -> Map<String, Value> {
    pairs
        .iter()
        .map(|(k, v)| ((*k).to_owned(), Value::from(*v)))
        .collect()
}
