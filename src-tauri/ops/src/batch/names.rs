//! From what was named to the files that are signed.

use super::Named;
use crate::{error::Result, replace::unreadable};
use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
};

/// Files as named, each once however often and by whatever link it is named. A folder stands for the PDFs that lie in it,
/// in the order of their names; not for those in folders within it: a signature more cannot be taken back.
///
/// # Errors
/// [`crate::error::Code::FileUnreadable`] for a folder that cannot be read.
pub fn listed(named: &[PathBuf]) -> Result<Vec<Named>> {
    let mut files = Vec::new();
    for path in named {
        if path.is_dir() {
            files.extend(folder(path)?);
        } else {
            files.push(path.clone());
        }
    }
    let mut known = BTreeSet::new();
    // What cannot be resolved is kept: its own turn says why.
    files.retain(|file| known.insert(file.canonicalize().unwrap_or_else(|_| file.clone())));
    Ok(files.into_iter().map(Named::from).collect())
}

fn folder(folder: &Path) -> Result<Vec<PathBuf>> {
    let entries = std::fs::read_dir(folder).map_err(|e| unreadable(folder, e))?;
    let mut files = Vec::new();
    for entry in entries {
        let path = entry.map_err(|e| unreadable(folder, e))?.path();
        if is_pdf(&path) {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}

/// By its name; a pipe or a device is none.
fn is_pdf(path: &Path) -> bool {
    let named = path
        .extension()
        .is_some_and(|ending| ending.eq_ignore_ascii_case("pdf"));
    named && std::fs::metadata(path).map_or(true, |metadata| metadata.is_file())
}

#[cfg(test)]
mod tests {
    use super::listed;

    #[test]
    fn a_folder_stands_for_its_pdfs_and_a_file_for_itself_once() {
        let folder = tempfile::tempdir().expect("folder");
        let at = |name: &str| folder.path().join(name);
        std::fs::create_dir(at("trong")).expect("folder");
        for name in ["b.pdf", "a.PDF", "thư.docx", "trong/c.pdf", ".antin-x.part"] {
            std::fs::write(at(name), b"").expect("write");
        }
        let named = [
            at("b.pdf"),
            folder.path().to_path_buf(),
            at("./b.pdf"),
            at("không có"),
        ];
        let files = listed(&named).expect("listed");
        let files: Vec<_> = files.into_iter().map(|file| file.path).collect();
        assert_eq!(files, [at("b.pdf"), at("a.PDF"), at("không có")]);
    }
}
