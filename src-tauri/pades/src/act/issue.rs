//! *Ký phát hành*: number, date and seal, in prepared fields.

use antin_pdf::{Document, Update};

use super::{Desk, Written, fill};
use crate::{Error, Issue, Permissions, TextStyle, appearance::Frame, field::PreparedFields};

pub(super) fn write(desk: &mut Desk<'_, '_>, act: &Issue) -> Result<Written, Error> {
    let document = desk.update.document();
    let prepared = PreparedFields::find(document, desk.fields)?;
    may_fill(&prepared, desk.permissions)?;
    let texts = [
        (Some(prepared.number), &act.number, TextStyle::NUMBER),
        (prepared.day, &act.day, TextStyle::DATE),
        (prepared.month, &act.month, TextStyle::DATE),
    ];
    let texts = texts
        .into_iter()
        .filter_map(|(field, value, style)| Some((field?, value.trim(), style)));
    fill::texts(desk.update, &texts.collect::<Vec<_>>())?;
    let draw = |frame: Frame, update: &mut Update<'_>| Ok(frame.picture(update, &act.seal));
    desk.sign_prepared(prepared.seal, &draw)
}

fn may_fill(prepared: &PreparedFields<'_>, permissions: &Permissions) -> Result<(), Error> {
    if permissions.fills(prepared.seal) {
        Ok(())
    } else {
        Err(permissions.because(Error::Locked))
    }
}

/// Says before anything is signed whether [`Act::Issue`](crate::Act::Issue) is possible.
///
/// # Errors
/// [`Error::FieldMissing`], [`Error::NotApproved`], [`Error::AlreadyFilled`], [`Error::Locked`]: what `prepare` would
/// refuse. Whether the leader's signature is a good one is for validation to say.
pub fn ready_to_issue(document: &Document) -> Result<(), Error> {
    let fields = document.fields()?;
    let permissions = Permissions::of(document, &fields)?;
    let prepared = PreparedFields::find(document, &fields)?;
    may_fill(&prepared, &permissions)
}
