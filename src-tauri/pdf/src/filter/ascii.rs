//! ASCIIHexDecode (7.4.2) and ASCII85Decode (7.4.3).

use super::{broken, too_big};
use crate::Error;
use crate::lex::{self, is_space};

pub(super) fn hex(data: &[u8]) -> Result<Vec<u8>, Error> {
    let mut decoded = Vec::with_capacity(data.len() / 2);
    let mut half = None;
    for &byte in data {
        match lex::hex(byte) {
            Some(digit) => match half.take() {
                None => half = Some(digit << 4),
                Some(high) => decoded.push(high | digit),
            },
            None if byte == b'>' => break,
            None if is_space(byte) => {}
            None => return Err(broken()),
        }
    }
    decoded.extend(half);
    Ok(decoded)
}

pub(super) fn base85(data: &[u8], limit: usize) -> Result<Vec<u8>, Error> {
    let mut decoded = Vec::with_capacity(data.len() / 5 * 4);
    let mut group = 0u32;
    let mut digits = 0usize;
    for &byte in data {
        match byte {
            b'z' if digits == 0 => decoded.extend_from_slice(&[0; 4]),
            b'!'..=b'u' => {
                group = group
                    .checked_mul(85)
                    .and_then(|g| g.checked_add(u32::from(byte - b'!')))
                    .ok_or_else(broken)?;
                digits += 1;
                if digits == 5 {
                    decoded.extend_from_slice(&group.to_be_bytes());
                    (group, digits) = (0, 0);
                }
            }
            b'~' => break,
            _ if is_space(byte) => {}
            _ => return Err(broken()),
        }
        if decoded.len() > limit {
            return Err(too_big(limit));
        }
    }
    match digits {
        0 => {}
        1 => return Err(broken()),
        _ => {
            for _ in digits..5 {
                group = group
                    .checked_mul(85)
                    .and_then(|g| g.checked_add(84))
                    .ok_or_else(broken)?;
            }
            decoded.extend(group.to_be_bytes().into_iter().take(digits - 1));
        }
    }
    Ok(decoded)
}

#[cfg(test)]
mod tests {
    #[test]
    fn base85_with_a_short_last_group() {
        assert_eq!(
            super::base85(b"87cUR D]j7B\nEbo80~>", 100).unwrap(),
            b"Hello world!"
        );
        assert_eq!(super::base85(b"z87cURDZ~>", 100).unwrap(), b"\0\0\0\0Hello");
        assert!(super::base85(b"!~>", 100).is_err(), "one digit is no group");
        assert!(super::base85(b"uuuuu~>", 100).is_err(), "more than 32 bits");
    }

    #[test]
    fn hex_with_an_odd_digit() {
        assert_eq!(super::hex(b"41 4 2 5>zz").unwrap(), b"ABP");
        assert!(super::hex(b"4g>").is_err());
    }
}
