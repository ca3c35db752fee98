//! One rule file → one rule.

use super::cases::{self, Case};
use super::fields::{Errors, Fields, text};
use super::place::place;
use super::yaml::{Node, Yaml};
use crate::check::{self, Compiled, Fault, compile, compile_path, nearest};
use indexmap::IndexMap;
use serde::Serialize;
use shoseki_model::{Diagnostic, Severity, Text, TypeInfo, digest};
use std::collections::HashMap;

/// How to mend a failure.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Fix {
    /// In Japanese.
    pub ja: String,
    /// In English.
    pub en: String,
    /// Commands of the provider's CLI.
    pub cli: String,
    /// Terraform.
    pub terraform: String,
}

/// What a rule reads, for planning.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Reads {
    /// Parts of the type that must be read, each once.
    pub parts: Vec<String>,
    /// All paths, `settings.Encryption.Rules` and `resource.name`, each once.
    pub paths: Vec<String>,
}

/// What should hold for each resource of one type.
#[derive(Clone, Debug, Serialize)]
pub struct Rule {
    /// `aws.s3.bucket-default-encryption`.
    pub id: String,
    /// What is expected.
    pub title: Text,
    /// What a failure matters.
    pub severity: Severity,
    /// The resource type that it judges.
    pub resource: String,
    /// The risk.
    pub why: Text,
    /// How to mend a failure.
    pub fix: Fix,
    /// Pages of the provider or of a standard.
    pub references: Vec<String>,
    /// The scope, where there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub when: Option<String>,
    /// What must be true.
    pub expect: String,
    /// Paths that a finding quotes.
    pub observe: Vec<String>,
    /// Path of the file below `rules/`.
    pub source: String,
    /// SHA-256 of the file.
    pub digest: String,
    #[serde(skip)]
    pub(crate) cases: Vec<Case>,
    #[serde(skip)]
    pub(crate) reads: Reads,
    #[serde(skip)]
    pub(crate) scope: Option<Compiled>,
    #[serde(skip)]
    pub(crate) test: Compiled,
    #[serde(skip)]
    pub(crate) quotes: Vec<Compiled>,
}

impl Rule {
    /// What must be read before the rule can judge.
    pub fn reads(&self) -> &Reads {
        &self.reads
    }

    /// Its examples.
    pub fn cases(&self) -> &[Case] {
        &self.cases
    }
}

const FIELDS: [&str; 11] = [
    "id",
    "title",
    "severity",
    "resource",
    "when",
    "expect",
    "observe",
    "why",
    "fix",
    "references",
    "cases",
];

/// The rule in a file, or all its errors.
pub(super) fn read(
    path: &str,
    source: &str,
    types: &HashMap<String, TypeInfo>,
) -> Result<Rule, Vec<Diagnostic>> {
    let root = match super::yaml::read(path, source) {
        Ok(r) => r,
        Err(d) => return Err(tagged(source, vec![d])),
    };
    let mut errors = Errors::new(path);
    let rule = Fields::of(&root, "a rule", &FIELDS, &mut errors)
        .and_then(|f| build(path, source, &f, types, &mut errors));
    match rule {
        Some(r) if errors.all.is_empty() => Ok(r),
        _ => Err(tagged(source, errors.all)),
    }
}

/// An expression that begins with `!` is a tag to YAML, which leads to errors
/// that nobody would understand.
fn tagged(source: &str, mut all: Vec<Diagnostic>) -> Vec<Diagnostic> {
    let begins = |l: &str, f: &str| l.strip_prefix(f).is_some_and(|r| r.trim().starts_with('!'));
    if source
        .lines()
        .any(|l| begins(l, "expect:") || begins(l, "when:"))
        && let Some(d) = all.first_mut()
    {
        d.help = Some(
            "YAML takes a leading ! for a tag: put the expression in quotes or below `>-`".into(),
        );
    }
    all
}

fn build(
    path: &str,
    source: &str,
    f: &Fields<'_>,
    types: &HashMap<String, TypeInfo>,
    errors: &mut Errors<'_>,
) -> Option<Rule> {
    let id = id(path, f, errors);
    let title = f.both("title", errors);
    let severity = severity(f, errors);
    let why = f.both("why", errors);
    let fix = fix(f, errors);
    let references = references(f, errors);
    let resource = f.text("resource", errors);
    let info = resource.as_ref().and_then(|r| known(r, f, types, errors));
    let when_node = f.get("when");
    let when = when_node.and_then(|n| expression(n, "when", source, info, errors));
    let expect_node = f.need("expect", errors);
    let expect = expect_node.and_then(|n| expression(n, "expect", source, info, errors));
    let quotes: Vec<_> = f
        .list("observe", errors)
        .iter()
        .filter_map(|n| quote(n, source, info, errors))
        .collect();
    let mut cases = cases::read(f, info, when_node.is_some(), errors);
    for c in &mut cases {
        c.resource.r#type = resource.clone().unwrap_or_default();
    }
    let (test_text, test) = expect?;
    let (when_text, scope) = when.unzip();
    let mut rule = Rule {
        id: id?,
        title: title?,
        severity: severity?,
        resource: resource?,
        why: why?,
        fix: fix?,
        references,
        when: when_text,
        expect: test_text,
        observe: Vec::new(),
        source: path.to_owned(),
        digest: digest(source.as_bytes()),
        cases,
        reads: Reads::default(),
        scope,
        test,
        quotes,
    };
    let info = info?;
    finish(&mut rule, info);
    Some(rule)
}

/// What is read and what is quoted.
fn finish(rule: &mut Rule, info: &TypeInfo) {
    let judged: Vec<&Compiled> = rule.scope.iter().chain([&rule.test]).collect();
    let whole = judged.iter().any(|c| c.whole);
    let mut paths: IndexMap<String, ()> = IndexMap::new();
    for p in judged.iter().flat_map(|c| &c.paths) {
        paths.insert(p.clone(), ());
    }
    if rule.quotes.is_empty() {
        // A path below another one that is quoted anyway would only repeat it.
        let below = |p: &str| paths.keys().any(|q| p.starts_with(&format!("{q}.")));
        rule.quotes = paths
            .keys()
            .filter(|p| !below(p))
            .filter_map(|p| compile_path(&quoted(p), info).ok())
            .collect();
    }
    rule.observe = rule.quotes.iter().flat_map(|c| c.paths.clone()).collect();
    for p in &rule.observe {
        paths.insert(p.clone(), ());
    }
    let paths: Vec<String> = paths.into_keys().collect();
    let first: Vec<&str> = paths
        .iter()
        .filter_map(|p| check::first_member(p))
        .collect();
    let parts = info.parts.iter();
    rule.reads = Reads {
        parts: parts
            .filter(|p| whole || first.contains(&p.as_str()))
            .cloned()
            .collect(),
        paths,
    };
}

/// A path as an expression: names that are no identifiers in brackets.
fn quoted(path: &str) -> String {
    let mut out = String::new();
    for (i, name) in path.split('.').enumerate() {
        let plain = |c: char| c == '_' || c.is_ascii_alphanumeric();
        let word = name.chars().all(plain) && !name.starts_with(|c: char| c.is_ascii_digit());
        match (i, word && !name.is_empty()) {
            (0, _) => out.push_str(name),
            (_, true) => {
                out.push('.');
                out.push_str(name);
            }
            _ => out.push_str(&format!("[{name:?}]")),
        }
    }
    out
}

fn id(path: &str, f: &Fields<'_>, errors: &mut Errors<'_>) -> Option<String> {
    let id = f.text("id", errors)?;
    let here = f.get("id")?.referenced;
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    let pieces: Vec<&str> = id.split('.').collect();
    if pieces.len() != 3 || pieces.iter().any(|p| p.is_empty() || !p.chars().all(plain)) {
        errors.add_help(
            here,
            "wrong-id",
            format!("`{id}` is not <cloud>.<service>.<name> in kebab-case"),
            None,
        );
        return None;
    }
    let spelt = path
        .trim_end_matches(".yaml")
        .trim_start_matches("rules/")
        .replace('/', ".");
    if spelt != id {
        errors.add_help(
            here,
            "wrong-id",
            format!("the path spells `{spelt}`, the id is `{id}`"),
            Some(format!("move the file to {}.yaml", id.replace('.', "/"))),
        );
        return None;
    }
    Some(id)
}

fn severity(f: &Fields<'_>, errors: &mut Errors<'_>) -> Option<Severity> {
    let s = f.text("severity", errors)?;
    let found = match s.as_str() {
        "low" => Severity::Low,
        "medium" => Severity::Medium,
        "high" => Severity::High,
        "critical" => Severity::Critical,
        _ => {
            let m = format!("there is no severity `{s}`");
            let help = Some("there is: low, medium, high, critical".to_owned());
            errors.add_help(f.get("severity")?.referenced, "wrong-value", m, help);
            return None;
        }
    };
    Some(found)
}

fn fix(f: &Fields<'_>, errors: &mut Errors<'_>) -> Option<Fix> {
    let node = f.need("fix", errors)?;
    let f = Fields::of(node, "`fix`", &["ja", "en", "cli", "terraform"], errors)?;
    let mut get = |n| f.text(n, errors);
    let (ja, en, cli, terraform) = (get("ja"), get("en"), get("cli"), get("terraform"));
    Some(Fix {
        ja: ja?,
        en: en?,
        cli: cli?,
        terraform: terraform?,
    })
}

fn references(f: &Fields<'_>, errors: &mut Errors<'_>) -> Vec<String> {
    let Some(node) = f.need("references", errors) else {
        return Vec::new();
    };
    let list = f.list("references", errors);
    if list.is_empty() && matches!(node.value, Yaml::Seq(_)) {
        errors.add(node.referenced, "wrong-value", "`references` is empty");
    }
    let mut out = Vec::new();
    for n in list {
        if let Some(s) = text(n, "references", errors) {
            if !s.starts_with("https://") {
                let m = format!("`{s}` does not begin with https://");
                errors.add(n.referenced, "wrong-value", m);
            }
            out.push(s);
        }
    }
    out
}

fn known<'t>(
    resource: &str,
    f: &Fields<'_>,
    types: &'t HashMap<String, TypeInfo>,
    errors: &mut Errors<'_>,
) -> Option<&'t TypeInfo> {
    let info = types.get(resource);
    if info.is_none() {
        let here = f.get("resource").map_or(f.here, |n| n.referenced);
        let mut names: Vec<&str> = types.keys().map(String::as_str).collect();
        names.sort_unstable();
        errors.add_help(
            here,
            "unknown-type",
            format!("no collector yields `{resource}`"),
            nearest(resource, names),
        );
    }
    info
}

fn expression(
    node: &Node,
    name: &str,
    source: &str,
    info: Option<&TypeInfo>,
    errors: &mut Errors<'_>,
) -> Option<(String, Compiled)> {
    let text = text(node, name, errors)?;
    match compile(&text, info?) {
        Ok(c) => Some((text.trim().to_owned(), c)),
        Err(faults) => {
            report(node, &text, faults, source, errors);
            None
        }
    }
}

fn quote(
    node: &Node,
    source: &str,
    info: Option<&TypeInfo>,
    errors: &mut Errors<'_>,
) -> Option<Compiled> {
    let text = text(node, "observe", errors)?;
    match compile_path(&text, info?) {
        Ok(c) => Some(c),
        Err(faults) => {
            report(node, &text, faults, source, errors);
            None
        }
    }
}

fn report(node: &Node, text: &str, faults: Vec<Fault>, source: &str, errors: &mut Errors<'_>) {
    for f in faults {
        let (line, column, width) = place(source, node.defined, text, f.span);
        let mut d = Diagnostic::file(errors.file, f.code, f.message).at(line, column, width);
        d.help = f.help;
        errors.all.push(d);
    }
}
