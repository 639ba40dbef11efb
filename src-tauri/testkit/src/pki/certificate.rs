//! X.509 certificates built field by field, with the extensions that VGCA's bear.

use const_oid::AssociatedOid;
use const_oid::db::rfc4519::{
    COMMON_NAME, COUNTRY_NAME, LOCALITY_NAME, ORGANIZATION_NAME, ORGANIZATIONAL_UNIT_NAME,
};
use const_oid::db::rfc5280::{ID_AD_CA_ISSUERS, ID_AD_OCSP};
use const_oid::db::rfc6960::ID_PKIX_OCSP_NOCHECK;
use der::asn1::{
    BitString, GeneralizedTime, Ia5String, Null, ObjectIdentifier, OctetString, PrintableStringRef,
    SetOfVec, UtcTime, Utf8StringRef,
};
use der::flagset::FlagSet;
use der::{Any, Encode};
use sha1::Sha1;
use sha2::{Digest, Sha256};
use time::OffsetDateTime;
use x509_cert::Certificate;
use x509_cert::attr::AttributeTypeAndValue;
use x509_cert::certificate::{TbsCertificate, Version};
use x509_cert::ext::pkix::crl::dp::DistributionPoint;
use x509_cert::ext::pkix::name::{DistributionPointName, GeneralName};
use x509_cert::ext::pkix::{
    AccessDescription, AuthorityInfoAccessSyntax, AuthorityKeyIdentifier, BasicConstraints,
    CrlDistributionPoints, ExtendedKeyUsage, KeyUsage, KeyUsages, SubjectKeyIdentifier,
};
use x509_cert::ext::{Extension, Extensions};
use x509_cert::name::{Name, RdnSequence, RelativeDistinguishedName};
use x509_cert::serial_number::SerialNumber;
use x509_cert::time::{Time, Validity};

use super::role::{COMMITTEE, Subject};
use crate::Error;
use crate::key::Key;

/// Who signs a certificate or a CRL.
#[derive(Clone, Copy)]
pub(crate) struct Issuer<'a> {
    pub(crate) key: &'a Key,
    pub(crate) certificate: &'a Certificate,
}

/// Key usages and extended key usages.
pub(super) struct Usage {
    key: FlagSet<KeyUsages>,
    extended: Vec<ObjectIdentifier>,
    extended_is_critical: bool,
}

impl Usage {
    pub(super) fn signer(extended: &[ObjectIdentifier], extended_is_critical: bool) -> Self {
        let key = KeyUsages::DigitalSignature | KeyUsages::NonRepudiation;
        Self {
            key,
            extended: extended.to_vec(),
            extended_is_critical,
        }
    }
}

/// A certificate to be issued.
pub(super) struct Request<'a> {
    pub(super) subject: Subject<'a>,
    pub(super) key: &'a Key,
    pub(super) validity: (OffsetDateTime, OffsetDateTime),
    pub(super) usage: Usage,
    pub(super) path_length: Option<u8>,
    pub(super) no_check: bool,
    /// The responder's URL and the issuing CA's name there; a root needs neither.
    pub(super) published: Option<(&'a str, &'static str)>,
}

impl<'a> Request<'a> {
    pub(super) fn ca(
        name: &'a str,
        key: &'a Key,
        validity: (OffsetDateTime, OffsetDateTime),
    ) -> Self {
        Self {
            subject: Subject {
                name,
                organization: Some(COMMITTEE),
                unit: None,
                locality: None,
            },
            key,
            validity,
            usage: Usage {
                key: KeyUsages::KeyCertSign | KeyUsages::CRLSign,
                extended: Vec::new(),
                extended_is_critical: false,
            },
            path_length: None,
            no_check: false,
            published: None,
        }
    }

    fn is_ca(&self) -> bool {
        self.usage.key.contains(KeyUsages::KeyCertSign)
    }
}

/// Signs a certificate; without an issuer, with its own key.
pub(super) fn issue(
    request: &Request<'_>,
    issuer: Option<Issuer<'_>>,
) -> Result<Certificate, Error> {
    let subject = name(&request.subject)?;
    let signer = issuer.map_or(request.key, |issuer| issuer.key);
    let tbs = TbsCertificate {
        version: Version::V3,
        serial_number: serial(request)?,
        signature: signer.algorithm(),
        issuer: issuer.map_or_else(
            || subject.clone(),
            |issuer| issuer.certificate.tbs_certificate.subject.clone(),
        ),
        validity: Validity {
            not_before: time(request.validity.0)?,
            not_after: time(request.validity.1)?,
        },
        subject,
        subject_public_key_info: request.key.public()?,
        issuer_unique_id: None,
        subject_unique_id: None,
        extensions: Some(extensions(request, signer)?),
    };
    let signature = BitString::from_bytes(&signer.sign(&tbs.to_der()?)?)?;
    Ok(Certificate {
        signature_algorithm: tbs.signature.clone(),
        tbs_certificate: tbs,
        signature,
    })
}

fn extensions(request: &Request<'_>, signer: &Key) -> Result<Extensions, Error> {
    let mut extensions = Vec::new();
    if request.is_ca() {
        let constraints = BasicConstraints {
            ca: true,
            path_len_constraint: request.path_length,
        };
        extensions.push(extension(&constraints, true)?);
    }
    extensions.push(extension(&KeyUsage(request.usage.key), true)?);
    if !request.usage.extended.is_empty() {
        let extended = ExtendedKeyUsage(request.usage.extended.clone());
        extensions.push(extension(&extended, request.usage.extended_is_critical)?);
    }
    extensions.push(extension(
        &SubjectKeyIdentifier(key_identifier(request.key)?),
        false,
    )?);
    extensions.push(extension(&authority_key_identifier(signer)?, false)?);
    if let Some((url, ca)) = request.published {
        extensions.push(extension(&crl_distribution(url, ca)?, false)?);
        extensions.push(extension(&information_access(url, ca)?, false)?);
    }
    if request.no_check {
        let extn_value = OctetString::new(Null.to_der()?)?;
        extensions.push(Extension {
            extn_id: ID_PKIX_OCSP_NOCHECK,
            critical: false,
            extn_value,
        });
    }
    Ok(extensions)
}

/// Wraps an extension's value.
pub(super) fn extension<T: AssociatedOid + Encode>(
    value: &T,
    critical: bool,
) -> Result<Extension, Error> {
    Ok(Extension {
        extn_id: T::OID,
        critical,
        extn_value: OctetString::new(value.to_der()?)?,
    })
}

pub(super) fn authority_key_identifier(signer: &Key) -> Result<AuthorityKeyIdentifier, Error> {
    Ok(AuthorityKeyIdentifier {
        key_identifier: Some(key_identifier(signer)?),
        ..Default::default()
    })
}

/// RFC 5280, 4.2.1.2, method 1.
fn key_identifier(key: &Key) -> Result<OctetString, Error> {
    Ok(OctetString::new(
        Sha1::digest(key.public()?.subject_public_key.raw_bytes()).to_vec(),
    )?)
}

fn crl_distribution(url: &str, ca: &str) -> Result<CrlDistributionPoints, Error> {
    let place = DistributionPointName::FullName(vec![uri(&format!("{url}/crl/{ca}.crl"))?]);
    Ok(CrlDistributionPoints(vec![DistributionPoint {
        distribution_point: Some(place),
        reasons: None,
        crl_issuer: None,
    }]))
}

fn information_access(url: &str, ca: &str) -> Result<AuthorityInfoAccessSyntax, Error> {
    let access = |access_method, url: &str| {
        Ok::<_, Error>(AccessDescription {
            access_method,
            access_location: uri(url)?,
        })
    };
    Ok(AuthorityInfoAccessSyntax(vec![
        access(ID_AD_OCSP, &format!("{url}/ocsp"))?,
        access(ID_AD_CA_ISSUERS, &format!("{url}/crt/{ca}.crt"))?,
    ]))
}

fn uri(url: &str) -> Result<GeneralName, Error> {
    Ok(GeneralName::UniformResourceIdentifier(Ia5String::new(url)?))
}

/// C, L, O, OU, CN: VGCA's order; UTF8String with diacritics, as its second generation writes.
fn name(subject: &Subject<'_>) -> Result<Name, Error> {
    let mut rdns = vec![rdn(COUNTRY_NAME, PrintableStringRef::new("VN")?.into())?];
    let parts = [
        (LOCALITY_NAME, subject.locality),
        (ORGANIZATION_NAME, subject.organization),
        (ORGANIZATIONAL_UNIT_NAME, subject.unit),
        (COMMON_NAME, Some(subject.name)),
    ];
    for (oid, value) in parts {
        if let Some(value) = value {
            rdns.push(rdn(oid, Utf8StringRef::new(value)?.into())?);
        }
    }
    Ok(RdnSequence(rdns))
}

fn rdn(oid: ObjectIdentifier, value: Any) -> Result<RelativeDistinguishedName, Error> {
    Ok(RelativeDistinguishedName(SetOfVec::try_from(vec![
        AttributeTypeAndValue { oid, value },
    ])?))
}

/// Eight bytes that follow from the key: unique without a counter to keep.
fn serial(request: &Request<'_>) -> Result<SerialNumber, Error> {
    let digest = Sha256::digest(request.key.public()?.subject_public_key.raw_bytes());
    let mut bytes = [0x4a; 8];
    // The first byte is fixed: positive and not zero.
    for (to, from) in bytes.iter_mut().skip(1).zip(digest) {
        *to = from;
    }
    Ok(SerialNumber::new(&bytes)?)
}

/// UTCTime up to 2049, GeneralizedTime after it (RFC 5280, 4.1.2.5).
pub(super) fn time(at: OffsetDateTime) -> Result<Time, Error> {
    let since_epoch = since_epoch(at);
    if at.year() < 2050 {
        return Ok(Time::UtcTime(UtcTime::from_unix_duration(since_epoch)?));
    }
    Ok(Time::GeneralTime(GeneralizedTime::from_unix_duration(
        since_epoch,
    )?))
}

/// Whole seconds since 1970; earlier times count as 1970.
pub(crate) fn since_epoch(at: OffsetDateTime) -> std::time::Duration {
    std::time::Duration::from_secs(u64::try_from(at.unix_timestamp()).unwrap_or_default())
}
