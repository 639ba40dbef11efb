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

impl PageSize {
    /// The frame in which the text of the page stands: user space, or, on a page turned by `/Rotate`, the page as
    /// shown, its lower left corner at 0, 0.
    pub fn frame(&self) -> Rect {
        match self.rotate {
            0 => self.crop,
            90 | 270 => Rect {
                x0: 0.0,
                y0: 0.0,
                x1: self.crop.height(),
                y1: self.crop.width(),
            },
            _ => Rect {
                x0: 0.0,
                y0: 0.0,
                x1: self.crop.width(),
                y1: self.crop.height(),
            },
        }
    }

    /// The coefficients `a b c d e f` that turn user space into that frame.
    pub(crate) fn turn(&self) -> [f64; 6] {
        let crop = self.crop;
        match self.rotate {
            90 => [0.0, -1.0, 1.0, 0.0, -crop.y0, crop.x1],
            180 => [-1.0, 0.0, 0.0, -1.0, crop.x1, crop.y1],
            270 => [0.0, 1.0, -1.0, 0.0, crop.y1, -crop.x0],
            _ => [1.0, 0.0, 0.0, 1.0, 0.0, 0.0],
        }
    }

    /// A rectangle of that frame in user space.
    pub fn unturned(&self, rect: Rect) -> Rect {
        let crop = self.crop;
        match self.rotate {
            90 => Rect {
                x0: crop.x1 - rect.y1,
                y0: crop.y0 + rect.x0,
                x1: crop.x1 - rect.y0,
                y1: crop.y0 + rect.x1,
            },
            180 => Rect {
                x0: crop.x1 - rect.x1,
                y0: crop.y1 - rect.y1,
                x1: crop.x1 - rect.x0,
                y1: crop.y1 - rect.y0,
            },
            270 => Rect {
                x0: crop.x0 + rect.y0,
                y0: crop.y1 - rect.x1,
                x1: crop.x0 + rect.y1,
                y1: crop.y1 - rect.x0,
            },
            _ => rect,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_turned_comes_back() {
        let crop = Rect {
            x0: 10.0,
            y0: 20.0,
            x1: 610.0,
            y1: 820.0,
        };
        for rotate in [0, 90, 180, 270] {
            let size = PageSize {
                width: 0.0,
                height: 0.0,
                crop,
                rotate,
            };
            let [a, b, c, d, e, f] = size.turn();
            let turned = |x: f64, y: f64| (a * x + c * y + e, b * x + d * y + f);
            let (one, other) = (turned(100.0, 200.0), turned(150.0, 220.0));
            let rect = Rect {
                x0: one.0.min(other.0),
                y0: one.1.min(other.1),
                x1: one.0.max(other.0),
                y1: one.1.max(other.1),
            };
            let back = size.unturned(rect);
            assert_eq!(
                (back.x0, back.y0, back.x1, back.y1),
                (100.0, 200.0, 150.0, 220.0)
            );
            assert!(rect.overlap(&size.frame()) > 999.0, "{rotate}");
        }
    }
}
