//! Whose credentials they are: from the file that holds them, or from the machine.

use serde_json::Value;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Who signs, as far as the credentials tell.
pub(crate) struct Identity {
    /// An e-mail address of a service account, or what comes nearest.
    pub(crate) who: String,
    /// Who it was before an impersonation.
    pub(crate) via: Vec<String>,
    /// The project that belongs to the credentials.
    pub(crate) project: Option<String>,
}

/// The file with credentials: the one given, the environment's, gcloud's.
pub(crate) fn file(given: Option<&Path>) -> Option<PathBuf> {
    if let Some(path) = given {
        return Some(path.to_owned());
    }
    let set = |name: &str| std::env::var_os(name).filter(|v| !v.is_empty());
    if let Some(path) = set("GOOGLE_APPLICATION_CREDENTIALS") {
        return Some(path.into());
    }
    // https://google.aip.dev/auth/4113
    let folder = match (set("CLOUDSDK_CONFIG"), cfg!(windows)) {
        (Some(folder), _) => PathBuf::from(folder),
        (None, true) => PathBuf::from(set("APPDATA")?).join("gcloud"),
        (None, false) => PathBuf::from(set("HOME")?).join(".config/gcloud"),
    };
    let path = folder.join("application_default_credentials.json");
    path.is_file().then_some(path)
}

impl Identity {
    /// A token that came from outside.
    pub(crate) fn given() -> Self {
        Self {
            who: "token".to_owned(),
            via: Vec::new(),
            project: None,
        }
    }

    /// What a credentials file says; secrets are not looked at.
    pub(crate) fn of_file(json: &Value) -> Self {
        let text = |v: &Value, k: &str| v[k].as_str().map(str::to_owned);
        let project = text(json, "project_id").or_else(|| text(json, "quota_project_id"));
        let source = |v: &Value| match v["type"].as_str() {
            Some("service_account") => text(v, "client_email"),
            Some("external_account") => text(v, "audience"),
            Some("authorized_user") => {
                let client = text(v, "client_id").unwrap_or_default();
                Some(
                    text(v, "account")
                        .filter(|a| !a.is_empty())
                        .unwrap_or_else(|| {
                            format!("a user's credentials by the OAuth client {client}")
                        }),
                )
            }
            _ => None,
        };
        let inner = match json["type"].as_str() {
            Some("impersonated_service_account") => source(&json["source_credentials"]),
            _ => source(json),
        };
        let inner = inner.unwrap_or_else(|| "unknown credentials".to_owned());
        match text(json, "service_account_impersonation_url")
            .as_deref()
            .and_then(impersonated)
        {
            Some(who) => Self {
                who: who.to_owned(),
                via: vec![inner],
                project,
            },
            None => Self {
                who: inner,
                via: Vec::new(),
                project,
            },
        }
    }

    /// What the metadata server says; `Err` says why there is none.
    pub(crate) async fn of_machine(client: &reqwest::Client) -> Result<Self, String> {
        let who = metadata(client, "instance/service-accounts/default/email").await?;
        let project = metadata(client, "project/project-id").await.ok();
        Ok(Self {
            who,
            via: Vec::new(),
            project: project.filter(|p| !p.is_empty()),
        })
    }
}

/// The service account in the address that impersonates it.
fn impersonated(url: &str) -> Option<&str> {
    let (_, rest) = url.rsplit_once("/serviceAccounts/")?;
    rest.split(':').next()
}

/// The project of a service account, `p` of `x@p.iam.gserviceaccount.com`; empty
/// for others.
pub(crate) fn project_of(who: &str) -> String {
    let domain = who.split_once('@').map_or("", |(_, domain)| domain);
    domain
        .strip_suffix(".iam.gserviceaccount.com")
        .unwrap_or_default()
        .to_owned()
}

/// One value of the metadata server:
/// <https://cloud.google.com/compute/docs/metadata/querying-metadata>.
async fn metadata(client: &reqwest::Client, path: &str) -> Result<String, String> {
    let host = std::env::var("GCE_METADATA_HOST").unwrap_or_default();
    let host = match host.as_str() {
        "" => "metadata.google.internal",
        host => host,
    };
    let url = format!("http://{host}/computeMetadata/v1/{path}");
    let sent = client
        .get(url)
        .header("metadata-flavor", "Google")
        .timeout(Duration::from_secs(3))
        .send()
        .await
        .and_then(reqwest::Response::error_for_status);
    let none = "there is no credentials file, and this machine is none of Google Cloud's";
    match sent {
        Ok(answer) => answer.text().await.map_err(|_| none.to_owned()),
        Err(_) => Err(none.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn files_tell_who_signs() {
        let key = json!({"type": "service_account", "client_email": "a@p.iam.gserviceaccount.com", "project_id": "p"});
        let of = Identity::of_file(&key);
        assert_eq!(of.who, "a@p.iam.gserviceaccount.com");
        assert_eq!(of.project.as_deref(), Some("p"));
        assert_eq!(project_of(&of.who), "p");
        let url = "https://iamcredentials.googleapis.com/v1/projects/-/serviceAccounts/b@q.iam.gserviceaccount.com:generateAccessToken";
        let federated = json!({"type": "external_account", "audience": "//iam/pool", "service_account_impersonation_url": url});
        let of = Identity::of_file(&federated);
        assert_eq!(
            (of.who.as_str(), of.via.as_slice()),
            (
                "b@q.iam.gserviceaccount.com",
                &["//iam/pool".to_owned()][..]
            )
        );
        let nested = json!({"type": "impersonated_service_account", "source_credentials": key, "service_account_impersonation_url": url});
        let of = Identity::of_file(&nested);
        assert_eq!(of.via, ["a@p.iam.gserviceaccount.com"]);
        assert_eq!(project_of("somebody@example.com"), "");
    }
}
