//! Examining a `SignedData`, RFC 5652 §5, check by check.

use crate::attributes::{Attributes, SigningCertificate};
use crate::budget::{Budget, Digests};
use crate::timestamp::{self, TimestampReport};
use crate::{Error, oid};
use antin_pkix::asn1::{Reader, Tlv, tag, to_definite};
use antin_pkix::{
    AlgorithmIdentifierOwned, Certificate, DigestAlgorithm, DistinguishedName, Pieces,
    SignatureAlgorithm,
};
use time::OffsetDateTime;

/// A signature container is below this; PDF's /Contents rarely exceeds 100 KiB, archived CRLs make it grow.
const SIZE_LIMIT: usize = 64 << 20;
/// Signers examined. PAdES allows one.
const SIGNER_LIMIT: usize = 16;
/// Certificates read. Real containers have up to a dozen.
const CERTIFICATE_LIMIT: usize = 256;
/// Content copied into one slice where a signature is directly over it, without signed attributes.
const DIRECT_LIMIT: usize = 512 << 20;

/// What the signature is said to be over.
#[derive(Debug, Clone, Copy)]
pub enum Content<'a> {
    /// The content lies outside; its parts are read one after the other.
    Detached(&'a [&'a [u8]]),
    /// The content lies outside and is too large to be held as a whole.
    Pieces(&'a dyn Pieces),
    /// The content is inside the structure.
    Attached,
}

/// Outcome of one check.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Check {
    /// Examined, and right.
    Passed,
    /// Examined, and wrong.
    Failed,
    /// The thing to examine is not there.
    Absent,
    /// It is there, but the algorithm (named) is not implemented: nothing is known.
    Unsupported(String),
    /// Something it depends on is missing.
    NotExamined,
}

impl Check {
    /// Examined, and right?
    #[must_use]
    pub fn passed(&self) -> bool {
        *self == Self::Passed
    }

    pub(crate) const fn of(passed: bool) -> Self {
        if passed { Self::Passed } else { Self::Failed }
    }
}

/// Could the structure be read?
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Structure {
    /// Yes.
    WellFormed,
    /// No, and why.
    Malformed(String),
}

/// What follows the structure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trailing {
    /// Nothing.
    Nothing,
    /// Zeros: the rest of a hole that was reserved.
    Zeros(usize),
    /// Anything else.
    Foreign(usize),
}

/// What was found about a `SignedData` and each of its signers.
#[derive(Debug, Clone)]
pub struct SignedDataReport {
    /// Could it be read? If not, everything else is empty.
    pub structure: Structure,
    /// It came in BER with indefinite lengths and was rewritten for reading.
    pub indefinite: bool,
    /// What follows it.
    pub trailing: Trailing,
    /// `eContentType`, dotted.
    pub content_type: String,
    /// `eContent`, if the content is inside.
    pub content: Option<Vec<u8>>,
    /// The certificates inside, as received.
    pub certificates: Vec<Certificate>,
    /// Certificates inside that could not be read.
    pub unreadable_certificates: usize,
    /// Revocation lists inside.
    pub crls: Vec<Vec<u8>>,
    /// OCSP responses inside.
    pub ocsp: Vec<Vec<u8>>,
    /// One report for each `SignerInfo`.
    pub signers: Vec<SignerReport>,
}

/// What was found about one `SignerInfo`.
#[derive(Debug, Clone)]
pub struct SignerReport {
    /// The signer's certificate, if it is inside.
    pub certificate: Option<Certificate>,
    /// The digest algorithm, if it is known.
    pub digest_algorithm: Option<DigestAlgorithm>,
    /// Identifier of the digest algorithm.
    pub digest_oid: String,
    /// Identifier of the signature algorithm.
    pub signature_oid: String,
    /// Are there signed attributes?
    pub has_signed_attributes: bool,
    /// content-type attribute against the content's type.
    pub content_type: Check,
    /// message-digest attribute against the content.
    pub message_digest: Check,
    /// The signature against attributes (or content) and certificate.
    pub signature: Check,
    /// signing-certificate (v1 or v2) against the certificate.
    pub signing_certificate: Check,
    /// Which of the two attributes it was.
    pub signing_certificate_version: Option<u8>,
    /// signing-time: what the signer claims.
    pub signing_time: Option<OffsetDateTime>,
    /// A digest involved is weak.
    pub weak: bool,
    /// The signature value.
    pub signature_value: Vec<u8>,
    /// Time-stamps over the signature value.
    pub timestamps: Vec<TimestampReport>,
}

impl SignerReport {
    /// The content is what was signed, and the key of the certificate signed it.
    #[must_use]
    pub fn is_intact(&self) -> bool {
        let attributes = if self.has_signed_attributes {
            self.message_digest.passed() && self.content_type != Check::Failed
        } else {
            true
        };
        attributes && self.signature.passed() && self.signing_certificate != Check::Failed
    }

    /// A check could not be made because an algorithm is not implemented, and none failed.
    #[must_use]
    pub fn is_unsupported(&self) -> bool {
        let checks = [
            &self.content_type,
            &self.message_digest,
            &self.signature,
            &self.signing_certificate,
        ];
        !checks.iter().any(|check| **check == Check::Failed)
            && checks
                .iter()
                .any(|check| matches!(check, Check::Unsupported(_)))
    }
}

impl SignedDataReport {
    fn malformed(why: String) -> Self {
        Self {
            structure: Structure::Malformed(why),
            indefinite: false,
            trailing: Trailing::Nothing,
            content_type: String::new(),
            content: None,
            certificates: Vec::new(),
            unreadable_certificates: 0,
            crls: Vec::new(),
            ocsp: Vec::new(),
            signers: Vec::new(),
        }
    }

    /// The only signer, if there is exactly one.
    #[must_use]
    pub fn sole_signer(&self) -> Option<&SignerReport> {
        match self.signers.as_slice() {
            [one] => Some(one),
            _ => None,
        }
    }
}

/// Examines `cms`, a `ContentInfo` with a `SignedData`, against its content.
///
/// Certificates are not validated: hand the signer's to `antin_pkix::validate_path` with
/// [`SignedDataReport::certificates`] as help.
#[must_use]
pub fn verify_signed_data(cms: &[u8], content: Content<'_>) -> SignedDataReport {
    verify_within(cms, content, &mut Budget::new())
}

pub(crate) fn verify_within(
    cms: &[u8],
    content: Content<'_>,
    budget: &mut Budget,
) -> SignedDataReport {
    if cms.len() > SIZE_LIMIT {
        return SignedDataReport::malformed(
            Error::TooBig {
                size: cms.len(),
                limit: SIZE_LIMIT,
            }
            .to_string(),
        );
    }
    let mut outer = Reader::new(cms, "ContentInfo");
    let first = match outer.expect(tag::SEQUENCE) {
        Ok(info) => examine(info, content, budget).map(|report| (report, info.whole.len())),
        Err(error) => Err(error.into()),
    };
    let (mut report, used) = match first {
        Ok(done) => done,
        Err(error) => match indefinite(cms, content, budget) {
            Some((report, used)) => (
                SignedDataReport {
                    indefinite: true,
                    ..report
                },
                used,
            ),
            None => return SignedDataReport::malformed(error.to_string()),
        },
    };
    let rest = cms.get(used..).unwrap_or_default();
    report.trailing = match rest {
        [] => Trailing::Nothing,
        rest if rest.iter().all(|octet| *octet == 0) => Trailing::Zeros(rest.len()),
        rest => Trailing::Foreign(rest.len()),
    };
    report
}

/// Second attempt, for BER: only if rewriting changes anything.
fn indefinite(
    cms: &[u8],
    content: Content<'_>,
    budget: &mut Budget,
) -> Option<(SignedDataReport, usize)> {
    let (definite, used) = to_definite(cms).ok()?;
    if cms.get(..used) == Some(definite.as_slice()) {
        return None;
    }
    let info = Reader::new(&definite, "ContentInfo")
        .expect(tag::SEQUENCE)
        .ok()?;
    examine(info, content, budget)
        .ok()
        .map(|report| (report, used))
}

fn examine(
    info: Tlv<'_>,
    content: Content<'_>,
    budget: &mut Budget,
) -> Result<SignedDataReport, Error> {
    let mut info = info.reader("ContentInfo");
    timestamp::content_type(&mut info, oid::SIGNED_DATA)?;
    let mut data = info
        .expect(tag::context(0))?
        .reader("SignedData")
        .expect(tag::SEQUENCE)?
        .reader("SignedData");
    data.unsigned()?;
    data.expect(tag::SET)?;
    let mut encapsulated = data
        .expect(tag::SEQUENCE)?
        .reader("EncapsulatedContentInfo");
    let content_type = encapsulated.oid()?.to_string();
    let inside = match encapsulated.optional(tag::context(0))? {
        // PKCS #7 allowed any type here; the digest is over the contents octets either way (RFC 5652 §5.2.1).
        Some(wrapper) => Some(wrapper.reader("eContent").read()?.value),
        None => None,
    };
    let mut report = SignedDataReport {
        structure: Structure::WellFormed,
        content_type,
        content: inside.map(<[u8]>::to_vec),
        ..SignedDataReport::malformed(String::new())
    };
    if let Some(certificates) = data.optional(tag::context(0))? {
        read_certificates(certificates.reader("CertificateSet"), &mut report)?;
    }
    if let Some(revocations) = data.optional(tag::context(1))? {
        read_revocations(revocations.reader("RevocationInfoChoices"), &mut report)?;
    }
    let mut infos = data.expect(tag::SET)?.reader("SignerInfos");
    let (inner, parts): ([&[u8]; 1], &[&[u8]]);
    let pieces: Option<&dyn Pieces> = match (content, inside) {
        (Content::Pieces(pieces), _) => Some(pieces),
        (Content::Detached(given), _) => {
            parts = given;
            Some(&parts)
        }
        (Content::Attached, Some(inside)) => {
            inner = [inside];
            parts = &inner;
            Some(&parts)
        }
        (Content::Attached, None) => None,
    };
    let mut digests = pieces.map(Digests::new);
    while !infos.is_empty() {
        let signer = infos.expect(tag::SEQUENCE)?;
        if report.signers.len() >= SIGNER_LIMIT {
            return Err(infos.error().into());
        }
        let Some(digests) = &mut digests else {
            return Err(Error::ContentType {
                found: "detached".into(),
                expected: "attached",
            });
        };
        let signer = signer.reader("SignerInfo");
        let one = examine_signer(signer, digests, &mut report, budget)?;
        report.signers.push(one);
    }
    Ok(report)
}

fn read_certificates(mut list: Reader<'_>, report: &mut SignedDataReport) -> Result<(), Error> {
    while !list.is_empty() {
        let one = list.read()?;
        if report.certificates.len() >= CERTIFICATE_LIMIT {
            return Err(list.error().into());
        }
        match Certificate::from_der(one.whole) {
            Ok(certificate) if report.certificates.contains(&certificate) => {}
            Ok(certificate) => report.certificates.push(certificate),
            Err(_) => report.unreadable_certificates += 1,
        }
    }
    Ok(())
}

fn read_revocations(mut list: Reader<'_>, report: &mut SignedDataReport) -> Result<(), Error> {
    while !list.is_empty() {
        let one = list.read()?;
        if one.tag == tag::SEQUENCE {
            report.crls.push(one.whole.to_vec());
        } else if one.tag == tag::context(1) {
            let mut other = one.reader("OtherRevocationInfoFormat");
            // id-ri-ocsp-response, RFC 5940
            if other.oid()?.to_string() == "1.3.6.1.5.5.7.16.2" {
                report.ocsp.push(other.read()?.whole.to_vec());
            }
        }
    }
    Ok(())
}

fn examine_signer(
    mut fields: Reader<'_>,
    digests: &mut Digests<'_>,
    report: &mut SignedDataReport,
    budget: &mut Budget,
) -> Result<SignerReport, Error> {
    fields.unsigned()?;
    let identifier = fields.read()?;
    let digest_oid = fields.algorithm()?.oid.to_string();
    let signed = fields.optional(tag::context(0))?;
    let algorithm = fields.algorithm()?;
    let signature = fields.expect(tag::OCTET_STRING)?.value;
    let unsigned = fields.optional(tag::context(1))?;
    fields.finish()?;

    let signed_attributes = signed
        .map(|set| Attributes::read(set.reader("SignedAttributes")))
        .transpose()?;
    let digest_algorithm = DigestAlgorithm::from_oid(&digest_oid);
    let message = match signed {
        // §5.4: the digest is over an explicit SET OF, not over the [0] that stands in the structure.
        Some(set) => std::iter::once(tag::SET)
            .chain(set.whole.iter().skip(1).copied())
            .collect(),
        None if digests.size() <= DIRECT_LIMIT => digests.whole(),
        None => {
            return Err(Error::TooBig {
                size: digests.size(),
                limit: DIRECT_LIMIT,
            });
        }
    };
    let candidates = candidates(identifier, &report.certificates)?;
    let (certificate, verified) = check_signature(
        &candidates,
        &algorithm,
        digest_algorithm,
        &message,
        signature,
        budget,
    );
    let mut signer = SignerReport {
        certificate,
        digest_algorithm,
        signature_oid: algorithm.oid.to_string(),
        has_signed_attributes: signed.is_some(),
        content_type: Check::NotExamined,
        message_digest: Check::NotExamined,
        signature: verified,
        signing_certificate: Check::Absent,
        signing_certificate_version: None,
        signing_time: None,
        weak: is_weak(&algorithm, digest_algorithm),
        signature_value: signature.to_vec(),
        timestamps: Vec::new(),
        digest_oid,
    };
    if let Some(attributes) = &signed_attributes {
        examine_attributes(attributes, digests, report, &mut signer, budget)?;
    }
    if let Some(set) = unsigned {
        let attributes = Attributes::read(set.reader("UnsignedAttributes"))?;
        for token in attributes.all(oid::TIME_STAMP_TOKEN) {
            let examined = budget.token(|budget| {
                timestamp::verify_within(token.whole, &[signature].as_slice(), budget)
            });
            signer.timestamps.extend(examined);
        }
    }
    Ok(signer)
}

fn examine_attributes(
    attributes: &Attributes<'_>,
    digests: &mut Digests<'_>,
    report: &mut SignedDataReport,
    signer: &mut SignerReport,
    budget: &mut Budget,
) -> Result<(), Error> {
    signer.content_type = match attributes.sole(oid::CONTENT_TYPE)? {
        Some(value) => Check::of(
            Reader::new(value.whole, "content-type").oid()?.to_string() == report.content_type,
        ),
        None => Check::Absent,
    };
    signer.message_digest = match (
        attributes.sole(oid::MESSAGE_DIGEST)?,
        signer.digest_algorithm,
    ) {
        (None, _) => Check::Absent,
        (Some(_), None) => Check::Unsupported(signer.digest_oid.clone()),
        (Some(value), Some(algorithm)) => match digests.of(algorithm, budget) {
            Some(digest) => Check::of(value.tag == tag::OCTET_STRING && digest == value.value),
            None => Check::NotExamined,
        },
    };
    signer.signing_time = attributes
        .sole(oid::SIGNING_TIME)?
        .and_then(antin_pkix::asn1::time);
    if let Some(reference) = SigningCertificate::read(attributes)? {
        signer.signing_certificate_version = Some(reference.version);
        signer.signing_certificate = match &signer.certificate {
            Some(certificate) => reference.check(certificate),
            None => Check::NotExamined,
        };
    }
    attributes.adobe_revocation(&mut report.crls, &mut report.ocsp);
    Ok(())
}

/// The certificates a `SignerIdentifier` can mean.
fn candidates(
    identifier: Tlv<'_>,
    certificates: &[Certificate],
) -> Result<Vec<Certificate>, Error> {
    let matching: Box<dyn Fn(&Certificate) -> bool + '_> = if identifier.tag == tag::SEQUENCE {
        let mut fields = identifier.reader("IssuerAndSerialNumber");
        let issuer = DistinguishedName::from_der(fields.expect(tag::SEQUENCE)?.whole)?;
        let serial = fields.integer()?;
        Box::new(move |certificate| {
            certificate.serial() == serial && certificate.issuer().matches(&issuer)
        })
    } else if identifier.tag == tag::context_primitive(0) {
        Box::new(move |certificate| certificate.subject_key_identifier() == Some(identifier.value))
    } else {
        return Err(identifier.reader("SignerIdentifier").error().into());
    };
    Ok(certificates
        .iter()
        .filter(|certificate| matching(certificate))
        .cloned()
        .collect())
}

fn check_signature(
    candidates: &[Certificate],
    algorithm: &AlgorithmIdentifierOwned,
    digest: Option<DigestAlgorithm>,
    message: &[u8],
    signature: &[u8],
    budget: &mut Budget,
) -> (Option<Certificate>, Check) {
    let algorithm = match SignatureAlgorithm::read(algorithm, digest) {
        Ok(algorithm) => algorithm,
        Err(error) => return (candidates.first().cloned(), unsupported_or_failed(&error)),
    };
    let mut outcome = (candidates.first().cloned(), Check::NotExamined);
    for certificate in candidates {
        if !budget.verification(message.len()) {
            break;
        }
        match algorithm.verify(certificate.spki_der(), message, signature) {
            Ok(()) => return (Some(certificate.clone()), Check::Passed),
            Err(error) => outcome.1 = unsupported_or_failed(&error),
        }
    }
    outcome
}

fn unsupported_or_failed(error: &antin_pkix::Error) -> Check {
    match error {
        antin_pkix::Error::Unsupported { oid } => Check::Unsupported(oid.clone()),
        _ => Check::Failed,
    }
}

fn is_weak(algorithm: &AlgorithmIdentifierOwned, digest: Option<DigestAlgorithm>) -> bool {
    digest.is_some_and(DigestAlgorithm::is_weak)
        || SignatureAlgorithm::read(algorithm, digest).is_ok_and(SignatureAlgorithm::is_weak)
}
