//! Owner, group and extended attributes (access lists and labels are among them) go over to the new file.
//!
//! What the system refuses is left out: only the superuser gives files away, and not every attribute may be written by
//! everyone. The content matters more.

use rustix::fs::{Gid, Uid, XattrFlags, fchown, fgetxattr, flistxattr, fsetxattr};
use std::{fs::File, os::unix::fs::MetadataExt};

/// Linux allows names of 64 KiB altogether, and as much for each value.
const LIMIT: usize = 64 << 10;

pub(super) fn copy(from: &File, to: &File) {
    if let (Ok(old), Ok(new)) = (from.metadata(), to.metadata()) {
        if old.gid() != new.gid() {
            let _ = fchown(to, None, Some(Gid::from_raw(old.gid())));
        }
        if old.uid() != new.uid() {
            let _ = fchown(to, Some(Uid::from_raw(old.uid())), None);
        }
    }
    let mut names = vec![0; LIMIT];
    let Ok(length) = flistxattr(from, names.as_mut_slice()) else {
        return;
    };
    let mut value = vec![0; LIMIT];
    let names = names.get(..length).unwrap_or_default();
    for name in names
        .split(|byte| *byte == 0)
        .filter(|name| !name.is_empty())
    {
        let Ok(length) = fgetxattr(from, name, value.as_mut_slice()) else {
            continue;
        };
        let value = value.get(..length).unwrap_or_default();
        if let Err(error) = fsetxattr(to, name, value, XattrFlags::empty()) {
            tracing::debug!(%error, "an extended attribute was not kept");
        }
    }
}
