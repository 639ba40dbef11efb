//! RFC 5280 certificate revocation lists.

use der::Encode;
use der::asn1::{BitString, Uint};
use time::{Duration, OffsetDateTime};
use x509_cert::certificate::Version;
use x509_cert::crl::{CertificateList, RevokedCert, TbsCertList};
use x509_cert::ext::pkix::{CrlNumber, CrlReason};
use x509_cert::serial_number::SerialNumber;

use super::Revoked;
use super::certificate::{Issuer, authority_key_identifier, extension, since_epoch, time};
use crate::Error;

/// How long a list is good for, as VGCA's are.
const VALIDITY: Duration = Duration::days(7);

/// Signs a list as of now.
pub(super) fn sign(
    issuer: Issuer<'_>,
    revoked: &[Revoked],
    now: OffsetDateTime,
) -> Result<Vec<u8>, Error> {
    let entries: Result<Vec<_>, Error> = revoked
        .iter()
        .filter(|entry| entry.at <= now)
        .map(entry)
        .collect();
    let entries = entries?;
    // Numbers must grow from list to list (5.2.3): the second of issue does.
    let number = CrlNumber(Uint::new(&since_epoch(now).as_secs().to_be_bytes())?);
    let tbs = TbsCertList {
        version: Version::V2,
        signature: issuer.key.algorithm(),
        issuer: issuer.certificate.tbs_certificate.subject.clone(),
        this_update: time(now)?,
        next_update: Some(time(now + VALIDITY)?),
        revoked_certificates: (!entries.is_empty()).then_some(entries),
        crl_extensions: Some(vec![
            extension(&authority_key_identifier(issuer.key)?, false)?,
            extension(&number, false)?,
        ]),
    };
    let signature = BitString::from_bytes(&issuer.key.sign(&tbs.to_der()?)?)?;
    let list = CertificateList {
        signature_algorithm: tbs.signature.clone(),
        tbs_cert_list: tbs,
        signature,
    };
    Ok(list.to_der()?)
}

fn entry(revoked: &Revoked) -> Result<RevokedCert, Error> {
    let serial: Option<Vec<u8>> = (0..revoked.serial.len())
        .step_by(2)
        .map(|at| {
            revoked
                .serial
                .get(at..at + 2)
                .and_then(|pair| u8::from_str_radix(pair, 16).ok())
        })
        .collect();
    let serial = serial.ok_or_else(|| der::Error::from(der::ErrorKind::Failed))?;
    Ok(RevokedCert {
        serial_number: SerialNumber::new(&serial)?,
        revocation_date: time(revoked.at)?,
        crl_entry_extensions: Some(vec![extension(&CrlReason::KeyCompromise, false)?]),
    })
}
