//! Attributes of a signer, RFC 5652 §5.3 and RFC 5035, read as received.

use crate::verify::Check;
use crate::{Error, oid};
use antin_pkix::asn1::{Reader, Tlv, tag};
use antin_pkix::{Certificate, DigestAlgorithm};

/// Attributes in one set; real signatures have under ten.
const ATTRIBUTE_LIMIT: usize = 64;

pub(crate) struct Attributes<'a>(Vec<(String, Vec<Tlv<'a>>)>);

impl<'a> Attributes<'a> {
    pub(crate) fn read(mut set: Reader<'a>) -> Result<Self, Error> {
        let mut all = Vec::new();
        while !set.is_empty() {
            let mut attribute = set.expect(tag::SEQUENCE)?.reader("Attribute");
            let oid = attribute.oid()?.to_string();
            let mut values = attribute.expect(tag::SET)?.reader("AttributeValue");
            let mut list = Vec::new();
            while !values.is_empty() {
                list.push(values.read()?);
                if list.len() > ATTRIBUTE_LIMIT {
                    return Err(set.error().into());
                }
            }
            all.push((oid, list));
            if all.len() > ATTRIBUTE_LIMIT {
                return Err(set.error().into());
            }
        }
        Ok(Self(all))
    }

    /// All values of all attributes of a type.
    pub(crate) fn all(&self, oid: &str) -> impl Iterator<Item = Tlv<'a>> {
        self.0
            .iter()
            .filter(move |(known, _)| known == oid)
            .flat_map(|(_, values)| values.iter().copied())
    }

    /// The value of an attribute that may occur once with one value (§11.1, §11.2).
    pub(crate) fn sole(&self, oid: &str) -> Result<Option<Tlv<'a>>, Error> {
        let mut occurrences = self.0.iter().filter(|(known, _)| known == oid);
        match (occurrences.next(), occurrences.next()) {
            (None, _) => Ok(None),
            (Some((_, values)), None) => match values.as_slice() {
                [one] => Ok(Some(*one)),
                _ => Err(antin_pkix::Error::malformed("Attribute").into()),
            },
            _ => Err(antin_pkix::Error::malformed("SignedAttributes").into()),
        }
    }

    /// Adobe's RevocationInfoArchival: `SEQUENCE { [0] CRLs, [1] OCSPResponses, [2] other }`.
    pub(crate) fn adobe_revocation(&self, crls: &mut Vec<Vec<u8>>, ocsp: &mut Vec<Vec<u8>>) {
        for value in self.all(oid::ADOBE_REVOCATION) {
            let mut fields = value.reader("RevocationInfoArchival");
            while let Ok(field) = fields.read() {
                let target = match field.tag {
                    0xa0 => &mut *crls,
                    0xa1 => &mut *ocsp,
                    _ => continue,
                };
                let Ok(list) = field.reader("RevocationInfoArchival").expect(tag::SEQUENCE) else {
                    continue;
                };
                let mut list = list.reader("RevocationInfoArchival");
                while let Ok(one) = list.read() {
                    target.push(one.whole.to_vec());
                }
            }
        }
    }
}

/// The reference to the signer's certificate, RFC 5035 §3 and §5.4.
pub(crate) struct SigningCertificate<'a> {
    pub(crate) version: u8,
    digest: Result<DigestAlgorithm, String>,
    hash: &'a [u8],
}

impl<'a> SigningCertificate<'a> {
    /// Version 2 where both are there.
    pub(crate) fn read(attributes: &Attributes<'a>) -> Result<Option<Self>, Error> {
        if let Some(value) = attributes.sole(oid::SIGNING_CERTIFICATE_V2)? {
            let mut first = Self::first(value)?;
            let digest = match first.optional(tag::SEQUENCE)? {
                Some(algorithm) => {
                    let oid = Reader::new(algorithm.value, "AlgorithmIdentifier")
                        .oid()?
                        .to_string();
                    DigestAlgorithm::from_oid(&oid).ok_or(oid)
                }
                None => Ok(DigestAlgorithm::Sha256),
            };
            let hash = first.expect(tag::OCTET_STRING)?.value;
            return Ok(Some(Self {
                version: 2,
                digest,
                hash,
            }));
        }
        let Some(value) = attributes.sole(oid::SIGNING_CERTIFICATE)? else {
            return Ok(None);
        };
        let hash = Self::first(value)?.expect(tag::OCTET_STRING)?.value;
        Ok(Some(Self {
            version: 1,
            digest: Ok(DigestAlgorithm::Sha1),
            hash,
        }))
    }

    /// The first certificate identifier: the signer's (§5.4).
    fn first(value: Tlv<'a>) -> Result<Reader<'a>, Error> {
        let mut list = value
            .reader("SigningCertificate")
            .expect(tag::SEQUENCE)?
            .reader("SigningCertificate");
        Ok(list.expect(tag::SEQUENCE)?.reader("ESSCertID"))
    }

    pub(crate) fn check(&self, certificate: &Certificate) -> Check {
        match &self.digest {
            Ok(digest) => Check::of(digest.digest(&[certificate.der()]) == self.hash),
            Err(oid) => Check::Unsupported(oid.clone()),
        }
    }
}
