//! Values and appearances for fields that exist.

use antin_pdf::{Dictionary, Document, Field, Object, ObjectId, Page, Rect, Update};

use crate::{
    Error, TextStyle,
    appearance::{Draw, Frame, Text},
    font::{Face, Subset},
    form,
    object::text,
};

/// Writes value and appearance of text fields, with one font for each face.
pub(super) fn texts(
    update: &mut Update<'_>,
    values: &[(&Field, &str, TextStyle)],
) -> Result<(), Error> {
    let mut lines = Vec::new();
    let mut subsets = [Subset::new(Face::Regular)?, Subset::new(Face::Italic)?];
    let mut used = [false; 2];
    for &(field, value, default) in values {
        if value.is_empty() {
            return Err(Error::TextMissing {
                field: field.name.clone(),
            });
        }
        let style = style_of(update.document(), field, default)?;
        let [regular, italic] = &mut subsets;
        let subset = if style.italic { italic } else { regular };
        lines.push((field, value, style, subset.line(value)?));
        let [regular, italic] = &mut used;
        *(if style.italic { italic } else { regular }) = true;
    }
    let mut fonts = [None; 2];
    for ((font, subset), used) in fonts.iter_mut().zip(&subsets).zip(used) {
        if used {
            *font = Some(subset.embed(update)?);
        }
    }
    let [regular, italic] = fonts;
    for (field, value, style, line) in lines {
        let font = if style.italic { italic } else { regular }.ok_or(Error::Font)?;
        let widget = widget_of(update, field)?;
        // The size of its text is in user space, as the text beside it.
        let user_space = |rect, page: &Page| Frame::new(rect, page.rotate);
        let frame = frame_of(update.document(), &widget.1, user_space)?;
        let set = Text {
            field: &field.name,
            value,
            face: Face::of(style.italic),
            font,
            size: style.size,
        };
        let appearance = frame.text(update, &line, &set)?;
        set_value(update, field, widget, text(value), appearance)?;
    }
    Ok(())
}

/// Writes a signature and its drawing into a signature field.
pub(super) fn signature(
    update: &mut Update<'_>,
    field: &Field,
    draw: &Draw<'_>,
    signature: ObjectId,
) -> Result<(), Error> {
    let widget = widget_of(update, field)?;
    let frame = frame_of(update.document(), &widget.1, Frame::on)?;
    let appearance = draw(frame, update)?;
    set_value(
        update,
        field,
        widget,
        Object::Reference(signature),
        appearance,
    )
}

/// Size and slant a field asks for.
fn style_of(document: &Document, field: &Field, default: TextStyle) -> Result<TextStyle, Error> {
    let Ok(appearance) = field.dict.get(b"DA") else {
        return Ok(default);
    };
    let Object::String(appearance, _) = document.resolve(appearance)? else {
        return Ok(default);
    };
    Ok(
        form::read_default_appearance(&appearance).map_or(default, |(font, size)| TextStyle {
            size,
            italic: font == Face::Italic.resource(),
        }),
    )
}

/// A field's first widget: its id and raw dictionary.
fn widget_of(update: &Update<'_>, field: &Field) -> Result<(ObjectId, Dictionary), Error> {
    let id = field.widgets.first().copied().unwrap_or(field.id);
    Ok((id, update.dictionary(id)?))
}

fn frame_of(
    document: &Document,
    widget: &Dictionary,
    frame: impl Fn(Rect, &Page) -> Frame,
) -> Result<Frame, Error> {
    let rect = widget
        .get(b"Rect")
        .map_or(Ok(None), |rect| document.rect(rect))?
        .ok_or(Error::Malformed { what: "widget" })?;
    Ok(match widget.get(b"P") {
        Ok(Object::Reference(page)) => frame(rect, &document.page_at(*page)?),
        _ => Frame::new(rect, 0),
    })
}

/// Sets `/V` in the field and `/AP` in its widget, which are usually one dictionary.
fn set_value(
    update: &mut Update<'_>,
    field: &Field,
    (id, mut widget): (ObjectId, Dictionary),
    value: Object,
    appearance: ObjectId,
) -> Result<(), Error> {
    widget.set("AP", form::normal_appearance(appearance));
    if id == field.id {
        widget.set("V", value);
    } else {
        let mut owner = update.dictionary(field.id)?;
        owner.set("V", value);
        update.set(field.id, Object::Dictionary(owner));
    }
    update.set(id, Object::Dictionary(widget));
    Ok(())
}
