//! Certificate revocation lists, RFC 5280 §5. Complete lists of the certificate's own issuer only.

use crate::asn1::{Reader, Tlv, tag};
use crate::extension::{self, Extension};
use crate::revocation::{Finding, Reason, Source, Status};
use crate::{AlgorithmIdentifierOwned, Certificate, DistinguishedName, Error, verify_signature};
use time::OffsetDateTime;

/// Largest list looked at (certval's default); VGCA's are well below 1 MiB.
const SIZE_LIMIT: usize = 100 << 20;

/// A list, borrowed; its entries are read when asked for.
#[derive(Debug)]
pub struct Crl<'a> {
    tbs: &'a [u8],
    algorithm: AlgorithmIdentifierOwned,
    signature: &'a [u8],
    issuer: DistinguishedName,
    this_update: OffsetDateTime,
    next_update: Option<OffsetDateTime>,
    entries: Option<&'a [u8]>,
    extensions: Vec<Extension>,
}

impl<'a> Crl<'a> {
    /// Reads the frame of a list; neither entries nor signature are examined.
    ///
    /// # Errors
    /// [`Error::Malformed`] if it is not a list, [`Error::TooBig`] above 100 MiB.
    pub fn from_der(der: &'a [u8]) -> Result<Self, Error> {
        if der.len() > SIZE_LIMIT {
            return Err(Error::TooBig {
                structure: "CertificateList",
                size: der.len(),
                limit: SIZE_LIMIT,
            });
        }
        let mut outer = Reader::new(der, "CertificateList");
        let mut list = outer.expect(tag::SEQUENCE)?.reader("CertificateList");
        outer.finish()?;
        let tbs = list.expect(tag::SEQUENCE)?;
        let algorithm = list.algorithm()?;
        let signature = list.bits()?;
        list.finish()?;
        let mut fields = tbs.reader("TBSCertList");
        if fields.peek() == Some(tag::INTEGER) {
            fields.unsigned()?;
        }
        let inner_algorithm = fields.algorithm()?;
        if inner_algorithm != algorithm {
            return Err(fields.error());
        }
        let issuer = DistinguishedName::from_der(fields.expect(tag::SEQUENCE)?.whole)?;
        let this_update = fields.time()?;
        let next_update = if matches!(fields.peek(), Some(tag::UTC_TIME | tag::GENERALIZED_TIME)) {
            Some(fields.time()?)
        } else {
            None
        };
        let entries = fields.optional(tag::SEQUENCE)?.map(|entries| entries.value);
        let extensions = match fields.optional(tag::context(0))? {
            Some(wrapper) => extension::read_all(
                wrapper
                    .reader("crlExtensions")
                    .expect(tag::SEQUENCE)?
                    .reader("crlExtensions"),
            )?,
            None => Vec::new(),
        };
        fields.finish()?;
        Ok(Self {
            tbs: tbs.whole,
            algorithm,
            signature,
            issuer,
            this_update,
            next_update,
            entries,
            extensions,
        })
    }

    /// Who issued the list.
    #[must_use]
    pub const fn issuer(&self) -> &DistinguishedName {
        &self.issuer
    }

    /// When it was issued.
    #[must_use]
    pub const fn this_update(&self) -> OffsetDateTime {
        self.this_update
    }

    /// When the next one is due.
    #[must_use]
    pub const fn next_update(&self) -> Option<OffsetDateTime> {
        self.next_update
    }

    /// What the list says about `certificate` at `at`, if one of `signers` signed it; or `None` if it says nothing that can be relied on.
    pub(crate) fn judge(
        &self,
        certificate: &Certificate,
        signers: &[&Certificate],
        at: OffsetDateTime,
    ) -> Option<Finding> {
        if !self.issuer.matches(certificate.issuer()) {
            return None;
        }
        let complete = self.scope(certificate)?;
        let entry = self.entry(certificate.serial()).ok()?;
        let signed = signers.iter().any(|signer| {
            let may_sign = signer
                .key_usage()
                .is_ok_and(|usage| usage.is_none_or(|usage| usage.crl_sign()));
            may_sign
                && verify_signature(signer.spki_der(), &self.algorithm, self.tbs, self.signature)
                    .is_ok()
        });
        if !signed {
            return None;
        }
        let status = match entry {
            Some((date, _)) if date > at => Status::Good,
            Some((date, reason)) => Status::Revoked { at: date, reason },
            // Entries of expired certificates may be dropped (§3.3), so a later list proves nothing.
            None if !complete || self.this_update > certificate.not_after() => return None,
            None => Status::Good,
        };
        if matches!(status, Status::Good)
            && !crate::revocation::is_fresh(self.this_update, self.next_update, at)
        {
            return None;
        }
        Some(Finding {
            status,
            source: Source::Crl,
            this_update: self.this_update,
            next_update: self.next_update,
        })
    }

    /// `Some(true)`: covers all reasons for this certificate; `Some(false)`: some reasons; `None`: unusable.
    fn scope(&self, certificate: &Certificate) -> Option<bool> {
        let mut complete = true;
        for extension in &self.extensions {
            match extension.oid.as_str() {
                // deltaCRLIndicator
                "2.5.29.27" => return None,
                // issuingDistributionPoint
                "2.5.29.28" => complete = distribution_point_covers(&extension.value, certificate)?,
                // cRLNumber, authorityKeyIdentifier
                "2.5.29.20" | "2.5.29.35" => {}
                _ if extension.critical => return None,
                _ => {}
            }
        }
        Some(complete)
    }

    /// The entry of a serial number; an error if any entry has a critical extension we do not know (§5.3).
    fn entry(&self, serial: &[u8]) -> Result<Option<(OffsetDateTime, Reason)>, Error> {
        let mut found = None;
        let mut entries = Reader::new(self.entries.unwrap_or_default(), "revokedCertificates");
        while !entries.is_empty() {
            let mut entry = entries.expect(tag::SEQUENCE)?.reader("revokedCertificate");
            let listed = entry.integer()? == serial;
            let date = entry.read()?;
            let extensions = entry.optional(tag::SEQUENCE)?;
            if !listed && extensions.is_none() {
                continue;
            }
            let mut reason = Reason::Unspecified;
            if let Some(list) = extensions {
                for extension in extension::read_all(list.reader("crlEntryExtensions"))? {
                    match extension.oid.as_str() {
                        // reasonCode
                        "2.5.29.21" => reason = Reason::read(&extension.value),
                        _ if extension.critical => return Err(entries.error()),
                        _ => {}
                    }
                }
            }
            if listed {
                found = Some((
                    crate::asn1::time(date).ok_or_else(|| entries.error())?,
                    reason,
                ));
            }
        }
        Ok(found)
    }
}

/// issuingDistributionPoint, §5.2.5.
fn distribution_point_covers(value: &[u8], certificate: &Certificate) -> Option<bool> {
    let mut fields = Reader::new(value, "issuingDistributionPoint")
        .expect(tag::SEQUENCE)
        .ok()?
        .reader("issuingDistributionPoint");
    let is_authority = certificate
        .basic_constraints()
        .ok()?
        .is_some_and(|constraints| constraints.ca);
    let mut complete = true;
    while !fields.is_empty() {
        let field = fields.read().ok()?;
        let set = field.value.first().is_some_and(|octet| *octet != 0);
        match field.tag {
            0xa0 if !names_match(field, certificate) => return None,
            0xa0 => {}
            // onlyContainsUserCerts, onlyContainsCACerts
            0x81 if set && is_authority => return None,
            0x82 if set && !is_authority => return None,
            0x81 | 0x82 => {}
            // onlySomeReasons
            0x83 => complete = false,
            // indirectCRL, onlyContainsAttributeCerts
            0x84 | 0x85 if set => return None,
            0x84 | 0x85 => {}
            _ => return None,
        }
    }
    Some(complete)
}

/// Does one of the list's full names occur among the certificate's distribution points?
fn names_match(name: Tlv<'_>, certificate: &Certificate) -> bool {
    let read = || -> Option<bool> {
        let wanted = full_names(name.reader("DistributionPointName"))?;
        let extension = certificate.extension(extension::oid::CRL_DISTRIBUTION_POINTS)?;
        let mut points = Reader::new(&extension.value, "cRLDistributionPoints")
            .expect(tag::SEQUENCE)
            .ok()?
            .reader("cRLDistributionPoints");
        while !points.is_empty() {
            let mut point = points
                .expect(tag::SEQUENCE)
                .ok()?
                .reader("DistributionPoint");
            if let Some(name) = point.optional(tag::context(0)).ok()?
                && let Some(names) = full_names(name.reader("DistributionPointName"))
                && names.iter().any(|name| wanted.contains(name))
            {
                return Some(true);
            }
        }
        Some(false)
    };
    read().unwrap_or(false)
}

fn full_names(mut name: Reader<'_>) -> Option<Vec<&[u8]>> {
    let mut full = name.expect(tag::context(0)).ok()?.reader("fullName");
    let mut names = Vec::new();
    while !full.is_empty() {
        names.push(full.read().ok()?.whole);
    }
    Some(names)
}
