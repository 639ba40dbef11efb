//! Objects that one place explains must not serve another: a metadata stream that a page also draws, an appearance that
//! a page shows as its content.

use std::collections::{BTreeMap, BTreeSet};

use antin_pdf::{Dictionary, Object, ObjectId};

use super::{Diff, has_type, references};
use crate::report::{ModificationKind as Kind, object_name};

/// For each object, who refers to it.
pub(super) type Referrers = BTreeMap<ObjectId, BTreeSet<ObjectId>>;

/// The place that explains a changed object.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Place {
    /// Below DSS.
    Store,
    /// Document information, XMP.
    Metadata,
    /// Values and appearances of fields.
    Field,
    /// Default resources of the form.
    Resources,
    /// A page's annotations.
    Annotation,
    /// The logical structure.
    Structure,
}

impl Diff<'_> {
    /// Takes objects as explained, provided that nothing else refers to them.
    pub(super) fn borrow(&mut self, place: Place, ids: impl IntoIterator<Item = ObjectId>) {
        for id in ids {
            self.borrowed.insert((id, place));
            self.explained.insert(id);
        }
    }

    /// Reports borrowed objects with users that do not belong to their place.
    pub(super) fn shared(&mut self, referrers: &Referrers) {
        if self.borrowed.is_empty() {
            return;
        }
        let owners = self.owners();
        for (id, place) in self.borrowed.clone() {
            let users = referrers.get(&id).into_iter().flatten();
            let stranger = users
                .copied()
                .find(|user| !self.belongs(*user, id, place, &owners))
                .map(object_name);
            let by_trailer = self.old.trailer().iter().any(|(key, value)| {
                key != b"Info" && value.as_reference().is_ok_and(|target| target == id)
            });
            let stranger = stranger.or(by_trailer.then(|| "the trailer".to_owned()));
            if let Some(user) = stranger {
                let detail = Some(format!("also used by {user}"));
                self.report_at(Kind::Object, Some(id), None, None, detail);
            }
        }
    }

    /// For places that are looked for by following references: every object of the place.
    fn owners(&self) -> BTreeMap<Place, BTreeSet<ObjectId>> {
        let mut owners: BTreeMap<Place, BTreeSet<ObjectId>> = BTreeMap::new();
        let needed: BTreeSet<Place> = self.borrowed.iter().map(|(_, place)| *place).collect();
        let catalog = self.old.catalog().unwrap_or_default();
        if needed.contains(&Place::Store) {
            let store = catalog.get(b"DSS").cloned().unwrap_or(Object::Null);
            owners.insert(Place::Store, self.reach(&store));
        }
        let form = self.old.form().ok().flatten();
        if needed.contains(&Place::Resources) {
            let mut own: BTreeSet<ObjectId> = form.iter().filter_map(|(id, _)| *id).collect();
            own.extend(
                form.iter()
                    .filter_map(|(_, form)| form.get(b"DR").ok()?.as_reference().ok()),
            );
            owners.insert(Place::Resources, own);
        }
        if needed.contains(&Place::Field) {
            let mut own = BTreeSet::new();
            for field in self.old.fields().unwrap_or_default() {
                for widget in field.widgets.iter().chain([&field.id]) {
                    own.insert(*widget);
                    let appearance = self.old.dictionary(*widget).ok();
                    let appearance =
                        appearance.and_then(|dict| dict.get(b"AP").ok()?.as_reference().ok());
                    own.extend(appearance);
                }
            }
            owners.insert(Place::Field, own);
        }
        owners
    }

    /// Is it proper for `user` to refer to `id`, which belongs to `place`?
    fn belongs(
        &self,
        user: ObjectId,
        id: ObjectId,
        place: Place,
        owners: &BTreeMap<Place, BTreeSet<ObjectId>>,
    ) -> bool {
        if owners.get(&place).is_some_and(|own| own.contains(&user)) {
            return true;
        }
        if user == self.old.root_id() {
            let key: &[u8] = match place {
                Place::Store => b"DSS",
                Place::Metadata => b"Metadata",
                Place::Structure => b"StructTreeRoot",
                Place::Resources => b"AcroForm",
                Place::Field | Place::Annotation => return false,
            };
            return only_under(&self.old.catalog().unwrap_or_default(), key, id);
        }
        match self.old.object(user) {
            // A cross-reference stream repeats the trailer's reference to the document information.
            Ok(Object::Stream(stream)) => {
                place == Place::Metadata && has_type(&stream.dict, &[b"XRef"])
            }
            Ok(Object::Dictionary(dict)) => match place {
                Place::Annotation if has_type(&dict, &[b"Page"]) => {
                    only_under(&dict, b"Annots", id)
                }
                // Pop-ups and replies refer to annotations, the structure does.
                Place::Annotation => {
                    (dict.has(b"Subtype") && dict.has(b"Rect")) || is_structure(&dict)
                }
                Place::Structure => is_structure(&dict),
                // States of an appearance.
                Place::Field => false,
                _ => false,
            },
            // A page's list of annotations, an element's list of kids: nothing that draws is in them.
            Ok(Object::Array(_)) => matches!(place, Place::Annotation | Place::Structure),
            _ => false,
        }
    }

    /// Everything that `root` leads to in the signed document.
    fn reach(&self, root: &Object) -> BTreeSet<ObjectId> {
        let mut seen = BTreeSet::new();
        let mut waiting = vec![root.clone()];
        while let Some(object) = waiting.pop() {
            let mut ids = Vec::new();
            references::of(&object, &mut ids);
            for id in ids {
                if seen.len() < super::REACH_LIMIT && seen.insert(id) {
                    waiting.extend(self.old.object(id).ok());
                }
            }
        }
        seen
    }
}

/// Does a dictionary refer to an object under one key and no other?
fn only_under(dict: &Dictionary, key: &[u8], id: ObjectId) -> bool {
    let mut ids = Vec::new();
    let others = dict.iter().filter(|(other, _)| other.as_slice() != key);
    others.for_each(|(_, value)| references::of(value, &mut ids));
    !ids.contains(&id)
}

fn is_structure(dict: &Dictionary) -> bool {
    has_type(dict, &[b"StructTreeRoot", b"StructElem", b"OBJR"])
        || (dict.has(b"S") && dict.has(b"P"))
        || dict.has(b"Nums")
        || dict.has(b"Kids")
}
