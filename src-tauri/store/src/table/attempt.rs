//! Attempts: one row for every time a dispatch was worked on, written before the work begins.

use antin_records::DispatchId;
use rusqlite::{Transaction, params};
use time::OffsetDateTime;

use crate::{Cause, Error, Store, column};

/// What an attempt tries.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum AttemptKind {
    /// To bring the file to the province.
    Upload,
    /// To submit the frozen bytes.
    Submit,
    /// To find out whether the province holds the dispatch.
    Probe,
}

impl AttemptKind {
    const ALL: [Self; 3] = [Self::Upload, Self::Submit, Self::Probe];

    /// The name in JSON and in the database.
    pub fn key(self) -> &'static str {
        match self {
            Self::Upload => "upload",
            Self::Submit => "submit",
            Self::Probe => "probe",
        }
    }

    fn from_key(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.key() == key)
    }
}

/// One attempt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attempt {
    /// Its place in the order, from 1.
    pub n: u32,
    /// What it tried.
    pub kind: AttemptKind,
    /// When it began.
    pub started_at: OffsetDateTime,
    /// When its end was recorded; none when the process died in it.
    pub ended_at: Option<OffsetDateTime>,
    /// How it ended: the code of the cause, or `ok`.
    pub outcome: Option<String>,
    /// The HTTP status, where there was an answer.
    pub http_status: Option<u16>,
}

impl Store {
    /// The attempts made on a dispatch, the first one first.
    pub fn attempts(&self, dispatch: DispatchId) -> Result<Vec<Attempt>, Error> {
        self.read(|connection| {
            let mut statement = connection
                .prepare_cached("SELECT * FROM attempt WHERE dispatch_id = ?1 ORDER BY n")?;
            let rows = statement.query_map([dispatch.to_string()], |row| {
                Ok(Attempt {
                    n: row.get("n")?,
                    kind: column::keyed(row, "kind", AttemptKind::from_key)?,
                    started_at: column::time(row, "started_at_ms")?,
                    ended_at: column::time_or_none(row, "ended_at_ms")?,
                    outcome: row.get("outcome")?,
                    http_status: row.get("http_status")?,
                })
            })?;
            Ok(rows.collect::<rusqlite::Result<_>>()?)
        })
    }
}

pub(crate) fn begin(
    transaction: &Transaction<'_>,
    dispatch: DispatchId,
    kind: AttemptKind,
    now: OffsetDateTime,
) -> Result<(), Error> {
    end(transaction, dispatch, None, now)?;
    transaction.execute(
        "INSERT INTO attempt (dispatch_id, n, kind, started_at_ms)
         VALUES (?1, (SELECT count(*) + 1 FROM attempt WHERE dispatch_id = ?1), ?2, ?3)",
        params![dispatch.to_string(), kind.key(), column::ms(now)],
    )?;
    transaction.execute(
        "UPDATE dispatch SET attempts = attempts + 1, submit_attempts = submit_attempts + ?2 WHERE id = ?1",
        params![dispatch.to_string(), u8::from(kind == AttemptKind::Submit)],
    )?;
    Ok(())
}

/// Records how the attempt under way ended, if one is.
pub(crate) fn end(
    transaction: &Transaction<'_>,
    dispatch: DispatchId,
    cause: Option<&Cause>,
    now: OffsetDateTime,
) -> Result<(), Error> {
    transaction.execute(
        "UPDATE attempt SET ended_at_ms = ?2, outcome = ?3, http_status = ?4 WHERE dispatch_id = ?1 AND ended_at_ms IS NULL",
        params![
            dispatch.to_string(),
            column::ms(now),
            cause.map_or("ok", |cause| cause.code.as_str()),
            cause.and_then(|cause| cause.http_status),
        ],
    )?;
    Ok(())
}
