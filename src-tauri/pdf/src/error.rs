//! Why a file could not be read or written.

use lopdf::ObjectId;

/// Everything that can go wrong in this crate.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The file does not begin with `%PDF-` (ISO 32000-2, 7.5.2).
    #[error("no PDF header at byte 0 (found at {header_at:?})")]
    NotPdf {
        /// Where a header stands instead, if there is one in the first kibibyte: so many bytes of junk come before it.
        header_at: Option<u64>,
    },
    /// The document is encrypted, and the empty password does not open it.
    #[error("the document is encrypted with a password")]
    PasswordNeeded,
    /// The document is encrypted by a security handler that is not known here, or in a way of the standard one that is
    /// not (public keys; versions that ISO 32000-2 does not define).
    #[error("the document is encrypted by {handler}")]
    UnknownEncryption {
        /// Its name as written, or what is not known of the standard one.
        handler: String,
    },
    /// The file contradicts the standard or itself.
    #[error("damaged at byte {at}: {what:?}")]
    Damaged {
        /// What is wrong.
        what: Damage,
        /// Byte offset in the file, or in the decoded object stream when the object lives in one.
        at: u64,
    },
    /// A budget against hostile files was exceeded.
    #[error("{what:?} exceeds {limit}")]
    TooBig {
        /// Which budget.
        what: Limit,
        /// Its value.
        limit: u64,
    },
    /// A stream is encoded with a filter that this crate does not decode.
    #[error("filter {name} is not decoded")]
    Filter {
        /// The filter's name as written.
        name: String,
    },
    /// There is no such page.
    #[error("page {index} of {count}")]
    NoSuchPage {
        /// The index asked for, from 0.
        index: usize,
        /// How many pages there are.
        count: usize,
    },
    /// There is no such revision.
    #[error("revision {index} of {count}")]
    NoSuchRevision {
        /// The index asked for, from 0.
        index: usize,
        /// How many revisions there are.
        count: usize,
    },
    /// An update reserved this object and never gave it a value.
    #[error("object {0:?} was reserved and never set")]
    NotSet(ObjectId),
    /// An object has no spelling in PDF: a number that is not finite, or a stream inside another object.
    #[error("object {0:?} cannot be written")]
    Unwritable(ObjectId),
    /// The file could not be opened or mapped.
    #[error(transparent)]
    Io(#[from] std::io::Error),
}

/// What is wrong with a damaged file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Damage {
    /// A byte that cannot begin or continue what was expected there.
    Syntax,
    /// The bytes end inside an object.
    UnexpectedEnd,
    /// A dictionary has the same key twice.
    DuplicateKey,
    /// The file does not end with `startxref`, an offset and `%%EOF`.
    Tail,
    /// No cross-reference section at the offset that `startxref`, `/Prev` or `/XRefStm` gives.
    XrefMissing,
    /// A cross-reference section is malformed.
    Xref,
    /// One section gives two different places for one object.
    XrefConflict,
    /// `/Prev` leads back to a section already read.
    XrefLoop,
    /// A trailer is missing or has an entry of the wrong type.
    Trailer,
    /// `/Root` is not a reference to a dictionary.
    Root,
    /// The cross-reference says that an object begins here, and another one or none does.
    WrongObject,
    /// `endobj` is missing.
    EndObj,
    /// `/Length` is missing or does not lead to `endstream`.
    StreamLength,
    /// An object stream is malformed, or does not hold the object at the index given.
    ObjectStream,
    /// Encoded data is malformed.
    Encoding,
    /// References lead in a circle or too deep.
    Loop,
    /// The page tree is malformed.
    PageTree,
    /// The interactive form is malformed.
    Form,
    /// Bytes after the last revision, which an update would bury.
    OrphanTail,
    /// A value is not of the type that the standard asks for.
    Type,
    /// The encryption dictionary is malformed.
    Encryption,
    /// Encrypted data whose length or padding is wrong.
    Ciphertext,
    /// Two revisions are not encrypted in the same way.
    EncryptionChanged,
}

/// A budget against hostile files.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Limit {
    /// Objects inside objects.
    Depth,
    /// Bytes of one decoded stream.
    Decoded,
    /// Bytes of object streams decoded over the life of one document.
    Work,
    /// Entries of the cross-reference.
    Objects,
    /// Cross-reference sections.
    Sections,
    /// Nodes of the page tree.
    Pages,
    /// Nodes of the field tree.
    Fields,
    /// Filters of one stream.
    Filters,
    /// The file: an offset has no room in the cross-reference table.
    File,
}

impl Error {
    /// Shorthand for [`Error::Damaged`].
    pub(crate) fn damaged(what: Damage, at: usize) -> Self {
        Error::Damaged {
            what,
            at: at as u64,
        }
    }
}
