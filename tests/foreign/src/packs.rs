//! Data files as a run's pack or a user's folders hold them, and the files that
//! users write: exceptions and the statement.

use crate::{APIS, sections};
use shoseki_assess::{File, load_editions, load_statement};
use shoseki_collect::Collectors;
use shoseki_judge::{Exceptions, RuleSet};
use std::collections::BTreeMap;
use std::sync::LazyLock;

/// What loading gave.
pub(crate) struct Loaded {
    pub(crate) collectors: Collectors,
    pub(crate) rules: RuleSet,
    pub(crate) exceptions: Exceptions,
}

fn below(files: &BTreeMap<String, String>, folder: &str) -> Vec<(String, String)> {
    let of = |(p, t): (&String, &String)| Some((p.strip_prefix(folder)?.to_owned(), t.clone()));
    files.iter().filter_map(of).collect()
}

/// Loads all that is there; what is wrong is left out.
pub(crate) fn load(files: &BTreeMap<String, String>) -> Loaded {
    let (collectors, _) = shoseki_collect::load(&below(files, "collectors/"), APIS);
    let types = match collectors.types().is_empty() {
        true => BUILT_IN.types(),
        false => collectors.types(),
    };
    let (rules, _) = shoseki_judge::load(&below(files, "rules/"), types);
    let ids: Vec<String> = rules.iter().map(|r| r.id.clone()).collect();
    let mappings = below(files, "mappings/");
    let views: Vec<_> = mappings
        .iter()
        .map(|(path, text)| File { path, text })
        .collect();
    let (editions, _) = load_editions(&views, ids.iter().map(String::as_str));
    let mut exceptions = Exceptions::default();
    for (path, text) in files.iter().filter(|f| f.0.starts_with("exceptions/")) {
        let telling = |control: &str| {
            let (catalogue, mappings) = editions.last()?;
            shoseki_assess::telling(control, mappings, catalogue)
        };
        if let Ok(found) = Exceptions::load(path, text, &ids, &telling) {
            exceptions = found;
        }
    }
    Loaded {
        collectors,
        rules,
        exceptions,
    }
}

/// Some types for rules that come without their collectors.
static BUILT_IN: LazyLock<Collectors> = LazyLock::new(|| {
    let files: Vec<_> = shoseki_data::collectors()
        .into_iter()
        .filter(|f| f.path.starts_with("aws/s3/"))
        .map(|f| (f.path, f.text))
        .collect();
    shoseki_collect::load(&files, APIS).0
});

pub(crate) fn read(data: &[u8]) {
    let mut files = BTreeMap::new();
    for (path, content) in sections::split(data) {
        let Ok(text) = std::str::from_utf8(content) else {
            continue;
        };
        if path == "statement.yaml" {
            let _ = load_statement(path, text);
        }
        files.insert(path.to_owned(), text.to_owned());
    }
    let loaded = load(&files);
    let _ = loaded.rules.run_cases();
}

/// An expression, in a rule that is sound but for it.
pub(crate) fn expression(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else {
        return;
    };
    // A JSON text is a YAML text too.
    let quoted = serde_json::Value::from(text).to_string();
    let rule = RULE.replace("EXPRESSION", &quoted);
    let files = BTreeMap::from([("rules/aws/s3/fuzzed.yaml".to_owned(), rule)]);
    let _ = load(&files).rules.run_cases();
}

const RULE: &str = include_str!("rule.yaml");
