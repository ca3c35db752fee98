//! Which members hold secrets, where the provider's model says too little or
//! too much. `cargo xtask gen` applies both tables when it trims the models and
//! fails on an entry that the model does not have.

/// `(service, shape, member)` whose text must never be kept although botocore
/// 1.44.5 does not mark it `sensitive`. For a map that is meant
/// itself the member is `value`; keys stay.
pub const SECRET: &[(&str, &str, &str)] = &[
    ("apigateway", "ApiKey", "value"),
    ("apigateway", "Stage", "variables"),
    ("apigatewayv2", "StageVariablesMap", "value"),
    ("apprunner", "RuntimeEnvironmentVariables", "value"),
    ("autoscaling", "LaunchConfiguration", "UserData"),
    ("batch", "KeyValuePair", "value"),
    ("cloudformation", "Output", "OutputValue"),
    ("cloudformation", "Parameter", "ParameterValue"),
    ("cloudformation", "Parameter", "ResolvedValue"),
    ("cloudhsmv2", "Cluster", "PreCoPassword"),
    ("codebuild", "EnvironmentVariable", "value"),
    ("codebuild", "Webhook", "secret"),
    ("codepipeline", "WebhookAuthConfiguration", "SecretToken"),
    ("cognito-idp", "UserImportJobType", "PreSignedUrl"),
    ("directconnect", "BGPPeer", "authKey"),
    ("directconnect", "VirtualInterface", "authKey"),
    ("dms", "Endpoint", "ExtraConnectionAttributes"),
    ("docdb", "PendingModifiedValues", "MasterUserPassword"),
    ("ecs", "KeyValuePair", "value"),
    ("eks", "License", "token"),
    ("elasticbeanstalk", "ConfigurationOptionSetting", "Value"),
    ("elbv2", "AuthenticateOidcActionConfig", "ClientSecret"),
    ("emr", "EnvironmentVariablesMap", "value"),
    ("emr", "KerberosAttributes", "ADDomainJoinPassword"),
    (
        "emr",
        "KerberosAttributes",
        "CrossRealmTrustPrincipalPassword",
    ),
    ("emr", "KerberosAttributes", "KdcAdminPassword"),
    ("emr", "StringMap", "value"),
    ("events", "Target", "Input"),
    ("glue", "ConnectionProperties", "value"),
    ("glue", "GenericMap", "value"),
    ("glue", "SourceControlDetails", "AuthToken"),
    (
        "imagebuilder",
        "AdditionalInstanceConfiguration",
        "userDataOverride",
    ),
    ("lambda", "EnvironmentVariables", "value"),
    ("neptune", "PendingModifiedValues", "MasterUserPassword"),
    (
        "sagemaker",
        "CustomImageContainerEnvironmentVariables",
        "value",
    ),
    ("sagemaker", "EnvironmentMap", "value"),
    (
        "sagemaker",
        "HyperParameterTrainingJobEnvironmentMap",
        "value",
    ),
    ("sagemaker", "MonitoringEnvironmentMap", "value"),
    ("sagemaker", "OptimizationJobEnvironmentVariables", "value"),
    ("sagemaker", "ProcessingEnvironmentMap", "value"),
    ("sagemaker", "TrainingEnvironmentMap", "value"),
    ("sagemaker", "TransformEnvironmentMap", "value"),
    ("ssm", "Parameter", "Value"),
    ("ssm", "ParameterHistory", "Value"),
];

/// `(service, shape)` that botocore marks `sensitive` although it names no
/// secret and rules need it, or because only a part of it is one.
pub const PLAIN: &[(&str, &str)] = &[
    // The ARN of a key, which rules on bucket encryption read.
    ("s3", "SSEKMSKeyId"),
    // Names of variables are wanted; their values are in the table above.
    ("ecs", "EnvironmentVariables"),
    ("backup", "Tags"),
    // Public halves of keys.
    ("kms", "PlaintextType"),
];
