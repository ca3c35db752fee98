//! Signing in.

use super::server::{Reply, Server};
use super::{Memory, limits, options};
use crate::Regions;
use crate::signin::{Keys, Role, SignIn, SignInError, sign_in};
use shoseki_collect::Recorder;
use shoseki_model::Exchange;
use std::sync::Arc;

#[tokio::test]
async fn roles_are_assumed_one_after_another() {
    let server = Server::start(|got, n| {
        assert!(got.body.starts_with("Action=AssumeRole"), "{}", got.body);
        assert_eq!(
            got.body.contains("ExternalId=shared"),
            n > 0,
            "{}",
            got.body
        );
        Reply::ok(&format!(
            "<AssumeRoleResponse><AssumeRoleResult><Credentials><AccessKeyId>KEY{n}</AccessKeyId>\
             <SecretAccessKey>s</SecretAccessKey><SessionToken>t</SessionToken>\
             <Expiration>2099-01-01T00:00:00Z</Expiration></Credentials></AssumeRoleResult>\
             </AssumeRoleResponse>"
        ))
    })
    .await;
    let mut options = options(&server);
    let arns = [
        "arn:aws:iam::111111111111:role/Hub",
        "arn:aws:iam::222222222222:role/Audit",
    ];
    options.roles = vec![
        Role {
            arn: arns[0].to_owned(),
            external_id: None,
        },
        Role {
            arn: arns[1].to_owned(),
            external_id: Some("shared".to_owned()),
        },
    ];
    let memory = Arc::new(Memory::default());
    let session = sign_in(options, memory).await.unwrap();
    assert_eq!(session.target().caller.via, arns);
    let signed = server.got()[1].header("authorization").unwrap().to_owned();
    assert!(
        signed.contains("KEY0/"),
        "the second role is assumed by the first"
    );
}

#[tokio::test]
async fn a_recorder_that_fails_stops_everything() {
    struct Full;
    impl Recorder for Full {
        fn record(&self, _: &Exchange, _: Option<&[u8]>) -> std::io::Result<()> {
            Err(std::io::Error::other("no space left"))
        }
    }
    let server = Server::start(|_, _| Reply::ok("{}")).await;
    let e = sign_in(options(&server), Arc::new(Full))
        .await
        .err()
        .unwrap();
    assert!(
        matches!(&e, SignInError::Recorder(why) if why.contains("no space")),
        "{e}"
    );
}

#[tokio::test]
async fn signing_in_says_what_is_wrong() {
    let nowhere = SignIn {
        endpoint: Some("http://127.0.0.1:1".to_owned()),
        limits: limits(),
        keys: Some(Keys {
            id: "x".into(),
            secret: "y".into(),
            token: None,
        }),
        regions: Regions::Chosen(vec!["ap-northeast-1".into()]),
        ..SignIn::default()
    };
    let memory = Arc::new(Memory::default());
    let e = sign_in(nowhere, memory.clone()).await.err().unwrap();
    assert!(matches!(e, SignInError::Unreachable(_)), "{e}");
    let server = Server::start(|_, _| Reply::ok("")).await;
    let mut wrong = options(&server);
    wrong.regions = Regions::Chosen(vec!["ap-northeast-11".into()]);
    let e = sign_in(wrong, memory).await.err().unwrap().to_string();
    assert!(e.contains("ap-northeast-1?"), "{e}");
}
