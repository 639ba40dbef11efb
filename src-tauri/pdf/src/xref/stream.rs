//! The cross-reference stream (7.5.8).

use lopdf::{Dictionary, Object};

use super::{MAX_OBJECTS, Place, Section, Slot};
use crate::parse::{self, Want};
use crate::revision::XrefKind;
use crate::{Damage, Error, Limit, filter};

/// Bytes of one decoded cross-reference stream: room for [`MAX_OBJECTS`] entries of 8 bytes.
const MAX_DECODED: usize = 64 << 20;
/// Entries of the stream's own dictionary, which are no trailer entries (Tables 5 and 17).
const STREAM_KEYS: [&[u8]; 6] = [
    b"Length",
    b"Filter",
    b"DecodeParms",
    b"W",
    b"Index",
    b"Type",
];

/// Reads the stream object at `at`. Its entries are direct, as there is no cross-reference yet to look one up.
pub(super) fn read(bytes: &[u8], at: usize, budget: &mut usize) -> Result<Section, Error> {
    let wrong = || Error::damaged(Damage::Xref, at);
    let parsed = parse::indirect(bytes, at, Want::All, &mut |_| Err(wrong()));
    let parsed = parsed.map_err(|error| match error {
        Error::Damaged {
            what: Damage::WrongObject,
            at,
        } => Error::Damaged {
            what: Damage::XrefMissing,
            at,
        },
        other => other,
    })?;
    let Object::Stream(stream) = parsed.object else {
        return Err(Error::damaged(Damage::XrefMissing, at));
    };
    if !stream.dict.has_type(b"XRef") {
        return Err(Error::damaged(Damage::XrefMissing, at));
    }
    let data = filter::decode(&stream.dict, &stream.content, false, MAX_DECODED)?;
    let slots = slots(&stream.dict, &data, budget, at)?;
    let mut trailer = stream.dict;
    for key in STREAM_KEYS {
        trailer.remove(key);
    }
    Ok(Section {
        at,
        span: parsed.span,
        kind: XrefKind::Stream,
        slots,
        trailer,
        exceeds_size: false,
    })
}

fn slots(
    dict: &Dictionary,
    data: &[u8],
    budget: &mut usize,
    at: usize,
) -> Result<Vec<Slot>, Error> {
    let wrong = || Error::damaged(Damage::Xref, at);
    let numbers = |key: &[u8]| -> Result<Vec<u64>, Error> {
        let array = dict
            .get(key)
            .and_then(Object::as_array)
            .map_err(|_| wrong())?;
        array
            .iter()
            .map(|item| {
                item.as_i64()
                    .ok()
                    .and_then(|item| u64::try_from(item).ok())
                    .ok_or_else(wrong)
            })
            .collect()
    };
    let widths = numbers(b"W")?;
    let &[kind, second, third] = widths.as_slice() else {
        return Err(wrong());
    };
    if kind > 8 || second > 8 || third > 8 || second == 0 {
        return Err(wrong());
    }
    let index = if dict.has(b"Index") {
        numbers(b"Index")?
    } else {
        vec![
            0,
            dict.get(b"Size")
                .and_then(Object::as_i64)
                .ok()
                .and_then(|size| u64::try_from(size).ok())
                .ok_or_else(wrong)?,
        ]
    };
    let mut slots = Vec::new();
    let mut rest = data;
    for pair in index.chunks(2) {
        let &[first, count] = pair else {
            return Err(wrong());
        };
        for number in first..first.saturating_add(count) {
            let kind = if kind == 0 {
                1
            } else {
                field(&mut rest, kind).ok_or_else(wrong)?
            };
            let second = field(&mut rest, second).ok_or_else(wrong)?;
            let third = field(&mut rest, third).ok_or_else(wrong)?;
            let slot = slot(number, kind, second, third).ok_or_else(wrong)?;
            *budget = budget.checked_sub(1).ok_or(Error::TooBig {
                what: Limit::Objects,
                limit: MAX_OBJECTS as u64,
            })?;
            slots.push(slot);
        }
    }
    Ok(slots)
}

/// Takes a big-endian number of at most 8 bytes.
fn field(rest: &mut &[u8], width: u64) -> Option<u64> {
    let (bytes, after) = rest.split_at_checked(usize::try_from(width).ok()?)?;
    *rest = after;
    Some(
        bytes
            .iter()
            .fold(0, |value, &byte| value << 8 | u64::from(byte)),
    )
}

fn slot(number: u64, kind: u64, second: u64, third: u64) -> Option<Slot> {
    let number = u32::try_from(number).ok()?;
    let (place, generation) = match kind {
        1 if second == 0 => (Place::Free, 0),
        1 => (Place::At(second), u16::try_from(third).ok()?),
        2 => (
            Place::In(u32::try_from(second).ok()?, u32::try_from(third).ok()?),
            0,
        ),
        // 0 is free; any other type is a reference to null (7.5.8.3).
        _ => (Place::Free, u16::try_from(third).unwrap_or(u16::MAX)),
    };
    Some(Slot::new(number, generation, place))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries() {
        let Ok(Object::Dictionary(dict)) = crate::parse_object(b"<</W[1 2 1]/Index[0 1 7 2]>>")
        else {
            panic!()
        };
        let data = [0, 0, 0, 255, 1, 1, 0, 0, 2, 0, 9, 3];
        let slots = slots(&dict, &data, &mut 10, 0).unwrap();
        let places: Vec<_> = slots
            .iter()
            .map(|slot| (slot.number, slot.place()))
            .collect();
        assert_eq!(
            places,
            [(0, Place::Free), (7, Place::At(256)), (8, Place::In(9, 3))]
        );
        assert!(
            super::slots(&dict, &data[..11], &mut 10, 0).is_err(),
            "an entry cut short"
        );
    }
}
