//! A letter that nobody prepared for issuing, because somebody had signed it elsewhere before the leader did here: number and
//! date are a signature of their own, then comes the seal's. One PIN, one write.

use crate::{
    letter,
    office::{Office, Role},
    sign::{Signing, picture},
};
use antin_pades::{
    Act, Disputed, Image, Number, Place, Seal, TextPlace, field_name, permissions, seal_place,
};
use antin_pdf::{Document, Field, Object};
use antin_store::Letter;

/// Where things go.
pub(super) struct Blanks {
    number: TextPlace,
    day: Option<TextPlace>,
    month: Option<TextPlace>,
    seal: Place,
}

/// The places, if the letter's own signatures allow something new to be drawn and its blanks are known.
pub(super) fn blanks(office: &Office, letter: &Letter, document: &Document) -> Option<Blanks> {
    if permissions(document).ok()?.signing != Signing::Free {
        return None;
    }
    let [number, day, month] = letter::places(letter).blanks();
    let who = office.signer(Role::Leader).ok()?;
    let image = picture(&office.image(who).ok()?, &who.image).ok()?;
    let fields = document.fields().ok()?;
    let leader = fields
        .iter()
        .filter(|field| field.name.starts_with(field_name::LEADER) && field.value.is_some())
        .find_map(|field| place(document, field))?;
    Some(Blanks {
        number: number?,
        day,
        month,
        seal: seal_place(leader, &image, letter::SEAL_POINTS),
    })
}

/// Where a field is drawn.
fn place(document: &Document, field: &Field) -> Option<Place> {
    let id = field.widgets.first().copied().unwrap_or(field.id);
    let widget = document.dictionary(id).ok()?;
    let rect = document.rect(widget.get(b"Rect").ok()?).ok()??;
    let page = widget.get(b"P").and_then(Object::as_reference).ok()?;
    let page = document
        .page_ids()
        .ok()?
        .iter()
        .position(|id| *id == page)?;
    Some(Place { page, rect })
}

impl Blanks {
    /// Number and date, then the seal.
    pub(super) fn acts(&self, number: String, day: String, month: String, seal: Image) -> Vec<Act> {
        let mut texts = vec![(number, self.number)];
        texts.extend(self.day.map(|place| (day, place)));
        texts.extend(self.month.map(|place| (month, place)));
        let disputed = Disputed::Refuse;
        vec![
            Act::Number(Number { texts, disputed }),
            Act::Seal(Seal {
                image: seal,
                place: self.seal,
                disputed,
            }),
        ]
    }
}
