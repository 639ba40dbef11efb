//! Letters on this office's desks.

use antin_ops::dispatch::{self, Tracked};
use antin_ops::error::Error;
use antin_ops::letter::{self, metadata};
use antin_ops::message::Language;
use antin_ops::office::{Office, Role, SignerConfig};
use antin_ops::pades::{Image, Place as Found};
use antin_ops::records::LetterId;
use antin_ops::store::{Letter as Record, LetterState};
use antin_ops::trust::Network;
use antin_ops::{issue, verify};

use super::{exchange, judged};
use crate::dto::{DocumentRef, Letter, LetterItem, Person, Place, Refusal, Room};
use crate::error::CommandError;
use crate::state::Desk;

/// The letters of a room.
pub(crate) fn list(office: &Office, room: Room) -> Result<Vec<LetterItem>, Error> {
    let states = match room {
        Room::Waiting => &[LetterState::Waiting][..],
        Room::Outgoing => &[LetterState::Signed, LetterState::Issued],
    };
    letter::list(office, states)?
        .iter()
        .map(|record| {
            Ok(item(
                record,
                dispatch::of_letter(office, record.id)?.as_ref(),
            ))
        })
        .collect()
}

fn item(record: &Record, tracked: Option<&Tracked>) -> LetterItem {
    let metadata = metadata(record);
    let at = record
        .issued_at
        .or(record.signed_at)
        .unwrap_or(record.created_at);
    let notation = match (&record.code, &metadata) {
        (Some(code), _) => code.to_string(),
        (None, Some(metadata)) => format!("…/{}", metadata.notation),
        (None, None) => "…".to_owned(),
    };
    LetterItem {
        id: record.id.to_string(),
        type_name: metadata
            .as_ref()
            .map(|m| m.document_type.name().to_owned())
            .unwrap_or_default(),
        urgency: record.urgency.key().to_owned(),
        subject: letter::title(record),
        source: record.source.clone(),
        at: super::time(at),
        state: exchange::word(record, tracked.map(|t| &t.dispatch)).to_owned(),
        notation,
        pages: usize::try_from(record.pages).unwrap_or(usize::MAX),
    }
}

/// A letter, opened for drawing and judged.
pub(crate) fn open(desk: &Desk, office: &Office, id: LetterId) -> Result<Letter, Error> {
    let language = desk.language();
    let record = letter::letter(office, id)?;
    let document = letter::document(office, &record)?;
    let (reference, notices) = desk
        .pages()
        .open(document.bytes())
        .map_err(super::undrawable)?;
    let verified = verify::document(
        office.trust(),
        &record.file_name,
        &document,
        Network::Offline,
        None,
    );
    let tracked = dispatch::of_letter(office, id)?;
    let next = match record.state {
        LetterState::Draft | LetterState::Waiting => Some(Role::Leader),
        LetterState::Signed => Some(Role::Clerk),
        LetterState::Issued => None,
    };
    Ok(Letter {
        item: item(&record, tracked.as_ref()),
        document: reference,
        places: places(desk, office, &record),
        signatures: judged::cards(language, &verified),
        recipients_found: metadata(&record).map(|m| m.to_places).unwrap_or_default(),
        signer: next.and_then(|role| office.signer(role).ok()).map(person),
        notices: super::notices(language, &notices),
        dispatch: tracked.map(|tracked| exchange::dispatch(office, language, &record, &tracked)),
    })
}

/// Why the clerk cannot issue a letter; `None` when there is nothing in the way, or it is not the clerk's turn.
///
/// Evidence may be fetched for it: the letter is shown without waiting for this.
pub(crate) fn refusal(
    language: Language,
    office: &Office,
    id: LetterId,
) -> Result<Option<Refusal>, Error> {
    let record = letter::letter(office, id)?;
    if record.state != LetterState::Signed {
        return Ok(None);
    }
    Ok(issue::may_issue(office, &record).err().map(|error| {
        let CommandError {
            code, what, advice, ..
        } = CommandError::new(language, &error);
        Refusal { code, what, advice }
    }))
}

/// Someone of `office.json`.
pub(crate) fn person(signer: &SignerConfig) -> Person {
    Person {
        role: signer.role.name().to_owned(),
        name: signer.name.clone(),
        title: signer.title.clone(),
    }
}

/// Where the acts put what they put, with the pictures they put there.
fn places(desk: &Desk, office: &Office, record: &Record) -> Vec<Place> {
    let found = letter::places(record);
    let written = issue::preview(office, record);
    // Without its picture a place is still shown; the act itself says what is wrong with the picture.
    let picture = |role| {
        office
            .signer(role)
            .and_then(|signer| office.image(signer))
            .ok()
    };
    let (signature, seal) = (picture(Role::Leader), picture(Role::Clerk));
    let seal_place = seal
        .as_deref()
        .and_then(|png| found.seal(&Image::from_png(png).ok()?));
    let shown = |png: Option<Vec<u8>>| desk.pages().open_picture(png?);
    let rows = [
        (found.leader, "leader", None, shown(signature)),
        (found.number(), "number", written.number, None),
        (found.day(), "day", Some(written.day), None),
        (found.month(), "month", Some(written.month), None),
        (seal_place, "seal", None, shown(seal)),
    ];
    let place =
        |(found, kind, text, image): (Option<Found>, &str, Option<String>, Option<DocumentRef>)| {
            let Found { page, rect } = found?;
            Some(Place {
                kind: kind.to_owned(),
                page,
                rect: super::rect(rect),
                text,
                image,
            })
        };
    rows.into_iter().filter_map(place).collect()
}
