//! Several short texts in one drawing, each in a blank of the page.

use antin_pdf::{Dictionary, Object, ObjectId, Rect, Update};

use super::{Frame, NARROWEST, baseline};
use crate::{
    Error, TextStyle,
    font::{Face, Subset},
};

/// A text and its blank.
pub(crate) struct Placed<'a> {
    pub(crate) text: &'a str,
    /// In the page's user space.
    pub(crate) rect: Rect,
    /// The line it stands on, as y in user space; without one it is centred.
    pub(crate) baseline: Option<f64>,
    pub(crate) style: TextStyle,
}

impl Frame {
    /// Draws texts where they stand on the page; the frame's own rectangle is `outer`.
    pub(crate) fn placed(
        self,
        update: &mut Update<'_>,
        field: &str,
        outer: Rect,
        texts: &[Placed<'_>],
    ) -> Result<ObjectId, Error> {
        let mut subsets = [Subset::new(Face::Regular)?, Subset::new(Face::Italic)?];
        let mut used = [false; 2];
        let mut content = String::from("/Tx BMC q BT 0 g");
        // The frame is in points, what is placed on the page in its user space.
        let across = if self.quarter_turns % 2 == 0 {
            outer.width()
        } else {
            outer.height()
        };
        let unit = self.width / across;
        for one in texts {
            let size = one.style.size * unit;
            let ([regular, italic], [upright, slanted]) = (&mut subsets, &mut used);
            let (subset, seen) = if one.style.italic {
                (italic, slanted)
            } else {
                (regular, upright)
            };
            *seen = true;
            let line = subset.line(one.text)?;
            let inner = self.inside(outer, one.rect);
            let inner = Rect {
                x0: inner.x0 * unit,
                y0: inner.y0 * unit,
                x1: inner.x1 * unit,
                y1: inner.y1 * unit,
            };
            let needed = line.width * size;
            let narrow = (inner.width() / needed).min(1.0);
            if !size.is_finite() || narrow < NARROWEST {
                return Err(Error::TextTooWide {
                    field: field.to_owned(),
                    text: one.text.to_owned(),
                    needed,
                    available: inner.width(),
                });
            }
            let x = inner.x0 + (inner.width() - needed * narrow) / 2.0;
            let y = match one.baseline {
                // A turned page's lines are not those of its user space.
                Some(line) if self.quarter_turns == 0 => (line - outer.y0) * unit,
                _ => inner.y0 + baseline(inner.height(), size),
            };
            content.push_str(&format!(
                " /{} {size} Tf {:.2} Tz 1 0 0 1 {x:.3} {y:.3} Tm <{}> Tj",
                Face::of(one.style.italic).resource(),
                narrow * 100.0,
                line.codes
            ));
        }
        content.push_str(" ET Q EMC");
        let mut fonts = Dictionary::new();
        for ((subset, used), italic) in subsets.iter().zip(used).zip([false, true]) {
            if used {
                let font = subset.embed(update)?;
                fonts.set(Face::of(italic).resource(), Object::Reference(font));
            }
        }
        let mut resources = Dictionary::new();
        resources.set("Font", Object::Dictionary(fonts));
        Ok(self.form(update, resources, &content))
    }

    /// A rectangle of the page as the reader sees it in the frame of `outer`.
    fn inside(self, outer: Rect, inner: Rect) -> Rect {
        let (left, below) = (inner.x0 - outer.x0, inner.y0 - outer.y0);
        let (right, above) = (outer.x1 - inner.x1, outer.y1 - inner.y1);
        let (x, y) = match self.quarter_turns {
            1 => (below, right),
            2 => (right, above),
            3 => (above, left),
            _ => (left, below),
        };
        let (width, height) = if self.quarter_turns % 2 == 0 {
            (inner.width(), inner.height())
        } else {
            (inner.height(), inner.width())
        };
        Rect {
            x0: x,
            y0: y,
            x1: x + width,
            y1: y + height,
        }
    }
}
