//! GeneralName, RFC 5280 §4.2.1.6, borrowed from its extension.

use super::oid;
use crate::asn1::{Reader, Tlv, tag};
use crate::{Certificate, DistinguishedName, Error};

/// A certificate or list with more names than this is an attack: real ones have a handful, the largest
/// certificates of content networks some hundred.
const NAME_LIMIT: usize = 4096;

/// One name in one of the nine forms; the four that no constraint of ours reads are told apart by tag only.
#[derive(Debug, Clone)]
pub(crate) enum GeneralName<'a> {
    Email(&'a [u8]),
    Dns(&'a [u8]),
    Uri(&'a [u8]),
    Address(&'a [u8]),
    Directory(DistinguishedName),
    Other { tag: u8, whole: &'a [u8] },
}

impl<'a> GeneralName<'a> {
    pub(crate) fn read(tlv: Tlv<'a>) -> Result<Self, Error> {
        Ok(match tlv.tag {
            0x81 => Self::Email(tlv.value),
            0x82 => Self::Dns(tlv.value),
            0x86 => Self::Uri(tlv.value),
            0x87 => Self::Address(tlv.value),
            0xa4 => Self::Directory(DistinguishedName::from_der(
                tlv.reader("directoryName").expect(tag::SEQUENCE)?.whole,
            )?),
            0xa0 | 0xa3 | 0xa5 | 0x88 => Self::Other {
                tag: tlv.tag,
                whole: tlv.whole,
            },
            _ => return Err(Error::malformed("GeneralName")),
        })
    }

    /// Reads the contents of `GeneralNames`.
    pub(crate) fn read_all(mut names: Reader<'a>) -> Result<Vec<Self>, Error> {
        let mut all = Vec::new();
        while !names.is_empty() {
            if all.len() >= NAME_LIMIT {
                return Err(names.error());
            }
            all.push(Self::read(names.read()?)?);
        }
        Ok(all)
    }

    /// Same name: directory names after folding (§7.1), all others octet by octet.
    pub(crate) fn matches(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Directory(one), Self::Directory(two)) => one.matches(two),
            (Self::Email(one), Self::Email(two))
            | (Self::Dns(one), Self::Dns(two))
            | (Self::Uri(one), Self::Uri(two))
            | (Self::Address(one), Self::Address(two)) => one == two,
            (Self::Other { whole: one, .. }, Self::Other { whole: two, .. }) => one == two,
            _ => false,
        }
    }
}

impl Certificate {
    /// The subject's alternative names; empty without the extension.
    pub(crate) fn alternative_names(&self) -> Result<Vec<GeneralName<'_>>, Error> {
        let Some(extension) = self.extension(oid::SUBJECT_ALT_NAME) else {
            return Ok(Vec::new());
        };
        let mut outer = Reader::new(&extension.value, "subjectAltName");
        let names = outer.expect(tag::SEQUENCE)?.reader("subjectAltName");
        outer.finish()?;
        GeneralName::read_all(names)
    }
}
