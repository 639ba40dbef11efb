//! What makes signing or a check impossible.

use thiserror::Error;

/// Why a structure could not be made or read.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum Error {
    /// A certificate or structure cannot be read.
    #[error(transparent)]
    Pkix(#[from] antin_pkix::Error),
    /// A structure cannot be encoded or decoded.
    #[error("DER: {0}")]
    Der(#[from] der::Error),
    /// The certificate's key is of a kind this crate cannot sign for.
    #[error("no signing algorithm for key {kind}")]
    KeyKind {
        /// The kind of key found.
        kind: String,
    },
    /// The certificate would change by encoding it again; embedding it would break its signature.
    #[error("certificate {serial} is not DER")]
    CertificateNotDer {
        /// Its serial number in hexadecimal.
        serial: String,
    },
    /// The structure is larger than this crate is willing to look at.
    #[error("signed data of {size} bytes exceeds the limit of {limit}")]
    TooBig {
        /// Its size in bytes.
        size: usize,
        /// The limit in bytes.
        limit: usize,
    },
    /// Another content type than the one expected.
    #[error("content type {found} where {expected} was expected")]
    ContentType {
        /// The type found.
        found: String,
        /// The type expected.
        expected: &'static str,
    },
    /// The time-stamping authority refused the request.
    #[error("time-stamp refused: status {status}, failure bits {failure:?}: {text}")]
    TimestampRefused {
        /// PKIStatus.
        status: u32,
        /// PKIFailureInfo's first set bit, if any.
        failure: Option<u32>,
        /// The authority's words.
        text: String,
    },
    /// The time-stamp is not about what was asked.
    #[error("the time-stamp does not answer the request: {field} differs")]
    TimestampMismatch {
        /// The field that differs: `imprint`, `nonce`.
        field: &'static str,
    },
    /// There is a time-stamp over the signature already.
    #[error("the signature has a time-stamp already")]
    AlreadyTimestamped,
    /// Not exactly one signer: PAdES allows one.
    #[error("{found} signers where one must be")]
    Signers {
        /// How many there are, counted up to two.
        found: usize,
    },
}
