//! Stored answers read again, and what those of signing in say of an account.

use crate::answer::{asked, home_region, reread};
use crate::signin::{PERMISSIONS, enabled_regions};
use serde_json::{Map, Value};
use shoseki_collect::{Ask, Examined, Failure, Page, Place, Reading, Request, StoredAnswer};
use shoseki_model::{Gap, Target, short_id};

/// Reads stored answers of AWS.
#[derive(Clone, Copy, Debug, Default)]
pub struct Reader;

/// The call that says who signs.
const WHO: &str = "sts:GetCallerIdentity";

/// What signing in and listing the organisation asks.
const SIGN_IN: [&str; 4] = [
    PERMISSIONS[0],
    PERMISSIONS[1],
    "organizations:ListAccounts",
    WHO,
];

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
            Ok(page) => enabled_regions(&page.value),
            Err(failure) => {
                out.gaps.push(regions_gap(target, failure));
                Vec::new()
            }
        };
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
    ask(&Request {
        service: service.to_owned(),
        operation: operation.to_owned(),
        region: region.to_owned(),
        ..Request::default()
    })
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
