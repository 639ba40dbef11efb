//! *Dấu đến*: in the field the first signature kept for it; else as the letter's own permissions allow.

use antin_pdf::{Page, Rect, Update};

use super::{Desk, Written, home::Home};
use crate::{
    Error, Incoming, Place,
    appearance::{Frame, STAMP},
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
    let (width, height) = STAMP;
    let rect = match page.rotate.div_euclid(90).rem_euclid(4) {
        1 => Rect::new(
            paper.x0 + EDGE,
            paper.y0 + EDGE,
            paper.x0 + EDGE + height,
            paper.y0 + EDGE + width,
        ),
        2 => Rect::new(
            paper.x1 - EDGE - width,
            paper.y0 + EDGE,
            paper.x1 - EDGE,
            paper.y0 + EDGE + height,
        ),
        3 => Rect::new(
            paper.x1 - EDGE - height,
            paper.y1 - EDGE - width,
            paper.x1 - EDGE,
            paper.y1 - EDGE,
        ),
        _ => Rect::new(
            paper.x0 + EDGE,
            paper.y1 - EDGE - height,
            paper.x0 + EDGE + width,
            paper.y1 - EDGE,
        ),
    };
    Place { page: 0, rect }
}
