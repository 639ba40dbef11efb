//! What is printed: sentences for a person, or one JSON object a line.

use antin_ops::{
    error::Error,
    message::{self, Language},
};
use serde::Serialize;
use serde_json::json;
use std::{io::Write, path::Path, process::ExitCode};

/// Standard output in one of its two forms.
pub(crate) struct Output {
    language: Language,
    json: bool,
}

impl Output {
    pub(crate) fn new(language: Language, json: bool) -> Output {
        Output { language, json }
    }

    /// The reader's language.
    pub(crate) fn language(&self) -> Language {
        self.language
    }

    /// Whether a program reads what is printed.
    pub(crate) fn is_json(&self) -> bool {
        self.json
    }

    /// Prints `object` as JSON, or else what `words` says.
    pub(crate) fn put(&mut self, object: &impl Serialize, words: impl FnOnce(Language) -> String) {
        let text = if self.json {
            serde_json::to_string(object)
                .unwrap_or_else(|e| json!({ "error": e.to_string() }).to_string())
        } else {
            words(self.language)
        };
        self.line(&text);
    }

    /// A line of the table of texts, for a person only.
    pub(crate) fn say(&mut self, key: &str, facts: &[(&str, &str)]) {
        if !self.json {
            self.line(&message::line(self.language, &["cli", key], facts));
        }
    }

    /// Says what went wrong and what to do; the exit code of a failure.
    pub(crate) fn failure(&mut self, error: &Error) -> ExitCode {
        let said = message::say(self.language, error);
        if self.json {
            let object = json!({ "error": {
                "code": error.code.name(), "what": said.what, "advice": said.advice, "detail": error.detail(),
            } });
            self.line(&object.to_string());
        } else {
            complain(&said.what, &said.advice);
        }
        ExitCode::FAILURE
    }

    /// Says the same of one file among several; the others go on.
    pub(crate) fn refusal(&mut self, file: &Path, error: &Error) {
        self.refusal_of("file", file, error);
    }

    /// The same of what is no file: `kind` is its name in JSON.
    pub(crate) fn refusal_of(&mut self, kind: &str, file: &Path, error: &Error) {
        let said = message::say(self.language, error);
        let name = file.display().to_string();
        if self.json {
            let object = json!({ kind: name, "error": {
                "code": error.code.name(), "what": said.what, "advice": said.advice, "detail": error.detail(),
            } });
            self.line(&object.to_string());
            return;
        }
        if said.what.contains(&name) {
            complain(&said.what, &said.advice);
        } else {
            complain(&format!("{name}: {}", said.what), &said.advice);
        }
    }

    /// A reader that closed the pipe is no error of ours.
    fn line(&mut self, text: &str) {
        let _ = writeln!(std::io::stdout().lock(), "{text}");
    }
}

/// With standard error closed there is nobody to tell.
fn complain(what: &str, advice: &str) {
    let mut err = std::io::stderr().lock();
    let _ = writeln!(err, "{what}");
    if !advice.is_empty() {
        let _ = writeln!(err, "  → {advice}");
    }
}
