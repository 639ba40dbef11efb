//! What a signature permits to be done after it: DocMDP, FieldMDP and the field's `/Lock` (ISO 32000-2, 12.8.2).

use antin_pdf::{Dictionary, Document, Object, text_string};

use super::found::Found;
use crate::report::LockFacts;

/// What may still be done.
#[derive(Debug, Clone, Default)]
pub(super) struct Permission {
    /// DocMDP P of this signature, if it certifies.
    pub(super) own_level: Option<u8>,
    /// P in force after it: its own, a stricter one of an earlier certification, or of its lock. `None` if nobody
    /// certified: then forms may be filled and signatures added, as ISO 32000 leaves it to the reader.
    pub(super) level: Option<u8>,
    pub(super) lock: Option<LockFacts>,
}

impl Permission {
    /// Filling in forms and signing.
    pub(super) fn allows_forms(&self) -> bool {
        self.level.is_none_or(|level| level >= 2)
    }

    /// Annotations. Where nobody certified, nobody permitted them: one that is white hides what was signed.
    pub(super) fn allows_annotations(&self) -> bool {
        self.level.is_some_and(|level| level >= 3)
    }

    /// Is a field locked? A name stands for everything below it.
    pub(super) fn locks(&self, field: &str) -> bool {
        let Some(lock) = &self.lock else { return false };
        let named = lock.fields.iter().any(|name| {
            field == name
                || field
                    .strip_prefix(name.as_str())
                    .is_some_and(|rest| rest.starts_with('.'))
        });
        match lock.action.as_str() {
            "Include" => named,
            "Exclude" => !named,
            // All; and whatever is not understood locks everything.
            _ => true,
        }
    }
}

/// Reads what the signature in `found` says, as of the revision it covers.
pub(super) fn read(document: &Document, found: &Found, revision: Option<usize>) -> Permission {
    let state = revision
        .and_then(|index| document.at_revision(index).ok())
        .unwrap_or_else(|| document.clone());
    let own_level = level_of(&state, &found.dict);
    let locked = lock_of(&state, found);
    let lock_level = locked.as_ref().and_then(|(_, level)| *level);
    let level = [own_level, lock_level, certification(&state)]
        .into_iter()
        .flatten()
        .min();
    Permission {
        own_level,
        level,
        lock: locked.map(|(lock, _)| lock),
    }
}

/// P of the signature that the catalog names as certification.
fn certification(state: &Document) -> Option<u8> {
    let catalog = state.catalog().ok()?;
    let Object::Dictionary(perms) = state.entry(&catalog, b"Perms").ok()? else {
        return None;
    };
    let Object::Dictionary(signature) = state.entry(&perms, b"DocMDP").ok()? else {
        return None;
    };
    Some(level_of(state, &signature).unwrap_or(2))
}

/// The parameters of a transform method among the references of a signature.
fn parameters(state: &Document, signature: &Dictionary, method: &[u8]) -> Option<Dictionary> {
    let Object::Array(references) = state.entry(signature, b"Reference").ok()? else {
        return None;
    };
    references.iter().find_map(|reference| {
        let Object::Dictionary(reference) = state.resolve(reference).ok()? else {
            return None;
        };
        let named = state.entry(&reference, b"TransformMethod").ok()?;
        if !matches!(named, Object::Name(name) if name == method) {
            return None;
        }
        match state.entry(&reference, b"TransformParams").ok()? {
            Object::Dictionary(parameters) => Some(parameters),
            _ => Some(Dictionary::new()),
        }
    })
}

fn level_of(state: &Document, signature: &Dictionary) -> Option<u8> {
    let parameters = parameters(state, signature, b"DocMDP")?;
    level(state, &parameters).or(Some(2))
}

/// `/P`; what is not 1, 2 or 3 permits nothing.
fn level(state: &Document, dict: &Dictionary) -> Option<u8> {
    match state.entry(dict, b"P").ok()? {
        Object::Null => None,
        Object::Integer(level @ 1..=3) => u8::try_from(level).ok(),
        _ => Some(1),
    }
}

/// FieldMDP of the signature, or the field's lock, and the lock's P.
fn lock_of(state: &Document, found: &Found) -> Option<(LockFacts, Option<u8>)> {
    let own = match state.entry(&found.field_dict, b"Lock") {
        Ok(Object::Dictionary(lock)) => Some(lock),
        _ => None,
    };
    let level = own.as_ref().and_then(|lock| level(state, lock));
    let dict = parameters(state, &found.dict, b"FieldMDP").or(own)?;
    let action = match state.entry(&dict, b"Action") {
        Ok(Object::Name(name)) => String::from_utf8_lossy(&name).into_owned(),
        _ => "All".to_owned(),
    };
    let fields = match state.entry(&dict, b"Fields") {
        Ok(Object::Array(items)) => items
            .iter()
            .filter_map(|item| text_string(&state.resolve(item).ok()?))
            .collect(),
        _ => Vec::new(),
    };
    Some((LockFacts { action, fields }, level))
}
