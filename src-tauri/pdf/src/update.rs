//! The incremental update (ISO 32000-2, 7.5.6): one more revision behind the bytes of a document.

mod section;

use std::collections::BTreeMap;
use std::ops::Range;

use lopdf::{Dictionary, Object, ObjectId};

use crate::revision::XrefKind;
use crate::xref::MAX_OBJECTS;
use crate::{Damage, Document, Error, Limit, serialise};

/// What an object becomes.
#[derive(Debug, Clone)]
enum New {
    /// Reserved, not set yet.
    Nothing,
    Object(Object),
    Raw(Vec<u8>),
}

/// New objects and new versions of objects, to be written as one revision. No object is written into an object stream
/// or compressed: what the caller gives is what stands in the file.
#[derive(Debug)]
pub struct Update<'a> {
    document: &'a Document,
    next: u32,
    objects: BTreeMap<ObjectId, New>,
}

/// A revision ready to be appended.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Appended {
    /// What to append to the document's bytes.
    pub bytes: Vec<u8>,
    /// Absolute offset of each object's `n g obj`.
    pub offsets: BTreeMap<ObjectId, u64>,
    /// Absolute offset of the cross-reference section.
    pub startxref: u64,
    bodies: BTreeMap<ObjectId, Range<u64>>,
}

impl Appended {
    /// The absolute place of an object, `n g obj` to `endobj`.
    #[must_use]
    pub fn span_of(&self, id: ObjectId) -> Option<Range<u64>> {
        let start = *self.offsets.get(&id)?;
        let body = self.bodies.get(&id)?;
        Some(start..body.end + section::END.len() as u64)
    }

    /// The absolute place of what was given for an object: byte `i` of what [`Update::set_raw`] took is byte
    /// `body_of(id).start + i` of the new file.
    #[must_use]
    pub fn body_of(&self, id: ObjectId) -> Option<Range<u64>> {
        self.bodies.get(&id).cloned()
    }
}

impl<'a> Update<'a> {
    /// An update of a document that changes nothing yet.
    #[must_use]
    pub fn new(doc: &'a Document) -> Self {
        let highest = doc
            .layers()
            .iter()
            .filter_map(|layer| layer.slots.last())
            .map(|slot| slot.number)
            .max();
        let next = highest.unwrap_or(0).saturating_add(1).max(size(doc));
        Update {
            document: doc,
            next,
            objects: BTreeMap::new(),
        }
    }

    /// The document that is updated.
    #[must_use]
    pub fn document(&self) -> &'a Document {
        self.document
    }

    /// A new id. It must be given a value before [`Update::write`].
    pub fn reserve(&mut self) -> ObjectId {
        let id = (self.next, 0);
        self.next = self.next.saturating_add(1);
        self.objects.insert(id, New::Nothing);
        id
    }

    /// Adds a new object.
    pub fn add(&mut self, object: Object) -> ObjectId {
        let id = self.reserve();
        self.set(id, object);
        id
    }

    /// Gives an object a new value; `/Length` of a stream is set when it is written.
    pub fn set(&mut self, id: ObjectId, object: Object) {
        self.objects.insert(id, New::Object(object));
    }

    /// Gives an object a new value by its exact bytes, without `obj` and `endobj`. [`Update::write`] does not look at
    /// them; a reader will.
    pub fn set_raw(&mut self, id: ObjectId, bytes: Vec<u8>) {
        self.objects.insert(id, New::Raw(bytes));
    }

    /// The current value of an object: the update's own first, then the document's.
    ///
    /// # Errors
    ///
    /// As [`Document::object`]; [`Error::NotSet`] for an id that is only reserved.
    pub fn get(&self, id: ObjectId) -> Result<Object, Error> {
        match self.objects.get(&id) {
            Some(New::Object(object)) => Ok(object.clone()),
            Some(New::Raw(bytes)) => crate::parse_object(bytes),
            Some(New::Nothing) => Err(Error::NotSet(id)),
            None => self.document.object(id),
        }
    }

    /// As [`Update::get`], for a dictionary.
    ///
    /// # Errors
    ///
    /// The same, and [`Damage::Type`] for anything else.
    pub fn dictionary(&self, id: ObjectId) -> Result<Dictionary, Error> {
        match self.get(id)? {
            Object::Dictionary(dict) => Ok(dict),
            _ => Err(Error::damaged(Damage::Type, self.document.offset(id))),
        }
    }

    /// Follows references, the update's own values first.
    ///
    /// # Errors
    ///
    /// As [`Update::get`]; [`Damage::Loop`].
    pub fn resolve(&self, object: &Object) -> Result<Object, Error> {
        let mut current = object.clone();
        for _ in 0..crate::document::MAX_REFERENCES {
            match current {
                Object::Reference(id) => current = self.get(id)?,
                other => return Ok(other),
            }
        }
        Err(Error::damaged(Damage::Loop, 0))
    }

    /// Whether nothing was added or set.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.objects.is_empty()
    }

    /// Writes the revision, in the style of the document's newest cross-reference section (a table for a hybrid one).
    ///
    /// # Errors
    ///
    /// [`Error::NotPdf`] behind junk; [`Error::NotSet`], [`Error::Unwritable`]; [`Damage::OrphanTail`] when bytes after the last revision would be
    /// buried; [`Error::TooBig`] when the file has outgrown the table's ten digits or its
    /// object numbers; [`Damage::EncryptionChanged`] and [`Error::UnknownEncryption`] as [`Document::check_encryption`].
    pub fn write(&self) -> Result<Appended, Error> {
        if !self.document.junk().is_empty() {
            return Err(Error::NotPdf {
                header_at: Some(self.document.junk().len() as u64),
            });
        }
        self.document.check_encryption()?;
        if let Some(tail) = self.document.orphan_tail() {
            return Err(Error::Damaged {
                what: Damage::OrphanTail,
                at: tail.start,
            });
        }
        if usize::try_from(self.next).map_or(true, |next| next > MAX_OBJECTS) {
            return Err(Error::TooBig {
                what: Limit::Objects,
                limit: MAX_OBJECTS as u64,
            });
        }
        let base = self.document.bytes().len() as u64;
        let mut bytes = Vec::new();
        if !matches!(self.document.bytes().last(), Some(b'\n' | b'\r')) {
            bytes.push(b'\n');
        }
        let mut offsets = BTreeMap::new();
        let mut bodies = BTreeMap::new();
        for (&id, new) in &self.objects {
            let body = match new {
                New::Nothing => return Err(Error::NotSet(id)),
                New::Object(object) => {
                    let encrypted = self.document.encrypted(id, object)?;
                    self.spelt_as_before(id, object, &encrypted)
                        .or_else(|| serialise(&encrypted))
                        .ok_or(Error::Unwritable(id))?
                }
                New::Raw(raw) => {
                    // What is to stand in the file as it was given cannot be encrypted.
                    if self.document.encryption.is_some() {
                        let plain = crate::parse_object(raw)?;
                        if *self.document.encrypted(id, &plain)? != plain {
                            return Err(Error::Unwritable(id));
                        }
                    }
                    raw.clone()
                }
            };
            offsets.insert(id, base + bytes.len() as u64);
            bytes.extend_from_slice(format!("{} {} obj\n", id.0, id.1).as_bytes());
            let start = base + bytes.len() as u64;
            bytes.extend_from_slice(&body);
            bodies.insert(id, start..base + bytes.len() as u64);
            bytes.extend_from_slice(section::END);
            bytes.push(b'\n');
        }
        let startxref = base + bytes.len() as u64;
        let mut trailer = self.trailer()?;
        let kind = self
            .document
            .newest()
            .map_or(XrefKind::Table, |revision| revision.xref);
        match kind {
            XrefKind::Stream => {
                let own = (self.next, 0);
                trailer.set("Size", i64::from(self.next) + 1);
                section::stream(&mut bytes, &offsets, own, startxref, trailer)?;
            }
            XrefKind::Table | XrefKind::Hybrid => section::table(&mut bytes, &offsets, &trailer)?,
        }
        bytes.extend_from_slice(format!("startxref\n{startxref}\n%%EOF\n").as_bytes());
        Ok(Appended {
            bytes,
            offsets,
            startxref,
            bodies,
        })
    }

    /// A dictionary whose unchanged entries hold numbers that lopdf rounds: these keep the spelling they have in the file.
    /// Validators compare numbers by their digits, and a page whose size changed in the eighth one is a changed page.
    /// `written` is the object as it is written: encrypted, if the document is.
    fn spelt_as_before(&self, id: ObjectId, object: &Object, written: &Object) -> Option<Vec<u8>> {
        let (Object::Dictionary(dict), Object::Dictionary(written)) = (object, written) else {
            return None;
        };
        let Ok(Object::Dictionary(old)) = self.document.object(id) else {
            return None;
        };
        let mut kept = false;
        let mut bytes = b"<<".to_vec();
        for (key, value) in dict {
            bytes.extend(serialise(&Object::Name(key.clone()))?);
            bytes.push(b' ');
            let unchanged = has_real(value, 0) && old.get(key).is_ok_and(|old| old == value);
            let spelt = if unchanged {
                self.spelling(id, key)
            } else {
                None
            };
            kept |= spelt.is_some();
            match spelt {
                Some(spelt) => bytes.extend_from_slice(spelt),
                None => bytes.extend(serialise(written.get(key).ok()?)?),
            }
        }
        bytes.extend_from_slice(b">>");
        kept.then_some(bytes)
    }

    /// An entry's value as it is written in the file; nothing for objects of an object stream.
    fn spelling(&self, id: ObjectId, key: &[u8]) -> Option<&'a [u8]> {
        let span = self.document.value_span(id, &[key]).ok()??;
        let (start, end) = (
            usize::try_from(span.start).ok()?,
            usize::try_from(span.end).ok()?,
        );
        self.document.bytes().get(start..end)
    }

    /// What the trailer carries on, with its own `/Size` and `/Prev`.
    fn trailer(&self) -> Result<Dictionary, Error> {
        let old = self.document.trailer();
        let mut trailer = Dictionary::new();
        trailer.set("Size", i64::from(self.next.max(size(self.document))));
        let prev = self
            .document
            .newest()
            .map_or(0, |revision| revision.startxref);
        let prev = i64::try_from(prev).map_err(|_| Error::damaged(Damage::Tail, 0))?;
        trailer.set("Prev", prev);
        for key in [&b"Root"[..], b"Info", b"ID", b"Encrypt"] {
            if let Ok(value) = old.get(key) {
                trailer.set(key, value.clone());
            }
        }
        Ok(trailer)
    }
}

/// Nesting looked through for a number; deeper ones are written as lopdf writes them.
const MAX_DEPTH: usize = 8;

fn has_real(object: &Object, depth: usize) -> bool {
    let inner = |object| has_real(object, depth + 1);
    depth < MAX_DEPTH
        && match object {
            Object::Real(_) => true,
            Object::Array(items) => items.iter().any(inner),
            Object::Dictionary(dict) => dict.iter().any(|(_, value)| inner(value)),
            _ => false,
        }
}

fn size(document: &Document) -> u32 {
    let size = document
        .trailer()
        .get(b"Size")
        .and_then(Object::as_i64)
        .unwrap_or(0);
    u32::try_from(size).unwrap_or(u32::MAX)
}
