//! CMS and time-stamps.

use super::seed::{IMPRINTED, NONCE, holds};
use antin_cades::{
    Content, SignedDataReport, TimeStampToken, accept_timestamp, verify_signed_data,
    verify_timestamp,
};
use antin_pkix::asn1::to_definite;

/// What the seed `signed.cms` is over.
const CONTENT: &[&[u8]] = &[b"fu", b"", b"zz"];

/// A `SignedData`, detached and attached, and the rewriting of BER.
pub fn cms(data: &[u8]) {
    if let Ok((definite, used)) = to_definite(data) {
        assert!(used <= data.len(), "no more is used than there is");
        let again = to_definite(&definite);
        assert!(again.is_ok(), "what is definite can be read: {again:?}");
        assert_eq!(
            again.ok(),
            Some((definite.clone(), definite.len())),
            "and is left alone"
        );
    }
    consistent(&verify_signed_data(data, Content::Detached(CONTENT)));
    consistent(&verify_signed_data(data, Content::Attached));
}

fn consistent(report: &SignedDataReport) {
    for signer in &report.signers {
        let _ = signer.is_unsupported();
        if signer.is_intact() {
            assert!(
                signer.certificate.is_some(),
                "a signature verifies only under a certificate"
            );
            assert!(
                signer.digest_algorithm.is_some(),
                "and only with a known digest"
            );
        }
    }
}

/// A response, and the same bytes as a token.
pub fn tst(data: &[u8]) {
    if let Ok(token) = accept_timestamp(data, IMPRINTED, NONCE) {
        assert!(holds(data, &token.der), "the token is as received");
        let _ = verify_timestamp(&token.der, &[IMPRINTED]);
    }
    if let Ok(token) = TimeStampToken::read(data) {
        assert_eq!(token.der, data, "kept as received");
    }
    let report = verify_timestamp(data, &[IMPRINTED]);
    consistent(&report.signed_data);
    if report.is_intact() {
        let token = report.token.as_ref();
        assert!(token.is_some(), "an intact token can be read");
        assert!(
            token.is_some_and(|token| holds(data, &token.imprint)),
            "and holds the imprint"
        );
    }
}
