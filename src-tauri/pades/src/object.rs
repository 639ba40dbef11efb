//! Small makers and readers of PDF objects that several modules need.

use std::io::Write;

use antin_pdf::{Dictionary, Object, Rect, Stream, StringFormat};
use flate2::{Compression, write::ZlibEncoder};

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

/// A Flate stream.
pub(crate) fn deflated(mut dict: Dictionary, data: &[u8]) -> Stream {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::best());
    // Writing into a vector cannot fail; the empty result of a failure would be seen at once.
    let content = encoder
        .write_all(data)
        .and_then(|()| encoder.finish())
        .unwrap_or_default();
    dict.set("Filter", name("FlateDecode"));
    Stream::new(dict, content)
}

/// The dictionary an object must be; `what` names it if it is not.
pub(crate) fn dictionary_of(object: Object, what: &'static str) -> Result<Dictionary, Error> {
    match object {
        Object::Dictionary(dict) => Ok(dict),
        _ => Err(Error::Malformed { what }),
    }
}
