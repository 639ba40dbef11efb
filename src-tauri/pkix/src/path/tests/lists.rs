//! Who may sign a list, and when a list says nothing, on certificates and lists signed for the purpose.

use super::{name, oid, tlv};
use crate::extension::oid as id;
use crate::{
    Certificate, Constraint, Evidence, Parameters, PathStatus, Profile, TrustStore,
    validate_path_with,
};
use ring::signature::{Ed25519KeyPair, KeyPair};
use time::macros::datetime;

/// A named key; the number is its seed.
#[derive(Clone, Copy)]
struct Party(&'static str, u8);

const ROOT: Party = Party("Root", 1);
const AUTHORITY: Party = Party("Authority", 2);
/// The authority's other key.
const LISTS: Party = Party("Authority", 3);
const LEAF: Party = Party("Leaf", 4);

const NOBODY: &[(u8, &[u8])] = &[];

impl Party {
    fn key(self) -> Ed25519KeyPair {
        Ed25519KeyPair::from_seed_unchecked(&[self.1; 32]).unwrap()
    }

    /// `tbs`, algorithm and signature.
    fn signed(self, tbs: &[u8]) -> Vec<u8> {
        let mut bits = vec![0];
        bits.extend_from_slice(self.key().sign(tbs).as_ref());
        tlv(
            0x30,
            &[
                tbs.to_vec(),
                tlv(0x30, &oid("1.3.101.112")),
                tlv(0x03, &bits),
            ]
            .concat(),
        )
    }

    /// A certificate for `self` with a serial number and key usage bits.
    fn certificate(self, issuer: Self, serial: u8, usage: u8) -> Certificate {
        let algorithm = tlv(0x30, &oid("1.3.101.112"));
        let mut bits = vec![0];
        bits.extend_from_slice(self.key().public_key().as_ref());
        let identifier = |party: Self, tag| tlv(tag, &[party.1; 20]);
        let mut extensions = vec![
            extension(id::KEY_USAGE, true, &tlv(0x03, &[0, usage])),
            extension(id::SUBJECT_KEY_IDENTIFIER, false, &identifier(self, 0x04)),
            extension(
                id::AUTHORITY_KEY_IDENTIFIER,
                false,
                &tlv(0x30, &identifier(issuer, 0x80)),
            ),
        ];
        if usage & 0x06 != 0 {
            let authority = tlv(0x30, &tlv(0x01, &[0xff]));
            extensions.push(extension(id::BASIC_CONSTRAINTS, true, &authority));
        }
        let validity = [tlv(0x17, b"200101000000Z"), tlv(0x17, b"400101000000Z")].concat();
        let tbs = [
            tlv(0xa0, &tlv(0x02, &[2])),
            tlv(0x02, &[serial]),
            algorithm.clone(),
            name(issuer.0),
            tlv(0x30, &validity),
            name(self.0),
            tlv(0x30, &[algorithm, tlv(0x03, &bits)].concat()),
            tlv(0xa3, &tlv(0x30, &extensions.concat())),
        ];
        Certificate::from_der(&issuer.signed(&tlv(0x30, &tbs.concat()))).unwrap()
    }

    /// A list of serial numbers, each with the extensions of its entry.
    fn list(self, entries: &[(u8, &[u8])]) -> Vec<u8> {
        let entries: Vec<u8> = entries
            .iter()
            .flat_map(|(serial, extensions)| {
                let mut entry = [tlv(0x02, &[*serial]), tlv(0x17, b"250101000000Z")].concat();
                if !extensions.is_empty() {
                    entry.extend(tlv(0x30, extensions));
                }
                tlv(0x30, &entry)
            })
            .collect();
        let number = extension(id::CRL_NUMBER, false, &tlv(0x02, &[1]));
        let mut tbs = [
            tlv(0x02, &[1]),
            tlv(0x30, &oid("1.3.101.112")),
            name(self.0),
            tlv(0x17, b"260101000000Z"),
            tlv(0x17, b"270101000000Z"),
        ]
        .concat();
        if !entries.is_empty() {
            tbs.extend(tlv(0x30, &entries));
        }
        tbs.extend(tlv(0xa0, &tlv(0x30, &number)));
        self.signed(&tlv(0x30, &tbs))
    }
}

fn extension(identifier: &str, critical: bool, value: &[u8]) -> Vec<u8> {
    let mut contents = oid(identifier);
    if critical {
        contents.extend(tlv(0x01, &[0xff]));
    }
    contents.extend(tlv(0x04, value));
    tlv(0x30, &contents)
}

fn judge(leaf: &Certificate, others: &[Certificate], lists: &[Vec<u8>]) -> PathStatus {
    let trust = TrustStore {
        anchors: vec![ROOT.certificate(ROOT, 1, 0x06)],
        intermediates: others.to_vec(),
    };
    let evidence = Evidence {
        crls: lists.to_vec(),
        ocsp: Vec::new(),
    };
    let parameters = Parameters {
        profile: Profile::Conforming,
        ..Parameters::default()
    };
    let at = datetime!(2026-06-01 00:00 UTC);
    validate_path_with(leaf, &[], &trust, &evidence, at, &parameters).status
}

#[test]
fn another_key_of_the_authority_may_sign_its_list_unless_revoked() {
    let leaf = LEAF.certificate(AUTHORITY, 9, 0x80);
    // keyCertSign for one key, cRLSign for the other.
    let authority = AUTHORITY.certificate(ROOT, 2, 0x04);
    let others = [authority, LISTS.certificate(ROOT, 3, 0x02)];
    let by_other_key = LISTS.list(NOBODY);
    let good = [ROOT.list(NOBODY), by_other_key.clone()];
    assert_eq!(judge(&leaf, &others, &good), PathStatus::Trusted);
    let revoked = [ROOT.list(&[(3, &[])]), by_other_key.clone()];
    assert_eq!(
        judge(&leaf, &others, &revoked),
        PathStatus::RevocationUnknown { index: 0 },
        "a revoked key vouches for nobody"
    );
    assert_eq!(
        judge(&leaf, &others, &[by_other_key]),
        PathStatus::RevocationUnknown { index: 0 },
        "a key of unknown status vouches for nobody"
    );
    let no_usage = [others[0].clone(), LISTS.certificate(ROOT, 3, 0x04)];
    assert_eq!(
        judge(&leaf, &no_usage, &good),
        PathStatus::RevocationUnknown { index: 0 },
        "cRLSign is needed"
    );
}

#[test]
fn a_list_does_not_vouch_for_its_own_signer() {
    let leaf = LEAF.certificate(AUTHORITY, 9, 0x80);
    // The second key is certified by the first, so the list it signs would tell its own status.
    let others = [
        AUTHORITY.certificate(ROOT, 2, 0x04),
        LISTS.certificate(AUTHORITY, 3, 0x02),
    ];
    let lists = [ROOT.list(NOBODY), LISTS.list(NOBODY)];
    assert_eq!(
        judge(&leaf, &others, &lists),
        PathStatus::RevocationUnknown { index: 0 }
    );
}

#[test]
fn an_unknown_critical_extension_of_any_entry_spoils_the_list() {
    let leaf = LEAF.certificate(AUTHORITY, 9, 0x80);
    let others = [AUTHORITY.certificate(ROOT, 2, 0x06)];
    let outcome = |critical| {
        let unknown = extension("1.2.3.4", critical, &[0x05, 0x00]);
        let lists = [ROOT.list(NOBODY), AUTHORITY.list(&[(77, &unknown)])];
        judge(&leaf, &others, &lists)
    };
    assert_eq!(outcome(false), PathStatus::Trusted);
    assert_eq!(outcome(true), PathStatus::RevocationUnknown { index: 0 });
}

#[test]
fn a_number_listed_twice_spoils_the_list_of_an_authority_under_examination() {
    let leaf = LEAF.certificate(AUTHORITY, 9, 0x80);
    let others = [AUTHORITY.certificate(ROOT, 2, 0x06)];
    let lists = [ROOT.list(NOBODY), AUTHORITY.list(&[(77, &[]), (77, &[])])];
    assert_eq!(
        judge(&leaf, &others, &lists),
        PathStatus::RevocationUnknown { index: 0 }
    );
}

#[test]
fn a_serial_number_that_is_none_needs_the_issuers_word() {
    let leaf = LEAF.certificate(AUTHORITY, 0xff, 0x80);
    let others = [AUTHORITY.certificate(ROOT, 2, 0x06)];
    let lists = [ROOT.list(NOBODY), AUTHORITY.list(NOBODY)];
    assert_eq!(judge(&leaf, &others, &lists), PathStatus::Trusted);
    assert_eq!(
        judge(&leaf, &others, &[]),
        PathStatus::ConstraintFailed {
            index: 0,
            constraint: Constraint::NotConforming { clause: "4.1.2.2" }
        }
    );
    let revoked = [ROOT.list(NOBODY), AUTHORITY.list(&[(0xff, &[])])];
    assert!(matches!(
        judge(&leaf, &others, &revoked),
        PathStatus::Revoked { index: 0, .. }
    ));
}
