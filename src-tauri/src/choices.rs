//! What a person chose for this office's desk: its language and its theme, kept in `desk.json` beside the records.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::Path;

use antin_ops::message::Language;
use serde::{Deserialize, Serialize};

/// Its name in the office's folder.
const FILE: &str = "desk.json";

/// The choices; what was never chosen follows the office and the system.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Choices {
    /// The language, when it is not the one of `office.json`.
    pub(crate) language: Option<Language>,
    /// Light or dark.
    pub(crate) theme: Theme,
}

/// Light or dark.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Theme {
    /// As the system has it.
    #[default]
    System,
    /// Dark ink on light ground.
    Light,
    /// Light ink on dark ground; the paper stays white.
    Dark,
}

impl Choices {
    /// What was kept in an office's folder. A file that cannot be read is as good as none: the next choice replaces it.
    pub(crate) fn of(folder: &Path) -> Self {
        let kept = match fs::read(folder.join(FILE)) {
            Ok(bytes) => serde_json::from_slice(&bytes).map_err(io::Error::from),
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Self::default(),
            Err(error) => Err(error),
        };
        kept.unwrap_or_else(|error| {
            tracing::warn!(%error, "desk.json is passed over");
            Self::default()
        })
    }

    /// Keeps them: the file is replaced as a whole or not at all.
    ///
    /// # Errors
    /// What the file system says; the old file is then still there.
    pub(crate) fn keep(self, folder: &Path) -> io::Result<()> {
        let fresh = folder.join(".desk.json.new");
        let mut file = File::create(&fresh)?;
        serde_json::to_writer(&mut file, &self)?;
        file.write_all(b"\n")?;
        file.sync_all()?;
        fs::rename(&fresh, folder.join(FILE))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_chosen_is_there_again() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(Choices::of(folder.path()), Choices::default(), "at first");
        let chosen = Choices {
            language: Some(Language::En),
            theme: Theme::Dark,
        };
        chosen.keep(folder.path()).unwrap();
        assert_eq!(Choices::of(folder.path()), chosen);
        let files = fs::read_dir(folder.path()).unwrap().count();
        assert_eq!(files, 1, "nothing is left beside it");
    }

    #[test]
    fn a_damaged_file_hinders_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(FILE);
        for damaged in ["", "{", "[]", r#"{"theme": "pink"}"#, r#"{"language": 7}"#] {
            fs::write(&path, damaged).unwrap();
            assert_eq!(Choices::of(folder.path()), Choices::default(), "{damaged}");
        }
        fs::write(&path, r#"{"theme": "dark", "of a later version": 1}"#).unwrap();
        assert_eq!(Choices::of(folder.path()).theme, Theme::Dark);
    }
}
