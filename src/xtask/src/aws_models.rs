//! The AWS models and the list of reading operations, out of botocore's
//! published models.
//!
//! To move to another botocore: change `BOTOCORE` and
//! `tests/requirements.txt`, run `cargo xtask gen`, review what
//! changed in `src/aws/allow.txt`, run `src/aws/conformance/make.py` and the tests.

use crate::Gen;
use crate::aws_allow;
use crate::aws_trim;
use crate::botocore::Botocore;
use crate::output::Output;
use anyhow::{Context, Result};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// Where the models go.
const FOLDER: &str = "src/aws/models";

/// Operations that the caller itself makes, beside those that collectors name.
const BASE: &[(&str, &str)] = &[
    ("sts", "GetCallerIdentity"),
    ("ec2", "DescribeRegions"),
    ("iam", "ListAccountAliases"),
    ("kms", "GetPublicKey"),
    ("organizations", "DescribeOrganization"),
    ("organizations", "ListAccounts"),
    ("config", "DescribeConfigurationRecorders"),
    ("config", "DescribeConfigurationRecorderStatus"),
    ("config", "DescribeRetentionConfigurations"),
    ("config", "GetResourceConfigHistory"),
    ("config", "ListDiscoveredResources"),
];

/// What is asked through a door of its own, in a model of its own: no reading
/// operation, so that no collector and no call by hand can reach it. The file's
/// name has a second part, which no service has.
const DOOR: (&str, &str, &str) = ("kms", "Sign", "kms.sign.json");

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
    let (service, operation, name) = DOOR;
    let model = aws_trim::trim(&data, service, &BTreeSet::from([operation.to_owned()]))
        .with_context(|| format!("the model of {service}:{operation}"))?;
    out.file(
        &format!("{FOLDER}/{name}"),
        &lines(&serde_json::to_value(&model)?)?,
    )?;
    keep.insert(name.to_owned());
    out.file(
        &format!("{FOLDER}/partitions.json"),
        &serde_json::to_vec(&data.partitions()?)?,
    )?;
    keep.insert("partitions.json".to_owned());
    out.only(FOLDER, &keep)
}

/// A model as JSON with one operation and one shape a line, so that a change
/// can be reviewed.
pub fn lines(model: &Value) -> Result<Vec<u8>> {
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
pub struct Call {
    /// The file.
    pub file: PathBuf,
    /// The line in it.
    pub line: usize,
    /// What stands before the colon.
    pub service: String,
    /// What stands behind it.
    pub operation: String,
}

/// Every `call: service:Operation` under `folder`. Works line by line, so that
/// a file that is still being written does not hold up the others.
pub fn collector_calls(folder: &Path) -> Result<Vec<Call>> {
    let call = regex_lite::Regex::new(r#"(?:^|[\s{,])call:\s*["']?([a-z0-9-]+):([A-Za-z0-9.]+)"#)?;
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
