use serde::{Deserialize, Serialize};

/// A rectangle in user space: PDF points, y upwards, `x0 <= x1` and `y0 <= y1`.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
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
    /// The rectangle of this size around a centre.
    pub fn around(x: f64, y: f64, width: f64, height: f64) -> Rect {
        Rect {
            x0: x - width / 2.0,
            y0: y - height / 2.0,
            x1: x + width / 2.0,
            y1: y + height / 2.0,
        }
    }

    /// Its extent from left to right.
    pub fn width(&self) -> f64 {
        self.x1 - self.x0
    }

    /// Its extent from bottom to top.
    pub fn height(&self) -> f64 {
        self.y1 - self.y0
    }

    /// Its middle.
    pub fn centre(&self) -> (f64, f64) {
        (
            f64::midpoint(self.x0, self.x1),
            f64::midpoint(self.y0, self.y1),
        )
    }

    /// The area it shares with another.
    pub fn overlap(&self, other: &Rect) -> f64 {
        let width = self.x1.min(other.x1) - self.x0.max(other.x0);
        let height = self.y1.min(other.y1) - self.y0.max(other.y0);
        if width > 0.0 && height > 0.0 {
            width * height
        } else {
            0.0
        }
    }

    /// Moved (never resized) so that it lies inside `bounds`, where it fits.
    pub fn kept_inside(self, bounds: &Rect) -> Rect {
        let dx = (bounds.x0 - self.x0).max(0.0) + (bounds.x1 - self.x1).min(0.0);
        let dy = (bounds.y0 - self.y0).max(0.0) + (bounds.y1 - self.y1).min(0.0);
        Rect {
            x0: self.x0 + dx,
            y0: self.y0 + dy,
            x1: self.x1 + dx,
            y1: self.y1 + dy,
        }
    }
}

/// How large a page is shown, and which part of user space that is.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
pub struct PageSize {
    /// Width as shown, in points, after `/Rotate`.
    pub width: f64,
    /// Height as shown, in points, after `/Rotate`.
    pub height: f64,
    /// What is shown, in user space (crop box within the media box).
    pub crop: Rect,
    /// `/Rotate`, clockwise: 0, 90, 180 or 270.
    pub rotate: u16,
}
