//! Rectangles (ISO 32000-2, 7.9.5).

use lopdf::Object;

use crate::{Document, Error};

/// A rectangle in default user space: points, y upwards, `x0 <= x1` and `y0 <= y1`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Rect {
    /// Left.
    pub x0: f64,
    /// Bottom.
    pub y0: f64,
    /// Right.
    pub x1: f64,
    /// Top.
    pub y1: f64,
}

impl Rect {
    /// The rectangle of two opposite corners, in any order.
    #[must_use]
    pub fn new(x0: f64, y0: f64, x1: f64, y1: f64) -> Self {
        Rect {
            x0: x0.min(x1),
            y0: y0.min(y1),
            x1: x0.max(x1),
            y1: y0.max(y1),
        }
    }

    /// Width in points.
    #[must_use]
    pub fn width(&self) -> f64 {
        self.x1 - self.x0
    }

    /// Height in points.
    #[must_use]
    pub fn height(&self) -> f64 {
        self.y1 - self.y0
    }

    /// What two rectangles have in common; `None` when nothing.
    #[must_use]
    pub fn intersection(&self, other: &Rect) -> Option<Rect> {
        let (x0, y0) = (self.x0.max(other.x0), self.y0.max(other.y0));
        let (x1, y1) = (self.x1.min(other.x1), self.y1.min(other.y1));
        (x0 < x1 && y0 < y1).then_some(Rect { x0, y0, x1, y1 })
    }
}

impl Document {
    /// Reads a rectangle (7.9.5), references followed; `None` for anything else.
    ///
    /// # Errors
    ///
    /// As [`Document::resolve`].
    pub fn rect(&self, object: &Object) -> Result<Option<Rect>, Error> {
        let Object::Array(items) = self.resolve(object)? else {
            return Ok(None);
        };
        let mut corners = [0f64; 4];
        if items.len() != corners.len() {
            return Ok(None);
        }
        for (corner, item) in corners.iter_mut().zip(&items) {
            *corner = match self.resolve(item)? {
                // Beyond 2^53 a coordinate is no place on paper.
                #[expect(clippy::cast_precision_loss, reason = "coordinates are small")]
                Object::Integer(value) => value as f64,
                Object::Real(value) => f64::from(value),
                _ => return Ok(None),
            };
        }
        let [x0, y0, x1, y1] = corners;
        Ok(Some(Rect::new(x0, y0, x1, y1)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rectangles() {
        let page = Rect::new(595.0, 842.0, 0.0, 0.0);
        assert_eq!((page.x0, page.width(), page.height()), (0.0, 595.0, 842.0));
        let outside = Rect::new(600.0, 0.0, 700.0, 10.0);
        assert_eq!(page.intersection(&outside), None);
    }
}
