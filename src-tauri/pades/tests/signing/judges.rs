//! What programs of other people say about a file: pyHanko, poppler's pdfsig, qpdf.

use std::{
    path::{Path, PathBuf},
    process::Command,
};

use serde_json::Value;

use crate::pki::{Pki, run, workspace};

/// pyHanko's verdict on each signature, oldest first.
pub(crate) fn pyhanko(pki: &Pki, file: &Path) -> Vec<Value> {
    let mut command = Command::new(python());
    command
        .arg(workspace().join("tests/judges/pyhanko_verify.py"))
        .arg(file);
    command.arg("--trust").arg(pki.path("root.pem"));
    // The names of hybrid files say so: pyHanko judges them only when asked to be lenient.
    if file
        .file_name()
        .is_some_and(|name| name.to_string_lossy().starts_with("hybrid"))
    {
        command.arg("--lenient");
    }
    run(&mut command)
        .lines()
        .map(|line| serde_json::from_str(line).expect("a JSON object a line"))
        .collect()
}

/// pyHanko's verdict on a long-term level: the store first, then each signature.
pub(crate) fn ltv(pki: &Pki, file: &Path, level: &str) -> Vec<Value> {
    let mut command = Command::new(python());
    command
        .arg(workspace().join("tests/judges/pyhanko_ltv.py"))
        .arg(file)
        .args(["--level", level, "--trust"])
        .arg(pki.path("root.pem"));
    run(&mut command)
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

/// qpdf finds nothing wrong with the structure.
pub(crate) fn qpdf(file: &Path) {
    let said = run(Command::new("qpdf").arg("--check").arg(file));
    assert!(
        said.contains("No syntax or stream encoding errors"),
        "{said}"
    );
}
