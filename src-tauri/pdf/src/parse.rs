//! Objects (ISO 32000-2, 7.3) from bytes: direct ones, and indirect ones with their exact place.

use std::ops::Range;

use lopdf::{Dictionary, Object, ObjectId, Stream, StringFormat};

use crate::lex::{Lexer, Number};
use crate::{Damage, Error, Limit};

/// Objects inside objects: deeper than any real file goes, shallow enough for the smallest thread stack.
pub(crate) const MAX_DEPTH: usize = 96;

/// An indirect object with its place.
pub(crate) struct Indirect {
    pub(crate) id: ObjectId,
    pub(crate) object: Object,
    /// From the object number to the end of `endobj`.
    pub(crate) span: Range<usize>,
}

/// Parses one direct object; the whole of `bytes` must be that object, white space around it aside.
///
/// # Errors
///
/// [`Error::Damaged`] or [`Error::TooBig`] when it is none.
pub fn parse_object(bytes: &[u8]) -> Result<Object, Error> {
    let mut lexer = Lexer::new(bytes, 0);
    let object = object(&mut lexer, 0)?;
    lexer.skip_space();
    match lexer.peek() {
        None => Ok(object),
        Some(_) => Err(lexer.unexpected()),
    }
}

/// The text of a text string (7.9.2.2: UTF-16BE or UTF-8 with a mark, else PDFDocEncoding); `None` for other objects.
/// What cannot be decoded becomes U+FFFD.
#[must_use]
pub fn text_string(object: &Object) -> Option<String> {
    let bytes = object.as_str().ok()?;
    if let Some(utf16) = bytes.strip_prefix(b"\xFE\xFF") {
        let units = utf16.chunks(2).map(|pair| match pair {
            [high, low] => u16::from_be_bytes([*high, *low]),
            _ => 0xFFFD,
        });
        return Some(
            char::decode_utf16(units)
                .map(|unit| unit.unwrap_or(char::REPLACEMENT_CHARACTER))
                .collect(),
        );
    }
    if let Some(utf8) = bytes.strip_prefix(b"\xEF\xBB\xBF") {
        return Some(String::from_utf8_lossy(utf8).into_owned());
    }
    Some(
        lopdf::decode_text_string(object)
            .unwrap_or_else(|_| String::from_utf8_lossy(bytes).into_owned()),
    )
}

fn check_depth(depth: usize) -> Result<(), Error> {
    if depth > MAX_DEPTH {
        return Err(Error::TooBig {
            what: Limit::Depth,
            limit: MAX_DEPTH as u64,
        });
    }
    Ok(())
}

/// Parses one direct object, or a reference.
pub(crate) fn object(lexer: &mut Lexer<'_>, depth: usize) -> Result<Object, Error> {
    check_depth(depth)?;
    lexer.skip_space();
    match lexer.peek() {
        Some(b'/') => Ok(Object::Name(lexer.name()?)),
        Some(b'(') => Ok(Object::String(lexer.literal()?, StringFormat::Literal)),
        Some(b'<') if lexer.peek_at(1) == Some(b'<') => {
            Ok(Object::Dictionary(dictionary(lexer, depth)?))
        }
        Some(b'<') => Ok(Object::String(
            lexer.hexadecimal()?,
            StringFormat::Hexadecimal,
        )),
        Some(b'[') => array(lexer, depth),
        Some(b'0'..=b'9') => match lexer.id(b"R") {
            Some(id) => Ok(Object::Reference(id)),
            None => number(lexer),
        },
        Some(b'+' | b'-' | b'.') => number(lexer),
        _ if lexer.keyword(b"true") => Ok(Object::Boolean(true)),
        _ if lexer.keyword(b"false") => Ok(Object::Boolean(false)),
        _ if lexer.keyword(b"null") => Ok(Object::Null),
        _ => Err(lexer.unexpected()),
    }
}

fn number(lexer: &mut Lexer<'_>) -> Result<Object, Error> {
    Ok(match lexer.number()? {
        Number::Integer(value) => Object::Integer(value),
        Number::Real(value) => Object::Real(value),
    })
}

fn array(lexer: &mut Lexer<'_>, depth: usize) -> Result<Object, Error> {
    lexer.take(b"[");
    let mut items = Vec::new();
    loop {
        lexer.skip_space();
        if lexer.take(b"]") {
            return Ok(Object::Array(items));
        }
        items.push(object(lexer, depth + 1)?);
    }
}

/// Parses a dictionary. The same key twice is refused: readers differ in which of the two they take.
pub(crate) fn dictionary(lexer: &mut Lexer<'_>, depth: usize) -> Result<Dictionary, Error> {
    let mut entries = Dictionary::new();
    each_entry(lexer, depth, &mut |key, value, at| {
        if entries.has(&key) {
            return Err(Error::damaged(Damage::DuplicateKey, at.start));
        }
        entries.set(key, value);
        Ok(())
    })?;
    Ok(entries)
}

/// Goes through one direct object and hands over the references in it. Nothing is kept of it, and what is not a
/// reference is not examined: it finds at least what [`object`] finds, several times as fast.
pub(crate) fn references(
    lexer: &mut Lexer<'_>,
    depth: usize,
    take: &mut dyn FnMut(ObjectId),
) -> Result<(), Error> {
    check_depth(depth)?;
    lexer.skip_space();
    match lexer.peek() {
        Some(b'/') => lexer.skip_name(),
        Some(b'(') => lexer.skip_literal(),
        Some(b'<') if lexer.take(b"<<") => loop {
            lexer.skip_space();
            if lexer.take(b">>") {
                return Ok(());
            }
            lexer.skip_name()?;
            references(lexer, depth + 1, take)?;
        },
        Some(b'<') => lexer.skip_hexadecimal(),
        Some(b'[') => {
            lexer.take(b"[");
            loop {
                lexer.skip_space();
                if lexer.take(b"]") {
                    return Ok(());
                }
                references(lexer, depth + 1, take)?;
            }
        }
        Some(b'0'..=b'9') => {
            match lexer.id(b"R") {
                Some(id) => take(id),
                None => {
                    lexer.regular();
                }
            }
            Ok(())
        }
        Some(b'+' | b'-' | b'.') => {
            lexer.regular();
            Ok(())
        }
        _ if lexer.keyword(b"true") || lexer.keyword(b"false") || lexer.keyword(b"null") => Ok(()),
        _ => Err(lexer.unexpected()),
    }
}

/// Parses a dictionary and hands over each key, its value, and the exact bytes of the value.
pub(crate) fn each_entry(
    lexer: &mut Lexer<'_>,
    depth: usize,
    take: &mut dyn FnMut(Vec<u8>, Object, Range<usize>) -> Result<(), Error>,
) -> Result<(), Error> {
    lexer.skip_space();
    if !lexer.take(b"<<") {
        return Err(lexer.unexpected());
    }
    loop {
        lexer.skip_space();
        if lexer.take(b">>") {
            return Ok(());
        }
        let key = lexer.name()?;
        lexer.skip_space();
        let start = lexer.pos();
        let value = object(lexer, depth + 1)?;
        take(key, value, start..lexer.pos())?;
    }
}

/// How much of a stream is wanted.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Want {
    /// The object with its stream's data.
    All,
    /// The object; a stream comes with its dictionary and no data, and where the data ends is not looked at.
    Head,
    /// A dictionary or a number, never a stream: used where looking up a stream's length could lead in a circle.
    NoStream,
}

/// Parses the indirect object at `at`. `length` looks up an indirect `/Length`.
pub(crate) fn indirect(
    bytes: &[u8],
    at: usize,
    want: Want,
    length: &mut dyn FnMut(ObjectId) -> Result<Object, Error>,
) -> Result<Indirect, Error> {
    let mut lexer = Lexer::new(bytes, at);
    // A cross-reference that points at the end of the line before, or at a comment, is a habit of some writers, and
    // without ambiguity.
    lexer.skip_space();
    let start = lexer.pos();
    let id = lexer
        .id(b"obj")
        .ok_or_else(|| Error::damaged(Damage::WrongObject, start))?;
    let value = object(&mut lexer, 0)?;
    lexer.skip_space();
    let Object::Dictionary(dict) = value else {
        return end(&mut lexer, id, value, start);
    };
    if !lexer.keyword(b"stream") {
        return end(&mut lexer, id, Object::Dictionary(dict), start);
    }
    match want {
        Want::NoStream => return Err(Error::damaged(Damage::Type, start)),
        Want::Head => {
            let position = Some(lexer.pos());
            let stream = Stream {
                dict,
                content: Vec::new(),
                allows_compression: false,
                start_position: position,
            };
            return Ok(Indirect {
                id,
                object: Object::Stream(stream),
                span: start..lexer.pos(),
            });
        }
        Want::All => {}
    }
    let data = stream_data(&mut lexer, &dict, length)?;
    let content = bytes.get(data.clone()).unwrap_or_default().to_vec();
    let stream = Stream {
        dict,
        content,
        allows_compression: false,
        start_position: Some(data.start),
    };
    end(&mut lexer, id, Object::Stream(stream), start)
}

/// Where a stream's data is (7.3.8.1); leaves the lexer behind `endstream`.
fn stream_data(
    lexer: &mut Lexer<'_>,
    dict: &Dictionary,
    length: &mut dyn FnMut(ObjectId) -> Result<Object, Error>,
) -> Result<Range<usize>, Error> {
    if !lexer.take(b"\r\n") && !lexer.take(b"\n") {
        return Err(lexer.unexpected());
    }
    let start = lexer.pos();
    let wrong = || Error::damaged(Damage::StreamLength, start);
    let count = match dict.get(b"Length") {
        Ok(Object::Integer(count)) => *count,
        Ok(Object::Reference(id)) => match length(*id)? {
            Object::Integer(count) => count,
            _ => return Err(wrong()),
        },
        _ => return Err(wrong()),
    };
    let count = usize::try_from(count).map_err(|_| wrong())?;
    let end = start
        .checked_add(count)
        .filter(|&end| lexer.slice(start, end).is_some())
        .ok_or_else(wrong)?;
    lexer.seek(end);
    lexer.skip_white();
    if !lexer.take(b"endstream") {
        return Err(wrong());
    }
    Ok(start..end)
}

fn end(
    lexer: &mut Lexer<'_>,
    id: ObjectId,
    object: Object,
    start: usize,
) -> Result<Indirect, Error> {
    lexer.skip_space();
    if !lexer.take(b"endobj") {
        return Err(Error::damaged(Damage::EndObj, lexer.pos()));
    }
    Ok(Indirect {
        id,
        object,
        span: start..lexer.pos(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nesting_is_limited() {
        let deep = [b"[".repeat(500), b"]".repeat(500)].concat();
        assert!(matches!(
            parse_object(&deep),
            Err(Error::TooBig {
                what: Limit::Depth,
                ..
            })
        ));
        let fine = [b"[".repeat(90), b"]".repeat(90)].concat();
        assert!(parse_object(&fine).is_ok());
    }

    #[test]
    fn references_are_told_from_numbers() {
        let array = parse_object(b"[1 0 R 2 0 3 0 R%x\n]").unwrap();
        let expected = vec![
            Object::Reference((1, 0)),
            Object::Integer(2),
            Object::Integer(0),
            Object::Reference((3, 0)),
        ];
        assert_eq!(array, Object::Array(expected));
    }

    #[test]
    fn the_same_key_twice_is_refused() {
        let error = parse_object(b"<</A 1/A 2>>");
        assert!(matches!(
            error,
            Err(Error::Damaged {
                what: Damage::DuplicateKey,
                ..
            })
        ));
    }

    #[test]
    fn text_strings() {
        let text = |bytes: &[u8]| {
            text_string(&Object::String(bytes.to_vec(), StringFormat::Literal)).unwrap()
        };
        assert_eq!(
            text(b"\xFE\xFF\x1E\xA4n"),
            "\u{1EA4}\u{FFFD}",
            "an odd byte at the end is replaced"
        );
        assert_eq!(text(b"\xEF\xBB\xBFS\xE1\xBB\x91"), "Số");
        assert_eq!(text(b"Caf\xE9"), "Café", "PDFDocEncoding");
        assert_eq!(text_string(&Object::Null), None);
    }
}
