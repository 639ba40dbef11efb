//! Certification paths, RFC 5280 §6: found, checked, reported.

mod build;
mod check;
mod names;
mod policy;
mod profile;
#[cfg(test)]
mod tests;

use crate::revocation::inquiry::Inquiry;
use crate::revocation::{Evidence, Finding, Reason};
use crate::{Certificate, ObjectIdentifier, TrustStore};
use std::collections::BTreeSet;
use time::OffsetDateTime;

pub(crate) use check::{is_processed, signer_may_be_believed};

/// What the first certificate's key was used for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Usage {
    /// Signing documents: digitalSignature or nonRepudiation, or no key usage at all.
    Signing,
    /// Time-stamping (RFC 3161 §2.3): the purpose must be named, critical, and be the only one.
    TimeStamping,
    /// No demand on the first certificate.
    #[default]
    Any,
}

/// How strictly the duties of issuers are taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Profile {
    /// Certificates and lists as they come: RFC 5280 §6, which is what a relying party must do.
    #[default]
    Received,
    /// Also the duties of issuers in §4 and §5 that §6 does not look at.
    Conforming,
}

/// The inputs of RFC 5280 §6.1.1 (c–g). The default accepts any policy and demands none.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Parameters {
    /// What the first certificate was used for.
    pub usage: Usage,
    /// user-initial-policy-set; `None` is any-policy.
    pub initial_policies: Option<BTreeSet<ObjectIdentifier>>,
    /// initial-explicit-policy: one of the policies must be valid for the whole path.
    pub initial_explicit_policy: bool,
    /// initial-policy-mapping-inhibit.
    pub initial_policy_mapping_inhibit: bool,
    /// initial-any-policy-inhibit.
    pub initial_any_policy_inhibit: bool,
    /// How strictly the duties of issuers are taken.
    pub profile: Profile,
}

/// What was found about a path. Everything but [`PathStatus::Trusted`] is a reason not to trust.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum PathStatus {
    /// A path to an anchor passes every check, and no certificate in it is revoked.
    Trusted,
    /// No chain of signatures leads to an anchor.
    NoPath {
        /// The issuer nobody could supply.
        missing_issuer: String,
    },
    /// A certificate had expired.
    Expired {
        /// Position in the chain, 0 is the leaf.
        index: usize,
        /// When.
        not_after: OffsetDateTime,
    },
    /// A certificate was not valid yet.
    NotYetValid {
        /// Position in the chain, 0 is the leaf.
        index: usize,
        /// From when.
        not_before: OffsetDateTime,
    },
    /// A certificate was revoked.
    Revoked {
        /// Position in the chain, 0 is the leaf.
        index: usize,
        /// Since when.
        at: OffsetDateTime,
        /// Why.
        reason: Reason,
    },
    /// Everything else passes, but nothing usable says whether this certificate was revoked.
    RevocationUnknown {
        /// Position in the chain, 0 is the leaf.
        index: usize,
    },
    /// A certificate breaks a constraint.
    ConstraintFailed {
        /// Position in the chain, 0 is the leaf.
        index: usize,
        /// Which.
        constraint: Constraint,
    },
}

/// A constraint of RFC 5280 §6.1 that a path breaks.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Constraint {
    /// A critical extension, or a constraint, that this crate does not process.
    UnprocessedExtension {
        /// Its identifier.
        oid: String,
    },
    /// An issuer is not an authority.
    NotAnAuthority,
    /// More authorities follow than pathLenConstraint allows.
    PathLength {
        /// How many may follow.
        allowed: u64,
        /// How many do.
        found: u64,
    },
    /// keyUsage does not allow the use.
    KeyUsage,
    /// extKeyUsage does not allow the use.
    ExtendedKeyUsage,
    /// An extension cannot be read.
    MalformedExtension,
    /// A name is outside what an authority above may certify (§4.2.1.10).
    NameNotPermitted {
        /// The name, with its form.
        name: String,
    },
    /// A policy is demanded and none is valid for the path (§6.1.5 g).
    NoValidPolicy,
    /// anyPolicy is mapped (§6.1.4 a).
    AnyPolicyMapped,
    /// The certificate breaks a duty of issuers; with few exceptions looked at in [`Profile::Conforming`] only.
    NotConforming {
        /// The clause of RFC 5280.
        clause: &'static str,
    },
    /// Names or policies are so many that comparing them would take too long.
    TooMuchWork,
    /// The two signature algorithm fields differ.
    AlgorithmMismatch,
    /// A signature uses an algorithm or key size that is not implemented.
    UnsupportedAlgorithm {
        /// Which.
        oid: String,
    },
}

/// The best path found and what became of it.
#[derive(Debug, Clone)]
pub struct PathReport {
    /// The outcome.
    pub status: PathStatus,
    /// Leaf first, anchor last; as far as the path could be built.
    pub chain: Vec<Certificate>,
    /// For each certificate of the chain but the anchor: what is known of its revocation.
    pub revocation: Vec<Option<Finding>>,
    /// A certificate below the anchor is signed with SHA-1 or DSA.
    pub weak: bool,
    /// The search ended at its budget, so that a path may have been missed.
    pub budget_exhausted: bool,
}

impl PathStatus {
    /// A word for programs.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Trusted => "trusted",
            Self::NoPath { .. } => "no-path",
            Self::Expired { .. } => "expired",
            Self::NotYetValid { .. } => "not-yet-valid",
            Self::Revoked { .. } => "revoked",
            Self::RevocationUnknown { .. } => "revocation-unknown",
            Self::ConstraintFailed { .. } => "constraint-failed",
        }
    }

    /// The clause of RFC 5280 that decided; `None` for a path that passes.
    #[must_use]
    pub const fn clause(&self) -> Option<&'static str> {
        Some(match self {
            Self::Trusted => return None,
            Self::NoPath { .. } => "6.1.3 (a)(1), (a)(4)",
            Self::Expired { .. } | Self::NotYetValid { .. } => "6.1.3 (a)(2)",
            Self::Revoked { .. } | Self::RevocationUnknown { .. } => "6.1.3 (a)(3), 6.3.3",
            Self::ConstraintFailed { constraint, .. } => constraint.clause(),
        })
    }
}

impl Constraint {
    /// The clause of RFC 5280 it stands in.
    #[must_use]
    pub const fn clause(&self) -> &'static str {
        match self {
            Self::UnprocessedExtension { .. } => "6.1.4 (o), 6.1.5 (f)",
            Self::NotAnAuthority => "6.1.4 (k)",
            Self::PathLength { .. } => "6.1.4 (l, m)",
            Self::KeyUsage => "6.1.4 (n), 4.2.1.3",
            Self::ExtendedKeyUsage => "4.2.1.12",
            Self::MalformedExtension => "4.2",
            Self::NameNotPermitted { .. } => "6.1.3 (b, c)",
            Self::NoValidPolicy => "6.1.3 (f), 6.1.5 (g)",
            Self::AnyPolicyMapped => "6.1.4 (a)",
            Self::NotConforming { clause } => clause,
            Self::TooMuchWork => "6.1",
            Self::AlgorithmMismatch => "4.1.1.2",
            Self::UnsupportedAlgorithm { .. } => "4.1.1.2, 6.1.3 (a)(1)",
        }
    }
}

impl PathReport {
    /// Does the path pass everything, revocation included?
    #[must_use]
    pub fn is_trusted(&self) -> bool {
        self.status == PathStatus::Trusted
    }

    /// Does the path pass everything that can be known without revocation evidence?
    #[must_use]
    pub const fn leads_to_anchor(&self) -> bool {
        matches!(
            self.status,
            PathStatus::Trusted | PathStatus::RevocationUnknown { .. }
        )
    }
}

/// [`validate_path_with`] the default [`Parameters`] for a usage.
#[must_use]
pub fn validate_path(
    leaf: &Certificate,
    extra: &[Certificate],
    trust: &TrustStore,
    evidence: &Evidence,
    at: OffsetDateTime,
    usage: Usage,
) -> PathReport {
    let parameters = Parameters {
        usage,
        ..Parameters::default()
    };
    validate_path_with(leaf, extra, trust, evidence, at, &parameters)
}

/// Looks for a path from `leaf` to an anchor and judges it at `at`.
///
/// Issuers are looked for among the anchors, then `extra` (what came with the signature), then the bundled
/// intermediates. All paths within the budget are tried; the best outcome is reported.
#[must_use]
pub fn validate_path_with(
    leaf: &Certificate,
    extra: &[Certificate],
    trust: &TrustStore,
    evidence: &Evidence,
    at: OffsetDateTime,
    parameters: &Parameters,
) -> PathReport {
    let conforming = parameters.profile == Profile::Conforming;
    let inquiry = Inquiry::new(evidence, extra, trust, at, conforming);
    let mut best: Option<PathReport> = None;
    let search = build::search(leaf, extra, trust, &mut |chain| {
        let report = check::check(chain, &inquiry, parameters);
        // Without evidence no other path can turn out better.
        let done = report.is_trusted() || (evidence.is_empty() && report.leads_to_anchor());
        if best
            .as_ref()
            .is_none_or(|best| rank(&report.status) < rank(&best.status))
        {
            best = Some(report);
        }
        done
    });
    let mut report = best.unwrap_or_else(|| nowhere(&search));
    report.budget_exhausted = search.exhausted;
    report
}

/// The report when no anchor was reached.
fn nowhere(search: &build::Search) -> PathReport {
    let status = match &search.unsupported {
        Some((index, oid)) => PathStatus::ConstraintFailed {
            index: *index,
            constraint: Constraint::UnsupportedAlgorithm { oid: oid.clone() },
        },
        None => PathStatus::NoPath {
            missing_issuer: search
                .longest
                .last()
                .map(|last| last.issuer().to_string())
                .unwrap_or_default(),
        },
    };
    PathReport {
        status,
        revocation: Vec::new(),
        weak: check::is_weak(&search.longest),
        chain: search.longest.clone(),
        budget_exhausted: false,
    }
}

/// Lower is better; a known revocation is never hidden behind a path about which less is known.
const fn rank(status: &PathStatus) -> u8 {
    match status {
        PathStatus::Trusted => 0,
        PathStatus::Revoked { .. } => 1,
        PathStatus::RevocationUnknown { .. } => 2,
        PathStatus::Expired { .. } => 3,
        PathStatus::NotYetValid { .. } => 4,
        PathStatus::ConstraintFailed { .. } => 5,
        PathStatus::NoPath { .. } => 6,
    }
}
