//! Every file of the corpora, when they are beside the repository: an answer or a typed error, and no panic.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write;
use std::path::{Path, PathBuf};

use antin_pdf::{Damage, Document, Error};

use crate::support;

/// Files that other readers open without complaint and this one refuses, each for what it is named after.
const REFUSED: [&str; 10] = [
    "pdf.js--boundingBox_invalid.pdf",
    "pdfium--bad_annots_entry.pdf",
    "pdfium--viewer_pref_types.pdf",
    "pyhanko--form-tree-circular-ref-input.pdf",
    "pyhanko--no-mediabox.pdf",
    "qpdf--bad-xref.pdf",
    "qpdf--form-errors.pdf",
    "qpdf--issue-449.pdf",
    "qpdf--leading-junk.pdf",
    "qpdf--page-no-content.pdf",
];
/// Files whose page tree has fewer pages than `/Count`, which poppler believes.
const COUNTED_OTHERWISE: [&str; 1] = ["pdfium--unsupported_feature.pdf"];

/// The folder, or a loud skip.
fn corpora() -> Option<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/corpora");
    if folder.join("MANIFEST.tsv").is_file() {
        return Some(folder);
    }
    // Past the capture of `cargo test`, which swallows what print macros of a passing test say.
    let _ = writeln!(
        std::io::stderr(),
        "SKIPPED: no corpora at {}",
        folder.display()
    );
    None
}

fn examine(path: &Path) -> Result<usize, Error> {
    let document = Document::open(path)?;
    for index in 0..document.revisions().len() {
        document.at_revision(index)?;
        // An object that no page needs may be damaged in a file that opens.
        let _ = document.unclaimed(index);
    }
    let count = document.page_count()?;
    for index in [0, count / 2, count.saturating_sub(1)] {
        if index < count {
            document.page(index)?;
        }
    }
    document.fields()?;
    assert_eq!(
        document.page_ids()?.len(),
        count,
        "{}: counted and walked",
        path.display()
    );
    Ok(count)
}

#[test]
fn every_file_is_an_answer_or_an_error() {
    let Some(folder) = corpora() else { return };
    let manifest = std::fs::read_to_string(folder.join("MANIFEST.tsv")).unwrap();
    let mut refused = BTreeSet::new();
    let mut otherwise = BTreeSet::new();
    let mut examined = BTreeMap::new();
    for line in manifest.lines().skip(1) {
        let row: Vec<&str> = line.split('\t').collect();
        let (path, expected, qpdf, pdfinfo) = (row[0], row[8], row[16], row[17]);
        if !path.to_ascii_lowercase().ends_with(".pdf") {
            continue;
        }
        let name = path.rsplit('/').next().unwrap_or(path);
        let result = examine(&folder.join(path));
        let parser = path.starts_with("pdf-parser/");
        match &result {
            Err(_) if parser && expected == "opens" && qpdf.contains("check: ok") => {
                refused.insert(name.to_owned());
            }
            Ok(pages)
                if parser
                    && !pdfinfo.ends_with(&format!("pages={pages}"))
                    && pdfinfo.contains("pages=") =>
            {
                otherwise.insert(name.to_owned());
            }
            _ => {}
        }
        *examined.entry(result.is_ok()).or_insert(0) += 1;
    }
    println!(
        "opened {:?}, refused {:?}",
        examined.get(&true),
        examined.get(&false)
    );
    assert_eq!(
        refused,
        REFUSED.map(str::to_owned).into(),
        "exactly these are refused"
    );
    assert_eq!(
        otherwise,
        COUNTED_OTHERWISE.map(str::to_owned).into(),
        "exactly these count otherwise"
    );
}

#[test]
fn qpdf_counts_the_same_pages() {
    let Some(folder) = corpora() else { return };
    let manifest = std::fs::read_to_string(folder.join("MANIFEST.tsv")).unwrap();
    let signed = manifest
        .lines()
        .filter_map(|line| line.split('\t').next())
        .filter(|path| path.starts_with("pdf-signed/"));
    let mut compared = 0;
    for path in signed.filter(|path| path.ends_with(".pdf")).step_by(20) {
        let path = folder.join(path);
        if let Ok(document) = Document::open(&path) {
            assert_eq!(
                document.page_count().ok(),
                support::pages_by_qpdf(&path),
                "{}",
                path.display()
            );
            compared += 1;
        }
    }
    assert!(compared > 10, "only {compared} compared");
}

/// Encrypted files are either told from others by name, or every object of theirs reads.
#[test]
fn encrypted_files_are_read_to_the_last_object() {
    let Some(folder) = corpora() else { return };
    let manifest = std::fs::read_to_string(folder.join("MANIFEST.tsv")).unwrap();
    let (mut opened, mut objects, mut unread) = (0, 0, BTreeSet::new());
    for path in manifest
        .lines()
        .skip(1)
        .filter_map(|line| line.split('\t').next())
    {
        let Ok(document) = Document::open(&folder.join(path)) else {
            continue;
        };
        if document.permissions().is_none() {
            continue;
        }
        opened += 1;
        let touched = document
            .revisions()
            .iter()
            .flat_map(|revision| &revision.touched);
        for &id in touched {
            objects += 1;
            let wrong = [Damage::Ciphertext, Damage::Encryption];
            if matches!(document.object(id), Err(Error::Damaged { what, .. }) if wrong.contains(&what))
            {
                unread.insert(format!(
                    "{} {id:?}",
                    path.rsplit('/').next().unwrap_or(path)
                ));
            }
        }
    }
    println!("{opened} opened, {objects} objects read");
    assert!(opened >= 25, "only {opened}");
    assert!(unread.is_empty(), "{unread:?}");
}
