//! Making a `SignedData` in two phases, RFC 5652 §5 and EN 319 122-1 / EN 319 142-1 baseline attributes.

use crate::{Error, oid};
use antin_pkix::{Certificate, DigestAlgorithm, KeyKind, Pss, SignatureAlgorithm};
use cms::cert::{CertificateChoices, IssuerAndSerialNumber};
use cms::content_info::{CmsVersion, ContentInfo};
use cms::signed_data::{
    CertificateSet, EncapsulatedContentInfo, SignedData, SignerIdentifier, SignerInfo, SignerInfos,
};
use der::asn1::{ObjectIdentifier, OctetString, OctetStringRef, SetOfVec, UtcTime};
use der::{Any, Decode, Encode, Sequence};
use sha2::{Digest, Sha256};
use spki::AlgorithmIdentifierOwned;
use time::OffsetDateTime;
use x509_cert::attr::Attribute;
use x509_cert::ext::pkix::name::GeneralName;
use x509_cert::serial_number::SerialNumber;
use x509_cert::time::Time;

/// `RSASSA-PSS-params` with SHA-256, MGF1 over SHA-256 and a salt of 32 octets; the trailer field is the default
/// (RFC 4055 §3.1).
const PSS_PARAMETERS: &[u8] = &[
    0x30, 0x34, 0xA0, 0x0F, 0x30, 0x0D, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02,
    0x01, 0x05, 0x00, 0xA1, 0x1C, 0x30, 0x1A, 0x06, 0x09, 0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01,
    0x01, 0x08, 0x30, 0x0D, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01, 0x05,
    0x00, 0xA2, 0x03, 0x02, 0x01, 0x20,
];

/// What the token's key computes. The digest is SHA-256 throughout.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyAlgorithm {
    /// RSASSA-PKCS1-v1_5.
    Rsa,
    /// RSASSA-PSS, the mask over SHA-256 and a salt of its length.
    RsaPss,
    /// ECDSA over P-256.
    EcdsaP256,
    /// ECDSA over P-384.
    EcdsaP384,
}

impl KeyAlgorithm {
    /// The algorithm that belongs to the key in a certificate.
    ///
    /// # Errors
    /// [`Error::KeyKind`] for keys this crate cannot sign for.
    pub fn of(certificate: &Certificate) -> Result<Self, Error> {
        match KeyKind::of(certificate.spki_der())? {
            KeyKind::Rsa { .. } => Self::of_rsa(certificate),
            KeyKind::EcdsaP256 => Ok(Self::EcdsaP256),
            KeyKind::EcdsaP384 => Ok(Self::EcdsaP384),
            kind => Err(Error::KeyKind {
                kind: format!("{kind:?}"),
            }),
        }
    }

    /// A key that its certificate keeps for RSASSA-PSS signs nothing else (RFC 4055 §1.2), and only with its parameters.
    fn of_rsa(certificate: &Certificate) -> Result<Self, Error> {
        let algorithm = canonical(certificate)?
            .tbs_certificate
            .subject_public_key_info
            .algorithm;
        if algorithm.oid.to_string() != oid::RSASSA_PSS {
            return Ok(Self::Rsa);
        }
        let own = SignatureAlgorithm::RsaPss(Pss::usual(DigestAlgorithm::Sha256));
        if algorithm.parameters.is_none() || SignatureAlgorithm::read(&algorithm, None) == Ok(own) {
            return Ok(Self::RsaPss);
        }
        Err(Error::KeyKind {
            kind: "RSASSA-PSS with other parameters".into(),
        })
    }

    fn identifier(self) -> Result<AlgorithmIdentifierOwned, Error> {
        Ok(match self {
            Self::RsaPss => AlgorithmIdentifierOwned {
                oid: identifier(oid::RSASSA_PSS)?,
                parameters: Some(Any::from_der(PSS_PARAMETERS)?),
            },
            // RFC 4055 §5: the parameters of the RSA identifiers are NULL; RFC 5758 §3.2: ECDSA's are absent.
            Self::Rsa => AlgorithmIdentifierOwned {
                oid: identifier("1.2.840.113549.1.1.11")?,
                parameters: Some(Any::null()),
            },
            Self::EcdsaP256 | Self::EcdsaP384 => AlgorithmIdentifierOwned {
                oid: identifier("1.2.840.10045.4.3.2")?,
                parameters: None,
            },
        })
    }
}

/// The signed attributes; their DER is what the token signs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedAttributes {
    attributes: SetOfVec<Attribute>,
    der: Vec<u8>,
}

impl SignedAttributes {
    /// `SET OF Attribute`, RFC 5652 §5.4: the message of the signature.
    #[must_use]
    pub fn to_der(&self) -> &[u8] {
        &self.der
    }
}

/// `ESSCertIDv2` with the default hash SHA-256, RFC 5035 §4.
#[derive(Sequence)]
struct EssCertIdV2 {
    hash: OctetString,
    issuer_serial: IssuerSerial,
}

#[derive(Sequence)]
struct IssuerSerial {
    issuer: Vec<GeneralName>,
    serial: SerialNumber,
}

#[derive(Sequence)]
struct SigningCertificateV2 {
    certs: Vec<EssCertIdV2>,
}

/// Makes content-type, message-digest and signing-certificate-v2; signing-time only if given.
///
/// EN 319 142-1 §6.3 forbids signing-time in PAdES (the claimed time stands in the PDF), receipts carry it.
///
/// # Errors
/// [`Error::CertificateNotDer`] if the signer's name or serial number cannot be encoded.
pub fn signed_attributes(
    content_digest: &[u8; 32],
    signer: &Certificate,
    signing_time: Option<OffsetDateTime>,
) -> Result<SignedAttributes, Error> {
    let parsed = canonical(signer)?;
    let signing_certificate = SigningCertificateV2 {
        certs: vec![EssCertIdV2 {
            hash: OctetString::new(Sha256::digest(signer.der()).to_vec())?,
            issuer_serial: IssuerSerial {
                issuer: vec![GeneralName::DirectoryName(
                    parsed.tbs_certificate.issuer.clone(),
                )],
                serial: parsed.tbs_certificate.serial_number.clone(),
            },
        }],
    };
    let mut all = vec![
        attribute(oid::CONTENT_TYPE, &identifier(oid::DATA)?)?,
        attribute(oid::MESSAGE_DIGEST, &OctetStringRef::new(content_digest)?)?,
        attribute(oid::SIGNING_CERTIFICATE_V2, &signing_certificate)?,
    ];
    if let Some(time) = signing_time {
        all.push(attribute(oid::SIGNING_TIME, &cms_time(time)?)?);
    }
    let attributes = SetOfVec::try_from(all)?;
    let der = attributes.to_der()?;
    Ok(SignedAttributes { attributes, der })
}

/// Puts signature, certificates and time-stamp into a `ContentInfo`.
///
/// `chain` may repeat certificates or contain the signer; each goes in once. `timestamp` is a
/// `TimeStampToken` over `signature`. With `attached` the content travels inside, otherwise it is detached.
/// Nothing is verified here.
///
/// # Errors
/// [`Error::CertificateNotDer`] if a certificate would change by embedding it, [`Error::Der`] if the
/// time-stamp is not a `ContentInfo`.
pub fn signed_data(
    attributes: &SignedAttributes,
    signer: &Certificate,
    chain: &[Certificate],
    algorithm: KeyAlgorithm,
    signature: &[u8],
    timestamp: Option<&[u8]>,
    attached: Option<&[u8]>,
) -> Result<Vec<u8>, Error> {
    let parsed = canonical(signer)?;
    let digest_algorithm = AlgorithmIdentifierOwned {
        oid: identifier("2.16.840.1.101.3.4.2.1")?,
        parameters: None,
    };
    let unsigned_attrs = match timestamp {
        Some(token) => {
            let token = Any::from_der(token)?;
            Some(SetOfVec::try_from(vec![Attribute {
                oid: identifier(oid::TIME_STAMP_TOKEN)?,
                values: SetOfVec::try_from(vec![token])?,
            }])?)
        }
        None => None,
    };
    let signer_info = SignerInfo {
        version: CmsVersion::V1,
        sid: SignerIdentifier::IssuerAndSerialNumber(IssuerAndSerialNumber {
            issuer: parsed.tbs_certificate.issuer.clone(),
            serial_number: parsed.tbs_certificate.serial_number.clone(),
        }),
        digest_alg: digest_algorithm.clone(),
        signed_attrs: Some(attributes.attributes.clone()),
        signature_algorithm: algorithm.identifier()?,
        signature: OctetString::new(signature)?,
        unsigned_attrs,
    };
    let mut certificates = vec![CertificateChoices::Certificate(parsed)];
    for (index, certificate) in chain.iter().enumerate() {
        if certificate != signer
            && !chain
                .iter()
                .take(index)
                .any(|earlier| earlier == certificate)
        {
            certificates.push(CertificateChoices::Certificate(canonical(certificate)?));
        }
    }
    let econtent = match attached {
        Some(content) => Some(Any::encode_from(&OctetStringRef::new(content)?)?),
        None => None,
    };
    let data = SignedData {
        version: CmsVersion::V1,
        digest_algorithms: SetOfVec::try_from(vec![digest_algorithm])?,
        encap_content_info: EncapsulatedContentInfo {
            econtent_type: identifier(oid::DATA)?,
            econtent,
        },
        certificates: Some(CertificateSet(SetOfVec::try_from(certificates)?)),
        crls: None,
        signer_infos: SignerInfos(SetOfVec::try_from(vec![signer_info])?),
    };
    let info = ContentInfo {
        content_type: identifier(oid::SIGNED_DATA)?,
        content: Any::encode_from(&data)?,
    };
    Ok(info.to_der()?)
}

/// The certificate as the encoder's type, refused if encoding it again changes it.
fn canonical(certificate: &Certificate) -> Result<x509_cert::Certificate, Error> {
    let refused = || Error::CertificateNotDer {
        serial: certificate.serial_hex(),
    };
    let parsed = x509_cert::Certificate::from_der(certificate.der()).map_err(|_| refused())?;
    if parsed.to_der()? == certificate.der() {
        Ok(parsed)
    } else {
        Err(refused())
    }
}

fn attribute(oid: &str, value: &impl Encode) -> Result<Attribute, Error> {
    let value = Any::from_der(&value.to_der()?)?;
    Ok(Attribute {
        oid: identifier(oid)?,
        values: SetOfVec::try_from(vec![value])?,
    })
}

pub(crate) fn identifier(oid: &str) -> Result<ObjectIdentifier, Error> {
    ObjectIdentifier::new(oid).map_err(|error| Error::Der(error.into()))
}

/// UTCTime until 2049, RFC 5652 §11.3.
fn cms_time(time: OffsetDateTime) -> Result<Time, Error> {
    let seconds = u64::try_from(time.unix_timestamp())
        .map_err(|_| der::Error::from(der::ErrorKind::DateTime))?;
    let duration = std::time::Duration::from_secs(seconds);
    if time.to_offset(time::UtcOffset::UTC).year() < 2050 {
        Ok(Time::UtcTime(UtcTime::from_unix_duration(duration)?))
    } else {
        Ok(Time::GeneralTime(
            der::asn1::GeneralizedTime::from_unix_duration(duration)?,
        ))
    }
}
