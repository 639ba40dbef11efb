//! Pages and their annotations.

use std::collections::BTreeSet;

use antin_pdf::{Dictionary, Document, Object, ObjectId};

use super::{Diff, differing_keys, same};
use crate::report::ModificationKind as Kind;

impl Diff<'_> {
    /// Pages whose own dictionary, or whose list of annotations, was changed; and annotations themselves.
    pub(super) fn pages(&mut self) {
        let open: BTreeSet<ObjectId> = self
            .changed
            .keys()
            .filter(|id| !self.explained.contains(id))
            .copied()
            .collect();
        if open.is_empty() {
            return;
        }
        let Ok(pages) = self.old.page_ids().map(<[ObjectId]>::to_vec) else {
            self.report(Kind::Unreadable, None);
            return;
        };
        let lists = open.iter().any(|id| {
            matches!(
                self.changed.get(id).map(|change| &change.old),
                Some(Object::Array(_))
            )
        });
        let annotations = open.iter().any(|id| self.looks_like_annotation(*id));
        for (index, page) in pages.iter().enumerate() {
            if open.contains(page) {
                self.page(index, *page);
            } else if lists && let Ok(dict) = self.old.dictionary(*page) {
                // The page stands as it was, its list is an object of its own.
                let list = dict.get(b"Annots").and_then(Object::as_reference);
                if list.is_ok_and(|list| open.contains(&list)) {
                    self.annotations(index, &dict, &dict);
                }
            }
            if annotations {
                self.changed_annotations(index, *page);
            }
        }
    }

    fn looks_like_annotation(&self, id: ObjectId) -> bool {
        self.changed
            .get(&id)
            .is_some_and(|change| matches!(&change.old, Object::Dictionary(dict) if dict.has(b"Rect") && dict.has(b"Subtype")))
    }

    fn page(&mut self, index: usize, id: ObjectId) {
        self.explained.insert(id);
        let Some((old, new)) = self.changed_dictionaries(id) else {
            self.report_at(Kind::PageContent, Some(id), None, Some(index), None);
            return;
        };
        for key in differing_keys(&old, &new) {
            match key.as_slice() {
                b"Annots" => {}
                // The order in which the keyboard walks through fields.
                b"Tabs" => {}
                b"StructParents" => {
                    let extended = !old.has(b"StructParents");
                    let kind = if extended {
                        Kind::StructureExtended
                    } else {
                        Kind::Structure
                    };
                    self.report_at(kind, Some(id), None, Some(index), None);
                }
                _ => {
                    let name = String::from_utf8_lossy(&key).into_owned();
                    self.report_at(Kind::PageContent, Some(id), None, Some(index), Some(name));
                }
            }
        }
        self.annotations(index, &old, &new);
    }

    /// Compares the lists of annotations of a page.
    fn annotations(&mut self, index: usize, old: &Dictionary, new: &Dictionary) {
        let list = |document: &Document, page: &Dictionary| match document.entry(page, b"Annots") {
            Ok(Object::Array(items)) => items,
            _ => Vec::new(),
        };
        let (was, is) = (list(&self.old, old), list(self.new, new));
        self.explained
            .extend(old.get(b"Annots").and_then(Object::as_reference).ok());
        for gone in was
            .iter()
            .filter(|item| !is.iter().any(|other| same(item, other)))
        {
            self.report_at(
                Kind::AnnotationRemoved,
                gone.as_reference().ok(),
                None,
                Some(index),
                None,
            );
        }
        let fields = self.new.fields().unwrap_or_default();
        for added in is
            .iter()
            .filter(|item| !was.iter().any(|other| same(item, other)))
        {
            let id = added.as_reference().ok();
            // The widget of a field: `form` has said what there is to say.
            if id.is_some_and(|id| {
                fields
                    .iter()
                    .any(|field| field.id == id || field.widgets.contains(&id))
            }) {
                continue;
            }
            self.report_at(Kind::AnnotationAdded, id, None, Some(index), None);
        }
    }

    /// Annotations that stay in their list and were changed.
    fn changed_annotations(&mut self, index: usize, page: ObjectId) {
        for item in crate::validate::found::annotations(&self.old, page) {
            let Ok(id) = item.as_reference() else {
                continue;
            };
            if self.explained.contains(&id) || !self.changed.contains_key(&id) {
                continue;
            }
            self.borrow(BTreeSet::from([id]));
            self.report_at(Kind::AnnotationChanged, Some(id), None, Some(index), None);
        }
    }
}
