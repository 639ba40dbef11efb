//! Certification paths, RFC 5280 §6: found, checked, reported.

mod build;
mod check;
mod names;
mod policy;

use crate::revocation::{Evidence, Finding, Reason};
use crate::{Certificate, TrustStore};
use time::OffsetDateTime;

pub(crate) use check::is_processed;

/// What the first certificate's key was used for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Usage {
    /// Signing documents: digitalSignature or nonRepudiation, or no key usage at all.
    Signing,
    /// Time-stamping (RFC 3161 §2.3): the purpose must be named.
    TimeStamping,
    /// No demand on the first certificate.
    Any,
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
    /// A name lies outside what an authority may name.
    Name,
    /// An authority demands a policy that the path does not have.
    Policy,
    /// keyUsage does not allow the use.
    KeyUsage,
    /// extKeyUsage does not allow the use.
    ExtendedKeyUsage,
    /// An extension cannot be read.
    MalformedExtension,
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
    /// A certificate below the anchor is signed with SHA-1.
    pub weak: bool,
    /// The search ended at its budget, so that a path may have been missed.
    pub budget_exhausted: bool,
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

/// Looks for a path from `leaf` to an anchor and judges it at `at`.
///
/// Issuers are looked for among the anchors, then `extra` (what came with the signature), then the bundled
/// intermediates. All paths within the budget are tried; the best outcome is reported.
#[must_use]
pub fn validate_path(
    leaf: &Certificate,
    extra: &[Certificate],
    trust: &TrustStore,
    evidence: &Evidence,
    at: OffsetDateTime,
    usage: Usage,
) -> PathReport {
    let mut best: Option<PathReport> = None;
    let others: Vec<&Certificate> = extra
        .iter()
        .chain(&trust.intermediates)
        .chain(&trust.anchors)
        .collect();
    let search = build::search(leaf, extra, trust, &mut |chain| {
        let report = check::check(chain, &others, evidence, at, usage);
        let done = report.is_trusted();
        if best
            .as_ref()
            .is_none_or(|best| rank(&report.status) < rank(&best.status))
        {
            best = Some(report);
        }
        done
    });
    let mut report = best.unwrap_or_else(|| {
        let missing_issuer = search
            .longest
            .last()
            .map(|last| last.issuer().to_string())
            .unwrap_or_default();
        let weak = check::is_weak(&search.longest);
        let status = match search.unsupported {
            Some((index, oid)) => PathStatus::ConstraintFailed {
                index,
                constraint: Constraint::UnsupportedAlgorithm { oid },
            },
            None => PathStatus::NoPath { missing_issuer },
        };
        PathReport {
            status,
            revocation: Vec::new(),
            weak,
            chain: search.longest.clone(),
            budget_exhausted: false,
        }
    });
    report.budget_exhausted = search.exhausted;
    report
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
