//! A file held open while it is judged, reported on and compared: all three speak of the same bytes.

use crate::{
    error::Result,
    replace::unreadable,
    trust::{Network, Trust},
    verify::{self, Verified},
};
use antin_pdf::Document;
use sha2::{Digest, Sha256};
use std::{fs::File, io, path::Path, sync::OnceLock};
use time::OffsetDateTime;

/// A judged file and what it was judged from.
#[derive(Debug)]
pub struct Checked {
    /// The judgement.
    pub verified: Verified,
    /// The document; `None` where the file is none.
    pub(crate) document: Option<Document>,
    /// SHA-256 of the file, where it is known or was asked for: only a report prints it, and it costs a pass.
    sha256: OnceLock<[u8; 32]>,
    /// Length of the file.
    pub(crate) bytes: u64,
}

/// Judges a file as [`verify::file`] does, and keeps it open.
///
/// # Errors
/// [`crate::error::Code::FileUnreadable`]; anything wrong with the content is in the report.
pub fn open(
    trust: &Trust,
    path: &Path,
    network: Network,
    at: Option<OffsetDateTime>,
) -> Result<Checked> {
    let name = path.display().to_string();
    let opened = match Document::open_after_junk(path) {
        Ok(opened) => opened,
        Err(antin_pdf::Error::Io(error)) => return Err(unreadable(path, error)),
        Err(error) => {
            let (sha256, bytes) = digest(path).map_err(|e| unreadable(path, e))?;
            return Ok(Checked {
                verified: verify::unreadable(&name, &error),
                document: None,
                sha256: OnceLock::from(sha256),
                bytes,
            });
        }
    };
    Ok(Checked {
        verified: verify::document(trust, &name, &opened, network, at),
        sha256: OnceLock::new(),
        bytes: u64::try_from(opened.bytes().len()).unwrap_or(u64::MAX),
        document: Some(opened),
    })
}

impl Checked {
    /// SHA-256 of the file.
    pub(crate) fn sha256(&self) -> [u8; 32] {
        *self.sha256.get_or_init(|| {
            let mut hash = Sha256::new();
            if let Some(document) = &self.document {
                document
                    .windows(0..usize::MAX)
                    .for_each(|piece| hash.update(piece));
            }
            hash.finalize().into()
        })
    }
}

fn digest(path: &Path) -> io::Result<([u8; 32], u64)> {
    let mut hash = Sha256::new();
    let bytes = io::copy(&mut File::open(path)?, &mut hash)?;
    Ok((hash.finalize().into(), bytes))
}
