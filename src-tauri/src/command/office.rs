//! Whose desk this is, its language, its tokens, its province.

use antin_ops::message::Language;
use antin_ops::office::Role;
use tauri::AppHandle;

use super::{Answer, Shared};
use crate::courier;
use crate::dto::{Office, ServerState, SyncSummary, TokenStatus};
use crate::view;

/// The office, its people, the language in use and the province's system as last found.
#[tauri::command]
pub(crate) async fn office(desk: Shared<'_>) -> Answer<Office> {
    let config = desk.office()?.config();
    let server = desk.server();
    Ok(Office {
        agency: config.agency.name.clone(),
        agency_id: config.agency.id.clone(),
        people: config.signers.iter().map(view::letter::person).collect(),
        language: desk.language(),
        server: ServerState {
            state: server.state.name().to_owned(),
            at: server.at.map(view::time),
        },
    })
}

/// Changes the language of the desk and of everything said from now on.
#[tauri::command]
pub(crate) async fn set_language(desk: Shared<'_>, language: Language) -> Answer<()> {
    desk.set_language(language);
    Ok(())
}

/// What the token of a role says now.
#[tauri::command]
pub(crate) async fn token_status(desk: Shared<'_>, role: Role) -> Answer<TokenStatus> {
    desk.run(move |desk, office| view::token::status(desk.language(), office, role))
        .await
}

/// Exchanges with the province's system now.
#[tauri::command]
pub(crate) async fn sync(app: AppHandle, desk: Shared<'_>) -> Answer<SyncSummary> {
    desk.run(move |desk, office| {
        let done = courier::round(&app, desk, office)?;
        Ok(SyncSummary {
            sent: done.sent,
            received: done.received,
            waiting: done.waiting,
        })
    })
    .await
}
