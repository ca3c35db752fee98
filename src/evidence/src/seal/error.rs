//! What can go wrong with seals.

use std::io;
use std::path::{Path, PathBuf};

/// Why something could not be sealed, bundled or opened. What a check finds is
/// no error but part of its report.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The operating system refused.
    #[error("{path}: {source}")]
    Io {
        /// File.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The run cannot be read.
    #[error(transparent)]
    Run(#[from] crate::Error),
    /// A key cannot be read, made or used.
    #[error("{0}")]
    Key(String),
    /// A signature that was made elsewhere cannot be used.
    #[error("the signature cannot be used: {0}")]
    Signature(String),
    /// A seal is there already.
    #[error(
        "{0} is sealed already; remove manifest.json, seal.dsse.json and seal.tsr to seal it anew"
    )]
    Sealed(PathBuf),
    /// There is no seal.
    #[error("{0} is not sealed; run `shoseki seal` on it first")]
    Unsealed(PathBuf),
    /// Files of the run are not what its manifest or `run.json` says.
    #[error("{path}: {message}")]
    Unsound {
        /// File or directory.
        path: PathBuf,
        /// What is wrong.
        message: String,
    },
    /// The time stamping authority's answer cannot be used.
    #[error("the time stamp cannot be used: {0}")]
    Stamp(String),
    /// What was asked for is not there.
    #[error("{0}")]
    Selection(String),
}

impl Error {
    pub(crate) fn io(path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_owned();
        move |source| Self::Io { path, source }
    }

    pub(crate) fn unsound(path: &Path, message: impl Into<String>) -> Self {
        Self::Unsound {
            path: path.to_owned(),
            message: message.into(),
        }
    }
}
