//! Duties of issuers, RFC 5280 §4 and §5, that no step of §6 asks for.
//!
//! Real authorities neglect them and their signatures are judged all the same ([`Profile::Received`]);
//! who examines an authority wants them said ([`Profile::Conforming`]).
//!
//! Where NIST PKITS has a breach pass and x509-limbo has it fail, it fails unless the path itself settles
//! what the duty protects: see [`has_odd_serial`], [`has_quiet_policy_constraints`] and `authority`.
//!
//! [`Profile::Received`]: super::Profile::Received
//! [`Profile::Conforming`]: super::Profile::Conforming

use super::names::{dns_name, mailbox};
use crate::extension::general_name::GeneralName;
use crate::extension::oid;
use crate::{Certificate, verify_signature};

/// The clause a certificate breaks, if any; `is_anchor` for the last one of a path.
pub(super) fn broken(certificate: &Certificate, is_anchor: bool) -> Option<&'static str> {
    let is_authority =
        matches!(certificate.basic_constraints(), Ok(Some(constraints)) if constraints.ca);
    serial(certificate)
        .or_else(|| identifiers(certificate, is_authority))
        .or_else(|| criticality(certificate))
        .or_else(|| authority(certificate, is_authority, is_anchor))
        .or_else(|| alternative_names(certificate))
}

/// A serial number that is not positive (§4.1.2.2): PKITS 4.4.14 wants -1 accepted, x509-limbo wants it refused.
/// It is for revocation that numbers must tell certificates apart, so it passes if the issuer's own word on
/// revocation was found for it.
pub(super) fn has_odd_serial(certificate: &Certificate) -> bool {
    matches!(certificate.serial(), [0] | [0x80..=0xff, ..])
}

/// policyConstraints not critical (§4.2.1.11): usual in PKITS, refused by x509-limbo. Who does not process them may
/// miss the demand for a policy, so it passes if the path has a valid policy to its end anyway.
pub(super) fn has_quiet_policy_constraints(certificate: &Certificate) -> bool {
    certificate
        .extension(oid::POLICY_CONSTRAINTS)
        .is_some_and(|extension| !extension.critical)
}

fn serial(certificate: &Certificate) -> Option<&'static str> {
    // Twenty octets, and a leading zero where the number would be negative without.
    let value = certificate.serial();
    let significant = value.strip_prefix(&[0]).unwrap_or(value);
    (significant.len() > 20).then_some("4.1.2.2")
}

fn identifiers(certificate: &Certificate, is_authority: bool) -> Option<&'static str> {
    // Self-signed is by the key, whatever the names say.
    let is_self_signed = || {
        verify_signature(
            certificate.spki_der(),
            certificate.signature_algorithm(),
            certificate.tbs(),
            certificate.signature(),
        )
        .is_ok()
    };
    if certificate.authority_key_identifier().key.is_none() && !is_self_signed() {
        return Some("4.2.1.1");
    }
    (is_authority && certificate.subject_key_identifier().is_none()).then_some("4.2.1.2")
}

/// Extensions whose criticality the profile fixes.
fn criticality(certificate: &Certificate) -> Option<&'static str> {
    certificate.extensions().iter().find_map(|extension| {
        let (must_be_critical, clause) = match extension.oid.as_str() {
            oid::AUTHORITY_KEY_IDENTIFIER => (false, "4.2.1.1"),
            oid::SUBJECT_KEY_IDENTIFIER => (false, "4.2.1.2"),
            oid::NAME_CONSTRAINTS => (true, "4.2.1.10"),
            oid::INHIBIT_ANY_POLICY => (true, "4.2.1.14"),
            oid::AUTHORITY_INFO_ACCESS => (false, "4.2.2.1"),
            _ => return None,
        };
        (extension.critical != must_be_critical).then_some(clause)
    })
}

fn authority(
    certificate: &Certificate,
    is_authority: bool,
    is_anchor: bool,
) -> Option<&'static str> {
    // PKITS 4.6.4 has an intermediate whose basicConstraints is not critical pass (§6.1.4 k). An anchor is
    // chosen by people, who can be told.
    let anchor_is_clear = certificate
        .extension(oid::BASIC_CONSTRAINTS)
        .is_some_and(|extension| extension.critical);
    if is_anchor && certificate.version() == 2 && !anchor_is_clear {
        return Some("4.2.1.9");
    }
    if is_authority {
        return None;
    }
    if matches!(certificate.key_usage(), Ok(Some(usage)) if usage.key_cert_sign()) {
        return Some("4.2.1.3");
    }
    certificate
        .extension(oid::NAME_CONSTRAINTS)
        .map(|_| "4.2.1.10")
}

fn alternative_names(certificate: &Certificate) -> Option<&'static str> {
    const CLAUSE: &str = "4.2.1.6";
    let Ok(names) = certificate.alternative_names() else {
        return Some(CLAUSE);
    };
    let extension = certificate.extension(oid::SUBJECT_ALT_NAME);
    if extension.is_some() && names.is_empty() {
        return Some(CLAUSE);
    }
    if certificate.subject().is_empty() && !extension.is_some_and(|extension| extension.critical) {
        return Some(CLAUSE);
    }
    let well_formed = |name: &GeneralName<'_>| match name {
        // Preferred name syntax knows no underscore.
        GeneralName::Dns(text) => !text.contains(&b'_') && dns_name(text).is_some(),
        GeneralName::Email(text) => mailbox(text).is_some(),
        GeneralName::Uri(text) => text.iter().position(|octet| *octet == b':').unwrap_or(0) > 0,
        GeneralName::Address(octets) => matches!(octets.len(), 4 | 16),
        GeneralName::Directory(name) => !name.is_empty(),
        GeneralName::Other { .. } => true,
    };
    (!names.iter().all(well_formed)).then_some(CLAUSE)
}
