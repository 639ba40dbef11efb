use std::{fs, process::Command};

use antin_records::{ReceiptStatement, Sha256Digest, receipt::statement_matches};

use super::fixture::{NOW, client, pki, send, start, statement};

#[test]
fn openssl_verifies_a_receipt_and_finds_the_statement_in_it() {
    let dir = tempfile::tempdir().unwrap();
    let server = start(dir.path());
    let (frozen, receipt) = send(&client(&server, "H57"), 77);
    let file = dir.path().join("receipt.p7m");
    fs::write(&file, &receipt).unwrap();
    let output = Command::new("openssl")
        .args([
            "cms",
            "-verify",
            "-binary",
            "-inform",
            "DER",
            "-purpose",
            "any",
            "-attime",
            &NOW.unix_timestamp().to_string(),
        ])
        .arg("-CAfile")
        .arg(pki().chain_path())
        .arg("-in")
        .arg(&file)
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let said = ReceiptStatement::parse(&output.stdout).unwrap();
    assert_eq!(statement_matches(&said, &frozen), Ok(()));
    assert_eq!(said.event_time, NOW);

    let mut forged = receipt;
    let place = forged
        .windows(4)
        .position(|window| window == b"H57/")
        .unwrap();
    forged[place + 1] = b'6';
    fs::write(&file, &forged).unwrap();
    let output = Command::new("openssl")
        .args([
            "cms",
            "-verify",
            "-noverify",
            "-binary",
            "-inform",
            "DER",
            "-in",
        ])
        .arg(&file)
        .output();
    assert!(!output.unwrap().status.success(), "one letter changed");
}

#[test]
fn the_receipts_of_a_sender_are_one_chain() {
    let dir = tempfile::tempdir().unwrap();
    let server = start(dir.path());
    let office = client(&server, "H57");
    let mut prev = None;
    for number in 1..=4 {
        let (_, receipt) = send(&office, number);
        let said = statement(&receipt);
        assert_eq!(
            (said.chain.as_str(), said.seq, said.prev),
            ("H57/H57", u64::from(number), prev)
        );
        prev = Some(Sha256Digest::of(&receipt));
    }
}

#[test]
fn the_receipts_of_a_dispatch_are_for_its_sender() {
    let dir = tempfile::tempdir().unwrap();
    let server = start(dir.path());
    let (_, receipt) = send(&client(&server, "H57"), 1);
    let dispatch = statement(&receipt).dispatch_id;
    assert_eq!(
        client(&server, "H57").receipts(dispatch).unwrap(),
        [receipt]
    );
    assert_eq!(
        client(&server, "H57.02")
            .receipts(dispatch)
            .unwrap_err()
            .code,
        "not-found"
    );
}
