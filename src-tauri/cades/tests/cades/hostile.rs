//! Structures made to cost more than their size.

use antin_cades::{Check, Content, SignerReport, Structure, verify_signed_data};
use antin_pkix::asn1::{tag, write};

const SIGNED_DATA: &[u8] = b"\x2a\x86\x48\x86\xf7\x0d\x01\x07\x02";
const TST_INFO: &[u8] = b"\x2a\x86\x48\x86\xf7\x0d\x01\x09\x10\x01\x04";
const TOKEN: &[u8] = b"\x2a\x86\x48\x86\xf7\x0d\x01\x09\x10\x02\x0e";
const SHA256: &[u8] = b"\x60\x86\x48\x01\x65\x03\x04\x02\x01";
const RSA: &[u8] = b"\x2a\x86\x48\x86\xf7\x0d\x01\x01\x01";

fn der(tag: u8, parts: &[Vec<u8>]) -> Vec<u8> {
    let mut out = Vec::new();
    write(tag, &parts.concat(), &mut out);
    out
}

fn oid(value: &[u8]) -> Vec<u8> {
    der(tag::OID, &[value.to_vec()])
}

/// A signer without signed attributes, with these tokens over its signature.
fn signer(tokens: &[Vec<u8>]) -> Vec<u8> {
    let attribute = der(
        tag::SEQUENCE,
        &[oid(TOKEN), der(tag::SET, &[tokens.concat()])],
    );
    der(
        tag::SEQUENCE,
        &[
            der(tag::INTEGER, &[vec![3]]),
            der(0x80, &[b"key".to_vec()]),
            der(tag::SEQUENCE, &[oid(SHA256)]),
            der(tag::SEQUENCE, &[oid(RSA)]),
            der(tag::OCTET_STRING, &[vec![0; 8]]),
            der(0xa1, &[attribute]),
        ],
    )
}

fn signed_data(signers: &[Vec<u8>]) -> Vec<u8> {
    let content = der(0xa0, &[der(tag::OCTET_STRING, &[vec![1]])]);
    let data = der(
        tag::SEQUENCE,
        &[
            der(tag::INTEGER, &[vec![3]]),
            der(tag::SET, &[]),
            der(tag::SEQUENCE, &[oid(TST_INFO), content]),
            der(tag::SET, signers),
        ],
    );
    der(tag::SEQUENCE, &[oid(SIGNED_DATA), der(0xa0, &[data])])
}

fn depth(signer: &SignerReport) -> usize {
    let below = signer
        .timestamps
        .iter()
        .flat_map(|one| &one.signed_data.signers);
    1 + below.map(depth).max().unwrap_or(0)
}

#[test]
fn tokens_inside_tokens_end() {
    let mut cms = signed_data(&[signer(&[])]);
    for _ in 0..2000 {
        cms = signed_data(&[signer(&[cms])]);
    }
    let report = verify_signed_data(&cms, Content::Attached);
    assert_eq!(report.structure, Structure::WellFormed);
    let found = depth(&report.signers[0]);
    assert!((2..=4).contains(&found), "examined {found} deep");
}

#[test]
fn tokens_beside_tokens_end() {
    let token = signed_data(&[signer(&[])]);
    let tokens = vec![token; 30];
    let signers = vec![signer(&tokens); 16];
    let report = verify_signed_data(&signed_data(&signers), Content::Attached);
    let examined: usize = report.signers.iter().map(|one| one.timestamps.len()).sum();
    assert!((1..=8).contains(&examined), "{examined} examined");
    let passed = report
        .signers
        .iter()
        .any(|one| one.signature == Check::Passed);
    assert!(!passed, "there is no certificate");
}
