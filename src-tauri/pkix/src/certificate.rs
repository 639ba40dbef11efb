//! X.509 certificates, RFC 5280 §4.1, with their bytes as received.

use crate::asn1::{Reader, tag};
use crate::extension::{self, Extension};
use crate::name::hex;
use crate::{AlgorithmIdentifierOwned, DistinguishedName, Error};
use sha2::{Digest, Sha256};
use std::ops::Range;
use std::sync::Arc;
use time::OffsetDateTime;

/// A certificate is a few kilobytes; the largest seen with embedded pictures are below this.
const SIZE_LIMIT: usize = 1 << 20;

/// A certificate. Cheap to clone; equal when the bytes are equal.
#[derive(Debug, Clone)]
pub struct Certificate(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    der: Vec<u8>,
    tbs: Range<usize>,
    version: u64,
    serial: Vec<u8>,
    tbs_algorithm: AlgorithmIdentifierOwned,
    issuer: DistinguishedName,
    not_before: OffsetDateTime,
    not_after: OffsetDateTime,
    subject: DistinguishedName,
    spki: Vec<u8>,
    extensions: Vec<Extension>,
    algorithm: AlgorithmIdentifierOwned,
    signature: Vec<u8>,
}

impl PartialEq for Certificate {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0) || self.0.der == other.0.der
    }
}

impl Eq for Certificate {}

impl Certificate {
    /// Reads one certificate; nothing may follow it. No signature is checked.
    ///
    /// # Errors
    /// [`Error::Malformed`] if it is not a certificate, [`Error::TooBig`] above 1 MiB.
    pub fn from_der(der: &[u8]) -> Result<Self, Error> {
        if der.len() > SIZE_LIMIT {
            return Err(Error::TooBig {
                structure: "Certificate",
                size: der.len(),
                limit: SIZE_LIMIT,
            });
        }
        let mut outer = Reader::new(der, "Certificate");
        let body = outer.expect(tag::SEQUENCE)?;
        outer.finish()?;
        let mut certificate = body.reader("Certificate");
        let tbs = certificate.expect(tag::SEQUENCE)?;
        let algorithm = certificate.algorithm()?;
        let signature = certificate.bits()?.to_vec();
        certificate.finish()?;
        let start = der.len() - body.value.len();
        let mut fields = tbs.reader("TBSCertificate");
        let version = match fields.optional(tag::context(0))? {
            Some(version) => version.reader("Version").unsigned()?,
            None => 0,
        };
        let serial = fields.integer()?.to_vec();
        let tbs_algorithm = fields.algorithm()?;
        let issuer = DistinguishedName::from_der(fields.expect(tag::SEQUENCE)?.whole)?;
        let mut validity = fields.expect(tag::SEQUENCE)?.reader("Validity");
        let (not_before, not_after) = (validity.time()?, validity.time()?);
        validity.finish()?;
        let subject = DistinguishedName::from_der(fields.expect(tag::SEQUENCE)?.whole)?;
        let spki = fields.expect(tag::SEQUENCE)?.whole.to_vec();
        for unique_identifier in [1, 2] {
            let _ = fields.optional(tag::context_primitive(unique_identifier))?;
        }
        let extensions = match fields.optional(tag::context(3))? {
            Some(wrapper) => {
                let mut wrapper = wrapper.reader("Extensions");
                let list = wrapper.expect(tag::SEQUENCE)?;
                wrapper.finish()?;
                extension::read_all(list.reader("Extensions"))?
            }
            None => Vec::new(),
        };
        fields.finish()?;
        Ok(Self(Arc::new(Inner {
            der: der.to_vec(),
            tbs: start..start + tbs.whole.len(),
            version,
            serial,
            tbs_algorithm,
            issuer,
            not_before,
            not_after,
            subject,
            spki,
            extensions,
            algorithm,
            signature,
        })))
    }

    /// Reads a file of one DER certificate or of any number in PEM.
    ///
    /// # Errors
    /// [`Error::Malformed`] if it is neither.
    pub fn from_file(bytes: &[u8]) -> Result<Vec<Self>, Error> {
        const BEGIN: &str = "-----BEGIN CERTIFICATE-----";
        const END: &str = "-----END CERTIFICATE-----";
        if bytes.first() == Some(&tag::SEQUENCE) {
            return Self::from_der(bytes).map(|certificate| vec![certificate]);
        }
        let text = std::str::from_utf8(bytes).map_err(|_| Error::malformed("PEM"))?;
        let mut found = Vec::new();
        for block in text.split(BEGIN).skip(1) {
            let (base64, _) = block.split_once(END).ok_or(Error::malformed("PEM"))?;
            // One armour per block, with the line length the decoder insists on.
            let compact: String = base64.split_whitespace().collect();
            let lines: Vec<&str> = compact
                .as_bytes()
                .chunks(64)
                .filter_map(|line| std::str::from_utf8(line).ok())
                .collect();
            let armour = format!("{BEGIN}\n{}\n{END}\n", lines.join("\n"));
            let (_, der) =
                der::pem::decode_vec(armour.as_bytes()).map_err(|_| Error::malformed("PEM"))?;
            found.push(Self::from_der(&der)?);
        }
        if found.is_empty() {
            Err(Error::malformed("PEM"))
        } else {
            Ok(found)
        }
    }

    /// The bytes as received.
    #[must_use]
    pub fn der(&self) -> &[u8] {
        &self.0.der
    }

    /// The `tbsCertificate` as received: what the issuer signed.
    #[must_use]
    pub fn tbs(&self) -> &[u8] {
        self.0.der.get(self.0.tbs.clone()).unwrap_or_default()
    }

    /// 0 for v1, 2 for v3.
    #[must_use]
    pub fn version(&self) -> u64 {
        self.0.version
    }

    /// Contents octets of the serial number, as received.
    #[must_use]
    pub fn serial(&self) -> &[u8] {
        &self.0.serial
    }

    /// The serial number in lower-case hexadecimal without a sign octet.
    #[must_use]
    pub fn serial_hex(&self) -> String {
        match self.0.serial.as_slice() {
            [0, rest @ ..] if !rest.is_empty() => hex(rest),
            all => hex(all),
        }
    }

    /// Who issued it.
    #[must_use]
    pub fn issuer(&self) -> &DistinguishedName {
        &self.0.issuer
    }

    /// Whom it names.
    #[must_use]
    pub fn subject(&self) -> &DistinguishedName {
        &self.0.subject
    }

    /// First moment of validity.
    #[must_use]
    pub fn not_before(&self) -> OffsetDateTime {
        self.0.not_before
    }

    /// Last moment of validity.
    #[must_use]
    pub fn not_after(&self) -> OffsetDateTime {
        self.0.not_after
    }

    /// `subjectPublicKeyInfo` as received.
    #[must_use]
    pub fn spki_der(&self) -> &[u8] {
        &self.0.spki
    }

    /// All extensions as received.
    #[must_use]
    pub fn extensions(&self) -> &[Extension] {
        &self.0.extensions
    }

    /// The algorithm of the issuer's signature.
    #[must_use]
    pub fn signature_algorithm(&self) -> &AlgorithmIdentifierOwned {
        &self.0.algorithm
    }

    /// Do the two places that name the algorithm agree (§4.1.1.2)?
    #[must_use]
    pub fn algorithms_agree(&self) -> bool {
        self.0.algorithm == self.0.tbs_algorithm
    }

    /// The issuer's signature.
    #[must_use]
    pub fn signature(&self) -> &[u8] {
        &self.0.signature
    }

    /// Subject and issuer are the same name.
    #[must_use]
    pub fn is_self_issued(&self) -> bool {
        self.0.subject.matches(&self.0.issuer)
    }

    /// SHA-256 over the bytes as received.
    #[must_use]
    pub fn fingerprint(&self) -> [u8; 32] {
        Sha256::digest(&self.0.der).into()
    }

    /// The fingerprint in lower-case hexadecimal.
    #[must_use]
    pub fn fingerprint_hex(&self) -> String {
        hex(&self.fingerprint())
    }
}

/// Whom the user trusts, and authorities that help to get there.
#[derive(Debug, Clone, Default)]
pub struct TrustStore {
    /// Trust anchors: name and key are believed; of their other contents only the validity period counts.
    pub anchors: Vec<Certificate>,
    /// Certificates of authorities bundled with the program; they are not believed by themselves.
    pub intermediates: Vec<Certificate>,
}
