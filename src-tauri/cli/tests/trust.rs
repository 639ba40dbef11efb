//! `antin trust show | import`: how old the trust data is, and that it never goes back. (That a newer bundle is taken is
//! `ops/src/bundle/tests.rs`: the key that signs real ones lies nowhere near a test.)
#![cfg(unix)]
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;

fn antin(office: Option<&Path>, words: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_antin"));
    command.env_remove("ANTIN_OFFICE").env("ANTIN_LANG", "vi");
    if let Some(office) = office {
        command.arg("--office").arg(office);
    }
    command.args(words).output().unwrap()
}

fn shipped() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../ops/trust/vgca.bundle")
}

#[test]
fn whoever_asks_is_told_who_is_believed_and_since_when() {
    let output = antin(None, &["trust", "show"]);
    let said = String::from_utf8(output.stdout).unwrap();
    assert!(said.starts_with("Dữ liệu tin cậy: phiên bản "), "{said}");
    assert!(
        said.contains("RootCA chuyên dùng Chính phủ G2 · đến 14/08/2048"),
        "{said}"
    );
    let output = antin(None, &["--json", "trust", "show"]);
    let row: Value = serde_json::from_slice(&output.stdout).unwrap();
    let text = fs::read_to_string(shipped()).unwrap();
    let bundle: Value = serde_json::from_str(text.splitn(3, '\n').nth(2).unwrap()).unwrap();
    assert_eq!(row["trust_data"]["version"], bundle["version"]);
    assert_eq!(row["trust_data"]["issued"], bundle["issued"]);
    assert_eq!(row["trust_data"]["demo"], false);
    assert_eq!(row["authorities"].as_array().unwrap().len(), 2);
}

#[test]
fn nothing_older_nothing_altered_and_nothing_unknown_gets_in() {
    let folder = tempfile::tempdir().unwrap();
    let office = folder.path().join("office");
    fs::create_dir(&office).unwrap();
    let file = folder.path().join("trust data.bundle");
    let refused = |bytes: &[u8], code: &str, word: &str| {
        fs::write(&file, bytes).unwrap();
        let words = ["--json", "trust", "import", file.to_str().unwrap()];
        let output = antin(Some(&office), &words);
        assert_eq!(output.status.code(), Some(1));
        let row: Value = serde_json::from_slice(&output.stdout).unwrap();
        assert_eq!(row["error"]["code"], code, "{row}");
        let what = row["error"]["what"].as_str().unwrap();
        assert!(what.contains(word), "{what}");
        assert!(!office.join("trust.bundle").exists());
    };
    let good = fs::read(shipped()).unwrap();
    refused(&good, "TrustBundleOld", "phiên bản");
    let text = String::from_utf8(good).unwrap();
    let later = text.replace("\"issued\": \"2026", "\"issued\": \"2027");
    refused(later.as_bytes(), "TrustBundleInvalid", "chữ ký không khớp");
    let other = text.replace("antin-trust 1", "antin-trust 2");
    refused(other.as_bytes(), "TrustBundleInvalid", "không đúng dạng");
    refused(b"", "TrustBundleInvalid", "không đúng dạng");
    let windows = text.replace('\n', "\r\n");
    refused(windows.as_bytes(), "TrustBundleInvalid", "không đúng dạng");
}
