//! Certificate revocation lists, RFC 5280 §5: complete, partitioned, indirect and delta lists.
//!
//! `crl/scope.rs` says which certificates a list speaks about, `crl/entry.rs` what it says, and
//! `revocation/inquiry.rs` whether it may be believed.

pub(crate) mod entry;
pub(crate) mod scope;

use crate::asn1::{Reader, tag};
use crate::extension::points::IssuingPoint;
use crate::extension::{self, Extension, oid};
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

    /// Is it a list of changes to another list (§5.2.4)?
    pub(crate) fn is_delta(&self) -> bool {
        self.extension(oid::DELTA_CRL_INDICATOR).is_some()
    }

    /// The list may be relied on as far as its own extensions go: none is critical and unknown (§5.2).
    /// A `conforming` one also has a number, not critical (§5.2.3).
    pub(crate) fn is_usable(&self, conforming: bool) -> bool {
        let known = self.extensions.iter().all(|extension| {
            !extension.critical
                || matches!(
                    extension.oid.as_str(),
                    oid::DELTA_CRL_INDICATOR
                        | oid::ISSUING_DISTRIBUTION_POINT
                        | oid::CRL_NUMBER
                        | oid::AUTHORITY_KEY_IDENTIFIER
                )
        });
        let numbered = self
            .extension(oid::CRL_NUMBER)
            .is_some_and(|number| !number.critical);
        known && (numbered || !conforming)
    }

    /// May this list of changes be applied to `base` (§5.2.4, §6.3.3 c)?
    pub(crate) fn applies_to(&self, base: &Self) -> bool {
        let value = |list: &Self, oid| list.extension(oid).map(|found| found.value.clone());
        let same = |oid| value(self, oid) == value(base, oid);
        let number = |list: &Self, oid| integer(&list.extension(oid)?.value);
        let in_order = || {
            let complete = number(base, oid::CRL_NUMBER)?;
            let from = number(self, oid::DELTA_CRL_INDICATOR)?;
            Some(from <= complete && complete < number(self, oid::CRL_NUMBER)?)
        };
        self.is_delta()
            && !base.is_delta()
            && self.issuer.matches(&base.issuer)
            && same(oid::ISSUING_DISTRIBUTION_POINT)
            && same(oid::AUTHORITY_KEY_IDENTIFIER)
            && in_order() == Some(true)
    }

    /// issuingDistributionPoint, if present.
    pub(crate) fn issuing_point(&self) -> Result<Option<IssuingPoint<'_>>, Error> {
        self.extension(oid::ISSUING_DISTRIBUTION_POINT)
            .map(|extension| IssuingPoint::read(&extension.value))
            .transpose()
    }

    /// How much there is to read and hash.
    pub(crate) const fn size(&self) -> usize {
        self.tbs.len()
    }

    /// Was the list signed with this key?
    pub(crate) fn is_signed_by(&self, signer: &Certificate) -> bool {
        verify_signature(signer.spki_der(), &self.algorithm, self.tbs, self.signature).is_ok()
    }

    fn extension(&self, oid: &str) -> Option<&Extension> {
        self.extensions
            .iter()
            .find(|extension| extension.oid == oid)
    }
}

/// A non-negative INTEGER of any size, so that it compares: its length without zeros, then its octets.
fn integer(value: &[u8]) -> Option<(usize, Vec<u8>)> {
    let octets = Reader::new(value, "CRLNumber").integer().ok()?;
    if octets.first().is_some_and(|first| *first >= 0x80) {
        return None;
    }
    let zeros = octets.iter().take_while(|octet| **octet == 0).count();
    let significant = octets.get(zeros..)?.to_vec();
    Some((significant.len(), significant))
}
