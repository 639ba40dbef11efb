//! The courier: a thread that exchanges with the province's system again and again while the desk is open.
//!
//! Every round drains the outbox and pulls the inbox. A round that fails makes the next one wait longer, so that an
//! office without network does not hammer; a bell (a letter was just queued, somebody pressed the button) ends the
//! wait at once. What changed is told to the front end, which fetches it again.

use std::sync::{Arc, mpsc};
use std::thread;
use std::time::Duration;

use antin_ops::clock;
use antin_ops::error::Error;
use antin_ops::office::Office;
use antin_ops::sync::{self, Summary};
use tauri::{AppHandle, Runtime};
use time::OffsetDateTime;

use crate::event::{self, Changed};
use crate::state::Desk;

/// Pause after a round that reached the system.
const ROUND: Duration = Duration::from_secs(15);
/// The longest pause while it cannot be reached.
const LONGEST: Duration = Duration::from_secs(240);

/// How the province's system was found.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Server {
    /// What was found.
    pub(crate) state: Reach,
    /// When.
    pub(crate) at: Option<OffsetDateTime>,
}

/// Whether the province's system answers.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Reach {
    /// Not tried yet.
    #[default]
    Never,
    /// The last round reached it.
    Synced,
    /// The last round did not.
    Offline,
}

impl Reach {
    /// The word for the front end.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Never => "never",
            Self::Synced => "synced",
            Self::Offline => "offline",
        }
    }
}

/// Starts the courier.
///
/// # Errors
/// When the system gives no thread.
pub(crate) fn start<R: Runtime>(
    app: AppHandle<R>,
    desk: Arc<Desk>,
    bell: mpsc::Receiver<()>,
) -> std::io::Result<()> {
    let work = move || {
        // Without an office there is nothing to carry; the window says why.
        let Ok(office) = desk.office() else { return };
        let mut pause = ROUND;
        loop {
            pause = match round(&app, &desk, office) {
                Ok(summary) if summary.reached => ROUND,
                Ok(_) => (pause * 2).min(LONGEST),
                Err(error) => {
                    tracing::warn!(%error, detail = error.detail(), "the courier came back");
                    (pause * 2).min(LONGEST)
                }
            };
            if matches!(
                bell.recv_timeout(pause),
                Err(mpsc::RecvTimeoutError::Disconnected)
            ) {
                return;
            }
        }
    };
    thread::Builder::new()
        .name("courier".into())
        .spawn(work)
        .map(drop)
}

/// Exchanges once with the province's system and tells the front end what changed.
///
/// # Errors
/// What stopped the exchange; the outbox is as it was. A system that cannot be reached is no error.
pub(crate) fn round<R: Runtime>(
    app: &AppHandle<R>,
    desk: &Desk,
    office: &Office,
) -> Result<Summary, Error> {
    let _alone = desk.exchange();
    let summary = sync::run(office)?;
    let state = if summary.reached {
        Reach::Synced
    } else {
        Reach::Offline
    };
    if desk.note_server(Server {
        state,
        at: Some(clock::now()),
    }) {
        event::changed(app, Changed::Server);
    }
    if summary.received > 0 || summary.receipts > 0 {
        event::changed(app, Changed::Inbox);
    }
    if summary.sent > 0 || summary.receipts > 0 {
        event::changed(app, Changed::Outbox);
        event::changed(app, Changed::Letters);
    }
    Ok(summary)
}
