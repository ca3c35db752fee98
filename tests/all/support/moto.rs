//! A moto server on loopback, seeded.

use super::root;
use std::collections::BTreeMap;
use std::net::{TcpListener, TcpStream};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// The server; it ends when dropped.
pub struct Moto {
    server: Child,
    /// `http://127.0.0.1:PORT`.
    pub url: String,
    /// Our names for what the provider gave ids.
    pub ids: BTreeMap<String, String>,
}

impl Drop for Moto {
    fn drop(&mut self) {
        let _ = self.server.kill();
        let _ = self.server.wait();
    }
}

/// A program of the virtual environment; without it nothing can be tested.
fn tool(name: &str) -> PathBuf {
    let path = root().join(".venv/bin").join(name);
    assert!(
        path.exists() && root().join(".venv/ready").exists(),
        "{} is not there: run tests/setup, which installs the AWS test server",
        path.display()
    );
    path
}

/// A port that is free now.
pub fn free_port() -> u16 {
    let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    listener.local_addr().unwrap().port()
}

impl Moto {
    /// Starts and seeds one.
    pub fn start() -> Self {
        let mut moto = Self::empty();
        moto.ids = serde_json::from_str(&moto.seeded_by("seed.py")).unwrap();
        moto
    }

    /// Starts one.
    pub fn empty() -> Self {
        let port = free_port();
        let server = Command::new(tool("moto_server"))
            .args(["-H", "127.0.0.1", "-p", &port.to_string()])
            .env("MOTO_EC2_LOAD_DEFAULT_AMIS", "false")
            .env("MOTO_IAM_LOAD_MANAGED_POLICIES", "true")
            // Certificates would be issued after a minute, in the middle of a test.
            .env("MOTO_ACM_VALIDATION_WAIT", "0")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut moto = Self {
            server,
            url: format!("http://127.0.0.1:{port}"),
            ids: BTreeMap::new(),
        };
        moto.wait(port);
        moto
    }

    /// Runs a script of `tests/` on it; gives the last line that it prints.
    pub fn seeded_by(&self, script: &str) -> String {
        let out = Command::new(tool("python"))
            .arg(root().join("tests").join(script))
            .arg(&self.url)
            .output()
            .unwrap();
        let (told, wrong) = (
            String::from_utf8_lossy(&out.stdout),
            String::from_utf8_lossy(&out.stderr),
        );
        assert!(out.status.success(), "tests/{script} failed:\n{wrong}");
        told.trim().lines().last().unwrap_or_default().to_owned()
    }

    fn wait(&mut self, port: u16) {
        let start = Instant::now();
        while TcpStream::connect(("127.0.0.1", port)).is_err() {
            let ended = self.server.try_wait().unwrap();
            assert!(ended.is_none(), "moto_server ended: {ended:?}");
            let late = start.elapsed() > Duration::from_secs(60);
            assert!(!late, "moto_server does not listen after a minute");
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    /// Our name for a resource, or the provider's.
    pub fn name_of(&self, id: &str, name: &str) -> String {
        let last = id.rsplit('/').next().unwrap_or(id);
        self.ids
            .iter()
            .find(|(_, known)| [id, name, last].contains(&known.as_str()))
            .map_or(name, |(ours, _)| ours)
            .to_owned()
    }
}
