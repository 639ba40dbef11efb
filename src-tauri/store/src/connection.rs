//! The one connection: settings, version, migrations.

use std::path::Path;

use rusqlite::Connection;
use rusqlite_migration::{M, Migrations};

use crate::Error;

/// SQLite before 3.51.3 can lose committed writes when two connections checkpoint a write-ahead log at once (WAL-reset bug).
const LEAST_SQLITE: i32 = 3_051_003;

/// `synchronous=FULL`: with NORMAL a power cut may take back a commit that was already acknowledged.
/// `fullfsync` has an effect on macOS only. `busy_timeout` is what desk and command line wait for each other.
const SETTINGS: &str = "
PRAGMA synchronous=FULL;
PRAGMA fullfsync=1;
PRAGMA checkpoint_fullfsync=1;
PRAGMA busy_timeout=5000;
PRAGMA foreign_keys=ON;
PRAGMA trusted_schema=OFF;
PRAGMA cell_size_check=ON;
PRAGMA mmap_size=0;
PRAGMA wal_autocheckpoint=1000;
PRAGMA journal_size_limit=8388608;
PRAGMA secure_delete=ON;
";

/// Migrations only ever add: a row of the outbox is never dropped because its form has changed.
const STEPS: &[M<'static>] = &[
    M::up(include_str!("migration/001_first.sql")),
    M::up(include_str!("migration/002_timestamp.sql")),
];
const MIGRATIONS: Migrations<'static> = Migrations::from_slice(STEPS);

pub(crate) fn open(path: &Path) -> Result<Connection, Error> {
    let found = rusqlite::version_number();
    if found < LEAST_SQLITE {
        return Err(Error::SqliteTooOld {
            found,
            needed: LEAST_SQLITE,
        });
    }
    let mut connection = Connection::open(path)?;
    connection.busy_timeout(std::time::Duration::from_secs(5))?;
    let mode: String = connection.query_row("PRAGMA journal_mode=WAL", [], |row| row.get(0))?;
    if mode != "wal" {
        return Err(Error::NotWal { mode });
    }
    connection.execute_batch(SETTINGS)?;
    MIGRATIONS.to_latest(&mut connection)?;
    Ok(connection)
}

/// SQLite's own check, after somebody ended without closing the store.
pub(crate) fn check(connection: &Connection) -> Result<(), Error> {
    let finding: String = connection.query_row("PRAGMA quick_check(1)", [], |row| row.get(0))?;
    if finding == "ok" {
        Ok(())
    } else {
        Err(Error::Damaged(finding))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn migrations_are_sound() {
        MIGRATIONS
            .validate()
            .expect("every migration applies in order");
    }
}
