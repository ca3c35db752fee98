//! A key in AWS KMS that signs: the one thing that is asked of a cloud and reads
//! nothing.
//!
//! The door is narrow. `kms:Sign` stands on no list of reading operations and in
//! no model that a collector or a call by hand can reach; its model has this one
//! operation; the guard lets nothing else through here, and this nowhere else.

use crate::answer::failed;
use crate::client::Client;
use crate::endpoint::{Partitions, Rules};
use crate::model::{self, Operation};
use crate::registry::Loaded;
use crate::schema::Inputs;
use crate::session::{Session, now};
use crate::signin::{Regions, SignIn, SignInError, connect, no_credentials, words};
use crate::traffic::Call;
use aws_credential_types::provider::ProvideCredentials;
use aws_smithy_types::base64;
use serde_json::{Map, Value, json};
use sha2::{Digest as _, Sha256};
use shoseki_collect::{Failure, Recorder, Request};
use shoseki_model::{Cause, Exchange};
use std::fmt;
use std::str::FromStr;
use std::sync::{Arc, OnceLock};

/// What signing asks of the key.
pub const PERMISSIONS: [&str; 2] = ["kms:GetPublicKey", "kms:Sign"];

/// Longest message that `kms:Sign` takes as it is; of a longer one only the
/// digest is sent (botocore 1.44.5, kms, `SignRequest.Message`).
const LONGEST: usize = 4096;

/// Where the address of a key begins.
const SCHEME: &str = "awskms://";

/// `awskms:///KEY[?region=REGION]`: a key in AWS KMS by id, alias (`alias/NAME`)
/// or ARN of either.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KmsKey {
    /// As KMS takes it.
    pub id: String,
    /// The region that the ARN or the address names.
    pub region: Option<String>,
}

impl FromStr for KmsKey {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = |why: &str| {
            format!(
                "{text}: {why}; awskms:///KEY-ID, awskms:///alias/NAME or awskms:///ARN is wanted, \
                 and ?region=REGION after it where the profile's region is not the key's"
            )
        };
        let rest = text
            .strip_prefix(SCHEME)
            .ok_or_else(|| wrong("this is no key in AWS KMS"))?;
        let path = rest
            .strip_prefix('/')
            .ok_or_else(|| wrong("a third / is missing (an endpoint is given by --endpoint)"))?;
        let (id, query) = path.split_once('?').unwrap_or((path, ""));
        let word = |s: &str| {
            !s.is_empty()
                && s.bytes()
                    .all(|b| b.is_ascii_alphanumeric() || b"-_/:.".contains(&b))
        };
        if !word(id) {
            return Err(wrong(
                "the key is missing, or has other letters than a key has",
            ));
        }
        let asked = match query.split_once('=') {
            None if query.is_empty() => None,
            Some(("region", region)) if word(region) => Some(region.to_owned()),
            _ => return Err(wrong("after ? only region=REGION is known")),
        };
        let of_arn = match id.starts_with("arn:") {
            false => None,
            true => match id.split(':').collect::<Vec<_>>()[..] {
                [_, _, "kms", region, _, what]
                    if !region.is_empty()
                        && (what.starts_with("key/") || what.starts_with("alias/")) =>
                {
                    Some(region.to_owned())
                }
                _ => return Err(wrong("this is not the ARN of a KMS key or alias")),
            },
        };
        if let (Some(a), Some(b)) = (&asked, &of_arn)
            && a != b
        {
            return Err(wrong("the ARN is of another region than ?region="));
        }
        Ok(Self {
            id: id.to_owned(),
            region: of_arn.or(asked),
        })
    }
}

impl fmt::Display for KmsKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{SCHEME}/{}", self.id)?;
        match &self.region {
            Some(region) if !self.id.starts_with("arn:") => write!(f, "?region={region}"),
            _ => Ok(()),
        }
    }
}

/// Why a key cannot sign, and what to do.
#[derive(Debug, thiserror::Error)]
pub enum SignerError {
    /// There was no way in.
    #[error(transparent)]
    SignIn(#[from] SignInError),
    /// KMS says no to who asks.
    #[error(
        "{key}: KMS refuses: {why}. Whoever seals needs kms:GetPublicKey and kms:Sign on this key, \
         by an IAM policy or by the key's own"
    )]
    Denied {
        /// The key.
        key: KmsKey,
        /// The provider's words.
        why: String,
    },
    /// The key is of another kind, disabled, or not there.
    #[error(
        "{key}: {why}. A key that seals has the usage SIGN_VERIFY and the spec ECC_NIST_P256 or \
         ECC_NIST_EDWARDS25519, and is enabled"
    )]
    Unusable {
        /// The key.
        key: KmsKey,
        /// What is wrong with it.
        why: String,
    },
    /// No answer, or none that can be read.
    #[error("{key}: KMS was not reached, or not understood: {why}")]
    Unreachable {
        /// The key.
        key: KmsKey,
        /// What went wrong.
        why: String,
    },
}

/// How a key signs, as far as seals use it; the names are those of KMS.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum How {
    /// `ECC_NIST_P256` by `ECDSA_SHA_256`.
    P256,
    /// `ECC_NIST_EDWARDS25519` by `ED25519_SHA_512`, which takes no digest.
    Ed25519,
}

impl How {
    fn of(spec: &str) -> Option<Self> {
        match spec {
            "ECC_NIST_P256" => Some(How::P256),
            "ECC_NIST_EDWARDS25519" => Some(How::Ed25519),
            _ => None,
        }
    }

    fn algorithm(self) -> &'static str {
        match self {
            How::P256 => "ECDSA_SHA_256",
            How::Ed25519 => "ED25519_SHA_512",
        }
    }
}

/// Keeps nothing: what is asked of the key is no evidence of the scan.
struct Forget;

impl Recorder for Forget {
    fn record(&self, _: &Exchange, _: Option<&[u8]>) -> std::io::Result<()> {
        Ok(())
    }
}

/// A key that is known and may be asked to sign.
pub struct Signer {
    key: KmsKey,
    how: How,
    public: Vec<u8>,
    region: String,
    session: Session,
    client: Client,
}

impl fmt::Debug for Signer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Signer({})", self.key)
    }
}

impl Signer {
    /// Signs in and asks for the key's public half (`kms:GetPublicKey`). Of
    /// `options` the regions do not count: the key has its own.
    pub async fn open(options: SignIn, key: &KmsKey) -> Result<Self, SignerError> {
        let options = SignIn {
            regions: match &key.region {
                Some(region) => Regions::Chosen(vec![region.clone()]),
                None => Regions::Configured,
            },
            ..options
        };
        let (session, region) = match connect(&options, Arc::new(Forget)).await {
            Err(SignInError::NoRegion) => {
                return Err(SignerError::Unusable {
                    key: key.clone(),
                    why: "its region is not known: add ?region=REGION, or set AWS_REGION".into(),
                });
            }
            other => other?,
        };
        // A typing error would end as a host that cannot be found.
        if !Partitions::get().knows(&region) {
            return Err(SignerError::Unusable {
                key: key.clone(),
                why: format!("there is no AWS region {region}"),
            });
        }
        let unusable = |why: String| SignerError::Unusable {
            key: key.clone(),
            why,
        };
        let door = door().map_err(unusable)?;
        let client = Client::new(&session.shared, door, &region, session.endpoint_of(door));
        let (how, public) = describe(&session, key, &region).await?;
        Ok(Self {
            key: key.clone(),
            how,
            public,
            region,
            session,
            client,
        })
    }

    /// The public half: SubjectPublicKeyInfo in DER.
    pub fn public(&self) -> &[u8] {
        &self.public
    }

    /// Whether the key may sign for who asks, without a signature (`DryRun`).
    pub async fn may_sign(&self) -> Result<(), SignerError> {
        let mut params = self.request(b"shoseki");
        params.insert("DryRun".to_owned(), true.into());
        match self.ask(params).await {
            // A server that does not know the member signs.
            Ok(_) => Ok(()),
            Err(f) if code(&f) == "DryRunOperationException" => Ok(()),
            Err(f) => Err(self.why(f).await),
        }
    }

    /// Signs: for P-256 a signature in DER, for Ed25519 its 64 bytes.
    pub async fn sign(&self, message: &[u8]) -> Result<Vec<u8>, SignerError> {
        if self.how == How::Ed25519 && message.len() > LONGEST {
            return Err(SignerError::Unusable {
                key: self.key.clone(),
                why: format!(
                    "with Ed25519, KMS signs {LONGEST} bytes at most, and the seal has {}; take a \
                     key of the spec ECC_NIST_P256",
                    message.len()
                ),
            });
        }
        let answer = match self.ask(self.request(message)).await {
            Ok(answer) => answer,
            Err(f) => return Err(self.why(f).await),
        };
        bytes(&answer["Signature"]).ok_or_else(|| SignerError::Unreachable {
            key: self.key.clone(),
            why: "the answer holds no signature".to_owned(),
        })
    }

    fn request(&self, message: &[u8]) -> Map<String, Value> {
        let (kind, text) = match message.len() > LONGEST {
            true => ("DIGEST", base64_sha256(message)),
            false => ("RAW", base64::encode(message)),
        };
        let all = json!({
            "KeyId": self.key.id, "Message": text, "MessageType": kind,
            "SigningAlgorithm": self.how.algorithm(),
        });
        match all {
            Value::Object(all) => all,
            _ => Map::new(),
        }
    }

    /// The one call.
    async fn ask(&self, params: Map<String, Value>) -> Result<Value, Failure> {
        let model = door().and_then(operation);
        let (service, name, operation) = model.map_err(|why| failed(Cause::Rejected, why))?;
        let call = Arc::new(Call::signing(service, name, operation, params));
        let started = now();
        let sent = self.client.send(call.clone()).await;
        let (exchange, _) = self.session.exchange(&call, self.region.clone(), started);
        sent.map(Value::Object)
            .map_err(|e| self.session.failure(&e, &exchange))
    }

    async fn why(&self, failure: Failure) -> SignerError {
        why(&self.session, &self.key, &failure).await
    }
}

/// Kind and public half of the key.
async fn describe(
    session: &Session,
    key: &KmsKey,
    region: &str,
) -> Result<(How, Vec<u8>), SignerError> {
    let request = Request {
        service: "kms".to_owned(),
        operation: "GetPublicKey".to_owned(),
        region: region.to_owned(),
        params: Map::from_iter([("KeyId".to_owned(), key.id.clone().into())]),
        ..Request::default()
    };
    let answer = match session.ask(request).await.and_then(|asked| asked.outcome) {
        Ok((answer, _)) => answer,
        Err(failure) => return Err(why(session, key, &failure).await),
    };
    let unusable = |why: String| SignerError::Unusable {
        key: key.clone(),
        why,
    };
    let text = |name: &str| answer[name].as_str().unwrap_or_default();
    // The older name has the same values.
    let spec = match text("KeySpec") {
        "" => text("CustomerMasterKeySpec"),
        spec => spec,
    };
    if text("KeyUsage") != "SIGN_VERIFY" {
        return Err(unusable(format!("its usage is {}", text("KeyUsage"))));
    }
    let how = How::of(spec).ok_or_else(|| unusable(format!("its spec is {spec}")))?;
    match bytes(&answer["PublicKey"]) {
        Some(public) => Ok((how, public)),
        None => Err(SignerError::Unreachable {
            key: key.clone(),
            why: "the answer holds no public key".to_owned(),
        }),
    }
}

/// What a failure means for the key. The codes are those that botocore 1.44.5
/// names for both operations.
async fn why(session: &Session, key: &KmsKey, failure: &Failure) -> SignerError {
    if failure.status.is_none()
        && let Some(provider) = session.shared.sdk.credentials_provider()
        && let Err(e) = provider.provide_credentials().await
    {
        return no_credentials(&e).into();
    }
    let key = key.clone();
    let why = words(failure);
    match (code(failure), failure.cause) {
        (
            "NotFoundException"
            | "DisabledException"
            | "InvalidKeyUsageException"
            | "InvalidArnException"
            | "KMSInvalidStateException"
            | "UnsupportedOperationException"
            | "ValidationException",
            _,
        ) => SignerError::Unusable { key, why },
        (_, Cause::Denied | Cause::RegionDisabled) => SignerError::Denied { key, why },
        _ => SignerError::Unreachable { key, why },
    }
}

fn code(failure: &Failure) -> &str {
    failure.error.as_ref().map_or("", |e| e.code.as_str())
}

fn bytes(v: &Value) -> Option<Vec<u8>> {
    base64::decode(v.as_str()?)
        .ok()
        .filter(|b: &Vec<u8>| !b.is_empty())
}

pub(crate) fn base64_sha256(bytes: &[u8]) -> String {
    base64::encode(Sha256::digest(bytes))
}

/// The service behind the door: KMS with one operation.
fn door() -> Result<&'static Loaded, String> {
    static DOOR: OnceLock<Option<&'static Loaded>> = OnceLock::new();
    let made = DOOR.get_or_init(|| {
        let (model, rules) = (model::service("kms.sign")?, Rules::load("kms")?);
        let loaded = Loaded::new("kms", model, Inputs::new(model), rules);
        Some(&*Box::leak(Box::new(loaded)))
    });
    made.ok_or_else(|| "the model of kms:Sign is not built in".to_owned())
}

fn operation(
    service: &'static Loaded,
) -> Result<(&'static Loaded, &'static str, &'static Operation), String> {
    let found = service.model.operations.get_key_value("Sign");
    found
        .map(|(name, operation)| (service, name.as_str(), operation))
        .ok_or_else(|| "the model of kms:Sign is not built in".to_owned())
}
