//! `antin verify` over many files and folders, on one page and in pictures; poppler and qpdf judge the page.
#![cfg(unix)]
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::print_stderr,
    reason = "a test fails by panicking and says what it skips"
)]

use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;

fn antin(words: &[&str], paths: &[&Path]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_antin"));
    command.args(words).args(paths).env_remove("ANTIN_OFFICE");
    command.env("ANTIN_LANG", "vi").output().unwrap()
}

fn text(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

fn rows(output: &Output) -> Vec<Value> {
    let text = text(output);
    text.lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

fn tool(name: &str, words: &[&str], file: &Path) -> String {
    let output = Command::new(name).args(words).arg(file).output().unwrap();
    assert!(
        output.status.success(),
        "{name}: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    // Titles of headings come as they stand in the file, in UTF-16.
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// An unsigned letter of the repository.
fn draft() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/letter/cong-van.pdf")
}

/// Signed files from elsewhere; they lie beside the workspace and are not part of it.
fn corpus(folder: &str) -> Option<PathBuf> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../../shared/corpora/pdf-signed")
        .join(folder);
    if path.is_dir() {
        return Some(path);
    }
    eprintln!(
        "SKIPPED, NOTHING CHECKED: the corpora are absent ({})",
        path.display()
    );
    None
}

#[test]
fn folders_are_walked_and_a_file_that_cannot_be_read_stops_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let inner = folder.path().join("inner");
    fs::create_dir(&inner).unwrap();
    fs::copy(draft(), inner.join("Công văn.PDF")).unwrap();
    fs::write(folder.path().join("a\u{1b}[2J.pdf"), b"PK no PDF").unwrap();
    fs::write(folder.path().join("note.txt"), b"not looked at").unwrap();
    symlink("..", inner.join("loop")).unwrap();
    symlink("nowhere", inner.join("z.pdf")).unwrap();

    let output = antin(&["--json", "verify", "--offline"], &[folder.path()]);
    let rows = rows(&output);
    let names: Vec<&str> = rows
        .iter()
        .map(|row| row["file"].as_str().unwrap())
        .collect();
    assert_eq!(rows.len(), 3, "{names:?}");
    assert!(
        names[1].ends_with("Công văn.PDF"),
        "in the order of their names: {names:?}"
    );
    assert_eq!(rows[1]["word"], "unsigned");
    assert_eq!(rows[2]["word"], "refused");
    assert_eq!(rows[2]["error"]["code"], "FileUnreadable");
    assert_eq!(
        output.status.code(),
        Some(4),
        "what could not be examined is graver than unsigned"
    );
    assert!(output.stderr.is_empty(), "no progress for a program");

    let output = antin(&["verify", "--offline"], &[folder.path()]);
    let said = text(&output);
    assert!(
        !said.contains('\u{1b}'),
        "no colour in a pipe, and none from a file's name: {said}"
    );
    let table = said.split("Tổng hợp 3 tệp").nth(1).unwrap();
    let (refused, unsigned) = (
        table.find("Không kiểm tra được").unwrap(),
        table.find("Không có chữ ký").unwrap(),
    );
    assert!(refused < unsigned, "the gravest first: {table}");
    assert!(output.stderr.is_empty(), "no progress where nobody looks");

    let empty = tempfile::tempdir().unwrap();
    assert_eq!(
        antin(&["verify"], &[empty.path()]).status.code(),
        Some(4),
        "nothing was examined"
    );
}

#[test]
fn the_page_for_the_file_can_be_read_by_people_and_by_screen_readers() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("new/report.pdf");
    let at = [
        "verify",
        "--offline",
        "--at",
        "2026-11-24T09:00:00+07:00",
        "--report",
        out.to_str().unwrap(),
    ];
    assert_eq!(antin(&at, &[&draft()]).status.code(), Some(3));
    let first = fs::read(&out).unwrap();
    tool("qpdf", &["--check"], &out);
    let info = tool("pdfinfo", &[], &out);
    for fact in [
        "Tagged:          yes",
        "Pages:           1\n",
        "(A4)",
        "Title:           Kết quả kiểm tra",
    ] {
        assert!(info.contains(fact), "{fact}: {info}");
    }
    let fonts = tool("pdffonts", &[], &out);
    assert!(
        fonts
            .lines()
            .skip(2)
            .all(|font| font.contains("yes yes yes")),
        "embedded, subset, Unicode: {fonts}"
    );
    let order = tool("pdfinfo", &["-struct-text"], &out);
    let mut rest = order.as_str();
    let hash = tool("sha256sum", &[], &draft());
    for words in [
        "H1",
        "Văn bản không có chữ ký số.",
        "cong-van.pdf",
        "SHA-256",
        &hash[..64],
        "Căn cứ kiểm tra",
        "09:00:00 24/11/2026",
    ] {
        let at = rest
            .find(words)
            .unwrap_or_else(|| panic!("{words} is missing or out of order: {order}"));
        rest = &rest[at..];
    }

    antin(&at, &[&draft()]);
    assert!(
        fs::read(&out).unwrap() == first,
        "the same judgement gives the same page"
    );
    let english = [&["--lang", "en"], &at[..]].concat();
    antin(&english, &[&draft()]);
    assert!(
        tool("pdftotext", &["-layout"], &out).is_empty(),
        "poppler writes beside the file"
    );
    let words = fs::read_to_string(out.with_extension("txt")).unwrap();
    assert!(
        words.contains("Result of checking the digital signatures"),
        "{words}"
    );
}

#[test]
fn however_many_signatures_it_is_one_page() {
    let Some(files) = corpus("multi-signature") else {
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let words = [
        "--json",
        "verify",
        "--offline",
        "--report",
        folder.path().to_str().unwrap(),
    ];
    let rows = rows(&antin(&words, &[&files]));
    let reports: Vec<PathBuf> = fs::read_dir(&folder)
        .unwrap()
        .map(|e| e.unwrap().path())
        .collect();
    assert_eq!(reports.len(), rows.len(), "a page for each file");
    for report in reports {
        let info = tool("pdfinfo", &[], &report);
        assert!(
            info.contains("Pages:           1\n"),
            "{}: {info}",
            report.display()
        );
    }
}

#[test]
fn what_changed_after_signing_is_framed_and_what_did_not_is_not_drawn() {
    let Some(files) = corpus("attack-shadow") else {
        return;
    };
    let attack = files.join("dss--modified_after_signature.pdf");
    let folder = tempfile::tempdir().unwrap();
    let words = [
        "--json",
        "verify",
        "--offline",
        "--diff",
        folder.path().to_str().unwrap(),
    ];
    let output = antin(&words, &[&attack]);
    assert_eq!(output.status.code(), Some(1));
    let row = rows(&output).remove(0);
    let comparison = &row["comparison"][0];
    assert_eq!(comparison["outcome"], "compared");
    let page = &comparison["pages"][0];
    assert_eq!(
        (&page["page"], &page["change"]),
        (&Value::from(0), &Value::from("changed"))
    );
    let boxes = page["boxes"].as_array().unwrap();
    // The line that was put under the subject stands 511 points above the bottom.
    let added = boxes
        .iter()
        .any(|b| (b[1].as_f64().unwrap() - 511.0).abs() < 3.0);
    assert!(added, "{boxes:?}");
    let pictures: Vec<PathBuf> = fs::read_dir(&folder)
        .unwrap()
        .map(|e| e.unwrap().path())
        .collect();
    let named = folder.path().join(page["picture"].as_str().unwrap());
    assert_eq!(pictures, [named], "one page differs, one picture");
    assert!(pictures[0].ends_with("dss--modified_after_signature-Signature1-trang-1.png"));
    assert!(fs::read(&pictures[0]).unwrap().starts_with(b"\x89PNG"));
}
