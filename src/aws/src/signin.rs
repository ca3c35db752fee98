//! Signing in: credentials, roles, regions, and who we are.

use crate::client::Shared;
use crate::endpoint::Partitions;
use crate::guard::nearest;
use crate::session::{Identify, Session};
use aws_config::profile::ProfileFileCredentialsProvider;
use aws_config::provider_config::ProviderConfig;
use aws_config::{AppName, BehaviorVersion, Region};
use aws_credential_types::Credentials;
use aws_credential_types::provider::error::CredentialsError;
use aws_credential_types::provider::{ProvideCredentials, SharedCredentialsProvider};
use aws_smithy_runtime::client::identity::IdentityCache;
use aws_types::SdkConfig;
use serde_json::Value;
use shoseki_caller::{Limits, in_words};
use shoseki_collect::{Cloud, Failure, Recorder, Request};
use shoseki_model::{Caller, Cause, Target};
use std::error::Error;
use std::fmt;
use std::sync::Arc;

/// What signing in asks; `sts:GetCallerIdentity` is always allowed.
pub const PERMISSIONS: [&str; 3] = [
    "ec2:DescribeRegions",
    "iam:ListAccountAliases",
    "sts:GetCallerIdentity",
];

/// Which regions to read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Regions {
    /// The one that the profile or the environment names.
    #[default]
    Configured,
    /// These.
    Chosen(Vec<String>),
    /// All that the account has switched on.
    All,
}

/// A role to assume.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Role {
    /// `arn:aws:iam::123456789012:role/Audit`.
    pub arn: String,
    /// The external id that its trust policy asks for.
    pub external_id: Option<String>,
}

/// How to sign in. What is left out comes from where the AWS CLI takes it:
/// environment, profiles, SSO, credential processes, container and instance roles.
#[derive(Clone, Debug, Default)]
pub struct SignIn {
    /// Profile of the AWS configuration files.
    pub profile: Option<String>,
    /// Roles to assume, each with the credentials of the one before.
    pub roles: Vec<Role>,
    /// Regions to read.
    pub regions: Regions,
    /// Where all requests go; `AWS_ENDPOINT_URL` and `AWS_ENDPOINT_URL_<SERVICE>`
    /// work as well.
    pub endpoint: Option<String>,
    /// Rates and times.
    pub limits: Limits,
    /// Keys to sign with instead of looking for any; for the built-in cloud and
    /// for tests.
    pub keys: Option<Keys>,
}

/// Access keys.
#[derive(Clone)]
pub struct Keys {
    /// Access key id.
    pub id: String,
    /// Secret access key.
    pub secret: String,
    /// Session token.
    pub token: Option<String>,
}

impl fmt::Debug for Keys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The secret must not reach a log.
        f.debug_struct("Keys")
            .field("id", &self.id)
            .finish_non_exhaustive()
    }
}

/// Why signing in failed, and what to do.
#[derive(Debug, thiserror::Error)]
pub enum SignInError {
    /// There are no credentials.
    #[error(
        "no AWS credentials were found: {0}. Set AWS_PROFILE or give --profile (run `aws sso login` \
         where the profile uses SSO), or set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY"
    )]
    NoCredentials(String),
    /// AWS refused the credentials or a role.
    #[error(
        "AWS refused to sign in: {0}. Check that the keys are valid, that the clock is right, and that the role may be assumed"
    )]
    Rejected(String),
    /// AWS was not reached.
    #[error(
        "AWS could not be reached: {0}. Check the network, the proxy (HTTPS_PROXY) and the endpoint"
    )]
    Unreachable(String),
    /// No region was named.
    #[error("no region is set: give --region, or set AWS_REGION, or a region in the profile")]
    NoRegion,
    /// A region does not exist.
    #[error("there is no AWS region {name}{hint}")]
    UnknownRegion {
        /// As it was given.
        name: String,
        /// The nearest name, as part of the sentence.
        hint: String,
    },
    /// All regions were wanted, and could not be listed.
    #[error(
        "the account's regions could not be listed (ec2:DescribeRegions): {0}. Give the regions by name with --region"
    )]
    Regions(String),
    /// The recorder failed.
    #[error("evidence could not be kept: {0}")]
    Recorder(String),
}

/// Signs in to one account. Makes two or three calls, which `recorder` keeps:
/// `sts:GetCallerIdentity`, `ec2:DescribeRegions`, `iam:ListAccountAliases`.
pub async fn sign_in(options: SignIn, recorder: Arc<dyn Recorder>) -> Result<Session, SignInError> {
    let (mut session, base) = connect(&options, recorder).await?;
    identify(&mut session, &base, &options.roles).await?;
    choose_regions(&mut session, &options.regions, &base).await?;
    name_account(&mut session).await;
    match session.broken() {
        Some(why) => Err(SignInError::Recorder(why.to_owned())),
        None => Ok(session),
    }
}

/// Loads credentials and assumes the roles; gives a session that has not yet asked
/// who it is, and the region where it is.
pub(crate) async fn connect(
    options: &SignIn,
    recorder: Arc<dyn Recorder>,
) -> Result<(Session, String), SignInError> {
    let chosen = match &options.regions {
        Regions::Chosen(names) => names.first().cloned(),
        _ => None,
    };
    let mut loader = aws_config::defaults(BehaviorVersion::latest());
    if let Some(profile) = &options.profile {
        loader = loader.profile_name(profile);
    }
    if let Ok(name) = AppName::new("shoseki") {
        loader = loader.app_name(name);
    }
    if let Some(url) = &options.endpoint {
        loader = loader.endpoint_url(url);
    }
    if let Some(keys) = &options.keys {
        let Keys { id, secret, token } = keys.clone();
        loader = loader.credentials_provider(Credentials::new(id, secret, token, None, "given"));
    }
    let mut sdk = loader.load().await;
    if options.keys.is_none()
        && let Some(profile) = named_profile(options)
        && let Some(provider) = of_profile(&sdk, &profile).await?
    {
        sdk = sdk.to_builder().credentials_provider(provider).build();
    }
    let configured = sdk.region().map(ToString::to_string);
    let base = match (chosen, configured, &options.regions) {
        (Some(region), _, _) | (None, Some(region), _) => region,
        (None, None, Regions::All) => "us-east-1".to_owned(),
        (None, None, _) => return Err(SignInError::NoRegion),
    };
    sdk = sdk.to_builder().region(Region::new(base.clone())).build();
    for role in &options.roles {
        sdk = assume(sdk, role).await;
    }
    let partitions = Partitions::get();
    let target = Target {
        cloud: "aws".to_owned(),
        account: String::new(),
        level: "account".into(),
        name: None,
        partition: partitions.name(&base).to_owned(),
        regions: Vec::new(),
        regions_left_out: Vec::new(),
        caller: Caller::default(),
        endpoint: options
            .endpoint
            .clone()
            .or_else(|| sdk.endpoint_url().map(str::to_owned)),
    };
    let shared = Shared {
        sdk,
        identity_cache: IdentityCache::lazy().build(),
        limits: options.limits.clone(),
        #[cfg(test)]
        extra: Vec::new(),
    };
    let home = partitions.home(&base).to_owned();
    let session = Session::new(shared, target, home, recorder, options.endpoint.clone());
    Ok((session, base))
}

/// The profile that alone may give credentials: one named by the user, or by
/// the environment where that holds no keys.
fn named_profile(options: &SignIn) -> Option<String> {
    let set = |name: &str| std::env::var(name).ok().filter(|v| !v.is_empty());
    let by_environment = || set("AWS_PROFILE").filter(|_| set("AWS_ACCESS_KEY_ID").is_none());
    options.profile.clone().or_else(by_environment)
}

/// Credentials of a profile and of nothing else: the SDK's chain would go on to
/// keys in the environment or to the machine's role, which is not who the user
/// meant. `None` where the profile is there and says nothing of credentials.
async fn of_profile(
    sdk: &SdkConfig,
    profile: &str,
) -> Result<Option<SharedCredentialsProvider>, SignInError> {
    let mut config = ProviderConfig::without_region().with_region(sdk.region().cloned());
    if let Some(client) = sdk.http_client() {
        config = config.with_http_client(client);
    }
    let provider = ProfileFileCredentialsProvider::builder()
        .configure(&config)
        .profile_name(profile)
        .build();
    let provider = SharedCredentialsProvider::new(provider);
    match provider.provide_credentials().await {
        Ok(_) => Ok(Some(provider)),
        Err(e @ CredentialsError::CredentialsNotLoaded(_)) if e.source().is_none() => Ok(None),
        Err(e) => Err(no_credentials(&e)),
    }
}

/// What a failure to get credentials means.
pub(crate) fn no_credentials(e: &CredentialsError) -> SignInError {
    let words = in_words(e);
    let has = |parts: &[&str]| parts.iter().any(|p| words.contains(p));
    match e {
        CredentialsError::ProviderTimedOut(_) => SignInError::Unreachable(words),
        CredentialsError::ProviderError(_) if has(&["dispatch failure", "timeout"]) => {
            SignInError::Unreachable(words)
        }
        // STS answered, and said no; the metadata service of a machine is no judge.
        CredentialsError::ProviderError(_) if has(&["service error"]) && !has(&["IMDS"]) => {
            SignInError::Rejected(words)
        }
        _ => SignInError::NoCredentials(words),
    }
}

async fn assume(sdk: SdkConfig, role: &Role) -> SdkConfig {
    let mut builder = aws_config::sts::AssumeRoleProvider::builder(&role.arn)
        .session_name("shoseki")
        .configure(&sdk);
    if let Some(id) = &role.external_id {
        builder = builder.external_id(id);
    }
    let provider = SharedCredentialsProvider::new(builder.build().await);
    sdk.to_builder().credentials_provider(provider).build()
}

/// Asks who we are, where we are first and at home after that.
async fn identify(session: &mut Session, base: &str, roles: &[Role]) -> Result<(), SignInError> {
    let mut first = None;
    for region in [base.to_owned(), session.home.clone()] {
        let request = Request {
            service: "sts".to_owned(),
            operation: "GetCallerIdentity".to_owned(),
            region: region.clone(),
            ..Request::default()
        };
        let failure = match session.ask(request).await {
            Err(failure) => failure,
            Ok(mut asked) => match &asked.outcome {
                Err(failure) => failure.clone(),
                Ok((who, _)) => {
                    let text = |k: &str| who[k].as_str().unwrap_or_default().to_owned();
                    session.target.account = text("Account");
                    if let Some(partition) = text("Arn").split(':').nth(1) {
                        session.target.partition = partition.to_owned();
                    }
                    session.target.caller = Caller {
                        id: text("Arn"),
                        account: text("Account"),
                        via: roles.iter().map(|r| r.arn.clone()).collect(),
                    };
                    session.works_in = Some(region);
                    asked.exchange.account = session.target.account.clone();
                    asked.exchange.caller = session.target.caller.id.clone();
                    asked.exchange.identify();
                    return session
                        .keep(&asked)
                        .map_err(|f| SignInError::Recorder(words(&f)));
                }
            },
        };
        first.get_or_insert(failure);
    }
    let Some(failure) = first else {
        return Err(SignInError::Unreachable("nothing was asked".to_owned()));
    };
    // Nothing left: were there credentials at all?
    if failure.status.is_none()
        && let Some(provider) = session.shared.sdk.credentials_provider()
        && let Err(e) = provider.provide_credentials().await
    {
        return Err(no_credentials(&e));
    }
    let words = words(&failure);
    Err(match failure.cause {
        Cause::Denied | Cause::Rejected | Cause::RegionDisabled => SignInError::Rejected(words),
        _ => SignInError::Unreachable(words),
    })
}

pub(crate) fn words(failure: &Failure) -> String {
    match &failure.error {
        Some(e) if e.code.is_empty() => e.message.clone(),
        Some(e) => format!("{}: {}", e.code, e.message),
        None => format!("{:?}", failure.cause),
    }
}

/// Settles which regions are read, and which are left out.
async fn choose_regions(
    session: &mut Session,
    wanted: &Regions,
    base: &str,
) -> Result<(), SignInError> {
    let request = Request {
        service: "ec2".to_owned(),
        operation: "DescribeRegions".to_owned(),
        region: session.works_in.clone().unwrap_or_else(|| base.to_owned()),
        ..Request::default()
    };
    let enabled = session.page(request).await;
    let enabled = enabled.map(|page| enabled_regions(&page.value));
    let chosen: Vec<String> = match wanted {
        Regions::Chosen(names) if !names.is_empty() => {
            let mut unique = names.clone();
            unique.sort();
            unique.dedup();
            unique
        }
        Regions::Configured | Regions::Chosen(_) => vec![base.to_owned()],
        Regions::All => match &enabled {
            Ok(names) if !names.is_empty() => names.clone(),
            Ok(_) => return Err(SignInError::Regions("the list is empty".to_owned())),
            Err(failure) => return Err(SignInError::Regions(words(failure))),
        },
    };
    let enabled = enabled.unwrap_or_else(|failure| {
        session.regions_unknown = Some(failure);
        Vec::new()
    });
    let partitions = Partitions::get();
    for name in &chosen {
        if !enabled.contains(name) && !partitions.knows(name) {
            let near = nearest(name, partitions.regions());
            return Err(SignInError::UnknownRegion {
                name: name.clone(),
                hint: near
                    .map(|n| format!("; did you mean {n}?"))
                    .unwrap_or_default(),
            });
        }
    }
    session.target.regions_left_out = enabled
        .into_iter()
        .filter(|r| !chosen.contains(r))
        .collect();
    session.target.regions = chosen;
    Ok(())
}

/// Regions that are switched on, sorted.
pub(crate) fn enabled_regions(answer: &Value) -> Vec<String> {
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

/// Takes the account's alias for its name. An account may have none, and the
/// alias is only a label, so that a failure changes nothing.
async fn name_account(session: &mut Session) {
    let request = Request {
        service: "iam".to_owned(),
        operation: "ListAccountAliases".to_owned(),
        region: session.home.clone(),
        ..Request::default()
    };
    if let Ok(page) = session.page(request).await {
        session.target.name = match &page.value["AccountAliases"][0] {
            Value::String(alias) => Some(alias.clone()),
            _ => None,
        };
    }
}
