//! *Số, ngày* in a letter that nobody prepared: drawn in the place of one signature over their blanks.

use antin_pdf::{Rect, Update};

use super::{Desk, Written};
use crate::{
    Error, Number, Place, TextPlace,
    appearance::{Frame, Placed},
    field::{Set, field_name},
    font::{ASCENT, DESCENT},
    report::ActKind,
};

pub(super) fn write(desk: &mut Desk<'_, '_>, act: &Number) -> Result<Written, Error> {
    desk.approved()?;
    if let Some(field) = desk.done(&[ActKind::Number, ActKind::Issue])? {
        return Err(Error::AlreadyFilled { field });
    }
    desk.may_draw(act.disputed)?;
    let name = Set::free_name(desk.fields, field_name::NUMBER)?;
    let mut place: Option<Place> = None;
    for (text, blank) in &act.texts {
        if text.trim().is_empty() {
            return Err(Error::TextMissing { field: name });
        }
        let page = blank.place.page;
        let rect = line(blank);
        let all = match place {
            None => rect,
            Some(known) if known.page == page => union(known.rect, rect),
            Some(_) => return Err(Error::PlaceOutside { page }),
        };
        place = Some(Place { page, rect: all });
    }
    let place = place.ok_or_else(|| Error::TextMissing {
        field: name.clone(),
    })?;
    let texts = act.texts.iter().map(|(text, blank)| Placed {
        text: text.trim(),
        rect: line(blank),
        baseline: blank.baseline,
        style: blank.style,
    });
    let texts: Vec<_> = texts.collect();
    let field = name.clone();
    let draw = move |frame: Frame, update: &mut Update<'_>| {
        frame.placed(update, &field, place.rect, &texts)
    };
    desk.sign_new(name, "Số, ngày của văn bản", Some((place, &draw)))
}

/// The blank, as high as its line.
fn line(blank: &TextPlace) -> Rect {
    let (mut rect, size) = (blank.place.rect, blank.style.size);
    if let Some(baseline) = blank.baseline {
        rect.y0 = rect.y0.min(baseline - DESCENT * size);
        rect.y1 = rect.y1.max(baseline + ASCENT * size);
    }
    rect
}

fn union(one: Rect, other: Rect) -> Rect {
    Rect {
        x0: one.x0.min(other.x0),
        y0: one.y0.min(other.y0),
        x1: one.x1.max(other.x1),
        y1: one.y1.max(other.y1),
    }
}
