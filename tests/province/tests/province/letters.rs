use std::fs;

use antin_exchange::Class;
use antin_testkit::{Pki, Role};

use super::fixture::{
    NOW, client, letter_path, manifest, sign, sign_under, signed_letter, start, upload,
};

/// Offers a letter and returns the code of the refusal, or `accepted`.
fn offer(letter: &[u8]) -> String {
    let dir = tempfile::tempdir().unwrap();
    let server = start(dir.path());
    let office = client(&server, "H57");
    upload(&office, letter);
    let manifest = manifest(letter, 1);
    match office.submit(manifest.dispatch_id, &manifest.freeze().unwrap().bytes) {
        Ok(_) => {
            assert_eq!(
                client(&server, "H57.02").changes(None).unwrap().items.len(),
                1
            );
            "accepted".to_owned()
        }
        Err(failure) => {
            assert_eq!(failure.class, Class::Blocked);
            assert!(
                client(&server, "H57.02")
                    .changes(None)
                    .unwrap()
                    .items
                    .is_empty(),
                "nobody sees a refused letter"
            );
            failure.code
        }
    }
}

#[test]
fn a_signed_letter_passes() {
    assert_eq!(offer(signed_letter()), "accepted");
}

#[test]
fn a_letter_changed_after_signing_does_not_pass() {
    let mut changed = signed_letter().to_vec();
    let place = changed.len() / 2;
    changed[place] ^= 1;
    assert_eq!(offer(&changed), "signature-invalid", "one bit");
    let mut longer = signed_letter().to_vec();
    longer.extend_from_slice(b"% more\n");
    assert_eq!(
        offer(&longer),
        "signature-invalid",
        "bytes that nobody signed"
    );
}

#[test]
fn a_letter_nobody_of_the_province_signed_does_not_pass() {
    assert_eq!(
        offer(&fs::read(letter_path()).unwrap()),
        "signature-invalid",
        "unsigned"
    );
    assert_eq!(
        offer(&sign(Role::Expired)),
        "signature-invalid",
        "by a certificate that has run out"
    );
    let elsewhere = tempfile::tempdir().unwrap();
    let other = Pki::create(elsewhere.path(), "http://127.0.0.1:9", NOW).unwrap();
    assert_eq!(
        offer(&sign_under(&other, Role::Official)),
        "signature-invalid",
        "by another authority's certificate"
    );
}

#[test]
fn what_is_no_pdf_does_not_pass() {
    assert_eq!(offer(b"Not a PDF"), "signature-invalid");
}
