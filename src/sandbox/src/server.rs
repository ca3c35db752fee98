//! The loopback server.

use crate::request::{Asked, Http, scope, understand};
use crate::rest;
use crate::wire::{self, Wire};
use bytes::Bytes;
use http_body_util::combinators::BoxBody;
use http_body_util::{BodyExt, Full, StreamBody};
use hyper::body::{Frame, Incoming};
use hyper::http::request::Parts;
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::{TokioExecutor, TokioIo};
use serde_json::Value;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// What the sandbox answers.
#[derive(Debug, Clone)]
pub enum Reply {
    /// A value, member names as the CLI prints them.
    Answer(Value),
    /// An error of the service.
    Error {
        /// HTTP status.
        status: u16,
        /// The service's code.
        code: String,
        /// Its message.
        message: String,
    },
    /// A value with any status.
    Status {
        /// HTTP status.
        status: u16,
        /// Further headers.
        headers: Vec<(String, String)>,
        /// What the body says.
        value: Value,
    },
    /// Bytes as they are.
    Raw {
        /// HTTP status.
        status: u16,
        /// Bytes.
        body: Vec<u8>,
    },
    /// The answer's bytes, cut.
    Cut {
        /// The whole answer.
        answer: Value,
        /// How much of it is sent, in per cent.
        percent: u8,
        /// Whether the full length is announced, so that the loss shows on the wire.
        announced: bool,
    },
    /// Whatever another server answers to the very same request: the sandbox as
    /// a fault-injecting proxy.
    Forward {
        /// `http://127.0.0.1:5000`.
        to: String,
        /// Per cent of the body that is passed on, and whether the full length
        /// is announced; `None`: all of it.
        cut: Option<(u8, bool)>,
    },
    /// Nothing, ever.
    Hang,
    /// The connection is closed.
    Drop,
}

/// Decides what a request gets.
pub trait Responder: Send + Sync + 'static {
    /// The reply to one request.
    fn reply(&self, asked: &Asked) -> Reply;

    /// Whether roles of this AWS account may be assumed.
    fn assumes(&self, account: &str) -> bool {
        let _ = account;
        true
    }
}

/// A running sandbox. It stops when dropped.
#[derive(Debug)]
pub struct Sandbox {
    address: SocketAddr,
    task: tokio::task::JoinHandle<()>,
    served: Arc<AtomicU64>,
}

struct Shared {
    responder: Box<dyn Responder>,
    served: Arc<AtomicU64>,
    client: Client,
}

impl Sandbox {
    /// Listens on a free port of 127.0.0.1. Needs a tokio runtime.
    pub async fn start(responder: impl Responder) -> std::io::Result<Self> {
        let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0)).await?;
        let address = listener.local_addr()?;
        let served = Arc::new(AtomicU64::new(0));
        let shared = Arc::new(Shared {
            responder: Box::new(responder),
            served: served.clone(),
            client: hyper_util::client::legacy::Client::builder(TokioExecutor::new()).build_http(),
        });
        let task = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let shared = shared.clone();
                tokio::spawn(async move {
                    let service = service_fn(move |r| serve(shared.clone(), r));
                    // A connection that breaks is the test's or the client's doing.
                    let _ = hyper_util::server::conn::auto::Builder::new(TokioExecutor::new())
                        .serve_connection(TokioIo::new(stream), service)
                        .await;
                });
            }
        });
        Ok(Self {
            address,
            task,
            served,
        })
    }

    /// `http://127.0.0.1:PORT`.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Requests answered so far.
    pub fn served(&self) -> u64 {
        self.served.load(Ordering::Relaxed)
    }
}

impl Drop for Sandbox {
    fn drop(&mut self) {
        self.task.abort();
    }
}

type Body = BoxBody<Bytes, std::io::Error>;
type Answer = Result<Response<Body>, std::io::Error>;

/// What is to be done about a request.
enum Outcome {
    Send(Wire),
    /// The wire, the per cent of it to send, and whether its full length is announced.
    Cut(Wire, u8, bool),
    Forward(String, Option<(u8, bool)>),
    Hang,
    Drop,
}

async fn serve(shared: Arc<Shared>, request: Request<Incoming>) -> Answer {
    let (head, body) = request.into_parts();
    let body = body
        .collect()
        .await
        .map(|b| b.to_bytes())
        .unwrap_or_default();
    match decide(&shared, &head, &body) {
        Outcome::Send(wire) => send(wire),
        Outcome::Cut(wire, percent, announced) => cut_short(wire, percent, announced),
        Outcome::Forward(to, cut) => {
            let wire = forward(&shared.client, &to, &head, body).await?;
            match cut {
                None => send(wire),
                Some((percent, announced)) => cut_short(wire, percent, announced),
            }
        }
        Outcome::Hang => std::future::pending().await,
        Outcome::Drop => Err(std::io::ErrorKind::ConnectionReset.into()),
    }
}

fn send(wire: Wire) -> Answer {
    let body = Full::new(Bytes::from(wire.body));
    respond(
        wire.status,
        &wire.headers,
        body.map_err(|never| match never {}).boxed(),
    )
}

fn cut_short(mut wire: Wire, percent: u8, announced: bool) -> Answer {
    let length = wire.body.len();
    wire.body.truncate(length * usize::from(percent) / 100);
    if !announced {
        return send(wire);
    }
    wire.headers
        .push(("content-length".into(), length.to_string()));
    let frames = [
        Ok(Frame::data(Bytes::from(wire.body))),
        Err(std::io::ErrorKind::ConnectionReset.into()),
    ];
    let body = StreamBody::new(futures::stream::iter(frames));
    respond(wire.status, &wire.headers, BodyExt::boxed(body))
}

type Client = hyper_util::client::legacy::Client<HttpConnector, Full<Bytes>>;

/// Sends the request on and takes the whole answer.
async fn forward(client: &Client, to: &str, head: &Parts, body: Bytes) -> std::io::Result<Wire> {
    let path = head.uri.path_and_query().map_or("/", |p| p.as_str());
    let mut request = Request::builder()
        .method(&head.method)
        .uri(format!("{to}{path}"));
    for (name, value) in &head.headers {
        request = request.header(name, value);
    }
    let request = request
        .body(Full::new(body))
        .map_err(std::io::Error::other)?;
    let answer = client
        .request(request)
        .await
        .map_err(std::io::Error::other)?;
    let (head, body) = answer.into_parts();
    let body = body
        .collect()
        .await
        .map_err(std::io::Error::other)?
        .to_bytes()
        .to_vec();
    let own = ["content-length", "transfer-encoding", "connection", "date"];
    let headers = head
        .headers
        .iter()
        .filter(|(k, _)| !own.contains(&k.as_str()))
        .filter_map(|(k, v)| Some((k.as_str().to_owned(), v.to_str().ok()?.to_owned())));
    Ok(Wire {
        status: head.status.as_u16(),
        headers: headers.collect(),
        body,
    })
}

fn respond(status: u16, headers: &[(String, String)], body: Body) -> Answer {
    let mut r = Response::builder()
        .status(status)
        .header("date", http_date());
    for (k, v) in headers {
        r = r.header(k, v);
    }
    r.body(body).map_err(std::io::Error::other)
}

fn decide(shared: &Shared, head: &Parts, body: &[u8]) -> Outcome {
    let number = shared.served.fetch_add(1, Ordering::Relaxed);
    let header = |n: &str| {
        head.headers
            .get(n)
            .and_then(|v| v.to_str().ok())
            .map(str::to_owned)
    };
    let http = Http {
        method: head.method.as_str(),
        path: head.uri.path(),
        query: head.uri.query().unwrap_or(""),
        target: header("x-amz-target"),
        header: &header,
        body,
    };
    let authorization = header("authorization").unwrap_or_default();
    if let Some(signed) = scope(&authorization) {
        return aws(shared, signed, &http, number);
    }
    if let Some(wire) = rest::token(&http) {
        return Outcome::Send(wire);
    }
    if !authorization.starts_with("Bearer ") {
        return plain(403, "no signature and no token");
    }
    match rest::understand(&http, number) {
        Err(wire) => Outcome::Send(wire),
        Ok(asked) => put(
            shared.responder.reply(&asked),
            &rest::answer,
            &|status, code, message| rest::error(asked.cloud, status, code, message),
        ),
    }
}

fn aws(
    shared: &Shared,
    (access_key, region, signing): (String, String, String),
    http: &Http<'_>,
    number: u64,
) -> Outcome {
    if signing == "sts" && http.body.starts_with(b"Action=AssumeRole&") {
        let form = String::from_utf8_lossy(http.body);
        let may = |account: &str| shared.responder.assumes(account);
        return Outcome::Send(wire::assumed_role(&form, &may));
    }
    let Some(found) = understand(&signing, http) else {
        return plain(
            501,
            &format!(
                "no operation of {signing} fits {} {}",
                http.method, http.path
            ),
        );
    };
    let asked = Asked {
        cloud: "aws",
        call: format!("{}:{}", found.name, found.operation),
        path: http.path.to_owned(),
        region,
        access_key,
        values: found.values.clone(),
        number,
    };
    put(
        shared.responder.reply(&asked),
        &|v| wire::answer(&found, v),
        &|status, code, message| wire::error(&found, status, code, message),
    )
}

/// A reply on the wire of its cloud.
fn put(
    reply: Reply,
    answer: &dyn Fn(&Value) -> Wire,
    error: &dyn Fn(u16, &str, &str) -> Wire,
) -> Outcome {
    match reply {
        Reply::Answer(v) => Outcome::Send(answer(&v)),
        Reply::Error {
            status,
            code,
            message,
        } => Outcome::Send(error(status, &code, &message)),
        Reply::Status {
            status,
            headers,
            value,
        } => {
            let mut wire = answer(&value);
            wire.status = status;
            wire.headers.extend(headers);
            Outcome::Send(wire)
        }
        Reply::Raw { status, body } => Outcome::Send(Wire {
            status,
            headers: Vec::new(),
            body,
        }),
        Reply::Cut {
            answer: v,
            percent,
            announced,
        } => Outcome::Cut(answer(&v), percent, announced),
        Reply::Forward { to, cut } => Outcome::Forward(to, cut),
        Reply::Hang => Outcome::Hang,
        Reply::Drop => Outcome::Drop,
    }
}

fn plain(status: u16, text: &str) -> Outcome {
    Outcome::Send(Wire {
        status,
        headers: Vec::new(),
        body: text.as_bytes().to_vec(),
    })
}

fn http_date() -> String {
    jiff::Timestamp::now()
        .strftime("%a, %d %b %Y %H:%M:%S GMT")
        .to_string()
}
