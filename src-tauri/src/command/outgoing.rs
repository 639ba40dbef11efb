//! *Văn bản đi*: number, date, seal; recipients; the outbox.

use antin_ops::dispatch::{self, Tracked};
use antin_ops::error::{Code, Error};
use antin_ops::issue::{IssueOrder, issue as run};
use antin_ops::office::Office;
use antin_ops::sign::{Progress, Step};
use antin_ops::store::LetterState;
use antin_ops::{agencies as directory, letter};
use tauri::AppHandle;

use super::{Answer, Pin, Shared};
use crate::dto::{Agency, AgencyRef, DispatchItem, Issued, Refusal};
use crate::event::{self, Changed};
use crate::view;

/// Why a letter cannot be issued, as far as that is known without a token. It may ask the network, so it is its own
/// command: the letter is on the screen meanwhile.
#[tauri::command]
pub(crate) async fn refusal(desk: Shared<'_>, id: String) -> Answer<Option<Refusal>> {
    desk.run(move |desk, office| {
        view::letter::refusal(desk.language(), office, letter::parse_id(&id)?)
    })
    .await
}

/// Ký phát hành, then into the outbox. A letter that was issued before and could not be queued is only queued.
#[tauri::command]
pub(crate) async fn issue(
    app: AppHandle,
    desk: Shared<'_>,
    id: String,
    pin: Pin,
    recipients: Vec<AgencyRef>,
) -> Answer<Issued> {
    desk.run(move |desk, office| {
        let letter = letter::parse_id(&id)?;
        let recipients = known(office, recipients)?;
        let mut tell = |at: Progress| event::progress(&app, &id, at);
        let mut issued = letter::letter(office, letter)?;
        if issued.state != LetterState::Issued {
            let done = run(
                office,
                IssueOrder {
                    letter,
                    pin: pin.typed(),
                },
                &mut tell,
            );
            // A PIN was used, rightly or wrongly: the token's own count has changed.
            event::changed(&app, Changed::Token);
            issued = done?;
            event::changed(&app, Changed::Letters);
        }
        tell(Progress {
            step: Step::Queue,
            done: 4,
            total: 5,
        });
        let queued = dispatch::enqueue(office, letter, &recipients)?;
        event::changed(&app, Changed::Outbox);
        desk.ring();
        Ok(Issued {
            letter: view::letter::open(desk, office, letter)?,
            number: issued
                .code
                .map(|code| code.printed_number())
                .unwrap_or_default(),
            dispatch_id: queued.id.to_string(),
        })
    })
    .await
}

/// Checks the recipients before the PIN is used: no number is taken for a letter that cannot be sent.
fn known(office: &Office, recipients: Vec<AgencyRef>) -> Result<Vec<String>, Error> {
    if recipients.is_empty() {
        return Err(Error::new(Code::RecipientsMissing));
    }
    let known = recipients
        .into_iter()
        .map(|AgencyRef { id, .. }| directory::find(office, &id).map(|_| id));
    known.collect()
}

/// The agencies whose name or code holds what was typed, with or without diacritics.
#[tauri::command]
pub(crate) async fn agencies(desk: Shared<'_>, query: String) -> Answer<Vec<Agency>> {
    desk.run(move |_, office| {
        let found = directory::search(office, &query).into_iter();
        Ok(found
            .map(|agency| Agency {
                id: agency.id.to_string(),
                name: agency.name,
                parent: agency.parent,
            })
            .collect())
    })
    .await
}

/// Every dispatch, the newest first.
#[tauri::command]
pub(crate) async fn dispatches(desk: Shared<'_>) -> Answer<Vec<DispatchItem>> {
    desk.run(|desk, office| {
        let shown = |tracked: &Tracked| {
            let letter = letter::letter(office, tracked.dispatch.letter_id)?;
            Ok(view::exchange::dispatch(
                office,
                desk.language(),
                &letter,
                tracked,
            ))
        };
        dispatch::list(office)?.iter().map(shown).collect()
    })
    .await
}
