//! What an object refers to.

use antin_pdf::{Object, ObjectId};

/// Levels of direct objects; the reader's own limit is lower.
const DEPTH_LIMIT: usize = 512;

/// All references inside an object.
pub(super) fn of(object: &Object, ids: &mut Vec<ObjectId>) {
    collect(object, ids, DEPTH_LIMIT);
}

fn collect(object: &Object, ids: &mut Vec<ObjectId>, depth: usize) {
    let Some(depth) = depth.checked_sub(1) else {
        return;
    };
    match object {
        Object::Reference(id) => ids.push(*id),
        Object::Array(items) => items.iter().for_each(|item| collect(item, ids, depth)),
        Object::Dictionary(dict) => dict
            .iter()
            .for_each(|(_, value)| collect(value, ids, depth)),
        Object::Stream(stream) => stream
            .dict
            .iter()
            .for_each(|(_, value)| collect(value, ids, depth)),
        _ => {}
    }
}
