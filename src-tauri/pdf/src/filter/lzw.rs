//! LZWDecode (7.4.4): codes of 9 to 12 bits, most significant bit first.

use super::{broken, too_big};
use crate::Error;

const CLEAR: usize = 256;
const END: usize = 257;
/// Codes have at most 12 bits.
const MAX_CODES: usize = 4096;

/// Decodes; `early` is the standard's default of changing the code length one code early.
pub(super) fn decode(data: &[u8], early: bool, limit: usize) -> Result<Vec<u8>, Error> {
    let mut decoded: Vec<u8> = Vec::new();
    // An entry is a range of what has been decoded: the string of the code before and one byte more.
    let mut table: Vec<(usize, usize)> = Vec::new();
    let mut previous: Option<(usize, usize)> = None;
    let (mut bits, mut held, mut width) = (0u32, 0u32, 9u32);
    for &byte in data {
        bits = bits << 8 | u32::from(byte);
        held += 8;
        if held < width {
            continue;
        }
        held -= width;
        let code = usize::try_from(bits >> held & ((1 << width) - 1)).map_err(|_| broken())?;
        if code == END {
            return Ok(decoded);
        }
        if code == CLEAR {
            table.clear();
            previous = None;
            width = 9;
            continue;
        }
        let start = decoded.len();
        if let Some((from, to)) = previous
            && table.len() + 258 < MAX_CODES
        {
            // The byte behind the previous string is the first of this one, which is about to be written.
            table.push((from, to + 1));
        }
        match (
            u8::try_from(code),
            code.checked_sub(258)
                .and_then(|index| table.get(index).copied()),
        ) {
            (Ok(literal), _) => decoded.push(literal),
            (_, Some((from, to))) => {
                for index in from..to {
                    let copied = decoded.get(index).copied().ok_or_else(broken)?;
                    decoded.push(copied);
                }
            }
            _ => return Err(broken()),
        }
        if decoded.len() > limit {
            return Err(too_big(limit));
        }
        previous = Some((start, decoded.len()));
        // The entry of this string and its next byte comes with the next code, and counts already.
        let next = table.len() + 259 + usize::from(early);
        width = match next {
            ..=512 => 9,
            513..=1024 => 10,
            1025..=2048 => 11,
            _ => 12,
        };
    }
    Ok(decoded)
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_example_of_the_standard() {
        // ISO 32000-2, 7.4.4.2, EXAMPLE 2.
        let encoded = [0x80, 0x0B, 0x60, 0x50, 0x22, 0x0C, 0x0C, 0x85, 0x01];
        let decoded = super::decode(&encoded, true, 100).unwrap();
        assert_eq!(decoded, [45, 45, 45, 45, 45, 65, 45, 45, 45, 66]);
    }
}
