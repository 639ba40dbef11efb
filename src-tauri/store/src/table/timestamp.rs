//! Signatures that wait for their time-stamp. The authority's slowness is nobody's but this table's.

use std::path::{Path, PathBuf};

use antin_records::{LetterId, Sha256Digest};
use rusqlite::{Row, named_params, params};
use time::OffsetDateTime;

use super::letter::{add_version, letter};
use crate::{Error, Letter, Store, column};

/// Whose signature waits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TimestampSubject {
    /// A letter of the office.
    Letter(LetterId),
    /// A file outside the office's records, by its absolute path.
    File(PathBuf),
}

/// What became of a signature that waited.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TimestampState {
    /// It waits.
    Waiting,
    /// The time-stamp is in.
    Done,
    /// There is no place for it any more: somebody signed after it, the letter was sent, the file is gone.
    Superseded,
}

impl TimestampState {
    /// Every state.
    pub const ALL: [Self; 3] = [Self::Waiting, Self::Done, Self::Superseded];

    /// The name in JSON and in the database.
    pub fn key(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Done => "done",
            Self::Superseded => "superseded",
        }
    }
}

/// A signature that waits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PendingTimestamp {
    /// Its place in the queue.
    pub id: i64,
    /// Whose it is.
    pub subject: TimestampSubject,
    /// The signature's field.
    pub field: String,
    /// Since when it waits.
    pub created_at: OffsetDateTime,
    /// When the authorities are asked next.
    pub next_at: OffsetDateTime,
    /// How often they were asked in vain.
    pub attempts: u32,
    /// Why it failed last, for the log.
    pub cause: Option<String>,
}

impl Store {
    /// Notes that a signature waits; once is enough.
    pub fn queue_timestamp(
        &self,
        subject: &TimestampSubject,
        field: &str,
        at: OffsetDateTime,
    ) -> Result<(), Error> {
        let (letter, path) = columns(subject)?;
        self.write(|transaction| {
            transaction.execute(
                "INSERT INTO timestamp (letter_id, path, field, state, created_at_ms, next_at_ms)
                 SELECT :letter, :path, :field, 'waiting', :at, :at
                 WHERE NOT EXISTS (SELECT 1 FROM timestamp WHERE letter_id IS :letter AND path IS :path
                                   AND field = :field AND state = 'waiting')",
                named_params! { ":letter": letter, ":path": path, ":field": field, ":at": column::ms(at) },
            )?;
            Ok(())
        })
    }

    /// Everything that waits, the longest waiting first; only what is due at `due` where that is given.
    pub fn timestamps_waiting(
        &self,
        due: Option<OffsetDateTime>,
    ) -> Result<Vec<PendingTimestamp>, Error> {
        let until = due.map_or(i64::MAX, column::ms);
        self.read(|connection| {
            let mut statement = connection.prepare_cached(
                "SELECT * FROM timestamp WHERE state = 'waiting' AND next_at_ms <= ?1 ORDER BY created_at_ms, id",
            )?;
            Ok(statement
                .query_map([until], read)?
                .collect::<rusqlite::Result<_>>()?)
        })
    }

    /// No authority answered: the next try is at `next_at`.
    pub fn postpone_timestamp(
        &self,
        id: i64,
        next_at: OffsetDateTime,
        cause: &str,
    ) -> Result<(), Error> {
        self.write(|transaction| {
            transaction.execute(
                "UPDATE timestamp SET attempts = attempts + 1, next_at_ms = ?2, cause = ?3
                 WHERE id = ?1 AND state = 'waiting'",
                params![id, column::ms(next_at), cause],
            )?;
            Ok(())
        })
    }

    /// It waits no longer.
    pub fn end_timestamp(
        &self,
        id: i64,
        state: TimestampState,
        at: OffsetDateTime,
    ) -> Result<(), Error> {
        self.write(|transaction| {
            transaction.execute(
                "UPDATE timestamp SET state = ?2, ended_at_ms = ?3 WHERE id = ?1 AND state = 'waiting'",
                params![id, state.key(), column::ms(at)],
            )?;
            Ok(())
        })
    }

    /// Replaces a letter's file by the same one with a time-stamp in it; its state stays. A letter that has gone on, or
    /// whose file a dispatch names, is left as it is: what was sent is what is kept.
    ///
    /// # Errors
    /// [`Error::LetterChanged`].
    pub fn stamp_letter(
        &self,
        queued: i64,
        id: LetterId,
        replaces: Sha256Digest,
        content: Sha256Digest,
        at: OffsetDateTime,
    ) -> Result<Letter, Error> {
        self.check_blob(content)?;
        self.write(|transaction| {
            let changed = transaction.execute(
                "UPDATE letter SET content = :content WHERE id = :id AND content = :replaces
                 AND NOT EXISTS (SELECT 1 FROM dispatch WHERE letter_id = :id AND content = :replaces)",
                named_params! {
                    ":id": id.to_string(),
                    ":replaces": replaces.to_string(),
                    ":content": content.to_string(),
                },
            )?;
            if changed == 0 {
                return Err(Error::LetterChanged { id: id.to_string() });
            }
            let held = letter(transaction, id)?;
            add_version(transaction, id, content, held.state, at)?;
            transaction.execute(
                "UPDATE timestamp SET state = 'done', ended_at_ms = ?2 WHERE id = ?1",
                params![queued, column::ms(at)],
            )?;
            Ok(held)
        })
    }
}

/// A path that is no text cannot be noted.
fn columns(subject: &TimestampSubject) -> Result<(Option<String>, Option<String>), Error> {
    match subject {
        TimestampSubject::Letter(id) => Ok((Some(id.to_string()), None)),
        TimestampSubject::File(path) => match path.to_str() {
            Some(text) => Ok((None, Some(text.to_owned()))),
            None => Err(Error::io(path)(std::io::ErrorKind::InvalidFilename.into())),
        },
    }
}

fn read(row: &Row<'_>) -> rusqlite::Result<PendingTimestamp> {
    let path: Option<String> = row.get("path")?;
    let subject = match path {
        Some(path) => TimestampSubject::File(Path::new(&path).to_path_buf()),
        None => TimestampSubject::Letter(column::parsed(row, "letter_id")?),
    };
    Ok(PendingTimestamp {
        id: row.get("id")?,
        subject,
        field: row.get("field")?,
        created_at: column::time(row, "created_at_ms")?,
        next_at: column::time(row, "next_at_ms")?,
        attempts: row.get("attempts")?,
        cause: row.get("cause")?,
    })
}
