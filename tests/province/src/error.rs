//! Why the server cannot run. What goes wrong with a request is a problem of the contract.

use std::{io, path::PathBuf};

/// Why the server cannot run.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A file cannot be read or written.
    #[error("{path}")]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The configuration cannot be read.
    #[error("{path} is no configuration")]
    Config {
        /// The file.
        path: PathBuf,
        /// Why.
        source: serde_json::Error,
    },
    /// Two agencies share a code or a credential.
    #[error("{0} is configured twice")]
    Repeated(String),
    /// The database failed.
    #[error("the database failed")]
    Sqlite(#[from] rusqlite::Error),
    /// The signer's key is no RSA or P-256 key in PKCS#8.
    #[error("the key that signs receipts cannot be used")]
    Key,
    /// A certificate cannot be read.
    #[error("a certificate cannot be read")]
    Certificate(#[from] antin_pkix::Error),
    /// The signer's certificate cannot sign receipts.
    #[error("the certificate cannot sign receipts")]
    Signing(#[from] antin_cades::Error),
    /// There is no address to listen on.
    #[error("cannot listen")]
    Listen(#[source] io::Error),
}

impl Error {
    pub(crate) fn io(path: impl Into<PathBuf>) -> impl FnOnce(io::Error) -> Self {
        let path = path.into();
        move |source| Self::Io { path, source }
    }
}
