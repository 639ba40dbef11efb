//! A new file, written as a whole: no reader ever sees half of it.

use crate::error::{Code, Error, Result};
use std::{io, io::Write, path::Path};

/// Writes `bytes` to `target`, in place of what was there.
///
/// # Errors
/// [`Code::DiskFull`], [`Code::FileUnwritable`]; `target` is then what it was before.
pub(crate) fn write(target: &Path, bytes: &[u8]) -> Result<()> {
    let folder = match target.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    };
    let mut builder = tempfile::Builder::new();
    builder.prefix(".antin-").suffix(".part");
    // Others may read it as any file that a program writes; a temporary one is for its owner alone.
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    let written = builder
        .tempfile_in(folder)
        .and_then(|mut file| file.write_all(bytes).map(|()| file))
        .and_then(|file| file.as_file().sync_all().map(|()| file))
        .and_then(|file| file.persist(target).map_err(|e| e.error));
    written.map(drop).map_err(|e| unwritable(target, e))
}

/// Makes a folder that results go to.
///
/// # Errors
/// [`Code::FileUnwritable`].
pub(crate) fn folder(path: &Path) -> Result<()> {
    std::fs::create_dir_all(path).map_err(|e| unwritable(path, e))
}

fn unwritable(path: &Path, cause: io::Error) -> Error {
    let full = matches!(
        cause.kind(),
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded
    );
    let code = if full {
        Code::DiskFull
    } else {
        Code::FileUnwritable
    };
    Error::caused(code, cause).with("file", path.display())
}
