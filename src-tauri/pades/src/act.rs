//! The acts as edits of a document: which fields, appearances and entries each one writes.

mod appendix;
mod approve;
mod builder;
mod copy;
mod corner;
mod fill;
mod home;
mod incoming;
mod initial;
mod issue;
mod number;
mod plain;
mod seal;

use antin_pdf::{Dictionary, ObjectId, Rect, Update};

pub use issue::ready_to_issue;

use crate::{
    Act, Error, Image, Permissions, Place, SignRequest, prepare::iso_8601, report::ActKind,
};

/// What an act wrote, for the signature that will cover it.
pub(crate) struct Written {
    /// The signature field's fully qualified name.
    pub(crate) field: String,
    /// Which act it is, for whoever reads the signature.
    pub(crate) act: ActKind,
    /// `/Reference` entries of the signature dictionary.
    pub(crate) references: Vec<Dictionary>,
}

impl Written {
    /// A signature that adds no rule to those in force.
    fn ordinary(field: String) -> Self {
        Self {
            field,
            act: ActKind::Plain,
            references: Vec::new(),
        }
    }
}

/// Writes everything of an act but the signature dictionary, as far as earlier signatures allow it.
pub(crate) fn write(
    update: &mut Update<'_>,
    request: &SignRequest<'_>,
    signature: ObjectId,
) -> Result<Written, Error> {
    let document = update.document();
    let fields = document.fields()?;
    let permissions = Permissions::of(document, &fields)?;
    permissions.not_locked()?;
    let mut desk = Desk {
        update,
        fields: &fields,
        permissions: &permissions,
        signature,
    };
    let time = iso_8601(request.time);
    let written = match &request.act {
        Act::Approve(act) => approve::write(&mut desk, act),
        Act::Issue(act) => issue::write(&mut desk, act),
        Act::Number(act) => number::write(&mut desk, act),
        Act::Seal(act) => seal::write(&mut desk, act),
        Act::Appendix(act) => appendix::write(&mut desk, act, &time),
        Act::Copy(act) => copy::write(&mut desk, act, &time),
        Act::Incoming(act) => incoming::write(&mut desk, act),
        Act::Initial(act) => initial::write(&mut desk, act),
        Act::Plain(act) => plain::write(&mut desk, act),
    }
    .map_err(|error| permissions.because(error))?;
    let act = request.act.kind();
    Ok(Written { act, ..written })
}

/// What every act works with.
struct Desk<'u, 'd> {
    update: &'u mut Update<'d>,
    fields: &'u [antin_pdf::Field],
    permissions: &'u Permissions,
    /// The signature dictionary to come.
    signature: ObjectId,
}

/// The lawful place of the seal for a leader's image drawn in `leader`: a circle of `diameter` points over its left
/// third (Decree 30/2020, Annex I, II.8.a), level with its middle.
#[must_use]
pub fn seal_place(leader: Place, image: &Image, diameter: f64) -> Place {
    let drawn = image.fitted(leader.rect);
    let right = drawn.x0 + (drawn.x1 - drawn.x0) / 3.0;
    let middle = f64::midpoint(drawn.y0, drawn.y1);
    let radius = diameter / 2.0;
    let x0 = (right - diameter).max(0.0);
    Place {
        page: leader.page,
        rect: Rect {
            x0,
            y0: middle - radius,
            x1: x0 + diameter,
            y1: middle + radius,
        },
    }
}
