//! The one error type of this crate.

use std::{io, path::PathBuf};

use antin_records::Sha256Digest;

use crate::{Event, OutboxState};

/// Why the store could not do what was asked. Variants carry facts, never user text.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// SQLite failed.
    #[error("the database failed")]
    Sqlite(#[from] rusqlite::Error),
    /// A migration failed; the database is as it was before.
    #[error("the database could not be brought up to date")]
    Migration(#[from] rusqlite_migration::Error),
    /// A file could not be read or written.
    #[error("{path}")]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// What was to be kept could not be read from where it came (the network, say).
    #[error("the source failed")]
    Source(#[source] io::Error),
    /// The SQLite in use has the WAL-reset bug.
    #[error("SQLite {found} is older than {needed}")]
    SqliteTooOld {
        /// Its version number.
        found: i32,
        /// The least version number.
        needed: i32,
    },
    /// The file system does not carry a write-ahead log (a network share).
    #[error("journal mode is {mode:?}, not wal")]
    NotWal {
        /// The mode SQLite chose.
        mode: String,
    },
    /// The database fails its own check.
    #[error("the database is damaged: {0}")]
    Damaged(String),
    /// No such row.
    #[error("no {what} {id}")]
    NotFound {
        /// The kind of row.
        what: &'static str,
        /// Its identity.
        id: String,
    },
    /// A stored value does not obey the rules of `antin-records`.
    #[error("a value breaks the rules")]
    Records(#[from] antin_records::Error),
    /// A stored or given JSON value cannot be read.
    #[error("a JSON value cannot be read")]
    Json(#[from] serde_json::Error),
    /// The letter is not as the caller saw it: its state or its file has changed.
    #[error("letter {id} has changed meanwhile")]
    LetterChanged {
        /// The letter.
        id: String,
    },
    /// The letter already has another number.
    #[error("letter already has the code {held}")]
    NumberHeld {
        /// The code it has.
        held: String,
    },
    /// The state machine does not allow it.
    #[error("{event:?} is not possible in {state:?}")]
    IllegalTransition {
        /// The state of the dispatch.
        state: OutboxState,
        /// What was to happen.
        event: Event,
    },
    /// Somebody else has taken over the work: the lease ran out.
    #[error("the lease on {id} is lost")]
    LeaseLost {
        /// The dispatch or operation.
        id: String,
    },
    /// A dispatch that may have reached the province cannot be cancelled, only recalled.
    #[error("dispatch {id} may have left")]
    MayHaveLeft {
        /// The dispatch.
        id: String,
    },
    /// The identity is taken by other bytes.
    #[error("{id} is already there with other content")]
    Conflict {
        /// The identity.
        id: String,
    },
    /// A file of the store is missing or is not what its name says.
    #[error("content {0:?} is missing or damaged")]
    BlobDamaged(Sha256Digest),
    /// A stream had other bytes than announced.
    #[error("received {found:?} instead of {expected:?}")]
    DigestMismatch {
        /// What was announced.
        expected: Sha256Digest,
        /// What came.
        found: Sha256Digest,
    },
    /// A stream was longer than allowed.
    #[error("content is larger than {limit} bytes")]
    TooBig {
        /// The limit.
        limit: u64,
    },
    /// An incoming letter cannot be accepted or refused before it was judged.
    #[error("delivery {id} has not been judged")]
    NotJudged {
        /// The delivery.
        id: String,
    },
    /// An incoming letter was already accepted or refused.
    #[error("delivery {id} was already decided")]
    AlreadyDecided {
        /// The delivery.
        id: String,
    },
}

impl Error {
    /// True when the disk is full: nothing was changed, and it will work once there is room.
    pub fn is_disk_full(&self) -> bool {
        match self {
            Self::Sqlite(error) => error.sqlite_error_code() == Some(rusqlite::ErrorCode::DiskFull),
            Self::Io { source, .. } => {
                matches!(
                    source.kind(),
                    io::ErrorKind::StorageFull
                        | io::ErrorKind::QuotaExceeded
                        | io::ErrorKind::FileTooLarge
                )
            }
            _ => false,
        }
    }

    pub(crate) fn io(path: impl Into<PathBuf>) -> impl FnOnce(io::Error) -> Self {
        let path = path.into();
        move |source| Self::Io { path, source }
    }
}
