//! *Ký phụ lục*: number and notation of the letter, and the signing time.

use antin_pdf::Update;

use super::{Desk, Written, corner, home::Home};
use crate::{
    Appendix, Error, Place,
    appearance::{Block, Frame},
    field::field_name,
};

pub(super) fn write(desk: &mut Desk<'_, '_>, act: &Appendix, time: &str) -> Result<Written, Error> {
    let code = act.code.trim();
    if code.is_empty() {
        return Err(Error::TextMissing {
            field: field_name::APPENDIX.to_owned(),
        });
    }
    let block = Block {
        field: field_name::APPENDIX,
        paragraphs: &[code, time],
        sizes: (corner::SIZE, corner::SIZE),
        right: true,
    };
    let draw = |frame: Frame, update: &mut Update<'_>| block.draw(frame, update);
    match desk.home(field_name::APPENDIX)? {
        Home::Prepared(field) => desk.sign_prepared(field, &draw),
        Home::New(name) => {
            let signed = name != field_name::APPENDIX
                && desk
                    .permissions
                    .signed
                    .iter()
                    .any(|one| one == field_name::APPENDIX);
            if signed {
                return Err(Error::AlreadyFilled {
                    field: field_name::APPENDIX.to_owned(),
                });
            }
            let page = desk.update.document().page(0)?;
            let rect = corner::top_right(&page, corner::WIDTH, corner::HEIGHT);
            desk.sign_new(name, DESCRIPTION, Some((Place { page: 0, rect }, &draw)))
        }
        // The law wants its text to be seen.
        Home::Invisible(_) => Err(Error::OnlyInvisible),
    }
}

/// Read out for the field.
pub(super) const DESCRIPTION: &str = "Chữ ký số của cơ quan, tổ chức trên phụ lục";
