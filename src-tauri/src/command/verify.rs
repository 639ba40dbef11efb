//! *Kiểm tra*: any file, judged.

use std::path::PathBuf;

use super::{Answer, Shared};
use crate::dto::Checked;
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
