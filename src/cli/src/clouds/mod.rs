//! What the commands need of each cloud. A further cloud adds its lines here, its
//! options to `args`, and a file beside this one.

mod account;
mod aws;
pub mod azure;
mod gcp;

use crate::args::{AwsReach, CallArgs, CloudArg, ScanArgs, Sending};
use crate::exit::{Failed, Result};
pub use account::Account;
use account::Forget;
use serde_json::{Map, Value};
use shoseki_aws::{KmsKey, Signer, SignerError};
use shoseki_collect::{Api, Failure, Plan, Reader, Recorder, Request};
use shoseki_model::{Exchange, Sought};
use shoseki_sandbox::Sandbox;
use std::sync::Arc;

/// The models of all clouds.
pub const APIS: &[&dyn Api] = &[
    &shoseki_aws::Models,
    &shoseki_azure::Models,
    &shoseki_gcp::Models,
];

/// The readers of all clouds' stored answers.
pub const READERS: &[&'static dyn Reader] = &[
    &shoseki_aws::Reader,
    &shoseki_azure::Reader,
    &shoseki_gcp::Reader,
];

/// The clouds of the demonstration.
pub const DEMO: &[CloudArg] = &[CloudArg::Aws, CloudArg::Azure, CloudArg::Gcp];

/// The models of one.
pub fn api(cloud: CloudArg) -> &'static dyn Api {
    match cloud {
        CloudArg::Aws => &shoseki_aws::Models,
        CloudArg::Azure => &shoseki_azure::Models,
        CloudArg::Gcp => &shoseki_gcp::Models,
    }
}

/// The targets of a cloud, and what was to be read.
pub type Found = (Vec<Account>, Sought);

/// Signs in to every target of a scan in one cloud; in that of the sandbox, where
/// there is one.
pub async fn reach(
    cloud: CloudArg,
    args: &ScanArgs,
    keep: &Arc<dyn Recorder>,
    sandbox: Option<&Sandbox>,
) -> Result<Found> {
    let endpoint = match sandbox {
        Some(s) => Some(s.url()),
        None => endpoint(&args.sending, cloud, &args.clouds)?,
    };
    match cloud {
        CloudArg::Aws => aws::reach(args, endpoint, keep).await,
        CloudArg::Azure => azure::reach(args, endpoint, keep).await,
        CloudArg::Gcp => gcp::reach(args, endpoint, keep).await,
    }
}

/// Opens a key in AWS KMS, signed in as a scan is. `read`: the clouds that the
/// command reads besides.
pub async fn signer(
    sending: &Sending,
    reach: &AwsReach,
    read: &[CloudArg],
    key: &KmsKey,
) -> Result<Signer> {
    let read = match read {
        [] => &[CloudArg::Aws],
        read => read,
    };
    let endpoint = match read.contains(&CloudArg::Aws) {
        true => endpoint(sending, CloudArg::Aws, read)?,
        false => None,
    };
    aws::signer(reach, sending, endpoint, key).await
}

/// What came of asking a key.
pub fn signed<T>(result: std::result::Result<T, SignerError>) -> Result<T> {
    result.map_err(|e| aws::not_signed(&e))
}

/// What a call by hand came to.
pub struct Called {
    /// The answer, or why there is none.
    pub outcome: std::result::Result<Value, Failure>,
    /// The exchanges with their bodies.
    pub exchanges: Vec<(Exchange, Option<Vec<u8>>)>,
}

/// Service, operation and parameters of a call by hand, as it was written.
pub fn spelt(
    args: &CallArgs,
    params: Map<String, Value>,
) -> Result<(String, String, Map<String, Value>)> {
    match args.cloud {
        CloudArg::Aws => match args.call.split_once(':') {
            Some((service, operation)) => Ok((service.to_owned(), operation.to_owned(), params)),
            None => Err(Failed::usage(format!(
                "{} is not service:Operation, such as s3:GetBucketEncryption",
                args.call
            ))),
        },
        CloudArg::Azure => azure::spelt(&args.call, params),
        CloudArg::Gcp => match args.call.split_once(':') {
            Some((service, method)) => Ok((service.to_owned(), method.to_owned(), params)),
            None => Err(Failed::usage(format!(
                "{} is not service:method, such as storage:buckets.list",
                args.call
            ))),
        },
    }
}

/// Whether a call can be made only where a model says how.
pub fn needs_model(cloud: CloudArg) -> bool {
    match cloud {
        CloudArg::Aws | CloudArg::Gcp => true,
        CloudArg::Azure => false,
    }
}

/// Makes one call by hand.
pub async fn call(args: &CallArgs, request: Request) -> Result<Called> {
    let endpoint = endpoint(&args.sending, args.cloud, &[args.cloud])?;
    match args.cloud {
        CloudArg::Aws => aws::call(args, endpoint, request).await,
        CloudArg::Azure => azure::call(args, endpoint, request).await,
        CloudArg::Gcp => gcp::call(args, endpoint, request).await,
    }
}

/// What an auditor's identity must be allowed for a plan of this cloud: the
/// permissions one by one, and as the documents that the cloud takes.
pub struct Permissions {
    /// One a line.
    pub lines: Vec<String>,
    /// The document.
    pub document: Value,
    /// The document cut into several, where one of them would be too large.
    pub split: Vec<Value>,
    /// What to say beside it.
    pub note: Option<String>,
    /// What a role can give: a list for each document that the cloud needs.
    pub granted: Vec<Vec<String>>,
    /// What no role of the cloud can give.
    pub elsewhere: Vec<String>,
}

/// The permissions for a plan of one cloud. `backfill`: with those of reading the
/// cloud's own history.
pub fn permissions(cloud: CloudArg, plan: &Plan, backfill: bool) -> Result<Permissions> {
    if backfill && cloud != CloudArg::Aws {
        return Err(Failed::usage(format!(
            "--backfill: no history of {} is read; there is that of aws",
            cloud.name()
        )));
    }
    Ok(match cloud {
        CloudArg::Aws => aws::permissions(plan, backfill),
        CloudArg::Azure => azure::permissions(plan),
        CloudArg::Gcp => gcp::permissions(plan),
    })
}

/// The endpoint that the user gave for a cloud, among those that are read.
fn endpoint(sending: &Sending, cloud: CloudArg, read: &[CloudArg]) -> Result<Option<String>> {
    let mut found = None;
    for given in &sending.endpoint {
        let (of, url) = match given.split_once('=') {
            Some((name, url)) if !name.contains([':', '/']) => (Some(name), url),
            _ => (None, given.as_str()),
        };
        match of {
            Some(name) if !read.iter().any(|c| c.name() == name) => {
                return Err(Failed::usage(format!(
                    "--endpoint {given}: {name} is not read"
                )));
            }
            Some(name) if name != cloud.name() => {}
            None if read.len() > 1 => {
                return Err(Failed::usage(format!(
                    "--endpoint {given}: write CLOUD=URL where several clouds are read"
                )));
            }
            _ if found.is_some() => {
                return Err(Failed::usage(format!(
                    "--endpoint: {} has two",
                    cloud.name()
                )));
            }
            _ => found = Some(url.to_owned()),
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn endpoints_are_told_apart() {
        let of = |given: &[&str]| {
            let sending = Sending {
                endpoint: given.iter().map(|g| (*g).to_owned()).collect(),
                ..Sending::default()
            };
            endpoint(&sending, CloudArg::Aws, &[CloudArg::Aws]).map_err(|e| e.message)
        };
        assert_eq!(of(&[]), Ok(None));
        let url = "http://127.0.0.1:1/?a=b".to_owned();
        assert_eq!(of(&[&url]), Ok(Some(url.clone())));
        assert_eq!(of(&[&format!("aws={url}")]), Ok(Some(url.clone())));
        assert!(of(&[&url, &url]).is_err());
        assert!(of(&[&format!("moon={url}")]).is_err());
    }
}
