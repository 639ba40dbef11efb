//! Stream filters (ISO 32000-2, 7.4): Flate, LZW, ASCIIHex, ASCII85 and RunLength, with the predictors of 7.4.4.4.
//!
//! Image filters are refused with [`Error::Filter`], and so is `Crypt` in a document that is not encrypted.

mod ascii;
mod lzw;
mod predictor;

use flate2::{Decompress, FlushDecompress, Status};
use lopdf::{Dictionary, Object};

use crate::{Damage, Error, Limit};
use predictor::Predictor;

/// Filters of one stream. Real files have one, rarely two; each more multiplies what a small file can expand to.
const MAX_FILTERS: usize = 8;
/// Bytes that room is made for at once, so that a bomb is noticed before it has grown.
const MAX_STEP: usize = 1 << 20;

/// Decodes `data` through the filters that `dict` names. The references in `dict` must have been resolved. Of data that is
/// `decrypted`, a crypt filter at the front has been undone.
pub(crate) fn decode(
    dict: &Dictionary,
    data: &[u8],
    decrypted: bool,
    limit: usize,
) -> Result<Vec<u8>, Error> {
    if dict.has(b"F") {
        return Err(Error::Filter {
            name: "external file".to_owned(),
        });
    }
    let filters = names(dict)?;
    if filters.len() > MAX_FILTERS {
        return Err(Error::TooBig {
            what: Limit::Filters,
            limit: MAX_FILTERS as u64,
        });
    }
    let parameters = dict.get(b"DecodeParms").or_else(|_| dict.get(b"DP")).ok();
    let mut current = std::borrow::Cow::Borrowed(data);
    for (index, name) in filters.iter().enumerate() {
        if decrypted && index == 0 && *name == b"Crypt" {
            continue;
        }
        let own = match parameters {
            Some(Object::Dictionary(own)) if index == 0 => Some(own),
            Some(Object::Array(all)) => all.get(index).and_then(|own| own.as_dict().ok()),
            _ => None,
        };
        current = one(name, own, &current, limit)?.into();
    }
    if current.len() > limit {
        return Err(too_big(limit));
    }
    Ok(current.into_owned())
}

fn names(dict: &Dictionary) -> Result<Vec<&[u8]>, Error> {
    let wrong = || Error::damaged(Damage::Type, 0);
    match dict.get(b"Filter") {
        Err(_) | Ok(Object::Null) => Ok(Vec::new()),
        Ok(Object::Name(name)) => Ok(vec![name]),
        Ok(Object::Array(names)) => names
            .iter()
            .map(|name| name.as_name().map_err(|_| wrong()))
            .collect(),
        Ok(_) => Err(wrong()),
    }
}

fn one(
    name: &[u8],
    parameters: Option<&Dictionary>,
    data: &[u8],
    limit: usize,
) -> Result<Vec<u8>, Error> {
    match name {
        b"FlateDecode" | b"Fl" => Predictor::new(parameters)?.undo(inflate(data, limit)?),
        b"LZWDecode" | b"LZW" => {
            let early = parameters
                .and_then(|own| own.get(b"EarlyChange").ok())
                .and_then(|value| value.as_i64().ok());
            Predictor::new(parameters)?.undo(lzw::decode(data, early != Some(0), limit)?)
        }
        b"ASCIIHexDecode" | b"AHx" => ascii::hex(data),
        b"ASCII85Decode" | b"A85" => ascii::base85(data, limit),
        b"RunLengthDecode" | b"RL" => run_length(data, limit),
        other => Err(Error::Filter {
            name: String::from_utf8_lossy(other).into_owned(),
        }),
    }
}

/// Inflates a zlib stream. A stream that just stops gives what it holds: Acrobat leaves the end out at times, and whether
/// there is enough is for the caller to see. Bytes behind the end are not looked at.
fn inflate(data: &[u8], limit: usize) -> Result<Vec<u8>, Error> {
    let mut state = Decompress::new(true);
    let mut decoded: Vec<u8> =
        Vec::with_capacity(data.len().saturating_mul(4).clamp(256, MAX_STEP));
    loop {
        let read = usize::try_from(state.total_in())
            .ok()
            .and_then(|at| data.get(at..))
            .unwrap_or_default();
        let before = (state.total_in(), decoded.len());
        let status = state
            .decompress_vec(read, &mut decoded, FlushDecompress::None)
            .map_err(|_| broken())?;
        if decoded.len() > limit {
            return Err(too_big(limit));
        }
        if status == Status::StreamEnd {
            return Ok(decoded);
        }
        if decoded.len() == decoded.capacity() {
            decoded.reserve(decoded.len().min(MAX_STEP));
        } else if before == (state.total_in(), decoded.len()) {
            return Ok(decoded);
        }
    }
}

/// RunLengthDecode (7.4.5).
fn run_length(data: &[u8], limit: usize) -> Result<Vec<u8>, Error> {
    let mut decoded = Vec::new();
    let mut rest = data;
    while let Some((&length, after)) = rest.split_first() {
        match length {
            128 => return Ok(decoded),
            0..128 => {
                let (run, tail) = after
                    .split_at_checked(usize::from(length) + 1)
                    .ok_or_else(broken)?;
                decoded.extend_from_slice(run);
                rest = tail;
            }
            _ => {
                let (&byte, tail) = after.split_first().ok_or_else(broken)?;
                decoded.resize(decoded.len() + 257 - usize::from(length), byte);
                rest = tail;
            }
        }
        if decoded.len() > limit {
            return Err(too_big(limit));
        }
    }
    Ok(decoded)
}

fn too_big(limit: usize) -> Error {
    Error::TooBig {
        what: Limit::Decoded,
        limit: limit as u64,
    }
}

fn broken() -> Error {
    Error::damaged(Damage::Encoding, 0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    fn deflate(data: &[u8]) -> Vec<u8> {
        let mut encoder = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::best());
        encoder.write_all(data).unwrap();
        encoder.finish().unwrap()
    }

    #[test]
    fn a_chain_of_filters_and_the_cap() {
        let text = b"Chu tich Uy ban nhan dan tinh".repeat(400);
        let hex: Vec<u8> = deflate(&text)
            .iter()
            .flat_map(|byte| format!("{byte:02x}").into_bytes())
            .collect();
        let Ok(Object::Dictionary(dict)) =
            crate::parse_object(b"<</Filter[/ASCIIHexDecode/FlateDecode]>>")
        else {
            panic!("a dictionary")
        };
        assert_eq!(decode(&dict, &hex, false, 1 << 20).unwrap(), text);
        assert!(matches!(
            decode(&dict, &hex, false, 1000),
            Err(Error::TooBig {
                what: Limit::Decoded,
                limit: 1000
            })
        ));
    }

    #[test]
    fn run_lengths() {
        assert_eq!(
            run_length(&[2, b'a', b'b', b'c', 254, b'x', 128, 9], 100).unwrap(),
            b"abcxxx"
        );
        assert!(
            run_length(&[5, b'a'], 100).is_err(),
            "a run longer than the data"
        );
    }

    #[test]
    fn deflate_streams_that_stop_or_are_wrong() {
        let text = b"0123456789".repeat(100_000);
        let whole = deflate(&text);
        assert_eq!(
            inflate(&whole[..whole.len() - 4], 1 << 20).unwrap(),
            text,
            "without its checksum"
        );
        assert!(inflate(&whole, 999_999).is_err(), "one byte too many");
        assert!(inflate(b"no zlib stream", 1 << 20).is_err());
        assert_eq!(inflate(b"", 1 << 20).unwrap(), b"");
    }
}
