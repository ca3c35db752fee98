//! What is wrong with a data file, and where.

use serde::Serialize;
use std::fmt;

/// How many events a YAML file may repeat by aliases: a few lines of aliases of
/// aliases would else stand for a million.
pub const ALIASED: usize = 20_000;

/// One error in a collector, a rule or a mapping. Loading gathers all of them
/// before it gives up.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Diagnostic {
    /// Path of the file below its folder, `aws/s3/bucket.yaml`.
    pub file: String,
    /// Line, from 1; 0 where the file as a whole is meant.
    pub line: u32,
    /// Column in characters, from 1; 0 where the line as a whole is meant.
    pub column: u32,
    /// Number of characters to underline, at least 1 where there is a column.
    pub width: u32,
    /// A stable code in kebab-case, `unknown-path`; each crate lists its own.
    pub code: &'static str,
    /// What is wrong, in one line.
    pub message: String,
    /// What to do about it, in one line.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub help: Option<String>,
}

impl Diagnostic {
    /// An error of the file as a whole.
    pub fn file(file: impl Into<String>, code: &'static str, message: impl Into<String>) -> Self {
        Self {
            file: file.into(),
            line: 0,
            column: 0,
            width: 0,
            code,
            message: message.into(),
            help: None,
        }
    }

    /// The same error at a place: line and column from 1, in characters.
    #[must_use]
    pub fn at(mut self, line: u32, column: u32, width: u32) -> Self {
        self.line = line;
        self.column = column;
        self.width = width.max(1);
        self
    }

    /// The same error with a word on what to do.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }
}

/// One line: `file:line:column: error[code]: message (help)`.
impl fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.file)?;
        if self.line > 0 {
            write!(f, ":{}", self.line)?;
            if self.column > 0 {
                write!(f, ":{}", self.column)?;
            }
        }
        write!(f, ": error[{}]: {}", self.code, self.message)?;
        match &self.help {
            Some(h) => write!(f, " ({h})"),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_names_the_place_the_code_and_the_help() {
        let d = Diagnostic::file("aws/s3/bucket.yaml", "unknown-path", "no such member")
            .at(3, 9, 4)
            .help("did you mean Name?");
        assert_eq!(
            d.to_string(),
            "aws/s3/bucket.yaml:3:9: error[unknown-path]: no such member (did you mean Name?)"
        );
        let whole = Diagnostic::file("a.yaml", "syntax", "empty");
        assert_eq!(whole.to_string(), "a.yaml: error[syntax]: empty");
    }
}
