//! What can go wrong with a run directory.

use std::io;
use std::path::{Path, PathBuf};

/// Why a run directory could not be written or read.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The directory holds something already; runs are never overwritten.
    #[error("{0} is not empty; name a new directory for the run")]
    Exists(PathBuf),
    /// The operating system refused.
    #[error("{path}: {source}")]
    Io {
        /// File.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// Writing failed before, so the run is given up.
    #[error("the run was given up: {0}")]
    GivenUp(String),
    /// There is no `run.json`.
    #[error(
        "{0} is no finished run: run.json is missing, because the scan is still going on or was broken off"
    )]
    Unfinished(PathBuf),
    /// Judging again was broken off.
    #[error("{0}: judging it again was broken off; run `shoseki judge` on it once more")]
    Interrupted(PathBuf),
    /// The file has another format, or a version that this program cannot read.
    #[error("{path}: the format is `{found}`, this program reads `{expected}`")]
    Format {
        /// File.
        path: PathBuf,
        /// What it says.
        found: String,
        /// What it should say.
        expected: String,
    },
    /// A line cannot be read.
    #[error("{path}:{line}: {message}")]
    Line {
        /// File.
        path: PathBuf,
        /// Line, from 1; the header is the first.
        line: u64,
        /// Why.
        message: String,
    },
    /// An answer is not what its digest says.
    #[error("{path}: its content has the digest {found}, not that of its name")]
    Digest {
        /// File.
        path: PathBuf,
        /// The content's digest.
        found: String,
    },
    /// Records contradict each other.
    #[error("{path}: {message}")]
    Unsound {
        /// File.
        path: PathBuf,
        /// How.
        message: String,
    },
}

impl Error {
    pub(crate) fn io(path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_owned();
        move |source| Self::Io { path, source }
    }
}

impl From<Error> for io::Error {
    fn from(e: Error) -> Self {
        match e {
            Error::Io { path, source } => {
                io::Error::new(source.kind(), format!("{}: {source}", path.display()))
            }
            other => io::Error::other(other.to_string()),
        }
    }
}
