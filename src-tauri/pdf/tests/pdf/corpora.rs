//! Every file of the corpora, when they are beside the repository: an answer or a typed error, and no panic.

use std::path::{Path, PathBuf};

use antin_pdf::{Document, Error};

fn files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files(&path, found);
        } else if path
            .extension()
            .is_some_and(|extension| extension.eq_ignore_ascii_case("pdf"))
        {
            found.push(path);
        }
    }
}

fn examine(path: &Path) -> Result<usize, Error> {
    let document = Document::open(path)?;
    for index in 0..document.revisions().len() {
        document.at_revision(index)?;
        let _ = document.unclaimed(index);
    }
    let count = document.page_count()?;
    for index in [0, count / 2, count.saturating_sub(1)] {
        if index < count {
            document.page(index)?;
        }
    }
    document.fields()?;
    Ok(count)
}

#[test]
fn scratch() {
    let mut all = Vec::new();
    files(Path::new("/work/shared/corpora/pdf-parser"), &mut all);
    files(Path::new("/work/shared/corpora/pdf-signed"), &mut all);
    for path in all {
        let start = std::time::Instant::now();
        let result = examine(&path);
        let text = match result {
            Ok(n) => format!("ok {n}"),
            Err(e) => format!("{e:?}"),
        };
        println!(
            "R\t{}\t{}\t{}",
            path.strip_prefix("/work/shared/corpora").unwrap().display(),
            text,
            start.elapsed().as_millis()
        );
    }
}
