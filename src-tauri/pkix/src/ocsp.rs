//! OCSP, RFC 6960: responses judged, requests made.

use crate::asn1::{Reader, Tlv, tag, write};
use crate::extension::{self, oid};
use crate::revocation::{Finding, Reason, Source, Status};
use crate::{
    AlgorithmIdentifierOwned, Certificate, DigestAlgorithm, DistinguishedName, Error,
    verify_signature,
};
use time::OffsetDateTime;

/// Largest response looked at (certval's default).
const SIZE_LIMIT: usize = 1 << 20;
/// Certificates of a response, and of those whose name is the responder's, that are tried.
const RESPONDER_LIMIT: usize = 8;

/// A successful response, borrowed.
#[derive(Debug)]
pub struct OcspResponse<'a> {
    tbs: &'a [u8],
    algorithm: AlgorithmIdentifierOwned,
    signature: &'a [u8],
    certificates: Vec<Certificate>,
    responder: Responder,
    produced_at: OffsetDateTime,
    answers: &'a [u8],
}

#[derive(Debug)]
enum Responder {
    Name(DistinguishedName),
    KeyHash(Vec<u8>),
}

impl<'a> OcspResponse<'a> {
    /// Reads an `OCSPResponse` with status successful, or a bare `BasicOCSPResponse`.
    ///
    /// # Errors
    /// [`Error::Malformed`] if it is neither.
    pub fn from_der(der: &'a [u8]) -> Result<Self, Error> {
        if der.len() > SIZE_LIMIT {
            return Err(Error::TooBig {
                structure: "OCSPResponse",
                size: der.len(),
                limit: SIZE_LIMIT,
            });
        }
        let mut outer = Reader::new(der, "OCSPResponse")
            .expect(tag::SEQUENCE)?
            .reader("OCSPResponse");
        if outer.peek() == Some(tag::SEQUENCE) {
            return Self::basic(outer);
        }
        if outer.expect(tag::ENUMERATED)?.value != [0] {
            return Err(outer.error());
        }
        let mut bytes = outer
            .expect(tag::context(0))?
            .reader("ResponseBytes")
            .expect(tag::SEQUENCE)?
            .reader("ResponseBytes");
        if bytes.oid()?.to_string() != "1.3.6.1.5.5.7.48.1.1" {
            return Err(bytes.error());
        }
        let basic = bytes.expect(tag::OCTET_STRING)?;
        Self::basic(
            basic
                .reader("BasicOCSPResponse")
                .expect(tag::SEQUENCE)?
                .reader("BasicOCSPResponse"),
        )
    }

    fn basic(mut basic: Reader<'a>) -> Result<Self, Error> {
        let tbs = basic.expect(tag::SEQUENCE)?;
        let algorithm = basic.algorithm()?;
        let signature = basic.bits()?;
        let mut certificates = Vec::new();
        if let Some(wrapper) = basic.optional(tag::context(0))? {
            let mut list = wrapper
                .reader("certs")
                .expect(tag::SEQUENCE)?
                .reader("certs");
            while !list.is_empty() && certificates.len() < RESPONDER_LIMIT {
                certificates.extend(Certificate::from_der(list.read()?.whole));
            }
        }
        let mut fields = tbs.reader("ResponseData");
        let _version = fields.optional(tag::context(0))?;
        let responder = fields.read()?;
        let mut inner = responder.reader("ResponderID");
        let responder = match responder.tag {
            0xa1 => Responder::Name(DistinguishedName::from_der(inner.read()?.whole)?),
            0xa2 => Responder::KeyHash(inner.expect(tag::OCTET_STRING)?.value.to_vec()),
            _ => return Err(fields.error()),
        };
        let produced_at = fields.time()?;
        let answers = fields.expect(tag::SEQUENCE)?.value;
        if let Some(wrapper) = fields.optional(tag::context(1))? {
            let list = wrapper
                .reader("responseExtensions")
                .expect(tag::SEQUENCE)?
                .reader("responseExtensions");
            refuse_critical(list)?;
        }
        Ok(Self {
            tbs: tbs.whole,
            algorithm,
            signature,
            certificates,
            responder,
            produced_at,
            answers,
        })
    }

    /// When the responder signed.
    #[must_use]
    pub const fn produced_at(&self) -> OffsetDateTime {
        self.produced_at
    }

    /// What the response says about `certificate` at `at`, or `None` if nothing that can be relied on.
    /// `helpers` may hold a responder's certificate that the response lacks; `revoked` answers whether a delegated
    /// responder's certificate is known to be revoked.
    pub(crate) fn judge(
        &self,
        certificate: &Certificate,
        issuer: &Certificate,
        at: OffsetDateTime,
        helpers: &[Certificate],
        revoked: &dyn Fn(&Certificate) -> bool,
    ) -> Option<Finding> {
        let answer = self.answer(certificate, issuer).ok()??;
        if !self.signed_on_behalf_of(issuer, helpers, revoked) {
            return None;
        }
        let status = match answer.status {
            Status::Revoked { at: date, .. } if date > at => Status::Good,
            other => other,
        };
        if matches!(status, Status::Good)
            && !crate::revocation::is_fresh(answer.this_update, answer.next_update, at)
        {
            return None;
        }
        Some(Finding { status, ..answer })
    }

    fn answer(
        &self,
        certificate: &Certificate,
        issuer: &Certificate,
    ) -> Result<Option<Finding>, Error> {
        let mut answers = Reader::new(self.answers, "responses");
        while !answers.is_empty() {
            let mut one = answers.expect(tag::SEQUENCE)?.reader("SingleResponse");
            let id = one.expect(tag::SEQUENCE)?;
            let status = one.read()?;
            let this_update = one.time()?;
            let next_update = match one.optional(tag::context(0))? {
                Some(next) => Some(next.reader("nextUpdate").time()?),
                None => None,
            };
            if let Some(wrapper) = one.optional(tag::context(1))? {
                refuse_critical(
                    wrapper
                        .reader("singleExtensions")
                        .expect(tag::SEQUENCE)?
                        .reader("singleExtensions"),
                )?;
            }
            if !identifies(id, certificate, issuer)? {
                continue;
            }
            let status = match status.tag {
                0x80 => Status::Good,
                0xa1 => {
                    let mut info = status.reader("RevokedInfo");
                    let at = info.time()?;
                    let reason = match info.optional(tag::context(0))? {
                        Some(reason) => Reason::read(reason.value),
                        None => Reason::Unspecified,
                    };
                    Status::Revoked { at, reason }
                }
                // unknown: the responder knows nothing of the certificate.
                _ => return Ok(None),
            };
            return Ok(Some(Finding {
                status,
                source: Source::Ocsp,
                this_update,
                next_update,
            }));
        }
        Ok(None)
    }

    /// The issuer itself, or a responder it delegated to (§4.2.2.2), made the signature.
    fn signed_on_behalf_of(
        &self,
        issuer: &Certificate,
        helpers: &[Certificate],
        revoked: &dyn Fn(&Certificate) -> bool,
    ) -> bool {
        if self.is_responder(issuer) && self.verifies(issuer) {
            return true;
        }
        let mut named = self
            .certificates
            .iter()
            .chain(helpers)
            .filter(|delegate| self.is_responder(delegate))
            .take(RESPONDER_LIMIT);
        named.any(|delegate| {
            let purposes = delegate
                .extended_key_usage()
                .ok()
                .flatten()
                .unwrap_or_default();
            let usage_allows = delegate.key_usage().is_ok_and(|usage| {
                usage.is_none_or(|usage| usage.digital_signature() || usage.non_repudiation())
            });
            delegate.issuer().matches(issuer.subject())
                && purposes
                    .iter()
                    .any(|purpose| purpose == oid::KP_OCSP_SIGNING)
                && usage_allows
                && !delegate.extensions().iter().any(|extension| {
                    extension.critical && !crate::path::is_processed(&extension.oid)
                })
                && (delegate.not_before()..=delegate.not_after()).contains(&self.produced_at)
                && self.verifies(delegate)
                && verify_signature(
                    issuer.spki_der(),
                    delegate.signature_algorithm(),
                    delegate.tbs(),
                    delegate.signature(),
                )
                .is_ok()
                && (delegate.extension(oid::OCSP_NO_CHECK).is_some() || !revoked(delegate))
        })
    }

    fn is_responder(&self, candidate: &Certificate) -> bool {
        match &self.responder {
            Responder::Name(name) => name.matches(candidate.subject()),
            Responder::KeyHash(hash) => key_bits(candidate)
                .is_some_and(|bits| DigestAlgorithm::Sha1.digest(&[bits]) == *hash),
        }
    }

    fn verifies(&self, signer: &Certificate) -> bool {
        verify_signature(signer.spki_der(), &self.algorithm, self.tbs, self.signature).is_ok()
    }
}

fn refuse_critical(list: Reader<'_>) -> Result<(), Error> {
    let error = list.error();
    // The nonce binds a response to its request; its exchange is the caller's.
    let known = |oid: &str| oid == "1.3.6.1.5.5.7.48.1.2";
    if extension::read_all(list)?
        .iter()
        .any(|extension| extension.critical && !known(&extension.oid))
    {
        Err(error)
    } else {
        Ok(())
    }
}

/// `CertID`, §4.1.1.
fn identifies(id: Tlv<'_>, certificate: &Certificate, issuer: &Certificate) -> Result<bool, Error> {
    let mut fields = id.reader("CertID");
    let Some(digest) = DigestAlgorithm::from_oid(&fields.algorithm()?.oid.to_string()) else {
        return Ok(false);
    };
    let name = fields.expect(tag::OCTET_STRING)?.value;
    let key = fields.expect(tag::OCTET_STRING)?.value;
    let serial = fields.integer()?;
    Ok(serial == certificate.serial()
        && name == digest.digest(&[certificate.issuer().der()])
        && key_bits(issuer).is_some_and(|bits| digest.digest(&[bits]) == key))
}

/// The BIT STRING's contents of a `SubjectPublicKeyInfo`.
fn key_bits(certificate: &Certificate) -> Option<&[u8]> {
    let mut fields = Reader::new(certificate.spki_der(), "SubjectPublicKeyInfo")
        .expect(tag::SEQUENCE)
        .ok()?
        .reader("SubjectPublicKeyInfo");
    fields.expect(tag::SEQUENCE).ok()?;
    fields.bits().ok()
}

/// Makes a request for one certificate, without nonce (responders that sign in advance refuse it).
/// The identifiers are hashed with SHA-1, which every responder knows (§4.3); nothing rests on it.
#[must_use]
pub fn ocsp_request(certificate: &Certificate, issuer: &Certificate) -> Vec<u8> {
    let sequence = |parts: &[&[u8]]| {
        let mut out = Vec::new();
        write(tag::SEQUENCE, &parts.concat(), &mut out);
        out
    };
    let octets = |bytes: &[u8]| {
        let mut out = Vec::new();
        write(tag::OCTET_STRING, bytes, &mut out);
        out
    };
    const SHA1: [u8; 11] = [
        0x30, 0x09, 0x06, 0x05, 0x2b, 0x0e, 0x03, 0x02, 0x1a, 0x05, 0x00,
    ];
    let mut serial = Vec::new();
    write(tag::INTEGER, certificate.serial(), &mut serial);
    let name = octets(&DigestAlgorithm::Sha1.digest(&[certificate.issuer().der()]));
    let key = octets(&DigestAlgorithm::Sha1.digest(&[key_bits(issuer).unwrap_or_default()]));
    let id = sequence(&[&SHA1, &name, &key, &serial]);
    sequence(&[&sequence(&[&sequence(&[&sequence(&[&id])])])])
}
