//! The logical structure of a tagged document (ISO 32000-2, 14.7): it may grow with what is added, nothing of it may
//! change.

use antin_pdf::{Dictionary, Object, ObjectId};

use super::sharing::Place;
use super::{Diff, differing_keys, same};
use crate::report::ModificationKind as Kind;

impl Diff<'_> {
    pub(super) fn structure(&mut self) {
        let root = self
            .old
            .catalog()
            .ok()
            .and_then(|catalog| catalog.get(b"StructTreeRoot").ok()?.as_reference().ok());
        let Some(root) = root else { return };
        let mut touched: Vec<ObjectId> = Vec::new();
        if self.changed.contains_key(&root) {
            touched.push(root);
        }
        let elements = self.changed.iter().filter(|(id, change)| {
            let is_element = matches!(&change.old, Object::Dictionary(dict) if dict.has(b"S") && dict.has(b"P") && dict.has(b"K"));
            is_element && !self.explained.contains(id)
        });
        touched.extend(elements.map(|(id, _)| *id));
        touched.dedup();
        if touched.is_empty() {
            return;
        }
        // Elements belong to the tree, or they are something else.
        let tree = self.changed_below(&self.old, &Object::Reference(root));
        for id in touched
            .into_iter()
            .filter(|id| tree.contains(id) || *id == root)
        {
            let Some((old, new)) = self.changed_dictionaries(id) else {
                continue;
            };
            self.borrow(Place::Structure, [id]);
            let grows = if id == root {
                root_grows(&old, &new)
            } else {
                element_grows(&old, &new)
            };
            let kind = if grows {
                Kind::StructureExtended
            } else {
                Kind::Structure
            };
            self.report(kind, Some(id));
        }
        // Number trees say which element a place in the page belongs to.
        let trees: Vec<ObjectId> = self
            .changed
            .iter()
            .filter(|(id, change)| {
                tree.contains(id)
                    && !self.explained.contains(id)
                    && is_number_tree(&change.old)
                    && is_number_tree(&change.new)
            })
            .map(|(id, _)| *id)
            .collect();
        for id in trees {
            self.borrow(Place::Structure, [id]);
            self.report(Kind::StructureExtended, Some(id));
        }
    }
}

fn root_grows(old: &Dictionary, new: &Dictionary) -> bool {
    let keys = differing_keys(old, new);
    let known = keys
        .iter()
        .all(|key| matches!(key.as_slice(), b"K" | b"ParentTree" | b"ParentTreeNextKey"));
    known && kids_stay(old, new)
}

fn element_grows(old: &Dictionary, new: &Dictionary) -> bool {
    differing_keys(old, new).iter().all(|key| key == b"K") && kids_stay(old, new)
}

/// Every kid is still there, in its order. An object reference is the same if it refers to the same object.
fn kids_stay(old: &Dictionary, new: &Dictionary) -> bool {
    let (old, new) = (kids(old), kids(new));
    let mut rest = new.iter();
    old.iter().all(|kid| {
        rest.any(|other| {
            same(kid, other)
                || object_of(kid).is_some_and(|object| object_of(other) == Some(object))
        })
    })
}

fn kids(dict: &Dictionary) -> Vec<Object> {
    match dict.get(b"K") {
        Ok(Object::Array(items)) => items.clone(),
        Ok(Object::Null) | Err(_) => Vec::new(),
        Ok(one) => vec![one.clone()],
    }
}

/// `/Obj` of an object reference.
fn object_of(kid: &Object) -> Option<ObjectId> {
    kid.as_dict().ok()?.get(b"Obj").ok()?.as_reference().ok()
}

fn is_number_tree(object: &Object) -> bool {
    match object {
        Object::Dictionary(dict) => {
            (dict.has(b"Nums") || dict.has(b"Kids"))
                && dict.iter().all(|(key, _)| {
                    matches!(key.as_slice(), b"Nums" | b"Kids" | b"Limits" | b"Type")
                })
        }
        // A page's entry: the elements of its marked contents.
        Object::Array(items) => items
            .iter()
            .all(|item| matches!(item, Object::Reference(_) | Object::Null)),
        _ => false,
    }
}
