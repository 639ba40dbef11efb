//! Pages and their annotations.

use std::collections::BTreeSet;

use antin_pdf::{Dictionary, Document, Object, ObjectId};

use super::sharing::Place;
use super::{Diff, differing_keys, has_type, same};
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
        let lists = open.iter().any(|id| {
            matches!(
                self.changed.get(id).map(|change| &change.old),
                Some(Object::Array(_))
            )
        });
        let annotations = open.iter().any(|id| self.looks_like_annotation(*id));
        if !lists && !annotations {
            return self.changed_pages(&open);
        }
        let Ok(pages) = self.old.page_ids().map(<[ObjectId]>::to_vec) else {
            self.report(Kind::Unreadable, None);
            return;
        };
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

    /// The pages among `open`, where nothing else of a page was changed: the others need not be looked at.
    fn changed_pages(&mut self, open: &BTreeSet<ObjectId>) {
        let mut pages = Vec::new();
        for id in open {
            let may_be_page = match self.changed.get(id).map(|change| &change.old) {
                Some(Object::Dictionary(dict)) => !dict.has(b"Type") || has_type(dict, &[b"Page"]),
                _ => false,
            };
            if !may_be_page {
                continue;
            }
            match self.old.page_index(*id) {
                Ok(index) => pages.extend(index.map(|index| (index, *id))),
                Err(_) => return self.report(Kind::Unreadable, None),
            }
        }
        pages.sort_unstable();
        for (index, page) in pages {
            self.page(index, page);
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
        let (was_named, is_named) = (named(&was), named(&is));
        let stays = |item: &Object, named: &BTreeSet<ObjectId>, all: &[Object]| match item {
            Object::Reference(id) => named.contains(id),
            direct => all
                .iter()
                .take(DIRECT_LIMIT)
                .any(|other| same(direct, other)),
        };
        for gone in was.iter().filter(|item| !stays(item, &is_named, &is)) {
            let id = gone.as_reference().ok();
            self.report_at(Kind::AnnotationRemoved, id, None, Some(index), None);
        }
        let added: Vec<&Object> = is
            .iter()
            .filter(|item| !stays(item, &was_named, &was))
            .collect();
        if added.is_empty() {
            return;
        }
        // The widget of a field: `form` has said what there is to say.
        let fields = self.new.fields().unwrap_or_default();
        let widgets: BTreeSet<ObjectId> = fields
            .iter()
            .flat_map(|field| field.widgets.iter().copied().chain([field.id]))
            .collect();
        for item in added {
            let id = item.as_reference().ok();
            if !id.is_some_and(|id| widgets.contains(&id)) {
                self.report_at(Kind::AnnotationAdded, id, None, Some(index), None);
            }
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
            self.borrow(Place::Annotation, [id]);
            self.report_at(Kind::AnnotationChanged, Some(id), None, Some(index), None);
        }
    }
}

/// Annotations written directly into the list that are compared with each other; real pages have none or a few.
const DIRECT_LIMIT: usize = 1000;

fn named(list: &[Object]) -> BTreeSet<ObjectId> {
    list.iter()
        .filter_map(|item| item.as_reference().ok())
        .collect()
}
