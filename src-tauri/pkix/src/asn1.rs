//! A reader over BER/DER slices that never re-encodes.
//!
//! Signatures are computed over bytes as they were sent. The `der` crate decodes into values and encodes
//! them again, which changes what a careless certificate authority wrote; so everything that came from
//! outside is walked here, in slices of the original. Lengths need not be minimal; indefinite lengths are
//! refused ([`to_definite`](crate::asn1::to_definite) rewrites them first where a standard admits them).

use crate::Error;
use time::{Date, Month, OffsetDateTime, PrimitiveDateTime, Time};

/// Universal and context tags as they appear in the first byte.
pub mod tag {
    #![allow(missing_docs, reason = "the names are ASN.1's own")]
    pub const BOOLEAN: u8 = 0x01;
    pub const INTEGER: u8 = 0x02;
    pub const BIT_STRING: u8 = 0x03;
    pub const OCTET_STRING: u8 = 0x04;
    pub const NULL: u8 = 0x05;
    pub const OID: u8 = 0x06;
    pub const ENUMERATED: u8 = 0x0a;
    pub const UTF8_STRING: u8 = 0x0c;
    pub const PRINTABLE_STRING: u8 = 0x13;
    pub const TELETEX_STRING: u8 = 0x14;
    pub const IA5_STRING: u8 = 0x16;
    pub const UTC_TIME: u8 = 0x17;
    pub const GENERALIZED_TIME: u8 = 0x18;
    pub const UNIVERSAL_STRING: u8 = 0x1c;
    pub const BMP_STRING: u8 = 0x1e;
    pub const SEQUENCE: u8 = 0x30;
    pub const SET: u8 = 0x31;
    /// `[n]` constructed.
    #[must_use]
    pub const fn context(n: u8) -> u8 {
        0xa0 | n
    }
    /// `[n]` primitive.
    #[must_use]
    pub const fn context_primitive(n: u8) -> u8 {
        0x80 | n
    }
}

/// One tag, length and value, borrowed from the input.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tlv<'a> {
    /// The identifier octet.
    pub tag: u8,
    /// The contents octets.
    pub value: &'a [u8],
    /// Identifier, length and contents octets.
    pub whole: &'a [u8],
}

impl<'a> Tlv<'a> {
    /// A reader over the contents.
    #[must_use]
    pub const fn reader(&self, structure: &'static str) -> Reader<'a> {
        Reader::new(self.value, structure)
    }
}

/// Walks a slice value by value.
#[derive(Debug, Clone)]
pub struct Reader<'a> {
    all: &'a [u8],
    position: usize,
    structure: &'static str,
}

impl<'a> Reader<'a> {
    /// Starts at the beginning of `all`; `structure` names it in errors.
    #[must_use]
    pub const fn new(all: &'a [u8], structure: &'static str) -> Self {
        Self {
            all,
            position: 0,
            structure,
        }
    }

    /// The error for the present position.
    #[must_use]
    pub const fn error(&self) -> Error {
        Error::Malformed {
            structure: self.structure,
            offset: self.position,
        }
    }

    /// Is everything read?
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.position >= self.all.len()
    }

    /// What has not been read.
    #[must_use]
    pub fn rest(&self) -> &'a [u8] {
        self.all.get(self.position..).unwrap_or_default()
    }

    /// The next identifier octet.
    #[must_use]
    pub fn peek(&self) -> Option<u8> {
        self.all.get(self.position).copied()
    }

    /// Reads one value of any tag.
    ///
    /// # Errors
    /// [`Error::Malformed`] if the slice ends early, the tag number is above 30 or the length is indefinite.
    pub fn read(&mut self) -> Result<Tlv<'a>, Error> {
        let rest = self.rest();
        let (tag, header, length) = header(rest).ok_or_else(|| self.error())?;
        let length = length.ok_or_else(|| self.error())?;
        let end = header.checked_add(length).ok_or_else(|| self.error())?;
        let whole = rest.get(..end).ok_or_else(|| self.error())?;
        let value = whole.get(header..).ok_or_else(|| self.error())?;
        self.position += end;
        Ok(Tlv { tag, value, whole })
    }

    /// Reads one value that must have `tag`.
    ///
    /// # Errors
    /// [`Error::Malformed`] if it has another.
    pub fn expect(&mut self, tag: u8) -> Result<Tlv<'a>, Error> {
        if self.peek() == Some(tag) {
            self.read()
        } else {
            Err(self.error())
        }
    }

    /// Reads one value if it has `tag`.
    ///
    /// # Errors
    /// [`Error::Malformed`] if it has the tag but no readable length.
    pub fn optional(&mut self, tag: u8) -> Result<Option<Tlv<'a>>, Error> {
        if self.peek() == Some(tag) {
            self.read().map(Some)
        } else {
            Ok(None)
        }
    }

    /// Reads an object identifier.
    ///
    /// # Errors
    /// [`Error::Malformed`] if it is none, or longer than the 39 octets that `const-oid` holds.
    pub fn oid(&mut self) -> Result<der::asn1::ObjectIdentifier, Error> {
        let error = self.error();
        let tlv = self.expect(tag::OID)?;
        der::asn1::ObjectIdentifier::from_bytes(tlv.value).map_err(|_| error)
    }

    /// Reads an `AlgorithmIdentifier`.
    ///
    /// # Errors
    /// [`Error::Malformed`] if it is none.
    pub fn algorithm(&mut self) -> Result<spki::AlgorithmIdentifierOwned, Error> {
        let mut inner = self.expect(tag::SEQUENCE)?.reader("AlgorithmIdentifier");
        let oid = inner.oid()?;
        let parameters = if inner.is_empty() {
            None
        } else {
            let error = inner.error();
            let tlv = inner.read()?;
            let tag = der::Tag::try_from(tlv.tag).map_err(|_| error.clone())?;
            Some(der::Any::new(tag, tlv.value).map_err(|_| error)?)
        };
        Ok(spki::AlgorithmIdentifierOwned { oid, parameters })
    }

    /// Reads a BOOLEAN; any octet but zero is true, as BER has it.
    ///
    /// # Errors
    /// [`Error::Malformed`] if it is none.
    pub fn boolean(&mut self) -> Result<bool, Error> {
        let error = self.error();
        match self.expect(tag::BOOLEAN)?.value {
            [octet] => Ok(*octet != 0),
            _ => Err(error),
        }
    }

    /// The contents octets of an INTEGER; superfluous leading octets are illegal in BER too (X.690 §8.3.2).
    ///
    /// # Errors
    /// [`Error::Malformed`] if it is none.
    pub fn integer(&mut self) -> Result<&'a [u8], Error> {
        let error = self.error();
        match self.expect(tag::INTEGER)?.value {
            [] | [0x00, 0x00..=0x7f, ..] | [0xff, 0x80..=0xff, ..] => Err(error),
            value => Ok(value),
        }
    }

    /// Reads a non-negative INTEGER that fits `u64`.
    ///
    /// # Errors
    /// [`Error::Malformed`] if it does not.
    pub fn unsigned(&mut self) -> Result<u64, Error> {
        let error = self.error();
        let tlv = self.expect(tag::INTEGER)?;
        unsigned(tlv.value).ok_or(error)
    }

    /// Reads a BIT STRING without unused bits.
    ///
    /// # Errors
    /// [`Error::Malformed`] if it has unused bits.
    pub fn bits(&mut self) -> Result<&'a [u8], Error> {
        let error = self.error();
        match self.expect(tag::BIT_STRING)?.value.split_first() {
            Some((0, bytes)) => Ok(bytes),
            _ => Err(error),
        }
    }

    /// Reads UTCTime or GeneralizedTime.
    ///
    /// # Errors
    /// [`Error::Malformed`] if it is neither.
    pub fn time(&mut self) -> Result<OffsetDateTime, Error> {
        let error = self.error();
        let tlv = self.read()?;
        time(tlv).ok_or(error)
    }

    /// Asserts that nothing is left.
    ///
    /// # Errors
    /// [`Error::Malformed`] if something is.
    pub const fn finish(&self) -> Result<(), Error> {
        if self.is_empty() {
            Ok(())
        } else {
            Err(self.error())
        }
    }
}

/// The value of a non-negative INTEGER's contents octets.
#[must_use]
pub fn unsigned(value: &[u8]) -> Option<u64> {
    if value.first().is_none_or(|first| *first >= 0x80) {
        return None;
    }
    let zeros = value.iter().take_while(|octet| **octet == 0).count();
    let significant = value.get(zeros..).unwrap_or_default();
    (significant.len() <= 8).then(|| {
        significant
            .iter()
            .fold(0, |sum, octet| (sum << 8) | u64::from(*octet))
    })
}

/// (tag, header length, content length or `None` if indefinite)
fn header(bytes: &[u8]) -> Option<(u8, usize, Option<usize>)> {
    let (&tag, rest) = bytes.split_first()?;
    if tag & 0x1f == 0x1f {
        return None;
    }
    let (&first, rest) = rest.split_first()?;
    match first {
        0..=0x7f => Some((tag, 2, Some(usize::from(first)))),
        0x80 => Some((tag, 2, None)),
        // Eight octets reach beyond any file; more cannot be meant.
        0x81..=0x88 => {
            let count = usize::from(first & 0x7f);
            let length = rest.get(..count)?.iter().try_fold(0_usize, |sum, octet| {
                sum.checked_mul(256)
                    .and_then(|sum| sum.checked_add(usize::from(*octet)))
            })?;
            Some((tag, 2 + count, Some(length)))
        }
        _ => None,
    }
}

/// UTCTime (RFC 5280 §4.1.2.5.1: the years 50–99 are the 1900s) or GeneralizedTime with an optional
/// fraction; both end in Z. Seconds may be missing in UTCTime.
#[must_use]
pub fn time(tlv: Tlv<'_>) -> Option<OffsetDateTime> {
    let text = tlv.value.strip_suffix(b"Z")?;
    let (whole, fraction) = match text.iter().position(|octet| *octet == b'.') {
        Some(dot) => (text.get(..dot)?, text.get(dot + 1..)?),
        None => (text, &b""[..]),
    };
    if !whole.iter().chain(fraction).all(u8::is_ascii_digit) {
        return None;
    }
    let (year, rest) = match (tlv.tag, whole.len()) {
        (tag::UTC_TIME, 10 | 12) if fraction.is_empty() => {
            let two = decimal(whole.get(..2)?);
            (
                if two >= 50 { 1900 + two } else { 2000 + two },
                whole.get(2..)?,
            )
        }
        (tag::GENERALIZED_TIME, 14) => (decimal(whole.get(..4)?), whole.get(4..)?),
        _ => return None,
    };
    let field = |index: usize| {
        rest.get(index * 2..index * 2 + 2)
            .map(decimal)
            .and_then(|n| u8::try_from(n).ok())
    };
    let month = Month::try_from(field(0)?).ok()?;
    let date = Date::from_calendar_date(i32::try_from(year).ok()?, month, field(1)?).ok()?;
    let seconds = if rest.len() > 8 { field(4)? } else { 0 };
    // Nine digits are nanoseconds; more are beyond what can be compared.
    let nanoseconds = fraction
        .iter()
        .take(9)
        .fold(0_u32, |sum, digit| sum * 10 + u32::from(digit - b'0'))
        * 10_u32.pow(u32::try_from(9_usize.saturating_sub(fraction.len())).ok()?);
    let time = Time::from_hms_nano(field(2)?, field(3)?, seconds, nanoseconds).ok()?;
    Some(PrimitiveDateTime::new(date, time).assume_utc())
}

fn decimal(digits: &[u8]) -> u32 {
    digits
        .iter()
        .fold(0, |sum, digit| sum * 10 + u32::from(digit - b'0'))
}

/// Nesting of a rewritten value; signed data needs about a dozen.
const DEPTH_LIMIT: usize = 48;

/// Rewrites a BER value with indefinite lengths and constructed strings into definite lengths.
///
/// Returns the rewritten value and how many bytes of the input it took. Values that are already definite
/// are copied as they are, so certificates inside keep their bytes.
///
/// # Errors
/// [`Error::Malformed`] if the input ends early or nests deeper than 48 levels.
pub fn to_definite(input: &[u8]) -> Result<(Vec<u8>, usize), Error> {
    let mut out = Vec::with_capacity(input.len());
    let used = rewrite(input, &mut out, DEPTH_LIMIT)?;
    Ok((out, used))
}

fn rewrite(input: &[u8], out: &mut Vec<u8>, depth: usize) -> Result<usize, Error> {
    let error = || Error::malformed("BER value");
    let depth = depth.checked_sub(1).ok_or_else(error)?;
    let (tag, header_length, length) = header(input).ok_or_else(error)?;
    let constructed = tag & 0x20 != 0;
    let limit = match length {
        Some(length) => Some(
            header_length
                .checked_add(length)
                .filter(|end| *end <= input.len())
                .ok_or_else(error)?,
        ),
        None if constructed => None,
        None => return Err(error()),
    };
    if !constructed {
        let end = limit.ok_or_else(error)?;
        out.extend_from_slice(input.get(..end).ok_or_else(error)?);
        return Ok(end);
    }
    let mut contents = Vec::new();
    let mut position = header_length;
    loop {
        match limit {
            Some(end) if position == end => break,
            Some(end) if position > end => return Err(error()),
            None if input.get(position..position + 2) == Some(&[0, 0]) => {
                position += 2;
                break;
            }
            _ => {}
        }
        let slice = match limit {
            Some(end) => input.get(position..end),
            None => input.get(position..),
        };
        position += rewrite(slice.ok_or_else(error)?, &mut contents, depth)?;
    }
    if tag == tag::OCTET_STRING | 0x20 {
        let mut joined = Vec::with_capacity(contents.len());
        let mut reader = Reader::new(&contents, "constructed OCTET STRING");
        while !reader.is_empty() {
            joined.extend_from_slice(reader.expect(tag::OCTET_STRING)?.value);
        }
        write(tag::OCTET_STRING, &joined, out);
    } else {
        write(tag, &contents, out);
    }
    Ok(position)
}

/// Appends a value with a minimal definite length.
pub fn write(tag: u8, contents: &[u8], out: &mut Vec<u8>) {
    out.push(tag);
    match u8::try_from(contents.len()) {
        Ok(short) if short < 0x80 => out.push(short),
        _ => {
            let bytes = contents.len().to_be_bytes();
            let skip = bytes.iter().take_while(|octet| **octet == 0).count();
            let bytes = bytes.get(skip..).unwrap_or_default();
            out.push(0x80 | u8::try_from(bytes.len()).unwrap_or(8));
            out.extend_from_slice(bytes);
        }
    }
    out.extend_from_slice(contents);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_of_both_kinds() {
        let read = |tag, text: &str| {
            time(Tlv {
                tag,
                value: text.as_bytes(),
                whole: &[],
            })
            .map(|t| t.to_string())
        };
        assert_eq!(
            read(tag::UTC_TIME, "500101000000Z").unwrap(),
            "1950-01-01 0:00:00.0 +00:00:00"
        );
        assert_eq!(
            read(tag::UTC_TIME, "491231235959Z").unwrap(),
            "2049-12-31 23:59:59.0 +00:00:00"
        );
        assert_eq!(
            read(tag::GENERALIZED_TIME, "20261124080000.25Z").unwrap(),
            "2026-11-24 8:00:00.25 +00:00:00"
        );
        for bad in ["", "Z", "2611240800+0700", "261324080000Z", "26112408Z"] {
            assert_eq!(read(tag::UTC_TIME, bad), None, "{bad}");
        }
    }

    #[test]
    fn indefinite_lengths_become_definite() {
        let ber = [
            0x30, 0x80, 0x24, 0x80, 0x04, 0x01, 0x41, 0x04, 0x01, 0x42, 0, 0, 0, 0, 0xff,
        ];
        let (der, used) = to_definite(&ber).unwrap();
        assert_eq!(der, [0x30, 0x04, 0x04, 0x02, 0x41, 0x42]);
        assert_eq!(used, 14);
        let deep = [0x30, 0x80].repeat(100_000);
        assert!(to_definite(&deep).is_err(), "nesting is bounded");
    }

    #[test]
    fn hostile_lengths_are_errors() {
        for bytes in [
            &[0x30][..],
            &[0x30, 0x84, 0xff, 0xff, 0xff, 0xff],
            &[0x30, 0x88, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff],
            &[0x1f, 0x81, 0x00],
            &[0x30, 0x80, 0, 0],
        ] {
            assert!(Reader::new(bytes, "test").read().is_err(), "{bytes:02x?}");
        }
    }
}
