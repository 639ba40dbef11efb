//! What makes a check impossible.

use thiserror::Error;

/// Why a structure could not be read or a check could not be made.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum Error {
    /// The encoding ends early, has a wrong tag or an impossible length.
    #[error("malformed {structure} at byte {offset}")]
    Malformed {
        /// The structure that was being read.
        structure: &'static str,
        /// Offset inside the innermost slice being read.
        offset: usize,
    },
    /// The structure is larger than this crate is willing to look at.
    #[error("{structure} of {size} bytes exceeds the limit of {limit}")]
    TooBig {
        /// The structure that was being read.
        structure: &'static str,
        /// Its size in bytes.
        size: usize,
        /// The limit in bytes.
        limit: usize,
    },
    /// The algorithm, curve or key size is not implemented: nothing is known about the signature.
    #[error("unsupported algorithm {oid}")]
    Unsupported {
        /// Object identifier of the algorithm, or of the curve.
        oid: String,
    },
    /// The signature was examined and does not verify.
    #[error("the signature does not verify")]
    BadSignature,
}

impl Error {
    /// A [`Error::Malformed`] without a useful offset.
    #[must_use]
    pub const fn malformed(structure: &'static str) -> Self {
        Self::Malformed {
            structure,
            offset: 0,
        }
    }
}
