//! `keygen`, `seal` and `bundle`: what makes a run evidence for a stranger.

mod key;
#[cfg(test)]
mod tests;

use crate::args::{AlgorithmArg, Common, KeygenArgs, SealArgs, SealWith};
use crate::exit::{Exit, Failed, Result};
use crate::stored::unsound;
use crate::{lang, record, terminal};
use http_body_util::{BodyExt as _, Full, Limited};
use hyper::body::Bytes;
use hyper_util::client::legacy::Client;
use hyper_util::rt::TokioExecutor;
use key::Key;
pub use key::Reach;
use shoseki_evidence::Run;
use shoseki_evidence::seal::{self, Algorithm, SecretKey, Unsigned};
use std::fs::OpenOptions;
use std::io::{IsTerminal as _, Write as _};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// For which a time stamping authority may let us wait.
const PATIENCE: Duration = Duration::from_secs(30);
/// Largest answer of an authority; usual ones have some thousand bytes.
const LARGEST: usize = 1 << 20;

/// An error with its exit code.
pub fn told(e: seal::Error) -> Failed {
    let exit = match e {
        seal::Error::Key(_)
        | seal::Error::Sealed(_)
        | seal::Error::Unsealed(_)
        | seal::Error::Selection(_) => Exit::Usage,
        seal::Error::Run(_) | seal::Error::Unsound { .. } => Exit::Data,
        seal::Error::Io { .. } | seal::Error::Stamp(_) | seal::Error::Signature(_) => Exit::Bug,
    };
    Failed::new(exit, e.to_string())
}

/// The passphrase from the environment, or asked for; `twice`: a new one.
fn passphrase(variable: Option<&str>, twice: bool) -> Result<String> {
    let given = match variable {
        Some(name) => std::env::var(name).map_err(|_| {
            Failed::usage(format!(
                "the environment variable {name} is not set, or not UTF-8"
            ))
        })?,
        None if !std::io::stdin().is_terminal() => {
            return Err(Failed::usage(
                "there is no terminal to ask for the passphrase; name a variable by --passphrase-env",
            ));
        }
        None => {
            let one = rpassword::prompt_password("passphrase: ")?;
            if twice && rpassword::prompt_password("once more: ")? != one {
                return Err(Failed::usage("the two passphrases differ"));
            }
            one
        }
    };
    if given.is_empty() {
        return Err(Failed::usage("the passphrase is empty"));
    }
    Ok(given)
}

/// Writes a new file; `secret`: that only its owner may read.
fn write_new(path: &Path, text: &str, secret: bool) -> Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    if secret {
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    }
    let written = options
        .open(path)
        .and_then(|mut f| f.write_all(text.as_bytes()).and_then(|()| f.sync_all()));
    written.map_err(|e| Failed::new(Exit::Usage, format!("{}: {e}", path.display())))
}

/// `keygen`.
pub fn keygen(common: &Common, args: &KeygenArgs) -> Result {
    let mut public = args.out.clone().into_os_string();
    public.push(".pub");
    let public = PathBuf::from(public);
    if let Some(kms) = &args.from {
        return key::write_public(common, args, kms, &public);
    }
    if let Some(there) = [&args.out, &public].into_iter().find(|p| p.exists()) {
        return Err(Failed::usage(format!(
            "{} exists already; a key is never overwritten",
            there.display()
        )));
    }
    let passphrase = passphrase(args.passphrase_env.as_deref(), true)?;
    let key = SecretKey::generate(match args.alg {
        AlgorithmArg::Ed25519 => Algorithm::Ed25519,
        AlgorithmArg::P256 => Algorithm::P256,
    })
    .map_err(told)?;
    write_new(&args.out, &key.to_pem(&passphrase).map_err(told)?, true)?;
    write_new(&public, &key.public().to_pem().map_err(told)?, false)?;
    let (key, secret, public) = (key.public().id(), args.out.display(), public.display());
    terminal::note(
        common,
        lang::pick(
            lang::of(common),
            &format!("鍵 {key}\n  秘密鍵(暗号化済み): {secret}\n  公開鍵(監査人に渡す): {public}"),
            &format!("key {key}\n  secret, encrypted: {secret}\n  public, for auditors: {public}"),
        ),
    );
    Ok(Exit::Ok)
}

/// A key that is ready, and who stamps.
#[derive(Debug)]
pub struct Sealer {
    key: Key,
    timestamp: Option<hyper::Uri>,
}

impl Sealer {
    /// Opens the key now, so that a scan does not fail at its end; `None`: no key
    /// was named.
    pub async fn of(with: &SealWith, reach: &Reach<'_>) -> Result<Option<Self>> {
        let Some(key) = &with.key else {
            return Ok(None);
        };
        let timestamp = with.timestamp.as_deref().map(address).transpose()?;
        let key = Key::open(key, with.passphrase_env.as_deref(), reach).await?;
        Ok(Some(Self { key, timestamp }))
    }

    /// Seals a finished run, and says so. Where that fails the run is left as it
    /// was.
    pub async fn seal(&self, dir: &Path, common: &Common) -> Result<()> {
        let sealed = self.try_seal(dir, common).await;
        if sealed.is_err() {
            seal::give_up(dir).map_err(told)?;
        }
        sealed
    }

    async fn try_seal(&self, dir: &Path, common: &Common) -> Result<()> {
        let run = Run::open(dir).map_err(unsound)?;
        let now = jiff::Timestamp::now().to_string();
        let stamped = self.timestamp.is_some();
        let unsigned = Unsigned::of(&run, self.key.public(), record::tool(), &now, stamped);
        let unsigned = unsigned.map_err(told)?;
        let signature = self.key.sign(&unsigned.message()).await.map_err(|e| {
            let (why, dir) = (e.message, dir.display());
            Failed::new(
                e.exit,
                format!("{why}; the run is whole, but not sealed: try `shoseki seal {dir}` again"),
            )
        })?;
        let draft = unsigned.signed(&signature).map_err(told)?;
        let answer = match (&self.timestamp, draft.query().map_err(told)?) {
            (Some(to), Some(query)) => Some(ask(to, query).await.map_err(|why| {
                Failed::new(
                    Exit::Bug,
                    format!(
                        "the run is whole, but not sealed: {to}: {why}; try `shoseki seal {}` again",
                        dir.display()
                    ),
                )
            })?),
            _ => None,
        };
        let time = draft.write(dir, answer.as_deref()).map_err(told)?;
        let (root, key) = (&draft.root, &draft.key);
        let stamped = time.map_or_else(String::new, |t| format!("\n  {t}"));
        terminal::note(
            common,
            lang::pick(
                lang::of(common),
                &format!(
                    "封印した: {}\n  根 {root}\n  鍵 {key}{stamped}",
                    dir.display()
                ),
                &format!(
                    "sealed: {}\n  root {root}\n  key {key}{stamped}",
                    dir.display()
                ),
            ),
        );
        Ok(())
    }
}

/// `seal`.
pub fn seal(common: &Common, args: &SealArgs) -> Result {
    let with = SealWith {
        key: Some(args.key.clone()),
        passphrase_env: args.passphrase_env.clone(),
        timestamp: args.timestamp.clone(),
    };
    if seal::is_sealed(&args.run) {
        return Err(told(seal::Error::Sealed(args.run.clone())));
    }
    // Before the passphrase is asked for.
    Run::open(&args.run).map_err(unsound)?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    runtime.block_on(async {
        let reach = Reach {
            sending: &args.sending,
            aws: &args.aws,
            read: &[],
        };
        if let Some(sealer) = Sealer::of(&with, &reach).await? {
            sealer.seal(&args.run, common).await?;
        }
        Ok(Exit::Ok)
    })
}

/// A seal would no longer hold if a file of its run were written anew.
pub fn not_sealed(dir: &Path, instead: &str) -> Result<()> {
    if seal::is_sealed(dir) {
        return Err(Failed::usage(format!(
            "{} is sealed, and stays as it is; {instead}",
            dir.display()
        )));
    }
    Ok(())
}

fn address(url: &str) -> Result<hyper::Uri> {
    let wrong = || {
        Failed::usage(format!(
            "--timestamp {url}: an http or https address is needed"
        ))
    };
    let uri: hyper::Uri = url.parse().map_err(|_| wrong())?;
    match (uri.scheme_str(), uri.host()) {
        (Some("http" | "https"), Some(_)) => Ok(uri),
        _ => Err(wrong()),
    }
}

/// Sends a time stamp request (RFC 3161, section 3.4); gives the answer's bytes.
async fn ask(to: &hyper::Uri, query: Vec<u8>) -> std::result::Result<Vec<u8>, String> {
    let exchange = async {
        let connector = hyper_rustls::HttpsConnectorBuilder::new()
            .with_native_roots()
            .map_err(|e| e.to_string())?
            .https_or_http()
            .enable_http1()
            .build();
        let client = Client::builder(TokioExecutor::new()).build(connector);
        let request = hyper::Request::post(to)
            .header("content-type", seal::QUERY_TYPE)
            .body(Full::new(Bytes::from(query)))
            .map_err(|e| e.to_string())?;
        let answer = client.request(request).await.map_err(|e| causes(&e))?;
        if !answer.status().is_success() {
            return Err(format!("it answers {}", answer.status()));
        }
        let body = Limited::new(answer.into_body(), LARGEST).collect().await;
        body.map(|b| b.to_bytes().to_vec())
            .map_err(|e| e.to_string())
    };
    match tokio::time::timeout(PATIENCE, exchange).await {
        Ok(answer) => answer,
        Err(_) => Err(format!("no answer within {} s", PATIENCE.as_secs())),
    }
}

/// An error with its causes, which say more than it does.
fn causes(e: &dyn std::error::Error) -> String {
    let mut out = e.to_string();
    let mut next = e.source();
    while let Some(e) = next {
        out = format!("{out}: {e}");
        next = e.source();
    }
    out
}
