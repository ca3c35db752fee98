//! The Google Cloud models and the list of reading methods, out of Google's
//! discovery documents.
//!
//! To move to another google-api-python-client: change `CLIENT` and
//! `tests/requirements.txt`, run `cargo xtask gen`, review what changed in
//! `src/gcp/allow.txt`, run the tests.

use crate::Gen;
use crate::aws_models::{collector_calls, lines};
use crate::discovery::Discovery;
use crate::gcp_trim;
use crate::output::Output;
use anyhow::{Context, Result};
use serde_json::Value;
use shoseki_gcp::{
    denied, secrets,
    services::{SERVICES, document},
};
use std::collections::{BTreeMap, BTreeSet};

/// Where the models go.
const FOLDER: &str = "src/gcp/models";

/// Methods that the caller itself makes, beside those that collectors name.
const BASE: &[(&str, &str)] = &[
    ("cloudresourcemanager", "folders.list"),
    ("cloudresourcemanager", "projects.get"),
    ("cloudresourcemanager", "projects.list"),
];

/// How the last piece of a reading method's id begins.
const READING: &[&str] = &[
    "aggregatedList",
    "batchGet",
    "get",
    "list",
    "search",
    "show",
];

/// `GET` methods that read although their name does not say so.
const MORE: &[(&str, &str)] = &[
    ("essentialcontacts", "contacts.compute"),
    ("policyanalyzer", "activities.query"),
    ("backupdr", "fetch"),
    ("backupdr", "fetchForResourceType"),
    ("privateca", "certificateAuthorities.fetch"),
    // The settings in effect, those of the parents included.
    ("securitycenter-v1beta2", "calculate"),
];

/// `POST` methods that read, by the last piece of their id.
const POSTS: &[&str] = &["getIamPolicy"];

/// Writes the models and `allow.txt`.
pub fn generate(_: &Gen, out: &mut Output) -> Result<()> {
    let cache = out.root().join("target/xtask");
    let data = Discovery::open(&cache)?;
    let mut documents = BTreeMap::new();
    let mut allow = BTreeSet::new();
    for (service, version) in SERVICES {
        let found = data.load(document(service), version)?;
        for (name, method) in gcp_trim::methods(&found) {
            if reads(service, &name, method) && denied::reason(service, &name).is_none() {
                allow.insert(format!("{service}:{name}"));
            }
        }
        documents.insert(*service, found);
    }
    let text: String = allow.iter().map(|o| format!("{o}\n")).collect();
    out.file("src/gcp/allow.txt", text.as_bytes())?;
    check_secrets(&documents)?;

    let mut wanted: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for (service, name) in BASE {
        let methods = wanted.entry((*service).to_owned()).or_default();
        methods.insert((*name).to_owned());
    }
    for call in collector_calls(&out.root().join("collectors/gcp"))? {
        if !allow.contains(&format!("{}:{}", call.service, call.operation)) {
            eprintln!(
                "warning: {}:{}: {}:{} is not on the list of reading methods",
                call.file.display(),
                call.line,
                call.service,
                call.operation
            );
            continue;
        }
        let methods = wanted.entry(call.service).or_default();
        methods.insert(call.operation);
    }

    let mut keep = BTreeSet::new();
    for (service, methods) in &wanted {
        let document = documents
            .get(service.as_str())
            .with_context(|| format!("there is no document of {service}"))?;
        let model = gcp_trim::trim(service, document, methods)
            .with_context(|| format!("the model of {service}"))?;
        let name = format!("{service}.json");
        let text = lines(&serde_json::to_value(&model)?)?;
        out.file(&format!("{FOLDER}/{name}"), &text)?;
        keep.insert(name);
    }
    out.only(FOLDER, &keep)
}

/// Whether a method of the document reads and does nothing else.
fn reads(service: &str, name: &str, method: &Value) -> bool {
    let last = name.rsplit('.').next().unwrap_or_default();
    let begins = |r: &str| {
        let rest = last.strip_prefix(r);
        rest.is_some_and(|rest| !rest.starts_with(|c: char| c.is_ascii_lowercase()))
    };
    let named = |(s, end): &(&str, &str)| {
        *s == service && (name == *end || name.ends_with(&format!(".{end}")))
    };
    match method["httpMethod"].as_str() {
        Some("GET") => READING.iter().any(|r| begins(r)) || MORE.iter().any(named),
        Some("POST") => POSTS.contains(&last),
        _ => false,
    }
}

/// Fails on an entry of the tables of secrets that no document has.
fn check_secrets(documents: &BTreeMap<&str, Value>) -> Result<()> {
    let unless = secrets::UNLESS
        .iter()
        .map(|(s, schema, m, _, _)| (s, schema, m));
    let tables = secrets::SECRET
        .iter()
        .chain(secrets::PLAIN)
        .map(|(s, schema, m)| (s, schema, m));
    for (service, schema, member) in tables.chain(unless) {
        let document = documents
            .get(service)
            .with_context(|| format!("secrets.rs names the service {service}"))?;
        let has = gcp_trim::has_member(document, schema, member);
        anyhow::ensure!(
            has,
            "secrets.rs names {service} {schema}.{member}, which the document does not have"
        );
    }
    Ok(())
}
