//! What `run.json` says of an account, against the answers of signing in.

use crate::cloud::{Replay, Shared};
use crate::index::WHO;
use serde_json::Value;
use shoseki_aws::home_region;
use shoseki_collect::{Failure, Page, Plan, Request, Scope};
use shoseki_model::{Gap, Population, Target, short_id};
use std::sync::Arc;

/// The account as a cloud, after its own words were checked; with the gap that
/// its regions are not known.
pub(crate) fn replay(shared: &Arc<Shared>, target: &Target) -> (Replay, Option<Gap>) {
    let works_in = shared.index.identified.get(&target.account).cloned();
    let first = target.regions.first().map_or("", String::as_str);
    let replay = Replay {
        shared: Arc::clone(shared),
        target: target.clone(),
        home: home_region(first).to_owned(),
        works_in,
    };
    let gap = check(&replay);
    (replay, gap)
}

fn check(replay: &Replay) -> Option<Gap> {
    let target = &replay.target;
    let problems = &replay.shared.problems;
    let tell = |message: String| problems.tell("run.json", target.account.clone(), message);
    let Some(region) = replay.works_in.clone() else {
        tell(format!("no exchange says who signed ({WHO})"));
        return None;
    };
    match ask(replay, "sts", "GetCallerIdentity", &region) {
        Ok(page) => {
            let who = (page.value["Account"].as_str(), page.value["Arn"].as_str());
            let arn = target.caller.id.as_str();
            if who != (Some(target.account.as_str()), Some(arn)) {
                tell("account or caller are not those of the answer to who signs".to_owned());
            }
            if arn.split(':').nth(1) != Some(target.partition.as_str()) {
                tell("the partition is not that of the caller".to_owned());
            }
        }
        Err(_) => tell("the answer to who signs is none".to_owned()),
    }
    let (enabled, gap) = match ask(replay, "ec2", "DescribeRegions", &region) {
        Ok(page) => (enabled(&page.value), None),
        Err(failure) => (Vec::new(), Some(regions_unknown(target, failure))),
    };
    let left_out: Vec<&String> = enabled
        .iter()
        .filter(|r| !target.regions.contains(r))
        .collect();
    if left_out != target.regions_left_out.iter().collect::<Vec<_>>() {
        tell("the regions left out are not those of the answer that lists all".to_owned());
    }
    let name = ask(replay, "iam", "ListAccountAliases", &replay.home)
        .ok()
        .and_then(|p| p.value["AccountAliases"][0].as_str().map(str::to_owned));
    if name != target.name {
        tell("the name is not that of the answer".to_owned());
    }
    gap
}

/// The gap that it is not known which regions were left out, as a scan tells it.
fn regions_unknown(t: &Target, failure: Failure) -> Gap {
    let call = "ec2:DescribeRegions";
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

/// The populations of an account that was not reached: all that were planned,
/// and nothing known of them. `gap` says why.
pub(crate) fn unread(plan: &Plan, t: &Target, gap: &str) -> Vec<Population> {
    let mut out = Vec::new();
    for planned in &plan.types {
        let regions = match planned.scope {
            Scope::Global => vec!["global".to_owned()],
            Scope::Region => t.regions.clone(),
        };
        out.extend(regions.into_iter().map(|region| Population {
            r#type: planned.r#type.clone(),
            cloud: t.cloud.clone(),
            account: t.account.clone(),
            region,
            count: 0,
            complete: false,
            query: Vec::new(),
            gaps: vec![gap.to_owned()],
        }));
    }
    out
}

fn ask(replay: &Replay, service: &str, operation: &str, region: &str) -> Result<Page, Failure> {
    replay.answer(&Request {
        service: service.to_owned(),
        operation: operation.to_owned(),
        region: region.to_owned(),
        ..Request::default()
    })
}

/// Regions that are switched on, sorted, as signing in takes them.
fn enabled(answer: &Value) -> Vec<String> {
    let mut names: Vec<String> = answer["Regions"]
        .as_array()
        .into_iter()
        .flatten()
        .filter(|r| r["OptInStatus"] != "not-opted-in")
        .filter_map(|r| r["RegionName"].as_str().map(str::to_owned))
        .collect();
    names.sort();
    names
}
