//! One binary over third-party corpora: NIST PKITS, x509-limbo, OpenSSL's OCSP responses, Wycheproof.
//!
//! The corpora lie beside the workspace and are not part of it; without them these tests say so and pass.
//! Expected failures are listed exactly: a case that starts to pass must leave its list.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "tests"
)]

mod hostile;
mod paths;
mod signatures;

use std::path::PathBuf;

/// The folder of the corpora, or a loud skip.
pub(crate) fn corpus(part: &str) -> Option<PathBuf> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("../../../shared/corpora")
        .join(part);
    if folder.is_dir() {
        return Some(folder);
    }
    println!(
        "SKIPPED, NOTHING CHECKED: the corpus {} is absent",
        folder.display()
    );
    None
}

pub(crate) fn json(path: &std::path::Path) -> serde_json::Value {
    serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap()
}
