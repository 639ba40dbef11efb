//! The one error type of this crate.

/// Why a value does not obey the office's rules. Variants carry the compared facts, never user text.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// Neither the QCVN 102 form nor the Decision 20/2020 form.
    #[error("not an agency identifier: {0:?}")]
    AgencyId(String),
    /// Not a number-and-notation of Decree 30, Appendix I.
    #[error("not a document code: {0:?}")]
    Code(String),
    /// Not one of the 29 document types.
    #[error("unknown document type: {0:?}")]
    DocumentType(String),
    /// Not a document key `OrganId,YYYY/MM/DD,code`.
    #[error("not a document key: {0:?}")]
    DocKey(String),
    /// Not 64 hexadecimal digits, with or without `sha256:` before them.
    #[error("not a SHA-256 digest")]
    Digest,
    /// Not an identity (UUID).
    #[error("not an identity: {0:?}")]
    Identity(String),
    /// Not a status code of the exchange.
    #[error("unknown status code: {0:?}")]
    Status(String),
    /// A field that must be there is empty.
    #[error("{field} is empty")]
    Empty {
        /// The field, as named in the JSON.
        field: &'static str,
    },
    /// A field is longer than Decree 30, Appendix VI allows.
    #[error("{field} has {length} characters, at most {limit} are allowed")]
    TooLong {
        /// The field, as named in the JSON.
        field: &'static str,
        /// Its length in characters (bytes for whole messages, items for lists).
        length: usize,
        /// The limit in the same unit.
        limit: usize,
    },
    /// The same agency is addressed twice.
    #[error("recipient {0} is named twice")]
    RepeatedRecipient(String),
    /// The letter carries a secrecy mark; the Directive keeps such letters off this channel.
    #[error("the letter is marked {}", .0.mark())]
    Secret(crate::Secrecy),
    /// The bytes are JSON, but not in the canonical form of RFC 8785.
    #[error("the message is not in canonical form")]
    NotCanonical,
    /// A version of the message this program does not know.
    #[error("message version {0} is unknown")]
    Version(u32),
    /// The JSON does not have the expected shape.
    #[error("the message is malformed: {0}")]
    Malformed(String),
}
