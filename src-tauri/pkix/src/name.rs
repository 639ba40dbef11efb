//! Distinguished names, RFC 5280 §4.1.2.4 and §7.1.

use crate::Error;
use crate::asn1::{Reader, Tlv, tag, write};
use std::fmt;

/// One attribute of a name, its value as text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NameAttribute {
    /// The attribute type, dotted.
    pub oid: String,
    /// The value; hexadecimal after `#` if it is not a string type.
    pub value: String,
}

/// A distinguished name: its bytes as received, and its attributes as text.
#[derive(Debug, Clone)]
pub struct DistinguishedName {
    der: Vec<u8>,
    attributes: Vec<NameAttribute>,
    comparable: Vec<Vec<(String, String)>>,
}

/// Names longer than this are an attack, not a name.
const ATTRIBUTE_LIMIT: usize = 256;

impl DistinguishedName {
    /// Reads a `Name`.
    ///
    /// # Errors
    /// [`Error::Malformed`] if it is not one.
    pub fn from_der(der: &[u8]) -> Result<Self, Error> {
        let mut reader = Reader::new(der, "Name");
        let mut sequence = reader.expect(tag::SEQUENCE)?.reader("Name");
        reader.finish()?;
        let (mut attributes, mut comparable) = (Vec::new(), Vec::new());
        while !sequence.is_empty() {
            let mut set = sequence
                .expect(tag::SET)?
                .reader("RelativeDistinguishedName");
            let mut rdn = Vec::new();
            while !set.is_empty() {
                let mut pair = set.expect(tag::SEQUENCE)?.reader("AttributeTypeAndValue");
                let oid = pair.oid()?.to_string();
                let value = pair.read()?;
                let text = text(value).unwrap_or_else(|| format!("#{}", hex(value.whole)));
                rdn.push((oid.clone(), folded(&text)));
                attributes.push(NameAttribute { oid, value: text });
                if attributes.len() > ATTRIBUTE_LIMIT {
                    return Err(set.error());
                }
            }
            rdn.sort();
            comparable.push(rdn);
        }
        Ok(Self {
            der: der.to_vec(),
            attributes,
            comparable,
        })
    }

    /// The bytes as received.
    #[must_use]
    pub fn der(&self) -> &[u8] {
        &self.der
    }

    /// All attributes, outermost (usually country) first.
    #[must_use]
    pub fn attributes(&self) -> &[NameAttribute] {
        &self.attributes
    }

    /// Is the name empty?
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.attributes.is_empty()
    }

    /// Same name after RFC 5280 §7.1 folding of case and white space?
    #[must_use]
    pub fn matches(&self, other: &Self) -> bool {
        self.der == other.der || self.comparable == other.comparable
    }

    /// Does the name begin with the relative names of `base` (RFC 5280 §4.2.1.10)?
    #[must_use]
    pub fn starts_with(&self, base: &Self) -> bool {
        self.comparable.starts_with(&base.comparable)
    }

    /// The name one RDN below this one; `rdn` is a SET under any tag (nameRelativeToCRLIssuer).
    pub(crate) fn with_relative(&self, rdn: Tlv<'_>) -> Option<Self> {
        let mut contents = Reader::new(&self.der, "Name")
            .expect(tag::SEQUENCE)
            .ok()?
            .value
            .to_vec();
        write(tag::SET, rdn.value, &mut contents);
        let mut der = Vec::new();
        write(tag::SEQUENCE, &contents, &mut der);
        Self::from_der(&der).ok()
    }

    /// The innermost attribute of a type.
    #[must_use]
    pub fn attribute(&self, oid: &str) -> Option<&str> {
        self.attributes
            .iter()
            .rev()
            .find(|attribute| attribute.oid == oid)
            .map(|attribute| attribute.value.as_str())
    }

    /// `CN`.
    #[must_use]
    pub fn common_name(&self) -> Option<&str> {
        self.attribute("2.5.4.3")
    }

    /// `O`.
    #[must_use]
    pub fn organization(&self) -> Option<&str> {
        self.attribute("2.5.4.10")
    }

    /// `OU`.
    #[must_use]
    pub fn organizational_unit(&self) -> Option<&str> {
        self.attribute("2.5.4.11")
    }

    /// `title`.
    #[must_use]
    pub fn title(&self) -> Option<&str> {
        self.attribute("2.5.4.12")
    }
}

/// RFC 4514 order: most specific first.
impl fmt::Display for DistinguishedName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, attribute) in self.attributes.iter().rev().enumerate() {
            let separator = if index == 0 { "" } else { ", " };
            write!(
                f,
                "{separator}{}={}",
                short(&attribute.oid),
                attribute.value
            )?;
        }
        Ok(())
    }
}

fn short(oid: &str) -> &str {
    match oid {
        "2.5.4.3" => "CN",
        "2.5.4.4" => "SN",
        "2.5.4.5" => "serialNumber",
        "2.5.4.6" => "C",
        "2.5.4.7" => "L",
        "2.5.4.8" => "ST",
        "2.5.4.9" => "street",
        "2.5.4.10" => "O",
        "2.5.4.11" => "OU",
        "2.5.4.12" => "title",
        "2.5.4.42" => "GN",
        "2.5.4.97" => "organizationIdentifier",
        "0.9.2342.19200300.100.1.1" => "UID",
        "0.9.2342.19200300.100.1.25" => "DC",
        "1.2.840.113549.1.9.1" => "emailAddress",
        other => other,
    }
}

/// Case and runs of white space do not distinguish names.
fn folded(text: &str) -> String {
    text.split_whitespace()
        .collect::<Vec<_>>()
        .join(" ")
        .to_lowercase()
}

/// A directory string as text.
pub(crate) fn text(tlv: Tlv<'_>) -> Option<String> {
    match tlv.tag {
        tag::UTF8_STRING => Some(String::from_utf8_lossy(tlv.value).into_owned()),
        tag::PRINTABLE_STRING | tag::TELETEX_STRING | tag::IA5_STRING | 0x12 => {
            // Some authorities put UTF-8 into the older types; latin-1 is what the rest of them means.
            Some(match std::str::from_utf8(tlv.value) {
                Ok(text) => text.to_owned(),
                Err(_) => tlv.value.iter().map(|octet| char::from(*octet)).collect(),
            })
        }
        tag::BMP_STRING => {
            let units: Vec<u16> = tlv
                .value
                .chunks_exact(2)
                .map(|pair| {
                    pair.iter()
                        .fold(0, |sum, octet| (sum << 8) | u16::from(*octet))
                })
                .collect();
            Some(String::from_utf16_lossy(&units))
        }
        tag::UNIVERSAL_STRING => Some(
            tlv.value
                .chunks_exact(4)
                .map(|four| {
                    char::from_u32(
                        four.iter()
                            .fold(0, |sum, octet| (sum << 8) | u32::from(*octet)),
                    )
                    .unwrap_or(char::REPLACEMENT_CHARACTER)
                })
                .collect(),
        ),
        _ => None,
    }
}

/// Lower-case hexadecimal.
#[must_use]
pub(crate) fn hex(bytes: &[u8]) -> String {
    use fmt::Write as _;
    bytes
        .iter()
        .fold(String::with_capacity(bytes.len() * 2), |mut text, octet| {
            let _ = write!(text, "{octet:02x}");
            text
        })
}
