//! *Chờ ký*: letters before the leader. Letters are listed and opened here for both rooms of this office's own letters.

use std::path::PathBuf;

use antin_ops::letter;
use antin_ops::records::Urgency;
use antin_ops::sign::{ApproveOrder, approve};
use tauri::{AppHandle, WebviewWindow};

use super::{Answer, Pin, Shared};
use crate::dto::{Letter, LetterItem, Room, SignPlace, Signed};
use crate::event::{self, Changed};
use crate::view;

/// The letters of a room, urgent ones first.
#[tauri::command]
pub(crate) async fn letters(desk: Shared<'_>, room: Room) -> Answer<Vec<LetterItem>> {
    desk.run(move |_, office| view::letter::list(office, room))
        .await
}

/// A letter, opened for drawing and judged.
#[tauri::command]
pub(crate) async fn letter(desk: Shared<'_>, id: String) -> Answer<Letter> {
    desk.run(move |desk, office| view::letter::open(desk, office, letter::parse_id(&id)?))
        .await
}

/// Asks the user for a PDF; nothing when the dialog was closed.
#[tauri::command]
pub(crate) async fn choose_pdf(window: WebviewWindow) -> Option<PathBuf> {
    let dialog = rfd::AsyncFileDialog::new()
        .add_filter("PDF", &["pdf"])
        .set_parent(&window);
    dialog.pick_file().await.map(|file| file.path().to_owned())
}

/// Puts a draft before the leader.
#[tauri::command]
pub(crate) async fn add_letter(app: AppHandle, desk: Shared<'_>, path: PathBuf) -> Answer<String> {
    desk.run(move |_, office| {
        let added = letter::add(office, &path, Urgency::Normal, &office.config().agency.name)?;
        event::changed(&app, Changed::Letters);
        Ok(added.id.to_string())
    })
    .await
}

/// Ký duyệt.
#[tauri::command]
pub(crate) async fn sign(
    app: AppHandle,
    desk: Shared<'_>,
    id: String,
    pin: Pin,
    place: Option<SignPlace>,
) -> Answer<Signed> {
    desk.run(move |desk, office| {
        let letter = letter::parse_id(&id)?;
        let order = ApproveOrder {
            letter,
            pin: pin.typed(),
            place: place.map(view::place),
        };
        let done = approve(office, order, &mut |at| event::progress(&app, &id, at));
        // A PIN was used, rightly or wrongly: the token's own count has changed.
        event::changed(&app, Changed::Token);
        done?;
        event::changed(&app, Changed::Letters);
        Ok(Signed {
            letter: view::letter::open(desk, office, letter)?,
        })
    })
    .await
}
