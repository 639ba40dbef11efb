//! Cursors: how far each mailbox has been read. A cursor is only ever written together with the items it stands behind.

use rusqlite::{OptionalExtension, Transaction, params};
use time::OffsetDateTime;

use crate::{Error, Store, column};

impl Store {
    /// The cursor of a mailbox; none before the first page.
    pub fn cursor(&self, mailbox: &str) -> Result<Option<String>, Error> {
        self.read(|connection| {
            let value = connection.query_row(
                "SELECT value FROM cursor WHERE mailbox = ?1",
                [mailbox],
                |row| row.get(0),
            );
            Ok(value.optional()?)
        })
    }
}

pub(crate) fn set(
    transaction: &Transaction<'_>,
    mailbox: &str,
    value: &str,
    now: OffsetDateTime,
) -> Result<(), Error> {
    transaction.execute(
        "INSERT INTO cursor (mailbox, value, at_ms) VALUES (?1, ?2, ?3)
         ON CONFLICT (mailbox) DO UPDATE SET value = excluded.value, at_ms = excluded.at_ms",
        params![mailbox, value, column::ms(now)],
    )?;
    Ok(())
}
