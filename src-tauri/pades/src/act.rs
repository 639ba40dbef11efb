//! The acts as edits of a document: which fields, appearances and entries each one writes.

use antin_pdf::{Dictionary, Document, Field, Object, ObjectId, Page, Rect, Update};

use crate::{
    Approve, Error, Image, Issue, Place, Plain, TextPlace, TextStyle,
    appearance::{Frame, Text},
    field::{Permission, PreparedFields, Set, field_name, is_signed},
    font::{ASCENT, DESCENT, Face, Subset},
    form::{self, PRINT, PRINT_LOCKED, Widget},
    object::{dictionary_of, text},
};

/// Glyphs a viewer finds in the form's own fonts if it must draw a field again.
const FORM_GLYPHS: &str = "0123456789/-.";
/// Space above and below a line in its field, in points.
const LINE_MARGIN: f64 = 1.5;

/// What an act wrote, for the signature that will cover it.
pub(crate) struct Written {
    /// The signature field's fully qualified name.
    pub(crate) field: String,
    /// `/Reference` entries of the signature dictionary.
    pub(crate) references: Vec<Dictionary>,
}

/// Writes everything of an approval but the signature dictionary.
pub(crate) fn approve(
    update: &mut Update<'_>,
    act: &Approve,
    signature: ObjectId,
) -> Result<Written, Error> {
    let document = update.document();
    let fields = document.fields()?;
    for field in &fields {
        if is_signed(document, field)? {
            return Err(Error::AlreadySigned {
                field: field.name.clone(),
            });
        }
    }
    let mut builder = Builder {
        update,
        set: Set::free(&fields)?,
        widgets: Vec::new(),
    };
    let field = builder.set.name(field_name::LEADER);
    builder.signed(
        &field,
        "Chữ ký của người có thẩm quyền",
        act.place,
        Some(&act.image),
        signature,
    )?;
    let mut fonts = Vec::new();
    if let Some(places) = &act.fields {
        let blanks = [
            (field_name::NUMBER, "Số văn bản", 15, Some(places.number)),
            (field_name::DAY, "Ngày ban hành", 2, places.day),
            (field_name::MONTH, "Tháng ban hành", 2, places.month),
        ];
        let mut locked = Vec::new();
        for (base, description, length, place) in blanks {
            let Some(place) = place else { continue };
            let name = builder.set.name(base);
            builder.blank(&name, description, length, place)?;
            locked.push(name);
            builder.form_font(place.style, &mut fonts)?;
        }
        let lock = builder.update.add(Object::Dictionary(form::lock(&locked)));
        let name = builder.set.name(field_name::SEAL);
        builder.unsigned(&name, "Dấu của cơ quan, tổ chức", places.seal, Some(lock))?;
        if let Some(place) = places.incoming {
            let name = builder.set.name(field_name::INCOMING);
            builder.unsigned(&name, "Dấu văn bản đến", place, None)?;
        }
    }
    builder.place(&fonts)?;
    form::certify(update, signature)?;
    Ok(Written {
        field,
        references: vec![form::docmdp_reference(2)],
    })
}

/// Fills the prepared fields and puts the signature into the seal's.
pub(crate) fn issue(
    update: &mut Update<'_>,
    act: &Issue,
    signature: ObjectId,
) -> Result<Written, Error> {
    let document = update.document();
    let fields = document.fields()?;
    let prepared = PreparedFields::find(document, &fields)?;
    if Permission::of(document, &fields)? == Permission::Nothing {
        return Err(Error::Locked);
    }
    let texts = [
        (Some(prepared.number), &act.number, TextStyle::NUMBER),
        (prepared.day, &act.day, TextStyle::DATE),
        (prepared.month, &act.month, TextStyle::DATE),
    ];
    let texts = texts
        .into_iter()
        .filter_map(|(field, value, style)| Some((field?, value.trim(), style)));
    fill(update, &texts.collect::<Vec<_>>())?;

    let seal = prepared.seal;
    let widget = widget_of(update, seal)?;
    let frame = frame_of(document, &widget.1)?;
    let appearance = frame.picture(update, &act.seal);
    set_value(
        update,
        seal,
        widget,
        Object::Reference(signature),
        appearance,
    )?;
    let mut references = Vec::new();
    if let Ok(lock) = seal.dict.get(b"Lock") {
        let lock = dictionary_of(document.resolve(lock)?, "Lock")?;
        references.push(form::fieldmdp_reference(document, &lock));
    }
    Ok(Written {
        field: seal.name.clone(),
        references,
    })
}

/// Adds a field of its own and signs it.
pub(crate) fn plain(
    update: &mut Update<'_>,
    act: &Plain,
    signature: ObjectId,
) -> Result<Written, Error> {
    let document = update.document();
    let fields = document.fields()?;
    if Permission::of(document, &fields)? == Permission::Nothing {
        return Err(Error::Locked);
    }
    let field = Set::free_plain_name(&fields)?;
    let mut builder = Builder {
        update,
        set: Set::free(&fields)?,
        widgets: Vec::new(),
    };
    match &act.appearance {
        Some((place, image)) => {
            builder.signed(&field, "Chữ ký số", *place, Some(image), signature)?
        }
        None => {
            let nowhere = Place {
                page: 0,
                rect: Rect {
                    x0: 0.0,
                    y0: 0.0,
                    x1: 0.0,
                    y1: 0.0,
                },
            };
            builder.signed(&field, "Chữ ký số", nowhere, None, signature)?;
        }
    }
    builder.place(&[])?;
    Ok(Written {
        field,
        references: Vec::new(),
    })
}

/// Collects new fields and puts them where they belong at the end, each page and the form once.
struct Builder<'u, 'd> {
    update: &'u mut Update<'d>,
    set: Set,
    /// Page and widget.
    widgets: Vec<(ObjectId, ObjectId)>,
}

impl Builder<'_, '_> {
    fn page(&self, place: Place) -> Result<Page, Error> {
        let outside = Error::PlaceOutside { page: place.page };
        if place.page >= self.update.document().page_count()? {
            return Err(outside);
        }
        let page = self.update.document().page(place.page)?;
        if form::lies_on(place.rect, &page) {
            Ok(page)
        } else {
            Err(outside)
        }
    }

    fn add(&mut self, page: ObjectId, widget: Dictionary) {
        let id = self.update.add(Object::Dictionary(widget));
        self.widgets.push((page, id));
    }

    /// A signature field with its signature; without an image it is invisible and its place's rectangle is nothing.
    fn signed(
        &mut self,
        field: &str,
        description: &str,
        place: Place,
        image: Option<&Image>,
        signature: ObjectId,
    ) -> Result<(), Error> {
        let page = if image.is_some() {
            self.page(place)?
        } else {
            self.update.document().page(place.page)?
        };
        let appearance =
            image.map(|image| Frame::new(place.rect, page.rotate).picture(self.update, image));
        let widget = Widget {
            kind: "Sig",
            name: field,
            description,
            page: &page,
            rect: place.rect,
            flags: PRINT_LOCKED,
            appearance,
        };
        let mut dict = widget.dictionary();
        dict.set("V", Object::Reference(signature));
        self.add(page.id, dict);
        Ok(())
    }

    /// An empty signature field.
    fn unsigned(
        &mut self,
        field: &str,
        description: &str,
        place: Place,
        lock: Option<ObjectId>,
    ) -> Result<(), Error> {
        let page = self.page(place)?;
        let appearance = Some(Frame::new(place.rect, page.rotate).empty(self.update));
        let (flags, rect) = (PRINT_LOCKED, place.rect);
        let mut dict = Widget {
            kind: "Sig",
            name: field,
            description,
            page: &page,
            rect,
            flags,
            appearance,
        }
        .dictionary();
        if let Some(lock) = lock {
            dict.set("Lock", Object::Reference(lock));
        }
        self.add(page.id, dict);
        Ok(())
    }

    /// An empty text field whose centred line stands on the neighbouring text's baseline.
    fn blank(
        &mut self,
        field: &str,
        description: &str,
        length: i64,
        blank: TextPlace,
    ) -> Result<(), Error> {
        let page = self.page(blank.place)?;
        let mut rect = blank.place.rect;
        let size = blank.style.size;
        if let Some(line) = blank.baseline {
            (rect.y0, rect.y1) = (
                line - DESCENT * size - LINE_MARGIN,
                line + ASCENT * size + LINE_MARGIN,
            );
        }
        if !size.is_finite() || size < 1.0 || !form::lies_on(rect, &page) {
            return Err(Error::PlaceOutside {
                page: blank.place.page,
            });
        }
        let appearance = Some(Frame::new(rect, page.rotate).empty(self.update));
        let widget = Widget {
            kind: "Tx",
            name: field,
            description,
            page: &page,
            rect,
            flags: PRINT,
            appearance,
        };
        let mut dict = widget.dictionary();
        dict.set(
            "DA",
            form::default_appearance(Face::of(blank.style.italic).resource(), size),
        );
        dict.set("Q", 1);
        dict.set("MaxLen", length);
        self.add(page.id, dict);
        Ok(())
    }

    /// Embeds the form's font for a style, once for each face.
    fn form_font(
        &mut self,
        style: TextStyle,
        fonts: &mut Vec<(&'static str, ObjectId)>,
    ) -> Result<(), Error> {
        let face = Face::of(style.italic);
        if fonts.iter().all(|&(name, _)| name != face.resource()) {
            let mut subset = Subset::new(face)?;
            subset.line(FORM_GLYPHS)?;
            fonts.push((face.resource(), subset.embed(self.update)?));
        }
        Ok(())
    }

    /// Puts the widgets on their pages and the fields into the form.
    fn place(self, fonts: &[(&str, ObjectId)]) -> Result<(), Error> {
        let mut pages: Vec<ObjectId> = self.widgets.iter().map(|&(page, _)| page).collect();
        pages.sort_unstable();
        pages.dedup();
        for page in pages {
            let widgets: Vec<_> = self
                .widgets
                .iter()
                .filter(|&&(of, _)| of == page)
                .map(|&(_, id)| id)
                .collect();
            form::add_to_page(self.update, page, &widgets)?;
        }
        let fields: Vec<_> = self.widgets.iter().map(|&(_, id)| id).collect();
        form::add_to_form(self.update, &fields, fonts)
    }
}

/// Writes value and appearance of text fields, with one font for each face.
fn fill(update: &mut Update<'_>, texts: &[(&Field, &str, TextStyle)]) -> Result<(), Error> {
    let mut lines = Vec::new();
    let mut subsets = [Subset::new(Face::Regular)?, Subset::new(Face::Italic)?];
    let mut used = [false; 2];
    for &(field, value, default) in texts {
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
        let frame = frame_of(update.document(), &widget.1)?;
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

fn frame_of(document: &Document, widget: &Dictionary) -> Result<Frame, Error> {
    let rect = widget
        .get(b"Rect")
        .map_or(Ok(None), |rect| document.rect(rect))?;
    let rotate = match widget.get(b"P") {
        Ok(Object::Reference(page)) => document.page_at(*page)?.rotate,
        _ => 0,
    };
    Ok(Frame::new(
        rect.ok_or(Error::Malformed { what: "widget" })?,
        rotate,
    ))
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

/// The lawful place of the seal for a leader's image drawn in `leader`: a circle of `diameter` points over its left
/// third (Decree 30/2020, Annex I, II.8.a), level with its middle.
#[must_use]
pub fn seal_place(leader: Place, image: &Image, diameter: f64) -> Place {
    let drawn = image.fitted(leader.rect);
    let right = drawn.x0 + (drawn.x1 - drawn.x0) / 3.0;
    let middle = f64::midpoint(drawn.y0, drawn.y1);
    let radius = diameter / 2.0;
    let x0 = (right - diameter).max(0.0);
    Place {
        page: leader.page,
        rect: Rect {
            x0,
            y0: middle - radius,
            x1: x0 + diameter,
            y1: middle + radius,
        },
    }
}
