//! Who works on a leased row. Every open store holds a lock on a file of its own in `owners/`; the system lets go of it when
//! the process ends, however it ends. So a lease of a process that was killed is told at once from one that is slow.

use std::{
    fs::{self, File, OpenOptions, TryLockError},
    path::{Path, PathBuf},
};

use uuid::Uuid;

use crate::Error;

/// This store's claim to be alive.
#[derive(Debug)]
pub(crate) struct Owner {
    id: Uuid,
    path: PathBuf,
    _lock: File,
}

impl Owner {
    pub(crate) fn register(dir: &Path) -> Result<Self, Error> {
        let folder = folder(dir);
        fs::create_dir_all(&folder).map_err(Error::io(&folder))?;
        let id = Uuid::new_v4();
        let path = folder.join(id.to_string());
        let lock = OpenOptions::new()
            .write(true)
            .create_new(true)
            .open(&path)
            .map_err(Error::io(&path))?;
        lock.lock().map_err(Error::io(&path))?;
        Ok(Self {
            id,
            path,
            _lock: lock,
        })
    }

    pub(crate) fn id(&self) -> String {
        self.id.to_string()
    }
}

impl Drop for Owner {
    fn drop(&mut self) {
        // A file left behind only means one more dead owner for the next start to sweep up.
        let _ = fs::remove_file(&self.path);
    }
}

/// True when the process that registered `id` still runs.
pub(crate) fn is_alive(dir: &Path, id: &str) -> bool {
    // The name comes from the database; only a UUID may become part of a path.
    let Ok(id) = Uuid::try_parse(id) else {
        return false;
    };
    let Ok(file) = File::open(folder(dir).join(id.to_string())) else {
        return false;
    };
    matches!(file.try_lock(), Err(TryLockError::WouldBlock))
}

/// Removes the files of owners that are gone. True when there were any: somebody ended without closing the store.
pub(crate) fn sweep(dir: &Path) -> Result<bool, Error> {
    let folder = folder(dir);
    let entries = match fs::read_dir(&folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(false),
        Err(error) => return Err(Error::io(&folder)(error)),
    };
    let mut unclean = false;
    for entry in entries {
        let entry = entry.map_err(Error::io(&folder))?;
        let name = entry.file_name();
        if !name.to_str().is_some_and(|id| is_alive(dir, id)) {
            unclean = true;
            let _ = fs::remove_file(entry.path());
        }
    }
    Ok(unclean)
}

fn folder(dir: &Path) -> PathBuf {
    dir.join("owners")
}
