//! A file is replaced as a whole or not at all: the new one is written beside it, flushed, and put
//! in place by one rename. A crash at any point leaves the old file or the new one, and at most a
//! part-written file that the next run in the folder clears away.
//!
//! Who writes holds a lock on the file it replaces, so that of two programs that signed the same file one wins and the other
//! is told. A link stays a link: what it leads to is replaced.

#[cfg(unix)]
mod attributes;
mod drive;
#[cfg(test)]
mod tests;

use crate::{
    error::{Code, Error, Result},
    failpoint::failpoint,
};
use sha2::{Digest, Sha256};
use std::{
    collections::BTreeSet,
    fs::{File, Metadata, OpenOptions, TryLockError},
    io::{self, Read, Seek, SeekFrom, Write},
    path::{Path, PathBuf},
    sync::{Mutex, PoisonError},
    thread::sleep,
    time::{Duration, SystemTime},
};
use tempfile::NamedTempFile;

/// Files not yet complete are named so; nobody else's are.
const PART: (&str, &str) = (".antin-", ".part");
/// How often a part-written file is made anew when another run cleared it away in the moment before it was locked.
const ATTEMPTS: usize = 16;
/// How long somebody else may hold the file. A copy of the largest letter takes seconds.
const LOCK_PATIENCE: Duration = Duration::from_secs(60);
const LOCK_PAUSE: Duration = Duration::from_millis(20);

/// What a file was when it was read, to notice that somebody else wrote it since.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Seen {
    length: u64,
    modified: Option<SystemTime>,
    /// Device and number, where a file has one: another file may have the same length and time.
    identity: Option<(u64, u64)>,
}

impl Seen {
    /// Notes the file's length and time of change.
    ///
    /// # Errors
    /// [`Code::FileUnreadable`].
    pub(crate) fn of(path: &Path) -> Result<Seen> {
        let metadata = std::fs::metadata(path).map_err(|e| unreadable(path, e))?;
        Ok(Seen::from(&metadata))
    }
}

impl From<&Metadata> for Seen {
    fn from(metadata: &Metadata) -> Seen {
        #[cfg(unix)]
        let identity = {
            use std::os::unix::fs::MetadataExt;
            Some((metadata.dev(), metadata.ino()))
        };
        #[cfg(not(unix))]
        let identity = None;
        Seen {
            length: metadata.len(),
            modified: metadata.modified().ok(),
            identity,
        }
    }
}

/// How the new file differs from the old one.
#[derive(Clone, Copy)]
enum Change<'a> {
    Append(&'a [u8]),
    Over { offset: u64, bytes: &'a [u8] },
}

/// Writes `source` followed by `appended` to `target`, which may be `source` itself. Says where it was written: behind a
/// link, what the link leads to.
///
/// `source` must still be as it was `seen`; its permissions go over to the result.
///
/// # Errors
/// [`Code::DocumentChangedOnDisk`], [`Code::DiskFull`], [`Code::FileReadOnly`], [`Code::FileUnreadable`],
/// [`Code::FileUnwritable`]; `target` is then what it was before.
pub(crate) fn append(
    source: &Path,
    seen: &Seen,
    appended: &[u8],
    target: &Path,
) -> Result<PathBuf> {
    let writer = Writer::default();
    let placed = writer.append(source, seen, appended, target)?;
    writer.settle()?;
    Ok(placed.path)
}

/// Replaces a file by one of the same length with `bytes` over those at `offset`.
///
/// # Errors
/// As [`append`].
pub(crate) fn patch(file: &Path, seen: &Seen, offset: u64, bytes: &[u8]) -> Result<PathBuf> {
    let end = u64::try_from(bytes.len())
        .ok()
        .and_then(|length| offset.checked_add(length));
    if end.is_none_or(|end| end > seen.length) {
        return Err(changed(file));
    }
    let writer = Writer::default();
    let placed = writer.replace(file, seen, Change::Over { offset, bytes }, file)?;
    writer.settle()?;
    Ok(placed.path)
}

/// Whether `target` may be replaced at all: asked before a token signs and an authority counts a time-stamp.
///
/// # Errors
/// [`Code::FileReadOnly`], [`Code::FileUnwritable`].
pub(crate) fn may_replace(target: &Path) -> Result<()> {
    followed(target)
        .and_then(|target| writable(&target))
        .map(drop)
}

/// Where a file was written.
pub(crate) struct Placed {
    /// Behind a link, what the link leads to.
    pub(crate) path: PathBuf,
    /// The kind of network drive it lies on; it was read back from there.
    pub(crate) drive: Option<&'static str>,
}

/// Writes files, many of them in the same folders: what concerns a folder is done once.
#[derive(Default)]
pub(crate) struct Writer {
    /// Folders that were cleared of what killed runs left.
    swept: Mutex<BTreeSet<PathBuf>>,
    /// Folders whose renames a power cut may still undo, file by file: the old one or the new one is there.
    unsettled: Mutex<BTreeSet<PathBuf>>,
}

impl Writer {
    /// As [`append`](self::append); [`settle`](Writer::settle) comes last.
    pub(crate) fn append(
        &self,
        source: &Path,
        seen: &Seen,
        appended: &[u8],
        target: &Path,
    ) -> Result<Placed> {
        self.replace(source, seen, Change::Append(appended), target)
    }

    /// Makes what was written outlast a power cut.
    ///
    /// # Errors
    /// [`Code::FileUnwritable`].
    pub(crate) fn settle(&self) -> Result<()> {
        let folders = {
            let mut unsettled = self
                .unsettled
                .lock()
                .unwrap_or_else(PoisonError::into_inner);
            std::mem::take(&mut *unsettled)
        };
        for folder in folders {
            sync_folder(&folder).map_err(|e| unwritable(&folder, e))?;
        }
        failpoint!("settled");
        Ok(())
    }

    fn replace(
        &self,
        source: &Path,
        seen: &Seen,
        change: Change<'_>,
        target: &Path,
    ) -> Result<Placed> {
        let target = followed(target)?;
        let replaced = writable(&target)?;
        let mut original = File::open(source).map_err(|e| unreadable(source, e))?;
        failpoint!("opened");
        lock(&original, source)?;
        failpoint!("locked");
        if Seen::of(source)? != *seen {
            return Err(changed(source));
        }
        let folder = folder(&target);
        if note(&self.swept, folder) {
            sweep(folder);
        }
        failpoint!("swept");

        let mut fresh = fresh(folder).map_err(|e| unwritable(&target, e))?;
        failpoint!("created");
        let copied =
            io::copy(&mut original, fresh.as_file_mut()).map_err(|e| unwritable(&target, e))?;
        failpoint!("copied");
        write(fresh.as_file_mut(), change).map_err(|e| unwritable(&target, e))?;
        failpoint!("written");
        let metadata = original.metadata().map_err(|e| unreadable(source, e))?;
        keep(&metadata, replaced.as_ref(), fresh.as_file()).map_err(|e| unwritable(&target, e))?;
        failpoint!("attributed");
        fresh
            .as_file()
            .sync_all()
            .map_err(|e| unwritable(&target, e))?;
        failpoint!("flushed");
        let drive = drive::kind(folder);
        if drive.is_some()
            && !reads_back(&mut original, change, fresh.path())
                .map_err(|e| unreadable(&target, e))?
        {
            return Err(Error::new(Code::WrittenDiffers).with("file", target.display()));
        }
        if copied != seen.length || Seen::of(source)? != *seen {
            return Err(changed(source));
        }
        failpoint!("checked");
        // Windows replaces no open file. Elsewhere the lock is held until the new file is in place.
        let held = if cfg!(windows) {
            drop(original);
            None
        } else {
            Some(original)
        };
        let placed = fresh
            .persist(&target)
            .map_err(|e| unwritable(&target, e.error))?;
        failpoint!("placed");
        note(&self.unsettled, folder);
        drop((held, placed));
        Ok(Placed {
            path: target,
            drive,
        })
    }
}

/// Whether the folder is new to the list.
fn note(folders: &Mutex<BTreeSet<PathBuf>>, folder: &Path) -> bool {
    let mut folders = folders.lock().unwrap_or_else(PoisonError::into_inner);
    !folders.contains(folder) && folders.insert(folder.to_path_buf())
}

fn write(file: &mut File, change: Change<'_>) -> io::Result<()> {
    match change {
        Change::Append(bytes) => file.write_all(bytes),
        Change::Over { offset, bytes } => {
            file.seek(SeekFrom::Start(offset))?;
            file.write_all(bytes)
        }
    }
}

/// Whether a drive gives back what was written to it: the old file with the change.
fn reads_back(original: &mut File, change: Change<'_>, written: &Path) -> io::Result<bool> {
    let mut expected = Sha256::new();
    original.rewind()?;
    match change {
        Change::Append(bytes) => {
            io::copy(original, &mut expected)?;
            expected.update(bytes);
        }
        Change::Over { offset, bytes } => {
            io::copy(&mut original.take(offset), &mut expected)?;
            expected.update(bytes);
            let length = i64::try_from(bytes.len()).map_err(io::Error::other)?;
            original.seek(SeekFrom::Current(length))?;
            io::copy(original, &mut expected)?;
        }
    }
    let mut read = File::open(written)?;
    // What this computer has in memory proves nothing. A system that does not let go of it is asked no further.
    #[cfg(target_os = "linux")]
    let _ = rustix::fs::fadvise(&read, 0, None, rustix::fs::Advice::DontNeed);
    let mut found = Sha256::new();
    io::copy(&mut read, &mut found)?;
    Ok(found.finalize() == expected.finalize())
}

/// Where a link leads to; any other path as it is.
fn followed(path: &Path) -> Result<PathBuf> {
    let is_link = std::fs::symlink_metadata(path).is_ok_and(|m| m.file_type().is_symlink());
    if is_link {
        std::fs::canonicalize(path).map_err(|e| unwritable(path, e))
    } else {
        Ok(path.to_path_buf())
    }
}

/// The file to be replaced, if there is one. A rename asks the folder only; whoever made the file read-only meant the file.
fn writable(target: &Path) -> Result<Option<File>> {
    let read_only =
        |e: io::Error| Error::caused(Code::FileReadOnly, e).with("file", target.display());
    match std::fs::metadata(target) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(unwritable(target, error)),
        Ok(metadata) if metadata.permissions().readonly() => {
            return Err(read_only(io::ErrorKind::PermissionDenied.into()));
        }
        Ok(_) => {}
    }
    match OpenOptions::new().append(true).open(target) {
        Ok(file) => Ok(Some(file).filter(|_| cfg!(unix))),
        Err(error)
            if matches!(
                error.kind(),
                io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem
            ) =>
        {
            Err(read_only(error))
        }
        Err(error) => Err(unwritable(target, error)),
    }
}

/// Waits for whoever replaces the same file. File systems without locks leave the comparison alone to decide.
fn lock(file: &File, path: &Path) -> Result<()> {
    let mut waited = Duration::ZERO;
    loop {
        match file.try_lock() {
            Ok(()) => return Ok(()),
            Err(TryLockError::WouldBlock) if waited < LOCK_PATIENCE => {
                sleep(LOCK_PAUSE);
                waited += LOCK_PAUSE;
            }
            Err(TryLockError::WouldBlock) => {
                return Err(unwritable(path, io::ErrorKind::ResourceBusy.into()));
            }
            Err(TryLockError::Error(error)) => {
                tracing::debug!(%error, "the file system has no locks");
                return Ok(());
            }
        }
    }
}

/// An empty file that no other run clears away.
fn fresh(folder: &Path) -> io::Result<NamedTempFile> {
    for _ in 0..ATTEMPTS {
        let file = tempfile::Builder::new()
            .prefix(PART.0)
            .suffix(PART.1)
            .rand_bytes(12)
            .tempfile_in(folder)?;
        if let Err(error) = file.as_file().lock() {
            tracing::debug!(%error, "the file system has no locks");
        }
        if is_linked(file.as_file())? {
            return Ok(file);
        }
    }
    Err(io::ErrorKind::ResourceBusy.into())
}

#[cfg(unix)]
fn is_linked(file: &File) -> io::Result<bool> {
    use std::os::unix::fs::MetadataExt;
    Ok(file.metadata()?.nlink() > 0)
}

/// Elsewhere an open file keeps its name.
#[cfg(not(unix))]
fn is_linked(_file: &File) -> io::Result<bool> {
    Ok(true)
}

/// Clears away what a run that was killed left in the folder. A file whose writer lives is locked.
fn sweep(folder: &Path) {
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let name = entry.file_name();
        let ours = name
            .to_str()
            .is_some_and(|name| name.starts_with(PART.0) && name.ends_with(PART.1));
        if !ours || !entry.file_type().is_ok_and(|kind| kind.is_file()) {
            continue;
        }
        let abandoned = File::open(entry.path()).is_ok_and(|file| file.try_lock().is_ok());
        if abandoned && let Err(error) = std::fs::remove_file(entry.path()) {
            tracing::warn!(%error, "a part-written file is left");
        }
    }
}

/// Permissions of the file that is replaced, or of the source; owner and extended attributes as far as the system allows.
fn keep(source: &Metadata, replaced: Option<&File>, fresh: &File) -> io::Result<()> {
    #[cfg(unix)]
    if let Some(replaced) = replaced {
        attributes::copy(replaced, fresh);
        return fresh.set_permissions(replaced.metadata()?.permissions());
    }
    let _ = replaced;
    fresh.set_permissions(source.permissions())
}

pub(crate) fn folder(path: &Path) -> &Path {
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    }
}

/// The rename itself must survive a power cut; Windows has no such call and needs none.
pub(crate) fn sync_folder(folder: &Path) -> io::Result<()> {
    if cfg!(unix) {
        File::open(folder).and_then(|f| f.sync_all())?;
    }
    Ok(())
}

fn changed(path: &Path) -> Error {
    Error::new(Code::DocumentChangedOnDisk).with("file", path.display())
}

pub(crate) fn unreadable(path: &Path, cause: io::Error) -> Error {
    Error::caused(Code::FileUnreadable, cause).with("file", path.display())
}

pub(crate) fn unwritable(path: &Path, cause: io::Error) -> Error {
    let full = matches!(
        cause.kind(),
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded | io::ErrorKind::FileTooLarge
    );
    let code = if full {
        Code::DiskFull
    } else {
        Code::FileUnwritable
    };
    Error::caused(code, cause).with("file", path.display())
}
