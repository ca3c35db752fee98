//! Where tokens come from: one chain, of which the first that is set up decides.
//! A way that is set up and fails is an error, never a reason to go on: the scan
//! would read as somebody else than was meant.

use crate::certificate::Certificate;
use crate::clouds::AzureCloud;
use async_trait::async_trait;
use azure_core::credentials::{AccessToken, Secret, TokenCredential, TokenRequestOptions};
use azure_core::http::{ClientOptions, HttpClient, Transport};
use azure_core::time::OffsetDateTime;
use azure_identity::{
    AzureCliCredential, AzureCliCredentialOptions, ClientAssertionCredential,
    ClientAssertionCredentialOptions, ClientSecretCredential, ClientSecretCredentialOptions,
    ManagedIdentityCredential, ManagedIdentityCredentialOptions, UserAssignedId,
    WorkloadIdentityCredential, WorkloadIdentityCredentialOptions,
};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

/// A way to sign in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// `AZURE_TENANT_ID`, `AZURE_CLIENT_ID`, and `AZURE_CLIENT_SECRET` or
    /// `AZURE_CLIENT_CERTIFICATE_PATH`.
    Environment,
    /// `AZURE_FEDERATED_TOKEN_FILE`, as Kubernetes sets it.
    WorkloadIdentity,
    /// Of a virtual machine, App Service or a container.
    ManagedIdentity,
    /// Whoever is signed in with `az login`.
    AzureCli,
}

impl Way {
    /// All, in the order in which they are looked for.
    pub const ALL: [Self; 4] = [
        Self::Environment,
        Self::WorkloadIdentity,
        Self::ManagedIdentity,
        Self::AzureCli,
    ];

    /// As people write it.
    pub fn name(self) -> &'static str {
        match self {
            Way::Environment => "environment",
            Way::WorkloadIdentity => "workload-identity",
            Way::ManagedIdentity => "managed-identity",
            Way::AzureCli => "azure-cli",
        }
    }
}

/// Environment variables.
pub type Env<'a> = &'a (dyn Fn(&str) -> Option<String> + Sync);

/// The first way that is set up; `None` where only a machine's own identity or
/// the Azure CLI are left to try.
pub fn set_up(env: Env<'_>) -> Option<Way> {
    let has = |name: &str| env(name).is_some_and(|v| !v.is_empty());
    if has("AZURE_CLIENT_SECRET") || has("AZURE_CLIENT_CERTIFICATE_PATH") {
        return Some(Way::Environment);
    }
    if has("AZURE_FEDERATED_TOKEN_FILE") {
        return Some(Way::WorkloadIdentity);
    }
    if has("IDENTITY_ENDPOINT") || has("MSI_ENDPOINT") {
        return Some(Way::ManagedIdentity);
    }
    None
}

/// What credentials are made with.
pub struct Setting<'a> {
    /// The tenant that the user named.
    pub tenant: Option<String>,
    /// Which cloud.
    pub cloud: AzureCloud,
    /// Sends requests for tokens.
    pub transport: Arc<dyn HttpClient>,
    /// Environment variables.
    pub env: Env<'a>,
}

impl Setting<'_> {
    fn options(&self) -> ClientOptions {
        ClientOptions {
            transport: Some(Transport::new(Arc::clone(&self.transport))),
            cloud: Some(Arc::new(self.cloud.configuration())),
            ..ClientOptions::default()
        }
    }

    fn var(&self, name: &str) -> Option<String> {
        (self.env)(name).filter(|v| !v.is_empty())
    }

    fn need(&self, name: &str) -> Result<String, String> {
        self.var(name).ok_or_else(|| format!("{name} is not set"))
    }

    /// The credential of a way; the error says what is missing.
    pub fn credential(&self, way: Way) -> Result<Arc<dyn TokenCredential>, String> {
        let told = |e: azure_core::Error| shoseki_caller::in_words(&e);
        let tenant = || match &self.tenant {
            Some(t) => Ok(t.clone()),
            None => self.need("AZURE_TENANT_ID"),
        };
        Ok(match way {
            Way::Environment => {
                let client = self.need("AZURE_CLIENT_ID")?;
                match self.var("AZURE_CLIENT_SECRET") {
                    Some(secret) => ClientSecretCredential::new(
                        &tenant()?,
                        client,
                        Secret::new(secret),
                        Some(ClientSecretCredentialOptions {
                            client_options: self.options(),
                        }),
                    )
                    .map_err(told)?,
                    None => {
                        let path = self.need("AZURE_CLIENT_CERTIFICATE_PATH")?;
                        let tenant = tenant()?;
                        let certificate =
                            Certificate::read(&PathBuf::from(path), &tenant, &client, self.cloud)?;
                        let options = ClientAssertionCredentialOptions {
                            client_options: self.options(),
                        };
                        ClientAssertionCredential::new(tenant, client, certificate, Some(options))
                            .map_err(told)?
                    }
                }
            }
            Way::WorkloadIdentity => {
                let options = WorkloadIdentityCredentialOptions {
                    credential_options: ClientAssertionCredentialOptions {
                        client_options: self.options(),
                    },
                    client_id: Some(self.need("AZURE_CLIENT_ID")?),
                    tenant_id: Some(tenant()?),
                    token_file_path: Some(self.need("AZURE_FEDERATED_TOKEN_FILE")?.into()),
                };
                WorkloadIdentityCredential::new(Some(options)).map_err(told)?
            }
            Way::ManagedIdentity => {
                let options = ManagedIdentityCredentialOptions {
                    user_assigned_id: self.var("AZURE_CLIENT_ID").map(UserAssignedId::ClientId),
                    client_options: self.options(),
                };
                ManagedIdentityCredential::new(Some(options)).map_err(told)?
            }
            Way::AzureCli => {
                let options = AzureCliCredentialOptions {
                    tenant_id: self.tenant.clone(),
                    ..AzureCliCredentialOptions::default()
                };
                AzureCliCredential::new(Some(options)).map_err(told)?
            }
        })
    }

    /// Whether this machine has an identity service: it answers at once, or is not
    /// there.
    pub async fn machine_answers(&self) -> bool {
        let Ok(url) = azure_core::http::Url::parse(METADATA) else {
            return false;
        };
        let mut probe = azure_core::http::Request::new(url, azure_core::http::Method::Get);
        probe.insert_header("metadata", "true");
        let asked = self.transport.execute_request(&probe);
        match tokio::time::timeout(Duration::from_secs(1), asked).await {
            Ok(Ok(answer)) => u16::from(answer.status()) < 500 && u16::from(answer.status()) != 404,
            _ => false,
        }
    }
}

/// Where a machine is told about itself:
/// <https://learn.microsoft.com/azure/virtual-machines/instance-metadata-service>.
const METADATA: &str = "http://169.254.169.254/metadata/instance?api-version=2021-02-01";

/// A token that was given: for the built-in cloud and for tests.
#[derive(Debug)]
pub struct Given(pub Secret);

#[async_trait]
impl TokenCredential for Given {
    async fn get_token(
        &self,
        _: &[&str],
        _: Option<TokenRequestOptions<'_>>,
    ) -> azure_core::Result<AccessToken> {
        let until = OffsetDateTime::now_utc() + Duration::from_secs(24 * 3600);
        Ok(AccessToken::new(self.0.clone(), until))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_that_is_set_up_decides() {
        let of = |names: &[&str]| {
            let env = |n: &str| names.contains(&n).then(|| "x".to_owned());
            set_up(&env)
        };
        assert_eq!(of(&[]), None);
        let both = ["AZURE_CLIENT_SECRET", "AZURE_FEDERATED_TOKEN_FILE"];
        assert_eq!(of(&both), Some(Way::Environment));
        assert_eq!(of(&both[1..]), Some(Way::WorkloadIdentity));
        assert_eq!(of(&["IDENTITY_ENDPOINT"]), Some(Way::ManagedIdentity));
        assert_eq!(
            of(&["AZURE_CLIENT_CERTIFICATE_PATH"]),
            Some(Way::Environment)
        );
        assert_eq!(of(&["AZURE_CLIENT_ID"]), None);
    }
}
