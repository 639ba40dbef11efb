//! A signature of no special kind, in a field of its own.

use antin_pdf::Update;

use super::{Desk, Written};
use crate::{Error, Plain, Signing, appearance::Frame, field::Set};

pub(super) fn write(desk: &mut Desk<'_, '_>, act: &Plain) -> Result<Written, Error> {
    let signing = desk.permissions.signing;
    if signing < Signing::Invisible {
        return Err(Error::Locked);
    }
    let field = Set::free_plain_name(desk.fields)?;
    let Some((place, image)) = &act.appearance else {
        return desk.sign_new(field, DESCRIPTION, None);
    };
    if signing < Signing::Free {
        return Err(Error::OnlyInvisible);
    }
    let draw = |frame: Frame, update: &mut Update<'_>| Ok(frame.picture(update, image));
    desk.sign_new(field, DESCRIPTION, Some((*place, &draw)))
}

const DESCRIPTION: &str = "Chữ ký số";
