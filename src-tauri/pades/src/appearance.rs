//! What a signature or a filled field looks like: form XObjects for `/AP /N` (ISO 32000-1, 12.5.5).

mod block;
mod placed;
mod stamp;

use antin_pdf::{Dictionary, Object, ObjectId, Page, Update};

pub(crate) use block::Block;
pub(crate) use placed::Placed;
pub(crate) use stamp::STAMP;

use crate::{
    Error, Image,
    font::{ASCENT, DESCENT, Face, Line},
    object::{deflated, dictionary, name, number},
};

/// Letters may be narrowed to this share of their width before a text counts as too wide.
const NARROWEST: f64 = 0.8;

/// Points to a unit of the page's user space (ISO 32000-1, table 30).
pub(crate) fn user_unit(page: &Page) -> f64 {
    let unit = match page.dict.get(b"UserUnit") {
        Ok(Object::Integer(unit)) => i32::try_from(*unit).map_or(1.0, f64::from),
        Ok(Object::Real(unit)) => f64::from(*unit),
        _ => 1.0,
    };
    if UNITS.contains(&unit) { unit } else { 1.0 }
}

/// Pages larger than a kilometre, or drawn in hundredths of a point, are none.
const UNITS: std::ops::RangeInclusive<f64> = 0.01..=1000.0;

/// Makes a drawing for a frame.
pub(crate) type Draw<'a> = dyn Fn(Frame, &mut Update<'_>) -> Result<ObjectId, Error> + 'a;

/// The box a widget gives its appearance, and how its page is turned.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Frame {
    width: f64,
    height: f64,
    quarter_turns: i64,
}

impl Frame {
    /// The frame of a rectangle on a page with this `/Rotate`.
    pub(crate) fn new(rect: antin_pdf::Rect, rotate: i64) -> Self {
        let quarter_turns = rotate.div_euclid(90).rem_euclid(4);
        let (across, up) = (rect.x1 - rect.x0, rect.y1 - rect.y0);
        let (width, height) = if quarter_turns % 2 == 0 {
            (across, up)
        } else {
            (up, across)
        };
        Self {
            width,
            height,
            quarter_turns,
        }
    }

    /// The frame of a rectangle on a page, in points: what the law gives a size is that large for the reader, and the
    /// viewer fits the drawing into the rectangle.
    pub(crate) fn on(rect: antin_pdf::Rect, page: &Page) -> Self {
        let frame = Self::new(rect, page.rotate);
        let unit = user_unit(page);
        Self {
            width: frame.width * unit,
            height: frame.height * unit,
            ..frame
        }
    }

    /// How wide it is for the reader.
    pub(crate) fn width(self) -> f64 {
        self.width
    }

    /// Adds the form: `content` drawn upright for the reader in a box of this frame's size.
    fn form(self, update: &mut Update<'_>, resources: Dictionary, content: &str) -> ObjectId {
        // The viewer moves the turned box into the widget's rectangle, so only the turn matters.
        let matrix = match self.quarter_turns {
            1 => [0, 1, -1, 0, 0, 0],
            2 => [-1, 0, 0, -1, 0, 0],
            3 => [0, -1, 1, 0, 0, 0],
            _ => [1, 0, 0, 1, 0, 0],
        };
        let dict = dictionary([
            ("Type", name("XObject")),
            ("Subtype", name("Form")),
            ("FormType", Object::Integer(1)),
            (
                "BBox",
                Object::Array(vec![
                    0.into(),
                    0.into(),
                    number(self.width),
                    number(self.height),
                ]),
            ),
            (
                "Matrix",
                Object::Array(matrix.map(Object::Integer).to_vec()),
            ),
            ("Resources", Object::Dictionary(resources)),
        ]);
        update.add(Object::Stream(deflated(dict, content.as_bytes())))
    }

    /// Nothing: an empty field still has an appearance, so that no viewer invents one.
    pub(crate) fn empty(self, update: &mut Update<'_>) -> ObjectId {
        self.form(update, Dictionary::new(), "")
    }

    /// A picture in its own proportions, centred.
    pub(crate) fn picture(self, update: &mut Update<'_>, image: &Image) -> ObjectId {
        let all = antin_pdf::Rect {
            x0: 0.0,
            y0: 0.0,
            x1: self.width,
            y1: self.height,
        };
        let rect = image.fitted(all);
        let picture = image.embed(update, rect.x1 - rect.x0);
        let resources = dictionary([(
            "XObject",
            Object::Dictionary(dictionary([("Picture", Object::Reference(picture))])),
        )]);
        let content = format!(
            "q {:.3} 0 0 {:.3} {:.3} {:.3} cm /Picture Do Q",
            rect.x1 - rect.x0,
            rect.y1 - rect.y0,
            rect.x0,
            rect.y0
        );
        self.form(update, resources, &content)
    }

    /// One line of black text, centred; narrowed if it must be.
    pub(crate) fn text(
        self,
        update: &mut Update<'_>,
        line: &Line,
        text: &Text<'_>,
    ) -> Result<ObjectId, Error> {
        let needed = line.width * text.size;
        let narrow = (self.width / needed).min(1.0);
        if narrow < NARROWEST {
            return Err(Error::TextTooWide {
                field: text.field.to_owned(),
                text: text.value.to_owned(),
                needed,
                available: self.width,
            });
        }
        let (x, y) = (
            (self.width - needed * narrow) / 2.0,
            baseline(self.height, text.size),
        );
        let font = text.face.resource();
        let content = format!(
            "/Tx BMC q BT 0 g /{font} {} Tf {:.2} Tz {x:.3} {y:.3} Td <{}> Tj ET Q EMC",
            text.size,
            narrow * 100.0,
            line.codes
        );
        let fonts = dictionary([(font, Object::Reference(text.font))]);
        Ok(self.form(
            update,
            dictionary([("Font", Object::Dictionary(fonts))]),
            &content,
        ))
    }
}

/// A text and how it is set.
pub(crate) struct Text<'a> {
    pub(crate) field: &'a str,
    pub(crate) value: &'a str,
    pub(crate) face: Face,
    pub(crate) font: ObjectId,
    pub(crate) size: f64,
}

/// Where the baseline of centred text lies above the lower edge of a box.
pub(crate) fn baseline(height: f64, size: f64) -> f64 {
    (height - (ASCENT + DESCENT) * size) / 2.0 + DESCENT * size
}
