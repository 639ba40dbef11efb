//! What was done after a signature, object by object.
//!
//! Only objects that later revisions touch are looked at. Each is explained by its place in the document: the catalog,
//! the form, fields and widgets, page annotations, the security store, metadata. What none of these explains is
//! reported as what it is, and not permitted. Objects that came into being are of no account by themselves, since only
//! a changed object can lead to them, unless the signed document already referred to them: that is looked for
//! (`leftover`).

mod document;
mod form;
mod leftover;
mod page;
mod references;
mod sharing;
mod structure;

use std::collections::{BTreeMap, BTreeSet};

use antin_pdf::{Dictionary, Document, Object, ObjectId, XrefKind};

use self::sharing::Place;
use super::found::Found;
use super::permission::Permission;
use crate::report::{Modification, ModificationKind as Kind, object_name};

/// An object before and after.
struct Change {
    old: Object,
    new: Object,
}

/// Two states of a document, and what differs.
struct Diff<'a> {
    old: Document,
    new: &'a Document,
    permission: &'a Permission,
    /// Existing objects whose value differs; `Null` after, if they were freed.
    changed: BTreeMap<ObjectId, Change>,
    /// Objects that came into being.
    created: BTreeSet<ObjectId>,
    /// Changed objects that are accounted for.
    explained: BTreeSet<ObjectId>,
    /// Changed objects that are accounted for only if nothing else in the signed document refers to them.
    borrowed: BTreeSet<(ObjectId, Place)>,
    found: Vec<Modification>,
}

/// Everything that was done after `revision`.
pub(super) fn since(
    document: &Document,
    revision: usize,
    permission: &Permission,
    signature: &Found,
    covered: usize,
) -> Vec<Modification> {
    let Ok(old) = document.at_revision(revision) else {
        return vec![failure(
            Kind::Unreadable,
            "the signed revision cannot be read",
        )];
    };
    let mut diff = Diff {
        old,
        new: document,
        permission,
        changed: BTreeMap::new(),
        created: BTreeSet::new(),
        explained: BTreeSet::new(),
        borrowed: BTreeSet::new(),
        found: Vec::new(),
    };
    diff.stray_bytes(revision, covered);
    diff.encryption(revision);
    if revision + 1 < document.revisions().len() {
        diff.collect(revision);
        if diff.changed.is_empty()
            && diff.created.is_empty()
            && diff.old.root_id() == document.root_id()
        {
            return diff.found;
        }
        // The signature itself must be the one that was signed.
        if diff.changed.contains_key(&signature.object) && signature.object != signature.field_id {
            diff.explained.insert(signature.object);
            diff.report(Kind::SignatureReplaced, Some(signature.object));
        }
        diff.compare();
    }
    diff.found
        .sort_by_key(|one| (one.permitted, one.page, one.kind));
    diff.found.dedup();
    diff.found
}

fn failure(kind: Kind, detail: &str) -> Modification {
    Modification {
        kind,
        permitted: false,
        object: None,
        field: None,
        page: None,
        detail: Some(detail.to_owned()),
    }
}

impl Diff<'_> {
    fn compare(&mut self) {
        self.catalog();
        self.form();
        self.pages();
        self.structure();
        self.leftovers();
    }

    /// Loads what the later revisions touch, leaving out what stayed the same.
    fn collect(&mut self, revision: usize) {
        let later = self.new.revisions().get(revision + 1..).unwrap_or_default();
        let ids: BTreeSet<ObjectId> = later
            .iter()
            .flat_map(|revision| revision.touched.iter().chain(&revision.freed))
            .copied()
            .collect();
        for id in ids {
            // What the signed state says here is what the signer saw, even if it cannot be read.
            let old = self.old.object(id).unwrap_or(Object::Null);
            let Ok(new) = self.new.object(id) else {
                self.report(Kind::Unreadable, Some(id));
                continue;
            };
            match (&old, &new) {
                _ if same(&old, &new) => {}
                (Object::Null, _) => {
                    self.created.insert(id);
                }
                _ => {
                    self.changed.insert(id, Change { old, new });
                }
            }
        }
    }

    /// Later revisions that are not encrypted as the signed one is, or not at all: under another key or filter the objects
    /// that nobody touched say something else.
    fn encryption(&mut self, revision: usize) {
        for index in self.new.encrypted_otherwise(revision) {
            self.found
                .push(failure(Kind::Encryption, &format!("revision {index}")));
        }
    }

    /// Bytes after the signed revision that belong to no object (ISA attacks append objects without a reference).
    fn stray_bytes(&mut self, revision: usize, covered: usize) {
        if let Some(range) = self.new.orphan_tail() {
            let covered = u64::try_from(covered).unwrap_or(u64::MAX);
            if range.end > covered {
                self.found.push(failure(
                    Kind::StrayBytes,
                    &format!(
                        "bytes {}–{} after the last revision",
                        range.start, range.end
                    ),
                ));
            }
        }
        for (index, later) in self.new.revisions().iter().enumerate().skip(revision + 1) {
            if later.xref == XrefKind::Hybrid {
                let detail = format!("revision {index}");
                self.found.push(failure(Kind::HybridReference, &detail));
            }
            match self.new.unclaimed(index) {
                Ok(ranges) => self.found.extend(ranges.iter().map(|range| {
                    failure(
                        Kind::StrayBytes,
                        &format!("bytes {}–{} belong to no object", range.start, range.end),
                    )
                })),
                Err(_) => self
                    .found
                    .push(failure(Kind::Unreadable, &format!("revision {index}"))),
            }
        }
    }

    /// Is this kind permitted by the signature, as far as the kind alone decides?
    fn permits(&self, kind: Kind) -> bool {
        match kind {
            Kind::ValidationData | Kind::TimestampAdded | Kind::Metadata | Kind::UnusedObject => {
                true
            }
            Kind::FieldSigned
            | Kind::SignatureAdded
            | Kind::FormFilled
            | Kind::StructureExtended => self.permission.allows_forms(),
            // Another catalog is judged by what it says, key by key.
            Kind::CatalogReplaced => true,
            Kind::AnnotationAdded | Kind::AnnotationChanged | Kind::AnnotationRemoved => {
                self.permission.allows_annotations()
            }
            _ => false,
        }
    }

    fn report(&mut self, kind: Kind, object: Option<ObjectId>) {
        self.report_at(kind, object, None, None, None);
    }

    fn report_at(
        &mut self,
        kind: Kind,
        object: Option<ObjectId>,
        field: Option<&str>,
        page: Option<usize>,
        detail: Option<String>,
    ) {
        self.found.push(Modification {
            kind,
            permitted: self.permits(kind),
            object: object.map(object_name),
            field: field.map(str::to_owned),
            page,
            detail,
        });
    }

    /// Both versions of a changed dictionary.
    fn changed_dictionaries(&self, id: ObjectId) -> Option<(Dictionary, Dictionary)> {
        let change = self.changed.get(&id)?;
        match (&change.old, &change.new) {
            (Object::Dictionary(old), Object::Dictionary(new)) => Some((old.clone(), new.clone())),
            _ => None,
        }
    }

    /// Existing changed objects that `root` leads to, through new and changed objects.
    fn changed_below(&self, document: &Document, root: &Object) -> BTreeSet<ObjectId> {
        let mut hits = BTreeSet::new();
        let mut seen = BTreeSet::new();
        let mut waiting = vec![root.clone()];
        while let Some(object) = waiting.pop() {
            let mut ids = Vec::new();
            references::of(&object, &mut ids);
            for id in ids {
                if !seen.insert(id) || seen.len() > REACH_LIMIT {
                    continue;
                }
                if self.changed.contains_key(&id) {
                    hits.insert(id);
                }
                waiting.extend(document.object(id).ok());
            }
        }
        hits
    }
}

/// Objects followed from one place; a security store with a hundred streams is far below.
const REACH_LIMIT: usize = 20_000;

/// Same value? Numbers written in different ways are the same number.
fn same(old: &Object, new: &Object) -> bool {
    match (old, new) {
        (Object::Stream(old), Object::Stream(new)) => {
            old.content == new.content && same_dictionary(&old.dict, &new.dict)
        }
        (Object::Dictionary(old), Object::Dictionary(new)) => same_dictionary(old, new),
        (Object::Array(old), Object::Array(new)) => {
            old.len() == new.len() && old.iter().zip(new).all(|(old, new)| same(old, new))
        }
        (Object::String(old, _), Object::String(new, _)) => old == new,
        (Object::Integer(integer), Object::Real(real))
        | (Object::Real(real), Object::Integer(integer)) => {
            i16::try_from(*integer).is_ok_and(|integer| f32::from(integer) == *real)
        }
        _ => old == new,
    }
}

/// Same entries in any order; an entry that is null is none (ISO 32000-2, 7.3.7).
fn same_dictionary(old: &Dictionary, new: &Dictionary) -> bool {
    differing_keys(old, new).is_empty()
}

/// Is `/Type` one of these?
fn has_type(dict: &Dictionary, types: &[&[u8]]) -> bool {
    dict.get(b"Type")
        .and_then(Object::as_name)
        .is_ok_and(|name| types.contains(&name))
}

/// Keys whose values differ.
fn differing_keys(old: &Dictionary, new: &Dictionary) -> BTreeSet<Vec<u8>> {
    let value = |dict: &Dictionary, key: &[u8]| dict.get(key).cloned().unwrap_or(Object::Null);
    old.iter()
        .chain(new.iter())
        .map(|(key, _)| key.clone())
        .filter(|key| !same(&value(old, key), &value(new, key)))
        .collect()
}
