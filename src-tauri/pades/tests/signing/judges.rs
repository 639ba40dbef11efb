//! What programs of other people say about a file: pyHanko, poppler's pdfsig, qpdf.

use std::{
    path::{Path, PathBuf},
    process::Command,
};

use serde_json::Value;

use crate::pki::{Pki, run, workspace};

/// pyHanko's verdict on each signature, oldest first.
pub(crate) fn pyhanko(pki: &Pki, file: &Path) -> Vec<Value> {
    pyhanko_all(pki, &[file.to_path_buf()])
}

/// The same of several files, in one process.
pub(crate) fn pyhanko_all(pki: &Pki, files: &[PathBuf]) -> Vec<Value> {
    let mut options = Vec::new();
    // The names of hybrid files say so: pyHanko judges them only when asked to be lenient.
    let hybrid = |file: &PathBuf| {
        let name = file.file_name().unwrap_or_default();
        name.to_string_lossy().starts_with("hybrid")
    };
    if files.iter().any(hybrid) {
        options.push("--lenient");
    }
    judge(pki, "pyhanko_verify.py", files, &options)
}

/// pyHanko's verdict on a long-term level: the store first, then each signature.
pub(crate) fn ltv(pki: &Pki, file: &Path, level: &str) -> Vec<Value> {
    ltv_all(pki, &[file.to_path_buf()], level)
}

/// The same of several files, in one process.
pub(crate) fn ltv_all(pki: &Pki, files: &[PathBuf], level: &str) -> Vec<Value> {
    judge(pki, "pyhanko_ltv.py", files, &["--level", level])
}

fn judge(pki: &Pki, script: &str, files: &[PathBuf], options: &[&str]) -> Vec<Value> {
    let mut command = Command::new(python());
    command.arg(workspace().join("tests/judges").join(script));
    command.args(files).args(options);
    run(command.arg("--trust").arg(pki.path("root.pem")))
        .lines()
        .map(|line| serde_json::from_str(line).expect("a JSON object a line"))
        .collect()
}

/// The interpreter pyHanko is installed for.
pub(crate) fn python() -> PathBuf {
    let python = std::env::var_os("ANTIN_JUDGES").map_or_else(
        || workspace().join("target/judges/bin/python"),
        PathBuf::from,
    );
    assert!(
        python.exists(),
        "{} is missing; `cargo xtask judges` makes it",
        python.display()
    );
    python
}

/// Asserts that a verdict says all is well, and how much of the file is covered by what modification level.
#[track_caller]
pub(crate) fn assert_good(verdict: &Value, field: &str, coverage: &str, modification: &str) {
    assert_eq!(verdict["errors"], serde_json::json!([]), "{verdict}");
    assert_eq!(verdict["field"], field, "{verdict}");
    for key in ["intact", "valid", "trusted", "docmdp_ok", "bottom_line"] {
        assert_eq!(verdict[key], true, "{key} in {verdict}");
    }
    assert_eq!(verdict["coverage"], coverage, "{verdict}");
    assert_eq!(verdict["modification_level"], modification, "{verdict}");
}

/// pdfsig's verdicts: every signature valid, the last over the whole file. Certificates are pyHanko's business.
#[track_caller]
pub(crate) fn pdfsig(file: &Path, signatures: usize) {
    let said = pdfsig_valid(file, signatures);
    assert_eq!(
        said.matches("ETSI.CAdES.detached").count(),
        signatures,
        "{said}"
    );
}

/// As [`pdfsig`], whoever made the signatures.
#[track_caller]
pub(crate) fn pdfsig_valid(file: &Path, signatures: usize) -> String {
    let said = run(Command::new("pdfsig")
        .args(["-nocert", "-no-ocsp"])
        .arg(file)
        .env("LC_ALL", "C"));
    assert_eq!(
        said.matches("Signature Validation: Signature is Valid.")
            .count(),
        signatures,
        "{said}"
    );
    // Empty signature fields are listed too.
    let last = said
        .split("Signature #")
        .filter(|part| part.contains("Signature Validation"))
        .last()
        .unwrap_or("");
    assert!(last.contains("Total document signed"), "{said}");
    said
}

/// pdfsig of poppler 22 says of a document time-stamp only that it does not know its kind.
#[track_caller]
pub(crate) fn pdfsig_says_nothing_bad(file: &Path, signatures: usize) {
    pdfsig_says(file, signatures, 0);
}

/// So many are good, and so many bad.
#[track_caller]
pub(crate) fn pdfsig_says(file: &Path, good: usize, bad: usize) {
    let said = run(Command::new("pdfsig")
        .args(["-nocert", "-no-ocsp"])
        .arg(file)
        .env("LC_ALL", "C"));
    let count = |what: &str| {
        said.matches(&format!("Signature Validation: {what}"))
            .count()
    };
    assert_eq!(count("Signature is Valid."), good, "{said}");
    assert_eq!(count("Signature is Invalid."), bad, "{said}");
}

/// qpdf finds nothing wrong with the structure.
pub(crate) fn qpdf(file: &Path) {
    let said = run(Command::new("qpdf").arg("--check").arg(file));
    assert!(
        said.contains("No syntax or stream encoding errors"),
        "{said}"
    );
}
