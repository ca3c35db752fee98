//! The product's own collectors, translations, rules and mappings, embedded in the binary.
//!
//! In a debug build the files are read from the checkout, so that editing a
//! rule needs no compilation; a release build carries them.

use rust_embed::RustEmbed;
use std::borrow::Cow;

#[derive(RustEmbed)]
#[folder = "../../collectors"]
#[include = "**/*.yaml"]
struct CollectorFiles;

#[derive(RustEmbed)]
#[folder = "../../rules"]
#[include = "**/*.yaml"]
struct RuleFiles;

#[derive(RustEmbed)]
#[folder = "../../mappings"]
#[include = "**/*.yaml"]
#[include = "**/*.json"]
struct MappingFiles;

#[derive(RustEmbed)]
#[folder = "../../history"]
#[include = "**/*.yaml"]
struct HistoryFiles;

/// One data file: its path below its folder, with `/`, and its text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct File {
    /// For example `aws/s3/bucket.yaml`.
    pub path: String,
    /// UTF-8 text.
    pub text: String,
}

fn all<E: RustEmbed>() -> Vec<File> {
    let mut files: Vec<File> = E::iter()
        .filter_map(|path| {
            let file = E::get(&path)?;
            let text = match file.data {
                Cow::Borrowed(b) => String::from_utf8_lossy(b).into_owned(),
                Cow::Owned(b) => String::from_utf8_lossy(&b).into_owned(),
            };
            Some(File {
                path: path.into_owned(),
                text,
            })
        })
        .collect();
    files.sort_by(|a, b| a.path.cmp(&b.path));
    files
}

/// Files below `collectors/`.
pub fn collectors() -> Vec<File> {
    all::<CollectorFiles>()
}

/// Files below `history/`.
pub fn history() -> Vec<File> {
    all::<HistoryFiles>()
}

/// Files below `rules/`.
pub fn rules() -> Vec<File> {
    all::<RuleFiles>()
}

/// Files below `mappings/`.
pub fn mappings() -> Vec<File> {
    all::<MappingFiles>()
}
