//! First phase: everything of a signature but its value (EN 319 142-1, 6.3).

use std::io::Read;

use antin_cades::{KeyAlgorithm, SignedAttributes};
use antin_pdf::{Document, Object, Update};
use antin_pkix::{Certificate, KeyKind};
use sha2::{Digest, Sha256};
use time::{OffsetDateTime, UtcOffset};

use crate::{
    Error, Prepared, SignRequest, ValidationData,
    act::{self, Written},
    dss, form,
    hole::{Hole, signature_dictionary},
    object::{literal, name, text},
    report::ActKind,
};

/// Tokens seen in the field carry two to four certificates, 4 to 7 KB; a whole chain with large keys needs more.
pub(crate) const TIMESTAMP_ROOM: usize = 10 * 1024;
/// No authority's token is larger; a hole for it is three times the usual signature.
const LARGEST_TOKEN: usize = 64 * 1024;
/// Lengths in DER grow by a byte or two with what they count.
const SPARE_ROOM: usize = 64;
/// Read size while hashing.
const CHUNK: usize = 1 << 16;

/// What a signature carries beside the act itself.
#[derive(Debug, Clone, Copy, Default)]
pub struct Extras<'a> {
    /// Validation data written into the signature's own revision (B-LT).
    pub validation: Option<&'a ValidationData>,
    /// The hole's size where an attempt has shown that it needs more than was computed.
    pub least_room: usize,
    /// What the authority's time-stamps are known to need; `None` keeps room for the largest seen anywhere.
    pub timestamp_room: Option<usize>,
}

/// Prepares a signature over the document as it is in memory or in its map.
///
/// # Errors
/// See [`Error`]: each refusal is a variant with its facts; the document is never touched.
pub fn prepare(document: &Document, request: &SignRequest<'_>) -> Result<Prepared, Error> {
    prepare_from(document, request, document.bytes())
}

/// Like [`prepare`], but hashes the document's bytes as they are read from `original`, so that a large mapped file is
/// not drawn into memory. `original` must give exactly the document's bytes.
///
/// # Errors
/// As [`prepare`], and [`Error::ChangedOnDisk`] if the lengths differ.
pub fn prepare_from(
    document: &Document,
    request: &SignRequest<'_>,
    original: impl Read,
) -> Result<Prepared, Error> {
    prepare_with(document, request, original, Extras::default())
}

/// Like [`prepare_from`], with validation data in the same revision, or a larger hole.
///
/// # Errors
/// As [`prepare_from`].
pub fn prepare_with(
    document: &Document,
    request: &SignRequest<'_>,
    mut original: impl Read,
    extras: Extras<'_>,
) -> Result<Prepared, Error> {
    let certificate = Certificate::from_der(request.certificate)?;
    let chain = request
        .chain
        .iter()
        .map(|der| Certificate::from_der(der))
        .collect::<Result<Vec<_>, _>>()?;
    let room = room(&certificate, &chain, request, extras)?.max(extras.least_room);
    form::refuse_xfa(document)?;

    let mut update = Update::new(document);
    let signature = update.reserve();
    let written = act::write(&mut update, request, signature)?;
    if let Some(data) = extras.validation {
        dss::write(&mut update, data)?;
    }
    update.set(signature, describe(request, &written, room));
    let appended = update.write()?;

    let length = u64::try_from(document.bytes().len()).unwrap_or(u64::MAX);
    let at = appended
        .offsets
        .get(&signature)
        .and_then(|offset| usize::try_from(offset.checked_sub(length)?).ok());
    let mut bytes = appended.bytes;
    let hole = Hole::open(
        &mut bytes,
        at.ok_or(Error::Malformed {
            what: "signature dictionary",
        })?,
        length,
    )?;
    let digest = digest(&mut original, length, &hole.covered(&bytes))?;
    let attributes = antin_cades::signed_attributes(&digest, &certificate, None)?;
    Ok(Prepared {
        field: written.field,
        bytes,
        hole,
        attributes,
        certificate,
        chain,
        algorithm: request.algorithm,
    })
}

/// The signature dictionary's own words; `/Cert` has no place in it (EN 319 142-1, 6.3).
fn describe(request: &SignRequest<'_>, written: &Written, room: usize) -> Object {
    let mut dict = signature_dictionary(room);
    dict.set("M", literal(&date(request.time)));
    dict.set(ActKind::KEY, name(written.act.recorded()));
    let words = &request.words;
    for (key, value) in [
        ("Name", &words.name),
        ("Reason", &words.reason),
        ("Location", &words.location),
    ] {
        if !value.is_empty() {
            dict.set(key, text(value));
        }
    }
    if !written.references.is_empty() {
        let references = written.references.iter().cloned().map(Object::Dictionary);
        dict.set("Reference", Object::Array(references.collect()));
    }
    Object::Dictionary(dict)
}

/// The size of the SignedData this request will end in, measured by making one with an empty signature.
fn room(
    certificate: &Certificate,
    chain: &[Certificate],
    request: &SignRequest<'_>,
    extras: Extras<'_>,
) -> Result<usize, Error> {
    let longest = match request.algorithm {
        KeyAlgorithm::Rsa | KeyAlgorithm::RsaPss => match KeyKind::of(certificate.spki_der())? {
            KeyKind::Rsa { bits } => bits.div_ceil(8),
            _ => return Err(Error::SignatureMismatch),
        },
        // Two integers with their sign bytes, and the sequence around them.
        KeyAlgorithm::EcdsaP256 => 72,
        KeyAlgorithm::EcdsaP384 => 104,
    };
    let attributes: SignedAttributes = antin_cades::signed_attributes(&[0; 32], certificate, None)?;
    let signature = vec![0; longest];
    let empty = antin_cades::signed_data(
        &attributes,
        certificate,
        chain,
        request.algorithm,
        &signature,
        None,
        None,
    )?;
    let timestamp = match extras.timestamp_room {
        _ if !request.timestamp => 0,
        // Larger than any token is no knowledge; the attribute around it takes a few bytes.
        Some(known) => known.saturating_add(SPARE_ROOM).min(LARGEST_TOKEN),
        None => TIMESTAMP_ROOM,
    };
    Ok(empty.len() + SPARE_ROOM + timestamp)
}

/// The moment on clocks in Vietnam.
fn vietnam(time: OffsetDateTime) -> OffsetDateTime {
    time.to_offset(UtcOffset::from_hms(7, 0, 0).unwrap_or(UtcOffset::UTC))
}

/// A moment as people read it, ISO 8601 with the zone (Decree 30/2020, Annex I, II.8.b).
pub(crate) fn iso_8601(time: OffsetDateTime) -> String {
    let time = vietnam(time);
    format!(
        "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}+07:00",
        time.year(),
        u8::from(time.month()),
        time.day(),
        time.hour(),
        time.minute(),
        time.second()
    )
}

/// A date in Vietnam's time zone (ISO 32000-1, 7.9.4).
fn date(time: OffsetDateTime) -> String {
    let time = vietnam(time);
    format!(
        "D:{:04}{:02}{:02}{:02}{:02}{:02}+07'00'",
        time.year(),
        u8::from(time.month()),
        time.day(),
        time.hour(),
        time.minute(),
        time.second()
    )
}

/// SHA-256 over the original and what is covered of the appended bytes.
pub(crate) fn digest(
    original: &mut impl Read,
    length: u64,
    covered: &[&[u8]],
) -> Result<[u8; 32], Error> {
    let mut hash = Sha256::new();
    let mut chunk = vec![0; CHUNK];
    let mut found = 0_u64;
    loop {
        let read = match original.read(&mut chunk) {
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => continue,
            read => read?,
        };
        if read == 0 {
            break;
        }
        hash.update(chunk.get(..read).unwrap_or_default());
        found = found.saturating_add(u64::try_from(read).unwrap_or(u64::MAX));
    }
    if found != length {
        return Err(Error::ChangedOnDisk {
            expected: length,
            found,
        });
    }
    for part in covered {
        hash.update(part);
    }
    Ok(hash.finalize().into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use time::macros::datetime;

    #[test]
    fn dates_are_vietnamese() {
        assert_eq!(
            date(datetime!(2014-12-26 20:30:05 UTC)),
            "D:20141227033005+07'00'"
        );
        assert_eq!(
            iso_8601(datetime!(2014-12-26 20:30:05 UTC)),
            "2014-12-27T03:30:05+07:00"
        );
    }

    #[test]
    fn a_changed_length_is_seen() {
        let changed = digest(&mut &b"abc"[..], 4, &[]);
        assert!(matches!(
            changed,
            Err(Error::ChangedOnDisk {
                expected: 4,
                found: 3
            })
        ));
        let whole = digest(&mut &b"abc"[..], 3, &[b"de", b"f"]).unwrap();
        assert_eq!(whole, <[u8; 32]>::from(Sha256::digest(b"abcdef")));
    }
}
