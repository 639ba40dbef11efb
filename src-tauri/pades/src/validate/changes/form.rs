//! The interactive form: fields, their values and their widgets.

use std::collections::{BTreeMap, BTreeSet};

use antin_pdf::{Dictionary, Document, Field, FieldKind, Object, ObjectId};

use super::sharing::Place;
use super::{Diff, differing_keys, same};
use crate::report::ModificationKind as Kind;

impl Diff<'_> {
    pub(super) fn form(&mut self) {
        let (Ok(old_fields), Ok(new_fields)) = (self.old.fields(), self.new.fields()) else {
            self.report(Kind::Unreadable, None);
            return;
        };
        self.form_dictionary();
        let old_ids: BTreeSet<ObjectId> = old_fields.iter().map(|field| field.id).collect();
        let by_id: BTreeMap<ObjectId, &Field> =
            new_fields.iter().map(|field| (field.id, field)).collect();
        for old in &old_fields {
            match by_id.get(&old.id) {
                Some(new) => self.field(old, new),
                None => self.report_at(
                    Kind::FormChanged,
                    Some(old.id),
                    Some(&old.name),
                    None,
                    Some("removed".into()),
                ),
            }
        }
        for new in new_fields.iter().filter(|new| !old_ids.contains(&new.id)) {
            self.new_field(new);
        }
        self.inner_fields(&old_fields, &new_fields);
    }

    fn form_dictionary(&mut self) {
        let read = |document: &Document| match document.form() {
            Ok(Some((id, dict))) => (id, dict),
            _ => (None, Dictionary::new()),
        };
        let ((old_id, old), (new_id, new)) = (read(&self.old), read(self.new));
        self.explained.extend(old_id);
        for key in differing_keys(&old, &new) {
            match key.as_slice() {
                // Fields are compared one by one, resources name by name.
                b"Fields" | b"SigFlags" | b"DR" => {}
                // How viewers draw values anew: it may be said where nothing was, or taken back.
                b"DA" | b"Q" if !old.has(&key) => {}
                b"NeedAppearances" if !matches!(new.get(&key), Ok(Object::Boolean(true))) => {}
                _ => {
                    let name = String::from_utf8_lossy(&key).into_owned();
                    self.report_at(Kind::FormChanged, new_id, None, None, Some(name));
                }
            }
        }
        // The list of fields may be an object of its own.
        self.explained
            .extend(old.get(b"Fields").and_then(Object::as_reference).ok());
        self.default_resources(&old, &new);
    }

    /// `/DR`: fonts may come, none may change.
    fn default_resources(&mut self, old: &Dictionary, new: &Dictionary) {
        let part =
            |document: &Document, dict: &Dictionary, key: &[u8]| match document.entry(dict, key) {
                Ok(Object::Dictionary(found)) => found,
                _ => Dictionary::new(),
            };
        let (old_resources, new_resources) =
            (part(&self.old, old, b"DR"), part(self.new, new, b"DR"));
        let mut own: BTreeSet<ObjectId> = old
            .get(b"DR")
            .and_then(Object::as_reference)
            .into_iter()
            .collect();
        for (key, value) in old_resources.iter() {
            own.extend(value.as_reference().ok());
            let (was, is) = (
                part(&self.old, &old_resources, key),
                part(self.new, &new_resources, key),
            );
            let kept = was
                .iter()
                .all(|(name, value)| is.get(name).is_ok_and(|new| same(value, new)));
            if !kept {
                let name = String::from_utf8_lossy(key).into_owned();
                self.report_at(
                    Kind::FormChanged,
                    None,
                    None,
                    None,
                    Some(format!("DR {name}")),
                );
            }
        }
        own.retain(|id| self.changed.contains_key(id));
        self.borrow(Place::Resources, own);
    }

    /// A field that was there before.
    fn field(&mut self, old: &Field, new: &Field) {
        let mut ids: Vec<ObjectId> = old.widgets.clone();
        ids.push(old.id);
        let mut keys: BTreeSet<Vec<u8>> = BTreeSet::new();
        for id in ids {
            let Some(change) = self.changed.get(&id) else {
                continue;
            };
            let (Object::Dictionary(was), Object::Dictionary(is)) = (&change.old, &change.new)
            else {
                self.report_at(Kind::FormChanged, Some(id), Some(&old.name), None, None);
                self.explained.insert(id);
                continue;
            };
            keys.extend(differing_keys(was, is));
            self.explained.insert(id);
        }
        // A value that is an object of its own, and appearances drawn anew in place.
        let mut below: BTreeSet<ObjectId> = old
            .value
            .as_ref()
            .and_then(|value| value.as_reference().ok())
            .filter(|_| old.kind != FieldKind::Signature)
            .filter(|id| self.changed.contains_key(id))
            .into_iter()
            .collect();
        if !below.is_empty() {
            keys.insert(b"V".to_vec());
        }
        let drawn = self.changed_appearances(old);
        if !drawn.is_empty() {
            keys.insert(b"AP".to_vec());
        }
        below.extend(drawn);
        self.borrow(Place::Field, below);
        if keys.contains(b"AP".as_slice()) {
            // An appearance kept as an object of its own must not serve anything else.
            let own = old.widgets.iter().filter_map(|widget| {
                let widget = self.old.dictionary(*widget).ok()?;
                widget.get(b"AP").ok()?.as_reference().ok()
            });
            let own: BTreeSet<ObjectId> = own.collect();
            self.borrow(Place::Field, own);
        }
        if !keys.is_empty() {
            self.judge_field(old, new, &keys);
        }
    }

    /// Appearance streams of a field's widgets that were changed in place.
    fn changed_appearances(&self, field: &Field) -> BTreeSet<ObjectId> {
        if !self
            .changed
            .values()
            .any(|change| matches!(change.old, Object::Stream(_) | Object::Dictionary(_)))
        {
            return BTreeSet::new();
        }
        let mut ids = BTreeSet::new();
        for widget in &field.widgets {
            let Ok(widget) = self.old.dictionary(*widget) else {
                continue;
            };
            let mut waiting: Vec<(Object, u8)> = widget
                .get(b"AP")
                .ok()
                .map(|value| (value.clone(), 0))
                .into_iter()
                .collect();
            while let Some((object, level)) = waiting.pop() {
                match object {
                    Object::Reference(id) => {
                        if self.changed.contains_key(&id) {
                            ids.insert(id);
                        }
                        if let Ok(Object::Dictionary(dict)) = self.old.object(id) {
                            waiting.push((Object::Dictionary(dict), level));
                        }
                    }
                    // N, R, D; below them the states.
                    Object::Dictionary(dict) if level < 2 => {
                        waiting.extend(dict.iter().map(|(_, value)| (value.clone(), level + 1)));
                    }
                    _ => {}
                }
            }
        }
        ids
    }

    fn judge_field(&mut self, old: &Field, new: &Field, keys: &BTreeSet<Vec<u8>>) {
        let name = Some(new.name.as_str());
        let page = self.page_of(new);
        // Value and looks; what writers add to a field they sign; marks of change.
        let harmless = |key: &[u8]| {
            matches!(
                key,
                b"V" | b"AP" | b"AS" | b"M" | b"RV" | b"I" | b"MK" | b"F" | b"DA" | b"Type"
            )
        };
        if let Some(other) = keys.iter().find(|key| !harmless(key)) {
            let detail = String::from_utf8_lossy(other).into_owned();
            self.report_at(Kind::FormChanged, Some(new.id), name, page, Some(detail));
            return;
        }
        if old.kind == FieldKind::Signature {
            let (was, is) = (is_signed(&self.old, old), is_signed(self.new, new));
            let kind = match (was, is) {
                (false, true) => self.signed_kind(new, Kind::FieldSigned),
                (true, true) if old.value == new.value => Kind::SignatureAppearance,
                (true, _) => Kind::SignatureReplaced,
                (false, false) => Kind::FormFilled,
            };
            self.report_at(kind, Some(new.id), name, page, None);
            return;
        }
        let kind = if self.permission.locks(&new.name) {
            Kind::LockedFieldChanged
        } else {
            Kind::FormFilled
        };
        self.report_at(kind, Some(new.id), name, page, None);
    }

    /// A field that was not there: it must be signed.
    fn new_field(&mut self, field: &Field) {
        let page = self.page_of(field);
        let kind = if field.kind == FieldKind::Signature && is_signed(self.new, field) {
            self.signed_kind(field, Kind::SignatureAdded)
        } else {
            Kind::FormChanged
        };
        let detail = (kind == Kind::FormChanged).then(|| "added".to_owned());
        self.report_at(kind, Some(field.id), Some(&field.name), page, detail);
    }

    fn signed_kind(&self, field: &Field, otherwise: Kind) -> Kind {
        let signature = field.value.as_ref().map(|value| self.new.resolve(value));
        match signature {
            Some(Ok(Object::Dictionary(dict))) if matches!(self.new.entry(&dict, b"SubFilter"), Ok(Object::Name(name)) if name == b"ETSI.RFC3161") => {
                Kind::TimestampAdded
            }
            _ => otherwise,
        }
    }

    /// Fields that only have kids: they may get more, which are judged for themselves.
    fn inner_fields(&mut self, old: &[Field], new: &[Field]) {
        let mut parents = BTreeSet::new();
        for field in old.iter().chain(new) {
            let mut dict = field.dict.clone();
            while let Some(id) = dict
                .get(b"Parent")
                .ok()
                .and_then(|parent| parent.as_reference().ok())
            {
                if !parents.insert(id) {
                    break;
                }
                match self.old.dictionary(id) {
                    Ok(parent) => dict = parent,
                    Err(_) => break,
                }
            }
        }
        for id in parents {
            if self.explained.contains(&id) {
                continue;
            }
            let Some((was, is)) = self.changed_dictionaries(id) else {
                continue;
            };
            self.explained.insert(id);
            let keys = differing_keys(&was, &is);
            if keys.iter().any(|key| key != b"Kids") {
                self.report(Kind::FormChanged, Some(id));
            }
        }
    }

    fn page_of(&self, field: &Field) -> Option<usize> {
        let widget = self.new.dictionary(*field.widgets.first()?).ok()?;
        let page = widget.get(b"P").and_then(Object::as_reference).ok()?;
        self.new.page_index(page).ok()?
    }
}

fn is_signed(document: &Document, field: &Field) -> bool {
    let value = field.value.as_ref().map(|value| document.resolve(value));
    matches!(value, Some(Ok(Object::Dictionary(dict))) if dict.has(b"Contents") && dict.has(b"ByteRange"))
}
