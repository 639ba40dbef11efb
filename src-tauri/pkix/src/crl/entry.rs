//! The entries of a list, RFC 5280 §5.3.

use super::Crl;
use crate::asn1::{self, Reader, tag};
use crate::extension::{self, general_name::GeneralName, oid};
use crate::revocation::Reason;
use crate::{Certificate, DistinguishedName, Error};
use std::collections::HashSet;
use time::OffsetDateTime;

/// What a list says about one certificate.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Entry {
    pub(crate) date: OffsetDateTime,
    pub(crate) reason: Reason,
}

impl Crl<'_> {
    /// The entry of a certificate. An error if any entry has a critical extension we do not know: then the list
    /// may not be used (§5.3). In an `indirect` list an entry belongs to the issuer last named (§5.3.3).
    /// With `conforming`, a number listed twice spoils the list as well.
    pub(crate) fn entry(
        &self,
        certificate: &Certificate,
        indirect: bool,
        conforming: bool,
    ) -> Result<Option<Entry>, Error> {
        let mut found = None;
        let mut ours = self.issuer().matches(certificate.issuer());
        let mut seen = HashSet::new();
        let mut entries = Reader::new(self.entries.unwrap_or_default(), "revokedCertificates");
        while !entries.is_empty() {
            let mut entry = entries.expect(tag::SEQUENCE)?.reader("revokedCertificate");
            let serial = entry.integer()?;
            let date = entry.read()?;
            let mut reason = Reason::Unspecified;
            if let Some(list) = entry.optional(tag::SEQUENCE)? {
                for extension in extension::read_all(list.reader("crlEntryExtensions"))? {
                    match extension.oid.as_str() {
                        oid::REASON_CODE => reason = Reason::read(&extension.value),
                        oid::CERTIFICATE_ISSUER if indirect => {
                            ours = names(&extension.value, certificate.issuer())?;
                            seen.clear();
                        }
                        _ if extension.critical => return Err(entries.error()),
                        _ => {}
                    }
                }
            }
            if conforming && !seen.insert(serial) {
                return Err(entries.error());
            }
            if ours && serial == certificate.serial() {
                let date = asn1::time(date).ok_or_else(|| entries.error())?;
                found = Some(Entry { date, reason });
            }
        }
        Ok(found)
    }
}

/// certificateIssuer, §5.3.3: is `issuer` among the names?
fn names(value: &[u8], issuer: &DistinguishedName) -> Result<bool, Error> {
    let list = Reader::new(value, "certificateIssuer")
        .expect(tag::SEQUENCE)?
        .reader("certificateIssuer");
    Ok(GeneralName::read_all(list)?
        .iter()
        .any(|name| matches!(name, GeneralName::Directory(name) if name.matches(issuer))))
}
