//! Stored answers read again, and what those of signing in say of an account.

use crate::answer::{asked, home_region, reread};
use crate::assume::{self, ASSUME};
use crate::endpoint::Partitions;
use crate::signin::{PERMISSIONS, WHO, regions, unreached};
use serde_json::{Map, Value};
use shoseki_collect::{
    Ask, Examined, Failure, Find, Led, Page, Place, Reached, Reading, Request, StoredAnswer, Trail,
};
use shoseki_model::{Exchange, Gap, Sought, Target, short_id};
use std::collections::HashSet;

/// Reads stored answers of AWS.
#[derive(Clone, Copy, Debug, Default)]
pub struct Reader;

/// The call that lists the organisation.
const LIST: &str = "organizations:ListAccounts";

/// What the list of an organisation is below.
pub const ORGANISATION: &str = "organization";

/// What signing in and listing the organisation asks.
const SIGN_IN: [&str; 5] = [PERMISSIONS[0], PERMISSIONS[1], LIST, ASSUME, WHO];

impl shoseki_collect::Reader for Reader {
    fn cloud(&self) -> &'static str {
        "aws"
    }

    fn sign_in(&self) -> &'static [&'static str] {
        &SIGN_IN
    }

    fn identifies(&self, call: &str) -> bool {
        call == WHO
    }

    fn home(&self, target: &Target) -> String {
        let first = target.regions.first().map_or("", String::as_str);
        home_region(first).to_owned()
    }

    fn asked(&self, request: &Request) -> Result<(String, Map<String, Value>), Failure> {
        asked(request)
    }

    fn reread(
        &self,
        request: &Request,
        answer: &StoredAnswer<'_>,
        at: Place<'_>,
    ) -> Result<Reading, Failure> {
        let (value, next) = reread(request, answer, at.home, at.works_in)?;
        Ok(Reading {
            value,
            next,
            holes: Vec::new(),
        })
    }

    fn examine(&self, at: Place<'_>, ask: Ask<'_>) -> Examined {
        let mut out = Examined::default();
        let target = at.target;
        let Some(region) = at.works_in else {
            out.problems
                .push(format!("no exchange says who signed ({WHO})"));
            return out;
        };
        out.problems.extend(identity(target, region, ask));
        let enabled = match one(ask, "ec2", "DescribeRegions", region) {
            Ok(page) => regions(&page),
            Err(failure) => Err(failure),
        };
        let enabled = enabled.unwrap_or_else(|failure| {
            out.gaps.push(regions_gap(target, failure));
            Vec::new()
        });
        let left_out: Vec<&String> = enabled
            .iter()
            .filter(|r| !target.regions.contains(r))
            .collect();
        if left_out != target.regions_left_out.iter().collect::<Vec<_>>() {
            let words = "the regions left out are not those of the answer that lists all";
            out.problems.push(words.to_owned());
        }
        let name = one(ask, "iam", "ListAccountAliases", at.home)
            .ok()
            .and_then(|p| p.value["AccountAliases"][0].as_str().map(str::to_owned));
        if name != target.name {
            let words = "the name is not that of the answer";
            out.problems.push(words.to_owned());
        }
        out
    }

    fn lists(&self, x: &Exchange) -> Option<Sought> {
        (x.call == LIST && x.params.is_empty()).then(|| Sought {
            cloud: "aws".to_owned(),
            from: x.account.clone(),
            below: Some(ORGANISATION.to_owned()),
            ..Sought::default()
        })
    }

    fn led(&self, sought: &Sought, targets: &[&Target], find: Find<'_>) -> Result<Led, String> {
        for t in targets {
            chosen(sought, t)?;
        }
        let accounts = match (&sought.below, sought.named.as_slice()) {
            (None, []) => vec![sought.from.clone()],
            (None, named) => named.to_vec(),
            (Some(_), _) => listed(sought, targets, find)?,
        };
        let level = |a: String| (a, "account".to_owned());
        Ok(accounts.into_iter().map(level).collect())
    }

    fn reached(&self, target: &Target, sought: &Sought, find: Find<'_>) -> Reached {
        let role = target.caller.via.last().map_or("", String::as_str);
        let no = |call, f| Reached::No(Box::new(unreached(&target.account, role, call, f)));
        let mut refused = None;
        for region in everywhere(target) {
            match find(target, &request("sts", "GetCallerIdentity", &region)) {
                Some(Ok(_)) => return lists_regions(target, sought, &region, find, &no),
                Some(Err(f)) => refused = refused.or(Some(f)),
                None => {}
            }
        }
        if let Some(f) = refused {
            return no((WHO, WHO), f);
        }
        for region in everywhere(target) {
            for external in [false, true] {
                let asked = assume::request(role, external, &region);
                if let Some(Err(f)) = find(target, &asked) {
                    return no((ASSUME, ASSUME), f);
                }
            }
        }
        Reached::Unknown
    }
}

/// Whether the regions are those that the user chose.
fn chosen(sought: &Sought, t: &Target) -> Result<(), String> {
    let mut wanted = sought.regions.clone();
    wanted.sort();
    wanted.dedup();
    let fits = match wanted.as_slice() {
        [] => t.regions_left_out.is_empty(),
        wanted => t.regions == wanted,
    };
    match fits {
        true => Ok(()),
        false => Err(format!(
            "the regions of {} are not those that were to be read",
            t.account
        )),
    }
}

/// The organisation's active accounts, out of the stored list.
fn listed(sought: &Sought, targets: &[&Target], find: Find<'_>) -> Result<Vec<String>, String> {
    let Some(any) = targets.first() else {
        return Err("the run has no account".to_owned());
    };
    let from = Target {
        account: sought.from.clone(),
        ..(*any).clone()
    };
    let home = from.regions.first().map_or("", String::as_str);
    let mut asked = request("organizations", "ListAccounts", home_region(home));
    let mut out = Vec::new();
    let mut trail = Trail::default();
    loop {
        let page = match find(&from, &asked) {
            Some(Ok(page)) => page,
            Some(Err(_)) => return Err(format!("the answer to {LIST} is no list")),
            None => {
                return Err(format!(
                    "the list of the organisation ({LIST}) is not stored"
                ));
            }
        };
        out.extend(active_accounts(&page.value)?);
        match asked.follow(&mut trail, page.next, &page.exchange) {
            Ok(true) => {}
            Ok(false) => return Ok(out),
            Err(_) => return Err(format!("the answer to {LIST} leads back to itself")),
        }
    }
}

/// Ids of the accounts of a page of `organizations:ListAccounts` that are not said
/// to be out of use.
///
/// # Errors
/// In words, what of the page makes it unusable.
pub fn active_accounts(page: &Value) -> Result<Vec<String>, &'static str> {
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

/// Where all regions were to be read, an account whose regions cannot be listed
/// counts as not reached.
fn lists_regions(
    target: &Target,
    sought: &Sought,
    region: &str,
    find: Find<'_>,
    no: &dyn Fn((&'static str, &'static str), Failure) -> Reached,
) -> Reached {
    if !sought.regions.is_empty() || target.account == sought.from {
        return Reached::Yes;
    }
    let found = find(target, &request("ec2", "DescribeRegions", region));
    match found.map(|f| f.and_then(|page| regions(&page))) {
        Some(Err(f)) => no((PERMISSIONS[0], PERMISSIONS[0]), f),
        _ => Reached::Yes,
    }
}

/// Where signing in may have asked.
fn everywhere(t: &Target) -> Vec<String> {
    let own = t.regions.iter().chain(&t.regions_left_out);
    let all = Partitions::get().regions().map(str::to_owned);
    let mut out: Vec<String> = own.cloned().chain(all).collect();
    let mut seen = HashSet::new();
    out.retain(|r| seen.insert(r.clone()));
    out
}

fn request(service: &str, operation: &str, region: &str) -> Request {
    Request {
        service: service.to_owned(),
        operation: operation.to_owned(),
        region: region.to_owned(),
        ..Request::default()
    }
}

/// What of the account's identity does not fit the answer to who signs.
fn identity(target: &Target, region: &str, ask: Ask<'_>) -> Vec<String> {
    let Ok(page) = one(ask, "sts", "GetCallerIdentity", region) else {
        return vec!["the answer to who signs is none".to_owned()];
    };
    let mut out = Vec::new();
    let who = (page.value["Account"].as_str(), page.value["Arn"].as_str());
    let arn = target.caller.id.as_str();
    if who != (Some(target.account.as_str()), Some(arn)) {
        out.push("account or caller are not those of the answer to who signs".to_owned());
    }
    if arn.split(':').nth(1) != Some(target.partition.as_str()) {
        out.push("the partition is not that of the caller".to_owned());
    }
    out
}

fn one(ask: Ask<'_>, service: &str, operation: &str, region: &str) -> Result<Page, Failure> {
    ask(&request(service, operation, region))
}

/// The gap that it is not known which regions of an account were left out.
pub(crate) fn regions_gap(t: &Target, failure: Failure) -> Gap {
    let call = PERMISSIONS[0];
    Gap {
        id: short_id("g", &[&t.cloud, &t.account, "global", call, "aws", "", ""]),
        cause: failure.cause,
        cloud: t.cloud.clone(),
        account: t.account.clone(),
        region: "global".to_owned(),
        call: call.to_owned(),
        permissions: vec![call.to_owned()],
        r#type: "aws".to_owned(),
        resource: None,
        part: None,
        read: None,
        error: failure.error,
        exchange: failure.exchange,
    }
}

#[cfg(test)]
mod tests {
    use super::active_accounts;
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
        assert_eq!(active_accounts(&page), Ok(expected));
        assert!(active_accounts(&json!({"Accounts": [{"Status": "ACTIVE"}]})).is_err());
    }
}
