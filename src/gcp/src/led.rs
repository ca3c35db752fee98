//! The targets that stored lists of projects and folders lead to.

use crate::hierarchy::{
    FOLDERS, PROJECTS, entries, get_of, in_use, level_of, odd, params, request, told, unreached,
};
use serde_json::Value;
use shoseki_collect::{Failure, Find, Led, Reached, Request, Trail};
use shoseki_model::{Sought, Target};

/// A list below a container: the call, what it lists, the permission, and the
/// targets that stand for what it does not tell.
struct List {
    operation: &'static str,
    member: &'static str,
    permission: &'static str,
    hidden: &'static [(&'static str, &'static str)],
}

static LISTS: [List; 2] = [
    List {
        operation: "folders.list",
        member: "folders",
        permission: FOLDERS,
        hidden: &[("/folders", "folder"), ("/folders/-/projects", "project")],
    },
    List {
        operation: "projects.list",
        member: "projects",
        permission: PROJECTS,
        hidden: &[("/projects", "project")],
    },
];

/// The request that shows that a target is there.
pub(crate) fn get(target: &Target) -> Request {
    get_named(target, &target.account)
}

fn get_named(target: &Target, name: &str) -> Request {
    let (operation, _) = get_of(&target.level);
    let name = match target.level.as_str() {
        "project" => format!("projects/{name}"),
        _ => name.to_owned(),
    };
    request(operation, &Value::Object(params(&[("name", &name)])))
}

/// A target of the run with another name.
fn like(targets: &[&Target], account: &str, level: &str) -> Result<Target, String> {
    let any = targets.first().ok_or("the run has no target")?;
    Ok(Target {
        account: account.to_owned(),
        level: level.to_owned(),
        ..(*any).clone()
    })
}

/// All entries of a stored list; `None`: it is not stored.
fn listed(container: &Target, list: &List, find: Find<'_>) -> Option<Result<Vec<Value>, Failure>> {
    let parent = params(&[("parent", &container.account)]);
    let mut asked = request(list.operation, &Value::Object(parent));
    let mut out = Vec::new();
    let mut trail = Trail::default();
    loop {
        let found = find(container, &asked)?;
        let more = found.and_then(|page| {
            out.extend(entries(&page, list.member)?);
            asked.follow(&mut trail, page.next, &page.exchange)
        });
        match more {
            Err(f) => return Some(Err(f)),
            Ok(false) => return Some(Ok(out)),
            Ok(true) => {}
        }
    }
}

/// Account and level of every target that was to be read.
pub(crate) fn led(sought: &Sought, targets: &[&Target], find: Find<'_>) -> Result<Led, String> {
    let mut out = Led::new();
    let Some(top) = &sought.below else {
        for name in &sought.named {
            out.insert(named(name, targets, find), "project".to_owned());
        }
        return Ok(out);
    };
    out.insert(top.clone(), level_of(top).to_owned());
    let mut containers = vec![top.clone()];
    while let Some(name) = containers.pop() {
        let container = like(targets, &name, level_of(&name))?;
        for list in &LISTS {
            let Some(found) = listed(&container, list, find) else {
                let is_there = |t: &&Target| t.account == format!("{name}{}", list.hidden[0].0);
                if targets.iter().any(is_there) {
                    hide(&name, list, &mut out);
                    continue;
                }
                return Err(format!(
                    "the list of {} in {name} is not stored",
                    list.member
                ));
            };
            let Ok(found) = found else {
                hide(&name, list, &mut out);
                continue;
            };
            for entry in found.iter().filter(|e| in_use(e)) {
                if let ("projects", Some(id)) = (list.member, entry["projectId"].as_str()) {
                    out.insert(id.to_owned(), "project".to_owned());
                } else if let Some(folder) = entry["name"].as_str()
                    && out.insert(folder.to_owned(), "folder".to_owned()).is_none()
                {
                    containers.push(folder.to_owned());
                }
            }
        }
    }
    Ok(out)
}

/// What stands for that which a list does not tell.
fn hide(container: &str, list: &List, out: &mut Led) {
    for (below, level) in list.hidden {
        out.insert(format!("{container}{below}"), (*level).to_owned());
    }
}

/// The account of a project that was named: by its number it goes by its id, which
/// the answer tells.
fn named(name: &str, targets: &[&Target], find: Find<'_>) -> String {
    let is = |t: &&&Target| {
        let answer = find(t, &get_named(t, name));
        let told = answer
            .and_then(Result::ok)
            .map(|p| told(&t.level, &p.value));
        t.level == "project" && matches!(told, Some(Ok((account, _))) if account == t.account)
    };
    let found = targets.iter().find(is);
    found.map_or_else(|| name.to_owned(), |t| t.account.clone())
}

/// Whether a target was reached.
pub(crate) fn reached(target: &Target, sought: &Sought, find: Find<'_>) -> Reached {
    if let Some(hidden) = hidden(target, find) {
        return hidden;
    }
    let call = get_of(&target.level);
    let no = |f: Failure| Reached::No(Box::new(unreached(&target.account, call, f)));
    let names = [&target.account].into_iter().chain(&sought.named);
    for name in names {
        match find(target, &get_named(target, name)) {
            None => {}
            Some(Err(f)) => return no(f),
            Some(Ok(page)) => {
                return match told(&target.level, &page.value) {
                    Ok(_) => Reached::Yes,
                    Err(why) => no(odd(why, &page.exchange)),
                };
            }
        }
    }
    Reached::Unknown
}

/// A target that stands for what could not be listed.
fn hidden(target: &Target, find: Find<'_>) -> Option<Reached> {
    let account = target.account.as_str();
    let of = |list: &'static List| {
        let mut below = list.hidden.iter().rev().map(|(below, _)| *below);
        let name = below.find_map(|b| account.strip_suffix(b))?;
        let container = name.split('/').count() == 2;
        container.then(|| (list, name.to_owned()))
    };
    let (list, name) = LISTS.iter().find_map(of)?;
    let container = Target {
        level: level_of(&name).to_owned(),
        account: name,
        ..target.clone()
    };
    Some(match listed(&container, list, find) {
        None => Reached::Unknown,
        Some(Ok(_)) => Reached::Yes,
        Some(Err(f)) => {
            let call = (list.operation, list.permission);
            Reached::No(Box::new(unreached(account, call, f)))
        }
    })
}
