//! *Dấu đến*: in the field the first signature kept for it; else as the letter's own permissions allow.

use antin_pdf::{Page, Rect, Update};

use super::{Desk, Written, home::Home};
use crate::{
    Error, Incoming, Place,
    appearance::{Frame, STAMP, user_unit},
    field::field_name,
};

/// From the edges of the page, in points: what printers reach.
const EDGE: f64 = 14.0;

pub(super) fn write(desk: &mut Desk<'_, '_>, act: &Incoming) -> Result<Written, Error> {
    let draw =
        |frame: Frame, update: &mut Update<'_>| frame.stamp(update, field_name::INCOMING, act);
    match desk.home(field_name::INCOMING)? {
        Home::Prepared(field) => desk.sign_prepared(field, &draw),
        Home::New(name) => {
            let place = match act.place {
                Some(place) => place,
                None => top_left(&desk.update.document().page(0)?),
            };
            desk.sign_new(name, DESCRIPTION, Some((place, &draw)))
        }
        Home::Invisible(name) => desk.sign_new(name, DESCRIPTION, None),
    }
}

const DESCRIPTION: &str = "Dấu văn bản đến";

/// The upper left corner as the reader sees the page.
fn top_left(page: &Page) -> Place {
    let paper = page.crop_box;
    let point = 1.0 / user_unit(page);
    let (width, height) = (STAMP.0 * point, STAMP.1 * point);
    let edge = EDGE * point;
    let rect = match page.rotate.div_euclid(90).rem_euclid(4) {
        1 => Rect::new(
            paper.x0 + edge,
            paper.y0 + edge,
            paper.x0 + edge + height,
            paper.y0 + edge + width,
        ),
        2 => Rect::new(
            paper.x1 - edge - width,
            paper.y0 + edge,
            paper.x1 - edge,
            paper.y0 + edge + height,
        ),
        3 => Rect::new(
            paper.x1 - edge - height,
            paper.y1 - edge - width,
            paper.x1 - edge,
            paper.y1 - edge,
        ),
        _ => Rect::new(
            paper.x0 + edge,
            paper.y1 - edge - height,
            paper.x0 + edge + width,
            paper.y1 - edge,
        ),
    };
    Place { page: 0, rect }
}
