//! *Kiểm tra*: any file, judged.

use std::path::PathBuf;

use tauri::AppHandle;

use super::{Answer, Shared};
use crate::dto::Checked;
use crate::event;
use crate::view;

/// What the pages of an open document, as drawn so far, cannot tell. Fonts and pictures are only met in drawing, so
/// the front end asks again after each page.
#[tauri::command]
pub(crate) async fn notices(desk: Shared<'_>, token: String) -> Answer<Vec<String>> {
    desk.run(move |desk, _| {
        let found = desk.pages().notices(&token).map_err(view::undrawable)?;
        Ok(view::notices(desk.language(), &found))
    })
    .await
}

/// Judges a file of this computer and opens it for drawing.
#[tauri::command]
pub(crate) async fn open_document(desk: Shared<'_>, path: PathBuf) -> Answer<Checked> {
    desk.run(move |desk, office| view::judged::file(desk, office, &path))
        .await
}

/// Fetches what a file's judgement lacks, saying who is asked, and judges it again.
#[tauri::command]
pub(crate) async fn fetch_missing(
    app: AppHandle,
    desk: Shared<'_>,
    path: PathBuf,
) -> Answer<Checked> {
    desk.run(move |desk, office| {
        let file = path.display().to_string();
        view::judged::fetched(desk, office, &path, &mut |text| {
            event::fetching(&app, &file, text);
        })
    })
    .await
}

/// Stops fetching for a file; what was fetched already is kept.
#[tauri::command]
pub(crate) async fn stop_fetching(desk: Shared<'_>, path: PathBuf) -> Answer<()> {
    desk.stop_fetching(&path);
    Ok(())
}
