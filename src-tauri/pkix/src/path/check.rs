//! The checks of RFC 5280 §6.1 on one complete path whose signatures verify.

use super::names::NameConstraints;
use super::policy::Policies;
use super::{Constraint, Parameters, PathReport, PathStatus, Profile, Usage, build, profile};
use crate::extension::oid;
use crate::revocation::inquiry::Inquiry;
use crate::revocation::{Finding, Status};
use crate::{Certificate, SignatureAlgorithm, TrustStore};
use time::OffsetDateTime;

/// Extensions whose meaning is taken into account, so that they may be critical.
pub(crate) fn is_processed(identifier: &str) -> bool {
    matches!(
        identifier,
        oid::SUBJECT_KEY_IDENTIFIER
            | oid::KEY_USAGE
            | oid::SUBJECT_ALT_NAME
            | oid::BASIC_CONSTRAINTS
            | oid::NAME_CONSTRAINTS
            | oid::CRL_DISTRIBUTION_POINTS
            | oid::CERTIFICATE_POLICIES
            | oid::POLICY_MAPPINGS
            | oid::AUTHORITY_KEY_IDENTIFIER
            | oid::POLICY_CONSTRAINTS
            | oid::EXTENDED_KEY_USAGE
            | oid::INHIBIT_ANY_POLICY
    )
}

pub(super) fn check(
    chain: &[Certificate],
    inquiry: &Inquiry<'_>,
    parameters: &Parameters,
) -> PathReport {
    let report = |status, revocation| PathReport {
        status,
        chain: chain.to_vec(),
        revocation,
        weak: is_weak(chain),
        budget_exhausted: false,
    };
    let failed = |(index, constraint)| PathStatus::ConstraintFailed { index, constraint };
    if let Some(broken) = constraints(chain, parameters) {
        return report(failed(broken), Vec::new());
    }
    let revocation = revocation(chain, inquiry, &mut Vec::new());
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
    let nameless = || {
        let unsettled = |index| matches!(revocation.get(index), None | Some(None));
        let (index, _) = chain
            .iter()
            .enumerate()
            .filter(|_| parameters.profile == Profile::Conforming)
            .find(|(index, one)| profile::has_odd_serial(one) && unsettled(*index))?;
        let clause = "4.1.2.2";
        Some(failed((index, Constraint::NotConforming { clause })))
    };
    let status = revoked
        .or_else(|| validity(chain, inquiry.at()))
        .or_else(nameless)
        .or(unknown)
        .unwrap_or(PathStatus::Trusted);
    report(status, revocation)
}

/// What is known of each certificate but the anchor.
fn revocation(
    chain: &[Certificate],
    inquiry: &Inquiry<'_>,
    busy: &mut Vec<Certificate>,
) -> Vec<Option<Finding>> {
    (1..chain.len())
        .filter_map(|above| {
            let (below, above) = chain.split_at_checked(above)?;
            Some(inquiry.judge(below.last()?, above, busy))
        })
        .collect()
}

/// §6.3.3 (f): does a path from the signer of a list to `anchor` pass every check, revocation included?
pub(crate) fn signer_may_be_believed(
    signer: &Certificate,
    anchor: &Certificate,
    inquiry: &Inquiry<'_>,
    busy: &mut Vec<Certificate>,
) -> bool {
    let trust = TrustStore {
        anchors: vec![anchor.clone()],
        intermediates: Vec::new(),
    };
    let mut believed = false;
    build::search(signer, inquiry.helpers(), &trust, &mut |chain| {
        let good = |finding: &Option<Finding>| matches!(finding, Some(found) if found.status == Status::Good);
        believed = constraints(chain, &Parameters::default()).is_none()
            && validity(chain, inquiry.at()).is_none()
            && revocation(chain, inquiry, busy).iter().all(good);
        believed
    });
    believed
}

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

/// The first certificate that breaks a constraint: first what each says by itself, leaf first, then what
/// the authorities say about those below, anchor first.
fn constraints(chain: &[Certificate], parameters: &Parameters) -> Option<(usize, Constraint)> {
    let anchor = chain.len().saturating_sub(1);
    // Authorities between a position and the leaf, self-issued ones not counted (§6.1.4 l).
    let mut following = 0_u64;
    for (index, certificate) in chain.iter().enumerate() {
        let is_anchor = index == anchor && index != 0;
        if let Some(constraint) = extensions(certificate) {
            return Some((index, constraint));
        }
        if parameters.profile == Profile::Conforming
            && let Some(clause) = profile::broken(certificate, is_anchor)
        {
            return Some((index, Constraint::NotConforming { clause }));
        }
        if index == 0 {
            if let Err(constraint) = leaf(certificate, parameters.usage) {
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
    inherited(chain, parameters).err()
}

/// Name constraints and policies, §6.1.2 to §6.1.5. A chain of one is an anchor, about which nobody says anything.
fn inherited(chain: &[Certificate], parameters: &Parameters) -> Result<(), (usize, Constraint)> {
    let Some((anchor, below)) = chain.split_last() else {
        return Ok(());
    };
    let at = |index: usize| move |constraint| (index, constraint);
    let quiet = chain
        .iter()
        .position(profile::has_quiet_policy_constraints)
        .filter(|_| parameters.profile == Profile::Conforming);
    let mut names = NameConstraints::default();
    names.add(anchor).map_err(at(below.len()))?;
    let mut policies =
        Policies::new(below.len(), parameters, Some(anchor)).map_err(at(below.len()))?;
    for (index, certificate) in below.iter().enumerate().rev() {
        let last = index == 0;
        if last || !certificate.is_self_issued() {
            names.check(certificate).map_err(at(index))?;
        }
        policies.certificate(certificate, last).map_err(at(index))?;
        if last {
            let initial = parameters.initial_policies.as_ref();
            let valid = policies.wrap_up(certificate, initial).map_err(at(index))?;
            return match quiet {
                Some(index) if !valid => {
                    Err((index, Constraint::NotConforming { clause: "4.2.1.11" }))
                }
                _ => Ok(()),
            };
        }
        policies.prepare(certificate).map_err(at(index))?;
        names.add(certificate).map_err(at(index))?;
    }
    Ok(())
}

fn extensions(certificate: &Certificate) -> Option<Constraint> {
    if !certificate.algorithms_agree() {
        return Some(Constraint::AlgorithmMismatch);
    }
    let unprocessed = certificate
        .extensions()
        .iter()
        .find(|extension| extension.critical && !is_processed(&extension.oid))?;
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
    let is_authority = certificate
        .basic_constraints()
        .map_err(malformed)?
        .is_some_and(|constraints| constraints.ca);
    // §4.2.1.10: only an authority's certificate may constrain names. What it means elsewhere nobody knows.
    if !is_authority
        && certificate
            .extension(oid::NAME_CONSTRAINTS)
            .is_some_and(|extension| extension.critical)
    {
        return Err(Constraint::NotConforming { clause: "4.2.1.10" });
    }
    let key_usage = certificate.key_usage().map_err(malformed)?;
    let purposes = certificate.extended_key_usage().map_err(malformed)?;
    if usage == Usage::Any {
        return Ok(());
    }
    if key_usage.is_some_and(|bits| !bits.digital_signature() && !bits.non_repudiation()) {
        return Err(Constraint::KeyUsage);
    }
    let allowed = match (usage, &purposes) {
        // RFC 3161 §2.3: this purpose and no other, and critical.
        (Usage::TimeStamping, purposes) => {
            let critical = certificate
                .extension(oid::EXTENDED_KEY_USAGE)
                .is_some_and(|extension| extension.critical);
            let only = matches!(purposes.as_deref(), Some([one]) if one == oid::KP_TIME_STAMPING);
            critical && only
        }
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

/// Is a certificate below the last one signed with SHA-1 or DSA?
pub(super) fn is_weak(chain: &[Certificate]) -> bool {
    chain
        .iter()
        .take(chain.len().saturating_sub(1))
        .any(|certificate| {
            SignatureAlgorithm::read(certificate.signature_algorithm(), None)
                .is_ok_and(SignatureAlgorithm::is_weak)
        })
}
