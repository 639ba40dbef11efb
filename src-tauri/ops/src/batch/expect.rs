//! The bytes that are hashed for the signature are held against what the person was shown.

use sha2::{Digest, Sha256};
use std::{
    fs::File,
    io::{self, Read},
};

/// A file as it is read once through.
pub(super) struct Expected {
    file: File,
    shown: Option<([u8; 32], Sha256)>,
}

impl Expected {
    pub(super) fn new(file: File, shown: Option<[u8; 32]>) -> Expected {
        let shown = shown.map(|digest| (digest, Sha256::new()));
        Expected { file, shown }
    }

    /// Whether what was read is what was shown; true where nothing was.
    pub(super) fn is_as_shown(&self) -> bool {
        self.shown
            .as_ref()
            .is_none_or(|(digest, read)| read.clone().finalize()[..] == digest[..])
    }
}

impl Read for Expected {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let length = self.file.read(buffer)?;
        if let (Some((_, hash)), Some(read)) = (&mut self.shown, buffer.get(..length)) {
            hash.update(read);
        }
        Ok(length)
    }
}
