//! Who signed, and when: paths, proofs of existence, and the conclusion of EN 319 102-1 (5.3, 5.5).

use antin_cades::{SignedDataReport, TimestampReport};
use antin_pkix::{
    Certificate, Evidence, PathReport, PathStatus, Source, TrustStore, Usage, validate_path,
};
use time::OffsetDateTime;

use super::Examined;
use crate::indication::{Indication, SubIndication};
use crate::report::{
    ActKind, CertificateFacts, Integrity, Level, PathFacts, SignatureKind, SignatureReport,
    TimestampFacts, Trust, Verdict,
};

/// What proves that a signature existed at a time.
pub(super) struct Proofs {
    /// The earliest time proven for each signature.
    earliest: Vec<Option<OffsetDateTime>>,
    /// Its own time-stamps.
    own: Vec<Vec<TimestampFacts>>,
}

/// Examines all time-stamps: a signature's own, and document time-stamps over it.
pub(super) fn proofs(
    examined: &[Examined],
    trust: &TrustStore,
    evidence: &Evidence,
    extra: &[Certificate],
    at: OffsetDateTime,
) -> Proofs {
    let judge = |report: &TimestampReport| judge_timestamp(report, trust, evidence, extra);
    let own: Vec<Vec<TimestampFacts>> = examined
        .iter()
        .map(|one| {
            let signer = one.integrity.signer();
            signer.map_or_else(Vec::new, |signer| {
                signer.timestamps.iter().map(judge).collect()
            })
        })
        .collect();
    // (revision, time) of every document time-stamp that proves anything.
    let documents: Vec<(usize, OffsetDateTime)> = examined
        .iter()
        .filter(|one| one.verdict() <= Verdict::ModifiedAllowed)
        .filter_map(|one| {
            let facts = judge(one.integrity.timestamp.as_ref()?);
            Some((one.coverage.revision?, proven(&facts, at)?))
        })
        .collect();
    let earliest = examined
        .iter()
        .zip(&own)
        .map(|(one, own)| {
            let by_own = own.iter().filter_map(|facts| proven(facts, at));
            let by_document = documents.iter().filter_map(|(revision, time)| {
                let covered = one.coverage.revision.is_some_and(|own| own < *revision);
                covered.then_some(*time)
            });
            by_own.chain(by_document).min()
        })
        .collect();
    Proofs { earliest, own }
}

/// A time-stamp in the future of the examination proves nothing.
fn proven(facts: &TimestampFacts, at: OffsetDateTime) -> Option<OffsetDateTime> {
    facts
        .time
        .filter(|time| facts.intact && facts.trust == Trust::Trusted && *time <= at)
}

fn judge_timestamp(
    report: &TimestampReport,
    trust: &TrustStore,
    evidence: &Evidence,
    extra: &[Certificate],
) -> TimestampFacts {
    let certificate = report
        .signer()
        .and_then(|signer| signer.certificate.as_ref());
    let time = report.token.as_ref().map(|token| token.generated_at);
    let trusted = match (certificate, time) {
        (Some(certificate), Some(time)) => {
            let helpers = [report.signed_data.certificates.as_slice(), extra].concat();
            let path = validate_path(
                certificate,
                &helpers,
                trust,
                evidence,
                time,
                Usage::TimeStamping,
            );
            if path.leads_to_anchor() {
                Trust::Trusted
            } else {
                trust_of(&path.status, true)
            }
        }
        _ => Trust::Unverified,
    };
    TimestampFacts {
        time,
        intact: report.is_intact(),
        authority: certificate.map(|certificate| certificate.subject().to_string()),
        trust: trusted,
    }
}

/// The whole report about one signature.
pub(super) fn conclude(
    one: &Examined,
    index: usize,
    proofs: &Proofs,
    trust: &TrustStore,
    evidence: &Evidence,
    extra: &[Certificate],
    at: OffsetDateTime,
) -> SignatureReport {
    let proof = proofs.earliest.get(index).copied().flatten();
    let best_time = proof.unwrap_or(at);
    let path = path_of(one, trust, evidence, extra, best_time);
    let verdict = one.verdict();
    let (indication, sub_indication) = indication(one, verdict, path.as_ref(), proof.is_some());
    let signer = one.integrity.signer();
    let timestamps = proofs.own.get(index).cloned().unwrap_or_default();
    let stamped = timestamps.iter().any(|facts| facts.intact);
    let ess = signer.is_some_and(|signer| signer.signing_certificate.passed());
    let trust = match (&path, one.integrity.integrity) {
        (Some(path), Integrity::Intact) => trust_of(&path.status, proof.is_some()),
        _ => Trust::Unverified,
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
        coverage: one.coverage.coverage,
        revision: one.coverage.revision,
        modifications: one.modifications.clone(),
        trust,
        signer: one.integrity.certificate().map(CertificateFacts::of),
        chain: path.as_ref().map_or_else(Vec::new, |path| {
            path.chain.iter().map(CertificateFacts::of).collect()
        }),
        path: PathFacts::of(path.as_ref()),
        level: match (ess, stamped) {
            (false, _) => Level::Cms,
            (true, false) => Level::BasicB,
            (true, true) => Level::BasicT,
        },
        sub_filter: one.found.sub_filter.clone(),
        digest: signer.map_or_else(String::new, |signer| {
            signer.digest_algorithm.map_or_else(
                || signer.digest_oid.clone(),
                |digest| digest.name().to_owned(),
            )
        }),
        weak: signer.is_some_and(|signer| signer.weak)
            || path.as_ref().is_some_and(|path| path.weak),
        best_time,
        time_proven: proof.is_some(),
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

fn path_of(
    one: &Examined,
    trust: &TrustStore,
    evidence: &Evidence,
    extra: &[Certificate],
    best_time: OffsetDateTime,
) -> Option<PathReport> {
    let certificate = one.integrity.certificate()?;
    let data: &SignedDataReport = one.integrity.signed_data.as_ref()?;
    let helpers = [data.certificates.as_slice(), extra].concat();
    let mut evidence = evidence.clone();
    evidence.crls.extend(data.crls.iter().cloned());
    evidence.ocsp.extend(data.ocsp.iter().cloned());
    let usage = match one.integrity.kind {
        SignatureKind::Signature => Usage::Signing,
        SignatureKind::DocumentTimestamp => Usage::TimeStamping,
    };
    let report = validate_path(certificate, &helpers, trust, &evidence, best_time, usage);
    Some(report)
}

/// EN 319 102-1, 5.3.4 and 5.5.4, on the building blocks' outcomes.
fn indication(
    one: &Examined,
    verdict: Verdict,
    path: Option<&PathReport>,
    proven: bool,
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
    let (indication, sub) = match &path.status {
        PathStatus::Trusted => return (TotalPassed, None),
        PathStatus::NoPath { .. } => (Indeterminate, Sub::NoCertificateChainFound),
        PathStatus::RevocationUnknown { .. } => (Indeterminate, Sub::TryLater),
        PathStatus::Revoked { index: 0, .. } if proven => (TotalFailed, Sub::Revoked),
        PathStatus::Revoked { index: 0, .. } => (Indeterminate, Sub::RevokedNoPoe),
        PathStatus::Revoked { .. } => (Indeterminate, Sub::RevokedCaNoPoe),
        PathStatus::Expired { .. } if proven => (TotalFailed, Sub::Expired),
        PathStatus::NotYetValid { .. } if proven => (TotalFailed, Sub::NotYetValid),
        PathStatus::Expired { .. } | PathStatus::NotYetValid { .. } => {
            (Indeterminate, Sub::OutOfBoundsNoPoe)
        }
        _ => (Indeterminate, Sub::ChainConstraintsFailure),
    };
    (indication, Some(sub))
}

/// No evidence is neither green nor red.
fn trust_of(status: &PathStatus, proven: bool) -> Trust {
    match status {
        PathStatus::Trusted => Trust::Trusted,
        PathStatus::Revoked { .. } | PathStatus::ConstraintFailed { .. } => Trust::Untrusted,
        PathStatus::Expired { .. } | PathStatus::NotYetValid { .. } if proven => Trust::Untrusted,
        _ => Trust::Unverified,
    }
}

/// What the signature dictionary says it is for, or its field's name.
fn act_of(one: &Examined) -> ActKind {
    let recorded = one.found.dict.get(ActKind::KEY.as_bytes());
    let recorded = recorded.and_then(antin_pdf::Object::as_name).ok();
    ActKind::of(recorded, &one.found.field)
}

/// signing-time of the CMS, else `/M`.
fn claimed_time(one: &Examined) -> Option<OffsetDateTime> {
    let signer = one.integrity.signer();
    let token = one
        .integrity
        .timestamp
        .as_ref()
        .and_then(|report| report.token.as_ref());
    signer
        .and_then(|signer| signer.signing_time)
        .or_else(|| one.found.time.as_deref().and_then(pdf_date))
        .or_else(|| token.map(|token| token.generated_at))
}

/// `D:YYYYMMDDHHmmSSOHH'mm'` (ISO 32000-2, 7.9.4); parts after the year may be missing.
fn pdf_date(text: &str) -> Option<OffsetDateTime> {
    let text = text.trim().trim_start_matches("D:");
    let split = text
        .find(|letter: char| !letter.is_ascii_digit())
        .unwrap_or(text.len());
    let (digits, zone) = text.split_at_checked(split)?;
    let part = |from: usize, to: usize, default: u8| {
        digits
            .get(from..to)
            .map_or(Some(default), |part| part.parse().ok())
    };
    let year: i32 = digits.get(..4)?.parse().ok()?;
    let month = time::Month::try_from(part(4, 6, 1)?).ok()?;
    let date = time::Date::from_calendar_date(year, month, part(6, 8, 1)?).ok()?;
    let clock = time::Time::from_hms(part(8, 10, 0)?, part(10, 12, 0)?, part(12, 14, 0)?).ok()?;
    let numbers: Vec<i8> = zone
        .split(|letter: char| !letter.is_ascii_digit())
        .filter_map(|part| part.parse().ok())
        .collect();
    let sign = if zone.starts_with('-') { -1 } else { 1 };
    let offset = time::UtcOffset::from_hms(
        sign * numbers.first().copied().unwrap_or(0),
        sign * numbers.get(1).copied().unwrap_or(0),
        0,
    )
    .ok()?;
    Some(date.with_time(clock).assume_offset(offset))
}

impl CertificateFacts {
    /// What is shown of a certificate.
    #[must_use]
    pub fn of(certificate: &Certificate) -> Self {
        let subject = certificate.subject();
        Self {
            subject: subject.to_string(),
            common_name: subject.common_name().map(str::to_owned),
            organization: subject.organization().map(str::to_owned),
            title: subject.title().map(str::to_owned),
            issuer: certificate.issuer().to_string(),
            serial: certificate.serial_hex(),
            not_before: certificate.not_before(),
            not_after: certificate.not_after(),
            sha256: certificate.fingerprint_hex(),
        }
    }
}

impl PathFacts {
    /// What is shown of a path.
    #[must_use]
    pub fn of(path: Option<&PathReport>) -> Self {
        let mut facts = Self {
            status: "not-examined",
            index: None,
            detail: None,
            since: None,
            revocation_source: None,
            revocation_as_of: None,
        };
        let Some(path) = path else { return facts };
        match &path.status {
            PathStatus::Trusted => facts.status = "trusted",
            PathStatus::NoPath { missing_issuer } => {
                facts.status = "no-path";
                facts.detail = Some(missing_issuer.clone());
            }
            PathStatus::Expired { index, not_after } => {
                facts.status = "expired";
                (facts.index, facts.since) = (Some(*index), Some(*not_after));
            }
            PathStatus::NotYetValid { index, not_before } => {
                facts.status = "not-yet-valid";
                (facts.index, facts.since) = (Some(*index), Some(*not_before));
            }
            PathStatus::Revoked { index, at, reason } => {
                facts.status = "revoked";
                (facts.index, facts.since) = (Some(*index), Some(*at));
                facts.detail = Some(reason.name().to_owned());
            }
            PathStatus::RevocationUnknown { index } => {
                facts.status = "revocation-unknown";
                facts.index = Some(*index);
            }
            PathStatus::ConstraintFailed { index, constraint } => {
                facts.status = "constraint-failed";
                facts.index = Some(*index);
                facts.detail = Some(format!("{constraint:?}"));
            }
            _ => {}
        }
        if let Some(Some(finding)) = path.revocation.first() {
            facts.revocation_source = Some(match finding.source {
                Source::Crl => "crl",
                Source::Ocsp => "ocsp",
            });
            facts.revocation_as_of = Some(finding.this_update);
        }
        facts
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_of_pdf_are_read() {
        let read = |text| pdf_date(text).map(|date| date.to_string());
        assert_eq!(
            read("D:20261124081500+07'00'").unwrap(),
            "2026-11-24 8:15:00.0 +07:00:00"
        );
        assert_eq!(read("D:2026Z").unwrap(), "2026-01-01 0:00:00.0 +00:00:00");
        assert_eq!(
            read("20261124081500-03'30").unwrap(),
            "2026-11-24 8:15:00.0 -03:30:00"
        );
        assert_eq!(read("D:20261324"), None);
        assert_eq!(read("ngày"), None);
    }
}
