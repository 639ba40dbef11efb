//! The signature dictionary in the file: a hole in `/Contents` that the signature does not cover, and the
//! `/ByteRange` around it (ISO 32000-1, 12.8.1). Both are written with their final width and patched in place.

use std::ops::Range;

use antin_pdf::{Dictionary, Object, StringFormat};

use crate::{Error, object::name};

/// Ten digits hold any offset an xref table can (ISO 32000-1, 7.5.4).
const WIDEST: i64 = 9_999_999_999;

/// The first entries of a signature dictionary: all that is patched, so that no text can be mistaken for it.
pub(crate) fn signature_dictionary(room: usize) -> Dictionary {
    let mut dict = Dictionary::new();
    dict.set("Type", name("Sig"));
    dict.set("Filter", name("Adobe.PPKLite"));
    dict.set("SubFilter", name("ETSI.CAdES.detached"));
    dict.set(
        "ByteRange",
        Object::Array([0, WIDEST, WIDEST, WIDEST].map(Object::Integer).to_vec()),
    );
    dict.set(
        "Contents",
        Object::String(vec![0; room], StringFormat::Hexadecimal),
    );
    dict
}

/// A hole in the appended bytes.
#[derive(Debug, Clone)]
pub(crate) struct Hole {
    /// The whole of `<00…>`, relative to the appended bytes.
    range: Range<usize>,
}

impl Hole {
    /// Finds the dictionary that begins at `at`, checks its hole and writes its `/ByteRange`.
    /// `before` is the length of the document the bytes are appended to.
    pub(crate) fn open(appended: &mut [u8], at: usize, before: u64) -> Result<Self, Error> {
        let lost = || Error::Malformed {
            what: "signature dictionary",
        };
        let find = |bytes: &[u8], from: usize, what: &[u8]| {
            let tail = bytes.get(from..)?;
            tail.windows(what.len())
                .position(|window| window == what)
                .map(|position| from + position)
        };
        let range_at = find(appended, at, b"/ByteRange").ok_or_else(lost)?;
        let range_start = find(appended, range_at, b"[").ok_or_else(lost)?;
        let range_end = find(appended, range_start, b"]").ok_or_else(lost)? + 1;
        let contents = find(appended, range_end, b"/Contents").ok_or_else(lost)?;
        let start = find(appended, contents, b"<").ok_or_else(lost)?;
        let end = find(appended, start, b">").ok_or_else(lost)? + 1;
        let zeros = appended.get(start + 1..end - 1).ok_or_else(lost)?;
        if zeros.iter().any(|digit| *digit != b'0') {
            return Err(lost());
        }
        let offset =
            |position: usize| before.saturating_add(u64::try_from(position).unwrap_or(u64::MAX));
        let (first, second) = (offset(start), offset(end));
        let rest = u64::try_from(appended.len() - end).unwrap_or(u64::MAX);
        let value = format!("[0 {first} {second} {rest}");
        let room = appended.get_mut(range_start..range_end).ok_or_else(lost)?;
        if value.len() >= room.len() {
            return Err(lost());
        }
        room.fill(b' ');
        for (place, byte) in room.iter_mut().zip(value.bytes()) {
            *place = byte;
        }
        if let Some(last) = room.last_mut() {
            *last = b']';
        }
        Ok(Self { range: start..end })
    }

    /// What the signature covers of the appended bytes: before and after the hole.
    pub(crate) fn covered<'a>(&self, appended: &'a [u8]) -> [&'a [u8]; 2] {
        let before = appended.get(..self.range.start).unwrap_or_default();
        let after = appended.get(self.range.end..).unwrap_or_default();
        [before, after]
    }

    /// Writes the SignedData into the hole; what is left of it stays zero.
    pub(crate) fn fill(&self, appended: &mut [u8], signed_data: &[u8]) -> Result<(), Error> {
        let room = self.range.len().saturating_sub(2) / 2;
        if signed_data.len() > room {
            return Err(Error::HoleTooSmall {
                needed: signed_data.len(),
                room,
            });
        }
        let hole = appended
            .get_mut(self.range.start + 1..self.range.end - 1)
            .unwrap_or_default();
        for (place, digit) in hole.iter_mut().zip(digits(signed_data, room * 2)) {
            *place = digit;
        }
        Ok(())
    }
}

/// Hexadecimal digits, with zeros behind to fill `length`.
pub(crate) fn digits(bytes: &[u8], length: usize) -> Vec<u8> {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let digit = |nibble: u8| DIGITS.get(usize::from(nibble)).copied().unwrap_or(b'0');
    let mut digits: Vec<u8> = bytes
        .iter()
        .flat_map(|byte| [digit(byte >> 4), digit(byte & 15)])
        .collect();
    digits.resize(length, b'0');
    digits
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample() -> Vec<u8> {
        b"7 0 obj\n<</Type/Sig/ByteRange[0 9999999999 9999999999 9999999999]/Contents<00000000>/Reason(/Contents<00>)>>\nendobj\n".to_vec()
    }

    #[test]
    fn the_byte_range_leaves_out_the_hole_only() {
        let mut bytes = sample();
        let length = bytes.len();
        let hole = Hole::open(&mut bytes, 0, 1000).unwrap();
        assert_eq!(bytes.len(), length);
        let [before, after] = hole.covered(&bytes);
        assert!(before.ends_with(b"/Contents") && after.starts_with(b"/Reason"));
        let text = String::from_utf8(bytes.clone()).unwrap();
        let range = format!(
            "[0 {} {} {}",
            1000 + before.len(),
            1010 + before.len(),
            after.len()
        );
        assert!(text.contains(&range), "{range} in {text}");
        hole.fill(&mut bytes, &[0xAB, 0x01]).unwrap();
        assert!(
            String::from_utf8(bytes.clone())
                .unwrap()
                .contains("<ab010000>")
        );
        assert!(matches!(
            hole.fill(&mut bytes, &[1; 5]),
            Err(Error::HoleTooSmall { needed: 5, room: 4 })
        ));
    }

    #[test]
    fn a_filled_hole_is_refused() {
        let mut bytes = String::from_utf8(sample())
            .unwrap()
            .replace("<00000000>", "<00100000>")
            .into_bytes();
        assert!(Hole::open(&mut bytes, 0, 0).is_err());
    }
}
