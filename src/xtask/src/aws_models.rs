//! The AWS models and the list of reading operations, out of botocore's
//! published models.
//!
//! To move to another botocore: change [`BOTOCORE`] and
//! `tests/requirements.txt`, run `cargo xtask gen`, review what
//! changed in `src/aws/allow.txt`, run `src/aws/conformance/make.py` and the tests.

use crate::Gen;
use crate::aws_allow;
use crate::aws_trim;
use crate::output::Output;
use anyhow::{Context, Result, bail};
use flate2::read::GzDecoder;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The one version of botocore that everything is generated from.
pub const BOTOCORE: &str = "1.44.5";

/// Where the models go.
const FOLDER: &str = "src/aws/models";

/// Operations that the caller itself makes, beside those that collectors name.
const BASE: &[(&str, &str)] = &[
    ("sts", "GetCallerIdentity"),
    ("ec2", "DescribeRegions"),
    ("iam", "ListAccountAliases"),
    ("organizations", "DescribeOrganization"),
    ("organizations", "ListAccounts"),
];

/// Writes the models, the endpoint rules, the partitions and `allow.txt`.
pub fn generate(args: &Gen, out: &mut Output) -> Result<()> {
    let cache = out.root().join("target/xtask");
    let data = Botocore::open(args.botocore.as_deref(), &cache)?;
    let allow = aws_allow::generate(&data)?;
    out.file("src/aws/allow.txt", allow.text().as_bytes())?;

    for service in aws_trim::services_with_secrets() {
        aws_trim::check_secrets(service, &data.load(service, "service-2")?["shapes"])?;
    }
    let mut wanted: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for (service, operation) in BASE {
        wanted
            .entry((*service).to_owned())
            .or_default()
            .insert((*operation).to_owned());
    }
    for call in collector_calls(&out.root().join("collectors/aws"))? {
        if let Err(why) = allow.permits(&call.service, &call.operation) {
            eprintln!("warning: {}:{}: {why}", call.file.display(), call.line);
            continue;
        }
        wanted
            .entry(call.service)
            .or_default()
            .insert(call.operation);
    }

    let mut keep = BTreeSet::new();
    for (service, operations) in &wanted {
        let model = aws_trim::trim(&data, service, operations)
            .with_context(|| format!("the model of {service}"))?;
        let name = format!("{service}.json");
        out.file(
            &format!("{FOLDER}/{name}"),
            &lines(&serde_json::to_value(&model)?)?,
        )?;
        keep.insert(name);
        let name = format!("{service}.rules.json");
        let mut rules = data.load(service, "endpoint-rule-set-1")?;
        strip_documentation(&mut rules);
        out.file(&format!("{FOLDER}/{name}"), &serde_json::to_vec(&rules)?)?;
        keep.insert(name);
    }
    out.file(
        &format!("{FOLDER}/partitions.json"),
        &serde_json::to_vec(&data.partitions()?)?,
    )?;
    keep.insert("partitions.json".to_owned());
    out.only(FOLDER, &keep)
}

/// A model as JSON with one operation and one shape a line, so that a change
/// can be reviewed.
fn lines(model: &Value) -> Result<Vec<u8>> {
    let mut out = String::from("{\n");
    let members = model.as_object().context("a model is an object")?;
    for (i, (key, value)) in members.iter().enumerate() {
        let end = if i + 1 == members.len() { "" } else { "," };
        let name = Value::from(key.as_str());
        match value {
            Value::Object(entries) if key == "operations" => {
                let rows: Vec<_> = entries
                    .iter()
                    .map(|(k, v)| format!("{}:{v}", Value::from(k.as_str())))
                    .collect();
                out.push_str(&format!("{name}:{{\n{}\n}}{end}\n", rows.join(",\n")));
            }
            Value::Array(entries) if key == "shapes" => {
                let rows: Vec<_> = entries.iter().map(Value::to_string).collect();
                out.push_str(&format!("{name}:[\n{}\n]{end}\n", rows.join(",\n")));
            }
            _ => out.push_str(&format!("{name}:{value}{end}\n")),
        }
    }
    out.push_str("}\n");
    Ok(out.into_bytes())
}

fn strip_documentation(v: &mut Value) {
    match v {
        Value::Object(o) => {
            o.remove("documentation");
            o.values_mut().for_each(strip_documentation);
        }
        Value::Array(a) => a.iter_mut().for_each(strip_documentation),
        _ => {}
    }
}

/// A `call:` in a collector.
struct Call {
    file: PathBuf,
    line: usize,
    service: String,
    operation: String,
}

/// Every `call: service:Operation` under `folder`. Works line by line, so that
/// a file that is still being written does not hold up the others.
fn collector_calls(folder: &Path) -> Result<Vec<Call>> {
    let call = regex_lite::Regex::new(r#"(?:^|[\s{,])call:\s*["']?([a-z0-9-]+):([A-Za-z0-9]+)"#)?;
    let mut calls = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        let Ok(entries) = std::fs::read_dir(&folder) else {
            continue;
        };
        let mut paths: Vec<_> = entries.filter_map(|e| Some(e.ok()?.path())).collect();
        paths.sort();
        for path in paths {
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            if path.extension().is_none_or(|e| e != "yaml") {
                continue;
            }
            let Ok(text) = std::fs::read_to_string(&path) else {
                eprintln!(
                    "warning: {}: cannot be read as text, left out",
                    path.display()
                );
                continue;
            };
            for (i, line) in text.lines().enumerate() {
                let code = line.split(" #").next().unwrap_or(line);
                if code.trim_start().starts_with('#') {
                    continue;
                }
                for found in call.captures_iter(code) {
                    calls.push(Call {
                        file: path.clone(),
                        line: i + 1,
                        service: found[1].to_owned(),
                        operation: found[2].to_owned(),
                    });
                }
            }
        }
    }
    Ok(calls)
}

/// botocore's data folder, unpacked.
pub struct Botocore {
    data: PathBuf,
    /// Keeps a temporary folder alive.
    _temporary: Option<tempfile::TempDir>,
}

impl Botocore {
    /// Opens a wheel or an unpacked folder, or the pinned version, which pip
    /// downloads into `cache` once.
    fn open(given: Option<&Path>, cache: &Path) -> Result<Self> {
        if let Some(path) = given
            && path.is_dir()
        {
            let data = [
                path.join("botocore/data"),
                path.join("data"),
                path.to_owned(),
            ]
            .into_iter()
            .find(|p| p.join("partitions.json").is_file())
            .with_context(|| format!("no botocore data under {}", path.display()))?;
            return Self::checked(data, None);
        }
        if let Some(wheel) = given {
            let folder = tempfile::tempdir()?;
            unpack(wheel, folder.path())?;
            return Self::checked(folder.path().join("botocore/data"), Some(folder));
        }
        let unpacked = cache.join(format!("botocore-{BOTOCORE}"));
        if !unpacked.is_dir() {
            std::fs::create_dir_all(cache)?;
            // Moved into place when whole, so that a broken-off run leaves nothing.
            let folder = tempfile::tempdir_in(cache)?;
            unpack(&download(folder.path())?, folder.path())?;
            std::fs::rename(folder.path().join("botocore"), &unpacked).ok();
        }
        Self::checked(unpacked.join("data"), None)
    }

    fn checked(data: PathBuf, temporary: Option<tempfile::TempDir>) -> Result<Self> {
        let init = data.join("../__init__.py");
        let text = std::fs::read_to_string(&init)
            .with_context(|| format!("cannot read {}", init.display()))?;
        if !text.contains(&format!("__version__ = '{BOTOCORE}'")) {
            bail!("{} is not botocore {BOTOCORE}", data.display());
        }
        Ok(Self {
            data,
            _temporary: temporary,
        })
    }

    /// Reads the newest API version's `kind` file of `service`.
    pub fn load(&self, service: &str, kind: &str) -> Result<Value> {
        let folder = self.data.join(service);
        let mut versions: Vec<_> = std::fs::read_dir(&folder)
            .with_context(|| format!("botocore {BOTOCORE} has no service {service}"))?
            .filter_map(|e| Some(e.ok()?.path()))
            .filter(|p| p.is_dir())
            .collect();
        versions.sort();
        let newest = versions.pop().context("no API version")?;
        let plain = newest.join(format!("{kind}.json"));
        if plain.is_file() {
            return Ok(serde_json::from_slice(&std::fs::read(plain)?)?);
        }
        let packed = newest.join(format!("{kind}.json.gz"));
        let mut text = Vec::new();
        GzDecoder::new(
            std::fs::File::open(&packed).with_context(|| format!("{service} has no {kind}"))?,
        )
        .read_to_end(&mut text)?;
        Ok(serde_json::from_slice(&text)?)
    }

    /// The partitions; of regions only the names.
    fn partitions(&self) -> Result<Value> {
        let text = std::fs::read(self.data.join("partitions.json"))?;
        let mut v: Value = serde_json::from_slice(&text)?;
        for partition in v["partitions"].as_array_mut().into_iter().flatten() {
            if let Some(regions) = partition["regions"].as_object_mut() {
                regions
                    .values_mut()
                    .for_each(|r| *r = Value::Object(Default::default()));
            }
        }
        Ok(v)
    }
}

/// Downloads the wheel with pip.
fn download(folder: &Path) -> Result<PathBuf> {
    let output = Command::new("python3")
        .args([
            "-m",
            "pip",
            "download",
            "--quiet",
            "--no-deps",
            "--only-binary=:all:",
            "-d",
        ])
        .arg(folder)
        .arg(format!("botocore=={BOTOCORE}"))
        .output()
        .context("python3 is needed to download botocore; or give --botocore WHEEL")?;
    if !output.status.success() {
        bail!(
            "pip cannot download botocore {BOTOCORE}: {}; or give --botocore WHEEL",
            String::from_utf8_lossy(&output.stderr).trim()
        );
    }
    std::fs::read_dir(folder)?
        .filter_map(|e| Some(e.ok()?.path()))
        .find(|p| p.extension().is_some_and(|e| e == "whl"))
        .context("pip downloaded no wheel")
}

fn unpack(wheel: &Path, to: &Path) -> Result<()> {
    let file =
        std::fs::File::open(wheel).with_context(|| format!("cannot open {}", wheel.display()))?;
    zip::ZipArchive::new(file)
        .and_then(|mut z| z.extract(to))
        .with_context(|| format!("{} is not a wheel", wheel.display()))
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    #[test]
    fn calls_are_found_in_any_yaml() {
        let folder = tempfile::tempdir().unwrap();
        let text = "list:\n  call: s3:ListBuckets # call: s3:No\n# call: s3:No\nparts:\n  \
                    A: { call: \"s3:GetBucketAcl\", prepare: {call: iam:GenerateCredentialReport} }\n: broken [";
        std::fs::write(folder.path().join("x.yaml"), text).unwrap();
        let found: Vec<_> = collector_calls(folder.path())
            .unwrap()
            .into_iter()
            .map(|c| (c.line, c.operation))
            .collect();
        let wanted = [
            (2, "ListBuckets"),
            (5, "GetBucketAcl"),
            (5, "GenerateCredentialReport"),
        ];
        assert_eq!(found, wanted.map(|(l, o)| (l, o.to_owned())));
    }
}
