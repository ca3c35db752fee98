//! A server in front of moto that does to some requests what a test wants.

use shoseki_aws::model::{Protocol, service};
use shoseki_sandbox::{Asked, Reply, Responder, Sandbox};
use std::sync::{Arc, RwLock};

/// What to do instead of asking moto; `None`: ask it.
pub type Fault = Box<dyn Fn(&Asked) -> Option<Reply> + Send + Sync>;

/// The server. It ends when dropped.
pub struct Proxy {
    fault: Arc<RwLock<Fault>>,
    server: Sandbox,
    // The server runs in it.
    _runtime: tokio::runtime::Runtime,
}

struct Decide {
    to: String,
    fault: Arc<RwLock<Fault>>,
}

impl Responder for Decide {
    fn reply(&self, asked: &Asked) -> Reply {
        let fault = self.fault.read().unwrap();
        fault(asked).unwrap_or_else(|| Reply::Forward {
            to: self.to.clone(),
            cut: None,
        })
    }
}

impl Proxy {
    /// Starts one that passes everything on.
    pub fn start(to: &str) -> Self {
        let runtime = tokio::runtime::Runtime::new().unwrap();
        let fault: Arc<RwLock<Fault>> = Arc::new(RwLock::new(Box::new(|_| None)));
        let decide = Decide {
            to: to.to_owned(),
            fault: fault.clone(),
        };
        let server = runtime.block_on(Sandbox::start(decide)).unwrap();
        Self {
            fault,
            server,
            _runtime: runtime,
        }
    }

    /// Where it listens.
    pub fn url(&self) -> String {
        self.server.url()
    }

    /// From now on does this.
    pub fn set(&self, fault: impl Fn(&Asked) -> Option<Reply> + Send + Sync + 'static) {
        *self.fault.write().unwrap() = Box::new(fault);
    }

    /// Refuses these calls from now on.
    pub fn deny(&self, calls: impl IntoIterator<Item = String>) {
        let calls: Vec<String> = calls.into_iter().collect();
        self.set(move |asked| calls.contains(&asked.call).then(|| denied(&asked.call)));
    }
}

/// A refusal in the words of the call's protocol.
pub fn denied(call: &str) -> Reply {
    let (name, operation) = call.split_once(':').unwrap();
    let (status, code) = match service(name).unwrap().protocol {
        Protocol::Ec2 => (403, "UnauthorizedOperation"),
        Protocol::Json => (400, "AccessDeniedException"),
        Protocol::RestJson => (403, "AccessDeniedException"),
        Protocol::Query | Protocol::RestXml => (403, "AccessDenied"),
    };
    Reply::Error {
        status,
        code: code.to_owned(),
        message: format!(
            "User: arn:aws:iam::123456789012:user/test is not authorized to perform: {name}:{operation}"
        ),
    }
}
