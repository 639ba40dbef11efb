use std::path::PathBuf;

/// Why a page could not be had.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The helper program could not be started.
    #[error("the page helper {} could not be started", program.display())]
    Start {
        /// The program that was tried.
        program: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// The file to draw could not be read.
    #[error("{} could not be read", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// The file is larger than the helper is given.
    #[error("{bytes} bytes are more than the {limit} a page helper accepts")]
    TooBig {
        /// Size of the file.
        bytes: u64,
        /// The cap.
        limit: u64,
    },
    /// The file is encrypted and its user password is not empty, or its handler is unknown.
    #[error("the document is encrypted")]
    Encrypted,
    /// Not a document that can be drawn.
    #[error("the document cannot be drawn")]
    Unreadable,
    /// The document has no such page.
    #[error("page index {page} of a document of {pages} pages")]
    NoSuchPage {
        /// The page asked for, from 0.
        page: usize,
        /// How many there are.
        pages: usize,
    },
    /// The helper did not answer in time and was killed; the next call starts another.
    #[error("the page helper gave no answer within {milliseconds} ms")]
    Timeout {
        /// The deadline that passed.
        milliseconds: u64,
    },
    /// The helper died (out of memory, a panic); the next call starts another.
    #[error("the page helper died: {status}")]
    Crashed {
        /// Its exit status in the system's words.
        status: String,
    },
    /// The helper answered something that is no answer; it was killed.
    #[error("the page helper broke the protocol: {0}")]
    Protocol(&'static str),
}
