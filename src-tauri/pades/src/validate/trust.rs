//! Who signed: paths, and the conclusion of EN 319 102-1 (5.3, 5.5, 5.6) about one signature.

use std::borrow::Cow;

use antin_cades::SignedDataReport;
use antin_pkix::{
    Certificate, Constraint, Evidence, PathReport, PathStatus, TrustStore, Usage, validate_path,
};
use time::{OffsetDateTime, macros::datetime};

use super::Examined;
use super::facts::claimed_time;
use super::proof::Known;
use crate::indication::{Indication, SubIndication};
use crate::report::{
    ActKind, CertificateFacts, Integrity, Level, PathFacts, SignatureKind, SignatureReport, Trust,
    Verdict,
};

/// The day the first collision of SHA-1 was published (Stevens, Bursztein, Karpman, Albertini, Markov: "The first
/// collision for full SHA-1", CRYPTO 2017). What is proven to be older was not made with one. DSA, withdrawn later (FIPS
/// 186-5 of 2023-02-03), is measured by the same day.
const WEAK_SINCE: OffsetDateTime = datetime!(2017-02-23 00:00 UTC);

/// What a judgement rests on.
pub(super) struct World<'a> {
    pub(super) trust: &'a TrustStore,
    /// The caller's, and what the document's store holds.
    pub(super) evidence: &'a Evidence,
    /// Certificates of the document's store.
    pub(super) certificates: &'a [Certificate],
    pub(super) at: OffsetDateTime,
}

impl World<'_> {
    /// The path of a certificate that came in `data`, judged at a time.
    pub(super) fn path(
        &self,
        certificate: &Certificate,
        data: &[&SignedDataReport],
        usage: Usage,
        at: OffsetDateTime,
    ) -> PathReport {
        let mut helpers: Vec<Certificate> = Vec::new();
        let mut evidence = Cow::Borrowed(self.evidence);
        for data in data {
            helpers.extend(data.certificates.iter().cloned());
            if !data.crls.is_empty() || !data.ocsp.is_empty() {
                let evidence = evidence.to_mut();
                evidence.crls.extend(data.crls.iter().cloned());
                evidence.ocsp.extend(data.ocsp.iter().cloned());
            }
        }
        helpers.extend_from_slice(self.certificates);
        validate_path(certificate, &helpers, self.trust, &evidence, at, usage)
    }

    /// The path of a signer's certificate.
    pub(super) fn path_of(&self, one: &Examined, at: OffsetDateTime) -> Option<PathReport> {
        let certificate = one.integrity.certificate()?;
        let data = one.integrity.signed_data.as_ref()?;
        let usage = match one.integrity.kind {
            SignatureKind::Signature => Usage::Signing,
            SignatureKind::DocumentTimestamp => Usage::TimeStamping,
        };
        Some(self.path(certificate, &[data], usage, at))
    }
}

/// The whole report about one signature.
pub(super) fn conclude(
    one: &Examined,
    known: &Known,
    level: Level,
    world: &World<'_>,
) -> SignatureReport {
    let proof = known.existed.clone();
    let best_time = proof.as_ref().map_or(world.at, |facts| facts.time);
    // A document time-stamp does not prove its own authority: that is judged when the next one was made.
    let judged_at = match one.integrity.kind {
        SignatureKind::Signature => best_time,
        SignatureKind::DocumentTimestamp => {
            let own = known.stamps.first();
            own.map_or(world.at, |facts| facts.judged_at)
        }
    };
    let path = match &known.path {
        Some((time, path)) if *time == judged_at => Some(path.clone()),
        _ => world.path_of(one, judged_at),
    };
    let verdict = one.verdict();
    let (indication, sub_indication) = indication(one, verdict, path.as_ref(), known, best_time);
    let signer = one.integrity.signer();
    let trust = match (&path, one.integrity.integrity) {
        (Some(path), Integrity::Intact) => {
            trust_of(&path.status, indication == Indication::TotalFailed)
        }
        _ => Trust::Unverified,
    };
    let weak =
        signer.is_some_and(|signer| signer.weak) || path.as_ref().is_some_and(|path| path.weak);
    let older = proof.as_ref().is_some_and(|facts| facts.time < WEAK_SINCE);
    let timestamps = match one.integrity.kind {
        SignatureKind::Signature => known.stamps.clone(),
        SignatureKind::DocumentTimestamp => Vec::new(),
    };
    SignatureReport {
        field: one.found.field.clone(),
        kind: one.integrity.kind,
        act: act_of(one),
        verdict,
        indication,
        sub_indication,
        integrity: one.integrity.integrity,
        detail: one
            .integrity
            .detail
            .clone()
            .or_else(|| one.coverage.detail.clone()),
        coverage: one.coverage.of_file(),
        revision: one.coverage.revision,
        modifications: one.modifications.clone(),
        trust,
        signer: one.integrity.certificate().map(CertificateFacts::of),
        chain: path.as_ref().map_or_else(Vec::new, |path| {
            path.chain.iter().map(CertificateFacts::of).collect()
        }),
        path: PathFacts::of(path.as_ref()),
        level,
        sub_filter: one.found.sub_filter.clone(),
        digest: signer.map_or_else(String::new, |signer| {
            signer.digest_algorithm.map_or_else(
                || signer.digest_oid.clone(),
                |digest| digest.name().to_owned(),
            )
        }),
        weak: weak && !older,
        best_time,
        time_proven: proof.is_some(),
        proof,
        claimed_time: claimed_time(one),
        timestamps,
        name: one.found.name.clone(),
        reason: one.found.reason.clone(),
        location: one.found.location.clone(),
        page: one.found.page,
        rect: one.found.rect,
        certification: one.permission.own_level,
        lock: one.permission.lock.clone(),
    }
}

/// EN 319 102-1, 5.3.4 and 5.5.4, on the building blocks' outcomes.
fn indication(
    one: &Examined,
    verdict: Verdict,
    path: Option<&PathReport>,
    known: &Known,
    best_time: OffsetDateTime,
) -> (Indication, Option<SubIndication>) {
    use Indication::{Indeterminate, TotalFailed, TotalPassed};
    use SubIndication as Sub;
    match one.integrity.integrity {
        Integrity::Intact => {}
        Integrity::ContentChanged => return (TotalFailed, Some(Sub::HashFailure)),
        Integrity::SignatureBroken => return (TotalFailed, Some(Sub::SigCryptoFailure)),
        Integrity::Malformed => return (TotalFailed, Some(Sub::FormatFailure)),
        Integrity::Unsupported => return (Indeterminate, Some(Sub::CryptoConstraintsFailure)),
        Integrity::NoCertificate => {
            return (Indeterminate, Some(Sub::NoSigningCertificateFound));
        }
    }
    if verdict == Verdict::NotCoveringWholeFile || verdict == Verdict::Malformed {
        return (TotalFailed, Some(Sub::FormatFailure));
    }
    // What was done after it breaks a rule the signature carries; the signature itself stays what it was.
    if verdict == Verdict::ModifiedDisallowed {
        return (Indeterminate, Some(Sub::SigConstraintsFailure));
    }
    let Some(path) = path else {
        return (Indeterminate, Some(Sub::NoSigningCertificateFound));
    };
    let later_than = |limit: OffsetDateTime| known.made_after.is_some_and(|time| time > limit);
    let (indication, sub) = match &path.status {
        PathStatus::Trusted => return (TotalPassed, None),
        PathStatus::NoPath { .. } => (Indeterminate, Sub::NoCertificateChainFound),
        PathStatus::RevocationUnknown { .. } => (Indeterminate, Sub::TryLater),
        // A proof of existence says that a signature is not younger. That it is not older either, so that it was made
        // with a certificate already revoked or expired, only an older time-stamp under it can say (5.5.4, 4 a–c).
        PathStatus::Revoked { index: 0, at, .. } if later_than(*at) => (TotalFailed, Sub::Revoked),
        PathStatus::Revoked { index: 0, .. } => (Indeterminate, Sub::RevokedNoPoe),
        PathStatus::Revoked { .. } => (Indeterminate, Sub::RevokedCaNoPoe),
        PathStatus::Expired {
            index: 0,
            not_after,
        } if later_than(*not_after) => (TotalFailed, Sub::Expired),
        // It existed before its certificate did.
        PathStatus::NotYetValid {
            index: 0,
            not_before,
        } if known.existed.is_some() && best_time < *not_before => (TotalFailed, Sub::NotYetValid),
        PathStatus::Expired { .. } | PathStatus::NotYetValid { .. } => {
            (Indeterminate, Sub::OutOfBoundsNoPoe)
        }
        PathStatus::ConstraintFailed { constraint, .. } if is_impossible(constraint) => {
            (Indeterminate, Sub::CryptoConstraintsFailure)
        }
        _ => (Indeterminate, Sub::ChainConstraintsFailure),
    };
    (indication, Some(sub))
}

/// A check that could not be made, which is not one that failed.
const fn is_impossible(constraint: &Constraint) -> bool {
    matches!(
        constraint,
        Constraint::UnsupportedAlgorithm { .. } | Constraint::TooMuchWork
    )
}

/// No evidence is neither green nor red. `failed`: a time-stamp proves that the certificate was used when it must not.
pub(super) fn trust_of(status: &PathStatus, failed: bool) -> Trust {
    match status {
        PathStatus::Trusted => Trust::Trusted,
        PathStatus::ConstraintFailed { constraint, .. } if is_impossible(constraint) => {
            Trust::Unverified
        }
        // Revoked, and nothing says that the signature is older: a stolen key is the case to be feared.
        PathStatus::Revoked { .. } | PathStatus::ConstraintFailed { .. } => Trust::Untrusted,
        PathStatus::Expired { .. } | PathStatus::NotYetValid { .. } if failed => Trust::Untrusted,
        _ => Trust::Unverified,
    }
}

/// What the signature dictionary says it is for, or its field's name.
fn act_of(one: &Examined) -> ActKind {
    let recorded = one.found.dict.get(ActKind::KEY.as_bytes());
    let recorded = recorded.and_then(antin_pdf::Object::as_name).ok();
    ActKind::of(recorded, &one.found.field)
}
