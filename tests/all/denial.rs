//! What a scan says when calls are refused: nothing that it did not see.

use crate::support::cli;
use crate::support::moto::Moto;
use crate::support::packs::{self, Packs};
use crate::support::proxy::Proxy;
use crate::support::run::{self, Seen};
use serde_json::Value;
use shoseki_model::{Cause, Finding, Sight, Verdict};
use std::collections::BTreeSet;

/// Denied one at a time: lists and parts, of every protocol.
const DENIED: [&str; 36] = [
    "acm:DescribeCertificate",
    "apigateway:GetResources",
    "apigateway:GetStages",
    "autoscaling:DescribeAutoScalingGroups",
    "cloudformation:DescribeStacks",
    "cloudfront:ListDistributions",
    "cloudtrail:DescribeTrails",
    "cloudtrail:GetTrailStatus",
    "cloudwatch:DescribeAlarms",
    "codebuild:BatchGetProjects",
    "config:DescribeConfigurationRecorders",
    "dynamodb:DescribeContinuousBackups",
    "ec2:DescribeFlowLogs",
    "ec2:DescribeSecurityGroups",
    "ec2:DescribeSnapshotAttribute",
    "ecr:DescribeRepositories",
    "ecs:DescribeTaskDefinition",
    "efs:DescribeMountTargets",
    "eks:DescribeCluster",
    "elbv2:DescribeListeners",
    "elbv2:DescribeLoadBalancers",
    "guardduty:GetDetector",
    "iam:GetAccountAuthorizationDetails",
    "iam:GetAccountSummary",
    "iam:GetCredentialReport",
    "kms:GetKeyPolicy",
    "kms:GetKeyRotationStatus",
    "lambda:GetPolicy",
    "logs:DescribeLogGroups",
    "rds:DescribeDBInstances",
    "rds:DescribeDBSnapshotAttributes",
    "route53:ListResourceRecordSets",
    "s3:GetBucketPolicy",
    "s3:ListBuckets",
    "secretsmanager:GetResourcePolicy",
    "sns:GetTopicAttributes",
];

/// Rules that none of the above touches.
const CONTROL: [&str; 2] = ["aws.sqs.*", "aws.kinesis.*"];

#[test]
fn a_refused_call_is_never_a_verdict() {
    let moto = Moto::start();
    let packs = packs::load();
    let proxy = Proxy::start(&moto.url);
    let baseline = cli::scan(&proxy.url(), &[]);
    let baseline = run::read(&baseline.dir());
    for call in DENIED {
        one(&proxy, &packs, &baseline, call);
    }
    all_others_at_once(&proxy, &packs, &baseline);
}

/// Denies one call in a scan of the rules that it concerns, and of some that it
/// does not.
fn one(proxy: &Proxy, packs: &Packs, baseline: &Seen, call: &str) {
    let types = packs.types_of(call);
    let mut rules: Vec<&str> = CONTROL.to_vec();
    rules.extend(
        packs
            .rules
            .iter()
            .filter(|r| types.contains(&r.resource))
            .map(|r| r.id.as_str()),
    );
    proxy.deny([call.to_owned()]);
    let scan = cli::scan(&proxy.url(), &["--rules", &rules.join(",")]);
    assert!(
        [4, 5].contains(&scan.ended.code),
        "{call}: {}",
        scan.ended.err
    );
    let seen = run::read(&scan.dir());
    let denied = BTreeSet::from([call.to_owned()]);
    let asked = |rule: &str| {
        rules.contains(&rule) || rule.starts_with("aws.sqs.") || rule.starts_with("aws.kinesis.")
    };
    let touched = compare(packs, baseline, &seen, &denied, asked);
    assert!(
        touched > 0,
        "{call}: no finding of the seeded account needs it"
    );
}

/// Denies in a few whole scans every call that the account was asked.
fn all_others_at_once(proxy: &Proxy, packs: &Packs, baseline: &Seen) {
    let signing_in = ["sts:GetCallerIdentity", "ec2:DescribeRegions"];
    let asked: BTreeSet<String> = baseline
        .asked
        .iter()
        .map(|x| x.call.clone())
        .filter(|c| !signing_in.contains(&c.as_str()))
        .collect();
    const SCANS: usize = 4;
    for n in 0..SCANS {
        let denied: BTreeSet<String> = asked.iter().skip(n).step_by(SCANS).cloned().collect();
        proxy.deny(denied.iter().cloned());
        let scan = cli::scan(&proxy.url(), &[]);
        assert!([4, 5].contains(&scan.ended.code), "{}", scan.ended.err);
        let seen = run::read(&scan.dir());
        compare(packs, baseline, &seen, &denied, |_| true);
    }
}

/// What a finding rests on.
struct Needs {
    list: BTreeSet<String>,
    parts: Vec<BTreeSet<String>>,
}

fn needs(packs: &Packs, f: &Finding) -> Needs {
    let rule = packs.rules.get(&f.rule).unwrap();
    let parts = rule.reads().parts.iter();
    Needs {
        list: packs.enumerating(&rule.resource),
        parts: parts
            .map(|p| packs.calls_of_part(&rule.resource, p))
            .collect(),
    }
}

/// Holds a scan with denied calls against one without, finding by finding, and
/// says how many needed them.
fn compare(
    packs: &Packs,
    baseline: &Seen,
    seen: &Seen,
    denied: &BTreeSet<String>,
    asked: impl Fn(&str) -> bool,
) -> usize {
    let mut touched = 0;
    for before in baseline.findings.values().filter(|f| asked(&f.rule)) {
        let needs = needs(packs, before);
        let now = seen.findings.get(&before.id);
        let what = format!(
            "{} {} with {denied:?} denied",
            before.rule, before.resource.name
        );
        if !needs.list.is_disjoint(denied) {
            touched += 1;
            assert!(now.is_none(), "{what}: judged, but could not be listed");
            let p = seen
                .populations
                .iter()
                .find(|p| p.r#type == before.resource.r#type)
                .unwrap_or_else(|| panic!("{what}: no population"));
            assert!(!p.complete && !p.gaps.is_empty(), "{what}: {p:?}");
            continue;
        }
        let now = now.unwrap_or_else(|| panic!("{what}: lost"));
        let hidden = needs.parts.iter().any(|p| !p.is_disjoint(denied));
        if !hidden {
            assert_eq!(before.verdict, now.verdict, "{what}");
            assert_eq!(steady(before), steady(now), "{what}");
            continue;
        }
        touched += 1;
        unseen(before, now, &what);
    }
    let known: BTreeSet<&String> = baseline.findings.keys().collect();
    for f in seen.findings.values() {
        assert!(
            known.contains(&f.id),
            "a finding only where calls are denied: {f:?}"
        );
    }
    gaps_tell(packs, baseline, seen, denied);
    touched
}

/// What a finding observed, without moments: the server moves some with its clock.
fn steady(f: &Finding) -> Value {
    fn still(v: &mut Value) {
        match v {
            Value::String(s) if s.starts_with("20") && s.contains('T') => *v = "a moment".into(),
            Value::Array(a) => a.iter_mut().for_each(still),
            Value::Object(m) => m.values_mut().for_each(still),
            _ => {}
        }
    }
    let mut all = serde_json::to_value(&f.observed).unwrap();
    still(&mut all);
    all
}

/// A finding of which something was hidden is unknown, unless what was seen
/// decides it alone, or the hidden part was not asked of this resource.
fn unseen(before: &Finding, now: &Finding, what: &str) {
    if now.verdict == Verdict::Unknown {
        assert!(!now.gaps.is_empty(), "{what}: unknown without a gap");
        return;
    }
    assert_eq!(before.verdict, now.verdict, "{what}: a refusal moved it");
    let seen = now
        .observed
        .iter()
        .any(|o| !matches!(o.sight, Sight::Unseen(_)));
    assert!(seen, "{what}: {:?} although nothing was seen", now.verdict);
}

/// Each denied call that was made is told, with the permission that it needs.
fn gaps_tell(packs: &Packs, baseline: &Seen, seen: &Seen, denied: &BTreeSet<String>) {
    let plan = packs.plan(|_| true);
    for call in denied {
        let refused = seen
            .asked
            .iter()
            .any(|x| x.call == *call && x.failure == Some(Cause::Denied));
        if !refused {
            // What it is asked for was hidden as well.
            let was = baseline.asked.iter().any(|x| x.call == *call);
            assert!(was && denied.len() > 1, "{call} was not asked");
            continue;
        }
        let permissions: BTreeSet<&String> = plan
            .types
            .iter()
            .flat_map(|t| t.calls())
            .filter(|c| c.call == *call)
            .flat_map(|c| &c.permissions)
            .collect();
        let told = seen.gaps.iter().any(|g| {
            g.cause == Cause::Denied
                && g.call == *call
                && !g.permissions.is_empty()
                && g.permissions.iter().all(|p| permissions.contains(p))
        });
        let only_a_label = call == "iam:ListAccountAliases" && permissions.is_empty();
        assert!(told || only_a_label, "no gap tells that {call} was denied");
    }
}
