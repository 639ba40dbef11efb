//! The checks of RFC 5280 §6.1 on one complete path whose signatures verify.

use super::{Constraint, PathReport, PathStatus, Usage, names, policy};
use crate::extension::oid;
use crate::revocation::{self, Evidence, Status};
use crate::{Certificate, SignatureAlgorithm, verify_signature};
use time::OffsetDateTime;

/// Extensions whose meaning is taken into account, so that they may be critical.
pub(crate) fn is_processed(identifier: &str) -> bool {
    matches!(
        identifier,
        oid::SUBJECT_KEY_IDENTIFIER
            | oid::KEY_USAGE
            | oid::SUBJECT_ALT_NAME
            | oid::BASIC_CONSTRAINTS
            | oid::CRL_DISTRIBUTION_POINTS
            | oid::AUTHORITY_KEY_IDENTIFIER
            | oid::EXTENDED_KEY_USAGE
            | oid::NAME_CONSTRAINTS
            | oid::CERTIFICATE_POLICIES
            | oid::POLICY_CONSTRAINTS
            | "2.5.29.33" // policyMappings
            | "2.5.29.54" // inhibitAnyPolicy
    )
}

pub(super) fn check(
    chain: &[Certificate],
    others: &[&Certificate],
    evidence: &Evidence,
    at: OffsetDateTime,
    usage: Usage,
) -> PathReport {
    let report = |status, revocation| PathReport {
        status,
        chain: chain.to_vec(),
        revocation,
        weak: is_weak(chain),
        budget_exhausted: false,
    };
    if let Some((index, constraint)) = constraints(chain, usage) {
        return report(
            PathStatus::ConstraintFailed { index, constraint },
            Vec::new(),
        );
    }
    let mut revocation = Vec::new();
    for (index, certificate) in chain.iter().enumerate() {
        let above = chain.get(index + 1..).unwrap_or_default();
        let Some(issuer) = above.first() else {
            break;
        };
        let signers = crl_signers(issuer, above, others, at);
        revocation.push(revocation::judge(
            certificate,
            issuer,
            &signers,
            evidence,
            at,
        ));
    }
    let revoked =
        revocation
            .iter()
            .enumerate()
            .find_map(|(index, finding)| match finding.as_ref()?.status {
                Status::Revoked { at, reason } => Some(PathStatus::Revoked { index, at, reason }),
                Status::Good => None,
            });
    let unknown = revocation
        .iter()
        .position(Option::is_none)
        .map(|index| PathStatus::RevocationUnknown { index });
    let status = revoked
        .or_else(|| validity(chain, at))
        .or(unknown)
        .unwrap_or(PathStatus::Trusted);
    report(status, revocation)
}

/// The issuer, and its other keys that may sign its lists (§6.3.3 f): certificates for the same name, further up the path
/// or made by the issuer itself or by the authority above it.
fn crl_signers<'a>(
    issuer: &'a Certificate,
    above: &'a [Certificate],
    others: &[&'a Certificate],
    at: OffsetDateTime,
) -> Vec<&'a Certificate> {
    let same_name = above
        .iter()
        .filter(|upper| upper.subject().matches(issuer.subject()));
    let mut signers: Vec<&Certificate> = same_name.collect();
    let makers = above.get(..2.min(above.len())).unwrap_or_default();
    let rivals = others.iter().filter(|other| {
        other.subject().matches(issuer.subject())
            && other.spki_der() != issuer.spki_der()
            && (other.not_before()..=other.not_after()).contains(&at)
            && other
                .key_usage()
                .is_ok_and(|usage| usage.is_none_or(|usage| usage.crl_sign()))
            && extensions(other).is_none()
    });
    for rival in rivals.take(RIVAL_LIMIT) {
        let made = makers.iter().any(|maker| {
            maker.subject().matches(rival.issuer())
                && verify_signature(
                    maker.spki_der(),
                    rival.signature_algorithm(),
                    rival.tbs(),
                    rival.signature(),
                )
                .is_ok()
        });
        if made {
            signers.push(rival);
        }
    }
    signers
}

/// Other keys of one authority that are tried.
const RIVAL_LIMIT: usize = 8;

fn validity(chain: &[Certificate], at: OffsetDateTime) -> Option<PathStatus> {
    chain.iter().enumerate().find_map(|(index, certificate)| {
        if at > certificate.not_after() {
            Some(PathStatus::Expired {
                index,
                not_after: certificate.not_after(),
            })
        } else if at < certificate.not_before() {
            Some(PathStatus::NotYetValid {
                index,
                not_before: certificate.not_before(),
            })
        } else {
            None
        }
    })
}

fn constraints(chain: &[Certificate], usage: Usage) -> Option<(usize, Constraint)> {
    let anchor = chain.len().saturating_sub(1);
    // Authorities between a position and the leaf, self-issued ones not counted (§6.1.4 l).
    let mut following = 0_u64;
    for (index, certificate) in chain.iter().enumerate() {
        let is_anchor = index == anchor && index != 0;
        if let Some(constraint) = extensions(certificate) {
            return Some((index, constraint));
        }
        if index == 0 {
            if let Err(constraint) = leaf(certificate, usage) {
                return Some((index, constraint));
            }
            continue;
        }
        if let Err(constraint) = authority(certificate, following, is_anchor) {
            return Some((index, constraint));
        }
        if !certificate.is_self_issued() {
            following += 1;
        }
    }
    names::check(chain)
        .and_then(|()| policy::check(chain))
        .err()
}

fn extensions(certificate: &Certificate) -> Option<Constraint> {
    if !certificate.algorithms_agree() {
        return Some(Constraint::AlgorithmMismatch);
    }
    let mut critical = certificate
        .extensions()
        .iter()
        .filter(|extension| extension.critical);
    let unprocessed = critical.find(|extension| !is_processed(&extension.oid))?;
    Some(Constraint::UnprocessedExtension {
        oid: unprocessed.oid.clone(),
    })
}

/// §6.1.4 k–n. An anchor is taken at its word where it says that it is no authority, bounds the path or
/// carries constraints (RFC 5937); it need not say that it is one.
fn authority(certificate: &Certificate, following: u64, is_anchor: bool) -> Result<(), Constraint> {
    let malformed = |_| Constraint::MalformedExtension;
    // §4.1.2.6: an authority has a name.
    if certificate.subject().is_empty() {
        return Err(Constraint::NotAnAuthority);
    }
    match certificate.basic_constraints().map_err(malformed)? {
        Some(constraints) if !constraints.ca => return Err(Constraint::NotAnAuthority),
        Some(constraints) => {
            if let Some(allowed) = constraints
                .path_length
                .filter(|allowed| following > *allowed)
            {
                return Err(Constraint::PathLength {
                    allowed,
                    found: following,
                });
            }
        }
        None if is_anchor => {}
        None => return Err(Constraint::NotAnAuthority),
    }
    match certificate.key_usage().map_err(malformed)? {
        Some(usage) if !usage.key_cert_sign() => Err(Constraint::KeyUsage),
        _ => Ok(()),
    }
}

fn leaf(certificate: &Certificate, usage: Usage) -> Result<(), Constraint> {
    let malformed = |_| Constraint::MalformedExtension;
    certificate.basic_constraints().map_err(malformed)?;
    let key_usage = certificate.key_usage().map_err(malformed)?;
    let purposes = certificate.extended_key_usage().map_err(malformed)?;
    if usage == Usage::Any {
        return Ok(());
    }
    if key_usage.is_some_and(|bits| !bits.digital_signature() && !bits.non_repudiation()) {
        return Err(Constraint::KeyUsage);
    }
    let allowed = match (usage, &purposes) {
        (Usage::TimeStamping, purposes) => purposes
            .as_ref()
            .is_some_and(|list| list.iter().any(|purpose| purpose == oid::KP_TIME_STAMPING)),
        (_, None) => true,
        // Signing certificates name all sorts of purposes; a certificate for nothing but these two is none.
        (_, Some(list)) => !list.iter().all(|purpose| {
            matches!(
                purpose.as_str(),
                oid::KP_TIME_STAMPING | oid::KP_OCSP_SIGNING
            )
        }),
    };
    if allowed {
        Ok(())
    } else {
        Err(Constraint::ExtendedKeyUsage)
    }
}

/// Is a certificate below the last one signed with SHA-1?
pub(super) fn is_weak(chain: &[Certificate]) -> bool {
    chain
        .iter()
        .take(chain.len().saturating_sub(1))
        .any(|certificate| {
            SignatureAlgorithm::read(certificate.signature_algorithm(), None).is_ok_and(
                |algorithm| {
                    algorithm
                        .digest()
                        .is_some_and(crate::DigestAlgorithm::is_weak)
                },
            )
        })
}
