//! Every way to sign in, and what goes wrong with it.

use super::*;
use crate::Way;
use std::io::Write;

fn found(server: &Server) -> SignIn {
    SignIn {
        token: None,
        ..options(server)
    }
}

fn env(more: &[(&'static str, &str)]) -> Vec<(&'static str, String)> {
    let mut all = vec![
        ("AZURE_TENANT_ID", TENANT.to_owned()),
        ("AZURE_CLIENT_ID", "app".to_owned()),
    ];
    all.extend(more.iter().map(|(k, v)| (*k, (*v).to_owned())));
    all
}

/// Answers signing in and keeps the bodies of requests for tokens.
async fn watched() -> (Server, Arc<Mutex<Vec<Got>>>) {
    let tokens: Arc<Mutex<Vec<Got>>> = Arc::default();
    let kept = tokens.clone();
    let server = Server::start(
        move |got| {
            if got.target.contains("oauth2") {
                kept.lock().unwrap().push(got.clone());
            }
            signing_in(got)
        },
        |_, _| Reply::status(404, ""),
    )
    .await;
    (server, tokens)
}

#[tokio::test]
async fn a_client_secret() {
    let (server, tokens) = watched().await;
    let env = env(&[("AZURE_CLIENT_SECRET", "hidden-word")]);
    let (signed, memory) = signed_in(found(&server), &env).await;
    let signed = signed.unwrap_or_else(|e| panic!("{e}"));
    let target = signed.sessions[1].target();
    assert_eq!(target.account, SUBSCRIPTION);
    assert_eq!(target.name.as_deref(), Some("main"));
    assert_eq!(target.level, "subscription");
    assert_eq!(target.caller.id, "app (o)");
    assert_eq!(target.caller.via, ["environment"]);
    assert_eq!(signed.sessions[0].target().name.as_deref(), Some("house"));
    let sent = tokens.lock().unwrap()[0].clone();
    assert_eq!(sent.target, format!("/{TENANT}/oauth2/v2.0/token"));
    assert!(sent.body.contains("client_secret=hidden-word"));
    // Neither the secret nor the token is in what is kept.
    for (x, body) in memory.all() {
        let text = format!("{x:?} {:?}", body.map(|b| String::from_utf8(b).unwrap()));
        assert!(
            !text.contains("hidden-word") && !text.contains(&token()),
            "{text}"
        );
    }
}

#[tokio::test]
async fn a_certificate_signs_an_assertion() {
    let (server, tokens) = watched().await;
    let key = aws_lc_rs::rsa::KeyPair::generate(aws_lc_rs::rsa::KeySize::Rsa2048).unwrap();
    use aws_lc_rs::encoding::AsDer;
    let pkcs8: aws_lc_rs::encoding::Pkcs8V1Der<'_> = key.as_der().unwrap();
    let pem = |label: &str, bytes: &[u8]| {
        let text = azure_core::base64::encode(bytes);
        format!("-----BEGIN {label}-----\n{text}\n-----END {label}-----\n")
    };
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(pem("PRIVATE KEY", pkcs8.as_ref()).as_bytes())
        .unwrap();
    file.write_all(pem("CERTIFICATE", b"a certificate").as_bytes())
        .unwrap();
    let path = file.path().to_str().unwrap();
    let env = env(&[("AZURE_CLIENT_CERTIFICATE_PATH", path)]);
    let (signed, _) = signed_in(found(&server), &env).await;
    signed.unwrap_or_else(|e| panic!("{e}"));
    let body = tokens.lock().unwrap()[0].body.clone();
    let assertion = body.split("client_assertion=").nth(1).unwrap();
    let assertion = assertion.split('&').next().unwrap();
    let mut parts = assertion.split('.');
    let read = |p: &str| {
        let padded = format!("{p}{}", "=".repeat((4 - p.len() % 4) % 4));
        azure_core::base64::decode_url_safe(padded).unwrap()
    };
    let (head, claims) = (parts.next().unwrap(), parts.next().unwrap());
    let signature = read(parts.next().unwrap());
    let header: Value = serde_json::from_slice(&read(head)).unwrap();
    let claimed: Value = serde_json::from_slice(&read(claims)).unwrap();
    assert_eq!(header["alg"], "PS256");
    assert_eq!(claimed["iss"], "app");
    assert_eq!(
        claimed["aud"],
        format!("https://login.microsoftonline.com/{TENANT}/oauth2/v2.0/token")
    );
    use aws_lc_rs::signature::{KeyPair as _, RSA_PSS_2048_8192_SHA256, UnparsedPublicKey};
    let pair = aws_lc_rs::signature::RsaKeyPair::from_pkcs8(pkcs8.as_ref()).unwrap();
    UnparsedPublicKey::new(&RSA_PSS_2048_8192_SHA256, pair.public_key().as_ref())
        .verify(format!("{head}.{claims}").as_bytes(), &signature)
        .unwrap();
}

#[tokio::test]
async fn a_workload_identity_and_a_managed_identity() {
    let (server, tokens) = watched().await;
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(b"federated").unwrap();
    let path = file.path().to_str().unwrap();
    let federated = env(&[("AZURE_FEDERATED_TOKEN_FILE", path)]);
    let (signed, _) = signed_in(found(&server), &federated).await;
    let signed = signed.unwrap_or_else(|e| panic!("{e}"));
    assert_eq!(
        signed.sessions[0].target().caller.via,
        ["workload-identity"]
    );
    assert!(
        tokens.lock().unwrap()[0]
            .body
            .contains("client_assertion=federated")
    );
    let how = SignIn {
        way: Some(Way::ManagedIdentity),
        ..found(&server)
    };
    let (signed, _) = signed_in(how, &[]).await;
    let signed = signed.unwrap_or_else(|e| panic!("{e}"));
    assert_eq!(signed.sessions[0].target().caller.via, ["managed-identity"]);
    let last = tokens.lock().unwrap().last().unwrap().clone();
    assert!(last.target.starts_with("/metadata/identity/oauth2/token?"));
    assert_eq!(last.header("metadata"), Some("true"));
}

#[tokio::test]
async fn a_machine_that_answers_has_an_identity() {
    let server = Server::start(
        |got| match got.target.starts_with("/metadata/instance") {
            true => Some(Reply::ok("{}")),
            false => signing_in(got),
        },
        |_, _| Reply::status(404, ""),
    )
    .await;
    let (signed, _) = signed_in(found(&server), &[]).await;
    let signed = signed.unwrap_or_else(|e| panic!("{e}"));
    assert_eq!(signed.sessions[0].target().caller.via, ["managed-identity"]);
}

#[tokio::test]
async fn refusals_say_what_to_do() {
    let refuse = |status: u16, body: &'static str| {
        Server::start(
            move |_| Some(Reply::status(status, body)),
            |_, _| Reply::Drop,
        )
    };
    let aadsts = r#"{"error":"invalid_client","error_description":"AADSTS7000215: Invalid client secret provided."}"#;
    let secret = env(&[("AZURE_CLIENT_SECRET", "x")]);
    let server = refuse(401, aadsts).await;
    let (signed, _) = signed_in(found(&server), &secret).await;
    let Err(e @ SignInError::Rejected { .. }) = signed else {
        panic!("signed in")
    };
    assert!(e.to_string().contains("AADSTS7000215"), "{e}");
    // Set up and incomplete: nothing else is tried.
    let (signed, _) = signed_in(found(&server), &secret[2..]).await;
    assert!(matches!(signed, Err(SignInError::NoCredentials(w)) if w.contains("AZURE_CLIENT_ID")));
    // Resource Manager refuses the token.
    let arm = r#"{"error":{"code":"InvalidAuthenticationTokenTenant","message":"wrong"}}"#;
    let server = refuse(401, arm).await;
    let (signed, memory) = signed_in(options(&server), &[]).await;
    assert!(matches!(signed, Err(SignInError::Rejected { words, .. }) if words.contains("Tenant")));
    assert_eq!(
        memory.last().0.error.unwrap().code,
        "InvalidAuthenticationTokenTenant"
    );
    // Nobody is there.
    let gone = SignIn {
        endpoint: Some("http://127.0.0.1:1".to_owned()),
        ..options(&server)
    };
    let (signed, _) = signed_in(gone, &[]).await;
    assert!(matches!(signed, Err(SignInError::Unreachable(_))));
    // Tokens are not sent anywhere in clear.
    let clear = SignIn {
        endpoint: Some("http://example.com".to_owned()),
        ..options(&server)
    };
    assert!(matches!(
        signed_in(clear, &[]).await.0,
        Err(SignInError::Usage(_))
    ));
}

#[tokio::test]
async fn subscriptions_that_are_not_reached_are_told() {
    let other = "33333333-0000-4000-8000-000000000003";
    let server = server(|_, _| {
        let body = r#"{"error":{"code":"AuthorizationFailed","message":"no"}}"#;
        Reply::status(403, body)
    })
    .await;
    let how = SignIn {
        subscriptions: Subscriptions::Chosen(vec![SUBSCRIPTION.to_owned(), other.to_owned()]),
        ..options(&server)
    };
    let (signed, _) = signed_in(how, &[]).await;
    let signed = signed.unwrap_or_else(|e| panic!("{e}"));
    assert_eq!(signed.sessions.len(), 2);
    let (gap, target) = &signed.missed[0];
    assert!(gap.is_unreached());
    assert_eq!(
        (gap.account.as_str(), target.account.as_str()),
        (other, other)
    );
    assert_eq!(gap.cause, shoseki_model::Cause::Denied);
}

#[tokio::test]
async fn below_a_management_group() {
    let body = json!({"value": [
        {"type": "Microsoft.Management/managementGroups", "name": "inner"},
        {"type": "Microsoft.Management/managementGroups/subscriptions", "name": SUBSCRIPTION},
    ]});
    let server =
        server(
            move |got, _| match got.target.contains("/managementGroups/top/descendants") {
                true => Reply::ok(&body.to_string()),
                false => Reply::status(404, ""),
            },
        )
        .await;
    let how = SignIn {
        management_group: Some("top".to_owned()),
        ..options(&server)
    };
    let (signed, _) = signed_in(how, &[]).await;
    assert_eq!(signed.unwrap_or_else(|e| panic!("{e}")).sessions.len(), 2);
}
