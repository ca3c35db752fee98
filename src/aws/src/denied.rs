//! Operations that read by name and must not be called all the same: they hand
//! out secrets, customers' data or credentials, or they change something.
//!
//! `cargo xtask gen` keeps what stands here out of `allow.txt`; a test proves it.

/// `(service, operation, reason)`. A service of `*` means all; an operation may
/// end in `*`.
pub const DENIED: &[(&str, &str, &str)] = &[
    ("*", "GetAuthorizationToken", CREDENTIALS),
    ("*", "GetAccessToken", CREDENTIALS),
    ("*", "GetCredentials*", CREDENTIALS),
    ("*", "GetTemporary*", CREDENTIALS),
    ("*", "GetDownloadUrl*", URL),
    (
        "*",
        "GetSession",
        "belongs to work in progress, not to configuration",
    ),
    ("*", "GetSessionEndpoint", CREDENTIALS),
    (
        "account",
        "GetGovCloudAccountInformation",
        "is for the sign-up of accounts",
    ),
    (
        "acm",
        "GetAcmeExternalAccountBindingCredentials",
        CREDENTIALS,
    ),
    ("apigateway", "GetExport", DATA),
    ("apigateway", "GetSdk", DATA),
    ("appconfig", "GetConfiguration", DATA),
    ("appconfig", "GetHostedConfigurationVersion", DATA),
    ("appsync", "GetGraphqlApiEnvironmentVariables", SECRET),
    ("appsync", "ListApiKeys", SECRET),
    ("appsync", "GetDataSourceIntrospection", DATA),
    ("appsync", "GetIntrospectionSchema", DATA),
    ("artifact", "GetReport", DATA),
    ("artifact", "GetTermForReport", DATA),
    ("athena", "GetQueryResults", DATA),
    ("athena", "GetCalculationExecutionCode", DATA),
    ("athena", "GetResourceDashboard", URL),
    (
        "backup",
        "GetBackupPlanFromJSON",
        "reads nothing of the account",
    ),
    ("cloudformation", "GetGeneratedTemplate", DATA),
    (
        "cloudformation",
        "GetTemplate",
        "a template may hold secrets in clear",
    ),
    ("cloudfront", "GetConnectionFunction", CODE),
    ("cloudfront", "GetFunction", CODE),
    ("cloudtrail", "GetQueryResults", EVENTS),
    ("cloudtrail", "LookupEvents", EVENTS),
    ("cloudtrail", "SearchSampleQueries", EVENTS),
    ("cloudwatch", "GetMetricWidgetImage", DATA),
    ("codeartifact", "GetPackageVersion*", DATA),
    (
        "codebuild",
        "BatchGetBuild*",
        "builds carry the values of their variables",
    ),
    ("codebuild", "BatchGetCommandExecutions", DATA),
    (
        "codebuild",
        "BatchGetSandboxes",
        "sandboxes carry the values of their variables",
    ),
    ("codepipeline", "GetJobDetails", CREDENTIALS),
    ("codepipeline", "GetThirdPartyJobDetails", CREDENTIALS),
    ("cognito-identity", "GetId", "makes an identity"),
    ("cognito-identity", "GetOpenId*", CREDENTIALS),
    ("cognito-identity", "LookupDeveloperIdentity", PEOPLE),
    ("cognito-idp", "DescribeUserPoolClient", SECRET),
    ("cognito-idp", "DescribeIdentityProvider", SECRET),
    ("cognito-idp", "GetClientToken", CREDENTIALS),
    ("cognito-idp", "GetDerivedToken", CREDENTIALS),
    ("cognito-idp", "GetDevice", PEOPLE),
    ("cognito-idp", "GetIdentityProviderByIdentifier", SECRET),
    ("cognito-idp", "GetTokensFromRefreshToken", CREDENTIALS),
    ("cognito-idp", "GetUser*", PEOPLE),
    ("cognito-idp", "ListDevices", PEOPLE),
    ("cognito-idp", "ListUserPoolClientSecrets", SECRET),
    ("cognito-idp", "ListUsers*", PEOPLE),
    ("cognito-idp", "ListWebAuthnCredentials", PEOPLE),
    ("config", "SelectResourceConfig", DATA),
    ("dynamodb", "BatchGetItem", DATA),
    ("dynamodb", "GetItem", DATA),
    ("dynamodb", "SearchVectors", DATA),
    (
        "ec2",
        "DescribeBundleTasks",
        "carries an upload policy and its signature",
    ),
    (
        "ec2",
        "DescribeConversionTasks",
        "carries signed addresses of images",
    ),
    (
        "ec2",
        "DescribeInstanceAttribute",
        "can be asked for user data",
    ),
    ("ec2", "DescribeSpotInstanceRequests", "carries user data"),
    ("ec2", "DescribeSpotFleetRequests", "carries user data"),
    ("ec2", "GetConsoleOutput", DATA),
    ("ec2", "GetConsoleScreenshot", DATA),
    ("ec2", "GetInstanceUefiData", SECRET),
    ("ec2", "GetLaunchTemplateData", "carries user data"),
    ("ec2", "GetPasswordData", SECRET),
    ("ec2", "GetVpnConnectionDeviceSampleConfiguration", SECRET),
    ("ecr", "BatchGetImage", DATA),
    ("elbv2", "GetTrustStore*", URL),
    ("emr", "GetClusterSessionCredentials", CREDENTIALS),
    ("emr", "GetOnClusterAppUIPresignedURL", URL),
    ("emr", "GetPersistentAppUIPresignedURL", URL),
    ("glue", "BatchGetDevEndpoints", SECRET),
    ("glue", "BatchGetPartition", DATA),
    (
        "glue",
        "GetConnection*",
        "hands out passwords unless asked not to",
    ),
    ("glue", "GetDashboardUrl", URL),
    ("glue", "GetDevEndpoint*", SECRET),
    ("glue", "GetEntityRecords", DATA),
    ("glue", "GetStatement", DATA),
    ("glue", "ListStatements", DATA),
    ("glue", "GetSystemLogs*", DATA),
    ("glue", "GetUnfiltered*", DATA),
    ("identitystore", "DescribeUser", PEOPLE),
    ("identitystore", "ListUsers", PEOPLE),
    (
        "imagebuilder",
        "GetComponent",
        "a component's document may hold secrets",
    ),
    (
        "imagebuilder",
        "GetWorkflow",
        "a workflow's document may hold secrets",
    ),
    ("inspector2", "BatchGetCodeSnippet", CODE),
    ("inspector2", "GetCodeSecurityIntegration", URL),
    ("kinesis", "GetRecords", DATA),
    ("kinesis", "GetShardIterator", DATA),
    ("kms", "GetParametersForImport", "makes an import token"),
    ("lakeformation", "GetQuery*", DATA),
    ("lakeformation", "GetWorkUnit*", DATA),
    (
        "lakeformation",
        "GetGlueFunctionSessionContext",
        CREDENTIALS,
    ),
    ("lambda", "GetDurableExecution*", DATA),
    (
        "lambda",
        "GetFunction",
        "hands out the address of the code; GetFunctionConfiguration does not",
    ),
    ("lambda", "GetLayerVersion", URL),
    ("lambda", "GetLayerVersionByArn", URL),
    ("logs", "GetLogEvents", EVENTS),
    ("logs", "GetLogObject", EVENTS),
    ("logs", "GetLogRecord", EVENTS),
    ("logs", "GetLookupTable", DATA),
    ("logs", "GetQueryResults", EVENTS),
    ("logs", "GetScheduledQueryHistory", EVENTS),
    ("macie2", "GetSensitiveDataOccurrences", DATA),
    ("opensearch", "GetIndex", DATA),
    ("opensearchserverless", "GetIndex", DATA),
    ("redshift", "GetClusterCredentials*", CREDENTIALS),
    ("redshift", "GetIdentityCenterAuthToken", CREDENTIALS),
    (
        "redshift-serverless",
        "GetIdentityCenterAuthToken",
        CREDENTIALS,
    ),
    (
        "route53domains",
        "GetDomainSuggestions",
        "reads nothing of the account",
    ),
    ("s3", "GetObject", DATA),
    ("s3", "GetObjectAnnotation", DATA),
    ("s3", "GetObjectTorrent", DATA),
    ("s3", "ListObject*", PEOPLE_KEYS),
    ("s3control", "GetDataAccess", CREDENTIALS),
    ("sagemaker", "Search", DATA),
    ("secretsmanager", "BatchGetSecretValue", SECRET),
    (
        "secretsmanager",
        "GetRandomPassword",
        "reads nothing of the account",
    ),
    ("secretsmanager", "GetSecretValue", SECRET),
    ("sqs", "ReceiveMessage", DATA),
    ("ssm", "GetAutomationExecution", DATA),
    ("ssm", "GetCommandInvocation", DATA),
    ("ssm", "ListCommand*", "commands carry their parameters"),
    ("ssm", "GetDeployablePatchSnapshotForInstance", URL),
    ("ssm", "GetMaintenanceWindowExecution*", DATA),
    ("ssm", "GetParameter*", SECRET),
    ("stepfunctions", "DescribeExecution", DATA),
    ("stepfunctions", "DescribeMapRun", DATA),
    (
        "stepfunctions",
        "GetActivityTask",
        "takes a task from its worker",
    ),
    ("stepfunctions", "GetExecutionHistory", DATA),
    ("sts", "GetDelegatedAccessToken", CREDENTIALS),
    ("sts", "GetFederationToken", CREDENTIALS),
    ("sts", "GetSessionToken", CREDENTIALS),
    ("sts", "GetWebIdentityToken", CREDENTIALS),
    ("support", "GetAttachment*", URL),
    ("support", "DescribeAttachment", DATA),
    ("support", "DescribeCommunications", DATA),
    ("waf", "GetChangeToken", "makes a token for a change"),
    ("waf", "GetSampledRequests", DATA),
    (
        "waf-regional",
        "GetChangeToken",
        "makes a token for a change",
    ),
    ("waf-regional", "GetSampledRequests", DATA),
    ("wafv2", "GetDecryptedAPIKey", SECRET),
    ("wafv2", "ListAPIKeys", SECRET),
    ("wafv2", "GetMobileSdkRelease", URL),
    ("wafv2", "GetSampledRequests", DATA),
];

const CODE: &str = "hands out code";
const CREDENTIALS: &str = "hands out credentials";
const DATA: &str = "reads data, not configuration";
const EVENTS: &str = "reads logged events, not configuration";
const PEOPLE: &str = "reads data of people";
const PEOPLE_KEYS: &str = "reads names of objects, not configuration";
const SECRET: &str = "hands out secrets";
const URL: &str = "hands out a signed address or a document";

/// Why `service:operation` must not be called; `None` where nothing is known
/// against it.
pub fn reason(service: &str, operation: &str) -> Option<&'static str> {
    DENIED
        .iter()
        .find(|(s, o, _)| {
            (*s == "*" || *s == service)
                && match o.strip_suffix('*') {
                    Some(start) => operation.starts_with(start),
                    None => *o == operation,
                }
        })
        .map(|(_, _, why)| *why)
}
