//! *Góc trên, bên phải, trang đầu*: where the agency signs appendices and copies (Decree 30/2020, Annex I).

use antin_pdf::{Page, Rect};

use crate::appearance::user_unit;

/// Two lines of 10 points.
pub(super) const HEIGHT: f64 = 30.0;
/// Holds number and notation, or the signing time, in 10 points.
pub(super) const WIDTH: f64 = 170.0;
/// Size of the text (Annex I, II.8.b).
pub(super) const SIZE: f64 = 10.0;
/// From the right edge: the least right margin, 15 mm (Annex I, I.4).
const RIGHT: f64 = 15.0 / 25.4 * 72.0;
/// From the upper edge: above the text area, which begins 20 mm below it, and inside what printers reach.
const TOP: f64 = 18.0;

/// A box of this size in points at the upper right corner, as the reader sees the page, in user space.
pub(super) fn top_right(page: &Page, width: f64, height: f64) -> Rect {
    let point = 1.0 / user_unit(page);
    let (width, height, top) = (width * point, height * point, TOP * point);
    let paper = page.crop_box;
    let turns = page.rotate.div_euclid(90).rem_euclid(4);
    let across = if turns % 2 == 0 {
        paper.width()
    } else {
        paper.height()
    };
    let right = (RIGHT * point).min(across / 8.0);
    let width = width.min(across - 2.0 * right);
    match turns {
        1 => Rect::new(
            paper.x0 + top,
            paper.y1 - right - width,
            paper.x0 + top + height,
            paper.y1 - right,
        ),
        2 => Rect::new(
            paper.x0 + right,
            paper.y0 + top,
            paper.x0 + right + width,
            paper.y0 + top + height,
        ),
        3 => Rect::new(
            paper.x1 - top - height,
            paper.y0 + right,
            paper.x1 - top,
            paper.y0 + right + width,
        ),
        _ => Rect::new(
            paper.x1 - right - width,
            paper.y1 - top - height,
            paper.x1 - right,
            paper.y1 - top,
        ),
    }
}
