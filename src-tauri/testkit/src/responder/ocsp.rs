//! RFC 6960 answers, signed by a delegated responder; the nonce is echoed.

use const_oid::ObjectIdentifier;
use const_oid::db::rfc5912::{ID_SHA_1, ID_SHA_256};
use const_oid::db::rfc6960::ID_PKIX_OCSP_NONCE;
use der::asn1::{BitString, GeneralizedTime};
use der::{Decode, Encode};
use sha1::Sha1;
use sha2::{Digest, Sha256};
use time::{Duration, OffsetDateTime};
use x509_cert::Certificate;
use x509_cert::ext::pkix::CrlReason;
use x509_ocsp::{
    BasicOcspResponse, CertId, CertStatus, OcspGeneralizedTime, OcspRequest, OcspResponse,
    ResponderId, ResponseData, RevokedInfo, SingleResponse, Version,
};

use super::http::Response;
use crate::Error;
use crate::pki::{Credential, Pki, Revoked, Role, hex, since_epoch};

/// How long an answer may be kept.
const VALIDITY: Duration = Duration::hours(1);

pub(super) fn answer(pki: &Pki, request: &[u8], now: OffsetDateTime) -> Result<Response, Error> {
    let response = match OcspRequest::from_der(request) {
        Ok(request) => respond(pki, &request, now)?,
        Err(_) => OcspResponse::malformed_request(),
    };
    Ok(Response::body(
        "application/ocsp-response",
        response.to_der()?,
    ))
}

fn respond(pki: &Pki, request: &OcspRequest, now: OffsetDateTime) -> Result<OcspResponse, Error> {
    let responder = pki.leaf(Role::OcspResponder)?;
    let revoked = pki.revoked()?;
    let single = |request: &x509_ocsp::Request| {
        Ok(SingleResponse {
            cert_id: request.req_cert.clone(),
            cert_status: status(pki, &request.req_cert, &revoked, now)?,
            this_update: time(now)?,
            next_update: Some(time(now + VALIDITY)?),
            single_extensions: None,
        })
    };
    let responses: Result<Vec<_>, Error> = request
        .tbs_request
        .request_list
        .iter()
        .map(single)
        .collect();
    let nonce = request.tbs_request.request_extensions.iter().flatten();
    let nonce: Vec<_> = nonce
        .filter(|extension| extension.extn_id == ID_PKIX_OCSP_NONCE)
        .cloned()
        .collect();
    let data = ResponseData {
        version: Version::V1,
        responder_id: ResponderId::ByName(responder.certificate().tbs_certificate.subject.clone()),
        produced_at: time(now)?,
        responses: responses?,
        response_extensions: (!nonce.is_empty()).then_some(nonce),
    };
    let signature = responder.key().sign(&data.to_der()?)?;
    Ok(OcspResponse::successful(BasicOcspResponse {
        tbs_response_data: data,
        signature_algorithm: responder.key().algorithm(),
        signature: BitString::from_bytes(&signature)?,
        certs: Some(vec![responder.certificate().clone()]),
    })?)
}

fn status(
    pki: &Pki,
    asked: &CertId,
    revoked: &[Revoked],
    now: OffsetDateTime,
) -> Result<CertStatus, Error> {
    if is_issuer(pki.root(), asked)? {
        // The root has revoked nothing.
        return Ok(CertStatus::good());
    }
    if !is_issuer(pki.sub(), asked)? {
        return Ok(CertStatus::unknown());
    }
    let serial = hex(asked.serial_number.as_bytes());
    match revoked
        .iter()
        .find(|entry| entry.serial == serial && entry.at <= now)
    {
        Some(entry) => Ok(CertStatus::revoked(RevokedInfo {
            revocation_time: time(entry.at)?,
            revocation_reason: Some(CrlReason::KeyCompromise),
        })),
        None => Ok(CertStatus::good()),
    }
}

fn is_issuer(ca: &Credential, asked: &CertId) -> Result<bool, Error> {
    let Certificate {
        tbs_certificate, ..
    } = ca.certificate();
    let name = tbs_certificate.subject.to_der()?;
    let key = tbs_certificate
        .subject_public_key_info
        .subject_public_key
        .raw_bytes();
    let hash: fn(&[u8]) -> Vec<u8> = match asked.hash_algorithm.oid {
        ID_SHA_1 => |bytes| Sha1::digest(bytes).to_vec(),
        ID_SHA_256 => |bytes| Sha256::digest(bytes).to_vec(),
        ObjectIdentifier { .. } => return Ok(false),
    };
    Ok(asked.issuer_name_hash.as_bytes() == hash(&name)
        && asked.issuer_key_hash.as_bytes() == hash(key))
}

fn time(at: OffsetDateTime) -> Result<OcspGeneralizedTime, Error> {
    Ok(OcspGeneralizedTime(GeneralizedTime::from_unix_duration(
        since_epoch(at),
    )?))
}
