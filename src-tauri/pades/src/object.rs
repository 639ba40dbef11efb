//! Small makers and readers of PDF objects that several modules need.

use antin_pdf::{Dictionary, Object, Rect, Stream, StringFormat};
use miniz_oxide::deflate::compress_to_vec_zlib;

use crate::Error;

/// A name object.
pub(crate) fn name(value: &str) -> Object {
    Object::Name(value.as_bytes().to_vec())
}

/// A number, rounded to a thousandth of a point.
pub(crate) fn number(value: f64) -> Object {
    Object::Real(narrow((value * 1000.0).round() / 1000.0))
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "PDF coordinates need no more than single precision"
)]
fn narrow(value: f64) -> f32 {
    value as f32
}

/// A rectangle as an array.
pub(crate) fn rectangle(rect: Rect) -> Object {
    Object::Array([rect.x0, rect.y0, rect.x1, rect.y1].map(number).to_vec())
}

/// A text string (ISO 32000-1, 7.9.2.2): ASCII as it is, everything else UTF-16BE with its mark.
pub(crate) fn text(value: &str) -> Object {
    if value.is_ascii() {
        return Object::String(value.as_bytes().to_vec(), StringFormat::Literal);
    }
    let mut bytes = vec![0xFE, 0xFF];
    bytes.extend(value.encode_utf16().flat_map(u16::to_be_bytes));
    Object::String(bytes, StringFormat::Hexadecimal)
}

/// A byte string written as it is.
pub(crate) fn literal(value: &str) -> Object {
    Object::String(value.as_bytes().to_vec(), StringFormat::Literal)
}

/// A dictionary from its entries, in their order.
pub(crate) fn dictionary<const N: usize>(entries: [(&str, Object); N]) -> Dictionary {
    let mut dict = Dictionary::new();
    for (key, value) in entries {
        dict.set(key, value);
    }
    dict
}

/// The best of zlib's levels.
const LEVEL: u8 = 9;

/// A Flate stream. Its bytes depend on nothing but the data: `flate2` compresses with whichever library another crate
/// of the same build asked for.
pub(crate) fn deflated(mut dict: Dictionary, data: &[u8]) -> Stream {
    dict.set("Filter", name("FlateDecode"));
    Stream::new(dict, compress_to_vec_zlib(data, LEVEL))
}

/// The dictionary an object must be; `what` names it if it is not.
pub(crate) fn dictionary_of(object: Object, what: &'static str) -> Result<Dictionary, Error> {
    match object {
        Object::Dictionary(dict) => Ok(dict),
        _ => Err(Error::Malformed { what }),
    }
}
