//! Stored answers read again, and what those of signing in say of a target.

use crate::answer::{allowed, understand, with_cursor};
use crate::hierarchy::told;
use crate::led;
use serde_json::{Map, Value};
use shoseki_collect::{
    Ask, Examined, Failure, Find, Led, Place, Reached, Reading, Request, StoredAnswer,
};
use shoseki_model::{Exchange, Sought, Target};

/// Reads stored answers of Google Cloud.
#[derive(Clone, Copy, Debug, Default)]
pub struct Reader;

/// What finding the targets asks.
const SIGN_IN: [&str; 5] = [
    "cloudresourcemanager:folders.get",
    "cloudresourcemanager:folders.list",
    "cloudresourcemanager:organizations.get",
    "cloudresourcemanager:projects.get",
    "cloudresourcemanager:projects.list",
];

impl shoseki_collect::Reader for Reader {
    fn cloud(&self) -> &'static str {
        "gcp"
    }

    fn sign_in(&self) -> &'static [&'static str] {
        &SIGN_IN
    }

    fn identifies(&self, call: &str) -> bool {
        call.ends_with(".get") && SIGN_IN.contains(&call)
    }

    fn home(&self, _: &Target) -> String {
        crate::HOME.to_owned()
    }

    fn asked(&self, request: &Request) -> Result<(String, Map<String, Value>), Failure> {
        let operation = allowed(request)?;
        let call = format!("{}:{}", request.service, operation.name);
        Ok((call, with_cursor(request)))
    }

    fn reread(
        &self,
        request: &Request,
        answer: &StoredAnswer<'_>,
        _: Place<'_>,
    ) -> Result<Reading, Failure> {
        let operation = allowed(request)?;
        understand(operation, request, answer.status, answer.body).meaning
    }

    fn examine(&self, at: Place<'_>, ask: Ask<'_>) -> Examined {
        let target = at.target;
        let problems = match identity(target, ask) {
            Ok(problems) => problems,
            Err(why) => vec![why.to_owned()],
        };
        Examined {
            problems,
            gaps: Vec::new(),
        }
    }

    fn lists(&self, x: &Exchange) -> Option<Sought> {
        let parent = x.params.get("parent")?.as_str()?;
        let first = x.call == SIGN_IN[1] && !x.params.contains_key("pageToken");
        first.then(|| Sought {
            cloud: "gcp".to_owned(),
            below: Some(parent.to_owned()),
            ..Sought::default()
        })
    }

    fn led(&self, sought: &Sought, targets: &[&Target], find: Find<'_>) -> Result<Led, String> {
        led::led(sought, targets, find)
    }

    fn reached(&self, target: &Target, sought: &Sought, find: Find<'_>) -> Reached {
        led::reached(target, sought, find)
    }
}

/// What of the target does not fit the answer about it.
fn identity(target: &Target, ask: Ask<'_>) -> Result<Vec<String>, &'static str> {
    let page = ask(&led::get(target)).map_err(|_| "no answer shows that the target is there")?;
    let (account, label) = told(&target.level, &page.value)?;
    let mut problems = Vec::new();
    if account != target.account {
        problems.push("the answer about the target is about another".to_owned());
    }
    if label != target.name {
        problems.push("the name is not that of the answer".to_owned());
    }
    if target.regions != [crate::HOME] {
        problems.push("Google Cloud is asked once a target, not by region".to_owned());
    }
    Ok(problems)
}
