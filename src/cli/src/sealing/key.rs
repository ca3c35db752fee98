//! The key that seals: a file, or one that never leaves its KMS.

use super::{passphrase, told, write_new};
use crate::args::{AwsReach, CloudArg, Common, KeyArg, KeygenArgs, Sending};
use crate::exit::{Exit, Failed, Result};
use crate::{clouds, lang, terminal};
use shoseki_aws::{KmsKey, Signer};
use shoseki_evidence::seal::{PublicKey, SecretKey};
use std::path::Path;

/// How the KMS is reached: as the command reaches its cloud.
pub struct Reach<'a> {
    /// How requests are sent.
    pub sending: &'a Sending,
    /// How to sign in.
    pub aws: &'a AwsReach,
    /// The clouds that the command reads; `--endpoint` may be of one of them.
    pub read: &'a [CloudArg],
}

/// A key that is ready to sign.
#[derive(Debug)]
pub(super) enum Key {
    /// In memory.
    File(SecretKey),
    /// In a KMS, with its public half.
    Kms(Box<Signer>, PublicKey),
}

impl Key {
    /// Opens a key; of one in a KMS it is asked whether it may sign.
    pub(super) async fn open(
        key: &KeyArg,
        passphrase_env: Option<&str>,
        reach: &Reach<'_>,
    ) -> Result<Self> {
        match (key, passphrase_env) {
            (KeyArg::File(path), _) => {
                let passphrase = passphrase(passphrase_env, false)?;
                Ok(Key::File(SecretKey::read(path, &passphrase).map_err(told)?))
            }
            (KeyArg::Kms(_), Some(_)) => Err(Failed::usage(
                "--passphrase-env: a key in a KMS has no passphrase",
            )),
            (KeyArg::Kms(key), None) => {
                let (signer, public) = open_kms(key, reach).await?;
                clouds::signed(signer.may_sign().await)?;
                Ok(Key::Kms(Box::new(signer), public))
            }
        }
    }

    /// The public half.
    pub(super) fn public(&self) -> PublicKey {
        match self {
            Key::File(key) => key.public(),
            Key::Kms(_, public) => public.clone(),
        }
    }

    /// Signs.
    pub(super) async fn sign(&self, message: &[u8]) -> Result<Vec<u8>> {
        match self {
            Key::File(key) => key.sign(message).map_err(told),
            Key::Kms(signer, _) => clouds::signed(signer.sign(message).await),
        }
    }
}

async fn open_kms(key: &KmsKey, reach: &Reach<'_>) -> Result<(Signer, PublicKey)> {
    let signer = clouds::signer(reach.sending, reach.aws, reach.read, key).await?;
    let public = PublicKey::from_der(signer.public())
        .map_err(|e| Failed::new(Exit::Data, format!("{key}: {e}")))?;
    Ok((signer, public))
}

/// `keygen --from`: the public half of a key in a KMS, for auditors.
pub(super) fn write_public(common: &Common, args: &KeygenArgs, key: &KmsKey, to: &Path) -> Result {
    if to.exists() {
        return Err(Failed::usage(format!(
            "{} exists already; a key is never overwritten",
            to.display()
        )));
    }
    let reach = Reach {
        sending: &args.sending,
        aws: &args.aws,
        read: &[],
    };
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let (_, public) = runtime.block_on(open_kms(key, &reach))?;
    write_new(to, &public.to_pem().map_err(told)?, false)?;
    let (id, to) = (public.id(), to.display());
    terminal::note(
        common,
        lang::pick(
            lang::of(common),
            &format!("鍵 {id}({key})\n  公開鍵(監査人に渡す): {to}"),
            &format!("key {id} ({key})\n  public, for auditors: {to}"),
        ),
    );
    Ok(Exit::Ok)
}
