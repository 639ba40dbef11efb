//! From what was named on the command line to the files that are judged.

use antin_ops::error::{Code, Error};
use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

/// Folders within folders; no archive of letters is deeper, and a system's paths end before.
const DEPTH: usize = 64;

/// A file to judge, or a folder that could not be read.
pub(super) enum Found {
    File(PathBuf),
    Unreadable(PathBuf, Error),
}

/// Files as named, folders walked for PDFs in the order of their names. A folder that several links lead to, or that
/// a link leads back to, is walked once.
pub(super) fn walk(named: &[PathBuf]) -> Vec<Found> {
    let mut walk = Walk {
        found: Vec::new(),
        seen: BTreeSet::new(),
    };
    for path in named {
        if path.is_dir() {
            walk.folder(path, DEPTH);
        } else {
            walk.found.push(Found::File(path.clone()));
        }
    }
    walk.found
}

struct Walk {
    found: Vec<Found>,
    seen: BTreeSet<PathBuf>,
}

impl Walk {
    fn folder(&mut self, folder: &Path, depth: usize) {
        let entries = folder.canonicalize().and_then(|real| {
            let new = self.seen.insert(real);
            let entries = if new {
                Some(fs::read_dir(folder)?)
            } else {
                None
            };
            let mut paths = Vec::new();
            for entry in entries.into_iter().flatten() {
                paths.push(entry?.path());
            }
            Ok(paths)
        });
        let mut paths = match entries {
            Ok(paths) => paths,
            Err(cause) => {
                let error =
                    Error::caused(Code::FileUnreadable, cause).with("file", folder.display());
                self.found.push(Found::Unreadable(folder.to_owned(), error));
                return;
            }
        };
        paths.sort();
        for path in paths {
            if path.is_dir() {
                if depth > 0 {
                    self.folder(&path, depth - 1);
                }
            } else if is_pdf(&path) {
                self.found.push(Found::File(path));
            }
        }
    }
}

/// By its name. A link to nothing counts: that it cannot be read is to be said. A pipe or a device does not.
fn is_pdf(path: &Path) -> bool {
    let named = path
        .extension()
        .is_some_and(|ext| ext.eq_ignore_ascii_case("pdf"));
    named && fs::metadata(path).map_or(true, |metadata| metadata.is_file())
}
