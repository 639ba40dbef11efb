//! Cross-reference sections (ISO 32000-2, 7.5.4, 7.5.8) and the chain of them.
//!
//! `startxref` leads to the newest section, `/Prev` from each to an older one. [`chain`] reads them all;
//! `revision::layers` groups them into the states the file has been in.

mod stream;
mod table;

use std::collections::HashSet;
use std::ops::Range;

use lopdf::{Dictionary, Object, ObjectId};

use crate::lex::Lexer;
use crate::revision::XrefKind;
use crate::{Damage, Error, Limit};

/// Objects of one file (ISO 32000-1, Annex C.2). All sections together may not have more entries.
pub(crate) const MAX_OBJECTS: usize = 8_388_607;
/// Sections of one file. Each signing act adds one; the longest real chains in the corpora have a few dozen.
const MAX_SECTIONS: usize = 1024;

/// Where an object is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place {
    /// Nowhere.
    Free,
    /// At an offset.
    At(u64),
    /// In the object stream with this number, at this index.
    In(u32, u32),
}

impl Place {
    pub(crate) fn container(self) -> Option<u32> {
        match self {
            Place::In(number, _) => Some(number),
            _ => None,
        }
    }
}

/// One entry. 16 bytes: the 200,000 objects of a 10,000-page file take 3 MB.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Slot {
    pub(crate) number: u32,
    pub(crate) generation: u16,
    kind: Kind,
    /// The offset, or number and index of an object stream in its halves.
    value: u64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Free,
    At,
    In,
}

impl Slot {
    pub(crate) fn new(number: u32, generation: u16, place: Place) -> Self {
        let (kind, value) = match place {
            Place::Free => (Kind::Free, 0),
            Place::At(offset) => (Kind::At, offset),
            Place::In(container, index) => {
                (Kind::In, u64::from(container) << 32 | u64::from(index))
            }
        };
        Slot {
            number,
            generation,
            kind,
            value,
        }
    }

    pub(crate) fn place(&self) -> Place {
        match self.kind {
            Kind::Free => Place::Free,
            Kind::At => Place::At(self.value),
            Kind::In => {
                let [a, b, c, d, e, f, g, h] = self.value.to_be_bytes();
                Place::In(
                    u32::from_be_bytes([a, b, c, d]),
                    u32::from_be_bytes([e, f, g, h]),
                )
            }
        }
    }

    pub(crate) fn is_free(&self) -> bool {
        self.kind == Kind::Free
    }

    pub(crate) fn id(&self) -> ObjectId {
        (self.number, self.generation)
    }
}

/// One section with its trailer.
pub(crate) struct Section {
    /// The offset that led here.
    pub(crate) at: usize,
    /// From `xref` to the end of the trailer, or the stream object.
    pub(crate) span: Range<usize>,
    pub(crate) kind: XrefKind,
    /// Sorted by number, each number once.
    pub(crate) slots: Vec<Slot>,
    pub(crate) trailer: Dictionary,
    pub(crate) exceeds_size: bool,
}

/// The end of a revision, relative to the slice searched.
pub(crate) struct Tail {
    /// What `startxref` says.
    pub(crate) startxref: u64,
    /// Behind `%%EOF`.
    pub(crate) eof: usize,
    /// Behind its end-of-line marker.
    pub(crate) end: usize,
}

/// Reads a tail at `at`: `startxref`, a number, `%%EOF`.
fn tail_at(bytes: &[u8], at: usize) -> Option<Tail> {
    let mut lexer = Lexer::new(bytes, at);
    if !lexer.keyword(b"startxref") {
        return None;
    }
    lexer.skip_white();
    let startxref = lexer.unsigned()?;
    lexer.skip_white();
    if !lexer.take(b"%%EOF") {
        return None;
    }
    let eof = lexer.pos();
    lexer.skip_eol();
    Some(Tail {
        startxref,
        eof,
        end: lexer.pos(),
    })
}

/// The first tail in `gap` that names `startxref`.
pub(crate) fn tail_of(gap: &[u8], startxref: usize) -> Option<Tail> {
    memchr::memmem::find_iter(gap, b"startxref")
        .filter_map(|at| tail_at(gap, at))
        .find(|tail| tail.startxref == startxref as u64)
}

/// The last tail of the file, whatever comes after it.
fn last_tail(bytes: &[u8]) -> Result<Tail, Error> {
    let missing = || Error::damaged(Damage::Tail, bytes.len());
    let at = memchr::memmem::rfind(bytes, b"startxref").ok_or_else(missing)?;
    tail_at(bytes, at).ok_or_else(missing)
}

/// Reads all sections, newest first.
pub(crate) fn chain(bytes: &[u8]) -> Result<Vec<Section>, Error> {
    let mut chain: Vec<Section> = Vec::new();
    let mut seen = HashSet::new();
    let mut budget = MAX_OBJECTS;
    let mut next = Some(last_tail(bytes)?.startxref);
    while let Some(offset) = next {
        let at = usize::try_from(offset).ok().filter(|&at| at < bytes.len());
        let at = at.ok_or(Error::Damaged {
            what: Damage::XrefMissing,
            at: offset,
        })?;
        if chain.len() == MAX_SECTIONS {
            return Err(Error::TooBig {
                what: Limit::Sections,
                limit: MAX_SECTIONS as u64,
            });
        }
        let mut section = section(bytes, at, &mut budget)?;
        if !seen.insert(section.span.start) {
            return Err(Error::damaged(Damage::XrefLoop, at));
        }
        next = offset_entry(&section, b"Prev")?;
        if section.kind == XrefKind::Table
            && let Some(offset) = offset_entry(&section, b"XRefStm")?
        {
            section = hybrid(bytes, section, offset, &mut budget)?;
        }
        if next.is_none() {
            table::shift(&mut section);
        }
        section.exceeds_size = exceeds_size(&section)?;
        chain.push(section);
    }
    Ok(chain)
}

fn section(bytes: &[u8], at: usize, budget: &mut usize) -> Result<Section, Error> {
    let mut lexer = Lexer::new(bytes, at);
    lexer.skip_white();
    let mut section = match lexer.peek() {
        Some(b'x') => table::read(&mut lexer, budget),
        Some(b'0'..=b'9') => stream::read(bytes, lexer.pos(), budget),
        _ => Err(Error::damaged(Damage::XrefMissing, at)),
    }?;
    section.at = at;
    sort(&mut section.slots, at)?;
    Ok(section)
}

/// Sorts a section's slots. The same place given twice is harmless, two places for one object are not.
fn sort(slots: &mut Vec<Slot>, at: usize) -> Result<(), Error> {
    slots.sort_by_key(|slot| slot.number);
    slots.dedup();
    let twice = slots
        .windows(2)
        .any(|pair| matches!(pair, [a, b] if a.number == b.number));
    if twice {
        Err(Error::damaged(Damage::XrefConflict, at))
    } else {
        Ok(())
    }
}

/// An entry of a trailer that is an offset. `0` is no offset: the header is there, and some writers mean "none" by it.
fn offset_entry(section: &Section, key: &[u8]) -> Result<Option<u64>, Error> {
    let wrong = || Error::damaged(Damage::Trailer, section.span.start);
    match section.trailer.get(key) {
        Err(_) | Ok(Object::Integer(0)) => Ok(None),
        Ok(Object::Integer(offset)) => Ok(Some(u64::try_from(*offset).map_err(|_| wrong())?)),
        Ok(_) => Err(wrong()),
    }
}

/// Adds the stream of a hybrid section. What the table has in use wins; what it calls free is hidden from old readers
/// only, and the stream says where it is (7.5.8.4).
fn hybrid(bytes: &[u8], table: Section, offset: u64, budget: &mut usize) -> Result<Section, Error> {
    let at = usize::try_from(offset).ok().filter(|&at| at < bytes.len());
    let at = at.ok_or(Error::Damaged {
        what: Damage::XrefMissing,
        at: offset,
    })?;
    let hidden = section(bytes, at, budget)?;
    if hidden.kind != XrefKind::Stream {
        return Err(Error::damaged(Damage::XrefMissing, at));
    }
    // Where both say it, readers differ in which of the two trailers they believe.
    let encrypt = hidden.trailer.get(b"Encrypt");
    if encrypt.is_ok_and(|own| table.trailer.get(b"Encrypt").ok() != Some(own)) {
        return Err(Error::damaged(Damage::EncryptionChanged, at));
    }
    let (free, mut slots): (Vec<Slot>, Vec<Slot>) =
        table.slots.into_iter().partition(Slot::is_free);
    slots.extend(hidden.slots);
    slots.extend(free);
    crate::revision::keep_first(&mut slots);
    Ok(Section {
        slots,
        kind: XrefKind::Hybrid,
        ..table
    })
}

/// Whether an entry at or above `/Size` is in use. The standard has readers ignore it, and they do not.
fn exceeds_size(section: &Section) -> Result<bool, Error> {
    let size = section.trailer.get(b"Size").and_then(Object::as_i64);
    let size = size.map_err(|_| Error::damaged(Damage::Trailer, section.span.start))?;
    let highest = section.slots.iter().rev().find(|slot| !slot.is_free());
    Ok(highest.is_some_and(|slot| i64::from(slot.number) >= size))
}
