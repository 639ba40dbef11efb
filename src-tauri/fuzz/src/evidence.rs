//! Certificates, paths and revocation: bytes that nobody genuine signed never make anything trusted.

use super::seed::{self, holds};
use antin_pkix::{
    Certificate, Crl, Evidence, OcspResponse, PathReport, TrustStore, Usage, validate_path,
};

/// A certificate as leaf, as help and as anchor.
pub fn certificate(data: &[u8]) {
    for found in Certificate::from_file(data).unwrap_or_default() {
        look(&found);
    }
    let Ok(found) = Certificate::from_der(data) else {
        return;
    };
    assert!(data.starts_with(found.der()), "kept as received");
    look(&found);
    let as_leaf = judge(&found, &[], &seed::trust());
    if as_leaf.leads_to_anchor() {
        let genuine = [seed::ROOT, seed::SUB, seed::LEAF].map(seed::certificate);
        assert!(
            genuine.iter().any(|one| one.tbs() == found.tbs()),
            "only what the authority signed leads to it"
        );
    }
    let leaf = seed::certificate(seed::LEAF);
    let alone = TrustStore {
        anchors: vec![seed::certificate(seed::ROOT)],
        intermediates: Vec::new(),
    };
    if judge(&leaf, std::slice::from_ref(&found), &alone).leads_to_anchor() {
        assert_eq!(
            found.tbs(),
            seed::certificate(seed::SUB).tbs(),
            "only the genuine authority helps"
        );
    }
    let anchored = TrustStore {
        anchors: vec![found.clone()],
        intermediates: vec![seed::certificate(seed::SUB), found],
    };
    let _ = judge(&leaf, &[], &anchored);
}

fn look(found: &Certificate) {
    let _ = (
        found.basic_constraints(),
        found.key_usage(),
        found.extended_key_usage(),
        found.subject_key_identifier(),
        found.authority_key_identifier(),
        found.crl_urls(),
        found.ocsp_urls(),
        found.issuer_urls(),
    );
    let _ = (
        found.subject().to_string(),
        found.issuer().common_name(),
        found.subject().matches(found.issuer()),
        found.serial_hex(),
        found.is_self_issued(),
        found.algorithms_agree(),
    );
    let _ = antin_pkix::ocsp_request(found, found);
}

fn judge(leaf: &Certificate, extra: &[Certificate], trust: &TrustStore) -> PathReport {
    let evidence = Evidence {
        crls: vec![seed::ROOT_LIST.to_vec(), seed::SUB_LIST.to_vec()],
        ocsp: Vec::new(),
    };
    validate_path(leaf, extra, trust, &evidence, seed::now(), Usage::Signing)
}

/// Is the leaf trusted with the seeds' own evidence: its issuer's list, and an answer about it?
pub fn trusted() -> [bool; 2] {
    let of = |crls: &[&[u8]], ocsp: &[&[u8]]| {
        let copy = |list: &[&[u8]]| list.iter().map(|der| der.to_vec()).collect();
        with(&Evidence {
            crls: copy(crls),
            ocsp: copy(ocsp),
        })
        .is_trusted()
    };
    [
        of(&[seed::ROOT_LIST, seed::SUB_LIST], &[]),
        of(&[seed::ROOT_LIST], &[seed::ANSWER]),
    ]
}

/// The leaf's path with this evidence.
fn with(evidence: &Evidence) -> PathReport {
    let leaf = seed::certificate(seed::LEAF);
    validate_path(
        &leaf,
        &[],
        &seed::trust(),
        evidence,
        seed::now(),
        Usage::Signing,
    )
}

/// A revocation list of the leaf's issuer.
pub fn crl(data: &[u8]) {
    let _ = Crl::from_der(data);
    let mut evidence = Evidence {
        crls: vec![seed::ROOT_LIST.to_vec()],
        ocsp: Vec::new(),
    };
    let _ = evidence.clone().add_crl_file(data);
    evidence.crls.push(data.to_vec());
    let report = with(&evidence);
    assert!(report.leads_to_anchor(), "the list revokes nobody unsigned");
    if report.is_trusted() {
        assert!(
            holds(data, signed_part(seed::SUB_LIST)),
            "only a genuine list says good"
        );
    }
}

/// An OCSP response about the leaf.
pub fn ocsp(data: &[u8]) {
    let _ = OcspResponse::from_der(data);
    let evidence = Evidence {
        crls: vec![seed::ROOT_LIST.to_vec()],
        ocsp: vec![data.to_vec()],
    };
    let report = with(&evidence);
    assert!(
        report.leads_to_anchor(),
        "the answer revokes nobody unsigned"
    );
    if report.is_trusted() {
        assert!(
            holds(data, answered_part(seed::ANSWER)),
            "only a genuine answer says good"
        );
    }
}

/// The `tbs` of a signed structure.
fn signed_part(der: &[u8]) -> &[u8] {
    use antin_pkix::asn1::{Reader, tag};
    Reader::new(der, "seed")
        .expect(tag::SEQUENCE)
        .and_then(|outer| outer.reader("seed").expect(tag::SEQUENCE))
        .map(|tbs| tbs.whole)
        .unwrap_or_default()
}

/// The `tbs` of the basic response in an `OCSPResponse`.
fn answered_part(der: &[u8]) -> &[u8] {
    use antin_pkix::asn1::{Reader, tag};
    let basic = || {
        let mut outer = Reader::new(der, "seed")
            .expect(tag::SEQUENCE)?
            .reader("seed");
        outer.read()?;
        let mut bytes = outer
            .expect(tag::context(0))?
            .reader("seed")
            .expect(tag::SEQUENCE)?
            .reader("seed");
        bytes.read()?;
        Ok::<_, antin_pkix::Error>(signed_part(bytes.expect(tag::OCTET_STRING)?.value))
    };
    basic().unwrap_or_default()
}
