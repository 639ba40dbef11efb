//! Revisions: the states a file has been in, oldest first (ISO 32000-2, 7.5.6).

use std::ops::Range;

use lopdf::{Dictionary, ObjectId};

use crate::xref::{Section, Slot};
use crate::{Damage, Error, Limit, xref};

/// Lookups made to tell what each revision changes. A thousand revisions of a million objects each would take hours;
/// real files need a few per entry.
const MAX_LOOKUPS: usize = 64 << 20;

/// How a revision's cross-reference is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum XrefKind {
    /// A table (7.5.4).
    Table,
    /// A stream (7.5.8).
    Stream,
    /// A table with a stream for newer readers (7.5.8.4).
    Hybrid,
}

/// One state of a file: everything up to one `%%EOF`.
///
/// A revision usually has one cross-reference section. A linearized file has two, and a section that no `startxref`
/// of its own follows was never the end of a file: it belongs to the next revision.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Revision {
    /// Where it begins: the end of the revision before, or 0.
    pub start: u64,
    /// Right after `%%EOF`.
    pub eof: u64,
    /// Right after `%%EOF` and its end-of-line marker, if there is one.
    pub end: u64,
    /// The offset that its `startxref` gives.
    pub startxref: u64,
    /// How its newest section is written.
    pub xref: XrefKind,
    /// Objects that it adds or changes, ascending. An object that an older revision keeps in an object stream counts
    /// as changed when this revision replaces that stream.
    pub touched: Vec<ObjectId>,
    /// Objects in use before that it frees, ascending; the generation is the one freed.
    pub freed: Vec<ObjectId>,
    /// The trailer of its newest section; for a stream, the entries of Table 15 only.
    pub trailer: Dictionary,
    /// The bytes of its cross-reference sections, newest first: `xref` to the end of the trailer, or the whole object.
    pub sections: Vec<Range<u64>>,
    /// An object in use has a number that is not below `/Size`. The standard has readers ignore it (7.5.5); they do
    /// not, this one neither, and some writers forget to raise the number.
    pub exceeds_size: bool,
}

/// What lookups need of a revision.
pub(crate) struct Layer {
    /// Sorted by number.
    pub(crate) slots: Vec<Slot>,
    /// Numbers of the object streams that its slots refer to, sorted.
    containers: Vec<u32>,
}

impl Layer {
    pub(crate) fn slot(&self, number: u32) -> Option<&Slot> {
        let index = self
            .slots
            .binary_search_by_key(&number, |slot| slot.number)
            .ok()?;
        self.slots.get(index)
    }
}

/// The newest slot of an object.
pub(crate) fn find(layers: &[Layer], number: u32) -> Option<&Slot> {
    layers.iter().rev().find_map(|layer| layer.slot(number))
}

/// Groups sections, newest first as the chain of `/Prev` gives them, into revisions, oldest first.
pub(crate) fn layers(
    bytes: &[u8],
    mut chain: Vec<Section>,
) -> Result<(Vec<Layer>, Vec<Revision>), Error> {
    let mut layers: Vec<Layer> = Vec::new();
    let mut revisions: Vec<Revision> = Vec::new();
    let mut group: Vec<Section> = Vec::new();
    let mut floor = 0;
    let mut budget = Budget(MAX_LOOKUPS);
    while let Some(section) = chain.pop() {
        floor = floor.max(section.span.end);
        let startxref = section.at;
        group.push(section);
        let limit = chain.last().map_or(bytes.len(), |newer| newer.span.start);
        let Some(tail) = bytes
            .get(floor..limit)
            .and_then(|gap| xref::tail_of(gap, startxref))
        else {
            continue;
        };
        let start = revisions.last().map_or(0, |revision| revision.end);
        let end = [floor + tail.eof, floor + tail.end];
        floor = floor.max(floor + tail.end);
        let (layer, mut revision) = close(std::mem::take(&mut group), start, end)?;
        if !layers.is_empty() {
            compare(&layers, &layer, &mut revision, &mut budget)?;
        }
        layers.push(layer);
        revisions.push(revision);
    }
    if !group.is_empty() || layers.is_empty() {
        return Err(Error::damaged(Damage::Tail, bytes.len()));
    }
    Ok((layers, revisions))
}

/// Makes one revision of the sections in `group`, oldest first.
fn close(
    group: Vec<Section>,
    start: u64,
    [eof, end]: [usize; 2],
) -> Result<(Layer, Revision), Error> {
    let sections = group
        .iter()
        .rev()
        .map(|section| section.span.start as u64..section.span.end as u64)
        .collect();
    let exceeds_size = group.iter().any(|section| section.exceeds_size);
    let mut slots: Vec<Slot> = Vec::new();
    let mut newest = None;
    for mut section in group.into_iter().rev() {
        slots.append(&mut section.slots);
        newest.get_or_insert(section);
    }
    keep_first(&mut slots);
    let section = newest.ok_or_else(|| Error::damaged(Damage::Tail, end))?;
    let mut containers: Vec<u32> = slots
        .iter()
        .filter_map(|slot| slot.place().container())
        .collect();
    containers.sort_unstable();
    containers.dedup();
    containers.shrink_to_fit();
    slots.shrink_to_fit();
    let touched = slots
        .iter()
        .filter(|slot| !slot.is_free())
        .map(Slot::id)
        .collect();
    let revision = Revision {
        start,
        eof: eof as u64,
        end: end as u64,
        startxref: section.at as u64,
        xref: section.kind,
        touched,
        freed: Vec::new(),
        trailer: section.trailer,
        sections,
        exceeds_size,
    };
    Ok((Layer { slots, containers }, revision))
}

/// Sorts slots that come newest first and keeps the newest of each object: the sort is stable.
pub(crate) fn keep_first(slots: &mut Vec<Slot>) {
    slots.sort_by_key(|slot| slot.number);
    slots.dedup_by_key(|slot| slot.number);
}

/// A sum of lookups.
struct Budget(usize);

impl Budget {
    fn take(&mut self, work: usize) -> Result<(), Error> {
        let left = self.0.checked_sub(work);
        self.0 = left.ok_or(Error::TooBig {
            what: Limit::Sections,
            limit: MAX_LOOKUPS as u64,
        })?;
        Ok(())
    }

    /// As [`find`], counting.
    fn find<'a>(&mut self, layers: &'a [Layer], number: u32) -> Result<Option<&'a Slot>, Error> {
        for layer in layers.iter().rev() {
            self.take(1)?;
            if let Some(slot) = layer.slot(number) {
                return Ok(Some(slot));
            }
        }
        Ok(None)
    }
}

/// What `layer` changes in the state that `older` makes up.
fn compare(
    older: &[Layer],
    layer: &Layer,
    revision: &mut Revision,
    budget: &mut Budget,
) -> Result<(), Error> {
    let mut touched = Vec::new();
    let mut freed = Vec::new();
    for slot in &layer.slots {
        let before = budget.find(older, slot.number)?;
        match (slot.is_free(), before) {
            (true, Some(before)) if !before.is_free() => freed.push(before.id()),
            (true, _) => {}
            // Some writers repeat the whole table: an entry that says what was known changes nothing.
            (_, Some(before)) if before == slot => {}
            _ => touched.push(slot.id()),
        }
    }
    budget.take((touched.len() + freed.len()).saturating_mul(older.len()))?;
    let mut replaced: Vec<u32> = touched
        .iter()
        .chain(&freed)
        .map(|id| id.0)
        .filter(|number| {
            older
                .iter()
                .any(|layer| layer.containers.binary_search(number).is_ok())
        })
        .collect();
    replaced.sort_unstable();
    if !replaced.is_empty() {
        for slot in older.iter().flat_map(|layer| &layer.slots) {
            budget.take(1)?;
            let moved = slot
                .place()
                .container()
                .is_some_and(|number| replaced.binary_search(&number).is_ok());
            if moved
                && layer.slot(slot.number).is_none_or(|own| own == slot)
                && budget.find(older, slot.number)? == Some(slot)
            {
                touched.push(slot.id());
            }
        }
        touched.sort_unstable();
        touched.dedup();
    }
    touched.shrink_to_fit();
    revision.touched = touched;
    revision.freed = freed;
    Ok(())
}
