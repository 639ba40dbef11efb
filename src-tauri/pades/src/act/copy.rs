//! *Ký bản sao*: form of the copy, the agency that makes it, and the signing time.

use antin_pdf::{Document, Object, Update};

use super::{Desk, Written, corner};
use crate::{
    CertifiedCopy, CopySource, Error, Place,
    appearance::{Block, Frame},
    field::{Set, field_name},
};

pub(super) fn write(
    desk: &mut Desk<'_, '_>,
    act: &CertifiedCopy,
    time: &str,
) -> Result<Written, Error> {
    if !act.form.may_be_made_of(act.source) {
        return Err(Error::CopyForbidden {
            form: act.form,
            source_kind: act.source,
        });
    }
    if let Some(field) = desk.permissions.signed.first() {
        return Err(Error::CopyOfSigned {
            field: field.clone(),
        });
    }
    let document = desk.update.document();
    if act.source != CopySource::Electronic {
        recent(document)?;
    }
    let agency = act.agency.trim();
    if agency.is_empty() {
        return Err(Error::TextMissing {
            field: field_name::COPY.to_owned(),
        });
    }
    let block = Block {
        field: field_name::COPY,
        paragraphs: &[act.form.name(), agency, time],
        sizes: (corner::SIZE, corner::SIZE),
        right: true,
    };
    let page = document.page(0)?;
    let rect = corner::top_right(&page, corner::WIDTH, corner::HEIGHT);
    // A narrow page gives a narrow box, and the agency's name may need two lines.
    let width = Frame::on(rect, &page).width();
    let rect = corner::top_right(&page, width, block.height(width)?);
    let draw = |frame: Frame, update: &mut Update<'_>| block.draw(frame, update);
    let name = Set::free_name(desk.fields, field_name::COPY)?;
    let description = "Chữ ký số của cơ quan, tổ chức sao văn bản";
    desk.sign_new(name, description, Some((Place { page: 0, rect }, &draw)))
}

/// Digitised copies are PDF 1.4 or later (Decree 30/2020, Annex I, part two, I.3).
fn recent(document: &Document) -> Result<(), Error> {
    let header = document.bytes().get(5..8).unwrap_or_default();
    let mut version = String::from_utf8_lossy(header).into_owned();
    // The catalog may name a later version (ISO 32000-1, 7.7.2).
    if let Object::Name(later) = document.entry(&document.catalog()?, b"Version")? {
        version = version.max(String::from_utf8_lossy(&later).into_owned());
    }
    if version.as_str() < "1.4" {
        return Err(Error::CopyTooOld { version });
    }
    Ok(())
}
