//! Revocation: what the evidence at hand says about one certificate.

pub(crate) mod inquiry;

use crate::Error;
use crate::asn1::{Reader, tag};
use crate::crl::Crl;
use time::{Duration, OffsetDateTime};

/// Revocation evidence, as received. Its order does not matter.
#[derive(Debug, Clone, Default)]
pub struct Evidence {
    /// Certificate revocation lists, DER.
    pub crls: Vec<Vec<u8>>,
    /// OCSP responses, DER.
    pub ocsp: Vec<Vec<u8>>,
}

impl Evidence {
    /// Adds a list read from a file, DER or PEM.
    ///
    /// # Errors
    /// [`Error::Malformed`] if it is neither.
    pub fn add_crl_file(&mut self, bytes: &[u8]) -> Result<(), Error> {
        let der = if bytes.first() == Some(&tag::SEQUENCE) {
            bytes.to_vec()
        } else {
            der::pem::decode_vec(bytes)
                .map_err(|_| Error::malformed("PEM"))?
                .1
        };
        Crl::from_der(&der)?;
        self.crls.push(der);
        Ok(())
    }

    /// Is there none?
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.crls.is_empty() && self.ocsp.is_empty()
    }
}

/// CRLReason, RFC 5280 §5.3.1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names are the standard's own")]
pub enum Reason {
    Unspecified,
    KeyCompromise,
    CaCompromise,
    AffiliationChanged,
    Superseded,
    CessationOfOperation,
    CertificateHold,
    RemoveFromCrl,
    PrivilegeWithdrawn,
    AaCompromise,
}

impl Reason {
    /// Reads an ENUMERATED; anything unknown is unspecified.
    pub(crate) fn read(value: &[u8]) -> Self {
        let code = Reader::new(value, "CRLReason")
            .expect(tag::ENUMERATED)
            .ok()
            .and_then(|code| code.value.first().copied());
        match code {
            Some(1) => Self::KeyCompromise,
            Some(2) => Self::CaCompromise,
            Some(3) => Self::AffiliationChanged,
            Some(4) => Self::Superseded,
            Some(5) => Self::CessationOfOperation,
            Some(6) => Self::CertificateHold,
            Some(8) => Self::RemoveFromCrl,
            Some(9) => Self::PrivilegeWithdrawn,
            Some(10) => Self::AaCompromise,
            _ => Self::Unspecified,
        }
    }

    /// The standard's word.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Unspecified => "unspecified",
            Self::KeyCompromise => "keyCompromise",
            Self::CaCompromise => "cACompromise",
            Self::AffiliationChanged => "affiliationChanged",
            Self::Superseded => "superseded",
            Self::CessationOfOperation => "cessationOfOperation",
            Self::CertificateHold => "certificateHold",
            Self::RemoveFromCrl => "removeFromCRL",
            Self::PrivilegeWithdrawn => "privilegeWithdrawn",
            Self::AaCompromise => "aACompromise",
        }
    }
}

/// What is known about a certificate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    /// Not revoked at the time asked about.
    Good,
    /// Revoked at or before the time asked about.
    Revoked {
        /// Since when.
        at: OffsetDateTime,
        /// Why.
        reason: Reason,
    },
}

/// Where a status comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Source {
    /// A revocation list.
    Crl,
    /// An OCSP response.
    Ocsp,
}

/// A status with its source and age.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Finding {
    /// The status.
    pub status: Status,
    /// Where it comes from.
    pub source: Source,
    /// When it was known to be so.
    pub this_update: OffsetDateTime,
    /// Until when it is meant to be used.
    pub next_update: Option<OffsetDateTime>,
}

/// Evidence without nextUpdate may be this old.
const OPEN_ENDED_AGE: Duration = Duration::hours(24);

/// Evidence issued later than `at` says more than what was known then; older evidence must be in date.
pub(crate) fn is_fresh(
    this_update: OffsetDateTime,
    next_update: Option<OffsetDateTime>,
    at: OffsetDateTime,
) -> bool {
    this_update >= at
        || next_update.map_or_else(|| at - this_update <= OPEN_ENDED_AGE, |next| next >= at)
}
