//! Signing in: whose credentials, and who that is.

use crate::identity::{self, Identity};
use crate::session::{Access, Shared};
use google_cloud_auth::build_errors::Error as BuildError;
use google_cloud_auth::credentials::service_account::AccessSpecifier;
use google_cloud_auth::credentials::{
    CacheableResource, Credentials, CredentialsProvider, EntityTag, external_account, impersonated,
    mds, service_account, user_account,
};
use google_cloud_auth::errors::CredentialsError;
use http::{Extensions, HeaderMap, HeaderValue};
use serde_json::Value;
use shoseki_caller::{Limits, in_words, is_loopback};
use shoseki_collect::Recorder;
use shoseki_model::Caller;
use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

/// What tokens are asked for. Every method that is called takes one of them; many
/// APIs know no scope that only reads, so that what is sent is held to reading
/// methods here and by the permissions of the account.
pub const SCOPES: [&str; 2] = [
    "https://www.googleapis.com/auth/cloud-platform",
    "https://www.googleapis.com/auth/cloud-identity.policies.readonly",
];

/// How to sign in. Credentials are those given, else those that the variable
/// `GOOGLE_APPLICATION_CREDENTIALS` names, else those of
/// `gcloud auth application-default login`, else those of the machine (metadata
/// server). A file may hold a service account's key, a user's credentials, a
/// workload identity federation or an impersonation.
#[derive(Clone, Debug, Default)]
pub struct SignIn {
    /// A credentials file.
    pub credentials: Option<PathBuf>,
    /// Service accounts to act as, one after another; the last one reads.
    pub impersonate: Vec<String>,
    /// Project whose quota is used and billed, where the API needs one.
    pub quota_project: Option<String>,
    /// Where all requests go: `<endpoint>/<API's host>/<path>`.
    pub endpoint: Option<String>,
    /// Rates and times.
    pub limits: Limits,
    /// A token to sign with instead of looking for credentials; for the built-in
    /// cloud and for tests.
    pub token: Option<Token>,
}

/// A bearer token.
#[derive(Clone)]
pub struct Token(pub String);

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // It must not reach a log.
        f.write_str("Token(…)")
    }
}

/// Why signing in failed, and what to do.
#[derive(Debug, thiserror::Error)]
pub enum SignInError {
    /// There are no credentials.
    #[error(
        "no Google Cloud credentials were found: {0}. Run `gcloud auth application-default login`, \
         or set GOOGLE_APPLICATION_CREDENTIALS or give --credentials"
    )]
    NoCredentials(String),
    /// A credentials file cannot be used.
    #[error("the credentials cannot be used: {0}")]
    BadCredentials(String),
    /// Google refused.
    #[error(
        "Google Cloud refused to sign in or to read the target: {0}. Check that the credentials are \
         valid and that the account may read it (`shoseki permissions gcp`)"
    )]
    Rejected(String),
    /// Google was not reached.
    #[error(
        "Google Cloud could not be reached: {0}. Check the network, the proxy (HTTPS_PROXY) and the endpoint"
    )]
    Unreachable(String),
    /// No project was named.
    #[error(
        "it is not clear what to read: give --projects, --folder or --organization, or set GOOGLE_CLOUD_PROJECT"
    )]
    NoProject,
    /// A name is none.
    #[error("{0}")]
    BadTarget(String),
    /// The recorder failed.
    #[error("evidence could not be kept: {0}")]
    Recorder(String),
}

/// Signs in. Nothing of the cloud is asked but a token.
pub async fn sign_in(options: SignIn, recorder: Arc<dyn Recorder>) -> Result<Access, SignInError> {
    let client = client(&options)?;
    let (mut credentials, identity) = match &options.token {
        Some(token) => (Credentials::from(Fixed::of(token)?), Identity::given()),
        None => found(&options, &client).await?,
    };
    let mut caller = Caller {
        account: identity::project_of(&identity.who),
        id: identity.who,
        via: identity.via,
    };
    if let Some((last, before)) = options.impersonate.split_last() {
        credentials = impersonated::Builder::from_source_credentials(credentials)
            .with_target_principal(last)
            .with_delegates(before)
            .with_scopes(SCOPES)
            .build()
            .map_err(unusable)?;
        caller.via.push(caller.id);
        caller.via.extend(before.iter().cloned());
        caller.id = last.clone();
        caller.account = identity::project_of(last);
    }
    let limits = options.limits.clone();
    let headers = credentials.headers(Extensions::new());
    match tokio::time::timeout(limits.operation, headers).await {
        Ok(Ok(_)) => {}
        Ok(Err(e)) => return Err(no_token(&e)),
        Err(_) => return Err(SignInError::Unreachable("no token came in time".to_owned())),
    }
    let set = |name: &str| std::env::var(name).ok().filter(|v| !v.is_empty());
    let project = ["GOOGLE_CLOUD_PROJECT", "CLOUDSDK_CORE_PROJECT"]
        .into_iter()
        .find_map(set)
        .or(identity.project);
    let shared = Shared::new(client, credentials, limits, options.endpoint, recorder);
    Ok(Access {
        shared: Arc::new(shared),
        caller,
        project,
    })
}

fn client(options: &SignIn) -> Result<reqwest::Client, SignInError> {
    let mut builder = reqwest::Client::builder()
        .user_agent(concat!("shoseki/", env!("CARGO_PKG_VERSION")))
        .connect_timeout(options.limits.connect)
        // A token must not follow to another host.
        .redirect(reqwest::redirect::Policy::none());
    if options.endpoint.as_deref().is_some_and(is_loopback) {
        builder = builder.no_proxy();
    }
    builder
        .build()
        .map_err(|e| SignInError::Unreachable(in_words(&e)))
}

/// Looks for credentials, in the documented order.
async fn found(
    options: &SignIn,
    client: &reqwest::Client,
) -> Result<(Credentials, Identity), SignInError> {
    let quota = options.quota_project.as_deref();
    let bad = SignInError::BadCredentials;
    if let Some(path) = identity::file(options.credentials.as_deref()) {
        let shown = path.display();
        let text = std::fs::read_to_string(&path).map_err(|e| bad(format!("{shown}: {e}")))?;
        let json: Value = serde_json::from_str(&text)
            // The text of the file must not reach the message.
            .map_err(|e| bad(format!("{shown}, line {}: it is not JSON", e.line())))?;
        let credentials = of_file(json.clone(), quota).map_err(|e| match e {
            SignInError::BadCredentials(why) => bad(format!("{shown}: {why}")),
            other => other,
        })?;
        return Ok((credentials, Identity::of_file(&json)));
    }
    let identity = Identity::of_machine(client)
        .await
        .map_err(SignInError::NoCredentials)?;
    let mut builder = mds::Builder::default().with_scopes(SCOPES);
    if let Some(quota) = quota {
        builder = builder.with_quota_project_id(quota);
    }
    Ok((builder.build().map_err(unusable)?, identity))
}

/// Credentials out of a file of one of Google's forms.
fn of_file(json: Value, quota: Option<&str>) -> Result<Credentials, SignInError> {
    let kind = json["type"].as_str().unwrap_or_default().to_owned();
    let quota = quota.map(str::to_owned);
    let built = match kind.as_str() {
        "service_account" => {
            let scopes = AccessSpecifier::from_scopes(SCOPES);
            let b = service_account::Builder::new(json).with_access_specifier(scopes);
            match quota {
                Some(q) => b.with_quota_project_id(q),
                None => b,
            }
            .build()
        }
        "authorized_user" => {
            let b = user_account::Builder::new(json);
            match quota {
                Some(q) => b.with_quota_project_id(q),
                None => b,
            }
            .build()
        }
        "external_account" => {
            let b = external_account::Builder::new(json).with_scopes(SCOPES);
            match quota {
                Some(q) => b.with_quota_project_id(q),
                None => b,
            }
            .build()
        }
        "impersonated_service_account" => {
            let b = impersonated::Builder::new(json).with_scopes(SCOPES);
            match quota {
                Some(q) => b.with_quota_project_id(q),
                None => b,
            }
            .build()
        }
        other => {
            return Err(SignInError::BadCredentials(format!(
                "the type is `{other}`; it must be service_account, authorized_user, \
                 external_account or impersonated_service_account"
            )));
        }
    };
    built.map_err(unusable)
}

fn unusable(e: BuildError) -> SignInError {
    SignInError::BadCredentials(in_words(&e))
}

fn no_token(e: &CredentialsError) -> SignInError {
    match e.is_transient() {
        true => SignInError::Unreachable(in_words(e)),
        false => SignInError::Rejected(in_words(e)),
    }
}

/// Always the same token.
#[derive(Clone)]
struct Fixed(HeaderMap);

impl Fixed {
    fn of(token: &Token) -> Result<Self, SignInError> {
        let mut value = HeaderValue::from_str(&format!("Bearer {}", token.0))
            .map_err(|_| SignInError::BadCredentials("the token is no token".to_owned()))?;
        value.set_sensitive(true);
        let mut headers = HeaderMap::new();
        headers.insert(http::header::AUTHORIZATION, value);
        Ok(Self(headers))
    }
}

impl fmt::Debug for Fixed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Fixed(…)")
    }
}

impl CredentialsProvider for Fixed {
    async fn headers(
        &self,
        _: Extensions,
    ) -> Result<CacheableResource<HeaderMap>, CredentialsError> {
        Ok(CacheableResource::New {
            entity_tag: EntityTag::default(),
            data: self.0.clone(),
        })
    }

    async fn universe_domain(&self) -> Option<String> {
        None
    }
}
