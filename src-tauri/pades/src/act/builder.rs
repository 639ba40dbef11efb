//! New fields: their widgets, and where they belong in page and form.

use antin_pdf::{Dictionary, Object, ObjectId, Page, Rect, Update};

use crate::{
    Error, Place, TextPlace, TextStyle,
    appearance::{Draw, Frame},
    field::Set,
    font::{ASCENT, DESCENT, Face, Subset},
    form::{self, PRINT, PRINT_LOCKED, Widget},
};

/// Glyphs a viewer finds in the form's own fonts if it must draw a field again.
const FORM_GLYPHS: &str = "0123456789/-.";
/// Space above and below a line in its field, in points.
const LINE_MARGIN: f64 = 1.5;

/// Collects new fields and puts them where they belong at the end, each page and the form once.
pub(super) struct Builder<'u, 'd> {
    pub(super) update: &'u mut Update<'d>,
    pub(super) set: Set,
    /// Page and widget.
    widgets: Vec<(ObjectId, ObjectId)>,
}

impl<'u, 'd> Builder<'u, 'd> {
    pub(super) fn new(update: &'u mut Update<'d>, set: Set) -> Self {
        Self {
            update,
            set,
            widgets: Vec::new(),
        }
    }

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

    /// A signature field with its signature, drawn in its place.
    pub(super) fn signed(
        &mut self,
        field: &str,
        description: &str,
        place: Place,
        draw: &Draw<'_>,
        signature: ObjectId,
    ) -> Result<(), Error> {
        let page = self.page(place)?;
        let appearance = draw(Frame::on(place.rect, &page), self.update)?;
        let widget = Widget {
            kind: "Sig",
            name: field,
            description,
            page: &page,
            rect: place.rect,
            flags: PRINT_LOCKED,
            appearance: Some(appearance),
        };
        let mut dict = widget.dictionary();
        dict.set("V", Object::Reference(signature));
        self.add(page.id, dict);
        Ok(())
    }

    /// A signature field of the first page with its signature and nothing to see.
    pub(super) fn invisible(
        &mut self,
        field: &str,
        description: &str,
        signature: ObjectId,
    ) -> Result<(), Error> {
        let page = self.update.document().page(0)?;
        let widget = Widget {
            kind: "Sig",
            name: field,
            description,
            page: &page,
            rect: Rect::new(0.0, 0.0, 0.0, 0.0),
            flags: PRINT_LOCKED,
            appearance: None,
        };
        let mut dict = widget.dictionary();
        dict.set("V", Object::Reference(signature));
        self.add(page.id, dict);
        Ok(())
    }

    /// An empty signature field.
    pub(super) fn unsigned(
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
    pub(super) fn blank(
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
    pub(super) fn form_font(
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
    pub(super) fn place(self, fonts: &[(&str, ObjectId)]) -> Result<(), Error> {
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
