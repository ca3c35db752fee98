//! Data of the page: JSON, deflated, in elements that no browser runs.
//!
//! Measured (`docs/benchmarks.md`): written out as elements, passed findings by a
//! line alone, a page had 750 bytes a finding; as deflated JSON with a dictionary of
//! strings a block it has about 120, observed values of passed ones included, and
//! the browser builds only what is looked at.

use crate::data::ReportError;
use crate::visible::{visible, visible_lines};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use flate2::Compression;
use flate2::write::DeflateEncoder;
use indexmap::IndexSet;
use serde::Serialize;
use std::io::Write;

/// One element of data, with the bytes that it takes of the page.
pub(super) fn element(kind: &str, value: &impl Serialize) -> Result<String, ReportError> {
    let mut deflate = DeflateEncoder::new(Vec::new(), Compression::best());
    deflate.write_all(&serde_json::to_vec(value)?)?;
    let text = STANDARD.encode(deflate.finish()?);
    Ok(format!(
        "<script type=\"text/plain\" data-k=\"{kind}\">{text}</script>\n"
    ))
}

/// The source of a script as a Content-Security-Policy names it.
pub(super) fn source(script: &str) -> String {
    let hex = shoseki_model::digest(script.as_bytes());
    let bytes: Vec<u8> = (0..hex.len())
        .step_by(2)
        .filter_map(|i| u8::from_str_radix(hex.get(i..i + 2)?, 16).ok())
        .collect();
    format!("'sha256-{}'", STANDARD.encode(bytes))
}

/// Strings of a block, each once; what steers or hides is shown.
#[derive(Default, Serialize)]
#[serde(transparent)]
pub(super) struct Strings(IndexSet<String>);

impl Strings {
    /// The number of a text.
    pub fn of(&mut self, text: &str) -> usize {
        self.kept(visible(text))
    }

    /// The same, line breaks kept.
    pub fn lines(&mut self, text: &str) -> usize {
        self.kept(visible_lines(text))
    }

    fn kept(&mut self, shown: std::borrow::Cow<'_, str>) -> usize {
        match self.0.get_index_of(shown.as_ref()) {
            Some(i) => i,
            None => self.0.insert_full(shown.into_owned()).0,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_script_is_named_by_its_digest() {
        // As `printf abc | openssl dgst -sha256 -binary | base64` says.
        assert_eq!(
            source("abc"),
            "'sha256-ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0='"
        );
    }

    #[test]
    fn strings_are_kept_once_and_shown() {
        let mut s = Strings::default();
        assert_eq!([s.of("a\u{202e}"), s.of("b"), s.of("a\u{202e}")], [0, 1, 0]);
        assert_eq!(s.0.get_index(0).map(String::as_str), Some("a<U+202E>"));
    }
}
