//! A time-stamp put into a finished `SignedData` (RFC 5652 §5.3, RFC 3161 appendix A).
//!
//! Unsigned attributes are the one part of a signature that may change without breaking it. Everything else
//! is carried over as it was received: only lengths around the new attribute are written anew.

use crate::{Error, TimeStampToken, oid, sign::identifier, timestamp::content_type};
use antin_pkix::DigestAlgorithm;
use antin_pkix::asn1::{Reader, Tlv, tag, write};
use der::Encode;

/// The signature value that a time-stamp would be over.
///
/// # Errors
/// [`Error::AlreadyTimestamped`], [`Error::Signers`], or what makes it unreadable. Indefinite lengths are not read:
/// what could not be rewritten needs no value.
pub fn signature_value(cms: &[u8]) -> Result<Vec<u8>, Error> {
    Ok(Parts::read(cms)?.signature.value.to_vec())
}

/// The same `ContentInfo` with a time-stamp token over its signature among the unsigned attributes.
///
/// Zeros behind the structure are dropped.
///
/// # Errors
/// As [`signature_value`]; [`Error::TimestampMismatch`] if the token is over something else.
pub fn add_timestamp(cms: &[u8], token: &[u8]) -> Result<Vec<u8>, Error> {
    let parts = Parts::read(cms)?;
    let read = TimeStampToken::read(token)?;
    let imprint = DigestAlgorithm::from_oid(&read.imprint_algorithm)
        .map(|digest| digest.digest(&[parts.signature.value]));
    if imprint.as_deref() != Some(&read.imprint) {
        return Err(Error::TimestampMismatch { field: "imprint" });
    }
    let mut attributes: Vec<Vec<u8>> = parts.attributes.iter().map(|a| a.to_vec()).collect();
    attributes.push(attribute(token)?);
    // SET OF in DER (X.690, 11.6).
    attributes.sort();

    let mut signer = parts.signer.to_vec();
    write(tag::context(1), &attributes.concat(), &mut signer);
    let signer = wrapped(tag::SEQUENCE, &signer);
    let mut data = parts.data.to_vec();
    write(tag::SET, &signer, &mut data);
    let data = wrapped(tag::SEQUENCE, &data);
    let mut info = parts.content_type.to_vec();
    write(tag::context(0), &data, &mut info);
    Ok(wrapped(tag::SEQUENCE, &info))
}

fn wrapped(tag: u8, contents: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(contents.len() + 6);
    write(tag, contents, &mut out);
    out
}

fn attribute(token: &[u8]) -> Result<Vec<u8>, Error> {
    let mut contents = identifier(oid::TIME_STAMP_TOKEN)?.to_der()?;
    write(tag::SET, token, &mut contents);
    Ok(wrapped(tag::SEQUENCE, &contents))
}

/// The slices around the place of a new unsigned attribute.
struct Parts<'a> {
    /// `contentType` of the `ContentInfo`.
    content_type: &'a [u8],
    /// Everything of the `SignedData` before `signerInfos`.
    data: Vec<u8>,
    /// Everything of the `SignerInfo` before the unsigned attributes.
    signer: Vec<u8>,
    /// The signature value.
    signature: Tlv<'a>,
    /// The unsigned attributes that are there.
    attributes: Vec<&'a [u8]>,
}

impl<'a> Parts<'a> {
    fn read(cms: &'a [u8]) -> Result<Self, Error> {
        let outer = Reader::new(cms, "SignedData").expect(tag::SEQUENCE)?;
        let mut info = outer.reader("ContentInfo");
        let mut named = info.clone();
        let content_type_tlv = named.expect(tag::OID)?;
        content_type(&mut info, oid::SIGNED_DATA)?;
        let mut fields = info
            .expect(tag::context(0))?
            .reader("SignedData")
            .expect(tag::SEQUENCE)?
            .reader("SignedData");
        let mut data = Vec::new();
        let infos = loop {
            let field = fields.read()?;
            // digestAlgorithms is the first SET, signerInfos the second and last.
            if field.tag == tag::SET && fields.is_empty() {
                break field;
            }
            data.extend_from_slice(field.whole);
        };
        let mut infos = infos.reader("SignerInfos");
        let only = infos.expect(tag::SEQUENCE)?;
        if !infos.is_empty() {
            return Err(Error::Signers { found: 2 });
        }
        Self::signer(content_type_tlv.whole, data, only)
    }

    fn signer(content_type: &'a [u8], data: Vec<u8>, info: Tlv<'a>) -> Result<Self, Error> {
        let mut fields = info.reader("SignerInfo");
        let mut signer = Vec::new();
        // version, sid, digestAlgorithm
        for _ in 0..3 {
            signer.extend_from_slice(fields.read()?.whole);
        }
        if let Some(signed) = fields.optional(tag::context(0))? {
            signer.extend_from_slice(signed.whole);
        }
        signer.extend_from_slice(fields.expect(tag::SEQUENCE)?.whole);
        let signature = fields.expect(tag::OCTET_STRING)?;
        signer.extend_from_slice(signature.whole);
        let mut attributes = Vec::new();
        if let Some(unsigned) = fields.optional(tag::context(1))? {
            let mut list = unsigned.reader("unsignedAttrs");
            while !list.is_empty() {
                let one = list.expect(tag::SEQUENCE)?;
                let found = one.reader("Attribute").oid()?.to_string();
                if found == oid::TIME_STAMP_TOKEN {
                    return Err(Error::AlreadyTimestamped);
                }
                attributes.push(one.whole);
            }
        }
        fields.finish()?;
        Ok(Self {
            content_type,
            data,
            signer,
            signature,
            attributes,
        })
    }
}
