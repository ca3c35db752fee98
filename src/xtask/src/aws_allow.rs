//! The reviewed list of reading operations, `src/aws/allow.txt`.

use crate::aws_trim;
use crate::botocore::Botocore;
use anyhow::{Context, Result};
use shoseki_aws::denied;
use std::collections::BTreeSet;

/// Services that an auditor of configuration needs.
const SERVICES: &str = "
    accessanalyzer account acm acm-pca apigateway apigatewayv2 application-autoscaling apprunner
    appsync artifact athena auditmanager autoscaling backup batch bedrock cloudformation cloudfront
    cloudhsmv2 cloudtrail cloudwatch codeartifact codebuild codecommit codedeploy codepipeline
    cognito-identity cognito-idp config controltower dax detective directconnect dms docdb ds dynamodb
    ec2 ecr ecr-public ecs efs eks elasticache elasticbeanstalk elb elbv2 emr events firehose fms fsx
    globalaccelerator glue guardduty iam identitystore imagebuilder inspector2 kafka keyspaces kinesis
    kms lakeformation lambda logs macie2 memorydb mq mwaa neptune network-firewall opensearch
    opensearchserverless organizations ram rds redshift redshift-serverless resource-explorer-2
    resourcegroupstaggingapi rolesanywhere route53 route53domains route53resolver s3 s3control
    sagemaker scheduler secretsmanager securityhub securitylake service-quotas ses sesv2 shield signer
    sns sqs ssm sso-admin stepfunctions storagegateway sts support transfer vpc-lattice waf
    waf-regional wafv2 workspaces workspaces-web xray";

/// How names of reading operations begin.
const READING: &[&str] = &[
    "List", "Describe", "Get", "Head", "BatchGet", "Lookup", "Search",
];

/// Reading operations whose name does not say so.
const MORE: &[(&str, &str)] = &[("iam", "GenerateCredentialReport")];

/// The list.
pub struct Allow {
    operations: BTreeSet<String>,
}

/// Makes the list out of botocore's operations.
pub fn generate(data: &Botocore) -> Result<Allow> {
    let mut operations = BTreeSet::new();
    for service in SERVICES.split_whitespace() {
        let model = data.load(service, "service-2")?;
        aws_trim::protocol(&model["metadata"])
            .with_context(|| format!("{service} speaks no known protocol"))?;
        for (name, operation) in model["operations"].as_object().into_iter().flatten() {
            let reads = READING.iter().any(|r| name.starts_with(r))
                || MORE.contains(&(service, name.as_str()));
            let plain = operation["eventstream"].is_null();
            if reads && plain && denied::reason(service, name).is_none() {
                operations.insert(format!("{service}:{name}"));
            }
        }
    }
    Ok(Allow { operations })
}

impl Allow {
    /// One operation a line, sorted.
    pub fn text(&self) -> String {
        self.operations.iter().map(|o| format!("{o}\n")).collect()
    }

    /// `Err` says why the operation is not on the list.
    pub fn permits(&self, service: &str, operation: &str) -> Result<(), String> {
        if self.operations.contains(&format!("{service}:{operation}")) {
            return Ok(());
        }
        Err(match denied::reason(service, operation) {
            Some(why) => format!("{service}:{operation} {why}; it must not be called"),
            None => format!("{service}:{operation} is not on the list of reading operations"),
        })
    }
}
