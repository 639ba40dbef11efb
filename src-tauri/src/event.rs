//! What the desk tells the front end unasked.

use antin_ops::sign;
use serde::Serialize;
use tauri::{AppHandle, Emitter, Runtime};

/// Something the front end shows has changed and is to be fetched again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Changed {
    /// Letters on this office's desks.
    Letters,
    /// Dispatches and their receipts.
    Outbox,
    /// Letters received.
    Inbox,
    /// A USB token.
    Token,
    /// Whether the province's system can be reached.
    Server,
}

/// A step of a running act.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Progress {
    /// The letter the act is about.
    pub(crate) id: String,
    /// `number`, `token`, `timestamp`, `write` or `queue`.
    pub(crate) step: String,
    /// Steps finished.
    pub(crate) done: usize,
    /// Steps in all.
    pub(crate) total: usize,
}

/// Who is being asked for what a file's judgement lacks.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Fetching {
    /// The file.
    pub(crate) path: String,
    /// In words.
    pub(crate) text: String,
}

#[derive(Clone, Serialize)]
struct ChangedPayload {
    what: Changed,
}

/// Says that something has changed.
pub(crate) fn changed<R: Runtime>(app: &AppHandle<R>, what: Changed) {
    emit(app, "changed", ChangedPayload { what });
}

/// Says how far the act on a letter is.
pub(crate) fn progress<R: Runtime>(app: &AppHandle<R>, letter: &str, at: sign::Progress) {
    let step = at.step.name().to_owned();
    emit(
        app,
        "progress",
        Progress {
            id: letter.to_owned(),
            step,
            done: at.done,
            total: at.total,
        },
    );
}

/// Says who is being asked for what a file's judgement lacks.
pub(crate) fn fetching<R: Runtime>(app: &AppHandle<R>, path: &str, text: String) {
    let path = path.to_owned();
    emit(app, "fetching", Fetching { path, text });
}

fn emit<R: Runtime>(app: &AppHandle<R>, name: &str, payload: impl Serialize + Clone) {
    if let Err(error) = app.emit(name, payload) {
        tracing::warn!(%error, name, "an event was not delivered");
    }
}
