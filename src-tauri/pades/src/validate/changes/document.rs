//! The catalog, the security store and metadata.

use std::collections::BTreeSet;

use antin_pdf::{Dictionary, Object, ObjectId};

use super::sharing::Place;
use super::{Diff, differing_keys};
use crate::report::ModificationKind as Kind;

impl Diff<'_> {
    pub(super) fn catalog(&mut self) {
        let (old_id, new_id) = (self.old.root_id(), self.new.root_id());
        let (Ok(old), Ok(new)) = (self.old.catalog(), self.new.catalog()) else {
            self.report(Kind::Unreadable, Some(new_id));
            return;
        };
        self.explained.insert(old_id);
        if old_id != new_id {
            self.report(Kind::CatalogReplaced, Some(new_id));
        }
        for key in differing_keys(&old, &new) {
            match key.as_slice() {
                // Compared as a whole below, or by `form`.
                b"AcroForm" | b"DSS" | b"Metadata" => {}
                // Developer extensions and the version say what a reader must know, not what it shows.
                b"Extensions" | b"Version" => {}
                b"Perms" if self.same_permissions(&old, &new) => {}
                b"StructTreeRoot" | b"MarkInfo" => self.report(Kind::Structure, Some(new_id)),
                _ => {
                    let name = String::from_utf8_lossy(&key).into_owned();
                    self.report_at(Kind::Catalog, Some(new_id), None, None, Some(name));
                }
            }
        }
        self.store(&old, &new);
        self.metadata(&old, &new);
    }

    /// Same certification and usage rights?
    fn same_permissions(&self, old: &Dictionary, new: &Dictionary) -> bool {
        let of = |document: &antin_pdf::Document, catalog: &Dictionary| match document
            .entry(catalog, b"Perms")
        {
            Ok(Object::Dictionary(dict)) => dict,
            _ => Dictionary::new(),
        };
        let (old, new) = (of(&self.old, old), of(self.new, new));
        old.iter()
            .all(|(key, value)| new.get(key).is_ok_and(|other| other == value))
            && differing_keys(&old, &new).is_empty()
    }

    /// EN 319 142-1, 5.4.2.2: everything below DSS is validation data.
    fn store(&mut self, old: &Dictionary, new: &Dictionary) {
        let value = |catalog: &Dictionary| catalog.get(b"DSS").cloned().unwrap_or(Object::Null);
        let (old, new) = (value(old), value(new));
        if old == Object::Null && new == Object::Null {
            return;
        }
        if old != Object::Null && self.new.resolve(&new).is_ok_and(|new| new == Object::Null) {
            self.report_at(
                Kind::Catalog,
                None,
                None,
                None,
                Some("DSS removed".to_owned()),
            );
        }
        let touched = self.changed_below(&self.old, &old);
        if old != new || !touched.is_empty() {
            self.report(Kind::ValidationData, new.as_reference().ok());
        }
        self.borrow(Place::Store, touched);
    }

    /// Document information (14.3.3) and XMP (14.3.2) say things about a document and draw nothing.
    fn metadata(&mut self, old: &Dictionary, new: &Dictionary) {
        let mut ids: Vec<ObjectId> = Vec::new();
        for dict in [old, self.old.trailer()] {
            for key in [&b"Metadata"[..], b"Info"] {
                ids.extend(dict.get(key).and_then(Object::as_reference).ok());
            }
        }
        let ids: BTreeSet<ObjectId> = ids
            .into_iter()
            .filter(|id| self.changed.contains_key(id))
            .collect();
        let moved =
            |key: &[u8], old: &Dictionary, new: &Dictionary| old.get(key).ok() != new.get(key).ok();
        let replaced =
            moved(b"Metadata", old, new) || moved(b"Info", self.old.trailer(), self.new.trailer());
        if replaced || !ids.is_empty() {
            self.report(Kind::Metadata, ids.first().copied());
        }
        self.borrow(Place::Metadata, ids);
    }
}
