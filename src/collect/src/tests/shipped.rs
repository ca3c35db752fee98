//! The shipped collectors are well-formed; `shoseki lint` checks their names.

use crate::{Api, OperationInfo, load};
use shoseki_model::Kind;
use std::path::{Path, PathBuf};

struct Anything(&'static str);

impl Api for Anything {
    fn cloud(&self) -> &'static str {
        self.0
    }

    fn levels(&self) -> &'static [&'static str] {
        match self.0 {
            "azure" => &["subscription", "tenant"],
            "gcp" => &["project", "folder", "organization"],
            _ => &["account"],
        }
    }

    fn never_absent(&self, _: &str) -> bool {
        false
    }

    fn operation(&self, service: &str, operation: &str) -> Result<OperationInfo, String> {
        Ok(OperationInfo {
            input: Kind::Any,
            required: Vec::new(),
            output: Kind::Any,
            paginated: false,
            token_members: Vec::new(),
            permission: format!("{service}:{operation}"),
        })
    }

    fn readable(&self, _: &str, _: &str) -> Result<(), String> {
        Ok(())
    }
}

fn gather(folder: &Path, out: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            gather(&path, out);
        } else if path.extension().is_some_and(|e| e == "yaml") {
            out.push(path);
        }
    }
}

#[test]
fn shipped_collectors_are_well_formed() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../collectors");
    let mut paths = Vec::new();
    gather(&root, &mut paths);
    paths.sort();
    let files: Vec<_> = paths
        .iter()
        .map(|p| {
            let name = p.strip_prefix(&root).unwrap().to_str().unwrap();
            (name.to_owned(), std::fs::read_to_string(p).unwrap())
        })
        .collect();
    let (collectors, errors) = load(
        &files,
        &[&Anything("aws"), &Anything("azure"), &Anything("gcp")],
    );
    let text: Vec<_> = errors.iter().map(ToString::to_string).collect();
    assert!(errors.is_empty(), "{}", text.join("\n"));
    assert_eq!(collectors.iter().count(), files.len());
}
