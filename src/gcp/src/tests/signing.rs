//! Each kind of credentials against a loopback that issues tokens.

use super::{Memory, buckets, options, start};
use crate::hierarchy::by_hand;
use crate::model;
use crate::signin::{SCOPES, SignIn, SignInError, sign_in};
use serde_json::{Value, json};
use shoseki_caller::loopback::{Got, Reply, Server};
use shoseki_collect::Cloud as _;
use std::io::Write as _;
use std::process::Command;
use std::sync::Arc;
use tempfile::NamedTempFile;

/// Issues tokens, and answers everything else with an empty object.
async fn issuer() -> Server {
    start(|got: &Got, _| {
        let token = r#"{"access_token":"issued","token_type":"Bearer","expires_in":3600,"issued_token_type":"urn:ietf:params:oauth:token-type:access_token"}"#;
        match got.target.as_str() {
            "/token" | "/sts" => Reply::ok(token),
            t if t.ends_with(":generateAccessToken") => {
                Reply::ok(r#"{"accessToken":"borrowed","expireTime":"2100-01-01T00:00:00Z"}"#)
            }
            "/subject" => Reply::ok("subject-token"),
            _ => Reply::ok("{}"),
        }
    })
    .await
}

fn file(json: &Value) -> NamedTempFile {
    let mut file = NamedTempFile::new().unwrap();
    file.write_all(json.to_string().as_bytes()).unwrap();
    file
}

fn key() -> String {
    let made = Command::new("openssl")
        .args([
            "genpkey",
            "-algorithm",
            "RSA",
            "-pkeyopt",
            "rsa_keygen_bits:2048",
        ])
        .output()
        .unwrap();
    String::from_utf8(made.stdout).unwrap()
}

fn service_account() -> Value {
    json!({
        "type": "service_account", "project_id": "p", "private_key_id": "1", "private_key": key(),
        "client_email": "reader@p.iam.gserviceaccount.com", "token_uri": "https://oauth2.googleapis.com/token",
    })
}

/// Signs in with a file, asks once, and tells the caller and the token.
async fn with(
    server: &Server,
    json: &Value,
    more: SignIn,
) -> Result<(String, Vec<String>, String), SignInError> {
    let file = file(json);
    let how = SignIn {
        credentials: Some(file.path().to_owned()),
        token: None,
        ..more
    };
    let memory = Arc::new(Memory::default());
    let access = sign_in(how, memory.clone()).await?;
    let session = by_hand(&access);
    session.page(buckets()).await.unwrap();
    let sent = server.got();
    let token = sent.last().unwrap().header("authorization").unwrap();
    let kept = serde_json::to_string(&memory.last().0).unwrap();
    assert!(!kept.contains(token), "{kept}");
    let caller = session.target().caller.clone();
    Ok((caller.id, caller.via, token.to_owned()))
}

#[tokio::test]
async fn a_service_account_signs_by_its_key() {
    let server = issuer().await;
    let (who, via, token) = with(&server, &service_account(), options(&server))
        .await
        .unwrap();
    assert_eq!(who, "reader@p.iam.gserviceaccount.com");
    assert!(via.is_empty());
    // A JSON web token that it signed itself.
    assert!(token.starts_with("Bearer eyJ"), "{token}");
}

#[tokio::test]
async fn a_user_signs_by_a_refresh_token() {
    let server = issuer().await;
    let user = json!({
        "type": "authorized_user", "client_id": "c", "client_secret": "s", "refresh_token": "r",
        "token_uri": format!("{}/token", server.url()),
    });
    let (who, _, token) = with(&server, &user, options(&server)).await.unwrap();
    assert!(who.contains("OAuth client c"), "{who}");
    assert_eq!(token, "Bearer issued");
}

#[tokio::test]
async fn a_federated_workload_signs_and_impersonates() {
    let server = issuer().await;
    let url = server.url();
    let federated = json!({
        "type": "external_account", "audience": "//iam.googleapis.com/pool",
        "subject_token_type": "urn:ietf:params:oauth:token-type:jwt",
        "token_url": format!("{url}/sts"),
        "credential_source": {"url": format!("{url}/subject")},
    });
    let (who, _, token) = with(&server, &federated, options(&server)).await.unwrap();
    assert_eq!(
        (who.as_str(), token.as_str()),
        ("//iam.googleapis.com/pool", "Bearer issued")
    );
    let impersonated = json!({
        "type": "impersonated_service_account",
        "service_account_impersonation_url": format!("{url}/v1/projects/-/serviceAccounts/b@q.iam.gserviceaccount.com:generateAccessToken"),
        "source_credentials": {
            "type": "authorized_user", "client_id": "c", "client_secret": "s", "refresh_token": "r",
            "token_uri": format!("{url}/token"),
        },
    });
    let (who, via, token) = with(&server, &impersonated, options(&server))
        .await
        .unwrap();
    assert_eq!(who, "b@q.iam.gserviceaccount.com");
    assert_eq!((via.len(), token.as_str()), (1, "Bearer borrowed"));
}

#[tokio::test]
async fn what_is_no_credentials_is_told_without_its_content() {
    let server = issuer().await;
    for (json, words) in [
        (json!({"type": "hush-hush"}), "hush-hush"),
        (json!({"private_key": "hush-hush"}), "the type is ``"),
        (
            json!({"type": "service_account", "private_key": "hush-hush"}),
            "cannot be used",
        ),
    ] {
        let e = with(&server, &json, options(&server)).await.unwrap_err();
        assert!(
            matches!(e, SignInError::BadCredentials(_) | SignInError::Rejected(_)),
            "{e:?}"
        );
        let told = e.to_string();
        assert!(told.contains(words), "{told}");
        assert!(
            json["type"] == "hush-hush" || !told.contains("hush-hush"),
            "{told}"
        );
    }
    let missing = SignIn {
        credentials: Some("/nowhere/key.json".into()),
        token: None,
        ..options(&server)
    };
    let e = sign_in(missing, Arc::new(Memory::default()))
        .await
        .err()
        .unwrap();
    assert!(e.to_string().contains("/nowhere/key.json"), "{e}");
}

#[test]
fn every_method_takes_one_of_the_scopes() {
    let ours: Vec<&str> = SCOPES.iter().filter_map(|s| s.rsplit('/').next()).collect();
    for service in model::services() {
        for (name, method) in &model::service(&service).unwrap().methods {
            let takes = method.scopes.iter().any(|s| ours.contains(&s.as_str()));
            assert!(
                takes || method.scopes.is_empty(),
                "{service}:{name} takes {:?}",
                method.scopes
            );
        }
    }
}
