//! What no place in the document explains: said as what it is.

use std::collections::{BTreeMap, BTreeSet};

use antin_pdf::{Dictionary, Object, ObjectId};

use super::{Diff, references};
use crate::report::{ModificationKind as Kind, object_name};

impl Diff<'_> {
    pub(super) fn leftovers(&mut self) {
        let open: BTreeSet<ObjectId> = self
            .changed
            .keys()
            .filter(|id| !self.explained.contains(id))
            .copied()
            .collect();
        // New objects matter if the signed document already referred to them.
        let mut targets: BTreeSet<ObjectId> = self.created.clone();
        targets.extend(&open);
        targets.extend(&self.borrowed);
        let referrers = references::to(&self.old, &targets);
        for id in self.created.clone() {
            if referrers.contains_key(&id) {
                self.report(Kind::MissingObjectFilled, Some(id));
            }
        }
        for id in self.borrowed.clone() {
            self.shared(id, &referrers);
        }
        let used_now = references::to(self.new, &open);
        for id in open {
            if !referrers.contains_key(&id) && !used_now.contains_key(&id) {
                // Cross-reference streams, object streams, and what nobody uses.
                if !self.is_container(id) {
                    self.report(Kind::UnusedObject, Some(id));
                }
                continue;
            }
            self.classify(id);
        }
    }

    /// An object explained by one use must not have another.
    fn shared(&mut self, id: ObjectId, referrers: &BTreeMap<ObjectId, BTreeSet<ObjectId>>) {
        let none = BTreeSet::new();
        let users = referrers.get(&id).unwrap_or(&none);
        let by_object = users
            .iter()
            .find(|user| !self.is_proper_use(**user, id))
            .copied();
        let by_trailer = self.old.trailer().iter().any(|(key, value)| {
            key != b"Info" && value.as_reference().is_ok_and(|target| target == id)
        });
        if let Some(user) = by_object {
            let detail = Some(format!("also used by {}", object_name(user)));
            self.report_at(Kind::Object, Some(id), None, None, detail);
        } else if by_trailer {
            self.report_at(
                Kind::Object,
                Some(id),
                None,
                None,
                Some("also used by the trailer".to_owned()),
            );
        }
    }

    /// Uses by which changing `id` would change what is drawn are not proper: page contents and resources, and forms
    /// that draw it. A page lists its annotations, the catalog its metadata and validation data.
    fn is_proper_use(&self, user: ObjectId, id: ObjectId) -> bool {
        let reference = Object::Reference(id);
        if user == self.old.root_id() {
            let catalog = self.old.catalog().unwrap_or_default();
            return catalog.iter().all(|(key, value)| {
                matches!(
                    key.as_slice(),
                    b"Metadata" | b"DSS" | b"AcroForm" | b"StructTreeRoot"
                ) || value != &reference
            });
        }
        match self.old.object(user) {
            Ok(Object::Stream(stream)) => has_type(&stream.dict, &[b"XRef"]),
            Ok(Object::Dictionary(dict)) if has_type(&dict, &[b"Page"]) => {
                let kept = dict.iter().filter(|(key, _)| key.as_slice() != b"Annots");
                let mut ids = Vec::new();
                kept.for_each(|(_, value)| references::of(value, &mut ids));
                !ids.contains(&id)
            }
            Ok(Object::Dictionary(dict)) => {
                !["XObject", "ProcSet", "ExtGState", "Pattern", "Resources"]
                    .iter()
                    .any(|key| dict.has(key.as_bytes()))
            }
            _ => true,
        }
    }

    fn is_container(&self, id: ObjectId) -> bool {
        let is = |object: &Object| {
            matches!(object, Object::Null)
                || matches!(object, Object::Stream(stream) if has_type(&stream.dict, &[b"XRef", b"ObjStm"]))
        };
        self.changed
            .get(&id)
            .is_some_and(|change| is(&change.old) && is(&change.new))
    }

    fn classify(&mut self, id: ObjectId) {
        let Some(change) = self.changed.get(&id) else {
            return;
        };
        let dict = match &change.old {
            Object::Dictionary(dict) => dict.clone(),
            Object::Stream(stream) => stream.dict.clone(),
            _ => Dictionary::new(),
        };
        let name = dict
            .get(b"Type")
            .or(dict.get(b"Subtype"))
            .and_then(Object::as_name)
            .ok();
        let detail = name.map(|name| String::from_utf8_lossy(name).into_owned());
        if has_type(&dict, &[b"Pages", b"Page"]) {
            return self.report_at(Kind::PageTree, Some(id), None, None, detail);
        }
        if has_type(&dict, &[b"StructTreeRoot", b"StructElem"]) {
            return self.report_at(Kind::Structure, Some(id), None, None, detail);
        }
        match self.page_drawing(id) {
            Some(page) => self.report_at(Kind::PageContent, Some(id), None, Some(page), detail),
            None => self.report_at(Kind::Object, Some(id), None, None, detail),
        }
    }

    /// The first page that draws with an object.
    fn page_drawing(&self, id: ObjectId) -> Option<usize> {
        /// Pages searched for the words of a report.
        const PAGE_LIMIT: usize = 500;
        let pages = self.old.page_ids().ok()?;
        pages.iter().take(PAGE_LIMIT).position(|page| {
            let Ok(page) = self.old.page_at(*page) else {
                return false;
            };
            let contents = page.dict.get(b"Contents").cloned().unwrap_or(Object::Null);
            [contents, page.resources]
                .iter()
                .any(|root| self.changed_below(&self.old, root).contains(&id))
        })
    }
}

fn has_type(dict: &Dictionary, types: &[&[u8]]) -> bool {
    dict.get(b"Type")
        .and_then(Object::as_name)
        .is_ok_and(|name| types.contains(&name))
}
