//! What no place in the document explains: said as what it is.

use std::collections::{BTreeMap, BTreeSet};

use antin_pdf::{Dictionary, Object, ObjectId};

use super::sharing::Referrers;
use super::{Diff, has_type, references};
use crate::report::ModificationKind as Kind;

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
        targets.extend(self.borrowed.iter().map(|(id, _)| *id));
        let (referrers, used_now) = self.referrers(&targets, &open);
        for id in self.created.clone() {
            if referrers.contains_key(&id) {
                self.report(Kind::MissingObjectFilled, Some(id));
            }
        }
        self.shared(&referrers);
        let (used, unused): (Vec<ObjectId>, Vec<ObjectId>) = open
            .into_iter()
            .partition(|id| referrers.contains_key(id) || used_now.contains(id));
        for id in unused {
            // Cross-reference streams, object streams, and what nobody uses.
            if !self.is_container(id) {
                self.report(Kind::UnusedObject, Some(id));
            }
        }
        let drawn = self.drawn_by_pages(&used);
        for id in used {
            self.classify(id, drawn.get(&id).copied());
        }
    }

    /// Who refers to `targets` in the signed document, and which of `open` anything refers to now. What no later revision
    /// touches refers to the same as before: it is read once.
    fn referrers(
        &self,
        targets: &BTreeSet<ObjectId>,
        open: &BTreeSet<ObjectId>,
    ) -> (Referrers, BTreeSet<ObjectId>) {
        if targets.is_empty() || !self.new.may_mention(targets) {
            return (Referrers::new(), BTreeSet::new());
        }
        let before = self.old.referrers(targets);
        let later: BTreeSet<ObjectId> = self
            .new
            .revisions()
            .iter()
            .skip(self.old.revisions().len())
            .flat_map(|revision| revision.touched.iter().chain(&revision.freed))
            .copied()
            .collect();
        let renewed: BTreeSet<u32> = later.iter().map(|id| id.0).collect();
        let stays =
            |users: &BTreeSet<ObjectId>| users.iter().any(|user| !renewed.contains(&user.0));
        let mut used: BTreeSet<ObjectId> = open
            .iter()
            .filter(|id| before.users.get(id).is_some_and(stays))
            .copied()
            .collect();
        for id in later.iter().chain(&before.unsettled) {
            let mut note = |target: ObjectId| {
                if open.contains(&target) {
                    used.insert(target);
                }
            };
            // What cannot be read refers to what stands before the place.
            let _ = self.new.each_reference(*id, &mut note);
        }
        (before.users, used)
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

    fn classify(&mut self, id: ObjectId, page: Option<usize>) {
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
        let kind = if page.is_some() {
            Kind::PageContent
        } else {
            Kind::Object
        };
        self.report_at(kind, Some(id), None, page, detail);
    }

    /// For each object the first page that draws with it, as far as the budget reaches: words of a report only.
    fn drawn_by_pages(&self, ids: &[ObjectId]) -> BTreeMap<ObjectId, usize> {
        const OBJECT_LIMIT: usize = 50_000;
        let mut drawn = BTreeMap::new();
        let mut seen = BTreeSet::new();
        let pages = self.old.page_ids().unwrap_or_default();
        for (index, page) in pages.iter().enumerate().filter(|_| !ids.is_empty()) {
            let Ok(page) = self.old.page_at(*page) else {
                continue;
            };
            let contents = page.dict.get(b"Contents").cloned().unwrap_or(Object::Null);
            let mut waiting = vec![contents, page.resources];
            while let Some(object) = waiting.pop() {
                let mut found = Vec::new();
                references::of(&object, &mut found);
                for id in found.into_iter().filter(|id| seen.insert(*id)) {
                    if ids.contains(&id) {
                        drawn.insert(id, index);
                    }
                    waiting.extend(self.old.object(id).ok());
                }
            }
            if seen.len() > OBJECT_LIMIT || drawn.len() == ids.len() {
                break;
            }
        }
        drawn
    }
}
