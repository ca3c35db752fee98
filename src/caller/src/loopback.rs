//! A small HTTP server on loopback that answers as told: for tests of callers.
#![expect(
    clippy::unwrap_used,
    missing_docs,
    reason = "tests stop at the first surprise"
)]

use std::sync::{Arc, Mutex};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// A request as it came.
#[derive(Clone, Debug, Default)]
pub struct Got {
    pub method: String,
    /// Path and query as sent.
    pub target: String,
    /// Lower-case names.
    pub headers: Vec<(String, String)>,
    pub body: String,
}

impl Got {
    pub fn header(&self, name: &str) -> Option<&str> {
        let found = self.headers.iter().find(|(k, _)| k == name);
        found.map(|(_, v)| v.as_str())
    }
}

/// What to do with a request.
#[derive(Clone, Debug)]
pub enum Reply {
    /// Status, further headers, body.
    Answer(u16, Vec<(String, String)>, String),
    /// A body that ends before its Content-Length.
    Short(u16, String),
    /// Close without a word.
    Drop,
    /// Say nothing.
    Hang,
}

impl Reply {
    pub fn ok(body: &str) -> Self {
        Reply::Answer(200, Vec::new(), body.to_owned())
    }

    pub fn status(status: u16, body: &str) -> Self {
        Reply::Answer(status, Vec::new(), body.to_owned())
    }

    pub fn with(self, name: &str, value: &str) -> Self {
        match self {
            Reply::Answer(status, mut headers, body) => {
                headers.push((name.to_owned(), value.to_owned()));
                Reply::Answer(status, headers, body)
            }
            other => other,
        }
    }
}

type SigningIn = dyn Fn(&Got) -> Option<Reply> + Send + Sync;
type Handler = dyn Fn(&Got, usize) -> Reply + Send + Sync;

struct Both {
    signing_in: Box<SigningIn>,
    handler: Box<Handler>,
}

/// A running server; it ends with the test's runtime.
pub struct Server {
    port: u16,
    got: Arc<Mutex<Vec<Got>>>,
}

impl Server {
    /// Answers each request by `handler`, which gets the number of requests
    /// before; what `signing_in` answers is not counted.
    pub async fn start(
        signing_in: impl Fn(&Got) -> Option<Reply> + Send + Sync + 'static,
        handler: impl Fn(&Got, usize) -> Reply + Send + Sync + 'static,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let got: Arc<Mutex<Vec<Got>>> = Arc::default();
        let both = Arc::new(Both {
            signing_in: Box::new(signing_in),
            handler: Box::new(handler),
        });
        let seen = got.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(stream, both.clone(), seen.clone()));
            }
        });
        Self { port, got }
    }

    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// The requests so far, without those of signing in.
    pub fn got(&self) -> Vec<Got> {
        self.got.lock().unwrap().clone()
    }
}

async fn serve(mut stream: TcpStream, both: Arc<Both>, seen: Arc<Mutex<Vec<Got>>>) {
    while let Some(got) = receive(&mut stream).await {
        let reply = match (both.signing_in)(&got) {
            Some(reply) => reply,
            None => {
                let before = {
                    let mut seen = seen.lock().unwrap();
                    seen.push(got.clone());
                    seen.len() - 1
                };
                (both.handler)(&got, before)
            }
        };
        let (status, headers, body, length) = match reply {
            Reply::Answer(status, headers, body) => {
                let length = body.len();
                (status, headers, body, length)
            }
            Reply::Short(status, body) => {
                let length = body.len() + 100;
                (status, Vec::new(), body, length)
            }
            Reply::Drop => return,
            Reply::Hang => {
                tokio::time::sleep(std::time::Duration::from_secs(60)).await;
                return;
            }
        };
        let mut out = format!("HTTP/1.1 {status} X\r\nContent-Length: {length}\r\n");
        for (name, value) in headers {
            out.push_str(&format!("{name}: {value}\r\n"));
        }
        out.push_str("\r\n");
        if got.method != "HEAD" {
            out.push_str(&body);
        }
        stream.write_all(out.as_bytes()).await.ok();
        if length != body.len() {
            return;
        }
    }
}

async fn receive(stream: &mut TcpStream) -> Option<Got> {
    let mut data = Vec::new();
    let mut chunk = [0; 8192];
    let head = loop {
        if let Some(i) = data.windows(4).position(|w| w == b"\r\n\r\n") {
            break i;
        }
        match stream.read(&mut chunk).await {
            Ok(0) | Err(_) => return None,
            Ok(n) => data.extend_from_slice(&chunk[..n]),
        }
    };
    let text = String::from_utf8_lossy(&data[..head]).into_owned();
    let mut lines = text.split("\r\n");
    let mut first = lines.next()?.split(' ');
    let mut got = Got {
        method: first.next()?.to_owned(),
        target: first.next()?.to_owned(),
        ..Got::default()
    };
    for line in lines {
        let (name, value) = line.split_once(':')?;
        got.headers
            .push((name.to_ascii_lowercase(), value.trim().to_owned()));
    }
    let length: usize = got
        .header("content-length")
        .and_then(|l| l.parse().ok())
        .unwrap_or(0);
    while data.len() < head + 4 + length {
        match stream.read(&mut chunk).await {
            Ok(0) | Err(_) => return None,
            Ok(n) => data.extend_from_slice(&chunk[..n]),
        }
    }
    got.body = String::from_utf8_lossy(&data[head + 4..head + 4 + length]).into_owned();
    Some(got)
}
