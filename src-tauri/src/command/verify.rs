//! *Kiểm tra*: any file, judged.

use std::path::PathBuf;

use super::{Answer, Shared};
use crate::dto::Checked;
use crate::view;

/// Judges a file of this computer and opens it for drawing.
#[tauri::command]
pub(crate) async fn open_document(desk: Shared<'_>, path: PathBuf) -> Answer<Checked> {
    desk.run(move |desk, office| view::judged::file(desk, office, &path))
        .await
}
