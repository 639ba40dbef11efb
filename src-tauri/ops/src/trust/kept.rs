//! Evidence that was fetched, kept by the address it came from: in the office's folder, else in memory.

use crate::fresh;
use sha2::{Digest, Sha256};
use std::{
    collections::BTreeMap,
    fs::{self, File},
    io::Read,
    path::PathBuf,
    sync::{Mutex, PoisonError},
};

/// Nothing larger was ever fetched (`fetch::CRL_BYTES`).
const KEPT_BYTES: u64 = 32 << 20;

/// All files of a folder of evidence together.
const LOOSE_BYTES: u64 = 256 << 20;

/// What is at hand.
#[derive(Default)]
pub(super) struct Kept {
    folder: Option<PathBuf>,
    /// Without a folder, or when it cannot be written.
    memory: Mutex<BTreeMap<String, Vec<u8>>>,
}

impl Kept {
    /// Evidence in a folder.
    pub(super) fn in_folder(folder: PathBuf) -> Kept {
        Kept {
            folder: Some(folder),
            memory: Mutex::default(),
        }
    }

    /// What came from `address`; `kind` ends the file's name.
    pub(super) fn get(&self, address: &str, kind: &str) -> Option<Vec<u8>> {
        let name = name(address, kind);
        let memory = self.memory.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(bytes) = memory.get(&name) {
            return Some(bytes.clone());
        }
        drop(memory);
        let file = File::open(self.folder.as_ref()?.join(name)).ok()?;
        let mut bytes = Vec::new();
        file.take(KEPT_BYTES).read_to_end(&mut bytes).ok()?;
        Some(bytes)
    }

    /// Keeps what came from `address`, in place of what was there.
    pub(super) fn put(&self, address: &str, kind: &str, bytes: &[u8]) {
        let name = name(address, kind);
        if let Some(folder) = &self.folder {
            let written =
                fresh::folder(folder).and_then(|()| fresh::write(&folder.join(&name), bytes));
            match written {
                Ok(()) => return,
                Err(error) => tracing::warn!(detail = error.detail(), "evidence not kept"),
            }
        }
        let mut memory = self.memory.lock().unwrap_or_else(PoisonError::into_inner);
        memory.insert(name, bytes.to_vec());
    }

    /// The files of the folder: lists, answers and certificates as a person collected them, by whatever name.
    pub(super) fn loose(&self) -> Vec<Vec<u8>> {
        let Some(folder) = &self.folder else {
            return Vec::new();
        };
        let entries = fs::read_dir(folder).into_iter().flatten().flatten();
        let mut paths: Vec<PathBuf> = entries.map(|entry| entry.path()).collect();
        // The order in which a file system lists a folder differs between machines.
        paths.sort();
        let mut room = LOOSE_BYTES;
        let mut read = |path: &PathBuf| {
            let mut bytes = Vec::new();
            let file = File::open(path).ok()?;
            file.take(room.min(KEPT_BYTES))
                .read_to_end(&mut bytes)
                .ok()?;
            room = room.saturating_sub(bytes.len() as u64);
            Some(bytes)
        };
        paths.iter().filter_map(&mut read).collect()
    }
}

fn name(address: &str, kind: &str) -> String {
    format!("{}.{kind}", super::hex(&Sha256::digest(address.as_bytes())))
}
