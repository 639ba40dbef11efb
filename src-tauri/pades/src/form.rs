//! Edits of the interactive form and of page annotations, each in the object where it lives:
//! what is indirect stays indirect, so that an update touches the fewest objects.

use antin_pdf::{Dictionary, Document, Object, ObjectId, Page, Rect, Update};

use crate::{
    Error,
    object::{dictionary, dictionary_of, literal, name, rectangle, text},
};

/// `/F`: drawn on paper too (ISO 32000-1, table 165).
pub(crate) const PRINT: i64 = 4;
/// `/F`: printed, and not moved or deleted in a viewer.
pub(crate) const PRINT_LOCKED: i64 = 4 | 128;

/// What a new widget field has in common, whatever its type.
pub(crate) struct Widget<'a> {
    pub(crate) kind: &'a str,
    pub(crate) name: &'a str,
    /// Read out by screen readers.
    pub(crate) description: &'a str,
    pub(crate) page: &'a Page,
    pub(crate) rect: Rect,
    pub(crate) flags: i64,
    pub(crate) appearance: Option<ObjectId>,
}

impl Widget<'_> {
    /// The merged field and widget dictionary, for the caller to complete.
    pub(crate) fn dictionary(&self) -> Dictionary {
        let mut dict = dictionary([
            ("Type", name("Annot")),
            ("Subtype", name("Widget")),
            ("FT", name(self.kind)),
            ("T", text(self.name)),
            ("TU", text(self.description)),
            ("P", Object::Reference(self.page.id)),
            ("Rect", rectangle(self.rect)),
            ("F", Object::Integer(self.flags)),
        ]);
        if let Some(appearance) = self.appearance {
            dict.set("AP", normal_appearance(appearance));
        }
        dict
    }
}

/// `/AP` with this form for every state.
pub(crate) fn normal_appearance(form: ObjectId) -> Object {
    Object::Dictionary(dictionary([("N", Object::Reference(form))]))
}

/// A default appearance: font, size, black.
pub(crate) fn default_appearance(font: &str, size: f64) -> Object {
    literal(&format!("/{font} {size} Tf 0 g"))
}

/// Reads font name and size from a default appearance.
pub(crate) fn read_default_appearance(bytes: &[u8]) -> Option<(String, f64)> {
    let content = String::from_utf8_lossy(bytes);
    let words: Vec<_> = content.split_ascii_whitespace().collect();
    let at = words.iter().position(|word| *word == "Tf")?;
    let font = words.get(at.checked_sub(2)?)?.strip_prefix('/')?;
    let size: f64 = words.get(at.checked_sub(1)?)?.parse().ok()?;
    (size.is_finite() && size > 0.0).then(|| (font.to_owned(), size))
}

/// Appends references to the array under `key`, wherever it lives. Returns whether `owner` itself changed.
fn append(
    update: &mut Update<'_>,
    owner: &mut Dictionary,
    key: &'static str,
    ids: &[ObjectId],
) -> Result<bool, Error> {
    let place = owner.get(key.as_bytes()).ok().cloned();
    let mut items = match place
        .as_ref()
        .map(|object| update.resolve(object))
        .transpose()?
    {
        Some(Object::Array(items)) => items,
        None | Some(Object::Null) => Vec::new(),
        Some(_) => return Err(Error::Malformed { what: key }),
    };
    items.extend(ids.iter().map(|id| Object::Reference(*id)));
    if let Some(Object::Reference(id)) = place {
        update.set(id, Object::Array(items));
        return Ok(false);
    }
    owner.set(key, Object::Array(items));
    Ok(true)
}

/// Puts widgets on their page.
pub(crate) fn add_to_page(
    update: &mut Update<'_>,
    page: ObjectId,
    ids: &[ObjectId],
) -> Result<(), Error> {
    let mut dict = update.dictionary(page)?;
    if append(update, &mut dict, "Annots", ids)? {
        update.set(page, Object::Dictionary(dict));
    }
    Ok(())
}

/// Puts fields into the form, makes it one with signatures, and adds fonts to its resources.
pub(crate) fn add_to_form(
    update: &mut Update<'_>,
    fields: &[ObjectId],
    fonts: &[(&str, ObjectId)],
) -> Result<(), Error> {
    let root = update.document().root_id();
    let mut catalog = update.dictionary(root)?;
    let place = catalog.get(b"AcroForm").ok().cloned();
    let mut form = match place
        .as_ref()
        .map(|object| update.resolve(object))
        .transpose()?
    {
        None | Some(Object::Null) => Dictionary::new(),
        Some(object) => dictionary_of(object, "AcroForm")?,
    };
    append(update, &mut form, "Fields", fields)?;
    // Signatures exist, and the file may only be appended to (ISO 32000-1, table 219).
    form.set("SigFlags", 3);
    if let Some(&(font, _)) = fonts.first() {
        add_fonts(update, &mut form, fonts)?;
        if !form.has(b"DA") {
            form.set(
                "DA",
                default_appearance(font, crate::TextStyle::NUMBER.size),
            );
        }
    }
    if let Some(Object::Reference(id)) = place {
        update.set(id, Object::Dictionary(form));
    } else {
        let id = update.add(Object::Dictionary(form));
        catalog.set("AcroForm", Object::Reference(id));
        update.set(root, Object::Dictionary(catalog));
    }
    Ok(())
}

fn add_fonts(
    update: &Update<'_>,
    form: &mut Dictionary,
    new: &[(&str, ObjectId)],
) -> Result<(), Error> {
    let inner = |owner: &Dictionary, key: &'static str| match owner.get(key.as_bytes()) {
        Err(_) => Ok(Dictionary::new()),
        Ok(object) => dictionary_of(update.resolve(object)?, key),
    };
    let mut resources = inner(form, "DR")?;
    let mut fonts = inner(&resources, "Font")?;
    for &(font, id) in new {
        fonts.set(font, Object::Reference(id));
    }
    resources.set("Font", Object::Dictionary(fonts));
    form.set("DR", Object::Dictionary(resources));
    Ok(())
}

/// Names a signature as the document's certification (ISO 32000-1, 12.8.4).
pub(crate) fn certify(update: &mut Update<'_>, signature: ObjectId) -> Result<(), Error> {
    let root = update.document().root_id();
    let mut catalog = update.dictionary(root)?;
    let mut permissions = match catalog.get(b"Perms") {
        Err(_) => Dictionary::new(),
        Ok(object) => dictionary_of(update.resolve(object)?, "Perms")?,
    };
    permissions.set("DocMDP", Object::Reference(signature));
    catalog.set("Perms", Object::Dictionary(permissions));
    update.set(root, Object::Dictionary(catalog));
    Ok(())
}

/// Refuses forms that are drawn by a program instead of from their pages.
pub(crate) fn refuse_xfa(document: &Document) -> Result<(), Error> {
    match document.form()? {
        Some((_, form)) if form.has(b"XFA") => Err(Error::XfaForm),
        _ => Ok(()),
    }
}

/// A `/Reference` entry that certifies with form filling allowed (ISO 32000-1, tables 253 and 254).
pub(crate) fn docmdp_reference(level: i64) -> Dictionary {
    signature_reference("DocMDP", dictionary([("P", Object::Integer(level))]))
}

/// A `/Reference` entry that enforces a field's `/Lock` (ISO 32000-1, tables 233 and 256).
pub(crate) fn fieldmdp_reference(document: &Document, lock: &Dictionary) -> Dictionary {
    let mut parameters = Dictionary::new();
    for key in ["Action", "Fields"] {
        if let Ok(value) = lock.get(key.as_bytes()) {
            parameters.set(key, value.clone());
        }
    }
    let mut reference = signature_reference("FieldMDP", parameters);
    reference.set("Data", Object::Reference(document.root_id()));
    reference
}

fn signature_reference(method: &str, mut parameters: Dictionary) -> Dictionary {
    parameters.set("Type", name("TransformParams"));
    parameters.set("V", name("1.2"));
    dictionary([
        ("Type", name("SigRef")),
        ("TransformMethod", name(method)),
        ("TransformParams", Object::Dictionary(parameters)),
    ])
}

/// The `/Lock` of a signature field: these fields stand still once it is signed.
pub(crate) fn lock(fields: &[String]) -> Dictionary {
    dictionary([
        ("Type", name("SigFieldLock")),
        ("Action", name("Include")),
        (
            "Fields",
            Object::Array(fields.iter().map(|field| text(field)).collect()),
        ),
    ])
}

/// Whether a rectangle is finite, not empty and meets the page.
pub(crate) fn lies_on(rect: Rect, page: &Page) -> bool {
    let paper = page.media_box;
    let finite = [rect.x0, rect.y0, rect.x1, rect.y1]
        .iter()
        .all(|value| value.is_finite());
    finite
        && rect.x1 - rect.x0 >= 1.0
        && rect.y1 - rect.y0 >= 1.0
        && rect.x0 < paper.x1
        && rect.x1 > paper.x0
        && rect.y0 < paper.y1
        && rect.y1 > paper.y0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn default_appearances_are_read_back() {
        let Object::String(bytes, _) = default_appearance("LiberationSerif-Italic", 13.5) else {
            panic!("a string")
        };
        assert_eq!(
            read_default_appearance(&bytes),
            Some(("LiberationSerif-Italic".to_owned(), 13.5))
        );
        assert_eq!(read_default_appearance(b"0 g"), None);
        assert_eq!(read_default_appearance(b"Tf"), None);
        assert_eq!(
            read_default_appearance(b"/F 0 Tf"),
            None,
            "size 0 means automatic"
        );
    }
}
