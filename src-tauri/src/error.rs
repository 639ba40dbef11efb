//! The one form in which a command fails: a name to branch on, and sentences in the user's language.

use antin_ops::error::Error;
use antin_ops::message::{self, Language};
use serde::Serialize;

/// A failed command, worded.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct CommandError {
    /// The name the front end may branch on.
    pub(crate) code: String,
    /// What happened.
    pub(crate) what: String,
    /// What to do about it.
    pub(crate) advice: String,
    /// The chain of causes, for the technical view only.
    pub(crate) detail: Option<String>,
}

impl CommandError {
    /// Words an error of a verb.
    pub(crate) fn new(language: Language, error: &Error) -> Self {
        let said = message::say(language, error);
        let detail = Some(error.detail()).filter(|detail| !detail.is_empty());
        Self {
            code: error.code.name().to_owned(),
            what: said.what,
            advice: said.advice,
            detail,
        }
    }
}

#[cfg(test)]
mod tests {
    use antin_ops::error::Code;

    use super::*;

    #[test]
    fn carries_code_sentences_and_causes() {
        let cause = std::io::Error::other("slot 3 is gone");
        let error = Error::caused(Code::TokenAbsent, cause).with("label", "Phan Ngọc Thọ");
        let worded = CommandError::new(Language::Vi, &error);
        assert_eq!(worded.code, "TokenAbsent");
        assert!(worded.what.contains("Phan Ngọc Thọ"), "{}", worded.what);
        assert_eq!(worded.detail.as_deref(), Some("slot 3 is gone"));
        assert_eq!(
            CommandError::new(Language::Vi, &Error::new(Code::PinLocked)).detail,
            None
        );
    }
}
