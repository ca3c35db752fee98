//! The sandbox as a seeded cloud: what tests of any cloud on it need.

use super::cli::{Scan, ended, shoseki};
use shoseki_sandbox::{Answers, Asked, Reply, Responder, Sandbox, demo_files};
use std::path::Path;
use std::process::Command;
use std::sync::{Arc, RwLock};

/// What the tests must know of a cloud.
pub struct Cloud {
    /// `azure`.
    pub name: &'static str,
    /// Further arguments of a scan of it.
    pub scan: &'static [&'static str],
    /// Makes a command sign in at the sandbox; the folder is the test's own.
    pub sign_in: fn(&mut Command, &Path, &str),
    /// Calls that signing in makes, with their permissions.
    pub signing_in: &'static [(&'static str, &'static [&'static str])],
    /// Calls that are denied one at a time.
    pub denied: &'static [&'static str],
    /// Rules that none of those touches.
    pub control: &'static [&'static str],
    /// Calls that answer with lists and are made to fail.
    pub hurt: &'static [&'static str],
    /// A refusal in the cloud's words.
    pub refusal: fn(&Asked) -> Reply,
    /// What the cloud says when it is asked too much.
    pub throttled: fn(&Asked) -> Reply,
    /// Answers whose lists are not lists, and with a member twice.
    pub odd: &'static [&'static str],
    /// Where answers may hold secrets: a call, and a JSON pointer.
    pub secrets: &'static [(&'static str, &'static str)],
    /// Types that an account has none of because the cloud answers with this code.
    pub none: &'static [(&'static str, &'static str, &'static str)],
    /// How `permissions` writes one of the permissions.
    pub printed: fn(&str) -> String,
    /// The file of expected verdicts and how many rules it must hold.
    pub expected: (&'static str, usize),
}

type Fault = Box<dyn Fn(&Asked, &Answers) -> Option<Reply> + Send + Sync>;

struct Decide {
    answers: Answers,
    fault: Arc<RwLock<Fault>>,
}

impl Responder for Decide {
    fn reply(&self, asked: &Asked) -> Reply {
        let fault = self.fault.read().unwrap();
        fault(asked, &self.answers).unwrap_or_else(|| self.answers.reply(asked))
    }
}

/// The demonstration cloud with a fault. It ends when dropped.
pub struct Seeded {
    fault: Arc<RwLock<Fault>>,
    server: Sandbox,
    // The server runs in it.
    _runtime: tokio::runtime::Runtime,
}

impl Seeded {
    /// Starts one without a fault; with `pages`, lists come in pages of so many.
    pub fn start(pages: Option<usize>) -> Self {
        let runtime = tokio::runtime::Runtime::new().unwrap();
        let answers = Answers::load(&demo_files()).unwrap();
        let answers = match pages {
            Some(n) => answers.with_pages(n),
            None => answers,
        };
        let fault: Arc<RwLock<Fault>> = Arc::new(RwLock::new(Box::new(|_, _| None)));
        let decide = Decide {
            answers,
            fault: fault.clone(),
        };
        let server = runtime.block_on(Sandbox::start(decide)).unwrap();
        Self {
            fault,
            server,
            _runtime: runtime,
        }
    }

    /// From now on does this.
    pub fn set(&self, fault: impl Fn(&Asked, &Answers) -> Option<Reply> + Send + Sync + 'static) {
        *self.fault.write().unwrap() = Box::new(fault);
    }

    /// Scans a cloud here.
    pub fn scan(&self, cloud: &Cloud, more: &[&str]) -> Scan {
        let folder = tempfile::tempdir().unwrap();
        let out = folder.path().join("run");
        let url = self.server.url();
        let mut args = vec!["scan", cloud.name, "--endpoint", &url, "--lang", "en"];
        args.extend(["--out", out.to_str().unwrap()]);
        args.extend(cloud.scan);
        if !more.contains(&"--max-attempts") {
            args.extend(["--max-attempts", "1"]);
        }
        args.extend(more);
        let mut command = shoseki(&args);
        (cloud.sign_in)(&mut command, folder.path(), &url);
        let ended = ended(command);
        Scan::of(folder, ended)
    }
}
