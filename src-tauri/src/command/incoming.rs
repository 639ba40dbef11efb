//! *Văn bản đến*: letters that came in, accepted or returned.

use antin_ops::receive;
use tauri::AppHandle;

use super::{Answer, Shared};
use crate::dto::{Incoming, IncomingItem};
use crate::event::{self, Changed};
use crate::view::exchange;

/// The inbox, undecided letters first.
#[tauri::command]
pub(crate) async fn incoming(desk: Shared<'_>) -> Answer<Vec<IncomingItem>> {
    desk.run(|_, office| {
        Ok(receive::inbox(office)?
            .iter()
            .map(exchange::incoming)
            .collect())
    })
    .await
}

/// A letter of the inbox, opened and judged: with the evidence at hand, or with `fresh` one.
#[tauri::command]
pub(crate) async fn incoming_letter(desk: Shared<'_>, id: String, fresh: bool) -> Answer<Incoming> {
    desk.run(move |desk, office| {
        let received = receive::letter(office, receive::parse_id(&id)?)?;
        exchange::open(desk, office, &received, fresh)
    })
    .await
}

/// Tiếp nhận, vào sổ. The answer to the sender goes out with the courier.
#[tauri::command]
pub(crate) async fn accept(app: AppHandle, desk: Shared<'_>, id: String) -> Answer<()> {
    desk.run(move |desk, office| {
        receive::accept(office, receive::parse_id(&id)?)?;
        event::changed(&app, Changed::Inbox);
        desk.ring();
        Ok(())
    })
    .await
}

/// Trả lại nơi gửi, with the reason the sender will read.
#[tauri::command]
pub(crate) async fn refuse(
    app: AppHandle,
    desk: Shared<'_>,
    id: String,
    reason: String,
) -> Answer<()> {
    desk.run(move |desk, office| {
        receive::refuse(office, receive::parse_id(&id)?, &reason)?;
        event::changed(&app, Changed::Inbox);
        desk.ring();
        Ok(())
    })
    .await
}
