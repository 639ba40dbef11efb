//! What programs of other people say: pyHanko, poppler, qpdf, OpenSSL.

use std::path::{Path, PathBuf};
use std::process::Command;

use antin_testkit::Pki;
use serde_json::{Value, json};

use crate::fixture::{root, run};

/// pyHanko's verdict on each signature, oldest first.
#[track_caller]
pub(crate) fn pyhanko(pki: &Pki, file: &Path) -> Vec<Value> {
    let python = std::env::var_os("ANTIN_JUDGES")
        .map_or_else(|| root().join("target/judges/bin/python"), PathBuf::from);
    assert!(
        python.exists(),
        "{} is missing; `cargo xtask judges` makes it",
        python.display()
    );
    let said = run(Command::new(python)
        .arg(root().join("tests/judges/pyhanko_verify.py"))
        .arg(file)
        .arg("--trust")
        .arg(pki.root().path())
        .arg("--other")
        .arg(pki.sub().path()));
    let parse = |line| serde_json::from_str(line).unwrap_or_else(|e| panic!("{e}: {line}"));
    said.lines().map(parse).collect()
}

/// Asserts that pyHanko calls a signature good, time-stamp and all.
#[track_caller]
pub(crate) fn assert_good(verdict: &Value, field: &str, coverage: &str, modification: &str) {
    assert_eq!(verdict["errors"], json!([]), "{verdict}");
    assert_eq!(verdict["field"], field, "{verdict}");
    for key in [
        "intact",
        "valid",
        "trusted",
        "docmdp_ok",
        "bottom_line",
        "timestamp_valid",
    ] {
        assert_eq!(verdict[key], true, "{key} in {verdict}");
    }
    assert_eq!(verdict["coverage"], coverage, "{verdict}");
    assert_eq!(verdict["modification_level"], modification, "{verdict}");
}

/// pdfsig's verdicts: every signature valid, the last over the whole file. Certificates are pyHanko's business.
#[track_caller]
pub(crate) fn pdfsig(file: &Path, signatures: usize) {
    let said = run(Command::new("pdfsig")
        .args(["-nocert", "-no-ocsp"])
        .arg(file)
        .env("LC_ALL", "C"));
    let valid = said
        .matches("Signature Validation: Signature is Valid.")
        .count();
    assert_eq!(valid, signatures, "{said}");
    // Signature fields that still wait are listed too.
    let judged = |part: &&str| part.contains("Signature Validation");
    let last = said.split("Signature #").filter(judged).last();
    assert!(
        last.is_some_and(|part| part.contains("Total document signed")),
        "{said}"
    );
}

/// qpdf finds nothing wrong with the structure.
#[track_caller]
pub(crate) fn qpdf(file: &Path) {
    let said = run(Command::new("qpdf").arg("--check").arg(file));
    assert!(
        said.contains("No syntax or stream encoding errors"),
        "{said}"
    );
    assert!(!said.contains("WARNING"), "{said}");
}

/// What poppler reads on the pages, in their layout, with single spaces.
#[track_caller]
pub(crate) fn page_text(file: &Path) -> String {
    let said = run(Command::new("pdftotext")
        .args(["-layout"])
        .arg(file)
        .arg("-"));
    said.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// OpenSSL verifies a receipt under the root and hands back the statement inside.
#[track_caller]
pub(crate) fn openssl_statement(pki: &Path, receipt: &Path) -> Value {
    let said = run(Command::new("openssl")
        .args(["cms", "-verify", "-binary", "-inform", "DER", "-in"])
        .arg(receipt)
        .arg("-CAfile")
        .arg(pki.join("chain.pem")));
    let end = said.rfind('}').unwrap_or_else(|| panic!("{said}"));
    assert!(
        said[end..].contains("CMS Verification successful"),
        "{said}"
    );
    serde_json::from_str(&said[..=end]).unwrap_or_else(|e| panic!("{e}: {said}"))
}
