//! Why there can be no client at all. What goes wrong with a request is a [`crate::Failure`].

/// Why a client cannot be made from its settings.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The address is no http(s) URL of a server, or carries a query, a fragment or credentials.
    #[error("not the address of a server: {0:?}")]
    Address(String),
    /// Plain http to another host than this machine, which the settings do not allow.
    #[error("plain http to {host} is not allowed")]
    PlainHttp {
        /// The host.
        host: String,
    },
    /// The credential holds characters a header cannot carry.
    #[error("the credential cannot be sent in a header")]
    Credential,
    /// A root certificate cannot be read, or TLS cannot be set up.
    #[error("the transport cannot be set up")]
    Transport(#[from] reqwest::Error),
}
