//! The bytes of a document: a memory map, or a buffer.

use std::fs::File;
use std::ops::Deref;
use std::path::Path;

use crate::Error;

/// Where the bytes are.
pub(crate) enum Source {
    /// A file, mapped read-only.
    Map(memmap2::Mmap),
    /// A buffer of our own.
    Owned(Vec<u8>),
}

impl Source {
    /// Maps a file. An empty file cannot be mapped everywhere and is an empty buffer instead.
    pub(crate) fn open(path: &Path) -> Result<Self, Error> {
        let file = File::open(path)?;
        if file.metadata()?.len() == 0 {
            return Ok(Source::Owned(Vec::new()));
        }
        #[expect(
            unsafe_code,
            reason = "a map is the one way to read a file of any size in little memory"
        )]
        // SAFETY: the map is private to this value and read-only. Another process that shortens the file meanwhile
        // makes reads fail with a signal instead of a wrong answer; the project itself replaces files by rename,
        // never in place, and the desktop reads hostile files in a helper process.
        let map = unsafe { memmap2::Mmap::map(&file)? };
        Ok(Source::Map(map))
    }
}

impl Deref for Source {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        match self {
            Source::Map(map) => map,
            Source::Owned(bytes) => bytes,
        }
    }
}
