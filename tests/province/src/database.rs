//! The database: settings, tables, transactions.

use std::{
    path::Path,
    sync::{Mutex, MutexGuard, PoisonError},
};

use rusqlite::{Connection, Transaction, TransactionBehavior};

use crate::{Config, Error, problem::Problem};

/// FULL: an answer is given only for what survives a power cut.
const SETTINGS: &str = "
PRAGMA journal_mode=WAL;
PRAGMA synchronous=FULL;
PRAGMA fullfsync=1;
PRAGMA busy_timeout=5000;
PRAGMA foreign_keys=ON;
PRAGMA trusted_schema=OFF;
PRAGMA cell_size_check=ON;
PRAGMA mmap_size=0;
";

#[derive(Debug)]
pub(crate) struct Database(Mutex<Connection>);

impl Database {
    pub(crate) fn open(path: &Path, config: &Config) -> Result<Self, Error> {
        let mut connection = Connection::open(path)?;
        connection.execute_batch(SETTINGS)?;
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        transaction.execute_batch(include_str!("schema.sql"))?;
        for series in &config.series {
            // What is configured is where the series began; what has been given since then counts for more.
            transaction.execute(
                "INSERT INTO series (agency, document_type, normative, year, last) VALUES (?1, ?2, ?3, ?4, ?5)
                 ON CONFLICT DO UPDATE SET last = max(last, excluded.last)",
                rusqlite::params![series.agency.as_str(), series.document_type.key(), series.normative, series.year, series.last],
            )?;
        }
        transaction.commit()?;
        Ok(Self(Mutex::new(connection)))
    }

    pub(crate) fn read<T>(
        &self,
        work: impl FnOnce(&Connection) -> Result<T, Problem>,
    ) -> Result<T, Problem> {
        work(&self.lock())
    }

    /// One transaction; what `work` returns is returned only after the commit.
    pub(crate) fn write<T>(
        &self,
        work: impl FnOnce(&Transaction<'_>) -> Result<T, Problem>,
    ) -> Result<T, Problem> {
        let mut connection = self.lock();
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let outcome = work(&transaction)?;
        transaction.commit()?;
        Ok(outcome)
    }

    /// A lock poisoned by a panic elsewhere is taken all the same: the transaction it held was rolled back.
    fn lock(&self) -> MutexGuard<'_, Connection> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
