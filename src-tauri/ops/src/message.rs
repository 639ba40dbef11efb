//! The one table of text for people: two languages, *what happened* and *what to do*.

use crate::error::Error;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::sync::LazyLock;

/// The desk's languages, Vietnamese first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Language {
    /// Tiếng Việt.
    #[default]
    Vi,
    /// English.
    En,
}

/// A message in the reader's language.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Said {
    /// What happened.
    pub what: String,
    /// What to do; empty when there is nothing to do.
    pub advice: String,
}

static VI: LazyLock<Value> = LazyLock::new(|| table(include_str!("message/vi.json")));
static EN: LazyLock<Value> = LazyLock::new(|| table(include_str!("message/en.json")));

fn table(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or(Value::Null)
}

fn tables(language: Language) -> &'static Value {
    match language {
        Language::Vi => &VI,
        Language::En => &EN,
    }
}

/// Words an error.
#[must_use]
pub fn say(language: Language, error: &Error) -> Said {
    let facts: Vec<(&str, String)> = error
        .facts
        .iter()
        .map(|(name, value)| (*name, worded(language, name, value)))
        .collect();
    let facts: Vec<(&str, &str)> = facts.iter().map(|(n, v)| (*n, v.as_str())).collect();
    said(language, "errors", error.code.name(), &facts)
}

/// Facts that are words of our own, not names from outside, are said in the reader's language.
fn worded(language: Language, name: &str, value: &str) -> String {
    let section = match name {
        "state" => "states",
        "original" => "originals",
        "role" => "roles",
        "why" => "faults",
        _ => return value.to_owned(),
    };
    line(language, &[section, value], &[])
}

/// A pair of the table, `section` being `errors` or `verdicts`.
#[must_use]
pub fn said(language: Language, section: &str, key: &str, facts: &[(&str, &str)]) -> Said {
    let entry = lookup(language, &[section, key]);
    let text = |name| entry.get(name).and_then(Value::as_str);
    Said {
        what: fill(text("what").unwrap_or(key), facts),
        advice: fill(text("advice").unwrap_or_default(), facts),
    }
}

/// A single line of the table, by its path such as `["states", "waiting"]`; the last word itself if it has no line.
#[must_use]
pub fn line(language: Language, path: &[&str], facts: &[(&str, &str)]) -> String {
    let entry = lookup(language, path);
    fill(
        entry
            .as_str()
            .unwrap_or_else(|| path.last().copied().unwrap_or_default()),
        facts,
    )
}

/// What stands at a path of the table; null where nothing does.
fn lookup(language: Language, path: &[&str]) -> &'static Value {
    path.iter().fold(tables(language), |value, key| {
        value.get(*key).unwrap_or(&Value::Null)
    })
}

fn fill(text: &str, facts: &[(&str, &str)]) -> String {
    facts.iter().fold(text.to_owned(), |text, (name, value)| {
        text.replace(&format!("{{{name}}}"), value)
    })
}

#[cfg(test)]
mod tests {
    use super::{EN, Language, VI, say};
    use crate::error::{Code, Error};
    use antin_records::{DeliveryState, ReceiptKind};
    use antin_store::{LetterState, OutboxState};
    use serde_json::Value;

    fn paths(value: &Value, at: &str, out: &mut Vec<String>) {
        match value {
            Value::Object(map) => map
                .iter()
                .for_each(|(k, v)| paths(v, &format!("{at}/{k}"), out)),
            Value::String(text) => {
                let mut facts: Vec<_> = text
                    .split('{')
                    .skip(1)
                    .filter_map(|t| t.split('}').next())
                    .collect();
                facts.sort_unstable();
                out.push(format!("{at} {facts:?}"));
            }
            other => panic!("{at}: {other}"),
        }
    }

    #[test]
    fn both_languages_have_the_same_lines_and_name_the_same_facts() {
        let (mut vi, mut en) = (Vec::new(), Vec::new());
        paths(&VI, "", &mut vi);
        paths(&EN, "", &mut en);
        assert_eq!(vi, en);
        assert!(!vi.is_empty(), "the tables parse");
    }

    #[test]
    fn every_code_has_its_two_sentences_and_no_entry_is_left_over() {
        let errors = VI["errors"].as_object().expect("errors");
        let mut codes: Vec<_> = Code::ALL.iter().map(|c| c.name()).collect();
        codes.sort_unstable();
        assert_eq!(errors.keys().map(String::as_str).collect::<Vec<_>>(), codes);
    }

    #[test]
    fn every_state_has_its_word() {
        let letters = LetterState::ALL.map(LetterState::key);
        let dispatches = OutboxState::ALL.map(|state| match state {
            // One word for what happens between the clerk and the receipt (`letter::standing`).
            OutboxState::Sealed
            | OutboxState::Uploading
            | OutboxState::Uploaded
            | OutboxState::Submitting => "sending",
            OutboxState::Submitted => "sent",
            OutboxState::Closed => "done",
            state => state.key(),
        });
        let deliveries = DeliveryState::ALL.map(DeliveryState::key);
        for key in letters.iter().chain(&dispatches).chain(&deliveries) {
            assert!(VI["states"][key].is_string(), "{key}");
        }
        for kind in VI["receipts"].as_object().expect("receipts").keys() {
            let known = ReceiptKind::from_key(kind);
            assert_eq!(known.key(), kind, "a line for a kind that is none");
        }
    }

    #[test]
    fn facts_that_are_our_own_words_are_worded() {
        let error = Error::new(Code::LetterWrongState).with("state", "waiting");
        assert!(say(Language::Vi, &error).what.contains("chờ ký"));
        let error = Error::new(Code::ReceiptInvalid).with("why", "no-path");
        assert!(say(Language::Vi, &error).what.contains("gốc tin cậy"));
        let error = Error::new(Code::SignerUnknown).with("role", "clerk");
        assert!(say(Language::Vi, &error).what.contains("văn thư"));
    }

    #[test]
    fn facts_are_filled_in() {
        let error = Error::new(Code::TokenAbsent).with("label", "Phan Ngọc Thọ");
        assert!(say(Language::Vi, &error).what.contains("Phan Ngọc Thọ"));
        assert!(!say(Language::En, &error).what.contains('{'));
    }
}
