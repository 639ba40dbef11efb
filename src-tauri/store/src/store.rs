//! The store as a whole: opening, locking, transactions.

use std::{
    fs::{self, File, OpenOptions},
    path::{Path, PathBuf},
    sync::{Mutex, MutexGuard, PoisonError},
};

use rusqlite::{Connection, Transaction, TransactionBehavior};

use crate::{Error, blob, connection, owner, owner::Owner, table};

/// The office's records. `Send` and `Sync`; every call takes the connection for a short time.
#[derive(Debug)]
pub struct Store {
    dir: PathBuf,
    connection: Mutex<Connection>,
    owner: Owner,
}

impl Store {
    /// Opens the store in `dir`, making it where there is none. Work left behind by a process that died is freed: a dispatch
    /// found in SUBMITTING becomes UNKNOWN.
    pub fn open(dir: &Path) -> Result<Self, Error> {
        fs::create_dir_all(dir).map_err(Error::io(dir))?;
        // Two processes may start at once; one of them makes the tables.
        let _opening = opening(dir)?;
        let unclean = owner::sweep(dir)?;
        let connection = connection::open(&dir.join("antin.db"))?;
        if unclean {
            connection::check(&connection)?;
            blob::sweep(dir)?;
        }
        let owner = Owner::register(dir)?;
        let store = Self {
            dir: dir.to_owned(),
            connection: Mutex::new(connection),
            owner,
        };
        store.write(|transaction| table::dispatch::recover(transaction, dir))?;
        store.write(|transaction| table::op::recover(transaction, dir))?;
        Ok(store)
    }

    /// The folder the store lives in.
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    pub(crate) fn owner_id(&self) -> String {
        self.owner.id()
    }

    /// One read. A lock poisoned by a panic elsewhere is taken all the same: the transaction it held was rolled back.
    pub(crate) fn read<T>(
        &self,
        work: impl FnOnce(&Connection) -> Result<T, Error>,
    ) -> Result<T, Error> {
        work(&self.lock())
    }

    /// One transaction, which has the right to write from its beginning; on error nothing of it remains.
    pub(crate) fn write<T>(
        &self,
        work: impl FnOnce(&Transaction<'_>) -> Result<T, Error>,
    ) -> Result<T, Error> {
        let mut connection = self.lock();
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let outcome = work(&transaction)?;
        transaction.commit()?;
        Ok(outcome)
    }

    fn lock(&self) -> MutexGuard<'_, Connection> {
        self.connection
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

fn opening(dir: &Path) -> Result<File, Error> {
    let path = dir.join("opening.lock");
    let file = OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(false)
        .open(&path)
        .map_err(Error::io(&path))?;
    file.lock().map_err(Error::io(&path))?;
    Ok(file)
}
