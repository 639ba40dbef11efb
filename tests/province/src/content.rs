//! Contents by their digest, uploaded in parts. The length of the part file is the offset: what was appended is flushed
//! before it is answered for, and only a file whose digest is its name becomes a content.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, Write},
    path::{Path, PathBuf},
    sync::PoisonError,
};

use antin_records::{
    Agency, Sha256Digest,
    contract::{CONTENT_LIMIT, ProblemKind},
};
use ring::digest;
use rusqlite::{Connection, OptionalExtension, params};

use crate::{Province, problem::Problem};

/// Where an upload stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Upload {
    pub(crate) offset: u64,
    pub(crate) complete: bool,
}

/// One part of an upload.
pub(crate) struct Part<'a> {
    pub(crate) offset: u64,
    /// The sender says this is the last one.
    pub(crate) last: bool,
    pub(crate) digest: Sha256Digest,
    pub(crate) bytes: &'a [u8],
}

impl Province {
    /// Begins an upload, or finds the one that was begun. True when it is new.
    pub(crate) fn create_content(
        &self,
        caller: &Agency,
        sha256: Sha256Digest,
        length: u64,
    ) -> Result<(Upload, bool), Problem> {
        if length == 0 {
            return Err(Problem::with(
                ProblemKind::InvalidRequest,
                "a content is not empty",
            ));
        }
        if length > CONTENT_LIMIT {
            return Err(Problem::with(
                ProblemKind::TooLarge,
                format!("at most {CONTENT_LIMIT} bytes"),
            ));
        }
        let created = self.database.write(|transaction| {
            match stated(transaction, caller, sha256)? {
                Some(stated) if stated.length != length => {
                    Err(Problem::with(ProblemKind::InvalidRequest, format!("the upload was begun with {} bytes", stated.length)))
                }
                Some(_) => Ok(false),
                None => {
                    transaction.execute(
                        "INSERT INTO content (agency, sha256, length, complete) VALUES (?1, ?2, ?3, 0)",
                        params![caller.id.as_str(), sha256.to_string(), i64::try_from(length).map_err(Problem::internal)?],
                    )?;
                    Ok(true)
                }
            }
        })?;
        Ok((self.upload(caller, sha256)?, created))
    }

    /// Where an upload stands.
    pub(crate) fn upload(&self, caller: &Agency, sha256: Sha256Digest) -> Result<Upload, Problem> {
        let stated = self.stated(caller, sha256)?;
        let offset = if stated.complete {
            stated.length
        } else {
            length_of(&self.part_path(caller, sha256))?
        };
        Ok(Upload {
            offset,
            complete: stated.complete,
        })
    }

    /// Appends a part; with the last one the whole is checked and becomes a content.
    pub(crate) fn append(
        &self,
        caller: &Agency,
        sha256: Sha256Digest,
        part: &Part<'_>,
    ) -> Result<Upload, Problem> {
        let _one_at_a_time = self
            .appending
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let stated = self.stated(caller, sha256)?;
        let path = self.part_path(caller, sha256);
        let offset = if stated.complete {
            stated.length
        } else {
            length_of(&path)?
        };
        if stated.complete || part.offset != offset {
            return Err(Problem::with(
                ProblemKind::MismatchingOffset,
                format!("expected {offset}, provided {}", part.offset),
            ));
        }
        if Sha256Digest::of(part.bytes) != part.digest {
            return Err(Problem::with(
                ProblemKind::DigestMismatch,
                "the part was damaged on its way",
            ));
        }
        let end = offset.saturating_add(u64::try_from(part.bytes.len()).unwrap_or(u64::MAX));
        if end > stated.length || (part.last && end != stated.length) {
            return Err(Problem::with(
                ProblemKind::InvalidRequest,
                format!("the upload was begun with {} bytes", stated.length),
            ));
        }
        append(&path, part.bytes).map_err(Problem::internal)?;
        if end < stated.length {
            return Ok(Upload {
                offset: end,
                complete: false,
            });
        }
        self.finish(caller, sha256, &path)?;
        Ok(Upload {
            offset: end,
            complete: true,
        })
    }

    /// The whole content.
    pub(crate) fn content(
        &self,
        caller: &Agency,
        sha256: Sha256Digest,
    ) -> Result<Vec<u8>, Problem> {
        if !self.stated(caller, sha256)?.complete {
            return Err(Problem::new(ProblemKind::NotFound));
        }
        self.read_content(sha256)
    }

    /// The whole content, whoever asks.
    pub(crate) fn read_content(&self, sha256: Sha256Digest) -> Result<Vec<u8>, Problem> {
        let bytes = fs::read(self.content_path(sha256)).map_err(Problem::internal)?;
        if Sha256Digest::of(&bytes) == sha256 {
            Ok(bytes)
        } else {
            Err(Problem::internal(format!("{sha256:?} is damaged")))
        }
    }

    fn finish(&self, caller: &Agency, sha256: Sha256Digest, path: &Path) -> Result<(), Problem> {
        if digest_of(path).map_err(Problem::internal)? != sha256 {
            fs::remove_file(path).map_err(Problem::internal)?;
            return Err(Problem::with(
                ProblemKind::DigestMismatch,
                "the whole has another digest; begin again",
            ));
        }
        let place = self.content_path(sha256);
        let folder = place.parent().unwrap_or(&self.dir);
        fs::create_dir_all(folder)
            .and_then(|()| fs::rename(path, &place))
            .and_then(|()| flush(folder))
            .and_then(|()| flush(folder.parent().unwrap_or(folder)))
            .map_err(Problem::internal)?;
        self.database.write(|transaction| {
            transaction.execute(
                "UPDATE content SET complete = 1 WHERE agency = ?1 AND sha256 = ?2",
                params![caller.id.as_str(), sha256.to_string()],
            )?;
            Ok(())
        })
    }

    fn stated(&self, caller: &Agency, sha256: Sha256Digest) -> Result<Stated, Problem> {
        let stated = self
            .database
            .read(|connection| stated(connection, caller, sha256))?;
        stated.ok_or_else(|| Problem::new(ProblemKind::NotFound))
    }

    /// Agency codes are digits, capitals and single dots, so they are safe in a file name.
    fn part_path(&self, caller: &Agency, sha256: Sha256Digest) -> PathBuf {
        self.dir
            .join("parts")
            .join(format!("{}-{sha256}", caller.id))
    }

    fn content_path(&self, sha256: Sha256Digest) -> PathBuf {
        let name = sha256.to_string();
        self.dir
            .join("contents")
            .join(name.get(..2).unwrap_or_default())
            .join(name)
    }
}

/// What an agency was told it may do with a content.
pub(crate) struct Stated {
    pub(crate) length: u64,
    pub(crate) complete: bool,
}

pub(crate) fn stated(
    connection: &Connection,
    agency: &Agency,
    sha256: Sha256Digest,
) -> Result<Option<Stated>, Problem> {
    let row = connection
        .query_row(
            "SELECT length, complete FROM content WHERE agency = ?1 AND sha256 = ?2",
            params![agency.id.as_str(), sha256.to_string()],
            |row| Ok((row.get::<_, i64>(0)?, row.get(1)?)),
        )
        .optional()?;
    row.map(|(length, complete)| {
        Ok(Stated {
            length: u64::try_from(length).map_err(Problem::internal)?,
            complete,
        })
    })
    .transpose()
}

/// Lets an agency see a content that was sent to it.
pub(crate) fn grant(
    connection: &Connection,
    agency: &str,
    sha256: Sha256Digest,
    length: u64,
) -> Result<(), Problem> {
    connection.execute(
        "INSERT INTO content (agency, sha256, length, complete) VALUES (?1, ?2, ?3, 1)
         ON CONFLICT DO UPDATE SET length = excluded.length, complete = 1",
        params![
            agency,
            sha256.to_string(),
            i64::try_from(length).map_err(Problem::internal)?
        ],
    )?;
    Ok(())
}

fn length_of(path: &Path) -> Result<u64, Problem> {
    match fs::metadata(path) {
        Ok(metadata) => Ok(metadata.len()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(0),
        Err(error) => Err(Problem::internal(error)),
    }
}

fn append(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file = OpenOptions::new().append(true).create(true).open(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}

fn digest_of(path: &Path) -> io::Result<Sha256Digest> {
    struct Hash(digest::Context);
    impl Write for Hash {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.update(bytes);
            Ok(bytes.len())
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }
    let mut hash = Hash(digest::Context::new(&digest::SHA256));
    io::copy(&mut File::open(path)?, &mut hash)?;
    let mut bytes = [0u8; 32];
    bytes.copy_from_slice(hash.0.finish().as_ref());
    Ok(Sha256Digest::from_bytes(bytes))
}

#[cfg(unix)]
fn flush(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

#[cfg(not(unix))]
fn flush(_folder: &Path) -> io::Result<()> {
    Ok(())
}
