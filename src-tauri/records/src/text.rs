//! Text as the exchange wants it: NFC, one line, bounded; and JSON in its canonical form.

use serde::Serialize;
use unicode_normalization::UnicodeNormalization;

use crate::Error;

/// Longest excerpt of foreign text that an error may carry.
const EXCERPT: usize = 80;

/// Folds text for search: no diacritics, `đ` (and the look-alike `Ð`) as `d`, lower case.
pub fn fold(text: &str) -> String {
    let bare = text
        .nfd()
        .filter(|letter| !unicode_normalization::char::is_combining_mark(*letter));
    let latin = bare.map(|letter| match letter {
        'đ' | 'Đ' | 'Ð' | 'ð' => 'd',
        other => other,
    });
    latin.collect::<String>().to_lowercase()
}

/// Normalises to NFC, folds runs of white space to one blank and trims.
pub fn normalise(text: &str) -> String {
    let composed: String = text.nfc().collect();
    composed.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Serialises `value` in the canonical form of RFC 8785 (JCS): one value has one spelling, so bytes can be compared and signed.
pub fn canonical_json(value: &impl Serialize) -> Result<Vec<u8>, Error> {
    serde_json_canonicalizer::to_vec(value).map_err(|error| Error::Malformed(error.to_string()))
}

/// True when `bytes` are JSON in its canonical form.
pub(crate) fn is_canonical(bytes: &[u8]) -> bool {
    serde_json::from_slice::<serde_json::Value>(bytes)
        .ok()
        .and_then(|value| canonical_json(&value).ok())
        .is_some_and(|canonical| canonical == bytes)
}

/// The first characters of foreign text, for an error.
pub(crate) fn excerpt(text: &str) -> String {
    text.chars().take(EXCERPT).collect()
}

/// Refuses empty text and text beyond `limit` characters.
pub(crate) fn bounded(field: &'static str, text: &str, limit: usize) -> Result<(), Error> {
    if text.trim().is_empty() {
        return Err(Error::Empty { field });
    }
    at_most(field, text, limit)
}

/// Refuses text beyond `limit` characters.
pub(crate) fn at_most(field: &'static str, text: &str, limit: usize) -> Result<(), Error> {
    let length = text.chars().count();
    if length > limit {
        Err(Error::TooLong {
            field,
            length,
            limit,
        })
    } else {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decomposed_text_becomes_composed() {
        assert_eq!(
            normalise(" Thu\u{31b}\u{300}a   Thiên\u{a0}Huế\n"),
            "Thừa Thiên Huế"
        );
    }

    #[test]
    fn canonical_form_is_recognised() {
        assert!(is_canonical(br#"{"a":1,"b":"\u000f"}"#));
        assert!(!is_canonical(br#"{"b":1,"a":1}"#), "members out of order");
        assert!(!is_canonical(br#"{"a":1, "b":1}"#), "white space");
        assert!(!is_canonical(br#"{"a":1,"a":1}"#), "a repeated member");
    }
}
