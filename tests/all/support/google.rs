//! A small Google Cloud organization on loopback, answered by hand.

use serde_json::{Value, json};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

/// What a test wants otherwise.
#[derive(Clone, Debug, Default)]
pub struct Wish {
    /// Entries a page; 0 for all at once.
    pub page: usize,
    /// Pieces of addresses that are refused.
    pub deny: Vec<&'static str>,
    /// Every so many requests one is throttled.
    pub throttle: usize,
}

/// The server; it lives as long as the test.
pub struct Google {
    port: u16,
    /// Addresses that were asked for.
    pub asked: Arc<Mutex<Vec<String>>>,
}

impl Google {
    /// Starts one.
    pub fn start(wish: Wish) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let asked: Arc<Mutex<Vec<String>>> = Arc::default();
        let seen = asked.clone();
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (wish, seen) = (wish.clone(), seen.clone());
                std::thread::spawn(move || serve(&stream, &wish, &seen));
            }
        });
        Self { port, asked }
    }

    /// Where it listens.
    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// A file with credentials that get their token here.
    pub fn credentials(&self, folder: &Path) -> PathBuf {
        let path = folder.join("credentials.json");
        let user = json!({
            "type": "authorized_user", "client_id": "auditor", "client_secret": "hush-hush",
            "refresh_token": "hush-hush", "token_uri": format!("{}/token", self.url()),
        });
        std::fs::write(&path, user.to_string()).unwrap();
        path
    }
}

fn serve(stream: &TcpStream, wish: &Wish, seen: &Mutex<Vec<String>>) {
    let mut reader = BufReader::new(stream);
    loop {
        let (mut first, mut length) = (String::new(), 0);
        if reader.read_line(&mut first).unwrap_or(0) == 0 {
            return;
        }
        loop {
            let mut line = String::new();
            if reader.read_line(&mut line).unwrap_or(0) <= 2 {
                break;
            }
            let line = line.to_ascii_lowercase();
            if let Some(n) = line.strip_prefix("content-length:") {
                length = n.trim().parse().unwrap();
            }
        }
        let mut body = vec![0; length];
        reader.read_exact(&mut body).unwrap();
        let target = first.split(' ').nth(1).unwrap().to_owned();
        let number = {
            let mut seen = seen.lock().unwrap();
            seen.push(target.clone());
            seen.len()
        };
        let (status, answer) = match wish.throttle > 0 && number.is_multiple_of(wish.throttle) {
            true => (
                429,
                failed(429, "RESOURCE_EXHAUSTED", "RATE_LIMIT_EXCEEDED"),
            ),
            false => answer(&target, wish),
        };
        let text = answer.to_string();
        let head = format!(
            "HTTP/1.1 {status} X\r\ncontent-length: {}\r\n\r\n",
            text.len()
        );
        let mut out = stream;
        if out.write_all((head + &text).as_bytes()).is_err() {
            return;
        }
    }
}

fn failed(code: u16, status: &str, reason: &str) -> Value {
    json!({"error": {"code": code, "status": status, "message": "no", "details": [
        {"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": reason},
    ]}})
}

fn answer(target: &str, wish: &Wish) -> (u16, Value) {
    if target == "/token" {
        let token =
            json!({"access_token": "ya29.hush", "token_type": "Bearer", "expires_in": 3600});
        return (200, token);
    }
    if wish.deny.iter().any(|d| target.contains(d)) {
        return (
            403,
            failed(403, "PERMISSION_DENIED", "IAM_PERMISSION_DENIED"),
        );
    }
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let given = |name: &str| {
        let mut all = query.split('&').filter_map(|q| q.split_once('='));
        all.find(|(k, _)| *k == name).map_or("", |(_, v)| v)
    };
    let Some(whole) = whole(path, given("parent"), given("project")) else {
        // Whatever is not there belongs to an API that nobody switched on.
        return (403, failed(403, "PERMISSION_DENIED", "SERVICE_DISABLED"));
    };
    let from: usize = given("pageToken").parse().unwrap_or(0);
    (200, page(whole, from, wish.page))
}

/// Cuts the one list of an answer.
fn page(mut whole: Value, from: usize, size: usize) -> Value {
    if size == 0 {
        return whole;
    }
    let list = ["items", "folders", "projects", "sinks"]
        .into_iter()
        .find(|m| whole[m].is_array());
    let Some(member) = list else { return whole };
    let all = whole[member].as_array().unwrap().clone();
    let end = (from + size).min(all.len());
    whole[member] = all.get(from..end).unwrap_or_default().into();
    if end < all.len() {
        whole["nextPageToken"] = end.to_string().into();
    }
    whole
}

fn project(id: &str) -> Value {
    json!({"name": format!("projects/{id}1"), "projectId": id, "displayName": id, "state": "ACTIVE"})
}

fn bucket(name: &str, uniform: bool) -> Value {
    json!({
        "kind": "storage#bucket", "name": name, "location": "ASIA-NORTHEAST1",
        "iamConfiguration": {
            "uniformBucketLevelAccess": {"enabled": uniform}, "publicAccessPrevention": "inherited",
        },
    })
}

fn instance(zone: &str, name: &str) -> Value {
    let url = "https://www.googleapis.com/compute/v1/projects/alpha/zones";
    json!({
        "name": name, "id": "18446744073709551615", "selfLink": format!("{url}/{zone}/instances/{name}"),
        "zone": format!("{url}/{zone}"), "status": "RUNNING",
        "metadata": {"items": [{"key": "startup-script", "value": "PASSWORD=hush-hush"}]},
        "networkInterfaces": [{"network": "n"}],
    })
}

fn whole(path: &str, parent: &str, project_asked: &str) -> Option<Value> {
    let path = path.strip_prefix('/')?;
    let (host, path) = path.split_once('/')?;
    Some(match (host.strip_suffix(".googleapis.com")?, path) {
        ("cloudresourcemanager", "v3/organizations/1") => {
            json!({"name": "organizations/1", "displayName": "example.com", "state": "ACTIVE"})
        }
        ("cloudresourcemanager", "v3/folders/2") => {
            json!({"name": "folders/2", "displayName": "apps", "state": "ACTIVE"})
        }
        ("cloudresourcemanager", "v3/folders") if parent == "organizations%2F1" => {
            json!({"folders": [{"name": "folders/2", "displayName": "apps", "state": "ACTIVE"}]})
        }
        ("cloudresourcemanager", "v3/folders") => json!({}),
        ("cloudresourcemanager", "v3/projects") if parent == "folders%2F2" => {
            json!({"projects": [project("alpha"), project("beta")]})
        }
        ("cloudresourcemanager", "v3/projects") => json!({}),
        ("cloudresourcemanager", p) if p.ends_with(":getIamPolicy") => {
            json!({"version": 1, "bindings": [{"role": "roles/viewer", "members": ["group:a@example.com"]}]})
        }
        ("cloudresourcemanager", p) => project(p.strip_prefix("v3/projects/")?),
        ("storage", "storage/v1/b") if project_asked == "alpha" => {
            json!({"items": [bucket("open", true), bucket("shut", true), bucket("plain", false)]})
        }
        ("storage", "storage/v1/b") => json!({}),
        ("storage", "storage/v1/b/open/iam") => {
            json!({"bindings": [{"role": "roles/storage.objectViewer", "members": ["allUsers"]}]})
        }
        ("storage", p) if p.ends_with("/iam") => {
            json!({"bindings": [{"role": "roles/storage.admin", "members": ["group:a@example.com"]}]})
        }
        ("storage", p) if p.ends_with("/defaultObjectAcl") => {
            json!({"items": [{"entity": "project-owners-1", "role": "OWNER"}]})
        }
        ("orgpolicy", p) if p.ends_with("storage.publicAccessPrevention:getEffectivePolicy") => {
            json!({"spec": {"rules": [{"enforce": false}]}})
        }
        ("logging", p) if p.ends_with("/sinks") => json!({}),
        ("compute", "compute/v1/projects/alpha/aggregated/instances") => json!({"items": {
            "zones/asia-northeast1-a": {"instances": [instance("asia-northeast1-a", "web")]},
            "zones/asia-northeast1-b": {"warning": {"code": "UNREACHABLE", "message": "zone is down"}},
            "zones/asia-northeast1-c": {"warning": {"code": "NO_RESULTS_ON_PAGE"}},
        }}),
        ("compute", p) if p.ends_with("/aggregated/instances") => json!({"items": {}}),
        _ => return None,
    })
}
