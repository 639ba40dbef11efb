//! Objects as bytes, by lopdf's writer.

use lopdf::{Dictionary, Object, Stream, StringFormat, Writer};

/// Parentheses and backslashes of one literal string. lopdf looks each byte up in the list of those to escape, so a
/// hostile string of them would take quadratic time; a string with more is written in hexadecimal, which means the same.
const MAX_ESCAPES: usize = 256;

/// The bytes of one direct object, or of a stream with its data and the right `/Length`; `None` when the object has no
/// spelling in PDF (a number that is not finite, a stream inside another object).
#[must_use]
pub fn serialise(object: &Object) -> Option<Vec<u8>> {
    let object = match object {
        Object::Stream(stream) => {
            let mut dict = dictionary(&stream.dict)?;
            dict.set("Length", i64::try_from(stream.content.len()).ok()?);
            return write(&Object::Stream(Stream {
                dict,
                ..stream.clone()
            }));
        }
        other => writable(other)?,
    };
    write(&object)
}

fn write(object: &Object) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    Writer::write_object(&mut bytes, object).ok()?;
    Some(bytes)
}

fn writable(object: &Object) -> Option<Object> {
    Some(match object {
        Object::Stream(_) => return None,
        Object::Real(value) if !value.is_finite() => return None,
        Object::Array(items) => Object::Array(items.iter().map(writable).collect::<Option<_>>()?),
        Object::Dictionary(dict) => Object::Dictionary(dictionary(dict)?),
        Object::String(text, StringFormat::Literal) => {
            let escapes = text
                .iter()
                .filter(|byte| matches!(byte, b'(' | b')' | b'\\' | b'\r'))
                .count();
            let format = if escapes > MAX_ESCAPES {
                StringFormat::Hexadecimal
            } else {
                StringFormat::Literal
            };
            Object::String(text.clone(), format)
        }
        other => other.clone(),
    })
}

fn dictionary(dict: &Dictionary) -> Option<Dictionary> {
    dict.iter()
        .map(|(key, value)| Some((key.clone(), writable(value)?)))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_has_no_spelling() {
        assert_eq!(serialise(&Object::Real(f32::NAN)), None);
        let stream = Stream::new(Dictionary::new(), vec![1]);
        assert_eq!(
            serialise(&Object::Array(vec![Object::Stream(stream)])),
            None
        );
    }

    #[test]
    fn a_hostile_string_is_written_in_hexadecimal() {
        let text = vec![b'('; 1000];
        let bytes = serialise(&Object::String(text.clone(), StringFormat::Literal)).unwrap();
        assert!(bytes.starts_with(b"<2828"));
        assert_eq!(crate::parse_object(&bytes).unwrap().as_str().unwrap(), text);
    }
}
