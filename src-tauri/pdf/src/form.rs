//! The interactive form's terminal fields (ISO 32000-2, 12.7).

use std::collections::HashSet;

use lopdf::{Dictionary, Object, ObjectId};

use crate::{Damage, Document, Error, Limit, parse::text_string};

/// Fields and their widgets. The largest real forms have a few thousand.
const MAX_FIELDS: usize = 100_000;
/// Levels of the field tree.
const MAX_LEVELS: usize = 32;
/// Bytes of one fully qualified name: partial names add up over the levels.
const MAX_NAME: usize = 64 << 10;
/// What a field takes from its ancestors (Table 226, 228).
const INHERITED: [&[u8]; 8] = [b"FT", b"Ff", b"V", b"DV", b"DA", b"Q", b"MaxLen", b"Opt"];

/// A field's type (`/FT`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FieldKind {
    /// `Sig`
    Signature,
    /// `Tx`
    Text,
    /// `Btn`
    Button,
    /// `Ch`
    Choice,
    /// None, or one that the standard does not know.
    Other,
}

/// A terminal field.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Field {
    /// The field object.
    pub id: ObjectId,
    /// Fully qualified name (12.7.4.2).
    pub name: String,
    /// Its type.
    pub kind: FieldKind,
    /// Its dictionary with the inherited entries filled in; `/DA` and `/Q` come from the form's defaults last.
    pub dict: Dictionary,
    /// Its widget annotations; the field itself when the two are one object.
    pub widgets: Vec<ObjectId>,
    /// `/V` as written, a reference not followed; `None` when there is none.
    pub value: Option<Object>,
}

struct Walk<'a> {
    document: &'a Document,
    seen: HashSet<ObjectId>,
    fields: Vec<Field>,
}

impl Document {
    /// The form dictionary, with its id when it is an object of its own; `None` when the document has no form.
    ///
    /// # Errors
    ///
    /// [`Damage::Form`] when `/AcroForm` is no dictionary, and as [`Document::object`].
    pub fn form(&self) -> Result<Option<(Option<ObjectId>, Dictionary)>, Error> {
        let catalog = self.catalog()?;
        let entry = catalog.get(b"AcroForm").cloned().unwrap_or(Object::Null);
        match self.resolve(&entry)? {
            Object::Null => Ok(None),
            Object::Dictionary(dict) => Ok(Some((entry.as_reference().ok(), dict))),
            _ => Err(Error::damaged(Damage::Form, self.offset(self.root_id()))),
        }
    }

    /// All terminal fields in the order of the tree.
    ///
    /// # Errors
    ///
    /// [`Error::Damaged`] with [`Damage::Form`] when the tree has a loop, the same field twice, or a field that is no
    /// indirect object; [`Error::TooBig`].
    pub fn fields(&self) -> Result<Vec<Field>, Error> {
        let Some((_, form)) = self.form()? else {
            return Ok(Vec::new());
        };
        let mut defaults = Dictionary::new();
        for key in [&b"DA"[..], b"Q"] {
            if let Ok(value) = form.get(key) {
                defaults.set(key, value.clone());
            }
        }
        let roots = match self.entry(&form, b"Fields")? {
            Object::Null => Vec::new(),
            Object::Array(roots) => roots,
            _ => return Err(Error::damaged(Damage::Form, self.offset(self.root_id()))),
        };
        let mut walk = Walk {
            document: self,
            seen: HashSet::new(),
            fields: Vec::new(),
        };
        for root in &roots {
            walk.field(root, &defaults, "", 0)?;
        }
        Ok(walk.fields)
    }
}

impl Walk<'_> {
    fn field(
        &mut self,
        reference: &Object,
        above: &Dictionary,
        prefix: &str,
        level: usize,
    ) -> Result<(), Error> {
        let wrong = |id: ObjectId| Error::damaged(Damage::Form, self.document.offset(id));
        let id = reference
            .as_reference()
            .map_err(|_| wrong(self.document.root_id()))?;
        if self.seen.len() >= MAX_FIELDS {
            return Err(Error::TooBig {
                what: Limit::Fields,
                limit: MAX_FIELDS as u64,
            });
        }
        if level > MAX_LEVELS || self.seen.contains(&id) {
            return Err(wrong(id));
        }
        let object = self.document.object(id)?;
        let mut dict = match object {
            Object::Dictionary(dict) => dict,
            // A reference to an object that was deleted is a reference to null: no field.
            Object::Null => return Ok(()),
            _ => return Err(wrong(id)),
        };
        self.seen.insert(id);
        let name = qualified(prefix, dict.get(b"T").ok().and_then(text_string));
        if name.len() > MAX_NAME {
            return Err(Error::TooBig {
                what: Limit::Fields,
                limit: MAX_NAME as u64,
            });
        }
        let mut inherited = Dictionary::new();
        for key in INHERITED {
            if let Ok(value) = dict.get(key).or_else(|_| above.get(key)) {
                inherited.set(key, value.clone());
            }
        }
        let kids = match self.document.entry(&dict, b"Kids")? {
            Object::Null => Vec::new(),
            Object::Array(kids) => kids,
            _ => return Err(Error::damaged(Damage::Form, self.document.offset(id))),
        };
        let (fields, widgets) = self.split(&kids)?;
        if !fields.is_empty() {
            for kid in &fields {
                self.field(kid, &inherited, &name, level + 1)?;
            }
            return Ok(());
        }
        self.seen.extend(&widgets);
        let widgets = if kids.is_empty() && dict.get(b"Subtype").is_ok() {
            vec![id]
        } else {
            widgets
        };
        for (key, value) in inherited {
            dict.set(key, value);
        }
        let kind = match self.document.entry(&dict, b"FT")? {
            Object::Name(kind) => field_kind(&kind),
            _ => FieldKind::Other,
        };
        let value = dict
            .get(b"V")
            .ok()
            .filter(|value| !value.is_null())
            .cloned();
        self.fields.push(Field {
            id,
            name,
            kind,
            dict,
            widgets,
            value,
        });
        Ok(())
    }

    /// Kids that are fields (they have a partial name), and kids that are only widgets.
    fn split(&self, kids: &[Object]) -> Result<(Vec<Object>, Vec<ObjectId>), Error> {
        let (mut fields, mut widgets) = (Vec::new(), Vec::new());
        for kid in kids {
            let id = kid
                .as_reference()
                .map_err(|_| Error::damaged(Damage::Form, 0))?;
            if self.seen.contains(&id)
                || self.seen.len() + fields.len() + widgets.len() > MAX_FIELDS
            {
                return Err(Error::damaged(Damage::Form, self.document.offset(id)));
            }
            match self.document.object(id)? {
                Object::Dictionary(dict) if dict.has(b"T") || dict.has(b"Kids") => {
                    fields.push(kid.clone())
                }
                Object::Dictionary(_) => widgets.push(id),
                _ => {}
            }
        }
        Ok((fields, widgets))
    }
}

fn qualified(prefix: &str, own: Option<String>) -> String {
    match own {
        None => prefix.to_owned(),
        Some(own) if prefix.is_empty() => own,
        Some(own) => format!("{prefix}.{own}"),
    }
}

fn field_kind(kind: &[u8]) -> FieldKind {
    match kind {
        b"Sig" => FieldKind::Signature,
        b"Tx" => FieldKind::Text,
        b"Btn" => FieldKind::Button,
        b"Ch" => FieldKind::Choice,
        _ => FieldKind::Other,
    }
}
