//! What can go wrong with a ledger.

use std::io;
use std::path::{Path, PathBuf};

/// Why a ledger could not be read or appended to. After any of them the file
/// holds what it held before.
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
    /// There is no ledger.
    #[error("{0}: there is no ledger; `shoseki ledger add RUN --ledger DIR` begins one")]
    Missing(PathBuf),
    /// The file is no ledger, or one of a later version.
    #[error("{path}: {message}")]
    Format {
        /// File.
        path: PathBuf,
        /// What is the matter with it.
        message: String,
    },
    /// No room: nothing of the run was kept.
    #[error(
        "the ledger is full ({0}): nothing of this run was kept, all earlier ones are; make room and add the run again"
    )]
    Full(String),
    /// The file was cut, or its bytes were changed.
    #[error(
        "the ledger's file is cut or damaged ({0}); restore it from a copy, or begin a new ledger from the run directories"
    )]
    Damaged(String),
    /// SQLite says so.
    #[error("the ledger: {0}")]
    Sql(rusqlite::Error),
    /// The run is not later than the last one of an account.
    #[error(
        "run {run} started at {started}, not after the ledger's entry {entry} of account {account} ({last}); runs are added in the order of time"
    )]
    Order {
        /// The run that was to be added.
        run: String,
        /// Its start.
        started: String,
        /// The account.
        account: String,
        /// The entry that is as late or later.
        entry: u64,
        /// Its start.
        last: String,
    },
    /// What was to be added contradicts itself.
    #[error("run {run}: {message}; nothing of it was added")]
    Unsound {
        /// The run.
        run: String,
        /// What is wrong.
        message: String,
    },
    /// What is stored contradicts itself.
    #[error("the ledger is not sound: {0}; `shoseki ledger check` tells more")]
    Broken(String),
    /// A run directory could not be read.
    #[error(transparent)]
    Run(#[from] shoseki_evidence::Error),
    /// Something given by the user cannot be understood.
    #[error("{0}")]
    Input(String),
    /// Writing a report failed.
    #[error("writing the report: {0}")]
    Write(io::Error),
}

impl Error {
    pub(crate) fn io(path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_owned();
        move |source| Self::Io { path, source }
    }

    /// Whether what SQLite says is about the machine, and not about the file's bytes.
    pub(crate) fn of_the_machine(e: &rusqlite::Error) -> bool {
        use rusqlite::ErrorCode as Code;
        let code = e.sqlite_error_code();
        code.is_some_and(|c| {
            matches!(
                c,
                Code::CannotOpen
                    | Code::DatabaseBusy
                    | Code::DatabaseLocked
                    | Code::OutOfMemory
                    | Code::PermissionDenied
                    | Code::ReadOnly
                    | Code::SystemIoFailure
            )
        })
    }

    pub(crate) fn broken(message: impl Into<String>) -> Self {
        Self::Broken(message.into())
    }
}

impl From<rusqlite::Error> for Error {
    fn from(e: rusqlite::Error) -> Self {
        match e.sqlite_error_code() {
            Some(rusqlite::ErrorCode::DiskFull) => Self::Full(e.to_string()),
            Some(rusqlite::ErrorCode::DatabaseCorrupt | rusqlite::ErrorCode::NotADatabase) => {
                Self::Damaged(e.to_string())
            }
            Some(_) => Self::Sql(e),
            // A value of another kind than the tables have.
            None => Self::Broken(e.to_string()),
        }
    }
}

impl From<serde_json::Error> for Error {
    fn from(e: serde_json::Error) -> Self {
        if e.is_io() {
            Self::Write(e.into())
        } else {
            Self::Broken(e.to_string())
        }
    }
}
