//! The door through which a key is asked to sign: what goes through, and that
//! nothing else does.

use super::server::{Got, Reply, Server};
use super::{options, request, session};
use crate::client::Client;
use crate::guard::{Wire, by_door, by_name, by_wire};
use crate::traffic::Call;
use crate::{KmsKey, Signer, SignerError, model, registry};
use serde_json::{Map, Value, json};
use std::sync::Arc;

const ID: &str = "1234abcd-12ab-34cd-56ef-1234567890ab";

fn key(text: &str) -> KmsKey {
    text.parse().unwrap()
}

fn asked(got: &Got) -> (&str, Value) {
    let target = got.header("x-amz-target").unwrap();
    (target, serde_json::from_str(&got.body).unwrap())
}

/// A key of this spec; signing is answered by the other.
async fn kms(spec: &'static str, sign: Reply) -> Server {
    Server::start(move |got, _| match asked(got).0 {
        "TrentService.GetPublicKey" => Reply::ok(
            &json!({"KeyId": ID, "KeySpec": spec, "KeyUsage": "SIGN_VERIFY", "PublicKey": "AAEC"})
                .to_string(),
        ),
        _ => sign.clone(),
    })
    .await
}

fn signature() -> Reply {
    Reply::ok(&json!({"KeyId": ID, "Signature": "CQkJ"}).to_string())
}

async fn open(server: &Server) -> Result<Signer, SignerError> {
    let key = key(&format!("awskms:///{ID}?region=ap-northeast-1"));
    Signer::open(options(server), &key).await
}

#[tokio::test]
async fn two_calls_are_made_and_no_other() {
    let server = kms("ECC_NIST_P256", signature()).await;
    let signer = open(&server).await.unwrap();
    assert_eq!(signer.public(), [0, 1, 2]);
    assert_eq!(signer.sign(b"seal").await.unwrap(), [9, 9, 9]);
    let long = vec![b'x'; 4097];
    signer.sign(&long).await.unwrap();
    let got = server.got();
    let [public, raw, digest] = &got[..] else {
        panic!("{got:?}");
    };
    assert_eq!(
        asked(public),
        ("TrentService.GetPublicKey", json!({"KeyId": ID}))
    );
    let signing = |kind: &str, message: &str| {
        json!({"KeyId": ID, "Message": message, "MessageType": kind,
            "SigningAlgorithm": "ECDSA_SHA_256"})
    };
    let sign = "TrentService.Sign";
    assert_eq!(asked(raw), (sign, signing("RAW", "c2VhbA==")));
    let sha256 = crate::signer::base64_sha256(&long);
    assert_eq!(sha256.len(), 44);
    assert_eq!(asked(digest), (sign, signing("DIGEST", &sha256)));
}

#[tokio::test]
async fn ed25519_takes_no_digest() {
    let server = kms("ECC_NIST_EDWARDS25519", signature()).await;
    let signer = open(&server).await.unwrap();
    signer.sign(&[b'x'; 4096]).await.unwrap();
    let sent = asked(&server.got()[1]).1;
    assert_eq!(sent["SigningAlgorithm"], "ED25519_SHA_512");
    assert_eq!(sent["MessageType"], "RAW");
    let e = signer.sign(&[b'x'; 4097]).await.unwrap_err().to_string();
    assert!(e.contains("4097") && e.contains("ECC_NIST_P256"), "{e}");
    assert_eq!(server.got().len(), 2);
}

#[tokio::test]
async fn whether_it_may_sign_is_asked_without_a_signature() {
    let refused = |code: &str| Reply::status(400, &json!({"__type": code}).to_string());
    let server = kms("ECC_NIST_P256", refused("DryRunOperationException")).await;
    open(&server).await.unwrap().may_sign().await.unwrap();
    assert_eq!(asked(&server.got()[1]).1["DryRun"], true);
    for (code, denied) in [
        ("AccessDeniedException", true),
        ("DisabledException", false),
    ] {
        let server = kms("ECC_NIST_P256", refused(code)).await;
        let e = open(&server).await.unwrap().may_sign().await.unwrap_err();
        assert_eq!(matches!(e, SignerError::Denied { .. }), denied, "{e}");
        assert_eq!(matches!(e, SignerError::Unusable { .. }), !denied, "{e}");
        assert!(e.to_string().contains(code), "{e}");
    }
}

#[tokio::test]
async fn keys_that_cannot_sign_are_told() {
    for spec in ["RSA_2048", "ECC_SECG_P256K1", "ECC_NIST_P384"] {
        let e = open(&kms(spec, signature()).await).await.unwrap_err();
        assert!(matches!(e, SignerError::Unusable { .. }), "{e}");
        assert!(e.to_string().contains(spec), "{e}");
    }
    let usage =
        json!({"KeySpec": "ECC_NIST_P256", "KeyUsage": "KEY_AGREEMENT", "PublicKey": "AA=="});
    let e = open(&Server::start(move |_, _| Reply::ok(&usage.to_string())).await).await;
    assert!(e.unwrap_err().to_string().contains("KEY_AGREEMENT"));
    for cut in [
        "",
        "{",
        "{\"KeySpec\": \"ECC_NIST_P256\", \"KeyUsage\": \"SIGN_VERIFY\"}",
    ] {
        let e = open(&Server::start(move |_, _| Reply::ok(cut)).await).await;
        let e = e.unwrap_err();
        // An empty answer names no usage.
        let fits = matches!(e, SignerError::Unreachable { .. }) || cut.is_empty();
        assert!(fits, "{cut}: {e}");
    }
}

#[test]
fn a_call_to_sign_is_no_reading_operation() {
    let e = by_name("kms", "Sign").unwrap_err();
    assert!(e.contains("kms:Sign"), "{e}");
    assert!(!include_str!("../../allow.txt").contains("kms:Sign\n"));
    assert!(registry::operation("kms", "Sign").is_err());
    for service in ["kms.sign", "kms"] {
        let e = crate::answer::allowed(&request(&format!("{service}:Sign"), Value::Null));
        assert!(e.is_err(), "{service}");
    }
    assert!(
        !model::services()
            .iter()
            .any(|s| s.contains("sign.") || s == "kms.sign")
    );
}

#[tokio::test]
async fn nothing_else_goes_through_the_door() {
    let operations: Vec<_> = model::service("kms.sign")
        .unwrap()
        .operations
        .keys()
        .collect();
    assert_eq!(operations, ["Sign"]);
    by_door("kms", "Sign").unwrap();
    for (service, name) in [
        ("kms", "Decrypt"),
        ("kms", "DescribeKey"),
        ("signer", "Sign"),
        ("", ""),
    ] {
        by_door(service, name).unwrap_err();
    }
    let server = Server::start(|_, _| signature()).await;
    let (session, _) = session(&server).await;
    let send = |service, name, operation| {
        let call = Call::signing(service, name, operation, Map::new());
        let client = Client::new(
            &session.shared,
            service,
            "ap-northeast-1",
            Some(server.url()),
        );
        async move { client.send(Arc::new(call)).await }
    };
    // An operation that may be read is not one that may come through here.
    let (service, name, operation) = registry::operation("kms", "ListKeys").unwrap();
    let e = send(service, name, operation).await.unwrap_err();
    assert!(format!("{e:?}").contains("blocked"), "{e:?}");
    assert_eq!(server.got().len(), 0);
}

#[test]
fn the_wire_is_held_to_signing() {
    let wire = |target| Wire {
        method: "POST",
        uri: "https://kms.example/",
        target: Some(target),
        body: b"{}",
    };
    let door = model::service("kms.sign").unwrap();
    let sign = &door.operations["Sign"];
    by_wire(door, "Sign", sign, &wire("TrentService.Sign")).unwrap();
    for other in [
        "TrentService.Decrypt",
        "TrentService.ScheduleKeyDeletion",
        "Sign",
    ] {
        by_wire(door, "Sign", sign, &wire(other)).unwrap_err();
    }
    let kms = model::service("kms").unwrap();
    let list = &kms.operations["ListKeys"];
    by_wire(kms, "ListKeys", list, &wire("TrentService.Sign")).unwrap_err();
}

#[test]
fn addresses_of_keys() {
    let arn = "arn:aws:kms:ap-northeast-3:123456789012:alias/seal";
    for (text, id, region) in [
        (format!("awskms:///{ID}"), ID, None),
        (
            "awskms:///alias/seal?region=ap-northeast-1".into(),
            "alias/seal",
            Some("ap-northeast-1"),
        ),
        (format!("awskms:///{arn}"), arn, Some("ap-northeast-3")),
    ] {
        let key = key(&text);
        assert_eq!((key.id.as_str(), key.region.as_deref()), (id, region));
        assert_eq!(key.to_string(), text);
    }
    for bad in [
        "awskms://localhost/x".to_owned(),
        "awskms:///".to_owned(),
        "awskms:///?region=x".to_owned(),
        "awskms:///a b".to_owned(),
        "awskms:///x?zone=y".to_owned(),
        "awskms:///x?region=".to_owned(),
        format!("awskms:///{arn}?region=us-east-1"),
        "awskms:///arn:aws:iam::1:role/x".to_owned(),
        "gcpkms://x".to_owned(),
    ] {
        let e = bad.parse::<KmsKey>().unwrap_err();
        assert!(e.contains("awskms:///alias/NAME"), "{e}");
    }
}
