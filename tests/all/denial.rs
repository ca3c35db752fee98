//! What a scan says when calls are refused: nothing that it did not see.

use crate::support::cli;
use crate::support::compare::{compare, gaps_tell};
use crate::support::moto::Moto;
use crate::support::packs::{self, Packs};
use crate::support::proxy::Proxy;
use crate::support::run::{self, Seen};
use shoseki_model::Cause;
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
        gaps_tell(packs, baseline, &seen, &denied, &[Cause::Denied]);
    }
}
