//! Time-stamp requests and tokens, RFC 3161.

use crate::budget::Budget;
use crate::sign::identifier;
use crate::verify::{self, Check, Content, SignedDataReport, SignerReport};
use crate::{Error, oid};
use antin_pkix::asn1::{Reader, tag};
use antin_pkix::{DigestAlgorithm, Pieces};
use der::Encode;
use der::asn1::{Int, OctetString};
use sha2::{Digest, Sha256};
use time::OffsetDateTime;
use x509_tsp::{MessageImprint, TimeStampReq, TspVersion};

/// A token is a few kilobytes of certificates and a signature.
const RESPONSE_LIMIT: usize = 1 << 20;

/// A `TimeStampToken` and what it says. That it is signed by anyone is not checked by reading it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TimeStampToken {
    /// The `ContentInfo`.
    pub der: Vec<u8>,
    /// `genTime`.
    pub generated_at: OffsetDateTime,
    /// Digest algorithm of the imprint, dotted.
    pub imprint_algorithm: String,
    /// The imprint.
    pub imprint: Vec<u8>,
    /// The nonce, if one is in it.
    pub nonce: Option<Vec<u8>>,
    /// The policy, dotted.
    pub policy: String,
    /// Serial number in the authority's counting.
    pub serial: Vec<u8>,
}

/// Makes a request over SHA-256 of `imprint_of` (the signature value), asking for the certificate (§2.4.1).
#[must_use]
pub fn timestamp_request(imprint_of: &[u8], nonce: u64) -> Vec<u8> {
    timestamp_request_over(&Sha256::digest(imprint_of).into(), nonce)
}

/// Like [`timestamp_request`], over bytes that were hashed while they were read.
#[must_use]
pub fn timestamp_request_over(digest: &[u8; 32], nonce: u64) -> Vec<u8> {
    let build = || -> Result<Vec<u8>, Error> {
        let request = TimeStampReq {
            version: TspVersion::V1,
            message_imprint: MessageImprint {
                hash_algorithm: spki::AlgorithmIdentifierOwned {
                    oid: identifier(DigestAlgorithm::Sha256.oid())?,
                    parameters: None,
                },
                hashed_message: OctetString::new(digest.to_vec())?,
            },
            req_policy: None,
            nonce: Some(Int::new(&nonce_octets(nonce))?),
            cert_req: true,
            extensions: None,
        };
        Ok(request.to_der()?)
    };
    // Every part has a fixed size well inside DER's limits.
    build().unwrap_or_default()
}

/// Contents octets of a non-negative INTEGER.
fn nonce_octets(nonce: u64) -> Vec<u8> {
    let mut octets: Vec<u8> = std::iter::once(0).chain(nonce.to_be_bytes()).collect();
    while octets.len() > 1
        && octets.first() == Some(&0)
        && octets.get(1).is_some_and(|next| *next < 0x80)
    {
        octets.remove(0);
    }
    octets
}

/// Reads a response and takes its token, if the authority granted one over the same bytes and nonce.
///
/// The token's own signature is examined with `verify_timestamp` and its path by `antin-pkix`.
///
/// # Errors
/// [`Error::TimestampRefused`], [`Error::TimestampMismatch`], or what makes it unreadable.
pub fn accept_timestamp(
    response: &[u8],
    imprint_of: &[u8],
    nonce: u64,
) -> Result<TimeStampToken, Error> {
    accept_timestamp_over(response, &Sha256::digest(imprint_of).into(), nonce)
}

/// Like [`accept_timestamp`], over bytes that were hashed while they were read.
///
/// # Errors
/// As [`accept_timestamp`].
pub fn accept_timestamp_over(
    response: &[u8],
    digest: &[u8; 32],
    nonce: u64,
) -> Result<TimeStampToken, Error> {
    if response.len() > RESPONSE_LIMIT {
        return Err(Error::TooBig {
            size: response.len(),
            limit: RESPONSE_LIMIT,
        });
    }
    let mut outer = Reader::new(response, "TimeStampResp")
        .expect(tag::SEQUENCE)?
        .reader("TimeStampResp");
    let mut info = outer.expect(tag::SEQUENCE)?.reader("PKIStatusInfo");
    let status = u32::try_from(info.unsigned()?).unwrap_or(u32::MAX);
    // 0 granted, 1 grantedWithMods (§2.4.2).
    if status > 1 {
        return Err(refusal(status, info));
    }
    let token = TimeStampToken::read(outer.expect(tag::SEQUENCE)?.whole)?;
    if token.imprint_algorithm != DigestAlgorithm::Sha256.oid()
        || token.imprint != digest.as_slice()
    {
        return Err(Error::TimestampMismatch { field: "imprint" });
    }
    if token.nonce.as_deref() != Some(nonce_octets(nonce).as_slice()) {
        return Err(Error::TimestampMismatch { field: "nonce" });
    }
    Ok(token)
}

fn refusal(status: u32, mut info: Reader<'_>) -> Error {
    let mut text = String::new();
    if let Ok(Some(free)) = info.optional(tag::SEQUENCE) {
        let mut lines = free.reader("PKIFreeText");
        while let Ok(line) = lines.read() {
            text.push_str(&String::from_utf8_lossy(line.value));
        }
    }
    let failure = info
        .optional(tag::BIT_STRING)
        .ok()
        .flatten()
        .and_then(|bits| {
            let bits = bits.value.get(1..)?;
            let octet = bits.iter().position(|octet| *octet != 0)?;
            let first = bits.get(octet)?.leading_zeros();
            u32::try_from(octet).ok().map(|octet| octet * 8 + first)
        });
    Error::TimestampRefused {
        status,
        failure,
        text,
    }
}

impl TimeStampToken {
    /// Reads a token and its `TSTInfo`.
    ///
    /// # Errors
    /// [`Error::ContentType`] if it is something else, [`Error::Pkix`] if it cannot be read.
    pub fn read(der: &[u8]) -> Result<Self, Error> {
        let mut info = Reader::new(der, "TimeStampToken")
            .expect(tag::SEQUENCE)?
            .reader("ContentInfo");
        content_type(&mut info, oid::SIGNED_DATA)?;
        let mut data = info
            .expect(tag::context(0))?
            .reader("SignedData")
            .expect(tag::SEQUENCE)?
            .reader("SignedData");
        let _version = data.unsigned()?;
        let _digests = data.expect(tag::SET)?;
        let mut encapsulated = data
            .expect(tag::SEQUENCE)?
            .reader("EncapsulatedContentInfo");
        content_type(&mut encapsulated, oid::TST_INFO)?;
        let content = encapsulated
            .expect(tag::context(0))?
            .reader("eContent")
            .expect(tag::OCTET_STRING)?;
        Self::from_info(der, content.value)
    }

    pub(crate) fn from_info(der: &[u8], info: &[u8]) -> Result<Self, Error> {
        let mut fields = Reader::new(info, "TSTInfo")
            .expect(tag::SEQUENCE)?
            .reader("TSTInfo");
        let _version = fields.unsigned()?;
        let policy = fields.oid()?.to_string();
        let mut imprint = fields.expect(tag::SEQUENCE)?.reader("MessageImprint");
        let imprint_algorithm = imprint.algorithm()?.oid.to_string();
        let hashed = imprint.expect(tag::OCTET_STRING)?.value.to_vec();
        let serial = fields.expect(tag::INTEGER)?.value.to_vec();
        let generated_at = fields.time()?;
        let _accuracy = fields.optional(tag::SEQUENCE)?;
        let _ordering = fields.optional(tag::BOOLEAN)?;
        let nonce = fields
            .optional(tag::INTEGER)?
            .map(|nonce| nonce.value.to_vec());
        Ok(Self {
            der: der.to_vec(),
            generated_at,
            imprint_algorithm,
            imprint: hashed,
            nonce,
            policy,
            serial,
        })
    }
}

/// What was found about a time-stamp token.
#[derive(Debug, Clone)]
pub struct TimestampReport {
    /// What it says, if it could be read.
    pub token: Option<TimeStampToken>,
    /// The imprint against what it is said to be over.
    pub imprint: Check,
    /// The authority's signature over it.
    pub signed_data: SignedDataReport,
}

impl TimestampReport {
    /// The token is about these bytes, and one authority's key signed it.
    #[must_use]
    pub fn is_intact(&self) -> bool {
        self.token.is_some()
            && self.imprint.passed()
            && self.signer().is_some_and(SignerReport::is_intact)
    }

    /// The authority's signature.
    #[must_use]
    pub fn signer(&self) -> Option<&SignerReport> {
        self.signed_data.sole_signer()
    }
}

/// Examines a time-stamp token over `parts`, read one after the other.
///
/// The authority's certificate is not validated: hand it to `antin_pkix::validate_path` with
/// `Usage::TimeStamping`.
#[must_use]
pub fn verify_timestamp(token: &[u8], parts: &[&[u8]]) -> TimestampReport {
    verify_timestamp_of(token, &parts)
}

/// As [`verify_timestamp`], over content that is given piece by piece.
#[must_use]
pub fn verify_timestamp_of(token: &[u8], content: &dyn Pieces) -> TimestampReport {
    verify_within(token, content, &mut Budget::new())
}

pub(crate) fn verify_within(
    token: &[u8],
    content: &dyn Pieces,
    budget: &mut Budget,
) -> TimestampReport {
    let signed_data = verify::verify_within(token, Content::Attached, budget);
    let info = signed_data
        .content
        .as_deref()
        .filter(|_| signed_data.content_type == oid::TST_INFO);
    let read = info.and_then(|info| TimeStampToken::from_info(token, info).ok());
    let imprint = match &read {
        None => Check::NotExamined,
        Some(token) => match DigestAlgorithm::from_oid(&token.imprint_algorithm) {
            Some(digest) => Check::of(digest.digest_of(content) == token.imprint),
            None => Check::Unsupported(token.imprint_algorithm.clone()),
        },
    };
    TimestampReport {
        token: read,
        imprint,
        signed_data,
    }
}

pub(crate) fn content_type(reader: &mut Reader<'_>, expected: &'static str) -> Result<(), Error> {
    let found = reader.oid()?.to_string();
    if found == expected {
        Ok(())
    } else {
        Err(Error::ContentType { found, expected })
    }
}
