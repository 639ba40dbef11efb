//! Whose desk this is, its language, its tokens, its province.

use std::sync::Arc;

use antin_ops::error::Error;
use antin_ops::message::Language;
use antin_ops::office::Role;
use tauri::{AppHandle, async_runtime};

use super::{Answer, Shared};
use crate::choices::{Choices, Theme};
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
        theme: desk.choices().theme,
        opened: desk
            .opened()
            .map(|path| path.to_string_lossy().into_owned()),
        server: ServerState {
            state: server.state.name().to_owned(),
            at: server.at.map(view::time),
        },
    })
}

/// Changes the language of the desk and of everything said from now on.
#[tauri::command]
pub(crate) async fn set_language(desk: Shared<'_>, language: Language) -> Answer<()> {
    choose(desk, move |choices| choices.language = Some(language)).await
}

/// Changes between light and dark.
#[tauri::command]
pub(crate) async fn set_theme(desk: Shared<'_>, theme: Theme) -> Answer<()> {
    choose(desk, move |choices| choices.theme = theme).await
}

/// A choice is written into the office's folder, which may be slow.
async fn choose(
    desk: Shared<'_>,
    change: impl FnOnce(&mut Choices) + Send + 'static,
) -> Answer<()> {
    let chosen = Arc::clone(&desk);
    async_runtime::spawn_blocking(move || chosen.choose(change))
        .await
        .map_err(|panicked| desk.worded(&Error::unknown(panicked)))
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
