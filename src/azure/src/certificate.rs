//! Signing in with a certificate: the assertion that Entra ID takes in the place
//! of a secret (<https://learn.microsoft.com/entra/identity-platform/certificate-credentials>).

use crate::clouds::AzureCloud;
use async_trait::async_trait;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{RSA_PSS_SHA256, RsaKeyPair};
use aws_lc_rs::{digest, rand};
use azure_core::base64;
use azure_core::http::ClientMethodOptions;
use azure_identity::ClientAssertion;
use serde_json::json;
use std::fmt;
use std::path::Path;

/// A certificate with its key, and what its assertions say.
pub struct Certificate {
    key: RsaKeyPair,
    /// SHA-256 of the certificate, base64url.
    thumbprint: String,
    audience: String,
    client: String,
}

impl fmt::Debug for Certificate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The key must not reach a log.
        f.debug_struct("Certificate")
            .field("thumbprint", &self.thumbprint)
            .finish_non_exhaustive()
    }
}

impl Certificate {
    /// Reads a PEM file that holds a certificate and its RSA key, without password.
    pub fn read(
        path: &Path,
        tenant: &str,
        client: &str,
        cloud: AzureCloud,
    ) -> Result<Self, String> {
        let shown = path.display();
        let text = std::fs::read_to_string(path).map_err(|e| format!("{shown}: {e}"))?;
        let part = |label: &str| block(&text, label);
        let certificate = part("CERTIFICATE").ok_or(format!("{shown}: no certificate (PEM)"))?;
        let key = match (part("PRIVATE KEY"), part("RSA PRIVATE KEY")) {
            (Some(pkcs8), _) => RsaKeyPair::from_pkcs8(&pkcs8),
            (None, Some(pkcs1)) => RsaKeyPair::from_der(&pkcs1),
            (None, None) => {
                return Err(format!(
                    "{shown}: no private key (PEM, RSA, without password)"
                ));
            }
        };
        let thumbprint = digest::digest(&digest::SHA256, &certificate);
        Ok(Self {
            key: key.map_err(|e| format!("{shown}: the key cannot be read: {e}"))?,
            thumbprint: unpadded(thumbprint.as_ref()),
            audience: format!("{}/{tenant}/oauth2/v2.0/token", cloud.authority()),
            client: client.to_owned(),
        })
    }

    fn assertion(&self) -> Result<String, String> {
        let random = SystemRandom::new();
        let mut id = [0; 16];
        rand::fill(&mut id).map_err(|e| e.to_string())?;
        let now = jiff::Timestamp::now().as_second();
        let header = json!({ "alg": "PS256", "typ": "JWT", "x5t#S256": self.thumbprint });
        let claims = json!({
            "aud": self.audience,
            "iss": self.client,
            "sub": self.client,
            "jti": unpadded(&id),
            "nbf": now - 60,
            "exp": now + 600,
        });
        let signed = format!(
            "{}.{}",
            unpadded(header.to_string().as_bytes()),
            unpadded(claims.to_string().as_bytes())
        );
        let mut signature = vec![0; self.key.public_modulus_len()];
        self.key
            .sign(&RSA_PSS_SHA256, &random, signed.as_bytes(), &mut signature)
            .map_err(|e| e.to_string())?;
        Ok(format!("{signed}.{}", unpadded(&signature)))
    }
}

#[async_trait]
impl ClientAssertion for Certificate {
    async fn secret(&self, _: Option<ClientMethodOptions<'_>>) -> azure_core::Result<String> {
        self.assertion().map_err(|e| {
            let kind = azure_core::error::ErrorKind::Credential;
            azure_core::Error::with_message(kind, format!("the assertion was not signed: {e}"))
        })
    }
}

fn unpadded(bytes: &[u8]) -> String {
    base64::encode_url_safe(bytes)
        .trim_end_matches('=')
        .to_owned()
}

/// The first block of a label in PEM text (RFC 7468).
fn block(text: &str, label: &str) -> Option<Vec<u8>> {
    let begin = format!("-----BEGIN {label}-----");
    let end = format!("-----END {label}-----");
    let inside = text.split_once(&begin)?.1.split_once(&end)?.0;
    let packed: String = inside.split_whitespace().collect();
    base64::decode(packed).ok()
}
