//! RFC 3161 time-stamps: real tokens, signed by the demo time-stamping service.

use cms::cert::{CertificateChoices, IssuerAndSerialNumber};
use cms::content_info::{CmsVersion, ContentInfo};
use cms::signed_data::{
    CertificateSet, EncapsulatedContentInfo, SignedData, SignerIdentifier, SignerInfo, SignerInfos,
};
use const_oid::ObjectIdentifier;
use const_oid::db::rfc5911::{
    ID_AA_SIGNING_CERTIFICATE_V_2, ID_CONTENT_TYPE, ID_MESSAGE_DIGEST, ID_SIGNED_DATA,
    ID_SIGNING_TIME,
};
use const_oid::db::rfc5912::{ID_SHA_1, ID_SHA_256, ID_SHA_384, ID_SHA_512};
use der::asn1::{GeneralizedTime, Int, OctetString, SetOfVec, UtcTime};
use der::{Any, Decode, Encode, Sequence, Tag};
use sha2::{Digest, Sha256};
use spki::AlgorithmIdentifierOwned;
use time::OffsetDateTime;
use x509_cert::attr::Attribute;
use x509_tsp::{Accuracy, TimeStampReq, TspVersion, TstInfo};

use super::http::Response;
use crate::Error;
use crate::pki::{Credential, Pki, Role, since_epoch};

/// `id-ct-TSTInfo` (RFC 3161, 2.4.2).
const ID_CT_TST_INFO: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.9.16.1.4");

/// ETSI EN 319 421's best-practices policy: what a policy must be named when none of one's own exists.
const POLICY: ObjectIdentifier = ObjectIdentifier::new_unwrap("0.4.0.2023.1.1");

/// `PKIStatus` and `PKIFailureInfo` of RFC 3161, 2.4.2.
const GRANTED: u8 = 0;
const REJECTION: u8 = 2;

/// `TimeStampResp`; x509-tsp's own cannot be built without a further crate.
#[derive(Sequence)]
struct TimeStampResp {
    status: PkiStatusInfo,
    #[asn1(optional = "true")]
    token: Option<ContentInfo>,
}

#[derive(Sequence)]
struct PkiStatusInfo {
    status: u8,
}

/// `SigningCertificateV2` of RFC 5035 with its defaults: one certificate, SHA-256.
#[derive(Sequence)]
struct SigningCertificateV2 {
    certs: Vec<EssCertIdV2>,
}

#[derive(Sequence)]
struct EssCertIdV2 {
    cert_hash: OctetString,
}

pub(super) fn answer(pki: &Pki, request: &[u8], now: OffsetDateTime) -> Result<Response, Error> {
    let Ok(request) = TimeStampReq::from_der(request) else {
        return Ok(Response::status(400));
    };
    let token = if is_acceptable(&request) {
        Some(token(pki, &request, now)?)
    } else {
        None
    };
    let status = if token.is_some() { GRANTED } else { REJECTION };
    let response = TimeStampResp {
        status: PkiStatusInfo { status },
        token,
    };
    Ok(Response::body(
        "application/timestamp-reply",
        response.to_der()?,
    ))
}

/// A known hash of the right length, no foreign policy, no extension.
fn is_acceptable(request: &TimeStampReq) -> bool {
    let length = match request.message_imprint.hash_algorithm.oid {
        ID_SHA_1 => 20,
        ID_SHA_256 => 32,
        ID_SHA_384 => 48,
        ID_SHA_512 => 64,
        ObjectIdentifier { .. } => return false,
    };
    request.message_imprint.hashed_message.as_bytes().len() == length
        && request.req_policy.is_none_or(|policy| policy == POLICY)
        && request.extensions.is_none()
}

fn token(pki: &Pki, request: &TimeStampReq, now: OffsetDateTime) -> Result<ContentInfo, Error> {
    let signer = pki.leaf(Role::TimeStamping)?;
    let mut info = TstInfo {
        version: TspVersion::V1,
        policy: POLICY,
        message_imprint: request.message_imprint.clone(),
        serial_number: Int::new(&[1])?,
        gen_time: GeneralizedTime::from_unix_duration(since_epoch(now))?,
        accuracy: Some(Accuracy {
            seconds: Some(1),
            millis: None,
            micros: None,
        }),
        ordering: false,
        nonce: request.nonce.clone(),
        tsa: None,
        extensions: None,
    };
    // Two tokens differ in imprint, time or nonce: their digest is a serial number without a counter to keep.
    let [first, rest @ ..] = <[u8; 32]>::from(Sha256::digest(info.to_der()?));
    let serial: Vec<u8> = [0x40 | first & 0x3f]
        .into_iter()
        .chain(rest.into_iter().take(15))
        .collect();
    info.serial_number = Int::new(&serial)?;
    signed(
        signer,
        &info.to_der()?,
        request.cert_req.then(|| pki.sub()),
        now,
    )
}

/// The token: CMS SignedData over the TSTInfo, with the certificates where they were asked for.
fn signed(
    signer: &Credential,
    info: &[u8],
    chain: Option<&Credential>,
    now: OffsetDateTime,
) -> Result<ContentInfo, Error> {
    let sha256 = AlgorithmIdentifierOwned {
        oid: ID_SHA_256,
        parameters: None,
    };
    let attributes = signed_attributes(signer, info, now)?;
    let signature = signer.key().sign(&attributes.to_der()?)?;
    let tbs = &signer.certificate().tbs_certificate;
    let signer_info = SignerInfo {
        version: CmsVersion::V1,
        sid: SignerIdentifier::IssuerAndSerialNumber(IssuerAndSerialNumber {
            issuer: tbs.issuer.clone(),
            serial_number: tbs.serial_number.clone(),
        }),
        digest_alg: sha256.clone(),
        signed_attrs: Some(attributes),
        signature_algorithm: signer.key().algorithm(),
        signature: OctetString::new(signature)?,
        unsigned_attrs: None,
    };
    let certificates = chain.map(|ca| {
        [signer, ca]
            .map(|credential| CertificateChoices::Certificate(credential.certificate().clone()))
            .to_vec()
    });
    let data = SignedData {
        version: CmsVersion::V3,
        digest_algorithms: SetOfVec::try_from(vec![sha256])?,
        encap_content_info: EncapsulatedContentInfo {
            econtent_type: ID_CT_TST_INFO,
            econtent: Some(Any::new(Tag::OctetString, info)?),
        },
        certificates: certificates
            .map(SetOfVec::try_from)
            .transpose()?
            .map(CertificateSet),
        crls: None,
        signer_infos: SignerInfos(SetOfVec::try_from(vec![signer_info])?),
    };
    Ok(ContentInfo {
        content_type: ID_SIGNED_DATA,
        content: Any::encode_from(&data)?,
    })
}

fn signed_attributes(
    signer: &Credential,
    info: &[u8],
    now: OffsetDateTime,
) -> Result<SetOfVec<Attribute>, Error> {
    let certificate = SigningCertificateV2 {
        certs: vec![EssCertIdV2 {
            cert_hash: OctetString::new(Sha256::digest(signer.der()).to_vec())?,
        }],
    };
    let attributes = vec![
        attribute(ID_CONTENT_TYPE, Any::encode_from(&ID_CT_TST_INFO)?)?,
        attribute(
            ID_MESSAGE_DIGEST,
            Any::new(Tag::OctetString, Sha256::digest(info).to_vec())?,
        )?,
        attribute(
            ID_SIGNING_TIME,
            Any::encode_from(&UtcTime::from_unix_duration(since_epoch(now))?)?,
        )?,
        attribute(
            ID_AA_SIGNING_CERTIFICATE_V_2,
            Any::encode_from(&certificate)?,
        )?,
    ];
    Ok(SetOfVec::try_from(attributes)?)
}

fn attribute(oid: ObjectIdentifier, value: Any) -> Result<Attribute, Error> {
    Ok(Attribute {
        oid,
        values: SetOfVec::try_from(vec![value])?,
    })
}
