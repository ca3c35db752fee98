//! Signing in: credentials, roles, regions, and who we are.

use crate::answer::failed;
use crate::assume::{self, ASSUME, SESSION, Watched};
use crate::client::Shared;
use crate::endpoint::Partitions;
use crate::guard::nearest;
use crate::session::{Asked, Identify, Session};
use crate::traffic::Kept;
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
use shoseki_collect::{Cloud, Failure, Page, Recorder, Request};
use shoseki_model::{Caller, Cause, Gap, Target};
use std::error::Error;
use std::fmt;
use std::sync::Arc;

/// What signing in asks; `sts:GetCallerIdentity` is always allowed.
pub const PERMISSIONS: [&str; 3] = ["ec2:DescribeRegions", "iam:ListAccountAliases", WHO];

/// The call that says who signs.
pub(crate) const WHO: &str = "sts:GetCallerIdentity";

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

/// An account that is reached from another by a role, the last of
/// [`SignIn::roles`].
#[derive(Clone, Debug, Default)]
pub struct Member {
    /// Its id.
    pub account: String,
    /// Who asks for the role.
    pub caller: String,
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

/// Why an account was not reached: the call that failed and what it needs, the
/// failure, and in words for who signs in.
pub(crate) struct NotReached {
    call: (&'static str, &'static str),
    failure: Box<Failure>,
    error: SignInError,
}

impl From<SignInError> for NotReached {
    fn from(error: SignInError) -> Self {
        let cause = match error {
            SignInError::Unreachable(_) => Cause::Unreachable,
            _ => Cause::Denied,
        };
        Self {
            call: (ASSUME, ASSUME),
            failure: Box::new(failed(cause, error.to_string())),
            error,
        }
    }
}

/// Signs in to one account. Makes two or three calls, which `recorder` keeps:
/// `sts:GetCallerIdentity`, `ec2:DescribeRegions`, `iam:ListAccountAliases`.
pub async fn sign_in(options: SignIn, recorder: Arc<dyn Recorder>) -> Result<Session, SignInError> {
    let done = signed_in(&options, recorder, None).await;
    done.map_err(|not| not.error)
}

/// Signs in to a member account. One that cannot be reached is a gap; the answer
/// that refuses it is kept by `recorder`.
///
/// # Errors
/// The recorder failed.
pub async fn sign_in_member(
    options: SignIn,
    member: &Member,
    recorder: Arc<dyn Recorder>,
) -> Result<Result<Session, Box<Gap>>, SignInError> {
    match signed_in(&options, recorder, Some(member)).await {
        Ok(session) => Ok(Ok(session)),
        Err(NotReached {
            error: e @ SignInError::Recorder(_),
            ..
        }) => Err(e),
        Err(not) => {
            let role = options.roles.last().map_or("", |r| r.arn.as_str());
            let gap = unreached(&member.account, role, not.call, *not.failure);
            Ok(Err(Box::new(gap)))
        }
    }
}

async fn signed_in(
    options: &SignIn,
    recorder: Arc<dyn Recorder>,
    member: Option<&Member>,
) -> Result<Session, NotReached> {
    let (mut session, base) = connect(options, recorder).await?;
    identify(&mut session, &base, &options.roles, member).await?;
    choose_regions(&mut session, &options.regions, &base).await?;
    name_account(&mut session).await;
    match session.broken() {
        Some(why) => Err(SignInError::Recorder(why.to_owned()).into()),
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
    let watched = Watched::default();
    for (i, role) in options.roles.iter().enumerate() {
        let last = i + 1 == options.roles.len();
        sdk = assume(sdk, role, last.then_some(&watched)).await;
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
    let mut session = Session::new(shared, target, home, recorder, options.endpoint.clone());
    session.watched = watched;
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

async fn assume(sdk: SdkConfig, role: &Role, watched: Option<&Watched>) -> SdkConfig {
    let over = watched.map_or_else(|| sdk.clone(), |w| w.over(&sdk));
    let mut builder = aws_config::sts::AssumeRoleProvider::builder(&role.arn)
        .session_name(SESSION)
        .configure(&over);
    if let Some(id) = &role.external_id {
        builder = builder.external_id(id);
    }
    let provider = SharedCredentialsProvider::new(builder.build().await);
    sdk.to_builder().credentials_provider(provider).build()
}

/// Asks who we are, where we are first and at home after that.
async fn identify(
    session: &mut Session,
    base: &str,
    roles: &[Role],
    member: Option<&Member>,
) -> Result<(), NotReached> {
    let mut first: Option<(Failure, Option<Asked>)> = None;
    for region in [base.to_owned(), session.home.clone()] {
        let request = Request {
            service: "sts".to_owned(),
            operation: "GetCallerIdentity".to_owned(),
            region: region.clone(),
            ..Request::default()
        };
        let failed = match session.ask(request).await {
            Err(failure) => (failure, None),
            Ok(asked) => match &asked.outcome {
                Err(failure) => (failure.clone(), Some(asked)),
                Ok((who, _)) => {
                    let who = who.clone();
                    return identified(session, &who, region, roles, asked);
                }
            },
        };
        first.get_or_insert(failed);
    }
    let Some((failure, asked)) = first else {
        return Err(SignInError::Unreachable("nothing was asked".to_owned()).into());
    };
    let (call, failure) = match member {
        Some(m) => keep_refusal(session, base, roles, m, failure.clone(), asked)?,
        None => ((ASSUME, ASSUME), failure),
    };
    // Nothing left: were there credentials at all?
    if failure.status.is_none()
        && let Some(provider) = session.shared.sdk.credentials_provider()
        && let Err(e) = provider.provide_credentials().await
    {
        let error = no_credentials(&e);
        return Err(match failure.exchange {
            Some(_) => NotReached {
                call,
                failure: Box::new(failure),
                error,
            },
            None => error.into(),
        });
    }
    let words = words(&failure);
    let error = match failure.cause {
        Cause::Denied | Cause::Rejected | Cause::RegionDisabled => SignInError::Rejected(words),
        _ => SignInError::Unreachable(words),
    };
    Err(NotReached {
        call,
        failure: Box::new(failure),
        error,
    })
}

/// Takes over who the answer says that signs.
fn identified(
    session: &mut Session,
    who: &Value,
    region: String,
    roles: &[Role],
    mut asked: Asked,
) -> Result<(), NotReached> {
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
    let kept = session.keep(&asked);
    kept.map_err(|f| SignInError::Recorder(words(&f)).into())
}

type Call = (&'static str, &'static str);

/// Keeps the answer that refuses a member account, so that it shows why: the one to
/// who signs, or else the one to the role.
fn keep_refusal(
    session: &Session,
    base: &str,
    roles: &[Role],
    member: &Member,
    failure: Failure,
    asked: Option<Asked>,
) -> Result<(Call, Failure), NotReached> {
    let recorder = |f: Failure| NotReached::from(SignInError::Recorder(words(&f)));
    let last = roles.last();
    let role = last.map_or("", |r| r.arn.as_str());
    let asked = asked.filter(|a| a.exchange.attempts > 0);
    if let Some(mut asked) = asked {
        asked.exchange.account.clone_from(&member.account);
        role.clone_into(&mut asked.exchange.caller);
        asked.exchange.identify();
        session.keep(&asked).map_err(recorder)?;
        let exchange = Some(asked.exchange.id);
        return Ok((
            (WHO, WHO),
            Failure {
                exchange,
                ..failure
            },
        ));
    }
    let external = last.is_some_and(|r| r.external_id.is_some());
    let request = assume::request(role, external, base);
    let (account, caller) = (member.account.as_str(), member.caller.as_str());
    let refusal = session
        .watched
        .refusal(&request, account, caller, &session.home);
    let Some(r) = refusal else {
        return Ok(((ASSUME, ASSUME), failure));
    };
    let asked = Asked {
        exchange: r.exchange,
        body: r.body.map(Kept::Redacted),
        outcome: Err(r.failure.clone()),
    };
    session.keep(&asked).map_err(recorder)?;
    Ok(((ASSUME, ASSUME), r.failure))
}

/// The gap that a member account was not reached by its role.
pub(crate) fn unreached(account: &str, role: &str, call: Call, failure: Failure) -> Gap {
    Gap {
        exchange: failure.exchange,
        ..Gap::unreached("aws", account, call, role, failure.cause, failure.error)
    }
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
) -> Result<(), NotReached> {
    let request = Request {
        service: "ec2".to_owned(),
        operation: "DescribeRegions".to_owned(),
        region: session.works_in.clone().unwrap_or_else(|| base.to_owned()),
        ..Request::default()
    };
    let enabled = session.page(request).await.and_then(|page| regions(&page));
    let chosen: Vec<String> = match wanted {
        Regions::Chosen(names) if !names.is_empty() => {
            let mut unique = names.clone();
            unique.sort();
            unique.dedup();
            unique
        }
        Regions::Configured | Regions::Chosen(_) => vec![base.to_owned()],
        Regions::All => match &enabled {
            Ok(names) => names.clone(),
            Err(failure) => {
                return Err(NotReached {
                    call: (PERMISSIONS[0], PERMISSIONS[0]),
                    failure: Box::new(failure.clone()),
                    error: SignInError::Regions(words(failure)),
                });
            }
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
            }
            .into());
        }
    }
    session.target.regions_left_out = enabled
        .into_iter()
        .filter(|r| !chosen.contains(r))
        .collect();
    session.target.regions = chosen;
    Ok(())
}

/// Regions that are switched on; an answer without any says nothing.
pub(crate) fn regions(page: &Page) -> Result<Vec<String>, Failure> {
    let names = enabled_regions(&page.value);
    match names.is_empty() {
        false => Ok(names),
        true => Err(Failure {
            exchange: Some(page.exchange.clone()),
            ..failed(Cause::Malformed, "the list of regions is empty".to_owned())
        }),
    }
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
