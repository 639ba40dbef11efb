//! Finding signatures: every signature field with a value, and where the value lies in the file.

use std::ops::Range;

use antin_pdf::{Dictionary, Document, Error, FieldKind, Object, ObjectId, Rect, text_string};

/// A signature dictionary and its field.
pub(super) struct Found {
    /// Fully qualified name.
    pub(super) field: String,
    /// The field object.
    pub(super) field_id: ObjectId,
    /// The field's dictionary with inherited entries.
    pub(super) field_dict: Dictionary,
    /// The signature dictionary.
    pub(super) dict: Dictionary,
    /// The object it is in: its own, or the field.
    pub(super) object: ObjectId,
    /// Where the value of `/Contents` lies, delimiters included.
    pub(super) contents: Option<Range<u64>>,
    /// Index of the page its widget is on.
    pub(super) page: Option<usize>,
    /// The widget's rectangle, unless it is empty.
    pub(super) rect: Option<Rect>,
    /// `/SubFilter`, empty if there is none.
    pub(super) sub_filter: String,
    /// `/M`
    pub(super) time: Option<String>,
    /// `/Name`
    pub(super) name: Option<String>,
    /// `/Reason`
    pub(super) reason: Option<String>,
    /// `/Location`
    pub(super) location: Option<String>,
}

/// Pages looked at for a widget that does not name its page.
const PAGE_LIMIT: usize = 2000;

/// All signed signature fields.
pub(super) fn signatures(document: &Document) -> Result<Vec<Found>, Error> {
    let mut all = Vec::new();
    for field in document.fields()? {
        let (FieldKind::Signature, Some(value)) = (field.kind, &field.value) else {
            continue;
        };
        let Object::Dictionary(dict) = document.resolve(value)? else {
            continue;
        };
        if !dict.has(b"Contents") && !dict.has(b"ByteRange") {
            continue;
        }
        let (object, contents) = match value {
            Object::Reference(id) => (*id, document.contents_span(*id)?),
            _ => (
                field.id,
                document.value_span(field.id, &[b"V", b"Contents"])?,
            ),
        };
        let (page, rect) = field
            .widgets
            .first()
            .map_or((None, None), |widget| place(document, *widget));
        all.push(Found {
            field: field.name,
            field_id: field.id,
            field_dict: field.dict,
            object,
            contents,
            page,
            rect,
            sub_filter: sub_filter(document, &dict),
            time: text(document, &dict, b"M"),
            name: text(document, &dict, b"Name"),
            reason: text(document, &dict, b"Reason"),
            location: text(document, &dict, b"Location"),
            dict,
        });
    }
    Ok(all)
}

/// Page and rectangle of a widget, as far as they are known.
fn place(document: &Document, widget: ObjectId) -> (Option<usize>, Option<Rect>) {
    let Ok(dict) = document.dictionary(widget) else {
        return (None, None);
    };
    let rect = dict
        .get(b"Rect")
        .ok()
        .and_then(|rect| document.rect(rect).ok().flatten())
        .filter(|rect| rect.width() > 0.0 && rect.height() > 0.0);
    let named = dict.get(b"P").and_then(Object::as_reference).ok();
    let named = named.and_then(|id| document.page_index(id).ok()?);
    let page = named.or_else(|| {
        document
            .page_ids()
            .ok()?
            .iter()
            .take(PAGE_LIMIT)
            .position(|page| annotations(document, *page).contains(&Object::Reference(widget)))
    });
    (page, rect)
}

/// The entries of a page's `/Annots`.
pub(super) fn annotations(document: &Document, page: ObjectId) -> Vec<Object> {
    let list = document
        .dictionary(page)
        .and_then(|page| document.entry(&page, b"Annots"));
    match list {
        Ok(Object::Array(items)) => items,
        _ => Vec::new(),
    }
}

/// A text entry of a signature dictionary.
fn text(document: &Document, dict: &Dictionary, key: &[u8]) -> Option<String> {
    let value = document.entry(dict, key).ok()?;
    text_string(&value).filter(|text| !text.is_empty())
}

fn sub_filter(document: &Document, dict: &Dictionary) -> String {
    match document.entry(dict, b"SubFilter") {
        Ok(Object::Name(name)) => String::from_utf8_lossy(&name).into_owned(),
        _ => String::new(),
    }
}
