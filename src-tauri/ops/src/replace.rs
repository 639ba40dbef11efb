//! A file is replaced as a whole or not at all: the new one is written beside it, flushed, and put
//! in place by one rename. A crash at any point leaves the old file or the new one.

use crate::error::{Code, Error, Result};
use std::{
    fs::{File, Metadata},
    io::{self, Write},
    path::Path,
    time::SystemTime,
};

/// What a file was when it was read, to notice that somebody else wrote it since.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Seen {
    length: u64,
    modified: Option<SystemTime>,
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
        Seen {
            length: metadata.len(),
            modified: metadata.modified().ok(),
        }
    }
}

/// Writes `source` followed by `appended` to `target`, which may be `source` itself.
///
/// `source` must still be as it was `seen`; its permissions go over to the result.
///
/// # Errors
/// [`Code::DocumentChangedOnDisk`], [`Code::DiskFull`], [`Code::FileUnreadable`], [`Code::FileUnwritable`];
/// `target` is then what it was before.
pub(crate) fn append(source: &Path, seen: &Seen, appended: &[u8], target: &Path) -> Result<()> {
    let mut original = File::open(source).map_err(|e| unreadable(source, e))?;
    let metadata = original.metadata().map_err(|e| unreadable(source, e))?;
    let mut fresh = tempfile::Builder::new()
        .prefix(".antin-")
        .tempfile_in(folder(target))
        .map_err(|e| unwritable(target, e))?;
    let copied = io::copy(&mut original, fresh.as_file_mut()).map_err(|e| unwritable(target, e))?;
    fresh
        .write_all(appended)
        .map_err(|e| unwritable(target, e))?;
    fresh
        .as_file()
        .set_permissions(metadata.permissions())
        .map_err(|e| unwritable(target, e))?;
    fresh
        .as_file()
        .sync_all()
        .map_err(|e| unwritable(target, e))?;
    drop(original);
    if copied != seen.length || Seen::of(source)? != *seen {
        return Err(Error::new(Code::DocumentChangedOnDisk).with("file", source.display()));
    }
    fresh
        .persist(target)
        .map_err(|e| unwritable(target, e.error))?;
    sync_folder(target)
}

fn folder(path: &Path) -> &Path {
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    }
}

/// The rename itself must survive a power cut; Windows has no such call and needs none.
fn sync_folder(path: &Path) -> Result<()> {
    if cfg!(unix) {
        File::open(folder(path))
            .and_then(|f| f.sync_all())
            .map_err(|e| unwritable(path, e))?;
    }
    Ok(())
}

pub(crate) fn unreadable(path: &Path, cause: io::Error) -> Error {
    Error::caused(Code::FileUnreadable, cause).with("file", path.display())
}

fn unwritable(path: &Path, cause: io::Error) -> Error {
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

#[cfg(test)]
mod tests {
    use super::{Seen, append};
    use crate::error::Code;

    #[test]
    fn in_place_keeps_the_prefix_and_leaves_nothing_beside_it() {
        let folder = tempfile::tempdir().expect("folder");
        let path = folder.path().join("Chỉ thị #1.pdf");
        std::fs::write(&path, b"old").expect("write");
        append(&path, &Seen::of(&path).expect("seen"), b" new", &path).expect("append");
        assert_eq!(std::fs::read(&path).expect("read"), b"old new");
        assert_eq!(
            std::fs::read_dir(folder.path()).expect("list").count(),
            1,
            "no temporary file is left"
        );
    }

    #[test]
    fn a_file_written_by_somebody_else_is_not_replaced() {
        let folder = tempfile::tempdir().expect("folder");
        let path = folder.path().join("a.pdf");
        std::fs::write(&path, b"old").expect("write");
        let seen = Seen::of(&path).expect("seen");
        std::fs::write(&path, b"somebody else's").expect("write");
        let error = append(&path, &seen, b" new", &path).expect_err("changed");
        assert_eq!(error.code, Code::DocumentChangedOnDisk);
        assert_eq!(std::fs::read(&path).expect("read"), b"somebody else's");
        assert_eq!(
            std::fs::read_dir(folder.path()).expect("list").count(),
            1,
            "no temporary file is left"
        );
    }
}
