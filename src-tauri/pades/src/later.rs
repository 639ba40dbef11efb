//! The time-stamp that comes later: into the hole of a signature that is already in the file.
//!
//! A signature does not cover its own `/Contents`, and room was kept there. So a letter signed without a network gets its
//! time-stamp with no new revision and no byte more, as long as nobody has signed after it: a later signature covers the
//! hole. This is the one exception to "signed bytes are never rewritten".

use antin_pdf::{Document, FieldKind, Object};

use crate::{Error, extend::signature};

/// Bytes to be written over those at an offset. The file keeps its length.
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use = "the time-stamp exists once these bytes are in the file"]
pub struct Patch {
    /// Where.
    pub offset: u64,
    /// What.
    pub bytes: Vec<u8>,
}

impl Patch {
    /// Writes it over a document in memory. `false` if it does not lie inside; nothing is changed then.
    #[must_use]
    pub fn apply(&self, document: &mut [u8]) -> bool {
        let place = usize::try_from(self.offset)
            .ok()
            .and_then(|start| document.get_mut(start..start.checked_add(self.bytes.len())?));
        match place {
            Some(place) => {
                place.copy_from_slice(&self.bytes);
                true
            }
            None => false,
        }
    }
}

/// The signature value a time-stamp for `field` would be over, if one can still be put in.
///
/// # Errors
/// [`Error::FieldMissing`], [`Error::LaterRevision`], [`Error::Cades`] with
/// [`AlreadyTimestamped`](antin_cades::Error::AlreadyTimestamped), [`Error::Malformed`].
pub fn waiting(document: &Document, field: &str) -> Result<Vec<u8>, Error> {
    let place = Place::find(document, field)?;
    Ok(antin_cades::signature_value(&place.cms)?)
}

/// The last signature's field, if a time-stamp can still be put into it.
///
/// # Errors
/// [`Error::Pdf`] if the fields cannot be read.
pub fn waiting_field(document: &Document) -> Result<Option<String>, Error> {
    let fields = document.fields()?;
    let signed = fields
        .iter()
        .filter(|field| field.kind == FieldKind::Signature && field.value.is_some());
    Ok(signed
        .map(|field| &field.name)
        .find(|name| waiting(document, name).is_ok())
        .cloned())
}

/// Puts a time-stamp token into the signature of `field`.
///
/// # Errors
/// As [`waiting`]; [`Error::HoleTooSmall`] if no room was kept; [`Error::Cades`] if the token is over something else.
pub fn insert(document: &Document, field: &str, token: &[u8]) -> Result<Patch, Error> {
    let place = Place::find(document, field)?;
    let signed_data = antin_cades::add_timestamp(&place.cms, token)?;
    if signed_data.len() > place.room {
        return Err(Error::HoleTooSmall {
            needed: signed_data.len(),
            room: place.room,
        });
    }
    Ok(Patch {
        offset: place.start,
        bytes: crate::hole::digits(&signed_data, place.room * 2),
    })
}

/// The hole of a signature, found in the file.
struct Place {
    /// Offset of the first hexadecimal digit.
    start: u64,
    /// Bytes it can hold.
    room: usize,
    /// What it holds, the zeros behind included.
    cms: Vec<u8>,
}

impl Place {
    fn find(document: &Document, name: &str) -> Result<Self, Error> {
        let fields = document.fields()?;
        let missing = || Error::FieldMissing {
            field: name.to_owned(),
        };
        let field = fields
            .iter()
            .find(|field| field.name == name)
            .ok_or_else(missing)?;
        let (dict, cms) = signature(document, field)?.ok_or_else(missing)?;
        let broken = || Error::Malformed { what: "Contents" };
        let span = match &field.value {
            Some(Object::Reference(id)) => document.contents_span(*id)?,
            _ => document.value_span(field.id, &[b"V", b"Contents"])?,
        }
        .ok_or_else(broken)?;
        let Object::Array(range) = document.entry(&dict, b"ByteRange")? else {
            return Err(Error::Malformed { what: "ByteRange" });
        };
        let range: Vec<u64> = range
            .iter()
            .filter_map(|n| u64::try_from(n.as_i64().ok()?).ok())
            .collect();
        let length = u64::try_from(document.bytes().len()).unwrap_or(u64::MAX);
        let &[0, before, after, rest] = range.as_slice() else {
            return Err(Error::Malformed { what: "ByteRange" });
        };
        if before != span.start || after != span.end {
            return Err(Error::Malformed { what: "ByteRange" });
        }
        // What was appended since may cover the hole.
        if after.checked_add(rest) != Some(length) {
            return Err(Error::LaterRevision {
                field: name.to_owned(),
            });
        }
        let written = usize::try_from(span.start)
            .ok()
            .zip(usize::try_from(span.end).ok())
            .and_then(|(start, end)| document.bytes().get(start..end));
        match written {
            Some([b'<', digits @ .., b'>'])
                if digits.len().is_multiple_of(2) && digits.iter().all(u8::is_ascii_hexdigit) =>
            {
                Ok(Self {
                    start: span.start + 1,
                    room: digits.len() / 2,
                    cms,
                })
            }
            _ => Err(broken()),
        }
    }
}
