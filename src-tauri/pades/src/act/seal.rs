//! *Đóng dấu* on a letter that nobody prepared: in the field somebody kept there, else in a new one.

use antin_pdf::Update;

use super::{Desk, Written};
use crate::{
    Error, Seal,
    appearance::Frame,
    field::{Set, field_name},
    report::ActKind,
};

pub(super) fn write(desk: &mut Desk<'_, '_>, act: &Seal) -> Result<Written, Error> {
    desk.approved()?;
    if let Some(field) = desk.done(&[ActKind::Issue])? {
        return Err(Error::AlreadyFilled { field });
    }
    let draw = |frame: Frame, update: &mut Update<'_>| Ok(frame.picture(update, &act.image));
    let name = Set::free_name(desk.fields, field_name::SEAL)?;
    desk.sign_kept_or_new(name, DESCRIPTION, (act.place, &draw), act.disputed)
}

/// Read out for the field.
pub(super) const DESCRIPTION: &str = "Dấu của cơ quan, tổ chức";
