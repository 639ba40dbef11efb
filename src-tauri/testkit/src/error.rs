//! What can go wrong while real parts are set up.

use std::io;
use std::path::PathBuf;

/// A failed set-up. Not for users: a test or the demo prints it and stops.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A tool that an apt package of the clean machine should have brought.
    #[error("{program} is not installed")]
    NotInstalled {
        /// The program or library looked for.
        program: String,
    },
    /// A tool ran and failed.
    #[error("{program} failed: {output}")]
    Tool {
        /// The program.
        program: String,
        /// What it printed on both outputs.
        output: String,
    },
    /// A file could not be read or written.
    #[error("{}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// The system's reason.
        source: io::Error,
    },
    /// Sockets and processes.
    #[error(transparent)]
    Io(#[from] io::Error),
    /// A structure that cannot be encoded or decoded.
    #[error("DER: {0}")]
    Der(der::Error),
    /// A key ring refuses, or a signature that cannot be made.
    #[error("key {}", path.display())]
    Key {
        /// The key's file.
        path: PathBuf,
    },
    /// The folder holds no PKI, or one of another version.
    #[error("no demo PKI in {}", dir.display())]
    NoPki {
        /// The folder.
        dir: PathBuf,
    },
    /// A process did not say what it was waited for.
    #[error("{program} did not get ready")]
    NotReady {
        /// The program.
        program: String,
    },
}

impl From<der::Error> for Error {
    fn from(error: der::Error) -> Self {
        Self::Der(error)
    }
}

impl Error {
    /// Attaches the file to a system error.
    pub(crate) fn file(path: impl Into<PathBuf>) -> impl FnOnce(io::Error) -> Self {
        let path = path.into();
        move |source| Self::File { path, source }
    }
}
