use std::{
    fs,
    io::{BufRead, BufReader},
    path::Path,
    process::{Child, Command, Stdio},
};

use antin_records::{DocumentType, LetterId, contract::NumberRequest};
use antin_testkit::Role;
use time::macros::date;

use super::fixture::{NOW, client_at, config, manifest, pki, send, signed_letter, upload};

/// The program itself, as a province would run it.
struct Program {
    child: Child,
    address: String,
}

impl Program {
    fn start(dir: &Path) -> Self {
        fs::write(
            dir.join("agencies.json"),
            serde_json::to_vec(&config()).unwrap(),
        )
        .unwrap();
        let signer = pki().leaf(Role::Receipts).unwrap();
        let mut child = Command::new(env!("CARGO_BIN_EXE_antin-province"))
            .arg("--dir")
            .arg(dir)
            .arg("--signer-key")
            .arg(signer.key().path())
            .arg("--signer-cert")
            .arg(signer.path())
            .arg("--trust")
            .arg(pki().chain_path())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap())
            .read_line(&mut line)
            .unwrap();
        let address = line
            .trim()
            .strip_prefix("listening ")
            .unwrap_or_else(|| panic!("{line:?}"))
            .to_owned();
        Self { child, address }
    }

    fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn killed_at_any_moment_it_keeps_what_it_answered_for() {
    let dir = tempfile::tempdir().unwrap();
    let letter = LetterId::mint(NOW);
    let plans = NumberRequest {
        agency: "H57".parse().unwrap(),
        document_type: DocumentType::Plan,
        normative: false,
        year: 2026,
        date: date!(2026 - 11 - 24),
    };
    let mut sent = Vec::new();
    for number in 1..=5 {
        let province = Program::start(dir.path());
        let office = client_at(&province.address, "H57");
        for (dispatch, receipt) in &sent {
            let view = office.probe(*dispatch).unwrap().unwrap();
            assert_eq!(
                &view.receipt.0, receipt,
                "the receipt is the same after a restart"
            );
        }
        assert_eq!(
            office.number(letter, &plans).unwrap().number,
            1,
            "asked by every process, given once"
        );
        let (frozen, receipt) = send(&office, number);
        sent.push((
            antin_records::DispatchManifest::parse(&frozen.bytes)
                .unwrap()
                .dispatch_id,
            receipt,
        ));
        province.kill();
    }
    let province = Program::start(dir.path());
    assert_eq!(
        client_at(&province.address, "H57.02")
            .changes(None)
            .unwrap()
            .items
            .len(),
        5
    );
}

#[cfg(unix)]
#[test]
fn sigterm_ends_it_in_peace() {
    let dir = tempfile::tempdir().unwrap();
    let mut province = Program::start(dir.path());
    let office = client_at(&province.address, "H57");
    upload(&office, signed_letter());
    let pid = province.child.id().to_string();
    assert!(
        Command::new("sh")
            .args(["-c", &format!("kill -TERM {pid}")])
            .status()
            .unwrap()
            .success()
    );
    assert!(province.child.wait().unwrap().success());
    drop(province);
    let province = Program::start(dir.path());
    let manifest = manifest(signed_letter(), 1);
    let outcome = client_at(&province.address, "H57")
        .submit(manifest.dispatch_id, &manifest.freeze().unwrap().bytes);
    assert!(
        !outcome.unwrap().repeated,
        "what was uploaded is still there"
    );
}
