//! *Ký nháy, ý kiến*: before the competent person's signature; the first of them certifies and prepares what follows.

use antin_pdf::{Rect, Update};

use super::{
    Desk, Written,
    approve::{self, LEADER},
    builder::Builder,
    home::Home,
};
use crate::{
    Error, Initial, Later, Mark, Place,
    appearance::{Block, Draw, Frame},
    field::{Set, field_name},
    form,
};

/// Sizes of a comment, in points.
const COMMENT_SIZES: (f64, f64) = (8.0, 13.0);
/// Between initials, in points.
const GAP: f64 = 2.0;
/// How near the edge of the page an initial may come, in points.
const EDGE: f64 = 8.0;

pub(super) fn write(desk: &mut Desk<'_, '_>, act: &Initial) -> Result<Written, Error> {
    let (base, description) = match act.mark {
        Mark::Picture(_) => (field_name::INITIALS[0], INITIAL),
        Mark::Comment(_) => (field_name::COMMENT, "Ý kiến"),
    };
    let draw = |frame: Frame, update: &mut Update<'_>| match &act.mark {
        Mark::Picture(image) => Ok(frame.picture(update, image)),
        Mark::Comment(text) => Block {
            field: field_name::COMMENT,
            paragraphs: &text.lines().collect::<Vec<_>>(),
            sizes: COMMENT_SIZES,
            right: false,
        }
        .draw(frame, update),
    };
    if desk.permissions.signed.is_empty()
        && !desk.permissions.owner_forbids
        && let Some(later) = &act.later
    {
        return certify(desk, act, later, &draw);
    }
    match waiting(desk, act) {
        Some(field) => desk.sign_prepared(field, &draw),
        None => match desk.home(base)? {
            Home::Prepared(field) => desk.sign_prepared(field, &draw),
            Home::New(name) => {
                let drawn = act.place.map(|place| (place, &draw as &Draw<'_>));
                desk.sign_new(name, description, drawn)
            }
            Home::Invisible(name) => desk.sign_new(name, description, None),
        },
    }
}

const INITIAL: &str = "Chữ ký nháy";

/// The next initial's field.
fn waiting<'u>(desk: &Desk<'u, '_>, act: &Initial) -> Option<&'u antin_pdf::Field> {
    let Mark::Picture(_) = act.mark else {
        return None;
    };
    field_name::INITIALS
        .iter()
        .find_map(|base| Set::waiting(desk.fields, desk.permissions, base))
}

/// The document's first signature: two more initials beside it, the leader's field, and all that issuing needs.
fn certify(
    desk: &mut Desk<'_, '_>,
    act: &Initial,
    later: &Later,
    draw: &Draw<'_>,
) -> Result<Written, Error> {
    let signature = desk.signature;
    let mut builder = Builder::new(desk.update, Set::free(desk.fields)?);
    let [first, others @ ..] = field_name::INITIALS;
    let field = match act.mark {
        Mark::Picture(_) => builder.set.name(first),
        Mark::Comment(_) => Set::free_name(desk.fields, field_name::COMMENT)?,
    };
    let mut fonts = Vec::new();
    match act.place {
        Some(place) => {
            let description = match act.mark {
                Mark::Picture(_) => INITIAL,
                Mark::Comment(_) => "Ý kiến",
            };
            builder.signed(&field, description, place, draw, signature)?;
        }
        None => builder.invisible(&field, INITIAL, signature)?,
    }
    if let (Mark::Picture(_), Some(place)) = (&act.mark, act.place) {
        let page = builder.update.document().page(place.page)?;
        let mut next = place;
        for base in others {
            next = beside(next, place, page.crop_box);
            let name = builder.set.name(base);
            builder.unsigned(&name, INITIAL, next, None)?;
        }
    }
    let name = builder.set.name(field_name::LEADER);
    builder.unsigned(&name, LEADER, later.leader, None)?;
    if let Some(places) = &later.fields {
        approve::later(&mut builder, places, &mut fonts)?;
    }
    builder.place(&fonts)?;
    form::certify(desk.update, signature)?;
    Ok(Written {
        references: vec![form::docmdp_reference(2)],
        ..Written::ordinary(field)
    })
}

/// Right of the last initial; below the first where the paper ends.
fn beside(last: Place, first: Place, paper: Rect) -> Place {
    let (width, height) = (last.rect.width(), last.rect.height());
    let x0 = last.rect.x1 + GAP;
    let rect = if x0 + width <= paper.x1 - EDGE {
        Rect::new(x0, last.rect.y0, x0 + width, last.rect.y1)
    } else {
        let y1 = last.rect.y0 - GAP;
        Rect::new(first.rect.x0, y1 - height, first.rect.x0 + width, y1)
    };
    Place {
        page: last.page,
        rect,
    }
}
