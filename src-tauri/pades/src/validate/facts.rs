//! What a report shows of certificates, paths and claimed times.

use antin_pkix::{Certificate, PathReport, PathStatus, Source};
use time::OffsetDateTime;

use super::Examined;
use crate::report::{CertificateFacts, PathFacts};

/// signing-time of the CMS, else `/M`.
pub(super) fn claimed_time(one: &Examined) -> Option<OffsetDateTime> {
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
