//! The Azure models, out of the published azure-mgmt-* packages, msgraph-sdk and
//! azure-keyvault-certificates.
//!
//! To move to other versions: change `src/azure/packages.txt`, run `cargo xtask
//! gen`, and review what changed. `azure_models.py` reads the packages as text.

use crate::Gen;
use crate::output::Output;
use anyhow::{Context, Result, bail};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Where the models go.
const FOLDER: &str = "src/azure/models";

/// Operations that the caller itself makes, beside those that collectors name.
const BASE: &[(&str, &str)] = &[
    ("arm", "GET /subscriptions?api-version=2022-12-01"),
    (
        "arm",
        "GET /subscriptions/{subscriptionId}?api-version=2022-12-01",
    ),
    ("arm", "GET /tenants?api-version=2022-12-01"),
    (
        "arm",
        "GET /providers/Microsoft.Management/managementGroups/{groupId}/descendants?api-version=2023-04-01",
    ),
    (
        "arg",
        "POST /providers/Microsoft.ResourceGraph/resources?api-version=2024-04-01",
    ),
];

/// Calls with what they expand.
type Calls = BTreeMap<(String, String), BTreeSet<String>>;

/// Writes the models.
pub fn generate(_: &Gen, out: &mut Output) -> Result<()> {
    let wheels = wheels(out.root())?;
    let mut calls = collector_calls(&out.root().join("collectors/azure"))?;
    for (service, operation) in BASE {
        calls
            .entry(((*service).to_owned(), (*operation).to_owned()))
            .or_default();
    }
    let trimmed = trim(out.root(), &wheels, &calls)?;
    for m in trimmed["missing"].as_array().into_iter().flatten() {
        eprintln!("warning: {}: {}", m[0], m[1]);
    }
    let mut keep = BTreeSet::new();
    for (package, model) in trimmed["models"].as_object().context("no models")? {
        let name = format!("{}.json", package.trim_start_matches("azure-mgmt-"));
        out.file(&format!("{FOLDER}/{name}"), &lines(model)?)?;
        keep.insert(name);
    }
    out.only(FOLDER, &keep)
}

/// The pinned wheels, downloaded once.
fn wheels(root: &Path) -> Result<Vec<PathBuf>> {
    let list = std::fs::read_to_string(root.join("src/azure/packages.txt"))?;
    let cache = root.join("target/xtask/azure");
    std::fs::create_dir_all(&cache)?;
    let mut found = Vec::new();
    for pin in list.lines().map(str::trim) {
        if pin.is_empty() || pin.starts_with('#') {
            continue;
        }
        let (name, version) = pin.split_once("==").context("write NAME==VERSION")?;
        let file = format!("{}-{version}-py3-none-any.whl", name.replace('-', "_"));
        let path = cache.join(&file);
        if !path.is_file() {
            // Moved into place when whole.
            let folder = tempfile::tempdir_in(&cache)?;
            let done = Command::new("python3")
                .args(["-m", "pip", "download", "--quiet", "--no-deps"])
                .args(["--disable-pip-version-check", "--dest"])
                .arg(folder.path())
                .arg(pin)
                .status()
                .context("python3 -m pip")?;
            if !done.success() {
                bail!("pip could not download {pin}");
            }
            std::fs::rename(folder.path().join(&file), &path)
                .with_context(|| format!("pip brought no {file}"))?;
        }
        found.push(path);
    }
    Ok(found)
}

fn trim(root: &Path, wheels: &[PathBuf], calls: &Calls) -> Result<Value> {
    let list: Vec<Value> = calls
        .iter()
        .map(|((service, operation), expand)| {
            json!({ "service": service, "operation": operation, "expand": expand })
        })
        .collect();
    let mut child = Command::new("python3")
        .arg(root.join("src/xtask/azure_models.py"))
        .args(wheels)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .context("python3")?;
    let mut input = child.stdin.take().context("no pipe")?;
    input.write_all(&serde_json::to_vec(&list)?)?;
    drop(input);
    let done = child.wait_with_output()?;
    if !done.status.success() {
        bail!("azure_models.py failed");
    }
    Ok(serde_json::from_slice(&done.stdout)?)
}

/// A model with one operation and one shape a line, so that a change can be
/// reviewed.
fn lines(model: &Value) -> Result<Vec<u8>> {
    let operations = model["operations"].as_object().context("no operations")?;
    let operations: Vec<_> = operations
        .iter()
        .map(|(k, v)| format!("{}:{v}", Value::from(k.as_str())))
        .collect();
    let shapes: Vec<_> = model["shapes"]
        .as_array()
        .context("no shapes")?
        .iter()
        .map(Value::to_string)
        .collect();
    Ok(format!(
        "{{\n\"source\":{},\n\"operations\":{{\n{}\n}},\n\"shapes\":[\n{}\n]\n}}\n",
        model["source"],
        operations.join(",\n"),
        shapes.join(",\n")
    )
    .into_bytes())
}

/// The names in an `$expand`, nested ones too.
fn words(text: &str) -> Vec<String> {
    text.split(|c: char| !c.is_alphanumeric())
        .filter(|w| !w.is_empty() && *w != "expand")
        .map(str::to_owned)
        .collect()
}

/// Every call under `folder`. Works line by line, so that a file that is still
/// being written does not hold up the others.
fn collector_calls(folder: &Path) -> Result<Calls> {
    let call = regex_lite::Regex::new(r#"call:\s*["']((?:arm|arg|graph|vault)):([^"']+)["']"#)?;
    let expand = regex_lite::Regex::new(r#"\$expand["']?:\s*["']?([^"'}\n]+)"#)?;
    let mut calls = Calls::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        let Ok(entries) = std::fs::read_dir(&folder) else {
            continue;
        };
        for path in entries.filter_map(|e| Some(e.ok()?.path())) {
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            if path.extension().is_none_or(|e| e != "yaml") {
                continue;
            }
            let text = std::fs::read_to_string(&path)?;
            let code: Vec<&str> = text
                .lines()
                .filter(|l| !l.trim_start().starts_with('#'))
                .collect();
            let code = code.join("\n");
            let expanded: BTreeSet<String> = expand
                .captures_iter(&code)
                .flat_map(|m| words(&m[1]))
                .collect();
            for m in call.captures_iter(&code) {
                let all = calls.entry((m[1].to_owned(), m[2].to_owned())).or_default();
                all.extend(expanded.iter().cloned());
            }
        }
    }
    Ok(calls)
}
