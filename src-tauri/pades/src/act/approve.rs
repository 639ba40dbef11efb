//! *Ký duyệt*: the competent person signs; as the first to sign, he certifies and prepares the later acts.

use antin_pdf::Update;

use super::{Desk, Written, builder::Builder, corner};
use crate::{
    Approve, Disputed, Error, IssueFields, Place,
    appearance::Frame,
    field::{Set, field_name},
    form,
    report::ActKind,
};

pub(super) fn write(desk: &mut Desk<'_, '_>, act: &Approve) -> Result<Written, Error> {
    let signature = desk.signature;
    let draw = |frame: Frame, update: &mut Update<'_>| Ok(frame.picture(update, &act.image));
    if !desk.permissions.signed.is_empty() || desk.permissions.owner_forbids {
        // A certification is the first signature: he who comes later certifies nothing and prepares nothing, as does
        // he whom the owner lets fill in fields and make none.
        if let Some(field) = Set::waiting(desk.fields, desk.permissions, field_name::LEADER) {
            return desk.sign_prepared(field, &draw);
        }
        if let Some(field) = desk.done(&[ActKind::Approve])? {
            return Err(Error::AlreadySigned { field });
        }
        let name = Set::free_name(desk.fields, field_name::LEADER)?;
        return desk.sign_kept_or_new(name, LEADER, (act.place, &draw), Disputed::Refuse);
    }
    let mut builder = Builder::new(desk.update, Set::free(desk.fields)?);
    let field = builder.set.name(field_name::LEADER);
    builder.signed(&field, LEADER, act.place, &draw, signature)?;
    let mut fonts = Vec::new();
    if let Some(places) = &act.fields {
        later(&mut builder, places, &mut fonts)?;
    }
    builder.place(&fonts)?;
    form::certify(desk.update, signature)?;
    Ok(Written {
        references: vec![form::docmdp_reference(2)],
        ..Written::ordinary(field)
    })
}

/// Read out for the competent person's field.
pub(super) const LEADER: &str = "Chữ ký của người có thẩm quyền";

/// The fields of everything that comes after the competent person's signature.
pub(super) fn later(
    builder: &mut Builder<'_, '_>,
    places: &IssueFields,
    fonts: &mut Vec<(&'static str, antin_pdf::ObjectId)>,
) -> Result<(), Error> {
    let blanks = [
        (field_name::NUMBER, "Số văn bản", 15, Some(places.number)),
        (field_name::DAY, "Ngày ban hành", 2, places.day),
        (field_name::MONTH, "Tháng ban hành", 2, places.month),
    ];
    let mut locked = Vec::new();
    for (base, description, length, place) in blanks {
        let Some(place) = place else { continue };
        let name = builder.set.name(base);
        builder.blank(&name, description, length, place)?;
        locked.push(name);
        builder.form_font(place.style, fonts)?;
    }
    let lock = form::lock(&locked);
    let lock = builder.update.add(antin_pdf::Object::Dictionary(lock));
    let name = builder.set.name(field_name::SEAL);
    builder.unsigned(&name, super::seal::DESCRIPTION, places.seal, Some(lock))?;
    if let Some(place) = places.incoming {
        let name = builder.set.name(field_name::INCOMING);
        builder.unsigned(&name, "Dấu văn bản đến", place, None)?;
    }
    let first = builder.update.document().page(0)?;
    let rect = corner::top_right(&first, corner::WIDTH, corner::HEIGHT);
    let name = builder.set.name(field_name::APPENDIX);
    builder.unsigned(
        &name,
        super::appendix::DESCRIPTION,
        Place { page: 0, rect },
        None,
    )
}
