//! Exit codes: what a pipeline learns without reading.

use std::process::ExitCode;

/// How a command ended. The numbers are documented and for ever.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// Done; where something was scanned: all seen, nothing contradicted.
    Ok = 0,
    /// A bug, or the disk or network of this machine failed.
    Bug = 1,
    /// The command line is wrong.
    Usage = 2,
    /// Findings at or above `--fail-on` failed.
    Contradicted = 3,
    /// Something that was to be read was not seen.
    Incomplete = 4,
    /// Both of these.
    ContradictedAndIncomplete = 5,
    /// Sign-in failed: nothing was read.
    SignIn = 6,
    /// A data file, a run or an answer is not sound.
    Data = 7,
}

impl From<Exit> for ExitCode {
    fn from(e: Exit) -> Self {
        ExitCode::from(e as u8)
    }
}

/// An error with the exit code that it leads to.
#[derive(Debug)]
pub struct Failed {
    /// The code.
    pub exit: Exit,
    /// What to print on standard error; empty where it has been said.
    pub message: String,
}

impl Failed {
    /// With a message.
    pub fn new(exit: Exit, message: impl Into<String>) -> Self {
        Self {
            exit,
            message: message.into(),
        }
    }

    /// A usage error.
    pub fn usage(message: impl Into<String>) -> Self {
        Self::new(Exit::Usage, message)
    }

    /// Unsound data.
    pub fn data(message: impl Into<String>) -> Self {
        Self::new(Exit::Data, message)
    }
}

/// Whatever else goes wrong is this machine's or our own doing.
impl<E: std::error::Error> From<E> for Failed {
    fn from(e: E) -> Self {
        let mut message = e.to_string();
        let mut source = e.source();
        while let Some(s) = source {
            message.push_str(": ");
            message.push_str(&s.to_string());
            source = s.source();
        }
        Self::new(Exit::Bug, message)
    }
}

/// What a command gives.
pub type Result<T = Exit> = std::result::Result<T, Failed>;
