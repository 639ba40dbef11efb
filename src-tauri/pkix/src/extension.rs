//! Certificate extensions, RFC 5280 §4.2, read on demand from their bytes.

pub(crate) mod general_name;
pub(crate) mod points;
pub(crate) mod policies;

use crate::asn1::{Reader, tag};
use crate::{Certificate, Error};

/// Object identifiers of the extensions this crate reads.
pub mod oid {
    #![allow(missing_docs, reason = "the names are the standard's own")]
    pub const SUBJECT_KEY_IDENTIFIER: &str = "2.5.29.14";
    pub const KEY_USAGE: &str = "2.5.29.15";
    pub const SUBJECT_ALT_NAME: &str = "2.5.29.17";
    pub const BASIC_CONSTRAINTS: &str = "2.5.29.19";
    pub const CRL_NUMBER: &str = "2.5.29.20";
    pub const REASON_CODE: &str = "2.5.29.21";
    pub const DELTA_CRL_INDICATOR: &str = "2.5.29.27";
    pub const ISSUING_DISTRIBUTION_POINT: &str = "2.5.29.28";
    pub const CERTIFICATE_ISSUER: &str = "2.5.29.29";
    pub const NAME_CONSTRAINTS: &str = "2.5.29.30";
    pub const CRL_DISTRIBUTION_POINTS: &str = "2.5.29.31";
    pub const CERTIFICATE_POLICIES: &str = "2.5.29.32";
    pub const POLICY_MAPPINGS: &str = "2.5.29.33";
    pub const AUTHORITY_KEY_IDENTIFIER: &str = "2.5.29.35";
    pub const POLICY_CONSTRAINTS: &str = "2.5.29.36";
    pub const EXTENDED_KEY_USAGE: &str = "2.5.29.37";
    pub const INHIBIT_ANY_POLICY: &str = "2.5.29.54";
    pub const AUTHORITY_INFO_ACCESS: &str = "1.3.6.1.5.5.7.1.1";
    pub const OCSP_NO_CHECK: &str = "1.3.6.1.5.5.7.48.1.5";
    pub const KP_TIME_STAMPING: &str = "1.3.6.1.5.5.7.3.8";
    pub const KP_OCSP_SIGNING: &str = "1.3.6.1.5.5.7.3.9";
    pub const KP_ANY: &str = "2.5.29.37.0";
}

/// An extension as received.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Extension {
    /// Its type, dotted.
    pub oid: String,
    /// Must a validator that does not know it refuse?
    pub critical: bool,
    /// The contents of `extnValue`.
    pub value: Vec<u8>,
}

/// basicConstraints, §4.2.1.9.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct BasicConstraints {
    /// May the subject issue certificates?
    pub ca: bool,
    /// How many non-self-issued authorities may follow.
    pub path_length: Option<u64>,
}

/// keyUsage, §4.2.1.3; bit 0 is the most significant bit of the first octet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KeyUsage(u16);

impl KeyUsage {
    /// digitalSignature
    #[must_use]
    pub const fn digital_signature(self) -> bool {
        self.bit(0)
    }
    /// nonRepudiation (contentCommitment)
    #[must_use]
    pub const fn non_repudiation(self) -> bool {
        self.bit(1)
    }
    /// keyCertSign
    #[must_use]
    pub const fn key_cert_sign(self) -> bool {
        self.bit(5)
    }
    /// cRLSign
    #[must_use]
    pub const fn crl_sign(self) -> bool {
        self.bit(6)
    }
    const fn bit(self, index: u16) -> bool {
        self.0 & (0x8000 >> index) != 0
    }
}

/// authorityKeyIdentifier, §4.2.1.1.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct AuthorityKeyIdentifier {
    /// Identifier of the issuer's key.
    pub key: Option<Vec<u8>>,
    /// Serial number of the issuer's certificate.
    pub serial: Option<Vec<u8>>,
}

/// Reads the extensions of a certificate, CRL or OCSP response from the contents of their SEQUENCE.
///
/// # Errors
/// [`Error::Malformed`] if they cannot be read, or one type occurs twice (§4.2).
pub fn read_all(mut list: Reader<'_>) -> Result<Vec<Extension>, Error> {
    // A certificate has a dozen; a bound keeps the search for duplicates cheap.
    const LIMIT: usize = 128;
    let mut all: Vec<Extension> = Vec::new();
    while !list.is_empty() {
        let mut one = list.expect(tag::SEQUENCE)?.reader("Extension");
        let oid = one.oid()?.to_string();
        let critical = if one.peek() == Some(tag::BOOLEAN) {
            one.boolean()?
        } else {
            false
        };
        let value = one.expect(tag::OCTET_STRING)?.value.to_vec();
        if all.len() >= LIMIT || all.iter().any(|known| known.oid == oid) {
            return Err(list.error());
        }
        all.push(Extension {
            oid,
            critical,
            value,
        });
    }
    Ok(all)
}

impl Certificate {
    /// The extension of a type.
    #[must_use]
    pub fn extension(&self, oid: &str) -> Option<&Extension> {
        self.extensions()
            .iter()
            .find(|extension| extension.oid == oid)
    }

    /// basicConstraints, if present.
    ///
    /// # Errors
    /// [`Error::Malformed`] if it cannot be read.
    pub fn basic_constraints(&self) -> Result<Option<BasicConstraints>, Error> {
        let Some(extension) = self.extension(oid::BASIC_CONSTRAINTS) else {
            return Ok(None);
        };
        let mut outer = Reader::new(&extension.value, "basicConstraints");
        let mut inner = outer.expect(tag::SEQUENCE)?.reader("basicConstraints");
        outer.finish()?;
        let ca = if inner.peek() == Some(tag::BOOLEAN) {
            inner.boolean()?
        } else {
            false
        };
        let path_length = if inner.is_empty() {
            None
        } else {
            Some(inner.unsigned()?)
        };
        inner.finish()?;
        Ok(Some(BasicConstraints { ca, path_length }))
    }

    /// keyUsage, if present.
    ///
    /// # Errors
    /// [`Error::Malformed`] if it cannot be read.
    pub fn key_usage(&self) -> Result<Option<KeyUsage>, Error> {
        let Some(extension) = self.extension(oid::KEY_USAGE) else {
            return Ok(None);
        };
        let mut reader = Reader::new(&extension.value, "keyUsage");
        let error = reader.error();
        let bits = flags(reader.expect(tag::BIT_STRING)?.value).ok_or(error)?;
        Ok(Some(KeyUsage(bits)))
    }

    /// extKeyUsage: the purposes, if present.
    ///
    /// # Errors
    /// [`Error::Malformed`] if it cannot be read.
    pub fn extended_key_usage(&self) -> Result<Option<Vec<String>>, Error> {
        let Some(extension) = self.extension(oid::EXTENDED_KEY_USAGE) else {
            return Ok(None);
        };
        let mut list = Reader::new(&extension.value, "extKeyUsage")
            .expect(tag::SEQUENCE)?
            .reader("extKeyUsage");
        let mut purposes = Vec::new();
        while !list.is_empty() {
            purposes.push(list.oid()?.to_string());
        }
        if purposes.is_empty() {
            return Err(list.error());
        }
        Ok(Some(purposes))
    }

    /// subjectKeyIdentifier, if present and readable.
    #[must_use]
    pub fn subject_key_identifier(&self) -> Option<&[u8]> {
        let extension = self.extension(oid::SUBJECT_KEY_IDENTIFIER)?;
        Some(
            Reader::new(&extension.value, "subjectKeyIdentifier")
                .expect(tag::OCTET_STRING)
                .ok()?
                .value,
        )
    }

    /// authorityKeyIdentifier; a hint for path building only.
    #[must_use]
    pub fn authority_key_identifier(&self) -> AuthorityKeyIdentifier {
        let read = || {
            let extension = self.extension(oid::AUTHORITY_KEY_IDENTIFIER)?;
            let mut inner = Reader::new(&extension.value, "authorityKeyIdentifier")
                .expect(tag::SEQUENCE)
                .ok()?
                .reader("authorityKeyIdentifier");
            let mut found = AuthorityKeyIdentifier::default();
            while !inner.is_empty() {
                let tlv = inner.read().ok()?;
                match tlv.tag {
                    0x80 => found.key = Some(tlv.value.to_vec()),
                    0x82 => found.serial = Some(tlv.value.to_vec()),
                    _ => {}
                }
            }
            Some(found)
        };
        read().unwrap_or_default()
    }

    /// Addresses of complete CRLs, as written.
    #[must_use]
    pub fn crl_urls(&self) -> Vec<String> {
        let read = || {
            let extension = self.extension(oid::CRL_DISTRIBUTION_POINTS)?;
            let mut urls = Vec::new();
            let mut points = Reader::new(&extension.value, "cRLDistributionPoints")
                .expect(tag::SEQUENCE)
                .ok()?
                .reader("cRLDistributionPoints");
            while !points.is_empty() {
                let mut point = points
                    .expect(tag::SEQUENCE)
                    .ok()?
                    .reader("DistributionPoint");
                let Some(name) = point.optional(tag::context(0)).ok()? else {
                    continue;
                };
                let Some(full) = name
                    .reader("DistributionPointName")
                    .optional(tag::context(0))
                    .ok()?
                else {
                    continue;
                };
                urls.extend(uris(full.reader("GeneralNames")));
            }
            Some(urls)
        };
        read().unwrap_or_default()
    }

    /// Addresses of OCSP responders, as written.
    #[must_use]
    pub fn ocsp_urls(&self) -> Vec<String> {
        self.access("1.3.6.1.5.5.7.48.1")
    }

    /// Addresses of the issuer's certificate, as written.
    #[must_use]
    pub fn issuer_urls(&self) -> Vec<String> {
        self.access("1.3.6.1.5.5.7.48.2")
    }

    fn access(&self, method: &str) -> Vec<String> {
        let read = || {
            let extension = self.extension(oid::AUTHORITY_INFO_ACCESS)?;
            let mut urls = Vec::new();
            let mut list = Reader::new(&extension.value, "authorityInfoAccess")
                .expect(tag::SEQUENCE)
                .ok()?
                .reader("authorityInfoAccess");
            while !list.is_empty() {
                let mut one = list.expect(tag::SEQUENCE).ok()?.reader("AccessDescription");
                if one.oid().ok()?.to_string() == method {
                    urls.extend(uris(one));
                }
            }
            Some(urls)
        };
        read().unwrap_or_default()
    }
}

/// A named-bit list of at most sixteen bits; bit 0 is the most significant one.
fn flags(value: &[u8]) -> Option<u16> {
    match value {
        [0..=7, bits @ ..] if bits.len() <= 2 => {
            let first = bits.first().copied().unwrap_or(0);
            let second = bits.get(1).copied().unwrap_or(0);
            Some(u16::from_be_bytes([first, second]))
        }
        _ => None,
    }
}

/// The `uniformResourceIdentifier`s among general names.
fn uris(mut names: Reader<'_>) -> Vec<String> {
    let mut urls = Vec::new();
    while let Ok(name) = names.read() {
        if name.tag == tag::context_primitive(6) {
            urls.push(String::from_utf8_lossy(name.value).into_owned());
        }
    }
    urls
}
