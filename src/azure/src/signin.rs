//! Signing in: a credential, who it speaks for, and what there is to read.

use crate::clouds::AzureCloud;
use crate::credential::{Given, Setting, Way, set_up};
use crate::query::REGION;
use crate::session::{Session, Shared};
use crate::transport::{Wire, broken, endpoint};
use azure_core::base64;
use azure_core::credentials::{Secret, TokenCredential};
use serde_json::{Map, Value};
use shoseki_caller::{Limits, in_words, scrub};
use shoseki_collect::{Failure, Page, Recorder, Request};
use shoseki_model::{Caller, Cause, Gap, Target, parse_json};
use std::sync::Arc;

/// The calls that signing in makes.
pub const TENANTS: &str = "GET /tenants?api-version=2022-12-01";
/// The same.
pub const SUBSCRIPTIONS: &str = "GET /subscriptions?api-version=2022-12-01";
/// The same: it shows that a subscription was reached.
pub const SUBSCRIPTION: &str = "GET /subscriptions/{subscriptionId}?api-version=2022-12-01";
/// The same.
pub const DESCENDANTS: &str = "GET /providers/Microsoft.Management/managementGroups/{groupId}/descendants?api-version=2023-04-01";

/// What signing in asks; listing tenants needs no permission.
pub const PERMISSIONS: [&str; 2] = [
    "Microsoft.Authorization/permissions/read",
    "Microsoft.Resources/subscriptions/read",
];

/// What listing a management group asks.
pub const GROUP_PERMISSION: &str = "Microsoft.Management/managementGroups/descendants/read";

/// Which subscriptions to read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Subscriptions {
    /// All that can be seen, or those below the management group.
    #[default]
    All,
    /// These, by id.
    Chosen(Vec<String>),
    /// None: for calls by hand about the tenant.
    None,
}

/// How to sign in, and what to read.
#[derive(Clone, Default)]
pub struct SignIn {
    /// The tenant; left out, that of the credential.
    pub tenant: Option<String>,
    /// Which subscriptions.
    pub subscriptions: Subscriptions,
    /// Only subscriptions below this management group.
    pub management_group: Option<String>,
    /// Which of Azure's clouds.
    pub cloud: AzureCloud,
    /// The way to sign in; left out, the first that is set up.
    pub way: Option<Way>,
    /// Where all requests go.
    pub endpoint: Option<String>,
    /// Rates and times.
    pub limits: Limits,
    /// A token to use instead of looking for a credential; for the built-in cloud
    /// and for tests.
    pub token: Option<String>,
}

/// What was signed in to.
pub struct SignedIn {
    /// The tenant and the subscriptions that were reached.
    pub sessions: Vec<Session>,
    /// Subscriptions that are known and were not.
    pub missed: Vec<(Gap, Target)>,
}

/// Why signing in failed, and what to do.
#[derive(Debug, thiserror::Error)]
pub enum SignInError {
    /// There is no credential.
    #[error(
        "no Azure credential was found: {0}. Run `az login`, or set AZURE_TENANT_ID, AZURE_CLIENT_ID and AZURE_CLIENT_SECRET (or AZURE_CLIENT_CERTIFICATE_PATH)"
    )]
    NoCredentials(String),
    /// Entra ID or Resource Manager refused.
    #[error(
        "Azure refused to sign in ({way}): {words}. Check the credential, the tenant and the clock"
    )]
    Rejected {
        /// The way that was taken.
        way: &'static str,
        /// What was said.
        words: String,
    },
    /// Azure was not reached.
    #[error(
        "Azure could not be reached: {0}. Check the network, the proxy (HTTPS_PROXY) and the endpoint"
    )]
    Unreachable(String),
    /// An option cannot be used.
    #[error("{0}")]
    Usage(String),
    /// The subscriptions are not known.
    #[error("the subscriptions could not be listed ({0}): {1}")]
    Subscriptions(&'static str, String),
    /// The recorder failed.
    #[error("evidence could not be kept: {0}")]
    Recorder(String),
}

/// Signs in to the tenant and to every subscription. The calls are kept by
/// `recorder`.
pub async fn sign_in(
    options: SignIn,
    recorder: Arc<dyn Recorder>,
) -> Result<SignedIn, SignInError> {
    let env = |name: &str| std::env::var(name).ok();
    sign_in_with(options, recorder, &env).await
}

pub(crate) async fn sign_in_with(
    options: SignIn,
    recorder: Arc<dyn Recorder>,
    env: crate::credential::Env<'_>,
) -> Result<SignedIn, SignInError> {
    let to = options.endpoint.as_deref().map(endpoint).transpose();
    let to = to.map_err(SignInError::Usage)?;
    let wire = |tokens| {
        Wire::new(&options.limits, to.clone(), options.cloud, tokens)
            .map(Arc::new)
            .map_err(|e| SignInError::Unreachable(in_words(&e)))
    };
    let setting = Setting {
        tenant: options.tenant.clone(),
        cloud: options.cloud,
        transport: wire(true)?,
        env,
    };
    let (way, credential) = credential(&options, &setting).await?;
    let claims = claims(credential.as_ref(), options.cloud, way).await?;
    let tenant = claims.text("tid");
    if let Some(wanted) = &options.tenant
        && !tenant.eq_ignore_ascii_case(wanted)
        // A tenant may be named by one of its domains.
        && !wanted.contains('.')
    {
        let words = format!("the token is for the tenant {tenant}");
        return Err(SignInError::Rejected { way, words });
    }
    let shared = Arc::new(Shared::new(
        options.cloud,
        options.limits.clone(),
        to.clone(),
        wire(false)?,
        credential,
        recorder,
    ));
    let first = Target {
        cloud: "azure".to_owned(),
        account: tenant.clone(),
        level: "tenant".to_owned(),
        name: None,
        partition: match options.cloud {
            AzureCloud::Public => String::new(),
            other => other.name().to_owned(),
        },
        regions: Vec::new(),
        regions_left_out: Vec::new(),
        caller: Caller {
            id: claims.principal(),
            account: tenant,
            via: vec![way.to_owned()],
        },
        endpoint: shared.endpoint.clone(),
    };
    let mut tenant = Session::new(Arc::clone(&shared), first);
    identify(&mut tenant, way).await?;
    let mut out = SignedIn {
        sessions: Vec::new(),
        missed: Vec::new(),
    };
    for (id, way) in subscriptions(&tenant, &options).await? {
        match subscription(&tenant, &id).await {
            Ok(session) => out.sessions.push(session),
            Err(f) => out.missed.push(missed(&tenant.target, &id, &way, f)),
        }
    }
    out.sessions.insert(0, tenant);
    match shared.broken() {
        Some(why) => Err(SignInError::Recorder(why.to_owned())),
        None => Ok(out),
    }
}

/// The credential and the name of its way.
async fn credential(
    options: &SignIn,
    setting: &Setting<'_>,
) -> Result<(&'static str, Arc<dyn TokenCredential>), SignInError> {
    if let Some(token) = &options.token {
        let given = Given(Secret::new(token.clone()));
        return Ok(("given token", Arc::new(given)));
    }
    let way = match options.way.or_else(|| set_up(setting.env)) {
        Some(way) => way,
        None if setting.machine_answers().await => Way::ManagedIdentity,
        None => Way::AzureCli,
    };
    let made = setting.credential(way);
    made.map(|c| (way.name(), c))
        .map_err(|why| SignInError::NoCredentials(format!("{}: {why}", way.name())))
}

/// What a token says of whom it speaks for. Its signature is for Azure to check.
struct Claims(Map<String, Value>);

impl Claims {
    fn text(&self, name: &str) -> String {
        let v = self.0.get(name).and_then(Value::as_str);
        v.unwrap_or_default().to_owned()
    }

    /// The user's name or the application's id, with the id of the object.
    fn principal(&self) -> String {
        let names = ["upn", "preferred_username", "unique_name", "appid", "azp"];
        let name = names.iter().map(|n| self.text(n)).find(|v| !v.is_empty());
        match (name, self.text("oid")) {
            (Some(name), oid) if !oid.is_empty() => format!("{name} ({oid})"),
            (Some(name), _) => name,
            (None, oid) => oid,
        }
    }
}

async fn claims(
    credential: &dyn TokenCredential,
    cloud: AzureCloud,
    way: &'static str,
) -> Result<Claims, SignInError> {
    let scope = format!("https://{}/.default", cloud.arm());
    let token = credential.get_token(&[&scope], None).await.map_err(|e| {
        let words = in_words(&e);
        let words = String::from_utf8_lossy(&scrub(words.as_bytes()).0).into_owned();
        match broken(&e) {
            Some(_) => SignInError::Unreachable(words),
            None if way == Way::AzureCli.name() => SignInError::NoCredentials(words),
            None => SignInError::Rejected { way, words },
        }
    })?;
    let read = |token: &str| {
        let payload = token.split('.').nth(1)?;
        let padding = "=".repeat((4 - payload.len() % 4) % 4);
        let bytes = base64::decode_url_safe(format!("{payload}{padding}")).ok()?;
        match parse_json(&bytes).ok()? {
            Value::Object(o) => Some(Claims(o)),
            _ => None,
        }
    };
    let found = read(token.token.secret()).filter(|c| !c.text("tid").is_empty());
    found.ok_or_else(|| SignInError::Rejected {
        way,
        words: "the token does not say which tenant it is for".to_owned(),
    })
}

/// A request of signing in.
pub(crate) fn request(operation: &str, params: &[(&str, &str)]) -> Request {
    Request {
        service: "arm".to_owned(),
        operation: operation.to_owned(),
        region: REGION.to_owned(),
        params: params
            .iter()
            .map(|(k, v)| ((*k).to_owned(), (*v).into()))
            .collect(),
        ..Request::default()
    }
}

/// Asks for the tenants, which also shows that Resource Manager takes the token.
async fn identify(session: &mut Session, way: &'static str) -> Result<(), SignInError> {
    let all = session.all(request(TENANTS, &[])).await;
    let (all, _) = all.map_err(|f| refused(&f, way, session))?;
    session.target.name = tenant_name(&all, &session.target.account);
    Ok(())
}

fn refused(f: &Failure, way: &'static str, session: &Session) -> SignInError {
    if let Some(why) = session.shared.broken() {
        return SignInError::Recorder(why.to_owned());
    }
    match f.cause {
        Cause::Denied | Cause::Rejected => SignInError::Rejected {
            way,
            words: words(f),
        },
        _ => SignInError::Unreachable(words(f)),
    }
}

/// The name of a tenant among those that were listed.
pub(crate) fn tenant_name(all: &[Value], tenant: &str) -> Option<String> {
    let own = all.iter().find(|t| {
        t["tenantId"]
            .as_str()
            .is_some_and(|id| id.eq_ignore_ascii_case(tenant))
    })?;
    ["displayName", "defaultDomain"]
        .iter()
        .find_map(|n| own[*n].as_str())
        .map(str::to_owned)
}

fn words(failure: &Failure) -> String {
    match &failure.error {
        Some(e) if e.code.is_empty() => e.message.clone(),
        Some(e) => format!("{}: {}", e.code, e.message),
        None => format!("{:?}", failure.cause),
    }
}

/// Ids of the subscriptions to read, each with what leads to it.
async fn subscriptions(
    tenant: &Session,
    options: &SignIn,
) -> Result<Vec<(String, String)>, SignInError> {
    let below = tenant.target.account.clone();
    let (operation, listed) = match (&options.subscriptions, &options.management_group) {
        (Subscriptions::None, _) => return Ok(Vec::new()),
        (Subscriptions::Chosen(ids), None) => {
            let mut unique: Vec<String> = ids.iter().map(|i| i.to_ascii_lowercase()).collect();
            unique.sort();
            unique.dedup();
            return Ok(unique.into_iter().map(|i| (i, below.clone())).collect());
        }
        (_, Some(group)) => (
            DESCENDANTS,
            tenant
                .all(request(DESCENDANTS, &[("groupId", group)]))
                .await,
        ),
        (Subscriptions::All, None) => {
            (SUBSCRIPTIONS, tenant.all(request(SUBSCRIPTIONS, &[])).await)
        }
    };
    let told = |why: String| SignInError::Subscriptions(operation, why);
    let (listed, _) = listed.map_err(|f| told(words(&f)))?;
    let named: &[String] = match &options.subscriptions {
        Subscriptions::Chosen(ids) => ids,
        _ => &[],
    };
    let ids = ids_of(operation, &listed, named).map_err(|why| told(why.to_owned()))?;
    let way = options.management_group.clone().unwrap_or(below);
    Ok(ids.into_iter().map(|id| (id, way.clone())).collect())
}

/// Ids of the subscriptions that a list names, of `named` alone where there are any.
pub(crate) fn ids_of(
    operation: &str,
    listed: &[Value],
    named: &[String],
) -> Result<Vec<String>, &'static str> {
    let mut out = Vec::new();
    for item in listed {
        let id = match operation == DESCENDANTS {
            true if !is_subscription(item) => continue,
            true => item["name"].as_str(),
            false if item["state"] == "Deleted" => continue,
            false => item["subscriptionId"].as_str(),
        };
        let id = id.ok_or("a subscription in the answer has no id")?;
        out.push(id.to_ascii_lowercase());
    }
    if !named.is_empty() {
        out.retain(|id| named.iter().any(|i| i.eq_ignore_ascii_case(id)));
    }
    out.sort();
    out.dedup();
    Ok(out)
}

fn is_subscription(item: &Value) -> bool {
    let kind = item["type"].as_str().unwrap_or_default();
    kind.to_ascii_lowercase().ends_with("/subscriptions")
}

/// Reaches one subscription.
async fn subscription(tenant: &Session, id: &str) -> Result<Session, Failure> {
    let target = Target {
        account: id.to_owned(),
        level: "subscription".to_owned(),
        name: None,
        ..tenant.target.clone()
    };
    let mut session = Session::new(Arc::clone(&tenant.shared), target);
    let page: Page = session
        .one(&request(SUBSCRIPTION, &[("subscriptionId", id)]))
        .await?;
    session.target.name = page.value["displayName"].as_str().map(str::to_owned);
    Ok(session)
}

fn missed(home: &Target, id: &str, way: &str, f: Failure) -> (Gap, Target) {
    let target = Target {
        account: id.to_owned(),
        level: "subscription".to_owned(),
        name: None,
        ..home.clone()
    };
    (unreached(id, way, f), target)
}

/// The gap that a subscription was not reached.
pub(crate) fn unreached(id: &str, way: &str, f: Failure) -> Gap {
    let call = format!("arm:{SUBSCRIPTION}");
    let call = (call.as_str(), PERMISSIONS[1]);
    Gap {
        exchange: f.exchange,
        ..Gap::unreached("azure", id, call, way, f.cause, f.error)
    }
}
