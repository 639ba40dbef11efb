//! Files named by their digest: `blobs/ab/<sha256>`. Written beside their place, flushed, renamed, and the folder flushed;
//! only then may a row name them. They are never changed, so a name is never reused for other bytes.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, Read, Write},
    path::{Path, PathBuf},
};

use antin_records::Sha256Digest;
use sha2::{Digest as _, Sha256};
use uuid::Uuid;

use crate::{Error, Store, owner};

/// Files not yet complete begin so; what follows is the owner that writes them.
const PART: &str = "part-";
const BUFFER: usize = 64 * 1024;

impl Store {
    /// Keeps `bytes` and returns their digest. On return they are on disk, whatever happens next.
    pub fn put_blob(&self, bytes: &[u8]) -> Result<Sha256Digest, Error> {
        self.put_blob_from(&mut &bytes[..], None, u64::MAX)
    }

    /// Keeps what `source` yields, at most `limit` bytes, and returns its digest, which must be `expected` where one is given.
    pub fn put_blob_from(
        &self,
        source: &mut dyn Read,
        expected: Option<Sha256Digest>,
        limit: u64,
    ) -> Result<Sha256Digest, Error> {
        let folder = self.dir().join("blobs");
        fs::create_dir_all(&folder).map_err(Error::io(&folder))?;
        let part = folder.join(format!("{PART}{}.{}", self.owner_id(), Uuid::new_v4()));
        let outcome = write_part(&part, source, limit).and_then(|found| {
            match expected.filter(|expected| *expected != found) {
                Some(expected) => return Err(Error::DigestMismatch { expected, found }),
                None => self.settle(&part, found)?,
            }
            Ok(found)
        });
        if outcome.is_err() {
            let _ = fs::remove_file(&part);
        }
        outcome
    }

    /// Where the file with this digest is, complete or not there at all.
    pub fn blob_path(&self, digest: Sha256Digest) -> PathBuf {
        let name = digest.to_string();
        self.dir()
            .join("blobs")
            .join(name.get(..2).unwrap_or_default())
            .join(name)
    }

    /// True when the file is there.
    pub fn has_blob(&self, digest: Sha256Digest) -> bool {
        self.blob_path(digest).is_file()
    }

    /// Reads a file back and checks that it is what its name says.
    pub fn blob(&self, digest: Sha256Digest) -> Result<Vec<u8>, Error> {
        let path = self.blob_path(digest);
        let bytes = match fs::read(&path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                return Err(Error::BlobDamaged(digest));
            }
            other => other.map_err(Error::io(&path))?,
        };
        if Sha256Digest::of(&bytes) == digest {
            Ok(bytes)
        } else {
            Err(Error::BlobDamaged(digest))
        }
    }

    /// Reads the file through once and checks its digest, without keeping it in memory; returns its size.
    pub(crate) fn check_blob(&self, digest: Sha256Digest) -> Result<u64, Error> {
        let path = self.blob_path(digest);
        let mut file = File::open(&path).map_err(|_| Error::BlobDamaged(digest))?;
        let mut hasher = Sha256::new();
        let size = io::copy(&mut file, &mut hasher).map_err(Error::io(&path))?;
        let found = Sha256Digest::from_bytes(hasher.finalize().into());
        if found == digest {
            Ok(size)
        } else {
            Err(Error::BlobDamaged(digest))
        }
    }

    fn settle(&self, part: &Path, digest: Sha256Digest) -> Result<(), Error> {
        let place = self.blob_path(digest);
        if place.is_file() && self.check_blob(digest).is_ok() {
            return fs::remove_file(part).map_err(Error::io(part));
        }
        let folder = place.parent().unwrap_or(self.dir());
        fs::create_dir_all(folder).map_err(Error::io(folder))?;
        fs::rename(part, &place).map_err(Error::io(&place))?;
        flush_folder(folder)?;
        flush_folder(folder.parent().unwrap_or(folder))
    }
}

fn write_part(part: &Path, source: &mut dyn Read, limit: u64) -> Result<Sha256Digest, Error> {
    let mut file = OpenOptions::new()
        .write(true)
        .create_new(true)
        .open(part)
        .map_err(Error::io(part))?;
    let mut hasher = Sha256::new();
    let mut buffer = vec![0u8; BUFFER];
    let mut size = 0u64;
    loop {
        let read = match source.read(&mut buffer) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            other => other.map_err(Error::Source)?,
        };
        let Some(chunk) = buffer.get(..read).filter(|chunk| !chunk.is_empty()) else {
            break;
        };
        size = size.saturating_add(u64::try_from(read).unwrap_or(u64::MAX));
        if size > limit {
            return Err(Error::TooBig { limit });
        }
        hasher.update(chunk);
        file.write_all(chunk).map_err(Error::io(part))?;
    }
    file.sync_all().map_err(Error::io(part))?;
    Ok(Sha256Digest::from_bytes(hasher.finalize().into()))
}

/// Makes a rename durable. Windows has no such call and does not need the folder open for it.
#[cfg(unix)]
fn flush_folder(folder: &Path) -> Result<(), Error> {
    File::open(folder)
        .and_then(|folder| folder.sync_all())
        .map_err(Error::io(folder))
}

#[cfg(not(unix))]
fn flush_folder(_folder: &Path) -> Result<(), Error> {
    Ok(())
}

/// Removes the unfinished files of owners that are gone.
pub(crate) fn sweep(dir: &Path) -> Result<(), Error> {
    let folder = dir.join("blobs");
    let Ok(entries) = fs::read_dir(&folder) else {
        return Ok(());
    };
    for entry in entries {
        let entry = entry.map_err(Error::io(&folder))?;
        let name = entry.file_name();
        let writer = name
            .to_str()
            .and_then(|name| name.strip_prefix(PART))
            .and_then(|rest| rest.split('.').next());
        if writer.is_some_and(|id| !owner::is_alive(dir, id)) {
            let _ = fs::remove_file(entry.path());
        }
    }
    Ok(())
}
