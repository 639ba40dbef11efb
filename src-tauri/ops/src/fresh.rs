//! A new file, written as a whole: no reader ever sees half of it.

use crate::{
    error::Result,
    replace::{self, unwritable},
};
use std::{io::Write, path::Path};

/// Writes `bytes` to `target`, in place of what was there.
///
/// # Errors
/// [`crate::error::Code::DiskFull`], [`crate::error::Code::FileUnwritable`]; `target` is then what it was before.
pub(crate) fn write(target: &Path, bytes: &[u8]) -> Result<()> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(".antin-").suffix(".part");
    // Others may read it as any file that a program writes; a temporary one is for its owner alone.
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    let written = builder
        .tempfile_in(replace::folder(target))
        .and_then(|mut file| file.write_all(bytes).map(|()| file))
        .and_then(|file| file.as_file().sync_all().map(|()| file))
        .and_then(|file| file.persist(target).map_err(|e| e.error));
    written.map(drop).map_err(|e| unwritable(target, e))
}

/// Makes a folder that results go to.
///
/// # Errors
/// [`crate::error::Code::FileUnwritable`].
pub(crate) fn folder(path: &Path) -> Result<()> {
    std::fs::create_dir_all(path).map_err(|e| unwritable(path, e))
}
